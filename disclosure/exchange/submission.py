"""The submission: what a team hands in. It is read here on both sides and believed on neither."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from disclosure.errors import DocumentError
from disclosure.exchange.canonical import canonical_json, parse_json
from disclosure.exchange.lines import is_hidden
from disclosure.exchange.submission_answers import Answers, answers_document, answers_from, check_answers
from disclosure.exchange.submission_names import check_code_name, check_context, check_line
from disclosure.exchange.written import MOST_WRITTEN, SubmittedText, WrittenKind, text_from
from disclosure.model.derived import DerivedRequest, check_derived, derived_from
from disclosure.model.figures import QUANTILES, FigureKind, FigureRequest, request_from
from disclosure.model.other_versions import other_versions
from disclosure.model.recipes import FrameSource, Recipe, recipe_from
from disclosure.texts import text

VERSION = 4
"""4: it may revise an earlier one, and answer what was asked about that. 3: an output may be derived from others.
2: it may be shown as a figure, and texts and results may go with it."""
_READ = (3, VERSION)
"""What is read: one of version 3 was handed in before there were revisions, and is none."""
FILE = "submission.json"
CODE, CLAIMS = "code", "claims"
MAXIMUM_BYTES = 5_000_000
_SCALARS = (str, int, float, bool)


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
            raise DocumentError(text("A box plot, and no other figure, names the five outputs that it is drawn from."))

    def to_document(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {"request": self.request.to_document(), "tables": list(self.tables)}


def figure_from(document: Any) -> SubmittedFigure:
    """Return the figure that `to_document` wrote.

    Raises:
        DocumentError: it is anything else.
    """
    if not isinstance(document, dict) or set(document) != {"request", "tables"}:
        raise DocumentError(text("A figure of a submission does not follow its schema."))
    tables = document["tables"]
    if not isinstance(tables, list) or not all(isinstance(name, str) for name in tables):
        raise DocumentError(text("A figure of a submission does not follow its schema."))
    return SubmittedFigure(request_from(document["request"]), tuple(tables))


@dataclass(frozen=True)
class SubmittedOutput:
    """One output of a submission.

    Attributes:
        name: its identity across runs.
        title, population: what it shows, and whom the figures are about; one line each.
        differs: how it differs from an earlier version, in one line; empty if there is none.
        recipe: of a table; of a derived one the recipe of what its tables tell together, which is not shown.
        figure: how its table is drawn; None for a table alone.
        derived: what is computed from which outputs; None for a table.
    """

    name: str
    title: str
    population: str
    differs: str
    recipe: Recipe
    figure: SubmittedFigure | None = None
    derived: DerivedRequest | None = None

    def __post_init__(self) -> None:
        check_context(self.name, self.title, self.population, self.differs)
        if self.figure is not None and self.derived is not None:
            raise DocumentError(text("A figure is drawn from a table, not from what is derived from tables."))

    def to_document(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {
            "name": self.name,
            "title": self.title,
            "population": self.population,
            "differs": self.differs,
            "recipe": self.recipe.to_document(),
            "figure": None if self.figure is None else self.figure.to_document(),
            "derived": None if self.derived is None else self.derived.to_document(),
        }


@dataclass(frozen=True)
class Submission:
    """What `submit` writes and ingest reads.

    Attributes:
        author, title: one line each.
        purpose: in lines of text.
        code: the notebooks and scripts in the order in which they run.
        parameters: the parameters with which the notebooks run.
        texts: texts and results of own code, which only a person can judge.
        revises: the team's number of the first submission of the request of which this is the next revision; None
            for a first one.
        answers: to questions about the revision before, by their numbers.
        version: of the document; an earlier one is written again as it was.
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
    revises: int | None = None
    answers: Answers = field(default_factory=dict)
    version: int = VERSION

    def __post_init__(self) -> None:
        check_line(self.author, "author", 200)
        check_line(self.title, "title", 200)
        if not self.purpose.strip() or len(self.purpose) > 2000:
            raise DocumentError(
                text("A submission says its purpose, in at most 2,000 characters."), hint=text("Give purpose=.")
            )
        if any(is_hidden(sign) and sign != "\n" for sign in self.purpose):
            raise DocumentError(
                text("A submission's purpose has lines of visible characters."),
                hint=text("No control or invisible characters."),
            )
        self._check_outputs()
        for name in self.code:
            check_code_name(name)
        if not self.code or len(set(self.code)) != len(self.code):
            raise DocumentError(
                text("A submission names the code that made it, each file once."), hint=text("Give code=[...].")
            )
        if type(self.number) is not int or self.number < 1:
            raise DocumentError(text("A submission has a number, 1 or more."))
        if self.version not in _READ or (self.version < VERSION and (self.revises is not None or self.answers)):
            raise _version_error(self.version)
        check_answers(self.number, self.revises, self.answers)
        if not all(isinstance(key, str) and _is_parameter(one) for key, one in self.parameters.items()):
            raise DocumentError(
                text("The parameters of a submission are texts, numbers, truth values and lists of these.")
            )

    def _check_outputs(self) -> None:
        if not self.outputs and not self.texts:
            raise DocumentError(
                text("A submission has at least one output."), hint=text("Use sdc.basket().add(out, name=...).")
            )
        names = [output.name for output in self.outputs] + [one.name for one in self.texts]
        if len(set(names)) != len(names):
            raise DocumentError(text("Two outputs of the submission have the same name."))
        if len(self.texts) > MOST_WRITTEN:
            raise DocumentError(
                text("A submission has at most {most_written} texts and results.", most_written=MOST_WRITTEN),
                hint=text("Hand in more than one request."),
            )
        recipes = {output.name: output.recipe for output in self.outputs if output.derived is None}
        versions = other_versions(recipes.items())
        if versions is not None:
            name, other = versions
            raise DocumentError(
                text(
                    "'{name}' and '{other}' are two versions of one table: together they show what each withholds.",
                    name=name,
                    other=other,
                ),
                hint=text("Hand in one of them."),
            )
        tables = set(recipes)
        for output in self.outputs:
            if output.derived is not None:
                check_derived(output.derived, output.recipe, recipes)
            drawn = () if output.figure is None else output.figure.tables
            if not set(drawn) <= tables or (drawn and drawn[QUANTILES.index("median")] != output.name):
                raise DocumentError(
                    text("A box plot is drawn from outputs of its submission, and lies with their median.")
                )
        for one in self.texts:
            check_context(one.name, one.title, one.population, one.differs)
            if one.kind is WrittenKind.FOREIGN:
                raise DocumentError(text("Outputs of another program are taken in by the office, not handed in."))
            if one.support and one.support not in tables:
                raise DocumentError(text("A result names an output of its submission that counts the units behind it."))

    @property
    def frames(self) -> tuple[str, ...]:
        """The names of the outputs whose narrow frame a reproduction run must hand over."""
        return tuple(one.name for one in self.outputs if isinstance(one.recipe.source, FrameSource))

    def to_bytes(self) -> bytes:
        """Return the submission as canonical JSON."""
        added = {"revises": self.revises, "answers": answers_document(self.answers)} if self.version == VERSION else {}
        return canonical_json(
            {
                "version": self.version,
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
                **added,
            }
        )


