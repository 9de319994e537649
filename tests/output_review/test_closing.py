"""`datakamp camp close`: not during an open review, not before all is archived, and on again after a crash."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
import pytest
from click.testing import CliRunner

from datakamp import datakamp
from disclosure.errors import BadInputError, DataError, DatakampError, IntegrityError, StateError
from disclosure.exchange.canonical import canonical_json, digest
from disclosure.exchange.files import file_digest
from disclosure.exchange.incidents import is_frozen
from disclosure.exchange.registered import FILES, RECORD, record_bytes
from output_review.database import open_database
from output_review.domain.votes import Reason, Vote
from output_review.services.closing import EndOfReview, check_closed, never_opened
from output_review.services.copies import read_copy
from output_review.services.releasing import release
from output_review.services.reviewing import reject, vote
from output_review.services.zone import ControlZone
from tests.output_review.test_release_path import REJECT, approved, taken_in
from tests.output_review.zone_camp import ZoneCamp
from workspace.closing import archive as archiving
from workspace.closing import close as closing
from workspace.closing.archive import archive_code, checked_archive
from workspace.closing.close import CERTIFICATE, WIPED, close_camp

NOW = datetime(2026, 11, 26, 18, tzinfo=UTC)
TEAM = "team-1"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    folder.mkdir()
    return folder


def notebook_with(output: str) -> bytes:
    cell = nbformat.v4.new_code_cell("1 + 1", outputs=[nbformat.v4.new_output("stream", text=output)])  # type: ignore[no-untyped-call]
    return str(nbformat.writes(nbformat.v4.new_notebook(cells=[cell]))).encode()  # type: ignore[no-untyped-call]


def worked_on(made: ZoneCamp) -> Path:
    """The workspace of a team that has worked."""
    workspace = made.folder / "workspaces" / TEAM
    (workspace / "deep").mkdir(parents=True, exist_ok=True)
    (workspace / "a.ipynb").write_bytes(notebook_with("person 000000001 earns 12345"))
    (workspace / "deep" / "b.py").write_text("print(1)")
    (workspace / "cut.ipynb").write_text('{"cells": [')
    (workspace / "persons.csv").write_text("000000001;12345")
    return workspace


def closed(made: ZoneCamp, zone: ControlZone, archive: Path, *, leave_out: bool = False) -> dict[str, Any]:
    told: list[str] = []
    review = EndOfReview(zone)
    path = close_camp(made.camp, archive, review, now=lambda: NOW, told=told.append, leave_out=leave_out)
    document: dict[str, Any] = json.loads(path.read_bytes())
    return document


def everything(folder: Path) -> dict[str, bytes]:
    return {
        str(one.relative_to(folder)): one.read_bytes()
        for one in folder.rglob("*")
        if one.is_file() and "/review/" not in str(one)
    }


def left(made: ZoneCamp) -> list[Path]:
    return [one for name in WIPED for one in (made.folder / name).rglob("*")]


def finished(made: ZoneCamp) -> ControlZone:
    zone, number = approved(made)
    release(zone, zone.request(number))
    return zone


def test_code_and_review_are_archived_and_what_was_worked_on_is_gone(zone_camp: ZoneCamp, archive: Path) -> None:
    zone = finished(zone_camp)
    worked_on(zone_camp)
    told = closed(zone_camp, zone, archive)
    assert not left(zone_camp)
    place = archive / told["archive"]
    files = checked_archive(place / "code")
    assert {f"code/{TEAM}/{name}" for name in ("a.ipynb", "deep/b.py", "cut.ipynb")} <= set(files)
    assert "camp/camp.toml" in files
    kept = b"".join((place / "code" / name).read_bytes() for name in files)
    assert b"000000001" not in kept
    copied = read_copy(place / told["review"]["review"])
    assert (copied.sequence, copied.hash) == (told["review"]["log"]["entries"], told["review"]["log"]["hash"])
    assert told["review"]["ledgers"] == {"PERSONS": 1}
    assert len(told["review"]["packages"]) == 1
    assert told["wiped workspaces"]["files"] >= 4
    assert set(told["data"]) == {"PERSONS"}
    assert (place / CERTIFICATE).read_bytes() == (zone_camp.folder / CERTIFICATE).read_bytes()
    assert [one.suffix for one in (zone_camp.folder / "released").iterdir()] == [".zip"]
    assert is_frozen(zone_camp.folder)


def test_a_second_close_changes_nothing(zone_camp: ZoneCamp, archive: Path) -> None:
    zone = finished(zone_camp)
    first = closed(zone_camp, zone, archive)
    before = everything(zone_camp.folder)
    assert closed(zone_camp, zone, archive) == first
    assert everything(zone_camp.folder) == before


@pytest.mark.parametrize("state", ["submitted", "in_review", "approved", "not taken in"])
def test_a_close_during_an_open_review_is_refused_and_changes_nothing(
    zone_camp: ZoneCamp, archive: Path, state: str
) -> None:
    if state == "approved":
        zone, number = approved(zone_camp)
    else:
        zone_camp.hand_in({"by-wijk": zone_camp.recipe()})
        zone, number = (zone_camp.zone(), 1) if state == "not taken in" else taken_in(zone_camp)
    worked_on(zone_camp)
    before = everything(zone_camp.folder)
    with pytest.raises(StateError, match="not taken in" if state == "not taken in" else f"{number} "):
        closed(zone_camp, zone, archive)
    assert everything(zone_camp.folder) == before
    assert not list(archive.iterdir())
    assert not is_frozen(zone_camp.folder)


def test_a_request_that_is_decided_does_not_keep_a_camp_open(zone_camp: ZoneCamp) -> None:
    zone_camp.hand_in({"by-wijk": zone_camp.recipe()})
    zone, number = taken_in(zone_camp)
    with pytest.raises(StateError):
        check_closed(zone)
    for reviewer in ("vera", "wim"):
        vote(zone, zone.request(number), ("by-wijk",), Vote(reviewer, REJECT, Reason.OTHER, "Not for release."))
    reject(zone, zone.request(number), "vera", "Not for release.")
    check_closed(zone)


def test_a_broken_ledger_keeps_a_camp_open(zone_camp: ZoneCamp, archive: Path) -> None:
    zone = finished(zone_camp)
    for file in zone.site.ledger.rglob("*"):
        if file.is_file():
            file.chmod(0o600)
            file.write_bytes(b"")
    with pytest.raises(DatakampError):
        closed(zone_camp, zone, archive)
    assert not is_frozen(zone_camp.folder)


class KilledError(BaseException):
    """A process that is killed."""


STEPS = ("_data", "archive_code", "_check_code", "_wiped")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("after", [False, True])
def test_a_close_that_was_killed_goes_on_and_wipes_nothing_that_was_not_archived(
    zone_camp: ZoneCamp, archive: Path, monkeypatch: pytest.MonkeyPatch, step: str, *, after: bool
) -> None:
    zone = finished(zone_camp)
    workspace = worked_on(zone_camp)
    real: Callable[..., Any] = getattr(closing, step)

    def killed(*arguments: Any) -> Any:
        if after:
            real(*arguments)
        raise KilledError

    with monkeypatch.context() as patched:
        patched.setattr(closing, step, killed)
        with pytest.raises(KilledError):
            closed(zone_camp, zone, archive)
    assert is_frozen(zone_camp.folder)
    assert not (zone_camp.folder / CERTIFICATE).exists()
    if not (workspace / "a.ipynb").exists():
        assert f"code/{TEAM}/a.ipynb" in checked_archive(next(archive.iterdir()) / "code")
    told = closed(zone_camp, zone, archive)
    assert not left(zone_camp)
    assert told["code"]["files"] >= 3


def test_code_that_changed_after_it_was_archived_is_not_wiped(
    zone_camp: ZoneCamp, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zone = finished(zone_camp)
    workspace = worked_on(zone_camp)
    real = archive_code

    def and_then_somebody_works(*arguments: Any) -> Any:
        done = real(*arguments)
        (workspace / "new.py").write_text("print(2)")
        return done

    monkeypatch.setattr(closing, "archive_code", and_then_somebody_works)
    with pytest.raises(DataError, match="has changed since the teams' code was archived"):
        closed(zone_camp, zone, archive)
    assert (workspace / "new.py").is_file()
    assert (workspace / "a.ipynb").is_file()


def test_an_archive_that_was_changed_stops_the_close(
    zone_camp: ZoneCamp, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zone = finished(zone_camp)
    workspace = worked_on(zone_camp)
    real = archive_code

    def and_then_it_rots(*arguments: Any) -> Any:
        done = real(*arguments)
        (next(archive.iterdir()) / "code" / "code" / TEAM / "deep" / "b.py").write_text("rot")
        return done

    monkeypatch.setattr(closing, "archive_code", and_then_it_rots)
    with pytest.raises(DataError, match="cannot be read as it was written"):
        closed(zone_camp, zone, archive)
    assert (workspace / "a.ipynb").is_file()


def test_data_that_are_not_as_registered_are_not_wiped(zone_camp: ZoneCamp, archive: Path) -> None:
    zone = finished(zone_camp)
    folder = zone_camp.folder / "microdata" / "PERSONS"
    (folder / RECORD).write_bytes(record_bytes("PERSONS", {name: file_digest(folder / name) for name in FILES}))
    file = folder / "data.parquet"
    file.chmod(0o600)
    file.write_bytes(file.read_bytes() + b"x")
    with pytest.raises(IntegrityError):
        closed(zone_camp, zone, archive)
    assert file.is_file()


def test_steps_that_cannot_be_read_stop_the_close(zone_camp: ZoneCamp, archive: Path) -> None:
    zone = finished(zone_camp)
    (zone_camp.folder / "closing.json").write_text("{")
    workspace = worked_on(zone_camp)
    with pytest.raises(IntegrityError, match="cannot be read"):
        closed(zone_camp, zone, archive)
    assert (workspace / "a.ipynb").is_file()


def test_a_link_is_neither_followed_nor_archived(zone_camp: ZoneCamp, archive: Path, tmp_path: Path) -> None:
    zone = finished(zone_camp)
    workspace = worked_on(zone_camp)
    (tmp_path / "mine.py").write_text("secret")
    (workspace / "link.py").symlink_to(tmp_path / "mine.py")
    told = closed(zone_camp, zone, archive)
    assert told["code"]["left"] == [f"{TEAM}/link.py"]
    assert (tmp_path / "mine.py").read_text() == "secret"
    assert not left(zone_camp)


@pytest.mark.parametrize("where", ["inside", "absent"])
def test_an_archive_that_is_no_folder_outside_the_camp_is_refused(
    zone_camp: ZoneCamp, tmp_path: Path, where: str
) -> None:
    zone = finished(zone_camp)
    folder = zone_camp.folder / "log" if where == "inside" else tmp_path / "absent"
    if where == "inside":
        folder.mkdir(exist_ok=True)
    with pytest.raises(BadInputError, match="outside the camp"):
        closed(zone_camp, zone, folder)
    assert not is_frozen(zone_camp.folder)


def test_the_command_asks_first_and_then_closes(zone_camp: ZoneCamp, archive: Path) -> None:
    finished(zone_camp)
    arguments = ["camp", "close", "--camp", str(zone_camp.folder), "--archive", str(archive)]
    asked = CliRunner().invoke(datakamp, arguments, input="n\n")
    assert "Close it?" in asked.output
    assert not is_frozen(zone_camp.folder)
    done = CliRunner().invoke(datakamp, [*arguments, "--yes"], catch_exceptions=False)
    assert "is closed" in done.output
    assert not left(zone_camp)


def test_a_camp_that_was_never_opened_is_closed_without_a_review(zone_camp: ZoneCamp, archive: Path) -> None:
    shutil.rmtree(zone_camp.folder / "review")
    path = close_camp(zone_camp.camp, archive, None, now=lambda: NOW, told=lambda _: None)
    assert "review" not in json.loads(path.read_bytes())


@pytest.mark.parametrize("where", [f"outbox/{TEAM}/1", f"inbox/{TEAM}", "released"])
def test_a_camp_without_a_review_in_which_something_was_handed_in_is_not_closed(
    zone_camp: ZoneCamp, archive: Path, where: str
) -> None:
    shutil.rmtree(zone_camp.folder / "review")
    file = zone_camp.folder / where / "submission.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("{}")
    worked_on(zone_camp)
    before = everything(zone_camp.folder)
    arguments = ["camp", "close", "--camp", str(zone_camp.folder), "--archive", str(archive), "--yes"]
    with pytest.raises(StateError, match=f"no review, yet there is something in {where.split('/', maxsplit=1)[0]}/"):
        CliRunner().invoke(datakamp, arguments, catch_exceptions=False, standalone_mode=False)
    assert everything(zone_camp.folder) == before
    file.unlink()
    CliRunner().invoke(datakamp, arguments, catch_exceptions=False, standalone_mode=False)
    assert not left(zone_camp)


@pytest.mark.parametrize("name", ["team-9/3", f"{TEAM}/05", f"{TEAM}/²", f"{TEAM}/{'9' * 30}"])
def test_whatever_was_not_taken_in_keeps_a_camp_open(zone_camp: ZoneCamp, archive: Path, name: str) -> None:
    zone = finished(zone_camp)
    (zone_camp.folder / "outbox" / name).mkdir(parents=True)
    with pytest.raises(StateError, match=name.replace("/", " ")):
        closed(zone_camp, zone, archive)
    assert not is_frozen(zone_camp.folder)


def test_the_code_of_a_team_that_left_the_camp_is_archived(zone_camp: ZoneCamp, archive: Path) -> None:
    zone = finished(zone_camp)
    (zone_camp.folder / "workspaces" / "team-9").mkdir(parents=True)
    (zone_camp.folder / "workspaces" / "team-9" / "a.R").write_text("1")
    told = closed(zone_camp, zone, archive)
    assert "code/team-9/a.R" in checked_archive(archive / told["archive"] / "code")


def deep(workspace: Path) -> str:
    path = "/".join(["d"] * 40)  # the workspace's own folder is one more
    (workspace / path).mkdir(parents=True)
    (workspace / path / "a.py").write_text("1")
    return f"{path}/"


def many(workspace: Path) -> str:
    (workspace / "many").mkdir()
    for number in range(9):
        (workspace / "many" / f"{number}.txt").touch()
    return "many/"


def large(workspace: Path) -> str:
    (workspace / "large.py").write_bytes(b"#" * 20_001)
    return "large.py"


def second_name(workspace: Path) -> str:
    (workspace / "twice.txt").write_text("1")
    (workspace / "twice.py").hardlink_to(workspace / "twice.txt")
    return "twice.py"


def pipe(workspace: Path) -> str:
    os.mkfifo(workspace / "pipe.py")
    return "pipe.py"


def long_once_written_out(workspace: Path) -> str:
    (workspace / ("\n" * 90 + ".py")).write_text("1")
    return "%0A" * 90 + ".py"


@pytest.mark.parametrize("make", [deep, many, large, second_name, pipe, long_once_written_out])
def test_code_that_cannot_be_archived_is_wiped_only_if_it_is_left_out(
    zone_camp: ZoneCamp, archive: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], str]
) -> None:
    monkeypatch.setattr(archiving, "_MOST", 8)
    monkeypatch.setattr(archiving, "_LARGEST", 20_000)
    zone = finished(zone_camp)
    workspace = worked_on(zone_camp)
    path = make(workspace)
    before = everything(zone_camp.folder)
    with pytest.raises(StateError, match=f"1 files or folders .* cannot be archived: {TEAM}/{path}"):
        closed(zone_camp, zone, archive)
    assert everything(zone_camp.folder) == before
    assert not list(archive.iterdir())
    assert not is_frozen(zone_camp.folder)
    told = closed(zone_camp, zone, archive, leave_out=True)
    assert told["code"]["left"] == [f"{TEAM}/{path}"]
    assert not left(zone_camp)


def not_so_deep(workspace: Path) -> str:
    path = "/".join(["d"] * 39)
    (workspace / path).mkdir(parents=True)
    (workspace / path / "a.py").write_text("1")
    return f"{path}/a.py"


def not_so_many(workspace: Path) -> str:
    (workspace / "many").mkdir()
    for number in range(8):
        (workspace / "many" / f"{number}.py").touch()
    return "many/7.py"


def not_so_large(workspace: Path) -> str:
    (workspace / "large.py").write_bytes(b"#" * 20_000)
    return "large.py"


def not_utf8(workspace: Path) -> str:
    (Path(os.fsdecode(os.fsencode(workspace) + b"/\xff%.PY"))).write_text("1")
    return "%FF%25.PY"


def steers_a_terminal(workspace: Path) -> str:
    (workspace / "\x1b[2K.Rmd").write_text("1")
    return "%1B%5B2K.Rmd"


@pytest.mark.parametrize("make", [not_so_deep, not_so_many, not_so_large, not_utf8, steers_a_terminal])
def test_code_is_archived_up_to_the_bounds_and_whatever_it_is_called(
    zone_camp: ZoneCamp, archive: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], str]
) -> None:
    monkeypatch.setattr(archiving, "_MOST", 8)
    monkeypatch.setattr(archiving, "_LARGEST", 20_000)
    worked_on(zone_camp)
    path = make(zone_camp.folder / "workspaces" / TEAM)
    files = archive_code(zone_camp.camp, archive / "code")
    assert f"code/{TEAM}/{path}" in files
    assert (archive / "code" / "code" / TEAM / path).is_file()


def test_a_folder_nested_deeper_than_calls_can_be_does_not_keep_a_camp_from_closing(
    zone_camp: ZoneCamp, archive: Path
) -> None:
    zone = finished(zone_camp)
    handle = os.open(worked_on(zone_camp), os.O_RDONLY)
    for _ in range(1_500):
        os.mkdir("d", dir_fd=handle)
        inner = os.open("d", os.O_RDONLY, dir_fd=handle)
        os.close(handle)
        handle = inner
    os.close(os.open("last.py", os.O_CREAT | os.O_WRONLY, dir_fd=handle))
    os.close(handle)
    told = closed(zone_camp, zone, archive, leave_out=True)
    assert told["wiped workspaces"]["files"] >= 5
    assert not left(zone_camp)


def test_an_archive_with_another_closing_is_refused_before_anything_happens(zone_camp: ZoneCamp, archive: Path) -> None:
    zone = finished(zone_camp)
    worked_on(zone_camp)
    other = archive / f"{zone_camp.camp.name}-closed"
    (other / "code").mkdir(parents=True)
    (other / CERTIFICATE).write_text("of last year")
    with pytest.raises(BadInputError, match="not of this closing"):
        closed(zone_camp, zone, archive)
    assert not is_frozen(zone_camp.folder)
    assert (other / CERTIFICATE).read_text() == "of last year"
    assert [one.name for one in other.iterdir() if one.is_file()] == [CERTIFICATE]


@pytest.mark.parametrize(("change", "before"), [("lost", "outbox"), ("emptied", "workspaces"), ("cut", "outbox")])
def test_no_certificate_vouches_for_code_that_was_lost_from_the_archive_after_it_was_checked(
    zone_camp: ZoneCamp, archive: Path, monkeypatch: pytest.MonkeyPatch, change: str, before: str
) -> None:
    shutil.rmtree(zone_camp.folder / "review")
    worked_on(zone_camp)

    def close() -> Path:
        return close_camp(zone_camp.camp, archive, None, now=lambda: NOW, told=lambda _: None)

    with monkeypatch.context() as patched:
        patched.setattr(closing, "_wiped", killed_before(before))
        with pytest.raises(KilledError):
            close()
    place = archive / f"{zone_camp.camp.name}-closed"
    kept = (place / "code").rename(archive.parent / "kept")
    if change == "emptied":
        shutil.rmtree(zone_camp.folder / "workspaces")
        archive_code(zone_camp.camp, place / "code")  # of what is left to archive
    elif change == "cut":
        shutil.copytree(kept, place / "code")
        (place / "code" / "code" / TEAM / "a.ipynb").unlink()
    then = everything(zone_camp.folder)
    with pytest.raises(IntegrityError, match="not the one that was checked"):
        close()
    assert everything(zone_camp.folder) == then
    assert not (place / CERTIFICATE).exists()
    assert (place / "code").exists() is (change != "lost")
    shutil.rmtree(place / "code", ignore_errors=True)
    kept.rename(place / "code")
    told = json.loads(close().read_bytes())
    assert told["code"]["files"] == len(checked_archive(place / "code"))
    assert not left(zone_camp)


def killed_before(name: str) -> Callable[[Path], dict[str, Any]]:
    real: Callable[[Path], dict[str, Any]] = closing._wiped

    def wiped(folder: Path) -> dict[str, Any]:
        if folder.name == name:
            raise KilledError
        return real(folder)

    return wiped


def test_code_that_is_archived_again_before_anything_is_wiped_is_what_the_certificate_tells(
    zone_camp: ZoneCamp, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(zone_camp.folder / "review")
    workspace = worked_on(zone_camp)

    def killed(*_: Any) -> None:
        raise KilledError

    with monkeypatch.context() as patched:
        patched.setattr(closing, "_check_code", killed)
        with pytest.raises(KilledError):
            close_camp(zone_camp.camp, archive, None, now=lambda: NOW, told=lambda _: None)
    (workspace / "new.py").write_text("print(2)")
    place = archive / f"{zone_camp.camp.name}-closed"
    shutil.rmtree(place / "code")  # moved away, as somebody is told to whose code has changed
    told = json.loads(close_camp(zone_camp.camp, archive, None, now=lambda: NOW, told=lambda _: None).read_bytes())
    files = checked_archive(place / "code")
    assert f"code/{TEAM}/new.py" in files
    assert told["code"]["files"] == len(files)
    assert told["code"]["digest"] == digest(canonical_json(files))


@pytest.mark.parametrize(("step", "wiped"), [("archive_code", False), ("_wiped", True)])
def test_a_close_goes_on_in_another_archive_only_if_nothing_was_wiped_and_then_archives_all_of_it(
    zone_camp: ZoneCamp, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, *, wiped: bool
) -> None:
    zone = finished(zone_camp)
    worked_on(zone_camp)
    real: Callable[..., Any] = getattr(closing, step)

    def killed(*arguments: Any) -> Any:
        real(*arguments)
        raise KilledError

    with monkeypatch.context() as patched:
        patched.setattr(closing, step, killed)
        with pytest.raises(KilledError):
            closed(zone_camp, zone, archive)
    second = tmp_path / "second"
    second.mkdir()
    if wiped:
        with pytest.raises(BadInputError, match="begun with another archive"):
            closed(zone_camp, zone, second)
        assert not list(second.iterdir())
        closed(zone_camp, zone, archive)
        return
    told = closed(zone_camp, zone, second)
    place = second / told["archive"]
    assert (place / told["review"]["review"]).is_dir()
    assert told["code"]["files"] == len(checked_archive(place / "code"))
    assert not left(zone_camp)


def test_a_camp_of_which_the_opening_failed_is_closed_as_one_that_was_never_opened(
    zone_camp: ZoneCamp, archive: Path
) -> None:
    worked_on(zone_camp)
    review = zone_camp.folder / "review"
    shutil.rmtree(review)
    review.mkdir()
    open_database(review)
    assert never_opened(zone_camp.camp)
    (review / "store").mkdir()
    assert not never_opened(zone_camp.camp)
    (review / "store").rmdir()
    arguments = ["camp", "close", "--camp", str(zone_camp.folder), "--archive", str(archive), "--yes"]
    assert CliRunner().invoke(datakamp, arguments, catch_exceptions=False).exit_code == 0
    assert not left(zone_camp)


def test_a_camp_that_is_open_was_opened(zone_camp: ZoneCamp) -> None:
    zone_camp.zone()
    assert not never_opened(zone_camp.camp)
