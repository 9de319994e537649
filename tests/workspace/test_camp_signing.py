"""`datakamp camp signed`: who signed and who passed the test, written into camp.toml and nothing else of it changed."""

from __future__ import annotations

import errno
import fcntl
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from datakamp import run
from disclosure.errors import BadInputError, DocumentError, StateError
from disclosure.exchange.camp import read_camp
from disclosure.exchange.camp_event import CampEvent
from tests.workspace.event_camp import EVENT, event_camp
from workspace.camp_signing import record_signed, require_signed
from workspace.organiser_alone import alone

SIGNED = 'signed = {statement = "2026-1", on = 2026-11-02}\n'
TESTED = "awareness = 2026-11-03\n"


@pytest.mark.parametrize("text", [
    EVENT.replace(SIGNED, "").replace(TESTED, ""),
    EVENT.replace(SIGNED, 'signed = {statement = "2025-1", on = 2025-01-01}  # an older one\n'),
    EVENT.replace(SIGNED, "").replace(TESTED, "").replace("[[sessions]]", "# when people work\n\n[[sessions]]", 1),
])  # fmt: skip
def test_it_writes_what_was_asked_for_and_leaves_the_rest(tmp_path: Path, text: str) -> None:
    folder = event_camp(tmp_path / "camp", text)
    before = read_camp(folder)
    call = ["camp", "signed", "--camp", str(folder)]
    assert run([*call, "anna", "bram", "--on", "2026-11-02", "--awareness", "2026-11-03"]) == 0
    assert run([*call, "vera", "wim", "olga", "--on", "2026-11-02"]) == 0
    after = read_camp(folder)
    asked = read_camp(event_camp(tmp_path / "whole"))
    assert after.participants == asked.participants
    assert (after.event, after.sessions, after.teams) == (before.event, before.sessions, before.teams)
    comments = [line for line in text.splitlines() if line.startswith("#")]
    assert [line for line in (folder / "camp.toml").read_text().splitlines() if line.startswith("#")] == comments


@pytest.mark.parametrize(("arguments", "says"), [
    (["anna"], "nothing to write"), (["zoe", "--on", "2026-11-02"], "no participant"),
    (["anna", "--on", "2-11-2026"], "does not match"),
])  # fmt: skip
def test_what_cannot_be_written_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    folder = event_camp(tmp_path / "camp")
    assert run(["camp", "signed", *arguments, "--camp", str(folder)]) == 2
    assert says in capsys.readouterr().err
    assert (folder / "camp.toml").read_text() == EVENT


def test_a_camp_without_a_version_or_written_otherwise_is_left_to_a_hand(tmp_path: Path) -> None:
    without = event_camp(tmp_path / "without", EVENT.replace('statement_version = "2026-1"\n', ""))
    with pytest.raises(DocumentError, match="no version"):
        record_signed(without, ["anna"], on=date(2026, 11, 2), awareness=None)
    people = EVENT[EVENT.index("[[people]]") : EVENT.index("[[sessions]]")]
    inline = 'people = [{name = "anna", roles = ["researcher"], teams = ["armoede"]}]\n'
    text = EVENT.replace(people, "").replace("[quorum]", f"{inline}[quorum]")
    other = event_camp(tmp_path / "inline", text)
    with pytest.raises(BadInputError, match="in a way that this cannot change"):
        record_signed(other, ["anna"], on=date(2026, 11, 2), awareness=None)
    assert (other / "camp.toml").read_text() == text


def test_whoever_signs_at_the_same_time_is_written_as_well(tmp_path: Path) -> None:
    folder = event_camp(tmp_path / "camp", EVENT.replace(SIGNED, ""))
    names = ("anna", "bram", "vera", "wim", "olga")
    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(lambda name: record_signed(folder, [name], on=date(2026, 11, 2), awareness=None), names))
    assert all(one.signed is not None for one in read_camp(folder).participants)


def test_a_camp_is_one_commands_at_a_time_and_a_command_that_ended_lets_it_go(tmp_path: Path) -> None:
    with alone(tmp_path), pytest.raises(StateError, match="Another command"), alone(tmp_path, patience=0.1):
        pytest.fail("It was let in.")
    with alone(tmp_path):
        pass
    with pytest.raises(DocumentError, match="no camp"), alone(tmp_path / "absent"):
        pytest.fail("It was let in.")


def test_a_folder_that_cannot_be_read_or_held_is_told_as_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(_: object, *rest: object) -> int:
        raise PermissionError(errno.EACCES, "secret")

    def no_locks(*_: object) -> None:
        raise OSError(errno.ENOLCK, "secret")

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", failing)
        with pytest.raises(DocumentError, match="cannot be read"), alone(tmp_path):
            pytest.fail("It was let in.")
    with monkeypatch.context() as patched:
        patched.setattr(fcntl, "flock", no_locks)
        with pytest.raises(StateError, match="cannot be held"), alone(tmp_path, patience=10.0):
            pytest.fail("It was let in.")
    (tmp_path / "file").touch()
    with pytest.raises(DocumentError, match="no camp"), alone(tmp_path / "file"):
        pytest.fail("It was let in.")
    with alone(tmp_path):
        pass


def test_who_comes_in_has_signed_and_who_goes_is_asked_nothing(tmp_path: Path) -> None:
    day = date(2026, 11, 20)
    camp = read_camp(event_camp(tmp_path / "whole"))
    require_signed(camp, {one.name for one in camp.participants}, today=day)
    unsigned = read_camp(event_camp(tmp_path / "unsigned", EVENT.replace(SIGNED, "", 1)))
    (name,) = {one.name for one in unsigned.participants if one.signed is None}
    with pytest.raises(StateError, match="has not signed"):
        require_signed(unsigned, {name}, today=day)
    require_signed(unsigned, {one.name for one in camp.participants} - {name}, today=day)
    require_signed(unsigned, {"somebody else"}, today=day)
    untested = read_camp(event_camp(tmp_path / "untested", EVENT.replace(TESTED, "", 1)))
    (name,) = {one.name for one in untested.participants if "researcher" in one.roles and one.awareness is None}
    with pytest.raises(StateError, match="awareness"):
        require_signed(untested, {name}, today=day)
    require_signed(replace(unsigned, event=CampEvent()), {name}, today=day)
