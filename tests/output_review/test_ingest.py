"""Ingest refuses whatever is not exactly a submission, says why, and takes nothing twice."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from disclosure.errors import DocumentError
from disclosure.exchange.submission import SubmittedOutput
from disclosure.exchange.submission_names import check_output_name
from output_review.domain.states import State
from output_review.services import ingest as ingesting
from output_review.services.ingest import ingest
from output_review.signing import fields
from tests.output_review.zone_camp import ZoneCamp


def link_code(folder: Path) -> None:
    (folder / "code" / "case.py").unlink()
    (folder / "code" / "case.py").symlink_to("/etc/hostname")


def hard_link(folder: Path) -> None:
    outside = folder.parent.parent / "outside.py"
    outside.write_text("secret")
    (folder / "code" / "case.py").unlink()
    os.link(outside, folder / "code" / "case.py")


def link_folder(folder: Path) -> None:
    (folder / "claims").rmdir()
    (folder / "claims").symlink_to("/etc")


def pickle_beside(folder: Path) -> None:
    (folder / "frame.pkl").write_bytes(b"\x80\x04.")


def hidden_beside(folder: Path) -> None:
    (folder / ".profile").write_text("x")


def extra_code(folder: Path) -> None:
    (folder / "code" / "more.py").write_text("x")


def folder_in_code(folder: Path) -> None:
    (folder / "code" / "deep").mkdir()


def missing_code(folder: Path) -> None:
    (folder / "code" / "case.py").unlink()


def claim_of_nothing(folder: Path) -> None:
    (folder / "claims" / "other.json").write_text("{}")


def cut_off(folder: Path) -> None:
    data = (folder / "submission.json").read_bytes()
    (folder / "submission.json").write_bytes(data[: len(data) // 2])


def no_submission(folder: Path) -> None:
    (folder / "submission.json").unlink()


def edited(change: Callable[[dict[str, object]], None]) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        document = json.loads((folder / "submission.json").read_bytes())
        change(document)
        (folder / "submission.json").write_text(json.dumps(document))

    return edit


def output_with(**entries: object) -> Callable[[Path], None]:
    return edited(lambda one: one["outputs"][0].update(entries))  # type: ignore[index]


HOSTILE = {
    "a link in place of code": link_code,
    "a hard link to another file": hard_link,
    "a link in place of a folder": link_folder,
    "a pickle beside": pickle_beside,
    "a hidden file beside": hidden_beside,
    "code that is not named": extra_code,
    "a folder inside code": folder_in_code,
    "code that is missing": missing_code,
    "a claim about no output": claim_of_nothing,
    "a document cut off": cut_off,
    "no document": no_submission,
    "another team": edited(lambda one: one.update(team="team-2")),
    "another camp": edited(lambda one: one.update(camp="other")),
    "another number": edited(lambda one: one.update(number=7)),
    "an entry too many": edited(lambda one: one.update(admin=True)),
    "code by an absolute path": edited(lambda one: one.update(code=["/etc/passwd.py"])),
    "code by a path upwards": edited(lambda one: one.update(code=["../case.py"])),
    "no output": edited(lambda one: one.update(outputs=[])),
    "a title that steers the terminal": output_with(title="Table\x1b[2K"),
    "a title with a character without width": output_with(title="Ta\u200bble"),
    "a title that is reordered": output_with(title="Ta\u202eble"),
    "a title with blanks around it": output_with(title=" Table"),
    "a title of two lines": output_with(title="Table\nby-wijk: safe"),
    "a population of two lines": output_with(population="persons\nby-wijk: safe"),
    "a difference of two lines": output_with(differs="none\nby-wijk: safe"),
    "a request's title with blanks around it": edited(lambda one: one.update(title="Persons ")),
    "an author that steers the terminal": edited(lambda one: one.update(author="anna\x9b2J")),
    "no author": edited(lambda one: one.update(author="")),
    "a purpose that steers the terminal": edited(lambda one: one.update(purpose="A test.\r\x1b[2K")),
    "a purpose that is reordered": edited(lambda one: one.update(purpose="A \u2066test.")),
    "an output with the name of a device": output_with(name="nul"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_not_exactly_a_submission_is_refused_with_a_reason(zone_camp: ZoneCamp, name: str) -> None:
    HOSTILE[name](zone_camp.hand_in({"by-wijk": zone_camp.recipe()}))
    zone = zone_camp.zone()
    (done,) = ingest(zone)
    row = zone.request(done.request)
    assert State(row.state) is State.REFUSED
    assert done.refused == row.reason != ""
    assert not row.outputs.exists()
    told = json.loads((zone_camp.folder / "inbox" / "team-1" / "1.json").read_bytes())
    assert (told["state"], told["reason"]) == ("refused", row.reason)
    assert ingest(zone) == ()


def test_a_recipe_under_another_policy_is_refused(zone_camp: ZoneCamp) -> None:
    from disclosure.policy import load_policy

    zone_camp.hand_in({"by-wijk": zone_camp.recipe(policy=load_policy("abs").reference)})
    (done,) = ingest(zone_camp.zone())
    assert "another policy" in done.refused


def test_a_submission_is_taken_in_once(zone_camp: ZoneCamp) -> None:
    zone_camp.hand_in({"by-wijk": zone_camp.recipe()})
    zone = zone_camp.zone()
    assert [one.refused for one in ingest(zone)] == [""]
    assert ingest(zone) == ()


@pytest.mark.parametrize("name", ["02", "99999999999999999999", "900000001", "0", "\u0662", "2x", "+2"])
def test_a_folder_that_no_team_can_have_numbered_so_stops_nobody_and_takes_no_number(
    zone_camp: ZoneCamp, name: str
) -> None:
    (zone_camp.camp.outbox("team-1") / name).mkdir()
    zone_camp.hand_in({"by-wijk": zone_camp.recipe()})
    zone_camp.hand_in({"by-wijk": zone_camp.recipe()}, number=2)
    zone = zone_camp.zone()
    assert [(one.number, one.refused) for one in ingest(zone)] == [(1, ""), (2, "")]
    assert ingest(zone) == ()


def test_a_file_swapped_after_ingest_changes_nothing(zone_camp: ZoneCamp) -> None:
    folder = zone_camp.hand_in({"by-wijk": zone_camp.recipe()})
    zone = zone_camp.zone()
    (done,) = ingest(zone)
    (folder / "code" / "case.py").write_text("print('another')\n")
    ((_, stored),) = zone.request(done.request).code
    assert zone.store.get(stored) == b"print('hello')\n"


@pytest.mark.parametrize(
    ("lines", "wide", "taken"), [(20_000, 1, True), (20_001, 1, False), (1, 1_000_000, True), (1, 1_000_001, False)]
)
def test_code_that_nobody_reads_in_an_hour_is_refused(zone_camp: ZoneCamp, lines: int, wide: int, taken: bool) -> None:
    folder = zone_camp.hand_in({"by-wijk": zone_camp.recipe()})
    (folder / "code" / "case.py").write_text("\n".join(["#" * wide] * lines))
    (done,) = ingest(zone_camp.zone())
    assert (done.refused == "") is taken
    assert taken or "are reviewed at once" in done.refused


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.mark.parametrize("step", ["_stored", "_read", "_request", "_outputs", "tell"])
def test_a_process_killed_at_any_step_of_ingest_loses_nothing_and_takes_nothing_twice(
    zone_camp: ZoneCamp, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    zone_camp.hand_in({"by-wijk": zone_camp.recipe()})
    zone = zone_camp.zone()
    real = getattr(ingesting, step)

    def die(*arguments: object, **named: object) -> None:
        real(*arguments, **named)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(ingesting, step, die)
        with pytest.raises(Killed):
            ingest(zone)
    zone = zone_camp.zone()
    ingest(zone)
    from output_review.models import OutputRow, RequestRow

    (row,) = RequestRow.objects.all()
    assert State(row.state) is State.SUBMITTED
    assert OutputRow.objects.count() == 1


def test_a_word_that_was_not_sent_is_sent_at_the_next_start(zone_camp: ZoneCamp) -> None:
    zone_camp.hand_in({"by-wijk": zone_camp.recipe()})
    zone = zone_camp.zone()
    ingest(zone)
    told = zone_camp.folder / "inbox" / "team-1" / "1.json"
    told.unlink()
    ingesting.tell_all(zone)
    assert json.loads(told.read_bytes())["state"] == "submitted"


@pytest.mark.parametrize("name", ["con", "prn", "aux", "nul", "com1", "lpt9"])
def test_an_output_with_the_name_of_a_device_is_refused_where_it_is_named(name: str) -> None:
    with pytest.raises(DocumentError, match="that name for a device"):
        check_output_name(name)
    assert check_output_name(f"{name}-1") == f"{name}-1"


def test_a_purpose_may_have_lines(zone_camp: ZoneCamp) -> None:
    folder = zone_camp.hand_in({"by-wijk": zone_camp.recipe()})
    edited(lambda one: one.update(purpose="To learn.\n\nAnd to publish."))(folder)
    (done,) = ingest(zone_camp.zone())
    assert done.refused == ""


@pytest.mark.parametrize(
    "title", ["Table", "é" * 200, " Table", "Table ", "Ta\u200bble", "Ta\u00adble", "Ta\tble", "\u3164", "x" * 201, ""]
)
def test_a_title_is_taken_in_exactly_if_it_can_be_signed(zone_camp: ZoneCamp, title: str) -> None:
    def taken() -> bool:
        try:
            SubmittedOutput("by-wijk", title, "persons", "", zone_camp.recipe())
        except DocumentError:
            return False
        return True

    def signable() -> bool:
        try:
            fields.line(title, "Output: title")
        except DocumentError:
            return False
        return True

    assert taken() is (signable() and len(title) <= 200)
