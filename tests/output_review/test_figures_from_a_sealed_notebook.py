"""The whole way in real boxes: a notebook with figures, a map, a result and a text, to a package that verifies."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import datakamp
from disclosure.exchange.camp import CODEBOOK_FILE, DATA_FILE
from disclosure.exchange.canonical import canonical_json
from disclosure.exchange.files import file_digest
from output_review.domain.states import State
from output_review.domain.votes import Reason, Vote
from output_review.services.ingest import ingest
from output_review.services.releasing import release
from output_review.services.reviewing import vote
from output_review.services.signing_off import sign_off, statement
from output_review.services.tabulating import tabulate
from output_review.services.zone import open_zone
from output_review.signing.signoff import Decision
from output_review.verify import verifier
from tests.output_review.test_release_path import roots
from tests.output_review.zone_camp import ZoneCamp
from tests.workspace.small_camp import notebook
from workspace.broker import HandInState, hand_in
from workspace.isolation.seal import verify_seal
from workspace.runs import run_for_team

NOTEBOOK = """\
import disclosure as sdc
people = sdc.data("PERSONS")
people = people[people.wijk != "31"]
told = {"population": "persons"}
out = sdc.table(people, rows="wijk", unit="person")
drawn = sdc.figure(out, "choropleth", geography="PERSONS/wijken.geojson", key="wijk")
assert drawn.to_svg().startswith(b"<svg")
sdc.basket().add(drawn, name="map", title="Persons on a map", **told)
frame = people.to_pandas()
mean = sdc.table(frame, rows="wijk", values="income", statistic="mean", unit="person")
sdc.basket().add(sdc.figure(mean, title="Income"), name="bars", title="Mean income", **told)
gaps = frame.groupby("wijk").income.median() - frame.income.median()
result = sdc.result(gaps, support=frame, by="wijk", unit="person")
sdc.basket().add(result, name="gaps", title="Gaps of the median", **told)
sdc.basket().add(sdc.text("Incomes hardly differ."), name="reading", title="How to read it", **told)
sdc.submit(title="Incomes", purpose="A test.", code=["case.ipynb"])
"""


def registered(made: ZoneCamp) -> None:
    folder = made.camp.data_folder("PERSONS")
    files = {name: file_digest(folder / name) for name in (DATA_FILE, CODEBOOK_FILE, "wijken.geojson")}
    (folder / "dataset.json").write_bytes(canonical_json({"version": 1, "name": "PERSONS", "files": files}))
    made.camp.workspace("team-1").mkdir(parents=True)


def test_figures_a_map_a_result_and_a_text_go_from_a_sealed_notebook_to_a_package(zone_camp: ZoneCamp) -> None:
    registered(zone_camp)
    camp, seal = zone_camp.camp, verify_seal()
    (camp.workspace("team-1") / "case.ipynb").write_bytes(notebook(NOTEBOOK))
    run_for_team(camp, "team-1", Path("case.ipynb"), {}, seal=seal)
    (handed_in,) = hand_in(camp, "team-1", seal=seal)
    assert (handed_in.state, handed_in.reason) == (HandInState.SUBMITTED, "")

    zone = open_zone(zone_camp.folder, datakamp.engines())
    (taken,) = ingest(zone)
    assert taken.refused == ""
    tabulate(zone, zone.request(taken.request))
    outputs = {one.name: one for one in zone.request(taken.request).outputs.all()}
    assert {name: (one.level, one.verdict) for name, one in outputs.items()} == {
        "map": ("recomputed", "safe"),
        "bars": ("reproduced", "safe"),
        "gaps-support": ("reproduced", "safe"),
        "gaps": ("unverified", "inconclusive"),
        "reading": ("unverified", "inconclusive"),
    }
    assert [outputs[name].note for name in ("map", "bars", "gaps-support")] == ["", "", ""]
    for reviewer in ("vera", "wim", "yara"):
        vote(zone, zone.request(taken.request), ("map", "bars", "gaps-support"), Vote(reviewer, Decision.APPROVE))
        exception = Vote(reviewer, Decision.APPROVE, Reason.NOT_SENSITIVE, "It says what the tables say.")
        vote(zone, zone.request(taken.request), ("gaps", "reading"), exception)
        row = zone.request(taken.request)
        sign_off(zone, row, statement(zone, row, reviewer), zone_camp.key(reviewer))
    assert State(zone.request(taken.request).state) is State.APPROVED
    path = release(zone, zone.request(taken.request))
    assert verifier.verify_file(str(path), roots(zone), demo=True).status is verifier.Status.VERIFIED
    with zipfile.ZipFile(path) as package:
        found = {name.rsplit("/", 1)[1]: package.read(name) for name in package.namelist() if "/outputs/" in name}
    assert {"map.svg", "map.png", "bars.svg", "bars.png", "reading.txt", "gaps.csv"} <= set(found)
    assert found["reading.txt"] == b"Incomes hardly differ.\n"
    assert [row[0] for row in json.loads(found["gaps.json"])["rows"]] == ["28", "29", "30"]
    assert b"Income" in found["bars.svg"]
