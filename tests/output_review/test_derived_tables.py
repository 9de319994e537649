"""Ratios, differences and index numbers go the whole way: named, computed anew from what leaves, judged, released."""

from __future__ import annotations

import json
import zipfile
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import pytest

from disclosure.check import check_lazy
from disclosure.engines.duckdb_tabulator import DuckDBTabulator
from disclosure.errors import DocumentError, IntegrityError, ReleaseError, StateError
from disclosure.exchange.canonical import canonical_json, parse_json
from disclosure.exchange.files import file_digest
from disclosure.exchange.submission import Submission, SubmittedOutput, submission_from_bytes
from disclosure.model.derived import DerivedRequest, Operation, together
from disclosure.model.recipes import FrameSource, Recipe, Statistic
from disclosure.model.tables import JudgedTable
from disclosure.ports import RegisteredFile
from disclosure.render.derived import derived_files, derived_table
from disclosure.statistics import rounded
from output_review.domain.states import State
from output_review.domain.votes import Vote
from output_review.services.ingest import ingest
from output_review.services.releasing import release
from output_review.services.reviewing import vote
from output_review.services.signing_off import sign_off, statement
from output_review.services.tabulating import tabulate
from output_review.services.view_lines import detail_lines
from output_review.services.views import detail
from output_review.services.zone import ControlZone
from output_review.signing.signoff import Decision
from output_review.verify import verifier
from tests.output_review.test_release_path import roots
from tests.output_review.zone_camp import ZoneCamp, people

TWO: Final = "SELECT person, wijk, income, income * 0.3 + MOD(income, 7) AS tax FROM PERSONS WHERE wijk <> '31'"
# The one person with an income of 1000 pays 5 more than that, everybody else of the wijk exactly the income. In other
# wijken they pay less: two tables that are the same in most cells do not go together at all.
ONE_APART: Final = (
    "SELECT person, wijk, income, CASE WHEN income = 1000 THEN income + 5 WHEN wijk = '28' THEN income "
    "ELSE income * 0.3 END AS tax FROM PERSONS WHERE wijk <> '31'"
)
ONE_WITHOUT: Final = (
    "SELECT person, wijk, income, CASE WHEN income = 1000 THEN NULL ELSE income * 0.3 + MOD(income * 37, 211) END "
    "AS tax FROM PERSONS WHERE wijk <> '31'"
)
RATIO: Final = DerivedRequest(Operation.RATIO, ("income", "tax"))


def tables(made: ZoneCamp, sql: str = TWO) -> dict[str, Recipe]:
    return {
        name: made.recipe(sql=sql, statistic=Statistic.SUM, value=name, rows=("wijk",)) for name in ("income", "tax")
    }


def joint(recipes: dict[str, Recipe], request: DerivedRequest) -> Recipe:
    found = together(tuple(recipes[name] for name in request.tables))
    assert isinstance(found, Recipe)
    return found


def handed_in(made: ZoneCamp, recipes: dict[str, Recipe], request: DerivedRequest = RATIO) -> tuple[ControlZone, int]:
    made.hand_in({**recipes, "derived": joint(recipes, request)}, derived={"derived": request})
    zone = made.zone()
    (taken,) = ingest(zone)
    assert taken.refused == ""
    tabulate(zone, zone.request(taken.request))
    return zone, taken.request


def approve(made: ZoneCamp, zone: ControlZone, number: int) -> None:
    for reviewer in ("vera", "wim"):
        row = zone.request(number)
        vote(zone, row, tuple(row.outputs.values_list("name", flat=True)), Vote(reviewer, Decision.APPROVE))
        sign_off(zone, row, statement(zone, zone.request(number), reviewer), made.key(reviewer))
    assert zone.request(number).state == State.APPROVED.value


def in_the_notebook(made: ZoneCamp, recipe: Recipe) -> JudgedTable:
    path = made.camp.data_folder("PERSONS") / "data.parquet"
    files, books = {"PERSONS": RegisteredFile(path, file_digest(path))}, {"PERSONS": made.camp.codebook("PERSONS")}
    return check_lazy(recipe, files, books, made.camp.load_policy(), DuckDBTabulator()).table


