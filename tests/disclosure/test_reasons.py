"""The reasons of a verdict name the guilty place first, once, and count what they do not name."""

from __future__ import annotations

import inspect
import pydoc

import numpy as np
import pandas as pd

import disclosure as sdc
from disclosure.model.cells import Cell
from disclosure.model.verdicts import Finding, RuleName, Unsafe
from disclosure.notebook.reasons import MOST_CELLS, reasons_of
from disclosure.texts import Text, language, text

WHY = text("fails a rule")
TERMS = ("term", "figure")


def unsafe(*cells: tuple[tuple[str, str | None], ...], why: Text = WHY) -> Unsafe:
    return Unsafe(tuple(Finding(RuleName.MINIMUM_COUNT, Cell(labels), why) for labels in cells))


def of_term(term: str, *figures: str) -> tuple[tuple[tuple[str, str | None], ...], ...]:
    return tuple((("term", term), ("figure", figure)) for figure in figures)


def test_several_figures_of_a_term_are_named_once_and_the_constant_last() -> None:
    verdict = unsafe(*of_term("(constant)", "coefficient", "p_value"), *of_term("g=c", "coefficient", "p_value"))
    assert reasons_of(verdict, TERMS) == ("fails a rule: term=g=c; term=(constant)",)


def test_a_single_figure_of_a_time_keeps_its_name() -> None:
    cells = ((("time", "3"), ("figure", "exits")),)
    assert reasons_of(unsafe(*cells), ("time", "figure")) == ("fails a rule: time=3, figure=exits",)


def test_the_figures_of_one_test_are_all_named() -> None:
    cells = ((("figure", "statistic"),), (("figure", "p_value"),))
    assert reasons_of(unsafe(*cells), ("figure",)) == ("fails a rule: figure=statistic; figure=p value",)


def test_names_that_a_statistic_adds_are_read_in_dutch_and_others_stay() -> None:
    with language("nl"):
        (line,) = reasons_of(unsafe((("wijk", "28"), ("time", "3"), ("figure", "exits"))), ("time", "figure"))
    assert line == "voldoet niet aan een regel: wijk=28, tijd=3, cijfer=uitstroom"


def test_a_term_keeps_its_name_in_dutch_whatever_it_is_called() -> None:
    with language("nl"):
        (line,) = reasons_of(unsafe(*of_term("share", "coefficient")), TERMS)
    assert line == "voldoet niet aan een regel: term=share, cijfer=coëfficiënt"


def test_a_finding_and_a_verdict_name_figures_as_the_display_does() -> None:
    found = Finding(RuleName.SURVIVAL, Cell((("at_risk", "x"), ("time", "3"), ("figure", "at_risk"))), WHY)
    assert found.message == "at_risk=x, time=3, figure=at_risk: fails a rule"
    told = Finding(found.rule, found.cell, WHY, added=("time", "figure"))
    assert told.message == "at_risk=x, time=3, figure=at risk: fails a rule"
    assert told == found
    with language("nl"):
        assert told.message == "at_risk=x, tijd=3, cijfer=nog aanwezig: voldoet niet aan een regel"
        assert "cijfer=nog aanwezig" in repr(Unsafe((told,)))


def test_a_printed_verdict_tells_each_reason_once_and_counts_the_other_findings() -> None:
    one = unsafe(*of_term("a", "coefficient", "p_value"), *of_term("b", "coefficient")).findings
    other = unsafe(*of_term("a", "coefficient"), why=text("is too small")).findings
    assert repr(Unsafe((*one, *other))) == (
        "<Unsafe (failing cells: 3): term=a, figure=coefficient: fails a rule; "
        "term=a, figure=coefficient: is too small; and 2 more reasons>"
    )


def test_one_term_beyond_those_that_are_named_is_one_place() -> None:
    terms = [of_term(f"t{place}", "coefficient", "p_value") for place in range(MOST_CELLS + 1)]
    (line,) = reasons_of(unsafe(*(cell for term in terms for cell in term)), TERMS)
    assert line.endswith("; and one more place")


def test_a_column_of_an_ordinary_table_that_is_called_figure_is_a_column_like_any_other() -> None:
    cells = ((("wijk", "28"), ("figure", "a")), (("wijk", "28"), ("figure", "b")))
    assert reasons_of(unsafe(*cells)) == ("fails a rule: wijk=28, figure=a; wijk=28, figure=b",)


def test_terms_beyond_those_that_are_named_are_counted() -> None:
    terms = [of_term(f"t{place}", "coefficient", "p_value") for place in range(MOST_CELLS + 2)]
    (line,) = reasons_of(unsafe(*(cell for term in terms for cell in term)), TERMS)
    assert line.endswith(f"term=t{MOST_CELLS - 1}; and 2 more places")
    (line,) = reasons_of(unsafe(*(cell for term in terms[:MOST_CELLS] for cell in term)), TERMS)
    assert line.endswith(f"term=t{MOST_CELLS - 1}")


def test_cells_beyond_those_that_are_named_are_counted() -> None:
    cells = [(("wijk", str(place)),) for place in range(MOST_CELLS + 3)]
    (line,) = reasons_of(unsafe(*cells))
    assert line.endswith(f"wijk={MOST_CELLS - 1}; and 3 more cells")


def test_a_failing_model_names_the_term_that_isolates_units() -> None:
    numbers = np.arange(300)
    frame = pd.DataFrame(
        {"person": numbers, "y": numbers * 7 % 101, "x": numbers % 13, "g": ["a"] * 150 + ["b"] * 146 + ["c"] * 4}
    )
    shown = repr(sdc.model("y ~ x + C(g)", frame, unit="person"))
    assert "minimum: term=g=c; term=(constant)\n" in shown
    assert "figure=coefficient" not in shown


def test_help_shows_what_a_model_takes() -> None:
    parameters = inspect.signature(sdc.model).parameters
    assert list(parameters)[:4] == ["formula", "frame", "family", "unit"]
    shown = pydoc.plain(pydoc.render_doc(sdc.model))
    assert "sdc.model(formula" in shown
    assert "Return a checked model" in shown
    assert "absorb: at most two columns" in shown
