"""The sessions of a camp: when they are open, and what camp.toml may say of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from disclosure.errors import DocumentError
from disclosure.exchange.camp import FILE, read_camp
from disclosure.exchange.sessions import Session, next_session, open_session, sessions_of

NINE = datetime(2026, 11, 23, 9, tzinfo=timezone(timedelta(hours=1)))
HOUR = timedelta(hours=1)
FIRST, SECOND = Session(NINE, NINE + 3 * HOUR), Session(NINE + 4 * HOUR, NINE + 8 * HOUR)
CAMP = 'schema = 1\nname = "camp"\nmode = "one-user"\npolicy = "cbs"\n'


@pytest.mark.parametrize(
    ("moment", "found"),
    [
        (NINE - timedelta(seconds=1), None),
        (NINE, FIRST),
        (NINE.astimezone(UTC), FIRST),
        (NINE + 3 * HOUR - timedelta(seconds=1), FIRST),
        (NINE + 3 * HOUR, None),
        (NINE + 4 * HOUR, SECOND),
        (NINE + 8 * HOUR, None),
    ],
)
def test_a_session_is_open_from_its_begin_up_to_its_end(moment: datetime, found: Session | None) -> None:
    assert open_session((FIRST, SECOND), moment) == found


def test_the_next_session_is_the_first_that_begins_later() -> None:
    assert next_session((SECOND, FIRST), NINE - HOUR) == FIRST
    assert next_session((FIRST, SECOND), NINE) == SECOND
    assert next_session((FIRST, SECOND), NINE + 4 * HOUR) is None


@pytest.mark.parametrize(
    ("start", "end"),
    [(NINE, NINE), (NINE, NINE - HOUR), (NINE.replace(tzinfo=None), NINE), (NINE, NINE.replace(tzinfo=None))],
)
def test_a_session_that_is_none_is_refused(start: datetime, end: datetime) -> None:
    with pytest.raises(DocumentError):
        Session(start, end)


def test_sessions_may_follow_at_once_and_do_not_overlap() -> None:
    assert sessions_of([{"from": NINE + HOUR, "until": NINE + 2 * HOUR}, {"from": NINE, "until": NINE + HOUR}])
    with pytest.raises(DocumentError, match="overlap"):
        sessions_of([{"from": NINE, "until": NINE + 2 * HOUR}, {"from": NINE + HOUR, "until": NINE + 3 * HOUR}])


def test_camp_toml_names_sessions_and_statement(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(
        f'{CAMP}statement = "statement.md"\n[[sessions]]\nfrom = 2026-11-23T09:00:00+01:00\n'
        "until = 2026-11-23T12:00:00+01:00\n"
    )
    camp = read_camp(tmp_path)
    assert camp.sessions == (FIRST,)
    assert camp.statement == "statement.md"


@pytest.mark.parametrize(
    "entries",
    [
        'statement = "../statement.txt"',
        'statement = "statement.exe"',
        "statement = 1",
        "sessions = 1",
        "[[sessions]]\nfrom = 2026-11-23T09:00:00+01:00",
        "[[sessions]]\nfrom = 2026-11-23T09:00:00\nuntil = 2026-11-23T12:00:00",
        '[[sessions]]\nfrom = "2026-11-23T09:00:00+01:00"\nuntil = 2026-11-23T12:00:00+01:00',
        "[[sessions]]\nfrom = 2026-11-23\nuntil = 2026-11-24",
        "[[sessions]]\nfrom = 2026-11-23T09:00:00Z\nuntil = 2026-11-23T12:00:00Z\ndays = 2",
    ],
)
def test_camp_toml_with_other_entries_is_refused(tmp_path: Path, entries: str) -> None:
    (tmp_path / FILE).write_text(f"{CAMP}{entries}\n")
    with pytest.raises(DocumentError):
        read_camp(tmp_path)
