"""What sdcMicro returned, read into the results that every engine gives alike."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from disclosure.engines.sdcmicro.columns import number_frame
from disclosure.engines.sdcmicro.handshake import EngineFailedError
from disclosure.engines.sdcmicro.results import Returned
from disclosure.errors import ColumnError
from disclosure.microdata.goals import goals_of
from disclosure.model.key_variables import KeyVariables
from disclosure.model.microdata import Frequencies, Microaggregated, Numbers
from disclosure.texts import text


def grouped_by_average(frame: pa.Table, columns: tuple[str, ...], averaged: Numbers, k: int) -> Microaggregated:
    """Return a file whose numbers are replaced by averages, with the groups that have the same.

    Args:
        averaged: one row per record, one column per name.
    """
    after, before = frame, number_frame(frame, columns)
    for place, name in enumerate(columns):
        values = averaged[:, place]
        after = after.set_column(after.schema.get_field_index(name), name, pa.array(values, mask=np.isnan(values)))
    _, group = np.unique(averaged, axis=0, return_inverse=True)
    given = np.column_stack([values_of(before, one) for one in columns])
    spread = given.std(axis=0)
    spread[spread == 0] = 1.0
    within = (((given - averaged) / spread) ** 2).sum()
    whole = (((given - given.mean(axis=0)) / spread) ** 2).sum()
    loss = float(within / whole) if whole > 0 else 0.0
    return Microaggregated(after, columns, group.reshape(-1).astype(np.int64), k, loss)


def counting(keys: KeyVariables, alpha: float) -> dict[str, Any]:
    """Return the arguments of `freqCalc`."""
    arguments: dict[str, Any] = {"keyVars": keys.categorical, "alpha": alpha}
    return arguments if keys.weights is None else arguments | {"w": keys.weights}


def suppressing(keys: KeyVariables, k: int | None, combs: tuple[tuple[int, int], ...], alpha: float) -> dict[str, Any]:
    """Return the arguments of `localSuppression`; `BadInputError` for sets that do not fit the key."""
    goals = goals_of(len(keys.categorical), k, combs)
    least = tuple(one for _, one in combs) or (goals[0].k,)
    arguments: dict[str, Any] = {"keyVars": keys.categorical, "k": least, "alpha": alpha}
    return arguments | ({"combs": tuple(size for size, _ in combs)} if combs else {})


def frequencies_in(found: Returned, alpha: float, *, weighted: bool) -> Frequencies:
    """Return the frequencies in what `freqCalc` returned."""
    fk = found.part("fk").numbers()
    return Frequencies(fk, found.part("Fk").numbers() if weighted else fk, alpha, weighted)


def require_weights(keys: KeyVariables) -> None:
    """Raise `ColumnError` where no weights are named."""
    if keys.weights is None:
        raise ColumnError(
            text("There are no weights, so nothing is known of the population that this is a sample of."),
            hint=text("Name the weights; for a register ask for the method 'register': its records are everybody."),
        )


def require_risks(risk: Numbers) -> None:
    """Raise `EngineFailedError` where sdcMicro says of a record's risk that it is no number, or nothing."""
    if np.isnan(risk).any():
        raise EngineFailedError(
            text("sdcMicro's exact risk of some records is no number: its formula loses all digits there."),
            hint=text("Ask the embedded engine for the exact risk, or for the approximate one."),
        )
    if (risk <= 0).any():
        raise EngineFailedError(
            text(
                "sdcMicro gives no risk to records of which between one and two share the key, as alpha below 1 makes."
            ),
            hint=text("Ask the embedded engine, or for alpha = 1."),
        )


def require_numbers(scores: Numbers) -> Numbers:
    """Return scores; raise `EngineFailedError` where one is no number."""
    if np.isnan(scores).any():
        raise EngineFailedError(
            text("sdcMicro's scores of some records are no numbers."), hint=text("Ask the embedded engine.")
        )
    return scores


def shares_of_score(found: Returned, variables: tuple[str, ...], score: Numbers) -> tuple[Numbers, tuple[float, ...]]:
    """Return the part of each variable in each record's score, and in all; nothing where nobody has a score.

    sdcMicro divides by the score, which is no number in a file without special uniques.
    """
    shares = found.part("contributionPercent").table()
    parts = np.column_stack([values_of(shares, f"{one}_contribution") for one in variables])
    parts[score == 0] = 0.0
    if not score.any():
        return parts, (0.0,) * len(variables)
    totals = found.part("attribute_contributions").table()
    by_name = dict(zip(totals["variable"].to_pylist(), values_of(totals, "contribution").tolist(), strict=True))
    return parts, tuple(by_name[one] for one in variables)


def column_of(found: Returned, name: str) -> Numbers:
    """Return a column of a frame that was returned."""
    return values_of(found.table(), name)


def values_of(table: pa.Table, name: str) -> Numbers:
    """Return a column as floats; what is missing is NaN."""
    if name not in table.column_names:
        raise EngineFailedError(text("sdcMicro returned something else than expected."))
    column = table[name].cast(pa.float64())
    return np.asarray(column.fill_null(float("nan")).to_numpy(), dtype=np.float64)


def changes(before: pa.Table, after: pa.Table, columns: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    """Return how many values of each column changed."""
    counts = []
    for name in columns:
        old, new = before[name].to_pandas(), after[name].to_pandas()
        counts.append((name, int(((old != new) & ~(old.isna() & new.isna())).sum())))
    return tuple(counts)
