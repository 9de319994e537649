"""Making the users of a camp whose zones are separated, giving them what is theirs, and looking whether it is so."""

from __future__ import annotations

import pwd
import stat
from pathlib import Path

from disclosure.errors import BadInputError, RefusedError
from disclosure.exchange.camp import FILE, CampFile
from disclosure.exchange.zones import Zone, separated, zone_user
from workspace.hub.giving import Place, Step, entry_of, given, made_folders, opened
from workspace.hub.reach import check_machine, tried_as
from workspace.hub.rights import May
from workspace.hub.trying import Expected
from workspace.hub.users import TeamUser, checked_users, made_users, reached, team_users
from workspace.zones.places import Office, Users, reviewers_of, zone_places

_LETTERS = {May.READ: "rx", May.CHANGE: "rwx"}


def zone_steps(camp: CampFile, office: Office | None, *, contents: bool = True) -> tuple[Step, ...]:
    """Return what is to change so that each zone has its user and its folders; nothing if all is as it must be.

    Args:
        office: what the site configuration names; None to leave that as it is.
        contents: look also whose everything in the folders is.

    Raises:
        BadInputError: zones are not separated, this process is not root's, a name is taken twice, or a reviewer has no
            account.
        RefusedError: the camp is not root's, a user was not made for this camp, or a place is a link.
    """
    teams = _checked(camp)
    zones = checked_users(camp, camp.users, tuple(zone.value for zone in Zone))
    _require_roots(camp.folder, camp.folder / FILE)
    wanted = zone_places(camp, Users.of(camp, teams), office)
    passed = () if office is None else _passed(office)
    return (
        *made_users(camp, (*zones, *teams)),
        *made_folders(wanted),
        *given(wanted, contents),
        *reached(camp),
        *passed,
    )


def check_zones(camp: CampFile, office: Office | None) -> None:
    """Raise a `DatakampError` unless each user reaches what it must and nothing else: tried as each of them.

    What differs is named: the first step that would mend it, or the first place that is open or closed and must not be.
    """
    found = zone_steps(camp, office, contents=False)
    if found:
        raise RefusedError(
            f"The users of the zones, or what they may reach, are not as they must be: {len(found)} steps differ, the "
            f"first is '{' '.join(found[0].commands[0][:2])} … {Path(found[0].commands[0][-1]).name}'.",
            hint=f"Run as root: datakamp camp users --camp {camp.folder}",
        )
    check_machine(camp)
    users = Users.of(camp, team_users(camp, camp.users))
    places = zone_places(camp, users, office)
    for name in (
        users.data, users.broker, users.review, users.release, *(one.name for one in users.teams), *users.reviewers,
    ):  # fmt: skip
        entry = pwd.getpwnam(name)
        wrong = tried_as(entry.pw_uid, entry.pw_gid, expected_of(camp, places, name, office))
        if wrong:
            place = Path(wrong[0])
            told = place.relative_to(camp.folder) if place.is_relative_to(camp.folder) else place.name
            raise RefusedError(
                f"'{told}' is not open, or not closed, to the user '{name}' as it must be.",
                hint="Codebooks are readable by all (0644) in folders that are not. Look at 'getfacl'.",
            )


def expected_of(camp: CampFile, places: tuple[Place, ...], name: str, office: Office | None) -> Expected:
    """Return what is expected of a user by the table of places."""
    readable = [str(camp.folder / FILE), *([str(office.site)] if office is not None else [])]
    open_, shut = [(path, "r") for path in readable], []
    for place in places:
        may = dict(place.may).get(name)
        letters = "rwx" if place.owner == name else _LETTERS.get(may, "") if may is not None else None
        if letters is None:
            shut.append(str(place.path))
        elif letters:
            kept = letters.replace("x", "") if place.path.is_file() else letters
            open_.append((str(place.path), kept))
            if may is May.READ and place.path.parent == camp.folder / "microdata":
                beside = sorted(one for one in place.path.iterdir() if one.suffix != ".parquet")
                open_ += [(str(one), "r") for one in beside]
    return Expected(tuple(open_), tuple(shut))


def _checked(camp: CampFile) -> tuple[TeamUser, ...]:
    """Return the users of the teams, once every name in the camp is one user's."""
    if not separated(camp):
        raise BadInputError(
            "The zones of this camp are not separated.",
            hint=f'In {FILE}: mode = "user-per-zone" and, for example, users = "camp-".',
        )
    zones = {zone_user(camp, zone) for zone in Zone}
    taken = sorted({zone.value for zone in Zone} & {team.name for team in camp.teams})
    if taken:
        raise BadInputError(f"A team cannot be called '{taken[0]}' here: the zone's user is.", hint="Rename the team.")
    teams = team_users(camp, camp.users)
    others = zones | {one.name for one in teams}
    for name in reviewers_of(camp):
        entry = entry_of(name)
        if entry is None:
            raise BadInputError(
                f"There is no user '{name}' on this machine.",
                hint="A reviewer's account is called as camp.toml calls the reviewer; make it first.",
            )
        if name in others or entry.pw_uid == 0:
            raise BadInputError(f"The reviewer '{name}' needs an account of their own.")
    numbers = [entry.pw_uid for name in (*others, *reviewers_of(camp)) if (entry := entry_of(name)) is not None]
    if len(set(numbers)) != len(numbers):
        raise RefusedError("Two users of this camp have the same number.", hint="Look at: getent passwd")
    return teams


def _passed(office: Office) -> tuple[Step, ...]:
    """Return the steps that let the users pass to the office's files; what lies there is closed by itself."""
    folders = {office.site.parent, office.ledger.parent}
    folders |= {file.parent for files in office.keys.values() for file in files}
    inside = sorted(one for one in folders if one.is_dir() and one.is_relative_to(office.site.parent))
    _require_roots(office.site, *inside)
    return (*(step for one in inside for step in opened(one, "x")), *opened(office.site, "r"))


def _require_roots(*places: Path) -> None:
    """Refuse places that somebody else than root can change: everything here follows from what stands in them."""
    for place in places:
        status = place.lstat()
        if status.st_uid != 0 or status.st_mode & 0o022 or stat.S_ISLNK(status.st_mode):
            raise RefusedError(
                f"'{place.name}' can be changed by others than root.",
                hint=f"Give it to root alone: chown root: {place} && chmod go-w {place}",
            )


def take(camp: CampFile, office: Office | None) -> tuple[Step, ...]:
    """Do what is to change, and return it; see `zone_steps`. At the end all is tried as each user.

    Raises:
        BadInputError: other users cannot start this Python or reach the camp; nothing was changed.
        RefusedError: a user does not reach what it must, or reaches more.
    """
    found = zone_steps(camp, office)
    check_machine(camp)
    for step in found:
        step.take()
    check_zones(camp, office)
    return found
