"""The basket: what is in it, how it looks, what a submission still lacks, and taking things out again."""

from __future__ import annotations

import os
import resource
import time
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
import pytest

import disclosure as sdc
from disclosure.errors import BadInputError, DocumentError, RefusedError
from disclosure.exchange.canonical import canonical_json, digest
from disclosure.exchange.context import CampContext, MountedDataSet, RunKind
from disclosure.model.figures import GeographyReference
from disclosure.model.verdicts import Status
from disclosure.notebook import basket as basket_module
from disclosure.notebook.basket import Basket
from disclosure.notebook.basket_view import NOTEBOOK, Entry, lacking
from disclosure.notebook.camp import Camp
from disclosure.notebook.output import Output
from disclosure.notebook.outputs import Outputs
from disclosure.policy import load_policy
from disclosure.render.figures.draw import ADDRESS_SPACE, NoRoomError
from tests.disclosure.support import UNIT, heads

ASKED: dict[str, Any] = {"rows": "group", "unit": UNIT, "policy": "abs"}
TOLD: dict[str, str] = {"title": "Persons", "population": "everybody"}


def safe() -> Output:
    out: Output = sdc.table(heads({"a": 40, "b": 30}), **ASKED)
    return out


def unsafe() -> Output:
    out: Output = sdc.table(heads({"a": 40, "b": 3}), **ASKED)
    return out


def several() -> Outputs:
    frame = heads({"a": 40, "b": 30}).assign(value=[float(place % 13) for place in range(70)])
    out = sdc.table(frame, **ASKED, values="value", statistic=["mean", "count"])
    assert isinstance(out, Outputs)
    return out


def camp(workspace: Path, handover: Path | None = None) -> Camp:
    policy = load_policy("abs")
    context = CampContext(
        camp="c", team="t", run=RunKind.TEAM if handover is None else RunKind.CONTROL_ZONE, policy="",
        policy_digest=policy.digest, data_sets=(), workspace=workspace, parameters=MappingProxyType({}),
        handover=handover,
    )  # fmt: skip
    nothing: Any = MappingProxyType({})
    return Camp(context, policy, nothing, nothing, None)  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------------- adding and removing
def test_several_outputs_are_added_each_under_its_own_name() -> None:
    basket = Basket()
    basket.add(several(), name="income", **TOLD)
    assert [one.name for one in basket.outputs] == ["income-mean-of-value", "income-count"]
    assert {one.title for one in basket.outputs} == {"Persons"}
    assert set(basket.claims()) == {"income-mean-of-value", "income-count"}


def test_removing_takes_one_output_or_all_that_were_added_at_once() -> None:
    basket = Basket()
    basket.add(several(), name="income", **TOLD)
    basket.add(safe(), name="persons", **TOLD)
    basket.remove("income-count")
    assert [one.name for one in basket.outputs] == ["income-mean-of-value", "persons"]
    basket.remove("income")
    assert [one.name for one in basket.outputs] == ["persons"]
    with pytest.raises(BadInputError, match="persons"):
        basket.remove("income")
    basket.remove("persons")
    assert len(basket) == 0


def test_adding_under_a_name_again_replaces_all_that_was_added_under_it() -> None:
    basket = Basket()
    basket.add(several(), name="income", **TOLD)
    basket.add(several()[:1], name="income", **TOLD)
    assert [one.name for one in basket.outputs] == ["income-mean-of-value"]
    basket.add(safe(), name="income", **TOLD)
    assert [one.name for one in basket.outputs] == ["income"]


@pytest.mark.parametrize("name", ["Income", "", "a b", "../x", "x" * 64, "con", None])
def test_a_bad_name_is_refused_and_adds_nothing(name: Any) -> None:
    basket = Basket()
    with pytest.raises(DocumentError):
        basket.add(safe(), name=name, **TOLD)
    assert len(basket) == 0


