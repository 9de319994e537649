"""Labels as they are drawn: any text, made fit for a picture, over as many lines as it needs.

In a document for Vega-Lite a category is only ever a number, "0", "1" and so on; its text is looked up when an axis
or legend is drawn. So no label can collide with another, be taken for a field's name or end up in an expression other
than as a JSON text.
"""

from __future__ import annotations

import json
import textwrap
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

_CONTROL_PICTURES = 0x2400
_REPLACEMENT = "�"
_MARK = "~"
_MOST_LINES = 3

HARD_SPACE: Final = "\u00a0"
STRETCH: Final = 1.35
"""How much longer than its room a word may be before it is cut or slanted."""


def drawable(text: str) -> str:
    """Return a text with nothing in it that XML cannot hold or that reorders or hides other characters.

    Control characters become their visible signs, and what has none becomes the replacement character. A newline
    becomes a space.

    >>> drawable("a\\nb\\x07")
    'a b␇'
    """
    return "".join(map(_shown, text.replace("\r\n", "\n")))


def _shown(character: str) -> str:
    point = ord(character)
    if character in "\n\r\t":
        return " "
    if point < 0x20:
        return chr(_CONTROL_PICTURES + point)
    kind = unicodedata.category(character)
    # Joiners belong to the spelling of words and emoji; the other format characters turn text around or hide it.
    if (kind == "Cf" and character not in "\u200c\u200d\u00ad") or kind in ("Cc", "Cs", "Zl", "Zp", "Cn"):
        return _REPLACEMENT
    return character


def lines(text: str, *, width: int, most: int = _MOST_LINES) -> list[str]:
    """Return a text over at most `most` lines of about `width` characters; what does not fit ends in an ellipsis."""
    shown = drawable(text)
    longest = longest_word(shown)
    # A word that is a letter or two too long had better stick out than be cut.
    width = longest if width < longest <= width * STRETCH else width
    wrapped = [shown or " "] if most == 1 else textwrap.wrap(shown, width)
    kept = wrapped[:most] or [" "]
    if len(wrapped) > most or len(kept[-1]) > width:
        kept[-1] = f"{kept[-1][: width - 1].rstrip()}…"
    return kept


def heading(text: str) -> str:
    """Return a text fit to be a title in a document.

    A single word ends in a hard space, which the picture is drawn without: Vega takes a title that is the name of one
    of its functions for that function, as it does with labels.
    """
    shown = drawable(text)
    return shown + HARD_SPACE if shown and " " not in shown else shown


def longest_word(text: str) -> int:
    """Return the length of the longest word of a text."""
    return max(map(len, text.split()), default=0)


def identity(position: int) -> str:
    """Return what stands for the category at a position in a document."""
    return str(position)


def identities(count: int) -> list[str]:
    """Return what stands for each of so many categories."""
    return [identity(position) for position in range(count)]


def lookup(texts: Sequence[str], *, width: int, most: int = _MOST_LINES) -> str:
    """Return the expression by which an axis or legend finds the text of a category."""
    return lookup_by(dict(zip(identities(len(texts)), texts, strict=True)), width=width, most=most)


def lookup_by(texts: Mapping[str, str], *, width: int, most: int = _MOST_LINES) -> str:
    """Return the expression by which an axis or legend finds the text for a value, which is never a label itself."""
    return expression({value: lines(text, width=width, most=most) for value, text in texts.items()})


def expression(texts: Mapping[str, Sequence[str]]) -> str:
    """Return the expression that gives a value its lines of text.

    It is one JSON object, in ASCII: a text in it stays a text whatever it holds. Each begins with a mark that is cut
    off again, because Vega takes a text that is the name of a function or signal, such as "if", for that name.
    """
    table = {value: _MARK + "\n".join(drawn) for value, drawn in texts.items()}
    return f"split(slice({json.dumps(table, ensure_ascii=True, sort_keys=True)}[datum.value], 1), '\\n')"
