"""Every kind of figure goes the whole way: asked for, drawn anew from what the control zone judged, and released."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import pyarrow.compute as pc
import pytest

from disclosure.errors import IntegrityError, ReleaseError, StateError
from disclosure.exchange.canonical import digest
from disclosure.exchange.submission import SubmittedFigure
from disclosure.model.figures import QUANTILES, FigureFormat, FigureKind, FigureRequest, GeographyReference
from disclosure.model.recipes import Recipe
from disclosure.model.statistic import Statistic
from disclosure.render.figures import figure_bytes
from output_review.domain.states import State
from output_review.domain.votes import Vote
from output_review.services.ingest import ingest
from output_review.services.judging import judged_again
from output_review.services.releasing import release
from output_review.services.reviewing import vote
from output_review.services.signing_off import sign_off, statement
from output_review.services.tabulating import tabulate
from output_review.services.view_lines import detail_lines
from output_review.services.views import detail, file_bytes
from output_review.services.zone import ControlZone
from output_review.signing.signoff import Decision
from output_review.verify import verifier
from tests.output_review.test_every_statistic import RECIPES, SQL
from tests.output_review.test_release_path import roots
from tests.output_review.zone_camp import AREAS, EVERYONE, ZoneCamp, people

BANDS: Final = """
SELECT person, 'all' AS everyone, income,
       CASE WHEN income < 1300 THEN '[1000, 1300)' WHEN income < 1600 THEN '[1300, 1600)'
            ELSE '[1600, 1900)' END AS band,
       CASE WHEN MOD(income, 2) < 1 THEN '[0, 10)' ELSE '[10, 20)' END AS age
FROM PERSONS WHERE wijk <> '31'
"""
WITH_31: Final[Mapping[str, Any]] = MappingProxyType({"sql": EVERYONE, "suppressed": True})
PROBABILITIES: Final = {"p5": "0.05", "p25": "0.25", "median": "0.5", "p75": "0.75", "p95": "0.95"}
ASKED: Final[Mapping[FigureKind, Mapping[str, Any]]] = MappingProxyType(
    {
        FigureKind.BAR: WITH_31,
        FigureKind.LINE: WITH_31,
        FigureKind.HEAT_MAP: {"sql": SQL, "columns": ("works",)},
        FigureKind.HISTOGRAM: {"sql": BANDS, "rows": ("band",)},
        FigureKind.KAPLAN_MEIER: {"sql": SQL, "statistic": Statistic.SURVIVAL, **RECIPES[Statistic.SURVIVAL]},
        FigureKind.LORENZ: {"sql": SQL, "statistic": Statistic.LORENZ, **RECIPES[Statistic.LORENZ]},
        FigureKind.BINNED_SCATTER: {"sql": BANDS, "rows": ("band",), "columns": ("age",)},
        FigureKind.CHOROPLETH: WITH_31,
    }
)
MAP = GeographyReference(digest(AREAS), "wijk")


def asked(made: ZoneCamp, kind: FigureKind) -> tuple[dict[str, Recipe], dict[str, SubmittedFigure]]:
    """Return the recipes of a submission with one figure of a kind, and the figure under its output's name."""
    request = FigureRequest(
        kind, title="What the team writes", geography=MAP if kind is FigureKind.CHOROPLETH else None
    )
    if kind is not FigureKind.BOX:
        return {"one": made.recipe(**ASKED[kind])}, {"one": SubmittedFigure(request)}
    recipes = {
        f"one-{name}": made.recipe(
            sql=BANDS, rows=("everyone",), statistic=Statistic.QUANTILE, value="income", options=(("probability", at),)
        )
        for name, at in PROBABILITIES.items()
    }
    return recipes, {"one-median": SubmittedFigure(request, tuple(recipes))}


def taken_in(made: ZoneCamp, kind: FigureKind) -> tuple[ControlZone, int, str]:
    recipes, figures = asked(made, kind)
    made.hand_in(recipes, figures=figures)
    zone = made.zone()
    (taken,) = ingest(zone)
    assert taken.refused == ""
    tabulate(zone, zone.request(taken.request))
    return zone, taken.request, next(iter(figures))


def approved(made: ZoneCamp, kind: FigureKind) -> tuple[ControlZone, int, str]:
    zone, number, name = taken_in(made, kind)
    for reviewer in ("vera", "wim"):
        row = zone.request(number)
        vote(zone, row, tuple(row.outputs.values_list("name", flat=True)), Vote(reviewer, Decision.APPROVE))
        sign_off(zone, row, statement(zone, zone.request(number), reviewer), made.key(reviewer))
    assert zone.request(number).state == State.APPROVED.value
    return zone, number, name


