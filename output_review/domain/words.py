"""What people write on a page or a command line and others read: comments, reasons, explanations."""

from __future__ import annotations

from typing import Final

from disclosure.errors import BadInputError
from disclosure.exchange.lines import is_hidden
from disclosure.texts import text

LONGEST: Final = 4000


def legible_words(body: str) -> str:
    """Return what a person wrote, without blanks around it and with plain line ends.

    Raises:
        BadInputError: it is empty, longer than 4,000 characters, or has characters that people do not see.
    """
    said = words_or_none(body)
    if not said:
        raise BadInputError(text("Expected a text of 1 to {most} characters.", most=f"{LONGEST:,}"))
    return said


def words_or_none(body: str) -> str:
    """Return the same of what may be left out: an empty text for one with nothing but blanks.

    >>> words_or_none(" Who is in it? "), words_or_none("  ")
    ('Who is in it?', '')
    """
    said = body.replace("\r\n", "\n").strip()
    if len(said) > LONGEST:
        raise BadInputError(text("A text has at most {most} characters.", most=f"{LONGEST:,}"))
    if any(is_hidden(sign) and sign != "\n" for sign in said):
        raise BadInputError(
            text("The text has characters that people do not see."), hint=text("Write it in visible ones.")
        )
    return said
