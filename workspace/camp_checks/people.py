"""People, teams and reviewers of a camp: whether those who come in may, and whether enough of them review."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from disclosure.exchange.camp_event import Watch
from disclosure.exchange.camp_people import Participant, Team
from disclosure.exchange.sessions import Session
from workspace.camp_checks.problems import Placed, Problem


def people_problems(
    people: Sequence[Placed[Participant]], teams: Sequence[Placed[Team]], version: str, today: date | None
) -> Iterator[Problem]:
    """Return what is wrong with the people of a camp.

    Args:
        version: of the statement that everybody signs.
        today: None if nobody needs to have signed it yet.
    """
    named: dict[str, int] = {}
    for one in people:
        if one.value.name in named:
            yield Problem(
                one.line, f"{one.value.name} stands here a second time.", f"First on line {named[one.value.name]}."
            )
        named.setdefault(one.value.name, one.line)
    by_name = {one.value.name: one.value for one in people}
    for one in people:
        yield from own_problems(one.line, one.value, version, today)
        yield from _substitute_problems(one.line, one.value, by_name)
    taken = {team for one in people for team in one.value.teams if "researcher" in one.value.roles}
    seen: set[str] = set()
    for team in teams:
        if team.value.name in seen:
            yield Problem(team.line, f"The team '{team.value.name}' stands here a second time.")
        elif team.value.name not in taken:
            yield Problem(team.line, f"Nobody is a researcher of the team '{team.value.name}'.")
        seen.add(team.value.name)


def own_problems(line: int, one: Participant, version: str, today: date | None) -> Iterator[Problem]:
    """Return what is wrong with one person, whoever else takes part; see `people_problems`."""
    yield from _place_problems(line, one)
    if today is not None:
        yield from _signing_problems(line, one, version, today)


def _place_problems(line: int, one: Participant) -> Iterator[Problem]:
    if len(one.teams) > 1:
        yield Problem(
            line,
            f"{one.name} is in {len(one.teams)} teams.",
            "A person in two teams carries from one to the other what only one is authorised for. Choose one.",
        )
    if "researcher" in one.roles and not one.teams:
        yield Problem(line, f"{one.name} is a researcher in no team.")


def _signing_problems(line: int, one: Participant, version: str, today: date) -> Iterator[Problem]:
    if one.signed is None:
        yield Problem(line, f"{one.name} has not signed the statement.", _signed_hint(version))
    elif one.signed.version != version:
        yield Problem(line, f"{one.name} has signed another version of the statement.", _signed_hint(version))
    elif one.signed.on > today:
        yield Problem(line, f"{one.name} signed the statement on a day that is yet to come.")
    if "researcher" in one.roles and one.awareness is None:
        yield Problem(
            line,
            f"{one.name} has not passed the awareness test.",
            "When it is: datakamp camp signed NAME --awareness DAY.",
        )
    elif one.awareness is not None and one.awareness > today:
        yield Problem(line, f"{one.name} passed the awareness test on a day that is yet to come.")


def _signed_hint(version: str) -> str:
    return f'When it is: datakamp camp signed NAME --on DAY; or add signed = {{statement = "{version}", on = DAY}}.'


def _substitute_problems(line: int, one: Participant, by_name: dict[str, Participant]) -> Iterator[Problem]:
    if not one.replaces:
        return
    other = by_name.get(one.replaces)
    if other is None or other is one:
        yield Problem(line, f"{one.name} replaces somebody whom the camp does not have.")
    elif set(other.roles) != set(one.roles) or set(other.teams) != set(one.teams):
        yield Problem(
            line,
            f"{one.name} replaces {other.name} and has other roles or another team.",
            "A substitute comes in for whoever is absent, with the same role and team.",
        )


def reviewer_problems(
    people: Sequence[Placed[Participant]],
    rota: Sequence[Placed[Watch]],
    sessions: Sequence[Placed[Session]],
    quorum: int,
) -> Iterator[Problem]:
    """Return what is wrong with who reviews, and when. `quorum` is how many reviewers an output takes."""
    reviewers = {one.value.name for one in people if "reviewer" in one.value.roles}
    if len(reviewers) < quorum:
        yield Problem(0, f"The quorum is {quorum} reviewers, and the camp has {len(reviewers)}.")
    for watch in rota:
        for name in sorted(set(watch.value.reviewers) - reviewers):
            yield Problem(watch.line, f"{name} is on the rota and no reviewer of this camp.")
    if not rota:
        yield Problem(0, "The camp has no rota of reviewers.", "Add a [[rota]] table for each session.")
        return
    for session in sessions:
        there = _fewest_there(session.value, [one.value for one in rota], reviewers)
        if there < quorum:
            yield Problem(
                session.line,
                f"At some time of this session the rota has {there} of the {quorum} reviewers of a quorum.",
                "Nothing could be approved then, while the teams work.",
            )


def _fewest_there(session: Session, rota: Sequence[Watch], reviewers: set[str]) -> int:
    """Return how many reviewers are there at the moment of a session when the fewest are."""
    changes = {moment for one in rota for moment in (one.window.start, one.window.end)}
    moments = {session.start, *(one for one in changes if session.start < one < session.end)}
    return min(
        len({name for one in rota if one.window.start <= at < one.window.end for name in one.reviewers} & reviewers)
        for at in moments
    )
