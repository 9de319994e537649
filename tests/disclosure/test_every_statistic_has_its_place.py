"""Every statistic is named in each place that must know it, so that a new one is never left out in silence."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Final

import pandas as pd
import pytest

import disclosure as sdc
from disclosure.errors import DocumentError, PolicyError, broken_at
from disclosure.model.statistic import SPECIFICATIONS, Statistic
from disclosure.notebook import one_call
from disclosure.render.description import STATISTICS
from disclosure.rules import DEGREES_OF_FREEDOM, degrees_of_freedom
from disclosure.statistics import OUTPUT_CLASSES
from disclosure.texts import language
from tests.disclosure import every_statistic, test_notebook_words

NOT_EXACT_FIGURES_OF_VALUES: Final = frozenset(
    {
        *(Statistic.COUNT, Statistic.ROW_PERCENT, Statistic.COLUMN_PERCENT, Statistic.TOTAL_PERCENT, Statistic.RATE),
        *(Statistic.SHARE, Statistic.MEDIAN, Statistic.QUANTILE, Statistic.MODE, Statistic.POVERTY_RATE),
        *(one for one, takes in SPECIFICATIONS.items() if takes.is_design),
    }
)
"""Counts, shares of a published sum, rounded figures, and statistics that make an output of their own."""
OF_DEGREES: Final = frozenset(one for one, asked in OUTPUT_CLASSES.items() if DEGREES_OF_FREEDOM in asked.rules)


@pytest.mark.parametrize(
    ("place", "named", "wanted"),
    [
        ("SPECIFICATIONS in disclosure/model/statistic.py", SPECIFICATIONS.keys(), set(Statistic)),
        ("_CLASSES in disclosure/statistics/__init__.py", OUTPUT_CLASSES.keys(), set(Statistic)),
        ("STATISTICS in disclosure/render/description.py", STATISTICS.keys(), set(Statistic)),
        ("PARAMETERS in disclosure/rules/degrees_of_freedom.py", degrees_of_freedom.PARAMETERS.keys(), OF_DEGREES),
        (
            "disclosure/notebook/one_call.py, or here as no exact figure of values",
            one_call._MOMENTS.keys() | NOT_EXACT_FIGURES_OF_VALUES,
            set(Statistic),
        ),
        ("ASKED in tests/disclosure/every_statistic.py", every_statistic.ASKED.keys(), set(Statistic)),
        ("ASKED in tests/disclosure/test_notebook_words.py", test_notebook_words.ASKED.keys(), set(Statistic)),
    ],
)
def test_every_statistic_is_named_in(place: str, named: AbstractSet[Statistic], wanted: AbstractSet[Statistic]) -> None:
    assert not wanted - named, f"name them in {place}"
    assert not named - wanted, f"take them out of {place}"


def test_no_statistic_is_both_an_exact_figure_and_none() -> None:
    assert not one_call._MOMENTS.keys() & NOT_EXACT_FIGURES_OF_VALUES


def a_variance() -> None:
    frame = pd.DataFrame({"person": range(60), "wijk": ["28", "29"] * 30, "income": range(100, 160)})
    sdc.table(frame, rows="wijk", values="income", statistic="var", unit="person")


def test_an_unnamed_number_of_parameters_is_said_with_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(degrees_of_freedom, "PARAMETERS", {})
    with pytest.raises(PolicyError) as caught:
        a_variance()
    assert caught.value.message == "It is not said how many parameters 'var' estimates."
    assert caught.value.hint == "Add it to PARAMETERS in disclosure/rules/degrees_of_freedom.py."


def test_figures_that_break_off_name_the_statistic_and_the_module_and_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    def short(*_: object) -> None:
        raise KeyError("a value of a record")

    monkeypatch.setattr(degrees_of_freedom, "short_of_degrees", short)
    with pytest.raises(DocumentError) as caught:
        a_variance()
    where = "disclosure.rules.degrees_of_freedom"
    assert caught.value.message == f"The evidence of 'var' gives no figures: KeyError in {where}."
    with language("nl"):
        assert (
            caught.value.localized() == f"Uit de getelde gegevens voor 'var' volgen geen cijfers: KeyError in {where}."
        )


def test_an_error_from_elsewhere_is_told_by_its_kind_alone() -> None:
    assert broken_at(ValueError("secret")) == "ValueError"
