"""The recipe: what an output is, so that trusted code can make it again.

A recipe is a versioned JSON document. It says where the rows come from, what is tabulated, in which unit, under which
policy and with which protection. It holds no figure and no unit key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from disclosure.errors import RecipeError
from disclosure.exchange.canonical import canonical_json, digest, parse_json
from disclosure.model import strict
from disclosure.model.recipe_parts import (
    CategoryOrder,
    DataSetReference,
    FrameSource,
    LazySource,
    PolicyReference,
    Recoding,
    order_from,
    recoding_from,
    require_own_labels,
    source_from,
)
from disclosure.model.statistic import Statistic
from disclosure.texts import Text, text

__all__ = [
    "CategoryOrder",
    "DataSetReference",
    "FrameSource",
    "LazySource",
    "PolicyReference",
    "Recipe",
    "Recoding",
    "Statistic",
    "recipe_from",
    "recipe_from_json",
]

VERSION = 2
_MAXIMUM_ROUNDING = 1_000_000
_COMPARE_CATEGORIES = (Statistic.TEST, Statistic.CHI_SQUARE)
"""Statistics that compare any number of categories of their further columns, which may be counted together."""


def _known(names: tuple[str, ...]) -> Text:
    return text("Known: {names}.", names=", ".join(names)) if names else text("It takes none: leave options= out.")


@dataclass(frozen=True)
class Recipe:
    """One output, complete.

    Attributes:
        rows, columns: names of the dimensions; together the table's dimensions, each named once.
        unit: the statistical unit's key columns; empty if none was given, which no verdict survives.
        suppressed: whether failing cells, and with them all margins, are withheld.
        options: what the statistic takes besides columns, by name in alphabetical order, each as its text.
        others: further columns that the statistic reads, such as the event of a survival curve.
        other_units: keys of further units that each reach the minimum too, such as the households of persons.
        holding: the key by which contributions are added up for dominance (a household, an enterprise group).
        rounding: the base to which the counts of a frequency table are rounded; 0 for none.
        orders: for dimensions whose categories have an order of their own, that order; at most one each.
    """

    source: LazySource | FrameSource
    statistic: Statistic
    policy: PolicyReference
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    value: str | None = None
    unit: tuple[str, ...] = ()
    weight: str | None = None
    dropna: bool = False
    recodings: tuple[Recoding, ...] = ()
    suppressed: bool = False
    options: tuple[tuple[str, str], ...] = ()
    others: tuple[str, ...] = ()
    other_units: tuple[tuple[str, ...], ...] = ()
    holding: tuple[str, ...] = ()
    rounding: int = 0
    orders: tuple[CategoryOrder, ...] = ()

    def __post_init__(self) -> None:
        if len(set(self.dimensions)) != len(self.dimensions):
            raise RecipeError(text("A dimension is named twice."), hint=text("Name each row and column variable once."))
        if len(set(self.unit)) != len(self.unit):
            raise RecipeError(text("A unit column is named twice."))
        if self.statistic.needs_value and self.value is None:
            raise RecipeError(
                text("The statistic '{statistic}' needs a value column.", statistic=self.statistic),
                hint=text("Give values=."),
            )
        if not self.statistic.needs_value and self.value is not None:
            raise RecipeError(
                text("A {statistic} takes no value column.", statistic=self.statistic),
                hint=text("Leave values= out, or ask for sum, mean or rate."),
            )
        if self.value is not None and self.value in (*self.dimensions, *self.unit, *self.others):
            raise RecipeError(text("The value column is also a dimension or a unit column."))
        if self.weight is not None and self.weight in (*self.dimensions, *self.unit):
            raise RecipeError(text("The weight column is also a dimension or a unit column."))
        if len({name.lower() for name in self.narrow_columns}) != len(self.narrow_columns):
            raise RecipeError(
                text("Two columns of the recipe differ only in upper and lower case."), hint=text("Rename one.")
            )
        if not all(name.strip() and "\0" not in name for name in self.narrow_columns):
            raise RecipeError(text("A column of the recipe has no name."), hint=text("Rename it."))
        compared = self.others if self.statistic in _COMPARE_CATEGORIES else ()
        if any(recoding.dimension not in (*self.dimensions, *compared) for recoding in self.recodings):
            raise RecipeError(text("A recoding names a column that is not a dimension of the table."))
        require_own_labels(self.recodings)
        ordered = [one.dimension for one in self.orders]
        if len(set(ordered)) != len(ordered) or not set(ordered) <= set(self.dimensions):
            raise RecipeError(text("An order of categories is that of one dimension of the table."))
        self._check_statistic()
        self._check_units()

    def _check_statistic(self) -> None:
        asked, takes = [name for name, _ in self.options], self.statistic.specification
        known = (*takes.required, *takes.optional)
        if asked != sorted(set(asked)):
            raise RecipeError(text("The options of a recipe are named once, in alphabetical order."))
        if not set(asked) <= set(known):
            raise RecipeError(
                text("The statistic '{statistic}' has no such option.", statistic=self.statistic), hint=_known(known)
            )
        if not set(takes.required) <= set(asked):
            raise RecipeError(
                text(
                    "The statistic '{statistic}' needs {names}.",
                    statistic=self.statistic,
                    names=", ".join(takes.required),
                )
            )
        if self.others and not takes.others:
            raise RecipeError(text("The statistic '{statistic}' reads no further columns.", statistic=self.statistic))
        if len(set(self.others)) != len(self.others) or set(self.others) & set(self.unit):
            raise RecipeError(text("A further column is named twice, or is a unit column."))
        if set(takes.added) & set(self.dimensions):
            raise RecipeError(
                text(
                    "The statistic '{statistic}' adds {names} to the table itself.",
                    statistic=self.statistic,
                    names=", ".join(takes.added),
                ),
                hint=text("Rename the dimension of that name."),
            )
        if type(self.rounding) is not int or not 0 <= self.rounding <= _MAXIMUM_ROUNDING or self.rounding == 1:
            raise RecipeError(
                text(
                    "A rounding base is a whole number from 2 to {maximum_rounding}.",
                    maximum_rounding=_MAXIMUM_ROUNDING,
                )
            )

    def _check_units(self) -> None:
        groups = (*self.other_units, *((self.holding,) if self.holding else ()))
        if any(not group or len(set(group)) != len(group) for group in groups):
            raise RecipeError(text("A further unit or a holding is named by its key columns, each once."))
        if len(set(self.other_units)) != len(self.other_units) or self.unit in self.other_units:
            raise RecipeError(text("A unit is named twice."))
        keys = {name for group in groups for name in group}
        shown = {*self.dimensions, *self.others, *(name for name in (self.value, self.weight) if name is not None)}
        if keys & shown:
            raise RecipeError(text("The key of a further unit or of a holding is also shown."))

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The table's dimensions: row variables, then column variables."""
        return (*self.rows, *self.columns)

    @property
    def narrow_columns(self) -> tuple[str, ...]:
        """The columns of the narrow frame, each once: unit, dimensions, value, weight, further columns and units."""
        extra = tuple(name for name in (self.value, self.weight) if name is not None)
        units = (name for group in (*self.other_units, self.holding) for name in group)
        return tuple(dict.fromkeys((*self.unit, *self.dimensions, *extra, *self.others, *units)))

    @property
    def laid_out(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The dimensions down the side and across, those that the statistic adds included."""
        added = self.statistic.specification.added
        return (*self.rows, *added[:-1]), (*self.columns, *added[-1:])

    def option(self, name: str) -> str | None:
        """Return the text of an option, None if it is not given."""
        return dict(self.options).get(name)

    def order_of(self, dimension: str) -> tuple[str, ...]:
        """Return the order of a dimension's categories as they are after the recodings; empty if it has none.

        Categories that are counted together stand where the first of them does.
        """
        labels = next((one.labels for one in self.orders if one.dimension == dimension), ())
        for recoding in (one for one in self.recodings if one.dimension == dimension):
            into = dict(recoding.mapping)
            labels = tuple(dict.fromkeys(into.get(label, label) for label in labels))
        return labels

    def recoded(self, recoding: Recoding) -> Recipe:
        """Return the recipe with one more recoding, applied to what the earlier ones gave."""
        return replace(self, recodings=(*self.recodings, recoding))

    def without(self, dimension: str) -> Recipe:
        """Return the recipe without one of its dimensions.

        Raises:
            RecipeError: it has no dimension of that name.
        """
        if dimension not in self.dimensions:
            raise RecipeError(text("The dimension to leave out is not one of the table."))
        less = replace(
            self,
            rows=tuple(name for name in self.rows if name != dimension),
            columns=tuple(name for name in self.columns if name != dimension),
            recodings=tuple(one for one in self.recodings if one.dimension != dimension),
            orders=tuple(one for one in self.orders if one.dimension != dimension),
        )
        # A narrow frame has the columns that the recipe reads, and no others.
        narrow = isinstance(self.source, FrameSource) and self.source.columns == self.narrow_columns
        return replace(less, source=FrameSource(less.narrow_columns)) if narrow and less.narrow_columns else less

    def to_json(self) -> str:
        """Return the recipe as canonical JSON."""
        return canonical_json(self.to_document()).decode()

    def digest(self) -> str:
        """Return the digest of the canonical JSON."""
        return digest(canonical_json(self.to_document()))

    def to_document(self) -> dict[str, Any]:
        """Return the recipe as a JSON document."""
        # Named only where there is one.
        orders = {"orders": [one.to_document() for one in self.orders]}
        return (orders if self.orders else {}) | {
            "version": VERSION,
            "class": "table",
            "source": self.source.to_document(),
            "rows": list(self.rows),
            "columns": list(self.columns),
            "value": self.value,
            "statistic": self.statistic.value,
            "unit": list(self.unit),
            "weight": self.weight,
            "dropna": self.dropna,
            "policy": {"name": self.policy.name, "digest": self.policy.digest},
            "recodings": [one.to_document() for one in self.recodings],
            "suppressed": self.suppressed,
            "options": dict(self.options),
            "others": list(self.others),
            "other_units": [list(one) for one in self.other_units],
            "holding": list(self.holding),
            "rounding": self.rounding,
        }


def recipe_from_json(data: bytes) -> Recipe:
    """Return the recipe in a JSON document; `RecipeError` if it is anything else than `to_json` writes."""
    return recipe_from(parse_json(data, what="The recipe"))


def recipe_from(document: Any) -> Recipe:
    """Return the recipe that a parsed JSON document describes."""
    try:
        recipe = _recipe_from(document)
    except (KeyError, TypeError, ValueError, AttributeError):
        hint = text("Expected version {version}.", version=VERSION)
        raise RecipeError(text("The recipe does not follow its schema."), hint=hint) from None
    if canonical_json(recipe.to_document()) == canonical_json(document):
        return recipe
    raise RecipeError(text("The recipe has entries that no recipe of this version has."))


def _recipe_from(document: Mapping[str, Any]) -> Recipe:
    if (document["version"], document["class"]) != (VERSION, "table"):
        raise RecipeError(text("The recipe is of a version or class that is not known here."))
    return Recipe(
        source=source_from(document["source"]),
        statistic=Statistic.named(document["statistic"]),
        policy=PolicyReference(strict.text(document["policy"]["name"]), document["policy"]["digest"]),
        rows=strict.texts(document["rows"]),
        columns=strict.texts(document["columns"]),
        value=None if document["value"] is None else strict.text(document["value"]),
        unit=strict.texts(document["unit"]),
        weight=None if document["weight"] is None else strict.text(document["weight"]),
        dropna=strict.truth(document["dropna"]),
        recodings=tuple(recoding_from(one) for one in document["recodings"]),
        suppressed=strict.truth(document["suppressed"]),
        options=tuple(sorted((name, strict.text(one)) for name, one in document["options"].items())),
        others=strict.texts(document["others"]),
        other_units=tuple(strict.texts(one) for one in document["other_units"]),
        holding=strict.texts(document["holding"]),
        rounding=strict.whole(document["rounding"]),
        orders=tuple(order_from(one) for one in strict.listed(document.get("orders", []))),
    )
