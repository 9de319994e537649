"""Questions of which the answers make a camp.toml: who, which cases, when and on what ground."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from disclosure.errors import DatakampError
from disclosure.exchange.camp import CampFile, Participant, Team
from disclosure.exchange.camp_entries import name_of, person_of
from disclosure.policy import BUILT_IN
from disclosure.texts import localized
from workspace.camp_folder import new_camp
from workspace.cases import case, case_files

Prompt = Callable[..., Any]
"""Asks a question until the answer is one, as `click.prompt` does."""

_OFFSET: Final = re.compile(r"[+-](0\d|1[0-4]):[0-5]\d")
_HOURS: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True)
class TeamAnswers:
    """A team: its researchers and the cases it works on."""

    name: str
    people: tuple[str, ...]
    cases: tuple[int, ...]


@dataclass(frozen=True)
class Answers:
    """What an organiser said of a camp.

    Attributes:
        ground: legal basis, purpose and owner, of every data set.
        days: of the sessions; `hours` are the same on each, in the time of `zone`: its name, or an offset.
        presented: the hour of the presentation on the last day, empty if there is none.
    """

    title: str
    policy: str
    teams: tuple[TeamAnswers, ...]
    reviewers: tuple[str, ...]
    organisers: tuple[str, ...]
    ground: tuple[str, str, str]
    days: tuple[date, ...]
    hours: tuple[str, str]
    zone: str
    version: str
    presented: str


def cases_in_words() -> tuple[str, ...]:
    """Return a line for each case that there is: its number and its title, in the reader's language."""
    found = (case(int(one.name[5:7])) for one in case_files())
    return tuple(f"{one.number:3}  {localized(one.title, one.name)}" for one in found)


def answers(prompt: Prompt, title: str = "") -> Answers:
    """Ask everything and return the answers."""
    numbers = ", ".join(str(int(one.name[5:7])) for one in case_files())
    said = title or prompt("Title, one line for people", value_proc=_line)
    policy = prompt("Policy", type=click.Choice(list(BUILT_IN)), default="cbs")
    teams = tuple(
        TeamAnswers(
            name,
            prompt(f"Researchers of {name}, by account", value_proc=_people),
            prompt(f"Cases of {name} ({numbers})", value_proc=_cases),
        )
        for name in prompt("Teams, with commas", value_proc=_names)
    )
    return Answers(
        title=said,
        policy=policy,
        teams=teams,
        reviewers=prompt("Reviewers, two or more", value_proc=_people),
        organisers=prompt("Organisers", value_proc=_people),
        ground=(
            prompt("Legal basis of the data", value_proc=_line),
            prompt("Purpose", value_proc=_line),
            prompt("Owner of the data", value_proc=_line),
        ),
        days=prompt("Days of the sessions, as 2026-11-23, with commas", value_proc=_days),
        hours=prompt("Hours, as 09:00-17:30", value_proc=_hours, default="09:00-17:30"),
        zone=prompt("Time zone", value_proc=_zone, default="Europe/Amsterdam"),
        version=prompt("Version of the statement", value_proc=_line, default="1"),
        presented=prompt("Presentation on the last day at, as 16:00; - for none", value_proc=_hour, default="16:00"),
    )


def new_from(folder: Path, said: Answers, *, name: str | None = None, users: str = "") -> CampFile:
    """Make a camp of the answers and return it; errors as of `new_camp`.

    Signed statements and awareness tests are yet to come: `datakamp camp check` asks for them.
    """
    data = {team.name: _data_sets(team.cases) for team in said.teams}
    people = [Participant(one, ("researcher",), (team.name,)) for team in said.teams for one in team.people]
    people += [Participant(one, ("reviewer",), ()) for one in said.reviewers]
    people += [Participant(one, ("organiser",), ()) for one in said.organisers]
    return new_camp(
        folder,
        name=name,
        title=said.title,
        policy=said.policy,
        teams=tuple(Team(team.name, data[team.name]) for team in said.teams),
        participants=tuple(people),
        users=users,
        statement=f'statement = "statement.txt"\nstatement_version = {json.dumps(said.version, ensure_ascii=False)}\n',
        event=event_text(said),
    )


