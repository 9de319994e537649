"""Areas as shapes on the page: placed to a tenth of a pixel, hatched, and with a place for a sign.

Rounding to what can be seen is on purpose: digits of a coordinate that no reader sees could carry something out.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from disclosure.errors import DocumentError
from disclosure.render.figures.geography import Geography, Point, Polygon, Ring
from disclosure.texts import text

_DECIMALS = 1
_HATCH = 7.0
_SAMPLES = 24


@dataclass(frozen=True)
class Shape:
    """One area on the page."""

    label: str
    polygons: tuple[Polygon, ...]

    def geometry(self) -> dict[str, Any]:
        """Return the polygons as GeoJSON in pixels."""
        coordinates = [[[list(point) for point in ring] for ring in polygon] for polygon in self.polygons]
        return {"type": "MultiPolygon", "coordinates": coordinates}

    def hatching(self) -> dict[str, Any]:
        """Return slanted lines over the area as GeoJSON in pixels."""
        edges = list(_edges(self.polygons))
        return {"type": "MultiLineString", "coordinates": [[list(a), list(b)] for a, b in _slanted(edges)]}

    def inside(self) -> Point:
        """Return a point well inside the area: the middle of the widest of some level lines through it."""
        edges = list(_edges(self.polygons))
        ys = [y for edge in edges for _, y in edge]
        low, high = min(ys), max(ys)
        best, place = -1.0, edges[0][0]
        for step in range(1, _SAMPLES):
            # The middle third counts for more, or a sign ends up in the foot of a triangle.
            share = step / _SAMPLES
            y = low + (high - low) * share + 0.013
            for left, right in _crossings(edges, y):
                worth = (right - left) * (1 - abs(share - 0.5))
                if worth > best:
                    best, place = worth, ((left + right) / 2, y)
        return (round(place[0], _DECIMALS), round(place[1], _DECIMALS))


def shapes_of(geography: Geography, *, width: int, most_height: int) -> tuple[tuple[Shape, ...], int]:
    """Return the areas on a page of that width, and its height in pixels.

    Degrees are drawn with the width of a degree at the middle of the map; other coordinates, such as metres of a
    national grid, as they are. North is up.

    Raises:
        DocumentError: an area is too small to be seen at all, or the map has no extent.
    """
    points = [point for area in geography.areas for polygon in area.polygons for ring in polygon for point in ring]
    squeeze = 1.0
    low_y, high_y = min(y for _, y in points), max(y for _, y in points)
    if all(abs(x) <= 180 and abs(y) <= 90 for x, y in points):
        squeeze = math.cos(math.radians((low_y + high_y) / 2))
    low_x, high_x = min(x for x, _ in points) * squeeze, max(x for x, _ in points) * squeeze
    if high_x <= low_x or high_y <= low_y:
        raise DocumentError(text("The areas of the GeoJSON have no extent."))
    scale = min(width / (high_x - low_x), most_height / (high_y - low_y))
    left = (width - (high_x - low_x) * scale) / 2

    def place(point: Point) -> Point:
        x, y = left + (point[0] * squeeze - low_x) * scale, (high_y - point[1]) * scale
        return (round(x, _DECIMALS) + 0.0, round(y, _DECIMALS) + 0.0)

    shapes = []
    for area in geography.areas:
        polygons = tuple(one for one in (_polygon(polygon, place) for polygon in area.polygons) if one)
        if not polygons:
            raise DocumentError(
                text("An area of the GeoJSON is too small to be drawn."), hint=text("Draw a part of the map.")
            )
        shapes.append(Shape(area.label, polygons))
    return tuple(shapes), math.ceil((high_y - low_y) * scale)


def _polygon(polygon: Polygon, place: Any) -> Polygon:
    """Return a polygon on the page, empty if nothing of it is left to be seen; so are its smallest holes."""
    rings = [_ring(place(point) for point in ring) for ring in polygon]
    return tuple(ring for ring in rings if ring) if rings[0] else ()


def _ring(points: Iterable[Point]) -> Ring:
    kept: list[Point] = []
    for point in points:
        if not kept or kept[-1] != point:
            kept.append(point)
    area = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(kept))
    return tuple(kept) if len(kept) >= 4 and abs(area) > 0.02 else ()


def _edges(polygons: tuple[Polygon, ...]) -> Iterator[tuple[Point, Point]]:
    return (edge for polygon in polygons for ring in polygon for edge in pairwise(ring))


def _crossings(edges: list[tuple[Point, Point]], y: float) -> Iterator[tuple[float, float]]:
    """Yield the stretches of a level line that are inside: between its odd and even crossings with the edges."""
    found = sorted(
        a[0] + (y - a[1]) * (b[0] - a[0]) / (b[1] - a[1]) for a, b in edges if (a[1] <= y) is not (b[1] <= y)
    )
    return zip(found[::2], found[1::2], strict=False)


def _slanted(edges: list[tuple[Point, Point]]) -> Iterator[tuple[Point, Point]]:
    # Turned by 45 degrees the hatching is level lines; what they cross is turned back.
    half = math.sqrt(0.5)
    turned = [tuple(((x + y) * half, (y - x) * half) for x, y in edge) for edge in edges]
    level = [(edge[0], edge[1]) for edge in turned]
    low, high = min(y for edge in level for _, y in edge), max(y for edge in level for _, y in edge)
    for step in range(math.ceil(low / _HATCH), math.floor(high / _HATCH) + 1):
        y = step * _HATCH + 0.0123
        for left, right in _crossings(level, y):
            yield _back(left, y, half), _back(right, y, half)


def _back(x: float, y: float, half: float) -> Point:
    return (round((x - y) * half, _DECIMALS), round((x + y) * half, _DECIMALS))
