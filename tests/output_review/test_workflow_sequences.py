"""Whatever people do in whatever order, nothing is released that a quorum has not approved and signed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from disclosure.errors import DatakampError
from output_review.domain.states import State
from output_review.domain.votes import Outcome, Reason, Vote
from output_review.services.answering import hand_in_again
from output_review.services.claiming import claim, hand_over
from output_review.services.commenting import comment
from output_review.services.ingest import ingest
from output_review.services.recalling import recall
from output_review.services.releasing import release
from output_review.services.returning import return_request, withdraw
from output_review.services.reviewing import outcomes, reject, resolve, vote, votes_on
from output_review.services.signing_off import sign_off, statement
from output_review.services.tabulating import tabulate
from output_review.services.zone import ControlZone
from output_review.signing.keys import SigningKey
from output_review.signing.signoff import Decision
from tests.output_review.workflow_camp import Clock, Workflow
from tests.output_review.zone_camp import EVERYONE, ZoneCamp

SAFE, UNSAFE = "by-wijk", "all-wijken"
REVIEWERS = ("vera", "wim", "yara")
Step = tuple[str, str, str, Decision]
"""What is done, by whom, to which output, with which decision; what does not matter is passed over."""


@dataclass
class Attempt:
    """One request of one run, and who has signed which revision of it."""

    made: Workflow
    keys: dict[str, SigningKey]
    signed: set[tuple[int, str]] = field(default_factory=set)

    def take(self, step: Step) -> None:
        """Take a step, or be refused."""
        what, who, name, decision = step
        try:
            STEPS[what](self, who, name, decision)
        except DatakampError:
            return

    def vote(self, who: str, name: str, decision: Decision) -> None:
        given_vote = Vote(who, decision, Reason.PUBLIC_KNOWLEDGE, "published on StatLine")
        vote(self.made.zone, self.made.row, (name,), given_vote)

    def approve(self, who: str) -> None:
        for name in self.made.names:
            self.vote(who, name, Decision.APPROVE)

    def sign(self, who: str) -> None:
        row = self.made.row
        sign_off(self.made.zone, row, statement(self.made.zone, row, who), self.keys[who])
        self.signed.add((row.revision, who))

    def again(self, who: str) -> None:
        if who == "vera":
            self.made.answered()
            hand_in_again(self.made.zone, self.made.row, "anna", self.made.names)
            tabulate(self.made.zone, self.made.row)

    def holds(self) -> None:
        """What is approved or has left was approved by a quorum for each output, who signed this revision."""
        row = self.made.row
        if State(row.state) not in (State.APPROVED, State.RELEASED, State.RECALLED):
            return
        decided = outcomes(self.made.zone, row)
        leaving = [one for one in row.outputs.filter(revision=row.revision) if decided[one.name] is Outcome.APPROVED]
        assert leaving
        assert set(decided.values()) <= {Outcome.APPROVED, Outcome.REJECTED}
        who = {name for revision, name in self.signed if revision == row.revision}
        for output in leaving:
            who &= {one.reviewer for one in votes_on(output) if one.decision is Decision.APPROVE}
        assert len(who) >= (3 if UNSAFE in {one.name for one in leaving} else 2)


STEPS: dict[str, Callable[[Attempt, str, str, Decision], object]] = {
    "vote": lambda at, who, name, decision: at.vote(who, name, decision),
    "approve": lambda at, who, name, decision: at.approve(who),
    "sign": lambda at, who, name, decision: at.sign(who),
    "resolve": lambda at, who, name, decision: resolve(
        at.made.zone, at.made.row, name, who, decision, "words", reason=Reason.OTHER
    ),
    "claim": lambda at, who, name, decision: claim(at.made.zone, at.made.row, who),
    "hand_over": lambda at, who, name, decision: hand_over(at.made.zone, at.made.row, who, "yara"),
    "comment": lambda at, who, name, decision: comment(at.made.zone, at.made.row, who, output=name, body="Who?"),
    "return": lambda at, who, name, decision: return_request(at.made.zone, at.made.row, who),
    "again": lambda at, who, name, decision: at.again(who),
    "reject": lambda at, who, name, decision: reject(at.made.zone, at.made.row, who, "No."),
    "withdraw": lambda at, who, name, decision: withdraw(at.made.zone, at.made.row, "anna") if who == "wim" else None,
    "release": lambda at, who, name, decision: release(at.made.zone, at.made.row),
    "recall": lambda at, who, name, decision: recall(at.made.zone, at.made.row, who, "Wrong data."),
    "wait": lambda at, who, name, decision: at.made.clock.on(minutes=31),
}
WEIGHTED = [*STEPS, *["vote", "approve", "sign", "resolve", "comment", "return", "again", "release"] * 3]
SEQUENCES = st.lists(
    st.tuples(*map(st.sampled_from, (WEIGHTED, REVIEWERS, (SAFE, UNSAFE), tuple(Decision)))),
    max_size=20,
)


def each(what: str, *reviewers: str, name: str = SAFE, decision: Decision = Decision.APPROVE) -> list[Step]:
    return [(what, who, name, decision) for who in reviewers]


EXCEPTION = [*each("approve", *REVIEWERS), *each("sign", *REVIEWERS), *each("release", "vera")]
TWO_FOR_AN_EXCEPTION = [*each("approve", "vera", "wim"), *each("sign", "vera", "wim"), *each("release", "vera")]
RETURNED_AND_RELEASED = [
    *each("vote", "vera", name=UNSAFE, decision=Decision.REQUEST_CHANGES),
    *each("comment", "vera", name=UNSAFE),
    *each("return", "vera"),
    *each("again", "vera"),
    *EXCEPTION,
]
RESOLVED = [
    *each("approve", "vera", "wim"),
    *each("vote", "vera", "wim", name=UNSAFE, decision=Decision.REJECT),
    *each("vote", "wim", decision=Decision.REJECT),
    *each("sign", "vera", "wim"),
    *each("resolve", "yara"),
    *each("vote", "yara", name=UNSAFE, decision=Decision.REJECT),
    *each("sign", "yara"),
    *each("release", "vera"),
]


def test_no_sequence_of_steps_releases_without_a_quorum(zone_camp: ZoneCamp) -> None:
    clock = Clock()
    zone: ControlZone = replace(zone_camp.zone(), clock=clock)
    keys = {name: zone_camp.key(name) for name in REVIEWERS}
    ends: list[tuple[list[Step], State]] = []

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @example(EXCEPTION)
    @example(TWO_FOR_AN_EXCEPTION)
    @example(RETURNED_AND_RELEASED)
    @example(RESOLVED)
    @given(SEQUENCES)
    def run(steps: list[Step]) -> None:
        recipes = {SAFE: zone_camp.recipe(), UNSAFE: zone_camp.recipe(sql=EVERYONE)}
        zone_camp.hand_in(recipes, number=len(ends) + 1)
        number = ingest(zone)[-1].request
        tabulate(zone, zone.request(number))
        attempt = Attempt(Workflow(zone_camp, zone, clock, number), keys)
        for step in steps:
            attempt.take(step)
            attempt.holds()
        ends.append((steps, attempt.made.state))

    run()
    assert (EXCEPTION, State.RELEASED) in ends
    assert (TWO_FOR_AN_EXCEPTION, State.IN_REVIEW) in ends
    assert (RETURNED_AND_RELEASED, State.RELEASED) in ends
    assert (RESOLVED, State.RELEASED) in ends
