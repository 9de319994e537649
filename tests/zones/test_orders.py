"""What one zone asks another for: orders, answers, tickets and the worker, in this process and without boxes."""

from __future__ import annotations

import fcntl
import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from disclosure.errors import (
    BadInputError,
    DataError,
    DocumentError,
    ExecutionError,
    HandoverError,
    IntegrityError,
    RefusedError,
)
from disclosure.exchange.camp import CampFile, Team
from disclosure.exchange.comparison import ComparisonJob, ComparisonResult
from disclosure.exchange.tabulation import JobKind, Outcome, Refusal, TabulationJob, TabulationResult
from disclosure.exchange.zones import ANSWERS, ORDERS, Zone, queue, work_folder
from disclosure.model.recipes import FrameSource, Recipe, Statistic
from disclosure.policy import load_policy, policy_source
from workspace.broker import HandInError
from workspace.camp_folder import new_camp
from workspace.execution import Execution, RunError, RunStatus
from workspace.isolation.modes import SealMode
from workspace.isolation.watchdog import Breach
from workspace.zones import asking, serving
from workspace.zones.answers import read_answer, write_answer, write_refusal
from workspace.zones.asking import Asker, has_worker
from workspace.zones.engines import ByZone, QueuedReproduction, QueuedTabulation, QueuedTrial
from workspace.zones.orders import Order, OrderKind, PlacedOrder, Ticket, read_order, sweep, waiting
from workspace.zones.serving import MOST_ATTEMPTS, Worker

CODE = {"homes.ipynb": b"{}", "more.py": b"print(1)\n"}
SECRET = "000000042"


def job() -> TabulationJob:
    recipe = Recipe(
        FrameSource(("person", "wijk")), Statistic.COUNT, load_policy("cbs").reference, rows=("wijk",), unit=("person",)
    )
    return TabulationJob(recipe, JobKind.FRAME, {}, {}, policy_source("cbs"))


@dataclass
class Engines:
    """What runs and tabulates here, and what it was asked for; `fails` is raised instead, if it is set."""

    asked: list[Any] = field(default_factory=list)
    fails: Exception | None = None

    def trial(self, camp: CampFile, team: str, code: Mapping[str, bytes], parameters: Mapping[str, Any]) -> None:
        self.asked.append(("trial", camp.name, team, dict(code), dict(parameters)))
        if self.fails is not None:
            raise self.fails

    def reproduce(
        self, camp: CampFile, team: str, code: Mapping[str, bytes], parameters: Mapping[str, Any],
        outputs: tuple[str, ...], into: Path,
    ) -> None:  # fmt: skip
        self.trial(camp, team, code, parameters)
        for name in outputs:
            (into / f"{name}.arrow").write_text(f"rows of {name}: {SECRET}")

    def tabulate(self, camp: CampFile, job: TabulationJob, frame: Path | None) -> TabulationResult:
        self.asked.append(("tabulate", job.digest(), None if frame is None else frame.read_text()))
        if self.fails is not None:
            raise self.fails
        return TabulationResult(job.digest(), Outcome.REFUSED, refusal=Refusal("ExecutionError", "No."))

    def compare(self, camp: CampFile, job: ComparisonJob, frames: Mapping[str, Path]) -> ComparisonResult:
        self.asked.append(("compare", job.digest(), {name: one.read_text() for name, one in frames.items()}))
        return ComparisonResult(job.digest(), {})


@pytest.fixture
def camp(tmp_path: Path) -> CampFile:
    """A camp with its queues, all of them this user's."""
    made = new_camp(tmp_path / "camp", teams=(Team("armoede", ()),), users="nobody-")
    for zone in (Zone.REVIEW, Zone.BROKER):
        for place in (ORDERS, ANSWERS):
            (queue(made, zone) / place).mkdir(parents=True)
    work_folder(made).mkdir()
    return made


