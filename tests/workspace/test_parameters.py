"""Parameters are declared with a type, and checked before anything runs; what fails in a run stays inside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

import datakamp
from disclosure.errors import BadInputError
from tests.workspace.small_camp import TEAM, make_camp, notebook, put, submission
from workspace.isolation.client import with_parameters
from workspace.isolation.parameters import check_parameters, declarations

CELL = """\
from typing import Literal

year: int = 2022          # the year
rate = 1
exact: float = 0.5
area: str = "wc"          # one of: wc, bc, stadsdeel
level: Literal["low", "high"] = "low"
quarter: Literal[1, 2] = 1
wijken: list[str] = []    # One of: 28, 29
anything = [1]
flag = False
maybe: int | None = None
named: "str" = ""
frame: pd.DataFrame = None
derived = year + 1
nothing = None
"""


def read(source: str, **metadata: Any) -> Any:
    made = json.loads(notebook("pass", parameters=source)) | {"metadata": metadata}
    return nbformat.from_dict(made)  # type: ignore[no-untyped-call]


def check(source: str = CELL, metadata: dict[str, Any] | None = None, **values: Any) -> None:
    check_parameters(declarations(read(source, **(metadata or {})), what="It"), values, what="It")


@pytest.mark.parametrize(
    "values",
    [
        {"year": 2023}, {"rate": 2}, {"rate": 0.25}, {"exact": 1}, {"exact": 1.5}, {"area": "bc"}, {"level": "high"},
        {"quarter": 2}, {"wijken": []}, {"wijken": ["28", "29"]}, {"anything": [1, "a", True]}, {"flag": True},
        {"maybe": None}, {"maybe": 3}, {"named": "x"}, {"year": 1, "area": "stadsdeel"}, {},
    ],
    ids=str,
)  # fmt: skip
def test_what_fits_its_declaration_is_taken(values: dict[str, Any]) -> None:
    check(**values)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"year": "SECRET"}, "'year' is a whole number"),
        ({"year": 2022.5}, "'year' is a whole number"),
        ({"year": True}, "'year' is a whole number"),
        ({"year": None}, "'year' is a whole number"),
        ({"rate": True}, "'rate' is a number"),
        ({"exact": "SECRET"}, "'exact' is a number"),
        ({"area": 28}, "'area' is a text"),
        ({"area": "SECRET"}, "One of: wc, bc, stadsdeel"),
        ({"level": "SECRET"}, "One of: low, high"),
        ({"quarter": 3}, "One of: 1, 2"),
        ({"quarter": True}, "'quarter' is a whole number"),
        ({"wijken": "28"}, "'wijken' is a list of which each entry is a text"),
        ({"wijken": [28]}, "each entry is a text"),
        ({"wijken": ["28", "SECRET"]}, "One of: 28, 29"),
        ({"anything": [[1]]}, "'anything' is a list"),
        ({"anything": [None]}, "'anything' is a list"),
        ({"flag": 1}, "'flag' is a truth value"),
        ({"frame": "SECRET"}, "'frame' cannot be told"),
        ({"derived": 1}, "'derived' cannot be told"),
        ({"nothing": 1}, "'nothing' cannot be told"),
        ({"yaer": "SECRET"}, "no parameter 'yaer'"),
        ({"Literal": 1}, "no parameter 'Literal'"),
    ],
)
def test_what_does_not_fit_is_refused_without_its_value(values: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInputError) as caught:
        check(**values)
    assert says in str(caught.value)
    assert "SECRET" not in str(caught.value)


def test_a_codelist_in_the_metadata_holds_too() -> None:
    metadata = {"datakamp": {"parameters": {"area": {"one_of": ["wc", "bc"]}}}}
    check('area = "wc"', metadata, area="bc")
    with pytest.raises(BadInputError, match="One of: wc, bc"):
        check('area = "wc"', metadata, area="buurt")


@pytest.mark.parametrize(
    "entry", [[], {"parameters": []}, {"parameters": {"a": 1}}, {"parameters": {"a": {"one_of": [[]]}}}]
)
def test_malformed_metadata_are_bad_input(entry: Any) -> None:
    with pytest.raises(BadInputError, match="metadata"):
        check("a = 1", {"datakamp": entry}, a=1)


@pytest.mark.parametrize("source", ["%matplotlib inline\nyear = 1", "year = (", "a = 1\x00"])
def test_a_cell_that_is_not_plain_python_is_refused(source: str) -> None:
    with pytest.raises(BadInputError, match="not plain Python"):
        check(source, year=1)


def test_nothing_is_read_where_nothing_is_set() -> None:
    document, injected = with_parameters(read("year = ("), {}, what="It")
    assert injected is None
    assert len(document.cells) == 2


def test_a_submission_takes_lists_as_a_run_does(tmp_path: Path) -> None:
    camp = make_camp(tmp_path)
    assert submission(camp, parameters={"wijken": ["28"]}).parameters == {"wijken": ["28"]}
    with pytest.raises(BadInputError, match="lists of these"):
        submission(camp, parameters={"wijken": [["28"]]})


def run(camp: Any, *arguments: str) -> int:
    return datakamp.run(["run", "homes.ipynb", "--camp", str(camp.folder), "--team", TEAM, *arguments])


def test_the_command_checks_before_it_runs_and_passes_lists(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    camp = make_camp(tmp_path)
    source = 'wijken: list[str] = []\narea: str = "wc"  # one of: wc, 28'
    put(camp, "homes.ipynb", notebook("open('ran', 'w'); assert wijken == ['28'] and area == '28'", parameters=source))
    for wrong in ("area=28", "area=buurt", "wijken=28", "wijken=[28]", "year=1"):
        assert run(camp, "-p", wrong) == 2
    assert not (camp.workspace(TEAM) / "ran").exists()
    assert "Traceback" not in capfd.readouterr().err
    assert run(camp, "-p", 'wijken=["28"]', "-p", 'area="28"') == 0


def test_a_traceback_with_data_stays_inside(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    camp = make_camp(tmp_path)
    put(
        camp,
        "homes.ipynb",
        notebook(
            "import disclosure as sdc\nframe = sdc.data('HOMES').to_pandas()",
            "raise ValueError('income of ' + frame['person'][7] + ' is odd')",
        ),
    )
    assert run(camp) == 1
    said = "".join(capfd.readouterr())
    assert "000000007" not in said
    assert "failed in cell 2 with ValueError" in said
    executed = camp.workspace(TEAM) / "runs" / "homes.ipynb"
    assert "income of 000000007 is odd" in executed.read_text()
    elsewhere = [one for one in camp.folder.rglob("*") if one.is_file() and one != executed]
    assert not [one.name for one in elsewhere if one.suffix != ".parquet" and b"000000007" in one.read_bytes()]
