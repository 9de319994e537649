"""What an output tells beside the other tables of its request, which each may leave alone.

Of two tables that together show too much, the one that was tabulated first stays as it is, and the other is
inconclusive: whoever asked for both chooses. What evidence tells is judged here; what only rows tell, a sealed worker
has compared (`output_review.services.comparing`), and an output that was not compared does not leave beside another.
Everything follows from jobs and results in the content store, so that a vote, a release and an auditor come to the same
answer again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from disclosure.assess import inconclusive
from disclosure.check import Tabulated, judged, received
from disclosure.exchange.canonical import parse_json
from disclosure.exchange.submission import figure_from
from disclosure.exchange.tabulation import tabulation_job_from_bytes, tabulation_result_from_bytes
from disclosure.model.beside import Beside
from disclosure.model.derived import derived_from
from disclosure.model.recipes import Recipe, recipe_from_json
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import Inconclusive, Safe
from disclosure.policy import policy_asked
from disclosure.protection.undone import Shown, sources_of, undone
from disclosure.protection.undone_by_two import undone_by_two
from disclosure.protection.variants import ALIKE, differ_in_few
from disclosure.texts import Text, text
from output_review.services.comparing import rows_beside
from output_review.services.zone import ControlZone

if TYPE_CHECKING:
    from output_review.models import OutputRow

_DERIVED, _FIGURE = "The derived table", "The figure"


def tabulation_order(output: OutputRow) -> tuple[bool, int, str]:
    """Return where an output comes among those of its request.

    What is drawn from other outputs comes after them, and what is computed from others last.
    """
    drawn = 0
    if output.derived:
        drawn = len(derived_from(parse_json(output.derived.encode(), what=_DERIVED)).tables)
    elif output.figure:
        drawn = len(set(figure_from(parse_json(output.figure.encode(), what=_FIGURE)).tables) - {output.name})
    return bool(output.derived), drawn, output.name


def beside_others(zone: ControlZone, output: OutputRow, tabulated: Tabulated, table: JudgedTable) -> JudgedTable:
    """Return the judged table of an output, inconclusive if it tells too much beside one that came before it.

    Args:
        tabulated: what the table was judged from.

    Raises:
        IntegrityError: what was tabulated of another output is missing or changed.
    """
    if not isinstance(table.verdict, Safe):
        return table
    own = Shown(table, sources_of(table.recipe, tabulated.derivation))
    before = tuple(_earlier(output))
    by_rows = rows_beside(zone, output, {name: recipe for name, recipe, _ in before})
    for name, recipe, earlier in before:
        beside = by_rows.get(name)
        if beside is None and not _may_tell(table, recipe):
            continue
        other = _shown(zone, earlier)
        if undone(own, other, nested=beside is not None and beside.nested):
            what = text(
                "'{other}' to be left out: it is of the same figures, and together they show what one withholds; or "
                "merge small categories, so that nothing is withheld",
                other=name,
            )
            return inconclusive(table.recipe, Inconclusive((what,)))
        if beside is not None and beside.unknown is not None and isinstance(other.table.verdict, Safe):
            what = text("a comparison of its rows with those of '{other}': {why}", other=name, why=str(beside.unknown))
            return inconclusive(table.recipe, Inconclusive((what,)))
        doubt = None if beside is None else doubted(beside, output.name, name, own, other)
        if doubt is not None:
            what = text("'{other}' to be left out: {why}", other=name, why=str(doubt))
            return inconclusive(table.recipe, Inconclusive((what,)))
        if differ_in_few(own, other) or (beside is not None and told_by_rows(beside, output.name, name, own, other)):
            what = text(
                "'{other}' to be left out: the two are the same but for few units, and together they show what these "
                "have; or group coarser, or make both over the same rows",
                other=name,
            )
            return inconclusive(table.recipe, Inconclusive((what,)))
    if table.complete and not any(recipe.suppressed for _, recipe, _ in before):
        return table
    found = undone_by_two(own, [_shown(zone, earlier) for _, _, earlier in before])
    if found is not None:
        what = text(
            "'{other}' or '{third}' to be left out: the three show together what one of them withholds; or merge "
            "small categories, so that nothing is withheld",
            other=before[found[0]][0],
            third=before[found[1]][0],
        )
        return inconclusive(table.recipe, Inconclusive((what,)))
    return table


def told_by_rows(beside: Beside, name: str, there: str, own: Shown, other: Shown) -> bool:
    """Tell whether two tables, by the names of their outputs, are both published and tell of few units together."""
    both = _both_published(name, there, own, other)
    return both is not None and beside.told(*both)


def doubted(beside: Beside, name: str, there: str, own: Shown, other: Shown) -> Text | None:
    """Return what is doubted of two tables that are both published, by the names of their outputs; None if nothing."""
    both = _both_published(name, there, own, other)
    return None if both is None else beside.doubt(*both)


def _both_published(name: str, there: str, own: Shown, other: Shown) -> tuple[JudgedTable, JudgedTable] | None:
    if not (isinstance(own.table.verdict, Safe) and isinstance(other.table.verdict, Safe)):
        return None
    return (own.table, other.table) if name < there else (other.table, own.table)


def _may_tell(table: JudgedTable, other: Recipe) -> bool:
    """Tell whether another table needs to be judged again, because it may undo this one or be nearly the same."""
    hides = not table.complete or other.suppressed
    return hides or (table.recipe.statistic in ALIKE and other.statistic in ALIKE)


def _earlier(output: OutputRow) -> Iterator[tuple[str, Recipe, OutputRow]]:
    others = output.request.outputs.filter(revision=output.revision, written="", derived="")
    place = tabulation_order(output)
    for one in sorted(others, key=tabulation_order):
        if tabulation_order(one) < place and one.job and one.result:
            yield one.name, recipe_from_json(one.recipe.encode()), one


def _shown(zone: ControlZone, output: OutputRow) -> Shown:
    job = tabulation_job_from_bytes(zone.store.get(output.job))
    found = received(job, tabulation_result_from_bytes(zone.store.get(output.result)))
    table = judged(job.recipe, found, policy_asked(job.recipe.policy, zone.policy))
    return Shown(table, sources_of(table.recipe, found.derivation))