@contextmanager
def served(camp: CampFile, engines: Engines, *askers: Zone) -> Iterator[None]:
    """A worker in a thread."""
    worker = Worker(camp, askers or (Zone.REVIEW, Zone.BROKER), trial=engines.trial, runs=engines, tables=engines)
    ended = threading.Event()
    with worker.alone():
        thread = threading.Thread(target=worker.serve, kwargs={"until": ended.is_set})
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()


def silent(_: str) -> None:
    """Where nobody is told anything."""


def trial(camp: CampFile) -> None:
    QueuedTrial(silent).run(camp, "armoede", CODE, {"threshold": 100})


def reproduced(camp: CampFile, into: Path) -> Path:
    into.mkdir()
    QueuedReproduction(silent).reproduce(camp, "armoede", CODE, {}, ("by-wijk",), into)
    return into / "by-wijk.arrow"


def test_code_is_tried_as_it_was_handed_in_and_in_its_order(camp: CampFile) -> None:
    engines = Engines()
    with served(camp, engines):
        trial(camp)
    assert engines.asked == [("trial", "camp", "armoede", CODE, {"threshold": 100})]
    assert list(engines.asked[0][3]) == list(CODE)
    assert list((queue(camp, Zone.BROKER) / ORDERS).iterdir()) == []


def test_frames_stay_with_the_worker_and_a_ticket_goes_back_to_it(camp: CampFile, tmp_path: Path) -> None:
    engines = Engines()
    with served(camp, engines):
        ticket = reproduced(camp, tmp_path / "handover")
        assert SECRET not in ticket.read_text()
        made = QueuedTabulation(silent).tabulate(camp, job(), ticket)
        asked = ComparisonJob({"by-wijk": job(), "other": job()})
        QueuedTabulation(silent).compare(camp, asked, {"by-wijk": ticket})
    assert made.outcome is Outcome.REFUSED
    rows = f"rows of by-wijk: {SECRET}"
    assert engines.asked[1:] == [("tabulate", job().digest(), rows), ("compare", asked.digest(), {"by-wijk": rows})]
    for place in (*queue(camp, Zone.REVIEW).rglob("*"), *(tmp_path / "handover").iterdir()):
        assert place.is_dir() or SECRET.encode() not in place.read_bytes()
    assert work_folder(camp).joinpath("frames").stat().st_mode & 0o077 == 0


def test_frames_are_kept_until_the_next_run_only(camp: CampFile, tmp_path: Path) -> None:
    with served(camp, Engines()):
        first = reproduced(camp, tmp_path / "first")
        second = reproduced(camp, tmp_path / "second")
        assert len(list((work_folder(camp) / "frames").iterdir())) == 1
        QueuedTabulation(silent).tabulate(camp, job(), second)
        with pytest.raises(ExecutionError, match="no longer there"):
            QueuedTabulation(silent).tabulate(camp, job(), first)


def test_frames_are_forgotten_when_nobody_asks_any_more(
    camp: CampFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "IDLE_SECONDS", 0.2)
    with served(camp, Engines()):
        reproduced(camp, tmp_path / "handover")
        end = time.monotonic() + 10
        while list((work_folder(camp) / "frames").iterdir()):
            assert time.monotonic() < end
            time.sleep(0.05)


@pytest.mark.parametrize("error", [
    ExecutionError("It failed.", hint="Mend it."), HandoverError("Other frames."), IntegrityError("Changed."),
    DataError("Absent."), HandInError("Full.", hint="Make room."),
])  # fmt: skip
def test_an_error_arises_where_it_was_asked_for(camp: CampFile, error: Any) -> None:
    with served(camp, Engines(fails=error)), pytest.raises(type(error)) as caught:
        trial(camp)
    assert type(caught.value) is type(error)
    assert (caught.value.message, caught.value.hint) == (error.message, error.hint)


