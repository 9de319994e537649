"""`review account`: a code for a person of the camp, shown once."""

from __future__ import annotations

import json
from collections.abc import Callable

import click
import pytest

import datakamp
import output_review.commands
from output_review.ports import Engines
from output_review.services.accounts import invited
from tests.output_review.zone_camp import ZoneCamp, compare, read, tabulate

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(zone_camp: ZoneCamp, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """The command line of this camp; returns status, output and errors."""
    group = click.Group("datakamp")
    for one in output_review.commands.commands(
        lambda: Engines(zone_camp.reproduce, tabulate, compare, read), lambda *_: None
    ):
        group.add_command(one)
    monkeypatch.setattr(datakamp, "datakamp", group)

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        status = datakamp.run(["review", "account", *arguments, "--camp", str(zone_camp.folder)])
        told = capsys.readouterr()
        assert "Traceback" not in told.out + told.err
        return status, told.out, told.err

    return run


def test_a_person_of_the_camp_gets_a_code_that_works(zone_camp: ZoneCamp, command: Command) -> None:
    status, out, _ = command("vera", "--json")
    told = json.loads(out)
    assert (status, told["person"]) == (0, "vera")
    assert invited(zone_camp.zone(), "vera", told["code"])
    status, out, _ = command("vera")
    assert status == 0
    assert "good until" in out
    assert not invited(zone_camp.zone(), "vera", told["code"])


def test_nobody_else_does(command: Command) -> None:
    status, out, error = command("zeno")
    assert (status, out) == (2, "")
    assert "nobody of that name" in error


def test_an_account_that_there_is_stays_unless_it_is_reset(zone_camp: ZoneCamp, command: Command) -> None:
    assert command("vera")[0] == 0
    from django.contrib.auth.models import User
    from django_otp.plugins.otp_totp.models import TOTPDevice

    user = User.objects.create_user("vera", password="four words are enough")
    TOTPDevice.objects.create(user=user, name="app", confirmed=True)
    status, _, error = command("vera")
    assert status == 1
    assert "--reset" in error
    assert TOTPDevice.objects.exists()
    assert command("vera", "--reset")[0] == 0
    assert not TOTPDevice.objects.exists()
    assert not User.objects.get(username="vera").has_usable_password()
    assert command("vera")[0] == 0
