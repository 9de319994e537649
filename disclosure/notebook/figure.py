"""`sdc.figure`: a picture of a judged table, fixed, with a text alternative and the figures behind it."""

from __future__ import annotations

import base64
import functools
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from html import escape
from pathlib import Path
from types import MappingProxyType
from typing import Any

from disclosure.errors import BadInputError
from disclosure.exchange.canonical import canonical_json, digest
from disclosure.exchange.files import read_regular
from disclosure.model.figures import QUANTILES, FigureFormat, FigureKind, FigureRequest, GeographyReference
from disclosure.model.statistic import Statistic
from disclosure.notebook.camp import current_camp
from disclosure.notebook.output import Output
from disclosure.notebook.outputs import Outputs
from disclosure.render.description import STATISTICS
from disclosure.render.figures import drawing_of, drawn
from disclosure.render.figures.behind import table_behind
from disclosure.render.figures.draw import NoRoomError
from disclosure.render.figures.geography import LARGEST_FILE
from disclosure.texts import current_language, language, text, translate

Geography = str | Path | bytes | Mapping[str, Any]

_NO_PICTURE = (
    Statistic.MODEL, Statistic.TEST, Statistic.CHI_SQUARE, Statistic.CORRELATION, Statistic.ODDS_RATIO,
    Statistic.RISK_RATIO,
)  # fmt: skip
_CURVES: Mapping[Statistic, FigureKind] = MappingProxyType(
    {
        Statistic.SURVIVAL: FigureKind.KAPLAN_MEIER,
        Statistic.CUMULATIVE_INCIDENCE: FigureKind.KAPLAN_MEIER,
        Statistic.LORENZ: FigureKind.LORENZ,
    }
)
"""What shows a statistic that is a curve."""
_FIGURE = "figure"
"""The dimension that a statistic with several figures per cell adds."""
_STYLE = (
    ".dk-figure{margin:0}.dk-figure img{max-width:100%;height:auto}.dk-figure td{text-align:right}"
    ".dk-figure th{text-align:left}.dk-figure summary{color:#5a5a5a}"
)
_PROBABILITIES = {Decimal("0.05"): "p5", Decimal("0.25"): "p25", Decimal("0.5"): "median"} | {
    Decimal("0.75"): "p75",
    Decimal("0.95"): "p95",
}


class Figure:
    """A picture of what may be published. It does not change.

    Attributes:
        out: the output that it is drawn from; for a box plot a mapping with five.
        request: what was asked, from which the control zone draws the same picture.
        geography: the GeoJSON of a map as it was given, None for other kinds.
        alternative: the text alternative.
    """

    def __init__(self, out: Output | Mapping[str, Output], request: FigureRequest, geography: bytes | None) -> None:
        self.out = out
        self.request = request
        self.geography = geography
        tables = out.table if isinstance(out, Output) else {name: one.table for name, one in out.items()}
        self._drawing = drawing_of(tables, request, geography)
        self.alternative = self._drawing.alternative
        self._svg: bytes | NoRoomError
        try:
            self._svg = drawn(self._drawing, FigureFormat.SVG)
        except NoRoomError as error:
            self._svg = error

    def to_svg(self) -> bytes:
        """Return the picture as SVG in UTF-8: shapes and texts, and nothing that can be looked behind.

        Raises:
            NoRoomError: nothing can be drawn within the limits of this process. It can be submitted all the same.
        """
        if isinstance(self._svg, NoRoomError):
            raise self._svg
        return self._svg

    @functools.cached_property
    def _png(self) -> bytes:
        return drawn(self._drawing, FigureFormat.PNG)

    def to_png(self) -> bytes:
        """Return the picture as PNG, two pixels to each of the SVG's."""
        return self._png

    def __repr__(self) -> str:
        return self.alternative

    def _repr_html_(self) -> str:
        if isinstance(self._svg, NoRoomError):
            image = f"<p>{escape(self.alternative)}</p><p>{escape(self._svg.localized())}</p>"
        else:
            # An image, not markup in the page: whatever a label holds, a browser runs nothing in an image.
            source = base64.b64encode(self._svg).decode("ascii")
            image = f'<img src="data:image/svg+xml;base64,{source}" alt="{escape(self.alternative)}">'
        with language(self.request.language):
            summary = f"<summary>{escape(translate('The figures behind it'))}</summary>"
        table = table_behind(self._drawing)
        return f'<figure class="dk-figure"><style>{_STYLE}</style>{image}<details>{summary}{table}</details></figure>'

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/html": self._repr_html_(), "text/plain": repr(self)}


