"""The Landlock mode beyond what both modes are tried with: what it leaves on the machine, and how it ends."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

import datakamp
from disclosure.errors import SealError
from tests.workspace.conftest import Camp
from tests.workspace.small_camp import TEAM, make_camp, notebook, put
from workspace.execution import run_script
from workspace.isolation.box import inside, python_box
from workspace.isolation.landlock_process import OLDEST_VERSION, landlock_version
from workspace.isolation.limits import Limits
from workspace.isolation.modes import SealMode
from workspace.isolation.observe import descendants, tasks_of_user
from workspace.isolation.seal import Seal, verify_seal
from workspace.isolation.worker import run_in_box

pytestmark = pytest.mark.skipif(
    landlock_version() < OLDEST_VERSION, reason="this machine's Linux has no Landlock of the version that is needed"
)


@pytest.fixture(scope="module")
def landlock() -> Seal:
    return verify_seal(SealMode.LANDLOCK)


def test_paths_are_told_as_they_are_only_where_the_box_has_a_root_of_its_own() -> None:
    assert inside("/workspace", "bubblewrap") == inside("/workspace", "") == "/workspace"
    assert inside("/workspace", "landlock") == "@box@/workspace"


def test_nothing_is_left_of_a_run(landlock: Seal, short_temporary: Path) -> None:
    command = ("/bin/sh", "-c", "setsid sleep 600 & echo $HOME; touch $TMPDIR/x; exec sleep 0.1")
    done = run_in_box(command, seal=landlock, box=python_box(mode="landlock"), limits=Limits(), budgets=())
    assert done.succeeded
    assert done.mode is SealMode.LANDLOCK
    assert done.output.startswith(str(short_temporary).encode())
    assert list((short_temporary / f"datakamp-{os.geteuid()}").iterdir()) == []
    assert not any("sleep" in name for name in _commands(descendants(os.getpid())))


def test_what_a_killed_watcher_leaves_is_ended(
    landlock: Seal, eventually: Callable[[Callable[[], bool]], bool]
) -> None:
    command = ("/bin/sh", "-c", "setsid sh -c 'sleep 600 & sleep 600' & sleep 600")
    with landlock.start(python_box(mode="landlock"), command, limits=Limits()) as process:
        assert eventually(lambda: len(process.members()) == 5)
        left = process.members()
        os.kill(process.pid, signal.SIGKILL)
        process.wait(10)
        assert any(Path(f"/proc/{pid}/stat").exists() for pid in left)  # nobody but the launcher ends them
    assert eventually(lambda: all(_ended(pid) for pid in left))


def test_a_command_that_is_not_there_was_not_started(landlock: Seal) -> None:
    done = run_in_box(("/absent",), seal=landlock, box=python_box(mode="landlock"), limits=Limits(), budgets=())
    assert not done.built
    assert not done.succeeded


def test_a_signal_that_kills_is_told_as_one(landlock: Seal) -> None:
    box = python_box(mode="landlock")
    done = run_in_box(("/bin/sh", "-c", "kill -9 $$"), seal=landlock, box=box, limits=Limits(), budgets=())
    assert (done.status, done.built) == (137, True)


def test_a_script_runs_with_its_own_modules(landlock: Seal, tmp_path: Path, short_temporary: Path) -> None:
    camp = Camp(tmp_path / "camp", landlock)
    (camp.workspace / "helpers.py").write_text("answer = 42\n")
    script = camp.workspace / "code.py"
    script.write_text("import helpers, sys, pathlib\nprint(helpers.answer, sys.argv[1:], pathlib.Path.cwd())\n")
    run_script(
        script, seal=landlock, data={"PERSONS": camp.data}, workspace=camp.workspace, context={}, limits=Limits(),
        output=camp.workspace / "printed", arguments=("a",),
    )  # fmt: skip
    assert (camp.workspace / "printed").read_text() == f"42 ['a'] {camp.workspace}\n"


def test_a_temporary_folder_with_other_signs_is_refused(
    landlock: Seal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = tmp_path / 'a "b'
    odd.mkdir()
    monkeypatch.setattr("workspace.isolation.folders.tempfile.tempdir", str(odd))
    with pytest.raises(SealError, match=r"signs that cannot be told|too long"):
        landlock.start(python_box(mode="landlock"), ("/bin/true",), limits=Limits())


def test_a_box_that_was_described_for_another_seal_is_refused(landlock: Seal) -> None:
    for mode in ("", "bubblewrap"):
        with pytest.raises(SealError, match="another seal"):
            landlock.start(python_box(mode=mode), ("/bin/true",), limits=Limits())


def test_the_tasks_of_a_user_are_counted() -> None:
    assert tasks_of_user(os.getuid()) >= len(list(Path("/proc/self/task").iterdir()))


def test_the_mode_is_chosen_by_name_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    camp = make_camp(tmp_path)
    put(camp, "homes.ipynb", notebook("import os; print(os.environ['DATAKAMP_SEAL'])"))
    told = ["run", "homes.ipynb", "--camp", str(camp.folder), "--team", TEAM]
    for arguments, mode in ((told, "bubblewrap"), ([*told, "--seal", "landlock"], "landlock")):
        assert datakamp.run(arguments) == 0
        assert f"Seal: {mode}, " in capsys.readouterr().err
        assert mode in (camp.workspace(TEAM) / "runs" / "homes.ipynb").read_text()
    assert datakamp.run([*told, "--seal", "auto"]) == 2


def _ended(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def _commands(pids: tuple[int, ...]) -> list[str]:
    return [Path(f"/proc/{pid}/comm").read_text() for pid in pids if Path(f"/proc/{pid}/comm").exists()]
