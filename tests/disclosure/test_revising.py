"""Handing in again what was returned: what `sdc.submit` and the panel's door take, and what the inbox tells them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import disclosure as sdc
from disclosure.errors import BadInputError, DatakampError, DocumentError
from disclosure.exchange.canonical import canonical_json
from disclosure.exchange.context import VARIABLE, CampContext, MountedDataSet, RunKind
from disclosure.exchange.files import file_digest
from disclosure.exchange.submission import Submission, submission_from_bytes
from disclosure.notebook import basket as basket_module
from disclosure.notebook.basket import Basket
from disclosure.notebook.panel import answer
from disclosure.notebook.told import MOST_QUESTIONS, UNKNOWN, Question, told_of
from disclosure.policy import policy_from_bytes
from tests.disclosure.support import UNIT, heads, policy_toml

CODE = ["persons.ipynb"]
WRITTEN: dict[str, Any] = {"title": "Persons", "purpose": "To know.", "code": CODE}
QUESTION: dict[str, Any] = {
    "id": 7, "output": "persons", "phrase": None, "body": "Which year?", "answered": False,
}  # fmt: skip
PHRASE = {"en": "Name the population.", "nl": "Noem de populatie."}


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A kernel in a camp, with one output in the basket and its code, and an inbox; its workspace."""
    data, place, workspace = tmp_path / "data", tmp_path / "camp", tmp_path / "workspace"
    for folder in (data, place, workspace, place / "inbox"):
        folder.mkdir()
    (data / "codebook.toml").write_text(
        f'schema = 1\nname = "HOMES"\nsynthetic = true\nunit = ["{UNIT}"]\nidentifiers = ["{UNIT}"]\n'
    )
    pq.write_table(pa.table({UNIT: list(range(200))}), data / "data.parquet")
    policy = policy_toml(minimum_units=10)
    context = CampContext(
        camp="summer", team="wonen", run=RunKind.TEAM, policy=policy, policy_digest="", parameters={},
        data_sets=(MountedDataSet("HOMES", file_digest(data / "data.parquet"), data),), workspace=workspace,
    )  # fmt: skip
    document = context.to_document() | {"policy_digest": policy_from_bytes(policy.encode(), "camp").digest}
    (place / "context.json").write_bytes(canonical_json(document))
    monkeypatch.setenv(VARIABLE, str(place / "context.json"))
    monkeypatch.setattr(basket_module, "_BASKET", Basket())
    sdc.basket().add(
        sdc.table(heads({"a": 40, "b": 30}), rows="group", unit=UNIT), name="persons", title="P", population="all"
    )
    (workspace / CODE[0]).write_text("{}")
    return workspace


def tell(workspace: Path, number: int, state: str = "returned", *questions: Any, **more: Any) -> None:
    told = {"version": 2, "number": number, "state": state, "reason": "", "revision": 1, "questions": list(questions)}
    (workspace.parent / "camp" / "inbox" / f"{number}.json").write_text(json.dumps(told | more))


def written(workspace: Path, number: int) -> Submission:
    return submission_from_bytes((workspace / "requests" / str(number) / "submission.json").read_bytes())


def door(do: str, **more: Any) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(json.dumps(answer(json.dumps({"do": do, **more}))._repr_json_()))
    return document


# ---------------------------------------------------------------------------------------------------------- sdc.submit
def test_the_basket_becomes_the_next_revision_with_its_answers(workspace: Path) -> None:
    assert sdc.submit(**WRITTEN) == 1
    assert (written(workspace, 1).revises, written(workspace, 1).answers) == (None, {})
    tell(workspace, 1, "returned", QUESTION, QUESTION | {"id": 8, "answered": True})
    assert sdc.submit(**WRITTEN, revises=1, answers={7: " It is 2023. "}) == 2
    assert (written(workspace, 2).revises, written(workspace, 2).answers) == (1, {7: "It is 2023."})


def test_a_returned_request_without_questions_needs_no_answer(workspace: Path) -> None:
    sdc.submit(**WRITTEN)
    tell(workspace, 1)
    assert sdc.submit(**WRITTEN, revises=1) == 2


def refused(workspace: Path, **given: Any) -> DatakampError:
    before = sorted(path.name for path in (workspace / "requests").iterdir())
    with pytest.raises(DatakampError) as caught:
        sdc.submit(**WRITTEN, **given)
    assert sorted(path.name for path in (workspace / "requests").iterdir()) == before
    assert caught.value.hint
    return caught.value


def test_every_open_question_takes_an_answer_and_no_other_does(workspace: Path) -> None:
    sdc.submit(**WRITTEN)
    tell(workspace, 1, "returned", QUESTION, QUESTION | {"id": 9})
    assert "not answered yet: 9." in refused(workspace, revises=1, answers={7: "2023."}).message
    assert "not answered yet: 7, 9." in refused(workspace, revises=1).message
    error = refused(workspace, revises=1, answers={7: "2023.", 9: "All.", 10: "More."})
    assert "no question of a number" in error.message


