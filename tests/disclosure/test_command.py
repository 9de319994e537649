"""`datakamp check table`: exit statuses, the shape of its JSON, and never a traceback."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import datakamp
from tests.disclosure.support import UNIT, heads

ROOT = Path(datakamp.__file__).parent
CANARY = "CANARY-900011223"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "homes.parquet"
    frame = heads({("a", "x"): 40, ("a", "y"): 30, ("b", "x"): 3, ("b", "y"): 30})
    frame["value"] = [100.25 + place for place in range(len(frame))]
    frame["poor"] = [place % 2 for place in range(len(frame))]
    frame["weight"] = [1.0 + place % 3 for place in range(len(frame))]
    frame["text"] = CANARY
    frame["RINPERSOON"] = frame[UNIT]
    frame.to_parquet(file)
    return file


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    status = datakamp.run(["check", "table", *map(str, arguments)])
    said = capsys.readouterr()
    assert "Traceback" not in said.out + said.err
    return status, said.out, said.err


def test_a_safe_table_ends_with_0(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "--data", path, "--unit", UNIT, "--rows", "d2", "--policy", "abs")
    assert (status, err) == (0, "")
    assert "✓ Safe" in out


def test_an_unsafe_table_ends_with_1_and_names_cell_rule_and_remedy(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = run(capsys, "--data", path, "--unit", UNIT, "--rows", "d1,d2", "--policy", "abs")
    assert (status, err) == (1, "")
    assert "d1=b, d2=x" in out
    assert "fewer units" in out
    assert "remedy" in out


def test_the_json_of_an_unsafe_table(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(
        capsys, "--data", path, "--unit", UNIT, "--rows", "d1", "--columns", "d2", "--policy", "abs", "--json"
    )
    document = json.loads(out)
    assert status == 1
    assert (document["status"], document["policy"]) == ("unsafe", "abs")
    assert [(one["rule"], one["cell"]) for one in document["findings"]] == [("minimum_count", {"d1": "b", "d2": "x"})]
    assert document["findings"][0]["message"].startswith("d1=b, d2=x: ")
    assert document["findings"][0]["remedies"]
    assert document["cells"] == [
        {"cell": {"d1": "a", "d2": "x"}, "n_units": 40, "value": 40, "publishable": True},
        {"cell": {"d1": "a", "d2": "y"}, "n_units": 30, "value": 30, "publishable": True},
        {"cell": {"d1": "a"}, "n_units": 70, "value": None, "publishable": False},
        {"cell": {"d1": "b", "d2": "x"}, "n_units": 3, "value": None, "publishable": False},
        {"cell": {"d1": "b", "d2": "y"}, "n_units": 30, "value": 30, "publishable": True},
        {"cell": {"d1": "b"}, "n_units": 33, "value": None, "publishable": False},
        {"cell": {"d2": "x"}, "n_units": 43, "value": None, "publishable": False},
        {"cell": {"d2": "y"}, "n_units": 60, "value": None, "publishable": False},
        {"cell": {}, "n_units": 103, "value": None, "publishable": False},
    ]


def test_the_json_of_a_safe_table(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(
        capsys, "--data", path, "--unit", UNIT, "--rows", "d2", "--values", "value", "--statistic", "mean", "--json"
    )
    document = json.loads(out)
    assert status == 0
    assert document["status"] == "safe"
    assert document["policy"] == "cbs"
    assert document["findings"] == []
    frame = pd.read_parquet(path)
    total = next(one for one in document["cells"] if one["cell"] == {})
    assert total == {"cell": {}, "n_units": 103, "value": pytest.approx(frame["value"].mean()), "publishable": True}


def test_a_missing_category_is_null_in_the_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "frame.parquet"
    pd.DataFrame({UNIT: range(40), "group": ["a", None] * 20}).to_parquet(file)
    _, out, _ = run(capsys, "--data", file, "--unit", UNIT, "--rows", "group", "--json")
    assert [one["cell"] for one in json.loads(out)["cells"]] == [{"group": "a"}, {"group": None}, {}]
    status, out, _ = run(capsys, "--data", file, "--unit", UNIT, "--rows", "group", "--json", "--dropna")
    assert [one["cell"] for one in json.loads(out)["cells"]] == [{"group": "a"}, {}]
    assert status == 1  # everyone is in one category


@pytest.mark.parametrize("unit", [[], ["--unit", ""], ["--unit", "zz"], ["--unit", f"{UNIT},zz"]])
def test_without_a_unit_or_with_one_that_is_absent_it_is_inconclusive(
    path: Path, unit: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = run(capsys, "--data", path, "--rows", "d1", *unit, "--json")
    document = json.loads(out)
    assert (status, err) == (1, "")
    assert document["status"] == "inconclusive"
    assert "unit" in document["missing"][0]
    assert (document["findings"], document["cells"]) == ([], [])
    status, out, _ = run(capsys, "--data", path, "--rows", "d1", *unit)
    assert status == 1
    assert "? Inconclusive" in out


@pytest.mark.parametrize("asked", [["--rows", "RINPERSOON"], ["--rows", UNIT], ["--columns", f"d1,{UNIT}"]])
def test_an_identifier_as_a_dimension_is_refused_without_labels(
    path: Path, asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = run(capsys, "--data", path, "--unit", UNIT, *asked)
    assert (status, out) == (1, "")
    assert "identifies units" in err
    status, out, _ = run(capsys, "--data", path, "--unit", UNIT, *asked, "--json")
    document = json.loads(out)
    assert status == 1
    assert document["status"] == "unsafe"
    assert document["cells"] == []
    assert [one["rule"] for one in document["findings"]] == ["identifier"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--rows", "zz"], "There is no column of that name. Columns: unit, d1"),
        (["--rows", "d1", "--columns", "zz"], "no column for 1 of"),
        (["--rows", "d1", "--values", "zz", "--statistic", "sum"], "no column for 1 of"),
        (["--rows", "d1", "--weights", "zz"], "no column for 1 of"),
        (["--rows", "d1", "--values", "value"], "Which statistic"),
        (["--rows", "d1", "--values", "value", "--statistic", "max"], 'statistic="p95"'),
        (["--rows", "d1", "--values", "value", "--statistic", "lambda"], "Known: count, "),
        (["--rows", "d1", "--values", "value", "--statistic", "mean", "--option", "trim"], "name=value"),
        (
            ["--rows", "d1", "--values", "value", "--statistic", "mean", "--option", "trim=0.1"],
            "no statistic here has: 1",
        ),
        (["--rows", "d1", "--statistic", "sum"], "needs a value"),
        (["--rows", "d1", "--values", "text", "--statistic", "sum"], "a number is needed"),
        (["--rows", "d1", "--values", "value", "--statistic", "rate"], "0 and 1"),
        (["--rows", "d1", "--policy", "lenient"], "cbs, sacro, abs"),
        (["--rows", "d1,d1"], "named twice"),
        (["--rows", "d1", "--codebook", "none.toml"], "none.toml"),
        (["--rows", "d1", "--bypass"], "No such option"),
        (["--rows"], "requires an argument"),
        (["--rows", "d1", "extra"], "unexpected extra argument"),
    ],
)
def test_bad_input_ends_with_2_in_words_on_standard_error(
    path: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for more in ([], ["--json"]):
        status, out, err = run(capsys, "--data", path, "--unit", UNIT, *more, *arguments)
        assert (status, out) == (2, "")
        assert said in err
        assert CANARY not in err


def test_a_file_that_is_absent_or_broken_ends_with_2(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for file in (path.with_name("none.parquet"), path.parent):
        status, out, err = run(capsys, "--data", file, "--unit", UNIT, "--rows", "d1")
        assert (status, out) == (2, "")
        assert file.name in err
    path.write_bytes(path.read_bytes()[:500])
    status, out, err = run(capsys, "--data", path, "--unit", UNIT, "--rows", "d1")
    assert (status, out) == (2, "")
    assert "homes.parquet" in err


def test_the_data_must_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = run(capsys, "--rows", "d1")
    assert status == 2
    assert "--data" in err


def test_overflow_is_a_no(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pd.read_parquet(path).assign(value=9e17).to_parquet(path)
    status, out, err = run(
        capsys, "--data", path, "--unit", UNIT, "--rows", "d1", "--values", "value", "--statistic", "sum"
    )
    assert (status, out) == (1, "")
    assert "18 digits" in err


def test_a_unit_over_several_columns_and_a_rate_with_weights(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments: list[Any] = ["--data", path, "--unit", f"{UNIT},d1", "--rows", "d2", "--values", "poor"]
    status, out, _ = run(capsys, *arguments, "--statistic", "rate", "--policy", "abs", "--json")
    assert status == 0
    assert json.loads(out)["cells"][-1]["value"] == pytest.approx(51 / 103, abs=1e-6)


def test_a_codebook_is_named_or_lies_beside_the_file(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = 'schema = 1\nname = "homes"\nunit = ["unit"]\nidentifiers = ["d1"]\n'
    beside = path.with_name("homes.codebook.toml")
    beside.write_text(book, encoding="utf-8")
    status, _, err = run(capsys, "--data", path, "--rows", "d1")
    assert status == 1
    assert "'d1' identifies units" in err
    beside.unlink()
    named = path.with_name("book.toml")
    named.write_text(book.replace("d1", "d2"), encoding="utf-8")
    status, _, err = run(capsys, "--data", path, "--rows", "d2", "--codebook", named)
    assert status == 1
    assert "'d2' identifies units" in err


def test_an_unforeseen_error_shows_neither_traceback_nor_value(
    path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(CANARY)

    monkeypatch.setattr("disclosure.notebook.table.table", broken)
    status, out, err = run(capsys, "--data", path, "--unit", UNIT, "--rows", "d1")
    assert (status, out) == (2, "")
    assert "RuntimeError" in err
    assert CANARY not in err


def test_the_program_itself(path: Path) -> None:
    arguments = ["check", "table", "--data", str(path), "--unit", UNIT, "--rows", "d1,d2", "--policy", "abs", "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "datakamp", *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    assert json.loads(done.stdout)["status"] == "unsafe"
    assert done.stderr == ""


def test_output_can_be_read_by_a_pipe_that_closes(path: Path) -> None:
    command = f"{sys.executable} -m datakamp check table --data {path} --unit {UNIT} --rows d1,d2 --json | head -c 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=ROOT, timeout=120, check=False)
    assert done.stdout == "{"
    assert "Traceback" not in done.stderr


def test_an_option_given_twice_is_not_half_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "data.parquet"
    heads({("a", "x"): 30, ("b", "y"): 30}).to_parquet(path)
    status, out = 0, {}
    for given in (["--rows", "d1", "--rows", "d2"], ["--rows", "d1,d2"]):
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            status = datakamp.run(
                ["check", "table", "--data", str(path), "--unit", UNIT, *given, "--policy", "abs", "--json"]
            )
        out = json.loads(printed.getvalue())
        assert {"d1": "a", "d2": "x"} in [one["cell"] for one in out["cells"]]
    assert status == 0
    for wrong in (["--rows", "d1,,d2"], ["--rows", "d1", "--statistic", "count", "--statistic", "count"]):
        assert datakamp.run(["check", "table", "--data", str(path), "--unit", UNIT, *wrong]) == 2


def test_several_values_and_statistics_are_one_table(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[Any] = ["--data", path, "--unit", UNIT, "--rows", "d2", "--policy", "abs"]
    status, out, err = run(capsys, *asked, "--values", "value,weight", "--statistic", "mean", "--statistic", "count")
    assert (status, err) == (0, "")
    assert "mean of value  count  mean of weight" in out
    status, out, _ = run(capsys, *asked, "--values", "value", "--statistic", "mean,count", "--json")
    document = json.loads(out)
    assert status == 0
    assert (document["status"], document["policy"]) == ("safe", "abs")
    assert [(one["measure"], one["status"]) for one in document["outputs"]] == [
        ("mean of value", "safe"),
        ("count", "safe"),
    ]
    assert document["outputs"][1]["cells"][-1] == {"cell": {}, "n_units": 103, "value": 103, "publishable": True}


def test_findings_of_several_measures_name_theirs(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[Any] = ["--data", path, "--rows", "d1,d2", "--values", "value", "--statistic", "mean,count", "--json"]
    status, out, _ = run(capsys, *asked, "--unit", UNIT, "--policy", "abs")
    document = json.loads(out)
    assert status == 1
    assert document["status"] == "unsafe"
    assert {one["measure"] for one in document["findings"]} == {"mean of value", "count"}
    assert all(
        cell["value"] is None
        for one in document["outputs"]
        for cell in one["cells"]
        if cell["cell"] == {"d1": "b", "d2": "x"}
    )
    status, out, _ = run(capsys, *asked)
    document = json.loads(out)
    assert (status, document["status"]) == (1, "inconclusive")
    assert {one["measure"] for one in document["missing"]} == {"mean of value", "count"}


def test_a_quantile_is_asked_for_by_its_name_or_its_option(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[Any] = ["--data", path, "--unit", UNIT, "--rows", "d2", "--values", "value", "--json"]
    by_name = run(capsys, *asked, "--statistic", "p25")
    by_option = run(capsys, *asked, "--statistic", "quantile", "--option", "probability=0.25")
    assert by_name == by_option
    status, _, err = run(
        capsys, *asked, "--statistic", "quantile", "--option", "probability=1", "--option", "probability=2"
    )
    assert status == 2
    assert "more than once" in err


def test_further_units_and_holdings_are_named(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frame = pd.read_parquet(path)
    frame.assign(household=[place // 60 for place in range(len(frame))]).to_parquet(path)
    asked: list[Any] = ["--data", path, "--unit", UNIT, "--rows", "d2", "--policy", "abs", "--json"]
    assert run(capsys, *asked)[0] == 0
    status, out, err = run(capsys, *asked, "--other-unit", "household")
    assert (status, err) == (1, "")
    assert json.loads(out)["status"] == "unsafe"
    status, _, err = run(capsys, *asked, "--values", "value", "--statistic", "sum", "--holding", "zz")
    assert status == 2
    assert "no column for 1 of" in err
