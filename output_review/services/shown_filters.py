"""The conditions by which a derivation leaves rows out, as words: which columns and which values they name.

Nothing is evaluated and no library parses it: a derivation that runs was parsed in the sealed worker. This reads its
tokens, for a person who is to be told of a condition that nobody mentions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

_TOKEN: Final = re.compile(
    r"'(?P<value>(?:[^']|'')*)'|\"(?P<quoted>(?:[^\"]|\"\")*)\"|(?P<number>\d+(?:\.\d+)?)|(?P<word>[^\W\d]\w*)"
    r"|(?P<sign>[<>=!]+|\S)"
)
_BEGINS: Final = frozenset({"WHERE", "HAVING", "QUALIFY", "ON"})
_ENDS: Final = frozenset(
    ["GROUP", "ORDER", "HAVING", "QUALIFY", "WINDOW", "LIMIT", "OFFSET", "UNION", "INTERSECT", "EXCEPT", "WHERE",
     "JOIN", "INNER", "LEFT", "RIGHT", "FULL", "CROSS", "SEMI", "ANTI", "ASOF", "ON", ";"]
)  # fmt: skip
_NO_COLUMNS: Final = frozenset(
    ["AND", "OR", "NOT", "IN", "IS", "NULL", "BETWEEN", "LIKE", "ILIKE", "ESCAPE", "CASE", "WHEN", "THEN", "ELSE",
     "END", "TRUE", "FALSE", "CAST", "TRY_CAST", "AS", "SELECT", "DISTINCT", "FROM", "WHERE", "EXISTS", "ANY", "ALL",
     "BY",
     "VARCHAR", "TEXT", "INTEGER", "INT", "BIGINT", "SMALLINT", "TINYINT", "DOUBLE", "FLOAT", "DECIMAL", "BOOLEAN",
     "DATE", "TIMESTAMP", "INTERVAL", *_ENDS]
)  # fmt: skip


@dataclass(frozen=True)
class Filter:
    """A condition on rows.

    Attributes:
        said: the condition in one line.
        columns: the names in it, without those of tables and functions.
        values, numbers: the texts and the numbers that columns are compared with.
    """

    said: str
    columns: tuple[str, ...]
    values: tuple[str, ...]
    numbers: tuple[str, ...]

    @property
    def is_presence(self) -> bool:
        """Whether it only asks that a column has a value."""
        return not self.values and not self.numbers and self.said.upper().endswith(" IS NOT NULL")


@dataclass(frozen=True)
class _Token:
    kind: str
    said: str
    start: int
    end: int

    @property
    def word(self) -> str:
        """A word of the language, in capitals; empty for anything else."""
        return self.said.upper() if self.kind in ("word", "sign") else ""


def filters_in(sql: str) -> tuple[Filter, ...]:
    """Return the conditions of a derivation, each that must hold by itself.

    Columns that two tables are joined by are none: nothing is compared with a value there.

    >>> [(one.columns, one.values, one.numbers) for one in filters_in("SELECT a FROM t WHERE a < 18 AND b <> '31'")]
    [(('a',), (), ('18',)), (('b',), ('31',), ())]
    """
    tokens = [
        _Token(match.lastgroup or "", match[match.lastgroup or 0], match.start(), match.end())
        for match in _TOKEN.finditer(sql)
    ]
    found = []
    for place, token in enumerate(tokens):
        if token.kind == "word" and token.word in _BEGINS:
            for part in _parts(_clause(tokens, place + 1)):
                one = _filter(sql, part)
                if one.columns and (token.word != "ON" or one.values or one.numbers):
                    found.append(one)
    return tuple(found)


def _clause(tokens: Sequence[_Token], start: int) -> Sequence[_Token]:
    depth = 0
    for place in range(start, len(tokens)):
        token = tokens[place]
        depth += (token.word == "(") - (token.word == ")")
        if depth < 0 or (not depth and token.word in _ENDS):
            return tokens[start:place]
    return tokens[start:]


def _parts(clause: Sequence[_Token]) -> Iterator[Sequence[_Token]]:
    """Yield what AND joins: outside of brackets and of BETWEEN."""
    while len(clause) > 1 and _wraps(clause):
        clause = clause[1:-1]
    depth, begin, between, cuts = 0, 0, False, []
    for place, token in enumerate(clause):
        depth += (token.word in ("(", "CASE")) - (token.word in (")", "END"))
        if depth:
            continue
        if token.word == "BETWEEN":
            between = True
        elif token.word == "AND" and between:
            between = False
        elif token.word == "AND":
            cuts.append(place)
    if not cuts:
        if clause:
            yield clause
        return
    for cut in (*cuts, len(clause)):
        yield from _parts(clause[begin:cut])
        begin = cut + 1


def _wraps(clause: Sequence[_Token]) -> bool:
    """Tell whether the first bracket is closed by the last one."""
    depth = 0
    for place, token in enumerate(clause):
        depth += (token.word == "(") - (token.word == ")")
        if not depth:
            return place == len(clause) - 1 and token.word == ")"
    return False


def _filter(sql: str, part: Sequence[_Token]) -> Filter:
    columns = []
    for place, token in enumerate(part):
        following = part[place + 1].said if place + 1 < len(part) else ""
        # A table's name stands before a full stop, a function's before a bracket.
        if token.kind == "quoted" and following != ".":
            columns.append(token.said.replace('""', '"'))
        elif token.kind == "word" and token.word not in _NO_COLUMNS and following not in (".", "("):
            columns.append(token.said)
    return Filter(
        " ".join(sql[part[0].start : part[-1].end].split()),
        tuple(dict.fromkeys(columns)),
        tuple(one.said.replace("''", "'") for one in part if one.kind == "value"),
        tuple(one.said for one in part if one.kind == "number"),
    )
