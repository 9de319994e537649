"""Running notebooks and scripts: what is returned, how each run can end, and what is left afterwards."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from disclosure.errors import BadInputError, DataError, DocumentError
from disclosure.exchange.canonical import digest
from tests.workspace.conftest import Camp
from workspace.execution import Execution, RunError, RunStatus, run_script
from workspace.isolation.limits import MIB, Limits
from workspace.isolation.modes import SealMode
from workspace.isolation.watchdog import Breach

SECRET = "RIN 4711 earns 98765"


def printed(camp: Camp, cell: int) -> str:
    return "".join("".join(output.get("text", "")) for output in camp.executed()["cells"][cell]["outputs"])


def run_directories(temporary: Path) -> list[Path]:
    return list((temporary / f"datakamp-{os.geteuid()}").iterdir())


def script(camp: Camp, source: str, **changes: Any) -> Execution:
    path = camp.workspace / "code.py"
    path.write_text(source)
    settings: dict[str, Any] = {
        "seal": camp.seal, "data": {"PERSONS": camp.data}, "workspace": camp.workspace, "context": {"team": "one"},
        "output": camp.workspace / "printed.txt", "limits": Limits(seconds=60.0),
    }  # fmt: skip
    return run_script(path, **{**settings, **changes})


# ------------------------------------------------------------------------------------------------- a run that completes


def test_a_run_returns_what_is_known_of_it(camp: Camp, caplog: pytest.LogCaptureFixture, short_temporary: Path) -> None:
    seen: list[tuple[int, int]] = []
    handover = camp.root / "handover"
    handover.mkdir()
    with caplog.at_level(logging.INFO, logger="datakamp.workspace"):
        execution = camp.run(
            "open('/handover/output.arrow', 'w').write('frame')",
            "print(year, names, rate, flag)",
            parameters_cell="year = 2019\nnames = []\nrate = 0.1\nflag = False",
            parameters={"year": 2024, "names": ["a'b", 'c"d\n'], "rate": 0.25, "flag": True},
            handover=handover,
            progress=lambda done, total: seen.append((done, total)),
        )
    assert execution.status is RunStatus.COMPLETED
    assert execution.mode is SealMode.BUBBLEWRAP
    assert 0 < execution.duration < 60
    assert execution.cells_run == 4  # the cell that sets the parameters runs too
    assert execution.output == camp.workspace / "executed.ipynb"
    assert execution.output_digest == digest((camp.workspace / "executed.ipynb").read_bytes())
    assert execution.code_digest == digest((camp.workspace / "case.ipynb").read_bytes())
    assert (execution.cell, execution.exception, execution.breach) == (None, None, None)
    assert printed(camp, 3) == "2024 [\"a'b\", 'c\"d\\n'] 0.25 True\n"
    assert (handover / "output.arrow").read_text() == "frame"
    assert seen == [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]
    assert "completed, seal bubblewrap" in caplog.text
    assert camp.all_gone()
    assert run_directories(short_temporary) == []
    assert [path.name for path in camp.workspace.iterdir() if path.name.startswith(".")] == []


def test_the_handover_folder_exists_only_in_a_reproduction_run(camp: Camp) -> None:
    camp.run("import os; print(os.path.exists('/handover'), sorted(os.listdir('/')))")
    assert printed(camp, 0).startswith("False ")
    assert "'handover'" not in printed(camp, 0)


def test_outputs_that_a_notebook_was_saved_with_do_not_survive(camp: Camp) -> None:
    notebook = camp.notebook("pass")
    document = json.loads(notebook.read_text())
    document["cells"][0]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "an older claim"}]
    notebook.write_text(json.dumps(document))
    camp.run(notebook=notebook)
    assert "an older claim" not in (camp.workspace / "executed.ipynb").read_text()


# ---------------------------------------------------------------------------------------------- bad input: nothing runs


def test_an_undeclared_parameter_is_bad_input(camp: Camp) -> None:
    with pytest.raises(BadInputError, match="'yaer'") as caught:
        camp.run("open('/workspace/ran', 'w')", parameters_cell="year = 2019", parameters={"yaer": 2024})
    assert "year" in caught.value.hint
    with pytest.raises(BadInputError, match="none"):
        camp.run("open('/workspace/ran', 'w')", parameters={"year": 2024})
    assert not (camp.workspace / "ran").exists()


@pytest.mark.parametrize("value", [float("nan"), object(), b"x", {1, 2}])
def test_a_parameter_that_json_cannot_carry_is_bad_input(camp: Camp, value: object) -> None:
    with pytest.raises(BadInputError, match="parameter"):
        camp.run("pass", parameters_cell="year = 2019", parameters={"year": value})


def test_a_parameters_cell_that_is_too_long_is_not_parsed(camp: Camp) -> None:
    with pytest.raises(BadInputError, match="too long"):
        camp.run("pass", parameters_cell="x = 1" + " " * 20_000, parameters={"x": 2})


@pytest.mark.parametrize(
    "content",
    ["", "not json", "[]", "{}", '{"cells": 1, "nbformat": 4}', '{"nbformat": 3, "worksheets": [], "cells": []}',
     '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "code", "source": 4711}]}',
     '{"nbformat": 4, "nbformat_minor": 1.5, "metadata": {}, "cells": []}'],
)  # fmt: skip
def test_what_is_not_a_notebook_is_bad_input_without_its_content(camp: Camp, content: str) -> None:
    path = camp.workspace / "broken.ipynb"
    path.write_text(content)
    with pytest.raises((BadInputError, DocumentError)) as caught:
        camp.run(notebook=path)
    assert "4711" not in "".join(traceback.format_exception(caught.value))


def test_a_notebook_of_another_language_is_bad_input(camp: Camp) -> None:
    notebook = camp.notebook("x <- 1")
    document = json.loads(notebook.read_text())
    document["metadata"] = {"kernelspec": {"name": "julia", "display_name": "Julia", "language": "julia"}}
    notebook.write_text(json.dumps(document))
    with pytest.raises(BadInputError, match="neither a Python nor an R notebook"):
        camp.run(notebook=notebook)


def test_a_notebook_behind_a_link_out_of_the_workspace_is_refused(camp: Camp) -> None:
    hidden = camp.notebook("pass").rename(camp.other / "case.ipynb")
    (camp.workspace / "case.ipynb").symlink_to(hidden)
    (camp.workspace / "folder").symlink_to(camp.other)
    with pytest.raises(DataError, match="Links are refused"):
        camp.run(notebook=camp.workspace / "case.ipynb")
    with pytest.raises(BadInputError, match="leaves the workspace"):
        camp.run(notebook=camp.workspace / "folder" / "case.ipynb")


def test_the_executed_notebook_stays_inside_the_workspace(camp: Camp) -> None:
    (camp.workspace / "folder").symlink_to(camp.other)
    for output in (camp.root / "x.ipynb", camp.workspace / ".." / "x.ipynb", camp.workspace / "folder" / "x.ipynb"):
        with pytest.raises(BadInputError, match="workspace"):
            camp.run("pass", output=output)
    with pytest.raises(BadInputError, match="does not exist"):
        camp.run("pass", output=camp.workspace / "absent" / "x.ipynb")


def test_missing_folders_are_bad_input(camp: Camp) -> None:
    absent = camp.root / "absent"
    notebook = camp.notebook("pass").rename(camp.root / "case.ipynb")
    for changes in (
        {"data": {"PERSONS": absent}},
        {"handover": absent},
        {"data": {"../x": camp.data}},
        {"workspace": absent, "output": absent / "x.ipynb"},
    ):
        with pytest.raises(BadInputError):
            camp.run(notebook=notebook, **changes)


def test_a_workspace_that_is_full_already_is_refused(camp: Camp) -> None:
    (camp.workspace / "large").write_bytes(bytes(2 * MIB))
    with pytest.raises(BadInputError, match="before the run has begun"):
        camp.run("pass", limits={"storage": MIB})


# ----------------------------------------------------------------------------------------- a run that does not complete


def test_a_failing_cell_is_named_and_no_record_is_told(
    camp: Camp, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(RunError) as caught:
        camp.run(
            f"secret = {SECRET!r}; print(secret)",
            "import sys, os; os.write(1, secret.encode()); os.write(2, secret.encode()); raise KeyError(secret)",
            "open('/workspace/ran', 'w')",
            parameters_cell="year = 1",
            parameters={"year": 2},
        )
    execution = caught.value.execution
    assert (execution.status, execution.cell, execution.exception) == (RunStatus.FAILED, 3, "KeyError")
    assert caught.value.message == "'case.ipynb' failed in cell 3 with KeyError."
    assert caught.value.exit_status == 1
    assert not (camp.workspace / "ran").exists()
    told = "".join(traceback.format_exception(caught.value)) + caplog.text + "".join(capfd.readouterr())
    assert "4711" not in told
    assert SECRET in (camp.workspace / "executed.ipynb").read_text()  # where the team can read it


def test_a_class_named_after_a_record_is_not_told(camp: Camp) -> None:
    with pytest.raises(RunError) as caught:
        camp.run("raise type('RIN 4711', (Exception,), {})()")
    assert caught.value.execution.exception is None
    assert "4711" not in str(caught.value)


def test_a_killed_kernel_is_an_error_and_leaves_nothing(any_camp: Camp, short_temporary: Path) -> None:
    camp = any_camp
    with pytest.raises(RunError, match="ended in cell 2 before") as caught:
        camp.run("import subprocess; subprocess.Popen(['sleep', '600'])", "import os; os.kill(os.getpid(), 9)")
    assert caught.value.execution.status is RunStatus.DIED
    assert camp.left() == []
    assert run_directories(short_temporary) == []
    assert (camp.workspace / "executed.ipynb").exists()


def test_an_endless_notebook_is_killed_at_its_time_budget(any_camp: Camp, short_temporary: Path) -> None:
    camp = any_camp
    deaf = (
        "import signal\nfor s in (2, 15): signal.signal(s, signal.SIG_IGN)\nimport os\nif os.fork() == 0: os.setsid()\n"
    )
    with pytest.raises(RunError, match="time budget") as caught:
        camp.run(deaf + "while True: pass", limits={"seconds": 2.5})
    execution = caught.value.execution
    assert (execution.status, execution.breach, execution.cell) == (RunStatus.STOPPED, Breach.TIME, 1)
    assert 2.5 <= execution.duration < 15
    assert camp.left() == []
    assert run_directories(short_temporary) == []


IN_ROOT = "import os; os.chdir(os.environ['DATAKAMP_CONTEXT'].removesuffix('/camp/context.json') or '/')\n"
FILLERS = {
    "a file": ("f = open('fill', 'wb')\nwhile True: f.write(bytes(1 << 20)); f.flush()", Breach.STORAGE),
    "a file without a name": (
        "import os, time\nf = open('fill', 'wb'); os.unlink('fill'); f.write(bytes(64 << 20)); time.sleep(600)",
        Breach.STORAGE,
    ),
    "many files": (
        "import os, time\nfor n in range(3000): open(f'{n}', 'w').close()\ntime.sleep(600)",
        Breach.FILES,
    ),
    "the handover": (
        IN_ROOT + "import time; open('handover/x', 'wb').write(bytes(4 << 20)); time.sleep(600)",
        Breach.STORAGE,
    ),
    "many files in memory": (
        "import os, time\nfor n in range(3000): open(os.environ['TMPDIR'] + f'/{n}', 'w').close()\ntime.sleep(600)",
        Breach.FILES,
    ),
    "memory": ("import time\nx = bytearray(b'x') * (420 << 20)\ntime.sleep(600)", Breach.MEMORY),
    "memory of many": (
        "import os, time\nfor _ in range(3):\n  if not os.fork(): x = b'x' * (130 << 20); break\ntime.sleep(600)",
        Breach.MEMORY,
    ),
    "memory in files": (
        "import os, time\nopen(os.environ['TMPDIR'] + '/a', 'wb').write(bytes(330 << 20)); time.sleep(600)",
        Breach.MEMORY,
    ),
    "output": ("while True: print('x' * 1000)", Breach.OUTPUT),
    "output in small pieces": (
        "import time\nfor n in range(600): print('x' * 20000, flush=True)\ntime.sleep(600)",
        Breach.OUTPUT,
    ),
}


@pytest.mark.parametrize("what", FILLERS)
def test_a_notebook_that_takes_more_than_its_share_is_killed(any_camp: Camp, what: str) -> None:
    camp = any_camp
    source, breach = FILLERS[what]
    if what == "memory in files" and not camp.seal.mode.has_namespaces:
        source, breach = source.replace("330", "370"), Breach.STORAGE  # its /tmp is a folder of the disk
    handover = camp.root / "handover"
    handover.mkdir()
    limits = {
        "storage": 16 * MIB, "handover": 2 * MIB, "files": 1000, "memory": 340 * MIB, "temporary": 360 * MIB,
        "output": 4 * MIB, "interval": 0.05,
    }  # fmt: skip
    with pytest.raises(RunError) as caught:
        camp.run(source, limits=limits, handover=handover)
    assert caught.value.execution.breach is breach
    assert caught.value.execution.status is RunStatus.STOPPED
    assert breach.sentence in str(caught.value)
    assert camp.left() == []


def test_a_file_beyond_the_limit_of_one_file_cannot_be_written(camp: Camp) -> None:
    with pytest.raises(RunError, match="OSError"):
        camp.run("open('/workspace/large', 'wb').write(bytes(3 << 20))", limits={"file_size": 2 * MIB})
    assert (camp.workspace / "large").stat().st_size == 2 * MIB


def test_processes_are_limited(any_camp: Camp) -> None:
    """The kernel's own limit does not hold for root; the watchdog's does for everyone."""
    camp = any_camp
    fork = (
        "import os, time\nmade = 0\ntry:\n  while made < 150:\n    if os.fork() == 0: time.sleep(600)\n    made += 1\n"
        "except BlockingIOError: pass\nopen('made', 'w').write(str(made))\ntime.sleep(3)"
    )
    breach: Breach | None = None
    try:
        camp.run(fork, limits={"tasks": 60, "interval": 0.05})
    except RunError as error:
        breach = error.execution.breach
    made = camp.workspace / "made"
    assert breach is Breach.TASKS or (breach is None and int(made.read_text()) < 60)
    assert camp.left() == []


def test_a_folder_swapped_for_a_link_does_not_lead_the_launcher_outside(camp: Camp) -> None:
    (camp.workspace / "out").mkdir()
    code = f"import os; os.rename('out', 'moved'); os.symlink({str(camp.other)!r}, 'out')"
    camp.run(code, output=camp.workspace / "out" / "executed.ipynb")
    assert sorted(path.name for path in camp.other.iterdir()) == ["secret.txt"]
    assert (camp.workspace / "moved" / "executed.ipynb").exists()


def test_an_output_that_is_a_link_is_replaced_not_followed(camp: Camp) -> None:
    target = camp.other / "secret.txt"
    camp.run(f"import os; os.symlink({str(target)!r}, 'executed.ipynb')")
    assert target.read_text() == "of the other team"
    assert not (camp.workspace / "executed.ipynb").is_symlink()


def test_a_launcher_that_is_killed_takes_its_kernel_along_and_is_swept_up(
    any_camp: Camp, short_temporary: Path, eventually: Callable[[Callable[[], bool]], bool]
) -> None:
    camp = any_camp
    deaf = "import os, signal\nif os.fork() == 0: os.setsid()\nfor s in (1, 2, 15): signal.signal(s, signal.SIG_IGN)\n"
    notebook = camp.notebook(deaf + "open('begun', 'w').close()\nwhile True: pass")
    code = f"""
