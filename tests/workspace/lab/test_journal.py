"""The log of a Lab: on a disk that is full it goes on without the lines, and nobody washes it out by repetitions."""

from __future__ import annotations

import logging
import resource
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.workspace.lab.planned import PlannedLab
from tests.workspace.small_camp import TEAM, make_camp
from workspace.lab.journal import MINUTE, MOST_TOLD, Repetitions, kept_log

Eventually = Callable[[Callable[[], bool]], bool]


@pytest.fixture
def room() -> Iterator[Callable[[int | None], None]]:
    """Let this process write no file beyond so many bytes, as a full disk would; None for as many as before."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def limit(size: int | None) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before[0] if size is None else size, before[1]))

    yield limit
    limit(None)


@pytest.fixture
def logger() -> logging.Logger:
    return logging.getLogger("datakamp.workspace.tried")


def test_lines_that_do_not_fit_are_left_out_and_the_end_is_in_order(
    tmp_path: Path, room: Callable[[int | None], None], logger: logging.Logger
) -> None:
    path = tmp_path / "log" / "team" / "lab.log"
    with kept_log(logger, path):
        logger.info("written")
        room(path.stat().st_size + 5)
        logger.info("does not fit")
        logger.info("nor this")
    room(None)
    assert "written" in path.read_text()
    assert "nor this" not in path.read_text()


def test_lines_are_written_again_when_there_is_room(
    tmp_path: Path, room: Callable[[int | None], None], logger: logging.Logger
) -> None:
    path = tmp_path / "log" / "team" / "lab.log"
    with kept_log(logger, path):
        logger.info("written")
        room(path.stat().st_size + 5)
        logger.info("does not fit")
        room(None)
        logger.info("fits again")
    assert path.read_text().rstrip().endswith("fits again")


def test_a_sentence_is_written_so_often_and_then_counted() -> None:
    told = Repetitions()
    first = [told.written("No.", 0.0) for _ in range(MOST_TOLD)]
    assert first == ["No."] * (MOST_TOLD - 1) + ["No. Repetitions within a minute are left out."]
    assert [told.written("No.", MINUTE - 0.1) for _ in range(7)] == [None] * 7
    assert told.written("Something else.", MINUTE - 0.1) == "Something else."
    assert told.written("No.", MINUTE) == "No. Before that 7 more times."
    assert told.written("No.", MINUTE) == "No."
    assert told.written("Something else.", 3 * MINUTE) == "Something else."


def test_who_asks_again_and_again_does_not_wash_the_log_out(tmp_path: Path, logger: logging.Logger) -> None:
    path = tmp_path / "log" / "team" / "lab.log"
    with kept_log(logger, path):
        logger.warning("A kernel was killed.")
        for _ in range(100_000):
            logger.warning("The browser asked for %s.", "something that is closed")
        for number in range(2 * MOST_TOLD):
            logger.warning("A request was answered with %d.", number)
    lines = path.read_text().splitlines()
    assert lines[0].endswith("A kernel was killed.")
    assert len(lines) == 1 + MOST_TOLD + 2 * MOST_TOLD
    assert not path.with_name("lab.log.1").exists()


def test_a_lab_whose_log_finds_no_room_works_and_ends_in_order(tmp_path: Path, eventually: Eventually) -> None:
    with PlannedLab(make_camp(tmp_path), TEAM) as lab:
        assert eventually(lambda: "begins" in lab.logged())
        before = lab.logged()
        kernel = lab.start()
        # What the keeper starts from now on would be limited as well.
        resource.prlimit(lab.process.pid, resource.RLIMIT_FSIZE, (lab.log.stat().st_size + 5, resource.RLIM_INFINITY))
        assert lab.ask("/files/a.csv").code == 403
        assert lab.run(kernel, "print(1)").printed == "1\n"
        assert lab.ask(f"/api/kernels/{kernel}", "DELETE").code == 204
        lab.process.send_signal(signal.SIGINT)
        assert lab.process.wait(60) == 0
        assert lab.process.stdout is not None
        assert lab.process.stdout.read() == ""
    assert lab.logged().startswith(before)
    assert "has ended" not in lab.logged()
