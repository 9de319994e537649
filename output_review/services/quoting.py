"""Texts of a team on a reviewer's terminal: quoted line by line, so that none can pass for a line of the review."""

from __future__ import annotations

import unicodedata

from disclosure.exchange.lines import visible

WIDTH = 64
"""Columns of a quoted text: with what stands before it, it fits a terminal of 80, which would wrap a longer one."""
_LABEL, _TAB = 12, 4


def quoted(label: str, text: str) -> list[str]:
    """Return a text as lines behind a bar: "|" where it has a line of its own, ":" where a long one goes on.

    >>> quoted("purpose", "To learn.\\nby-wijk: safe")
    ['  purpose     | To learn.', '              | by-wijk: safe']
    """
    lines: list[str] = []
    for line in text.expandtabs(_TAB).split("\n"):
        for place, part in enumerate(_parts(visible(line))):
            lines.append(f"  {'' if lines else label:<{_LABEL}}{':' if place else '|'} {part}".rstrip())
    return lines


def shortened(text: str, width: int) -> str:
    """Return the beginning of a text that fits so many columns of a terminal."""
    first, *more = _parts(visible(text), width)
    return f"{first[:-1]}…" if more else first


def _parts(line: str, width: int = WIDTH) -> list[str]:
    parts, used = [""], 0
    for sign in line:
        columns = 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        if used + columns > width:
            parts.append("")
            used = 0
        parts[-1] += sign
        used += columns
    return parts
