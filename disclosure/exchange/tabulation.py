"""The tabulation job: what the control zone asks of a sealed worker. What comes back is in `tabulation_result`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from disclosure.errors import CodebookError, DocumentError
from disclosure.exchange.canonical import canonical_json, digest, is_digest, parse_json
from disclosure.exchange.tabulation_result import (
    MAXIMUM_RESULT_BYTES,
    RESULT_FILE,
    ColumnLineage,
    Outcome,
    Reason,
    Refusal,
    Standing,
    TabulationResult,
    tabulation_result_from_bytes,
)
from disclosure.model import strict
from disclosure.model.codebooks import Codebook, codebook_from
from disclosure.model.recipes import FrameSource, LazySource, Recipe, recipe_from
from disclosure.model.toml import NotTomlError, parse_toml

__all__ = [
    "MAXIMUM_RESULT_BYTES",
    "RESULT_FILE",
    "ColumnLineage",
    "JobKind",
    "Outcome",
    "Reason",
    "Refusal",
    "Standing",
    "TabulationJob",
    "TabulationResult",
    "tabulation_job_from",
    "tabulation_job_from_bytes",
    "tabulation_result_from_bytes",
]

VERSION = 1
JOB, FRAME = "job", "frame"
"""The folders, below the worker's inputs, of the job and of the narrow frame; no data set may have these names."""
JOB_FILE, FRAME_FILE, DATA_FILE = "job.json", "frame.arrow", "data.parquet"
MAXIMUM_JOB_BYTES = 64 << 20
MAXIMUM_THREADS = 256
_DATA_SET = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,60}")


class JobKind(StrEnum):
    """Where the rows come from."""

    LAZY = "lazy"
    FRAME = "frame"


@dataclass(frozen=True)
class TabulationJob:
    """One recipe to tabulate.

    Attributes:
        data_sets: data set name to the digest of its file, as registered.
        codebook_texts: data set name to its codebook, as TOML.
        policy: the text of the camp's policy file.
        threads: how many threads the engine may use; None for all. The evidence does not depend on it.
    """

    recipe: Recipe
    kind: JobKind
    data_sets: Mapping[str, str]
    codebook_texts: Mapping[str, str]
    policy: str
    threads: int | None = None

    def __post_init__(self) -> None:
        if (self.kind is JobKind.LAZY) is not isinstance(self.recipe.source, LazySource):
            raise DocumentError("A tabulation is lazy if and only if its recipe is.")
        if (self.kind is JobKind.FRAME) is not isinstance(self.recipe.source, FrameSource):
            raise DocumentError("A tabulation reads a frame if and only if its recipe describes one.")
        names = [name.lower() for name in self.data_sets]
        if len(set(names)) != len(names) or not all(_DATA_SET.fullmatch(name) for name in self.data_sets):
            raise DocumentError("Data sets have plain names that differ in more than capitals.")
        if {JOB, FRAME} & set(self.data_sets):
            raise DocumentError(f"A data set may not be called '{JOB}' or '{FRAME}' here.", hint="Rename it.")
        if not all(is_digest(one) for one in self.data_sets.values()):
            raise DocumentError("A data set of a tabulation has no digest.")
        if set(self.codebook_texts) != set(self.data_sets):
            raise DocumentError("Each data set of a tabulation has a codebook, and there are no others.")
        if self.threads is not None and not (type(self.threads) is int and 1 <= self.threads <= MAXIMUM_THREADS):
            raise DocumentError(f"A tabulation uses 1 to {MAXIMUM_THREADS} threads.")

    def codebooks(self) -> Mapping[str, Codebook]:
        """Return the codebooks by data set.

        Raises:
            CodebookError: one is malformed.
        """
        found = {}
        for name, text in sorted(self.codebook_texts.items()):
            try:
                found[name] = codebook_from(parse_toml(text.encode()), where=f"codebook of {name}")
            except (NotTomlError, UnicodeEncodeError):
                raise CodebookError(f"The codebook of '{name}' is not TOML.") from None
        return MappingProxyType(found)

    def digest(self) -> str:
        """Return the digest of the job, which its result repeats."""
        return digest(self.to_bytes())

    def to_document(self) -> dict[str, Any]:
        """Return the job as a JSON object."""
        return {
            "version": VERSION,
            "kind": self.kind.value,
            "recipe": self.recipe.to_document(),
            "data_sets": dict(self.data_sets),
            "codebooks": dict(self.codebook_texts),
            "policy": self.policy,
            "threads": self.threads,
        }

    def to_bytes(self) -> bytes:
        """Return the job as canonical JSON."""
        return canonical_json(self.to_document())


def tabulation_job_from_bytes(data: bytes) -> TabulationJob:
    """Return the job in a JSON document.

    Raises:
        DocumentError, RecipeError: it is anything else than what `to_bytes` writes.
    """
    return tabulation_job_from(parse_json(data, what="The tabulation job"))


def tabulation_job_from(document: Any) -> TabulationJob:
    """Return the job in a JSON object.

    Raises:
        DocumentError, RecipeError: it is anything else than what `to_document` returns.
    """
    try:
        if document["version"] != VERSION:
            raise DocumentError("The tabulation job is of a version that is not known here.")
        job = TabulationJob(
            recipe=recipe_from(document["recipe"]),
            kind=JobKind(document["kind"]),
            data_sets=MappingProxyType({name: strict.text(one) for name, one in document["data_sets"].items()}),
            codebook_texts=MappingProxyType({name: strict.text(one) for name, one in document["codebooks"].items()}),
            policy=strict.text(document["policy"]),
            threads=document["threads"],
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise DocumentError("The tabulation job does not follow its schema.") from None
    if job.to_bytes() != canonical_json(document):
        raise DocumentError("The tabulation job has entries that no job of this version has.")
    return job
