"""A request as a reviewer meets it: clean tables, an unsafe one, a figure, a text, and things that no rule finds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from disclosure.model.recipes import Recipe, Statistic
from output_review.services.ingest import ingest
from output_review.services.tabulating import tabulate
from tests.output_review.web.web_camp import WebCamp
from tests.output_review.zone_camp import WITHOUT_31, ZoneCamp

POPULATION = "Persons registered in The Hague on 1 January 2025, without wijk 31"
HOUSEHOLDS = (
    "SELECT person, wijk, income, CASE WHEN income < 1300 THEN 'single' WHEN income < 1600 THEN 'couple' "
    "ELSE 'family' END AS household FROM PERSONS WHERE wijk <> '31'"
)


def tables(camp: ZoneCamp, n: int) -> dict[str, Recipe]:
    """Return tables that are safe, each over other rows than the others."""
    return {
        f"persons-{place:02d}": camp.recipe(
            sql=f"SELECT person, '{place}-' || wijk AS wijk, income FROM PERSONS WHERE wijk <> '31'"
        )
        for place in range(1, n + 1)
    }


def mixed(camp: ZoneCamp) -> dict[str, Recipe]:
    """Return outputs of different kinds."""
    return {
        "by-household": camp.recipe(sql=HOUSEHOLDS, columns=("household",)),
        "income-by-wijk": camp.recipe(
            sql="SELECT person, wijk, income FROM PERSONS", value="income", statistic=Statistic.SUM
        ),
        "persons-by-wijk": camp.recipe(sql=WITHOUT_31),
    }


def handed_in(
    web: WebCamp,
    outputs: Mapping[str, Recipe],
    *,
    number: int = 1,
    context: Mapping[str, Mapping[str, str]] | None = None,
    title: str = "Persons in the wijken of The Hague",
    purpose: str = "To see how many persons live in each wijk, for the report on poverty.",
    **more: Any,
) -> int:
    """Hand in a request and tabulate it; return its number.

    Args:
        context: of outputs by name the title, population or difference, where it is another than usual.
    """
    folder = web.camp.hand_in(outputs, number=number, **more)
    _written(folder, title, purpose, context or {})
    return taken_in(web)


def taken_in(web: WebCamp) -> int:
    """Take in what was handed in last and tabulate it; return the number of its request."""
    (done,) = ingest(web.zone)
    tabulate(web.zone, web.zone.request(done.request))
    return done.request


def _written(folder: Path, title: str, purpose: str, context: Mapping[str, Mapping[str, str]]) -> None:
    path = folder / "submission.json"
    document = json.loads(path.read_bytes())
    document["title"], document["purpose"] = title, purpose
    for one in document["outputs"]:
        said = {"title": f"Persons by wijk, {one['name']}", "population": POPULATION, **context.get(one["name"], {})}
        one.update(said)
    path.write_text(json.dumps(document))