def test_a_name_that_is_too_long_with_its_measure_adds_none_of_them() -> None:
    basket = Basket()
    with pytest.raises(DocumentError):
        basket.add(several(), name="x" * 60, **TOLD)
    assert len(basket) == 0


@pytest.mark.parametrize("said", [{"title": "two\nlines"}, {"population": "x" * 501}, {"title": "\u202etitle"}])
def test_a_bad_title_is_refused_when_it_is_given(said: dict[str, str]) -> None:
    with pytest.raises(DocumentError):
        Basket().add(safe(), name="persons", **{**TOLD, **said})


@pytest.mark.parametrize(
    "said",
    [
        {"title": "Ask jan@example.org"},
        {"population": "account NL91ABNA0417164300"},
        {"differs": "without 111222333"},
        {"title": "Spui 70, 2511BT 70"},
    ],
)
def test_what_people_write_is_scanned_for_identifiers(said: dict[str, str]) -> None:
    basket = Basket()
    with pytest.raises(RefusedError, match="looks like") as caught:
        basket.add(safe(), name="one", **{**TOLD, **said})
    assert not any(value in str(caught.value) for value in said.values())
    assert len(basket) == 0


def test_labels_are_scanned_too_and_ordinary_codes_pass() -> None:
    basket = Basket()
    for label, refused in (("05180101", False), ("35-45", False), ("2511BT", False), ("111222333 earns", True)):
        out = sdc.table(heads({label: 40, "b": 30}), **ASKED)
        if refused:
            with pytest.raises(RefusedError, match="A label of 'group'"):
                basket.add(out, name="one", **TOLD)
        else:
            basket.add(out, name="one", **TOLD)


def test_what_is_inconclusive_or_no_output_is_refused() -> None:
    basket = Basket()
    with pytest.raises(RefusedError, match="inconclusive"):
        basket.add(sdc.table(heads({"a": 40}), rows="group"), name="persons", **TOLD)
    inconclusive = Outputs({"one": safe(), "other": sdc.table(heads({"a": 40}), rows="group", policy="abs")})
    with pytest.raises(RefusedError, match="inconclusive"):
        basket.add(inconclusive, name="persons", **TOLD)
    for wrong in (None, 5, heads({"a": 1}), safe().to_pandas(), safe().table, "x", [safe()]):
        with pytest.raises(BadInputError, match="takes outputs"):
            basket.add(wrong, name="persons", **TOLD)  # type: ignore[arg-type]
    assert len(basket) == 0


# --------------------------------------------------------------------------------------------------- what is lacking
def test_an_empty_basket_says_so_and_how_to_fill_it() -> None:
    basket = Basket()
    assert repr(basket).splitlines()[0] == "The basket is empty."
    assert any("sdc.basket().add" in line for line in basket.lacks())
    assert "The basket is empty." in basket._repr_html_()


def test_title_population_and_a_safe_verdict_are_asked_for() -> None:
    basket = Basket()
    basket.add(unsafe(), name="persons")
    lacks = basket.lacks()
    assert "persons: a title" in lacks
    assert "persons: the population" in lacks
    assert any("persons: a safe verdict" in line for line in lacks)
    assert any("nobody to submit to" in line for line in lacks)
    with pytest.raises(BadInputError, match="persons"):
        _ = basket.outputs


def test_with_all_of_it_and_in_a_camp_nothing_is_lacking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NOTEBOOK, raising=False)
    monkeypatch.setattr(basket_module, "current_camp", lambda: camp(tmp_path))
    basket = Basket()
    basket.add(safe(), name="persons", **TOLD)
    assert basket.lacks() == ()
    assert "Ready: sdc.submit(title=..., purpose=..., code=[...])" in repr(basket)
    assert "Ready: sdc.submit" in basket._repr_html_()


