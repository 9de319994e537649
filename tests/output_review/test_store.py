"""The content store, and files that are made once."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from disclosure.errors import BadInputError, DataError, IntegrityError, RefusedError
from disclosure.exchange.canonical import digest
from output_review.store.content import ContentStore
from output_review.store.once import create_once


@pytest.fixture
def store(tmp_path: Path) -> ContentStore:
    return ContentStore(tmp_path / "store", limit=1000)


def place(tmp_path: Path, name: str) -> Path:
    digits = name.removeprefix("sha256:")
    return tmp_path / "store" / digits[:2] / digits[2:]


def test_what_is_put_is_got_by_its_digest(store: ContentStore) -> None:
    name = store.put(b"a table")
    assert name == digest(b"a table")
    assert store.get(name) == b"a table"
    assert name in store
    assert digest(b"another") not in store


def test_putting_the_same_again_changes_nothing(store: ContentStore, tmp_path: Path) -> None:
    name = store.put(b"a table")
    before = place(tmp_path, name).stat()
    assert store.put(b"a table") == name
    after = place(tmp_path, name).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert list(store.digests()) == [name]


def test_an_object_is_read_only_for_everyone(store: ContentStore, tmp_path: Path) -> None:
    assert stat.S_IMODE(place(tmp_path, store.put(b"a table")).stat().st_mode) == 0o440


def test_a_changed_object_is_never_returned_nor_replaced(store: ContentStore, tmp_path: Path) -> None:
    name = store.put(b"a table")
    path = place(tmp_path, name)
    path.chmod(0o640)
    path.write_bytes(b"a tablE")
    with pytest.raises(IntegrityError, match="was changed"):
        store.get(name)
    with pytest.raises(IntegrityError, match="was changed"):
        store.put(b"a table")
    assert path.read_bytes() == b"a tablE"


def test_a_missing_object_is_an_integrity_error(store: ContentStore) -> None:
    with pytest.raises(IntegrityError):
        store.get(digest(b"never stored"))


@pytest.mark.parametrize("name", ["", "sha256:", "../../etc/passwd", "sha256:" + "G" * 64, "sha256:" + "../" * 22])
def test_a_name_that_is_no_digest_is_bad_input(store: ContentStore, name: str) -> None:
    for call in (store.get, store.__contains__):
        with pytest.raises(BadInputError):
            call(name)


def test_a_link_in_the_place_of_an_object_is_refused(store: ContentStore, tmp_path: Path) -> None:
    name = store.put(b"a table")
    path = place(tmp_path, name)
    (tmp_path / "elsewhere").write_bytes(b"a table")
    path.unlink()
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(IntegrityError):
        store.get(name)
    with pytest.raises(IntegrityError):
        store.put(b"a table")


def test_a_link_in_the_place_of_a_folder_or_of_the_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    store = ContentStore(tmp_path / "store")
    (tmp_path / "store" / digest(b"a table")[7:9]).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(IntegrityError):
        store.put(b"a table")
    assert not list((tmp_path / "elsewhere").iterdir())
    (tmp_path / "link").symlink_to(tmp_path / "store")
    with pytest.raises(BadInputError):
        ContentStore(tmp_path / "link")


def test_foreign_files_are_copied_and_links_pipes_and_large_ones_refused(store: ContentStore, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign"
    foreign.write_bytes(b"a table")
    name = store.take(foreign)
    foreign.write_bytes(b"swapped")
    assert store.get(name) == b"a table"
    (tmp_path / "link").symlink_to(foreign)
    os.link(foreign, tmp_path / "second-name")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(b"x" * 1001)
    for path in ("link", "second-name", "pipe", "large", "missing"):
        with pytest.raises(DataError):
            store.take(tmp_path / path)
    assert list(store.digests()) == [name]


def test_the_limit_holds_on_both_sides(store: ContentStore) -> None:
    assert store.get(store.put(b"x" * 1000)) == b"x" * 1000
    with pytest.raises(RefusedError):
        store.put(b"x" * 1001)


def test_what_is_half_written_is_not_an_object(store: ContentStore, tmp_path: Path) -> None:
    name = store.put(b"a table")
    (place(tmp_path, name).parent / f".{'0' * 62}.tmp").write_bytes(b"half")
    (tmp_path / "store" / "stray").write_bytes(b"")
    assert list(store.digests()) == [name]


KILLED = """
import os, signal, sys
from pathlib import Path
import disclosure.exchange.files as files
from output_review.store.content import ContentStore

step, calls = sys.argv[2], []
def die(name, original):
    def call(*given, **named):
        if name == step:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*given, **named)
    return call
store = ContentStore(Path(sys.argv[1]))
for name in ("fsync", "fchmod", "replace"):
    setattr(os, name, die(name, getattr(os, name)))
files.sync_directory = die("sync_directory", files.sync_directory)
store.put(b"a table")
"""


@pytest.mark.parametrize("step", ["fchmod", "fsync", "replace", "sync_directory", "none"])
def test_killed_at_any_step_leaves_no_object_or_the_whole_one(tmp_path: Path, step: str) -> None:
    arguments = [sys.executable, "-c", KILLED, str(tmp_path / "store"), step]
    run = subprocess.run(arguments, cwd=Path(__file__).parents[2], check=False, capture_output=True)
    assert run.returncode == (0 if step == "none" else -signal.SIGKILL), run.stderr
    store = ContentStore(tmp_path / "store")
    for name in store.digests():
        assert store.get(name) == b"a table"
    assert store.get(store.put(b"a table")) == b"a table"


def test_a_full_disk_leaves_the_store_as_it_was(
    store: ContentStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    name = store.put(b"first")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RefusedError, match="written"):
        store.put(b"first, same folder or not")
    monkeypatch.undo()
    assert list(store.digests()) == [name]
    assert [path for path in (tmp_path / "store").rglob("*") if path.is_file()] == [place(tmp_path, name)]


def test_of_many_who_create_the_same_file_one_wins(tmp_path: Path) -> None:
    won: list[bytes] = []

    def create(data: bytes) -> None:
        try:
            create_once(tmp_path / "one", data)
        except RefusedError:
            return
        won.append(data)

    threads = [threading.Thread(target=create, args=(b"%d" % number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won == [(tmp_path / "one").read_bytes()]
