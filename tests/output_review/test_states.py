"""Every step from x to y by z is a case: those of the table are allowed, all others are refused."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from disclosure.errors import StateError
from output_review.domain.diagram import page
from output_review.domain.states import TRANSITIONS, Actor, Guard, State, transition

ROWS = {(row.origin, row.target, row.actor) for row in TRANSITIONS}

CONTRACT = {
    ("draft", "submitted", "researcher"),
    ("draft", "withdrawn", "researcher"),
    ("returned", "withdrawn", "researcher"),
    ("submitted", "withdrawn", "researcher"),
    ("in_review", "withdrawn", "researcher"),
    ("submitted", "in_review", "reviewer"),
    ("submitted", "refused", "gate"),
    ("in_review", "returned", "reviewer"),
    ("in_review", "approved", "reviewer"),
    ("in_review", "rejected", "reviewer"),
    ("returned", "submitted", "researcher"),
    ("approved", "in_review", "system"),
    ("approved", "released", "release_process"),
    ("released", "recalled", "reviewer"),
}


def test_the_table_is_the_contract_and_nothing_more() -> None:
    assert {(origin.value, target.value, actor.value) for origin, target, actor in ROWS} == CONTRACT


@pytest.mark.parametrize(("origin", "target", "actor"), list(product(State, State, Actor)))
def test_a_step_is_allowed_if_and_only_if_the_table_has_it(origin: State, target: State, actor: Actor) -> None:
    if (origin, target, actor) in ROWS:
        assert transition(origin, target, actor).guard in Guard
    else:
        with pytest.raises(StateError, match="cannot become"):
            transition(origin, target, actor)


@pytest.mark.parametrize("state", [State.REFUSED, State.REJECTED, State.RECALLED, State.WITHDRAWN])
def test_nothing_leaves_a_final_state(state: State) -> None:
    assert not [row for row in TRANSITIONS if row.origin is state]


def test_only_the_release_process_releases() -> None:
    assert {row.actor for row in TRANSITIONS if row.target is State.RELEASED} == {Actor.RELEASE_PROCESS}


def test_a_refused_step_names_the_steps_that_there_are() -> None:
    with pytest.raises(StateError, match="in review"):
        transition(State.SUBMITTED, State.APPROVED, Actor.REVIEWER)


def test_the_documentation_shows_the_table_as_it_is() -> None:
    page_in_docs = Path(__file__).parents[2] / "docs" / "states.md"
    assert page_in_docs.read_text("utf-8") == page()
