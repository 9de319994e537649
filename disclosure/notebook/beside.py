"""The further units that rows and values belong to, named in a recipe where the researcher's frame has their keys.

Household income given to persons is judged on households too. Who has joined the two has the household's key at hand,
and need not be sent back to type its name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from disclosure.knowledge import Knowledge, knowledge_through, named_unit, registered_keys, units_beside
from disclosure.model.codebooks import Codebook
from disclosure.model.lineage import Derivation
from disclosure.model.recipes import LazySource, Recipe
from disclosure.statistics import output_class


def with_units_beside(recipe: Recipe, knowledge: Knowledge, keys: Mapping[str, str]) -> Recipe:
    """Return a recipe with the units beside the counted ones as further units and contributors; as it is if none owe.

    Args:
        keys: registered key, in lower case, to the column of the frame that it is.
    """
    asked, beside = output_class(recipe), units_beside(recipe, knowledge)
    shown = {*recipe.dimensions, *recipe.others, recipe.value, recipe.weight}
    usable = {name: column for name, column in keys.items() if column not in shown}
    found = {named_unit(one, knowledge): one for one in recipe.other_units}
    for unit in sorted(beside - found.keys(), key=sorted):
        if unit <= usable.keys():
            found[unit] = tuple(usable[name] for name in sorted(unit))
    if not asked.further_units:
        return recipe
    recipe = replace(recipe, other_units=tuple(found.values()))
    held = [found[unit] for unit in beside if unit in found]
    if recipe.holding or recipe.value is None or not asked.holdings or len(beside) != 1 or not held:
        return recipe
    return replace(recipe, holding=held[0])


def with_units_of_lazy(
    recipe: Recipe, names: tuple[str, ...], derivation: Derivation, codebooks: Mapping[str, Codebook]
) -> Recipe:
    """Return a lazy recipe with the units beside the counted ones, as far as its derivation keeps their keys.

    Args:
        names: the columns of the lazy table, of which the first one that is a key stands for it.
    """
    if not isinstance(recipe.source, LazySource):
        return recipe
    used = {one.name: codebooks[one.name] for one in recipe.source.data_sets if one.name in codebooks}
    registered, keys = registered_keys(used), dict[str, str]()
    for name in names:
        lineage = derivation.columns.get(name.lower())
        for _, known in sorted(frozenset() if lineage is None else lineage.key(registered)):
            keys.setdefault(known, name)
    return with_units_beside(recipe, knowledge_through(derivation, recipe, used), keys)


def own_keys(names: tuple[str, ...], codebooks: Iterable[Codebook]) -> tuple[str, ...]:
    """Return the columns that bear the name of a key of a data set's own unit.

    To whom values belong is only known once they are read again, and then their keys must be there.
    """
    own = {key.lower() for book in codebooks for key in book.unit}
    return tuple(name for name in names if name.lower() in own)
