"""What a kernel says is kept up to a size while no tab listens, and reaches it; one that takes nothing is cut off."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from jupyter_client.session import Session

from workspace.lab.server.outputs import EACH, LEFT_OUT, MIB, MOST_TOGETHER, BoundedConnection, Kept, Message


@pytest.fixture
def session() -> Session:
    return Session(key=b"of the kernel")


def said(session: Session, kind: str, content: dict[str, Any], cell: str = "cell") -> Message:
    message = session.msg(kind, content, parent={"header": {"msg_id": cell}})
    return [kind.encode(), *session.serialize(message)]


def shown(session: Session, text: str, cell: str = "cell") -> Message:
    return said(session, "stream", {"name": "stdout", "text": text}, cell)


def read(session: Session, message: Message) -> dict[str, Any]:
    _, parts = session.feed_identities(message)
    told: dict[str, Any] = session.deserialize(parts)
    return told


def size(message: Message) -> int:
    return sum(map(len, message)) + EACH


def test_what_fits_is_kept_as_it_is(session: Session) -> None:
    came = [("iopub", shown(session, str(number))) for number in range(3)]
    kept = Kept(session, most=sum(size(message) for _, message in came))
    assert not kept
    for one in came:
        kept.append(one)
    assert list(kept) == list(kept) == came
    assert len(kept) == 3


def test_of_what_does_not_fit_the_newest_is_kept_and_told_that_something_is_gone(session: Session) -> None:
    came = [("iopub", shown(session, str(number), f"cell-{number}")) for number in range(3)]
    kept = Kept(session, most=sum(size(message) for _, message in came) - 1)
    for one in came:
        kept.append(one)
    (channel, told), *rest = kept
    assert rest == came[1:]
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
    assert sum(size(message) for _, message in kept) < 14_000


def test_that_cells_ended_outlives_what_a_later_one_shows(session: Session) -> None:
    kept = Kept(session, most=60_000)
    for cell, count in (("one", 1), ("two", 1), ("three", 50)):
        kept.append(("iopub", said(session, "status", {"execution_state": "busy"}, cell)))
        for _ in range(count):
            kept.append(("iopub", shown(session, "x" * 2000, cell)))
        kept.append(("iopub", said(session, "status", {"execution_state": "idle"}, cell)))
    told = [read(session, message) for _, message in kept]
    ended = [one["parent_header"]["msg_id"] for one in told if one["content"].get("execution_state") == "idle"]
    assert ended == ["one", "two", "three"]
    assert sum(one["msg_type"] == "stream" for one in told) > 5


@pytest.mark.parametrize(("more", "stays"), [(0, True), (4000, False)])
def test_only_a_status_as_it_should_be_outlives_what_is_shown(session: Session, more: int, stays: bool) -> None:
    kept = Kept(session, most=20_000)
    first = ("iopub", said(session, "status", {"execution_state": "idle", "more": "x" * more}))
    kept.append(first)
    for _ in range(50):
        kept.append(("iopub", shown(session, "x" * 2000)))
    assert (first in list(kept)) is stays


def test_a_status_without_end_has_a_limit_too(session: Session) -> None:
    kept = Kept(session, most=20_000)
    came = [("iopub", said(session, "status", {"execution_state": "busy"}, str(number))) for number in range(50)]
    for one in came:
        kept.append(one)
    assert list(kept)[1:] == came[1 - len(kept) :]
    assert sum(size(message) for _, message in came[1 - len(kept) :]) <= 20_000


def test_answers_without_end_have_a_limit_too(session: Session) -> None:
    kept = Kept(session, most=1000 + 3 * EACH)
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


class Log:
    """Of the server."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def warning(self, sentence: str, *_: object) -> None:
        self.told.append(sentence)

    debug = info = warning


class Tab(BoundedConnection):
    """A connection to such a tab, without a kernel."""

    websocket_handler: Any = None
    log: Any = None

    def __init__(self, browser: Browser) -> None:
        self.websocket_handler, self.log = browser, Log()


@pytest.fixture(autouse=True)
def nothing_waits_in_the_end() -> Iterator[None]:
    yield
    assert BoundedConnection._together == 0
    assert BoundedConnection._holding == {}


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, limit in (("most_waiting", 100), ("most_together", 250), ("each", 0), ("stalled_seconds", 0.0)):
        monkeypatch.setattr(BoundedConnection, name, limit)


async def settled() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


@pytest.mark.usefixtures("small")
def test_a_tab_that_takes_nothing_is_cut_off_once_too_much_waits() -> None:
    async def shows() -> None:
        browser = Browser()
        connection = Tab(browser)
        for _ in range(3):
            connection.write_message("x" * 50)
        assert not browser.is_closing()  # 150 wait: the last came while no more than 100 did
        connection.write_message("y")
        assert browser.is_closing()
        connection.write_message("z")  # and what comes later is for nobody
        await settled()
        assert "".join(map(str, browser.came)) == "x" * 150

    asyncio.run(shows())


