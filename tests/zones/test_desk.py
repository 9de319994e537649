"""A reviewer's desk: what is laid out, what is signed there, and what of it counts."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from disclosure.errors import IntegrityError, ReleaseError, StateError
from disclosure.exchange.camp import CODEBOOK_FILE, DATA_FILE
from disclosure.exchange.files import file_digest
from disclosure.exchange.registered import RECORD, record_bytes
from disclosure.exchange.zones import SIGNED, WrongUserError, Zone, desk, staging_folder
from output_review.domain.states import State
from output_review.domain.votes import Reason, Vote
from output_review.services import desk as desks
from output_review.services import releasing
from output_review.services.ingest import ingest
from output_review.services.opening import open_camp
from output_review.services.releasing import release
from output_review.services.reviewing import vote
from output_review.services.tabulating import tabulate
from output_review.services.zone import ControlZone
from output_review.signing.signoff import Decision
from tests.output_review import zone_camp
from tests.output_review.zone_camp import ZoneCamp


def opened_with_users(folder: Path, site: Path) -> object:
    """Open a camp whose data set is registered; the folders between zones are made by hand, for one user."""
    data = folder / "microdata" / "PERSONS"
    names = (DATA_FILE, CODEBOOK_FILE, "wijken.geojson")
    (data / RECORD).write_bytes(record_bytes("PERSONS", {one: file_digest(data / one) for one in names}))
    for name in zone_camp.REVIEWERS:
        (folder / "desks" / name / SIGNED).mkdir(parents=True)
    (folder / "staging").mkdir()
    return open_camp(folder, site)


@pytest.fixture(scope="module")
def separated_camp(tmp_path_factory: pytest.TempPathFactory) -> ZoneCamp:
    text = zone_camp.CAMP.replace('mode = "one-user"', 'mode = "user-per-zone"\nusers = "nobody-"')
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(zone_camp, "CAMP", text)
        patched.setattr(zone_camp, "open_camp", opened_with_users)
        return ZoneCamp.made(tmp_path_factory.mktemp("separated"))


@pytest.fixture
def made(separated_camp: ZoneCamp, tmp_path: Path) -> ZoneCamp:
    return separated_camp.copied(tmp_path)


def voted(made: ZoneCamp) -> tuple[ControlZone, int]:
    """A request on which two reviewers have voted."""
    made.hand_in({"by-wijk": made.recipe()})
    zone = made.zone()
    row = zone.request(ingest(zone)[0].request)
    tabulate(zone, row)
    assert row.outputs.get().level == "recomputed", row.outputs.get().note
    for name in ("vera", "wim"):
        vote(zone, zone.request(row.pk), ("by-wijk",), Vote(name, Decision.APPROVE))
    return zone, row.pk


def signed(made: ZoneCamp, reviewer: str, number: int, *, key: str = "") -> Path:
    """What a reviewer leaves behind."""
    return desks.sign_at_desk(made.camp, desks.laid_out(made.camp, reviewer, number), made.key(key or reviewer))


def test_what_was_voted_on_is_laid_out_signed_and_taken_in(made: ZoneCamp) -> None:
    zone, number = voted(made)
    with pytest.raises(StateError, match="does not lie on the desk"):
        desks.laid_out(made.camp, "vera", number)
    desks.lay_out(zone)
    assert sorted(one.name for one in (made.folder / "desks").iterdir() if (one / str(number)).exists()) == [
        "vera", "wim",
    ]  # fmt: skip
    files = desks.files_of(made.camp, "vera", number)
    assert (files / "by-wijk.csv").read_bytes().startswith(b"wijk")
    for name, state in (("vera", State.IN_REVIEW), ("wim", State.APPROVED)):
        signed(made, name, number)
        assert desks.collect(zone) == ()
        assert zone.request(number).state == state.value
        assert not (desk(made.camp, name) / str(number)).exists()
    desks.lay_out(zone)
    assert not (desk(made.camp, "vera") / str(number)).exists()
    assert desks.collect(zone) == ()
    assert release(zone, zone.request(number)).is_file()
    assert list(staging_folder(made.camp).iterdir()) == []


def test_who_came_in_while_the_camp_runs_and_has_no_desk_yet_stops_nobody_else(made: ZoneCamp) -> None:
    zone, number = voted(made)
    (desk(made.camp, "vera") / SIGNED).rmdir()
    desk(made.camp, "vera").rmdir()
    (told,) = desks.lay_out(zone)
    assert (
        told == f"Request {number} cannot be laid out for vera, who has no desk yet. Root makes it: datakamp camp users"
    )
    assert desks.collect(zone) == ()
    assert not desk(made.camp, "vera").exists()
    assert desks.laid_out(made.camp, "wim", number).reviewer == "wim"
    (desk(made.camp, "vera") / SIGNED).mkdir(parents=True)
    assert desks.lay_out(zone) == ()
    assert desks.laid_out(made.camp, "vera", number).reviewer == "vera"


def test_whoever_has_not_voted_on_everything_finds_nothing(made: ZoneCamp) -> None:
    made.hand_in({"by-wijk": made.recipe(), "more": made.recipe(sql=zone_camp.EVERYONE)})
    zone = made.zone()
    row = zone.request(ingest(zone)[0].request)
    tabulate(zone, row)
    vote(zone, row, ("by-wijk",), Vote("vera", Decision.APPROVE))
    desks.lay_out(zone)
    assert not (desk(made.camp, "vera") / str(row.pk)).exists()


def test_a_signature_under_another_key_or_statement_is_not_taken_in(made: ZoneCamp) -> None:
    zone, number = voted(made)
    desks.lay_out(zone)
    path = signed(made, "vera", number, key="wim")
    (told,) = desks.collect(zone)
    assert "not taken in" in told
    assert zone.request(number).sign_offs.count() == 0

    desks.lay_out(zone)
    path = signed(made, "vera", number)
    document = json.loads(path.read_text())
    path.write_text(json.dumps(document | {"signatures": []}))
    assert len(desks.collect(zone)) == 1
    path.write_text("no JSON")
    assert len(desks.collect(zone)) == 1
    path.unlink()
    other = desk(made.camp, "wim") / SIGNED / f"{number}-1.json"
    other.write_text(json.dumps(document))  # vera's, where wim's would lie
    (told,) = desks.collect(zone)
    assert "by another reviewer" in told
    other.unlink()
    other.symlink_to(made.office / "site.toml")
    assert len(desks.collect(zone)) == 1
    assert zone.request(number).sign_offs.count() == 0


def test_a_vote_that_changed_makes_the_signature_worthless(made: ZoneCamp) -> None:
    zone, number = voted(made)
    desks.lay_out(zone)
    signed(made, "vera", number)
    vote(zone, zone.request(number), ("by-wijk",), Vote("vera", Decision.REJECT, Reason.OTHER, "No."))
    (told,) = desks.collect(zone)
    assert "changed while you were signing" in told
    assert zone.request(number).sign_offs.count() == 0


def test_a_signature_counts_once_also_after_a_release_that_failed(
    made: ZoneCamp, monkeypatch: pytest.MonkeyPatch
) -> None:
    zone, number = voted(made)
    desks.lay_out(zone)
    for name in ("vera", "wim"):
        signed(made, name, number)
    assert desks.collect(zone) == ()
    with monkeypatch.context() as patched:
        patched.setattr(releasing, "verifies", lambda *_: False)
        with pytest.raises(ReleaseError):
            release(zone, zone.request(number))
    assert zone.request(number).state == State.IN_REVIEW.value
    assert desks.collect(zone) == ()
    assert zone.request(number).sign_offs.count() == 0  # the files still lie there, and are not taken again
    desks.lay_out(zone)
    later = desks.laid_out(made.camp, "vera", number)
    assert (later.request, later.revision) == (str(number), 1)


def test_files_on_the_desk_are_those_that_the_statement_names(made: ZoneCamp) -> None:
    zone, number = voted(made)
    desks.lay_out(zone)
    (desks.files_of(made.camp, "vera", number) / "by-wijk.csv").write_text("another table")
    with pytest.raises(IntegrityError, match=r"'by-wijk\.csv' on the desk is not what would leave"):
        desks.laid_out(made.camp, "vera", number)
    wim = desk(made.camp, "wim") / str(number)
    (wim / "statement.json").write_bytes((desk(made.camp, "vera") / str(number) / "statement.json").read_bytes())
    with pytest.raises(IntegrityError, match="about something else"):
        desks.laid_out(made.camp, "wim", number)


def test_rows_that_are_not_those_that_were_registered_are_found_by_their_reader(made: ZoneCamp) -> None:
    """The control zone reads none: it has the registered digest, and the worker looks."""
    made.hand_in({"by-wijk": made.recipe()})
    path = made.camp.data_folder("PERSONS") / DATA_FILE
    path.write_bytes(path.read_bytes() + b" ")
    zone = made.zone()
    row = zone.request(ingest(zone)[0].request)
    tabulate(zone, row)
    output = row.outputs.get()
    assert (output.level, output.verdict, output.files) != ("recomputed", "safe", {})
    assert not output.files


def test_a_record_that_was_changed_does_not_open_the_commitment(made: ZoneCamp) -> None:
    made.hand_in({"by-wijk": made.recipe()})
    path = made.camp.data_folder("PERSONS") / RECORD
    document = json.loads(path.read_text())
    document["files"][DATA_FILE] = f"sha256:{'0' * 64}"
    path.write_bytes(record_bytes("PERSONS", document["files"]))
    zone = made.zone()
    row = zone.request(ingest(zone)[0].request)
    tabulate(zone, row)
    assert "not the one that the manifest pins" in row.outputs.get().note


def test_a_camp_is_not_led_to_another_mode_or_another_office(made: ZoneCamp) -> None:
    path = made.folder / "camp.toml"
    text = path.read_text()
    path.write_text(text.replace('mode = "user-per-zone"\nusers = "nobody-"', 'mode = "one-user"'))
    with pytest.raises(IntegrityError, match="another mode"):
        made.zone()
    path.write_text(text)
    made.zone()
    site = made.office / "site.toml"
    site.chmod(0o666)
    with pytest.raises(IntegrityError, match="not the organiser's alone"):
        made.zone()
    site.chmod(0o644)
    made.zone()


def test_a_site_configuration_that_another_user_wrote_is_refused(made: ZoneCamp) -> None:
    if os.geteuid() != 0:  # only root gives files away
        with pytest.raises(PermissionError):
            os.chown(made.office / "site.toml", 4242, 4242)
        return
    os.chown(made.office / "site.toml", 4242, 4242)
    with pytest.raises(IntegrityError, match="not the organiser's alone"):
        made.zone()


def test_commands_of_the_control_zone_are_for_its_users(made: ZoneCamp) -> None:
    from output_review.commands import opened
    from output_review.ports import Engines

    def none() -> Engines:
        raise NotImplementedError

    for acting, user in ((None, "nobody-review"), (Zone.RELEASE, "nobody-release")):
        with pytest.raises(WrongUserError, match=user):
            opened(made.folder, none, acting=acting)
