"""The review application under load: ``python -m benchmarks.review_load``.

A camp gets 10,000 requests of 10 outputs each, and 20 reviewers open the queue and requests at once, each with a second
or so to look at a page. The times are those of whole answers over the line, from a server as `datakamp review serve`
starts it. One request is tabulated; the others are copies of its rows, so that pages have all there is to show.

With ``--slow 20`` it is measured once more, beside clients who send a question a few letters at a time and never end.
"""

from __future__ import annotations

import http.client
import math
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import click

from tests.output_review.web.full_camp import handed_in, tables
from tests.output_review.web.web_camp import WebCamp
from tests.output_review.zone_camp import ZoneCamp

_REVIEWERS: Final = ("vera", "wim", "yara")
_STATES: Final = ("submitted", "in_review", "returned", "rejected", "withdrawn")
_MOST_SECONDS: Final = 0.150
_BATCH: Final = 2_000


@dataclass(frozen=True)
class Visit:
    """One page that somebody opened."""

    page: str
    status: int
    seconds: float


def fill(web: WebCamp, requests: int, outputs: int) -> None:
    """Put requests with outputs into the database: copies of one that is tabulated."""
    from output_review.models import HandedInRow, OutputRow, RequestRow, StepRow

    first = web.zone.request(handed_in(web, tables(web.camp, outputs)))
    rows = list(first.outputs.all())
    steps = list(first.steps.all())
    for start in range(2, requests + 1, _BATCH):
        made: list[Any] = []
        for number in range(start, min(start + _BATCH, requests + 1)):
            copy = _copy(first, number=number, state=_STATES[number % len(_STATES)])
            copy.received = first.received - timedelta(minutes=number)
            copy.claimed_by = _REVIEWERS[number % 3] if copy.state == "in_review" else ""
            copy.claimed_at = first.received if copy.claimed_by else None
            made.append(copy)
        made = RequestRow.objects.bulk_create(made)
        OutputRow.objects.bulk_create([_copy(row, request=one) for one in made for row in rows], batch_size=500)
        StepRow.objects.bulk_create([_copy(step, request=one) for one in made for step in steps])
        HandedInRow.objects.bulk_create(
            [HandedInRow(request=one, revision=1, team=one.team, number=one.number, code=one.code) for one in made]
        )


def _copy(row: Any, **changes: Any) -> Any:
    fields = row._meta.concrete_fields  # noqa: SLF001 - Django's own name for it
    kept = {field.attname: getattr(row, field.attname) for field in fields if not field.primary_key}
    copy = type(row)(**kept)
    for name, value in changes.items():
        setattr(copy, name, value)
    return copy


@contextmanager
def served(camp: Path, workers: int) -> Iterator[int]:
    """Run the server, and return its port once it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    words = ["review", "serve", "--camp", str(camp), "--address", f"127.0.0.1:{port}", "--workers", str(workers)]
    with subprocess.Popen([sys.executable, "-m", "datakamp", *words], stdout=subprocess.DEVNULL) as process:
        try:
            while not _answers(port):
                if process.poll() is not None:
                    raise click.ClickException("The server ended.")
                time.sleep(0.2)
            yield port
        finally:
            process.terminate()


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def visits(port: int, cookies: list[str], requests: int, names: list[str], seconds: float) -> list[Visit]:
    """Have each cookie's owner open pages for some seconds, all at once; return what they saw."""
    seen: list[Visit] = []
    until = time.monotonic() + seconds

    def review(cookie: str, seed: int) -> None:
        choice = random.Random(seed)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while time.monotonic() < until:
            time.sleep(choice.uniform(0.5, 1.5))
            page, path = choice.choice(
                [
                    ("queue", "/queue"),
                    ("request", f"/requests/{choice.randint(1, requests)}/outputs/{choice.choice(names)}/"),
                ]
            )
            begun = time.perf_counter()
            connection.request("GET", path, headers={"Cookie": cookie})
            answer = connection.getresponse()
            answer.read()
            seen.append(Visit(page, answer.status, time.perf_counter() - begun))
        connection.close()

    threads = [threading.Thread(target=review, args=(cookie, place)) for place, cookie in enumerate(cookies)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen


@contextmanager
def slow_senders(port: int, count: int) -> Iterator[None]:
    """Have so many connections send half a question, a line every half second; who is cut off comes again at once."""
    ended = threading.Event()

    def send() -> None:
        lines: dict[int, socket.socket] = {}
        while not ended.wait(0.5):
            for place in range(count):
                try:
                    if place not in lines:
                        lines[place] = socket.create_connection(("127.0.0.1", port), timeout=5)
                        lines[place].sendall(b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n")
                    lines[place].sendall(b"X-Slow: yes\r\n")
                except OSError:
                    lines.pop(place, None)
        for line in lines.values():
            line.close()

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@click.command()
@click.option("--requests", default=10_000, show_default=True, type=click.IntRange(10))
@click.option("--outputs", default=10, show_default=True, type=click.IntRange(1, 60))
@click.option("--reviewers", default=20, show_default=True, type=click.IntRange(1, 200))
@click.option("--seconds", default=60.0, show_default=True)
@click.option("--slow", default=0, help="Measure again beside so many slow senders.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 32), help="Of the server.")
@click.option("--postgresql", default="", help="The address of an empty database, instead of a file.")
def main(
    *, requests: int, outputs: int, reviewers: int, seconds: float, slow: int, workers: int, postgresql: str
) -> None:
    """Measure how long pages take."""
    with tempfile.TemporaryDirectory(prefix="review-load-") as place:
        camp = ZoneCamp.made(Path(place), database=postgresql)
        web = WebCamp(camp)
        fill(web, requests, outputs)
        names = [f"persons-{place:02d}" for place in range(1, outputs + 1)]
        cookies = []
        for number in range(reviewers):
            browser = web.client(_REVIEWERS[number % len(_REVIEWERS)])
            cookies.append("; ".join(f"{name}={morsel.value}" for name, morsel in browser.cookies.items()))
        beside: list[Visit] = []
        with served(camp.folder, workers) as port:
            visits(port, cookies[:4], requests, names, 5)
            seen = visits(port, cookies, requests, names, seconds)
            if slow:
                with slow_senders(port, slow):
                    time.sleep(2)
                    beside = visits(port, cookies, requests, names, seconds)
    failed = _report(seen)
    if slow:
        click.echo(f"beside {slow} slow senders:")
        failed = _report(beside) or failed
    sys.exit(1 if failed else 0)


def _report(seen: list[Visit]) -> bool:
    """Print the times of each page; tell whether one takes too long, or could not be opened."""
    pages: dict[str, list[float]] = defaultdict(list)
    for visit in seen:
        pages[visit.page].append(visit.seconds)
    wrong = sorted({visit.status for visit in seen} - {200})
    slow = False
    for page, times in sorted(pages.items()):
        ordered = sorted(times)
        middle, most = (ordered[math.ceil(share * len(ordered)) - 1] for share in (0.5, 0.95))
        slow = slow or most > _MOST_SECONDS
        click.echo(
            f"{page}: {len(ordered)} opened, half within {middle * 1000:.0f} ms, 95% within {most * 1000:.0f} ms"
        )
    if wrong:
        click.echo(f"answers that were no pages: {wrong}")
    return slow or bool(wrong)


if __name__ == "__main__":
    main()
