"""What can go wrong, in one shallow tree.

Two questions matter to whoever catches one: was the question itself faulty (`BadInputError`, exit status 2), or is
the answer no (`RefusedError`, exit status 1)? Everything else is in the text. A message never holds a value of a
record: it names files, columns, rules and remedies. Errors of libraries often quote the value that they stumbled
over, so they are not chained into these (``raise ... from None``).

An error is in English for logs and command lines, and in the reader's language in a notebook: what it is raised with
may be a translatable text, see `disclosure.texts`.
"""

from __future__ import annotations

import linecache
import traceback
from typing import ClassVar, Protocol

_NOTEBOOK = "__main__"


class Sentence(Protocol):
    """A sentence that exists in several languages; as a text it is in the reader's."""

    @property
    def english(self) -> str:
        """The sentence in English, whoever reads it."""


class DatakampError(Exception):
    """Base of every error that Datakamp raises on purpose.

    Args:
        message: what is wrong, as a sentence.
        hint: what to do about it, as a sentence; empty if there is nothing to add.

    Attributes:
        message, hint: both in English.
        sentences: both as they were given, to be raised anew or read in another language.
    """

    exit_status: ClassVar[int] = 2

    def __init__(self, message: str | Sentence, *, hint: str | Sentence = "") -> None:
        self.message = _english(message)
        self.hint = _english(hint)
        self.sentences: tuple[str | Sentence, str | Sentence] = (message, hint)
        super().__init__(self.message)

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".rstrip()

    def localized(self) -> str:
        """Return the message and the hint in the reader's language, as far as they exist in it."""
        return " ".join(said for said in map(str, self.sentences) if said)

    def _render_traceback_(self) -> list[str]:
        """Return the lines that a notebook shows of this error: the sentences, and where in the notebook it arose.

        A notebook asks for this by name. The way through our own code says nothing to a researcher.
        """
        message, hint = map(str, self.sentences)
        return [f"{type(self).__name__}: {message}", *([hint] if hint else []), *_in_the_notebook(self)]


def _english(sentence: str | Sentence) -> str:
    return sentence if isinstance(sentence, str) else sentence.english


def _in_the_notebook(error: BaseException) -> list[str]:
    """Return the line of a cell that led to an error, marked as notebooks mark it; nothing outside a notebook."""
    frames = [one for one in traceback.walk_tb(error.__traceback__) if one[0].f_globals.get("__name__") == _NOTEBOOK]
    if not frames:
        return []
    frame, line = frames[-1]
    return ["", f"----> {line} {linecache.getline(frame.f_code.co_filename, line).strip()}".rstrip()]


def broken_at(error: BaseException) -> str:
    """Return the kind of an error and the module of ours that it came out of: never its words, which quote values.

    >>> broken_at(KeyError("secret"))
    'KeyError'
    """
    modules = [str(frame.f_globals.get("__name__", "")) for frame, _ in traceback.walk_tb(error.__traceback__)]
    ours = [name for name in modules if name.startswith(f"{__package__}.")]
    return " in ".join((type(error).__name__, *ours[-1:]))


class BadInputError(DatakampError):
    """The question cannot be put: a file, column, parameter or document is missing or malformed."""


class RefusedError(DatakampError):
    """The question is clear and the answer is no."""

    exit_status: ClassVar[int] = 1


class ColumnError(BadInputError):
    """A column is missing, doubled, or not of a kind that the statistic can use."""


class DataError(BadInputError):
    """A file or frame cannot be read as a table."""


class CodebookError(BadInputError):
    """A codebook is malformed or does not fit its data."""


class PolicyError(BadInputError):
    """A policy is unknown, malformed, or lacks what it must name."""


class RecipeError(BadInputError):
    """A recipe is malformed, or asks for something outside the closed list of what may be asked."""


class DocumentError(BadInputError):
    """A submission, manifest, certificate or other exchanged document does not follow its schema."""


class IdentifierRefusedError(RefusedError):
    """An identifier or unit column would become a dimension or a value of an output."""


class DerivationRefusedError(RefusedError):
    """The derivation of a lazy recipe uses a function, table or statement that is not allowed."""


class OverflowRefusedError(RefusedError):
    """A value does not fit the fixed-point type in which sums are exact."""


class SealError(RefusedError):
    """The seal of a kernel could not be verified, so nothing runs on microdata."""


class ExecutionError(RefusedError):
    """Code run in a sealed kernel failed, was killed, or passed a limit."""


class HandoverError(RefusedError):
    """What a reproduction run handed over is not what the submission names."""


class StateError(RefusedError):
    """The state of a request, or the role of the person, does not allow this step."""


class IntegrityError(RefusedError):
    """A digest, signature or chain does not hold: something was changed, added or removed."""


class ReleaseError(RefusedError):
    """A release was stopped; nothing has left."""
