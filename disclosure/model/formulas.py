"""Model formulas: a closed grammar, read and never evaluated.

A formula is a response, ``~``, and terms joined by ``+``. A term is a product (``:``) of factors; ``a*b`` is short for
``a + b + a:b``. A factor is one of

    income                      a number, or true and false as 1 and 0
    log(income) sqrt(income) log1p(income) I(age ** 2)
    C(wijk) C(wijk, "28")       a category, and the one that the others are compared with
    C(wijk, merge("28", "29"))  the same with categories counted as one
    Q("a name with blanks")     any name of a column

and ``- 1`` leaves the constant out. The spellings ``np.log(x)`` and ``C(z, Treatment("b"))`` of other libraries are
read as the same. Everything else is refused: a formula that can call functions is a program.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from disclosure.errors import RecipeError
from disclosure.texts import text

MOST_CHARACTERS: Final = 2000
MOST_TERMS: Final = 60
MOST_COLUMNS: Final = 40
MOST_FACTORS: Final = 3
DEEPEST: Final = 5
HIGHEST_POWER: Final = 5

KNOWN: Final = text(
    'Known: names, +, :, *, - 1, C(name), C(name, "reference"), C(name, merge("a", "b")), log(name), log1p(name), '
    'sqrt(name), I(name ** 2), Q("name"). Anything else is derived as a column first.'
)
_PLAIN_NAME = re.compile(r"[^\W\d]\w*")


class Transform(StrEnum):
    """What is done to a number before it enters a model."""

    NONE = ""
    LOG = "log"
    LOG1P = "log1p"
    SQRT = "sqrt"


WORDS: Final = frozenset({"C", "I", "Q", "Treatment", "merge", "reference", *(one.value for one in Transform if one)})
"""Names that mean something in a formula, so that a column of that name is written with Q."""


@dataclass(frozen=True)
class Number:
    """A factor that is a number: a column, transformed, or raised to a power."""

    column: str
    transform: Transform = Transform.NONE
    power: int = 1

    def __post_init__(self) -> None:
        if not self.column.strip() or not 1 <= self.power <= HIGHEST_POWER or (self.transform and self.power > 1):
            raise RecipeError(
                text("A number of a formula has a name, and a transformation or a small power."), hint=KNOWN
            )

    def __str__(self) -> str:
        name = quoted(self.column)
        if self.power > 1:
            return f"I({name} ** {self.power})"
        return f"{self.transform}({name})" if self.transform else name


@dataclass(frozen=True)
class Category:
    """A factor that is a category: one dummy for each label but the reference.

    Attributes:
        reference: the label that the others are compared with; None for the first in canonical order.
        merged: groups of labels that count as one, named by their labels with " + " between them.
    """

    column: str
    reference: str | None = None
    merged: tuple[tuple[str, ...], ...] = ()

    def __post_init__(self) -> None:
        labels = [label for group in self.merged for label in group]
        if not self.column.strip() or len(set(labels)) != len(labels) or any(len(one) < 2 for one in self.merged):
            raise RecipeError(text("A merged category has two labels at least, each named once."), hint=KNOWN)

    def label(self, label: str) -> str:
        """Return the label that a label counts under."""
        return next((" + ".join(group) for group in self.merged if label in group), label)

    def __str__(self) -> str:
        parts = [quoted(self.column)]
        parts += [_text(self.reference)] if self.reference is not None else []
        parts += [f"merge({', '.join(map(_text, group))})" for group in self.merged]
        return f"C({', '.join(parts)})"


Factor = Number | Category


@dataclass(frozen=True)
class Term:
    """A product of factors. Two terms with the same factors are the same term, whatever their order."""

    factors: tuple[Factor, ...]

    def __post_init__(self) -> None:
        if not self.factors or len(set(self.factors)) != len(self.factors):
            raise RecipeError(text("A term names each of its factors once."), hint=KNOWN)
        if len(self.factors) > MOST_FACTORS:
            raise RecipeError(text("A term is a product of at most {most_factors} factors.", most_factors=MOST_FACTORS))

    @property
    def key(self) -> frozenset[Factor]:
        """The factors, whatever their order."""
        return frozenset(self.factors)

    @property
    def categories(self) -> tuple[Category, ...]:
        """The factors that are categories."""
        return tuple(one for one in self.factors if isinstance(one, Category))

    def __str__(self) -> str:
        return ":".join(map(str, self.factors))


@dataclass(frozen=True)
class Formula:
    """A formula, read. `str` of it is its canonical text, which is read as the same formula.

    Attributes:
        terms: products of few factors before products of more, otherwise in the order in which they were written.
        constant: whether the model has a constant.
    """

    response: Number
    terms: tuple[Term, ...]
    constant: bool = True

    def __post_init__(self) -> None:
        if len({term.key for term in self.terms}) != len(self.terms):
            raise RecipeError(text("A term stands in the formula twice."))
        if list(self.terms) != sorted(self.terms, key=lambda term: len(term.factors)):
            raise RecipeError(text("The terms of a formula stand in the order of their number of factors."))
        if not self.terms and not self.constant:
            raise RecipeError(text("The formula has neither a term nor a constant."), hint=KNOWN)
        if len(self.terms) > MOST_TERMS or len(self.columns) > MOST_COLUMNS:
            raise RecipeError(
                text(
                    "A model has at most {most_terms} terms and {most_columns} columns.",
                    most_terms=MOST_TERMS,
                    most_columns=MOST_COLUMNS,
                )
            )
        if self.response.power > 1:
            raise RecipeError(text("The response is a column, its logarithm or its root."), hint=KNOWN)
        if self.response.column in self.columns:
            raise RecipeError(text("The response is also a term of the model."))
        codings: dict[str, Category] = {}
        for factor in (one for term in self.terms for one in term.categories):
            if codings.setdefault(factor.column, factor) != factor:
                raise RecipeError(
                    text("The category '{column}' has two codings in one formula.", column=factor.column),
                    hint=text("Write one."),
                )

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the terms, in the order in which they are first named."""
        return tuple(dict.fromkeys(factor.column for term in self.terms for factor in term.factors))

    def compared_with(self, labels: Mapping[str, str]) -> Formula:
        """Return the formula with these labels as references, by column, of the categories that name none."""

        def of(factor: Factor) -> Factor:
            if isinstance(factor, Number) or factor.reference is not None or factor.column not in labels:
                return factor
            return replace(factor, reference=labels[factor.column])

        return replace(self, terms=tuple(Term(tuple(map(of, term.factors))) for term in self.terms))

    def __str__(self) -> str:
        parts = [str(term) for term in self.terms] or ["1"]
        return f"{self.response} ~ {' + '.join(parts)}{'' if self.constant else ' - 1'}"


def formula_of(response: Number, terms: Iterable[Term], *, constant: bool) -> Formula:
    """Return a formula with its terms in order, each once."""
    unique: dict[frozenset[Factor], Term] = {}
    for term in terms:
        unique.setdefault(term.key, term)
    return Formula(response, tuple(sorted(unique.values(), key=lambda term: len(term.factors))), constant)


def names_text(names: Iterable[str]) -> str:
    """Return columns as the text that `names_from` reads."""
    return " + ".join(map(quoted, names))


def quoted(name: str) -> str:
    """Return a column's name as a formula writes it: as it is, or as Q("...")."""
    return name if _PLAIN_NAME.fullmatch(name) and name not in WORDS else f"Q({_text(name)})"


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