def event_text(said: Answers) -> str:
    """Return the tables of camp.toml that make an event of a camp."""
    basis, purpose, owner = said.ground
    begins, ends = said.hours
    windows = [{"from": _moment(day, begins, said.zone), "until": _moment(day, ends, said.zone)} for day in said.days]
    parts = ["# When people work.\n", *(_table("sessions", **window) for window in windows)]
    parts.append("\n# On what ground each data set is used; change it where they differ.\n")
    names = sorted({name for team in said.teams for name in _data_sets(team.cases)})
    parts += [
        _table("data", name=_text(name), legal_basis=_text(basis), purpose=_text(purpose), owner=_text(owner))
        for name in names
    ]
    parts.append("\n# Which team gets which case notebook; parameters = {year = 2022} sets those of a case.\n")
    parts += [_table("cases", case=str(one), team=_text(team.name)) for team in said.teams for one in team.cases]
    parts.append("\n# Which reviewers are there when.\n")
    reviewers = json.dumps(said.reviewers)
    parts += [_table("rota", **window, reviewers=reviewers) for window in windows]
    if said.presented:
        at = datetime.fromisoformat(_moment(said.days[-1], said.presented, said.zone))
        deadline = (at - timedelta(hours=2)).isoformat()
        parts.append(f"\n# What is to be shown is handed in by the deadline.\n[presentation]\nat = {at.isoformat()}\n")
        parts.append(f'deadline = {deadline}\nunreleased = "forbidden"\n')
    return "".join(parts)


def _data_sets(cases: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for one in cases for name in case(one).data_sets({})))


def _table(kind: str, /, **values: str) -> str:
    return f"[[{kind}]]\n" + "".join(f"{key} = {value}\n" for key, value in values.items())


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _moment(day: date, clock: str, zone: str) -> str:
    """Return a moment with the offset that holds on that day: it is another one in summer."""
    if _OFFSET.fullmatch(zone):
        return f"{day:%Y-%m-%d}T{clock}:00{zone}"
    return datetime.combine(day, time.fromisoformat(clock), ZoneInfo(zone)).isoformat()


# ------------------------------------------------------------------------------------------------------------- answers
def _line(value: str) -> str:
    if not value.strip() or not value.isprintable():
        raise click.UsageError("One line of text, please.")
    return value.strip()


def _names(value: str) -> tuple[str, ...]:
    return _each(value, lambda one: name_of(one, "A team"))


def _people(value: str) -> tuple[str, ...]:
    return _each(value, person_of)


def _cases(value: str) -> tuple[int, ...]:
    return tuple(case(int(one)).number for one in _each(value, lambda one: str(case(int(one)).number)))


def _days(value: str) -> tuple[date, ...]:
    return tuple(
        sorted(date.fromisoformat(one) for one in _each(value, lambda one: date.fromisoformat(one).isoformat()))
    )


def _hours(value: str) -> tuple[str, str]:
    found = _HOURS.fullmatch(value.strip())
    begins, _, ends = value.strip().partition("-")
    if found is None or begins >= ends:
        raise click.UsageError("Hours as 09:00-17:30, please.")
    return begins, ends


def _hour(value: str) -> str:
    if value.strip() in ("-", ""):
        return ""
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value.strip()):
        raise click.UsageError("An hour as 16:00, please, or - for none.")
    return value.strip()


def _zone(value: str) -> str:
    if not _OFFSET.fullmatch(value.strip()):
        try:
            ZoneInfo(value.strip())
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise click.UsageError("A time zone as Europe/Amsterdam, or an offset as +01:00, please.") from None
    return value.strip()


def _each(value: str, read: Callable[[str], str]) -> tuple[str, ...]:
    given = [one.strip() for one in value.split(",") if one.strip()]
    try:
        found = tuple(dict.fromkeys(read(one) for one in given))
    except DatakampError as error:
        raise click.UsageError(str(error).removeprefix("camp.toml: ")) from None
    except ValueError:
        raise click.UsageError("That could not be read.") from None
    if not found:
        raise click.UsageError("One or more, please, with commas.")
    return found
