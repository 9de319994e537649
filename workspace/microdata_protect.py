"""A plan applied to a file: the file that comes of it, and the record of what was done, whole or not at all."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from disclosure.errors import BadInputError, ColumnError, DatakampError, RefusedError
from disclosure.exchange.canonical import digest
from disclosure.exchange.files import file_digest, write_atomically
from disclosure.microdata.coding import FEW_TEXTS, coded, is_own, is_text
from disclosure.model.codebooks import Codebook
from disclosure.ports import RiskEngine
from disclosure.texts import text
from workspace.microdata_figures import Asked, Figures, measure
from workspace.microdata_files import read_records, whole_folder
from workspace.microdata_minimise import Minimisation, minimise
from workspace.microdata_options import Do
from workspace.microdata_plan import MicrodataPlan, read_plan
from workspace.microdata_steps import Done, Means, apply_plan

if TYPE_CHECKING:
    from disclosure.exchange.camp import CampFile

SCHEMA: Final = "datakamp-microdata/1"
DATA, PLAN, RECORD = "data.parquet", "plan.toml", "record.json"
PLANS: Final = "plans"
"""The camp's folder of what was prepared, and how."""


class LimitsNotReachedError(RefusedError):
    """The file that a plan makes does not keep to the limits that bind it. Nothing was written."""


@dataclass(frozen=True)
class Utility:
    """What the changed numbers lost.

    Attributes:
        columns: columns of numbers that changed and have none missing.
        il1s: sum of distances in standard deviations; None without such columns.
        eigenvalues: relative difference of the eigenvalues; None with fewer than two.
    """

    columns: tuple[str, ...]
    il1s: float | None
    eigenvalues: float | None


@dataclass(frozen=True)
class Protected:
    """What a plan came to.

    Attributes:
        before: None if the file could not be measured before, as where a key variable is a measure first.
        minimisation: of a sealed file.
    """

    plan: MicrodataPlan
    asked: Asked
    before: Figures | None
    after: Figures
    steps: tuple[Done, ...]
    utility: Utility
    minimisation: Minimisation | None


def asked_by(plan: MicrodataPlan) -> Asked:
    """Return what is measured for a plan."""
    if plan.limits is None:
        return Asked(plan.keys, plan.register)
    return Asked(plan.keys, plan.register, plan.limits.k, plan.limits.risk)


def protect(
    file: Path,
    plan_file: Path,
    out: Path,
    engine: RiskEngine,
    *,
    codebook: Codebook | None = None,
    key: bytes | None = None,
    camp: CampFile | None = None,
) -> Protected:
    """Apply a plan to a file and write the folder `out`: data.parquet, plan.toml, record.json.

    The same file, plan and versions give the same bytes. In a camp the record and the plan are kept in its folder
    `plans` as well.

    Raises:
        LimitsNotReachedError: limits bind the file, and it does not keep to them; nothing was written.
        RefusedError: a column that identifies would be in a file that limits bind.
        BadInputError: file, plan or codebook cannot be used, or `out` exists.
    """
    try:
        plan_bytes = plan_file.read_bytes()
    except OSError:
        raise BadInputError(text("The plan cannot be read.")) from None
    plan = read_plan(plan_bytes)
    with whole_folder(out) as folder:
        frame = read_records(file)
        asked = asked_by(plan)
        before = _before(frame, asked, engine)
        changed, steps = apply_plan(frame, plan, Means(engine, codebook, key))
        _check_identifiers(changed, plan, codebook)
        after = measure(changed, asked, engine)
        _check_limits(after, plan)
        made = Protected(
            plan, asked, before, after, steps, _utility(frame, changed, engine),
            None if plan.purpose.bound else minimise(changed, asked, codebook),
        )  # fmt: skip
        pq.write_table(_written(changed, plan), folder / DATA, compression="zstd", store_schema=False)
        write_atomically(folder / PLAN, plan_bytes)
        record = _record(made, file_digest(file), digest(plan_bytes), file_digest(folder / DATA))
        write_atomically(folder / RECORD, record)
        if camp is not None:
            _keep(camp, out.name, record, plan_bytes)
    return made


def _before(frame: pa.Table, asked: Asked, engine: RiskEngine) -> Figures | None:
    try:
        return measure(frame, asked, engine)
    except ColumnError:
        # A key variable that the plan makes into classes is a measure before.
        return None


def _check_identifiers(frame: pa.Table, plan: MicrodataPlan, codebook: Codebook | None) -> None:
    """Refuse a file that leaves and has a column that identifies, other than as pseudonyms."""
    if not plan.purpose.bound:
        return
    if codebook is None and plan.identifiers is None:
        raise BadInputError(
            text("Nobody says which columns identify."),
            hint=text("Give --codebook FILE, or say in the plan: identifiers = [...]; [] if there are none."),
        )
    household = () if plan.keys.household is None else (plan.keys.household,)
    known = {*(plan.identifiers or ()), *household, *(() if codebook is None else codebook.key_columns())}
    made = {name for step in plan.steps if step.do is Do.PSEUDONYM for name in step.columns}
    there = sorted((known - made) & set(frame.column_names))
    # What nobody named is told by its texts: if most records have one of their own, it says whose they are.
    others = (name for name in frame.column_names if name not in made)
    there += [name for name in others if is_text(frame, name) and is_own(coded(frame, name), few=FEW_TEXTS)]
    if there:
        raise RefusedError(
            text("'{name}' identifies, and would be in the file.", name=there[0]),
            hint=text('Add a step: do = "pseudonym"; or do = "drop", and leave the column out of [keys].')
            if there[0] in plan.keys.columns
            else text('Add a step: do = "drop" or do = "pseudonym".'),
        )


