"""The server: where it may listen, what it writes down, and that one signal ends all of it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from disclosure.errors import BadInputError
from output_review.web.serving import Address, Service, address_of, gunicorn_settings
from tests.output_review.zone_camp import ZoneCamp

_SECONDS = 60


@pytest.mark.parametrize("value", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000"])
def test_it_listens_on_the_machine_itself(value: str) -> None:
    assert address_of(value, proxied=False) == Address(value, loopback=True)


def test_a_socket_is_for_a_proxy() -> None:
    address = address_of("unix:/run/review.sock", proxied=False)
    assert not address.loopback
    assert address.hosts(()) == ()
    assert address.hosts(("review.office.example",)) == ("review.office.example",)


@pytest.mark.parametrize("value", ["0.0.0.0:8000", "10.0.0.7:8000", "[::]:8000"])
def test_others_reach_it_only_behind_a_proxy(value: str) -> None:
    with pytest.raises(BadInputError, match="Others could reach"):
        address_of(value, proxied=False)
    assert not address_of(value, proxied=True).loopback


@pytest.mark.parametrize(
    "value", ["", "8000", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:x", "name:80", "unix:x.sock"]
)
def test_what_is_no_address_is_refused(value: str) -> None:
    with pytest.raises(BadInputError):
        address_of(value, proxied=True)


@pytest.mark.parametrize("name", ["", "*", ".office.example", "a b", "review.office.example:443", "a/b"])
def test_what_is_no_name_of_a_host_is_refused(name: str) -> None:
    with pytest.raises(BadInputError, match="host"):
        Address("127.0.0.1:8000", loopback=True).hosts((name,))


def test_what_is_written_down_has_no_query_no_address_and_no_account(tmp_path: Path) -> None:
    address = address_of("127.0.0.1:8000", proxied=False)
    settings = gunicorn_settings(Service(tmp_path, address, ("localhost",), False, 2, 4))
    format_ = settings["access_log_format"]
    assert not any(atom in format_ for atom in ("%(r)s", "%(q)s", "%(h)s", "%(u)s", "%(f)s", "%({"))
    assert (settings["workers"], settings["threads"], settings["forwarded_allow_ips"]) == (2, 4, "")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(camp: ZoneCamp, *words: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run `review serve` until it answers."""
    port = free_port()
    command = [sys.executable, "-m", "datakamp", "review", "serve", "--camp", str(camp.folder)]
    process = subprocess.Popen(
        [*command, "--address", f"127.0.0.1:{port}", *words],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        until = time.monotonic() + _SECONDS
        while asked(port, "/health") is None:
            if process.poll() is not None or time.monotonic() > until:
                process.kill()
                raise AssertionError(process.communicate()[0])
            time.sleep(0.1)
        yield process, port
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(_SECONDS)


def asked(port: int, path: str, host: str = "127.0.0.1") -> int | None:
    """Return the status of an answer; None if nobody answers."""
    question = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Host": host})
    try:
        with urllib.request.urlopen(question, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return int(error.code)
    except OSError:
        return None


def test_pages_and_worker_run_together_and_end_together(zone_camp: ZoneCamp) -> None:
    zone_camp.hand_in({"by-wijk": zone_camp.recipe()})
    with served(zone_camp, "--with-worker", "--host", "review.office.example") as (process, port):
        assert asked(port, "/login?next=/secret") == 200
        assert asked(port, "/login", host="review.office.example") == 200
        assert asked(port, "/login", host="evil.example") == 400
        assert asked(port, "/metrics") == 200
        until = time.monotonic() + _SECONDS
        zone = zone_camp.zone()
        from output_review.models import RequestRow

        while not RequestRow.objects.exists() and time.monotonic() < until:
            time.sleep(0.2)
        assert zone.request(1).state == "submitted"
        group = os.getpgid(process.pid)
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=_SECONDS)
    assert process.returncode == 0
    assert f"http://127.0.0.1:{port}/" in said
    assert "GET /login 200" in said
    assert "secret" not in said
    assert "Traceback" not in said
    assert asked(port, "/health") is None
    with pytest.raises(ProcessLookupError):
        os.killpg(group, 0)


def test_without_a_name_a_socket_is_not_served(zone_camp: ZoneCamp) -> None:
    command = [sys.executable, "-m", "datakamp", "review", "serve", "--camp", str(zone_camp.folder)]
    done = subprocess.run(
        [*command, "--address", "unix:/tmp/never.sock"], check=False, capture_output=True, text=True, timeout=_SECONDS
    )
    assert done.returncode == 2
    assert "--host" in done.stderr


def test_one_round_of_the_worker_says_what_it_did(zone_camp: ZoneCamp) -> None:
    zone_camp.hand_in({"by-wijk": zone_camp.recipe()})
    command = [sys.executable, "-m", "datakamp", "review", "work", "--camp", str(zone_camp.folder), "--once"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["request 1: taken in", "1 tabulated"]
    again = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert again.stdout == "Nothing to do.\n"


def test_a_worker_that_is_ended_while_it_waits_ends_at_once(zone_camp: ZoneCamp) -> None:
    command = [sys.executable, "-m", "datakamp", "review", "work", "--camp", str(zone_camp.folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    beat = zone_camp.folder / "review" / "worker.beat"
    until = time.monotonic() + _SECONDS
    while not beat.exists() and time.monotonic() < until:
        time.sleep(0.1)
    process.terminate()
    said, _ = process.communicate(timeout=_SECONDS)
    assert (process.returncode, said) == (0, "")
