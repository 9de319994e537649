"""Texts that people hand in and others read: what may stand in one, and how any text is shown on a terminal.

A control character can rewrite what a terminal shows, a bidirectional mark can reorder it, and a character without
width can hide a difference. None of them is in a text that people hand in; where one may still occur, in labels of
data for example, `visible` shows its number instead.
"""

from __future__ import annotations

import unicodedata

# They print nothing, though Unicode counts them among letters, marks and symbols.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
_SEPARATORS = ("Zl", "Zp")


def is_hidden(sign: str) -> bool:
    """Tell whether a character controls, reorders or hides text: it is not one that people see."""
    category = unicodedata.category(sign)
    if category[0] == "C" or category in _SEPARATORS:
        return True
    return sign in _BLANK or "\ufe00" <= sign <= "\ufe0f" or "\U000e0100" <= sign <= "\U000e01ef"


def is_line(text: str, *, limit: int) -> bool:
    """Tell whether a text is one line of 1 to `limit` visible characters, without blanks around it.

    >>> is_line("Children by wijk", limit=200), is_line("Children by wijk ", limit=200), is_line("", limit=200)
    (True, False, False)
    """
    return 0 < len(text) <= limit and text.strip() == text and not any(is_hidden(sign) for sign in text)


def visible(text: str) -> str:
    r"""Return a text in which every character that people would not see stands as its number.

    >>> visible("safe\x1b[2K")
    'safe\\x1b[2K'
    """
    return "".join(
        sign
        if sign == " " or (sign.isprintable() and not is_hidden(sign))
        else sign.encode("unicode_escape").decode("ascii")
        for sign in text
    )
