"""A notebook in the archive of a camp: the same each time it is read, whatever program saved it."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

from tests.workspace.small_camp import notebook
from workspace.closing.archive import Code, code_in


@pytest.mark.parametrize("ids", [False, True])
def test_a_notebook_is_archived_as_the_same_bytes_each_time(tmp_path: Path, ids: bool) -> None:
    saved = json.loads(notebook("a = 1", "a"))
    for number, cell in enumerate(saved["cells"]):
        cell |= {"id": f"cell-{number}"} if ids else {}
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "000000042"}]
    (tmp_path / "homes.ipynb").write_text(json.dumps(saved | {"nbformat_minor": 5 if ids else 4}))
    [first], [second] = (tuple(code_in(tmp_path)) for _ in range(2))
    assert isinstance(first, Code)
    assert first == second
    assert first.data is not None
    assert b"000000042" not in first.data
    read = nbformat.reads(first.data.decode(), as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(read)
    assert [cell.source for cell in read.cells] == ["a = 1", "a"]
