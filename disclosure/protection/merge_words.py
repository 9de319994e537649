"""What merges of categories are called, and what a model loses by them besides figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from disclosure.model.verdicts import Remedy, RemedyKind
from disclosure.protection.grouping import Grouping, Table, is_other
from disclosure.texts import Text, text

_MOST_NAMED = 5


def level_words(table: Table, place: int, levels: int) -> Text:
    """Return the words for a dimension by the ancestors of its categories."""
    name = table.evidence.dimensions[place]
    if levels == 1:
        return text("merge {name} one level up its hierarchy", name=name)
    return text("merge {name} {n} levels up its hierarchy", name=name, n=str(levels))


def merge_words(kind: RemedyKind, way: Grouping) -> Text:
    """Return the words for a grouping of categories."""
    dimensions = way.table.evidence.dimensions
    changed = [place for place, groups in enumerate(way.groups) if any(len(group) > 1 for group in groups)]
    together = {place: [group for group in way.groups[place] if len(group) > 1] for place in changed}
    if kind is RemedyKind.COARSER:
        (place,) = changed
        name, number = dimensions[place], len(way.groups[place])
        return text("make {name} coarser: {n} bands", name=name, n=str(number))
    if kind is RemedyKind.OTHER:
        (place,) = changed
        (small,) = together[place]
        name = dimensions[place]
        words = text("count the {n} smallest categories of {name} as one", n=str(len(small)), name=name)
        return words if way.table.may_name(place, small) else _nameless(words)
    if len(changed) == 1 and len(together[changed[0]]) == 1 and len(together[changed[0]][0]) == 2:
        first, second = together[changed[0]][0]
        if way.table.may_name(changed[0], (first, second)):
            name = dimensions[changed[0]]
            return text("merge {first} with {second} in {name}", first=first, second=second, name=name)
    if len(changed) == 1 and all(is_other(way.name_of(changed[0], group)) for group in together[changed[0]]):
        name, number = dimensions[changed[0]], len(way.groups[changed[0]])
        return _nameless(text("count categories of {name} as one: {n} are left", name=name, n=str(number)))
    return text(
        "merge {what}",
        what="; ".join(f"{dimensions[place]}: {_named(way, place, together[place])}" for place in changed),
    )


def _nameless(words: Text) -> Text:
    """Return the words for a merge of categories that few units bear, with what would give it names."""
    return text("{what} (with the categories listed in a codebook, they can be merged by name)", what=words)


def _named(way: Grouping, place: int, groups: list[tuple[str, ...]]) -> str:
    return shortened([way.table.name_of(place, group) for group in groups])


def shortened(names: Sequence[str]) -> str:
    """Return the first few of several names."""
    return ", ".join([*names[:_MOST_NAMED], "…"] if len(names) > _MOST_NAMED else names)


def no_longer_apart(remedy: Remedy) -> Remedy:
    """Return a merge in a model, told with what it costs: like is not compared with like any more.

    Categories beside each other need not be alike. With households in debt and others in one group the other
    coefficients are safe, and answer another question.
    """
    words = text(
        "{loses}; the other coefficients no longer allow for what differs between those merged", loses=remedy.loses_text
    )
    return replace(remedy, loses_text=words)


def no_longer_net(remedy: Remedy, term: str) -> Remedy:
    """Return a remedy that leaves a term out of a model, told with what that costs."""
    words = text("{loses}; the other coefficients no longer allow for {term}", loses=remedy.loses_text, term=term)
    return replace(remedy, loses_text=words)
