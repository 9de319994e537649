"""What the cases hand in, made again by the control zone: every figure from the recipe alone, and judged the same."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from output_review.services.ingest import ingest
from output_review.services.opening import open_camp
from output_review.services.tabulating import tabulate
from output_review.signing.key_files import create_key_files, read_public_key
from output_review.signing.keys import KeyRole, Mark
from tests.output_review.zone_camp import PASSPHRASE, ZoneCamp
from tests.workspace.cases.conftest import REVIEWERS, City, Ran, team_of
from workspace.cases import case_files
from workspace.demo_files import SITE


def opened(city: City, place: Path) -> ZoneCamp:
    """Return a copy of the camp with all that was handed in, opened by an office with keys of its own."""
    made = ZoneCamp(place / "camp", place / "office")
    shutil.copytree(city.camp.folder, made.folder, symlinks=True)
    keys = made.office / "keys"
    keys.mkdir(parents=True)
    (made.office / "ledger").mkdir()
    for name in (*("root", "log", "release"), *REVIEWERS):
        role = KeyRole.REVIEWER if name in REVIEWERS else KeyRole(name)
        create_key_files(keys, name, role, PASSPHRASE, mark=Mark.DEMO)
        (keys / f"{name}.passphrase").write_text(f"{PASSPHRASE}\n")
    site = SITE.format(root=read_public_key(keys / "root.pub").fingerprint)
    (made.office / "site.toml").write_text(site + "".join(f'{name} = "keys/{name}.pub"\n' for name in REVIEWERS))
    open_camp(made.folder, made.office / "site.toml")
    return made


@pytest.mark.timeout(1200)  # by itself it runs every case first
def test_every_output_of_the_cases_is_made_again_as_the_notebook_had_it(
    city: City, run_case: Callable[[int], Ran], tmp_path: Path
) -> None:
    cases = [int(one.name[5:7]) for one in case_files()]
    told = {(team_of(number), output) for number in cases for output in run_case(number).outputs}
    zone = opened(city, tmp_path).zone()
    taken = ingest(zone)
    assert {one.team: one.refused for one in taken} == {team_of(number): "" for number in cases}
    found: dict[tuple[str, str], Any] = {}
    for one in taken:
        tabulate(zone, zone.request(one.request))
        for row in zone.request(one.request).outputs.all():
            # "reproduced" where a reviewer has to read the derivation too: a child's row has its mother's income.
            made_again = row.level in {"recomputed", "reproduced"}
            found[one.team, row.name] = (made_again, row.verdict, row.differences, row.note)
    # No difference: labels, what is withheld, and every figure at its released precision are those of the notebook.
    assert found == dict.fromkeys(told, (True, "safe", [], ""))
