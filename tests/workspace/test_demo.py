"""The demonstration: it takes the steps that people take, stops when one does not hold, and overwrites nothing."""

from __future__ import annotations

import io
import json
import tomllib
import zipfile
from pathlib import Path

import click
import pytest
from rich.console import Console

import datakamp
from disclosure.errors import BadInputError
from disclosure.exchange.camp import read_camp
from workspace.camp_folder import new_camp
from workspace.cases import case
from workspace.demo import DATA_SETS, demo
from workspace.demo_files import CASE, DemoError, free_folder, tampered, told_by

OUTPUT = "demo-1/data/outputs/children.csv"


class FakeCommandLine:
    """Does on disk what the demonstration looks at, and nothing else."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.calls: list[tuple[str, ...]] = []
        self.fails: tuple[str, ...] = ()
        self.requests = [{"request": 7, "outputs": [{"name": "children", "verdict": "safe", "level": "recomputed"}]}]
        self.names_the_change = True
        self.notices = True

    def __call__(self, arguments: list[str]) -> int:
        call = tuple(arguments)
        self.calls.append(call)
        if self.fails and call[: len(self.fails)] == self.fails:
            return 1
        match call:
            case ("key", "new", name, *_):
                (self.folder / "office" / "keys" / f"{name}.key").touch()
            case ("key", "list", *_):
                click.echo(json.dumps([{"name": "root", "role": "root", "fingerprint": "DEMO-1"}]))
            case ("run", name, *_):
                runs = self.folder / "workspaces" / "armoede" / "runs"
                runs.mkdir()
                stream = {"output_type": "stream", "text": ["unsafe 3\n", "- merge | loses: detail\n"]}
                (runs / name).write_text(json.dumps({"cells": [{"outputs": [stream]}]}))
            case ("review", "list", *rest) if "--json" in rest:
                click.echo(json.dumps(self.requests))
            case ("release", *_):
                with zipfile.ZipFile(self.folder / "released" / "demo-1.zip", "w") as package:
                    package.writestr(OUTPUT, "wijk,n\n28,20\n")
                    package.writestr("demo-1/bagit.txt", "x")
            case ("verify", path, *_):
                changed = self.notices and "tampered" in path
                click.echo("output: children.csv")
                if changed and self.names_the_change:
                    click.echo("CHANGED: children.csv")
                return 1 if changed else 0
        return 0

    def did(self, *words: str) -> list[tuple[str, ...]]:
        return [call for call in self.calls if call[: len(words)] == words]


@pytest.fixture
def line(tmp_path: Path) -> FakeCommandLine:
    return FakeCommandLine(tmp_path / "demo")


def show(line: FakeCommandLine) -> str:
    told = io.StringIO()
    demo(line.folder, 5_000, line, Console(file=told, width=120))
    return told.getvalue()


def test_it_takes_the_whole_way_in_order(line: FakeCommandLine) -> None:
    told = show(line)
    way = [" ".join(call[:2]) if call[0] in ("data", "key", "camp", "review") else call[0] for call in line.calls]
    assert list(dict.fromkeys(way)) == [
        "data synthesize", "data register", "key new", "key list", "camp open", "run", "submit", "review ingest",
        "review list", "review vote", "sign", "release", "verify",
    ]  # fmt: skip
    assert [call[call.index("--reviewer") + 1] for call in line.did("review", "vote")] == ["vera", "wim"]
    assert all(call[2] == "7" for call in line.did("review", "vote"))
    assert all("DEMO-1" in call and "--demo" in call for call in line.did("verify"))
    assert "10. One bit" in told
    assert "CHANGED: children.csv" in told
    assert "released/demo-1.zip" in told
    assert "unsafe 3" in told
    assert "loses: detail" not in told


def test_the_camp_is_marked_and_its_root_key_is_thrown_away(line: FakeCommandLine) -> None:
    show(line)
    camp = read_camp(line.folder)
    assert (camp.mark, camp.mode.value, camp.policy) == ("DEMO", "one-user", "cbs")
    assert {person.name: person.roles for person in camp.participants} == {
        "anna": ("researcher",), "vera": ("reviewer",), "wim": ("reviewer",), "otto": ("organiser",),
    }  # fmt: skip
    assert tomllib.loads((line.folder / "office" / "site.toml").read_text())["roots"] == ["DEMO-1"]
    keys = {path.name for path in (line.folder / "office" / "keys").iterdir()}
    assert "root.key" not in keys
    assert "root.passphrase" not in keys
    secrets = list((line.folder / "office" / "keys").glob("*.passphrase"))
    assert len({path.read_bytes() for path in secrets}) == 4
    assert all(path.stat().st_mode & 0o077 == 0 for path in secrets)
    assert not (line.folder / ".synthetic").exists()


def test_no_passphrase_is_shown(line: FakeCommandLine) -> None:
    told = show(line)
    secrets = [path.read_text().strip() for path in (line.folder / "office" / "keys").glob("*.passphrase")]
    assert len(secrets) == 4
    assert not [secret for secret in secrets if secret in told]


@pytest.mark.parametrize(
    "step", ["data register", "camp open", "run", "submit", "review vote", "sign", "release", "verify"]
)
def test_a_step_that_fails_stops_it(line: FakeCommandLine, step: str) -> None:
    line.fails = tuple(step.split())
    with pytest.raises(DemoError, match="ended with status 1 instead of 0"):
        show(line)
    assert line.calls[-1][: len(line.fails)] == line.fails


def test_a_forgery_that_is_not_noticed_stops_it(line: FakeCommandLine) -> None:
    line.notices = False
    with pytest.raises(DemoError, match="ended with status 0 instead of 1"):
        show(line)


def test_a_forgery_of_which_the_file_is_not_named_stops_it(line: FakeCommandLine) -> None:
    line.names_the_change = False
    with pytest.raises(DemoError, match="not named"):
        show(line)


def test_no_request_in_review_stops_it(line: FakeCommandLine) -> None:
    line.requests = []
    with pytest.raises(DemoError, match="found 0"):
        show(line)


# -------------------------------------------------------------------------------------------------------------- files
def test_a_demonstration_is_not_overwritten_and_another_goes_beside_it(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    assert free_folder(folder, again=False) == folder
    new_camp(folder, mark="DEMO")
    with pytest.raises(BadInputError, match=r"already\. Give --again"):
        free_folder(folder, again=False)
    assert free_folder(folder, again=True) == tmp_path / "demo-2"
    new_camp(tmp_path / "demo-2", mark="DEMO")
    assert free_folder(folder, again=True) == tmp_path / "demo-3"


@pytest.mark.parametrize("again", [False, True])
def test_a_folder_of_anything_else_is_left_alone(tmp_path: Path, again: bool) -> None:
    new_camp(tmp_path / "camp")
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "thesis.txt").touch()
    for name in ("camp", "file", "folder"):
        with pytest.raises(BadInputError, match="no demonstration"):
            free_folder(tmp_path / name, again=again)


def test_the_forgery_differs_in_one_bit_of_one_output(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as package:
        for name in ("demo-1/data/certificate.json", OUTPUT, "demo-1/data/outputs/other.json"):
            package.writestr(name, "wijk,n\n28,20\n")
    assert tampered(tmp_path / "a.zip", tmp_path / "b.zip") == OUTPUT
    with zipfile.ZipFile(tmp_path / "a.zip") as one, zipfile.ZipFile(tmp_path / "b.zip") as other:
        assert one.namelist() == other.namelist()
        changed = {
            name: bytes(a ^ b for a, b in zip(one.read(name), other.read(name), strict=True)) for name in one.namelist()
        }
    bits = {name: int.from_bytes(difference).bit_count() for name, difference in changed.items()}
    assert bits == {name: int(name == OUTPUT) for name in bits}


def test_a_package_without_outputs_cannot_be_forged(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as package:
        package.writestr("demo-1/bagit.txt", "x")
    with pytest.raises(DemoError, match="no output"):
        tampered(tmp_path / "a.zip", tmp_path / "b.zip")


def test_what_it_registers_is_what_its_case_reads() -> None:
    assert set(DATA_SETS) == set(case(CASE).data_sets({}))


def test_a_line_that_a_kernel_sent_in_pieces_is_told_as_one_line(tmp_path: Path) -> None:
    def stream(text: list[str]) -> dict[str, object]:
        return {"output_type": "stream", "name": "stdout", "text": text}

    cells = [
        {"cell_type": "code", "outputs": [stream(["Refused:"]), stream([" 'A'\n", "- merge b\n"]), stream(["\n"])]},
        {"cell_type": "markdown"},
        {"cell_type": "code", "outputs": [stream(["no end of line"])]},
        {"cell_type": "code", "outputs": [{"output_type": "display_data"}, stream(["last\n"])]},
    ]
    (tmp_path / "run.ipynb").write_text(json.dumps({"cells": cells}))
    assert told_by(tmp_path / "run.ipynb") == "Refused: 'A'\nno end of line\nlast"


# --------------------------------------------------------------------------------------------------------- for real
def test_the_whole_way_for_real(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "demo"
    assert datakamp.run(["demo", str(folder), "--persons", "5000"]) == 0
    told = capsys.readouterr().out
    assert "recomputed" in told
    assert "Refused: 'BEID'" in told
    assert "CHANGED" in told
    assert len(list((folder / "released").glob("*.zip"))) == 1
    assert datakamp.run(["demo", str(folder)]) == 2
    assert "Give --again" in capsys.readouterr().err
