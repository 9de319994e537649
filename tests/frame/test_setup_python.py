"""tools/setup.py on a Python that is too old, or just old enough."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

import setup as entry

SOURCE = Path(entry.__file__)


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 4), (4, 0, 0)])
def test_python_3_11_and_later_are_accepted(version: tuple[int, ...]) -> None:
    assert entry.python_refusal(version, "python3") == ""


@pytest.mark.parametrize("version", [(3, 10, 14), (3, 6, 8), (2, 7, 18)])
def test_an_older_python_is_refused_with_its_version_and_a_remedy(version: tuple[int, ...]) -> None:
    refusal = entry.python_refusal(version, "/opt/bin/python3")
    assert "needs Python 3.11 or later" in refusal
    assert f"/opt/bin/python3 is Python {'.'.join(map(str, version))}" in refusal
    assert "make PYTHON=python3.11 test" in refusal


def test_an_older_python_ends_with_status_2_before_anything_else_is_imported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 14, "final", 0))
    monkeypatch.setitem(sys.modules, "setup_steps", None)  # importing it would raise
    assert entry.main() == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "Python 3.10.14" in printed.err


def test_the_entry_can_be_read_by_python_3_6() -> None:
    ast.parse(SOURCE.read_text(encoding="utf-8"), feature_version=(3, 6))
    assert "\nfrom __future__ import annotations" not in SOURCE.read_text(encoding="utf-8")  # unknown to 3.6