def test_where_code_failed_is_told(camp: CampFile) -> None:
    digest = f"sha256:{'0' * 64}"
    run = Execution(
        RunStatus.STOPPED, SealMode.BUBBLEWRAP, 1.5, 3, digest, cell=3, exception="KeyError", breach=Breach.MEMORY
    )
    with served(camp, Engines(fails=RunError(run, "It failed.", hint="See."))), pytest.raises(RunError) as caught:
        trial(camp)
    assert caught.value.execution == run


def test_what_nobody_foresaw_says_nothing_of_values(camp: CampFile) -> None:
    with served(camp, Engines(fails=ValueError(SECRET))), pytest.raises(ExecutionError, match="ValueError") as caught:
        trial(camp)
    assert SECRET not in str(caught.value)


def test_an_error_of_no_known_kind_is_a_refusal(tmp_path: Path) -> None:
    class OwnError(RefusedError):
        pass

    identifier = f"{'0' * 16}-{'1' * 16}"
    write_refusal(tmp_path, identifier, OwnError("No."))
    with pytest.raises(RefusedError, match=r"No\.") as caught:
        read_answer(tmp_path, identifier, limit=10)
    assert type(caught.value) is RefusedError


def test_each_zone_asks_for_its_own_only(camp: CampFile) -> None:
    engines = Engines()
    with served(camp, engines):
        with pytest.raises(RefusedError, match="does not ask for this"):
            Asker(camp, Zone.BROKER, silent).ask(Order(OrderKind.TABULATE, job=job().to_bytes()), limit=10)
        with pytest.raises(RefusedError, match="does not ask for this"):
            Asker(camp, Zone.REVIEW, silent).ask(Order(OrderKind.TRIAL, "armoede", tuple(CODE.items())), limit=10)
    assert engines.asked == []


def test_orders_are_done_in_the_order_in_which_they_came(camp: CampFile) -> None:
    orders = queue(camp, Zone.BROKER) / ORDERS
    placed = [PlacedOrder(orders, Order(OrderKind.TRIAL, name, (("a.py", b""),))) for name in ("b", "a", "c")]
    assert waiting(orders) == tuple(one.identifier for one in placed)
    assert [read_order(orders, name).team for name in waiting(orders)] == ["b", "a", "c"]
    for one in placed:
        one.close()
    assert waiting(orders) == ()


def test_an_order_whose_asker_has_died_is_not_done_and_goes(camp: CampFile) -> None:
    orders, engines = queue(camp, Zone.BROKER) / ORDERS, Engines()
    placed = PlacedOrder(orders, Order(OrderKind.TRIAL, "armoede", (("a.py", b""),)))
    os.close(placed._lock)  # as the system does when a process dies
    worker = Worker(camp, (Zone.BROKER,), trial=engines.trial, runs=engines, tables=engines)
    with worker.alone():
        assert worker.turn() == 0
    (orders / f".{'0' * 16}-{'1' * 16}").mkdir()
    sweep(orders)
    assert (list(orders.iterdir()), engines.asked) == ([], [])


def test_an_order_whose_worker_was_killed_is_done_again_but_not_for_ever(camp: CampFile) -> None:
    orders, answers = (queue(camp, Zone.BROKER) / one for one in (ORDERS, ANSWERS))
    placed = PlacedOrder(orders, Order(OrderKind.TRIAL, "armoede", (("a.py", b""),)))
    killed = Engines(fails=KeyboardInterrupt())  # type: ignore[arg-type]
    for _ in range(MOST_ATTEMPTS):
        worker = Worker(camp, (Zone.BROKER,), trial=killed.trial, runs=killed, tables=killed)
        with worker.alone(), pytest.raises(KeyboardInterrupt):
            worker.turn()
        assert not (answers / placed.identifier).exists()
    last = Engines()
    worker = Worker(camp, (Zone.BROKER,), trial=last.trial, runs=last, tables=last)
    with worker.alone():
        assert worker.turn() == 1
    with pytest.raises(ExecutionError, match="was killed each time"):
        read_answer(answers, placed.identifier, limit=10)
    assert (len(killed.asked), last.asked) == (MOST_ATTEMPTS, [])
    placed.close()


