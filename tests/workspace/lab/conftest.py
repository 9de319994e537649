"""One Lab for all tests that only look; those that break something start their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.workspace.lab.session import Lab
from tests.workspace.small_camp import TEAM, make_camp


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with Lab(make_camp(tmp_path_factory.mktemp("lab")), TEAM) as started:
        yield started
