"""The control zone on the command line: exit statuses, and no traceback whatever is asked."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest

import datakamp
import output_review.commands
from output_review.ports import Engines
from tests.output_review.zone_camp import PASSPHRASE, ZoneCamp, tabulate


@pytest.fixture
def command(zone_camp: ZoneCamp, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    """The command line with engines that need no box; returns status, output and errors."""
    group = click.Group("datakamp")
    for one in output_review.commands.commands(lambda: Engines(zone_camp.reproduce, tabulate)):
        group.add_command(one)
    monkeypatch.setattr(datakamp, "datakamp", group)

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        status = datakamp.run([*arguments])
        told = capsys.readouterr()
        assert "Traceback" not in told.out + told.err
        return status, told.out, told.err

    return run


def test_the_whole_path_on_the_command_line(zone_camp: ZoneCamp, command) -> None:  # type: ignore[no-untyped-def]
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
    command,  # type: ignore[no-untyped-def]
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


def test_no_message_holds_the_passphrase(zone_camp: ZoneCamp, command, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
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
