"""The case notebooks: kept as text, each with a declaration of the data that it needs and of its parameters.

A case is a Python file in jupytext's percent format, with its declaration in the file's head, under `datakamp`::

    case: 2
    title: {en: Children in poverty, nl: Kinderen in armoede}
    data:
      GBAPERSOONTAB: [RINPERSOON, GBAGEBOORTEJAAR]     # the columns of a data set, and no others, that it reads
      INHATAB: {years: [year, year-1], columns: [RINPERSOONHKW, INHARMLAG]}   # of a data set that is there by year
    parameters:
      year: {from: 2018, until: 2022}                  # whole numbers from one to another, both included
      area: [wc, bc, stadsdeel]                        # or one of a list

What is declared is what a camp is prepared with (`workspace.preparation`), so a case that reads a column it does not
declare fails there, and not in front of a team.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from disclosure.errors import BadInputError

LANGUAGES: Final = ("en", "nl")
_FILE: Final = re.compile(r"case-(\d{2})-[a-z0-9-]{1,60}\.py")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,60}")
_YEAR: Final = re.compile(r"([a-z_]{1,30})(?:-(\d{1,2}))?")

Value = str | int
"""What a parameter of a case is."""


@dataclass(frozen=True)
class Parameter:
    """A parameter, and what it may be.

    Attributes:
        values: the values that it may have; empty if it is a whole number in a range.
        first, last: the bounds of that range, both included.
    """

    name: str
    values: tuple[Value, ...] = ()
    first: int = 0
    last: int = 0

    def check(self, value: object, case: str) -> None:
        """Raise `BadInputError` if the parameter may not have this value. The error tells what it may be."""
        whole = isinstance(value, int) and not isinstance(value, bool)
        known = value in self.values and type(value) in {type(one) for one in self.values}
        if known or (not self.values and whole and self.first <= int(str(value)) <= self.last):
            return
        raise BadInputError(f"{case}: '{self.name}' cannot have that value.", hint=f"It is {self.told()}.")

    def told(self) -> str:
        """Return what it may be, in words.

        >>> Parameter("year", first=2018, last=2022).told(), Parameter("area", ("wc", "bc")).told()
        ('a whole number from 2018 to 2022', 'one of wc, bc')
        """
        if self.values:
            return f"one of {', '.join(str(one) for one in self.values)}"
        return f"a whole number from {self.first} to {self.last}"


@dataclass(frozen=True)
class Reads:
    """What a case reads of a data set.

    Attributes:
        years: of a data set that is there by year: a year, the name of a parameter that is one, or such a name less a
            number of years; empty for one that is there once.
    """

    columns: tuple[str, ...]
    years: tuple[Value, ...] = ()

    def names(self, name: str, values: Mapping[str, Value]) -> tuple[str, ...]:
        """Return the names under which a camp has what is read.

        >>> Reads((), ("year", "year-1")).names("INHATAB", {"year": 2022})
        ('INHATAB2022', 'INHATAB2021')
        """
        return tuple(dict.fromkeys(f"{name}{_year(one, values)}" for one in self.years)) or (name,)


@dataclass(frozen=True)
class Case:
    """A case notebook and what it declares.

    Attributes:
        number: as in the list of cases.
        title: by language, English and Dutch.
        data: what it reads, by data set.
        defaults: the values that its parameters have in the notebook.
        source: the text of the notebook.
    """

    number: int
    name: str
    title: Mapping[str, str]
    data: Mapping[str, Reads]
    parameters: tuple[Parameter, ...]
    defaults: Mapping[str, Value]
    source: str

    @property
    def notebook_name(self) -> str:
        """The name of the notebook that teams get."""
        return f"{self.name}.ipynb"

    def data_sets(self, values: Mapping[str, Value]) -> dict[str, tuple[str, ...]]:
        """Return the columns that it reads with these values of its parameters, by the data set's name in a camp."""
        given = {**self.defaults, **values}
        return {name: reads.columns for of, reads in self.data.items() for name in reads.names(of, given)}

    def check(self, values: Mapping[str, object]) -> None:
        """Raise `BadInputError` for a parameter it has not, a value that it may not have, or a first after its last."""
        known = {one.name: one for one in self.parameters}
        for name, value in values.items():
            if name not in known:
                raise BadInputError(
                    f"Case {self.number} has no parameter '{name}'.", hint=f"It has {', '.join(known) or 'none'}."
                )
            known[name].check(value, f"Case {self.number}")
        given: dict[str, Any] = {**self.defaults, **values}
        for name in known:
            last = name.replace("first_", "last_", 1)
            if name.startswith("first_") and last in known and given[name] > given[last]:
                raise BadInputError(f"Case {self.number}: '{name}' is after '{last}'.")

    def notebook(self, values: Mapping[str, object] | None = None) -> bytes:
        """Return the notebook as Jupyter reads it, with the values of its parameters; the same bytes each time.

        Raises:
            BadInputError: it has no such parameter, or it may not have that value.
        """
        import jupytext
        import nbformat

        from workspace.isolation.client import read_notebook, with_parameters

        self.check(values or {})
        document = jupytext.reads(self.source, fmt="py:percent")
        document.metadata = {"kernelspec": document.metadata["kernelspec"], "language_info": {"name": "python"}}
        if values:
            plain: str = nbformat.writes(document, version=4)  # type: ignore[no-untyped-call]
            document = read_notebook(plain.encode("utf-8"), what=self.notebook_name)
            document, _ = with_parameters(document, values, what=self.notebook_name)
            document.metadata.pop("papermill", None)
        for number, cell in enumerate(document.cells, start=1):
            cell["id"] = f"cell-{number:02}"
            cell["metadata"] = {"tags": tags} if (tags := cell["metadata"].get("tags")) else {}
        document.nbformat, document.nbformat_minor = 4, 5
        written: str = nbformat.writes(document, version=4)  # type: ignore[no-untyped-call]
        return (written.rstrip("\n") + "\n").encode("utf-8")


