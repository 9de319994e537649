"""The workspace of a team that was added to camp.toml: made where one user has the camp, and told how otherwise."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from disclosure.errors import BadInputError
from disclosure.exchange.camp import CampFile, ZoneMode
from tests.workspace.small_camp import TEAM, make_camp
from workspace.camp_folder import workspace_of


@pytest.fixture
def camp(tmp_path: Path) -> CampFile:
    """A camp whose team has no folders yet."""
    made = make_camp(tmp_path)
    for folder in (made.workspace(TEAM), made.inbox(TEAM), made.folder / "outbox" / TEAM):
        folder.rmdir()
    return made


def test_the_folders_of_a_new_team_are_made_for_its_own_user_only(camp: CampFile) -> None:
    workspace = workspace_of(camp, TEAM)
    assert workspace == camp.workspace(TEAM)
    for folder in (workspace, camp.inbox(TEAM), camp.folder / "outbox" / TEAM):
        assert folder.stat().st_mode & 0o777 == 0o700
    assert workspace_of(camp, TEAM) == workspace


def test_a_team_that_is_not_in_the_camp_gets_none(camp: CampFile) -> None:
    with pytest.raises(BadInputError):
        workspace_of(camp, "strangers")
    assert not (camp.folder / "workspaces" / "strangers").exists()


def test_where_each_zone_has_a_user_nothing_is_made_and_the_command_is_named(camp: CampFile) -> None:
    separate = dataclasses.replace(camp, mode=ZoneMode.USER_PER_ZONE, users="camp-")
    with pytest.raises(BadInputError, match=TEAM) as caught:
        workspace_of(separate, TEAM)
    assert "datakamp camp users --camp" in caught.value.hint
    assert not camp.workspace(TEAM).exists()


def test_a_link_in_its_place_is_left_and_the_remedy_named(camp: CampFile) -> None:
    camp.workspace(TEAM).symlink_to("nowhere")
    with pytest.raises(BadInputError, match=TEAM) as caught:
        workspace_of(camp, TEAM)
    assert "mkdir -m 700" in caught.value.hint
    assert camp.workspace(TEAM).readlink() == Path("nowhere")
