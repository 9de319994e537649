"""What a program says of a request or an output and keeps for later readers, in every language at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from disclosure.errors import DatakampError, Sentence
from disclosure.render.about import in_every_language
from disclosure.texts import localized

if TYPE_CHECKING:
    from output_review.models import OutputRow, RequestRow

Words = Mapping[str, str]


def words_of(*sentences: str | Sentence) -> Words:
    """Return sentences, joined by semicolons, in every language; those in one language only are the same in all.

    >>> from disclosure.texts import text
    >>> words_of(text("Total"), "x")["nl"]
    'Totaal; x'
    """
    return in_every_language(lambda: _joined(map(str, sentences)))


def words_of_error(error: DatakampError) -> Words:
    """Return what an error says, with what to do about it, in every language."""
    return in_every_language(error.localized)


def keep_note(output: OutputRow, words: Words) -> None:
    """Note why an output is what it is; the caller saves the row."""
    output.note, output.note_words = words.get("en", ""), dict(words)


def note_of(output: OutputRow) -> str:
    """Return that note in the reader's language."""
    return localized(output.note_words, output.note)


def keep_reason(row: RequestRow, words: Words) -> None:
    """Keep why a program refused a request; the caller saves both columns."""
    row.reason, row.reason_words = words.get("en", ""), dict(words)


def reason_of(row: RequestRow) -> str:
    """Return why a request stands where it does: a program's reason in the reader's language, a person's as it is."""
    words: Words = row.reason_words
    return localized(words, row.reason) if words.get("en") == row.reason else row.reason


def _joined(sentences: Iterable[str]) -> str:
    return "; ".join(one for one in sentences if one)
