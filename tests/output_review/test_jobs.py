"""Jobs: each revision is tabulated once, whoever dies in the middle of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from disclosure.errors import StateError
from output_review.domain.jobs import MOST_ATTEMPTS, SILENCE, JobState, pause
from output_review.domain.states import Actor, State
from output_review.services.ingest import ingest
from output_review.services.stopping import Stop, StoppedError
from output_review.services.zone import ControlZone
from tests.output_review.zone_camp import ZoneCamp, tabulate

if TYPE_CHECKING:
    from output_review.models import JobRow

START = datetime(2026, 11, 23, 9, tzinfo=UTC)


class Clock:
    """A time that a test moves."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def waiting(zone_camp: ZoneCamp, clock: Clock, *numbers: int, **engines: Any) -> ControlZone:
    """Return the control zone of a camp into which submissions came, each with a job."""
    for number in numbers or (1,):
        zone_camp.hand_in({"by-wijk": zone_camp.recipe()}, number=number)
    zone = replace(zone_camp.zone(**engines), clock=clock)
    ingest(zone)
    from output_review.services.jobs import enqueue_missing

    enqueue_missing(zone)
    return zone


def jobs() -> list[JobRow]:
    from output_review.models import JobRow

    return list(JobRow.objects.order_by("pk"))


def breaking(times: int) -> Callable[..., Any]:
    """Return a tabulator that breaks, and after that works."""
    left = [times]

    def tabulating(*arguments: Any) -> Any:
        if left[0]:
            left[0] -= 1
            raise OSError("the disk is full of 123456782")
        return tabulate(*arguments)

    return tabulating


def test_a_job_is_done_once_and_oldest_first(zone_camp: ZoneCamp, clock: Clock) -> None:
    zone = waiting(zone_camp, clock, 1, 2)
    from output_review.services.jobs import work_once

    assert work_once(zone, "one")
    assert [job.state for job in jobs()] == ["done", "queued"]
    assert work_once(zone, "one")
    assert not work_once(zone, "one")
    assert [(job.state, job.attempts, job.worker) for job in jobs()] == [("done", 1, "one")] * 2
    assert {output.verdict for job in jobs() for output in job.request.outputs.all()} == {"safe"}


def test_a_request_from_before_there_were_jobs_gets_one_and_one_that_is_tabulated_none(
    zone_camp: ZoneCamp, clock: Clock
) -> None:
    zone = waiting(zone_camp, clock)
    from output_review.services.jobs import enqueue, enqueue_missing, work_once

    jobs()[0].delete()
    assert enqueue_missing(zone) == 1
    assert enqueue_missing(zone) == 0
    assert enqueue(zone, zone.request(jobs()[0].request_id)).pk == jobs()[0].pk
    assert work_once(zone, "one")
    jobs()[0].delete()
    assert enqueue_missing(zone) == 0


def test_what_breaks_is_tried_again_later_without_a_value_in_what_is_told(zone_camp: ZoneCamp, clock: Clock) -> None:
    zone = waiting(zone_camp, clock, tabulate=breaking(1))
    from output_review.services.jobs import work_once

    assert work_once(zone, "one")
    (job,) = jobs()
    assert (job.state, job.attempts, job.due) == ("queued", 1, START + pause(1))
    assert job.problem.startswith("OSError")
    assert "123456782" not in job.problem
    clock.now = START + pause(1) - timedelta(seconds=1)
    assert not work_once(zone, "one")
    clock.now = START + pause(1)
    assert work_once(zone, "one")
    assert jobs()[0].state == "done"


def test_what_breaks_each_time_is_given_up_and_its_outputs_are_unverified(zone_camp: ZoneCamp, clock: Clock) -> None:
    zone = waiting(zone_camp, clock, tabulate=breaking(99))
    from output_review.services.jobs import work_once

    for _ in range(MOST_ATTEMPTS):
        assert work_once(zone, "one")
        clock.now += timedelta(hours=1)
    assert not work_once(zone, "one")
    (job,) = jobs()
    assert (job.state, job.attempts) == ("failed", MOST_ATTEMPTS)
    output = job.request.outputs.get()
    assert (output.level, output.verdict) == ("unverified", "inconclusive")
    assert "could not be tabulated" in output.note
    assert not output.files


def died(zone: ControlZone, clock: Clock) -> None:
    """Leave the job as a worker that was killed in the middle of it does."""
    job = jobs()[0]
    job.state, job.worker, job.beat, job.attempts = JobState.RUNNING.value, "dead", clock(), job.attempts + 1
    job.save()


def test_the_job_of_a_worker_that_fell_silent_is_taken_up_again(zone_camp: ZoneCamp, clock: Clock) -> None:
    zone = waiting(zone_camp, clock)
    from output_review.services.jobs import work_once

    died(zone, clock)
    clock.now = START + SILENCE - timedelta(seconds=1)
    assert not work_once(zone, "other")
    assert jobs()[0].state == "running"
    clock.now = START + SILENCE
    assert not work_once(zone, "other")
    assert (jobs()[0].state, jobs()[0].due) == ("queued", clock.now + pause(1))
    clock.now += pause(1)
    assert work_once(zone, "other")
    assert (jobs()[0].state, jobs()[0].worker, jobs()[0].attempts) == ("done", "other", 2)