def test_the_last_attempt_counts(camp: CampFile) -> None:
    orders, answers = (queue(camp, Zone.BROKER) / one for one in (ORDERS, ANSWERS))
    placed, engines = PlacedOrder(orders, Order(OrderKind.TRIAL, "armoede", (("a.py", b""),))), Engines()
    worker = Worker(camp, (Zone.BROKER,), trial=engines.trial, runs=engines, tables=engines)
    with worker.alone():
        (work_folder(camp) / "attempts" / placed.identifier).write_bytes(b"." * (MOST_ATTEMPTS - 1))
        assert worker.turn() == 1
        assert read_answer(answers, placed.identifier, limit=0) == b""
        assert worker.turn() == 0
        placed.close()
        worker.turn()
    assert [one.name for one in answers.iterdir()] == [".worker"]


def test_there_is_one_worker_for_an_asker_and_each_asker_may_have_its_own(camp: CampFile) -> None:
    engines = Engines()
    answers = queue(camp, Zone.REVIEW) / ANSWERS
    assert not has_worker(answers)
    first = Worker(camp, (Zone.REVIEW,), trial=engines.trial, runs=engines, tables=engines)
    with first.alone():
        assert has_worker(answers)
        with served(camp, engines, Zone.BROKER):
            trial(camp)
        second = Worker(camp, (Zone.REVIEW, Zone.BROKER), trial=engines.trial, runs=engines, tables=engines)
        with pytest.raises(RefusedError, match="Another worker"), second.alone():
            pass
    assert not has_worker(answers)


def test_an_asker_waits_for_a_worker_and_says_so_once(camp: CampFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "_PATIENCE", 0.1)
    told: list[str] = []
    thread = threading.Thread(
        target=QueuedTrial(told.append).run, args=(camp, "armoede", CODE, {}),
    )  # fmt: skip
    thread.start()
    time.sleep(1.5)
    assert thread.is_alive()
    with served(camp, Engines()):
        thread.join(20)
    assert not thread.is_alive()
    assert len(told) == 1
    assert "tabulation serve" in told[0]
    assert "nobody-data" in told[0]


def placed_document(camp: CampFile, change: Callable[[Path], object]) -> None:
    """Place an order, change what lies there, and have it read."""
    orders = queue(camp, Zone.REVIEW) / ORDERS
    order = Order(OrderKind.REPRODUCE, "armoede", tuple(CODE.items()), {}, ("by-wijk",))
    placed = PlacedOrder(orders, order)
    try:
        assert read_order(orders, placed.identifier) == order
        change(orders / placed.identifier)
        read_order(orders, placed.identifier)
    finally:
        placed.close()


def edited(**entries: Any) -> Callable[[Path], object]:
    def change(folder: Path) -> object:
        document = json.loads((folder / "order.json").read_text()) | entries
        return (folder / "order.json").write_text(json.dumps(document))

    return change


def linked(folder: Path) -> None:
    (folder / "code" / "more.py").unlink()
    (folder / "code" / "more.py").symlink_to("/etc/hostname")


@pytest.mark.parametrize("change", [
    edited(version=2), edited(kind="release"), edited(more=1), edited(code=["../secret.py"]), edited(team=7),
    edited(outputs=["../x"]), edited(frames={"by-wijk": {"order": "../..", "output": "by-wijk"}}),
    edited(code=["absent.py"]), linked, lambda folder: (folder / "order.json").write_text("no JSON"),
    lambda folder: (folder / "job").write_bytes(b"{}"), lambda folder: (folder / "order.json").unlink(),
])  # fmt: skip
def test_an_order_that_is_none_is_refused(camp: CampFile, change: Callable[[Path], object]) -> None:
    with pytest.raises(BadInputError):
        placed_document(camp, change)


