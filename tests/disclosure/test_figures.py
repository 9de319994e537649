"""Figures: drawn from what may be published, the same bytes each time, whatever a label holds."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import disclosure as sdc
from disclosure.errors import BadInputError, DataError, DocumentError, RefusedError
from disclosure.model.figures import FigureFormat, FigureKind, FigureRequest, GeographyReference
from disclosure.model.recipes import Statistic
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import Inconclusive
from disclosure.notebook.figure import Figure
from disclosure.notebook.output import Output
from disclosure.render.figures import drawing_of, figure_bytes
from disclosure.render.figures.plot import MOST_BARS, MOST_MARKS, MOST_PANELS, MOST_SERIES
from disclosure.texts import text
from tests.disclosure.made_tables import SECRET, WITHHELD, Cells, made
from tests.disclosure.support import UNIT, heads

ROOT = Path(__file__).resolve().parents[2]
NAMESPACE = "{http://www.w3.org/2000/svg}"
PNG = b"\x89PNG\r\n\x1a\n"
SURVIVAL = {
    (group, str(month), name): figure
    for group, curve in {"man": ("0.9", "0.7", WITHHELD, "0.4"), "vrouw": ("0.95", "0.8", "0.72", "0.61")}.items()
    for month, share in zip((6, 12, 18, 24), curve, strict=True)
    for name, figure in {"survival": share, "at_risk": "100"}.items()
}
SHARES = {(str(part), "share"): f"{(part / 100) ** 2:.4f}" for part in range(10, 100, 10)}
DISTRICTS = {("01",): "12.5", ("02",): WITHHELD, ("03",): "30", ("04",): None, (None,): "7"}
QUANTILES = {"p5": 8, "p25": 15, "median": 20, "p75": 31, "p95": 60}


def out(table: JudgedTable) -> Output:
    return Output(table, None, None)


def square(code: object, x: float, y: float = 52.0, **more: object) -> dict[str, Any]:
    ring = [[x, y], [x + 0.1, y], [x + 0.1, y + 0.06], [x, y + 0.06], [x, y]]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "properties": {"code": code, **more}, "geometry": geometry}


def areas(*features: dict[str, Any]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


AREAS = areas(*(square(f"0{place}", 4 + place / 10) for place in range(1, 6)))


def five(**changed: Cells) -> dict[str, Output]:
    cells: dict[str, Cells] = {name: {("a",): str(at), ("b",): str(2 * at)} for name, at in QUANTILES.items()}
    option = (("probability", "0.5"),)
    return {
        name: out(made({**own, **changed.get(name, {})}, statistic=Statistic.QUANTILE, options=option))
        for name, own in cells.items()
    }


def of_kind(kind: FigureKind) -> Figure:
    """Return a figure of a kind, with something withheld in it where the kind allows."""
    bins = {(f"[{low}, {low + 10})",): str(20 + low) for low in range(0, 120, 10)} | {("[20, 30)",): WITHHELD}
    if kind is FigureKind.BOX:
        return sdc.figure(five(p95={("b",): WITHHELD}), kind)
    if kind is FigureKind.CHOROPLETH:
        return sdc.figure(out(made(DISTRICTS)), kind, geography=AREAS, key="code")
    if kind is FigureKind.KAPLAN_MEIER:
        return sdc.figure(out(made(SURVIVAL, ("sex", "time", "figure"), statistic=Statistic.SURVIVAL)), kind)
    if kind is FigureKind.LORENZ:
        return sdc.figure(out(made(SHARES, ("percentile", "figure"), statistic=Statistic.LORENZ)), kind)
    if kind is FigureKind.HISTOGRAM:
        return sdc.figure(out(made(bins, ("age",), statistic=Statistic.COUNT)), kind)
    if kind is FigureKind.BINNED_SCATTER:
        return sdc.figure(out(made(bins, ("age",), statistic=Statistic.MEAN)), kind)
    wide = {(one, two): "12.25" for one in ("a", "b") for two in ("x", "y")} | {("b", "y"): WITHHELD}
    return sdc.figure(out(made(wide, ("d1", "d2"))), kind)


@pytest.fixture(scope="module")
def figures() -> dict[FigureKind, Figure]:
    with sdc.language("en"):
        return {kind: of_kind(kind) for kind in FigureKind}


def drawn_texts(svg: bytes) -> list[str]:
    """Return the texts of a picture, those over several lines joined."""
    found = []
    for element in ET.fromstring(svg).iter(f"{NAMESPACE}text"):
        found.append(" ".join(part for part in element.itertext() if part))
    return found


def crosses(svg: bytes) -> int:
    return drawn_texts(svg).count("×")


# ------------------------------------------------------------------------------------------------------ real tables
def homes() -> Output:
    return sdc.table(
        heads({("a", "x"): 40, ("a", "y"): 30, ("b", "x"): 3, ("b", "y"): 32}),
        rows="d1",
        columns="d2",
        unit=UNIT,
        policy="abs",
    )


def repaired() -> Output:
    table = homes()
    (suppress,) = [one for one in table.remedies() if one.kind.value == "suppress"]
    return table.apply(suppress)


def test_a_figure_of_a_repaired_table_shows_what_is_withheld_as_withheld() -> None:
    picture = sdc.figure(repaired())
    texts = drawn_texts(picture.to_svg())
    assert crosses(picture.to_svg()) == 1
    assert {"40", "30", "32"} & set(texts) or "× withheld Unit: unit." in texts
    assert "× withheld Unit: unit." in texts
    assert "Figures drawn: 3; withheld: 1." in picture.alternative


def people() -> pd.DataFrame:
    """Return 1,200 units in two groups, with an income, a duration and whether something happened at its end."""
    numbers = range(1200)
    return pd.DataFrame(
        {
            UNIT: numbers,
            "group": ["a", "b"] * 600,
            "income": [1000 + 7 * (one % 400) for one in numbers],
            "months": [1 + one * 5 % 36 for one in numbers],
            "event": [one % 3 for one in numbers],
        }
    )


def test_five_quantiles_made_in_one_call_give_a_box_plot() -> None:
    five_names = ["p5", "p25", "median", "p75", "p95"]
    outs = sdc.table(people(), rows="group", values="income", statistic=five_names, unit=UNIT, policy="abs")
    assert "Figures drawn: 10; withheld: 0." in sdc.figure(outs, "box").alternative


def test_a_real_lorenz_curve_is_drawn() -> None:
    made_one = sdc.table(people(), rows="group", values="income", statistic="lorenz", unit=UNIT, policy="abs")
    assert sdc.figure(made_one, "lorenz").alternative.startswith("Lorenz curve: Cumulative share in income by group.")


def test_real_curves_of_survival_and_of_one_cause_are_drawn() -> None:
    asked: dict[str, Any] = {"duration": "months", "by": "group", "unit": UNIT, "policy": "abs", "period": 6}
    once = people().assign(event=lambda one: one["event"].clip(upper=1))
    stays = sdc.figure(sdc.survival(once, event="event", **asked), "kaplan_meier")
    assert stays.alternative.startswith(
        "Kaplan-Meier curve: Share without the event so far (event: event; period 6) by group."
    )
    causes = sdc.survival(people(), event="event", kind="cumulative_incidence", **asked)
    with pytest.raises(BadInputError, match="incidence_1"):
        sdc.figure(causes, "kaplan_meier")
    first = sdc.figure(causes, "kaplan_meier", at={"figure": "incidence_1"})
    assert first.alternative.startswith(
        "Curve of cumulative incidence: Share with the event so far (event: event; period 6) by group."
    )


def test_a_table_that_is_not_safe_is_refused_with_the_remedy_named() -> None:
    with pytest.raises(RefusedError, match=r"out\.apply\(out\.remedies\(\)\[0\]\)"):
        sdc.figure(homes())


def test_a_table_that_could_not_be_judged_is_refused() -> None:
    unjudged = sdc.table(heads({"a": 40}), rows="group")
    with pytest.raises(RefusedError, match="could not be judged"):
        sdc.figure(unjudged)
    with pytest.raises(RefusedError, match="could not be judged"):
        sdc.figure(out(made({("a",): "1"}, verdict=Inconclusive((text("Safe"),)))))


def test_the_published_figures_of_a_real_table_are_drawn() -> None:
    frame = pd.DataFrame({UNIT: range(90), "year": ["2023", "2024", "2025"] * 30, "sex": ["m", "f"] * 45})
    picture = sdc.figure(sdc.table(frame, rows="year", unit=UNIT, policy="abs"))
    assert drawn_texts(picture.to_svg()).count("30") >= 3


def test_a_margin_is_never_a_category() -> None:
    frame = pd.DataFrame({UNIT: range(120), "d1": ["a", "b"] * 60, "d2": ["x", "x", "y"] * 40})
    safe = sdc.table(frame, rows="d1", columns="d2", unit=UNIT, policy="abs")
    for kind in ("bar", "line", "heat_map"):
        texts = drawn_texts(sdc.figure(safe, kind).to_svg())
        assert "Total" not in texts
        assert "120" not in texts


def test_a_dimension_without_a_role_is_at_its_total_or_held_at_a_category() -> None:
    frame = pd.DataFrame({UNIT: range(120), "d1": ["a", "b"] * 60, "d2": ["x", "x", "y"] * 40})
    safe = sdc.table(frame, rows="d1", columns="d2", unit=UNIT, policy="abs")
    assert drawn_texts(sdc.figure(safe, x="d1").to_svg()).count("60") >= 2
    assert drawn_texts(sdc.figure(safe, x="d2", at={"d1": "a"}).to_svg()).count("20") >= 1
    assert "(d1 a)" in sdc.figure(safe, x="d2", at={"d1": "a"}).alternative


def test_withheld_margins_are_not_drawn_but_refused_with_advice() -> None:
    with pytest.raises(RefusedError, match="give every dimension a role"):
        sdc.figure(repaired(), x="d1")


# -------------------------------------------------------------------------------------------- what a picture holds
@pytest.mark.parametrize("kind", FigureKind)
def test_every_kind_is_drawn_as_svg_and_png(kind: FigureKind, figures: dict[FigureKind, Figure]) -> None:
    picture = figures[kind]
    assert ET.fromstring(picture.to_svg()).tag == f"{NAMESPACE}svg"
    assert picture.to_png().startswith(PNG)
    assert len(picture.to_png()) > 4000


@pytest.mark.parametrize("kind", FigureKind)
def test_a_picture_is_shapes_and_texts_only(kind: FigureKind, figures: dict[FigureKind, Figure]) -> None:
    root = ET.fromstring(figures[kind].to_svg())
    tags = {element.tag.removeprefix(NAMESPACE) for element in root.iter()}
    assert tags <= {"svg", "g", "rect", "path", "line", "circle", "text", "tspan", "title", "desc"}
    for element in root.iter():
        assert not [name for name in element.attrib if name.startswith("on") or "href" in name or "aria" in name]
        assert not any("url(" in value or ":" in value for value in element.attrib.values())


@pytest.mark.parametrize("kind", FigureKind)
def test_nothing_of_a_withheld_figure_is_in_the_picture(
    kind: FigureKind, figures: dict[FigureKind, Figure], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = figures[kind]
    for part in (shown.to_svg().decode(), shown._repr_html_(), repr(shown), json.dumps(shown._drawing.document)):
        assert SECRET not in part
        assert "987,654" not in part
    monkeypatch.setattr("tests.disclosure.made_tables.SECRET", "3")
    other = of_kind(kind)
    assert other.to_svg() == shown.to_svg()
    assert other.to_png() == shown.to_png()


@pytest.mark.parametrize("kind", [kind for kind in FigureKind if kind is not FigureKind.LORENZ])
def test_a_withheld_figure_has_a_sign_and_the_sign_is_explained(
    kind: FigureKind, figures: dict[FigureKind, Figure]
) -> None:
    svg = figures[kind].to_svg()
    assert crosses(svg) == 1
    assert any("× withheld" in one for one in drawn_texts(svg))


@pytest.mark.parametrize("kind", FigureKind)
def test_the_display_is_an_image_with_its_text_and_its_table(
    kind: FigureKind, figures: dict[FigureKind, Figure]
) -> None:
    picture = figures[kind]
    page = _page(picture)
    assert page.tags.count("img") == 1
    assert page.images[0]["alt"] == picture.alternative == repr(picture)
    assert str(page.images[0]["src"]).startswith("data:image/svg+xml;base64,")
    assert {"script", "svg", "iframe", "object"}.isdisjoint(page.tags)
    assert set(picture._repr_mimebundle_()) == {"text/html", "text/plain"}
    assert len(page.cells) >= sum(len(plot.marks) for plot in picture._drawing.plots.values())


@pytest.mark.parametrize("kind", FigureKind)
def test_the_table_behind_holds_every_published_figure_and_sign(
    kind: FigureKind, figures: dict[FigureKind, Figure]
) -> None:
    picture = figures[kind]
    marks = [mark for plot in picture._drawing.plots.values() for mark in plot.marks]
    cells = _page(picture).cells
    assert cells.count("×") == sum(mark.state.value == "withheld" for mark in marks)
    assert sorted(cells) == sorted(
        "×" if one.state.value == "withheld" else "." if one.figure is None else one.figure for one in marks
    )


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.cells: list[str] = []
        self._in = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._in = tag == "td"
        if tag == "img":
            self.images.append(dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        self._in = False

    def handle_data(self, data: str) -> None:
        if self._in:
            self.cells.append(data)


def _page(picture: Figure) -> _Page:
    page = _Page()
    page.feed(picture._repr_html_())
    return page


# --------------------------------------------------------------------------------------------------- determinism
_OTHER_PROCESS = """
import hashlib, sys
sys.path.insert(0, sys.argv[1])
from tests.disclosure.test_figures import FigureKind, of_kind
for kind in FigureKind:
    one = of_kind(kind)
    print(kind.value, hashlib.sha256(one.to_svg()).hexdigest(), hashlib.sha256(one.to_png()).hexdigest())
