"""The camp of the tests beside, with its database on a server. Each process of the tests has a server of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.output_review.postgresql.cluster import Cluster, running
from tests.output_review.web.web_camp import WebCamp
from tests.output_review.zone_camp import ZoneCamp


def closed() -> None:
    """Let go of the connection: a database to which somebody is connected cannot be copied."""
    from django.db import connections

    connections.close_all()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A server that runs as long as the tests."""
    with running() as found:
        yield found


@pytest.fixture(scope="session")
def opened_there(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> tuple[ZoneCamp, str]:
    """An open camp and the name of its database."""
    name = cluster.database()
    made = ZoneCamp.made(tmp_path_factory.mktemp("opened"), database=cluster.address(name))
    closed()
    return made, name


@pytest.fixture
def zone_camp(opened_there: tuple[ZoneCamp, str], cluster: Cluster, tmp_path: Path) -> Iterator[ZoneCamp]:
    """A camp of a test's own."""
    closed()
    made, name = opened_there
    camp = made.copied(tmp_path, database=cluster.address(cluster.database(name)))
    camp.spare = lambda: cluster.address(cluster.database())
    yield camp
    closed()


@pytest.fixture
def web(zone_camp: ZoneCamp) -> WebCamp:
    """Its review application."""
    return WebCamp(zone_camp)
