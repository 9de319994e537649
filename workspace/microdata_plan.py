"""A plan for making microdata safe, in TOML: data that can be read, kept and done again, never a program::

schema = 1
purpose = "training"          # public, training, student, or sealed: only for the camp's own sealed kernels
register = true               # the file holds everybody; or [keys] weights of a sample
seed = 20260101               # of what is drawn
identifiers = []              # columns that identify, where there is no codebook

[keys]
categorical = ["geslacht", "leeftijdsklasse", "wijk"]
household = "huishouden"
sensitive = ["uitkering"]

[limits]                      # needed for public, training and student files
k = 3
risk = 0.35                   # the largest risk of a record

[[steps]]
do = "recode"
column = "buurt"
hierarchy = "gebied"
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from disclosure.model.key_variables import KeyVariables
from disclosure.model.microdata import NoiseMethod
from disclosure.model.toml import NotTomlError, parse_toml
from disclosure.texts import text
from workspace.microdata_options import (
    A_NAME,
    DRAWS,
    NEEDED,
    OF_ONE,
    ONE_OF,
    OPTIONS,
    Do,
    PlanError,
    check_known,
    names_of,
    option_of,
    wrong_entry,
)

SCHEMA: Final = 1
LARGEST_SEED: Final = 2**31 - 1
LEAST_K: Final = 3
_KEYS: Final = frozenset({"schema", "purpose", "register", "seed", "identifiers", "keys", "limits", "steps"})
MOST_STEPS: Final = 50


class Purpose(StrEnum):
    """What the file is for. Limits of k and risk bind all but the last."""

    PUBLIC = "public"
    TRAINING = "training"
    STUDENT = "student"
    SEALED = "sealed"

    @property
    def bound(self) -> bool:
        """Whether limits of k and risk bind it: it leaves the sealed camp."""
        return self is not Purpose.SEALED


@dataclass(frozen=True)
class Step:
    """One step: what is done, to which columns, and how.

    Attributes:
        options: by name, each checked by its kind; see `OPTIONS`.
    """

    do: Do
    columns: tuple[str, ...]
    options: Mapping[str, Any]


@dataclass(frozen=True)
class Limits:
    """What a file that leaves must keep to: at least k records share a key, and no risk is larger."""

    k: int
    risk: float


@dataclass(frozen=True)
class MicrodataPlan:
    """A plan.

    Attributes:
        register: the file holds everybody, so that the risk of a record is 1 in those who share its key.
        limits: None for a sealed file only.
        identifiers: columns that identify, besides those that a codebook names; None if the plan does not say.
    """

    purpose: Purpose
    register: bool
    keys: KeyVariables
    steps: tuple[Step, ...]
    seed: int | None = None
    limits: Limits | None = None
    identifiers: tuple[str, ...] | None = None


def read_plan(data: bytes) -> MicrodataPlan:
    """Return the plan in a TOML document.

    Raises:
        PlanError: it says something that no plan says, or lacks what it must say; the error names the entry.
        ColumnError: its key variables are none, too many or doubled.
    """
    try:
        document = parse_toml(data)
    except NotTomlError as error:
        raise PlanError(text("The plan is not TOML."), hint=error.sentences[1]) from None
    check_known(document, _KEYS, "the plan")
    if document.get("schema") != SCHEMA:
        raise PlanError(text("Expected schema = {schema} in the plan.", schema=SCHEMA))
    try:
        purpose = Purpose(str(document.get("purpose")))
    except ValueError:
        raise PlanError(text("Expected a purpose: {known}.", known=", ".join(Purpose))) from None
    register, seed = document.get("register", False), document.get("seed")
    if not isinstance(register, bool):
        raise PlanError(wrong_entry("register", "true or false"))
    if seed is not None and not (type(seed) is int and 0 <= seed <= LARGEST_SEED):
        raise PlanError(wrong_entry("seed", f"0 to {LARGEST_SEED}"))
    keys = _keys(document.get("keys", {}))
    if register is (keys.weights is not None):
        raise PlanError(
            text("A plan says what its file is: a register, or a sample with weights."),
            hint=text('Give either register = true, or weights = "COLUMN" under [keys].'),
        )
    entries = document.get("steps", [])
    if not isinstance(entries, list) or len(entries) > MOST_STEPS:
        raise PlanError(wrong_entry("steps", f"[[steps]], {MOST_STEPS} at most"))
    steps = tuple(_step(one) for one in entries)
    if seed is None and any(step.do in DRAWS for step in steps):
        raise PlanError(text("The plan draws numbers, so it needs a seed."), hint="seed = 20260101")
    limits = _limits(document.get("limits"))
    if purpose.bound and limits is None:
        raise PlanError(
            text("A file for {purpose} keeps to limits of k and risk.", purpose=purpose.value), hint="[limits] k, risk"
        )
    drawn = {name for step in steps if step.do is Do.PRAM for name in step.columns}
    if purpose.bound and drawn & set(keys.categorical):
        raise PlanError(
            text("A key variable that is changed at random says nothing of k or risk."),
            hint=text("Recode or suppress key variables; change others at random."),
        )
    identifiers = document.get("identifiers")
    named_so = None if identifiers is None else names_of(identifiers, "identifiers")
    return MicrodataPlan(purpose, register, keys, steps, seed, limits, named_so)


def _keys(entry: Any) -> KeyVariables:
    check_known(entry, {"categorical", "weights", "household", "sensitive"}, "[keys]")
    single = {name: entry.get(name) for name in ("weights", "household")}
    for name, value in single.items():
        if value is not None and not (isinstance(value, str) and value):
            raise PlanError(wrong_entry(f"keys.{name}", A_NAME))
    categorical, sensitive = (names_of(entry.get(name, []), f"keys.{name}") for name in ("categorical", "sensitive"))
    return KeyVariables(categorical, weights=single["weights"], household=single["household"], sensitive=sensitive)


def _limits(entry: Any) -> Limits | None:
    if entry is None:
        return None
    check_known(entry, {"k", "risk"}, "[limits]")
    k, risk = entry.get("k"), entry.get("risk")
    if type(k) is not int or k < LEAST_K:
        raise PlanError(wrong_entry("limits.k", f"{LEAST_K} or more"))
    if not isinstance(risk, float) or not 0 < risk < 1:
        raise PlanError(wrong_entry("limits.risk", "0 < risk < 1"))
    return Limits(k, risk)


def _step(entry: Any) -> Step:
    try:
        do = Do(str(entry.get("do")) if isinstance(entry, dict) else "")
    except ValueError:
        raise PlanError(text("A step does one of: {known}.", known=", ".join(Do))) from None
    what, options = f"a step '{do.value}'", OPTIONS[do]
    check_known(entry, {"do", "column", "columns", *options}, what)
    columns = _columns(do, entry, what)
    given = {name: entry[name] for name in options if name in entry}
    missing = NEEDED.get(do, set()) - set(given)
    if missing:
        raise PlanError(text("{what} lacks {names}.", what=what, names=", ".join(sorted(missing))))
    one_of = ONE_OF.get(do)
    if one_of is not None and len(one_of & set(given)) != 1:
        raise PlanError(text("{what} says one of {names}.", what=what, names=", ".join(sorted(one_of))))
    checked = {name: option_of(options[name], value, f"steps.{name}") for name, value in given.items()}
    if do is Do.NOISE and "method" in checked and checked["method"] not in set(NoiseMethod):
        raise PlanError(wrong_entry("steps.method", ", ".join(NoiseMethod)))
    return Step(do, columns, MappingProxyType(checked))


def _columns(do: Do, entry: Mapping[str, Any], what: str) -> tuple[str, ...]:
    """Return the columns of a step: none, one, or several, as what it does takes them."""
    if "column" in entry and "columns" in entry:
        raise PlanError(text("{what} names column or columns, not both.", what=what))
    given = entry.get("columns", [entry["column"]] if "column" in entry else [])
    columns = names_of(given, "steps.columns")
    if do is Do.SUPPRESS:
        fits, takes = not columns, "0"  # those of the key
    elif do in OF_ONE:
        fits, takes = len(columns) == 1, "1"
    else:
        fits, takes = bool(columns), ">= 1"
    if not fits:
        raise PlanError(text("{what} names {count} columns.", what=what, count=takes))
    return columns
