"""A job for sdcMicro: frames, calls of functions of the closed table, and a seed. It is data, never a program.

>>> Call("freqCalc", "data", {"keyVars": ("sex", "age"), "w": "weight"}).function
'freqCalc'
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from disclosure.engines.sdcmicro.functions import FUNCTIONS, LEFT_OUT, Argument, Kind
from disclosure.errors import BadInputError, DocumentError
from disclosure.texts import text

MOST_CALLS: Final = 100
MOST_VALUES: Final = 10_000_000
LARGEST_SEED: Final = 2**31 - 1
_LONGEST: Final = 500
SCHEMA: Final = 1


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True)
class Formula:
    """Columns on either side of a model formula: their sums, nothing else."""

    left: tuple[str, ...]
    right: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.right or not all(map(_is_name, (*self.left, *self.right))):
            raise BadInputError(text("A formula names columns, one or more of them on its right."))


@dataclass(frozen=True)
class Call:
    """One call.

    Attributes:
        function: a name of the table.
        subject: what it is called on: the name of a frame of the job, or the place of an earlier call from 0.
        arguments: by name; each of the kind that the table says.
        keep: whether its result is returned.

    Raises:
        BadInputError: sdcMicro's function or argument is not in the table, or a value is not of its kind.
    """

    function: str
    subject: str | int
    arguments: Mapping[str, Any] = field(default_factory=_nothing)
    keep: bool = True

    def __post_init__(self) -> None:
        known = FUNCTIONS.get(self.function)
        if known is None:
            left_out = LEFT_OUT.get(self.function) if isinstance(self.function, str) else None
            listed = text("docs/microdata.md lists those there are.")
            reason = text("'{function}' is left out: {why}.", function=self.function, why=left_out or "")
            raise BadInputError(
                text("sdcMicro has no such function that can be called here."), hint=reason if left_out else listed
            )
        if not isinstance(self.subject, str | int) or isinstance(self.subject, bool):
            raise BadInputError(text("A function is called on a frame or on the result of an earlier call."))
        checked = {}
        for name, value in self.arguments.items():
            argument = known.arguments.get(name)
            if argument is None:
                raise BadInputError(
                    text("The function {function} takes no such argument here.", function=self.function),
                    hint=text("Known: {known}.", known=", ".join(known.arguments) or "-"),
                )
            checked[name] = _checked(self.function, name, argument, value)
        object.__setattr__(self, "arguments", MappingProxyType(checked))


@dataclass(frozen=True)
class Job:
    """Calls over frames, in order.

    Attributes:
        frames: names of the frames.
        seed: what random numbers are drawn from; required if a function draws any.
    """

    frames: tuple[str, ...]
    calls: tuple[Call, ...]
    seed: int | None = None

    def __post_init__(self) -> None:
        if not self.frames or len(set(self.frames)) != len(self.frames) or not all(map(_is_plain, self.frames)):
            raise BadInputError(text("The frames of a job are named once each, by letters and digits."))
        if not 1 <= len(self.calls) <= MOST_CALLS:
            raise BadInputError(text("A job has 1 to {most} calls.", most=MOST_CALLS))
        if self.seed is not None and not (type(self.seed) is int and 0 <= self.seed <= LARGEST_SEED):
            raise BadInputError(text("A seed is a whole number from 0 to {most}.", most=LARGEST_SEED))
        for place, call in enumerate(self.calls):
            if FUNCTIONS[call.function].random and self.seed is None:
                raise BadInputError(
                    text("The function {function} draws numbers.", function=call.function), hint=text("Give a seed.")
                )
            known = call.subject in self.frames if isinstance(call.subject, str) else 0 <= call.subject < place
            others = [v for n, v in call.arguments.items() if FUNCTIONS[call.function].arguments[n].kind is Kind.FRAME]
            if not known or any(one not in self.frames for one in others):
                raise BadInputError(text("A call names a frame or an earlier call that the job does not have."))

    def to_document(self) -> dict[str, Any]:
        """Return it as a JSON object, which R reads too; every argument stands beside its kind."""
        return {
            "schema": SCHEMA,
            "frames": list(self.frames),
            "seed": self.seed,
            "calls": [
                {
                    "function": call.function,
                    "subject": call.subject,
                    "keep": call.keep,
                    "arguments": [
                        {
                            "name": name,
                            "kind": FUNCTIONS[call.function].arguments[name].kind.value,
                            "value": _plain(value),
                        }
                        for name, value in call.arguments.items()
                    ],
                }
                for call in self.calls
            ],
        }


def job_from_document(document: Any) -> Job:
    """Return the job that `to_document` wrote, checked anew.

    Raises:
        DocumentError: it is anything else.
        BadInputError: it asks for something outside the table.
    """
    try:
        if document["schema"] != SCHEMA:
            raise DocumentError(text("The job is of another schema."))
        calls = tuple(
            Call(one["function"], one["subject"], {each["name"]: _read(each) for each in one["arguments"]}, one["keep"])
            for one in document["calls"]
        )
        job = Job(tuple(document["frames"]), calls, document["seed"])
    except (KeyError, TypeError, ValueError):
        raise DocumentError(text("The job does not follow its schema.")) from None
    if job.to_document() != document:
        raise DocumentError(text("The job is not in its one spelling."))
    return job


def _checked(function: str, name: str, argument: Argument, value: Any) -> Any:
    """Return a value as its kind has it: sequences become tuples."""
    if isinstance(value, list | tuple):
        value = tuple(tuple(one) if isinstance(one, list) else one for one in value)
    if not _is_of(argument, value):
        raise BadInputError(
            text("The argument {name} of {function} is not what it takes.", name=name, function=function),
            hint=text(
                "Known: {known}.", known=", ".join(argument.choices) if argument.choices else argument.kind.value
            ),
        )
    return value


def _is_of(argument: Argument, value: Any) -> bool:
    match argument.kind:
        case Kind.FLAG:
            return isinstance(value, bool)
        case Kind.WHOLE:
            return type(value) is int and abs(value) <= LARGEST_SEED
        case Kind.CHOICE | Kind.MEASURE:
            return isinstance(value, str) and value in argument.choices
        case Kind.FORMULA:
            return isinstance(value, Formula)
        case Kind.NUMBERS if not isinstance(value, tuple):
            return _is_number(value)
        case Kind.NUMBERS | Kind.COLUMNS | Kind.COLUMN_SETS | Kind.LABELS:
            return isinstance(value, tuple) and 0 < len(value) <= MOST_VALUES and _are_of(argument, value)
    return {Kind.NUMBER: _is_number, Kind.COLUMN: _is_name, Kind.FRAME: _is_plain}[argument.kind](value)


def _are_of(argument: Argument, values: tuple[Any, ...]) -> bool:
    match argument.kind:
        case Kind.NUMBERS:
            return all(map(_is_number, values))
        case Kind.COLUMNS:
            return all(map(_is_name, values)) and len(set(values)) == len(values)
        case Kind.COLUMN_SETS:
            return all(isinstance(one, tuple) and one and all(map(_is_name, one)) for one in values)
    known = argument.choices
    return all(_is_name(one) and (not known or one in known) for one in values)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST and "\0" not in value


def _is_plain(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 40 and value.isascii() and value.isalnum()


def _plain(value: Any) -> Any:
    if isinstance(value, Formula):
        return {"left": list(value.left), "right": list(value.right)}
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def _read(argument: Mapping[str, Any]) -> Any:
    if argument["kind"] == Kind.FORMULA.value:
        return Formula(tuple(argument["value"]["left"]), tuple(argument["value"]["right"]))
    return argument["value"]