def inside(package: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(package) as archive:
        return {entry.rsplit("/", 1)[1]: archive.read(entry) for entry in archive.namelist() if "/outputs/" in entry}


@pytest.mark.parametrize(
    "request_",
    [
        RATIO,
        DerivedRequest(Operation.DIFFERENCE, ("tax", "income")),
        DerivedRequest(Operation.INDEX, ("income",), ("wijk", "28")),
    ],
    ids=lambda one: one.operation.value,
)
def test_what_leaves_is_computed_by_the_control_zone_to_the_bytes_of_the_notebook(
    zone_camp: ZoneCamp, request_: DerivedRequest
) -> None:
    recipes = tables(zone_camp)
    zone, number = handed_in(zone_camp, recipes, request_)
    outputs = {one.name: one for one in zone.request(number).outputs.all()}
    assert {(one.level, one.verdict, one.note) for one in outputs.values()} == {("recomputed", "safe", "")}
    approve(zone_camp, zone, number)
    path = release(zone, zone.request(number))
    assert verifier.verify_file(str(path), roots(zone), demo=True).status is verifier.Status.VERIFIED
    own = tuple(in_the_notebook(zone_camp, recipes[name]) for name in request_.tables)
    shared = in_the_notebook(zone_camp, joint(recipes, request_))
    made = derived_table(request_.operation, own, request_.base, shared)
    files = derived_files(request_, own, made, name="derived", title="Table derived", population="persons")
    found = inside(path)
    assert {name: found[name] for name in files} == files
    assert {name.split(".", 1)[0] for name in found} == {"income", "tax", "derived"}
    document = json.loads(files["derived.json"])
    assert (document["operation"], document["tables"]) == (request_.operation.value, list(request_.tables))


def test_the_ledger_holds_the_tables_and_not_what_follows_from_them(zone_camp: ZoneCamp) -> None:
    zone, number = handed_in(zone_camp, tables(zone_camp))
    approve(zone_camp, zone, number)
    release(zone, zone.request(number))
    entered = "\n".join(
        one.read_text() for one in (zone_camp.office / "ledger").rglob("*") if one.is_file() and one.suffix != ".lock"
    )
    assert '"income"' in entered
    assert '"derived"' not in entered


def test_one_unit_that_makes_a_table_of_the_ratio_fail_makes_the_ratio_unsafe(zone_camp: ZoneCamp) -> None:
    zone, number = handed_in(zone_camp, tables(zone_camp, ONE_WITHOUT))
    outputs = {one.name: one for one in zone.request(number).outputs.all()}
    assert {name: one.verdict for name, one in outputs.items()} == {
        "income": "safe", "tax": "safe", "derived": "unsafe",
    }  # fmt: skip
    document = detail(zone, zone.request(number))
    shown = next(one for one in document["outputs"] if one["name"] == "derived")
    assert any("one of the two tables" in finding for finding in shown["findings"])
    with pytest.raises(StateError, match="takes a reason"):
        vote(zone, zone.request(number), ("derived",), Vote("vera", Decision.APPROVE))


def test_of_tables_that_are_the_same_but_for_one_unit_neither_the_second_nor_their_ratio_leaves(
    zone_camp: ZoneCamp,
) -> None:
    zone, number = handed_in(zone_camp, tables(zone_camp, ONE_APART))
    outputs = {one.name: one for one in zone.request(number).outputs.all()}
    assert {name: one.verdict for name, one in outputs.items()} == {
        "income": "safe", "tax": "inconclusive", "derived": "inconclusive",
    }  # fmt: skip
    assert "the same but for few units" in outputs["tax"].note
    with pytest.raises(StateError):
        vote(zone, zone.request(number), ("derived",), Vote("vera", Decision.APPROVE))


def test_the_reviewer_reads_what_is_computed_from_what_beside_the_tables(zone_camp: ZoneCamp) -> None:
    request = DerivedRequest(Operation.INDEX, ("income",), ("wijk", "28"))
    zone, number = handed_in(zone_camp, tables(zone_camp), request)
    lines = "\n".join(detail_lines(detail(zone, zone.request(number))))
    assert "computed    index of the published figures of income" in lines
    assert "100 is      | wijk: 28" in lines
    assert "wijk=28: 100  (n = " in lines


def test_it_leaves_with_its_tables_or_not_at_all(zone_camp: ZoneCamp) -> None:
    zone, number = handed_in(zone_camp, tables(zone_camp))
    vote(zone, zone.request(number), ("income", "derived"), Vote("vera", Decision.APPROVE))
    vote(zone, zone.request(number), ("tax",), Vote("vera", Decision.REQUEST_CHANGES))
    with pytest.raises(StateError, match="'derived' is computed from tax, which is not approved"):
        statement(zone, zone.request(number), "vera")
    vote(zone, zone.request(number), ("derived",), Vote("vera", Decision.REQUEST_CHANGES))
    assert [one.name for one in statement(zone, zone.request(number), "vera").approved] == ["income"]


def test_a_derived_table_of_frames_stands_where_they_do(zone_camp: ZoneCamp) -> None:
    frame = people()
    source = FrameSource(("person", "wijk", "income"))
    recipes = {
        "income": zone_camp.recipe(lazy=False, source=source, statistic=Statistic.SUM, value="income"),
        "mean": zone_camp.recipe(lazy=False, source=source, statistic=Statistic.MEAN, value="income"),
    }
    keep = frame.filter([one != "31" for one in frame.column("wijk").to_pylist()])
    zone_camp.frames |= dict.fromkeys(("income", "mean", "derived"), keep)
    zone, number = handed_in(zone_camp, recipes, DerivedRequest(Operation.RATIO, ("income", "mean")))
    found = {(one.level, one.verdict) for one in zone.request(number).outputs.all()}
    assert found == {("reproduced", "safe")}


def test_what_is_handed_over_has_to_add_up_to_the_difference_of_the_tables(zone_camp: ZoneCamp) -> None:
    frame = people()
    keep = frame.filter([one != "31" for one in frame.column("wijk").to_pylist()])
    values = [float(one) for one in range(keep.num_rows)]
    wide = keep.append_column("tax", [values])
    recipes = {
        name: zone_camp.recipe(
            lazy=False, source=FrameSource(("person", "wijk", name)), statistic=Statistic.SUM, value=name
        )
        for name in ("income", "tax")
    }
    zone_camp.frames |= {name: wide.select(["person", "wijk", name]) for name in ("income", "tax")}
    # Something else than income less tax.
    zone_camp.frames["derived"] = wide.select(["person", "wijk", "income"]).rename_columns(
        ["person", "wijk", "difference"]
    )
    zone, number = handed_in(zone_camp, recipes)
    output = zone.request(number).outputs.get(name="derived")
    assert (output.verdict, output.level) == ("inconclusive", "reproduced")
    assert "two tables of the same rows" in output.note


def test_of_tables_that_are_not_tabulated_nothing_is_computed(zone_camp: ZoneCamp) -> None:
    source = FrameSource(("person", "wijk", "income"))
    recipes = {
        name: zone_camp.recipe(lazy=False, source=source, statistic=Statistic(kind), value="income")
        for name, kind in (("income", "sum"), ("tax", "mean"))
    }
    zone, number = handed_in(zone_camp, recipes)
    output = zone.request(number).outputs.get(name="derived")
    assert (output.verdict, output.level, output.files) == ("inconclusive", "unverified", {})


def test_a_verdict_that_was_changed_in_the_database_is_neither_shown_nor_released(zone_camp: ZoneCamp) -> None:
    zone, number = handed_in(zone_camp, tables(zone_camp, ONE_APART))
    zone.request(number).outputs.filter(name="derived").update(verdict="safe")
    with pytest.raises(IntegrityError, match="not those that its evidence comes to"):
        detail(zone, zone.request(number))


def test_a_derived_table_that_does_not_render_to_what_was_signed_is_not_released(
    zone_camp: ZoneCamp, monkeypatch: pytest.MonkeyPatch
) -> None:
    zone, number = handed_in(zone_camp, tables(zone_camp))
    approve(zone_camp, zone, number)
    monkeypatch.setattr("output_review.services.rendering.derived_files", lambda *_, **__: {"derived.csv": b"other"})
    with pytest.raises(ReleaseError, match="does not render to the bytes that were signed"):
        release(zone, zone.request(number))


def written(made: ZoneCamp) -> dict[str, Any]:
    recipes = tables(made)
    submission = Submission(
        camp="camp", team="team-1", author="anna", number=1, title="t", purpose="p",
        outputs=(
            *(SubmittedOutput(name, "t", "p", "", one) for name, one in recipes.items()),
            SubmittedOutput("derived", "t", "p", "", joint(recipes, RATIO), derived=RATIO),
        ),
        code=("case.py",), parameters={},
    )  # fmt: skip
    document: dict[str, Any] = parse_json(submission.to_bytes(), what="")
    return document


def test_a_submission_with_a_derived_table_is_read_back_as_it_was_written(zone_camp: ZoneCamp) -> None:
    data = canonical_json(written(zone_camp))
    assert submission_from_bytes(data).to_bytes() == data


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"tables": ["income", "wealth"]}, "computed from tables of its submission"),
        ({"tables": ["income", "derived"]}, "computed from tables of its submission"),
        ({"tables": ["income", "income"]}, "names two outputs"),
        ({"tables": ["income"]}, "names two outputs"),
        ({"tables": "income"}, "does not follow its schema"),
        ({"operation": "product"}, "Known: ratio, difference, index"),
        ({"operation": ["ratio"]}, "not one that is known"),
        ({"base": ["wijk", "28"]}, "An index, and nothing else"),
        ({"base": ["wijk"]}, "does not follow its schema"),
        ({"tables": ["tax", "income"]}, "not that of what its tables tell together"),
        ({"more": 1}, "does not follow its schema"),
    ],
)
def test_a_hostile_derived_table_is_refused(zone_camp: ZoneCamp, changes: dict[str, Any], said: str) -> None:
    document = written(zone_camp)
    document["outputs"][2]["derived"] |= changes
    with pytest.raises(DocumentError, match=said):
        submission_from_bytes(canonical_json(document))


