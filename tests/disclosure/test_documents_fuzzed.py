"""Every reader of a document from outside, given documents that are almost right: a clean error or an exact reading."""

from __future__ import annotations

import json
import time
import tomllib
import tracemalloc
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import product
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disclosure.errors import CodebookError, DatakampError, DocumentError, PolicyError
from disclosure.exchange.camp import read_camp
from disclosure.exchange.canonical import canonical_json, digest, parse_json
from disclosure.exchange.context import context_from
from disclosure.exchange.submission import Submission, SubmittedOutput, submission_from_bytes
from disclosure.exchange.tabulation import JobKind, TabulationJob, tabulation_job_from_bytes
from disclosure.exchange.tabulation_result import (
    ColumnLineage,
    Outcome,
    Reason,
    Refusal,
    Standing,
    TabulationResult,
    tabulation_result_from_bytes,
)
from disclosure.exchange.written import MOST_DIGITS, ResultValues, SubmittedText, WrittenKind, values_from
from disclosure.model.codebooks import codebook_from, read_codebook
from disclosure.model.evidence_document import evidence_from_bytes, evidence_to_bytes
from disclosure.model.figures import FigureKind, FigureRequest, GeographyReference, request_from_json
from disclosure.model.recipes import (
    DataSetReference,
    LazySource,
    Recipe,
    Recoding,
    Statistic,
    recipe_from_json,
)
from disclosure.model.toml import NotTomlError, named, parse_toml
from disclosure.policy import load_policy, policy_from_bytes, policy_named, tightened
from disclosure.render.figures.geography import geography_from
from disclosure.screening import report
from disclosure.screening.cleaned import cleaned_notebook, to_bytes
from disclosure.screening.notebook_cells import screen_notebook
from disclosure.screening.notebook_file import notebook_from_bytes
from disclosure.texts import text
from tests.disclosure import every_statistic
from tests.disclosure.mutations import CANARY, changed, escaped, spelled_toml, torn, written
from tests.disclosure.notebooks import PIXELS, RULES, code, error, markdown, notebook, result, shown, stream
from tests.disclosure.support import policy_toml

LONGEST_MESSAGE: Final = 1000
MOST_SECONDS: Final = 20
EMPTY: Final = digest(b"")
some = settings(max_examples=80, deadline=None)

Reader = Callable[[bytes], bytes | None]
"""Reads a document and writes it again; None where it has no writer."""


def read_cleanly(read: Reader, data: bytes, *, names: bool = False) -> None:
    """Read a document; with `names`, what an entry is called may stand in the error, though no value of one."""
    begun, refused = time.monotonic(), None
    try:
        again = read(data)
    except DatakampError as error:
        refused = error
    else:
        assert again is None or again == canonical_json(json.loads(data))
    assert time.monotonic() - begun < MOST_SECONDS
    if refused is not None:
        said = str(refused)
        assert refused.__cause__ is None
        assert refused.__context__ is None or refused.__suppress_context__
        assert 0 < len(said) < LONGEST_MESSAGE
        assert names or CANARY not in said
        assert said.isprintable(), said.encode("unicode_escape")


def spellings(valid: Sequence[Any]) -> st.SearchStrategy[bytes]:
    """Return changed documents in two spellings, and torn ones."""
    return st.sampled_from(valid).flatmap(
        lambda one: changed(one).map(written) | changed(one).map(escaped) | torn(canonical_json(one))
    )


def lazy_recipe() -> Recipe:
    return Recipe(
        LazySource("SELECT 1", (DataSetReference("Persons", EMPTY),)),
        Statistic.COUNT,
        every_statistic.POLICY.reference,
        rows=("wijk",),
        unit=("pid",),
        recodings=(Recoding("wijk", (("28", CANARY),)),),
    )