@pytest.mark.parametrize(
    "state", ["submitted", "in_review", "approved", "released", "rejected", "withdrawn", "refused"]
)
def test_only_what_was_returned_is_revised(workspace: Path, state: str) -> None:
    sdc.submit(**WRITTEN)
    tell(workspace, 1, state)
    error = refused(workspace, revises=1)
    assert "cannot be handed in again" in error.message
    assert "Leave revises= out" in error.hint


def test_what_nobody_has_said_anything_about_is_not_revised(workspace: Path) -> None:
    sdc.submit(**WRITTEN)
    assert "waiting for the broker" in refused(workspace, revises=1).message


def test_where_the_inbox_is_not_seen_the_control_zone_is_asked(workspace: Path) -> None:
    sdc.submit(**WRITTEN)
    (workspace.parent / "camp" / "inbox").rmdir()
    assert sdc.submit(**WRITTEN, revises=1, answers={7: "2023."}) == 2


@pytest.mark.parametrize("revises", [2, 0, -1, "1", True, 1.0])
def test_a_request_that_there_is_not_is_not_revised(workspace: Path, revises: Any) -> None:
    sdc.submit(**WRITTEN)
    tell(workspace, 1)
    assert "no request of the number" in refused(workspace, revises=revises).message


def test_a_revision_is_revised_by_the_number_of_the_first(workspace: Path) -> None:
    sdc.submit(**WRITTEN)
    tell(workspace, 1)
    sdc.submit(**WRITTEN, revises=1)
    error = refused(workspace, revises=2)
    assert "2 is itself a revision of request 1." in error.message
    assert "revises=1" in error.hint


def test_answers_belong_to_a_request(workspace: Path) -> None:
    sdc.submit(**WRITTEN)
    assert "handed in again" in refused(workspace, answers={7: "2023."}).message


@pytest.mark.parametrize("answers", [["2023."], "2023.", {"7": "2023."}, {True: "2023."}, 7])
def test_answers_are_a_dict_by_number(workspace: Path, answers: Any) -> None:
    sdc.submit(**WRITTEN)
    tell(workspace, 1, "returned", QUESTION)
    assert isinstance(refused(workspace, revises=1, answers=answers), BadInputError)


@pytest.mark.parametrize("said", ["", " ", "x" * 2001, "a\u202eb", 7])
def test_an_answer_says_something_and_hides_nothing(workspace: Path, said: Any) -> None:
    sdc.submit(**WRITTEN)
    tell(workspace, 1, "returned", QUESTION)
    assert isinstance(refused(workspace, revises=1, answers={7: said}), DocumentError)


