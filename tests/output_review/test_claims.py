"""Claims: one reviewer looks after a request, and a claim on which nothing happens expires."""

from __future__ import annotations

import pytest

from disclosure.errors import StateError
from output_review.domain.permissions import PermissionRefusedError
from output_review.domain.states import State
from output_review.services.claiming import claim, claim_of, hand_over
from output_review.services.commenting import comment
from tests.output_review.workflow_camp import CHANGE, NOON, submitted
from tests.output_review.zone_camp import ZoneCamp


def test_a_claim_takes_a_submitted_request_into_review(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp)
    assert claim_of(made.zone, made.row) is None
    claim(made.zone, made.row, "vera")
    held = claim_of(made.zone, made.row)
    assert made.state is State.IN_REVIEW
    assert held is not None
    assert (held.by, held.since) == ("vera", NOON)
    assert (held.until - NOON).total_seconds() == 30 * 60


def test_what_is_not_tabulated_cannot_be_claimed(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp, tabulated=False)
    with pytest.raises(StateError, match="not tabulated"):
        claim(made.zone, made.row, "vera")
    assert made.state is State.SUBMITTED


@pytest.mark.parametrize("name", ["anna", "xena", "nobody"])
def test_only_a_reviewer_of_another_team_claims(zone_camp: ZoneCamp, name: str) -> None:
    made = submitted(zone_camp)
    with pytest.raises(PermissionRefusedError):
        claim(made.zone, made.row, name)
    assert made.state is State.SUBMITTED


def test_a_claim_holds_for_thirty_minutes_and_not_one_second_longer(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp)
    claim(made.zone, made.row, "vera")
    made.clock.on(minutes=29, seconds=59)
    with pytest.raises(StateError, match="'vera' has claimed"):
        claim(made.zone, made.row, "wim")
    made.clock.on(seconds=1)
    assert claim_of(made.zone, made.row) is None
    claim(made.zone, made.row, "wim")
    held = claim_of(made.zone, made.row)
    assert held is not None
    assert held.by == "wim"


def test_a_camp_says_how_long_a_claim_holds(zone_camp: ZoneCamp) -> None:
    with (zone_camp.folder / "camp.toml").open("a") as file:
        file.write("[review]\nclaim_minutes = 5\n")
    made = submitted(zone_camp)
    claim(made.zone, made.row, "vera")
    made.clock.on(minutes=5)
    assert claim_of(made.zone, made.row) is None


@pytest.mark.parametrize("what", ["vote", "comment", "claim"])
def test_whoever_does_something_keeps_the_claim(zone_camp: ZoneCamp, what: str) -> None:
    made = submitted(zone_camp)
    claim(made.zone, made.row, "vera")
    made.clock.on(minutes=20)
    if what == "vote":
        made.vote("vera")
    elif what == "comment":
        comment(made.zone, made.row, "vera", body="Look at this.")
    else:
        claim(made.zone, made.row, "vera")
    made.clock.on(minutes=20)
    held = claim_of(made.zone, made.row)
    assert held is not None
    assert held.by == "vera"


def test_another_reviewer_votes_without_taking_the_claim(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp)
    claim(made.zone, made.row, "vera")
    made.vote("wim")
    held = claim_of(made.zone, made.row)
    assert held is not None
    assert held.by == "vera"
    assert made.row.outputs.get().votes.get().reviewer == "wim"


def test_a_vote_on_a_submitted_request_claims_it(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp)
    made.vote("vera", CHANGE)
    held = claim_of(made.zone, made.row)
    assert held is not None
    assert held.by == "vera"


def test_a_claim_is_handed_over_to_somebody_who_may_decide(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp)
    claim(made.zone, made.row, "vera")
    for name in ("anna", "xena", "nobody"):
        with pytest.raises(PermissionRefusedError):
            hand_over(made.zone, made.row, "vera", name)
    with pytest.raises(StateError, match="have it already"):
        hand_over(made.zone, made.row, "vera", "vera")
    with pytest.raises(StateError, match="'vera' has claimed"):
        hand_over(made.zone, made.row, "wim", "yara")
    hand_over(made.zone, made.row, "vera", "wim")
    held = claim_of(made.zone, made.row)
    assert held is not None
    assert held.by == "wim"
    assert made.actions()[-1] == "hand_over"


def test_what_is_not_in_review_is_not_handed_over(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp)
    with pytest.raises(StateError, match="nobody has claimed"):
        hand_over(made.zone, made.row, "vera", "wim")


def test_every_step_is_a_row_with_who_and_when(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp)
    made.returned()
    steps = [(one.origin, one.target, one.actor, one.who, one.reason) for one in made.row.steps.order_by("pk")]
    assert steps == [
        ("submitted", "in_review", "reviewer", "vera", ""),
        ("in_review", "returned", "reviewer", "vera", "Please explain."),
    ]
    assert {one.taken for one in made.row.steps.all()} == {NOON}