"""


def _elsewhere(*before: str) -> list[str]:
    command = [*before, sys.executable, "-W", "ignore", "-c", _OTHER_PROCESS, str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, env={"LANG": "C.UTF-8"})
    return done.stdout.splitlines()


def test_the_bytes_are_the_same_in_two_processes_also_without_a_network_and_without_fonts() -> None:
    sealed = ("bwrap", "--dev-bind", "/", "/", "--unshare-net", "--die-with-parent", "--tmpfs", "/usr/share/fonts")
    here, there = _elsewhere(), _elsewhere(*sealed)
    assert len(here) == len(FigureKind)
    assert here == there


@pytest.mark.parametrize("kind", FigureKind)
def test_drawing_again_gives_the_same_bytes(kind: FigureKind, figures: dict[FigureKind, Figure]) -> None:
    again = of_kind(kind)
    assert again.to_svg() == figures[kind].to_svg()
    assert again.to_png() == figures[kind].to_png()


@pytest.mark.parametrize("kind", FigureKind)
def test_the_control_zone_draws_the_same_from_its_table_and_the_request(
    kind: FigureKind, figures: dict[FigureKind, Figure]
) -> None:
    shown = figures[kind]
    tables = {name: one.table for name, one in shown.out.items()} if isinstance(shown.out, Mapping) else shown.out.table
    request = sdc_request(shown.request.to_json())
    with sdc.language("nl"):  # the reviewer's language does not change a byte
        assert figure_bytes(tables, request, geography=shown.geography) == shown.to_svg()
    assert figure_bytes(tables, request, form=FigureFormat.PNG, geography=shown.geography) == shown.to_png()


@pytest.mark.parametrize("kind", FigureKind)
def test_no_document_names_an_address(kind: FigureKind, figures: dict[FigureKind, Figure]) -> None:
    document = dict(figures[kind]._drawing.document)
    assert document.pop("$schema").startswith("https://vega.github.io/schema/vega-lite/")
    assert "://" not in json.dumps(document)
    assert not re.search(r'"(url|href|src)"', json.dumps(document))


def test_a_document_with_an_address_is_refused_before_anything_is_drawn() -> None:
    from disclosure.render.figures.draw import require_closed

    for bad in ({"data": {"url": "x.csv"}}, {"layer": [{"mark": {"type": "image", "href": "x"}}]}, [{"src": 1}]):
        with pytest.raises(RefusedError):
            require_closed(bad)


@pytest.mark.parametrize(
    "drawn",
    [
        "<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
        "<svg xmlns='http://www.w3.org/2000/svg'><image href='x'/></svg>",
        "<svg xmlns='http://www.w3.org/2000/svg'><path onclick='x'/></svg>",
        "<svg xmlns='http://www.w3.org/2000/svg'><path fill='url(#a)'/></svg>",
        "<svg xmlns='http://www.w3.org/2000/svg'><g>text</g></svg>",
        "<svg xmlns='http://www.w3.org/2000/svg'><!-- note --></svg>",
        "<svg xmlns='http://www.w3.org/2000/svg'><svg/></svg>",
        "<svg xmlns='http://elsewhere'></svg>",
        "<!DOCTYPE svg [<!ENTITY a 'b'>]><svg xmlns='http://www.w3.org/2000/svg'><text>&a;</text></svg>",
        "<html/>",
        "<svg",
        "",
    ],
)
def test_a_picture_with_anything_else_in_it_is_refused(drawn: str) -> None:
    from disclosure.render.figures.svg import clean

    with pytest.raises(RefusedError):
        clean(drawn, title="t", description="d")


# ---------------------------------------------------------------------------------------------------------- labels
NASTY = (
    "\"quotes\" and 'quotes'",
    "<script>alert(1)</script>",
    "</text><image href='x'/>",
    "&amp; & ]]>",
    "a\nb\r\nc\td",
    "שלום עולם",
    "مرحبا",
    "\u202eevil\u202c",
    "\x00\x07\x1b[31m",
    "x" * 5000,
    "datum.value]+(1)",
    "{one}{0}%s${x}",
    " ",
    "",
    "0",
    "1",
    "\U0001d518\U0001f600",
    "null",
    "if",
    "constructor",
    "width",
    "toString",
    "~",
    "\ufffe",
)


def _draws(labels: tuple[str | None, ...], kind: str) -> Figure:
    table = made({(label,): str(place + 1) for place, label in enumerate(labels)}, ("x",), statistic=Statistic.SUM)
    return sdc.figure(out(table), kind)


@pytest.mark.parametrize("kind", ["bar", "line"])
def test_labels_of_any_kind_are_drawn_and_none_is_markup(kind: str) -> None:
    picture = _draws((*NASTY, None), kind)
    root = ET.fromstring(picture.to_svg())
    assert not list(root.iter(f"{NAMESPACE}image"))
    assert "<script" not in picture.to_svg().decode()
    assert {"script", "image"}.isdisjoint(_page(picture).tags)
    texts = " ".join(drawn_texts(picture.to_svg()))
    assert "<script>alert(1)</script>" in texts
    assert "(missing)" in texts
    assert "\u202e" not in picture.to_svg().decode()
    assert "x" * 200 not in texts


@given(st.sets(st.one_of(st.none(), st.text(min_size=0, max_size=40)), min_size=1, max_size=6))
@example({"(missing)", None})
@example({"if"})
@settings(max_examples=15)
def test_any_labels_are_drawn_in_canonical_order(labels: set[str | None]) -> None:
    from disclosure.render.figures.intervals import ordered

    try:
        picture = _draws(tuple(labels), "bar")
    except UnicodeEncodeError:  # no table can hold half a surrogate pair
        raise AssertionError from None
    (plot,) = picture._drawing.plots.values()
    (channel,) = plot.channels.values()
    assert channel.labels == ordered(labels)
    assert [mark.place for mark in plot.marks] == [(place,) for place in range(len(labels))]
    assert ET.fromstring(picture.to_svg()).tag == f"{NAMESPACE}svg"
    assert "<script" not in picture._repr_html_()


@given(st.permutations(["10", "9", "2", "b", "a", None]))
@settings(max_examples=10)
def test_the_order_of_the_rows_does_not_change_a_byte(labels: list[str | None]) -> None:
    cells = {(label,): str(len(str(label))) for label in labels}
    first = {(label,): str(len(str(label))) for label in ["10", "9", "2", "b", "a", None]}
    assert sdc.figure(out(made(cells))).to_svg() == sdc.figure(out(made(first))).to_svg()


@given(st.lists(st.integers(-1000, 1000), min_size=2, max_size=8, unique=True), st.randoms())
def test_interval_labels_follow_the_number_line(ends: list[int], random: Any) -> None:
    from disclosure.render.figures.intervals import ordered

    ends.sort()
    labels = [f"[{low}, {high})" for low, high in pairwise(ends)]
    shuffled: list[str | None] = [*labels, None]
    random.shuffle(shuffled)
    assert ordered(shuffled) == (*labels, None)


@pytest.mark.parametrize(
    ("label", "ends"),
    [
        ("[0, 10)", ("0", "10")),
        ("(0.0, 10.5]", ("0.0", "10.5")),
        ("(-inf, 5]", (None, "5")),
        ("[90, inf)", ("90", None)),
        ("10-20", ("10", "20")),
        ("-5 – 5", ("-5", "5")),
        ("10 tot 20", ("10", "20")),
        ("<10", (None, "10")),
        ("≥ 65", ("65", None)),
        ("65+", ("65", None)),
        ("7", ("7", "7")),
        ("2017 + 2018", ("2017", "2018")),
        ("[0, 10) + [20, inf)", ("0", None)),
    ],
)
def test_an_interval_is_read(label: str, ends: tuple[str | None, str | None]) -> None:
    from disclosure.render.figures.intervals import interval

    read = interval(label)
    assert read is not None
    assert [None if end is None else str(end) for end in (read.low, read.high)] == list(ends)


@pytest.mark.parametrize(
    "label", ["", "a", "[10, 0)", "(inf, 5]", "[5, -inf)", "(-inf, inf)", "1,5", "[0; 1)", "٣", "--1", "1 + a"]
)
def test_what_is_not_an_interval_is_not_read_as_one(label: str) -> None:
    from disclosure.render.figures.intervals import interval

    assert interval(label) is None


def test_merged_years_stand_where_they_were() -> None:
    from disclosure.render.figures.intervals import ordered

    assert ordered(["2016", "2017 + 2018", "2019", "2015"]) == ("2015", "2016", "2017 + 2018", "2019")


def test_one_label_that_is_no_interval_puts_all_in_canonical_order() -> None:
    from disclosure.render.figures.intervals import ordered

    assert ordered(["[10, 20)", "[5, 10)", "other"]) == ("[5, 10)", "[10, 20)", "other")


# --------------------------------------------------------------------------------------------------- each kind's own
def test_bars_lie_down_when_labels_are_long() -> None:
    short, long = _draws(("a", "b"), "bar"), _draws(("a" * 60, "b" * 60), "bar")
    assert short._drawing.document["layer"][0]["encoding"]["x"]["type"] == "ordinal"
    assert long._drawing.document["layer"][0]["encoding"]["y"]["type"] == "ordinal"


def test_a_zero_of_a_count_is_a_zero_and_a_missing_mean_is_not() -> None:
    cells = {("a", "x"): "20", ("a", "y"): "30", ("b", "x"): "40"}
    counted = sdc.figure(out(made(cells, ("d1", "d2"), statistic=Statistic.COUNT)), "heat_map")
    averaged = sdc.figure(out(made(cells, ("d1", "d2"), statistic=Statistic.MEAN)), "heat_map")
    assert "0" in drawn_texts(counted.to_svg())
    assert "." in drawn_texts(averaged.to_svg())
    assert ". no figure" in drawn_texts(averaged.to_svg())
    assert crosses(averaged.to_svg()) == 0


def test_a_line_breaks_at_a_withheld_figure() -> None:
    cells = {(str(year),): WITHHELD if year == 2020 else "5" for year in range(2015, 2025)}
    rows = sdc.figure(out(made(cells, ("year",))), "line")._drawing.document["data"]["values"]
    before = {row["segment"] for row in rows if row["is"] == "figure" and row["at"] < 2020}
    after = {row["segment"] for row in rows if row["is"] == "figure" and row["at"] > 2020}
    assert len(before) == len(after) == 1
    assert before.isdisjoint(after)


def test_a_survival_curve_starts_at_one_and_steps_up_to_what_is_withheld() -> None:
    table = made(SURVIVAL, ("sex", "time", "figure"), statistic=Statistic.SURVIVAL)
    rows = sdc.figure(out(table), "kaplan_meier")._drawing.document["data"]["values"]
    man = [(row["is"], row["at"], row.get("value")) for row in rows if row["series"] == "0"]
    assert man[0] == ("start", 0.0, 1.0)
    assert man[1:5] == [("figure", 6.0, 0.9), ("figure", 12.0, 0.7), ("start", 18.0, 0.7), ("sign", 18.0, None)]
    assert {row["at"] for row in rows} == {0.0, 6.0, 12.0, 18.0, 24.0}


def test_a_survival_curve_is_not_drawn_of_another_table() -> None:
    with pytest.raises(BadInputError, match="time"):
        sdc.figure(out(made({("a",): "1"})), "kaplan_meier")
    with pytest.raises(BadInputError, match="survival table"):
        sdc.figure(out(made({("1",): "1", ("2",): "2"}, ("time",))), "kaplan_meier")


def test_another_figure_of_the_same_table_can_be_drawn() -> None:
    table = made(SURVIVAL, ("sex", "time", "figure"), statistic=Statistic.SURVIVAL)
    rows = sdc.figure(out(table), "line", x="time", series="sex", at={"figure": "at_risk"})._drawing
    assert {mark.figure for plot in rows.plots.values() for mark in plot.marks} == {"100"}


def test_a_table_that_is_a_curve_is_drawn_as_one_and_any_other_as_bars() -> None:
    survival = out(made(SURVIVAL, ("sex", "time", "figure"), statistic=Statistic.SURVIVAL))
    shares = out(made(SHARES, ("percentile", "figure"), statistic=Statistic.LORENZ))
    assert sdc.figure(survival).request.kind is FigureKind.KAPLAN_MEIER
    assert sdc.figure(survival).to_svg() == sdc.figure(survival, "kaplan_meier").to_svg()
    assert sdc.figure(shares).request.kind is FigureKind.LORENZ
    assert sdc.figure(homes().apply(homes().remedies()[0])).request.kind is FigureKind.BAR


@pytest.mark.parametrize(
    ("kind", "roles"),
    [
        ("bar", {}), ("bar", {"x": "time", "series": "figure"}), ("line", {"x": "time", "panel": "figure"}),
        ("heat_map", {"x": "time", "y": "figure"}), ("kaplan_meier", {"series": "figure"}),
    ],
)  # fmt: skip
def test_figures_of_different_kinds_never_stand_on_one_axis(kind: str, roles: dict[str, str]) -> None:
    table = out(made(SURVIVAL, ("sex", "time", "figure"), statistic=Statistic.SURVIVAL))
    with pytest.raises(BadInputError, match="several figures of different kinds") as caught:
        sdc.figure(table, kind, **roles)  # type: ignore[arg-type]
    assert "at={'figure': " in str(caught.value.hint)
    if kind != "kaplan_meier":
        across = "y" if kind == "heat_map" else "series"
        one = sdc.figure(table, kind, x="time", at={"figure": "at_risk"}, **{across: "sex"})
        assert one.alternative


def test_a_lorenz_curve_runs_from_nothing_to_all_beside_its_diagonal() -> None:
    table = made(SHARES, ("percentile", "figure"), statistic=Statistic.LORENZ)
    rows = sdc.figure(out(table), "lorenz")._drawing.document["data"]["values"]
    curve = [(row["at"], row["value"]) for row in rows if row["is"] != "even"]
    assert (curve[0], curve[-1]) == ((0.0, 0.0), (100.0, 1.0))
    assert [(row["at"], row["value"]) for row in rows if row["is"] == "even"] == [(0.0, 0.0), (100.0, 1.0)]
    with pytest.raises(BadInputError):
        sdc.figure(out(made({("a",): "1"})), "lorenz")


def test_a_histogram_is_of_counts_over_intervals_in_their_order() -> None:
    bins = {("[5, 10)",): "20", ("[10, 15)",): "30", ("[0, 5)",): "40"}
    counts = sdc.figure(out(made(bins, ("age",), statistic=Statistic.COUNT)), "histogram")
    rows = counts._drawing.document["data"]["values"]
    assert [(row["low"], row["high"], row["value"]) for row in rows] == [(0, 5, 40), (5, 10, 20), (10, 15, 30)]
    with pytest.raises(BadInputError, match="counts"):
        sdc.figure(out(made(bins, ("age",), statistic=Statistic.MEAN)), "histogram")
    names = {("[0, 5)",): "40", ("north",): "20"}
    with pytest.raises(BadInputError, match="'age' has other categories"):
        sdc.figure(out(made(names, ("age",), statistic=Statistic.COUNT)), "histogram")


def test_unequal_or_open_intervals_are_labelled_instead_of_measured() -> None:
    bins = {("[0, 5)",): "20", ("[5, 20)",): "30", (None,): "40"}
    counts = sdc.figure(out(made(bins, ("age",), statistic=Statistic.COUNT)), "histogram")
    assert {"0 to 5", "5 to 20", "(missing)"} <= set(drawn_texts(counts.to_svg()))


def test_bars_lie_down_where_a_label_would_be_cut_and_the_label_takes_two_lines() -> None:
    long = "Huishoudens met een laag inkomen en zonder een eigen woning"
    drawn = sdc.figure(out(made({(long,): "20", ("b",): "30"}))).to_svg().decode()
    assert ">Huishoudens met een laag inkomen en<" in drawn
    assert ">zonder een eigen woning<" in drawn
    assert "…" not in drawn


def test_a_text_alternative_has_few_digits() -> None:
    means = {("a",): "32597.416667", ("b",): "0.0123456789"}
    told = sdc.figure(out(made(means, ("group",), statistic=Statistic.MEAN))).alternative
    assert "Lowest 0.0123457 (b); highest 32,597.4 (a)." in told


def test_intervals_that_read_alike_keep_their_own_labels() -> None:
    bins = {("[0, 5)",): "20", ("[0.0, 5.0)",): "30"}
    texts = drawn_texts(sdc.figure(out(made(bins, ("age",)))).to_svg())
    assert {"[0, 5)", "[0.0, 5.0)"} <= set(texts)


def test_a_box_plot_has_no_extremes_and_draws_no_part_of_which_a_quantile_is_withheld() -> None:
    rows = sdc.figure(five(p95={("b",): WITHHELD}, median={("a",): WITHHELD}), "box")._drawing.document["data"][
        "values"
    ]
    parts = {(row["x"], row["is"], row.get("low"), row.get("high")) for row in rows}
    assert parts == {
        ("0", "whisker", 8, 15),
        ("0", "whisker", 31, 60),
        ("0", "sign", None, None),
        ("1", "whisker", 16, 30),
        ("1", "box", 30, 62),
        ("1", "median", 40, 40),
        ("1", "sign", None, None),
    }


def test_the_five_outputs_of_a_box_plot_may_come_in_a_row() -> None:
    probabilities = {"p5": "0.05", "p25": "0.25", "median": "0.5", "p75": "0.75", "p95": "0.95"}
    outs = [
        out(made({("a",): str(QUANTILES[name])}, statistic=Statistic.QUANTILE, options=(("probability", at),)))
        for name, at in probabilities.items()
    ]
    named = dict(zip(probabilities, outs, strict=True))
    assert sdc.figure(list(reversed(outs)), "box").to_svg() == sdc.figure(named, "box").to_svg()


def test_a_box_plot_of_other_than_five_fitting_tables_is_refused() -> None:
    whole = five()
    with pytest.raises(BadInputError, match="five"):
        sdc.figure({name: one for name, one in whole.items() if name != "p5"}, "box")
    with pytest.raises(BadInputError, match="five"):
        sdc.figure(whole["p5"], "box")
    with pytest.raises(BadInputError, match="five"):
        sdc.figure([whole["p5"]] * 5, "box")
    with pytest.raises(BadInputError, match="categories"):
        sdc.figure(five(p5={("c",): "1"}), "box")
    with pytest.raises(BadInputError, match="order"):
        sdc.figure({**whole, "p5": whole["p95"], "p95": whole["p5"]}, "box")
    with pytest.raises(BadInputError, match="one output"):
        sdc.figure(whole, "bar")


def test_one_unsafe_quantile_refuses_the_box_plot() -> None:
    unsafe = out(made({("a",): "1"}, verdict=homes().verdict))
    with pytest.raises(RefusedError):
        sdc.figure({**five(), "p5": unsafe}, "box")


def test_over_two_dimensions_the_area_of_a_dot_is_a_count() -> None:
    cells = {(one, two): "25" for one in ("[0, 1)", "[1, 2)") for two in ("[0, 5)", "[5, 10)")}
    assert (
        sdc.figure(out(made(cells, ("d1", "d2"), statistic=Statistic.COUNT)), "binned_scatter").to_svg().count(b"<path")
    )
    with pytest.raises(BadInputError, match="heat_map"):
        sdc.figure(out(made(cells, ("d1", "d2"))), "binned_scatter")


# ----------------------------------------------------------------------------------------------------------- maps
def test_a_map_uses_the_polygons_and_the_key_and_drops_the_rest() -> None:
    plain = sdc.figure(out(made(DISTRICTS)), "choropleth", geography=AREAS, key="code")
    noisy = json.loads(json.dumps(AREAS))
    noisy["name"] = noisy["crs"] = {"secret": "rides along"}
    for feature in noisy["features"]:
        feature["id"] = "secret"
        feature["properties"]["name"] = "secret"
        feature["geometry"]["coordinates"][0] = [[*point, 12.5] for point in feature["geometry"]["coordinates"][0]]
    other = sdc.figure(out(made(DISTRICTS)), "choropleth", geography=noisy, key="code")
    assert other.to_svg() == plain.to_svg()
    assert b"secret" not in other.to_svg()


def test_digits_of_a_coordinate_that_nobody_sees_do_not_reach_the_picture() -> None:
    shifted = json.loads(json.dumps(AREAS))
    shifted["features"][1]["geometry"]["coordinates"][0][2][1] -= 1e-7
    first = sdc.figure(out(made(DISTRICTS)), "choropleth", geography=AREAS, key="code")
    assert sdc.figure(out(made(DISTRICTS)), "choropleth", geography=shifted, key="code").to_svg() == first.to_svg()


def test_a_map_says_what_is_not_on_it(figures: dict[FigureKind, Figure]) -> None:
    texts = " ".join(drawn_texts(figures[FigureKind.CHOROPLETH].to_svg()))
    assert "the missing category is not on the map" in texts
    assert "outline only: not in the table" in texts


def test_a_map_is_read_from_a_file_bytes_or_mapping_alike(tmp_path: Path) -> None:
    path = tmp_path / "areas.geojson"
    path.write_text(json.dumps(AREAS))
    table = out(made(DISTRICTS))
    drawn = [
        sdc.figure(table, "choropleth", geography=given_as, key="code").to_svg()
        for given_as in (path, str(path), path.read_bytes(), AREAS)
    ]
    assert len(set(drawn)) == 1
    with pytest.raises(DataError):
        sdc.figure(table, "choropleth", geography=tmp_path / "absent", key="code")


def test_a_category_without_an_area_is_refused_without_its_label() -> None:
    with pytest.raises(BadInputError, match="1 of the 2 categories of 'wijk'") as caught:
        sdc.figure(out(made({("01",): "1", ("zz-top",): "2"})), "choropleth", geography=AREAS, key="code")
    assert "zz-top" not in str(caught.value)


def _changed(change: Any) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(json.dumps(AREAS))
    change(document)
    return document


BROKEN = {
    "another type": _changed(lambda one: one.update(type="Topology")),
    "no features": _changed(lambda one: one.update(features=[])),
    "a line": _changed(lambda one: one["features"][0]["geometry"].update(type="LineString")),
    "no geometry": _changed(lambda one: one["features"][0].update(geometry=None)),
    "no key": _changed(lambda one: one["features"][0]["properties"].pop("code")),
    "a boolean key": _changed(lambda one: one["features"][0]["properties"].update(code=True)),
    "the same key twice": _changed(lambda one: one["features"][0]["properties"].update(code="02")),
    "an open ring": _changed(lambda one: one["features"][0]["geometry"]["coordinates"][0].pop()),
    "a short ring": _changed(lambda one: one["features"][0]["geometry"].update(coordinates=[[[1, 2], [2, 3], [1, 2]]])),
    "a text for a number": _changed(lambda one: one["features"][0]["geometry"]["coordinates"][0].insert(1, ["1", "2"])),
    "four numbers": _changed(lambda one: one["features"][0]["geometry"]["coordinates"][0].insert(1, [1, 2, 3, 4])),
    "a huge number": _changed(lambda one: one["features"][0]["geometry"]["coordinates"][0].insert(1, [1e300, 2])),
    "no rings": _changed(lambda one: one["features"][0]["geometry"].update(coordinates=[])),
    "not a list": _changed(lambda one: one["features"].insert(0, "x")),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_geojson_that_is_not_polygons_with_a_key_is_refused(broken: str) -> None:
    with pytest.raises(DocumentError):
        sdc.figure(out(made(DISTRICTS)), "choropleth", geography=BROKEN[broken], key="code")


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"type": 1, "type": 2}', b"\xff", b'{"features": NaN}'])
def test_a_file_that_is_no_geojson_is_refused(data: bytes) -> None:
    with pytest.raises(DocumentError):
        sdc.figure(out(made(DISTRICTS)), "choropleth", geography=data, key="code")


def test_a_geojson_may_not_be_larger_than_its_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    table = out(made(DISTRICTS))
    module = "disclosure.render.figures.geography"
    for name, size in (("MOST_AREAS", 5), ("MOST_POINTS", 25)):
        with monkeypatch.context() as patched:
            patched.setattr(f"{module}.{name}", size)
            sdc.figure(table, "choropleth", geography=AREAS, key="code")
            patched.setattr(f"{module}.{name}", size - 1)
            with pytest.raises(DocumentError, match="more than"):
                sdc.figure(table, "choropleth", geography=AREAS, key="code")
    monkeypatch.setattr(f"{module}.LARGEST_FILE", 10)
    with pytest.raises(DocumentError, match="larger"):
        sdc.figure(table, "choropleth", geography=AREAS, key="code")


def test_a_map_needs_areas_and_only_a_map_takes_them() -> None:
    table = out(made({("01",): "1"}))
    with pytest.raises(BadInputError, match="geography="):
        sdc.figure(table, "choropleth")
    with pytest.raises(BadInputError, match="key="):
        sdc.figure(table, "choropleth", geography=AREAS)
    with pytest.raises(BadInputError, match="map"):
        sdc.figure(table, "bar", geography=AREAS, key="code")


def test_other_areas_than_the_request_names_are_refused() -> None:
    picture = sdc.figure(out(made(DISTRICTS)), "choropleth", geography=AREAS, key="code")
    assert picture.geography is not None
    with pytest.raises(DocumentError, match="not the one"):
        figure_bytes(made(DISTRICTS), picture.request, geography=picture.geography + b" ")


def test_a_withheld_area_is_hatched_within_its_bounds() -> None:
    from disclosure.render.figures.geography import geography_from
    from disclosure.render.figures.shapes import shapes_of

    hole = square("01", 4.0)
    hole["geometry"]["coordinates"].append([[4.02, 52.02], [4.02, 52.04], [4.08, 52.04], [4.08, 52.02], [4.02, 52.02]])
    (shape,), height = shapes_of(
        geography_from(json.dumps(areas(hole)).encode(), key="code"), width=300, most_height=300
    )
    lines = shape.hatching()["coordinates"]
    assert len(lines) > 20
    assert all(0 <= x <= 300.1 and 0 <= y <= height + 0.1 for line in lines for x, y in line)
    inner = [(60.5, 239.5), (height * 0.34, height * 0.66)]
    for (x1, y1), (x2, y2) in lines:
        x, y = (x1 + x2) / 2, (y1 + y2) / 2
        assert not (inner[0][0] < x < inner[0][1] and inner[1][0] < y < inner[1][1])


# ------------------------------------------------------------------------------------------------ sizes and refusals
def _many(count: int, **more: int) -> JudgedTable:
    cells = {(f"{place:05}",): str(place) for place in range(count)}
    return made(cells, ("x",))


def test_a_table_too_large_for_a_picture_is_refused_with_advice() -> None:
    request = FigureRequest(kind=FigureKind.BAR)
    assert drawing_of(_many(MOST_BARS), request).document
    with pytest.raises(RefusedError, match="coarser"):
        drawing_of(_many(MOST_BARS + 1), request)
    line = FigureRequest(kind=FigureKind.LINE)
    assert drawing_of(_many(MOST_MARKS), line).document
    with pytest.raises(RefusedError, match="2,000"):
        drawing_of(_many(MOST_MARKS + 1), line)


def test_more_series_or_panels_than_can_be_told_apart_are_refused() -> None:
    def table(count: int) -> Output:
        return out(made({("a", f"{place:02}"): "1" for place in range(count)}, ("d1", "d2")))

    assert sdc.figure(table(MOST_SERIES), "line").to_svg()
    with pytest.raises(RefusedError, match="panel="):
        sdc.figure(table(MOST_SERIES + 1), "line")
    assert sdc.figure(table(MOST_PANELS), x="d1", panel="d2").to_svg()
    with pytest.raises(RefusedError, match="panels"):
        sdc.figure(table(MOST_PANELS + 1), x="d1", panel="d2")


def test_what_the_table_or_the_kind_does_not_have_is_bad_input() -> None:
    table = out(made({("a", "x"): "1", ("b", "x"): "2"}, ("d1", "d2")))
    for asked in (
        {"kind": "pie"},
        {"kind": 5},
        {"kind": "heat_map", "x": "d1"},
        {"kind": "heat_map", "x": "d1", "series": "d2"},
        {"kind": "bar", "y": "d1"},
        {"kind": "bar", "x": "d3"},
        {"kind": "bar", "x": "d1", "series": "d1"},
        {"kind": "bar", "at": {"d3": "a"}},
        {"kind": "bar", "at": {"d1": "z"}},
        {"kind": "choropleth", "geography": AREAS, "key": "code"},
        {"kind": "bar", "title": "x" * 301},
        {"kind": "bar", "title": 5},
    ):
        with pytest.raises(BadInputError):
            sdc.figure(table, **asked)


# ------------------------------------------------------------------------------------------------------- languages
def test_a_picture_is_in_the_language_of_its_maker() -> None:
    table = out(made({("a",): "1234567.5", ("b",): WITHHELD, ("c",): "999999"}, ("wijk",), statistic=Statistic.MEAN))
    english = sdc.figure(table)
    with sdc.language("nl"):
        dutch = sdc.figure(table)
    assert "1,234,567.5" in drawn_texts(english.to_svg())
    assert "1\u00a0234\u00a0567,5" in drawn_texts(dutch.to_svg())
    assert "Mean of inkomen by wijk" in drawn_texts(english.to_svg())
    assert "Gemiddelde van inkomen naar wijk" in drawn_texts(dutch.to_svg())
    assert any(one.startswith("× onderdrukt") for one in drawn_texts(dutch.to_svg()))
    assert "De cijfers erachter" in dutch._repr_html_()


def test_titles_replace_the_tables_own() -> None:
    picture = sdc.figure(out(made({("a",): "1"})), title="Poor <b>", x_title="district", value_title="euro")
    texts = drawn_texts(picture.to_svg())
    assert {"Poor <b>", "district", "euro Unit: unit."} <= set(texts)
    assert "<b>" not in picture._repr_html_()


# -------------------------------------------------------------------------------------------------------- requests
def sdc_request(data: bytes) -> FigureRequest:
    from disclosure.model.figures import request_from_json

    return request_from_json(data)


REQUEST = FigureRequest(
    kind=FigureKind.CHOROPLETH,
    x="wijk",
    at=(("jaar", "2024"), ("sex", None)),
    title="Title",
    language="nl",
    geography=GeographyReference("sha256:" + "a" * 64, "code"),
)


def test_a_request_is_read_back_as_it_was_written() -> None:
    assert sdc_request(REQUEST.to_json()) == REQUEST
    assert sdc_request(FigureRequest(kind=FigureKind.BAR).to_json()) == FigureRequest(kind=FigureKind.BAR)


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "datakamp-figure/2"},
        {"kind": "pie"},
        {"kind": "bar"},
        {"x": 5},
        {"x": ""},
        {"x": "jaar"},
        {"at": [["sex", None], ["jaar", "2024"]]},
        {"at": [["jaar", 2024]]},
        {"at": {"jaar": "2024"}},
        {"title": None},
        {"title": "x" * 301},
        {"language": "de"},
        {"geography": None},
        {"geography": {"digest": "md5:1", "key": "code"}},
        {"geography": {"digest": "sha256:" + "a" * 64, "key": ""}},
        {"extra": 1},
        {"y": ["wijk"]},
    ],
)
def test_a_request_that_is_anything_else_is_refused(change: dict[str, Any]) -> None:
    document = {**REQUEST.to_document(), **change}
    with pytest.raises(DocumentError):
        sdc_request(json.dumps(document).encode())


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b"5", b'"x"', b"{}"])
def test_what_is_no_request_is_refused(data: bytes) -> None:
    with pytest.raises(DocumentError):
        sdc_request(data)


# ------------------------------------------------------------------------------------------------------------ classes
@pytest.mark.parametrize(
    ("figures_given", "bounds"),
    [
        (("0", "100"), ("0", "20", "40", "60", "80", "100")),
        (("3.5", "80.5"), ("0", "20", "40", "60", "80", "100")),
        (("-5", "5"), ("-6", "-4", "-2", "0", "2", "4", "6")),
        (("0.012", "0.019"), ("0.012", "0.014", "0.016", "0.018", "0.020")),
        (("7", "7"), ("7",)),
    ],
)
def test_classes_have_round_bounds_around_all_figures(figures_given: tuple[str, ...], bounds: tuple[str, ...]) -> None:
    from decimal import Decimal

    from disclosure.render.figures.classes import MOST, classes_of

    classes = classes_of(figures_given)
    assert len(classes) <= MOST
    assert classes.of(figures_given[0]) == 0
    assert min(map(Decimal, figures_given)) >= classes.bounds[0]
    assert max(map(Decimal, figures_given)) <= classes.bounds[-1]
    if len(bounds) - 1 <= MOST:
        assert list(classes.bounds) == [Decimal(bound) for bound in bounds]


def test_a_figure_at_a_bound_is_in_the_class_that_begins_there() -> None:
    from disclosure.render.figures.classes import classes_of

    classes = classes_of(("0", "100"))
    assert [classes.of(one) for one in ("0", "19.999", "20", "99", "100")] == [0, 0, 1, 4, 4]


def test_skewed_figures_are_spread_over_classes() -> None:
    from disclosure.render.figures.classes import classes_of

    given_figures = [str(place) for place in range(1, 40)] + ["100000"]
    classes = classes_of(given_figures)
    sizes = [sum(classes.of(one) == place for one in given_figures) for place in range(len(classes))]
    assert max(sizes) < 20


def test_a_script_that_the_pinned_fonts_lack_is_drawn_with_the_machines() -> None:
    from disclosure.render.figures.png import _BROUGHT_ALONG, png_bytes

    latin, hebrew = _draws(("São Tomé", "Ελλάδα", "Россия"), "bar"), _draws(("שלום",), "bar")
    assert _BROUGHT_ALONG.fullmatch(latin.to_svg().decode())
    assert not _BROUGHT_ALONG.fullmatch(hebrew.to_svg().decode())
    assert hebrew.to_png() == png_bytes(hebrew.to_svg())
    assert hebrew.to_png().startswith(PNG)


def test_what_cannot_be_drawn_as_png_is_refused_without_quoting_it() -> None:
    from disclosure.render.figures.png import png_bytes

    with pytest.raises(RefusedError) as caught:
        png_bytes(b"<svg>secret")
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


# ------------------------------------------------------------------------------------------------------- lightness
def test_importing_the_check_and_its_figures_draws_on_no_drawing_library() -> None:
    script = (
        "import sys, disclosure; first = [n for n in ('altair', 'vl_convert', 'pandas') if n in sys.modules];"
        "disclosure.figure; print(first, [n for n in ('altair', 'vl_convert') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[] []"


@pytest.mark.parametrize(
    ("label", "width", "most", "drawn"),
    [
        ("short", 10, 3, ["short"]),
        ("one two three", 8, 3, ["one two", "three"]),
        ("one two three four", 5, 2, ["one", "two…"]),
        ("x" * 20, 10, 1, ["xxxxxxxxx…"]),
        ("x" * 10, 10, 1, ["x" * 10]),
        ("x" * 13, 10, 1, ["x" * 13]),
        ("x" * 14, 10, 1, ["xxxxxxxxx…"]),
        ("", 10, 1, [" "]),
    ],
)
def test_a_label_is_drawn_over_lines_and_cut_only_where_it_must(
    label: str, width: int, most: int, drawn: list[str]
) -> None:
    from disclosure.render.figures.labels import lines

    assert lines(label, width=width, most=most) == drawn


@pytest.mark.parametrize("name", ["if", "constructor", "width", "datum", "value", "x", "is", "a.b[0]", "a'b\"c\\n"])
def test_names_and_titles_are_texts_whatever_they_are(name: str) -> None:
    cells = {(one, two, three): "5" for one in ("a", "b") for two in ("if", "d") for three in ("toString", "e")}
    picture = sdc.figure(
        out(made(cells, (name, "d2", "d3"))), x="d2", series=name, panel="d3", title=name, x_title=name
    )
    texts = drawn_texts(picture.to_svg())
    assert texts.count(name) >= 3
    assert {"if", "toString"} <= set(texts)
