"""A recipe and where its columns come from, in words of both languages, for people who judge a derivation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from disclosure.exchange.tabulation import ColumnLineage
from disclosure.model.recipes import LazySource, Recipe
from disclosure.model.tables import JudgedTable
from disclosure.render.about import in_every_language
from disclosure.render.description import named
from disclosure.texts import Text, text

Words = dict[str, str]


def recipe_words(recipe: Recipe) -> list[dict[str, Any]]:
    """Return what a recipe asks for, an entry with `head` and `body` for each thing, in every language."""
    return [{"head": _every(head), "body": _every(body)} for head, body in _entries(recipe)]


def caption_words(table: JudgedTable) -> Words:
    """Return what the figures of a table are, by what."""
    recipe, labels = table.recipe, table.labels

    def said() -> str:
        names = ", ".join(labels.titled(name) for name in recipe.dimensions)
        return str(text("{what}, by {names}", what=named(recipe), names=names)) if names else named(recipe)

    return in_every_language(said)


def lineage_words(lineage: Sequence[ColumnLineage]) -> list[dict[str, Any]]:
    """Return each column with where it comes from; `computed` ones are marked for the reader."""
    return [
        {
            "column": one.column,
            "computed": one.origin is None,
            "origin": "" if one.origin is None else ".".join(one.origin),
            "sources": [".".join(origin) for origin in sorted(one.sources)],
        }
        for one in lineage
    ]


def _entries(recipe: Recipe) -> Iterator[tuple[Text, Text | Callable[[], str]]]:
    yield text("Statistic"), lambda: named(recipe)
    yield text("Down the side"), _plain(", ".join(recipe.rows) or "–")
    if recipe.columns:
        yield text("Across"), _plain(", ".join(recipe.columns))
    for name, given in recipe.options:
        yield text("Option"), _plain(f"{name}: {given}")
    if recipe.others:
        yield text("Also reads"), _plain(", ".join(recipe.others))
    yield text("Unit"), _plain(", ".join(recipe.unit) or "–")
    for other in recipe.other_units:
        yield text("And unit"), text("{names}, of which each cell reaches the minimum too", names=", ".join(other))
    if recipe.holding:
        yield text("Holding"), _plain(", ".join(recipe.holding))
    yield text("Weight"), _plain(recipe.weight or "–")
    missing = text("rows without a category are left out") if recipe.dropna else text("counted as a category")
    yield text("Missing categories"), missing
    for recoding in recipe.recodings:
        merged: dict[str, list[str]] = {}
        for code, label in recoding.mapping:
            merged.setdefault(label, []).append(code)
        for label, codes in merged.items():
            if codes != [label]:
                yield (
                    text("Counted together in {name}", name=recoding.dimension),
                    text("{codes} as {label}", codes=", ".join(codes), label=label),
                )
    for order in recipe.orders:
        yield text("Order of {name}", name=order.dimension), _plain(", ".join(order.labels))
    if recipe.rounding:
        yield text("Rounded"), text("to multiples of {base}", base=recipe.rounding)
    if recipe.suppressed:
        yield text("Suppressed"), text("failing cells are withheld, and with them all margins")
    if isinstance(recipe.source, LazySource):
        yield text("Data sets"), _plain(", ".join(one.name for one in recipe.source.data_sets))
    yield text("Policy"), _plain(recipe.policy.name)


def _plain(said: str) -> Callable[[], str]:
    return lambda: said


def _every(said: Text | Callable[[], str]) -> Words:
    return in_every_language(said if callable(said) else lambda: str(said))
