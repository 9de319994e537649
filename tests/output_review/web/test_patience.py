"""Clients that do not finish a question do not stop the pages for others."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator

import pytest

from output_review.web.patience import ANSWER, PatientSocket
from tests.output_review.web.test_serving import asked, served
from tests.output_review.zone_camp import ZoneCamp

HALF_A_BODY = b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\nname="
HALF_A_HEAD = b"GET /login HTTP/1.1\r\nHost: 127"
NOTHING = b""


@pytest.fixture
def pair() -> Iterator[tuple[PatientSocket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield PatientSocket(ours), theirs


def trickled(patient: PatientSocket, theirs: socket.socket) -> None:
    while True:
        theirs.sendall(b"x")
        assert patient.recv(1) == b"x"
        time.sleep(0.05)


def test_what_trickles_in_does_not_move_the_deadline(pair: tuple[PatientSocket, socket.socket]) -> None:
    patient, theirs = pair
    patient.setblocking(True)
    patient.begin(0.3)
    begun = time.monotonic()
    with pytest.raises(ConnectionResetError):
        trickled(patient, theirs)
    assert 0.25 < time.monotonic() - begun < 5
    patient.begin(5)
    theirs.sendall(b"again")
    assert patient.recv(5)


def test_waiting_ends_and_what_was_set_stays_set(pair: tuple[PatientSocket, socket.socket]) -> None:
    patient, _ = pair
    patient.setblocking(True)
    patient.begin(0.05)
    with pytest.raises(ConnectionResetError):
        patient.recv(1)
    assert patient.gettimeout() == ANSWER
    patient.setblocking(False)
    assert patient.gettimeout() == 0.0
    with pytest.raises(BlockingIOError):
        patient.recv(1)


def test_who_does_not_read_the_answer_is_left(pair: tuple[PatientSocket, socket.socket]) -> None:
    patient, _ = pair
    patient.settimeout(0.1)
    with pytest.raises(ConnectionResetError):
        patient.sendall(b"x" * (1 << 24))


def test_pages_answer_beside_more_unfinished_questions_than_there_are_threads(zone_camp: ZoneCamp) -> None:
    with served(zone_camp, "--threads", "8") as (process, port), contextlib.ExitStack() as open_ones:
        for _ in range(16):
            one = open_ones.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
            one.sendall(HALF_A_BODY)
        for begin in (HALF_A_HEAD, NOTHING):
            one = open_ones.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
            one.sendall(begin)
        begun = time.monotonic()
        assert asked(port, "/health") == 200
        assert time.monotonic() - begun < 18
        large = open_ones.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
        large.sendall(b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 200000000\r\n\r\n" + b"x" * 100_000)
        assert large.recv(100).startswith(b"HTTP/1.1 413 ")
        process.terminate()
        said, _ = process.communicate(timeout=60)
    assert "Traceback" not in said
