"""The outputs of a request put beside each other by their rows, in a sealed worker, before the first one is judged.

Evidence tells how many units are in a cell, and not which. That "under 18" of one table and "under 19" of another
differ by one unit is only seen where the rows are: so a worker compares all outputs of a request at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from disclosure.errors import DatakampError, IntegrityError
from disclosure.exchange.comparison import (
    ComparisonJob,
    comparison_job_from_bytes,
    comparison_result_from_bytes,
)
from disclosure.exchange.tabulation import JobKind, TabulationJob
from disclosure.model.beside import Beside, CellPairs
from disclosure.model.recipes import Recipe
from disclosure.texts import text
from output_review.services.zone import ControlZone

if TYPE_CHECKING:
    from output_review.models import OutputRow, RequestRow

_NOT_COMPARED: Final = Beside(
    CellPairs.none((), ()),
    unknown=text("it could not be made; ask for fewer or smaller outputs in one request, or hand it in again"),
)


def compare_outputs(
    zone: ControlZone, row: RequestRow, jobs: Mapping[str, TabulationJob], folder: Path
) -> tuple[str, str]:
    """Have the outputs of a request compared; return the digests of what was asked and of what came back.

    Both are empty where there is nothing to compare, and where the comparison failed: then no output may leave beside
    another.

    Args:
        jobs: output name to its tabulation, of those with a recipe of their own.
        folder: where narrow frames lie, as ``NAME.arrow``.
    """
    if len(jobs) < 2:
        return "", ""
    try:
        job = ComparisonJob(jobs)
        frames = {name: folder / f"{name}.arrow" for name, one in jobs.items() if one.kind is JobKind.FRAME}
        asked = zone.store.put(job.to_bytes())
        return asked, zone.store.put(zone.engines.compare(zone.camp, job, frames).to_bytes())
    except DatakampError as error:
        zone.log("tabulation", "comparison_failed", {"request": str(row.pk), "reason": type(error).__name__})
        return "", ""


def rows_beside(zone: ControlZone, output: OutputRow, others: Mapping[str, Recipe]) -> Mapping[str, Beside]:
    """Return what the rows of an output tell beside other outputs of its request, those left out that tell nothing.

    Args:
        others: name to recipe of the others.

    Raises:
        IntegrityError: the comparison is missing or changed, or is not of this request.
    """
    if not others:
        return {}
    if not output.compared_job or not output.compared:
        return dict.fromkeys(others, _NOT_COMPARED)
    job = comparison_job_from_bytes(zone.store.get(output.compared_job))
    result = comparison_result_from_bytes(zone.store.get(output.compared))
    own = job.outputs.get(output.name)
    if result.job != job.digest() or own is None or own.recipe.to_json() != output.recipe:
        raise IntegrityError(
            text("'{name}' was compared as another output than it is.", name=output.name), hint=text("Call an auditor.")
        )
    found = {}
    for name, recipe in others.items():
        there = job.outputs.get(name)
        beside = result.found.get((min(name, output.name), max(name, output.name)))
        if there is None or there.recipe != recipe:
            found[name] = _NOT_COMPARED
        elif beside is not None:
            found[name] = beside
    return found