def figure(  # noqa: PLR0913 - one argument per choice, as in the plotting libraries that people know
    out: Output | Mapping[str, Output] | Sequence[Output],
    kind: str | None = None,
    *,
    x: str | None = None,
    y: str | None = None,
    series: str | None = None,
    panel: str | None = None,
    at: Mapping[str, str | None] | None = None,
    title: str = "",
    x_title: str = "",
    value_title: str = "",
    geography: Geography | None = None,
    key: str | None = None,
) -> Figure:
    """Return a picture of a judged table, in the language of the reader.

    Withheld figures are shown as withheld, by the sign ×, and nothing in the picture depends on them. A dimension
    that is given no role, where another is, is taken at its total.

    Args:
        out: a safe output. For a box plot five of the same value and dimensions: a mapping with p5, p25, median, p75
            and p95, or what `sdc.table` gives for these statistics.
        kind: "bar", "line", "heat_map", "histogram", "box", "kaplan_meier", "lorenz", "binned_scatter", "choropleth".
            If not given, the curve of a survival or Lorenz table, and bars of any other.
        x, y, series, panel: the dimension along x; down the side of a heat map or binned scatter plot; in colours
            beside each other; in panels. Without any, the dimensions of the table take them in their order.
        at: dimensions to hold at one category, such as {"year": "2024"}.
        title, x_title, value_title: texts in place of the table's own. A reviewer reads them.
        geography: for a map, GeoJSON with the areas: a path, its bytes, or a mapping. In a camp the organiser lays
            it beside a data set, and only such areas leave: "INHATAB/wijken.geojson".
        key: for a map, the property of each feature that holds the labels of the dimension.

    Raises:
        RefusedError: the output is not safe, or is too large for a picture; the hint says what to do.
        BadInputError: a kind, dimension, category or GeoJSON that does not fit the output; or figures of several
            kinds, such as those at risk and the share of survival, would stand on one axis.

    >>> import pandas as pd, disclosure as sdc
    >>> homes = pd.DataFrame({"person": range(40), "wijk": ["28", "29"] * 20})
    >>> sdc.figure(sdc.table(homes, rows=["wijk"], unit="person"))
    Bar chart: Number of units by wijk. Figures drawn: 2; withheld: 0. Lowest 20 (28); highest 20 (28). Unit: person.
    """
    asked = _kind_of(out) if kind is None else FigureKind.named(kind)
    outputs = _outputs(out, asked)
    _require_one_figure(outputs, asked, (x, y, series, panel), at or {})
    areas = None if geography is None else _bytes(geography)
    if (areas is None) is not (key is None):
        raise BadInputError(
            text("A map takes its areas and a property together."), hint=text("Give geography= and key=.")
        )
    request = FigureRequest(
        kind=asked,
        x=x,
        y=y,
        series=series,
        panel=panel,
        at=tuple(sorted((at or {}).items())),
        title=title,
        x_title=x_title,
        value_title=value_title,
        language=current_language(),
        geography=None if areas is None or key is None else GeographyReference(digest(areas), key),
    )
    return Figure(outputs, request, areas)


def _kind_of(out: object) -> FigureKind:
    """Return the kind of figure that shows what an output is."""
    return _CURVES.get(out.recipe.statistic, FigureKind.BAR) if isinstance(out, Output) else FigureKind.BAR


def _require_one_figure(
    out: Output | Mapping[str, Output], kind: FigureKind, roles: Sequence[str | None], at: Mapping[str, str | None]
) -> None:
    """Check that a table of several figures per cell is drawn at one of them.

    Raises:
        BadInputError: they would stand on one axis, as if the units at risk and a share were the same.
    """
    evidence = out.table.evidence if isinstance(out, Output) else None
    if evidence is None or _FIGURE not in evidence.added or _FIGURE in at:
        return
    if kind in _CURVES.values() and _FIGURE not in roles:
        return
    figures = [label for label in evidence.categories[evidence.dimensions.index(_FIGURE)] if label is not None]
    if len(figures) > 1:
        raise BadInputError(
            text("This table has several figures of different kinds: {names}.", names=", ".join(figures)),
            hint=text(
                "Draw one, for example {example}; without kind= the curve is drawn.",
                example=f"at={{'{_FIGURE}': '{figures[-1]}'}}",
            ),
        )


def _outputs(out: Output | Mapping[str, Output] | Sequence[Output], kind: FigureKind) -> Output | Mapping[str, Output]:
    if isinstance(out, Output) and out.recipe.statistic in _NO_PICTURE:
        raise BadInputError(
            text(
                "There is no figure of what is computed here: {statistic}.",
                statistic=str(STATISTICS[out.recipe.statistic]),
            ),
            hint=text("Its figures are a table: out.to_pandas(). A figure is drawn from sdc.table or sdc.survival."),
        )
    if isinstance(out, Output) and kind is not FigureKind.BOX:
        return out
    if not isinstance(out, Output | Mapping | Outputs | list | tuple):
        raise BadInputError(
            text("A figure is drawn from a judged output, not from a {kind}.", kind=type(out).__name__),
            hint=text('For example sdc.figure(sdc.table(frame, rows="wijk", unit="person")).'),
        )
    if kind is not FigureKind.BOX:
        raise BadInputError(text("A figure of this kind is drawn from one output."), hint=text("For example outs[0]."))
    if isinstance(out, Output):
        found: dict[str, Output] = {}
    elif isinstance(out, Mapping):
        found = dict(out)
    else:
        found = {_quantile(one): one for one in out}
    if set(found) != set(QUANTILES) or not all(isinstance(one, Output) for one in found.values()):
        raise BadInputError(
            text("A box plot takes five outputs."),
            hint=text("Give a mapping with {names}.", names=", ".join(QUANTILES)),
        )
    return {name: found[name] for name in QUANTILES}


def _quantile(out: object) -> str:
    """Return which of the five an output is, by its recipe."""
    if not isinstance(out, Output):
        return ""
    if out.recipe.statistic.value == "median":
        return "median"
    try:
        return _PROBABILITIES.get(Decimal(out.recipe.option("probability") or ""), "")
    except InvalidOperation:
        return ""


def _bytes(geography: Geography) -> bytes:
    if isinstance(geography, bytes):
        return geography
    if isinstance(geography, Mapping):
        return canonical_json(dict(geography))
    return read_regular(_place(Path(geography)), limit=LARGEST_FILE)


def _place(path: Path) -> Path:
    """Return where a file with areas lies: "INHATAB/wijken.geojson" is beside that data set of the camp."""
    camp = current_camp()
    if camp is not None and len(path.parts) == 2 and not path.exists():
        for one in camp.context.data_sets:
            if one.name == path.parts[0]:
                return one.folder / path.name
    return path
