"""What is measured of a folder: both sides of each bound, and ways to hide what is in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from workspace.isolation.limits import MIB
from workspace.isolation.watchdog import Breach, Budget, folder_breach


def fill(path: Path, size: int) -> Path:
    path.write_bytes(b"x" * size)
    return path


def test_a_folder_within_its_budget_passes_and_one_beyond_does_not(tmp_path: Path) -> None:
    fill(tmp_path / "a", MIB)
    used = (tmp_path / "a").stat().st_blocks * 512
    assert folder_breach(Budget(tmp_path, used), files=10) is None
    assert folder_breach(Budget(tmp_path, used - 1), files=10) is Breach.STORAGE


def test_files_in_subfolders_count(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    fill(folder / "c", MIB)
    assert folder_breach(Budget(tmp_path, MIB // 2), files=10) is Breach.STORAGE


def test_the_number_of_files_counts(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / str(number)).touch()
    assert folder_breach(Budget(tmp_path, MIB), files=5) is None
    assert folder_breach(Budget(tmp_path, MIB), files=4) is Breach.FILES


def test_a_file_with_two_names_counts_once(tmp_path: Path) -> None:
    os.link(fill(tmp_path / "a", MIB), tmp_path / "b")
    assert folder_breach(Budget(tmp_path, MIB + MIB // 2), files=10) is None


def test_a_hole_takes_no_room(tmp_path: Path) -> None:
    with (tmp_path / "hole").open("wb") as stream:
        stream.truncate(1 << 40)
    assert folder_breach(Budget(tmp_path, MIB), files=10) is None


def test_what_was_unlinked_counts(tmp_path: Path) -> None:
    assert folder_breach(Budget(tmp_path, MIB), files=10, unlinked=MIB) is None
    assert folder_breach(Budget(tmp_path, MIB), files=10, unlinked=MIB + 1) is Breach.STORAGE


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    outside.mkdir()
    inside.mkdir()
    fill(outside / "large", 4 * MIB)
    (inside / "folder").symlink_to(outside)
    (inside / "file").symlink_to(outside / "large")
    (inside / "loop").symlink_to(inside)
    assert folder_breach(Budget(inside, MIB), files=10) is None


def test_a_pipe_does_not_hold_the_watchdog_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert folder_breach(Budget(tmp_path, MIB), files=10) is None


@pytest.mark.parametrize(("depth", "expected"), [(150, None), (250, Breach.UNMEASURABLE)])
def test_folders_nested_too_deeply_count_as_over(tmp_path: Path, depth: int, expected: Breach | None) -> None:
    path = tmp_path
    for _ in range(depth):
        path = path / "d"
    path.mkdir(parents=True)
    fill(path / "hidden", 10)
    assert folder_breach(Budget(tmp_path, 10 * MIB), files=1000) is expected


def test_a_folder_that_is_gone_counts_as_over(tmp_path: Path) -> None:
    assert folder_breach(Budget(tmp_path / "absent", MIB), files=10) is Breach.UNMEASURABLE


def test_every_breach_has_a_sentence() -> None:
    assert all(breach.sentence.endswith(".") for breach in Breach)
