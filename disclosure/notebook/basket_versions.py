"""Of two versions of one table, protected in other ways, the basket takes one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from pandas.util import hash_pandas_object

from disclosure.errors import RefusedError
from disclosure.model.other_versions import is_other_version
from disclosure.model.recipes import FrameSource
from disclosure.notebook.output import Output
from disclosure.notebook.own_results import ForReviewer
from disclosure.texts import text

Named = tuple[str, Output | ForReviewer]


def refuse_other_versions(there: Sequence[Named], added: Sequence[Named]) -> None:
    """Raise `RefusedError` if one of the outputs that are added is another version of one there, or of another added.

    Which rows a lazy recipe has its derivation tells. Narrow frames are compared in the columns that both have,
    whatever the order of their rows; a file that stayed where it is counts as the same.
    """
    seen = list(there)
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
        seen.append((name, out))


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
