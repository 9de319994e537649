"""What may be asked of sdcMicro: a closed table, and no text that is read as a program."""

from __future__ import annotations

import json
from typing import Any

import pytest

from disclosure.engines.sdcmicro.calls import Call, Formula, Job, job_from_document
from disclosure.engines.sdcmicro.functions import FUNCTIONS, LEFT_OUT, Kind
from disclosure.errors import BadInputError, DocumentError

GOOD: dict[Kind, Any] = {
    Kind.FLAG: True, Kind.WHOLE: 3, Kind.NUMBER: 0.5, Kind.NUMBERS: (1, 2.5), Kind.COLUMN: "a b", Kind.COLUMNS: ("a",),
    Kind.COLUMN_SETS: (("a", "b"), ("c",)), Kind.FORMULA: Formula(("a",), ("b", "c")), Kind.FRAME: "data",
}  # fmt: skip
BAD: dict[Kind, tuple[Any, ...]] = {
    Kind.FLAG: (1, "TRUE", None),
    Kind.WHOLE: (1.0, True, 2**31, "1"),
    Kind.NUMBER: ("1", float("nan"), float("inf"), True, (1,)),
    Kind.NUMBERS: ((), ("1",), (True,), "system('ls')"),
    Kind.COLUMN: ("", 5, None, ("a",), "a\0"),
    Kind.COLUMNS: ((), "a", ("a", "a"), ("",)),
    Kind.COLUMN_SETS: ((), ("a",), ((),)),
    Kind.FORMULA: ("a ~ b", ("a", "b")),
    Kind.FRAME: ("../data", "", 5),
    Kind.CHOICE: ("system", "", None),
    Kind.MEASURE: ("function(x) x", "sum"),
    Kind.LABELS: ((), "a", (5,)),
}


def value_of(argument: Any) -> Any:
    if argument.kind is Kind.LABELS:
        return (argument.choices or ("x",))[:1]
    return argument.choices[0] if argument.choices else GOOD[argument.kind]


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_takes_each_of_its_arguments_and_travels_whole(name: str) -> None:
    known = FUNCTIONS[name]
    arguments = {one: value_of(argument) for one, argument in known.arguments.items()}
    job = Job(("data",), (Call(name, "data", arguments),), seed=1)
    document = json.loads(json.dumps(job.to_document()))
    assert job_from_document(document) == job


@pytest.mark.parametrize("kind", list(Kind))
def test_an_argument_of_another_kind_is_refused(kind: Kind) -> None:
    name, argument = next(
        (function.name, one)
        for function in FUNCTIONS.values()
        for one, entry in function.arguments.items()
        if entry.kind is kind
    )
    for value in BAD[kind]:
        with pytest.raises(BadInputError, match="is not what it takes"):
            Call(name, "data", {argument: value})


@pytest.mark.parametrize("name", ["system", "eval", "base::system", "freqCalc; q()", "", *LEFT_OUT])
def test_what_is_not_in_the_table_cannot_be_called(name: str) -> None:
    with pytest.raises(BadInputError, match="no such function"):
        Call(name, "data")


def test_what_is_left_out_says_why() -> None:
    with pytest.raises(BadInputError, match="it sends what it is given to a service outside"):
        Call("AI_createSdcObj", "data")
    assert not set(LEFT_OUT) & set(FUNCTIONS)


def test_an_unknown_argument_is_refused_with_those_there_are() -> None:
    with pytest.raises(BadInputError, match="keyVars"):
        Call("freqCalc", "data", {"envir": "globalenv()"})


@pytest.mark.parametrize("name", sorted(one.name for one in FUNCTIONS.values() if one.random))
def test_what_draws_numbers_needs_a_seed(name: str) -> None:
    with pytest.raises(BadInputError, match="Give a seed"):
        Job(("data",), (Call(name, "data"),))


@pytest.mark.parametrize("seed", [-1, 2**31, 1.0, True, "1"])
def test_a_seed_is_a_whole_number_that_r_can_hold(seed: Any) -> None:
    with pytest.raises(BadInputError, match="A seed is a whole number"):
        Job(("data",), (Call("freqCalc", "data"),), seed)


@pytest.mark.parametrize("subject", ["other", 0, 1, -1])
def test_a_call_is_on_a_frame_of_the_job_or_an_earlier_call(subject: str | int) -> None:
    with pytest.raises(BadInputError, match="does not have"):
        Job(("data",), (Call("freqCalc", subject),))
    Job(("data",), (Call("freqCalc", "data"), Call("indivRisk", 0)))


@pytest.mark.parametrize("subject", [True, 1.5, None])
def test_nothing_else_is_a_subject(subject: Any) -> None:
    with pytest.raises(BadInputError, match="is called on a frame"):
        Call("freqCalc", subject)


@pytest.mark.parametrize("names", [(), ("data", "data"), ("../data",), ("da ta",), ("é",)])
def test_frames_are_named_plainly_since_they_name_folders(names: tuple[str, ...]) -> None:
    with pytest.raises(BadInputError, match="named once each"):
        Job(names, (Call("freqCalc", "data"),))


def test_a_job_has_a_call_and_not_too_many() -> None:
    for calls in ((), (Call("freqCalc", "data"),) * 101):
        with pytest.raises(BadInputError, match="1 to 100 calls"):
            Job(("data",), calls)


@pytest.mark.parametrize(
    "change",
    [
        {"schema": 2},
        {"frames": "data"},
        {"more": 1},
        {"calls": [{"function": "freqCalc"}]},
        {"calls": 5},
    ],
)
def test_a_job_in_another_form_is_refused(change: dict[str, Any]) -> None:
    document = Job(("data",), (Call("freqCalc", "data", {"keyVars": ("a",)}),)).to_document()
    with pytest.raises((DocumentError, BadInputError)):
        job_from_document(document | change)
    with pytest.raises(DocumentError):
        job_from_document(None)


def test_a_formula_has_columns_on_its_right() -> None:
    for left, right in ((("a",), ()), ((), ("",)), (("a",), (5,))):
        with pytest.raises(BadInputError, match="names columns"):
            Formula(left, right)  # type: ignore[arg-type]
