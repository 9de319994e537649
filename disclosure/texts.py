"""Texts that people see, in English and Dutch.

A `Text` keeps the English sentence and its names apart, so that one finding can be read in either language wherever
it ends up. The language is the reader's: `language("nl")` for a block of code, otherwise the environment's.
Translations lie in locale/*/datakamp.po and are read when first needed; nothing compiled is kept.
"""

from __future__ import annotations

import functools
import gettext
import io
import os
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from disclosure.errors import BadInputError

LANGUAGES = ("en", "nl")
_SAID = {"en": "Language: English", "nl": "Taal: Nederlands"}
_chosen: ContextVar[str | None] = ContextVar("datakamp_language", default=None)


def current_language() -> str:
    """Return "nl" or "en": the one chosen with `language`, else that of the environment (LANGUAGE, LC_ALL, LANG)."""
    chosen = _chosen.get()
    if chosen is not None:
        return chosen
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "").split(":")[0][:2].lower()
        if value:
            return value if value in LANGUAGES else "en"
    return "en"


class LanguageError(BadInputError, ValueError):
    """There are no texts in a language."""


class language:  # noqa: N801 - it is called like a function
    """Show texts in a language: from here on, or within a ``with`` block only.

    >>> with language("nl"):
    ...     current_language()
    'nl'
    """

    def __init__(self, code: str) -> None:
        if code not in LANGUAGES:
            raise LanguageError("There is no such language here.", hint=f"expected one of {', '.join(LANGUAGES)}")
        self._code = code
        self._token = _chosen.set(code)

    def __repr__(self) -> str:
        return _SAID[self._code]

    def __enter__(self) -> None:
        """Keep the language until the block ends."""

    def __exit__(self, *_: object) -> None:
        """Go back to the language from before."""
        _chosen.reset(self._token)


@functools.cache
def _translations(code: str) -> gettext.NullTranslations:
    if code == "en":
        return gettext.NullTranslations()
    # Imported here: English readers, and every kernel start, are spared it.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    path = Path(__file__).parent / "locale" / code / "datakamp.po"
    compiled = io.BytesIO()
    with path.open("rb") as stream:
        write_mo(compiled, read_po(stream, locale=code))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def translate(sentence: str) -> str:
    """Return a sentence in the reader's language."""
    return _translations(current_language()).gettext(sentence)


@dataclass(frozen=True)
class Text:
    """A translatable sentence with its names filled in when it is read.

    >>> str(text("Merge {one} with {other}.", one="A", other="B"))
    'Merge A with B.'
    """

    sentence: str
    names: tuple[tuple[str, str | Text], ...] = ()

    def __str__(self) -> str:
        return translate(self.sentence).format_map(dict(self.names)) if self.names else translate(self.sentence)

    @property
    def english(self) -> str:
        """The sentence in English, for logs and command lines."""
        named = {name: value.english if isinstance(value, Text) else value for name, value in self.names}
        return self.sentence.format_map(named) if named else self.sentence


def text(sentence: str, /, **names: object) -> Text:
    """Return a `Text`; the sentence is literal where it is called, so that it can be extracted for translation.

    A name may be filled in with another `Text`, which is then read in the same language.
    """
    filled = ((name, value if isinstance(value, Text) else str(value)) for name, value in names.items())
    return Text(sentence, tuple(filled))


def localized(texts: Mapping[str, str], fallback: str) -> str:
    """Return a codebook's text in the reader's language, else in English, else `fallback`."""
    return texts.get(current_language()) or texts.get("en") or fallback
