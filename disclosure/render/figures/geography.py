"""The areas of a map, from GeoJSON: polygons and the label of each, and nothing else that the file holds.

A file of areas comes from outside the table, so it is read strictly and reduced to what is drawn: other properties,
names, identifiers, heights and reference systems are dropped on reading.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

from disclosure.errors import DocumentError
from disclosure.exchange.canonical import parse_json
from disclosure.texts import text

Point = tuple[float, float]
Ring = tuple[Point, ...]
Polygon = tuple[Ring, ...]
"""The outer ring, then its holes; each ring is closed."""

LARGEST_FILE: Final = 20_000_000
MOST_AREAS: Final = 2000
MOST_POINTS: Final = 400_000
_FARTHEST = 1e8
_LONGEST_LABEL = 1000


@dataclass(frozen=True)
class Area:
    """One area: its label, and its polygons in the coordinates of the file."""

    label: str
    polygons: tuple[Polygon, ...]


@dataclass(frozen=True)
class Geography:
    """The areas of a map, each label once, in the order of the file."""

    areas: tuple[Area, ...]

    @property
    def labels(self) -> frozenset[str]:
        """The labels that have an area."""
        return frozenset(area.label for area in self.areas)


def geography_from(data: bytes, *, key: str) -> Geography:
    """Return the areas in a GeoJSON file.

    Args:
        key: the property of each feature that is the label of its area: a text, or a whole number.

    Raises:
        DocumentError: it is not a FeatureCollection of polygons with that property, each label once, or is too large.
    """
    if len(data) > LARGEST_FILE:
        raise DocumentError(
            text("The GeoJSON is larger than {largest_file} bytes.", largest_file=f"{LARGEST_FILE:,}"),
            hint=text("Use generalised boundaries."),
        )
    document = parse_json(data, what="The GeoJSON")
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or document.get("type") != "FeatureCollection" or not features:
        raise DocumentError(text("The GeoJSON is not a FeatureCollection with features."))
    if len(features) > MOST_AREAS:
        raise DocumentError(
            text("The GeoJSON has more than {most_areas} features.", most_areas=f"{MOST_AREAS:,}"),
            hint=text("Keep the areas of the table."),
        )
    reader = _Reader(key)
    areas = tuple(reader.area(feature) for feature in features)
    if len({area.label for area in areas}) != len(areas):
        raise DocumentError(
            text("Two features of the GeoJSON have the same '{key}'.", key=key),
            hint=text("Make each area one MultiPolygon."),
        )
    return Geography(areas)


class _Reader:
    """Reads features, and counts the points of all of them together."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._points = 0

    def area(self, feature: Any) -> Area:
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            raise DocumentError(text("An entry of the GeoJSON is not a Feature."))
        properties, geometry = feature.get("properties"), feature.get("geometry")
        label = properties.get(self._key) if isinstance(properties, dict) else None
        if type(label) is int:
            label = str(label)
        if type(label) is not str or not 0 < len(label) <= _LONGEST_LABEL:
            raise DocumentError(text("A feature of the GeoJSON has no text or whole number as '{key}'.", key=self._key))
        kind = geometry.get("type") if isinstance(geometry, dict) else None
        if kind not in ("Polygon", "MultiPolygon") or not isinstance(geometry, dict):
            raise DocumentError(text("A feature of the GeoJSON is not a Polygon or MultiPolygon."))
        found = geometry.get("coordinates")
        polygons = [found] if kind == "Polygon" else found
        if not isinstance(polygons, list) or not polygons:
            raise DocumentError(text("A feature of the GeoJSON has no coordinates."))
        return Area(label, tuple(self._polygon(one) for one in polygons))

    def _polygon(self, rings: Any) -> Polygon:
        if not isinstance(rings, list) or not rings:
            raise DocumentError(text("A polygon of the GeoJSON has no rings."))
        return tuple(self._ring(one) for one in rings)

    def _ring(self, points: Any) -> Ring:
        if not isinstance(points, list) or len(points) < 4 or points[0] != points[-1]:
            raise DocumentError(text("A ring of the GeoJSON is not closed, or has fewer than four points."))
        self._points += len(points)
        if self._points > MOST_POINTS:
            raise DocumentError(
                text("The GeoJSON has more than {most_points} points.", most_points=f"{MOST_POINTS:,}"),
                hint=text("Use generalised boundaries."),
            )
        return tuple(_point(one) for one in points)


def _point(entry: Any) -> Point:
    if not isinstance(entry, list) or len(entry) not in (2, 3):
        raise DocumentError(text("A point of the GeoJSON is not two or three numbers."))
    if any(type(number) not in (int, float) or not abs(number) <= _FARTHEST for number in entry):
        raise DocumentError(text("A point of the GeoJSON is not two or three numbers."))
    x, y = float(entry[0]), float(entry[1])
    if not (math.isfinite(x) and math.isfinite(y)):
        raise DocumentError(text("A point of the GeoJSON is not two or three numbers."))
    return (x, y)
