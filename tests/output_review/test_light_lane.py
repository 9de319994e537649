"""The light lane: what can be checked in minutes, and what one reviewer may approve where the camp says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from disclosure.errors import DocumentError, StateError
from disclosure.exchange.camp import read_camp
from disclosure.model.verdicts import Level, Status
from output_review.domain.lanes import Lane, Weight, lane_of
from output_review.domain.states import State
from output_review.domain.votes import Outcome, Reason, Vote
from output_review.services.ingest import ingest
from output_review.services.releasing import release
from output_review.services.reviewing import outcomes, vote
from output_review.services.settling import check_outputs, settle
from output_review.services.signatures import signatures_needed
from output_review.services.tabulating import tabulate
from output_review.signing.keys import KeyRole
from output_review.signing.manifest import Manifest, Quorum
from output_review.signing.quorum import Subject, check_quorum, is_light
from output_review.verify import verifier
from tests.output_review import zone_camp as zone_camp_module
from tests.output_review.trust_camp import TrustCamp, approved
from tests.output_review.workflow_camp import APPROVE, REJECT, submitted
from tests.output_review.zone_camp import EVERYONE, ZoneCamp

TABLE = Weight(Status.SAFE, Level.RECOMPUTED, cells=40)


# ------------------------------------------------------------------------------------------------------------ the lane
def test_five_tables_of_two_hundred_cells_are_light_and_one_more_of_either_is_not() -> None:
    assert lane_of([TABLE] * 5) is Lane.LIGHT
    assert lane_of([TABLE] * 6) is Lane.ORDINARY
    assert lane_of([replace(TABLE, cells=200)]) is Lane.LIGHT
    assert lane_of([replace(TABLE, cells=201)]) is Lane.ORDINARY
    assert lane_of([*[TABLE] * 4, replace(TABLE, cells=41)]) is Lane.ORDINARY
    assert lane_of([]) is Lane.ORDINARY


@pytest.mark.parametrize(
    "other",
    [
        replace(TABLE, status=Status.UNSAFE),
        replace(TABLE, status=Status.INCONCLUSIVE),
        replace(TABLE, level=Level.UNVERIFIED),
        replace(TABLE, cells=0),
        replace(TABLE, free_text=True),
    ],
)
def test_one_output_that_takes_thought_takes_the_whole_request_out_of_the_lane(other: Weight) -> None:
    assert lane_of([TABLE, other]) is Lane.ORDINARY
    assert lane_of([TABLE, replace(TABLE, level=Level.REPRODUCED)]) is Lane.LIGHT


def test_the_lane_is_settled_when_everything_is_tabulated(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp, tabulated=False)
    settle(made.zone, made.row)
    assert made.row.lane == ""
    tabulate(made.zone, made.row)
    assert made.row.lane == "light"


def test_an_unsafe_request_is_in_the_ordinary_lane(zone_camp: ZoneCamp) -> None:
    assert submitted(zone_camp, sql=EVERYONE).row.lane == "ordinary"


# ------------------------------------------------------------------------------------------------------------ the caps
def capped(made: ZoneCamp, line: str) -> None:
    with (made.folder / "camp.toml").open("a") as file:
        file.write(f"[review]\n{line}\n")


def test_more_outputs_than_the_camp_reviews_at_once_are_refused_with_the_remedy(zone_camp: ZoneCamp) -> None:
    capped(zone_camp, "outputs = 2")
    zone = zone_camp.zone()
    check_outputs(zone, 2)
    with pytest.raises(DocumentError, match="Hand in fewer"):
        check_outputs(zone, 3)
    zone_camp.hand_in({name: zone_camp.recipe() for name in ("a", "b")}, number=1)
    zone_camp.hand_in({name: zone_camp.recipe() for name in ("a", "b", "c")}, number=2)
    assert [bool(one.refused) for one in ingest(zone)] == [False, True]


def test_more_cells_than_the_camp_reviews_at_once_are_refused_once_they_are_counted(zone_camp: ZoneCamp) -> None:
    counted = sum(one.cells for one in submitted(zone_camp, "a", "b").row.outputs.all())
    assert counted > 0
    capped(zone_camp, f"cells = {counted - 1}")
    zone_camp.hand_in({name: zone_camp.recipe() for name in ("a", "b")}, number=2)
    zone = zone_camp.zone()
    row = zone.request(ingest(zone)[-1].request)
    tabulate(zone, row)
    row.refresh_from_db()
    assert State(row.state) is State.REFUSED
    assert f"{counted} cells" in row.reason
    assert "Hand in fewer" in row.reason


def test_just_as_many_cells_as_the_camp_reviews_at_once_are_taken(zone_camp: ZoneCamp) -> None:
    capped(zone_camp, f"cells = {sum(one.cells for one in submitted(zone_camp).row.outputs.all())}")
    zone_camp.hand_in({"by-wijk": zone_camp.recipe()}, number=2)
    zone = zone_camp.zone()
    row = zone.request(ingest(zone)[-1].request)
    tabulate(zone, row)
    row.refresh_from_db()
    assert State(row.state) is State.SUBMITTED


def test_what_is_in_review_is_not_refused_by_the_gate(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp)
    made.vote("vera")
    capped(zone_camp, "cells = 1")
    settle(zone_camp.zone(), made.row)
    assert made.state is State.IN_REVIEW


# ------------------------------------------------------------------------------- one reviewer, where the camp says so
@pytest.fixture(scope="module")
def light_camp(tmp_path_factory: pytest.TempPathFactory) -> ZoneCamp:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(zone_camp_module, "CAMP", zone_camp_module.CAMP + "[quorum]\nlight = 1\n")
        return ZoneCamp.made(tmp_path_factory.mktemp("light"))


@pytest.fixture
def light(light_camp: ZoneCamp, tmp_path: Path) -> ZoneCamp:
    return light_camp.copied(tmp_path)


def reviewers(made: ZoneCamp, path: Path) -> list[str]:
    roots = [root.fingerprint for root in made.zone().manifest.roots]
    report = verifier.verify_file(str(path), roots, demo=True)
    assert report.status is verifier.Status.VERIFIED, report.problems
    return list(report.facts["reviewers"])


def test_one_reviewer_approves_a_light_request_and_its_package_verifies(light: ZoneCamp) -> None:
    made = submitted(light)
    made.vote("vera")
    assert outcomes(made.zone, made.row) == {"by-wijk": Outcome.APPROVED}
    assert made.sign("vera") is State.APPROVED
    assert reviewers(light, release(made.zone, made.row)) == ["vera"]


def test_an_ordinary_request_takes_two_there_too(light: ZoneCamp) -> None:
    made = submitted(light, *(f"table-{place}" for place in range(6)))
    made.vote("vera")
    assert made.sign("vera") is State.IN_REVIEW
    made.vote("wim")
    assert made.sign("wim") is State.APPROVED


def test_an_exception_takes_three_there_too(light: ZoneCamp) -> None:
    made = submitted(light, sql=EVERYONE)
    for name, state in (("vera", State.IN_REVIEW), ("wim", State.IN_REVIEW), ("yara", State.APPROVED)):
        given = Vote(name, APPROVE, Reason.PUBLIC_KNOWLEDGE, "published on StatLine")
        vote(made.zone, made.row, ("by-wijk",), given)
        if name == "yara":
            assert [made.sign(one) for one in ("vera", "wim", "yara")][-1] is state


def test_what_withholds_an_output_takes_two_there_too(light: ZoneCamp) -> None:
    made = submitted(light, "by-wijk", "more")
    for name in ("vera", "wim"):
        made.vote(name, REJECT, "more")
        made.vote(name, APPROVE, "by-wijk")
    assert made.sign("vera") is State.IN_REVIEW
    assert made.sign("wim") is State.APPROVED
    assert reviewers(light, release(made.zone, made.row)) == ["vera", "wim"]


def test_a_lane_that_somebody_wrote_into_the_database_approves_nothing(light: ZoneCamp) -> None:
    made = submitted(light, *(f"table-{place}" for place in range(6)))
    row = made.row
    row.lane = "light"
    row.save()
    made.vote("vera")
    assert made.sign("vera") is State.IN_REVIEW
    with pytest.raises(StateError, match="1 of 2 reviewers"):
        release(made.zone, made.row)


def test_a_dissent_blocks_a_light_request(light: ZoneCamp) -> None:
    made = submitted(light)
    made.vote("vera")
    made.vote("wim", REJECT)
    assert made.sign("vera") is State.IN_REVIEW


def test_without_a_word_of_the_camp_a_light_request_takes_two(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp)
    assert made.row.lane == "light"
    made.vote("vera")
    assert made.sign("vera") is State.IN_REVIEW


# ------------------------------------------------------------------------------------------------- the signed manifest
def test_a_light_quorum_is_at_least_one_and_less_than_the_ordinary() -> None:
    assert Quorum(2, 3, 1).light == 1
    assert Quorum(3, 4, 2).light == 2
    for light in (0, 2, 3, True):
        with pytest.raises(DocumentError):
            Quorum(2, 3, light)
    for document in ({"ordinary": 2, "exception": 3, "light": None}, {"ordinary": 2, "exception": 3, "lite": 1}):
        with pytest.raises(DocumentError):
            Quorum.from_document(document)


def test_a_manifest_without_one_is_written_as_before_and_one_with_it_is_read_again() -> None:
    assert Quorum().to_document() == {"ordinary": 2, "exception": 3}
    manifest = replace(TrustCamp().manifest, quorum=Quorum(2, 3, 1))
    assert Manifest.from_document(manifest.to_document()) == manifest


def test_camp_toml_says_how_it_reviews(zone_camp: ZoneCamp) -> None:
    path = zone_camp.folder / "camp.toml"
    text = path.read_text()
    assert read_camp(zone_camp.folder).review_rules.outputs == 40
    assert read_camp(zone_camp.folder).light_quorum is None
    path.write_text(f"{text}[review]\nanswer_hours = 4\n[quorum]\nlight = 1\n")
    camp = read_camp(zone_camp.folder)
    assert (camp.review_rules.answer_hours, camp.light_quorum) == (4, 1)
    for wrong in ("cells = 0", "shared = 1", "speed = 3", "claim_minutes = 0.5", "outputs = '3'"):
        path.write_text(f"{text}[review]\n{wrong}\n")
        with pytest.raises(DocumentError):
            read_camp(zone_camp.folder)


def subject(made: TrustCamp, *, cells: int | None = 12, withheld: int = 0) -> Subject:
    digest = made.manifest_envelope().digest
    return Subject("camp", "team-1", "7", 2, digest, made.outputs, cells=cells, withheld=withheld)


def without_withheld(made: TrustCamp) -> TrustCamp:
    return replace(made, change_sign_off=lambda each: replace(each, withheld=()))


LIGHT = replace(TrustCamp(), change_manifest=lambda each: replace(each, quorum=Quorum(2, 3, 1)), signers=("vera",))


@pytest.mark.parametrize(("cells", "reaches"), [(1, True), (200, True), (201, False), (0, False), (None, False)])
def test_one_signature_is_enough_for_what_is_light(cells: int | None, reaches: bool) -> None:
    made = without_withheld(LIGHT)
    about = subject(made, cells=cells)
    assert is_light(about) is reaches
    if reaches:
        assert len(check_quorum([made.sign_off("vera")], made.manifest, about, sequence=4)) == 1
    else:
        with pytest.raises(StateError, match="1 of 2"):
            check_quorum([made.sign_off("vera")], made.manifest, about, sequence=4)


def test_a_signature_that_withholds_something_is_not_enough_whatever_the_caller_says() -> None:
    with pytest.raises(StateError, match="1 of 2"):
        check_quorum([LIGHT.sign_off("vera")], LIGHT.manifest, subject(LIGHT), sequence=4)
    made = without_withheld(LIGHT)
    with pytest.raises(StateError, match="1 of 2"):
        check_quorum([made.sign_off("vera")], made.manifest, subject(made, withheld=1), sequence=4)


def table(cells: int, schema: str = "datakamp-table/2") -> bytes:
    shown = ",".join('{"cell":{"wijk":"A"},"status":"published","value":"10"}' for _ in range(cells))
    return f'{{"cells":[{shown}],"schema":"{schema}"}}'.encode()


def packaged(files: dict[str, bytes], change: Callable[[TrustCamp], TrustCamp] = without_withheld) -> str:
    """Return what the verifier says of a package with these files that vera alone has signed."""
    made = change(replace(LIGHT, files=files, outputs=approved(files)))
    fingerprint = made.key("office", KeyRole.ROOT).public.fingerprint
    report = verifier.verify(made.package(), [fingerprint])
    return report.status.value if not report.problems else report.problems[0].message


def test_the_verifier_counts_the_cells_itself() -> None:
    assert packaged({"income.json": table(200)}) == "verified"
    assert packaged({"income.json": table(100), "persons.json": table(100)}) == "verified"
    assert packaged({"income.json": table(201)}) == "1 of 2 reviewers signed"
    assert packaged({"income.json": table(100), "persons.json": table(101)}) == "1 of 2 reviewers signed"
    assert packaged({"income.json": table(0)}) == "1 of 2 reviewers signed"


@pytest.mark.parametrize("data", [table(3, "datakamp-text/1"), b"[]", b"{", b'{"schema":"datakamp-table/2"}', b"\xff"])
def test_the_verifier_takes_nothing_else_for_a_table(data: bytes) -> None:
    assert packaged({"income.json": data}) == "1 of 2 reviewers signed"
    assert packaged({"income.csv": b"wijk,income\n"}) == "1 of 2 reviewers signed"


def test_the_verifier_takes_six_tables_or_a_withheld_output_for_ordinary() -> None:
    tables = {f"table-{place}.json": table(1) for place in range(6)}
    assert packaged(tables) == "1 of 2 reviewers signed"
    tables.popitem()
    assert packaged(tables) == "verified"
    assert packaged(tables, lambda made: made) == "1 of 2 reviewers signed"


def test_the_verifier_asks_for_two_where_the_manifest_says_nothing_of_light() -> None:
    def plain(made: TrustCamp) -> TrustCamp:
        return without_withheld(replace(made, change_manifest=lambda each: each))

    assert packaged({"income.json": table(1)}, plain) == "1 of 2 reviewers signed"


def test_with_an_output_withheld_a_light_request_takes_the_signatures_of_an_ordinary_one(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp, "one", "two")
    made.zone = replace(made.zone, manifest=replace(made.zone.manifest, quorum=Quorum(2, 3, 1)))
    assert signatures_needed(made.zone, made.row, "vera") == 1
    made.vote("vera", APPROVE, "one")
    assert signatures_needed(made.zone, made.row, "wim") == 1
    made.vote("vera", REJECT, "two")
    assert signatures_needed(made.zone, made.row) == 2
    assert signatures_needed(made.zone, made.row, "vera") == 2
    assert made.sign("vera") is State.IN_REVIEW
    with pytest.raises(StateError, match="1 of 2 reviewers have signed"):
        release(made.zone, made.row)
