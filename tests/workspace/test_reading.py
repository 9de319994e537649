"""Foreign files are read in a box: the real one, with what ACRO wrote."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from disclosure.errors import ExecutionError
from tests.workspace.small_camp import make_camp
from workspace.reading import read_foreign

RESULTS = {
    "version": "1.0.2",
    "results": {"t": {"status": "pass", "files": [{"name": "t.csv"}], "summary": "ok", "comments": []}},
}


def test_a_table_is_read_in_the_box(tmp_path: Path) -> None:
    files = {"results.json": json.dumps(RESULTS).encode(), "t.csv": b"wijk,n\nA,12\n"}
    found = read_foreign(make_camp(tmp_path), files)
    assert found.program == "ACRO 1.0.2"
    assert found.outputs[0].tables[0].values.rows == (("A", "12"),)


def test_what_is_no_such_folder_is_refused_with_its_remedy(tmp_path: Path) -> None:
    with pytest.raises(ExecutionError, match="Nothing could be read") as caught:
        read_foreign(make_camp(tmp_path), {"results.json": b"\xff"})
    assert "finalise()" in caught.value.hint
