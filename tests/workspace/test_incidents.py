"""An incident: a camp is stopped by one file, at once, and nothing runs or is handed in until it is lifted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from datakamp import datakamp
from disclosure.errors import BadInputError, DatakampError, StateError
from disclosure.exchange.camp import CampFile
from disclosure.exchange.incidents import (
    FOLDER,
    FrozenError,
    begin_closing,
    freeze,
    incidents_of,
    is_frozen,
    lift,
    require_running,
)
from disclosure.texts import language
from tests.workspace.lab.session import Lab
from tests.workspace.small_camp import TEAM, make_camp, notebook
from workspace.broker import hand_in_after
from workspace.hub.entrance import session_at
from workspace.hub.team import Found, looked
from workspace.isolation.seal import Seal
from workspace.lab.team import lab_for_team
from workspace.runs import run_for_team

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


@pytest.fixture
def camp(tmp_path: Path) -> CampFile:
    return make_camp(tmp_path)


def test_a_camp_is_stopped_lifted_and_stopped_again(camp: CampFile) -> None:
    require_running(camp.folder)
    assert freeze(camp.folder, "A telephone was found.", NOW).number == 1
    with pytest.raises(FrozenError):
        require_running(camp.folder)
    with pytest.raises(StateError, match="already"):
        freeze(camp.folder, "Another one.", NOW)
    [lifted] = lift(camp.folder, "It was off.", NOW)
    require_running(camp.folder)
    assert lifted.lifted == ("2026-11-24T10:00:00+00:00", "It was off.")
    with pytest.raises(StateError, match="not stopped"):
        lift(camp.folder, "Again.", NOW)
    assert freeze(camp.folder, "Another one.", NOW).number == 2
    assert [one.reason for one in incidents_of(camp.folder)] == ["A telephone was found.", "Another one."]


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"\xff", b'{"schema":2}', b'{"schema":1,"at":1,"reason":"","lifted":"","lifted_because":""}']
)
def test_a_file_that_cannot_be_read_stops_the_camp_and_only_a_person_who_looks_lifts_it(
    camp: CampFile, data: bytes
) -> None:
    (camp.folder / FOLDER).mkdir()
    (camp.folder / FOLDER / "1.json").write_bytes(data)
    assert is_frozen(camp.folder)
    with pytest.raises(StateError, match="cannot be read"):
        lift(camp.folder, "Why not.", NOW)
    assert (camp.folder / FOLDER / "1.json").read_bytes() == data


def test_a_link_and_a_file_in_place_of_the_folder_stop_the_camp(camp: CampFile) -> None:
    (camp.folder / FOLDER).mkdir()
    (camp.folder / FOLDER / "1.json").symlink_to(camp.folder / "camp.toml")
    assert is_frozen(camp.folder)
    (camp.folder / FOLDER / "1.json").unlink()
    (camp.folder / FOLDER).rmdir()
    assert not is_frozen(camp.folder)
    (camp.folder / FOLDER).write_text("")
    assert is_frozen(camp.folder)


@pytest.mark.parametrize("reason", ["", "  ", "two\nlines", "x" * 501])
def test_a_reason_is_one_line(camp: CampFile, reason: str) -> None:
    with pytest.raises(BadInputError, match="reason"):
        freeze(camp.folder, reason, NOW)
    assert not is_frozen(camp.folder)
    freeze(camp.folder, "x" * 500, NOW)


def test_nothing_is_run_opened_or_handed_in_while_a_camp_is_stopped(camp: CampFile, any_seal: Seal) -> None:
    (camp.workspace(TEAM) / "a.ipynb").write_bytes(notebook("1"))
    freeze(camp.folder, "A telephone was found.", NOW)

    def tried(*_: object) -> None:
        pytest.fail("a request was tried")

    steps: list[Callable[[], object]] = [
        lambda: run_for_team(camp, TEAM, Path("a.ipynb"), {}, seal=any_seal),
        lambda: lab_for_team(camp, TEAM),
        lambda: hand_in_after(camp, TEAM, tried),
        lambda: session_at(camp, NOW),
    ]
    for step in steps:
        with pytest.raises(FrozenError):
            step()
    assert looked(camp.folder, NOW) == Found(ends=True)


def test_a_lab_ends_within_seconds_with_its_kernels(
    camp: CampFile, eventually: Callable[[Callable[[], bool]], bool]
) -> None:
    with Lab(camp, TEAM) as lab:
        lab.start()
        freeze(camp.folder, "A telephone was found.", NOW)
        assert eventually(lambda: lab.process.poll() is not None)
    assert "The camp was stopped, and the Lab with it." in (camp.folder / "log" / TEAM / "lab.log").read_text()


def test_the_command_stops_and_lifts(camp: CampFile) -> None:
    def called(*arguments: str) -> str:
        try:
            done = CliRunner().invoke(
                datakamp, ["camp", "incident", "--camp", str(camp.folder), *arguments], catch_exceptions=False
            )
        except DatakampError as error:
            return str(error)
        return done.output

    assert "is stopped" in called("--reason", "A telephone was found.")
    assert is_frozen(camp.folder)
    assert "already" in called("--reason", "A telephone was found.")
    assert "goes on" in called("--lift", "--reason", "It was off.")
    assert not is_frozen(camp.folder)
    assert "--reason" in called()


def test_who_is_stopped_reads_it_in_dutch() -> None:
    with language("nl"):
        assert "stilgelegd" in FrozenError().localized()


def test_a_camp_that_is_closed_does_not_go_on(camp: CampFile) -> None:
    freeze(camp.folder, "A telephone was found.", NOW)
    begin_closing(camp.folder)
    with pytest.raises(StateError, match="does not go on"):
        lift(camp.folder, "It was off.", NOW)
    assert incidents_of(camp.folder)[0].lifted is None
