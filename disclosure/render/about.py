"""What a released table is about, in both languages: statistic, dimensions, units of measure, rules and policy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from disclosure.model.tables import JudgedTable
from disclosure.render.columns import released_columns, shown_categories
from disclosure.render.description import described, measured_in
from disclosure.statistics import output_class
from disclosure.texts import LANGUAGES, language


def about(table: JudgedTable, *, title: str = "", population: str = "") -> dict[str, Any]:
    """Return the description of a judged table, for released documents.

    It holds names, words and rules, and nothing that was counted: no number of units, no parameter of the policy.

    Returns:
        a JSON object with `statistic` (the words per language), `unit` (key columns of the statistical unit),
        `weight`, `unit_of_measure`, `decimals` (at most so many), `columns` (those of the csv, with their roles),
        `dimensions` (titles and labels per language), `policy`, `rules`, `complete`, and what people wrote.
    """
    recipe, labels = table.recipe, table.labels
    value = labels.columns.get(recipe.value or "")
    kept = output_class(recipe).decimals(value.decimals if value is not None else 0) if _has_decimals(table) else None
    written = {name: said for name, said in (("title", title), ("population", population)) if said}
    return written | {
        "statistic": in_every_language(lambda: described(recipe, table.evidence, labels=labels, shown=table.shown)),
        "unit": list(recipe.unit),
        "weight": recipe.weight,
        "unit_of_measure": in_every_language(lambda: measured_in(recipe, labels)),
        "decimals": kept,
        "columns": [
            {"heading": one.heading, "role": one.role.value, "of": one.of, "language": one.language}
            for one in released_columns(table)
        ],
        "dimensions": {
            name: {
                "title": dict(labels.title_texts(name)),
                "labels": {
                    label: dict(labels.category_texts(name, label))
                    for label in categories
                    if label is not None and labels.category_texts(name, label)
                },
            }
            for name, categories in shown_categories(table).items()
        },
        "policy": recipe.policy.name,
        "rules": [rule.value for rule in table.rules],
        "complete": table.complete,
    }


def in_every_language(said: Callable[[], str]) -> dict[str, str]:
    """Return what is said in each language, those left out in which it is nothing."""
    found = {}
    for code in LANGUAGES:
        with language(code):
            found[code] = said()
    return {code: one for code, one in found.items() if one}


def _has_decimals(table: JudgedTable) -> bool:
    """Whether the number of decimals is known: of a value it is the codebook's to say."""
    return table.recipe.value is None or table.recipe.value in table.labels.columns
