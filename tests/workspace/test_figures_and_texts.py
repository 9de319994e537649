"""Figures, maps, results and texts from a sealed notebook to the outbox: carried as they are asked for, never drawn."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from disclosure.errors import DocumentError, IntegrityError
from disclosure.exchange.camp import CampFile
from disclosure.exchange.canonical import canonical_json, digest
from disclosure.exchange.submission import Submission, submission_from_bytes
from disclosure.exchange.written import WrittenKind
from disclosure.model.figures import FigureKind, GeographyReference
from tests.workspace.small_camp import DATA_SET, TEAM, data_set, make_camp, notebook, put, put_request
from workspace.broker import HandInState, hand_in
from workspace.camp_folder import new_camp
from workspace.catalogue import authorised, register, source
from workspace.isolation.seal import Seal
from workspace.requests import read_request
from workspace.runs import run_for_team


def area(place: int, code: str) -> dict[str, Any]:
    ring = [[place, 52], [place + 0.9, 52], [place + 0.9, 53], [place, 53], [place, 52]]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "properties": {"code": code}, "geometry": geometry}


FEATURES = [area(place, code) for place, code in enumerate(("28", "29", "30"))]
AREAS = canonical_json({"type": "FeatureCollection", "features": FEATURES})
NOTEBOOK = """\
import disclosure as sdc
homes = sdc.data("HOMES")
out = sdc.table(homes, rows=["wijk"], unit="person")
told = {"population": "Everyone"}
basket = sdc.basket()
basket.add(sdc.figure(out, "bar", title="Homes"), name="bars", title="Homes by wijk", **told)
areas = sdc.figure(out, "choropleth", geography="HOMES/wijken.geojson", key="code")
basket.add(areas, name="map", title="Homes on a map", **told)
basket.add(sdc.text("Most homes are *there*."), name="reading", title="How to read it", **told)
frame = homes.to_pandas()
shares = frame.groupby("wijk").size() / len(frame)
result = sdc.result(shares, support=frame, by="wijk", unit="person")
basket.add(result, name="shares", title="Shares", **told)
print(sdc.submit(title="Homes", purpose="To see how many there are.", code=["homes.ipynb"]))
"""


def with_areas(tmp_path: Path) -> CampFile:
    plain = make_camp(tmp_path / "plain")
    made = new_camp(tmp_path / "camp", teams=plain.teams, participants=plain.participants)
    folder = data_set(tmp_path / "areas")
    (folder / "wijken.geojson").write_bytes(AREAS)
    (folder / "notes.txt").write_text("not for the camp")
    register(made, folder)
    return made


def handed_in(camp: CampFile, seal: Seal) -> Submission:
    put(camp, "homes.ipynb", notebook(NOTEBOOK))
    run_for_team(camp, TEAM, Path("homes.ipynb"), {}, seal=seal)
    (done,) = hand_in(camp, TEAM, seal=seal)
    assert (done.state, done.reason, done.hint) == (HandInState.SUBMITTED, "", "")
    return submission_from_bytes((camp.outbox(TEAM) / "1" / "submission.json").read_bytes())


def test_figures_results_and_texts_come_from_a_sealed_notebook_into_the_outbox(tmp_path: Path, seal: Seal) -> None:
    camp = with_areas(tmp_path)
    found = handed_in(camp, seal)
    figures = {one.name: one.figure for one in found.outputs}
    assert list(figures) == ["bars", "map", "shares-support"]
    bars, areas = figures["bars"], figures["map"]
    assert bars is not None
    assert (bars.request.kind, bars.request.title) == (FigureKind.BAR, "Homes")
    assert areas is not None
    assert areas.request.geography == GeographyReference(digest(AREAS), "code")
    assert figures["shares-support"] is None
    assert [(one.name, one.kind, one.support) for one in found.texts] == [
        ("reading", WrittenKind.TEXT, ""),
        ("shares", WrittenKind.RESULT, "shares-support"),
    ]
    assert found.texts[0].body == "Most homes are *there*."
    assert json.loads(found.texts[1].body)["rows"] == [["28", "0.333333"], ["29", "0.333333"], ["30", "0.333333"]]
    files = sorted(path.name for path in camp.outbox(TEAM).rglob("*") if path.is_file() and path.suffix != "")
    assert not any(name.endswith((".svg", ".png", ".geojson")) for name in files)
    assert b"<svg" not in (camp.outbox(TEAM) / "1" / "submission.json").read_bytes()


def test_areas_are_registered_with_their_data_set_and_nothing_else_is(tmp_path: Path) -> None:
    camp = with_areas(tmp_path)
    assert sorted(path.name for path in camp.data_folder(DATA_SET).iterdir()) == [
        "codebook.toml", "data.parquet", "dataset.json", "wijken.geojson",
    ]  # fmt: skip
    assert source(camp, DATA_SET).name == DATA_SET
    (camp.data_folder(DATA_SET) / "wijken.geojson").write_bytes(AREAS.replace(b"52", b"51"))
    with pytest.raises(IntegrityError, match=r"'wijken\.geojson' of the data set"):
        authorised(camp, TEAM)


@pytest.mark.parametrize("name", ["areas.json", "../wijken.geojson", ".geojson"])
def test_a_record_names_no_other_files(tmp_path: Path, name: str) -> None:
    camp = with_areas(tmp_path)
    path = camp.data_folder(DATA_SET) / "dataset.json"
    document = json.loads(path.read_text())
    document["files"][name] = document["files"].pop("wijken.geojson")
    path.write_text(json.dumps(document))
    with pytest.raises(DocumentError, match="schema"):
        source(camp, DATA_SET)


@pytest.mark.parametrize(
    ("version", "said"),
    [(2, "version 2; version 4 is read here"), (5, "not known here; version 4"), ("3", "not known here")],
)
def test_a_submission_of_another_version_is_refused_and_the_reader_is_told_what_to_do(
    tmp_path: Path, version: Any, said: str
) -> None:
    camp = make_camp(tmp_path)
    folder = put_request(camp)
    document = json.loads((folder / "submission.json").read_bytes())
    (folder / "submission.json").write_bytes(canonical_json(document | {"version": version}))
    with pytest.raises(DocumentError, match=said) as caught:
        read_request(camp, TEAM, 1)
    assert caught.value.hint
