"""The workflow on the command line: claim, hand over, comment, note, return, resolve, withdraw, recall."""

from __future__ import annotations

import json
from collections.abc import Callable

import click
import pytest

import datakamp
import output_review.commands
from output_review.services.releasing import release
from tests.output_review.workflow_camp import submitted
from tests.output_review.zone_camp import ZoneCamp

Command = Callable[..., tuple[int, str, str]]
"""Runs `datakamp review` with these words on request 1, and returns status, output and errors."""


@pytest.fixture
def command(zone_camp: ZoneCamp, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    group = click.Group("datakamp")
    for one in output_review.commands.commands(zone_camp.engines, lambda *_: None):
        group.add_command(one)
    monkeypatch.setattr(datakamp, "datakamp", group)

    def run(what: str, *words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        status = datakamp.run(["review", what, "1", "--camp", str(zone_camp.folder), *words])
        told = capsys.readouterr()
        assert "Traceback" not in told.out + told.err
        return status, told.out, told.err

    return run


def test_a_request_is_claimed_handed_over_asked_about_and_returned(zone_camp: ZoneCamp, command: Command) -> None:
    made = submitted(zone_camp)
    status, out, _ = command("claim", "--reviewer", "vera")
    assert status == 0
    assert "claimed by vera, until" in out
    assert command("claim", "--reviewer", "wim")[0] == 1
    assert command("hand-over", "--reviewer", "vera", "--to", "anna")[0] == 1
    assert command("hand-over", "--reviewer", "vera", "--to", "wim")[0] == 0
    status, _, told = command("return", "--reviewer", "wim")
    assert (status, "request no changes" in told) == (1, True)
    assert command("vote", "--reviewer", "wim", "--all", "--decision", "request_changes")[0] == 0
    comment = ("--reviewer", "wim", "--output", "by-wijk")
    assert command("comment", *comment, "--phrase", "population_unclear", "--text", "Of which year?")[0] == 0
    assert command("comment", *comment)[0] == 2
    assert command("comment", *comment, "--phrase", "be_nice")[0] == 2
    assert command("note", *comment, "--text", "Seen before.")[0] == 0
    shown = command("show", "--reviewer", "wim")[1]
    assert "question 1 by wim, on revision 1:" in shown
    assert "| Of which year?" in shown
    assert "note 2 by wim" in shown
    assert "Of which year?" not in command("show", "--reviewer", "yara")[1] + command("show")[1]
    assert command("show", "--reviewer", "anna")[0] == 1
    assert command("return", "--reviewer", "wim", "--text", "See the question.")[1] == "request 1 is returned\n"
    assert made.row.state == "returned"
    document = json.loads(command("show", "--json")[1])
    assert [one["to"] for one in document["steps"]] == ["in_review", "returned"]
    assert command("withdraw", "--person", "vera")[0] == 1
    assert command("withdraw", "--person", "anna", "--text", "Later.")[1] == "request 1 is withdrawn\n"


def test_a_dissent_is_resolved_and_a_release_recalled(zone_camp: ZoneCamp, command: Command) -> None:
    made = submitted(zone_camp)
    made.vote("vera")
    reject = ("--decision", "reject", "--reason", "context_missing", "--text", "of whom?")
    assert command("vote", "--reviewer", "wim", "--all", *reject)[0] == 0
    resolve = ("--output", "by-wijk", "--decision", "approve", "--text", "It is in the title.")
    assert command("resolve", "--reviewer", "wim", *resolve)[0] == 1
    status, out, _ = command("resolve", "--reviewer", "yara", *resolve)
    assert (status, out) == (0, "yara: approve by-wijk, which resolves the dissent\n")
    for name in ("vera", "yara"):
        made.sign(name)
    assert command("recall", "--reviewer", "vera", "--text", "Wrong data.")[0] == 1
    release(made.zone, made.row)
    assert command("recall", "--reviewer", "vera", "--text", "Wrong data.")[1] == "vera: recall; 1 more must say so\n"
    assert "must be told" in command("recall", "--reviewer", "wim", "--text", "Wrong data.")[1]
    assert made.row.state == "recalled"
