"""The workspace on the command line: exit status 0 done, 1 the answer is no, 2 bad input; never a traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import datakamp
from disclosure.errors import SealError
from disclosure.exchange.camp import CampFile, read_camp
from tests.workspace.small_camp import DATA_SET, SUBMIT, TEAM, data_set, make_camp, notebook, put, put_request

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("ipykernel", "nbclient", "nbformat", "papermill", "pyarrow", "rich", "workspace.runs", "workspace.broker")
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command line and return exit status, standard output and standard error."""

    def run(*arguments: object) -> tuple[int, str, str]:
        status = datakamp.run([str(argument) for argument in arguments])
        told = capsys.readouterr()
        assert "Traceback" not in told.out + told.err
        return status, told.out, told.err

    return run


@pytest.fixture
def camp(tmp_path: Path) -> CampFile:
    return make_camp(tmp_path)


@pytest.fixture
def no_seal(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise SealError("bubblewrap (bwrap) is not installed.", hint="Install bubblewrap.")

    monkeypatch.setattr("workspace.isolation.seal.verify_seal", fails)


# ---------------------------------------------------------------------------------------------------------------- run
def test_a_notebook_runs_and_the_seal_is_named(camp: CampFile, run: Run) -> None:
    put(camp, "homes.ipynb", notebook("assert (threshold, area) == (110, 'bc')", parameters="threshold = 0\narea = ''"))
    status, out, err = run(
        "run", "homes.ipynb", "--camp", camp.folder, "--team", TEAM, "-p", "threshold=110", "-p", "area=bc"
    )
    assert status == 0, err
    assert "Done: 3 cells" in out  # with the one that sets the parameters
    assert "Seal: bubblewrap" in err


def test_a_notebook_that_fails_is_a_no(camp: CampFile, run: Run) -> None:
    put(camp, "homes.ipynb", notebook("{}['000012345']"))
    status, out, err = run("run", "homes.ipynb", "--camp", camp.folder, "--team", TEAM)
    assert (status, out) == (1, "")
    assert "failed in cell 1 with KeyError" in err
    assert "000012345" not in err


@pytest.mark.usefixtures("no_seal")
@pytest.mark.parametrize("command", [("run", "homes.ipynb"), ("submit",)])
def test_without_a_seal_nothing_runs_and_it_says_why(camp: CampFile, run: Run, command: tuple[str, ...]) -> None:
    put_request(camp)
    status, out, err = run(*command, "--camp", camp.folder, "--team", TEAM)
    assert (status, out) == (1, "")
    assert "not installed. Install bubblewrap." in err
    assert not (camp.workspace(TEAM) / "runs").exists()
    assert not camp.outbox(TEAM).joinpath("1").exists()


def test_without_a_camp_it_says_what_a_camp_is_for(run: Run) -> None:
    status, _, err = run("run", "homes.ipynb")
    assert status == 2
    assert "runs in a camp" in err


@pytest.mark.parametrize(
    "arguments",
    [
        ("--team", "haven"),
        (),
        ("--team", TEAM, "-p", "year"),
        ("--team", TEAM, "-p", "no name=1"),
        ("--team", TEAM, "-p", "a=1", "-p", "a=2"),
        ("--team", TEAM, "-p", "absent=1"),
        ("--team", TEAM, "--output", "outside.ipynb"),
    ],
    ids=["unknown team", "which team", "no value", "no name", "twice", "undeclared", "output outside"],
)
def test_bad_input_is_told_and_nothing_runs(camp: CampFile, run: Run, arguments: tuple[str, ...]) -> None:
    put(camp, "homes.ipynb", notebook("1", parameters="a = 0"))
    status, out, _ = run("run", "homes.ipynb", "--camp", camp.folder, *arguments)
    assert (status, out) == (2, "")
    assert not list(camp.workspace(TEAM).glob("runs/*"))


@pytest.mark.parametrize("command", [("run", "x.ipynb"), ("submit",), ("data", "list")])
def test_a_folder_that_is_no_camp_is_bad_input(tmp_path: Path, run: Run, command: tuple[str, ...]) -> None:
    status, _, err = run(*command, "--camp", tmp_path)
    assert status == 2
    assert "no camp" in err


# ------------------------------------------------------------------------------------------------------------- submit
def test_what_a_notebook_submitted_is_handed_in(camp: CampFile, run: Run) -> None:
    put(camp, "homes.ipynb", notebook(SUBMIT))
    assert run("run", "homes.ipynb", "--camp", camp.folder, "--team", TEAM)[0] == 0
    status, out, _ = run("submit", "--camp", camp.folder, "--team", TEAM)
    assert (status, out) == (0, "Request 1 of armoede: submitted.\n")
    assert (camp.outbox(TEAM) / "1" / "submission.json").is_file()
    status, out, _ = run("submit", "--camp", camp.folder, "--team", TEAM)
    assert (status, out) == (0, "There is nothing to hand in.\n")


def test_a_refused_request_is_a_no_with_its_reason(camp: CampFile, run: Run) -> None:
    (put_request(camp) / ".hidden").touch()
    status, out, _ = run("submit", "--camp", camp.folder, "--team", TEAM, "--json")
    (row,) = json.loads(out)
    assert (status, row["number"], row["state"]) == (1, 1, "refused")
    assert "files that no request has" in row["reason"]


# --------------------------------------------------------------------------------------------------------------- data
def test_data_are_made_registered_and_listed(camp: CampFile, run: Run, tmp_path: Path) -> None:
    made = tmp_path / "made"
    status, out, _ = run("data", "synthesize", made, "--persons", 1000, "--seed", 1)
    assert status == 0
    assert "1,000 persons" in out
    assert run("data", "register", "--camp", camp.folder, made / "INHATAB", made / "VSLGWBTAB")[0] == 0
    status, out, _ = run("data", "list", "--camp", camp.folder, "--json")
    rows = {row["name"]: row for row in json.loads(out)}
    assert set(rows) == {DATA_SET, "INHATAB", "VSLGWBTAB"}
    assert (rows[DATA_SET]["teams"], rows[DATA_SET]["unit"]) == ([TEAM], ["person"])
    assert rows["INHATAB"]["digest"].startswith("sha256:")
    status, out, _ = run("data", "list", "--camp", camp.folder)
    assert (status, out.count("sha256:")) == (0, 3)


def test_a_data_set_is_registered_once(camp: CampFile, run: Run, tmp_path: Path) -> None:
    status, _, err = run("data", "register", "--camp", camp.folder, data_set(tmp_path / "again"))
    assert status == 2
    assert "already" in err


def test_data_that_are_not_synthetic_are_a_no(camp: CampFile, run: Run, tmp_path: Path) -> None:
    status, _, err = run(
        "data", "register", "--camp", camp.folder, data_set(tmp_path / "real", name="REAL", synthetic=False)
    )
    assert status == 1
    assert "not synthetic" in err


def test_a_data_set_that_changed_is_a_no(camp: CampFile, run: Run) -> None:
    with (camp.data_folder(DATA_SET) / "codebook.toml").open("a") as stream:
        stream.write("\n")
    status, out, err = run("data", "list", "--camp", camp.folder)
    assert (status, out) == (1, "")
    assert "not the file that was registered" in err


# --------------------------------------------------------------------------------------------------------------- camp
def test_a_new_camp_is_a_camp(run: Run, tmp_path: Path) -> None:
    status, out, _ = run("camp", "new", tmp_path / "first", "--title", "First")
    assert status == 0
    assert "synthetic data only" in out
    assert read_camp(tmp_path / "first").title == "First"
    assert run("camp", "new", tmp_path / "first")[0] == 2


def test_the_next_command_of_a_camp_with_users_names_the_office(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "first"
    status, out, _ = run("camp", "new", folder, "--users", "camp-")
    assert status == 0
    assert f"datakamp camp users --camp {folder} --site SITE" in out


# ---------------------------------------------------------------------------------------------------------------- help
def test_the_commands_load_no_library_before_they_run() -> None:
    script = f"import sys, workspace.commands; print([name for name in {HEAVY!r} if name in sys.modules])"
    before = f"import sys, disclosure; print([name for name in {HEAVY!r} if name in sys.modules])"
    found = [
        subprocess.run([sys.executable, "-c", one], capture_output=True, text=True, check=True, cwd=ROOT).stdout
        for one in (script, before)
    ]
    assert found[0] == found[1]


@pytest.mark.parametrize("command", [("run",), ("submit",), ("data",), ("data", "synthesize"), ("camp",)])
def test_every_command_has_help(run: Run, command: tuple[str, ...]) -> None:
    status, out, _ = run(*command, "--help")
    assert status == 0
    assert "Usage:" in out