def _check_limits(after: Figures, plan: MicrodataPlan) -> None:
    if not plan.purpose.bound or plan.limits is None:
        return
    k, risk = plan.limits.k, plan.limits.risk
    if plan.keys.household is not None and after.household is None:
        raise RefusedError(
            text("This engine has no measure of the risk of households, which limits bind. Nothing was written."),
            hint=text("Take the engine 'embedded', which has one."),
        )
    # Who is found is found with the household: where the file says who lives together, its risk is that of a record.
    largest = after.largest if after.household is None else max(after.largest, after.household[1])
    if after.below(k) or largest > risk:
        raise LimitsNotReachedError(
            text(
                "The file does not keep to its limits: {below} records share their key with fewer than {k}, and the "
                "largest risk is {largest} where {limit} is allowed. Nothing was written.",
                below=after.below(k), k=k, largest=f"{largest:.4f}", limit=f"{risk:g}",
            ),
            hint=text("Recode key variables, suppress with a larger k, or leave a key variable out.")
            if after.below(k) or after.largest > risk
            else text("That is the risk of a household. Drop the column of households and leave it out of the keys."),
        )  # fmt: skip


def _utility(before: pa.Table, after: pa.Table, engine: RiskEngine) -> Utility:
    columns = []
    for name in after.column_names:
        if name not in before.column_names:
            continue
        kinds = [one.schema.field(name).type for one in (before, after)]
        numbers = all(pa.types.is_integer(one) or pa.types.is_floating(one) for one in kinds)
        if numbers and not before[name].null_count and not after[name].null_count:
            old, new = (one[name].cast(pa.float64()).to_numpy() for one in (before, after))
            if (old != new).any() and old.std() > 0 and new.std() > 0:
                columns.append(name)
    if not columns:
        return Utility((), None, None)
    chosen = tuple(columns)
    several = engine.eigenvalue_difference(before, after, chosen) if len(chosen) > 1 else None
    return Utility(chosen, engine.il1s(before, after, chosen), several)


def _written(frame: pa.Table, plan: MicrodataPlan) -> pa.Table:
    """Return the file as it is written: without what a library keeps beside columns, which can list values left out.

    Of a file that leaves, rows are put in the order of their values: the order of a register is known to others.
    """
    columns = {}
    for name in frame.column_names:
        column = frame[name]
        columns[name] = column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
    plain = pa.table(columns)
    if not plan.purpose.bound:
        return plain
    nested = [name for name in plain.column_names if pa.types.is_nested(plain.schema.field(name).type)]
    if nested:
        raise ColumnError(
            text("The column '{name}' holds lists, by which rows have no order.", name=nested[0]),
            hint=text('Add a step: do = "drop".'),
        )
    return plain.sort_by([(name, "ascending") for name in plain.column_names])


def _record(made: Protected, source: str, plan: str, data: str) -> bytes:
    limits = made.plan.limits
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "datakamp": version("datakamp"),
        "purpose": made.plan.purpose.value,
        "digests": {"source": source, "plan": plan, "data": data},
        "seed": made.plan.seed,
        "limits": None if limits is None else {"k": limits.k, "risk": limits.risk},
        "keys": {
            "categorical": list(made.plan.keys.categorical),
            "weights": made.plan.keys.weights,
            "household": made.plan.keys.household,
            "sensitive": list(made.plan.keys.sensitive),
        },
        "asked": {"k": made.asked.k, "limit": made.asked.limit},
        "steps": [{"do": one.do.value, "counts": [list(each) for each in one.counts]} for one in made.steps],
        "before": None if made.before is None else made.before.to_document(),
        "after": made.after.to_document(),
        "utility": {
            "columns": list(made.utility.columns),
            "il1s": made.utility.il1s,
            "eigenvalues": made.utility.eigenvalues,
        },
        "minimisation": None if made.minimisation is None else made.minimisation.to_document(),
    }
    return (json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _keep(camp: CampFile, name: str, record: bytes, plan: bytes) -> None:
    """Keep the record and the plan in the camp, under a name that tells this preparation from every other."""
    folder = camp.folder / PLANS
    base = f"{name}-{digest(record).removeprefix('sha256:')[:12]}"
    try:
        folder.mkdir(exist_ok=True)
        write_atomically(folder / f"{base}.json", record)
        write_atomically(folder / f"{base}.toml", plan)
    except (OSError, DatakampError):
        raise BadInputError(text("The record could not be kept in the camp, so nothing was written.")) from None
