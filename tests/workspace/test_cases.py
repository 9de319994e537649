"""Case notebooks: kept as text with a declaration, given to teams as notebooks with their parameters."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import nbformat
import pytest

from disclosure.errors import BadInputError
from workspace.cases import Case, Parameter, case, case_files, read_case

HEAD = """\
# ---
# jupyter:
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   datakamp:
#     case: 3
#     title: {en: Pay, nl: Loon}
#     data:
#       HOMES: [RINPERSOON]
#       SPOLISBUS: {years: [year, year-1, 2018], columns: [RINPERSOON, SBASISLOON]}
#     parameters:
#       year: {from: 2018, until: 2022}
#       sector: [1, 2]
# ---

"""
BODY = """# %% [markdown]
# # Pay

# %% tags=["parameters"]
year: int = 2022
sector: int = 1

# %%
print(year, sector)
"""


def written(folder: Path, head: str = HEAD, name: str = "case-03-pay.py") -> Path:
    file = folder / name
    file.write_text(head + BODY, "utf-8")
    return file


@pytest.fixture
def pay(tmp_path: Path) -> Case:
    return read_case(written(tmp_path))


@pytest.mark.parametrize("file", case_files(), ids=lambda file: file.stem)
def test_a_case_is_a_valid_notebook_without_outputs_that_reads_what_it_declares(file: Path) -> None:
    found = read_case(file)
    notebook = nbformat.reads(found.notebook().decode(), as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
    [declared] = [cell.source for cell in code if "parameters" in cell.metadata.get("tags", [])]
    assert re.findall(r"^(\w+): (?:int|str|float) = ", declared, re.MULTILINE) == [one.name for one in found.parameters]
    assert set(re.findall(r'sdc\.data\("(\w+)"', found.source)) == set(found.data)
    for name, reads in found.data.items():
        for column in reads.columns:
            assert re.search(rf"\b{column}\b", found.source.partition("# ---\n\n")[2]), f"{name}.{column} is not used"


@pytest.mark.parametrize("file", case_files(), ids=lambda file: file.stem)
def test_what_a_case_begins_with_is_what_it_allows(file: Path) -> None:
    found = read_case(file)
    assert set(found.defaults) == {one.name for one in found.parameters}
    assert found.notebook(found.defaults)


@pytest.mark.parametrize("file", case_files(), ids=lambda file: file.stem)
def test_each_case_ends_in_an_exercise_with_a_worked_answer_apart(file: Path) -> None:
    last = read_case(file).source.rpartition("# %% [markdown]\n")[2]
    assert last.startswith("# ## Exercise\n#\n# ")
    answer = answer_of(file).read_text("utf-8")
    number = int(file.name[5:7])
    assert re.match(rf"# %% \[markdown\]\n# # Case {number}\. (The answer to|Answer of) the exercise\n", answer)
    assert "# %%\n" in answer


@pytest.mark.parametrize("file", case_files(), ids=lambda file: file.stem)
def test_no_case_stops_at_what_the_basket_refuses_or_at_a_remedy_that_is_not_there(file: Path) -> None:
    for one in (file, answer_of(file)):
        tree = ast.parse(one.read_text("utf-8"))
        guarded = {id(call) for tried in ast.walk(tree) if isinstance(tried, ast.Try) for call in ast.walk(tried)}
        for call in ast.walk(tree):
            if not isinstance(call, ast.Call):
                continue
            if ast.unparse(call.func) == "basket.add" and id(call) not in guarded:
                # Into an empty basket, as the first of a trial.
                names = [ast.literal_eval(given.value) for given in call.keywords if given.arg == "name"]
                assert names in (["trial"], ["before"]), f"{one.name}, line {call.lineno}"
            if ast.unparse(call.func) == "next":
                assert len(call.args) == 2, f"{one.name}, line {call.lineno}"


@pytest.mark.parametrize("file", case_files(), ids=lambda file: file.stem)
def test_no_case_reads_from_a_table_of_which_nothing_may_be_left(file: Path) -> None:
    tree = ast.parse(file.read_text("utf-8") + answer_of(file).read_text("utf-8"))
    makers = {made.name for made in ast.walk(tree) if isinstance(made, ast.FunctionDef) and may_be_none(made)}
    none = {
        target.id
        for one in ast.walk(tree)
        if isinstance(one, ast.Assign) and isinstance(one.value, ast.Call) and ast.unparse(one.value.func) in makers
        for target in one.targets
        if isinstance(target, ast.Name)
    }
    asked = {
        (id(inner), name.id)
        for one in ast.walk(tree)
        if isinstance(one, ast.If | ast.IfExp)
        for name in ast.walk(one.test)
        if isinstance(name, ast.Name)
        for inner in ast.walk(one)
    }
    for read in ast.walk(tree):
        if isinstance(read, ast.Attribute) and isinstance(read.value, ast.Name) and read.value.id in none:
            assert (id(read), read.value.id) in asked, f"{ast.unparse(read)} of what may be None"


def may_be_none(made: ast.FunctionDef) -> bool:
    """Tell whether a function of a case returns None where no table is safe."""
    return any(
        isinstance(part, ast.Constant) and part.value is None
        for one in ast.walk(made)
        if isinstance(one, ast.Return) and one.value is not None
        for part in (one.value, *(one.value.args if isinstance(one.value, ast.Call) else ()))
    )


def answer_of(file: Path) -> Path:
    """Return the worked answer of a case's exercise."""
    return file.parent / "answers" / f"{file.name[:7]}.py"


