"""The figures behind a picture as an HTML table: the same published ones, in the order drawn."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from itertools import product

from disclosure.model.figures import Role
from disclosure.render.figures.labels import drawable
from disclosure.render.figures.plot import Mark, Plot
from disclosure.render.figures.specification import Drawing
from disclosure.render.figures.words import label_texts, shown
from disclosure.texts import language

_DOWN = (Role.PANEL, Role.X)
_ACROSS = (Role.SERIES, Role.Y)


def table_behind(drawing: Drawing) -> str:
    """Return the figures behind a drawing as an HTML table: x down the side; series, y or quantiles across."""
    with language(drawing.request.language):
        plot = next(iter(drawing.plots.values()))
        several = len(drawing.plots) > 1
        down = [role for role in ((*_DOWN, *_ACROSS) if several else _DOWN) if role in plot.channels]
        across = [] if several else [role for role in _ACROSS if role in plot.channels]
        texts = {role: [drawable(text) for text in label_texts(channel)] for role, channel in plot.channels.items()}
        heads = list(product(*(range(len(texts[role])) for role in across)))
        names = "".join(f'<th scope="col">{escape(drawable(plot.channels[role].titled))}</th>' for role in down)
        if several:
            names += "".join(f'<th scope="col">{escape(name)}</th>' for name in drawing.plots)
        else:
            for head in heads:
                label = ", ".join(texts[role][place] for role, place in zip(across, head, strict=True))
                names += f'<th scope="col">{escape(label or drawing.recipe.statistic.value)}</th>'
        found = {name: {mark.place: mark for mark in one.marks} for name, one in drawing.plots.items()}
        rows = []
        for key in product(*(range(len(texts[role])) for role in down)):
            side = dict(zip(down, key, strict=True))
            labels = "".join(f'<th scope="row">{escape(texts[role][place])}</th>' for role, place in side.items())
            marks = [
                _mark(plot, one, {**side, **dict(zip(across, head, strict=True))})
                for one in found.values()
                for head in heads
            ]
            rows.append(f"<tr>{labels}{''.join(f'<td>{escape(shown(mark))}</td>' for mark in marks)}</tr>")
        return f"<table><thead><tr>{names}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _mark(plot: Plot, found: Mapping[tuple[int, ...], Mark], places: Mapping[Role, int]) -> Mark:
    return found[tuple(places[role] for role in plot.channels)]
