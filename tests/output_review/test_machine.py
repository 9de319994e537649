"""What the review tells the doctor."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from output_review.machine import examined


def parts() -> dict[str, tuple[str, str, str]]:
    return {what: (state, found, remedy) for what, state, found, remedy in examined()}


def test_a_sqlite_that_is_too_old_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert parts()["database of the review"][0] == "well"
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 36, 9))
    state, _, remedy = parts()["database of the review"]
    assert (state, remedy != "") == ("missing", True)


def test_without_the_servers_programs_there_is_advice(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert parts()["PostgreSQL's programs"][0] == "advice"
    for name in ("pg_dump", "pg_restore"):
        (tmp_path / name).touch(mode=0o755)
    assert parts()["PostgreSQL's programs"] == (
        "well", "pg_dump and pg_restore, for backups of a camp on a server", ""
    )  # fmt: skip
