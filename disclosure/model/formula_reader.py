"""Reading a formula: from left to right, one token at a time. Nothing is evaluated."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from disclosure.errors import RecipeError
from disclosure.model.formulas import (
    DEEPEST,
    HIGHEST_POWER,
    KNOWN,
    MOST_CHARACTERS,
    MOST_COLUMNS,
    MOST_TERMS,
    WORDS,
    Category,
    Factor,
    Formula,
    Number,
    Term,
    Transform,
    formula_of,
)
from disclosure.texts import Text
from disclosure.texts import text as said

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\["\\])*"|'(?:[^'\\]|\\['\\])*')|(?P<number>\d+(?:\.\d+)?)"""
    r"""|(?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)?)|(?P<sign>\*\*|[-+:*~(),=]))"""
)
_Token = tuple[str, str]
_KINDS: Mapping[str, Text] = {
    "text": said("text"),
    "number": said("number"),
    "name": said("name"),
    "sign": said("sign"),
}


def formula_from(text: str) -> Formula:
    """Return the formula that a text writes.

    Raises:
        RecipeError: it is not one of this grammar, or is too long. The hint lists what is known.

    >>> str(formula_from("np.log(income) ~ age*C(sex)"))
    'log(income) ~ age + C(sex) + age:C(sex)'
    """
    reader = _Reader(text)
    response = reader.factor()
    if not isinstance(response, Number):
        raise _refused(said("the response is a number"))
    reader.expect("~")
    terms, constant = reader.right_side()
    reader.end()
    return formula_of(response, terms, constant=constant)


def names_from(text: str) -> tuple[str, ...]:
    """Return the columns in a text such as ``wijk + year``, each named once; `RecipeError` if it is anything else."""
    reader = _Reader(text)
    names = [reader.name()]
    while reader.at("+"):
        reader.expect("+")
        names.append(reader.name())
    reader.end()
    if len(set(names)) != len(names):
        raise RecipeError(said("A column is named twice."))
    return tuple(names)


def _refused(why: Text) -> RecipeError:
    return RecipeError(said("The formula is not one that can be read: {why}.", why=why), hint=KNOWN)


def _tokens(text: str) -> Iterator[_Token]:
    if not isinstance(text, str) or len(text) > MOST_CHARACTERS:
        raise _refused(said("it is a text of at most {most} characters", most=MOST_CHARACTERS))
    place, stripped = 0, text.rstrip()
    while place < len(stripped):
        found = _TOKEN.match(stripped, place)
        if found is None:
            raise _refused(said("it holds a sign that no formula has"))
        yield str(found.lastgroup), found.group(str(found.lastgroup))
        place = found.end()