from pathlib import Path
from workspace.execution import run_notebook
from workspace.isolation.limits import Limits
from workspace.isolation.modes import SealMode
from workspace.isolation.seal import verify_seal
seal = verify_seal(SealMode({camp.seal.mode.value!r}))
run_notebook(Path({str(notebook)!r}), seal=seal, data={{}}, workspace=Path({str(camp.workspace)!r}),
             parameters={{}}, context={{}}, output=Path({str(camp.workspace / "executed.ipynb")!r}), limits=Limits())
"""
    launcher = subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parents[2])
    try:
        assert eventually((camp.workspace / "begun").exists)
        assert camp.left()
    finally:
        launcher.kill()
        launcher.wait()
    assert camp.all_gone()
    left = [path for folder in run_directories(short_temporary) for path in folder.rglob("*") if path.is_file()]
    if camp.seal.mode.has_namespaces:
        assert left == []  # sockets only
    assert not any(b'"key"' in path.read_bytes() for path in left)  # the key was never on the disk
    camp.run("pass", notebook=camp.notebook("pass", name="next.ipynb"))
    assert run_directories(short_temporary) == []


# -------------------------------------------------------------------------------------------------------------- scripts


def test_a_script_runs_sealed_and_what_it_printed_is_kept(camp: Camp) -> None:
    (camp.workspace / "helpers.py").write_text("answer = 42\n")
    execution = script(
        camp,
        "import sys, os, helpers\nprint(helpers.answer, sys.argv[1:], os.getcwd(), __name__)\n"
        "print(open('/data/PERSONS/persons.csv').read(), open('/camp/context.json').read())",
        arguments=("--year", "2024"),
    )
    assert (execution.status, execution.cells_run) == (RunStatus.COMPLETED, 0)
    text = (camp.workspace / "printed.txt").read_text()
    assert text == "42 ['--year', '2024'] /workspace __main__\nid,income\n1,100\n {\"team\":\"one\"}\n"
    assert execution.output_digest == digest(text.encode())


def test_a_script_has_no_network_not_even_its_own(camp: Camp) -> None:
    with pytest.raises(RunError, match="failed"):
        script(camp, "import socket; socket.socket(socket.AF_INET)")


@pytest.mark.parametrize(
    ("source", "status", "breach"),
    [
        (f"raise ValueError({SECRET!r})", RunStatus.FAILED, None),
        ("import os; os.kill(os.getpid(), 9)", RunStatus.DIED, None),
        ("while True: pass", RunStatus.STOPPED, Breach.TIME),
    ],
)
def test_a_script_that_does_not_complete_is_an_error(
    camp: Camp, source: str, status: RunStatus, breach: Breach | None
) -> None:
    with pytest.raises(RunError) as caught:
        script(camp, source, limits=Limits(seconds=1.0))
    assert (caught.value.execution.status, caught.value.execution.breach) == (status, breach)
    assert "4711" not in "".join(traceback.format_exception(caught.value))
    assert camp.left() == []
