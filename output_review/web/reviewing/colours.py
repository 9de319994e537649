"""Source with syntax colours: tokens as spans of a closed list of classes, each escaped here and line by line.

What a character would hide or reorder is shown as its number, as on a reviewer's terminal.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from django.utils.html import escape
from django.utils.safestring import SafeString
from pygments.lexers import PythonLexer, SqlLexer  # type: ignore[import-untyped]
from pygments.token import Comment, Keyword, Name, Number, Operator, String  # type: ignore[import-untyped]

from disclosure.exchange.lines import visible

LONGEST: Final = 100_000
"""So many characters of a page are coloured, for colours take their time; the rest is shown without, in full."""
_CLASSES: Final = (
    (Comment, "c"),
    (Keyword, "k"),
    (String, "s"),
    (Number, "m"),
    (Operator.Word, "k"),
    (Name.Builtin, "b"),
)
_LEXERS: Final[dict[str, Any]] = {"python": PythonLexer, "sql": SqlLexer}
_TAB: Final = 4


def coloured(source: str, language: str, *, left: int = LONGEST) -> tuple[SafeString, ...]:
    """Return the lines of a source as safe HTML.

    Args:
        language: "python" or "sql"; anything else is not coloured.
        left: of how many characters the page may still colour; a source with more is not coloured.

    >>> coloured("x = '<b>'", "python")[0]
    'x = <span class="s">&#x27;&lt;b&gt;&#x27;</span>'
    """
    source = source.replace("\r\n", "\n").replace("\r", "\n").expandtabs(_TAB)
    lines: list[list[str]] = [[]]
    for kind, piece in _tokens(source, language, left):
        for place, part in enumerate(piece.split("\n")):
            if place:
                lines.append([])
            if part:
                shown = escape(visible(part))
                lines[-1].append(f'<span class="{kind}">{shown}</span>' if kind else shown)
    return tuple(SafeString("".join(line)) for line in lines)


def _tokens(source: str, language: str, left: int) -> Iterator[tuple[str, str]]:
    lexer = _LEXERS.get(language)
    if lexer is None or len(source) > left:
        yield "", source
        return
    named = (
        (next((name for token, name in _CLASSES if kind in token), ""), piece)
        for _, kind, piece in lexer().get_tokens_unprocessed(source)
    )
    for name, alike in groupby(named, key=itemgetter(0)):
        yield name, "".join(piece for _, piece in alike)
