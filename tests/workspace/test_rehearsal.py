"""`datakamp camp rehearse`: the camp of camp.toml, held on synthetic data from preparing to closing."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest

from datakamp import run
from disclosure.errors import BadInputError
from disclosure.exchange.camp import ZoneMode, camp_of, read_camp
from disclosure.model.toml import parse_toml
from tests.workspace.event_camp import EVENT, event_camp
from tests.workspace.test_camp_signing import SIGNED, TESTED
from workspace.camp_checks import check_camp
from workspace.rehearsal import Rehearsal, RehearsalError, rehearsed


@pytest.fixture
def planned(tmp_path: Path) -> Path:
    return event_camp(tmp_path / "planned")


def test_a_camp_is_held_from_preparing_to_closing(planned: Path, tmp_path: Path, seal: object) -> None:
    # Nobody has signed, and what is to be signed is not written yet.
    (planned / "camp.toml").write_text(EVENT.replace(SIGNED, "").replace(TESTED, ""), "utf-8")
    (planned / "statement.txt").unlink()
    assert check_camp(planned, data=False, signed=False) == ()
    assert len(check_camp(planned, data=False)) == 8
    before = sorted(planned.iterdir())
    told: list[str] = []
    folder = tmp_path / "rehearsal"
    assert Rehearsal(read_camp(planned), folder, 5_000, run, told.append).hold() == 1
    assert [line.partition(":")[0].partition(" (")[0] for line in told] == [
        "synthetic data, prepared as the camp's will be", "keys, and the camp opened", "case 2 of armoede",
        "every figure computed again", "request 1", "what each team presents",
        "the camp closed",
    ]  # fmt: skip
    closed = json.loads((folder / "closed.json").read_bytes())
    assert closed["code"]["files"] >= 1
    assert not list((folder / "microdata").iterdir())
    assert len(list((folder / "released").glob("*.zip"))) == 1
    assert [one.name for one in (tmp_path / "rehearsal-shown").iterdir()] == ["armoede"]
    assert sorted(planned.iterdir()) == before


def test_a_rehearsal_is_marked_and_its_zones_are_not_separated() -> None:
    text = EVENT.replace('mode = "one-user"', 'mode = "user-per-zone"\nusers = "camp-"')
    camp = camp_of(parse_toml(rehearsed(text).encode()), Path())
    assert (camp.mode, camp.mark, camp.users) == (ZoneMode.ONE_USER, "DEMO", "")
    assert camp.event == camp_of(parse_toml(EVENT.encode()), Path()).event


def test_a_step_that_fails_is_named_with_what_it_said(planned: Path, tmp_path: Path) -> None:
    def refusing(arguments: list[str]) -> int:
        click.echo("a word about it")
        return 2 if arguments[0] == "data" else 0

    with pytest.raises(RehearsalError, match=r"'datakamp data synthesize' ended with status 2: a word about it"):
        Rehearsal(read_camp(planned), tmp_path / "rehearsal", 5_000, refusing, lambda _: None).hold()


def test_outputs_that_are_not_safe_end_a_rehearsal(
    planned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests = [{"request": 1, "team": "armoede", "outputs": [{"name": "by-wijk", "verdict": "unsafe"}]}]

    def answering(arguments: list[str]) -> int:
        click.echo(json.dumps(requests if arguments[:2] == ["review", "list"] else {}))
        return 0

    monkeypatch.setattr("workspace.rehearsal.office_with_new_keys", lambda *_: "SHA256:0")
    with pytest.raises(RehearsalError, match="not safe: by-wijk"):
        Rehearsal(read_camp(planned), tmp_path / "rehearsal", 5_000, answering, lambda _: None).hold()


def nothing(_: list[str]) -> int:
    return 0


@pytest.mark.parametrize("of", ["taken", "without cases"])
def test_a_rehearsal_that_cannot_begin_changes_nothing(tmp_path: Path, of: str) -> None:
    text = EVENT if of == "taken" else EVENT[: EVENT.index("[[cases]]")] + EVENT[EVENT.index("[[rota]]") :]
    camp = read_camp(event_camp(tmp_path / "planned", text))
    folder = tmp_path / "rehearsal"
    if of == "taken":
        folder.mkdir()
    with pytest.raises(BadInputError, match="already" if of == "taken" else "no cases"):
        Rehearsal(camp, folder, 5_000, nothing, lambda _: None).hold()
    assert not folder.exists() or not list(folder.iterdir())


def test_the_command_refuses_a_camp_that_does_not_fit_together(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = event_camp(tmp_path / "planned", EVENT.replace("threshold = 110", "threshold = 1"))
    assert run(["camp", "rehearse", "--camp", str(folder), "--in", str(tmp_path / "rehearsal")]) == 2
    assert "camp check" in capsys.readouterr().err