@lru_cache(maxsize=1)
def evidence_documents() -> tuple[Any, ...]:
    """Return the evidence of statistics that together have every kind of part of a document."""
    asked: dict[Statistic, dict[str, Any]] = {
        Statistic.COUNT: {},
        Statistic.MEAN: {"other_units": (("household",),)},
        Statistic.RATE: {"weight": "weight"},
        Statistic.MEDIAN: {},
        Statistic.SURVIVAL: {},
        Statistic.LORENZ: {},
        Statistic.MODEL: {},
    }
    found = []
    for statistic, further in asked.items():
        rows = every_statistic.several() if statistic in (Statistic.COUNT, Statistic.MEAN) else None
        evidence = every_statistic.tabulated(every_statistic.recipe_of(statistic, **further), rows)
        found.append(json.loads(evidence_to_bytes(evidence)))
    return tuple(found)


def submission() -> Submission:
    outputs = tuple(
        SubmittedOutput(name, "Title", "Persons", "", recipe)
        for name, recipe in (("one", lazy_recipe()), ("two", every_statistic.recipe_of(Statistic.MODEL)))
    )
    values = ResultValues(("group", "figure"), 1, (("a", "1.5"), ("b", None)))
    texts = (
        SubmittedText("note", "A note", "Persons", "", WrittenKind.MARKDOWN, "One line.\n\nAnother."),
        SubmittedText("own", "A result", "Persons", "", WrittenKind.RESULT, values.to_body(), "one"),
    )
    parameters = {"year": 2024, "place": CANARY, "share": 0.5, "all": True}
    return Submission("camp", "team", "author", 1, "Title", "Why", outputs, ("a.ipynb",), parameters, texts)


def job() -> TabulationJob:
    book = 'schema = 1\nname = "Persons"\nunit = ["pid"]\n'
    return TabulationJob(lazy_recipe(), JobKind.LAZY, {"Persons": EMPTY}, {"Persons": book}, policy_toml(), 2)


def read_job(data: bytes) -> bytes:
    read = tabulation_job_from_bytes(data)
    read.codebooks()
    return read.to_bytes()


def result_documents() -> list[Any]:
    origin = ("persons", "wijk")
    years = frozenset({("persons", "key"), ("persons2", "key")})
    lineage = (
        ColumnLineage("wijk", Standing.REGISTERED, origin, frozenset({origin})),
        ColumnLineage("poor", Standing.COMPUTED, None, frozenset({origin, ("persons", "income")})),
        ColumnLineage("key", Standing.COMPUTED, None, years, years),
    )
    counted = every_statistic.tabulated(every_statistic.recipe_of(Statistic.COUNT))
    missing = (text("unit keys: every row lacks {unit}", unit="pid"),)
    results = (
        TabulationResult(EMPTY, Outcome.EVIDENCE, counted, lineage=lineage, derivation="SELECT 1"),
        TabulationResult(EMPTY, Outcome.INCONCLUSIVE, reason=Reason.UNKNOWN_UNITS, missing=missing),
        TabulationResult(EMPTY, Outcome.REFUSED, refusal=Refusal("ColumnError", "There is no column.", "Look.")),
    )
    return [json.loads(one.to_bytes()) for one in results]


@given(st.data())
@settings(some, max_examples=200)
def test_evidence_is_refused_or_read_exactly(data: st.DataObject) -> None:
    document = data.draw(spellings(evidence_documents()))
    read_cleanly(lambda one: evidence_to_bytes(evidence_from_bytes(one)), document)


@given(spellings([json.loads(lazy_recipe().to_json()), every_statistic.recipe_of(Statistic.MODEL).to_document()]))
@some
def test_a_recipe_is_refused_or_read_exactly(document: bytes) -> None:
    read_cleanly(lambda one: recipe_from_json(one).to_json().encode(), document)


@given(spellings([json.loads(submission().to_bytes())]))
@settings(some, max_examples=120)
def test_a_submission_is_refused_or_read_exactly(document: bytes) -> None:
    read_cleanly(lambda one: submission_from_bytes(one).to_bytes(), document)


