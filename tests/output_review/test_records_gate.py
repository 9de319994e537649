"""The gate for records: refused when handed in, unless the camp names a release; then their risk stands beside them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from disclosure.errors import DocumentError, RefusedError
from disclosure.exchange.camp_review import review_of
from disclosure.exchange.microdata_release import MicrodataRelease, ReleaseKind
from disclosure.exchange.written import ResultValues, SubmittedText, WrittenKind
from disclosure.exchange.written_records import rows_in_order
from output_review.domain.states import State
from output_review.services.foreign import take_in_foreign
from output_review.services.ingest import ingest
from output_review.services.records import check_records, identifiers_of
from output_review.services.releasing import release
from output_review.services.showing import shown
from output_review.services.tabulating import tabulate
from output_review.services.views import detail
from output_review.verify import verifier
from tests.output_review.test_foreign import INTAKE, _entry, acro_folder
from tests.output_review.test_release_path import roots
from tests.output_review.test_texts import signed, taken_in, voted
from tests.output_review.zone_camp import ZoneCamp

KEYS = ("sexe", "klasse")
ENTRY = {"kind": "training", "keys": ["sexe", "klasse"], "others": ["inkomen"], "k": 4, "risk": 0.3}
RELEASE = """
[review.microdata_release]
kind = "training"
keys = ["sexe", "klasse"]
others = ["inkomen"]
k = 4
risk = 0.3
"""


def records(*groups: tuple[str, str, int], more: str = "inkomen") -> SubmittedText:
    """Return a listing with so many rows of each key."""
    rows = [f"{sexe};{klasse};{1000 * place}" for sexe, klasse, n in groups for place in range(n)]
    body = "\n".join([f"sexe;klasse;{more}", *rows])
    return SubmittedText("rows", "Rows", "persons", "", WrittenKind.TEXT, body)


SAFE = (("v", "0-17", 12), ("m", "0-17", 4), ("v", "18-64", 9))


def handed_in(made: ZoneCamp, *texts: SubmittedText) -> str:
    made.hand_in({"by-wijk": made.recipe()}, texts=texts)
    (taken,) = ingest(made.zone())
    return taken.refused


def with_release(made: ZoneCamp, entry: str = RELEASE) -> None:
    file = made.folder / "camp.toml"
    file.write_text(file.read_text() + entry)


def test_records_in_a_text_are_refused_where_no_release_is_named(zone_camp: ZoneCamp) -> None:
    refused = handed_in(zone_camp, records(*SAFE))
    assert "looks like records of single units" in refused
    assert "sdc.table" in refused
    assert "1000" not in refused


def test_records_in_a_result_are_refused(zone_camp: ZoneCamp) -> None:
    rows = tuple(("28", str(place % 7), "1") for place in range(30))
    values = ResultValues(("wijk", "a", "b"), 1, rows)
    text = SubmittedText("rows", "Rows", "persons", "", WrittenKind.RESULT, values.to_body(), "by-wijk")
    assert "looks like records" in handed_in(zone_camp, text)


def test_an_identifier_of_the_codebook_makes_records_of_two_rows(zone_camp: ZoneCamp) -> None:
    assert "person" in identifiers_of(zone_camp.zone())
    note = SubmittedText("rows", "Rows", "persons", "", WrittenKind.TEXT, "person;wijk\nx1;28\nx2;29")
    assert "looks like records" in handed_in(zone_camp, note)


def test_records_of_another_program_are_refused_and_nothing_is_taken_in(zone_camp: ZoneCamp, tmp_path: Path) -> None:
    from output_review.models import RequestRow

    zone = zone_camp.zone()
    listing = "sexe,inkomen\n" + "\n".join(f"v,{place}" for place in range(30))
    folder = acro_folder(tmp_path, {"t": _entry("t.csv")}, {"t.csv": listing})
    before = RequestRow.objects.count()
    with pytest.raises(RefusedError, match="looks like records"):
        take_in_foreign(zone, folder, INTAKE)
    assert RequestRow.objects.count() == before


def test_where_a_codebook_cannot_be_read_nothing_written_is_taken_in(zone_camp: ZoneCamp) -> None:
    (zone_camp.folder / "microdata" / "PERSONS" / "codebook.toml").write_text("[")
    told = SubmittedText("told", "Told", "persons", "", WrittenKind.TEXT, "More than half of them rent.")
    with pytest.raises(RefusedError, match="'PERSONS' cannot be read"):
        check_records(zone_camp.zone(), told)


def test_interpretations_and_figures_by_group_are_taken_in(zone_camp: ZoneCamp) -> None:
    note = SubmittedText(
        "note", "Note", "persons", "", WrittenKind.MARKDOWN, "# Reading\n\n| wijk | n |\n|--|--|\n| A | 90 |"
    )
    rows = tuple((str(place), "0.5") for place in range(44))
    values = ResultValues(("wijk", "share"), 1, rows)
    shares = SubmittedText("shares", "Shares", "persons", "", WrittenKind.RESULT, values.to_body(), "by-wijk")
    assert handed_in(zone_camp, note, shares) == ""


def test_records_that_keep_to_a_release_are_reviewed_with_their_risk(zone_camp: ZoneCamp) -> None:
    with_release(zone_camp)
    assert handed_in(zone_camp, records(*SAFE)) == ""
    zone = zone_camp.zone()
    row = zone.request(1)
    tabulate(zone, row)
    row.refresh_from_db()
    (output,) = [one for one in row.outputs.all() if one.name == "rows"]
    notes = " ".join(one["en"] for one in shown(zone, output)["records"])
    assert "Records for release as training microdata: 25 rows." in notes
    assert "fewer than 4: 0" in notes
    assert "0.2500; the camp's limit is 0.3" in notes
    assert "Expected re-identifications: 3.00, that is 12.00%" in notes
    said = [one for one in detail(zone, row)["outputs"] if one["name"] == "rows"]
    assert said[0]["records"][0].startswith("Records for release as training")
    assert State(row.state) is not State.REFUSED


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        ((("v", "0-17", 22), ("m", "0-17", 3)), "3 of them share their key with fewer than 4"),
        ((("v", "0-17", 22), ("m", "0-17", 1)), "the largest risk is 1.000"),
    ],
)
def test_records_that_do_not_keep_to_it_are_refused(
    zone_camp: ZoneCamp, groups: tuple[tuple[str, str, int], ...], said: str
) -> None:
    with_release(zone_camp)
    assert said in handed_in(zone_camp, records(*groups))


@pytest.mark.parametrize(
    "more",
    [
        "\n\nsexe;klasse;inkomen\n" + "\n".join(f"m;{age};{age}" for age in range(30)),
        "\n\nAnd the person in Laak earns 31415.",
        "\nv;0-17;1;extra",
    ],
)
def test_what_stands_beside_records_that_keep_to_it_does_not_leave_with_them(zone_camp: ZoneCamp, more: str) -> None:
    with_release(zone_camp)
    one = records(*SAFE)
    both = SubmittedText(one.name, one.title, one.population, "", one.kind, one.body + more)
    assert "holds records, and something besides" in handed_in(zone_camp, both)


def test_a_blank_behind_a_category_makes_another_one(zone_camp: ZoneCamp) -> None:
    with_release(zone_camp)
    one = records(*SAFE)
    body = one.body.replace("m;0-17;1000", "m ;0-17;1000")
    other = SubmittedText(one.name, one.title, one.population, "", one.kind, body)
    assert "do not keep to" in handed_in(zone_camp, other)


def whole_file(*groups: tuple[str, str, int]) -> SubmittedText:
    """Return a file with so many records of each key."""
    rows = [(sexe, klasse, str(1000 * place)) for sexe, klasse, n in groups for place in range(n)]
    body = rows_in_order(("sexe", "klasse", "inkomen"), rows).to_body()
    return SubmittedText("rows", "Rows", "persons", "", WrittenKind.RECORDS, body)


MANY = (("v", "0-17", 3000), ("m", "0-17", 400), ("v", "18-64", 9))


def test_a_file_of_records_is_refused_however_small_where_no_release_is_named(zone_camp: ZoneCamp) -> None:
    assert "looks like records of single units" in handed_in(zone_camp, whole_file(("v", "0-17", 2)))


@pytest.mark.parametrize(
    ("groups", "said"), [((*MANY, ("m", "65+", 3)), "3 of them share their key with fewer than 4"), (MANY, "")]
)
def test_a_file_of_records_keeps_to_the_release_or_is_refused(
    zone_camp: ZoneCamp, groups: tuple[tuple[str, str, int], ...], said: str
) -> None:
    with_release(zone_camp)
    refused = handed_in(zone_camp, whole_file(*groups))
    assert said in refused
    assert bool(refused) is bool(said)


def test_a_file_of_records_is_reviewed_with_its_risk_and_leaves_as_it_was_measured(zone_camp: ZoneCamp) -> None:
    with_release(zone_camp)
    zone, number = taken_in(zone_camp, whole_file(*MANY))
    (output,) = [one for one in zone.request(number).outputs.all() if one.name == "rows"]
    page = shown(zone, output)
    notes = " ".join(one["en"] for one in page["records"])
    assert "Records for release as training microdata: 3409 rows." in notes
    assert "Shown here are the first 40" in notes
    assert page["written"]["rows"][0] == ["sexe", "klasse", "inkomen"]
    assert (len(page["written"]["rows"]), page["written"]["body"]) == (41, "")
    (said,) = [one for one in detail(zone, zone.request(number))["outputs"] if one["name"] == "rows"]
    assert (said["written"]["lines"][0], len(said["written"]["lines"])) == ("sexe | klasse | inkomen", 41)
    reviewers = ("vera", "wim", "yara")
    for reviewer in reviewers:
        voted(zone, number, reviewer, ("rows",))
    states = [signed(zone_camp, zone, number, reviewer) for reviewer in reviewers]
    assert states == [State.IN_REVIEW, State.IN_REVIEW, State.APPROVED]
    path = release(zone, zone.request(number))
    assert verifier.verify_file(str(path), roots(zone), demo=True).status is verifier.Status.VERIFIED
    with zipfile.ZipFile(path) as package:
        (inside,) = [name for name in package.namelist() if name.endswith("/outputs/rows.csv")]
        lines = package.read(inside).decode().split("\r\n")
    assert lines[0] == "sexe,klasse,inkomen"
    assert len(lines) == 3411
    assert lines[1:401] == sorted(lines[1:401])
    assert lines[-1] == ""


def test_the_limit_of_risk_binds_where_k_is_reached(zone_camp: ZoneCamp) -> None:
    with_release(zone_camp, RELEASE.replace("0.3", "0.2"))
    assert "do not keep to the camp's microdata release" in handed_in(zone_camp, records(*SAFE))


def test_a_column_that_the_release_does_not_name_is_refused(zone_camp: ZoneCamp) -> None:
    with_release(zone_camp)
    assert "other columns" in handed_in(zone_camp, records(*SAFE, more="wijk"))


def test_records_of_a_sample_take_their_weights(zone_camp: ZoneCamp) -> None:
    with_release(zone_camp, RELEASE.replace('others = ["inkomen"]', 'weights = "inkomen"'))
    zone = zone_camp.zone()
    body = "\n".join(["sexe;klasse;inkomen", *(f"v;0-17;{weight}" for weight in (50,) * 25)])
    report = check_records(zone, SubmittedText("rows", "Rows", "persons", "", WrittenKind.TEXT, body))
    assert report is not None
    assert report.risk.largest < 0.002
    broken = body.replace(";50", ";-50")
    with pytest.raises(RefusedError, match="could not be measured"):
        check_records(zone, SubmittedText("rows", "Rows", "persons", "", WrittenKind.TEXT, broken))


def test_a_release_is_read_as_it_is_written() -> None:
    assert review_of({}).microdata_release is None
    found = review_of({"microdata_release": ENTRY}).microdata_release
    assert found == MicrodataRelease(ReleaseKind.TRAINING, KEYS, 4, 0.3, ("inkomen",))
    assert found.columns == {*KEYS, "inkomen"}


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "sealed"},
        {"kind": None},
        {"keys": []},
        {"keys": "sexe"},
        {"keys": [5]},
        {"others": ["sexe"]},
        {"weights": "sexe"},
        {"weights": 5},
        {"k": 2},
        {"k": True},
        {"k": 3.0},
        {"risk": 1.0},
        {"risk": 0.0},
        {"risk": 1},
        {"more": 1},
    ],
)
def test_a_release_that_says_less_or_more_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(DocumentError, match=r"camp\.toml"):
        review_of({"microdata_release": ENTRY | change})
    for missing in ("kind", "keys", "k", "risk"):
        with pytest.raises(DocumentError, match="microdata_release"):
            review_of({"microdata_release": {name: one for name, one in ENTRY.items() if name != missing}})
    with pytest.raises(DocumentError, match="must be a table"):
        review_of({"microdata_release": 5})
