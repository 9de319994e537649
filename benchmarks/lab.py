"""A team's Lab beside an ordinary Jupyter server: time to the first result of a kernel, and what many kernels take.

``python -m benchmarks.lab STARTS [KERNELS]`` prints seconds to readiness, the medians of both, memory when idle, and
hands over the seconds of each start.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import websocket_connect

from benchmarks.measurement import ROOT
from benchmarks.stopwatch import hand_over
from disclosure.exchange.camp import Team
from workspace.camp_folder import new_camp

_TEAM = "team-1"
_TOKEN = "t" * 40
_KEEPER = """
import sys
from dataclasses import replace
from pathlib import Path
from disclosure.exchange.camp import read_camp
from workspace.isolation.seal import verify_seal
from workspace.lab.keeper import Keeper
from workspace.lab.team import lab_for_team
plan = lab_for_team(read_camp(Path(sys.argv[1])), sys.argv[2])
Keeper(replace(plan, most_kernels=int(sys.argv[3])), seal=verify_seal()).run(lambda address: print(address, flush=True))
"""


@contextlib.contextmanager
def lab(folder: Path, kernels: int) -> Iterator[tuple[str, str, int]]:
    """Yield address, token and process of a Lab."""
    camp = new_camp(folder / "camp", teams=(Team(_TEAM, ()),))
    with lab_of(camp.folder, _TEAM, kernels) as started:
        yield started


@contextlib.contextmanager
def lab_of(camp: Path, team: str, kernels: int) -> Iterator[tuple[str, str, int]]:
    """Yield address, token and process of the Lab of a team of a camp."""
    command = [sys.executable, "-c", _KEEPER, str(camp), team, str(kernels)]
    with _running(command) as process:
        stream = process.stdout
        line = "" if stream is None else stream.readline()
        found = re.match(r"(http://[^/]+)/lab\?token=(\S+)", line)
        if found is None:
            raise RuntimeError("the Lab did not start")
        yield found[1], found[2], process.pid


@contextlib.contextmanager
def plain(folder: Path) -> Iterator[tuple[str, str, int]]:
    """Yield address, token and process of an ordinary Jupyter server with the kernels of this Python."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}"]
    command += [f"--ServerApp.root_dir={folder}", f"--IdentityProvider.token={_TOKEN}", "--ip=127.0.0.1"]
    with _running(command, HOME=str(folder)) as process:
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}", _TOKEN, process.pid


@contextlib.contextmanager
def _running(command: list[str], **variables: str) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment, cwd=ROOT
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


async def first_result(address: str, token: str, *, keep: bool = False, source: str = "1 + 1") -> float:
    """Return the seconds from asking for a kernel to its first result.

    Raises:
        RuntimeError: the kernel did not compute, or what it ran failed.
    """
    headers = {"Authorization": f"token {token}"}
    client, begun = AsyncHTTPClient(), time.perf_counter()
    made = await client.fetch(
        f"{address}/api/kernels", method="POST", headers=headers, body='{"name": "python3"}', request_timeout=120
    )
    kernel = json.loads(made.body)["id"]
    channels = f"{address.replace('http', 'ws', 1)}/api/kernels/{kernel}/channels"
    connection = await websocket_connect(HTTPRequest(channels, headers=headers, request_timeout=120))
    number = uuid.uuid4().hex
    header = {"msg_id": number, "username": "", "session": number, "msg_type": "execute_request", "version": "5.3"}
    content = {"code": source, "silent": False, "store_history": False, "user_expressions": {}, "allow_stdin": False}
    message: dict[str, Any] = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "buffers": []}
    await connection.write_message(json.dumps({**message, "channel": "shell"}))
    while True:
        received = await connection.read_message()
        if received is None:
            raise RuntimeError("the kernel did not compute")
        told = json.loads(received)
        if told["msg_type"] == "execute_reply" and told["parent_header"].get("msg_id") == number:
            if told["content"]["status"] != "ok":
                raise RuntimeError("what the kernel ran failed")
            break
    taken = time.perf_counter() - begun
    connection.close()
    if not keep:
        await client.fetch(f"{address}/api/kernels/{kernel}", method="DELETE", headers=headers, request_timeout=120)
    return taken


def memory(pid: int) -> int:
    """Return the proportional memory in bytes of a process and all below it, shared libraries counted once."""
    kibibytes, waiting = 0, [pid]
    while waiting:
        one = waiting.pop()
        with contextlib.suppress(OSError):
            lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
            kibibytes += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
            for children in Path(f"/proc/{one}/task").glob("*/children"):
                waiting += [int(child) for child in children.read_text().split()]
    return kibibytes * 1024


async def _compare(starts: int, sealed: tuple[str, str, int], ordinary: tuple[str, str, int]) -> dict[str, list[float]]:
    seconds: dict[str, list[float]] = {"plain_kernel": [], "sealed_kernel": []}
    await first_result(*ordinary[:2])  # fills the file cache for both
    for _ in range(starts):
        seconds["plain_kernel"].append(await first_result(*ordinary[:2]))
        seconds["sealed_kernel"].append(await first_result(*sealed[:2]))
    return seconds


async def _fill(kernels: int, sealed: tuple[str, str, int]) -> None:
    for _ in range(kernels):
        await first_result(*sealed[:2], keep=True)


@click.command()
@click.argument("starts", type=int)
@click.argument("kernels", type=int, default=0)
def main(starts: int, kernels: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="datakamp-bench-") as name:
        folder = Path(name)
        begun = time.perf_counter()
        with lab(folder, max(kernels, 8)) as sealed:
            click.echo(f"Lab ready after {time.perf_counter() - begun:.1f} s")
            with plain(folder) as ordinary:
                found = asyncio.run(_compare(starts, sealed, ordinary))
            theirs, ours = (statistics.median(one) for one in found.values())
            click.echo(f"kernel: Lab {ours:.2f} s, plain {theirs:.2f} s, ratio {ours / theirs:.2f}")
            asyncio.run(_fill(kernels, sealed))
            click.echo(f"{kernels} idle kernels, server and keeper: {memory(sealed[2]) / 2**30:.2f} GiB")
    hand_over(found)


if __name__ == "__main__":
    main()