def case_files() -> tuple[Path, ...]:
    """Return the files of the cases, in order: in the source tree, or where an installation puts them.

    Raises:
        BadInputError: there are none.
    """
    for root in (Path(__file__).resolve().parents[1], Path(sys.prefix, "share", "datakamp")):
        found = sorted(one for one in (root / "notebooks").glob("case-*.py") if _FILE.fullmatch(one.name))
        if found:
            return tuple(found)
    raise BadInputError("The case notebooks are not installed.", hint="Install Datakamp with its data files.")


def case(number: int) -> Case:
    """Return the case of that number, or raise `BadInputError` with those that there are."""
    numbers = {int(one.name[5:7]): one for one in case_files()}
    if number not in numbers:
        raise BadInputError(f"There is no case {number}.", hint=f"Cases: {', '.join(map(str, numbers))}.")
    return read_case(numbers[number])


def read_case(file: Path) -> Case:
    """Return the case in a file.

    Raises:
        BadInputError: it cannot be read, or its declaration is missing or says what no case says.
    """
    import jupytext

    try:
        source = file.read_text("utf-8")
        document = jupytext.reads(source, fmt="py:percent")
        declared = document.metadata.get("datakamp")
        defaults = _defaults(document)
    except Exception:  # noqa: BLE001 - a head that is no YAML raises what its reader has; it is a file of ours or none
        raise BadInputError(f"'{file.name}' cannot be read as a notebook in text.") from None
    numbered = _FILE.fullmatch(file.name)
    if numbered is None or not isinstance(declared, dict) or declared.get("case") != int(numbered[1]):
        raise BadInputError(f"'{file.name}' does not declare the case that its name says.")
    if set(declared) != {"case", "title", "data", "parameters"}:
        raise BadInputError(f"'{file.name}' declares case, title, data and parameters, and nothing else.")
    allowed = declared["parameters"]
    if not isinstance(allowed, dict) or set(allowed) != set(defaults):
        raise BadInputError(f"'{file.name}': the parameters of the notebook and of its declaration are not the same.")
    parameters = tuple(_parameter(file.name, name, values) for name, values in allowed.items())
    years = {one.name for one in parameters if not one.values}
    found = Case(
        number=int(numbered[1]),
        name=file.stem,
        title=_titles(file.name, declared["title"]),
        data=_data(file.name, declared["data"], years),
        parameters=parameters,
        defaults=defaults,
        source=source,
    )
    found.check(defaults)
    return found


def _defaults(document: Any) -> dict[str, Value]:
    """Return the values that the cell tagged "parameters" gives; an error if it does anything else."""
    found: dict[str, Value] = {}
    for cell in document.cells:
        if "parameters" in cell.metadata.get("tags", []):
            for line in ast.parse(cell.source).body:
                if not isinstance(line, ast.AnnAssign) or not isinstance(line.target, ast.Name) or line.value is None:
                    raise ValueError
                found[line.target.id] = ast.literal_eval(line.value)
    return found


def _year(entry: Value, values: Mapping[str, Value]) -> int:
    if isinstance(entry, int):
        return entry
    name, _, less = entry.partition("-")
    return int(values[name]) - int(less or 0)


def _titles(file: str, value: Any) -> dict[str, str]:
    if (
        not isinstance(value, dict)
        or set(value) != set(LANGUAGES)
        or not all(type(one) is str for one in value.values())
    ):
        raise BadInputError(f"'{file}': expected a title in each of {', '.join(LANGUAGES)}.")
    return value


def _data(file: str, value: Any, parameters: set[str]) -> dict[str, Reads]:
    found: dict[str, Reads] = {}
    for name, entry in value.items() if isinstance(value, dict) else ():
        by_year = isinstance(entry, dict) and set(entry) == {"years", "columns"}
        columns, years = (entry["columns"], entry["years"]) if by_year else (entry, [])
        if not _is_name(name) or not isinstance(columns, list) or not all(type(one) is str for one in columns):
            raise BadInputError(f"'{file}': expected the columns of each data set.")
        if not isinstance(years, list) or by_year != bool(years) or not all(_is_year(one, parameters) for one in years):
            raise BadInputError(f"'{file}': expected years, a list of years or of parameters that are one.")
        found[name] = Reads(tuple(columns), tuple(years))
    if not found:
        raise BadInputError(f"'{file}': a case reads one data set or more.")
    return found


def _is_year(value: object, parameters: set[str]) -> bool:
    if isinstance(value, str):
        name = _YEAR.fullmatch(value)
        return name is not None and name[1] in parameters
    return type(value) is int


def _is_name(value: object) -> bool:
    return isinstance(value, str) and _NAME.fullmatch(value) is not None


def _parameter(file: str, name: object, allowed: object) -> Parameter:
    if isinstance(name, str) and _is_name(name):
        if isinstance(allowed, list) and allowed and all(type(one) in (str, int) for one in allowed):
            return Parameter(name, tuple(allowed))
        if isinstance(allowed, dict) and set(allowed) == {"from", "until"}:
            first, last = allowed["from"], allowed["until"]
            if type(first) is int and type(last) is int and first <= last:
                return Parameter(name, (), first, last)
    raise BadInputError(f"'{file}': a parameter is a list of values, or from and until.")
