"""The submission: what a team hands in. It is read here on both sides and believed on neither."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from disclosure.errors import DocumentError
from disclosure.exchange.canonical import canonical_json, parse_json
from disclosure.exchange.lines import is_hidden, is_line
from disclosure.model.recipes import FrameSource, Recipe, recipe_from

VERSION = 1
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
class SubmittedOutput:
    """One output of a submission.

    Attributes:
        name: its identity across runs.
        title, population: what it shows, and whom the figures are about; one line each.
        differs: how it differs from an earlier version, in one line; empty if there is none.
    """

    name: str
    title: str
    population: str
    differs: str
    recipe: Recipe

    def __post_init__(self) -> None:
        check_output_name(self.name)
        _line(self.title, "title", 200)
        _line(self.population, "population", 500)
        if self.differs:
            _line(self.differs, "differs", 1000)


@dataclass(frozen=True)
class Submission:
    """What `submit` writes and ingest reads.

    Attributes:
        author, title: one line each.
        purpose: in lines of text.
        code: the notebooks and scripts in the order in which they run.
        parameters: the parameters with which the notebooks run.
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

    def __post_init__(self) -> None:
        _line(self.author, "author", 200)
        _line(self.title, "title", 200)
        if not self.purpose.strip() or len(self.purpose) > 2000:
            raise DocumentError("A submission says its purpose, in at most 2,000 characters.", hint="Give purpose=.")
        if any(is_hidden(sign) and sign != "\n" for sign in self.purpose):
            raise DocumentError(
                "A submission's purpose has lines of visible characters.", hint="No control or invisible characters."
            )
        if not self.outputs:
            raise DocumentError("A submission has at least one output.", hint="Use sdc.basket().add(out, name=...).")
        names = [output.name for output in self.outputs]
        if len(set(names)) != len(names):
            raise DocumentError("Two outputs of the submission have the same name.")
        for name in self.code:
            check_code_name(name)
        if not self.code or len(set(self.code)) != len(self.code):
            raise DocumentError("A submission names the code that made it, each file once.", hint="Give code=[...].")
        if type(self.number) is not int or self.number < 1:
            raise DocumentError("A submission has a number, 1 or more.")
        if not all(isinstance(key, str) and isinstance(one, _SCALARS) for key, one in self.parameters.items()):
            raise DocumentError("The parameters of a submission are texts, numbers and truth values.")

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
                "outputs": [
                    {
                        "name": one.name,
                        "title": one.title,
                        "population": one.population,
                        "differs": one.differs,
                        "recipe": one.recipe.to_document(),
                    }
                    for one in self.outputs
                ],
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
            raise DocumentError("The submission is of a version that is not known here.")
        submission = Submission(
            camp=_text(document["camp"]),
            team=_text(document["team"]),
            author=_text(document["author"]),
            number=document["number"],
            title=_text(document["title"]),
            purpose=_text(document["purpose"]),
            outputs=tuple(
                SubmittedOutput(
                    _text(one["name"]),
                    _text(one["title"]),
                    _text(one["population"]),
                    _text(one["differs"]),
                    recipe_from(one["recipe"]),
                )
                for one in document["outputs"]
            ),
            code=tuple(_text(name) for name in document["code"]),
            parameters=dict(document["parameters"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise DocumentError("The submission does not follow its schema.", hint=f"Expected version {VERSION}.") from None
    if submission.to_bytes() != canonical_json(document):
        raise DocumentError("The submission has entries that no submission of this version has.")
    return submission


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
