"""Zones as operating-system users: who does what in a camp, and who this process is.

In the one-user mode everybody is everyone, and nothing here refuses. Otherwise each zone has a user, whose name is the
camp's prefix and the zone; a team has one of the same kind; reviewers act by their own accounts, which are called as
camp.toml calls them. What each may reach is for the file system; this module answers early, and in words.
"""

from __future__ import annotations

import os
import pwd
from enum import StrEnum
from pathlib import Path

from disclosure.errors import BadInputError
from disclosure.exchange.camp import CampFile, ZoneMode

ROOT = "root"
DESKS, SIGNED, STAGING = "desks", "signed", "staging"
QUEUES, ORDERS, ANSWERS, WORK = "queues", "orders", "answers", "work"


class Zone(StrEnum):
    """The zones that have a user; what stands in the user's name."""

    DATA = "data"
    """Reads microdata: runs code in sealed kernels, and tabulates."""
    BROKER = "broker"
    """Carries requests from workspaces to the outbox."""
    REVIEW = "review"
    """Database, content store and log."""
    RELEASE = "release"
    """Release key, ledger and packages."""


class WrongUserError(BadInputError):
    """The command belongs to another operating-system user."""


def separated(camp: CampFile) -> bool:
    """Tell whether each zone of a camp has a user of its own."""
    return camp.mode is ZoneMode.USER_PER_ZONE


def zone_user(camp: CampFile, zone: Zone) -> str:
    """Return the name of the user of a zone; the camp's zones are separated."""
    return f"{camp.users}{zone.value}"


def team_user(camp: CampFile, team: str) -> str:
    """Return the name of the user of a team; the camp's zones are separated."""
    return f"{camp.users}{camp.team(team).name}"


def acts_in(camp: CampFile, zone: Zone) -> bool:
    """Tell whether this process acts in a zone: in the one-user mode it acts in each."""
    return not separated(camp) or _is(zone_user(camp, zone))


def require_zone(camp: CampFile, zone: Zone) -> None:
    """Raise `WrongUserError` unless this process acts in a zone."""
    if separated(camp):
        _require(camp, zone_user(camp, zone))


def require_team(camp: CampFile, team: str) -> None:
    """Raise `WrongUserError` unless this process acts for a team."""
    if separated(camp):
        _require(camp, team_user(camp, team))


def require_person(camp: CampFile, name: str) -> None:
    """Raise `WrongUserError` unless this process runs under the account of a participant."""
    if separated(camp):
        _require(camp, camp.participant(name).name)


def require_organiser(camp: CampFile) -> None:
    """Raise `WrongUserError` unless this process is root's, in a camp whose zones are separated."""
    if separated(camp):
        _require(camp, ROOT)


def desk(camp: CampFile, reviewer: str) -> Path:
    """Return the folder in which a reviewer finds what there is to sign."""
    return camp.folder / DESKS / camp.participant(reviewer).name


def queue(camp: CampFile, asker: Zone) -> Path:
    """Return the folder through which a zone asks the user of microdata for something."""
    return camp.folder / QUEUES / asker.value


def work_folder(camp: CampFile) -> Path:
    """Return the folder in which the user of microdata keeps what belongs to orders, narrow frames among it."""
    return camp.folder / QUEUES / WORK


def staging_folder(camp: CampFile) -> Path:
    """Return where packages lie until they are known to have left: where nobody but the release can change anything."""
    return (camp.folder if separated(camp) else camp.review) / STAGING


def _is(name: str) -> bool:
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        return False
    return found.pw_uid == os.geteuid() and (name == ROOT or found.pw_uid != 0)


def _require(camp: CampFile, name: str) -> None:
    if _is(name):
        return
    try:
        pwd.getpwnam(name)
    except KeyError:
        raise WrongUserError(
            f"This is for the user '{name}', who does not exist.",
            hint=f"As root: datakamp camp users --camp {camp.folder}",
        ) from None
    raise WrongUserError(f"This is for the user '{name}'.", hint=f"For example: runuser -u {name} -- datakamp ...")
