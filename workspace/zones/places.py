"""Whose each folder of a camp is, and who else may do what in it, where each zone has a user of its own.

This is the table of `docs/zones.md`. Whoever is not named at a place may nothing there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from disclosure.errors import RefusedError
from disclosure.exchange.camp import DATA_FILE, CampFile
from disclosure.exchange.zones import (
    ANSWERS,
    DESKS,
    ORDERS,
    QUEUES,
    SIGNED,
    Zone,
    desk,
    queue,
    staging_folder,
    work_folder,
    zone_user,
)
from workspace.camp_folder import team_log
from workspace.hub.giving import ROOT, Place, entry_of
from workspace.hub.rights import May
from workspace.hub.users import TeamUser, data_folders_of


@dataclass(frozen=True)
class Office:
    """What a site configuration names outside the camp.

    Attributes:
        site: the file itself, which everybody may read.
        ledger: a folder.
        keys: the private key and its passphrase of "root", "log" and "release", as far as they are there.
    """

    site: Path
    ledger: Path
    keys: Mapping[str, tuple[Path, Path]]


@dataclass(frozen=True)
class Users:
    """Who acts in a camp, by the names of operating-system users."""

    data: str
    broker: str
    review: str
    release: str
    teams: tuple[TeamUser, ...]
    reviewers: tuple[str, ...]

    @classmethod
    def of(cls, camp: CampFile, teams: tuple[TeamUser, ...]) -> Users:
        """Return the users of a camp; a reviewer's account is called as camp.toml calls the reviewer."""
        data, broker, review, release = (zone_user(camp, zone) for zone in Zone)
        return cls(data, broker, review, release, teams, reviewers_of(camp))


def reviewers_of(camp: CampFile) -> tuple[str, ...]:
    """Return the names of the reviewers."""
    return tuple(one.name for one in camp.participants if "reviewer" in one.roles)


def zone_places(camp: CampFile, users: Users, office: Office | None) -> tuple[Place, ...]:
    """Return the places of a camp and of its office: what is in a folder before the folder.

    Raises:
        BadInputError: a team is authorised for a data set that is not registered.
        RefusedError: the ledger is in the hands of somebody else.
    """
    return (
        *_microdata(camp, users),
        *_of_teams(camp, users),
        *_of_queues(camp, users),
        *_of_review(camp, users),
        *(_of_office(office, users) if office is not None else ()),
    )


def _microdata(camp: CampFile, users: Users) -> list[Place]:
    found = []
    for folder in data_folders_of(camp):
        teams = [one.name for one in users.teams if folder.name in camp.team(one.team).data_sets]
        if (folder / DATA_FILE).is_file():
            # The rows are closed by themselves: codebook and areas beside them are for the control zone too.
            found.append(Place(folder / DATA_FILE, may=_all(May.READ, users.data, *teams)))
        found.append(Place(folder, may=_all(May.READ, users.data, users.review, users.release, *teams)))
    every = (one.name for one in users.teams)
    return [
        *found,
        Place(camp.folder / "microdata", may=_all(May.PASS, users.data, users.review, users.release, *every)),
    ]


def _of_teams(camp: CampFile, users: Users) -> list[Place]:
    found = []
    for one in users.teams:
        found += [
            Place(camp.workspace(one.team), one.name, _all(May.READ, users.broker), inherited=True),
            Place(team_log(camp, one.team).parent, one.name),
            Place(
                camp.inbox(one.team), users.broker,
                (*_all(May.READ, one.name), *_all(May.CHANGE, users.review, users.release)), inherited=True,
            ),
            Place(camp.outbox(one.team), users.broker, _all(May.READ, users.review), inherited=True),
        ]  # fmt: skip
    every = tuple(one.name for one in users.teams)
    return [
        *found,
        Place(camp.folder / "workspaces", may=_all(May.PASS, users.broker, *every)),
        Place(camp.folder / "log", may=_all(May.PASS, *every)),
        Place(camp.folder / "inbox", may=_all(May.PASS, users.broker, users.review, users.release, *every)),
        Place(camp.folder / "outbox", may=_all(May.PASS, users.broker, users.review)),
    ]


def _of_queues(camp: CampFile, users: Users) -> list[Place]:
    found = []
    for zone, asker in ((Zone.REVIEW, users.review), (Zone.BROKER, users.broker)):
        folder = queue(camp, zone)
        found += [
            Place(folder / ORDERS, asker, _all(May.READ, users.data), inherited=True),
            Place(folder / ANSWERS, users.data, _all(May.READ, asker), inherited=True),
            Place(folder, may=_all(May.PASS, asker, users.data)),
        ]
    found.append(Place(work_folder(camp), users.data))
    return [*found, Place(camp.folder / QUEUES, may=_all(May.PASS, users.data, users.review, users.broker))]


def _of_review(camp: CampFile, users: Users) -> list[Place]:
    found = []
    for name in users.reviewers:
        found += [
            Place(desk(camp, name) / SIGNED, name, _all(May.READ, users.review), inherited=True),
            Place(desk(camp, name), users.review, _all(May.READ, name), inherited=True),
        ]
    found += [
        Place(camp.folder / DESKS, may=_all(May.PASS, users.review, *users.reviewers)),
        Place(camp.review / "store", users.review, _all(May.READ, users.release), inherited=True),
        # One database file and its journals, which either may make.
        Place(camp.review, users.review, _all(May.CHANGE, users.release, users.review), inherited=True),
        Place(camp.released, users.release, _all(May.READ, users.review), inherited=True),
        Place(staging_folder(camp), users.release),
    ]
    hub = camp.folder / "hub"
    return [*found, *([Place(hub)] if hub.is_dir() else [])]


def _of_office(office: Office, users: Users) -> list[Place]:
    every = [file for pair in office.keys.values() for file in pair]
    if len({file.resolve() for file in every}) != len(every):
        raise RefusedError(
            "Two keys of the site configuration share a file.", hint="Give each key a passphrase file of its own."
        )
    owner = entry_of(users.release)
    holder = office.ledger.lstat().st_uid if office.ledger.is_dir() else 0
    if holder and (owner is None or holder != owner.pw_uid):
        raise RefusedError(
            "The ledger is in the hands of another user than this camp's.",
            hint="Camps that are open at the same time and share a ledger share the users; else give it to root first.",
        )
    found = [Place(office.ledger, users.release, _all(May.READ, users.review), inherited=True)]
    for name, files in sorted(office.keys.items()):
        found += [Place(one, ROOT if name == "root" else users.release) for one in files if one.is_file()]
    return found


def _all(may: May, *names: str) -> tuple[tuple[str, May], ...]:
    return tuple((name, may) for name in dict.fromkeys(names))
