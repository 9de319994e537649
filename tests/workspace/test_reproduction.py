"""Reproduction: exactly the frames that are named come out, as regular files, after the code is dead; or nothing."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.ipc
import pytest

from disclosure.errors import BadInputError, DocumentError, ExecutionError, HandoverError, IntegrityError, SealError
from disclosure.exchange.camp import CampFile
from disclosure.exchange.context import RunKind
from tests.workspace.small_camp import DATA_SET, SUBMIT, TEAM, limited, make_camp, notebook
from workspace.execution import RunError
from workspace.isolation.seal import Seal
from workspace.reproduction import SealedReproduction

RUN = "workspace.reproduction.run_submitted"
CODE = {"homes.ipynb": notebook(SUBMIT)}
NAMES = ("homes-by-wijk",)


@pytest.fixture
def camp(tmp_path: Path) -> CampFile:
    return make_camp(tmp_path)


@pytest.fixture
def into(tmp_path: Path) -> Path:
    folder = tmp_path / "into"
    folder.mkdir()
    return folder


@pytest.fixture
def reproduction(seal: Seal) -> SealedReproduction:
    return SealedReproduction(lambda: seal)


Write = Callable[[Path], None]


@pytest.fixture
def handing_over(monkeypatch: pytest.MonkeyPatch) -> Callable[[Write], list[Path]]:
    """Let a function write the handover instead of code in a box; it returns the folders that were used."""

    def instead(write: Write) -> list[Path]:
        used: list[Path] = []

        def run(*_: object, kind: RunKind, folder: Path, handover: Path, **__: Any) -> None:
            assert kind is RunKind.CONTROL_ZONE
            used.extend([folder, handover])
            (folder / "record").write_text("x")
            write(handover)

        monkeypatch.setattr(RUN, run)
        return used

    return instead


def frame(name: str = "homes-by-wijk", data: bytes = b"frame") -> Write:
    def write(folder: Path) -> None:
        (folder / f"{name}.arrow").write_bytes(data)

    return write


def both(*writes: Write) -> Write:
    def write(folder: Path) -> None:
        for one in writes:
            one(folder)

    return write


# ----------------------------------------------------------------------------------------------------- really sealed
def test_the_code_runs_again_and_hands_its_frame_over(
    camp: CampFile, into: Path, reproduction: SealedReproduction
) -> None:
    reproduction.reproduce(camp, TEAM, CODE, {}, NAMES, into)
    (path,) = into.iterdir()
    assert (path.name, path.stat().st_mode & 0o777) == ("homes-by-wijk.arrow", 0o600)
    with pa.ipc.open_file(path) as reader:
        table = reader.read_all()
    assert table.column_names == ["person", "wijk"]
    assert table.num_rows == 60


@pytest.mark.parametrize(
    ("cell", "told"),
    [("open('/handover/x', 'w').write('000012345')\nraise SystemError('000012345')", "failed in cell 1"),
     ("import os; os.kill(os.getpid(), 9)", "ended in cell 1")],
    ids=["raises", "killed"],
)  # fmt: skip
def test_code_that_fails_hands_nothing_over(
    camp: CampFile, into: Path, reproduction: SealedReproduction, cell: str, told: str
) -> None:
    with pytest.raises(RunError, match=told) as caught:
        reproduction.reproduce(camp, TEAM, {"homes.ipynb": notebook(cell)}, {}, NAMES, into)
    assert "000012345" not in str(caught.value)
    assert list(into.iterdir()) == []


def test_a_handover_that_grows_beyond_its_limit_is_stopped(
    camp: CampFile, into: Path, reproduction: SealedReproduction
) -> None:
    cell = "with open('/handover/homes-by-wijk.arrow', 'wb') as file:\n    while True: file.write(bytes(1 << 20))"
    small = limited(camp, handover_bytes=8 << 20)
    with pytest.raises(RunError, match="beyond what the folder may hold"):
        reproduction.reproduce(small, TEAM, {"homes.ipynb": notebook(cell)}, {}, NAMES, into)
    assert list(into.iterdir()) == []


def test_code_that_never_ends_is_stopped(camp: CampFile, into: Path, reproduction: SealedReproduction) -> None:
    with pytest.raises(RunError, match="time budget"):
        reproduction.reproduce(limited(camp, run_seconds=3), TEAM, {"loop.py": b"while True: pass\n"}, {}, NAMES, into)


def test_code_that_is_no_notebook_is_an_answer_and_not_bad_input(
    camp: CampFile, into: Path, reproduction: SealedReproduction
) -> None:
    with pytest.raises(ExecutionError, match="not a JSON document"):
        reproduction.reproduce(camp, TEAM, {"homes.ipynb": b"PK\x03\x04"}, {}, NAMES, into)


# --------------------------------------------------------------------------------------------------- what comes out
def test_exactly_the_frames_that_are_named_are_taken_over(
    camp: CampFile, into: Path, reproduction: SealedReproduction, handing_over: Callable[[Write], list[Path]]
) -> None:
    handing_over(both(frame("a", b"1"), frame("b", b"2")))
    reproduction.reproduce(camp, TEAM, CODE, {}, ("b", "a"), into)
    assert {path.name: path.read_bytes() for path in into.iterdir()} == {"a.arrow": b"1", "b.arrow": b"2"}


def test_no_frames_are_expected_of_lazy_outputs(
    camp: CampFile, into: Path, reproduction: SealedReproduction, handing_over: Callable[[Write], list[Path]]
) -> None:
    handing_over(lambda folder: None)
    reproduction.reproduce(camp, TEAM, CODE, {}, (), into)
    assert list(into.iterdir()) == []


def link(folder: Path) -> None:
    (folder.parent / "elsewhere").write_text("x")
    (folder / "homes-by-wijk.arrow").symlink_to(folder.parent / "elsewhere")


def second_name(folder: Path) -> None:
    (folder.parent / "run" / "elsewhere").write_text("x")
    os.link(folder.parent / "run" / "elsewhere", folder / "homes-by-wijk.arrow")


def pipe(folder: Path) -> None:
    os.mkfifo(folder / "homes-by-wijk.arrow")


def subfolder(folder: Path) -> None:
    (folder / "homes-by-wijk.arrow").mkdir()


def many(folder: Path) -> None:
    for number in range(10_001):
        (folder / str(number)).touch()


@pytest.mark.parametrize(
    ("write", "told"),
    [
        (lambda folder: None, "no narrow frame for homes-by-wijk"),
        (frame("another"), "no narrow frame for homes-by-wijk"),
        (both(frame(), frame("000012345")), "1 files that belong to no output"),
        (both(frame(), frame(".hidden")), "1 files that belong to no output"),
        (link, "Links are refused"),
        (second_name, "regular file with one name"),
        (pipe, "regular file"),
        (subfolder, "regular file"),
        (many, "more than"),
        (frame(data=b"x" * 101), "larger than"),
    ],
    ids=["missing", "another", "extra", "hidden", "link", "second name", "pipe", "folder", "many", "large"],
)
def test_anything_else_is_refused_and_nothing_comes_out(
    camp: CampFile,
    into: Path,
    reproduction: SealedReproduction,
    handing_over: Callable[[Write], list[Path]],
    write: Write,
    told: str,
) -> None:
    handing_over(write)
    with pytest.raises(HandoverError, match=told) as caught:
        reproduction.reproduce(limited(camp, handover_bytes=100), TEAM, CODE, {}, NAMES, into)
    assert "000012345" not in str(caught.value)
    assert list(into.iterdir()) == []


def test_frames_share_one_limit(
    camp: CampFile, into: Path, reproduction: SealedReproduction, handing_over: Callable[[Write], list[Path]]
) -> None:
    handing_over(both(frame("a", b"x" * 60), frame("b", b"x" * 60)))
    with pytest.raises(HandoverError, match="larger than the 40 bytes"):
        reproduction.reproduce(limited(camp, handover_bytes=100), TEAM, CODE, {}, ("a", "b"), into)
    assert list(into.iterdir()) == []


@pytest.mark.parametrize("fails", [False, True])
def test_the_folders_of_a_run_are_gone_afterwards(
    camp: CampFile, into: Path, reproduction: SealedReproduction, handing_over: Callable[[Write], list[Path]],
    fails: bool,
) -> None:  # fmt: skip
    used = handing_over((lambda folder: None) if fails else frame())
    if fails:
        with pytest.raises(HandoverError):
            reproduction.reproduce(camp, TEAM, CODE, {}, NAMES, into)
    else:
        reproduction.reproduce(camp, TEAM, CODE, {}, NAMES, into)
    assert len(used) == 2
    assert not any(folder.exists() for folder in used)


# ------------------------------------------------------------------------------------------------------ what goes in
@pytest.mark.parametrize("name", ["../homes.ipynb", "/homes.py", "sub/homes.py", ".homes.py", "homes.pkl"])
def test_code_is_named_by_plain_names(camp: CampFile, into: Path, reproduction: SealedReproduction, name: str) -> None:
    with pytest.raises(DocumentError):
        reproduction.reproduce(camp, TEAM, {name: b""}, {}, NAMES, into)


def test_outputs_are_named_by_plain_names(camp: CampFile, into: Path, reproduction: SealedReproduction) -> None:
    with pytest.raises(DocumentError):
        reproduction.reproduce(camp, TEAM, CODE, {}, ("../x",), into)


def test_the_folder_for_the_frames_must_be_there(
    camp: CampFile, tmp_path: Path, reproduction: SealedReproduction
) -> None:
    with pytest.raises(BadInputError, match="does not exist"):
        reproduction.reproduce(camp, TEAM, CODE, {}, NAMES, tmp_path / "absent")


def test_without_a_seal_nothing_runs(camp: CampFile, into: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_seal() -> Seal:
        raise SealError("bubblewrap (bwrap) is not installed.")

    with pytest.raises(SealError, match="not installed"):
        SealedReproduction(no_seal).reproduce(camp, TEAM, CODE, {}, NAMES, into)


def test_a_data_set_that_changed_stops_the_run(camp: CampFile, into: Path, reproduction: SealedReproduction) -> None:
    with (camp.data_folder(DATA_SET) / "data.parquet").open("ab") as stream:
        stream.write(b"x")
    with pytest.raises(IntegrityError):
        reproduction.reproduce(camp, TEAM, CODE, {}, NAMES, into)
