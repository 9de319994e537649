"""What the browser is shown of a folder: as Jupyter describes it, without links that lead out, and in a short time."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

from workspace.lab.server.contents import WorkspaceContents
from workspace.lab.server.listing import MOST_LISTED, listed


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    for name in ("a.ipynb", "b.py", "c.csv", "no suffix", ".hidden", "e.pyc", "new\nline.py"):
        (folder / name).write_text("1")
    (folder / "inner").mkdir()
    (folder / "inner" / "d.md").write_text("12")
    (folder / "__pycache__").mkdir()
    os.mkfifo(folder / "pipe.py")
    (folder / "link.py").symlink_to(folder / "b.py")
    (folder / "to-folder").symlink_to(folder / "inner")
    return folder


def shown(manager: Any, path: str = "") -> dict[str, dict[str, Any]]:
    model = asyncio.run(manager.get(path))
    assert model["type"] == "directory"
    assert model["format"] == "json"
    return {entry["name"]: entry for entry in model["content"]}


@pytest.mark.parametrize("path", ["", "inner", "to-folder"])
def test_a_folder_is_described_as_jupyter_does(workspace: Path, path: str) -> None:
    ours = shown(WorkspaceContents(root_dir=str(workspace)), path)
    theirs = shown(AsyncLargeFileManager(root_dir=str(workspace), allow_hidden=False), path)
    assert ours == theirs


def test_what_leads_out_or_is_closed_is_left_out(workspace: Path) -> None:
    before = set(shown(WorkspaceContents(root_dir=str(workspace))))
    (workspace / "passwd.py").symlink_to("/etc/passwd")
    (workspace / "root").symlink_to("/")
    (workspace / "above").symlink_to(workspace.parent)
    (workspace / "loop").symlink_to(workspace / "loop")
    (workspace / "other").symlink_to(f"{workspace}-of-another-team")
    assert set(shown(WorkspaceContents(root_dir=str(workspace)))) - {"loop"} == before


def test_a_time_that_there_is_not_hides_no_file(workspace: Path) -> None:
    try:
        os.utime(workspace / "b.py", (0, 1 << 40))
    except (OSError, OverflowError):
        pytest.skip("this file system keeps no such time")
    assert "b.py" in shown(WorkspaceContents(root_dir=str(workspace)))


@pytest.mark.parametrize(("most", "told"), [(4, ""), (3, "~ 3 of 4 are shown")])
def test_of_more_than_is_shown_folders_come_first_and_the_end_says_so(tmp_path: Path, most: int, told: str) -> None:
    for name in ("c.py", "a.py", "b.py"):
        (tmp_path / name).write_text("")
    (tmp_path / "z").mkdir()
    found = listed(tmp_path, "", root=os.path.realpath(tmp_path), should_list=lambda _: True, most=most)
    names = [entry["name"] for entry in found]
    assert names == ["z", "a.py", "b.py", told or "c.py"]
    assert found[-1]["writable"] is not bool(told)


def test_many_files_are_listed_in_less_time_than_jupyter_takes_for_few(tmp_path: Path) -> None:
    many, few = tmp_path / "many", tmp_path / "few"
    for folder, count in ((many, MOST_LISTED), (few, MOST_LISTED // 10)):
        folder.mkdir()
        for number in range(count):
            os.close(os.open(folder / f"{number}.csv", os.O_CREAT | os.O_WRONLY))
    seconds = []
    for manager, folder, count in (
        (WorkspaceContents(root_dir=str(many)), many, MOST_LISTED),
        (AsyncLargeFileManager(root_dir=str(few)), few, MOST_LISTED // 10),
    ):
        begun = time.process_time()
        assert len(shown(manager)) == count, folder
        seconds.append(time.process_time() - begun)
    assert seconds[0] < seconds[1]


def test_the_list_ends_where_it_is_told_to(tmp_path: Path) -> None:
    for number in range(MOST_LISTED + 1):
        os.close(os.open(tmp_path / f"{number}.csv", os.O_CREAT | os.O_WRONLY))
    entries = shown(WorkspaceContents(root_dir=str(tmp_path)))
    assert len(entries) == MOST_LISTED + 1
    assert f"~ {MOST_LISTED:,} of {MOST_LISTED + 1:,} are shown" in entries