def inside(package: Path, name: str) -> dict[str, bytes]:
    with zipfile.ZipFile(package) as archive:
        return {
            entry.rsplit("/", 1)[1]: archive.read(entry) for entry in archive.namelist() if f"/outputs/{name}." in entry
        }


def test_every_kind_but_the_box_plot_has_one_table() -> None:
    assert {*ASKED, FigureKind.BOX} == set(FigureKind)


@pytest.mark.parametrize("kind", list(FigureKind))
def test_every_kind_is_drawn_by_the_control_zone_from_its_own_table_and_leaves(
    zone_camp: ZoneCamp, kind: FigureKind
) -> None:
    zone, number, name = approved(zone_camp, kind)
    outputs = {one.name: one for one in zone.request(number).outputs.all()}
    assert {(one.level, one.verdict, one.note) for one in outputs.values()} == {("recomputed", "safe", "")}
    path = release(zone, zone.request(number))
    assert verifier.verify_file(str(path), roots(zone), demo=True).status is verifier.Status.VERIFIED
    found = inside(path, name)
    assert {f"{name}.{ending}" for ending in ("csv", "html", "json", "svg", "png")} <= set(found)
    tables: Any = judged_again(zone, outputs[name])
    if kind is FigureKind.BOX:
        tables = {quantile: judged_again(zone, outputs[f"one-{quantile}"]) for quantile in QUANTILES}
    _, figures = asked(zone_camp, kind)
    areas = AREAS if kind is FigureKind.CHOROPLETH else None
    for form in FigureFormat:
        drawn = figure_bytes(tables, figures[name].request, form=form, geography=areas)
        assert found[f"{name}.{form.value}"] == drawn
    assert found[f"{name}.png"].startswith(b"\x89PNG\r\n")
    report = verifier.verify_file(str(path), roots(zone), demo=True)
    assert f"{name}.svg" in json.dumps(report.to_document()["facts"])


@pytest.mark.parametrize("kind", [FigureKind.BAR, FigureKind.LINE, FigureKind.CHOROPLETH])
def test_a_withheld_cell_is_a_sign_in_the_released_picture_and_its_figure_is_nowhere(
    zone_camp: ZoneCamp, kind: FigureKind
) -> None:
    zone, number, name = taken_in(zone_camp, kind)
    output = zone.request(number).outputs.get()
    table = judged_again(zone, output)
    withheld = {figure for figure, shown in zip(table.figures, table.shown, strict=True) if not shown}
    picture = file_bytes(zone, zone.request(number), name, f"{name}.svg").decode()
    texts = re.findall(r"<text[^>]*>(?:<tspan[^>]*>)?([^<]*)", picture)
    assert withheld == {"5", "240"}
    if kind is FigureKind.CHOROPLETH:
        # Which area the withheld one is, nobody is told whom a codebook does not tell.
        assert "outline only: not in the table" in picture
    else:
        assert "×" in texts
    assert not withheld & set(texts)
    assert "withheld: 1" in picture


def test_the_reviewer_is_shown_what_is_asked_what_it_shows_and_the_bytes(zone_camp: ZoneCamp) -> None:
    zone, number, name = taken_in(zone_camp, FigureKind.CHOROPLETH)
    document = detail(zone, zone.request(number))
    (output,) = document["outputs"]
    assert output["figure"]["alternative"].startswith("What the team writes. Map: Number of units by wijk.")
    lines = "\n".join(detail_lines(document))
    for shown in ("figure      choropleth, in English", "its title   | What the team writes", MAP.digest, "shows "):
        assert shown in lines
    data = file_bytes(zone, zone.request(number), name, "one.svg")
    assert digest(data) == output["files"]["one.svg"]


@pytest.mark.parametrize("changed", ["svg", "png"])
def test_a_stored_picture_that_was_changed_is_neither_shown_nor_released(zone_camp: ZoneCamp, changed: str) -> None:
    zone, number, name = approved(zone_camp, FigureKind.BAR)
    stored = zone.request(number).outputs.get().files[f"{name}.{changed}"]
    path = zone_camp.folder / "review" / "store" / stored[7:9] / stored[9:]
    path.chmod(0o600)
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(IntegrityError):
        file_bytes(zone, zone.request(number), name, f"{name}.{changed}")
    with pytest.raises(ReleaseError, match="Nothing was released"):
        release(zone, zone.request(number))
    assert zone.request(number).state == State.IN_REVIEW.value


def test_a_picture_that_is_not_what_the_table_gives_is_not_released(
    zone_camp: ZoneCamp, monkeypatch: pytest.MonkeyPatch
) -> None:
    zone, number, _ = approved(zone_camp, FigureKind.BAR)
    monkeypatch.setattr("output_review.services.rendering.drawn", lambda drawing, form: b"another picture")
    with pytest.raises(ReleaseError, match="does not render to the bytes that were signed"):
        release(zone, zone.request(number))


