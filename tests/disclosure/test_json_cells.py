"""Cells are written label by label, and are canonical JSON all the same."""

from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import pytest

from disclosure.errors import DocumentError
from disclosure.exchange.canonical import canonical_json
from disclosure.model.evidence import Evidence
from disclosure.model.tables import JudgedTable
from disclosure.render.json import to_json
from tests.disclosure.support import UNIT, judge, policy

NAMES = ("\ufb33", "\U0001f600", 'b"\\')
"""By code points the second is the last, by UTF-16 code units the first of the first two."""
LABELS = ("a\u2028b", 'quote " and \\', "<b>&</b>", "é\tÿ", "\U0001f600", None)


def table_of(names: tuple[str, ...]) -> JudgedTable:
    columns = {
        name: [LABELS[(row // 40 + place) % len(LABELS)] for row in range(240)] for place, name in enumerate(names)
    }
    table = judge(pd.DataFrame({UNIT: range(240), **columns}), policy(), rows=names[:1], columns=names[1:])
    assert len(table.figures) > len(LABELS)
    return table


@pytest.mark.parametrize("size", [1, 2, 3])
def test_what_is_written_is_what_canonical_json_writes(size: int) -> None:
    table = table_of(NAMES[:size])
    data = to_json(table)
    document = json.loads(data)
    assert canonical_json(document) + b"\n" == data
    published = list(table.published())
    assert [one["cell"] for one in document["cells"]] == [one.cell.as_dict() for one in published]
    assert [(one["status"], one["value"]) for one in document["cells"]] == [
        (one.state.value, one.figure) for one in published
    ]


def test_the_grand_total_alone_is_one_cell_without_labels() -> None:
    table = judge(pd.DataFrame({UNIT: range(40)}), policy(), rows=())
    assert json.loads(to_json(table))["cells"] == [{"cell": {}, "status": "published", "value": "40"}]


def test_what_has_no_bytes_is_refused_without_being_quoted() -> None:
    table = table_of(NAMES[:1])
    assert isinstance(table.evidence, Evidence)
    broken = replace(table.evidence, categories=(("\ud800", *table.evidence.categories[0][1:]),))
    with pytest.raises(DocumentError) as caught:
        to_json(replace(table, evidence=broken, trials=None))
    assert "ud800" not in str(caught.value)
    assert caught.value.__cause__ is None