@pytest.mark.parametrize(
    ("saved", "lacks"), [(None, "saved in the workspace"), (-60, "saved since the last output"), (60, "")]
)
def test_a_notebook_that_is_not_saved_since_is_told(
    saved: int | None, lacks: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    notebook = tmp_path / "analysis.ipynb"
    if saved is not None:
        notebook.write_text("{}")
        os.utime(notebook, (now + saved, now + saved))
    monkeypatch.setenv(NOTEBOOK, str(tmp_path / "analysis.ipynb"))
    entry = Entry("persons", "persons", "t", "p", "", safe(), now)
    said = [str(one) for one in lacking([entry], camp(tmp_path))]
    assert len(said) == (1 if lacks else 0)
    assert all(lacks in one and "analysis.ipynb" in one for one in said)


# ------------------------------------------------------------------------------------------------------------ display
def test_the_basket_shows_each_output_with_its_verdict() -> None:
    basket = Basket()
    basket.add(safe(), name="persons", **TOLD)
    basket.add(unsafe(), name="few", title="<b>Few</b>", population="everybody")
    text, page = repr(basket), basket._repr_html_()
    assert "persons: ✓ Safe (Persons)" in text
    assert "few: ▲ Unsafe (failing cells: " in text
    assert "A submission still lacks:" in text
    assert "<b>Few" not in page
    assert "&lt;b&gt;Few" in page
    for part in ('scope="row"', 'scope="col"', "<caption>", 'lang="en"', "▲ Unsafe"):
        assert part in page


def test_the_basket_is_dutch_for_a_dutch_reader() -> None:
    basket = Basket()
    basket.add(unsafe(), name="few")
    with sdc.language("nl"):
        for shown in (repr(basket), basket._repr_html_()):
            assert "Onveilig" in shown
            assert "een titel" in shown
            assert "ontbreekt nog" in shown
            assert "still lacks" not in shown


# ----------------------------------------------------------------------------------------------------------- handover
def test_what_is_taken_out_is_not_handed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(basket_module, "current_camp", lambda: camp(tmp_path, tmp_path))
    basket = Basket()
    basket.add(several(), name="income", **TOLD)
    basket.add(safe(), name="persons", **TOLD)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "income-count.arrow", "income-mean-of-value.arrow", "persons.arrow",
    ]  # fmt: skip
    basket.remove("income")
    assert [path.name for path in tmp_path.iterdir()] == ["persons.arrow"]
    assert pd.read_feather(tmp_path / "persons.arrow").columns.tolist() == [UNIT, "group"]


# -------------------------------------------------------------------------------------------------------------- figures
def five() -> Outputs:
    frame = heads({"a": 400}).assign(value=[float(place % 131) for place in range(400)])
    out = sdc.table(frame, **ASKED, values="value", statistic=["p5", "p25", "median", "p75", "p95"])
    assert isinstance(out, Outputs)
    return out


def test_a_figure_goes_with_its_table_as_it_is_asked_for_and_never_as_a_picture() -> None:
    basket = Basket()
    picture = sdc.figure(safe(), "bar", title="All of them")
    basket.add(picture, name="bars", **TOLD)
    (one,) = basket.outputs
    assert one.recipe == safe().recipe
    assert one.figure is not None
    assert one.figure.request == picture.request
    assert b"All of them" in canonical_json(one.to_document())
    assert b"40" not in canonical_json(one.figure.to_document())
    assert set(basket.claims()) == {"bars"}
    assert "bars: ✓ Safe (Persons), with a figure" in repr(basket)
    assert "with a figure" in basket._repr_html_()


def test_a_box_plot_goes_with_its_five_tables_and_lies_with_the_median() -> None:
    basket = Basket()
    basket.add(sdc.figure(five(), "box"), name="income", **TOLD)
    names = ["income-p5", "income-p25", "income-median", "income-p75", "income-p95"]
    assert [one.name for one in basket.outputs] == names
    assert [one.name for one in basket.outputs if one.figure is not None] == ["income-median"]
    figure = basket.outputs[2].figure
    assert figure is not None
    assert figure.tables == tuple(names)
    basket.remove("income")
    assert len(basket) == 0


