"""Texts and results of own code: scanned, shown, decided by three people with a reason, and released as they were."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from disclosure.errors import DocumentError, IntegrityError, StateError
from disclosure.exchange.canonical import canonical_json
from disclosure.exchange.written import (
    LONGEST_BODY,
    MOST_WRITTEN,
    ResultValues,
    SubmittedText,
    WrittenKind,
    spelled,
    text_from,
    values_from,
)
from disclosure.render.written import written_files
from output_review.domain.states import State
from output_review.domain.votes import Reason, Vote
from output_review.services.auditing import audit_zone
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
from tests.output_review.zone_camp import EVERYONE, ZoneCamp

SHARES = ResultValues(("wijk", "share"), 1, (("28", "0.33"), ("=29", "-0.5"), ("30", None)))
NOTE = SubmittedText("note", "A note", "persons", "", WrittenKind.MARKDOWN, "# Reading\n\nMost live in *28*.")


def plain(body: str, name: str = "note") -> SubmittedText:
    return SubmittedText(name, "A note", "persons", "", WrittenKind.TEXT, body)


def result(values: ResultValues = SHARES) -> SubmittedText:
    return SubmittedText("shares", "Shares", "persons", "", WrittenKind.RESULT, values.to_body(), "by-wijk")


def taken_in(made: ZoneCamp, *texts: SubmittedText, **changes: Any) -> tuple[ControlZone, int]:
    made.hand_in({"by-wijk": made.recipe(**changes)}, texts=texts)
    zone = made.zone()
    (taken,) = ingest(zone)
    assert taken.refused == ""
    tabulate(zone, zone.request(taken.request))
    return zone, taken.request


def voted(zone: ControlZone, number: int, reviewer: str, names: tuple[str, ...] = ("note", "shares")) -> None:
    vote(zone, zone.request(number), ("by-wijk",), Vote(reviewer, Decision.APPROVE))
    exception = Vote(reviewer, Decision.APPROVE, Reason.NOT_SENSITIVE, "It says what the table says.")
    vote(zone, zone.request(number), names, exception)


def signed(made: ZoneCamp, zone: ControlZone, number: int, reviewer: str) -> State:
    row = zone.request(number)
    return sign_off(zone, row, statement(zone, row, reviewer), made.key(reviewer))


def test_a_text_and_a_result_leave_with_three_reviewers_and_a_reason_and_verify(zone_camp: ZoneCamp) -> None:
    zone, number = taken_in(zone_camp, NOTE, result())
    outputs = {one.name: one for one in zone.request(number).outputs.all()}
    for name in ("note", "shares"):
        assert (outputs[name].verdict, outputs[name].level) == ("inconclusive", "unverified")
        assert "people decide" in outputs[name].note
    for reviewer in ("vera", "wim", "yara"):
        voted(zone, number, reviewer)
    assert signed(zone_camp, zone, number, "vera") is State.IN_REVIEW
    assert signed(zone_camp, zone, number, "wim") is State.IN_REVIEW  # two are not enough for an exception
    assert signed(zone_camp, zone, number, "yara") is State.APPROVED
    path = release(zone, zone.request(number))
    report = verifier.verify_file(str(path), roots(zone), demo=True)
    assert report.status is verifier.Status.VERIFIED
    assert "unverified" in json.dumps(report.to_document()["facts"])
    with zipfile.ZipFile(path) as package:
        found = {name.rsplit("/", 1)[1]: package.read(name) for name in package.namelist() if "/outputs/" in name}
    assert found["note.md"] == b"# Reading\n\nMost live in *28*.\n"
    assert found["shares.csv"] == b"wijk,share\r\n28,0.33\r\n'=29,-0.5\r\n30,\r\n"
    assert json.loads(found["shares.json"])["rows"] == [["28", "0.33"], ["=29", "-0.5"], ["30", None]]
    assert {name for name in found if not name.startswith("by-wijk.")} == {"note.md", "shares.csv", "shares.json"}
    assert audit_zone(zone, None)["holds"]


def test_a_submission_of_a_text_alone_is_taken(zone_camp: ZoneCamp) -> None:
    zone_camp.hand_in({}, texts=(NOTE,))
    zone = zone_camp.zone()
    (taken,) = ingest(zone)
    tabulate(zone, zone.request(taken.request))
    assert [one.name for one in zone.request(taken.request).outputs.all()] == ["note"]


def test_to_approve_one_takes_a_reason_and_to_reject_one_does_not(zone_camp: ZoneCamp) -> None:
    zone, number = taken_in(zone_camp, NOTE)
    with pytest.raises(StateError, match="takes a reason"):
        vote(zone, zone.request(number), ("note",), Vote("vera", Decision.APPROVE))
    with pytest.raises(StateError, match="takes a reason"):
        vote(zone, zone.request(number), ("note",), Vote("vera", Decision.APPROVE, Reason.OTHER, " "))
    vote(zone, zone.request(number), ("note",), Vote("vera", Decision.REJECT))


def test_a_table_leaves_with_two_reviewers_when_the_text_beside_it_is_rejected(zone_camp: ZoneCamp) -> None:
    zone, number = taken_in(zone_camp, NOTE)
    for reviewer in ("vera", "wim"):
        vote(zone, zone.request(number), ("by-wijk",), Vote(reviewer, Decision.APPROVE))
        vote(zone, zone.request(number), ("note",), Vote(reviewer, Decision.REJECT))
        signed(zone_camp, zone, number, reviewer)
    path = release(zone, zone.request(number))
    with zipfile.ZipFile(path) as package:
        assert not any("note" in name for name in package.namelist())
        assert not any(b"Reading" in package.read(name) for name in package.namelist())


# --------------------------------------------------------------------------------------------------------- what is seen
def test_the_reviewer_reads_the_text_what_the_scan_found_and_where(zone_camp: ZoneCamp) -> None:
    zone, number = taken_in(zone_camp, plain("Ask\nvia jan@example.org\nabout 111222333."), result())
    document = detail(zone, zone.request(number))
    note, shares = document["outputs"][1:]
    assert note["scan"] == ["text, line 2: an e-mail address", "text, line 3: a citizen service number (BSN)"]
    lines = "\n".join(detail_lines(document))
    for shown in ("| via jan@example.org", "scan", "the units behind it are counted in by-wijk", "| wijk | share"):
        assert shown in lines
    assert shares["written"]["lines"][1:] == ["28 | 0.33", "=29 | -0.5", "30 | ."]


def test_what_is_written_about_a_request_and_in_its_code_is_scanned_too(zone_camp: ZoneCamp) -> None:
    folder = zone_camp.hand_in({"by-wijk": zone_camp.recipe()})
    document = json.loads((folder / "submission.json").read_bytes())
    document |= {"purpose": "A test.\nAsk jan@example.org", "parameters": {"key": "111222333"}}
    (folder / "submission.json").write_bytes(canonical_json(document))
    (folder / "code" / "case.py").write_text("print(1)\n# account NL91ABNA0417164300\n")
    zone = zone_camp.zone()
    (taken,) = ingest(zone)
    tabulate(zone, zone.request(taken.request))
    shown = detail(zone, zone.request(taken.request))
    assert shown["scan"] == [
        "purpose, line 2: an e-mail address",
        "parameter key, line 1: a citizen service number (BSN)",
        "case.py, script 1, line 2: a bank account number (IBAN)",
    ]
    assert "scan        | purpose, line 2" in "\n".join(detail_lines(shown))


def test_a_withheld_figure_in_a_text_or_title_is_found(zone_camp: ZoneCamp) -> None:
    from disclosure.model.statistic import Statistic

    changes: dict[str, Any] = {"sql": EVERYONE, "suppressed": True, "statistic": Statistic.SUM, "value": "income"}
    zone, number = taken_in(zone_camp, plain("Nothing here."), **changes)
    from output_review.services.judging import judged_again

    table = judged_again(zone, zone.request(number).outputs.get(name="by-wijk"))
    withheld = next(
        figure for figure, shown in zip(table.figures, table.shown, strict=True) if not shown and figure is not None
    )
    zone_camp.hand_in({"by-wijk": zone_camp.recipe(**changes)}, number=2, texts=(plain(f"It is {withheld}."),))
    (taken,) = ingest(zone)
    tabulate(zone, zone.request(taken.request))
    first, second = (detail(zone, zone.request(one))["outputs"] for one in (number, taken.request))
    assert [one["scan"] for one in first] == [[], []]
    assert [one["scan"] for one in second] == [[], ["text, line 1: a figure that was withheld"]]


@pytest.mark.parametrize("part", ["written", "files", "title", "population", "level"])
def test_a_text_that_is_not_what_was_shown_is_not_signed(zone_camp: ZoneCamp, part: str) -> None:
    zone, number = taken_in(zone_camp, NOTE)
    voted(zone, number, "vera", ("note",))
    output = zone.request(number).outputs.get(name="note")
    other = zone.store.put(canonical_json(plain("Another.").to_document()))
    changed = {
        "written": other,
        "files": {"note.md": other},
        "title": "Another",
        "population": "others",
        "level": "recomputed",
    }
    setattr(output, part, changed[part])
    output.save()
    with pytest.raises(IntegrityError):
        statement(zone, zone.request(number), "vera")


# -------------------------------------------------------------------------------------------------------- what is taken
def body(change: str) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        document = json.loads((folder / "submission.json").read_bytes())
        document["texts"][0]["body"] = change
        (folder / "submission.json").write_bytes(canonical_json(document))

    return edit


@pytest.mark.parametrize(
    "change",
    [
        "", " \n", "a\u200bb", "a\u202eb", "a\x1b[2K", "a\r\nb", "a\tb", "blank at the end ", "one\n\n", "e\u0301",
        "x" * (LONGEST_BODY + 1),
    ],
)  # fmt: skip
def test_a_text_with_anything_to_hide_in_is_refused_at_the_gate(zone_camp: ZoneCamp, change: str) -> None:
    body(change)(zone_camp.hand_in({"by-wijk": zone_camp.recipe()}, texts=(plain("Text."),)))
    zone = zone_camp.zone()
    (taken,) = ingest(zone)
    assert taken.refused != ""
    assert change.strip() == "" or change not in taken.refused
    assert zone.request(taken.request).state == State.REFUSED.value


def test_a_text_of_the_greatest_length_is_taken(zone_camp: ZoneCamp) -> None:
    zone, number = taken_in(zone_camp, plain("x" * LONGEST_BODY))
    assert zone.request(number).outputs.get(name="note").files


def test_ten_texts_are_taken_and_eleven_are_not(zone_camp: ZoneCamp) -> None:
    texts = tuple(plain("Text.", f"note-{place}") for place in range(MOST_WRITTEN + 1))
    taken_in(zone_camp, *texts[:MOST_WRITTEN])
    with pytest.raises(DocumentError, match="at most 10 texts"):
        zone_camp.hand_in({}, number=2, texts=texts)


def test_a_text_may_not_bear_the_name_of_a_table() -> None:
    with pytest.raises(DocumentError, match="names an output of its submission that counts"):
        submission_of(result())
    with pytest.raises(DocumentError, match="same name"):
        submission_of(NOTE, NOTE)


def submission_of(*texts: SubmittedText) -> Any:
    from disclosure.exchange.submission import Submission

    return Submission("camp", "team-1", "anna", 1, "Persons", "A test.", (), ("case.py",), {}, texts)


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "pdf"}, {"kind": "result"}, {"support": "by-wijk"}, {"body": 5}, {"name": None},
    ],
)  # fmt: skip
def test_a_document_that_is_no_text_is_not_read(changed: dict[str, Any]) -> None:
    with pytest.raises((DocumentError, KeyError, TypeError, ValueError)):
        text_from(NOTE.to_document() | changed)
    assert text_from(NOTE.to_document()) == NOTE


@pytest.mark.parametrize(
    "changed",
    [
        '{"columns":["a"],"labels":0,"rows":[]}',
        '{"columns":[],"labels":0,"rows":[[]]}',
        '{"columns":["a"],"labels":1,"rows":[["b"]]}',
        '{"columns":["a","a"],"labels":0,"rows":[["b","c"]]}',
        '{"columns":["a"],"labels":0,"rows":[["b","c"]]}',
        '{"columns":["a"],"labels":0,"rows":[[5]]}',
        '{"columns":["a"],"labels":0,"rows":[["1234567"]]}',
        '{"columns":["a"],"labels":0,"rows":[["two\\nlines"]]}',
        '{"columns":["a"],"labels":0, "rows":[["b"]]}',
        '{"columns":["a"],"labels":0,"rows":[["b"]],"more":1}',
        "[]",
    ],
)
def test_values_that_are_not_typed_cells_in_their_one_spelling_are_not_read(changed: str) -> None:
    with pytest.raises(DocumentError):
        values_from(changed)
    assert values_from(SHARES.to_body()) == SHARES


def test_a_spelling_is_reached_in_one_step() -> None:
    for written in ("a\tb \r\n\r\nc\n", "e\u0301", "\n\nx"):
        assert spelled(spelled(written)) == spelled(written)
    assert list(written_files(plain("One."))) == ["note.txt"]
