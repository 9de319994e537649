"""Labels, names of columns and recodings are free text too: the control zone scans them like titles."""

from __future__ import annotations

from typing import Any

import pytest

from disclosure.errors import RecipeError
from disclosure.model.recipes import Recoding
from output_review.services.ingest import ingest
from output_review.services.tabulating import tabulate
from output_review.services.views import detail
from tests.output_review.zone_camp import ZoneCamp

KEY = "111222333"
LABEL = f"SELECT person, CASE WHEN wijk = '28' THEN '28 with {KEY}' ELSE 'the rest' END AS wijk FROM PERSONS"
COLUMN = f"SELECT person, wijk AS \"wijk of {KEY}\" FROM PERSONS WHERE wijk <> '31'"


def found(made: ZoneCamp, **changes: Any) -> list[str]:
    made.hand_in({"by-wijk": made.recipe(**changes)})
    zone = made.zone()
    (taken,) = ingest(zone)
    assert taken.refused == ""
    tabulate(zone, zone.request(taken.request))
    (output,) = detail(zone, zone.request(taken.request))["outputs"]
    return list(output["scan"])


def test_ordinary_labels_are_nothing(zone_camp: ZoneCamp) -> None:
    assert found(zone_camp) == []


def test_a_key_in_a_label_that_a_derivation_writes_is_found(zone_camp: ZoneCamp) -> None:
    assert found(zone_camp, sql=LABEL) == ["labels of column 1, line 1: a citizen service number (BSN)"]


def test_a_key_in_the_name_of_a_column_is_found(zone_camp: ZoneCamp) -> None:
    (one,) = found(zone_camp, sql=COLUMN, rows=(f"wijk of {KEY}",))
    assert one.startswith("columns, line 2: a citizen service number")


def test_a_key_in_a_recoding_is_found(zone_camp: ZoneCamp) -> None:
    merged = (Recoding("wijk", (("28", f"28 of {KEY}"), ("29", f"28 of {KEY}"))),)
    assert any(one.startswith("recodings, line 1") for one in found(zone_camp, recodings=merged))


def test_a_recoding_gives_no_category_the_code_of_another() -> None:
    for mapping in ((("28", "29"), ("29", "28")), (("28", "29"), ("29", "x")), (("28", "x"), ("30", "28"))):
        with pytest.raises(RecipeError, match="the code of another category"):
            Recoding("wijk", mapping)
    assert Recoding("wijk", (("28", "29"), ("29", "29"))).mapping
