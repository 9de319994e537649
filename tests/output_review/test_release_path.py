"""From the outbox to a package that verifies: the whole path, and each place where it says no."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pyarrow as pa
import pytest

from disclosure.errors import BadInputError, IntegrityError, ReleaseError, StateError
from disclosure.model.recipes import Statistic
from output_review.domain.permissions import PermissionRefusedError
from output_review.domain.states import State
from output_review.domain.votes import Reason, Vote
from output_review.services import releasing
from output_review.services.auditing import audit_zone
from output_review.services.ingest import ingest
from output_review.services.releasing import finish, release
from output_review.services.reviewing import reject, vote
from output_review.services.signing_off import sign_off, statement
from output_review.services.tabulating import tabulate
from output_review.services.views import detail, detail_lines
from output_review.services.zone import ControlZone, open_zone
from output_review.signing.signoff import Decision
from output_review.verify import verifier
from tests.output_review.zone_camp import PEOPLE, ZoneCamp, people

APPROVE, REJECT = Decision.APPROVE, Decision.REJECT


def taken_in(made: ZoneCamp) -> tuple[ControlZone, int]:
    """Ingest and tabulate what lies in the outbox; return the zone and the last request."""
    zone = made.zone()
    done = ingest(zone)
    row = zone.request(done[-1].request)
    tabulate(zone, row)
    return zone, row.pk


def vote_all(
    zone: ControlZone, number: int, decision: Decision = APPROVE, reviewers: tuple[str, ...] = ("vera", "wim")
) -> None:
    row = zone.request(number)
    names = tuple(row.outputs.values_list("name", flat=True))
    for reviewer in reviewers:
        vote(zone, zone.request(number), names, Vote(reviewer, decision))


def sign(made: ZoneCamp, zone: ControlZone, number: int, reviewer: str) -> State:
    row = zone.request(number)
    return sign_off(zone, row, statement(zone, row, reviewer), made.key(reviewer))


def approved(made: ZoneCamp) -> tuple[ControlZone, int]:
    made.hand_in({"by-wijk": made.recipe()})
    zone, number = taken_in(made)
    assert zone.request(number).outputs.get().note == ""
    vote_all(zone, number)
    assert sign(made, zone, number, "vera") is State.IN_REVIEW
    assert sign(made, zone, number, "wim") is State.APPROVED
    return zone, number


def roots(zone: ControlZone) -> list[str]:
    return [root.fingerprint for root in zone.manifest.roots]


def test_a_safe_lazy_output_is_recomputed_signed_released_and_verifies(zone_camp: ZoneCamp) -> None:
    zone, number = approved(zone_camp)
    path = release(zone, zone.request(number))
    report = verifier.verify_file(str(path), roots(zone), demo=True)
    assert report.status is verifier.Status.VERIFIED
    assert report.facts["outputs"][0]["level"] == "recomputed"
    assert State(zone.request(number).state) is State.RELEASED
    assert zone.ledger.audit("PERSONS").length == 1
    found = audit_zone(zone, None)
    assert found["holds"]
    assert found["heads"] == 1
    assert json.loads((zone_camp.folder / "inbox" / "team-1" / "1.json").read_bytes())["state"] == "released"


def test_a_reproduced_output_is_tabulated_from_the_frame_that_was_handed_over(zone_camp: ZoneCamp) -> None:
    zone_camp.frames["by-wijk"] = (
        people().filter(pa.compute.not_equal(people()["wijk"], "31")).select(["person", "wijk"])
    )
    zone_camp.hand_in({"by-wijk": zone_camp.recipe(lazy=False)})
    zone, number = taken_in(zone_camp)
    output = zone.request(number).outputs.get()
    assert (output.level, output.verdict) == ("reproduced", "safe")
    assert not list((zone_camp.folder / "review").glob("handover-*"))


def test_unit_keys_that_no_data_set_has_make_an_output_unverified(zone_camp: ZoneCamp) -> None:
    forged = pa.table({"person": [f"x{place}" for place in range(60)], "wijk": ["28", "29"] * 30})
    zone_camp.frames["by-wijk"] = forged
    zone_camp.hand_in({"by-wijk": zone_camp.recipe(lazy=False)})
    zone, number = taken_in(zone_camp)
    output = zone.request(number).outputs.get()
    assert (output.level, output.files) == ("unverified", {})
    with pytest.raises(StateError, match="takes a reason"):
        vote(zone, zone.request(number), ("by-wijk",), Vote("vera", APPROVE))
    with pytest.raises(StateError, match="nothing to release"):
        vote(zone, zone.request(number), ("by-wijk",), Vote("vera", APPROVE, Reason.OTHER, "trust me"))


@pytest.mark.parametrize("handed", [(), ("by-wijk", "extra")])
def test_missing_or_extra_frames_make_the_output_unverified(zone_camp: ZoneCamp, handed: tuple[str, ...]) -> None:
    zone_camp.frames.update(dict.fromkeys(handed, people().select(["person", "wijk"])))
    zone_camp.hand_in({"by-wijk": zone_camp.recipe(lazy=False)})
    zone, number = taken_in(zone_camp)
    output = zone.request(number).outputs.get()
    assert output.level == "unverified"
    assert "Other frames" in output.note


def test_an_unsafe_output_is_shown_with_its_findings_and_needs_a_third_reviewer(zone_camp: ZoneCamp) -> None:
    source = zone_camp.recipe().source
    everyone = zone_camp.recipe(source=type(source)(source.sql.partition(" WHERE")[0], source.data_sets))
    zone_camp.hand_in({"all-wijken": everyone})
    zone, number = taken_in(zone_camp)
    shown = "\n".join(detail_lines(detail(zone, zone.request(number))))
    assert "wijk=31" in shown
    assert "minimum_count" in shown
    exception = Vote("vera", APPROVE, Reason.PUBLIC_KNOWLEDGE, "published on StatLine")
    vote(zone, zone.request(number), ("all-wijken",), exception)
    vote(zone, zone.request(number), ("all-wijken",), Vote("wim", APPROVE, Reason.PUBLIC_KNOWLEDGE, "so it is"))
    sign(zone_camp, zone, number, "vera")
    assert sign(zone_camp, zone, number, "wim") is State.IN_REVIEW  # two are not enough for an exception


def test_what_was_claimed_is_compared_and_differences_are_named(zone_camp: ZoneCamp) -> None:
    zone_camp.hand_in({"by-wijk": zone_camp.recipe()}, claims={"by-wijk": b'{"nonsense": 1}'})
    zone, number = taken_in(zone_camp)
    assert zone.request(number).outputs.get().differences


def test_a_reviewer_of_the_own_team_and_strangers_cannot_vote(zone_camp: ZoneCamp) -> None:
    zone_camp.hand_in({"by-wijk": zone_camp.recipe()})
    zone, number = taken_in(zone_camp)
    for name, why in (("xena", "belongs to team"), ("anna", "not a reviewer"), ("nobody", "not a reviewer")):
        with pytest.raises(PermissionRefusedError, match=why):
            vote(zone, zone.request(number), ("by-wijk",), Vote(name, APPROVE))
    assert State(zone.request(number).state) is State.SUBMITTED


def test_one_signature_too_few_releases_nothing(zone_camp: ZoneCamp) -> None:
    zone_camp.hand_in({"by-wijk": zone_camp.recipe()})
    zone, number = taken_in(zone_camp)
    vote_all(zone, number)
    sign(zone_camp, zone, number, "vera")
    with pytest.raises(StateError, match="cannot become released"):
        release(zone, zone.request(number))
    assert not list(zone_camp.folder.glob("released/*"))


def test_nobody_signs_twice_or_with_another_key_or_before_voting(zone_camp: ZoneCamp) -> None:
    zone_camp.hand_in({"by-wijk": zone_camp.recipe()})
    zone, number = taken_in(zone_camp)
    vote_all(zone, number, reviewers=("vera",))
    with pytest.raises(StateError, match="not voted"):
        statement(zone, zone.request(number), "wim")
    row = zone.request(number)
    with pytest.raises(IntegrityError, match="not the key"):
        sign_off(zone, row, statement(zone, row, "vera"), zone_camp.key("wim"))
    sign(zone_camp, zone, number, "vera")
    with pytest.raises(StateError, match="signed this revision"):
        sign(zone_camp, zone, number, "vera")
    with pytest.raises(StateError, match="signed this revision"):
        vote(zone, zone.request(number), ("by-wijk",), Vote("vera", REJECT, Reason.OTHER, "on second thought"))


def test_dissent_keeps_a_request_in_review(zone_camp: ZoneCamp) -> None:
    zone_camp.hand_in({"by-wijk": zone_camp.recipe()})
    zone, number = taken_in(zone_camp)
    vote_all(zone, number, reviewers=("vera",))
    vote(zone, zone.request(number), ("by-wijk",), Vote("wim", REJECT, Reason.CONTEXT_MISSING, "of whom?"))
    sign(zone_camp, zone, number, "vera")
    assert sign(zone_camp, zone, number, "wim") is State.IN_REVIEW


def test_a_rejected_output_stays_inside_and_the_others_leave(zone_camp: ZoneCamp) -> None:
    mean = zone_camp.recipe(statistic=Statistic.MEAN, value="income")
    zone_camp.hand_in({"by-wijk": zone_camp.recipe(), "income": mean})
    zone, number = taken_in(zone_camp)
    for reviewer in ("vera", "wim"):
        vote(zone, zone.request(number), ("income",), Vote(reviewer, APPROVE))
        vote(zone, zone.request(number), ("by-wijk",), Vote(reviewer, REJECT, Reason.DIFFERENCING, "see the last one"))
        sign(zone_camp, zone, number, reviewer)
    report = verifier.verify_file(str(release(zone, zone.request(number))), roots(zone), demo=True)
    assert [output["name"] for output in report.facts["outputs"]] == ["income"]


def test_a_request_of_which_everything_is_rejected_is_rejected(zone_camp: ZoneCamp) -> None:
    zone_camp.hand_in({"by-wijk": zone_camp.recipe()})
    zone, number = taken_in(zone_camp)
    with pytest.raises(StateError, match="Not every output"):
        reject(zone, zone.request(number), "vera", "no")
    for reviewer in ("vera", "wim"):
        vote(zone, zone.request(number), ("by-wijk",), Vote(reviewer, REJECT, Reason.OTHER, "no context"))
    reject(zone, zone.request(number), "vera", "no context")
    assert State(zone.request(number).state) is State.REJECTED


def test_bytes_changed_after_signing_send_the_request_back_and_nothing_leaves(zone_camp: ZoneCamp) -> None:
    zone, number = approved(zone_camp)
    stored = next(iter(zone.request(number).outputs.get().files.values())).removeprefix("sha256:")
    path = zone_camp.folder / "review" / "store" / stored[:2] / stored[2:]
    path.chmod(0o640)
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(ReleaseError, match="Nothing was released"):
        release(zone, zone.request(number))
    assert State(zone.request(number).state) is State.IN_REVIEW
    assert not list(zone_camp.folder.glob("released/*"))
    assert zone.ledger.audit("PERSONS").length == 0


def test_a_signature_over_an_older_revision_does_not_count(zone_camp: ZoneCamp) -> None:
    zone, number = approved(zone_camp)
    row = zone.request(number)
    row.outputs.update(revision=2)
    row.sign_offs.update(revision=2)
    row.revision = 2
    row.save()
    with pytest.raises(ReleaseError, match="another revision"):
        release(zone, zone.request(number))
    assert not list(zone_camp.folder.glob("released/*"))


STEPS = ("_build", "write_atomically", "_write_ledger")


class Killed(BaseException):
    """Stands for the end of the process: nothing after it runs."""


@pytest.mark.parametrize("step", STEPS)
def test_a_process_killed_at_any_step_of_a_release_leaves_the_old_or_the_new_state(
    zone_camp: ZoneCamp, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    zone, number = approved(zone_camp)

    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(releasing, step, die)
        with pytest.raises(Killed):
            release(zone, zone.request(number))
    assert not list(zone_camp.folder.glob("released/*"))
    zone = zone_camp.zone()
    finish(zone)
    state = State(zone.request(number).state)
    packages = list(zone_camp.folder.glob("released/*.zip"))
    if state is State.APPROVED:
        assert not packages
        packages = [release(zone, zone.request(number))]
    assert State(zone.request(number).state) is State.RELEASED
    assert verifier.verify_file(str(packages[0]), roots(zone), demo=True).status is verifier.Status.VERIFIED
    assert zone.ledger.audit("PERSONS").length == 1
    assert not list((zone_camp.folder / "review" / "staging").glob("*"))
    assert audit_zone(zone, None)["holds"]


def test_killed_between_ledger_and_package_the_package_still_comes_out_once(
    zone_camp: ZoneCamp, monkeypatch: pytest.MonkeyPatch
) -> None:
    zone, number = approved(zone_camp)
    replace = os.replace

    def die(source: Path, target: Path) -> None:
        if "released" in str(target):
            raise Killed
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(releasing.os, "replace", die)
        with pytest.raises(Killed):
            release(zone, zone.request(number))
    assert zone.ledger.audit("PERSONS").length == 1
    zone = zone_camp.zone()
    assert len(finish(zone)) == 1
    assert finish(zone) == ()
    assert zone.ledger.audit("PERSONS").length == 1


def test_a_full_disk_sends_the_request_back(zone_camp: ZoneCamp, monkeypatch: pytest.MonkeyPatch) -> None:
    zone, number = approved(zone_camp)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(releasing, "write_atomically", full)
        with pytest.raises(ReleaseError, match="disk refused"):
            release(zone, zone.request(number))
    assert State(zone.request(number).state) is State.IN_REVIEW
    assert not list(zone_camp.folder.glob("released/*"))


def test_a_release_is_made_once(zone_camp: ZoneCamp) -> None:
    zone, number = approved(zone_camp)
    release(zone, zone.request(number))
    with pytest.raises(StateError, match="cannot become released"):
        release(zone, zone.request(number))


def test_a_changed_data_set_or_codebook_is_not_tabulated(zone_camp: ZoneCamp) -> None:
    book = zone_camp.folder / "microdata" / "PERSONS" / "codebook.toml"
    book.write_text(book.read_text().replace("sensitive = false", "sensitive = true"))
    zone_camp.hand_in({"by-wijk": zone_camp.recipe()})
    zone, number = taken_in(zone_camp)
    output = zone.request(number).outputs.get()
    assert output.level == "unverified"
    assert "manifest pins" in output.note


def test_a_camp_that_is_not_open_has_no_control_zone(zone_camp: ZoneCamp, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "camp.toml").write_bytes((zone_camp.folder / "camp.toml").read_bytes())
    with pytest.raises(StateError, match="not open"):
        open_zone(bare, zone_camp.zone().engines)


def test_a_changed_log_entry_is_named_by_the_audit_and_the_database_refuses_to_change_one(zone_camp: ZoneCamp) -> None:
    from django.db import DatabaseError, connection

    zone, number = approved(zone_camp)
    release(zone, zone.request(number))
    with pytest.raises(DatabaseError, match="only grows"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM output_review_logrow WHERE sequence = 2")
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER output_review_logrow_no_update")
        cursor.execute(
            "UPDATE output_review_logrow SET document = replace(document, 'vera', 'wera') WHERE sequence = 5"
        )
    found = audit_zone(zone, None)
    assert not found["holds"]
    assert found["broken_at"] == 5


def test_an_unknown_request_or_output_is_bad_input(zone_camp: ZoneCamp) -> None:
    zone_camp.hand_in({"by-wijk": zone_camp.recipe()})
    zone, number = taken_in(zone_camp)
    with pytest.raises(BadInputError, match="no request 99"):
        zone.request(99)
    with pytest.raises(BadInputError, match="no output 'nope'"):
        vote(zone, zone.request(number), ("nope",), Vote("vera", APPROVE))
    assert not zone.request(number).outputs.get().votes.exists()


def test_a_package_holds_no_count_of_a_withheld_cell(zone_camp: ZoneCamp) -> None:
    source = zone_camp.recipe().source
    whole = type(source)(source.sql.partition(" WHERE")[0], source.data_sets)
    zone_camp.hand_in({"all-wijken": zone_camp.recipe(source=whole, suppressed=True)})
    zone, number = taken_in(zone_camp)
    vote_all(zone, number)
    for reviewer in ("vera", "wim"):
        sign(zone_camp, zone, number, reviewer)
    path = release(zone, zone.request(number))
    data = path.read_bytes()
    assert b"31,,withheld" in data
    assert b"Total,,withheld" in data
    assert str(PEOPLE).encode() not in data.split(b"certificate.json")[0]
