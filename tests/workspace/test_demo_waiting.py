"""The demonstration that leaves requests behind: three are handed in, one is returned, and it says how to come in."""

from __future__ import annotations

import ast
import io
from pathlib import Path

import nbformat
import pytest
from rich.console import Console

from disclosure.exchange.camp import read_camp
from tests.workspace.test_demo import FakeCommandLine
from workspace.demo import demo
from workspace.demo_files import DemoError
from workspace.demo_waiting import REQUESTS, RETURNED, Handed


class WaitingCommandLine(FakeCommandLine):
    """Runs notebooks by doing nothing, and lists what was handed in."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.requests = [
            {"request": place, "title": one.title, "outputs": []} for place, one in enumerate(REQUESTS, start=1)
        ]

    def __call__(self, arguments: list[str]) -> int:
        if arguments[0] == "run":
            self.calls.append(tuple(arguments))
            return 0
        return super().__call__(arguments)


@pytest.fixture
def line(tmp_path: Path) -> WaitingCommandLine:
    return WaitingCommandLine(tmp_path / "demo")


def show(line: WaitingCommandLine) -> str:
    told = io.StringIO()
    demo(line.folder, 5_000, line, Console(file=told, width=120), waiting=True)
    return told.getvalue()


def test_three_requests_are_handed_in_and_one_of_them_is_returned(line: WaitingCommandLine) -> None:
    show(line)
    assert [call[1] for call in line.did("run")] == [one.name for one in REQUESTS]
    assert len(line.did("submit")) == 3
    assert len(line.did("review", "ingest")) == 1
    (returned,) = line.did("review", "return")
    assert returned[2] == str(1 + [one.title for one in REQUESTS].index(RETURNED))
    assert not line.did("sign")
    assert not line.did("release")


def test_an_exception_can_be_approved_and_somebody_looks_on(line: WaitingCommandLine) -> None:
    show(line)
    camp = read_camp(line.folder)
    roles = [person.roles for person in camp.participants]
    assert roles.count(("reviewer",)) == camp.exception_quorum
    assert roles.count(("auditor",)) == roles.count(("organiser",)) == roles.count(("researcher",)) == 1


def test_it_says_how_to_open_the_pages_and_to_come_in(line: WaitingCommandLine) -> None:
    told = show(line)
    assert f"review serve --camp {line.folder} --with-worker" in told
    assert f"review demo-account vera --camp {line.folder}" in told
    for name in ("vera", "wim", "xena", "anna", "otto", "ada"):
        assert name in told


@pytest.mark.parametrize("kept", [0, 2])
def test_it_stops_where_not_everything_was_taken_in(line: WaitingCommandLine, kept: int) -> None:
    line.requests = line.requests[:kept]
    with pytest.raises(DemoError, match=f"found {kept}"):
        show(line)


@pytest.mark.parametrize("one", REQUESTS, ids=lambda one: one.name)
def test_the_notebooks_are_notebooks_of_valid_code(one: Handed) -> None:
    notebook = nbformat.reads(one.notebook().decode(), as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(notebook)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    for source in code:
        ast.parse(source)
    assert f"code=['{one.name}']" in code[-1]
