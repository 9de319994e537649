"""Run directories: private, and swept when their process is gone."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from disclosure.errors import SealError
from workspace.isolation.folders import RunDirectory, run_folder


def base(temporary: Path) -> Path:
    return temporary / f"datakamp-{os.geteuid()}"


def test_a_run_directory_is_private_and_goes_when_closed(short_temporary: Path) -> None:
    directory = RunDirectory()
    assert directory.path.parent == base(short_temporary)
    for folder in (directory.path.parent, directory.path, directory.sockets):
        assert folder.stat().st_mode & 0o777 == 0o700
    directory.close()
    directory.close()
    assert list(base(short_temporary).iterdir()) == []


def test_what_a_killed_process_left_is_swept_and_what_is_in_use_is_not(short_temporary: Path) -> None:
    code = (
        "import os, signal; from workspace.isolation.folders import RunDirectory; "
        "d = RunDirectory(); (d.sockets / 'k-1').touch(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=False)
    (left,) = base(short_temporary).iterdir()
    in_use = RunDirectory()
    assert not left.exists()
    another = RunDirectory()
    assert in_use.path.exists()
    another.close()
    in_use.close()


def test_sockets_of_an_ended_kernel_are_cleared(short_temporary: Path) -> None:
    directory = RunDirectory()
    outside = short_temporary / "outside"
    outside.mkdir()
    (outside / "kept").touch()
    (directory.sockets / "k-1").touch()
    (directory.sockets / "folder").mkdir()
    (directory.sockets / "link").symlink_to(outside)
    directory.clear()
    assert list(directory.sockets.iterdir()) == []
    assert (outside / "kept").exists()
    directory.close()


@pytest.mark.parametrize("kind", ["open to others", "a link", "a file"])
def test_a_place_that_others_prepared_is_refused(short_temporary: Path, kind: str) -> None:
    place = base(short_temporary)
    if kind == "open to others":
        place.mkdir()
        place.chmod(0o755)
    elif kind == "a link":
        (short_temporary / "elsewhere").mkdir(mode=0o700)
        place.symlink_to(short_temporary / "elsewhere")
    else:
        place.touch(mode=0o600)
    with pytest.raises(SealError, match="not a private folder"):
        RunDirectory()


def test_a_path_too_long_for_a_socket_is_refused_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / ("x" * 90)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    with pytest.raises(SealError, match="too long") as caught:
        RunDirectory()
    assert "TMPDIR" in caught.value.hint
    assert list(long.iterdir()) == []


def test_a_named_folder_of_a_run_goes_when_left_and_is_swept_after_a_kill(short_temporary: Path) -> None:
    with run_folder("probe-") as name:
        assert Path(name).name == "probe-"
        assert Path(name).parent.parent == base(short_temporary)
    assert list(base(short_temporary).iterdir()) == []
    code = (
        "import os, signal; from workspace.isolation.folders import run_folder\n"
        "with run_folder('probe-'): os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=False)
    assert len(list(base(short_temporary).iterdir())) == 1
    RunDirectory().close()
    assert list(base(short_temporary).iterdir()) == []
