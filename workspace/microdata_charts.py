"""The plots of a report on records: bars of before and after, drawn offline into fixed pictures."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any, Final

from disclosure.render.figures.draw import svg_bytes
from disclosure.render.figures.frame import SCHEMA_URL
from disclosure.render.figures.style import SERIES, configuration
from disclosure.render.figures.words import number_locale

_WIDTH: Final = 560
_BAR: Final = 26


@dataclass(frozen=True)
class Picture:
    """A drawn plot: its bytes in base64, and the text that stands for it."""

    data: str
    alternative: str


def bars(title: str, axis: str, series: tuple[tuple[str, tuple[tuple[str, float], ...]], ...]) -> Picture:
    """Return bars of one series or more over the same classes, in the order that they come in.

    Args:
        axis: what the classes are.
        series: name to classes with their numbers.
    """
    classes = [name for name, _ in series[0][1]]
    values = [{"class": name, "series": called, "value": value} for called, found in series for name, value in found]
    names = [called for called, _ in series]
    encoding: dict[str, Any] = {
        "y": {"field": "class", "type": "nominal", "sort": classes, "title": axis},
        "x": {"field": "value", "type": "quantitative", "title": None, "axis": {"tickCount": 5}},
        "color": {
            "field": "series",
            "type": "nominal",
            "sort": names,
            "title": None,
            "scale": {"domain": names, "range": list(SERIES[: len(names)])},
        },
    }
    if len(series) > 1:
        encoding["yOffset"] = {"field": "series", "type": "nominal", "sort": names}
    else:
        encoding["color"]["legend"] = None
    document = {
        "$schema": SCHEMA_URL,
        "config": configuration(),
        "title": {"text": title},
        "width": _WIDTH,
        "height": max(4, len(classes)) * _BAR,
        "data": {"values": values},
        "mark": {"type": "bar"},
        "encoding": encoding,
    }
    told = "; ".join(
        f"{called}: " + ", ".join(f"{name} {value:g}" for name, value in found) for called, found in series
    )
    alternative = f"{title}. {told}."
    drawn = svg_bytes(document, locale=number_locale(), title=title, description=alternative)
    return Picture(base64.b64encode(drawn).decode("ascii"), alternative)
