"""Who takes part changes only by a manifest that the root signs and the log names; what was signed counts no more."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import click
import pytest

from disclosure.errors import DocumentError, IntegrityError, StateError
from disclosure.exchange.camp import CampFile
from disclosure.exchange.camp_review import CampReview
from disclosure.exchange.incidents import begin_closing
from output_review.domain.permissions import PermissionRefusedError
from output_review.domain.states import State
from output_review.manifest_commands import manifest_command
from output_review.services.auditing import audit_zone
from output_review.services.backup import backup
from output_review.services.changing import Change, change_manifest, next_manifest
from output_review.services.ingest import ingest
from output_review.services.moving import move_deadline
from output_review.services.releasing import release
from output_review.services.restore import restore
from output_review.services.review_rules import log_rules
from output_review.services.signing_off import sign_off, statement
from output_review.services.tabulating import tabulate
from output_review.services.zone import CHANGE, open_zone
from output_review.signing.key_files import create_key_files
from output_review.signing.keys import KeyRole, Mark
from output_review.verify import verifier
from tests.output_review.test_release_path import approved, sign, vote_all
from tests.output_review.zone_camp import PASSPHRASE, ZoneCamp


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text()
    assert text.count(before) == 1
    path.write_text(text.replace(before, after))


def take_out(made: ZoneCamp, name: str) -> None:
    edit(made.folder / "camp.toml", f'[[people]]\nname = "{name}"\nroles = ["reviewer"]\nteams = []\n', "")


def new_key(made: ZoneCamp, name: str, file: str) -> None:
    create_key_files(made.office, file, KeyRole.REVIEWER, PASSPHRASE, mark=Mark.DEMO)
    edit(made.office / "site.toml", f'{name} = "{name}.pub"', f'{name} = "{file}.pub"')


def test_a_reviewer_who_is_taken_out_counts_for_nothing_and_the_package_of_others_verifies(zone_camp: ZoneCamp) -> None:
    old, number = approved(zone_camp)
    zone_camp.hand_in({"by-wijk": zone_camp.recipe()}, number=2)
    take_out(zone_camp, "wim")
    made, change = change_manifest(zone_camp.zone())
    assert change == Change((), ("wim",), (), ())
    zone = zone_camp.zone()
    row = zone.request(number)
    assert (zone.manifest, made.number, State(row.state)) == (made, 2, State.IN_REVIEW)
    assert not row.sign_offs.exists()
    assert set(row.outputs.get().votes.values_list("reviewer", flat=True)) == {"vera"}
    with pytest.raises(StateError, match="changed in this moment"):
        vote_all(old, number, reviewers=("wim",))
    (later,) = ingest(old)  # a worker that had begun before goes on
    tabulate(old, old.request(later.request))
    assert zone.request(later.request).lane != ""
    with pytest.raises(PermissionRefusedError):
        vote_all(zone, number, reviewers=("wim",))
    vote_all(zone, number, reviewers=("yara",))
    assert sign(zone_camp, zone, number, "yara") is State.IN_REVIEW
    assert sign(zone_camp, zone, number, "vera") is State.APPROVED
    package = release(zone, zone.request(number))
    report = verifier.verify_file(str(package), list(zone.site.roots), demo=True)
    assert report.status is verifier.Status.VERIFIED
    assert audit_zone(zone_camp.zone(), None)["holds"]


def test_a_key_that_was_replaced_signs_nothing_more_and_does_not_come_back(zone_camp: ZoneCamp) -> None:
    _, number = approved(zone_camp)
    new_key(zone_camp, "wim", "wim-2")
    assert change_manifest(zone_camp.zone())[1] == Change((), (), (), ("wim",))
    zone = zone_camp.zone()
    with pytest.raises(IntegrityError, match="not the key of 'wim'"):
        sign(zone_camp, zone, number, "wim")
    assert set(zone.request(number).outputs.get().votes.values_list("reviewer", flat=True)) == {"vera", "wim"}
    assert sign(zone_camp, zone, number, "vera") is State.IN_REVIEW
    row = zone.request(number)
    assert sign_off(zone, row, statement(zone, row, "wim"), zone_camp.key("wim-2")) is State.APPROVED
    package = release(zone, zone.request(number))
    assert verifier.verify_file(str(package), list(zone.site.roots), demo=True).status is verifier.Status.VERIFIED
    edit(zone_camp.office / "site.toml", 'wim = "wim-2.pub"', 'wim = "wim.pub"')
    with pytest.raises(DocumentError, match="does not come back"):
        change_manifest(zone_camp.zone())
    # Nor by way of being taken out, and coming in again.
    people = (zone_camp.folder / "camp.toml").read_text()
    take_out(zone_camp, "wim")
    assert change_manifest(zone_camp.zone())[1].left == ("wim",)
    (zone_camp.folder / "camp.toml").write_text(people)
    with pytest.raises(DocumentError, match="does not come back"):
        change_manifest(zone_camp.zone())
    edit(zone_camp.office / "site.toml", 'wim = "wim.pub"', 'wim = "wim-2.pub"')
    assert change_manifest(zone_camp.zone())[1].came == ("wim",)


def test_people_come_in_and_go_and_what_was_released_stays_also_in_a_backup(
    zone_camp: ZoneCamp, tmp_path: Path
) -> None:
    zone, number = approved(zone_camp)
    package = release(zone, zone.request(number))
    edit(
        zone_camp.folder / "camp.toml",
        'name = "anna"\nroles = ["researcher"]',
        'name = "berta"\nroles = ["researcher"]',
    )
    _, change = change_manifest(zone_camp.zone())
    assert change == Change(("berta",), ("anna",), (), ())
    zone = zone_camp.zone()
    assert (zone.manifest.person("anna"), zone.request(number).state) == (None, "released")
    assert verifier.verify_file(str(package), list(zone.site.roots), demo=True).status is verifier.Status.VERIFIED
    assert audit_zone(zone, None)["holds"]
    (tmp_path / "copies").mkdir()
    copy = backup(zone, tmp_path / "copies").folder
    restore(copy, tmp_path / "again", zone_camp.office / "site.toml")
    assert open_zone(tmp_path / "again", zone_camp.engines()).manifest == zone.manifest


def test_a_manifest_that_was_set_back_opens_nothing(zone_camp: ZoneCamp) -> None:
    from output_review.models import ManifestRow

    take_out(zone_camp, "yara")
    change_manifest(zone_camp.zone())
    kept = ManifestRow.objects.get(number=2).envelope
    ManifestRow.objects.filter(number=2).delete()
    with pytest.raises(IntegrityError, match="nor what the log says"):
        zone_camp.zone()
    ManifestRow.objects.create(number=3, envelope=kept)
    assert zone_camp.zone().manifest.number == 2


def test_nothing_but_people_and_keys_changes_and_only_under_the_root(zone_camp: ZoneCamp) -> None:
    camp, site = zone_camp.folder / "camp.toml", zone_camp.office / "site.toml"
    kept, trusted = camp.read_text(), site.read_text()
    with pytest.raises(StateError, match="Nothing is different"):
        change_manifest(zone_camp.zone())
    camp.write_text(kept + "[quorum]\nordinary = 3\nexception = 4\n")
    with pytest.raises(StateError, match="another quorum"):
        change_manifest(zone_camp.zone())
    camp.write_text(kept.replace("[[people]]", '[[teams]]\nname = "team-3"\ndata = []\n[[people]]', 1))
    with pytest.raises(StateError, match="other teams"):
        change_manifest(zone_camp.zone())
    camp.write_text(kept)
    take_out(zone_camp, "yara")
    create_key_files(zone_camp.office, "root-2", KeyRole.ROOT, PASSPHRASE, mark=Mark.DEMO)
    site.write_text(trusted.replace('"root.key"', '"root-2.key"'))
    assert site.read_text() != trusted
    with pytest.raises(IntegrityError, match="not the one under which"):
        change_manifest(zone_camp.zone())
    site.write_text(trusted)
    assert zone_camp.zone().manifest.number == 1


def test_the_command_looks_first_and_signs_when_asked(zone_camp: ZoneCamp, capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[set[str]] = []

    def fitting(_camp: CampFile, names: Collection[str]) -> None:
        asked.append(set(names))
        if "berta" in names:
            raise StateError("berta has not signed.")

    group = click.Group("review", commands={"manifest": manifest_command(zone_camp.engines, fitting)})
    words = ["manifest", "--camp", str(zone_camp.folder)]
    take_out(zone_camp, "yara")
    group.main(words, standalone_mode=False)
    before = (zone_camp.folder / "camp.toml").read_text()
    edit(zone_camp.folder / "camp.toml", 'name = "anna"\nroles', 'name = "berta"\nroles')
    with pytest.raises(StateError, match="has not signed"):
        group.main([*words, "--sign"], standalone_mode=False)
    assert zone_camp.zone().manifest.number == 1
    (zone_camp.folder / "camp.toml").write_text(before)
    assert "yara is taken out" in capsys.readouterr().out
    assert next_manifest(zone_camp.zone())[1].left == ("yara",)
    group.main([*words, "--sign", "--json"], standalone_mode=False)
    told = json.loads(capsys.readouterr().out)
    assert asked == [{"berta"}, set()]
    assert told == {"number": 2, "signed": True, "came": [], "left": ["yara"], "changed": [], "keys": []}
    from output_review.log.database import DatabaseLog

    (entry,) = [one for one in DatabaseLog().read() if one.action == CHANGE]
    assert entry.payload == {"manifest": zone_camp.zone().manifest_envelope.digest, "number": 2}
    group.main(words, standalone_mode=False)
    assert capsys.readouterr().out == "manifest 2 is in force\n"


def test_of_a_camp_that_is_closed_nothing_is_signed_any_more_and_its_log_has_ended(zone_camp: ZoneCamp) -> None:
    zone_camp.zone()
    take_out(zone_camp, "yara")
    begin_closing(zone_camp.folder)
    zone = zone_camp.zone()
    for change in (change_manifest, move_deadline):
        with pytest.raises(StateError, match="closed"):
            change(zone)
    assert not log_rules(replace(zone, camp=replace(zone.camp, review_rules=CampReview(shared=True))))
    assert zone.sequence() == zone_camp.zone().sequence()
