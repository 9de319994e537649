"""The broker: a request comes into the outbox whole, once, and only if its code runs; otherwise the team hears why."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from disclosure.errors import ExecutionError, IntegrityError, SealError
from disclosure.exchange.camp import CampFile
from disclosure.exchange.sessions import Session
from disclosure.exchange.submission import submission_from_bytes
from tests.workspace.small_camp import (
    DATA_SET,
    TEAM,
    limited,
    make_camp,
    notebook,
    put,
    put_request,
    submission,
)
from workspace.broker import HandIn, HandInError, HandInState, hand_in, state_file
from workspace.execution import Execution, RunError, RunStatus
from workspace.isolation.modes import SealMode
from workspace.isolation.seal import Seal
from workspace.isolation.watchdog import Breach

ROOT = Path(__file__).resolve().parents[2]
RUN = "workspace.broker.run_submitted"


@pytest.fixture
def camp(tmp_path: Path) -> CampFile:
    return make_camp(tmp_path)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What was run, without running it."""
    seen: list[dict[str, Any]] = []

    def run(camp: CampFile, team: str, code: dict[str, bytes], parameters: dict[str, Any], **other: Any) -> None:
        seen.append({"team": team, "code": code, "parameters": parameters, **other})

    monkeypatch.setattr(RUN, run)
    return seen


def failing(error: Exception) -> Callable[..., None]:
    def run(*_: object, **__: object) -> None:
        raise error

    return run


def run_error(**known: Any) -> RunError:
    usual: dict[str, Any] = {
        "status": RunStatus.FAILED, "mode": SealMode.BUBBLEWRAP, "duration": 1.0, "cells_run": 1,
        "code_digest": "sha256:" + "0" * 64,
    }  # fmt: skip
    return RunError(Execution(**usual | known), "'homes.ipynb' failed.", hint="Mend it.")


def visible(folder: Path) -> list[str]:
    return sorted(
        str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and path.name != ".lock"
    )


def state(camp: CampFile, number: int = 1) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(state_file(camp, TEAM, number).read_bytes())
    return document


# ------------------------------------------------------------------------------------------------------- handing in
def test_a_request_whose_code_runs_comes_into_the_outbox_whole(
    camp: CampFile, seal: Seal, runs: list[dict[str, Any]]
) -> None:
    put_request(camp)
    assert hand_in(camp, TEAM, seal=seal) == (HandIn(1, HandInState.SUBMITTED),)
    outbox = camp.outbox(TEAM)
    assert visible(outbox) == ["1/claims/homes-by-wijk.json", "1/code/homes.ipynb", "1/submission.json"]
    assert submission_from_bytes((outbox / "1" / "submission.json").read_bytes()) == submission(camp)
    assert (state(camp)["state"], state(camp)["reason"]) == ("submitted", "")
    assert runs[0]["code"] == {"homes.ipynb": (outbox / "1" / "code" / "homes.ipynb").read_bytes()}


def test_a_revision_and_what_was_written_before_there_were_any_come_into_the_outbox_as_they_are(
    camp: CampFile, seal: Seal, runs: list[dict[str, Any]]
) -> None:
    first = put_request(camp, version=3)
    again = put_request(camp, 2, revises=1, answers={7: "It is 2023."})
    hand_in(camp, TEAM, seal=seal)
    assert len(runs) == 2
    for number, folder in ((1, first), (2, again)):
        placed = camp.outbox(TEAM) / str(number) / "submission.json"
        assert placed.read_bytes() == (folder / "submission.json").read_bytes()
    assert hand_in(camp, TEAM, seal=seal) == ()


def test_nothing_is_handed_in_twice(camp: CampFile, seal: Seal, runs: list[dict[str, Any]]) -> None:
    put_request(camp)
    hand_in(camp, TEAM, seal=seal)
    assert hand_in(camp, TEAM, seal=seal) == ()
    assert len(runs) == 1


def test_requests_are_handed_in_by_number_with_their_parameters(
    camp: CampFile, seal: Seal, runs: list[dict[str, Any]]
) -> None:
    put_request(camp, 10, parameters={"year": 2022})
    put_request(camp, 9)
    begun: list[int] = []
    hand_in(camp, TEAM, seal=seal, started=begun.append)
    assert begun == [9, 10]
    assert [one["parameters"] for one in runs] == [{}, {"year": 2022}]


