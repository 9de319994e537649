"""The control zone on the command line: exit statuses, and no traceback whatever is asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import click
import pytest

import datakamp
import output_review.commands
from disclosure.exchange.canonical import digest
from disclosure.exchange.submission import SubmittedFigure
from disclosure.model.figures import FigureKind, FigureRequest
from tests.output_review.zone_camp import PASSPHRASE, ZoneCamp

Command = Callable[..., tuple[int, str, str]]
"""Runs the command line with these words; returns status, output and errors."""


@pytest.fixture
def command(zone_camp: ZoneCamp, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """The command line with engines that need no box; returns status, output and errors."""
    group = click.Group("datakamp")
    for one in output_review.commands.commands(zone_camp.engines, lambda *_: None):
        group.add_command(one)
    monkeypatch.setattr(datakamp, "datakamp", group)

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        status = datakamp.run([*arguments])
        told = capsys.readouterr()
        assert "Traceback" not in told.out + told.err
        return status, told.out, told.err

    return run


def test_the_whole_path_on_the_command_line(zone_camp: ZoneCamp, command: Command) -> None:
    camp = ("--camp", str(zone_camp.folder))
    secret = ("--passphrase-file", str(zone_camp.office / "passphrase"))
    zone_camp.hand_in({"by-wijk": zone_camp.recipe()})
    assert command("review", "ingest", *camp)[0] == 0
    status, out, _ = command("review", "list", *camp, "--json")
    assert (status, json.loads(out)[0]["outputs"][0]["verdict"]) == (0, "safe")
    assert command("release", "1", *camp)[0] == 1
    for reviewer in ("vera", "wim"):
        assert command("review", "vote", "1", *camp, "--reviewer", reviewer, "--all", "--decision", "approve")[0] == 0
        key = ("--key", str(zone_camp.office / f"{reviewer}.key"))
        status, out, _ = command("sign", "1", *camp, "--reviewer", reviewer, *key, *secret)
        assert status == 0
        assert "by-wijk.csv  sha256:" in out
    status, out, _ = command("review", "show", "1", *camp)
    assert status == 0
    assert "wijk=28" in out
    assert "print('hello')" not in out
    assert "| print('hello')" in command("review", "show", "1", *camp, "--code")[1]
    document = json.loads(command("review", "show", "1", *camp, "--code", "--json")[1])
    assert document["code"][0]["cells"] == [{"kind": "script", "source": "print('hello')\n"}]
    status, out, _ = command("release", "1", *camp, "--json")
    assert status == 0
    package = json.loads(out)["package"]
    root = command("key", "list", "--folder", str(zone_camp.office), "--json")[1]
    fingerprint = next(one["fingerprint"] for one in json.loads(root) if one["role"] == "root")
    assert command("verify", package, "--root", fingerprint, "--demo")[0] == 0
    assert command("verify", package, "--root", fingerprint)[0] == 1
    assert command("verify", package, "--root", fingerprint[:-4] + "0000", "--demo")[0] == 1
    assert command("audit", *camp)[0] == 0
    assert command("review", "ingest", *camp)[1] == "Nothing new.\n"


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("review", "show", "9", "--camp", "CAMP"), 2),
        (("review", "show", "x", "--camp", "CAMP"), 2),
        (("review", "list", "--camp", "NOWHERE"), 2),
        (("review", "vote", "1", "--camp", "CAMP", "--reviewer", "vera", "--decision", "approve"), 2),
        (("review", "vote", "1", "--camp", "CAMP", "--reviewer", "xena", "--all", "--decision", "approve"), 1),
        (("review", "vote", "1", "--camp", "CAMP", "--reviewer", "vera", "--all", "--decision", "maybe"), 2),
        (("review", "reject", "1", "--camp", "CAMP", "--reviewer", "vera", "--text", "no"), 1),
        (("sign", "1", "--camp", "CAMP", "--reviewer", "vera", "--key", "NOWHERE"), 1),
        (("verify", "NOWHERE", "--root", "SHA256:" + "0" * 64), 2),
        (("verify", "CAMP/camp.toml", "--root", "SHA256:" + "0" * 64), 2),
        (("key", "new", "vera", "--role", "reviewer", "--folder", "OFFICE", "--passphrase-file", "SECRET"), 1),
        (("key", "new", "../out", "--role", "reviewer", "--folder", "OFFICE", "--passphrase-file", "SECRET"), 2),
        (("key", "new", "short", "--role", "reviewer", "--folder", "OFFICE", "--passphrase-file", "SHORT"), 1),
    ],
)
def test_bad_input_and_refusals_have_their_exit_status(
    zone_camp: ZoneCamp,
    command: Command,
    arguments: tuple[str, ...],
    status: int,
) -> None:
    zone_camp.hand_in({"by-wijk": zone_camp.recipe()})
    command("review", "ingest", "--camp", str(zone_camp.folder))
    (zone_camp.office / "short").write_text("short\n")
    names = {
        "CAMP": zone_camp.folder, "OFFICE": zone_camp.office, "NOWHERE": zone_camp.folder / "nowhere",
        "SECRET": zone_camp.office / "passphrase", "SHORT": zone_camp.office / "short",
        "CAMP/camp.toml": zone_camp.folder / "camp.toml",
    }  # fmt: skip
    found, _, told = command(*(str(names.get(one, one)) for one in arguments))
    assert found == status, told


def test_no_message_holds_the_passphrase(zone_camp: ZoneCamp, command: Command, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text(PASSPHRASE + "!\n")
    zone_camp.hand_in({"by-wijk": zone_camp.recipe()})
    camp = ("--camp", str(zone_camp.folder))
    command("review", "ingest", *camp)
    command("review", "vote", "1", *camp, "--reviewer", "vera", "--all", "--decision", "approve")
    key = ("--key", str(zone_camp.office / "vera.key"), "--passphrase-file", str(wrong))
    status, out, err = command("sign", "1", *camp, "--reviewer", "vera", *key)
    assert status == 1
    assert PASSPHRASE not in out + err


def released(zone_camp: ZoneCamp, command: Command) -> Path:
    camp = ("--camp", str(zone_camp.folder))
    secret = ("--passphrase-file", str(zone_camp.office / "passphrase"))
    zone_camp.hand_in({"by-wijk": zone_camp.recipe()})
    command("review", "ingest", *camp)
    for reviewer in ("vera", "wim"):
        command("review", "vote", "1", *camp, "--reviewer", reviewer, "--all", "--decision", "approve")
        command("sign", "1", *camp, "--reviewer", reviewer, "--key", str(zone_camp.office / f"{reviewer}.key"), *secret)
    return Path(json.loads(command("release", "1", *camp, "--json")[1])["package"])


def test_a_package_that_was_carried_away_stops_no_command(zone_camp: ZoneCamp, command: Command) -> None:
    released(zone_camp, command).unlink()
    for words in (("review", "list"), ("review", "ingest"), ("review", "show", "1"), ("audit",)):
        assert command(*words, "--camp", str(zone_camp.folder))[0] == 0


def test_a_release_that_cannot_be_finished_stops_what_is_more_than_a_look(
    zone_camp: ZoneCamp, command: Command
) -> None:
    from output_review.models import RequestRow

    package = released(zone_camp, command)
    RequestRow.objects.update(moved_out=False)
    package.write_bytes(b"planted")
    camp = ("--camp", str(zone_camp.folder))
    assert command("review", "ingest", *camp)[0] == 1
    assert command("release", "1", *camp)[0] == 1
    for words in (("review", "list"), ("review", "show", "1")):
        status, _, told = command(*words, *camp)
        assert status == 0
        assert "not the package that was released" in told
    status, out, _ = command("audit", *camp)
    assert status == 1
    assert "has not left" in out


def test_an_audit_of_a_ledger_that_was_cut_off_says_no(zone_camp: ZoneCamp, command: Command) -> None:
    released(zone_camp, command)
    (zone_camp.office / "ledger" / "PERSONS" / "chain.jsonl").write_bytes(b"")
    status, out, _ = command("audit", "--camp", str(zone_camp.folder))
    assert status == 1
    assert "ledger PERSONS: BROKEN at entry 1" in out


def test_the_site_configuration_in_force_is_named_by_the_environment(
    zone_camp: ZoneCamp,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    camp = ("--camp", str(zone_camp.folder))
    monkeypatch.setenv("DATAKAMP_SITE", str(zone_camp.office / "site.toml"))
    assert command("audit", *camp)[0] == 0
    monkeypatch.setenv("DATAKAMP_SITE", str(zone_camp.office / "other.toml"))
    assert command("audit", *camp)[0] == 1


def test_nothing_that_is_printed_steers_the_terminal(zone_camp: ZoneCamp, command: Command) -> None:
    from output_review.models import OutputRow, RequestRow

    camp = ("--camp", str(zone_camp.folder))
    zone_camp.hand_in({"by-wijk": zone_camp.recipe()})
    command("review", "ingest", *camp)
    command("review", "vote", "1", *camp, "--reviewer", "vera", "--all", "--decision", "reject", *("--reason", "other"),
            *("--text", "no"))  # fmt: skip
    hostile = "x\x1b[2K\x9b\u202e\u200b"
    RequestRow.objects.update(title=hostile, purpose=hostile, author=hostile)
    OutputRow.objects.update(title=hostile, population=hostile, note=hostile)
    for words in (("review", "list"), ("review", "show", "1")):
        for more in ((), ("--json",)):
            status, out, _ = command(*words, *more, *camp)
            assert status == 0
            assert not set(out) & set("\x1b\x9b\u202e\u200b")


def test_the_files_of_an_output_are_written_for_looking_at_and_over_nothing(
    zone_camp: ZoneCamp, command: Command, tmp_path: Path
) -> None:
    camp = ("--camp", str(zone_camp.folder))
    figure = SubmittedFigure(FigureRequest(FigureKind.BAR))
    zone_camp.hand_in({"by-wijk": zone_camp.recipe()}, figures={"by-wijk": figure})
    assert command("review", "ingest", *camp)[0] == 0
    into = tmp_path / "look"
    into.mkdir()
    asked = ("review", "files", "1", *camp, "--into", str(into), "--output")
    status, out, _ = command(*asked, "by-wijk")
    assert status == 0
    shown = json.loads(command("review", "show", "1", *camp, "--json")[1])["outputs"][0]["files"]
    assert {path.name: digest(path.read_bytes()) for path in into.iterdir()} == shown
    assert {"by-wijk.svg", "by-wijk.png", "by-wijk.csv"} <= set(shown)
    assert str(into / "by-wijk.svg") in out
    assert command(*asked, "by-wijk")[0] == 1
    assert command(*asked, "other")[0] == 2
    assert command("review", "files", "1", *camp, "--into", str(tmp_path / "none"), "--output", "by-wijk")[0] == 2