def test_two_derived_tables_cannot_stand_on_each_other(zone_camp: ZoneCamp) -> None:
    document = written(zone_camp)
    other = json.loads(json.dumps(document["outputs"][2]))
    other["name"], other["derived"]["tables"] = "other", ["derived", "income"]
    document["outputs"][2]["derived"]["tables"] = ["other", "income"]
    document["outputs"].append(other)
    with pytest.raises(DocumentError, match="not from derived ones"):
        submission_from_bytes(canonical_json(document))


def test_tables_of_other_rows_and_a_joint_recipe_of_its_own_are_refused(zone_camp: ZoneCamp) -> None:
    document = written(zone_camp)
    document["outputs"][1]["recipe"]["source"]["sql"] = TWO + " AND income > 1200"
    with pytest.raises(DocumentError, match="not that of what its tables tell together"):
        submission_from_bytes(canonical_json(document))
    document = written(zone_camp)
    document["outputs"][2]["recipe"]["source"]["sql"] = "SELECT person, wijk, income AS difference FROM PERSONS"
    with pytest.raises(DocumentError, match="not that of what its tables tell together"):
        submission_from_bytes(canonical_json(document))


def test_a_derived_table_has_no_figure(zone_camp: ZoneCamp) -> None:
    document = written(zone_camp)
    request = {"schema": "datakamp-figure/1"}
    document["outputs"][2]["figure"] = {"request": request, "tables": []}
    with pytest.raises(DocumentError):
        submission_from_bytes(canonical_json(document))


