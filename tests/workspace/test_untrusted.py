"""Folders that others write to: no link is followed, limits hold, and everything can be removed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from disclosure.errors import DataError
from workspace.untrusted import copy_regular, entry_names, opened_folder, remove_folder


def test_a_folder_below_another_is_opened_step_by_step(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "file").write_text("x")
    with opened_folder(tmp_path, "a", "b") as folder:
        assert entry_names(folder, limit=1) == ("file",)


@pytest.mark.parametrize("steps", [("link",), ("link", "b"), ("file",), ("absent",), ("pipe",)])
def test_a_link_a_file_and_nothing_are_no_folders(tmp_path: Path, steps: tuple[str, ...]) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "a")
    (tmp_path / "file").write_text("x")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match="not a folder"), opened_folder(tmp_path, *steps):
        pass


def test_a_folder_that_is_swapped_for_a_link_stays_the_one_that_was_opened(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "secret").write_text("x")
    with opened_folder(tmp_path, "own") as folder:
        (tmp_path / "own").rename(tmp_path / "moved")
        (tmp_path / "own").symlink_to(tmp_path / "other")
        assert entry_names(folder, limit=1) == ()


def test_a_folder_holds_as_many_entries_as_allowed_and_no_more(tmp_path: Path) -> None:
    for name in ("a", ".b"):
        (tmp_path / name).touch()
    assert entry_names(tmp_path, limit=2) == (".b", "a")
    with pytest.raises(DataError, match="more than the 1 files"):
        entry_names(tmp_path, limit=1)


def test_a_file_of_exactly_the_limit_is_copied_with_its_mode(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"x" * 10)
    assert copy_regular(tmp_path / "source", tmp_path / "target", limit=10, mode=0o600) == 10
    assert (tmp_path / "target").read_bytes() == b"x" * 10
    assert (tmp_path / "target").stat().st_mode & 0o777 == 0o600


def test_a_file_above_the_limit_leaves_no_copy(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"x" * 11)
    with pytest.raises(DataError, match="larger"):
        copy_regular(tmp_path / "source", tmp_path / "target", limit=10)
    assert not (tmp_path / "target").exists()


def test_nothing_but_a_regular_file_with_one_name_is_copied(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "symbolic").symlink_to(tmp_path / "file")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    os.link(tmp_path / "file", tmp_path / "hard")
    for name in ("symbolic", "folder", "pipe", "hard", "absent"):
        with pytest.raises(DataError):
            copy_regular(tmp_path / name, tmp_path / "target", limit=10)
        assert not (tmp_path / "target").exists()


def test_a_copy_replaces_nothing(tmp_path: Path) -> None:
    (tmp_path / "source").write_text("new")
    (tmp_path / "target").write_text("old")
    with pytest.raises(DataError, match="already"):
        copy_regular(tmp_path / "source", tmp_path / "target", limit=10)
    assert (tmp_path / "target").read_text() == "old"


def test_a_folder_without_permissions_and_nested_deeper_than_calls_can_be_is_removed(tmp_path: Path) -> None:
    folder, outside = tmp_path / "folder", tmp_path / "outside"
    folder.mkdir()
    outside.write_text("stays")
    handle = os.open(folder, os.O_RDONLY)
    for depth in range(1500):
        os.mkdir("d", dir_fd=handle)
        os.symlink(outside, "link", dir_fd=handle)
        inner = os.open("d", os.O_RDONLY, dir_fd=handle)
        if depth % 100 == 0:
            os.fchmod(handle, 0)
        os.close(handle)
        handle = inner
    os.close(handle)
    assert remove_folder(folder).files == 1500
    assert not folder.exists()
    assert outside.read_text() == "stays"
