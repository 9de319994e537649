"""A synthetic camp that all case notebooks run in, and what a run of one printed and handed in."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, cast

import jupytext
import nbformat
import pandas as pd
import pytest

from disclosure.exchange.camp import CampFile, Participant, Team, read_camp
from disclosure.exchange.files import write_atomically
from disclosure.exchange.submission import submission_from_bytes
from output_review.store.once import folder_lock
from workspace.broker import HandIn, HandInState, hand_in
from workspace.camp_folder import new_camp
from workspace.cases import Case, case, case_files
from workspace.isolation.seal import Seal
from workspace.preparation.data import prepare_data
from workspace.preparation.plan import plan_of
from workspace.runs import run_for_team
from workspace.synthetic import synthesize

PERSONS = 30_000
YEARS = (2018, 2022)
REVIEWERS = ("vera", "wim")


@dataclass(frozen=True)
class Ran:
    """What came out of a sealed run of a case: what it printed, and the figures of each output that it handed in."""

    printed: str
    outputs: dict[str, list[dict[str, Any]]]

    def figure(self, output: str, **labels: str) -> float:
        """Return the one figure of an output in the cell with exactly these labels."""
        [found] = [one for one in self.outputs[output] if one["cell"] == labels]
        return float(found["value"])

    def published(self, output: str) -> list[dict[str, Any]]:
        """Return the figures of an output that are not withheld."""
        return [one for one in self.outputs[output] if one["status"] == "published"]


class City:
    """The data sets, what the generator says is in them, and a camp prepared for a team for each case."""

    def __init__(self, folder: Path) -> None:
        self.source, camp = folder / "source", folder / "camp"
        if not camp.exists():
            synthesize(self.source, persons=PERSONS, years=YEARS)
            prepared_for_cases(folder / "half-made", self.source).rename(camp)
        self.camp: CampFile = read_camp(camp)
        self.truth: dict[str, Any] = json.loads((self.source / "truth.json").read_text("utf-8"))
        self.read = cache(self._read)

    def _read(self, name: str, year: int | None = None) -> pd.DataFrame:
        frame = pd.read_parquet(self.source / f"{name}{year or ''}" / "data.parquet")
        dates = [str(column) for column in frame if frame[column].map(lambda one: isinstance(one, date)).any()]
        return frame.assign(**{column: pd.to_datetime(frame[column]) for column in dates})


def prepared_for_cases(folder: Path, source: Path) -> Path:
    """Make a camp with a team for each case, and in it what `camp prepare` brings in: the declared columns, no more."""
    cases = [case(int(one.name[5:7])) for one in case_files()]
    camp = new_camp(
        folder,
        name="cases",
        mark="DEMO",
        teams=tuple(Team(team_of(one.number), tuple(one.data_sets({}))) for one in cases),
        participants=tuple(Participant(name, ("reviewer",), ()) for name in REVIEWERS),
        event="".join(f'[[cases]]\ncase = {one.number}\nteam = "{team_of(one.number)}"\n' for one in cases),
    )
    prepare_data(camp, plan_of(camp), source, lambda _: None)
    return folder


def team_of(number: int) -> str:
    """Return the name of the team that has a case."""
    return f"case-{number:02}"


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this run of the tests have, so that what takes long is made by one of them."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "cases"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def city(shared: Path) -> City:
    with folder_lock(shared):
        return City(shared)


@pytest.fixture(scope="session")
def run_case(shared: Path, city: City, seal: Seal) -> Callable[[int], Ran]:
    """Run a case sealed in the workspace of its own team, hand in what it submits, and return what came out.

    The worked answer of its exercise runs below it, as somebody who reads it would have it. Each case runs once.
    """

    def run(number: int) -> Ran:
        kept = shared / team_of(number) / "ran.json"
        kept.parent.mkdir(exist_ok=True)
        with folder_lock(kept.parent):
            if not kept.exists():
                write_atomically(kept, json.dumps(asdict(_run(city.camp, number, seal))).encode())
        return Ran(**json.loads(kept.read_bytes()))

    return run


def _run(camp: CampFile, number: int, seal: Seal) -> Ran:
    shown, team = case(number), team_of(number)
    (camp.workspace(team) / shown.notebook_name).write_bytes(_with_answer(shown))
    done = run_for_team(camp, team, Path(shown.notebook_name), {}, seal=seal)
    assert done.output is not None
    handed = hand_in(camp, team, seal=seal)
    assert handed[-1:] == (HandIn(handed[-1].number, HandInState.SUBMITTED),)
    folder = camp.outbox(team) / str(handed[-1].number)
    submission = submission_from_bytes((folder / "submission.json").read_bytes())
    outputs = {
        one.name: json.loads((folder / "claims" / f"{one.name}.json").read_bytes())["cells"]
        for one in submission.outputs
    }
    return Ran(_printed(done.output), outputs)


def _with_answer(shown: Case) -> bytes:
    read, write = cast("Any", nbformat.reads), cast("Any", nbformat.writes)  # they have no types
    notebook = read(shown.notebook().decode(), as_version=4)
    answer = case_files()[0].parent / "answers" / f"case-{shown.number:02}.py"
    if answer.is_file():
        cells = jupytext.reads(answer.read_text("utf-8"), fmt="py:percent").cells
        notebook.cells += cells
    return str(write(notebook)).encode()


def _printed(path: Path) -> str:
    document = json.loads(path.read_text("utf-8"))
    outputs = [output for cell in document["cells"] for output in cell.get("outputs", [])]
    # A slow kernel sends one printed line in several pieces.
    return "".join("".join(output.get("text", "")) for output in outputs)
