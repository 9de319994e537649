"""The worker's life with a stand-in for it: what dies, hangs or lies leaves a clear error, no process and no file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from disclosure.engines.sdcmicro import worker
from disclosure.engines.sdcmicro.calls import Call, Job
from disclosure.engines.sdcmicro.engine import SdcMicroEngine
from disclosure.engines.sdcmicro.handshake import (
    OLDEST,
    Ended,
    EngineFailedError,
    EngineMissingError,
    error_of,
    versions_from,
)
from disclosure.engines.sdcmicro.process import WorkerLimits, _Folder, run, versions
from disclosure.errors import BadInputError, DataError, DocumentError

HELLO = {"protocol": 1, "python": "3", "rpy2": "3", "r": "4", "sdcmicro": "5.8.1"}
FRAME = pa.table({"sex": ["v", "m"]})
JOB = Job(("data",), (Call("freqCalc", "data", {"keyVars": ("sex",)}),))
SHORT = WorkerLimits(seconds=20)
START = "import json, os, pathlib, sys, time\nfolder = pathlib.Path(sys.argv[1])\n"
SAY = f"(folder / 'hello.json').write_text(json.dumps({HELLO!r}))\n"
NOTHING = "(folder / 'out').mkdir()\n(folder / 'out' / 'described.json').write_text('[]')\n"


def standing_in(tmp_path: Path, program: str) -> tuple[str, ...]:
    """Return the command of a stand-in that runs a program with `folder` at hand."""
    script = tmp_path / "stand_in.py"
    script.write_text(START + program)
    return (sys.executable, str(script))


@pytest.fixture(autouse=True)
def _folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))


def left(tmp_path: Path) -> list[str]:
    return os.listdir(tmp_path / "temporary")


def test_what_answers_says_what_it_is(tmp_path: Path) -> None:
    found = versions(command=standing_in(tmp_path, SAY))
    assert (found.sdcmicro, found.r) == ("5.8.1", "4")
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (Ended.NO_R, "apt-get install r-base-dev"),
        (Ended.NO_R, "conda install -c conda-forge r-base r-sdcmicro rpy2"),
        (Ended.NO_RPY2, "pip install"),
        (Ended.RPY2_UNFIT, "does not fit this R"),
        (Ended.NO_SDCMICRO, "install.packages"),
        (Ended.TOO_OLD, f"older than {OLDEST}"),
    ],
)
def test_what_is_missing_comes_with_the_command_that_installs_it(status: Ended, said: str, tmp_path: Path) -> None:
    with pytest.raises(EngineMissingError) as caught:
        run(JOB, {"data": FRAME}, SHORT, command=standing_in(tmp_path, f"sys.exit({int(status)})"))
    assert said in str(caught.value)
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("os.kill(os.getpid(), 9)", "died"),
        ("os.abort()", "died"),
        ("sys.exit(1)", "died"),
        ("raise ValueError('a value of a record')", "died"),
        (f"sys.exit({int(Ended.NO_MEMORY)})", "more memory"),
        (f"sys.exit({int(Ended.BAD_JOB)})", "could not read its job"),
        (f"sys.exit({int(Ended.CALL_FAILED)})", "could not read its job"),
        ("sys.exit(0)", "did not say what it is"),
        (SAY + NOTHING, "left no results"),
    ],
)
def test_a_worker_that_fails_is_told_and_leaves_nothing(program: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(EngineFailedError, match=said) as caught:
        run(JOB, {"data": FRAME}, SHORT, command=standing_in(tmp_path, program))
    assert "value of a record" not in str(caught.value)
    assert left(tmp_path) == []


def test_a_call_that_fails_is_named_but_not_what_r_said(tmp_path: Path) -> None:
    failed = (
        f"(folder / 'failed.json').write_text('{{\"function\": \"freqCalc\"}}')\nsys.exit({int(Ended.CALL_FAILED)})"
    )
    with pytest.raises(EngineFailedError, match="sdcMicro's function freqCalc stopped"):
        run(JOB, {"data": FRAME}, SHORT, command=standing_in(tmp_path, failed))
    named = failed.replace("freqCalc", "Jansen")
    with pytest.raises(EngineFailedError) as caught:
        run(JOB, {"data": FRAME}, SHORT, command=standing_in(tmp_path, named))
    assert "Jansen" not in str(caught.value)


def test_a_worker_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    note = tmp_path / "child"
    hang = (
        "import subprocess\nchild = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"pathlib.Path({str(note)!r}).write_text(str(child.pid))\ntime.sleep(600)"
    )
    begun = time.monotonic()
    with pytest.raises(EngineFailedError, match="took longer than 3 seconds"):
        run(JOB, {"data": FRAME}, WorkerLimits(seconds=3), command=standing_in(tmp_path, hang))
    assert time.monotonic() - begun < 60
    assert left(tmp_path) == []
    child = int(note.read_text())
    assert until(lambda: not is_running(child))


def is_running(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_half_a_result_is_no_result(tmp_path: Path) -> None:
    half = SAY + "(folder / 'out').mkdir()\n(folder / 'out' / 'described.json').write_text('[{\"result\": {')\n"
    with pytest.raises(DataError, match="something else than expected"):
        run(JOB, {"data": FRAME}, SHORT, command=standing_in(tmp_path, half))
    away = SAY + (
        "(folder / 'out').mkdir()\n(folder / 'out' / 'described.json').write_text("
        '\'[{"result": {"kind": "frame", "frame": "../frames/data"}, "seconds": 1}]\')\n'
    )
    with pytest.raises(DataError):
        run(JOB, {"data": FRAME}, SHORT, command=standing_in(tmp_path, away))


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"protocol": 2}, DocumentError),
        ({"sdcmicro": "5.6.0"}, EngineMissingError),
        ({"sdcmicro": "new"}, EngineMissingError),
        ({"sdcmicro": None}, DocumentError),
    ],
)
def test_a_worker_of_another_version_is_not_spoken_with(change: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        versions_from(HELLO | change)
    assert versions_from(HELLO | {"sdcmicro": OLDEST}).sdcmicro == OLDEST


def test_a_worker_sees_no_start_file_of_a_user_and_none_of_the_callers_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATAKAMP_SECRET", "x")
    note = tmp_path / "seen"
    look = f"pathlib.Path({str(note)!r}).write_text(json.dumps(dict(os.environ) | {{'cwd': os.getcwd()}}))\n{SAY}"
    versions(command=standing_in(tmp_path, look))
    seen = json.loads(note.read_text())
    assert "DATAKAMP_SECRET" not in seen
    assert (seen["R_PROFILE_USER"], seen["R_ENVIRON_USER"], seen["LC_ALL"]) == ("/dev/null", "/dev/null", "C.UTF-8")
    assert seen["cwd"] == seen["HOME"] == seen["TMPDIR"]
    assert Path(seen["HOME"]).parent == tmp_path / "temporary"


def test_its_folder_is_its_owners_only(tmp_path: Path) -> None:
    note = tmp_path / "mode"
    versions(
        command=standing_in(tmp_path, f"pathlib.Path({str(note)!r}).write_text(oct(folder.stat().st_mode))\n{SAY}")
    )
    assert note.read_text().endswith("700")


def test_what_cannot_be_started_is_told() -> None:
    with pytest.raises(EngineFailedError, match="could not be started"):
        versions(command=("/nowhere/python",))


def test_frames_and_columns_are_looked_at_before_anything_is_started() -> None:
    nobody = ("/nowhere/python",)
    with pytest.raises(BadInputError, match="other frames"):
        run(JOB, {"others": FRAME}, command=nobody)
    with pytest.raises(BadInputError, match="no column 'sex'"):
        run(JOB, {"data": pa.table({"age": [1]})}, command=nobody)


@pytest.mark.parametrize("limits", [{"seconds": 0.0}, {"memory": 0}])
def test_a_limit_is_above_zero(limits: dict[str, float]) -> None:
    with pytest.raises(BadInputError, match="above zero"):
        WorkerLimits(**limits)  # type: ignore[arg-type]


def test_every_status_has_its_error() -> None:
    assert {type(error_of(one, None)) for one in Ended if one is not Ended.DONE} == {
        EngineFailedError,
        EngineMissingError,
    }


def test_the_real_worker_says_what_it_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("R_HOME", raising=False)
    with pytest.raises(EngineMissingError, match="R is not installed"):
        versions()


def test_the_engine_asks_for_its_version_once(tmp_path: Path) -> None:
    engine = SdcMicroEngine(command=standing_in(tmp_path, SAY))
    assert engine.name == "sdcmicro"
    assert engine.version == "sdcMicro 5.8.1 on R 4"
    (tmp_path / "stand_in.py").unlink()
    assert engine.version == "sdcMicro 5.8.1 on R 4"


def test_the_worker_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    note = tmp_path / "child"
    child = (
        "import os, pathlib, time; from disclosure.engines.sdcmicro.worker import end_with_parent; end_with_parent(); "
        f"pathlib.Path({str(note)!r}).write_text(str(os.getpid())); time.sleep(600)"
    )
    program = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {child!r}]); time.sleep(600)"
    root = Path(worker.__file__).parents[3]
    parent = subprocess.Popen([sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": str(root)})
    try:
        assert until(lambda: note.exists() and bool(note.read_text()))
        number = int(note.read_text())
        assert is_running(number)
    finally:
        parent.kill()
        parent.wait()
    assert until(lambda: not is_running(number))


def until(holds: Callable[[], bool]) -> bool:
    for _ in range(600):
        if holds():
            return True
        time.sleep(0.1)
    return False


def test_names_of_files_are_those_that_the_worker_uses() -> None:
    assert (worker.HELLO, worker.FAILED, worker.RESULTS) == ("hello.json", "failed.json", "out")


def test_records_that_a_killed_process_left_are_gone_at_the_next_start(tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    dying = (
        "import os, signal, tempfile\nfrom disclosure.engines.sdcmicro.process import _Folder\n"
        f"tempfile.tempdir = {str(temporary)!r}\n"
        "with _Folder() as folder:\n    (folder.path / 'records').touch()\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run((sys.executable, "-c", dying), check=False, timeout=60)
    (stale,) = left(tmp_path)
    assert (temporary / stale / "records").exists()
    (temporary / "datakamp-sdcmicro-other").mkdir()
    looks = f"print(len(list(pathlib.Path({str(temporary)!r}).iterdir())))\n"
    versions(command=standing_in(tmp_path, looks + SAY))
    assert left(tmp_path) == ["datakamp-sdcmicro-other"]


def test_no_room_for_records_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "absent"))
    with pytest.raises(EngineFailedError, match="could not be handed"):
        run(JOB, {"data": FRAME}, SHORT, command=standing_in(tmp_path, SAY))


def test_a_running_job_keeps_its_folder_while_another_starts(tmp_path: Path) -> None:
    with _Folder() as mine:
        versions(command=standing_in(tmp_path, SAY))
        assert mine.path.is_dir()
    assert left(tmp_path) == []