def test_a_request_that_is_refused_leaves_nothing_in_the_outbox_and_does_not_stop_the_next(
    camp: CampFile, seal: Seal, runs: list[dict[str, Any]]
) -> None:
    (put_request(camp, 1) / ".hidden").write_text("000012345")
    put_request(camp, 2)
    first, second = hand_in(camp, TEAM, seal=seal)
    assert (first.state, second.state) == (HandInState.REFUSED, HandInState.SUBMITTED)
    assert [path.split("/")[0] for path in visible(camp.outbox(TEAM))] == ["2"] * 3
    assert state(camp)["state"] == "refused"
    assert "hidden" not in state_file(camp, TEAM, 1).read_text()


def test_a_decision_is_final(camp: CampFile, seal: Seal, runs: list[dict[str, Any]]) -> None:
    folder = put_request(camp)
    (folder / "model.pkl").write_bytes(b"x")
    hand_in(camp, TEAM, seal=seal)
    before = state_file(camp, TEAM, 1).read_bytes()
    (folder / "model.pkl").unlink()
    assert hand_in(camp, TEAM, seal=seal) == ()
    assert state_file(camp, TEAM, 1).read_bytes() == before
    assert not runs


@pytest.mark.parametrize("refused", [False, True])
def test_a_number_is_not_used_again(
    camp: CampFile, seal: Seal, runs: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, refused: bool
) -> None:
    folder = put_request(camp)
    if refused:
        monkeypatch.setattr(RUN, failing(ExecutionError("No.")))
    hand_in(camp, TEAM, seal=seal)
    before = visible(camp.outbox(TEAM)), state_file(camp, TEAM, 1).read_bytes()
    (folder / "submission.json").write_bytes(submission(camp, title="Another").to_bytes())
    (again,) = hand_in(camp, TEAM, seal=seal)
    assert again.state is HandInState.REFUSED
    assert "number 1 was used" in again.reason
    assert (visible(camp.outbox(TEAM)), state_file(camp, TEAM, 1).read_bytes()) == before


def test_what_failed_and_where_is_told_to_the_team(camp: CampFile, seal: Seal, monkeypatch: pytest.MonkeyPatch) -> None:
    put_request(camp)
    monkeypatch.setattr(RUN, failing(run_error(cell=3, exception="KeyError")))
    (result,) = hand_in(camp, TEAM, seal=seal)
    assert (result.state, result.cell, result.exception) == (HandInState.REFUSED, 3, "KeyError")
    told = state(camp)
    assert (told["cell"], told["exception"], told["hint"]) == (3, "KeyError", "Mend it.")
    assert visible(camp.outbox(TEAM)) == []


# --------------------------------------------------------------------------------------- what is not the team's fault
def test_without_a_seal_nothing_is_read(camp: CampFile) -> None:
    put_request(camp)
    with pytest.raises(SealError, match="verified seal"):
        hand_in(camp, TEAM, seal=None)  # type: ignore[arg-type]
    assert not state_file(camp, TEAM, 1).exists()


def test_a_data_set_that_changed_decides_no_request(camp: CampFile, seal: Seal) -> None:
    put_request(camp)
    with (camp.data_folder(DATA_SET) / "data.parquet").open("ab") as stream:
        stream.write(b"x")
    with pytest.raises(IntegrityError):
        hand_in(camp, TEAM, seal=seal)
    assert not state_file(camp, TEAM, 1).exists()


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (run_error(breach=Breach.DISK), HandInError),
        (SealError("The box could not be built."), SealError),
        (OSError(28, "No space left on device"), HandInError),
    ],
    ids=["disk nearly full", "no box", "disk full"],
)
def test_trouble_of_the_machine_leaves_the_request_waiting(
    camp: CampFile,
    seal: Seal,
    runs: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    expected: type[Exception],
) -> None:
    put_request(camp)
    with monkeypatch.context() as patched:
        patched.setattr(RUN, failing(error))
        with pytest.raises(expected):
            hand_in(camp, TEAM, seal=seal)
    assert not state_file(camp, TEAM, 1).exists()
    assert visible(camp.outbox(TEAM)) == []
    assert hand_in(camp, TEAM, seal=seal) == (HandIn(1, HandInState.SUBMITTED),)


