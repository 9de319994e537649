"""Measures of one call as they are told: by the name that reaches them in English, otherwise in the reader's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from disclosure.model.recipes import Recipe
from disclosure.render.description import named
from disclosure.texts import Text, current_language


@dataclass(frozen=True)
class Measures(Text):
    """The names of measures as a text: the heads that stand over their figures, whoever reads it.

    Attributes:
        recipes: what the measures are, in the order in which they are named.
    """

    recipes: tuple[Recipe, ...] = ()

    def __str__(self) -> str:
        return self.sentence if current_language() == "en" else ", ".join(map(named, self.recipes))

    @property
    def english(self) -> str:
        """The names."""
        return self.sentence


def measures_named(names: Iterable[str], recipes: Mapping[str, Recipe]) -> Measures:
    """Return these measures as a text.

    Args:
        recipes: the recipe of each measure by its name.
    """
    listed = tuple(names)
    return Measures(", ".join(listed), recipes=tuple(recipes[name] for name in listed))


def spoken(name: str, recipe: Recipe) -> str:
    """Return what a measure is where its name is in another language than the reader's, else an empty text."""
    return named(recipe) if name and current_language() != "en" else ""
