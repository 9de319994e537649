"""The mode in camp.toml, and who this process is in it."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from disclosure.errors import DocumentError, RefusedError
from disclosure.exchange.camp import CampFile, Participant, Team, ZoneMode, read_camp
from disclosure.exchange.zones import (
    WrongUserError,
    Zone,
    acts_in,
    require_organiser,
    require_person,
    require_team,
    require_zone,
    separated,
    zone_user,
)
from tests.workspace.small_camp import DATA_SET, data_set
from workspace.camp_folder import new_camp
from workspace.catalogue import register


def made(folder: Path, users: str = "camp-") -> CampFile:
    return new_camp(
        folder / "camp", teams=(Team("armoede", (DATA_SET,)),), participants=(Participant("vera", ("reviewer",), ()),),
        users=users,
    )  # fmt: skip


def test_a_new_camp_separates_zones_if_it_is_told_how_their_users_are_called(tmp_path: Path) -> None:
    camp = made(tmp_path)
    assert (camp.mode, camp.users) == (ZoneMode.USER_PER_ZONE, "camp-")
    assert separated(camp)
    assert zone_user(camp, Zone.DATA) == "camp-data"
    other = made(tmp_path / "other", users="")
    assert (other.mode, other.users, separated(other)) == (ZoneMode.ONE_USER, "", False)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ('users = "camp-"', "", "expected users"),
        ('users = "camp-"', 'users = "Camp-"', "expected users"),
        ('users = "camp-"', "users = 1", "expected users"),
        ('users = "camp-"', f'users = "c{"x" * 21}"', "expected users"),
        ('mode = "user-per-zone"', 'mode = "one-user"', "users belongs to the mode user-per-zone"),
        ('mode = "user-per-zone"', 'mode = "two-user"', "mode must be one of"),
    ],
)
def test_mode_and_users_go_together(tmp_path: Path, before: str, after: str, says: str) -> None:
    path = made(tmp_path).folder / "camp.toml"
    text = path.read_text()
    assert text.count(f"\n{before}\n") == 1
    path.write_text(text.replace(f"\n{before}\n", f"\n{after}\n"))
    with pytest.raises(DocumentError, match=says):
        read_camp(path.parent)


def test_the_longest_prefix_is_taken(tmp_path: Path) -> None:
    assert made(tmp_path, users="c" + "x" * 20).users == "c" + "x" * 20


def test_data_that_are_not_synthetic_are_for_separated_zones_only(tmp_path: Path) -> None:
    camp = made(tmp_path)
    register(camp, data_set(tmp_path / "source", synthetic=False))
    assert not camp.codebook(DATA_SET).synthetic
    with pytest.raises(RefusedError, match="in the one-user mode zones are not separated"):
        register(made(tmp_path / "other", users=""), data_set(tmp_path / "more", synthetic=False))


def test_in_the_one_user_mode_everybody_is_everyone(tmp_path: Path) -> None:
    camp = made(tmp_path, users="")
    require_organiser(camp)
    require_team(camp, "armoede")
    require_person(camp, "vera")
    for zone in Zone:
        require_zone(camp, zone)
        assert acts_in(camp, zone)


def test_another_user_is_told_the_right_one(tmp_path: Path) -> None:
    camp = made(tmp_path)
    for zone in Zone:
        assert not acts_in(camp, zone)
        with pytest.raises(WrongUserError, match=f"'camp-{zone.value}', who does not exist") as caught:
            require_zone(camp, zone)
        assert caught.value.exit_status == 2
        assert "camp users" in caught.value.hint
    with pytest.raises(WrongUserError, match="'camp-armoede'"):
        require_team(camp, "armoede")
    with pytest.raises(WrongUserError, match="'vera'"):
        require_person(camp, "vera")


def test_who_has_the_number_of_the_user_is_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    camp = made(tmp_path)

    def found(name: str) -> pwd.struct_passwd:
        number = {"camp-data": 4242, "camp-review": 4243, "root": 0}[name]
        return pwd.struct_passwd((name, "x", number, number, "", "/", "/bin/false"))

    monkeypatch.setattr(pwd, "getpwnam", found)
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    require_zone(camp, Zone.DATA)
    assert acts_in(camp, Zone.DATA)
    assert not acts_in(camp, Zone.REVIEW)
    with pytest.raises(WrongUserError, match="for the user 'camp-review'") as caught:
        require_zone(camp, Zone.REVIEW)
    assert "runuser -u camp-review" in caught.value.hint
    with pytest.raises(WrongUserError, match="'root'"):
        require_organiser(camp)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    require_organiser(camp)


def test_a_zone_whose_user_is_root_is_nobodys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    camp = made(tmp_path)
    monkeypatch.setattr(pwd, "getpwnam", lambda name: pwd.struct_passwd((name, "x", 0, 0, "", "/", "/bin/sh")))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(WrongUserError):
        require_zone(camp, Zone.REVIEW)
