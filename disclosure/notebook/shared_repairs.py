"""What a repair that one measure is offered comes to in others with the same rows and columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from disclosure.errors import RefusedError
from disclosure.model.recipes import Recoding
from disclosure.model.verdicts import Remedy, RemedyKind, Status
from disclosure.notebook.measures import PROBABILITY
from disclosure.notebook.output import Output
from disclosure.protection.remedies import SUPPRESS
from disclosure.protection.several import only_filled
from disclosure.texts import text

_Options = tuple[tuple[str, str], ...]
Repair = tuple[RemedyKind, tuple[Recoding, ...], int, str | None, _Options | None, bool]


def repair_of(remedy: Remedy) -> Repair:
    """Return what a remedy does to a measure, whatever it leaves."""
    return remedy.kind, remedy.recodings, remedy.rounding, remedy.leaves_out, remedy.options, remedy.dropna


def changes_measures(remedy: Remedy) -> bool:
    """Tell whether a remedy changes measures, and not only which of them or of their rows there are."""
    return remedy.kind is not RemedyKind.FEWER_MEASURES and repair_of(remedy) != repair_of(only_filled(()))


def is_of_rows(remedy: Remedy) -> bool:
    """Tell whether a remedy is the same for every statistic."""
    return remedy.options is None and not remedy.rounding


def renames(remedy: Remedy) -> bool:
    """Tell whether a remedy takes another percentile than the one that a measure is named for."""
    return PROBABILITY in dict(remedy.options or ())


def of_each(alone: Mapping[str, Output], remedy: Remedy) -> dict[str, Remedy]:
    """Return for each measure that a remedy changes what it is there.

    Options and rounding are of the statistics that have them, rows and columns of all, and what fails is withheld
    wherever something does.

    Args:
        alone: each measure, judged for itself, by its name.

    Raises:
        RefusedError: no measure has this remedy.
    """
    named = () if is_of_rows(remedy) else alone.items()
    found = {name: one for name, out in named for one in out.remedies() if repair_of(one) == repair_of(remedy)}
    if remedy.kind is RemedyKind.SUPPRESS:
        unsafe = (name for name, out in alone.items() if out.verdict.status is Status.UNSAFE)
        found = {name: found.get(name, SUPPRESS) for name in unsafe}
    elif remedy.recodings or remedy.leaves_out is not None or remedy.dropna:
        shared = replace(remedy, options=None, rounding=0)
        judged = (name for name, out in alone.items() if out.table.evidence is not None)
        found = {name: found.get(name, shared) for name in judged}
    if not found:
        raise RefusedError(text("No measure here has that remedy."), hint=text("See outs.remedies()."))
    return found
