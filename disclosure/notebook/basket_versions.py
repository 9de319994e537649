"""Of outputs that together show what none of them may show alone, the basket takes not all.

These are two versions of one table, protected in other ways; a table that withholds something beside one of the same
figures, or two from which these follow, that give it away; and two that are the same but for few units.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
import pyarrow as pa
from pandas.util import hash_pandas_object

from disclosure.engines.duckdb_tabulator import DuckDBTabulator
from disclosure.errors import DatakampError, RefusedError
from disclosure.model.beside import Beside
from disclosure.model.other_versions import is_other_version
from disclosure.model.recipes import FrameSource, LazySource
from disclosure.notebook.basket_rows import At, doubts_with, placed_at_hand, rows_beside
from disclosure.notebook.camp import current_camp
from disclosure.notebook.derived import Derived
from disclosure.notebook.output import Output
from disclosure.notebook.own_results import ForReviewer
from disclosure.protection.undone import Shown, sources_of, undone
from disclosure.protection.undone_by_two import undone_by_two
from disclosure.protection.variants import differ_in_few
from disclosure.texts import text

Named = tuple[str, Output | Derived | ForReviewer]


def refuse_other_versions(there: Sequence[Named], added: Sequence[Named], at: At = placed_at_hand) -> None:
    """Raise `RefusedError` if one of the outputs that are added shows too much beside one there, or another added.

    Which rows a lazy recipe has its derivation tells. Narrow frames are compared in the columns that both have,
    whatever the order of their rows; a file that stayed where it is counts as the same.

    Args:
        at: returns who stands where in an output.
    """
    seen, at, by = list(there), cache(at), cache(placed_at_hand)
    for name, out in added:
        for earlier, other in seen:
            if isinstance(out, Output) and isinstance(other, Output) and _are_versions(out, other):
                raise RefusedError(
                    text(
                        "'{name}' and '{other}' are two versions of one table: together they show what each withholds.",
                        name=name,
                        other=earlier,
                    ),
                    hint=text("Remove the other first: sdc.basket().remove({other}).", other=repr(earlier)),
                )
            if not (isinstance(out, Output) and isinstance(other, Output)):
                continue
            beside = rows_beside(out, other, at, by)
            if _undo(out, other, nested=beside is not None and beside.nested):
                raise RefusedError(
                    text(
                        "'{name}' and '{other}' are of the same figures: together they show what one withholds.",
                        name=name,
                        other=earlier,
                    ),
                    hint=text(
                        "Remove the other first: sdc.basket().remove({other}); or merge small categories, so that "
                        "nothing is withheld: out.remedies().",
                        other=repr(earlier),
                    ),
                )
            # Those of one call were judged together when they were made, and what is derived says it of its tables.
            if (earlier, other) in there and beside is not None:
                _refuse_doubt(name, out, earlier, other, beside)
            apart = beside is not None and beside.told(out.table, other.table)
            if (earlier, other) in there and (apart or differ_in_few(_shown(out), _shown(other))):
                raise RefusedError(
                    text(
                        "'{name}' and '{other}' are the same but for few units: together they show what these have.",
                        name=name,
                        other=earlier,
                    ),
                    hint=text(
                        "Remove the other first: sdc.basket().remove({other}); or group coarser, or make both over "
                        "the same rows: drop the missing rows first.",
                        other=repr(earlier),
                    ),
                )
        if isinstance(out, Output):
            others = [(one, other) for one, other in seen if isinstance(other, Output)]
            _refuse_by_two(name, out, others)
            _refuse_of_three(name, out, others, dict(there), at)
        seen.append((name, out))


def _refuse_doubt(name: str, out: Output, earlier: str, other: Output, beside: Beside) -> None:
    """Raise `RefusedError` if two outputs were not compared, or a doubt about them is left."""
    if beside.unknown is not None:
        raise RefusedError(
            text("'{name}' and '{other}' were not compared: {why}.", name=name, other=earlier, why=str(beside.unknown)),
            hint=text("Remove the other first: sdc.basket().remove({other}).", other=repr(earlier)),
        )
    why = beside.doubt(out.table, other.table)
    if why is not None:
        raise RefusedError(
            text("'{name}' does not go beside '{other}': {why}.", name=name, other=earlier, why=str(why)),
            hint=text("Remove the other first: sdc.basket().remove({other}).", other=repr(earlier)),
        )


def _refuse_by_two(name: str, out: Output, seen: Sequence[tuple[str, Output]]) -> None:
    if out.table.complete and all(other.table.complete for _, other in seen):
        return
    found = undone_by_two(_shown(out), [_shown(other) for _, other in seen])
    if found is not None:
        one, other = (seen[place][0] for place in found)
        raise RefusedError(
            text(
                "'{name}', '{other}' and '{third}' show together what one of them withholds.",
                name=name,
                other=one,
                third=other,
            ),
            hint=text(
                "Remove one of them first: sdc.basket().remove({other}); or merge small categories, so that nothing "
                "is withheld: out.remedies().",
                other=repr(other),
            ),
        )


def _refuse_of_three(
    name: str, out: Output, seen: Sequence[tuple[str, Output]], there: Mapping[str, object], at: At
) -> None:
    """Raise `RefusedError` if cells of an output and of two others are made up of each other but for few units."""
    tables = {name: out.table, **{other: one.table for other, one in seen}}
    for (one, other), doubts in doubts_with(name, out, seen, at).items():
        for doubt in doubts:
            third = dict(doubt.why.names)["third"]
            # Three of one call were judged together when they were made.
            if there.keys() & {one, other, third} and doubt.pairs.told(tables[one], tables[other]):
                earlier = other if one == name else one
                raise RefusedError(
                    text("'{name}' does not go beside '{other}': {why}.", name=name, other=earlier, why=str(doubt.why)),
                    hint=text("Remove the other first: sdc.basket().remove({other}).", other=repr(earlier)),
                )


def _are_versions(one: Output, other: Output) -> bool:
    if not is_other_version(one.recipe, other.recipe):
        return False
    if not isinstance(one.recipe.source, FrameSource) or one.narrow is None or other.narrow is None:
        return True
    return _same_rows(one.narrow, other.narrow)


def _same_rows(one: pa.Table, other: pa.Table) -> bool:
    if one.num_rows != other.num_rows:
        return False
    common = [name for name in one.column_names if name in other.column_names]
    try:
        return _sum_of_rows(one.select(common)) == _sum_of_rows(other.select(common))
    except (pa.ArrowException, TypeError, ValueError):
        return True


def _sum_of_rows(frame: pa.Table) -> int:
    """Return the sum of the rows' hashes, which does not depend on their order."""
    return int(np.sum(hash_pandas_object(frame.to_pandas(), index=False).to_numpy(dtype=np.uint64)))


def _undo(one: Output, other: Output, *, nested: bool) -> bool:
    if one.table.complete and other.table.complete:
        return False
    return undone(_shown(one), _shown(other), nested=nested)


def _shown(out: Output) -> Shown:
    source, camp = out.recipe.source, current_camp()
    if not isinstance(source, LazySource) or camp is None:
        return Shown(out.table)
    try:
        return Shown(out.table, sources_of(out.recipe, DuckDBTabulator().read(source, camp.files)))
    except DatakampError:
        return Shown(out.table)  # it was read when it was judged: the data set has gone since, and it cannot leave
