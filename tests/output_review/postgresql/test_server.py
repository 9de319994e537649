"""The address of a database in camp.toml: no password, nothing unknown; and what only a server can be asked to do."""

from __future__ import annotations

from typing import Any

import pytest

from disclosure.errors import DataError, DocumentError
from disclosure.exchange.databases import database_of
from output_review.database import open_database
from tests.output_review.zone_camp import ZoneCamp


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("postgresql:///camp", ("dbname=camp",)),
        ("postgresql:///camp?host=/run/postgresql", ("dbname=camp", "host=/run/postgresql")),
        (
            "postgresql://review@db.office.example:5433/camp?sslmode=verify-full&passfile=/etc/datakamp/pgpass",
            ("dbname=camp", "host=db.office.example", "port=5433", "user=review", "passfile=/etc/datakamp/pgpass",
             "sslmode=verify-full"),
        ),
    ],
)  # fmt: skip
def test_an_address_is_what_the_programs_of_the_server_take(value: str, words: tuple[str, ...]) -> None:
    address = database_of(value)
    assert address is not None
    assert address.words() == words


def test_no_entry_is_the_file_in_the_control_zone() -> None:
    assert database_of("") is None


@pytest.mark.parametrize(
    "value",
    [
        3, "camp", "sqlite:///camp", "postgresql:///", "postgresql://vera:secret@host/camp",
        "postgresql:///camp?password=secret", "postgresql:///camp?options=-c%20x", "postgresql:///camp#x",
        "postgresql:///camp?host=/a&host=/b", "postgresql:///camp?host=a%20password=b", "postgresql://h:0x/camp",
        "postgresql:///camp?sslrootcert=ca.pem", "postgresql:///a%2Fb", "postgresql:///camp?host=",
    ],
)  # fmt: skip
def test_what_is_no_address_or_holds_a_password_is_refused_without_repeating_it(value: Any) -> None:
    if value == "postgresql:///camp?host=":
        assert database_of(value) == database_of("postgresql:///camp")
        return
    with pytest.raises(DocumentError) as refused:
        database_of(value)
    assert "secret" not in str(refused.value)


def test_a_server_that_does_not_answer_is_told_of(zone_camp: ZoneCamp) -> None:
    with pytest.raises(DataError, match="cannot be opened"):
        open_database(zone_camp.folder / "review", database_of("postgresql:///camp?host=/nowhere"))
    zone_camp.zone()


def test_a_log_is_not_emptied_at_a_stroke(zone_camp: ZoneCamp) -> None:
    from django.db import DatabaseError, connection

    zone_camp.zone()
    for table in ("logrow", "headrow", "accessrow"):
        with pytest.raises(DatabaseError, match="only grows"), connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE output_review_{table}")


def test_who_waits_for_another_writer_too_long_is_refused_and_can_write_later(zone_camp: ZoneCamp) -> None:
    import threading

    from django.db import DatabaseError, connection, transaction

    zone = zone_camp.zone()
    begun, ended = threading.Event(), threading.Event()

    def writing() -> None:
        try:
            with transaction.atomic():
                begun.set()
                ended.wait(30)
        finally:
            connection.close()

    thread = threading.Thread(target=writing)
    thread.start()
    assert begun.wait(30)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '50ms'")
    with pytest.raises(DatabaseError):
        zone.log("vera", "note", {})
    ended.set()
    thread.join()
    before = zone.sequence()
    assert zone.log("vera", "note", {}) == before
