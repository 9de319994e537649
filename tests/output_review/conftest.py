"""An open camp is made once per process and copied for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.output_review.zone_camp import ZoneCamp


@pytest.fixture(scope="session")
def opened(tmp_path_factory: pytest.TempPathFactory) -> ZoneCamp:
    return ZoneCamp.made(tmp_path_factory.mktemp("opened"))


@pytest.fixture
def zone_camp(opened: ZoneCamp, tmp_path: Path) -> ZoneCamp:
    return opened.copied(tmp_path)
