"""What the tests of the check share: a fixed language, no camp, and Hypothesis without a stopwatch."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

HERE = Path(__file__).parent

# One table is tabulated by a real engine, which takes a tenth of a second or more: few examples, no deadline.
_COMMON = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}
settings.register_profile("check", settings(max_examples=30, **_COMMON))  # type: ignore[arg-type]
settings.register_profile("ci", settings(max_examples=30, derandomize=True, **_COMMON))  # type: ignore[arg-type]
settings.register_profile("long", settings(max_examples=1000, **_COMMON))  # type: ignore[arg-type]
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "check"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Ibis still calls DuckDB's old name for it.
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning"))


@pytest.fixture(autouse=True)
def _in_english_outside_a_camp(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "DATAKAMP_CONTEXT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
