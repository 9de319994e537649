"""A camp with sessions, a statement and people in two teams, and a browser to visit its hub with."""

from __future__ import annotations

import html
import http.cookiejar
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from disclosure.exchange.camp import FILE, CampFile, Participant, Team, read_camp
from tests.workspace.small_camp import DATA_SET, data_set
from workspace.camp_folder import new_camp
from workspace.catalogue import register
from workspace.hub import totp

ROOT = Path(__file__).resolve().parents[3]
PASSWORD = "correct horse battery staple"
STATEMENT = "I keep to myself what I see of others.\n"


def make_camp(folder: Path, *, start: datetime | None = None, end: datetime | None = None) -> CampFile:
    """A camp with the teams armoede (with data) and wonen; its session is open for an hour unless told otherwise."""
    camp = new_camp(
        folder / "camp",
        teams=(Team("armoede", (DATA_SET,)), Team("wonen", ())),
        participants=(
            Participant("anna", ("researcher",), ("armoede",)),
            Participant("bram", ("researcher",), ("wonen",)),
            Participant("carla", ("researcher",), ("armoede", "wonen")),
            Participant("olga", ("organiser",), ()),
        ),
    )
    register(camp, data_set(folder / "source"))
    (camp.folder / "statement.txt").write_text(STATEMENT)
    now = datetime.now(UTC)
    return with_session(camp.folder, start or now - timedelta(hours=1), end or now + timedelta(hours=1))


def with_session(folder: Path, start: datetime, end: datetime) -> CampFile:
    """The camp with this session only."""
    path = folder / FILE
    text = path.read_text().split("\n[[sessions]]")[0].replace('statement = "statement.txt"\n', "")
    text = text.replace("schema = 1\n", 'schema = 1\nstatement = "statement.txt"\n')
    path.write_text(f"{text}\n[[sessions]]\nfrom = {start.isoformat()}\nuntil = {end.isoformat()}\n")
    return read_camp(folder)


@dataclass(frozen=True)
class Page:
    """What a browser shows."""

    code: int
    address: str
    text: str
    headers: dict[str, str]


class Browser:
    """Cookies, redirects and forms, as far as logging in needs them."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def ask(
        self, path: str, fields: dict[str, str] | None = None, *, method: str | None = None,
        headers: dict[str, str] | None = None, data: bytes | None = None,
    ) -> Page:  # fmt: skip
        """The page at a path, or the answer to a form."""
        address = urllib.parse.urljoin(self.address, path)
        if fields is not None:
            data = urllib.parse.urlencode(fields).encode()
        request = urllib.request.Request(address, data, headers or {}, method=method)
        try:
            with self._opener.open(request, timeout=60) as answer:
                return Page(answer.status, answer.url, answer.read().decode(), dict(answer.headers.items()))
        except urllib.error.HTTPError as error:
            with error:
                return Page(error.code, error.url or "", error.read().decode(), dict(error.headers.items()))

    def send(self, path: str, **fields: str) -> Page:
        """The answer to the form of a page, with its token."""
        found = re.search(r'name="_xsrf"\s+value="([^"]+)"', self.ask(path).text)
        assert found is not None
        return self.ask(path, {"_xsrf": html.unescape(found[1]), **fields})

    def cookie(self, name: str, path: str) -> str:
        """The value of a cookie of a path."""
        return next(str(one.value) for one in self.jar if one.name == name and one.path == path)


@dataclass
class Person:
    """Somebody with a password and an app."""

    name: str
    secret: str = ""
    step: int = 0

    def digits(self) -> str:
        """The next digits that are taken, for half a minute at least: of this step or of the one after it."""
        self.step = max(self.step + 1, int(time.time()) // totp.PERIOD)
        while int(time.time()) // totp.PERIOD < self.step - 1:  # a clock may be one step off, and no more
            time.sleep(0.5)
        return totp.digits_at(self.secret, self.step * totp.PERIOD)

    def enrol(self, browser: Browser, code: str) -> Page:
        """The answer to the form with which a person sets the first password."""
        shown = browser.send("/hub/first", name=self.name, code=code)
        found = re.search(r'<code id="secret"[^>]*>([\w ]+)</code>', shown.text)
        signs = re.search(r'value="(sha256:\w+)"', shown.text)
        assert found is not None, shown.text
        assert signs is not None, shown.text
        self.secret = found[1].replace(" ", "")
        return browser.send(
            "/hub/first", name=self.name, code=code, password=PASSWORD, again=PASSWORD, digits=self.digits(),
            signs=signs[1],
        )  # fmt: skip

    def log_in(self, browser: Browser, **other: str) -> Page:
        """The answer to the login form."""
        return browser.send(
            "/hub/login", **({"username": self.name, "password": PASSWORD, "otp": self.digits()} | other)
        )


class Hub:
    """`datakamp hub`, in a process of its own; leaving ends it.

    Args:
        options: more of the command line.
        around: a command that starts the hub's.
    """

    def __init__(self, camp: CampFile, options: tuple[str, ...] = (), *, around: tuple[str, ...] = ()) -> None:
        self.camp, self._options = camp, options
        self._command = [*around, sys.executable, str(ROOT / "datakamp.py"), "hub", "--camp", str(camp.folder)]

    def __enter__(self) -> Self:
        with (self.camp.folder.parent / "hub.log").open("w") as log:
            self.process = subprocess.Popen(
                [*self._command, "--port", "0", *self._options],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=ROOT,
                env={key: value for key, value in os.environ.items() if not key.startswith("JUPYTERHUB")},
            )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if found := re.search(r"(http://127\.0\.0\.1:\d+)/hub/", line):
                self.address = found[1]
                break
        else:
            raise AssertionError(self.log())
        until = time.monotonic() + 120
        while time.monotonic() < until and self.process.poll() is None:
            try:
                if Browser(self.address).ask("/hub/login").code == 200:
                    return self
            except OSError:
                time.sleep(0.1)
        self.__exit__()
        raise AssertionError(self.log())

    def log(self) -> str:
        """What it told."""
        return (self.camp.folder.parent / "hub.log").read_text()

    def code(self, name: str) -> str:
        """The code of a person, from the command line."""
        done = subprocess.run([*self._command, "code", name], capture_output=True, text=True, check=True, cwd=ROOT)
        return done.stdout.split(": ")[1].strip()

    def person(self, name: str) -> tuple[Person, Browser]:
        """Somebody who has come in, with the browser."""
        person, browser = Person(name), Browser(self.address)
        assert person.enrol(browser, self.code(name)).code == 200
        person.log_in(browser)
        return person, browser

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


def lab(browser: Browser, team: str) -> Page:
    """The Lab of a team, once it has started."""
    until = time.monotonic() + 150
    browser.ask(f"/hub/spawn/team.{team}")
    while True:
        page = browser.ask(f"/user/team.{team}/lab")
        if "/hub/" not in page.address or page.code != 200 or time.monotonic() > until:
            return page
        time.sleep(0.3)