@pytest.mark.parametrize("name", ["", "..", "../../review", f"{'0' * 16}-{'g' * 16}", f".{'0' * 16}-{'0' * 16}"])
def test_a_ticket_names_an_order_and_no_path(name: str) -> None:
    with pytest.raises(DocumentError):
        Ticket(name, "by-wijk")


@pytest.mark.parametrize("text", ["{}", "[]", "no JSON", '{"order": "x", "output": "by-wijk"}'])
def test_a_ticket_that_is_none_is_refused(camp: CampFile, tmp_path: Path, text: str) -> None:
    (tmp_path / "by-wijk.arrow").write_text(text)
    with pytest.raises(DocumentError):
        QueuedTabulation(silent).tabulate(camp, job(), tmp_path / "by-wijk.arrow")


def test_a_ticket_lies_under_the_name_of_its_output(camp: CampFile, tmp_path: Path) -> None:
    ticket = Ticket(f"{'0' * 16}-{'1' * 16}", "by-wijk").to_document()
    (tmp_path / "other.arrow").write_text(json.dumps(ticket))
    with pytest.raises(DocumentError, match="ticket"):
        QueuedTabulation(silent).tabulate(camp, job(), tmp_path / "other.arrow")


@pytest.mark.parametrize("text", [
    "{}", '{"version": 2, "error": null}', '{"version": 1, "error": {}}',
    '{"version": 1, "error": {"kind": "SystemExit", "message": "", "hint": "", "run": null}}',
    '{"version": 1, "error": {"kind": "ExecutionError", "message": 1, "hint": "", "run": null}}',
    '{"version": 1, "error": {"kind": "ExecutionError", "message": "", "hint": "", "run": {"status": "well"}}}',
])  # fmt: skip
def test_an_answer_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    identifier = f"{'0' * 16}-{'1' * 16}"
    write_answer(tmp_path, identifier, b"result")
    (tmp_path / identifier / "answer.json").write_text(text)
    with pytest.raises(DocumentError):
        read_answer(tmp_path, identifier, limit=10)


def test_a_result_has_its_size(tmp_path: Path) -> None:
    identifier = f"{'0' * 16}-{'1' * 16}"
    write_answer(tmp_path, identifier, b"12345")
    assert read_answer(tmp_path, identifier, limit=5) == b"12345"
    with pytest.raises(DataError, match="larger"):
        read_answer(tmp_path, identifier, limit=4)


def test_an_answer_to_another_job_is_refused(camp: CampFile, monkeypatch: pytest.MonkeyPatch) -> None:
    other = TabulationResult(f"sha256:{'1' * 64}", Outcome.REFUSED, refusal=Refusal("ExecutionError", "No."))
    monkeypatch.setattr(Engines, "tabulate", lambda *_: other)
    with served(camp, Engines()), pytest.raises(DocumentError, match="another tabulation"):
        QueuedTabulation(silent).tabulate(camp, job(), None)


def test_who_does_it_follows_from_the_mode(camp: CampFile, tmp_path: Path) -> None:
    engines = Engines()
    chosen = ByZone(lambda: engines, lambda: engines)
    alone = new_camp(tmp_path / "alone")
    assert (chosen.runs(alone), chosen.tables(alone)) == (engines, engines)
    assert isinstance(chosen.runs(camp), QueuedReproduction)
    assert isinstance(chosen.tables(camp), QueuedTabulation)


def test_an_order_is_held_while_somebody_waits(camp: CampFile) -> None:
    orders = queue(camp, Zone.BROKER) / ORDERS
    placed = PlacedOrder(orders, Order(OrderKind.TRIAL, "armoede", (("a.py", b""),)))
    handle = os.open(orders / placed.identifier, os.O_RDONLY)
    with pytest.raises(BlockingIOError):
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    placed.close()
    os.close(handle)
