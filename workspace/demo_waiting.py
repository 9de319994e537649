"""A demonstration that leaves requests for review behind: what somebody finds who opens the review application first.

Three notebooks run in sealed kernels and hand in: one with nothing but safe tables, one of which a table is unsafe and
whose population says little, and one about which a reviewer asks something.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from disclosure.exchange.files import write_atomically
from workspace.demo_files import DemoError

RESEARCHER: Final = "anna"
"""Who of the team hands in; she has an account of the review application."""
Do = Callable[..., str]
"""Runs the command line with these arguments and returns what it printed."""


@dataclass(frozen=True)
class Handed:
    """A notebook of the demonstration: its name, what it is about, and the cells that fill the basket."""

    name: str
    title: str
    purpose: str
    cells: str

    def notebook(self) -> bytes:
        """Return the notebook, as JupyterLab writes it."""
        cells = (f"# {self.title}", _ROWS, self.cells, self._submit())
        document: dict[str, Any] = {
            "cells": [_cell(place, source) for place, source in enumerate(cells)],
            "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        return json.dumps(document, indent=1).encode()

    def _submit(self) -> str:
        given = f"title={self.title!r}, purpose={self.purpose!r}, code=[{self.name!r}], author={RESEARCHER!r}"
        return f"print('Request', sdc.submit({given}))"


def _cell(place: int, source: str) -> dict[str, Any]:
    head = {"id": f"cell-{place}", "metadata": {}, "source": source.splitlines(keepends=True)}
    if source.startswith("# "):
        return {"cell_type": "markdown", **head}
    return {"cell_type": "code", "execution_count": None, "outputs": [], **head}


_ROWS: Final = """\
import ibis
import disclosure as sdc

persons = sdc.data("GBAPERSOONTAB")
born = persons["GBAGEBOORTEJAAR"]
generation = ibis.ifelse(born < 1960, "before 1960", ibis.ifelse(born < 1990, "1960 to 1989", "1990 and later"))
rows = persons.select("RINPERSOON", "GBAGEBOORTEJAAR", "GBAGESLACHT", generation=generation)
basket = sdc.basket()
"""
_PEOPLE: Final = "Persons in the population register of The Hague, one row each"
REQUESTS: Final = (
    Handed(
        "generations.ipynb",
        "Men and women by generation",
        "To show how old the population is, for the neighbourhood profiles.",
        f"""\
by_generation = sdc.table(rows, rows=["generation"], columns=["GBAGESLACHT"], unit="RINPERSOON")
basket.add(by_generation, name="persons-by-generation", title="Persons by generation and sex", population={_PEOPLE!r})
""",
    ),
    Handed(
        "years-of-birth.ipynb",
        "Persons by year of birth",
        "For a population pyramid.",
        """\
old = rows.filter(rows["GBAGEBOORTEJAAR"] < 1935)
years = sdc.table(
    old.select("RINPERSOON", year=old["GBAGEBOORTEJAAR"].cast("string")), rows=["year"], unit="RINPERSOON"
)
print(years.verdict.status)
basket.add(years, name="oldest-by-year", title="Persons by year of birth", population="persons")
""",
    ),
    Handed(
        "later-generation.ipynb",
        "The generation of 1990 and later",
        "To show the youngest generation, for the plans for schools.",
        f"""\
later = rows.filter(rows["generation"] == "1990 and later")
by_sex = sdc.table(later, rows=["GBAGESLACHT"], unit="RINPERSOON")
who = {_PEOPLE!r} + ", born in 1990 or later"
basket.add(by_sex, name="later-by-sex", title="Persons born in 1990 or later, by sex", population=who)
""",
    ),
)  # fmt: skip
RETURNED: Final = "The generation of 1990 and later"
QUESTION: Final = "Why 1990? Say which publication this boundary comes from."


def hand_in_all(do: Do, folder: Path, team: str) -> None:
    """Run the notebooks of a team in sealed kernels, have them handed in, and taken in by the control zone."""
    camp = ("--camp", str(folder))
    for one in REQUESTS:
        write_atomically(folder / "workspaces" / team / one.name, one.notebook())
        do("run", one.name, *camp, "--team", team)
        do("submit", *camp, "--team", team)
    do("review", "ingest", *camp)


def return_one(do: Do, folder: Path, reviewer: str) -> None:
    """Have a reviewer return the request that a question is asked about.

    Raises:
        DemoError: it is not among those that were taken in.
    """
    camp = ("--camp", str(folder))
    listed = json.loads(do("review", "list", *camp, "--json", quiet=True))
    numbers = [str(one["request"]) for one in listed if one["title"] == RETURNED]
    if len(listed) != len(REQUESTS) or len(numbers) != 1:
        raise DemoError(f"Expected {len(REQUESTS)} requests in review, found {len(listed)}.")
    of = (numbers[0], *camp, "--reviewer", reviewer)
    do("review", "vote", *of, "--all", "--decision", "request_changes")
    do("review", "comment", *of, "--output", "later-by-sex", "--text", QUESTION)
    do("review", "return", *of)
