"""The table of states at work: from each state, what people can do and what every other step says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import pytest

from disclosure.errors import DatakampError, RefusedError, StateError
from output_review.domain.states import TRANSITIONS, Actor, State
from output_review.domain.votes import Reason, Vote
from output_review.services.answering import hand_in_again
from output_review.services.claiming import claim
from output_review.services.ingest import ingest
from output_review.services.recalling import recall
from output_review.services.releasing import release
from output_review.services.returning import return_request, withdraw
from output_review.services.reviewing import reject, vote
from output_review.services.settling import settle
from tests.output_review.workflow_camp import REJECT, Workflow, submitted
from tests.output_review.zone_camp import ZoneCamp

Do = Callable[[Workflow], object]


def _rejected(made: Workflow) -> None:
    for name in ("vera", "wim"):
        vote(made.zone, made.row, made.names, Vote(name, REJECT, Reason.OTHER, "no context"))
    reject(made.zone, made.row, "vera", "No.")


def _refused(made: Workflow) -> None:
    with (made.camp.folder / "camp.toml").open("a") as file:
        file.write("[review]\ncells = 1\n")
    settle(made.camp.zone(), made.row)


def _recalled(made: Workflow) -> None:
    made.released()
    for name in ("vera", "wim"):
        recall(made.zone, made.row, name, "Wrong data.")


TO: Mapping[State, Do] = MappingProxyType(
    {
        State.SUBMITTED: lambda made: None,
        State.IN_REVIEW: lambda made: claim(made.zone, made.row, "vera"),
        State.RETURNED: lambda made: made.returned(),
        State.APPROVED: lambda made: made.approved(),
        State.REJECTED: _rejected,
        State.REFUSED: _refused,
        State.RELEASED: lambda made: made.released(),
        State.RECALLED: _recalled,
        State.WITHDRAWN: lambda made: withdraw(made.zone, made.row, "anna"),
    }
)
"""How a submitted request gets to each state; a draft lies in a workspace and is no row here."""
STEPS: Mapping[tuple[State, Actor], Do] = MappingProxyType(
    {
        (State.IN_REVIEW, Actor.REVIEWER): lambda made: claim(made.zone, made.row, "vera"),
        (State.RETURNED, Actor.REVIEWER): lambda made: return_request(made.zone, made.row, "vera"),
        (State.REJECTED, Actor.REVIEWER): lambda made: reject(made.zone, made.row, "vera", "No."),
        (State.APPROVED, Actor.REVIEWER): lambda made: made.sign("vera"),
        (State.WITHDRAWN, Actor.RESEARCHER): lambda made: withdraw(made.zone, made.row, "anna"),
        (State.SUBMITTED, Actor.RESEARCHER): lambda made: hand_in_again(made.zone, made.row, "anna", made.names),
        (State.RELEASED, Actor.RELEASE_PROCESS): lambda made: release(made.zone, made.row),
        (State.RECALLED, Actor.REVIEWER): lambda made: recall(made.zone, made.row, "vera", "Wrong data."),
    }
)
"""What people and programs do to take a step."""
ALLOWED = {(row.origin, row.target, row.actor) for row in TRANSITIONS}


@pytest.mark.parametrize("state", TO)
def test_a_request_gets_to_each_state_and_no_service_takes_a_step_that_the_table_lacks(
    zone_camp: ZoneCamp, state: State
) -> None:
    made = submitted(zone_camp)
    TO[state](made)
    assert made.state is state
    for (target, actor), step in STEPS.items():
        if (state, target, actor) in ALLOWED or (state, target) == (State.IN_REVIEW, State.IN_REVIEW):
            continue  # to claim again what one has claimed is no step
        with pytest.raises(RefusedError):
            step(made)
        assert made.state is state, f"{target} by {actor}"


@pytest.mark.parametrize("state", [one for one in TO if one not in (State.SUBMITTED, State.IN_REVIEW)])
def test_nobody_votes_on_what_is_not_in_review(zone_camp: ZoneCamp, state: State) -> None:
    made = submitted(zone_camp)
    TO[state](made)
    with pytest.raises(StateError, match="nobody votes"):
        made.vote("yara")


def test_what_is_taken_in_twice_stays_where_it_is(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp)
    made.returned()
    assert ingest(made.zone) == ()
    assert made.state is State.RETURNED


def test_a_refusal_says_what_can_be_done_instead(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp)
    with pytest.raises(DatakampError, match="may go to: withdrawn"):
        hand_in_again(made.zone, made.row, "anna", made.names)