def test_a_figure_of_a_table_that_is_not_safe_is_not_drawn_and_the_reviewer_reads_why(zone_camp: ZoneCamp) -> None:
    zone_camp.hand_in(
        {"one": zone_camp.recipe(sql=EVERYONE)}, figures={"one": SubmittedFigure(FigureRequest(FigureKind.BAR))}
    )
    zone = zone_camp.zone()
    (taken,) = ingest(zone)
    tabulate(zone, zone.request(taken.request))
    output = zone.request(taken.request).outputs.get()
    assert output.verdict == "unsafe"
    assert set(output.files) == {"one.csv", "one.csv-metadata.json", "one.html", "one.json"}
    assert "The figure is not drawn: The table is not safe" in output.note


def test_areas_that_the_organiser_did_not_supply_are_not_drawn(zone_camp: ZoneCamp) -> None:
    forged = AREAS.replace(b"52", b"51")
    request = FigureRequest(FigureKind.CHOROPLETH, geography=GeographyReference(digest(forged), "wijk"))
    zone_camp.hand_in({"one": zone_camp.recipe(**WITH_31)}, figures={"one": SubmittedFigure(request)})
    zone = zone_camp.zone()
    (taken,) = ingest(zone)
    tabulate(zone, zone.request(taken.request))
    output = zone.request(taken.request).outputs.get()
    assert "not among those that the organiser supplied" in output.note
    assert "one.svg" not in output.files


def test_areas_that_were_laid_down_after_the_opening_are_not_what_the_manifest_pins(zone_camp: ZoneCamp) -> None:
    (zone_camp.camp.data_folder("PERSONS") / "more.geojson").write_bytes(AREAS.replace(b"52", b"51"))
    zone, number, _ = taken_in(zone_camp, FigureKind.CHOROPLETH)
    output = zone.request(number).outputs.get()
    assert output.files == {}
    assert "not the one that the manifest pins" in output.note


def test_a_figure_of_a_frame_is_drawn_from_what_the_code_handed_over_when_it_ran_again(zone_camp: ZoneCamp) -> None:
    zone_camp.frames["one"] = people().select(["person", "wijk"]).filter(pc.field("wijk") != "31")
    figure = SubmittedFigure(FigureRequest(FigureKind.BAR, x="wijk"))
    zone_camp.hand_in({"one": zone_camp.recipe(lazy=False)}, figures={"one": figure})
    zone = zone_camp.zone()
    (taken,) = ingest(zone)
    tabulate(zone, zone.request(taken.request))
    output = zone.request(taken.request).outputs.get()
    assert (output.level, output.verdict, output.note) == ("reproduced", "safe", "")
    assert {"one.svg", "one.png"} <= set(output.files)
    assert "x           | wijk" in "\n".join(detail_lines(detail(zone, zone.request(taken.request))))


def test_a_process_killed_before_the_box_plot_draws_it_at_the_next_start(
    zone_camp: ZoneCamp, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipes, figures = asked(zone_camp, FigureKind.BOX)
    zone_camp.hand_in(recipes, figures=figures)
    zone = zone_camp.zone()
    (taken,) = ingest(zone)

    class Killed(BaseException):
        """Stands for the end of the process."""

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("output_review.services.rendering.drawn", die)
        with pytest.raises(Killed):
            tabulate(zone, zone.request(taken.request))
    levels = dict(zone.request(taken.request).outputs.values_list("name", "level"))
    assert [name for name, level in levels.items() if not level] == ["one-median"]
    tabulate(zone, zone.request(taken.request))
    assert "one-median.svg" in zone.request(taken.request).outputs.get(name="one-median").files


def test_a_box_plot_leaves_with_all_five_tables_or_not_at_all(zone_camp: ZoneCamp) -> None:
    zone, number, name = taken_in(zone_camp, FigureKind.BOX)
    row = zone.request(number)
    others = tuple(one for one in row.outputs.values_list("name", flat=True) if one != "one-p95")
    vote(zone, row, others, Vote("vera", Decision.APPROVE))
    vote(zone, zone.request(number), ("one-p95",), Vote("vera", Decision.REQUEST_CHANGES))
    with pytest.raises(StateError, match="shows one-p95 too, which is not approved"):
        statement(zone, zone.request(number), "vera")
    vote(zone, zone.request(number), (name,), Vote("vera", Decision.REQUEST_CHANGES))
    assert len(statement(zone, zone.request(number), "vera").approved) == 3
