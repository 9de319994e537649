"""`datakamp camp present`: what each team presents, of packages that stand and of nothing else."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from datakamp import datakamp, run
from disclosure.errors import BadInputError, IntegrityError
from disclosure.exchange.canonical import digest
from output_review.services.recalling import recall
from output_review.services.releasing import release
from output_review.services.standing import standing_packages
from output_review.services.zone import ControlZone
from tests.output_review.test_release_path import approved
from tests.output_review.zone_camp import ZoneCamp
from workspace.presenting.bundles import write_bundles


@pytest.fixture
def zone(zone_camp: ZoneCamp) -> ControlZone:
    """A camp with one released package, of team-1."""
    found, number = approved(zone_camp)
    release(found, found.request(number))
    return found


def called(zone: ControlZone, into: Path) -> Result:
    return CliRunner().invoke(datakamp, ["camp", "present", "--camp", str(zone.camp.folder), "--to", str(into)])


def test_a_bundle_holds_the_package_pages_in_both_languages_and_every_digest(zone: ControlZone, tmp_path: Path) -> None:
    (zone.camp.released / "draft.zip").write_bytes(b"not released")
    (zone.camp.released / "draft.html").write_bytes(b"not released")
    done = called(zone, tmp_path / "shown")
    assert done.exit_code == 0, done.output
    assert "team-2: nothing is released" in done.output
    folder = tmp_path / "shown" / "team-1"
    [package] = standing_packages(zone)
    files = {str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file()}
    assert files == {
        "SHA256SUMS", "about.json", f"packages/{package.name}.zip",
        *(f"{layout}.{lang}.html" for layout in ("report", "factsheet") for lang in ("nl", "en")),
    }  # fmt: skip
    assert [one.name for one in (tmp_path / "shown").iterdir()] == ["team-1"]
    subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=folder, check=True, capture_output=True)
    assert len((folder / "SHA256SUMS").read_text().splitlines()) == len(files) - 1
    about = json.loads((folder / "about.json").read_bytes())
    assert about["packages"] == {package.name: digest(package.data)}
    assert (about["unreleased"], about["mark"]) == ("forbidden", "DEMO")
    assert "niet zijn vrijgegeven" in (folder / "report.nl.html").read_text("utf-8")
    assert "not released are not shown in the room" in (folder / "factsheet.en.html").read_text("utf-8")


def test_the_rule_for_what_is_not_released_is_that_of_the_camp(zone: ControlZone, tmp_path: Path) -> None:
    with (zone.camp.folder / "camp.toml").open("a") as file:
        file.write("[presentation]\nat = 2026-11-26T15:00:00Z\ndeadline = 2026-11-26T12:00:00Z\n")
        file.write('unreleased = "to-participants"\n')
    assert called(zone, tmp_path / "shown").exit_code == 0
    folder = tmp_path / "shown" / "team-1"
    assert json.loads((folder / "about.json").read_bytes())["unreleased"] == "to-participants"
    assert "only to those who signed" in (folder / "report.en.html").read_text("utf-8")


def test_the_same_packages_give_the_same_bytes(zone: ControlZone, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_bundles(zone.camp, standing_packages(zone), tmp_path / name)
    sums = [(tmp_path / name / "team-1" / "SHA256SUMS").read_bytes() for name in ("a", "b")]
    assert sums[0] == sums[1]


def test_what_was_recalled_is_not_presented(zone: ControlZone, tmp_path: Path) -> None:
    for name in ("vera", "wim"):
        recall(zone, zone.request(1), name, "Wrong data.")
    assert standing_packages(zone) == ()
    assert run(["camp", "present", "--camp", str(zone.camp.folder), "--to", str(tmp_path / "shown")]) == 1
    assert list(tmp_path.glob("*shown*")) == []


def test_a_package_that_is_not_what_was_released_stops_it(zone: ControlZone, tmp_path: Path) -> None:
    row = zone.request(1)
    path = zone.camp.released / f"{row.package}.zip"
    kept = path.read_bytes()

    def refused() -> None:
        with pytest.raises(IntegrityError, match=row.package):
            standing_packages(zone)

    path.write_bytes(kept + b"\0")
    refused()
    path.unlink()
    refused()
    path.write_bytes(kept)
    row.team = "team-2"
    row.save(update_fields=["team"])
    refused()
    assert called(zone, tmp_path / "shown").exit_code != 0
    assert list(tmp_path.glob("*shown*")) == []


def test_bundles_go_into_a_new_folder_outside_the_camp(zone: ControlZone, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for into in (tmp_path, zone.camp.folder / "shown", tmp_path / "file" / "shown"):
        with pytest.raises(BadInputError):
            write_bundles(zone.camp, standing_packages(zone), into)
    assert not list(zone.camp.folder.glob("*shown*"))
