"""The submission: what a team hands in. It is read here on both sides and believed on neither."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from disclosure.errors import DocumentError
from disclosure.exchange.canonical import canonical_json, parse_json
from disclosure.exchange.lines import is_hidden, is_line
from disclosure.exchange.written import MOST_WRITTEN, SubmittedText, text_from
from disclosure.model.figures import QUANTILES, FigureKind, FigureRequest, request_from
from disclosure.model.other_versions import other_versions
from disclosure.model.recipes import FrameSource, Recipe, recipe_from

VERSION = 2
"""2: an output may be shown as a figure, and a submission may hold texts and results for a person to judge."""
FILE = "submission.json"
CODE, CLAIMS = "code", "claims"
MAXIMUM_BYTES = 5_000_000
_OUTPUT_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_CODE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,120}\.(ipynb|py)")
_SCALARS = (str, int, float, bool)
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))})


def check_output_name(name: object) -> str:
    """Return an output's name: its identity across runs, and later a file name.

    >>> check_output_name("children-by-wijk")
    'children-by-wijk'
    """
    if not isinstance(name, str) or not _OUTPUT_NAME.fullmatch(name):
        raise DocumentError(
            "An output's name has up to 63 small letters, digits and hyphens.", hint="For example children-by-wijk."
        )
    if name in _DEVICES:
        # Its files could be neither signed nor written everywhere.
        raise DocumentError(
            f"An output may not be called '{name}': some systems keep that name for a device.",
            hint="For example children-by-wijk.",
        )
    return name


def check_code_name(name: object) -> str:
    """Return the name of a notebook or script: a plain file name without a folder."""
    if not isinstance(name, str) or not _CODE_NAME.fullmatch(name):
        raise DocumentError("Code is named by plain file names that end in .ipynb or .py, without folders.")
    return name


@dataclass(frozen=True)
class SubmittedFigure:
    """A figure of an output's table: how it is drawn, never what it shows.

    Attributes:
        tables: of a box plot the names of the five outputs that it is drawn from, in the order of `QUANTILES`; the
            output that has the figure is the median. Empty for every other kind.
    """

    request: FigureRequest
    tables: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        box = self.request.kind is FigureKind.BOX
        if len(self.tables) != (len(QUANTILES) if box else 0) or len(set(self.tables)) != len(self.tables):
            raise DocumentError("A box plot, and no other figure, names the five outputs that it is drawn from.")

    def to_document(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {"request": self.request.to_document(), "tables": list(self.tables)}


def figure_from(document: Any) -> SubmittedFigure:
    """Return the figure that `to_document` wrote.

    Raises:
        DocumentError: it is anything else.
    """
    if not isinstance(document, dict) or set(document) != {"request", "tables"}:
        raise DocumentError("A figure of a submission does not follow its schema.")
    tables = document["tables"]
    if not isinstance(tables, list) or not all(isinstance(name, str) for name in tables):
        raise DocumentError("A figure of a submission does not follow its schema.")
    return SubmittedFigure(request_from(document["request"]), tuple(tables))


@dataclass(frozen=True)
class SubmittedOutput:
    """One output of a submission.

    Attributes:
        name: its identity across runs.
        title, population: what it shows, and whom the figures are about; one line each.
        differs: how it differs from an earlier version, in one line; empty if there is none.
        figure: how its table is drawn; None for a table alone.
    """

    name: str
    title: str
    population: str
    differs: str
    recipe: Recipe
    figure: SubmittedFigure | None = None

    def __post_init__(self) -> None:
        check_context(self.name, self.title, self.population, self.differs)

    def to_document(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {
            "name": self.name,
            "title": self.title,
            "population": self.population,
            "differs": self.differs,
            "recipe": self.recipe.to_document(),
            "figure": None if self.figure is None else self.figure.to_document(),
        }


def check_context(name: str, title: str, population: str, differs: str) -> None:
    """Refuse a name, title, population or difference that is not what a person and a file system can read."""
    check_output_name(name)
    _line(title, "title", 200)
    _line(population, "population", 500)
    if differs:
        _line(differs, "differs", 1000)


@dataclass(frozen=True)
class Submission:
    """What `submit` writes and ingest reads.

    Attributes:
        author, title: one line each.
        purpose: in lines of text.
        code: the notebooks and scripts in the order in which they run.
        parameters: the parameters with which the notebooks run.
        texts: texts and results of own code, which only a person can judge.
    """

    camp: str
    team: str
    author: str
    number: int
    title: str
    purpose: str
    outputs: tuple[SubmittedOutput, ...]
    code: tuple[str, ...]
    parameters: Mapping[str, Any]
    texts: tuple[SubmittedText, ...] = ()

    def __post_init__(self) -> None:
        _line(self.author, "author", 200)
        _line(self.title, "title", 200)
        if not self.purpose.strip() or len(self.purpose) > 2000:
            raise DocumentError("A submission says its purpose, in at most 2,000 characters.", hint="Give purpose=.")
        if any(is_hidden(sign) and sign != "\n" for sign in self.purpose):
            raise DocumentError(
                "A submission's purpose has lines of visible characters.", hint="No control or invisible characters."
            )
        self._check_outputs()
        for name in self.code:
            check_code_name(name)
        if not self.code or len(set(self.code)) != len(self.code):
            raise DocumentError("A submission names the code that made it, each file once.", hint="Give code=[...].")
        if type(self.number) is not int or self.number < 1:
            raise DocumentError("A submission has a number, 1 or more.")
        if not all(isinstance(key, str) and _is_parameter(one) for key, one in self.parameters.items()):
            raise DocumentError("The parameters of a submission are texts, numbers, truth values and lists of these.")

    def _check_outputs(self) -> None:
        if not self.outputs and not self.texts:
            raise DocumentError("A submission has at least one output.", hint="Use sdc.basket().add(out, name=...).")
        names = [output.name for output in self.outputs] + [text.name for text in self.texts]
        if len(set(names)) != len(names):
            raise DocumentError("Two outputs of the submission have the same name.")
        if len(self.texts) > MOST_WRITTEN:
            raise DocumentError(
                f"A submission has at most {MOST_WRITTEN} texts and results.", hint="Hand in more than one request."
            )
        versions = other_versions((output.name, output.recipe) for output in self.outputs)
        if versions is not None:
            one, other = versions
            raise DocumentError(
                f"The outputs '{one}' and '{other}' are two versions of one table: together they show what each "
                "withholds.",
                hint="Hand in one of them.",
            )
        tables = {output.name for output in self.outputs}
        for output in self.outputs:
            drawn = () if output.figure is None else output.figure.tables
            if not set(drawn) <= tables or (drawn and drawn[QUANTILES.index("median")] != output.name):
                raise DocumentError("A box plot is drawn from outputs of its submission, and lies with their median.")
        for text in self.texts:
            check_context(text.name, text.title, text.population, text.differs)
            if text.support and text.support not in tables:
                raise DocumentError("A result names an output of its submission that counts the units behind it.")

    @property
    def frames(self) -> tuple[str, ...]:
        """The names of the outputs whose narrow frame a reproduction run must hand over."""
        return tuple(one.name for one in self.outputs if isinstance(one.recipe.source, FrameSource))

    def to_bytes(self) -> bytes:
        """Return the submission as canonical JSON."""
        return canonical_json(
            {
                "version": VERSION,
                "camp": self.camp,
                "team": self.team,
                "author": self.author,
                "number": self.number,
                "title": self.title,
                "purpose": self.purpose,
                "outputs": [one.to_document() for one in self.outputs],
                "texts": [one.to_document() for one in self.texts],
                "code": list(self.code),
                "parameters": dict(self.parameters),
            }
        )


def submission_from_bytes(data: bytes) -> Submission:
    """Return the submission in a JSON document.

    Raises:
        DocumentError, RecipeError: it is anything else than what `to_bytes` writes.
    """
    document = parse_json(data, what="The submission")
    try:
        if document["version"] != VERSION:
            raise _version_error(document["version"])
        submission = Submission(
            camp=_text(document["camp"]),
            team=_text(document["team"]),
            author=_text(document["author"]),
            number=document["number"],
            title=_text(document["title"]),
            purpose=_text(document["purpose"]),
            outputs=tuple(_output(one) for one in document["outputs"]),
            code=tuple(_text(name) for name in document["code"]),
            parameters=dict(document["parameters"]),
            texts=tuple(text_from(one) for one in document["texts"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise DocumentError("The submission does not follow its schema.", hint=f"Expected version {VERSION}.") from None
    if submission.to_bytes() != canonical_json(document):
        raise DocumentError("The submission has entries that no submission of this version has.")
    return submission


def _output(document: Any) -> SubmittedOutput:
    return SubmittedOutput(
        name=_text(document["name"]),
        title=_text(document["title"]),
        population=_text(document["population"]),
        differs=_text(document["differs"]),
        recipe=recipe_from(document["recipe"]),
        figure=None if document["figure"] is None else figure_from(document["figure"]),
    )


def _version_error(found: Any) -> DocumentError:
    if type(found) is int and 0 < found < VERSION:
        return DocumentError(
            f"The submission is of version {found}; version {VERSION} is read here.",
            hint="Submit again from the notebook: sdc.submit writes the version of this camp.",
        )
    return DocumentError(
        f"The submission is of a version that is not known here; version {VERSION} is read.",
        hint="It was written by a newer program than the one that reads it, or edited.",
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _line(value: str, what: str, limit: int) -> None:
    if not is_line(value, limit=limit):
        raise DocumentError(
            f"Expected a {what} of one line, 1 to {limit} characters.",
            hint=f"Give {what}= without blanks around it and without control or invisible characters.",
        )


def _is_parameter(value: Any) -> bool:
    return all(isinstance(one, _SCALARS) for one in (value if isinstance(value, list) else [value]))
