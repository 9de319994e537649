"""A Lab as a browser uses it: started by its command, spoken to over HTTP and websockets."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from disclosure.exchange.camp import CampFile

ROOT = Path(__file__).resolve().parents[3]
_SECONDS = 180.0
"""Longer than anything takes on a machine that is busy; only what hangs waits for it."""
_LARGEST_MESSAGE = 1 << 28


@dataclass
class Ran:
    """What a cell printed, the class and text of its error, and what a notebook shows of that."""

    status: str = ""
    printed: str = ""
    error: str = ""
    traceback: str = ""
    data: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Answer:
    """What the server answered."""

    code: int
    body: bytes
    headers: dict[str, str]


class Lab:
    """`datakamp lab`, in a process of its own; leaving ends it."""

    def __init__(self, camp: CampFile, team: str) -> None:
        self._arguments = ["lab", "--camp", str(camp.folder), "--team", team]
        self.workspace = camp.workspace(team)

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            self.command(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        told = []
        assert self.process.stdout is not None
        for line in self.process.stdout:
            told.append(line)
            found = re.search(r"(http://127\.0\.0\.1:\d+)/lab\?token=(\S+)", line)
            if found is not None:
                self.address, self.token = found[1], found[2]
                return self
        self.process.wait()
        raise AssertionError("".join(told))

    def command(self) -> list[str]:
        """What is run."""
        return [sys.executable, str(ROOT / "datakamp.py"), *self._arguments]

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def ask(self, path: str, method: str = "GET", document: Any = None, *, token: str | None = None) -> Answer:
        """Return the answer to a request."""
        connection = http.client.HTTPConnection(self.address.removeprefix("http://"), timeout=_SECONDS)
        headers = {"Authorization": f"token {self.token if token is None else token}"}
        with contextlib.closing(connection):
            connection.request(method, path, None if document is None else json.dumps(document), headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.read(), dict(answer.getheaders()))

    def start(self, name: str = "python3") -> str:
        """Start a kernel and return its identifier."""
        answer = self.ask("/api/kernels", "POST", {"name": name})
        assert answer.code == 201, answer.body
        return str(json.loads(answer.body)["id"])

    def run(self, kernel: str, source: str) -> Ran:
        """Run a cell and return what came of it; its status is "died" if the kernel ended in it."""
        return asyncio.run(asyncio.wait_for(self._run(kernel, source), _SECONDS))

    def interrupted(self, kernel: str, source: str) -> Ran:
        """Run a cell that makes the file `begun` in the workspace, and interrupt it once that is there."""
        begun = self.workspace / "begun"
        begun.unlink(missing_ok=True)

        def interrupt() -> None:
            until = time.monotonic() + _SECONDS
            while not begun.exists() and time.monotonic() < until:
                time.sleep(0.05)
            self.ask(f"/api/kernels/{kernel}/interrupt", "POST")

        waiting = threading.Thread(target=interrupt)
        waiting.start()
        try:
            return self.run(kernel, source)
        finally:
            waiting.join()

    async def joined(self, kernel: str, tab: str = "") -> WebSocketClientConnection:
        """Return a connection to a kernel, of a tab with a name of its own."""
        asked = f"?session_id={tab}" if tab else ""
        address = f"{self.address.replace('http', 'ws', 1)}/api/kernels/{kernel}/channels{asked}"
        request = HTTPRequest(address, headers={"Authorization": f"token {self.token}"})
        return await websocket_connect(request, max_message_size=_LARGEST_MESSAGE)

    async def _run(self, kernel: str, source: str) -> Ran:
        connection = await self.joined(kernel)
        ran = Ran()
        if await _greet(connection):
            await _execute(connection, source, ran)
        else:
            ran.status = "died"
        connection.close()
        while await connection.read_message() is not None:
            pass  # until the other side has closed it too
        return ran


def message(kind: str, number: str, content: dict[str, Any]) -> str:
    """Return a message to a kernel as a browser sends it."""
    header = {"msg_id": number, "username": "", "session": number, "msg_type": kind, "version": "5.3"}
    return json.dumps(
        {"header": header, "parent_header": {}, "metadata": {}, "content": content, "buffers": [], "channel": "shell"}
    )


async def _greet(connection: WebSocketClientConnection) -> bool:
    """Wait until the kernel answers on both of its channels, as JupyterLab does; False if it never will.

    A kernel that has just been started again hears a request before anyone hears what it says.
    """
    asked: set[str] = set()
    answered, heard = False, False
    awaited: asyncio.Future[str | bytes | None] | None = None
    while not (answered and heard):
        if awaited is None:
            awaited = asyncio.ensure_future(connection.read_message())
        done, _ = await asyncio.wait([awaited], timeout=1.0 if asked else 0)
        if not done:
            number = uuid.uuid4().hex
            asked.add(number)
            await connection.write_message(message("kernel_info_request", number, {}))
            continue
        received, awaited = awaited.result(), None
        if received is None:
            return False
        if isinstance(received, bytes):
            continue
        told = json.loads(received)
        state = told["content"].get("execution_state") if told["msg_type"] == "status" else ""
        if state == "dead":
            return False
        if told["parent_header"].get("msg_id") in asked:
            answered = answered or told["msg_type"] == "kernel_info_reply"
            heard = heard or state == "idle"
    return True


async def _execute(connection: WebSocketClientConnection, source: str, ran: Ran) -> None:
    """Run a cell, and tell `ran` what came of it; its status is "cut" if the server closed the connection."""
    number, idle = uuid.uuid4().hex, False
    content = {
        "code": source, "silent": False, "store_history": False, "user_expressions": {}, "allow_stdin": False,
        "stop_on_error": True,
    }  # fmt: skip
    await connection.write_message(message("execute_request", number, content))
    while not (ran.status and idle):
        received = await connection.read_message()
        if received is None:
            ran.status = "cut"
            return
        if isinstance(received, bytes):
            continue
        told = json.loads(received)
        kind, content = told["msg_type"], told["content"]
        if kind == "status" and content["execution_state"] in ("restarting", "dead"):
            ran.status = "died"
            return
        if told["parent_header"].get("msg_id") != number:
            continue
        if kind == "stream":
            ran.printed += content["text"]
        elif kind == "error":
            ran.error, ran.traceback = f"{content['ename']}: {content['evalue']}", "\n".join(content["traceback"])
        elif kind in ("display_data", "execute_result"):
            ran.data.append(content["data"])
        elif kind == "execute_reply":
            ran.status = content["status"]
        elif kind == "status" and content["execution_state"] == "idle":
            idle = True
