"""A new camp: its folders, and a camp.toml that explains itself."""

from __future__ import annotations

import contextlib
import json
import re
import shlex
from pathlib import Path
from typing import Final

from disclosure.errors import BadInputError
from disclosure.exchange.camp import FILE, SCHEMA, CampFile, Participant, Team, ZoneMode, read_camp
from disclosure.exchange.files import write_atomically
from disclosure.exchange.zones import separated
from disclosure.policy import BUILT_IN

PRIVATE: Final = ("microdata", "workspaces", "outbox", "inbox", "review", "log")
RELEASED: Final = "released"

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")

_TEMPLATE: Final = """\
# What this camp is. Every entry is checked when it is read: one that is unknown or missing is an error.
schema = {schema}
name = {name}
title = {title}

# How the zones are kept apart. "one-user": not at all, so only data sets that are marked as synthetic are taken.
# "user-per-zone": each zone has an operating-system user, whose name begins as users says. See 'datakamp camp users'.
mode = {mode}{users}

# What outputs are judged by: {policies}.
policy = {policy}
{mark}
# The text, in a file beside this one, that everybody signs before coming in; a hub asks for it, and 'camp check'.
{statement}

# How many reviewers approve an output, and one that goes against its verdict.
[quorum]
ordinary = 2
exception = 3
# light = 1    # for a few small, safe tables

# How outputs are reviewed; docs/reviewing-on-the-command-line.md has all that can be said here.
# [review]
# outputs = 40
# answer_hours = 8

# Limits of one run and of a team's folder.
[limits]
run_seconds = 7200
workspace_mib = 2048
handover_mib = 1024
memory_mib = 8192

# Each team, and the data sets that it is authorised for. 'datakamp data register' brings a data set into the camp.
{teams}
# The people and their roles: researcher, reviewer, organiser, auditor. A researcher names the teams; an organiser is
# never a reviewer in the same camp.
{people}
{event}"""

_STATEMENT: Final = """\
# statement = "statement.txt"
# statement_version = "2026-1"
"""

_EVENT: Final = """\
# What makes a dated event of a camp; 'datakamp camp check' tells whether it fits together. See docs/organising.md.

# When people work, as many as there are; times have the offset of their zone.
# [[sessions]]
# from = 2026-11-23T09:00:00+01:00
# until = 2026-11-23T17:30:00+01:00

# On what ground each data set is used.
# [[data]]
# name = "INHATAB"
# legal_basis = "article 41 of the act on Statistics Netherlands"
# purpose = "where households live on a low income"
# owner = "CBS"

# Which team gets which case notebook, and with which parameters.
# [[cases]]
# case = 2
# team = "team-1"
# parameters = {threshold = 110}

# Which reviewers are there when.
# [[rota]]
# from = 2026-11-23T09:00:00+01:00
# until = 2026-11-23T17:30:00+01:00
# reviewers = ["vera", "wim"]

# [presentation]
# at = 2026-11-26T15:00:00+01:00
# deadline = 2026-11-26T12:00:00+01:00    # what is to be shown is handed in by then
"""

_EXAMPLE_PERSON: Final = """\
# [[people]]
# name = "anna"
# roles = ["researcher"]
# teams = ["team-1"]
"""