def released(made: ZoneCamp, request: DerivedRequest) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Return the files of a package by path, and what its certificate says of outputs."""
    zone, number = handed_in(made, tables(made), request)
    approve(made, zone, number)
    files = {f"data/outputs/{name}": data for name, data in inside(release(zone, zone.request(number))).items()}
    return files, {"outputs": [{"name": name} for name in ("derived", "income", "tax")]}


def changed(data: bytes, **changes: Any) -> bytes:
    document = json.loads(data)
    document.update(changes)
    return canonical_json(document)


def other_figure(data: bytes) -> bytes:
    """Return a released document with another figure in its first cell."""
    document = json.loads(data)
    document["cells"][0]["value"] = "1.5"
    return canonical_json(document)


@pytest.mark.parametrize(
    "request_",
    [RATIO, DerivedRequest(Operation.INDEX, ("income",), ("wijk", "28"))],
    ids=lambda one: one.operation.value,
)
def test_the_verifier_computes_it_again_from_the_figures_of_its_tables(
    zone_camp: ZoneCamp, request_: DerivedRequest
) -> None:
    files, certificate = released(zone_camp, request_)
    assert verifier.check_derived(files, certificate) == []
    path, table = "data/outputs/derived.json", "data/outputs/income.json"
    csv = "data/outputs/derived.csv"
    withheld = json.loads(files[path])
    for one in withheld["cells"]:
        one.update(value=None, status="withheld")
    wrong: list[dict[str, bytes]] = [
        {path: other_figure(files[path])},
        {table: other_figure(files[table])},
        {csv: files[csv].replace(b"100", b"101") if b",100," in files[csv] else files[csv].replace(b".", b".1", 1)},
        {path: changed(files[path], operation="difference")},
        {path: changed(files[path], operation="product")},
        {path: changed(files[path], tables=["gone"])},
        {path: changed(files[path], tables=["derived"])},
        {path: changed(files[path], tables=5)},
        {path: changed(files[path], cells=[{}])},
        {path: b'{"schema":"datakamp-derived/1"}'},
        {table: b"[]"},
        {table: changed(files[table], schema="datakamp-table/1")},
    ]
    for change in wrong:
        (problem,) = verifier.check_derived(files | change, certificate)
        assert (problem.kind, problem.file) == (verifier.Kind.CHANGED, path)
    # A table that withholds gives no figure away through what is derived from it.
    hidden = json.loads(files[table])
    hidden["cells"][0].update(value=None, status="withheld")
    assert verifier.check_derived(files | {table: canonical_json(hidden)}, certificate)


@pytest.mark.parametrize(
    "figure",
    ["200/3", "-5/2", "1/2000000", "3/2000000", "-1/2000000", "123456789012345/7", "999999999999999999", "0", "1/3"],
)
def test_the_verifier_writes_figures_as_the_control_zone_does(figure: str) -> None:
    exact = Fraction(figure)
    assert verifier._shortened(exact) == rounded(exact, decimals=6, significant_digits=12)