def submission_from_bytes(data: bytes) -> Submission:
    """Return the submission in a JSON document.

    Raises:
        DocumentError, RecipeError: it is anything else than what `to_bytes` writes.
    """
    document = parse_json(data, what="The submission")
    try:
        version = document["version"]
        if type(version) is not int or version not in _READ:
            raise _version_error(version)
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
            revises=document["revises"] if version == VERSION else None,
            answers=answers_from(document["answers"]) if version == VERSION else {},
            version=version,
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise DocumentError(
            text("The submission does not follow its schema."),
            hint=text("Expected version {version}.", version=VERSION),
        ) from None
    if submission.to_bytes() != canonical_json(document):
        raise DocumentError(text("The submission has entries that no submission of this version has."))
    return submission


def _output(document: Any) -> SubmittedOutput:
    return SubmittedOutput(
        name=_text(document["name"]),
        title=_text(document["title"]),
        population=_text(document["population"]),
        differs=_text(document["differs"]),
        recipe=recipe_from(document["recipe"]),
        figure=None if document["figure"] is None else figure_from(document["figure"]),
        derived=None if document["derived"] is None else derived_from(document["derived"]),
    )


def _version_error(found: Any) -> DocumentError:
    if type(found) is int and 0 < found < VERSION:
        return DocumentError(
            text("The submission is of version {found}; version {version} is read here.", found=found, version=VERSION),
            hint=text("Submit again from the notebook: sdc.submit writes the version of this camp."),
        )
    return DocumentError(
        text("The submission is of a version that is not known here; version {version} is read.", version=VERSION),
        hint=text("It was written by a newer program than the one that reads it, or edited."),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _is_parameter(value: Any) -> bool:
    return all(isinstance(one, _SCALARS) for one in (value if isinstance(value, list) else [value]))