def test_a_full_disk_while_copying_leaves_the_request_waiting(
    camp: CampFile, seal: Seal, runs: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    put_request(camp)
    with monkeypatch.context() as patched:
        patched.setattr("workspace.broker.write_atomically", failing(OSError(28, "No space left on device")))
        with pytest.raises(HandInError, match="disk full"):
            hand_in(camp, TEAM, seal=seal)
    assert not (camp.outbox(TEAM) / "1").exists()
    hand_in(camp, TEAM, seal=seal)
    assert (camp.outbox(TEAM) / "1").is_dir()


def test_two_brokers_at_once_hand_in_once(camp: CampFile, seal: Seal, monkeypatch: pytest.MonkeyPatch) -> None:
    put_request(camp)
    inside, go_on, runs = threading.Event(), threading.Event(), []

    def run(*_: object, **__: object) -> None:
        runs.append(1)
        inside.set()
        go_on.wait(10)

    monkeypatch.setattr(RUN, run)
    results: list[tuple[HandIn, ...]] = []
    first, second = (threading.Thread(target=lambda: results.append(hand_in(camp, TEAM, seal=seal))) for _ in range(2))
    first.start()
    inside.wait(10)
    second.start()
    go_on.set()
    first.join()
    second.join()
    assert sorted(map(len, results)) == [0, 1]
    assert len(runs) == 1


def test_what_is_left_of_a_killed_broker_is_removed_and_links_in_it_are_not_followed(
    camp: CampFile, seal: Seal, runs: list[dict[str, Any]], tmp_path: Path
) -> None:
    (tmp_path / "kept").write_text("x")
    half = camp.outbox(TEAM) / ".1"
    (half / "code").mkdir(parents=True)
    (half / "link").symlink_to(tmp_path)
    put_request(camp)
    hand_in(camp, TEAM, seal=seal)
    assert not half.exists()
    assert (tmp_path / "kept").exists()


def test_a_broker_killed_at_any_step_leaves_nothing_half_and_the_next_one_finishes(camp: CampFile) -> None:
    put_request(camp)
    done = subprocess.run(
        [sys.executable, "-m", "tests.workspace.killed_broker", str(camp.folder)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    steps = json.loads(done.stdout)
    whole = ["1/claims/homes-by-wijk.json", "1/code/homes.ipynb", "1/submission.json"]
    finished = {"folders": ["1"], "files": whole, "states": {"1-broker.json": "submitted"}}
    *killed, last = steps
    assert len(killed) > 10
    assert all(step["status"] == -9 for step in killed)
    assert (last["status"], last["seen"]) == (1, finished)
    for step in killed:
        assert step["seen"]["files"] in ([], whole), step
        assert step["seen"]["folders"] == (["1"] if step["seen"]["files"] else []), step
        assert step["seen"]["files"] or not step["seen"]["states"], step
        assert step["then"] == finished, step
        assert step["hidden"] == [".lock"], step
        assert step["third"] == 0, step
    assert {bool(step["seen"]["files"]) for step in killed} == {False, True}


# ----------------------------------------------------------------------------------------------------- really sealed
def test_code_that_kills_its_kernel_is_refused(camp: CampFile, seal: Seal) -> None:
    put(camp, "homes.ipynb", notebook("1 + 1", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"))
    put_request(camp)
    (result,) = hand_in(camp, TEAM, seal=seal)
    assert (result.state, result.cell) == (HandInState.REFUSED, 2)
    assert "ended in cell 2" in result.reason
    assert visible(camp.outbox(TEAM)) == []


def test_code_that_never_ends_is_stopped_at_the_time_budget_of_all_its_pieces(camp: CampFile, seal: Seal) -> None:
    put(camp, "first.py", "import time\ntime.sleep(1)\n")
    put(camp, "homes.ipynb", notebook("while True: pass"))
    put_request(camp, code=("first.py", "homes.ipynb"))
    (result,) = hand_in(limited(camp, run_seconds=5), TEAM, seal=seal)
    assert result.state is HandInState.REFUSED
    assert "time budget" in result.reason
    assert visible(camp.outbox(TEAM)) == []


def test_code_that_fills_its_folder_is_stopped(camp: CampFile, seal: Seal) -> None:
    write = "with open('big', 'wb') as file:\n    while True: file.write(bytes(1 << 20)); file.flush()"
    put(camp, "homes.ipynb", notebook(write))
    put_request(camp)
    (result,) = hand_in(limited(camp, workspace_bytes=8 << 20), TEAM, seal=seal)
    assert result.state is HandInState.REFUSED
    assert "beyond what the folder may hold" in result.reason
    assert not (camp.workspace(TEAM) / "big").exists()


def test_an_error_in_a_cell_is_told_without_its_text(camp: CampFile, seal: Seal) -> None:
    put(camp, "homes.ipynb", notebook("value = {}", "value['000012345']"))
    put_request(camp)
    (result,) = hand_in(camp, TEAM, seal=seal)
    assert (result.cell, result.exception) == (2, "KeyError")
    assert "000012345" not in state_file(camp, TEAM, 1).read_text()


def test_code_runs_from_the_top_with_nothing_but_itself_and_registered_data(camp: CampFile, seal: Seal) -> None:
    put(camp, "notes.txt", "left by hand")
    put(camp, "helper.py", "VALUE = 7\n")
    seen = (
        "import os, helper\n"
        "assert sorted(os.listdir('.')) == ['helper.py', 'homes.ipynb'], 1\n"
        "assert sorted(os.listdir('/data')) == ['HOMES'] and not os.path.exists('/handover')\n"
        "import disclosure as sdc\n"
        "assert sdc.submit(title='x', purpose='x', code=['homes.ipynb']) == 0\n"
        "assert (helper.VALUE, year) == (7, 2020)\n"
        "open('homes.ipynb', 'w').write('changed'); open('between.txt', 'w').write('made by code')"
    )
    put(camp, "homes.ipynb", notebook(seen, parameters="year = 2022"))
    put(camp, "last.py", "import os\nassert os.path.exists('between.txt')\nassert len(os.listdir('.')) == 4\n")
    put_request(camp, code=("helper.py", "homes.ipynb"), parameters={"year": 2020})
    (result,) = hand_in(camp, TEAM, seal=seal)
    assert result == HandIn(1, HandInState.SUBMITTED), result
    assert sorted(path.name for path in camp.workspace(TEAM).iterdir()) == [
        "helper.py", "homes.ipynb", "last.py", "notes.txt", "requests",
    ]  # fmt: skip


def test_what_a_piece_makes_of_the_next_is_not_what_runs(camp: CampFile, seal: Seal) -> None:
    put(camp, "first.py", "open('second.py', 'w').write('')\nopen('between.txt', 'w').write('x')\n")
    put(camp, "second.py", "import os\nassert sorted(os.listdir('.')) == ['x']\n")
    put_request(camp, code=("first.py", "second.py"))
    (result,) = hand_in(camp, TEAM, seal=seal)
    assert result.state is HandInState.REFUSED
    assert "'second.py' failed" in result.reason


def test_a_parameter_that_no_notebook_declares_is_refused(camp: CampFile, seal: Seal) -> None:
    put_request(camp, parameters={"year": 2020})
    (result,) = hand_in(camp, TEAM, seal=seal)
    assert "No notebook declares the parameter year" in result.reason


SESSION = Session(datetime(2026, 11, 23, 9, tzinfo=UTC), datetime(2026, 11, 23, 17, tzinfo=UTC))
NEXT = Session(datetime(2026, 11, 24, 9, tzinfo=UTC), datetime(2026, 11, 24, 17, tzinfo=UTC))


@pytest.mark.parametrize(("at", "state", "told"), [
    (SESSION.start - timedelta(seconds=1), HandInState.WAITS, "from 2026-11-23 09:00"),
    (SESSION.start, HandInState.SUBMITTED, ""),
    (SESSION.end - timedelta(seconds=1), HandInState.SUBMITTED, ""),
    (SESSION.end, HandInState.WAITS, "from 2026-11-24 09:00"),
    (NEXT.end, HandInState.WAITS, "No other session follows: an organiser can add one"),
])  # fmt: skip
def test_a_new_request_is_handed_in_only_while_a_session_is_open(
    camp: CampFile, seal: Seal, runs: list[dict[str, Any]], at: datetime, state: HandInState, told: str
) -> None:
    timed = replace(camp, sessions=(SESSION, NEXT))
    put_request(timed)
    (done,) = hand_in(timed, TEAM, seal=seal, clock=lambda: at)
    assert done.state is state
    assert told in done.hint
    if state is HandInState.WAITS:
        assert not runs
        assert not state_file(timed, TEAM, 1).exists()
        (again,) = hand_in(timed, TEAM, seal=seal, clock=lambda: NEXT.start)
        assert again.state is HandInState.SUBMITTED
    assert (timed.outbox(TEAM) / "1").is_dir()


def test_an_answer_needs_no_session_and_neither_does_a_camp_without_any_or_a_demonstration(
    camp: CampFile, seal: Seal, runs: list[dict[str, Any]]
) -> None:
    put_request(camp, 2, revises=1)
    timed = replace(camp, sessions=(SESSION,))
    (done,) = hand_in(timed, TEAM, seal=seal, clock=lambda: SESSION.end)
    assert done.state is HandInState.SUBMITTED
    for number, other in ((3, replace(timed, mark="DEMO")), (4, replace(timed, sessions=()))):
        put_request(camp, number)
        done = hand_in(other, TEAM, seal=seal, clock=lambda: SESSION.end)[-1]
        assert (done.number, done.state) == (number, HandInState.SUBMITTED)
    assert len(runs) == 3
