"""Every statistic goes the whole way: handed in, tabulated out of reach, judged, signed, released and verified."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import pyarrow as pa
import pytest

from disclosure.model.statistic import Statistic
from output_review.domain.votes import Vote
from output_review.services.ingest import ingest
from output_review.services.releasing import release
from output_review.services.reviewing import vote
from output_review.services.signing_off import sign_off, statement
from output_review.services.tabulating import tabulate
from output_review.services.zone import ControlZone
from output_review.signing.signoff import Decision
from output_review.verify import verifier
from tests.output_review.test_release_path import roots
from tests.output_review.zone_camp import ZoneCamp, people

SQL: Final = """
SELECT person, wijk, income, FLOOR(MOD(income, 7)) AS months, CASE WHEN MOD(income, 3) < 2 THEN 1 ELSE 0 END AS ended,
       CASE WHEN MOD(income, 2) < 1 THEN 'yes' ELSE 'no' END AS works,
       CASE WHEN MOD(income, 5) < 2 THEN 1 ELSE 0 END AS ill, MOD(income, 11) + income / 90 AS hours
FROM PERSONS WHERE wijk <> '31'
"""
INCOME: Final[Mapping[str, Any]] = MappingProxyType({"value": "income"})
RECIPES: Final[Mapping[Statistic, Mapping[str, Any]]] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                *(Statistic.SUM, Statistic.MEAN, Statistic.SHARE, Statistic.MEDIAN),
                *(Statistic.STANDARD_DEVIATION, Statistic.VARIANCE, Statistic.SKEWNESS, Statistic.KURTOSIS),
                *(Statistic.HHI, Statistic.GINI, Statistic.THEIL, Statistic.S80_S20),
            ),
            INCOME,
        ),
        Statistic.COUNT: {},
        Statistic.ROW_PERCENT: {"columns": ("works",)},
        Statistic.COLUMN_PERCENT: {"columns": ("works",)},
        Statistic.TOTAL_PERCENT: {"columns": ("works",)},
        Statistic.RATE: {"value": "ill"},
        Statistic.TRIMMED_MEAN: {**INCOME, "options": (("trim", "0.07"),)},
        Statistic.QUANTILE: {**INCOME, "options": (("probability", "0.25"),)},
        Statistic.MODE: {"value": "months"},
        Statistic.CONCENTRATION_RATIO: {**INCOME, "options": (("largest", "35"),)},
        Statistic.POVERTY_RATE: {**INCOME, "options": (("line", "1300"),)},
        Statistic.POVERTY_GAP: {**INCOME, "options": (("line", "1300"),)},
        Statistic.LORENZ: {**INCOME, "options": (("points", "50"),), "rows": ()},
        Statistic.SURVIVAL: {"value": "months", "others": ("ended",), "options": (("period", "3"),), "rows": ()},
        Statistic.CUMULATIVE_INCIDENCE: {
            "value": "months", "others": ("ended",), "options": (("period", "3"),), "rows": (),
        },
        Statistic.CORRELATION: {**INCOME, "others": ("hours",), "rows": ()},
        Statistic.TEST: {**INCOME, "others": ("works",), "options": (("kind", "t"),), "rows": ()},
        Statistic.CHI_SQUARE: {"others": ("wijk", "works"), "rows": ()},
        Statistic.ODDS_RATIO: {"value": "ill", "others": ("works",), "rows": ()},
        Statistic.RISK_RATIO: {"value": "ill", "others": ("works",), "rows": ()},
        Statistic.MODEL: {
            "value": "income", "others": ("hours", "works"), "rows": (),
            "options": (("family", "ols"), ("formula", "income ~ hours + C(works)")),
        },
    }
)  # fmt: skip


def test_there_is_a_recipe_for_every_statistic() -> None:
    assert set(RECIPES) == set(Statistic)


def taken_in(made: ZoneCamp, recipes: Mapping[str, Any]) -> tuple[ControlZone, int]:
    made.hand_in(recipes)
    zone = made.zone()
    (taken,) = ingest(zone)
    tabulate(zone, zone.request(taken.request))
    return zone, taken.request


def test_every_statistic_is_recomputed_from_the_microdata_and_leaves(zone_camp: ZoneCamp) -> None:
    names = {str(one).replace("_", "-"): one for one in Statistic}
    zone, number = taken_in(
        zone_camp,
        {name: zone_camp.recipe(sql=SQL, **{"statistic": one, **RECIPES[one]}) for name, one in names.items()},
    )
    outputs = {one.name: one for one in zone.request(number).outputs.all()}
    assert {name: (one.level, one.verdict, one.note) for name, one in outputs.items()} == dict.fromkeys(
        names, ("recomputed", "safe", "")
    )
    for reviewer in ("vera", "wim"):
        vote(zone, zone.request(number), tuple(names), Vote(reviewer, Decision.APPROVE))
        row = zone.request(number)
        sign_off(zone, row, statement(zone, row, reviewer), zone_camp.key(reviewer))
    path = release(zone, zone.request(number))
    assert verifier.verify_file(str(path), roots(zone), demo=True).status is verifier.Status.VERIFIED
    with zipfile.ZipFile(path) as package:
        for name, one in names.items():
            (inside,) = [entry for entry in package.namelist() if entry.endswith(f"/outputs/{name}.json")]
            document = json.loads(package.read(inside))
            assert document["statistic"] == one.value
            assert any(cell["status"] == "published" for cell in document["cells"])


@pytest.mark.parametrize("statistic", list(Statistic))
def test_every_statistic_of_a_frame_is_reproduced(zone_camp: ZoneCamp, statistic: Statistic) -> None:
    asked = {"statistic": statistic, **RECIPES[statistic]}
    recipe = zone_camp.recipe(lazy=False, **asked)
    frame = people().to_pandas().query("wijk != '31'")
    frame = frame.assign(
        months=frame.income % 7 // 1,
        ended=(frame.income % 3 < 2).astype(int),
        works=(frame.income % 2 < 1).map({True: "yes", False: "no"}),
        ill=(frame.income % 5 < 2).astype(int),
        hours=frame.income % 11 + frame.income / 90,
    )
    zone_camp.frames["one"] = pa.Table.from_pandas(frame, preserve_index=False).select(list(recipe.narrow_columns))
    zone, number = taken_in(zone_camp, {"one": recipe})
    output = zone.request(number).outputs.get()
    assert (output.level, output.verdict, output.note) == ("reproduced", "safe", "")