@pytest.mark.parametrize("role", ["title", "x_title", "value_title"])
def test_the_titles_of_a_figure_are_scanned_for_identifiers(role: str) -> None:
    basket = Basket()
    titles: dict[str, Any] = {role: "Ask jan@example.org"}
    with pytest.raises(RefusedError, match="title of the figure"):
        basket.add(sdc.figure(safe(), "bar", **titles), name="bars", **TOLD)
    assert len(basket) == 0


def test_in_a_camp_only_areas_beside_a_data_set_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ring = [[4, 52], [5, 52], [5, 53], [4, 52]]
    features = [
        {"type": "Feature", "properties": {"code": one}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        for one in "ab"
    ]
    areas = canonical_json({"type": "FeatureCollection", "features": features})
    beside = camp(tmp_path)
    (tmp_path / "HOMES").mkdir()
    mounted = (MountedDataSet("HOMES", "sha256:" + "0" * 64, tmp_path / "HOMES"),)
    beside = replace(beside, context=replace(beside.context, data_sets=mounted))
    for module in ("basket", "figure"):
        monkeypatch.setattr(f"disclosure.notebook.{module}.current_camp", lambda: beside)
    monkeypatch.setattr("disclosure.notebook.judging.current_camp", lambda: None)
    basket = Basket()
    with pytest.raises(RefusedError, match="organiser supplied"):
        basket.add(sdc.figure(safe(), "choropleth", geography=areas, key="code"), name="map", **TOLD)
    (tmp_path / "HOMES" / "wijken.geojson").write_bytes(areas)
    basket.add(sdc.figure(safe(), "choropleth", geography="HOMES/wijken.geojson", key="code"), name="map", **TOLD)
    (one,) = basket.outputs
    assert one.figure is not None
    assert one.figure.request.geography == GeographyReference(digest(areas), "code")


def test_where_nothing_can_be_drawn_a_figure_says_so_shows_its_table_and_is_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for room, drawn in ((ADDRESS_SPACE, True), (ADDRESS_SPACE - 1, False), (resource.RLIM_INFINITY, True)):
        monkeypatch.setattr(resource, "getrlimit", lambda _, room=room: (room, room))
        picture = sdc.figure(safe(), "bar")
        assert ("data:image/svg+xml" in picture._repr_html_()) is drawn
        if drawn:
            assert picture.to_svg().startswith(b"<svg")
            continue
        assert "the control zone draws it" in picture._repr_html_()
        assert ">40<" in picture._repr_html_()
        for draw in (picture.to_svg, picture.to_png):
            with pytest.raises(NoRoomError):
                draw()
        basket = Basket()
        basket.add(picture, name="bars", **TOLD)
        assert len(basket.outputs) == 1


def test_an_output_that_shows_no_figure_is_not_taken() -> None:
    nothing: Any = sdc.table(heads({"a": 3, "b": 4}), **ASKED)
    withheld = nothing.apply(nothing.remedies()[0])
    assert withheld.verdict.status is Status.SAFE
    basket = Basket()
    with pytest.raises(RefusedError, match="'none' shows no figure") as refused:
        basket.add(withheld, name="none", **TOLD)
    assert "Group coarser" in str(refused.value.hint)
    assert len(basket) == 0
    # What fails may go to the reviewers as an exception, and one figure is enough.
    basket.add(nothing, name="none", **TOLD)
    some: Any = unsafe()
    basket.add(some.apply(some.remedies()[0]), name="some", **TOLD)
    assert len(basket) == 2


def test_a_remedy_that_leaves_no_figure_keeps_the_output_that_was_there() -> None:
    basket = Basket()
    basket.add(sdc.table(heads({"a": 3, "b": 4}), **ASKED), name="none", **TOLD)
    with pytest.raises(RefusedError, match="shows no figure"):
        basket.apply("none", 0)
    assert [one.name for one in basket.entries] == ["none"]
