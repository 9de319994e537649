"""A camp with its review application."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.output_review.web.web_camp import WebCamp
from tests.output_review.zone_camp import ZoneCamp


@pytest.fixture
def web(zone_camp: ZoneCamp, tmp_path: Path) -> WebCamp:
    """A camp of a test's own, with its application."""
    return WebCamp(zone_camp)
