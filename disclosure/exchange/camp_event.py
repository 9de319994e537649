"""What makes a dated event of a camp, in camp.toml::

    statement_version = "2026-1"            # which version of the statement people sign

    [[data]]                                # for each data set, on what ground it is used here
    name = "INHATAB"
    legal_basis = "article 41 of the act on Statistics Netherlands"
    purpose = "where households live on a low income"
    owner = "CBS"
    columns = ["INHSAMHH"]              # beside what the cases read; nothing else of it comes into the camp

    [[cases]]                               # which team gets which case notebook, and with which parameters
    case = 2
    team = "armoede"
    parameters = {threshold = 110}

    [[rota]]                                # which reviewers are there when
    from = 2026-11-23T09:00:00+01:00
    until = 2026-11-23T17:30:00+01:00
    reviewers = ["vera", "wim"]

    [presentation]
    at = 2026-11-26T15:00:00+01:00
    deadline = 2026-11-26T12:00:00+01:00    # what is handed in later is not released before the presentation
    unreleased = "forbidden"                # whether results that are not released may be shown in the room

All of it may be left out of a camp that is no event. What has to be there, and whether it fits, `datakamp camp check`
tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from disclosure.errors import DocumentError
from disclosure.exchange.camp_entries import FILE, check_known, check_once, count_of, name_of, tables_of, text_of
from disclosure.exchange.camp_people import DATA_SET
from disclosure.exchange.sessions import Session

EVENT_ENTRIES: Final = ("statement_version", "data", "cases", "rota", "presentation")


class Unreleased(StrEnum):
    """Whether results that are not released may be shown in the room."""

    FORBIDDEN = "forbidden"
    TO_PARTICIPANTS = "to-participants"
    """To those who have signed the statement, and nobody else is in the room."""


@dataclass(frozen=True)
class Authorisation:
    """On what ground a data set is used in a camp.

    Attributes:
        columns: those that come into the camp beside what the cases of the teams read.
    """

    name: str
    legal_basis: str
    purpose: str
    owner: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class TeamCase:
    """A case notebook that a team gets, and the values of its parameters."""

    number: int
    team: str
    parameters: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True)
class Watch:
    """Which reviewers are there in a window."""

    window: Session
    reviewers: tuple[str, ...]


@dataclass(frozen=True)
class Presentation:
    """When results are presented, and until when what is handed in can be released before it."""

    at: datetime
    deadline: datetime
    unreleased: Unreleased = Unreleased.FORBIDDEN

    def holds_back(self, handed_in: datetime, now: datetime) -> bool:
        """Tell whether what was handed in then is not released now: it came too late, and nothing is presented yet.

        >>> from datetime import UTC, datetime
        >>> noon, three = (datetime(2026, 11, 26, hour, tzinfo=UTC) for hour in (12, 15))
        >>> shown = Presentation(at=three, deadline=noon)
        >>> shown.holds_back(noon, noon), shown.holds_back(noon.replace(second=1), noon.replace(hour=14))
        (False, True)
        """
        return handed_in > self.deadline and now < self.at


@dataclass(frozen=True)
class CampEvent:
    """What makes a dated event of a camp; nothing of it if the camp is none."""

    statement_version: str = ""
    authorisations: tuple[Authorisation, ...] = ()
    cases: tuple[TeamCase, ...] = ()
    rota: tuple[Watch, ...] = ()
    presentation: Presentation | None = None


def event_of(document: Mapping[str, Any]) -> CampEvent:
    """Return what camp.toml says of the event.

    Raises:
        DocumentError: an entry is unknown, missing or not of its kind.
    """
    authorisations = tuple(authorisation_of(entry) for entry in tables_of(document, "data"))
    check_once([one.name for one in authorisations], "data")
    version = document.get("statement_version", "")
    if not isinstance(version, str) or not version.isprintable():
        raise DocumentError(f"{FILE}: statement_version is a text of one line.")
    return CampEvent(
        statement_version=version,
        authorisations=authorisations,
        cases=tuple(team_case_of(entry) for entry in tables_of(document, "cases")),
        rota=tuple(watch_of(entry) for entry in tables_of(document, "rota")),
        presentation=presentation_of(document["presentation"]) if "presentation" in document else None,
    )


def authorisation_of(entry: Mapping[str, Any]) -> Authorisation:
    """Return the authorisation in a `[[data]]` table, or raise `DocumentError`."""
    check_known(entry, {"name", "legal_basis", "purpose", "owner", "columns"}, "data")
    name = entry.get("name")
    if not isinstance(name, str) or not DATA_SET.fullmatch(name):
        raise DocumentError(f"{FILE}: data.name is the name of a data set.")
    columns = entry.get("columns", [])
    if not isinstance(columns, list) or not all(isinstance(one, str) and one for one in columns):
        raise DocumentError(f"{FILE}: data.columns is a list of names of columns.")
    check_once(columns, "data.columns")
    basis, purpose, owner = (text_of(entry, key) for key in ("legal_basis", "purpose", "owner"))
    return Authorisation(name, basis, purpose, owner, tuple(columns))


def team_case_of(entry: Mapping[str, Any]) -> TeamCase:
    """Return the case of a team in a `[[cases]]` table, or raise `DocumentError`."""
    check_known(entry, {"case", "team", "parameters"}, "cases")
    values = entry.get("parameters", {})
    if not isinstance(values, dict) or not all(type(value) in (str, int) for value in values.values()):
        raise DocumentError(f"{FILE}: the parameters of a case are texts and whole numbers by name.")
    if "case" not in entry:
        raise DocumentError(f"{FILE}: expected case, the number of a case notebook.")
    return TeamCase(count_of(entry, "case", 1), name_of(entry.get("team"), "cases.team"), dict(values))


def watch_of(entry: Mapping[str, Any]) -> Watch:
    """Return the watch in a `[[rota]]` table, or raise `DocumentError`."""
    check_known(entry, {"from", "until", "reviewers"}, "rota")
    names = entry.get("reviewers")
    if not isinstance(names, list) or not names:
        raise DocumentError(f"{FILE}: expected rota.reviewers, a list of names.")
    reviewers = tuple(name_of(name, "rota.reviewers") for name in names)
    check_once(list(reviewers), "rota.reviewers")
    return Watch(Session(_moment(entry, "from"), _moment(entry, "until")), reviewers)


def presentation_of(entry: Any) -> Presentation:
    """Return what the `[presentation]` table says, or raise `DocumentError`."""
    check_known(entry, {"at", "deadline", "unreleased"}, "presentation")
    at, deadline = _moment(entry, "at"), _moment(entry, "deadline")
    if deadline >= at:
        raise DocumentError(f"{FILE}: the deadline of a presentation lies before it.")
    try:
        return Presentation(at, deadline, Unreleased(str(entry.get("unreleased", Unreleased.FORBIDDEN.value))))
    except ValueError:
        raise DocumentError(f"{FILE}: unreleased is one of {', '.join(one.value for one in Unreleased)}.") from None


def _moment(entry: Mapping[str, Any], key: str) -> datetime:
    value = entry.get(key)
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise DocumentError(f"{FILE}: {key} is a moment with its offset, as in 2026-11-23T09:00:00+01:00.")
    return value
