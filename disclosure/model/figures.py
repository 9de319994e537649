"""A figure as it is asked for: which kind, which dimension goes where, and its titles. It holds no figure of a table.

A request is a small versioned JSON document, so that the control zone can draw the same figure from its own judged
table. The table that it is drawn from is named by whoever carries the request, not by the request.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from disclosure.errors import DocumentError
from disclosure.exchange.canonical import canonical_json, is_digest, parse_json
from disclosure.texts import text

SCHEMA: Final = "datakamp-figure/1"
LONGEST_TITLE: Final = 300
LONGEST_NAME: Final = 1000
QUANTILES: Final = ("p5", "p25", "median", "p75", "p95")
"""What a box plot is drawn from: five tables, in this order."""
_LANGUAGES = ("en", "nl")


class FigureKind(StrEnum):
    """The kinds of figures that are drawn."""

    BAR = "bar"
    LINE = "line"
    HEAT_MAP = "heat_map"
    HISTOGRAM = "histogram"
    BOX = "box"
    KAPLAN_MEIER = "kaplan_meier"
    LORENZ = "lorenz"
    BINNED_SCATTER = "binned_scatter"
    CHOROPLETH = "choropleth"

    @classmethod
    def named(cls, name: object) -> FigureKind:
        """Return the kind of that name, or raise `DocumentError` with the known list."""
        try:
            return cls(name)  # type: ignore[arg-type]
        except ValueError:
            known = ", ".join(cls)
            raise DocumentError(
                text("The kind of figure is not one that is drawn."), hint=text("Known: {known}.", known=known)
            ) from None


class Role(StrEnum):
    """What a dimension does in a figure."""

    X = "x"
    Y = "y"
    SERIES = "series"
    PANEL = "panel"


class FigureFormat(StrEnum):
    """The fixed images that a figure is drawn as."""

    SVG = "svg"
    PNG = "png"


@dataclass(frozen=True)
class GeographyReference:
    """The areas of a map: the digest of the GeoJSON file, and the property that holds a dimension's labels."""

    digest: str
    key: str

    def __post_init__(self) -> None:
        if not is_digest(self.digest) or not _is_name(self.key):
            raise DocumentError(text("A map names its areas by the digest of a file and a property."))


@dataclass(frozen=True)
class FigureRequest:
    """One figure, complete but for the table that it is drawn from.

    Attributes:
        x, y, series, panel: the dimension in each role; all None for the order of the table. A dimension that has no
            role, where another has, is taken at its total.
        at: dimensions that are held at one category each, (name, label) in the order of the names.
        title: what stands above the figure; empty for what the table says.
        x_title, value_title: names of the axis and of what is shown; empty for those of the table.
        language: "en" or "nl": of numbers, words and signs.
        geography: the areas of a map; for no other kind.
    """

    kind: FigureKind
    x: str | None = None
    y: str | None = None
    series: str | None = None
    panel: str | None = None
    at: tuple[tuple[str, str | None], ...] = ()
    title: str = ""
    x_title: str = ""
    value_title: str = ""
    language: str = "en"
    geography: GeographyReference | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.kind, FigureKind):
            raise DocumentError(text("The kind of a figure is a FigureKind."))
        if any(type(title) is not str or len(title) > LONGEST_TITLE for title in self.titles):
            raise DocumentError(
                text(
                    "The titles of a figure are texts of at most {longest_title} characters.",
                    longest_title=LONGEST_TITLE,
                )
            )
        if self.language not in _LANGUAGES:
            raise DocumentError(text("A figure is in English or Dutch."), hint=text('language is "en" or "nl".'))
        if not all(_is_name(name) and (label is None or type(label) is str) for name, label in self.at):
            raise DocumentError(text("A dimension is held at one category: its name and a label."))
        names = [*self.roles.values(), *(name for name, _ in self.at)]
        if not all(_is_name(name) for name in names) or len(set(names)) != len(names):
            raise DocumentError(text("Each dimension has one role in a figure, or is held at one category."))
        if [name for name, _ in self.at] != sorted(name for name, _ in self.at):
            raise DocumentError(text("The dimensions held at one category are in the order of their names."))
        if (self.geography is not None) is not (self.kind is FigureKind.CHOROPLETH):
            raise DocumentError(
                text("A map, and nothing else, has areas."), hint=text("Give geography= and key= for a map.")
            )

    @property
    def titles(self) -> tuple[str, str, str]:
        """The texts that the request itself brings along, which the reviewer reads."""
        return (self.title, self.x_title, self.value_title)

    @property
    def roles(self) -> dict[Role, str]:
        """The dimensions that have a role, by role."""
        given = ((Role.X, self.x), (Role.Y, self.y), (Role.SERIES, self.series), (Role.PANEL, self.panel))
        return {role: name for role, name in given if name is not None}

    def to_document(self) -> dict[str, Any]:
        """Return the request as a JSON document."""
        geography = self.geography
        return {
            "schema": SCHEMA,
            "kind": self.kind.value,
            "x": self.x,
            "y": self.y,
            "series": self.series,
            "panel": self.panel,
            "at": [[name, label] for name, label in self.at],
            "title": self.title,
            "x_title": self.x_title,
            "value_title": self.value_title,
            "language": self.language,
            "geography": None if geography is None else {"digest": geography.digest, "key": geography.key},
        }

    def to_json(self) -> bytes:
        """Return the request as canonical JSON."""
        return canonical_json(self.to_document())


def request_from_json(data: bytes) -> FigureRequest:
    """Return the request in a JSON document; `DocumentError` if it is anything else than `to_json` writes."""
    return request_from(parse_json(data, what="The request for a figure"))


def request_from(document: Any) -> FigureRequest:
    """Return the request that a parsed JSON document describes."""
    try:
        if document["schema"] != SCHEMA:
            raise ValueError
        areas = document["geography"]
        request = FigureRequest(
            kind=FigureKind(document["kind"]),
            **{role.value: document[role.value] for role in Role},
            at=tuple((name, label) for name, label in document["at"]),
            title=document["title"],
            x_title=document["x_title"],
            value_title=document["value_title"],
            language=document["language"],
            geography=None if areas is None else GeographyReference(areas["digest"], areas["key"]),
        )
        if canonical_json(request.to_document()) != canonical_json(document):
            raise ValueError
    except (KeyError, TypeError, ValueError, AttributeError):
        raise DocumentError(
            text("The request for a figure does not follow its schema."), hint=text("Expected {schema}.", schema=SCHEMA)
        ) from None
    return request


def _is_name(name: object) -> bool:
    return type(name) is str and 0 < len(name) <= LONGEST_NAME
