"""A module holds one idea: at most 300 lines, as CONTRIBUTING.md says."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
MOST_LINES = 300
LONGER = {
    "output_review/verify/verifier.py": "one file that verifies a package with nothing beside it",
}
"""Modules that are longer, and why."""


def test_no_module_is_longer_than_a_module_may_be() -> None:
    folders = ("disclosure", "workspace", "output_review", "benchmarks", "tools")
    paths = [path for folder in folders for path in (ROOT / folder).rglob("*.py")] + list(ROOT.glob("*.py"))
    lines = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in paths}
    assert len(lines) > 100
    assert {name: count for name, count in lines.items() if count > MOST_LINES and name not in LONGER} == {}
    assert {name for name in LONGER if lines[name] <= MOST_LINES} == set()