def test_cases_have_a_number_of_their_own_and_a_title_in_both_languages() -> None:
    found = [read_case(file) for file in case_files()]
    assert len({one.number for one in found}) == len(found)
    assert all(one.title["en"] and one.title["nl"] for one in found)
    assert case(2).notebook_name == "case-02-children-in-poverty.ipynb"


def test_parameters_are_set_in_a_cell_after_those_that_the_case_begins_with(pay: Case) -> None:
    cells = json.loads(pay.notebook({"year": 2020}))["cells"]
    assert ["".join(cell["source"]).splitlines()[-1] for cell in cells] == [
        "# Pay", "sector: int = 1", "year = 2020", "print(year, sector)",
    ]  # fmt: skip
    assert cells[2]["metadata"]["tags"] == ["injected-parameters"]
    assert [cell["id"] for cell in cells] == ["cell-01", "cell-02", "cell-03", "cell-04"]


def test_a_case_tells_what_it_reads_with_the_values_of_its_parameters(pay: Case) -> None:
    columns = ("RINPERSOON", "SBASISLOON")
    assert pay.data_sets({"year": 2020}) == {
        "HOMES": ("RINPERSOON",), "SPOLISBUS2020": columns, "SPOLISBUS2019": columns, "SPOLISBUS2018": columns,
    }  # fmt: skip
    assert set(pay.data_sets({})) == {"HOMES", "SPOLISBUS2022", "SPOLISBUS2021", "SPOLISBUS2018"}


def test_a_parameter_that_is_more_than_a_value_is_refused(tmp_path: Path) -> None:
    file = written(tmp_path)
    file.write_text(file.read_text("utf-8").replace("sector: int = 1", "sector: int = open('/etc/passwd')"), "utf-8")
    with pytest.raises(BadInputError, match="cannot be read"):
        read_case(file)


def test_a_notebook_is_the_same_bytes_each_time_and_without_the_declaration(pay: Case) -> None:
    assert pay.notebook({"year": 2020}) == pay.notebook({"year": 2020})
    assert set(json.loads(pay.notebook())["metadata"]) == {"kernelspec", "language_info"}


@pytest.mark.parametrize(("values", "told"), [
    ({"year": 2017}, "2018 to 2022"), ({"year": 2023}, "2018 to 2022"), ({"year": "2020"}, "2018 to 2022"),
    ({"year": True}, "2018 to 2022"), ({"sector": 3}, "one of 1, 2"), ({"sector": True}, "one of 1, 2"),
    ({"wijk": 1}, "It has year, sector"),
])  # fmt: skip
def test_a_value_that_a_parameter_may_not_have_is_refused_with_those_it_may(
    pay: Case, values: dict[str, object], told: str
) -> None:
    with pytest.raises(BadInputError, match=told):
        pay.notebook(values)


def test_a_first_year_after_the_last_is_refused_and_the_same_year_is_taken() -> None:
    outflow = case(4)
    outflow.check({"first_year": 2021, "last_year": 2021})
    with pytest.raises(BadInputError, match="Case 4: 'first_year' is after 'last_year'"):
        outflow.check({"first_year": 2021, "last_year": 2020})
    # What is not given is as in the notebook.
    with pytest.raises(BadInputError, match="after"):
        outflow.notebook({"first_year": 2021, "last_year": 2018})


@pytest.mark.parametrize("year", [2018, 2022])
def test_both_ends_of_a_range_are_in_it(year: int) -> None:
    Parameter("year", first=2018, last=2022).check(year, "Case 3")


@pytest.mark.parametrize(("old", "new"), [
    ("case: 3", "case: 4"), ("nl: Loon", "fr: Salaire"), ("[RINPERSOON, SBASISLOON]", "all"),
    ("[RINPERSOON]", "all"), ("[1, 2]", "[]"),
    ("from: 2018, until: 2022", "from: 2022, until: 2018"), ("title:", "titles:"), ("data:", "data: {"),
    ("[1, 2]", "[1.5]"), ("sector: [1, 2]", "sector: {from: a, until: b}"),
    ("[year, year-1, 2018]", "[]"), ("[year, year-1, 2018]", "[sector]"), ("[year, year-1, 2018]", "[year+1]"),
    ("HOMES: [RINPERSOON]", "HOMES: {years: [year]}"), ("from: 2018, until: 2022", "from: 2018, until: 2021"),
    ("#       sector: [1, 2]\n", ""), ("[1, 2]", "[1, 2]\n#       wijk: [a]"),
])  # fmt: skip
def test_a_declaration_that_is_none_is_refused(tmp_path: Path, old: str, new: str) -> None:
    assert old in HEAD
    with pytest.raises(BadInputError):
        read_case(written(tmp_path, HEAD.replace(old, new)))


def test_a_case_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(BadInputError, match=r"Cases: .*2"):
        case(99)


def test_cases_that_are_not_installed_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("workspace.cases.__file__", str(tmp_path / "a" / "b.py"))
    monkeypatch.setattr("sys.prefix", str(tmp_path))
    with pytest.raises(BadInputError, match="not installed"):
        case_files()