def test_a_job_whose_workers_die_each_time_is_given_up(zone_camp: ZoneCamp, clock: Clock) -> None:
    zone = waiting(zone_camp, clock)
    from output_review.services.jobs import work_once

    for _ in range(MOST_ATTEMPTS):
        died(zone, clock)
        clock.now += timedelta(hours=1)
        work_once(zone, "other") if _ == MOST_ATTEMPTS - 1 else _take_up(zone)
    assert jobs()[0].state == "failed"
    assert jobs()[0].request.outputs.get().level == "unverified"


def _take_up(zone: ControlZone) -> None:
    """Have the silence of a job noticed, at a time at which it is not yet due again."""
    from output_review.services.jobs import work_once

    assert not work_once(zone, "other")


def test_a_worker_that_slept_does_not_end_the_job_that_another_took_up(zone_camp: ZoneCamp, clock: Clock) -> None:
    from output_review.services.jobs import work_once

    def slept(*arguments: Any) -> Any:
        job = jobs()[0]
        job.worker = "other"
        job.save()
        return tabulate(*arguments)

    zone = waiting(zone_camp, clock, tabulate=slept)
    assert work_once(zone, "one")
    assert (jobs()[0].state, jobs()[0].worker) == ("running", "other")


def test_a_worker_that_is_asked_to_end_leaves_its_job_as_it_was(zone_camp: ZoneCamp, clock: Clock) -> None:
    stop = Stop()

    def asked(*_: Any) -> Any:
        raise StoppedError

    zone = waiting(zone_camp, clock, tabulate=asked)
    from output_review.services.jobs import work_once

    with pytest.raises(StoppedError):
        work_once(zone, "one", stop)
    assert (jobs()[0].state, jobs()[0].attempts) == ("queued", 0)
    stop.ask()
    with pytest.raises(StoppedError):
        work_once(zone, "one", stop)
    assert (jobs()[0].state, jobs()[0].attempts) == ("queued", 0)


def test_a_withdrawn_request_is_not_tabulated(zone_camp: ZoneCamp, clock: Clock) -> None:
    from django.db import transaction

    zone = waiting(zone_camp, clock)
    from output_review.services.jobs import work_once

    row = zone.request(jobs()[0].request_id)
    with transaction.atomic():
        zone.move(row, State.WITHDRAWN, Actor.RESEARCHER, "anna")
    assert work_once(zone, "one")
    assert jobs()[0].state == "done"
    assert not row.outputs.get().level


def test_a_worker_says_that_it_lives_while_it_works(zone_camp: ZoneCamp, clock: Clock) -> None:
    import threading

    from output_review.services.beating import beating, last_beat

    zone = waiting(zone_camp, clock)
    died(zone, clock)
    (job,) = jobs()
    assert last_beat(zone) is None
    clock.now = START + timedelta(minutes=5)
    with beating(zone, job, every=0.01):
        until = threading.Event()
        for _ in range(500):
            if jobs()[0].beat == clock.now:
                break
            until.wait(0.01)
    assert jobs()[0].beat == clock.now
    assert last_beat(zone) == clock.now


def test_the_command_that_ingests_tells_what_is_not_tabulated(zone_camp: ZoneCamp, clock: Clock) -> None:
    from output_review.services.working import tabulate_waiting

    zone = waiting(zone_camp, clock, tabulate=breaking(1))
    (problem,) = tabulate_waiting(zone)
    assert "is not tabulated: OSError" in problem
    assert tabulate_waiting(zone) == ()


def test_two_steps_at_a_time_do_not_both_happen(zone_camp: ZoneCamp, clock: Clock) -> None:
    """One writer at a time: who waited for a transaction finds what it has made."""
    import threading

    from django.db import connection

    zone = waiting(zone_camp, clock)
    number = jobs()[0].request_id
    results: list[str] = []

    def withdraw() -> None:
        row = zone.request(number)
        try:
            with zone.held(row):
                threading.Event().wait(0.05)
                zone.move(row, State.WITHDRAWN, Actor.RESEARCHER, "anna")
            results.append("done")
        except StateError:
            results.append("too late")
        finally:
            connection.close()

    threads = [threading.Thread(target=withdraw) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["done"] + ["too late"] * 3
    from output_review.log.audit import audit
    from output_review.log.database import DatabaseLog

    assert audit(DatabaseLog().read()).holds


def test_the_log_is_one_chain_however_many_write_it(zone_camp: ZoneCamp, clock: Clock) -> None:
    import threading

    from django.db import connection

    from output_review.log.audit import audit
    from output_review.log.database import DatabaseLog

    zone = waiting(zone_camp, clock)
    before = zone.sequence()

    def write() -> None:
        try:
            for _ in range(10):
                zone.log("vera", "note", {})
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report = audit(DatabaseLog().read())
    assert report.holds
    assert report.length == before - 1 + 40


def test_what_is_the_matter_round_after_round_is_told_once(
    zone_camp: ZoneCamp, monkeypatch: pytest.MonkeyPatch
) -> None:
    from output_review.services import working

    stop, told = Stop(), list[str]()
    rounds = iter([("no desk",), ("no desk", "another"), (), ("no desk",)])

    def one_round(*_: object, **__: object) -> working.Round:
        problems = next(rounds, None)
        if problems is None:
            stop.ask()
        return working.Round((), 0, 0, problems or ())

    monkeypatch.setattr(working, "one_round", one_round)
    working.work(zone_camp.zone, stop, told.append, pause=0)
    assert told == ["no desk", "another", "no desk"]
