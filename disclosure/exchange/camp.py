"""The camp: one folder, described by its camp.toml. Both sides read it here; neither asks the other.

A camp is a folder, and who may read or write which part of it is the operating system's business:

    camp.toml       what this module reads
    microdata/D/    one folder per data set: data.parquet, codebook.toml and, for maps, areas as NAME.geojson
    workspaces/T/   the only place that team T's kernels can write
    outbox/T/       submissions, copied there by the broker         inbox/T/   states and comments for the team
    review/         the control zone: database, content store, log, public keys
    released/       packages, the only folder that leaves
    desks/P/, queues/   where zones that are separated meet, see `zones`
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from disclosure.errors import DocumentError, RefusedError
from disclosure.exchange.camp_entries import FILE, check_known, count_of, file_of, name_of, tables_of, text_of
from disclosure.exchange.camp_event import EVENT_ENTRIES, CampEvent, event_of
from disclosure.exchange.camp_people import Participant, Team, people_of, teams_of
from disclosure.exchange.camp_review import CampReview, review_of
from disclosure.exchange.databases import DatabaseAddress, database_of
from disclosure.exchange.sessions import Session, sessions_of
from disclosure.model.codebooks import Codebook, read_codebook
from disclosure.model.toml import NotTomlError, parse_toml
from disclosure.policy import Policy, load_policy

__all__ = [
    "CODEBOOK_FILE", "DATA_FILE", "FILE", "MOST_AREAS_FILES", "SCHEMA", "CampFile", "CampLimits", "CampReview",
    "Participant", "Team", "ZoneMode", "is_areas_file", "read_camp",
]  # fmt: skip

SCHEMA = 1
DATA_FILE, CODEBOOK_FILE = "data.parquet", "codebook.toml"
MOST_AREAS_FILES = 20
_ENTRIES = {
    "schema", "name", "title", "mode", "users", "policy", "mark", "quorum", "limits", "review", "teams", "people",
    "sessions", "statement", "database", *EVENT_ENTRIES,
}  # fmt: skip
_AREAS = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,60}\.geojson")
_USERS = re.compile(r"[a-z][a-z0-9-]{0,20}")


class ZoneMode(StrEnum):
    """How the zones are kept apart. It is named in camp.toml, logged, and never changes by itself."""

    ONE_USER = "one-user"
    """Zones not separated: one operating-system user owns everything. For synthetic data only."""
    USER_PER_ZONE = "user-per-zone"
    """Each zone has an operating-system user of its own, see `disclosure.exchange.zones`."""


@dataclass(frozen=True)
class CampLimits:
    """Limits of a run and of a team's folder.

    Attributes:
        run_seconds: time budget of one run.
        workspace_bytes, handover_bytes: the most that a workspace or a handover folder may hold.
        memory_bytes: the address space of a kernel.
    """

    run_seconds: int = 7200
    workspace_bytes: int = 2 << 30
    handover_bytes: int = 1 << 30
    memory_bytes: int = 8 << 30


@dataclass(frozen=True)
class CampFile:
    """What camp.toml says.

    Attributes:
        mark: "DEMO" for a demonstration, otherwise empty.
        quorum, exception_quorum: how many reviewers approve an output, and one that goes against its verdict.
        light_quorum: how many approve a request of the light lane; None if no other than `quorum`.
        sessions: when people work; none if the camp does not say.
        statement: the file, in the camp's folder, that people sign before they come in; empty if there is none.
        database: the database of a server for the review; None for a file in the control zone.
        users: what the names of the zones' and the teams' operating-system users begin with; empty in one-user mode.
        review_rules: how the camp reviews.
        event: what makes a dated event of it: authorisations, cases, rota and presentation.
    """

    folder: Path
    name: str
    title: str
    mode: ZoneMode
    policy: str
    mark: str
    quorum: int
    exception_quorum: int
    limits: CampLimits
    teams: tuple[Team, ...]
    participants: tuple[Participant, ...]
    sessions: tuple[Session, ...] = ()
    statement: str = ""
    users: str = ""
    database: DatabaseAddress | None = None
    review_rules: CampReview = field(default_factory=CampReview)
    light_quorum: int | None = None
    event: CampEvent = field(default_factory=CampEvent)

    def team(self, name: str) -> Team:
        """Return the team of that name, or raise `DocumentError` with those that there are."""
        for team in self.teams:
            if team.name == name:
                return team
        raise DocumentError(f"There is no team '{name}' in this camp.", hint=f"Teams: {', '.join(self._names())}.")

    def participant(self, name: str) -> Participant:
        """Return the participant of that name, or raise `DocumentError`."""
        for one in self.participants:
            if one.name == name:
                return one
        raise DocumentError(f"There is no participant '{name}' in this camp.", hint=f"They are listed in {FILE}.")

    def load_policy(self) -> Policy:
        """Return the camp's policy."""
        return load_policy(self.policy)

    def data_folder(self, data_set: str) -> Path:
        """Return the folder of a data set."""
        return self.folder / "microdata" / data_set

    def workspace(self, team: str) -> Path:
        """Return the folder in which a team works."""
        return self.folder / "workspaces" / team

    def outbox(self, team: str) -> Path:
        """Return the folder into which the broker copies a team's submissions."""
        return self.folder / "outbox" / team

    def inbox(self, team: str) -> Path:
        """Return the folder in which a team finds states and comments."""
        return self.folder / "inbox" / team

    @property
    def review(self) -> Path:
        """The control zone."""
        return self.folder / "review"

    @property
    def released(self) -> Path:
        """Where packages lie."""
        return self.folder / "released"

    def codebook(self, data_set: str) -> Codebook:
        """Return a data set's codebook.

        Raises:
            RefusedError: zones are not separated and the data set is not marked as synthetic.
        """
        codebook = read_codebook(self.data_folder(data_set) / CODEBOOK_FILE)
        if self.mode is ZoneMode.ONE_USER and not codebook.synthetic:
            raise RefusedError(
                f"The data set '{data_set}' is not synthetic, and in the one-user mode zones are not separated.",
                hint="Use generated data here, or a camp with one operating-system user per zone.",
            )
        return codebook

    def _names(self) -> tuple[str, ...]:
        return tuple(team.name for team in self.teams)


