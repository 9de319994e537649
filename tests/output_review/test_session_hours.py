"""Time is counted in hours of sessions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disclosure.exchange.sessions import Session
from output_review.services.session_hours import hours_between, promised_by

AMSTERDAM = timezone(timedelta(hours=1))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=AMSTERDAM)


DAYS = tuple(Session(at(day, 9), at(day, 17)) for day in (23, 24, 26))


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        (at(23, 9), at(23, 17), 8.0),
        (at(23, 8), at(23, 18), 8.0),
        (at(23, 16, 30), at(24, 9, 30), 1.0),
        (at(23, 9), at(27, 9), 24.0),
        (at(25, 9), at(25, 17), 0.0),
        (at(24, 12), at(23, 12), 0.0),
        (at(23, 9), at(23, 9), 0.0),
    ],
)
def test_only_hours_of_sessions_count(start: datetime, end: datetime, hours: float) -> None:
    assert hours_between(DAYS, start, end) == hours


def test_zones_of_time_do_not_matter() -> None:
    assert hours_between(DAYS, at(23, 10).astimezone(UTC), at(23, 12).astimezone(UTC)) == 2.0


def test_without_sessions_every_hour_counts() -> None:
    assert hours_between((), at(23, 20), at(24, 8)) == 12.0
    assert hours_between((), at(24, 8), at(23, 20)) == 0.0


@pytest.mark.parametrize(
    ("start", "hours", "expected"),
    [
        (at(23, 10), 2, at(23, 12)),
        (at(23, 16), 2, at(24, 10)),
        (at(23, 9), 8, at(23, 17)),
        (at(23, 20), 1, at(24, 10)),
        (at(24, 16), 2, at(26, 10)),
        (at(26, 16), 2, None),
        (at(27, 9), 1, None),
    ],
)
def test_a_promise_falls_into_a_session_or_cannot_be_kept(
    start: datetime, hours: float, expected: datetime | None
) -> None:
    assert promised_by(DAYS, start, hours) == expected


def test_a_promise_without_sessions_is_in_plain_hours() -> None:
    assert promised_by((), at(23, 20), 8) == at(24, 4)


@settings(max_examples=50)
@given(st.integers(0, 5000), st.integers(1, 1000))
def test_when_a_promise_falls_due_so_many_hours_have_passed(offset: int, minutes: int) -> None:
    start = at(22, 0) + timedelta(minutes=offset)
    due = promised_by(DAYS, start, minutes / 60)
    if due is None:
        assert hours_between(DAYS, start, at(30, 0)) < minutes / 60
    else:
        assert hours_between(DAYS, start, due) == pytest.approx(minutes / 60)
