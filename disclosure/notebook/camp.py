"""The camp as code in a sealed kernel sees it: its data sets, codebooks, policy, and what to do with a narrow frame."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from disclosure.engines.registered import RegisteredTables
from disclosure.errors import BadInputError, PolicyError
from disclosure.exchange.context import VARIABLE, CampContext, current_context
from disclosure.model.codebooks import Codebook, read_codebook
from disclosure.policy import Policy, policy_asked, policy_from_bytes, policy_named
from disclosure.ports import RegisteredFile
from disclosure.texts import text

DATA_FILE, CODEBOOK_FILE = "data.parquet", "codebook.toml"


@dataclass(frozen=True, eq=False)
class Camp:
    """The camp of this process, read once from its context."""

    context: CampContext
    policy: Policy
    codebooks: Mapping[str, Codebook]
    files: Mapping[str, RegisteredFile]
    tables: RegisteredTables = field(repr=False)


def current_camp() -> Camp | None:
    """Return the camp of this process, None outside a camp."""
    return _read(os.environ.get(VARIABLE, ""))


def camp_policy(camp: Camp | None, asked: str | Policy | None) -> Policy:
    """Return the policy to judge by: the camp's, or one that is asked for and at least as strict.

    Outside a camp it is the one asked for, "cbs" if none is.

    Raises:
        PolicyError: there is no such policy, or it is not at least as strict as the camp's.
    """
    if asked is not None and not isinstance(asked, str | Policy):
        raise PolicyError(
            text("policy= takes the name of a policy, not a {kind}.", kind=type(asked).__name__),
            hint=text('For example policy="cbs".'),
        )
    if camp is None:
        return asked if isinstance(asked, Policy) else policy_named(asked or "cbs")
    if asked is None or asked == camp.policy.name:
        return camp.policy
    # By its name and digest, as the control zone will find it again.
    named = asked if isinstance(asked, Policy) else policy_named(asked)
    return policy_asked(named.reference, camp.policy)


def data(name: str, year: int | None = None, *, columns: Sequence[str] | None = None, lazy: bool = True) -> Any:
    """Return a registered data set as a lazy Ibis table, or as a pandas frame with its codebook; in a camp only.

    Args:
        name: the data set's name, for example "INHATAB".
        year: the year, where the camp has the data set for several.
        columns: those to take; all of them if None.
        lazy: False for a pandas frame. Its codebook is ``frame.attrs["codebook"]``, as a mapping; what the frame will
            take is counted first, as `to_pandas` of the lazy table does too.

    Raises:
        BadInputError: there is no such data set, year or column here; the error lists those that there are.
        RefusedError: the frame would take more memory than the kernel has left.
    """
    if not isinstance(name, str):
        raise BadInputError(text("A data set is named by a text."), hint=text('For example sdc.data("INHATAB").'))
    camp = current_camp()
    if camp is None:
        raise BadInputError(
            text("There is no registered data outside a camp."), hint=text("Use a frame or a Parquet file.")
        )
    found = _wanted(camp, name, year)
    table = camp.tables.table(found)
    if columns is not None:
        table = table.select(*chosen(columns, table.columns))
    if lazy:
        return table
    frame = table.to_pandas()
    frame.attrs["codebook"] = plain_codebook(camp.codebooks[found], tuple(frame.columns))
    return frame


def plain_codebook(codebook: Codebook, columns: Sequence[str]) -> dict[str, Any]:
    """Return what a codebook says of some columns, as plain dictionaries: a frame carries nothing else well."""
    return {
        "name": codebook.name,
        "unit": list(codebook.unit),
        "columns": {
            one: {
                "title": dict(codebook.column(one).title),
                "kind": codebook.column(one).kind,
                "categories": {code: dict(label) for code, label in codebook.column(one).categories.items()},
            }
            for one in columns
            if one in codebook.columns
        },
    }


def _wanted(camp: Camp, name: str, year: int | None) -> str:
    """Return the name under which the camp has a data set of a year."""
    wanted = name if year is None else f"{name}{year}"
    if wanted in camp.files:
        return wanted
    if year is not None and name in camp.files:
        raise BadInputError(
            text("The data set '{name}' is not split by year.", name=name),
            hint=text("Use data('{name}') and filter.", name=name),
        )
    years = [one.removeprefix(name) for one in sorted(camp.files) if _is_year(one.removeprefix(name), one)]
    if years:
        raise BadInputError(
            text("The data set '{name}' is here by year.", name=name)
            if year is None
            else text("The data set '{name}' is not here for that year.", name=name),
            hint=text("Years: {years}.", years=", ".join(years)),
        )
    raise BadInputError(
        text("There is no data set of that name here."),
        hint=text("Here: {names}.", names=", ".join(sorted(camp.files))),
    )


def _is_year(rest: str, whole: str) -> bool:
    return rest != whole and re.fullmatch(r"[12][0-9]{3}", rest) is not None


def chosen(asked: str | Sequence[str], known: Sequence[str]) -> list[str]:
    """Return the names of columns that are asked for, one or several.

    Raises:
        BadInputError: none is, or the data set has no such column; the error lists those that there are.
    """
    wanted = [asked] if isinstance(asked, str) else list(asked)
    absent = [one for one in wanted if one not in known]
    if absent or not wanted:
        raise BadInputError(
            text("The data set has no such column."), hint=text("Here: {names}.", names=", ".join(known))
        )
    return wanted


@functools.cache
def _read(_: str) -> Camp | None:
    context = current_context()
    if context is None:
        return None
    policy = policy_from_bytes(context.policy.encode(), "camp")
    if policy.digest != context.policy_digest:
        raise PolicyError(text("The policy in this run is not the one that the camp pins."))
    folders = {one.name: one for one in context.data_sets}
    files = {name: RegisteredFile(one.folder / DATA_FILE, one.digest) for name, one in folders.items()}
    codebooks = {name: read_codebook(one.folder / CODEBOOK_FILE) for name, one in folders.items()}
    return Camp(context, policy, codebooks, files, RegisteredTables(files))
