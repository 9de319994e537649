"""A synthetic camp that all case notebooks run in, and what a run of one printed and handed in."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, cast

import jupytext
import nbformat
import pandas as pd
import pytest

from disclosure.exchange.camp import CampFile, Team
from disclosure.exchange.submission import submission_from_bytes
from workspace.broker import HandIn, HandInState, hand_in
from workspace.camp_folder import new_camp
from workspace.cases import Case, case, case_files
from workspace.catalogue import register
from workspace.isolation.seal import Seal
from workspace.runs import run_for_team
from workspace.synthetic import synthesize

PERSONS = 30_000
YEARS = (2018, 2022)
TEAMS = 14


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
    """The data sets, what the generator says is in them, and a camp with a team for each case."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "source"
        sets = synthesize(self.folder, persons=PERSONS, years=YEARS)
        names = tuple(one.name for one in sets)
        self.camp: CampFile = new_camp(
            folder / "camp",
            mark="DEMO",
            teams=tuple(Team(f"case-{number:02}", names) for number in range(1, TEAMS + 1)),
        )
        for one in sets:
            register(self.camp, one)
        self.truth: dict[str, Any] = json.loads((self.folder / "truth.json").read_text("utf-8"))
        self.read = cache(self._read)

    def _read(self, name: str, year: int | None = None) -> pd.DataFrame:
        frame = pd.read_parquet(self.folder / f"{name}{year or ''}" / "data.parquet")
        dates = [str(column) for column in frame if frame[column].map(lambda one: isinstance(one, date)).any()]
        return frame.assign(**{column: pd.to_datetime(frame[column]) for column in dates})


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    return City(tmp_path_factory.mktemp("cases"))


@pytest.fixture(scope="session")
def run_case(city: City, seal: Seal) -> Callable[..., Ran]:
    """Run a case sealed in the workspace of its own team, hand in what it submits, and return what came out.

    The worked answer of its exercise runs below it, as somebody who reads it would have it.
    """

    def run(number: int, **parameters: str | int) -> Ran:
        shown, team = case(number), f"case-{number:02}"
        (city.camp.workspace(team) / shown.notebook_name).write_bytes(_with_answer(shown))
        done = run_for_team(city.camp, team, Path(shown.notebook_name), parameters, seal=seal)
        assert done.output is not None
        handed = hand_in(city.camp, team, seal=seal)
        assert handed[-1:] == (HandIn(handed[-1].number, HandInState.SUBMITTED),)
        folder = city.camp.outbox(team) / str(handed[-1].number)
        submission = submission_from_bytes((folder / "submission.json").read_bytes())
        outputs = {
            one.name: json.loads((folder / "claims" / f"{one.name}.json").read_bytes())["cells"]
            for one in submission.outputs
        }
        return Ran(_printed(done.output), outputs)

    return run


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
