"""What a kernel says is kept up to a size while no tab listens, and a tab that does not keep up is cut off."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from jupyter_client.session import Session

from workspace.lab.server.outputs import LEFT_OUT, BoundedConnection, Kept, Message


@pytest.fixture
def session() -> Session:
    return Session(key=b"of the kernel")


def shown(session: Session, text: str, cell: str = "cell") -> Message:
    message = session.msg("stream", {"name": "stdout", "text": text}, parent={"header": {"msg_id": cell}})
    return [b"stream", *session.serialize(message)]


def read(session: Session, message: Message) -> dict[str, Any]:
    _, parts = session.feed_identities(message)
    told: dict[str, Any] = session.deserialize(parts)
    return told


def size(message: Message) -> int:
    return sum(map(len, message))


def test_what_fits_is_kept_as_it_is(session: Session) -> None:
    said = [("iopub", shown(session, str(number))) for number in range(3)]
    kept = Kept(session, most=sum(size(message) for _, message in said))
    assert not kept
    for one in said:
        kept.append(one)
    assert list(kept) == list(kept) == said
    assert len(kept) == 3


def test_of_what_does_not_fit_the_newest_is_kept_and_told_that_something_is_gone(session: Session) -> None:
    said = [("iopub", shown(session, str(number), f"cell-{number}")) for number in range(3)]
    kept = Kept(session, most=sum(size(message) for _, message in said) - 1)
    for one in said:
        kept.append(one)
    (channel, told), *rest = kept
    assert rest == said[1:]
    assert channel == "iopub"
    document = read(session, told)  # which fails if it is not signed
    assert document["content"] == {"name": "stderr", "text": LEFT_OUT}
    assert document["parent_header"]["msg_id"] == "cell-0"


@pytest.mark.parametrize("before", [0, 50])
def test_how_a_cell_ended_outlives_what_it_showed(session: Session, before: int) -> None:
    kept = Kept(session, most=10_000)
    ended = ("shell", [b"me", *session.serialize(session.msg("execute_reply", {"status": "ok"}))])
    for number in range(50):
        if number == before:
            kept.append(ended)  # by a way of its own, on which it may overtake what was shown
        kept.append(("iopub", shown(session, "x" * 2000)))
    if before == 50:
        kept.append(ended)
    assert ended in list(kept)
    assert sum(size(message) for _, message in kept) < 12_000


def test_answers_without_end_have_a_limit_too(session: Session) -> None:
    kept = Kept(session, most=1000)
    for _ in range(50):
        kept.append(("shell", [b"x" * 300]))
    assert len(kept) == 4  # three, and that something is gone


@pytest.mark.parametrize(
    "gone", [[b"x" * 200], [b"", b"<IDS|MSG>", b"", b"", b"[" * 200], [b"<IDS|MSG>"] + [b"{" * 50] * 5]
)
def test_a_message_that_is_none_harms_nobody(session: Session, gone: Message) -> None:
    kept = Kept(session, most=100)
    kept.append(("iopub", gone))
    ((_, told),) = kept
    assert read(session, told)["content"]["text"] == LEFT_OUT


class Browser:
    """A tab that takes nothing until it is told to."""

    def __init__(self) -> None:
        self.taken = asyncio.Event()
        self.came: list[str | bytes] = []
        self.closed = False
        self.ws_connection, self.stream = self, self

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True
        self.taken.set()

    async def write_message(self, message: str | bytes, binary: bool = False) -> None:
        self.came.append(message)
        await self.taken.wait()
        if self.closed:
            raise ConnectionError


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(BoundedConnection, "most_waiting", 100)
    monkeypatch.setattr(BoundedConnection, "most_together", 250)
    yield
    assert BoundedConnection._together == 0


class Tab(BoundedConnection):
    """A connection to such a tab, without a kernel."""

    websocket_handler: Any = None

    def __init__(self, browser: Browser) -> None:
        self._waiting, self.websocket_handler = 0, browser


@pytest.mark.usefixtures("small")
def test_a_tab_that_takes_nothing_is_cut_off_once_too_much_waits() -> None:
    async def said() -> None:
        browser = Browser()
        connection = Tab(browser)
        for _ in range(3):
            connection.write_message("x" * 50)
        assert not browser.is_closing()  # 150 wait: the last came while no more than 100 did
        connection.write_message("y")
        assert browser.is_closing()
        connection.write_message("z")  # and what comes later is for nobody
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert "".join(map(str, browser.came)) == "x" * 150

    asyncio.run(said())


@pytest.mark.usefixtures("small")
def test_a_tab_that_keeps_up_gets_all_however_much_it_is() -> None:
    async def said() -> None:
        browser = Browser()
        browser.taken.set()
        connection = Tab(browser)
        for _ in range(20):
            connection.write_message(b"x" * 90, binary=True)
            for _ in range(3):
                await asyncio.sleep(0)
        assert len(browser.came) == 20
        assert not browser.closed

    asyncio.run(said())


@pytest.mark.usefixtures("small")
def test_what_waits_for_all_tabs_together_has_a_limit_too() -> None:
    async def said() -> None:
        browsers = [Browser() for _ in range(4)]
        connections = [Tab(one) for one in browsers]
        for connection in connections:
            connection.write_message("x" * 90)
        assert not any(one.closed for one in browsers)
        connections[0].write_message("y")
        assert [one.closed for one in browsers] == [True, False, False, False]
        for one in browsers:
            one.taken.set()
        for _ in range(3):
            await asyncio.sleep(0)

    asyncio.run(said())