def new_camp(
    folder: Path,
    *,
    name: str | None = None,
    title: str = "",
    policy: str = "cbs",
    mark: str = "",
    teams: tuple[Team, ...] = (Team("team-1", ()),),
    participants: tuple[Participant, ...] = (),
    users: str = "",
    statement: str = _STATEMENT,
    event: str = _EVENT,
) -> CampFile:
    """Make a camp and return it.

    Args:
        folder: does not exist yet, or is empty.
        name: up to 31 small letters, digits and hyphens; the folder's name if None.
        mark: "DEMO" for a demonstration.
        users: what the names of its zones' users begin with; empty for the one-user mode.
        statement, event: the parts of camp.toml about the statement and about the event; examples if left out.

    Raises:
        BadInputError: the folder is not empty or cannot be written, or an argument says what no camp says.
    """
    name = folder.absolute().name.lower() if name is None else name
    if not _NAME.fullmatch(name):
        raise BadInputError("A camp's name has up to 31 small letters, digits and hyphens.", hint="Give --name.")
    if not title.isprintable():
        raise BadInputError("A camp's title is one line of text.")
    try:
        if folder.is_dir() and any(folder.iterdir()):
            raise BadInputError(f"'{folder.name}' is not empty.", hint="Name a folder that does not exist yet.")
        folder.mkdir(parents=True, exist_ok=True)
        for private in PRIVATE:
            (folder / private).mkdir(mode=0o700)
        (folder / RELEASED).mkdir()
        for team in teams:
            _make_team_folders(folder, team.name)
        # Last: a folder without it is no camp.
        text = _text(name, title, policy, mark, teams, participants, users=users, statement=statement, event=event)
        write_atomically(folder / FILE, text.encode("utf-8"))
    except OSError:
        raise BadInputError(f"'{folder.name}' cannot be made or written.") from None
    return read_camp(folder)


def workspace_of(camp: CampFile, team: str) -> Path:
    """Return the workspace of a team. Where one user has the whole camp, that of a new team is made.

    Raises:
        BadInputError: there is no such team, or its workspace is missing and this user is not the one to make it.
    """
    workspace = camp.workspace(camp.team(team).name)
    if workspace.is_dir():
        return workspace
    if separated(camp):
        hint = f"As root: datakamp camp users --camp {shlex.quote(str(camp.folder))}"
    else:
        with contextlib.suppress(OSError):
            _make_team_folders(camp.folder, team)
            return workspace
        hint = f"Whoever the camp belongs to makes it: mkdir -m 700 {shlex.quote(str(workspace))}"
    raise BadInputError(f"The camp has no workspace for '{team}'.", hint=hint)


def _make_team_folders(folder: Path, team: str) -> None:
    for zone in ("workspaces", "outbox", "inbox"):
        (folder / zone / team).mkdir(mode=0o700, exist_ok=True)


def team_log(camp: CampFile, team: str) -> Path:
    """Return the log of a team's Lab, in a folder that the user who runs it can be given."""
    return camp.folder / "log" / team / "lab.log"


def _text(
    name: str, title: str, policy: str, mark: str, teams: tuple[Team, ...], participants: tuple[Participant, ...],
    *, users: str, statement: str, event: str,
) -> str:  # fmt: skip
    return _TEMPLATE.format(
        schema=SCHEMA,
        statement=statement.rstrip("\n"),
        event=event,
        name=_quoted(name),
        title=_quoted(title),
        mode=_quoted((ZoneMode.USER_PER_ZONE if users else ZoneMode.ONE_USER).value),
        users=f"\nusers = {_quoted(users)}" if users else "",
        policies=", ".join(BUILT_IN),
        policy=_quoted(policy),
        mark=f"\n# A demonstration: its packages say so and verify only with --demo.\nmark = {_quoted(mark)}\n"
        if mark
        else "",
        teams="\n".join(_entry("teams", name=team.name, data=team.data_sets) for team in teams),
        people="\n".join(
            _entry("people", name=one.name, roles=one.roles, **({"teams": one.teams} if one.teams else {}))
            for one in participants
        )
        or _EXAMPLE_PERSON,
    )


def _entry(table: str, **values: str | tuple[str, ...]) -> str:
    lines = [f"{key} = {_quoted(value)}\n" for key, value in values.items()]
    return f"[[{table}]]\n{''.join(lines)}"


def _quoted(value: str | tuple[str, ...]) -> str:
    # For printable text the strings of JSON are those of TOML.
    return json.dumps(value, ensure_ascii=False)