class _Reader:
    """Reads a formula from left to right; every step takes exactly what it returns."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._place = 0
        self._depth = 0

    def at(self, *values: str, ahead: int = 0) -> bool:
        place = self._place + ahead
        return place < len(self._tokens) and self._tokens[place][0] != "text" and self._tokens[place][1] in values

    def take(self, kind: str) -> str:
        if self._place >= len(self._tokens) or self._tokens[self._place][0] != kind:
            raise _refused(said("a {kind} is missing", kind=_KINDS[kind]))
        self._place += 1
        return self._tokens[self._place - 1][1]

    def expect(self, sign: str) -> None:
        if not self.at(sign):
            raise _refused(said("'{sign}' is missing", sign=sign))
        self._place += 1

    def end(self) -> None:
        if self._place != len(self._tokens):
            raise _refused(said("something follows its end"))

    def right_side(self) -> tuple[list[Term], bool]:
        """Read terms with the constant among them; a sign before the first of them is allowed."""
        terms: list[Term] = []
        constant, sign = True, "+"
        if self.at("-"):
            sign = self.take("sign")
        while True:
            if self.at("0", "1"):
                constant = (self.take("number") == "1") is (sign == "+")
            elif sign == "-":
                raise _refused(said("only 1 is taken away"))
            else:
                terms += self.product()
            if not self.at("+", "-"):
                return terms, constant
            sign = self.take("sign")

    def product(self) -> list[Term]:
        terms = self.interaction()
        while self.at("*"):
            self.expect("*")
            others = self.interaction()
            terms = [*terms, *others, *_crossed(terms, others)]
        return _few(terms)

    def interaction(self) -> list[Term]:
        terms = self.atom()
        while self.at(":"):
            self.expect(":")
            terms = _few(_crossed(terms, self.atom()))
        return terms

    def atom(self) -> list[Term]:
        if not self.at("("):
            return [Term((self.factor(),))]
        self._depth += 1
        if self._depth > DEEPEST:
            raise _refused(said("its brackets are too deep"))
        self.expect("(")
        terms = self.product()
        while self.at("+"):
            self.expect("+")
            terms = _few([*terms, *self.product()])
        self.expect(")")
        self._depth -= 1
        return terms

    def factor(self) -> Factor:
        word = self._tokens[self._place][1] if self._place < len(self._tokens) else ""
        if not self.at("(", ahead=1) or word == "Q":
            return Number(self.name())
        self.take("name")
        self.expect("(")
        factor: Factor
        if word == "C":
            factor = self.category()
        elif word == "I":
            factor = self.power()
        else:
            known = [one for one in Transform if one and word in (one.value, f"np.{one}", f"numpy.{one}")]
            if not known:
                raise _refused(said("it calls a function that is not on the list"))
            factor = Number(self.name(), known[0])
        self.expect(")")
        return factor

    def name(self) -> str:
        if not (self.at("Q") and self.at("(", ahead=1)):
            word = self.take("name")
            if "." in word or word in WORDS:
                raise _refused(said('a column that is called like that is written Q("...")'))
            return word
        self.take("name")
        self.expect("(")
        name = self.text()
        self.expect(")")
        return name

    def power(self) -> Number:
        name = self.name()
        self.expect("**")
        digits = self.take("number")
        if digits not in map(str, range(2, HIGHEST_POWER + 1)):
            raise _refused(said("a power is a whole number from 2 to {highest}", highest=HIGHEST_POWER))
        return Number(name, power=int(digits))

    def category(self) -> Category:
        name, reference, merged = self.name(), None, []
        while self.at(","):
            self.expect(",")
            if self.at("merge"):
                merged.append(self.merged())
            elif reference is not None or merged:
                raise _refused(said("a category has one reference, named before what is merged"))
            else:
                reference = self.reference()
        return Category(name, reference, tuple(merged))

    def reference(self) -> str:
        if not self.at("Treatment"):
            return self.text_or_number()
        self.take("name")
        self.expect("(")
        if self.at("reference"):
            self.take("name")
            self.expect("=")
        label = self.text_or_number()
        self.expect(")")
        return label

    def merged(self) -> tuple[str, ...]:
        self.take("name")
        self.expect("(")
        labels = [self.text_or_number()]
        while self.at(","):
            self.expect(",")
            labels.append(self.text_or_number())
        self.expect(")")
        return tuple(labels)

    def text_or_number(self) -> str:
        if self._place < len(self._tokens) and self._tokens[self._place][0] == "text":
            return self.text()
        sign = "-" if self.at("-") else ""
        if sign:
            self.expect("-")
        return sign + self.take("number")

    def text(self) -> str:
        return re.sub(r"\\(.)", r"\1", self.take("text")[1:-1])


def _crossed(terms: list[Term], others: list[Term]) -> list[Term]:
    return [Term(tuple(dict.fromkeys((*one.factors, *other.factors)))) for one in terms for other in others]


def _few(terms: list[Term]) -> list[Term]:
    if len(terms) > MOST_TERMS:
        raise RecipeError(
            said(
                "A model has at most {most_terms} terms and {most_columns} columns.",
                most_terms=MOST_TERMS,
                most_columns=MOST_COLUMNS,
            )
        )
    return terms