@given(spellings([json.loads(submission().texts[1].body)]))
@some
def test_the_values_of_a_result_are_refused_or_read_exactly(document: bytes) -> None:
    read_cleanly(lambda one: values_from(one.decode("utf-8", "surrogateescape")).to_body().encode(), document)


@given(spellings([json.loads(job().to_bytes())]))
@some
def test_a_tabulation_job_is_refused_or_read_exactly(document: bytes) -> None:
    read_cleanly(read_job, document, names=True)


@given(st.data())
@settings(some, max_examples=120)
def test_the_result_of_a_tabulation_is_refused_or_read_exactly(data: st.DataObject) -> None:
    document = data.draw(spellings(result_documents()))
    read_cleanly(lambda one: tabulation_result_from_bytes(one).to_bytes(), document)


@given(
    spellings(
        [FigureRequest(FigureKind.CHOROPLETH, geography=GeographyReference(EMPTY, "code"), title="T").to_document()]
    )
)
@some
def test_a_request_for_a_figure_is_refused_or_read_exactly(document: bytes) -> None:
    read_cleanly(lambda one: request_from_json(one).to_json(), document)


RING: Final = [[0, 0], [1, 0], [1, 1], [0, 0]]
AREAS: Final = {
    "type": "FeatureCollection",
    "features": [
        {"type": "Feature", "properties": {"k": CANARY}, "geometry": {"type": "Polygon", "coordinates": [RING]}},
        {"type": "Feature", "properties": {"k": 3}, "geometry": {"type": "MultiPolygon", "coordinates": [[RING]]}},
    ],
}
RUN: Final = {
    "version": 1, "camp": "c", "team": "t", "run": "team", "policy": "x", "policy_digest": "d",
    "data_sets": [{"name": "Persons", "digest": EMPTY, "folder": "/data"}], "workspace": "/w",
    "parameters": {"year": CANARY}, "handover": None,
}  # fmt: skip


@given(spellings([AREAS]))
@some
def test_areas_of_a_map_are_refused_or_read(document: bytes) -> None:
    def read(data: bytes) -> None:
        geography_from(data, key="k")

    read_cleanly(read, document)


@given(spellings([RUN]))
@some
def test_the_context_of_a_run_is_refused_or_read(document: bytes) -> None:
    def read(data: bytes) -> None:
        context_from(parse_json(data, what="The context"))

    read_cleanly(read, document)


BOOK: Final = f"""
schema = 1
title = {{en = "{CANARY}", nl = "x"}}
name = "Persons"
unit = ["pid"]
weights = ["weight"]
identifiers = ["pid"]
reach_minimum = ["household"]
holding = "household"
synthetic = true
source = "{CANARY}"
[units]
household = ["hid"]
[columns.wijk]
sensitive = false
hierarchy = "wijken"
not_disclosive = ["{CANARY}"]
[columns.wijk.categories]
"28" = "{CANARY}"
"29" = {{en = "a", nl = "b"}}
[columns.income]
type = "number"
decimals = 2
[hierarchies.wijken]
levels = ["buurt", "wijk"]
[hierarchies.wijken.parents]
"28" = "{CANARY}"
"29" = "3"
"""
CAMP: Final = """
schema = 1
name = "demo"
title = "A camp"
mode = "one-user"
policy = "cbs"
mark = "DEMO"
[quorum]
ordinary = 2
[limits]
run_seconds = 10
[[teams]]
name = "a"
data = ["Persons"]
[[people]]
name = "p"
roles = ["researcher"]
teams = ["a"]
"""


def toml_spellings(valid: str) -> st.SearchStrategy[bytes]:
    """Return changed TOML documents, and torn ones."""
    return changed(tomllib.loads(valid)).map(spelled_toml) | torn(valid.encode())


@given(changed(tomllib.loads(BOOK)))
@some
def test_what_a_codebook_could_say_is_refused_or_read(document: Any) -> None:
    def read(_: bytes) -> None:
        codebook_from(document, where="book.toml")

    read_cleanly(read, b"", names=True)