@pytest.mark.usefixtures("small")
def test_a_tab_that_takes_something_now_and_then_is_not_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr(BoundedConnection, "stalled_seconds", 20.0)
    monkeypatch.setattr("workspace.lab.server.outputs.time.monotonic", lambda: clock[0])

    async def shows() -> None:
        browser = Browser()
        connection = Tab(browser)
        for seconds in (0.0, 19.0):
            clock[0] += seconds
            connection.write_message("x" * 110)
        browser.taken.set()
        await settled()
        assert browser.came == ["x" * 110] * 2
        browser.taken.clear()
        clock[0] += 3600  # nothing is said for an hour
        for seconds, cut in ((0.0, False), (19.0, False), (1.0, True)):
            clock[0] += seconds
            connection.write_message("y" * (110 if not seconds else 1))
            assert browser.closed is cut
        await settled()

    asyncio.run(shows())


@pytest.mark.usefixtures("small")
def test_a_tab_that_keeps_up_gets_all_however_much_it_is() -> None:
    async def shows() -> None:
        browser = Browser()
        browser.taken.set()
        connection = Tab(browser)
        for _ in range(20):
            connection.write_message(b"x" * 90, binary=True)
            await settled()
        assert len(browser.came) == 20
        assert not browser.closed

    asyncio.run(shows())


def test_one_large_message_and_what_comes_right_behind_it_arrive() -> None:
    async def shows() -> None:
        browser = Browser()
        connection = Tab(browser)
        for one in (bytes(64 * MIB), b"reply", b"idle"):
            connection.write_message(one, binary=True)
        assert not browser.closed
        browser.taken.set()
        await settled()
        assert browser.came[1:] == [b"reply", b"idle"]
        assert len(browser.came[0]) == 64 * MIB

    asyncio.run(shows())


def test_many_small_messages_count_for_the_memory_that_they_take(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BoundedConnection, "most_together", MOST_TOGETHER // 64)

    async def shows() -> None:
        browser = Browser()
        connection = Tab(browser)
        for _ in range(MOST_TOGETHER // 64 // EACH):
            connection.write_message("x")
        assert not browser.is_closing()
        connection.write_message("y")
        assert browser.is_closing()
        await settled()

    asyncio.run(shows())


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("next_one", range(4))
def test_of_all_tabs_together_the_one_that_most_waits_for_is_cut_off(next_one: int) -> None:
    async def shows() -> None:
        browsers = [Browser() for _ in range(4)]
        connections = [Tab(one) for one in browsers]
        for connection, size in zip(connections, (60, 60, 90, 60), strict=True):
            connection.write_message("x" * size)
        assert not any(one.closed for one in browsers)
        connections[next_one].write_message("y")
        assert [one.closed for one in browsers] == [False, False, True, False]
        assert [one.log.told != [] for one in connections] == [False, False, True, False]
        for one in browsers:
            one.taken.set()
        await settled()
        assert browsers[next_one].came[1:] == (["y"] if next_one != 2 else [])

    asyncio.run(shows())


class Stream:
    """A channel of a kernel."""

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self.hears: Callable[[Stream, Message], None] | None = None

    def closed(self) -> bool:
        return False

    def on_recv_stream(self, hears: Callable[[Stream, Message], None]) -> None:
        self.hears = hears


class ComesBack(Tab):
    """A tab that was away; `waits` is what was kept for it."""

    multi_kernel_manager: Any = None
    kernel_id = "kernel"

    def __init__(self, browser: Browser, session: Session, waits: Kept) -> None:
        super().__init__(browser)
        self.session, self.session_key, self.iopub = session, "kernel:tab", Stream("iopub")
        buffered = {"session_key": self.session_key, "buffer": waits, "channels": {"iopub": self.iopub}}
        self.multi_kernel_manager = SimpleNamespace(
            allow_tracebacks=True,
            notify_connect=lambda _: None,
            get_buffer=lambda *_: buffered,
            ports_changed=lambda _: False,
            add_restart_callback=lambda *_: None,
        )

    @property
    def subprotocol(self) -> str:
        return "v1.kernel.websocket.jupyter.org"

    def nudge(self) -> asyncio.Future[None]:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done


@pytest.mark.parametrize(("count", "length"), [(5000, 10), (60, 100_000)], ids=["many", "much"])
def test_all_that_was_kept_reaches_the_tab_that_comes_back(session: Session, count: int, length: int) -> None:
    waits = Kept(session)
    for _ in range(count):
        waits.append(("iopub", shown(session, "x" * length)))
    waits.append(("iopub", said(session, "display_data", {"data": {"text/plain": "RESULT"}, "metadata": {}})))
    waits.append(("iopub", said(session, "error", {"ename": "E", "evalue": "THE END", "traceback": []})))

    async def comes_back() -> None:
        browser = Browser()
        browser.taken.set()
        connection = ComesBack(browser, session, waits)
        await (connection.connect() or settled())
        await settled()
        assert len(browser.came) == count + 2
        assert b"RESULT" in bytes(browser.came[-2])  # type: ignore[arg-type]
        assert b"THE END" in bytes(browser.came[-1])  # type: ignore[arg-type]
        # What is said from now on is limited, as a notebook that is looked at should not stand still.
        for _ in range(count):
            assert connection.iopub.hears is not None
            connection.iopub.hears(connection.iopub, shown(session, "x" * length))
        await settled()
        assert len(browser.came) < 2 * count
        assert b"rate exceeded" in bytes(browser.came[-1])  # type: ignore[arg-type]

    asyncio.run(comes_back())
