"""What the keeper takes from the server, which may have been taken over: so many connections, and no more."""

from __future__ import annotations

import asyncio
import logging
import socket
from pathlib import Path
from typing import Any

import pytest

from tests.workspace.small_camp import TEAM, make_camp
from workspace.isolation.seal import Seal
from workspace.lab.keeper import _MORE, Keeper
from workspace.lab.requests import Refusal, Report, written
from workspace.lab.team import lab_for_team


@pytest.mark.parametrize("more", [_MORE - 1, _MORE])
def test_a_server_that_asks_for_too_much_at_once_is_not_heard(
    tmp_path: Path, seal: Seal, caplog: pytest.LogCaptureFixture, more: int
) -> None:
    plan = lab_for_team(make_camp(tmp_path), TEAM)
    keeper: Any = Keeper(plan, seal=seal)
    keeper._slots = dict.fromkeys(map(str, range(plan.most_kernels + more)))
    before = dict(keeper._slots)

    async def asked() -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            theirs.sendall(written(Report(Refusal.ROUTE)))
            theirs.shutdown(socket.SHUT_WR)
            reader, writer = await asyncio.open_unix_connection(sock=ours)
            await keeper._serve(None, None, tmp_path, reader, writer)

    with caplog.at_level(logging.WARNING):
        asyncio.run(asked())
    told = Refusal.ROUTE.sentence if more < _MORE else "The server asked for too much at once."
    assert [record.getMessage() for record in caplog.records] == [told]
    assert keeper._slots == before
