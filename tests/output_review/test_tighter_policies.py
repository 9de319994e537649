"""A notebook may tighten the camp's policy: the control zone judges by what was asked, and takes nothing laxer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from disclosure.check import judged, received
from disclosure.errors import DatakampError, IntegrityError, PolicyError
from disclosure.model.recipes import PolicyReference
from disclosure.policy import Policy, load_policy, tightened
from output_review.domain.votes import Vote
from output_review.services import judging
from output_review.services.ingest import ingest
from output_review.services.judging import job_for, judged_again, policy_for
from output_review.services.releasing import release
from output_review.services.reviewing import vote
from output_review.services.signing_off import sign_off, statement
from output_review.services.tabulating import tabulate
from output_review.services.zone import ControlZone
from output_review.signing.signoff import Decision
from output_review.verify import verifier
from tests.output_review.zone_camp import ZoneCamp


def tighter(zone: ControlZone, minimum: int) -> Policy:
    return tightened(zone.policy, minimum_units=minimum)


def taken_in(made: ZoneCamp, by: PolicyReference) -> tuple[ControlZone, Any]:
    made.hand_in({"by-wijk": made.recipe(policy=by)})
    zone = made.zone()
    (done,) = ingest(zone)
    assert done.refused == ""
    row = zone.request(done.request)
    tabulate(zone, row)
    return zone, zone.request(row.pk)


def test_an_output_that_is_safe_under_the_camps_policy_is_unsafe_under_a_tighter_one(zone_camp: ZoneCamp) -> None:
    by = tighter(zone_camp.zone(), 79)
    zone, row = taken_in(zone_camp, by.reference)
    output = row.outputs.get()
    assert (output.level, output.verdict, output.note) == ("recomputed", "unsafe", "")
    table = judged_again(zone, output)
    assert table.recipe.policy == by.reference
    assert table.failing.any()


def test_an_output_under_a_tighter_policy_is_signed_and_released(zone_camp: ZoneCamp) -> None:
    zone, row = taken_in(zone_camp, tighter(zone_camp.zone(), 20).reference)
    assert row.outputs.get().verdict == "safe"
    for reviewer in ("vera", "wim"):
        vote(zone, zone.request(row.pk), ("by-wijk",), Vote(reviewer, Decision.APPROVE))
    for reviewer in ("vera", "wim"):
        asked = zone.request(row.pk)
        sign_off(zone, asked, statement(zone, asked, reviewer), zone_camp.key(reviewer))
    path = release(zone, zone.request(row.pk))
    report = verifier.verify_file(str(path), [one.fingerprint for one in zone.manifest.roots], demo=True)
    assert report.status is verifier.Status.VERIFIED
    # The certificate names the camp's policy: what a team tightened stays inside.
    assert report.facts["policy"] == f"cbs {zone.policy.version}"


def test_the_job_carries_the_policy_that_was_asked_for(zone_camp: ZoneCamp) -> None:
    zone = zone_camp.zone()
    by = tighter(zone, 20)
    job = job_for(zone, zone_camp.recipe(policy=by.reference), "team-1")
    assert 'name = "cbs; minimum_units=20"' in job.policy
    assert policy_for(zone, job.recipe) == by
    assert policy_for(zone, zone_camp.recipe()) is zone.policy


@pytest.mark.parametrize("name", ["abs", "sacro", "essnet"])
def test_a_policy_that_is_not_at_least_as_strict_is_refused(zone_camp: ZoneCamp, name: str) -> None:
    zone_camp.hand_in({"by-wijk": zone_camp.recipe(policy=load_policy(name).reference)})
    (done,) = ingest(zone_camp.zone())
    assert "under another policy than the camp's" in done.refused
    with pytest.raises(PolicyError, match="not at least as strict"):
        job_for(zone_camp.zone(), zone_camp.recipe(policy=load_policy(name).reference), "team-1")


def test_a_name_with_anothers_digest_and_an_unknown_name_are_refused(zone_camp: ZoneCamp) -> None:
    zone = zone_camp.zone()
    by = tighter(zone, 20)
    for forged in (
        replace(by.reference, digest=zone.policy.digest),
        replace(zone.policy.reference, digest=by.digest),
        PolicyReference("cbs; minimum_units=5", by.digest),
        PolicyReference("office; minimum_units=20", by.digest),
    ):
        with pytest.raises(PolicyError):
            job_for(zone, zone_camp.recipe(policy=forged), "team-1")


def test_evidence_under_a_tighter_policy_is_not_judged_by_the_camps(
    zone_camp: ZoneCamp, monkeypatch: pytest.MonkeyPatch
) -> None:
    zone, row = taken_in(zone_camp, tighter(zone_camp.zone(), 79).reference)
    job, result = judging.tabulated(zone, row.outputs.get())
    with pytest.raises(DatakampError):
        judged(job.recipe, received(job, result), zone.policy)
    monkeypatch.setattr(judging, "policy_for", lambda zone, _: zone.policy)
    with pytest.raises((PolicyError, IntegrityError)):
        judged_again(zone, row.outputs.get())
