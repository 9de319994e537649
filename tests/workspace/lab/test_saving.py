"""A file that is saved is there as it was or as it is: whoever is killed meanwhile leaves no half of it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from tornado.web import HTTPError

from workspace.lab.server.contents import WorkspaceContents


@pytest.fixture
def contents(tmp_path: Path) -> WorkspaceContents:
    return WorkspaceContents(root_dir=str(tmp_path))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("text", [True, False])
def test_what_was_there_stays_until_the_new_one_is_whole(
    contents: WorkspaceContents, tmp_path: Path, text: bool
) -> None:
    place = tmp_path / "a.ipynb"
    place.write_text("before")
    place.chmod(0o640)
    with contents.atomic_writing(str(place), text=text) as file:
        file.write("é\n" if text else "é\n".encode())
        file.flush()
        assert place.read_text() == "before"
    assert place.read_bytes() == "é\n".encode()
    assert stat.S_IMODE(place.stat().st_mode) == 0o640
    assert names(tmp_path) == ["a.ipynb"]


def test_a_save_that_fails_changes_nothing(contents: WorkspaceContents, tmp_path: Path) -> None:
    place = tmp_path / "a.ipynb"
    place.write_text("before")
    for path in (place, tmp_path / "b.py"):
        with pytest.raises(TypeError), contents.atomic_writing(str(path)) as file:
            file.write(b"no text")
    assert place.read_text() == "before"
    assert names(tmp_path) == ["a.ipynb"]


def test_of_two_that_save_at_once_the_last_one_stays_whole(contents: WorkspaceContents, tmp_path: Path) -> None:
    place = tmp_path / "a.py"
    with contents.atomic_writing(str(place)) as one:
        one.write("one")
        with contents.atomic_writing(str(place)) as other:
            other.write("other")
        assert place.read_text() == "other"
    assert place.read_text() == "one"
    assert names(tmp_path) == ["a.py"]


def test_a_link_within_the_workspace_stays_one(contents: WorkspaceContents, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "a.py").write_text("before")
    (tmp_path / "a.py").symlink_to("own/a.py")
    with contents.atomic_writing(str(tmp_path / "a.py")) as file:
        file.write("after")
    assert (tmp_path / "a.py").is_symlink()
    assert (tmp_path / "own" / "a.py").read_text() == "after"


def test_what_is_not_to_be_written_is_not_replaced(
    contents: WorkspaceContents, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "a.py"
    place.write_text("before")
    monkeypatch.setattr("workspace.lab.server.contents.os.access", lambda *_: False)  # root may write everything
    with pytest.raises(HTTPError) as caught, contents.atomic_writing(str(place)) as file:
        file.write("after")
    assert caught.value.status_code == 403
    assert place.read_text() == "before"
