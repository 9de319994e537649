"""A release is recalled by a quorum; ledger, log and package keep what left."""

from __future__ import annotations

import json

import pytest

from disclosure.errors import BadInputError, StateError
from disclosure.exchange.incidents import begin_closing
from output_review.domain.permissions import PermissionRefusedError
from output_review.domain.states import State
from output_review.services.auditing import audit_zone
from output_review.services.finishing import finish
from output_review.services.recalling import recall, recalls_missing
from output_review.services.releasing import release
from output_review.verify import verifier
from tests.output_review.workflow_camp import submitted, without_people
from tests.output_review.zone_camp import ZoneCamp


def test_a_quorum_recalls_a_release_and_everything_about_it_is_kept(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp)
    made.released()
    package = zone_camp.folder / "released" / f"{made.row.package}.zip"
    before = package.read_bytes()
    assert recall(made.zone, made.row, "vera", "A cell tells too much.") is State.RELEASED
    assert recalls_missing(made.zone, made.row) == 1
    assert recall(made.zone, made.row, "yara", "I agree.") is State.RECALLED
    row = made.row
    assert (row.state, row.reason) == ("recalled", "A cell tells too much.\nI agree.")
    assert package.read_bytes() == before
    assert made.zone.ledger.audit("PERSONS").length == 1
    assert audit_zone(made.zone, None)["holds"]
    told = json.loads((zone_camp.folder / "inbox" / "team-1" / "1.json").read_bytes())
    assert told["state"] == "recalled"


def test_a_package_that_was_recalled_verifies_as_before(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp)
    made.released()
    for name in ("vera", "wim"):
        recall(made.zone, made.row, name, "Wrong data.")
    assert finish(made.zone) == ()
    path = zone_camp.folder / "released" / f"{made.row.package}.zip"
    roots = [root.fingerprint for root in made.zone.manifest.roots]
    assert verifier.verify_file(str(path), roots, demo=True).status is verifier.Status.VERIFIED


def test_the_word_of_a_reviewer_who_was_taken_out_counts_no_more(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp)
    made.released()
    recall(made.zone, made.row, "vera", "Wrong data.")
    without = without_people(made.zone, "vera")
    assert (recalls_missing(made.zone, made.row), recalls_missing(without, made.row)) == (1, 2)
    assert recall(without, made.row, "wim", "I agree.") is State.RELEASED
    assert recall(without, made.row, "yara", "So do I.") is State.RECALLED
    assert made.row.reason == "I agree.\nSo do I."


def test_who_comes_back_counts_again_and_a_repeated_word_carries_the_recall_out(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp)
    made.released()
    recall(made.zone, made.row, "vera", "Wrong data.")
    assert recall(without_people(made.zone, "vera"), made.row, "wim", "I agree.") is State.RELEASED
    assert recalls_missing(made.zone, made.row) == 0
    assert recall(made.zone, made.row, "wim", "I agree.") is State.RECALLED
    assert made.row.recalls.count() == 2


def test_in_a_camp_that_is_closed_nothing_is_recalled(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp)
    made.released()
    begin_closing(zone_camp.folder)
    with pytest.raises(StateError, match="closed"):
        recall(made.zone, made.row, "vera", "Wrong data.")
    assert made.row.recalls.count() == 0


def test_one_reviewer_counts_once(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp)
    made.released()
    recall(made.zone, made.row, "vera", "Wrong data.")
    with pytest.raises(StateError, match="said so already"):
        recall(made.zone, made.row, "vera", "Wrong data!")
    assert made.state is State.RELEASED


def test_only_reviewers_of_another_team_recall_and_with_a_reason(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp)
    made.released()
    for name in ("anna", "xena", "nobody"):
        with pytest.raises(PermissionRefusedError):
            recall(made.zone, made.row, name, "Wrong data.")
    with pytest.raises(BadInputError):
        recall(made.zone, made.row, "vera", " ")
    assert made.row.recalls.count() == 0


def test_only_what_has_left_is_recalled(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp)
    with pytest.raises(StateError, match="cannot become recalled"):
        recall(made.zone, made.row, "vera", "Wrong data.")
    made.approved()
    with pytest.raises(StateError, match="cannot become recalled"):
        recall(made.zone, made.row, "vera", "Wrong data.")
    release(made.zone, made.row)
    row = made.row
    row.moved_out = False
    row.save()
    with pytest.raises(StateError, match="not finished"):
        recall(made.zone, made.row, "vera", "Wrong data.")
    finish(made.zone)
    assert recall(made.zone, made.row, "vera", "Wrong data.") is State.RELEASED


def test_what_is_recalled_is_not_released_again(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp)
    made.released()
    for name in ("vera", "wim"):
        recall(made.zone, made.row, name, "Wrong data.")
    with pytest.raises(StateError, match="cannot become released"):
        release(made.zone, made.row)