def test_in_a_run_of_the_control_zone_there_is_nothing_to_hand_in(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = json.loads((workspace.parent / "camp" / "context.json").read_bytes())
    (workspace.parent / "run.json").write_bytes(canonical_json(context | {"run": "control_zone"}))
    monkeypatch.setenv(VARIABLE, str(workspace.parent / "run.json"))
    assert sdc.submit(**WRITTEN, revises=1, answers={7: "2023."}) == 0
    assert not (workspace / "requests").exists()


# ------------------------------------------------------------------------------------------------------------- the door
def test_the_panel_shows_the_questions_in_its_language(workspace: Path) -> None:
    sdc.submit(**WRITTEN)
    tell(workspace, 1, "returned", QUESTION | {"phrase": PHRASE}, QUESTION | {"id": 9, "output": "", "answered": True})
    (one,) = door("requests", language="nl")["value"]["requests"]
    assert (one["revises"], one["revision"], one["state"]) == (None, 1, "returned")
    assert one["questions"] == [
        {"id": 7, "output": "persons", "said": "Noem de populatie.\nWhich year?", "answered": False},
        {"id": 9, "output": "", "said": "Which year?", "answered": True},
    ]
    assert door("requests")["value"]["requests"][0]["questions"][0]["said"].startswith("Name the population.")


def test_the_panel_hands_the_basket_in_as_a_revision(workspace: Path) -> None:
    sdc.submit(**WRITTEN)
    tell(workspace, 1, "returned", QUESTION)
    asked = {**WRITTEN, "revises": 1, "answers": [{"id": 7, "answer": "2023."}]}
    assert door("submit", **asked)["value"] == {"number": 2}
    assert written(workspace, 2).answers == {7: "2023."}
    assert door("requests")["value"]["requests"][0]["revises"] == 1
    assert door("submit", **WRITTEN, revises=None, answers=[])["value"] == {"number": 3}
    assert written(workspace, 3).revises is None


def test_the_panel_hands_the_same_outputs_in_again(workspace: Path) -> None:
    sdc.submit(**WRITTEN)
    sdc.basket().remove("persons")
    tell(workspace, 1, "returned", QUESTION)
    assert door("again", revises=1, answers=[{"id": 7, "answer": "2023."}])["value"] == {"number": 2}
    first, second = written(workspace, 1), written(workspace, 2)
    assert (second.outputs, second.title, second.code) == (first.outputs, first.title, first.code)
    assert (second.revises, second.answers) == (1, {7: "2023."})
    claims = [(workspace / "requests" / str(one) / "claims" / "persons.json").read_bytes() for one in (1, 2)]
    assert claims[0] == claims[1]


def test_the_same_outputs_are_those_of_the_newest_revision_that_was_taken_in(workspace: Path) -> None:
    sdc.submit(**WRITTEN)
    tell(workspace, 1, "returned")
    sdc.submit(**WRITTEN | {"title": "Taken in"}, revises=1)
    sdc.submit(**WRITTEN | {"title": "Refused"}, revises=1)
    tell(workspace, 2, "submitted")
    tell(workspace, 3, "refused")
    assert door("again", revises=1, answers=[])["value"] == {"number": 4}
    assert written(workspace, 4).title == "Taken in"


def test_what_cannot_be_read_is_not_handed_in_again(workspace: Path) -> None:
    sdc.submit(**WRITTEN)
    tell(workspace, 1)
    (workspace / "requests" / "1" / "submission.json").write_text("{")
    assert "cannot be read here" in door("again", revises=1, answers=[])["message"]


@pytest.mark.parametrize(
    "answers", [None, {}, "x", [1], [{"id": 7}], [{"id": "7", "answer": "a"}], [{"id": 7, "answer": "a"}] * 2]
)
def test_the_panel_names_each_question_once(workspace: Path, answers: Any) -> None:
    sdc.submit(**WRITTEN)
    tell(workspace, 1, "returned", QUESTION)
    assert not door("again", revises=1, answers=answers)["ok"]
    assert not (workspace / "requests" / "2").exists()


@pytest.mark.parametrize("revises", [None, "1", 5, True])
def test_the_panel_names_the_request(workspace: Path, revises: Any) -> None:
    sdc.submit(**WRITTEN)
    tell(workspace, 1)
    assert not door("again", revises=revises, answers=[])["ok"]


def test_only_what_hands_in_may_be_long(workspace: Path) -> None:
    sdc.submit(**WRITTEN)
    tell(workspace, 1, "returned", *(QUESTION | {"id": number} for number in range(1, 31)))
    answers = [{"id": number, "answer": "x" * 2000} for number in range(1, 31)]
    assert door("again", revises=1, answers=answers)["ok"]
    assert not door("requests", padding="x" * 20_000)["ok"]


# ------------------------------------------------------------------------------------------------------------ the inbox
def read(workspace: Path, written: object) -> Any:
    inbox = workspace.parent / "camp" / "inbox"
    (inbox / "1.json").write_text(json.dumps(written))
    return told_of(inbox, 1)


TOLD: dict[str, Any] = {"number": 1, "state": "returned", "reason": "", "revision": 2, "questions": [QUESTION]}


def test_what_is_told_is_read(workspace: Path) -> None:
    told = read(workspace, TOLD)
    assert (told.state, told.revision) == ("returned", 2)
    assert told.open == told.questions == (Question(7, "persons", "Which year?", answered=False),)


UNREADABLE: tuple[dict[str, Any], ...] = (
    {"id": "7"}, {"id": 0}, {"id": 10**15}, {"id": True}, {"output": None}, {"body": 3}, {"answered": "no"},
    {"phrase": "Why?"}, {"phrase": {"en": 3, "nl": 3}}, {"phrase": {}},
)  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"revision": 0}, {"revision": "2"}, {"revision": True}, {"questions": {}}, {"questions": [7]},
        {"questions": [{}]}, {"questions": [QUESTION] * (MOST_QUESTIONS + 1)},
        *({"questions": [QUESTION | one]} for one in UNREADABLE),
    ],
)  # fmt: skip
def test_what_cannot_be_read_of_the_questions_is_never_taken_for_a_state(
    workspace: Path, change: dict[str, Any]
) -> None:
    assert read(workspace, TOLD | change).state == UNKNOWN
    assert read(workspace, TOLD | change).questions == ()


def test_nothing_in_a_question_hides(workspace: Path) -> None:
    told = read(workspace, TOLD | {"questions": [QUESTION | {"body": "a\u202eb\n\nc", "output": "d\u200be"}]})
    assert told.questions == (Question(7, "d\\u200be", "a\\u202eb\nc", answered=False),)
