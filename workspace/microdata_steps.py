"""A plan's steps, applied in order to a file of records in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from disclosure.errors import BadInputError, ColumnError
from disclosure.microdata import recode, top_bottom_code
from disclosure.model.codebooks import Codebook
from disclosure.model.key_variables import KeyVariables
from disclosure.model.microdata import NoiseMethod
from disclosure.ports import RiskEngine
from disclosure.texts import text
from workspace.microdata_options import Do
from workspace.microdata_plan import MicrodataPlan, Step
from workspace.microdata_pseudonyms import pseudonyms

Counts = tuple[tuple[str, int], ...]
PERSONS: Final = "unit"
"""The domain of pseudonyms of a plan that names none."""


@dataclass(frozen=True)
class Done:
    """What a step did: the number of values of each column that it changed, or of records that it read."""

    do: Do
    counts: Counts


@dataclass(frozen=True)
class Means:
    """What steps are done with.

    Attributes:
        key: of pseudonyms; None if there is none.
    """

    engine: RiskEngine
    codebook: Codebook | None
    key: bytes | None


def apply_plan(frame: pa.Table, plan: MicrodataPlan, means: Means) -> tuple[pa.Table, tuple[Done, ...]]:
    """Return the file after the steps of a plan, and what each did.

    Raises:
        BadInputError: a step lacks what it needs: a key, a hierarchy, a column.
    """
    done = []
    for place, step in enumerate(plan.steps):
        absent = [name for name in step.columns if name not in frame.column_names]
        if absent:
            raise ColumnError(
                text("Step {place} of the plan: there is no column '{name}'.", place=place + 1, name=absent[0]),
                hint=text("Has an earlier step left it out?"),
            )
        frame, counts = _STEPS[step.do](frame, step, plan, means, place)
        done.append(Done(step.do, counts))
    return frame, tuple(done)


def _drop(frame: pa.Table, step: Step, *_: object) -> tuple[pa.Table, Counts]:
    return frame.drop_columns(list(step.columns)), tuple((name, frame.num_rows) for name in step.columns)


def _pseudonym(frame: pa.Table, step: Step, _: MicrodataPlan, means: Means, __: int) -> tuple[pa.Table, Counts]:
    if means.key is None:
        raise BadInputError(
            text("The plan makes pseudonyms, which take a key."),
            hint=text("Give --key FILE, a file of 32 random bytes."),
        )
    counts = []
    for name in step.columns:
        made = pseudonyms(frame[name], means.key, domain=step.options.get("domain", PERSONS))
        frame = frame.set_column(frame.schema.get_field_index(name), name, made)
        counts.append((name, len(made) - made.null_count))
    return frame, tuple(counts)


def _recode(frame: pa.Table, step: Step, _: MicrodataPlan, means: Means, __: int) -> tuple[pa.Table, Counts]:
    known = {} if means.codebook is None else means.codebook.hierarchies
    name = step.options["hierarchy"]
    if name not in known:
        raise BadInputError(
            text("The codebook has no hierarchy '{name}'.", name=name),
            hint=text("Give --codebook FILE, or put it beside the data."),
        )
    made = recode(frame, step.columns[0], known[name], levels=step.options.get("levels", 1))
    return made.frame, made.counts


def _into_classes(frame: pa.Table, step: Step, *_: object) -> tuple[pa.Table, Counts]:
    """Replace numbers by classes between breaks, named by their bounds: "18-<65"; missing stays missing."""
    (name,), breaks = step.columns, step.options["breaks"]
    kind = frame.schema.field(name).type
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        raise ColumnError(text("The column '{name}' holds no numbers.", name=name), hint=text("Recode it instead."))
    values = frame[name].cast(pa.float64())
    numbers = values.fill_null(0.0).to_numpy()
    # Every digit: two bounds that look alike would make one class of two.
    shown = [str(int(one)) if one == int(one) else repr(one) for one in breaks]
    names = [f"<{shown[0]}", *(f"{low}-<{high}" for low, high in pairwise(shown)), f">={shown[-1]}"]
    places = np.searchsorted(np.array(breaks, dtype=float), numbers, side="right")
    missing = np.asarray(pc.is_null(values, nan_is_null=True))
    made = pa.DictionaryArray.from_arrays(pa.array(places.astype(np.int32), mask=missing), pa.array(names))
    changed = frame.set_column(frame.schema.get_field_index(name), name, made.cast(pa.string()))
    return changed, ((name, int((~missing).sum())),)


def _cut(frame: pa.Table, step: Step, *_: object) -> tuple[pa.Table, Counts]:
    at = float(step.options["at"])
    bound = {"top": at} if step.do is Do.TOP_CODE else {"bottom": at}
    made = top_bottom_code(frame, step.columns[0], **bound)
    return made.frame, made.counts


def _suppress(frame: pa.Table, step: Step, plan: MicrodataPlan, means: Means, _: int) -> tuple[pa.Table, Counts]:
    keys = KeyVariables(plan.keys.categorical)
    options = {name: step.options[name] for name in ("k", "combs", "importance", "strata") if name in step.options}
    made = means.engine.local_suppression(frame, keys, **options)
    return made.frame, made.counts


def _mdav(frame: pa.Table, step: Step, _: MicrodataPlan, means: Means, __: int) -> tuple[pa.Table, Counts]:
    made = means.engine.mdav(frame, step.columns, k=step.options["k"], strata=step.options.get("strata", ()))
    return made.frame, tuple((name, frame.num_rows) for name in step.columns)


def _pram(frame: pa.Table, step: Step, plan: MicrodataPlan, means: Means, place: int) -> tuple[pa.Table, Counts]:
    options = {name: step.options[name] for name in ("least", "alpha", "strata") if name in step.options}
    made = means.engine.pram(frame, step.columns, seed=_seed(plan, place), **options)
    return made.frame, made.counts


def _noise(frame: pa.Table, step: Step, plan: MicrodataPlan, means: Means, place: int) -> tuple[pa.Table, Counts]:
    method = NoiseMethod(step.options.get("method", NoiseMethod.ADDITIVE))
    amount = float(step.options["amount"])
    made = means.engine.noise(frame, step.columns, seed=_seed(plan, place), method=method, amount=amount)
    return made.frame, made.counts


def _seed(plan: MicrodataPlan, place: int) -> int:
    """Return the seed of a step: another for each, so that two steps do not draw the same numbers."""
    if plan.seed is None:
        raise BadInputError(text("The plan draws numbers, so it needs a seed."))
    return (plan.seed + place) % (2**31)


_STEPS: Final[dict[Do, Callable[[pa.Table, Step, MicrodataPlan, Means, int], tuple[pa.Table, Counts]]]] = {
    Do.DROP: _drop,
    Do.PSEUDONYM: _pseudonym,
    Do.RECODE: _recode,
    Do.CLASSES: _into_classes,
    Do.TOP_CODE: _cut,
    Do.BOTTOM_CODE: _cut,
    Do.SUPPRESS: _suppress,
    Do.MDAV: _mdav,
    Do.PRAM: _pram,
    Do.NOISE: _noise,
}
