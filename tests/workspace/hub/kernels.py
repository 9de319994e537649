"""Kernels in the Lab of a team, as a browser behind the hub uses them."""

from __future__ import annotations

import asyncio
import json

from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from tests.workspace.hub.camp import Browser


def headers(browser: Browser, base: str) -> dict[str, str]:
    """What Lab sends with a change."""
    return {"X-XSRFToken": browser.cookie("_xsrf", base), "Origin": browser.address, "Sec-Fetch-Mode": "cors"}


def start_kernel(browser: Browser, base: str) -> str:
    """The identifier of a new kernel."""
    page = browser.ask(f"{base}api/kernels", data=b'{"name": "python3"}', headers=headers(browser, base))
    assert page.code == 201, page.text
    return str(json.loads(page.text)["id"])


def cookies(browser: Browser, base: str) -> str:
    """What a browser sends to a team's Lab."""
    return "; ".join(f"{one.name}={one.value}" for one in browser.jar if base.startswith(one.path))


async def printed(browser: Browser, base: str, kernel: str, source: str, origin: str | None = None) -> str:
    """What a cell prints."""
    address = f"{browser.address.replace('http', 'ws', 1)}{base}api/kernels/{kernel}/channels"
    sent = {"Cookie": cookies(browser, base), "Origin": origin or browser.address}
    connection = await websocket_connect(HTTPRequest(address, headers=sent))
    header = {"msg_id": "1", "username": "", "session": "1", "msg_type": "execute_request", "version": "5.3"}
    content = {"code": source, "silent": False, "store_history": False, "user_expressions": {}, "allow_stdin": False}
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "buffers": []}
    await connection.write_message(json.dumps({**message, "channel": "shell"}))
    text = ""
    while True:
        received = await asyncio.wait_for(connection.read_message(), 60)
        assert received is not None
        if isinstance(received, bytes):
            continue
        told = json.loads(received)
        if told["parent_header"].get("msg_id") != "1":
            continue
        if told["msg_type"] == "stream":
            text += told["content"]["text"]
        if told["msg_type"] == "status" and told["content"]["execution_state"] == "idle":
            connection.close()
            while await connection.read_message() is not None:
                pass  # until the other side has closed it too
            return text
