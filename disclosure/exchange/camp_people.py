"""Teams and participants in camp.toml::

    [[teams]]
    name = "armoede"
    data = ["INHATAB", "GBAPERSOONTAB"]

    [[people]]
    name = "anna"
    roles = ["researcher"]
    teams = ["armoede"]
    signed = {statement = "2026-1", on = 2026-11-02}    # which version of the statement, and when
    awareness = 2026-11-03                              # when the awareness test was passed
    replaces = "bram"                                   # a substitute, and whose

The last three are what `datakamp camp check` asks of everybody who comes in; a camp can be read without them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from disclosure.errors import DocumentError
from disclosure.exchange.camp_entries import (
    FILE,
    check_known,
    check_once,
    check_roles,
    name_of,
    person_of,
    some_of,
    text_of,
)

ROLES = frozenset({"researcher", "reviewer", "organiser", "auditor"})
DATA_SET = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,60}")


@dataclass(frozen=True)
class Team:
    """A team and the data sets that it is authorised for."""

    name: str
    data_sets: tuple[str, ...]


@dataclass(frozen=True)
class Signature:
    """That somebody has signed a statement: which version of it, and when."""

    version: str
    on: date


@dataclass(frozen=True)
class Participant:
    """A person in the camp, by account name.

    Attributes:
        signed: the statement that was signed; None if that is not recorded here.
        awareness: when the awareness test was passed; None if that is not recorded.
        replaces: for whom this person is a substitute; empty for everybody else.
    """

    name: str
    roles: tuple[str, ...]
    teams: tuple[str, ...]
    signed: Signature | None = None
    awareness: date | None = None
    replaces: str = ""


def teams_of(entries: Sequence[Mapping[str, Any]]) -> tuple[Team, ...]:
    """Return the teams in the `[[teams]]` tables, or raise `DocumentError`."""
    teams = tuple(team_of(entry) for entry in entries)
    check_once([team.name for team in teams], "teams")
    return teams


def people_of(entries: Sequence[Mapping[str, Any]], teams: Sequence[Team]) -> tuple[Participant, ...]:
    """Return the participants in the `[[people]]` tables, or raise `DocumentError`."""
    people = tuple(person_in(entry, {team.name for team in teams}) for entry in entries)
    check_once([person.name for person in people], "people")
    names = {person.name for person in people}
    for one in people:
        if one.replaces and (one.replaces not in names or one.replaces == one.name):
            raise DocumentError(f"{FILE}: {one.name} replaces somebody whom the camp does not have.")
    return people


def team_of(entry: Mapping[str, Any]) -> Team:
    """Return the team in a `[[teams]]` table, or raise `DocumentError`."""
    check_known(entry, {"name", "data"}, "teams")
    data = entry.get("data", [])
    if not isinstance(data, list) or not all(isinstance(one, str) and DATA_SET.fullmatch(one) for one in data):
        raise DocumentError(f"{FILE}: a team's data is a list of data set names.")
    check_once(data, "data")
    return Team(name_of(entry.get("name"), "teams.name"), tuple(data))


def person_in(entry: Mapping[str, Any], teams: set[str]) -> Participant:
    """Return the participant in a `[[people]]` table, or raise `DocumentError`."""
    check_known(entry, {"name", "roles", "teams", "signed", "awareness", "replaces"}, "people")
    name = person_of(entry.get("name"))
    roles, own = entry.get("roles", []), entry.get("teams", [])
    if not some_of(roles, set(ROLES)) or not roles:
        raise DocumentError(f"{FILE}: the roles of {name} must be some of researcher, reviewer, organiser, auditor.")
    if not some_of(own, teams):
        raise DocumentError(f"{FILE}: {name} is in a team that the camp does not have.")
    check_roles(name, roles)
    return Participant(
        name=name,
        roles=tuple(roles),
        teams=tuple(own),
        signed=_signature(name, entry["signed"]) if "signed" in entry else None,
        awareness=_day(f"awareness of {name}", entry["awareness"]) if "awareness" in entry else None,
        replaces=name_of(entry["replaces"], "replaces") if "replaces" in entry else "",
    )


def _signature(name: str, entry: Any) -> Signature:
    check_known(entry, {"statement", "on"}, f"signed of {name}")
    return Signature(text_of(entry, "statement"), _day(f"signed.on of {name}", entry.get("on")))


def _day(what: str, value: Any) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise DocumentError(f"{FILE}: {what} is a day without quotes, as in 2026-11-02.")
    return value
