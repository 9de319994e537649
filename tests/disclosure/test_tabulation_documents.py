"""The tabulation job and its result: one spelling each way, and nothing else is read."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from disclosure import errors
from disclosure.errors import CodebookError, DatakampError, DocumentError
from disclosure.exchange.canonical import canonical_json, digest
from disclosure.exchange.tabulation import (
    ColumnLineage,
    JobKind,
    Outcome,
    Reason,
    Refusal,
    Standing,
    TabulationJob,
    TabulationResult,
    tabulation_job_from_bytes,
    tabulation_result_from_bytes,
)
from disclosure.exchange.tabulation_result import REFUSALS
from disclosure.model.evidence import Evidence
from disclosure.model.evidence_document import evidence_to_bytes
from disclosure.texts import Text, language, text
from tests.disclosure.tabulation_inputs import PERSONS, PERSONS_BOOK, Inputs, inputs

JOB_DIGEST = digest(b"job")


@pytest.fixture
def made(tmp_path: Path) -> Inputs:
    return inputs(tmp_path)


def evidence() -> Evidence:
    counts = np.array([12, 12], dtype=np.int64)
    return Evidence(("wijk",), (("28",),), np.array([[0], [-1]], dtype=np.int32), counts, counts)


def registered(column: str) -> ColumnLineage:
    origin = ("persons", column.lower())
    return ColumnLineage(column, Standing.REGISTERED, origin, frozenset({origin}))


def tabulated() -> TabulationResult:
    computed = ColumnLineage("poor", Standing.COMPUTED, None, frozenset({("persons", "income"), ("persons", "age")}))
    return TabulationResult(
        JOB_DIGEST,
        Outcome.EVIDENCE,
        evidence(),
        lineage=(registered("wijk"), computed),
        across_rows=False,
        derivation="SELECT 1",
    )


def inconclusive() -> TabulationResult:
    missing = text("unit keys: every row lacks {unit}", unit="{pid}")
    return TabulationResult(JOB_DIGEST, Outcome.INCONCLUSIVE, reason=Reason.UNKNOWN_UNITS, missing=(missing,))


def refused() -> TabulationResult:
    return TabulationResult(JOB_DIGEST, Outcome.REFUSED, refusal=Refusal("ColumnError", "There is no column.", "Look."))


@pytest.mark.parametrize("result", [tabulated(), inconclusive(), refused()], ids=lambda one: one.outcome.value)
def test_a_result_comes_back_from_its_bytes(result: TabulationResult) -> None:
    read = tabulation_result_from_bytes(result.to_bytes())
    assert read.to_bytes() == result.to_bytes()
    for name in ("job", "outcome", "reason", "missing", "refusal", "lineage", "across_rows", "derivation"):
        assert getattr(read, name) == getattr(result, name)
    assert (read.evidence is None) is (result.evidence is None)
    if read.evidence is not None and result.evidence is not None:
        assert evidence_to_bytes(read.evidence) == evidence_to_bytes(result.evidence)


def test_a_missing_text_is_read_in_the_readers_language_with_its_names() -> None:
    (missing,) = tabulation_result_from_bytes(inconclusive().to_bytes()).missing
    with language("en"):
        assert str(missing) == "unit keys: every row lacks {pid}"


def test_a_refusal_becomes_its_error_again() -> None:
    refusal = tabulation_result_from_bytes(refused().to_bytes()).refusal
    assert refusal is not None
    error = refusal.error()
    assert type(error) is errors.ColumnError
    assert str(error) == "There is no column. Look."


def test_every_error_that_a_worker_may_name_is_one_of_the_tree() -> None:
    for name, kind in REFUSALS.items():
        assert getattr(errors, name) is kind
        assert issubclass(kind, DatakampError)


def _set(*path: Any, value: Any) -> Callable[[dict[str, Any]], None]:
    def forge(document: dict[str, Any]) -> None:
        place: Any = document
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return forge


FORGED: dict[str, tuple[TabulationResult, Callable[[dict[str, Any]], None]]] = {
    "another version": (tabulated(), _set("version", value=2)),
    "a version that is true": (tabulated(), _set("version", value=True)),
    "an unknown entry": (tabulated(), _set("note", value="x")),
    "a job that is no digest": (tabulated(), _set("job", value="sha256:1")),
    "an unknown outcome": (tabulated(), _set("outcome", value="Evidence")),
    "evidence without evidence": (tabulated(), _set("evidence", value=None)),
    "forged evidence": (tabulated(), _set("evidence", "n_units", value=[13, 12])),
    "evidence and a refusal": (tabulated(), _set("refusal", value={"name": "DataError", "message": "x", "hint": ""})),
    "evidence and a reason": (tabulated(), _set("reason", value="missing")),
    "evidence and what is missing": (tabulated(), _set("missing", value=[{"sentence": "x", "names": []}])),
    "across rows as a number": (tabulated(), _set("across_rows", value=0)),
    "an empty derivation": (tabulated(), _set("derivation", value="")),
    "a derivation without end": (tabulated(), _set("derivation", value="x" * 1_000_001)),
    "an unknown standing": (tabulated(), _set("lineage", 0, "standing", value="trusted")),
    "registered without an origin": (tabulated(), _set("lineage", 0, "origin", value=None)),
    "computed with an origin": (tabulated(), _set("lineage", 1, "origin", value=["persons", "age"])),
    "an origin that is no source": (tabulated(), _set("lineage", 0, "origin", value=["persons", "age"])),
    "an origin of three parts": (tabulated(), _set("lineage", 0, "origin", value=["a", "b", "c"])),
    "an origin as text": (tabulated(), _set("lineage", 0, "origin", value="ab")),
    "sources out of order": (tabulated(), _set("lineage", 1, "sources", value=[["b", "b"], ["a", "a"]])),
    "a source twice": (tabulated(), _set("lineage", 1, "sources", value=[["a", "a"], ["a", "a"]])),
    "a column twice": (tabulated(), _set("lineage", 1, "column", value="wijk")),
    "sources without end": (
        tabulated(),
        _set("lineage", 1, "sources", value=[["a", f"{place:06d}"] for place in range(10_001)]),
    ),
    "inconclusive without a reason": (inconclusive(), _set("reason", value=None)),
    "an unknown reason": (inconclusive(), _set("reason", value="other")),
    "inconclusive about nothing": (inconclusive(), _set("missing", value=[])),
    "a sentence that reaches into a name": (inconclusive(), _set("missing", 0, "sentence", value="{unit.__class__}")),
    "a sentence that indexes a name": (inconclusive(), _set("missing", 0, "sentence", value="{unit[0]}")),
    "a sentence of any width": (inconclusive(), _set("missing", 0, "sentence", value="{unit:>999999999}")),
    "a sentence with a nested width": (inconclusive(), _set("missing", 0, "sentence", value="{unit:{unit}}")),
    "a sentence with a conversion": (inconclusive(), _set("missing", 0, "sentence", value="{unit!r}")),
    "a sentence with other names": (inconclusive(), _set("missing", 0, "sentence", value="{other}")),
    "a sentence without its name": (inconclusive(), _set("missing", 0, "sentence", value="nothing")),
    "a sentence cut off": (inconclusive(), _set("missing", 0, "sentence", value="{unit")),
    "a sentence of two lines": (inconclusive(), _set("missing", 0, "sentence", value="{unit}\nmore")),
    "a name without end": (inconclusive(), _set("missing", 0, "names", value=[["unit", "x" * 20_001]])),
    "a name of a number": (inconclusive(), _set("missing", 0, "names", value=[["unit", 1]])),
    "an unknown error": (refused(), _set("refusal", "name", value="SystemExit")),
    "an error without a message": (refused(), _set("refusal", "message", value="")),
    "a message of two lines": (refused(), _set("refusal", "message", value="a\nb")),
    "a message that clears the screen": (refused(), _set("refusal", "hint", value="\x1b[2J")),
    "a message without end": (refused(), _set("refusal", "message", value="x" * 2001)),
    "a refusal with more": (refused(), _set("refusal", "exit_status", value=0)),
    "refused for nothing": (refused(), _set("refusal", value=None)),
}


@pytest.mark.parametrize(("result", "forge"), FORGED.values(), ids=FORGED.keys())
def test_a_forged_result_is_refused(result: TabulationResult, forge: Callable[[dict[str, Any]], None]) -> None:
    document = json.loads(result.to_bytes())
    forge(document)
    with pytest.raises(DocumentError):
        tabulation_result_from_bytes(json.dumps(document).encode())


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"null", b'{"version":1}', b"\xff\xfe"])
def test_what_is_no_document_is_refused(data: bytes) -> None:
    with pytest.raises(DocumentError):
        tabulation_result_from_bytes(data)
    with pytest.raises(DocumentError):
        tabulation_job_from_bytes(data)


def test_the_longest_texts_and_sources_are_read() -> None:
    sources = frozenset(("a", f"{place:06d}") for place in range(10_000))
    result = TabulationResult(
        JOB_DIGEST,
        Outcome.INCONCLUSIVE,
        reason=Reason.MISSING,
        missing=(Text("{unit}", (("unit", "x" * 20_000),)),),
        lineage=(ColumnLineage("a", Standing.COMPUTED, None, sources),),
        derivation="x" * 1_000_000,
    )
    assert tabulation_result_from_bytes(result.to_bytes()).to_bytes() == result.to_bytes()
    assert Refusal("DataError", "x" * 2000).error().message == "x" * 2000


def test_a_job_comes_back_from_its_bytes(made: Inputs) -> None:
    for job in (made.narrow(), made.lazy("SELECT pid, wijk FROM Persons")):
        read = tabulation_job_from_bytes(job.to_bytes())
        assert read == job
        assert read.to_bytes() == job.to_bytes()
        assert read.digest() == digest(job.to_bytes())


def test_the_codebooks_of_a_job_are_read(made: Inputs) -> None:
    assert made.narrow().codebooks()[PERSONS].unit == ("pid",)


@pytest.mark.parametrize("book", ["no toml [", 'schema = 1\nname = "Persons"\n'])
def test_a_malformed_codebook_of_a_job_is_an_error_that_names_it(made: Inputs, book: str) -> None:
    job = replace(made.narrow(), data_sets={PERSONS: JOB_DIGEST}, codebook_texts={PERSONS: book})
    with pytest.raises(CodebookError, match=PERSONS):
        job.codebooks()


def _job(made: Inputs, **changes: Any) -> TabulationJob:
    return replace(made.narrow(), **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": JobKind.LAZY},
        {"threads": 0},
        {"threads": 257},
        {"threads": True},
        {"threads": 1.0},
        {"data_sets": {PERSONS: "sha256:1"}, "codebook_texts": {PERSONS: PERSONS_BOOK}},
        {"data_sets": {PERSONS: JOB_DIGEST}, "codebook_texts": {}},
        {"data_sets": {}, "codebook_texts": {PERSONS: PERSONS_BOOK}},
        {"data_sets": {"job": JOB_DIGEST}, "codebook_texts": {"job": PERSONS_BOOK}},
        {"data_sets": {"frame": JOB_DIGEST}, "codebook_texts": {"frame": PERSONS_BOOK}},
        {"data_sets": {"../review": JOB_DIGEST}, "codebook_texts": {"../review": PERSONS_BOOK}},
        {"data_sets": {"": JOB_DIGEST}, "codebook_texts": {"": PERSONS_BOOK}},
        {"data_sets": {"A": JOB_DIGEST, "a": JOB_DIGEST}, "codebook_texts": {"A": "x", "a": "x"}},
    ],
    ids=str,
)
def test_a_job_that_cannot_be_is_refused(made: Inputs, changes: dict[str, Any]) -> None:
    with pytest.raises(DocumentError):
        _job(made, **changes)


def test_a_lazy_recipe_is_no_frame_job(made: Inputs) -> None:
    with pytest.raises(DocumentError):
        replace(made.lazy("SELECT pid, wijk FROM Persons"), kind=JobKind.FRAME)


@pytest.mark.parametrize("threads", [1, 256, None])
def test_threads_may_be_named(made: Inputs, threads: int | None) -> None:
    assert tabulation_job_from_bytes(_job(made, threads=threads).to_bytes()).threads == threads


@pytest.mark.parametrize(
    ("key", "value"),
    [("version", 2), ("note", 1), ("kind", "Frame"), ("policy", 1), ("data_sets", []), ("threads", "1")],
)
def test_a_forged_job_is_refused(made: Inputs, key: str, value: object) -> None:
    document = json.loads(made.narrow().to_bytes())
    document[key] = value
    with pytest.raises(DocumentError):
        tabulation_job_from_bytes(canonical_json(document))
