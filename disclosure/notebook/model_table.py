"""`sdc.model_table`: several judged models side by side, as papers show them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from html import escape
from itertools import combinations
from typing import Any

import pandas as pd

from disclosure.errors import BadInputError, RefusedError
from disclosure.model.model_facts import WHOLE, Figure
from disclosure.model.recipes import Statistic
from disclosure.model.tables import Withheld
from disclosure.notebook.html_page import framed
from disclosure.notebook.output import Output
from disclosure.notebook.report import WHOLE_MODEL, headline
from disclosure.notebook.words import head_of
from disclosure.render.digits import for_people
from disclosure.texts import text


class ModelTable:
    """Judged models side by side. It holds nothing of its own: what is released are its outputs.

    Attributes:
        outputs: the models, in the order in which they were given.
    """

    def __init__(self, outputs: tuple[Output, ...]) -> None:
        self.outputs = outputs

    def __iter__(self) -> Iterator[Output]:
        return iter(self.outputs)

    def __len__(self) -> int:
        return len(self.outputs)

    def to_pandas(self) -> pd.DataFrame:
        """Return one row per term and figure and one column per model, as they may be published.

        A term that a model does not have is missing; a figure that is withheld is `disclosure.WITHHELD`.
        """
        columns: dict[str, dict[tuple[str, str], Any]] = {}
        rows: dict[tuple[str, str], None] = {}
        for place, out in enumerate(self.outputs, start=1):
            frame = out.to_pandas()
            column: dict[tuple[str, str], Any] = {}
            for term in frame.index:
                for figure in frame.columns:
                    if not pd.isna(frame.loc[term, figure]):
                        column[term, figure] = frame.loc[term, figure]
            columns[f"({place}) {out.recipe.value}"] = column
            rows |= dict.fromkeys(column)
        # The figures of the models as a whole stand below all terms.
        keys = sorted(rows, key=lambda key: key[0] == WHOLE)
        index = pd.MultiIndex.from_tuples(keys, names=("term", "figure"))
        values = {name: [column.get(key, float("nan")) for key in keys] for name, column in columns.items()}
        return pd.DataFrame(values, index=index)

    def _shown(self) -> pd.DataFrame:
        """Return what a paper shows as texts for people: all figures but the test statistics."""
        frame = self.to_pandas()
        frame = frame[frame.index.get_level_values("figure") != Figure.STATISTIC.value]
        texts = {
            name: [
                _said(value, figure)
                for (_, figure), value in zip(frame.index, frame.iloc[:, place].tolist(), strict=True)
            ]
            for place, name in enumerate(frame.columns)
        }
        whole = str(WHOLE_MODEL)
        heads = [(whole if term == WHOLE else term, head_of(figure)) for term, figure in frame.index]
        index = pd.MultiIndex.from_tuples(heads, names=(head_of("term"), head_of("figure")))
        return pd.DataFrame(texts, index=index)

    def __repr__(self) -> str:
        return f"{self._verdicts()}\n{self._shown().to_string()}"

    def _repr_html_(self) -> str:
        shown = self._shown()
        # The names of the first columns stand above them, and not in a row of their own below an empty head.
        page = shown.to_html(index_names=False)
        for name in shown.index.names:
            page = page.replace("<th></th>", f"<th>{escape(str(name))}</th>", 1)
        return framed(f"<p><b>{escape(self._verdicts())}</b></p>{page}")

    def _verdicts(self) -> str:
        return "; ".join(
            f"({place}) {headline(out.verdict, int(out.table.failing.sum()))}"
            for place, out in enumerate(self.outputs, start=1)
        )


def _said(value: Any, figure: str) -> str:
    """Return a figure of a model for people: empty where a model has none, the sign of what is withheld."""
    if isinstance(value, Withheld):
        return str(value)
    if pd.isna(value):
        return ""
    return for_people(format(Decimal(repr(float(value))).normalize(), "f"), is_p_value=figure == Figure.P_VALUE.value)


def model_table(*outputs: Output) -> ModelTable:
    """Return judged models side by side; each is added to the basket for itself.

    Raises:
        BadInputError: there is none, or one of them is not what `sdc.model` returned.
        RefusedError: two of one formula rest on numbers of units that differ by fewer than the policy's minimum.
    """
    if not outputs or not all(isinstance(one, Output) and one.recipe.statistic is Statistic.MODEL for one in outputs):
        raise BadInputError(
            text("A table of models is made from what sdc.model returned."), hint="sdc.model_table(out1, out2)"
        )
    for one, other in combinations(outputs, 2):
        _refuse_few_apart(one, other)
    return ModelTable(outputs)


def _refuse_few_apart(one: Output, other: Output) -> None:
    """Raise `RefusedError` for two models of one formula and few units more or less: the pair shows their responses."""
    if (one.recipe.value, one.recipe.option("formula")) != (other.recipe.value, other.recipe.option("formula")):
        return
    evidence = [out.table.evidence for out in (one, other)]
    units = [int(found.n_units.max()) for found in evidence if found is not None and len(found)]
    minimum = max((out.table.trials.minimum_units for out in (one, other) if out.table.trials is not None), default=0)
    if len(units) == 2 and 0 < abs(units[0] - units[1]) < minimum:
        raise RefusedError(
            text("Two models of one formula differ by fewer units than the policy's minimum, and so show these."),
            hint=text("Fit both on the same units, or keep one of them."),
        )