@given(document=toml_spellings(BOOK))
@some
def test_a_codebook_file_is_refused_or_read(document: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzzed.codebook.toml"

    def read(data: bytes) -> None:
        path.write_bytes(data)
        read_codebook(path)

    read_cleanly(read, document, names=True)


@given(document=toml_spellings(policy_toml()))
@some
def test_a_policy_is_refused_or_read(document: bytes) -> None:
    def read(data: bytes) -> None:
        policy = policy_from_bytes(data, "fuzzed")
        assert policy == policy_from_bytes(data, "again")

    read_cleanly(read, document, names=True)


@given(torn(b"cbs; dominance=[[1, 40]]; minimum_units=20"))
@some
def test_the_name_of_a_policy_is_refused_or_makes_the_policy_of_that_name(name: bytes) -> None:
    asked = name.decode("utf-8", "replace")

    def read(_: bytes) -> None:
        assert policy_named(asked).name == asked

    read_cleanly(read, name)


@given(document=toml_spellings(CAMP))
@some
def test_the_file_of_a_camp_is_refused_or_read(document: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.getbasetemp() / "fuzzed-camp"
    folder.mkdir(exist_ok=True)

    def read(data: bytes) -> None:
        (folder / "camp.toml").write_bytes(data)
        read_camp(folder)

    read_cleanly(read, document, names=True)


NOTEBOOK: Final = notebook(
    code(
        stream(f"hello {CANARY}"),
        result("a 1\nb 2"),
        error("KeyError", f"'{CANARY}'", "line"),
        shown(text_html="<table><tr><td>1</td></tr></table>", image_png=PIXELS),
    ),
    markdown(["# Title\n", CANARY], attachments={"a.png": {"image/png": PIXELS}}),
    metadata={
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python", "version": "3.11", "codemirror_mode": {"name": "ipython", "version": 3}},
    },
)


@given(spellings([NOTEBOOK]))
@settings(some, max_examples=120)
def test_a_notebook_is_refused_or_screened_and_cleaned_without_a_word_of_it(document: bytes) -> None:
    def read(data: bytes) -> None:
        parsed = notebook_from_bytes(data)
        screening = screen_notebook(parsed, RULES)
        cleaned = notebook_from_bytes(to_bytes(cleaned_notebook(parsed, screening)))
        again = screen_notebook(cleaned, RULES)
        told = report.as_text(screening, again) + json.dumps(report.as_document(screening, "cbs", again))
        assert CANARY not in told
        assert "\x1b" not in told

    read_cleanly(read, document)


# What fuzzing found, each as an example of its own.


@pytest.mark.parametrize(
    "data",
    [
        b"a = " + b"9" * 5000,  # more digits than a number is read with
        b"a = " + b"[" * 3000 + b"]" * 3000,
        b"a = " + b"{a=" * 3000,
        b"\xff",
        b"a = ",
        b"a = 1\na = 2",
    ],
)
def test_whatever_is_no_toml_is_one_kind_of_error(data: bytes) -> None:
    with pytest.raises(NotTomlError, match="not TOML"):
        parse_toml(data)
    with pytest.raises(CodebookError, match="not TOML"):
        TabulationJob(
            lazy_recipe(), JobKind.LAZY, {"P": EMPTY}, {"P": data.decode("utf-8", "surrogateescape")}, policy_toml()
        ).codebooks()
    with pytest.raises(PolicyError, match="not TOML"):
        policy_from_bytes(data, "test")


def test_the_error_of_toml_says_where_and_never_what() -> None:
    with pytest.raises(NotTomlError) as caught:
        parse_toml(f"a = 1\nb = {CANARY}".encode())
    assert caught.value.place == "at line 2, column 5"
    assert CANARY not in str(caught.value)


def test_a_long_chain_of_parents_is_followed_once() -> None:
    size = 200_000
    parents = {str(code): str(code + 1) for code in range(size)}
    book = {"schema": 1, "name": "B", "unit": ["pid"], "hierarchies": {"h": {"parents": parents}}}
    begun = time.monotonic()
    assert len(codebook_from(book).hierarchies["h"].parents) == size
    assert time.monotonic() - begun < MOST_SECONDS
    parents[str(size)] = str(size // 2)
    with pytest.raises(CodebookError, match="circle"):
        codebook_from(book)


@pytest.mark.parametrize("deep", ["[" * 400 + "]" * 400, "[" * 5000 + "]" * 5000, '{"a":' * 300 + "1" + "}" * 300])
def test_the_name_of_a_policy_may_nest_as_deep_as_it_likes(deep: str) -> None:
    for key in ("dominance", "pq", "rounding", "identifiers", "weights"):
        with pytest.raises(PolicyError):
            policy_named(f"cbs; {key}={deep}")


def test_the_name_of_a_policy_cannot_write_lines_of_its_text() -> None:
    for key in ('base = 5, use = "permitted"}\nsource = "x"\n[parameters.pq]\nvalue = "off"', "base = 5, use"):
        with pytest.raises(PolicyError):
            tightened(load_policy("cbs"), rounding={key: "permitted"})
        with pytest.raises(PolicyError):
            policy_named(f"cbs; rounding={json.dumps({key: 'permitted'})}")


def test_a_change_that_no_policy_file_could_have_is_refused() -> None:
    for value in (object(), b"x", float("nan"), {1, 2}):
        with pytest.raises(PolicyError, match="minimum_units"):
            tightened(load_policy("cbs"), minimum_units=value)


def test_the_digits_of_a_figure_are_counted_exactly() -> None:
    rows: tuple[tuple[str | None, ...], ...] = (
        ("1.23456",),
        ("-0.00123456",),
        ("123456000",),
        ("0",),
        ("0.5e-7000000",),
    )
    assert len(ResultValues(("x",), 0, rows).rows) == len(rows)
    for figure in ("1.234567", f"1.{'0' * 40}1", "1234567000", f"{'9' * 60}e9000000"):
        with pytest.raises(DocumentError, match=f"at most {MOST_DIGITS} significant"):
            ResultValues(("x",), 0, ((figure,),))


def test_a_name_in_a_message_is_short_and_visible() -> None:
    assert named("a\x1b[2Kb") == r"a\x1b[2Kb"
    assert named("\ud800") == r"\ud800"
    assert (named("x" * 60), named("x" * 61)) == ("x" * 60, "x" * 60 + "…")
    with pytest.raises(CodebookError) as caught:
        codebook_from({"\x1b" * 9000: 1})
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < LONGEST_MESSAGE


def test_reading_takes_memory_in_proportion_to_a_document() -> None:
    cells = list(product((0, 1, -1), repeat=7))  # seven dimensions, every margin
    width, counts = 7, [2 ** (7 - sum(code != -1 for code in cell)) for cell in cells]
    order = sorted(range(len(cells)), key=lambda place: [2**31 if code == -1 else code for code in cells[place]])
    valid = json.loads(json.dumps(evidence_documents()[0]))
    valid |= {
        "dimensions": [f"d{place}" for place in range(width)],
        "categories": [["a", "b"]] * width,
        "codes": [[cells[row][place] for row in order] for place in range(width)],
        "n_units": [counts[row] for row in order],
        "n_rows": [counts[row] for row in order],
        "overlaps": None,
    }
    flat = {**valid, "dimensions": ["d"] * 64, "codes": [[0] * 3000] * 64, "categories": [["a"]] * 64}
    for document, read in ((valid, True), (flat, False)):
        data = canonical_json(document)
        tracemalloc.start()
        try:
            begun = time.monotonic()
            if read:
                assert len(evidence_from_bytes(data)) == len(cells)
            else:
                with pytest.raises(DocumentError):
                    evidence_from_bytes(data)
            assert time.monotonic() - begun < MOST_SECONDS
            assert tracemalloc.get_traced_memory()[1] < 100 * len(data)
        finally:
            tracemalloc.stop()
