"""How figures look: one quiet style, with colours that keep apart for every kind of colour vision."""

from __future__ import annotations

from typing import Any, Final

FONT: Final = "Liberation Sans, Arial, Helvetica, sans-serif"
"""Drawn with the first, which the renderer brings along; the others have the same measures, for a reader's browser."""

SERIES: Final = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#56b4e9", "#cc79a7", "#000000")
"""The palette of Okabe and Ito without its yellow, which is too light for a line on white."""

DASHES: Final = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [10, 4], [4, 4], [1, 3])
SHAPES: Final = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right")
"""Lines and dots are told apart without colour as well."""

CLASSES: Final = ("#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494")
"""ColorBrewer's YlGnBu in five steps: light is low, dark is high, also in print and in grey."""

DARK_CLASSES: Final = frozenset(CLASSES[3:])
WITHHELD: Final = "#dadada"
NOTHING: Final = "#ffffff"
INK: Final = "#222222"
SOFT: Final = "#5a5a5a"
RULE: Final = "#d9d9d9"
SIGN_SIZE: Final = 14

WIDTH: Final = 560
PANEL_WIDTH: Final = 260
HEIGHT: Final = 300
PANEL_HEIGHT: Final = 190


def configuration() -> dict[str, Any]:
    """Return the configuration of every figure."""
    return {
        "aria": False,
        "font": FONT,
        "background": "#ffffff",
        "padding": 12,
        "view": {"stroke": None},
        "title": {
            "anchor": "start",
            "frame": "bounds",
            "color": INK,
            "fontSize": 15,
            "fontWeight": "bold",
            "subtitleColor": SOFT,
            "subtitleFontSize": 12,
            "subtitlePadding": 6,
            "offset": 14,
        },
        "axis": {
            "labelColor": INK,
            "labelFontSize": 11,
            "labelLimit": 0,
            "titleColor": SOFT,
            "titleFontSize": 11,
            "titleFontWeight": "normal",
            "titleLimit": 0,
            "domainColor": "#8c8c8c",
            "tickColor": "#8c8c8c",
            "gridColor": RULE,
        },
        "legend": {
            "labelColor": INK,
            "labelFontSize": 11,
            "labelLimit": 0,
            "titleColor": SOFT,
            "titleFontSize": 11,
            "titleFontWeight": "normal",
            "titleLimit": 0,
            "orient": "top",
            "direction": "horizontal",
            "symbolStrokeWidth": 2,
        },
        "header": {
            "labelColor": INK,
            "labelFontSize": 12,
            "labelFontWeight": "bold",
            "labelAnchor": "start",
            "labelLimit": 0,
            "title": None,
        },
        "text": {"color": INK, "fontSize": 11},
    }
