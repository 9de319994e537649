"""A file that is saved is there as it was or as it is: whoever is killed meanwhile leaves no half of it."""

from __future__ import annotations

import asyncio
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from tornado.web import HTTPError

from workspace.lab.server.contents import CHECKPOINTS, LARGEST, WorkspaceContents


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


def test_a_folder_goes_with_all_that_is_in_it_however_deep(contents: WorkspaceContents, tmp_path: Path) -> None:
    outside, folder = tmp_path.parent / "outside.py", tmp_path / "deep"
    outside.write_text("stays")
    folder.mkdir()
    handle = os.open(folder, os.O_RDONLY)
    for _ in range(1050):  # deeper than Python calls itself
        os.mkdir("d", dir_fd=handle)
        inner = os.open("d", os.O_RDONLY, dir_fd=handle)
        os.close(handle)
        handle = inner
    os.symlink(outside, "link", dir_fd=handle)
    os.mkfifo("pipe", dir_fd=handle)
    os.close(handle)
    asyncio.run(contents.delete_file("deep"))
    assert names(tmp_path) == []
    assert outside.read_text() == "stays"


def test_of_a_link_to_a_folder_only_the_link_is_deleted(contents: WorkspaceContents, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a.py").write_text("stays")
    through = tmp_path / "folder" / "a.py" / "none"
    links = {"inside": tmp_path / "folder", "out": tmp_path.parent, "broken": tmp_path / "none"}
    for name, target in {**links, "itself": tmp_path / "itself", "through": through}.items():
        (tmp_path / name).symlink_to(target)
        asyncio.run(contents.delete_file(name))
    assert names(tmp_path) == ["folder"]
    assert names(tmp_path / "folder") == ["a.py"]


@pytest.mark.parametrize("path", ["", "/", ".", "folder/..", "folder/../"])
def test_the_workspace_itself_is_not_deleted(contents: WorkspaceContents, tmp_path: Path, path: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(HTTPError) as caught:
        asyncio.run(contents.delete_file(path))
    assert caught.value.status_code == 400
    assert names(tmp_path) == ["folder"]


def test_a_hidden_folder_is_not_deleted(contents: WorkspaceContents, tmp_path: Path) -> None:
    (tmp_path / ".hidden" / "inner").mkdir(parents=True)
    for path in (".hidden", ".hidden/inner"):
        with pytest.raises(HTTPError) as caught:
            asyncio.run(contents.delete_file(path))
        assert caught.value.status_code == 400
    assert names(tmp_path) == [".hidden"]


def test_a_link_in_a_hidden_folder_is_not_deleted_either(contents: WorkspaceContents, tmp_path: Path) -> None:
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "link").symlink_to(tmp_path / "none")
    (tmp_path / ".link").symlink_to(tmp_path / "none")
    for path in (".hidden/link", ".link"):
        with pytest.raises(HTTPError) as caught:
            asyncio.run(contents.delete_file(path))
        assert caught.value.status_code == 400
    assert names(tmp_path) == [".hidden", ".link"]
    assert names(tmp_path / ".hidden") == ["link"]


@pytest.mark.parametrize("name", ["disclosure", "disclosure.py", "disclosure.csv"])
@pytest.mark.parametrize("folder", [True, False])
def test_what_a_kernel_named_as_the_check_is_deleted_and_renamed(
    contents: WorkspaceContents, tmp_path: Path, name: str, folder: bool
) -> None:
    manager: Any = contents
    manager.checkpoints.root_dir = str(tmp_path)
    other = f"other{Path(name).suffix}"
    for _ in range(2):
        if folder:
            (tmp_path / name).mkdir()
        else:
            (tmp_path / name).write_text("1")
        if other not in names(tmp_path):
            asyncio.run(manager.rename(name, other))
        else:
            asyncio.run(manager.delete(name))
        assert set(names(tmp_path)) - {CHECKPOINTS} == {other}


def test_nothing_gets_the_name_of_the_check(contents: WorkspaceContents, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("1")
    (tmp_path / "disclosure").mkdir()
    written = {"type": "file", "format": "text", "content": "1"}
    for asked in (
        contents.save(written, "disclosure.py"),
        contents.save({"type": "directory"}, "disclosure.d"),
        contents.rename_file("a.py", "disclosure.py"),
        contents.copy("a.py", "disclosure.py"),
    ):
        with pytest.raises(HTTPError) as caught:
            asyncio.run(asked)
        assert caught.value.status_code == 403
        assert "is the name of the check" in str(caught.value.log_message)
    assert names(tmp_path) == ["a.py", "disclosure"]


def test_what_leads_out_is_not_renamed(contents: WorkspaceContents, tmp_path: Path) -> None:
    (tmp_path / "out.py").symlink_to("/etc/passwd")
    with pytest.raises(HTTPError) as caught:
        asyncio.run(contents.rename_file("out.py", "in.py"))
    assert caught.value.status_code == 404
    assert names(tmp_path) == ["out.py"]


def test_a_folder_that_cannot_be_emptied_says_what_to_do(
    contents: WorkspaceContents, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: Path) -> None:
        raise OSError

    (tmp_path / "folder").mkdir()
    monkeypatch.setattr("workspace.lab.server.contents.remove_folder", refused)
    with pytest.raises(HTTPError) as caught:
        asyncio.run(contents.delete_file("folder"))
    assert caught.value.status_code == 409
    assert "Shut that down" in str(caught.value.log_message)


@pytest.mark.parametrize("what", ["file", "pipe"])
def test_a_copy_that_cannot_be_kept_says_so(contents: WorkspaceContents, tmp_path: Path, what: str) -> None:
    (tmp_path / "a.py").write_text("1")
    if what == "file":
        (tmp_path / ".ipynb_checkpoints").write_text("")
    else:
        (tmp_path / ".ipynb_checkpoints").mkdir()
        os.mkfifo(tmp_path / ".ipynb_checkpoints" / "a-checkpoint.py")
    with pytest.raises(HTTPError) as caught:
        asyncio.run(contents.create_checkpoint("a.py"))
    assert caught.value.status_code == 500
    assert "No copy to go back to" in str(caught.value.log_message)


def test_a_digest_is_given_of_code_and_not_of_data(contents: WorkspaceContents, tmp_path: Path) -> None:
    for name in ("a.py", "a.csv"):
        (tmp_path / name).write_text("1")
    with (tmp_path / "large.py").open("wb") as file:
        file.truncate(LARGEST + 1)
    assert asyncio.run(contents.get("a.py", content=False, require_hash=True))["hash"]
    for name in ("a.csv", "large.py"):
        assert asyncio.run(contents.get(name, content=False))["hash"] is None
        with pytest.raises(HTTPError) as caught:
            asyncio.run(contents.get(name, content=False, require_hash=True))
        assert caught.value.status_code == 403
