"""From the outbox to a package that verifies: the whole path, and each place where it says no."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow as pa
import pytest

from disclosure.errors import BadInputError, DataError, DocumentError, IntegrityError, ReleaseError, StateError
from disclosure.exchange.canonical import digest
from disclosure.model.recipes import Statistic
from output_review.commands import opened as opened_by_a_command
from output_review.domain.permissions import PermissionRefusedError
from output_review.domain.states import State
from output_review.domain.votes import Reason, Vote
from output_review.log.stores import FileLog, record
from output_review.services import finishing, releasing, tabulating
from output_review.services.auditing import audit_zone
from output_review.services.finishing import finish
from output_review.services.ingest import ingest
from output_review.services.opening import open_camp
from output_review.services.releasing import release
from output_review.services.reviewing import reject, vote
from output_review.services.signing_off import sign_off, statement
from output_review.services.tabulating import tabulate
from output_review.services.view_lines import detail_lines
from output_review.services.views import detail
from output_review.services.zone import ControlZone, open_zone
from output_review.signing.envelopes import Envelope, PayloadType
from output_review.signing.envelopes import sign as seal
from output_review.signing.keys import KeyRole, Mark, SigningKey
from output_review.signing.manifest import KeyGrant
from output_review.signing.signoff import Decision
from output_review.store.once import move_once
from output_review.verify import verifier
from tests.output_review.zone_camp import EVERYONE, PEOPLE, ZoneCamp, people

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
    assert found["heads"] == 2
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
    zone_camp.hand_in({"all-wijken": zone_camp.recipe(sql=EVERYONE)})
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


STEPS = (
    (releasing, "_build"),
    (releasing, "write_atomically"),
    (finishing, "_write_ledger"),
    (finishing, "checkpoint_facts"),
    (finishing, "write_atomically"),
    (finishing, "move_once"),
)


class Killed(BaseException):
    """Stands for the end of the process: nothing after it runs."""


@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step[0].__name__.rpartition('.')[2]}.{step[1]}")
def test_a_process_killed_at_any_step_of_a_release_leaves_the_old_or_the_new_state(
    zone_camp: ZoneCamp, monkeypatch: pytest.MonkeyPatch, step: tuple[ModuleType, str]
) -> None:
    zone, number = approved(zone_camp)

    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(*step, die)
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
    rename = os.replace

    def die(source: Path, target: Path) -> None:
        if "released" in str(target):
            raise Killed
        rename(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", die)
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
    zone_camp.hand_in({"all-wijken": zone_camp.recipe(sql=EVERYONE, suppressed=True)})
    zone, number = taken_in(zone_camp)
    vote_all(zone, number)
    for reviewer in ("vera", "wim"):
        sign(zone_camp, zone, number, reviewer)
    path = release(zone, zone.request(number))
    data = path.read_bytes()
    assert b"withheld 1,,withheld" in data
    assert b"Total,,withheld" in data
    assert str(PEOPLE).encode() not in data.split(b"certificate.json")[0]


# ------------------------------------------------------------------------------------------------ the place of packages
def place_of_the_package(made: ZoneCamp) -> Path:
    return made.folder / "released" / "camp-team-1-0001-r1.zip"


def test_a_file_in_the_place_of_the_package_stops_the_release_before_anything_is_done(zone_camp: ZoneCamp) -> None:
    zone, number = approved(zone_camp)
    place_of_the_package(zone_camp).write_bytes(b"planted")
    with pytest.raises(StateError, match="where the package would lie"):
        release(zone, zone.request(number))
    assert State(zone.request(number).state) is State.APPROVED
    assert place_of_the_package(zone_camp).read_bytes() == b"planted"
    assert zone.ledger.audit("PERSONS").length == 0
    assert audit_zone(zone, None)["packages"] == ["'camp-team-1-0001-r1.zip' is not a package that was released"]
    place_of_the_package(zone_camp).unlink()
    verified = verifier.verify_file(str(release(zone, zone.request(number))), roots(zone), demo=True)
    assert verified.status is verifier.Status.VERIFIED


@pytest.mark.parametrize("kind", ["file", "link", "folder"])
def test_a_file_that_was_planted_after_the_commit_never_counts_as_the_release(
    zone_camp: ZoneCamp, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    zone, number = approved(zone_camp)
    place = place_of_the_package(zone_camp)
    write_ledger = finishing._write_ledger

    def plant(*arguments: Any) -> None:
        if kind == "file":
            place.write_bytes(b"planted")
        elif kind == "link":
            place.symlink_to(zone_camp.folder / "camp.toml")
        else:
            place.mkdir()
        write_ledger(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(finishing, "_write_ledger", plant)
        with pytest.raises((IntegrityError, DataError)):
            release(zone, zone.request(number))
    with pytest.raises((IntegrityError, DataError)):
        finish(zone)
    found = audit_zone(zone, None)
    assert not found["holds"]
    assert found["packages"][0] == "'camp-team-1-0001-r1' is released and has not left"
    assert zone.ledger.audit("PERSONS").length == 1
    place.rename(zone_camp.folder / "planted")
    assert finish(zone) == ("camp-team-1-0001-r1",)
    assert verifier.verify_file(str(place), roots(zone), demo=True).status is verifier.Status.VERIFIED
    assert audit_zone(zone, None)["holds"]


def test_a_package_that_lies_in_its_place_is_not_out_before_the_ledger_holds_it(
    zone_camp: ZoneCamp, monkeypatch: pytest.MonkeyPatch
) -> None:
    zone, number = approved(zone_camp)

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(finishing, "_write_ledger", die)
        with pytest.raises(Killed):
            release(zone, zone.request(number))
    (staged,) = (zone_camp.folder / "review" / "staging").glob("*.zip")
    place_of_the_package(zone_camp).write_bytes(staged.read_bytes())
    assert zone.ledger.audit("PERSONS").length == 0
    assert finish(zone) == ()
    assert zone.ledger.audit("PERSONS").length == 1
    assert audit_zone(zone, None)["holds"]


def test_a_package_that_was_carried_away_stops_nothing(zone_camp: ZoneCamp) -> None:
    zone, number = approved(zone_camp)
    release(zone, zone.request(number)).unlink()
    zone = zone_camp.zone()
    assert finish(zone) == ()
    assert audit_zone(zone, None)["holds"]


def test_killed_before_the_word_that_it_left_a_package_carried_away_comes_out_again_and_stops_nothing(
    zone_camp: ZoneCamp, monkeypatch: pytest.MonkeyPatch
) -> None:
    zone, number = approved(zone_camp)

    def move_and_die(source: Path, target: Path) -> None:
        move_once(source, target)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(finishing, "move_once", move_and_die)
        with pytest.raises(Killed):
            release(zone, zone.request(number))
    data = place_of_the_package(zone_camp).read_bytes()
    place_of_the_package(zone_camp).unlink()
    zone = zone_camp.zone()
    assert finish(zone) == ("camp-team-1-0001-r1",)
    assert place_of_the_package(zone_camp).read_bytes() == data
    assert finish(zone) == ()
    assert not list((zone_camp.folder / "review" / "staging").iterdir())
    assert zone.ledger.audit("PERSONS").length == 1


def test_a_staged_file_that_was_swapped_does_not_leave(zone_camp: ZoneCamp, monkeypatch: pytest.MonkeyPatch) -> None:
    zone, number = approved(zone_camp)

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(finishing, "_write_ledger", die)
        with pytest.raises(Killed):
            release(zone, zone.request(number))
    (staged,) = (zone_camp.folder / "review" / "staging").glob("*.zip")
    staged.write_bytes(b"swapped")
    with pytest.raises(IntegrityError, match="not the package that was released"):
        finish(zone)
    row = zone.request(number)
    row.package_digest = digest(b"swapped")
    row.save()
    with pytest.raises(IntegrityError, match="not the package that was released"):
        finish(zone)
    staged.unlink()
    with pytest.raises(IntegrityError, match="missing"):
        finish(zone)
    assert not list(zone_camp.folder.glob("released/*"))


# ------------------------------------------------------------------------------------------------ whom the zone trusts
def forged_manifest(zone: ControlZone, root: SigningKey, log: SigningKey) -> Envelope:
    """A manifest as an intruder would make it: an own root, own keys for the reviewers and the log."""
    keys = [KeyGrant(SigningKey.generate(KeyRole.REVIEWER, Mark.DEMO).public, name) for name in ("vera", "wim", "xena")]
    keys += [KeyGrant(log.public, "log"), KeyGrant(SigningKey.generate(KeyRole.RELEASE, Mark.DEMO).public, "release")]
    forged = replace(zone.manifest, roots=(root.public,), keys=tuple(keys))
    return seal(forged.to_document(), PayloadType.MANIFEST, root)


def test_a_manifest_under_a_root_of_ones_own_opens_nothing(zone_camp: ZoneCamp) -> None:
    from output_review.models import ManifestRow

    zone = zone_camp.zone()
    root, log = SigningKey.generate(KeyRole.ROOT, Mark.DEMO), SigningKey.generate(KeyRole.LOG, Mark.DEMO)
    ManifestRow.objects.update(envelope=forged_manifest(zone, root, log).to_document())
    with pytest.raises(IntegrityError, match="root that the site configuration does not trust"):
        zone_camp.zone()


def test_another_manifest_under_the_trusted_root_opens_nothing(zone_camp: ZoneCamp) -> None:
    from output_review.models import ManifestRow

    zone, root = zone_camp.zone(), zone_camp.key("root")
    other = seal(forged_manifest_document(zone, root), PayloadType.MANIFEST, root).to_document()
    ManifestRow.objects.create(number=2, envelope=other)
    with pytest.raises(IntegrityError, match="not the one with which the camp was opened"):
        zone_camp.zone()
    ManifestRow.objects.filter(number=2).delete()
    assert zone_camp.zone().manifest == zone.manifest
    ManifestRow.objects.update(envelope=other)
    with pytest.raises(IntegrityError, match="not the one with which the camp was opened"):
        zone_camp.zone()


def forged_manifest_document(zone: ControlZone, root: SigningKey) -> dict[str, object]:
    forged = replace(zone.manifest, people=tuple(one for one in zone.manifest.people if one.name != "anna"))
    assert forged.roots == (root.public,)
    return forged.to_document()


def test_a_camp_that_names_another_site_than_the_one_in_force_opens_nothing(zone_camp: ZoneCamp) -> None:
    from output_review.models import CampRow

    site = zone_camp.office / "site.toml"
    engines = zone_camp.zone().engines
    assert open_zone(zone_camp.folder, engines, site).site.path == site.resolve()
    (zone_camp.office / "own.toml").write_text(site.read_text())
    CampRow.objects.update(site=str(zone_camp.office / "own.toml"))
    with pytest.raises(IntegrityError, match="another site configuration"):
        open_zone(zone_camp.folder, engines, site)


@pytest.mark.parametrize(
    "roots_line", ["", "roots = []", 'roots = ["SHA256:short"]', 'roots = "SHA256:' + "0" * 64 + '"']
)
def test_a_site_without_the_roots_it_trusts_is_refused(zone_camp: ZoneCamp, roots_line: str) -> None:
    site = zone_camp.office / "site.toml"
    lines = [roots_line if line.startswith("roots") else line for line in site.read_text().splitlines()]
    site.write_text("\n".join(lines))
    with pytest.raises(DocumentError, match="expected roots"):
        zone_camp.zone()


def test_a_camp_opens_only_with_a_root_key_that_the_site_trusts(zone_camp: ZoneCamp, tmp_path: Path) -> None:
    camp = tmp_path / "new"
    shutil.copytree(zone_camp.folder, camp, ignore=shutil.ignore_patterns("review", "released", "outbox", "inbox"))
    site = zone_camp.office / "site.toml"
    (root,) = zone_camp.zone().site.roots
    site.write_text(site.read_text().replace(root, f"DEMO-SHA256:{'0' * 64}"))
    with pytest.raises(IntegrityError, match="not among the roots"):
        open_camp(camp, site)
    assert not (camp / "review").exists()
    site.write_text(site.read_text().replace(f"DEMO-SHA256:{'0' * 64}", root))
    assert [one.fingerprint for one in open_camp(camp, site).roots] == [root]


def test_a_head_under_a_key_that_is_not_the_logs_is_not_made(zone_camp: ZoneCamp) -> None:
    zone = zone_camp.zone()
    with pytest.raises(IntegrityError, match="not the one in the manifest"):
        zone.sign_head(SigningKey.generate(KeyRole.LOG, Mark.DEMO))


# -------------------------------------------------------------------------------------------- the ledger under the log
def chain_file(made: ZoneCamp) -> Path:
    return made.office / "ledger" / "PERSONS" / "chain.jsonl"


def cut_off(made: ZoneCamp) -> None:
    chain_file(made).write_bytes(b"")


def delete_ledger(made: ZoneCamp) -> None:
    shutil.rmtree(made.office / "ledger")


def write_anew(made: ZoneCamp) -> None:
    chain_file(made).unlink()
    facts = {"package": "other", "output": "other", "content": f"sha256:{'0' * 64}"}
    record(FileLog(chain_file(made)), time=datetime.now(UTC), actor="release", action="released", payload=facts)


def content_of(made: ZoneCamp) -> Path:
    (content,) = (path for path in (chain_file(made).parent / "content").rglob("*") if path.is_file())
    return content


def lose_content(made: ZoneCamp) -> None:
    content_of(made).unlink()


def change_content(made: ZoneCamp) -> None:
    content_of(made).chmod(0o640)
    content_of(made).write_bytes(b"{}")


def lose_contents(made: ZoneCamp) -> None:
    shutil.rmtree(chain_file(made).parent / "content")


def spoil_line(made: ZoneCamp) -> None:
    chain_file(made).write_bytes(b"{}\n")


@pytest.mark.parametrize(
    "harm", [cut_off, delete_ledger, write_anew, lose_content, change_content, lose_contents, spoil_line]
)
def test_a_ledger_that_was_harmed_is_named_by_the_audit_and_nothing_more_is_released(
    zone_camp: ZoneCamp, harm: Callable[[ZoneCamp], None]
) -> None:
    zone, number = approved(zone_camp)
    release(zone, zone.request(number))
    assert audit_zone(zone, None)["ledgers"] == {"PERSONS": "1 entries, unbroken"}
    zone_camp.hand_in({"by-wijk": zone_camp.recipe()}, number=2)
    zone, number = taken_in(zone_camp)
    vote_all(zone, number)
    for reviewer in ("vera", "wim"):
        sign(zone_camp, zone, number, reviewer)
    harm(zone_camp)
    found = audit_zone(zone, None)
    assert not found["holds"]
    assert found["ledgers"]["PERSONS"].startswith("BROKEN at entry 1")
    with pytest.raises(IntegrityError, match="ledger of PERSONS is broken"):
        release(zone, zone.request(number))
    assert State(zone.request(number).state) is State.APPROVED


def test_a_camp_remembers_what_the_ledger_held_before_it_was_opened(zone_camp: ZoneCamp, tmp_path: Path) -> None:
    zone, number = approved(zone_camp)
    release(zone, zone.request(number))
    camp = tmp_path / "new"
    shutil.copytree(zone_camp.folder, camp, ignore=shutil.ignore_patterns("review", "released", "outbox", "inbox"))
    open_camp(camp, zone_camp.office / "site.toml")
    later = open_zone(camp, zone.engines)
    assert audit_zone(later, None)["holds"]
    cut_off(zone_camp)
    assert not audit_zone(later, None)["holds"]


def test_the_checkpoint_of_the_ledger_is_under_a_signed_head(zone_camp: ZoneCamp) -> None:
    from output_review.log.database import DatabaseLog
    from output_review.models import HeadRow

    zone, number = approved(zone_camp)
    release(zone, zone.request(number))
    last = DatabaseLog().last()
    assert last is not None
    report = zone.ledger.audit("PERSONS")
    assert (last.action, last.payload["ledger.PERSONS"]) == ("ledger", f"1 {report.hash}")
    assert HeadRow.objects.order_by("-sequence")[0].sequence == last.sequence


# ----------------------------------------------------------------------------------------- what is shown is what leaves
@pytest.mark.parametrize(
    ("field", "value"), [("verdict", "safe"), ("level", "reproduced"), ("rules", ["minimum_count"])]
)
def test_a_verdict_level_or_rule_that_the_evidence_does_not_come_to_is_not_signed(
    zone_camp: ZoneCamp, field: str, value: object
) -> None:
    recipe = zone_camp.recipe(sql=EVERYONE) if field == "verdict" else zone_camp.recipe()
    zone_camp.hand_in({"by-wijk": recipe})
    zone, number = taken_in(zone_camp)
    output = zone.request(number).outputs.get()
    assert getattr(output, field) != value
    zone.request(number).outputs.update(**{field: value})
    vote_all(zone, number)
    with pytest.raises(IntegrityError, match="not those that its evidence comes to"):
        statement(zone, zone.request(number), "vera")
    with pytest.raises(IntegrityError, match="not those that its evidence comes to"):
        detail(zone, zone.request(number))


@pytest.mark.parametrize(("field", "value"), [("verdict", "unsafe"), ("level", "reproduced"), ("rules", [])])
def test_a_row_that_was_changed_after_signing_is_not_released(zone_camp: ZoneCamp, field: str, value: object) -> None:
    zone, number = approved(zone_camp)
    zone.request(number).outputs.update(**{field: value})
    with pytest.raises(ReleaseError, match="Nothing was released"):
        release(zone, zone.request(number))
    assert State(zone.request(number).state) is State.IN_REVIEW
    assert not list(zone_camp.folder.glob("released/*"))


def test_an_output_with_the_job_of_another_recipe_is_not_signed(zone_camp: ZoneCamp) -> None:
    zone_camp.hand_in({"by-wijk": zone_camp.recipe()})
    zone, number = taken_in(zone_camp)
    vote_all(zone, number)
    zone.request(number).outputs.update(recipe=zone_camp.recipe(suppressed=True).to_json())
    with pytest.raises(IntegrityError, match="another recipe"):
        statement(zone, zone.request(number), "vera")


# ------------------------------------------------------------------------------------------------------------- records
def test_frames_that_a_killed_process_left_are_swept_at_the_next_start(zone_camp: ZoneCamp) -> None:
    zone_camp.hand_in({"by-wijk": zone_camp.recipe(lazy=False)})
    zone = zone_camp.zone()
    (done,) = ingest(zone)
    folder = zone_camp.folder / "review" / "handover"

    def reproduce_and_die(camp: object, reproduction: object, into: Path) -> None:
        assert into == folder
        assert into.stat().st_mode & 0o777 == 0o700
        (into / "by-wijk.arrow").write_bytes(b"000000001")
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        # A signal that nobody catches runs no clean-up.
        patch.setattr(tabulating, "sweep", lambda _: None)
        with pytest.raises(Killed):
            tabulate(zone_camp.zone(reproduce=reproduce_and_die), zone.request(done.request))
    assert list(folder.iterdir())
    opened_by_a_command(zone_camp.folder, lambda: zone.engines)
    assert not folder.exists()
    tabulate(zone_camp.zone(), zone.request(done.request))
    assert not folder.exists()


def test_a_link_in_the_place_of_the_folder_for_frames_is_not_followed(zone_camp: ZoneCamp, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").touch()
    (zone_camp.folder / "review" / "handover").symlink_to(outside)
    zone_camp.hand_in({"by-wijk": zone_camp.recipe()})
    taken_in(zone_camp)
    assert (outside / "kept").exists()
    assert not (zone_camp.folder / "review" / "handover").is_symlink()
