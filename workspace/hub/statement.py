"""The confidentiality statement: a text beside camp.toml that a person signs before coming in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from disclosure.errors import DataError, DocumentError
from disclosure.exchange.camp import FILE, CampFile
from disclosure.exchange.canonical import digest
from disclosure.exchange.files import read_regular

_LARGEST: Final = 1 << 16


@dataclass(frozen=True)
class Statement:
    """A text and its digest, which is what an account keeps of a signature."""

    text: str
    digest: str


def read_statement(camp: CampFile) -> Statement:
    """Return the statement of a camp.

    Raises:
        DocumentError: the camp names none, or the file is missing, empty or no text. There is no camp without one.
    """
    if not camp.statement:
        raise DocumentError(
            "The camp has no confidentiality statement.",
            hint=f'Put the text beside {FILE} and name it there: statement = "statement.txt".',
        )
    try:
        data = read_regular(camp.folder / camp.statement, limit=_LARGEST)
        written = data.decode("utf-8")
    except (DataError, UnicodeDecodeError):
        raise DocumentError(
            f"The statement '{camp.statement}' cannot be read.", hint="It is a text of at most 64 KiB, in UTF-8."
        ) from None
    if not written.strip():
        raise DocumentError(f"The statement '{camp.statement}' is empty.", hint="Write what people promise.")
    return Statement(written, digest(data))
