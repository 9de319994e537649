"""The result of a tabulation, as a sealed worker hands it back.

It was written by a process that has parsed what is not trusted, so it is read strictly: closed lists of outcomes,
reasons and refusals, and texts that cannot hold more than names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from string import Formatter
from types import MappingProxyType
from typing import Any

from disclosure import errors
from disclosure.errors import DatakampError, DocumentError
from disclosure.exchange.canonical import canonical_json, is_digest, parse_json
from disclosure.model import strict
from disclosure.model.evidence import Evidence
from disclosure.model.evidence_document import evidence_from_document, evidence_to_document
from disclosure.model.lineage import Lineage, Origin
from disclosure.texts import Text

VERSION = 1
RESULT_FILE = "result.json"
MAXIMUM_RESULT_BYTES = 256 << 20
_TEXT_LIMIT = 2000
_DERIVATION_LIMIT = 1_000_000
_SOURCES_LIMIT = 10_000
_KEYS = (
    "version", "job", "outcome", "evidence", "reason", "missing", "refusal", "lineage", "across_rows", "derivation",
)  # fmt: skip


class Outcome(StrEnum):
    """How a tabulation ended."""

    EVIDENCE = "evidence"
    INCONCLUSIVE = "inconclusive"
    REFUSED = "refused"


class Reason(StrEnum):
    """Why a tabulation was inconclusive."""

    MISSING = "missing"
    """Something is missing without which nothing can be judged; the texts say what."""
    UNKNOWN_UNITS = "unknown_units"
    """The unit keys are not those of a registered data set, so that the output is unverified."""


class Standing(StrEnum):
    """What trusted code found of a column."""

    REGISTERED = "registered"
    """It is a column of a registered data set, unchanged."""
    COMPUTED = "computed"
    """It is anything else: the derivation made it, or says so."""


REFUSALS: Mapping[str, type[DatakampError]] = MappingProxyType(
    {
        one.__name__: one
        for one in (
            errors.CodebookError,
            errors.ColumnError,
            errors.DataError,
            errors.DerivationRefusedError,
            errors.DocumentError,
            errors.ExecutionError,
            errors.HandoverError,
            errors.IdentifierRefusedError,
            errors.IntegrityError,
            errors.OverflowRefusedError,
            errors.PolicyError,
            errors.RecipeError,
            errors.RefusedError,
        )
    }
)
"""The errors that a worker may name."""


@dataclass(frozen=True)
class ColumnLineage:
    """Where one column of the narrow frame comes from.

    Attributes:
        origin: the registered column that it is; None if it is computed.
        sources: the registered columns that its values depend on. Of a column of a frame: every registered one that
            it was found equal to.
        alike: of a union the registered columns of one name of which it is one in each row.
    """

    column: str
    standing: Standing
    origin: Origin | None = None
    sources: frozenset[Origin] = frozenset()
    alike: frozenset[Origin] = frozenset()

    def __post_init__(self) -> None:
        registered = self.standing is Standing.REGISTERED
        names = {name for _, name in self.alike}
        if self.alike and (registered or not self.alike <= self.sources or len(names) > 1 or len(self.alike) < 2):
            raise DocumentError("A column of a union is one of several registered columns of one name.")
        if registered is not (self.origin is not None) or not (self.origin is None or self.origin in self.sources):
            raise DocumentError("A column is a registered one if and only if it says which.")
        if len(self.sources) > _SOURCES_LIMIT:
            raise DocumentError("A column comes from more registered columns than can be looked at.")

    @property
    def lineage(self) -> Lineage:
        """The same as a derivation has it."""
        return Lineage(self.origin, self.sources, alike=self.alike)


def column_lineage(name: str, lineage: Lineage) -> ColumnLineage:
    """Return where a column of a derivation comes from."""
    standing = Standing.COMPUTED if lineage.origin is None else Standing.REGISTERED
    return ColumnLineage(name, standing, lineage.origin, lineage.sources, lineage.alike)


@dataclass(frozen=True)
class Refusal:
    """An error in a worker: the name of its class, from `REFUSALS`, and its two sentences."""

    name: str
    message: str
    hint: str = ""

    def __post_init__(self) -> None:
        if self.name not in REFUSALS or not _plain(self.message) or not (_plain(self.hint) or not self.hint):
            raise DocumentError("A refusal names a known error and says why in one line.")

    def error(self) -> DatakampError:
        """Return the error, to be raised."""
        return REFUSALS[self.name](self.message, hint=self.hint)


@dataclass(frozen=True, eq=False)
class TabulationResult:
    """What a worker found.

    Attributes:
        job: the digest of the job that it answers.
        evidence: what was tabulated, if the outcome is that.
        reason, missing: why it is inconclusive, if it is.
        refusal: the error, if it is refused.
        lineage: the columns of the narrow frame in their order; empty if nothing was looked at.
        across_rows: some column may depend on rows of other units; true of every frame, and wherever nobody has looked.
        derivation: the SQL of a lazy recipe as it was read and run.
    """

    job: str
    outcome: Outcome
    evidence: Evidence | None = None
    reason: Reason | None = None
    missing: tuple[Text, ...] = ()
    refusal: Refusal | None = None
    lineage: tuple[ColumnLineage, ...] = ()
    across_rows: bool = True
    derivation: str | None = None

    def __post_init__(self) -> None:
        if not is_digest(self.job):
            raise DocumentError("A result names the job that it answers.")
        parts = {
            Outcome.EVIDENCE: self.evidence is not None,
            Outcome.INCONCLUSIVE: self.reason is not None and bool(self.missing),
            Outcome.REFUSED: self.refusal is not None,
        }
        filled = (self.evidence is not None, self.reason is not None or bool(self.missing), self.refusal is not None)
        if not parts[self.outcome] or sum(filled) != 1:
            raise DocumentError("A result has what its outcome says, and nothing else.")
        columns = [one.column for one in self.lineage]
        if len(set(columns)) != len(columns):
            raise DocumentError("A result says of each column once where it comes from.")
        if not all(_readable(one) for one in self.missing):
            raise DocumentError("What is missing is said in sentences of one line, with names filled in.")
        if self.derivation is not None and not 0 < len(self.derivation) <= _DERIVATION_LIMIT:
            raise DocumentError("The derivation of a result is missing or too long.")

    def to_bytes(self) -> bytes:
        """Return the result as canonical JSON."""
        refusal = self.refusal
        return canonical_json(
            {
                "version": VERSION,
                "job": self.job,
                "outcome": self.outcome.value,
                "evidence": None if self.evidence is None else evidence_to_document(self.evidence),
                "reason": None if self.reason is None else self.reason.value,
                "missing": [
                    {"sentence": one.sentence, "names": [list(pair) for pair in one.names]} for one in self.missing
                ],
                "refusal": None
                if refusal is None
                else {"name": refusal.name, "message": refusal.message, "hint": refusal.hint},
                "lineage": [
                    {
                        "column": one.column,
                        "standing": one.standing.value,
                        "origin": None if one.origin is None else list(one.origin),
                        "sources": [list(origin) for origin in sorted(one.sources)],
                        # Named only where there are some.
                        **({"alike": [list(origin) for origin in sorted(one.alike)]} if one.alike else {}),
                    }
                    for one in self.lineage
                ],
                "across_rows": self.across_rows,
                "derivation": self.derivation,
            }
        )


def tabulation_result_from_bytes(data: bytes) -> TabulationResult:
    """Return the result in a JSON document; `DocumentError` if it is anything else than what `to_bytes` writes."""
    document = parse_json(data, what="The result of the tabulation")
    try:
        strict.table(document, _KEYS)
        if strict.whole(document["version"]) != VERSION:
            raise ValueError
        refusal = document["refusal"]
        if refusal is not None:
            strict.table(refusal, ("name", "message", "hint"))
        result = TabulationResult(
            job=strict.text(document["job"]),
            outcome=Outcome(document["outcome"]),
            evidence=None if document["evidence"] is None else evidence_from_document(document["evidence"]),
            reason=None if document["reason"] is None else Reason(document["reason"]),
            missing=tuple(_missing(one) for one in strict.listed(document["missing"])),
            refusal=None if refusal is None else Refusal(**{key: strict.text(one) for key, one in refusal.items()}),
            lineage=tuple(_column(one) for one in strict.listed(document["lineage"])),
            across_rows=strict.truth(document["across_rows"]),
            derivation=None if document["derivation"] is None else strict.text(document["derivation"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise DocumentError("The result of the tabulation does not follow its schema.") from None
    return result


def _missing(document: Any) -> Text:
    strict.table(document, ("sentence", "names"))
    pairs = [strict.pair(one) for one in strict.listed(document["names"])]
    return Text(strict.text(document["sentence"]), tuple(pairs))


def _column(document: Any) -> ColumnLineage:
    strict.table(document, ("column", "standing", "origin", "sources", *(("alike",) if "alike" in document else ())))
    origin = document["origin"]
    sources, alike = (
        [strict.pair(one) for one in strict.listed(document.get(name, []))] for name in ("sources", "alike")
    )
    if sources != sorted(set(sources)) or alike != sorted(set(alike)) or ("alike" in document and not alike):
        raise ValueError
    return ColumnLineage(
        strict.text(document["column"]),
        Standing(document["standing"]),
        None if origin is None else strict.pair(origin),
        frozenset(sources),
        frozenset(alike),
    )


def _readable(sentence: Text) -> bool:
    """Tell whether a sentence can be filled in with its names and nothing else: no attribute, index or width."""
    names = [name for name, _ in sentence.names]
    fields = []
    try:
        for _, field, width, conversion in Formatter().parse(sentence.sentence):
            if field is not None:
                fields.append(field)
                if width or conversion:
                    return False
    except ValueError:
        return False
    if not all(isinstance(one, str) for _, one in sentence.names):
        return False
    lengths = (len(str(one)) for _, one in sentence.names)
    return _plain(sentence.sentence) and set(fields) == set(names) and sum(lengths) <= 10 * _TEXT_LIMIT


def _plain(text: str) -> bool:
    return 0 < len(text) <= _TEXT_LIMIT and text.isprintable()