def is_areas_file(name: str) -> bool:
    """Tell whether a file in the folder of a data set holds areas for maps, by its name.

    >>> is_areas_file("wijken.geojson"), is_areas_file(".wijken.geojson")
    (True, False)
    """
    return _AREAS.fullmatch(name) is not None


def read_camp(folder: Path) -> CampFile:
    """Return the camp in a folder.

    Raises:
        DocumentError: there is none, or its camp.toml says something that no camp says; the error names the entry.
    """
    try:
        document = parse_toml((folder / FILE).read_bytes())
    except (OSError, ValueError):
        raise DocumentError(f"There is no camp in '{folder.name}'.", hint=f"A camp has a {FILE}.") from None
    except NotTomlError as error:
        raise DocumentError(f"{FILE} is not TOML.", hint=error.hint) from None
    return camp_of(document, folder)


def camp_of(document: Mapping[str, Any], folder: Path) -> CampFile:
    """Return the camp that a document, as read from a camp.toml, describes; errors as of `read_camp`."""
    check_known(document, _ENTRIES, FILE)
    if document.get("schema") != SCHEMA:
        raise DocumentError(f"{FILE}: expected schema = {SCHEMA}.")
    teams = teams_of(tables_of(document, "teams"))
    people = people_of(tables_of(document, "people"), teams)
    quorum = document.get("quorum", {})
    check_known(quorum, {"ordinary", "exception", "light"}, "quorum")
    mark = document.get("mark", "")
    if mark not in ("", "DEMO"):
        raise DocumentError(f"{FILE}: mark is DEMO or left out.")
    try:
        mode = ZoneMode(str(document.get("mode")))
    except ValueError:
        raise DocumentError(f"{FILE}: mode must be one of {[mode.value for mode in ZoneMode]}.") from None
    camp = CampFile(
        folder=folder.resolve(),
        name=name_of(document.get("name"), "name"),
        title=str(document.get("title", "")),
        mode=mode,
        policy=text_of(document, "policy"),
        mark=mark,
        quorum=count_of(quorum, "ordinary", 2, low=2),
        exception_quorum=count_of(quorum, "exception", 3, low=3),
        limits=_limits(document.get("limits", {})),
        teams=teams,
        participants=people,
        sessions=sessions_of(tables_of(document, "sessions")),
        statement=file_of(document.get("statement", "")),
        users=_users(document.get("users", ""), mode),
        database=database_of(document.get("database", "")),
        review_rules=review_of(document.get("review", {})),
        light_quorum=count_of(quorum, "light", 1) if "light" in quorum else None,
        event=event_of(document),
    )
    camp.load_policy()
    return camp


def _limits(entry: Any) -> CampLimits:
    check_known(entry, {"run_seconds", "workspace_mib", "handover_mib", "memory_mib"}, "limits")
    usual = CampLimits()
    return CampLimits(
        run_seconds=count_of(entry, "run_seconds", usual.run_seconds),
        workspace_bytes=count_of(entry, "workspace_mib", usual.workspace_bytes >> 20) << 20,
        handover_bytes=count_of(entry, "handover_mib", usual.handover_bytes >> 20) << 20,
        memory_bytes=count_of(entry, "memory_mib", usual.memory_bytes >> 20) << 20,
    )


def _users(value: Any, mode: ZoneMode) -> str:
    if mode is ZoneMode.ONE_USER and value == "":
        return ""
    if mode is ZoneMode.ONE_USER:
        raise DocumentError(f"{FILE}: users belongs to the mode {ZoneMode.USER_PER_ZONE.value}.", hint="Leave it out.")
    if not isinstance(value, str) or not _USERS.fullmatch(value):
        raise DocumentError(
            f"{FILE}: expected users, what the names of the zones' users begin with.",
            hint='For example users = "camp-".',
        )
    return value
