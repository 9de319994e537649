"""The three guides follow one camp: every numbered command is run, in order, and every picture taken on the way."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, expect

import datakamp
from disclosure.exchange.camp import read_camp
from output_review.services.zone import open_zone
from output_review.signing.key_files import create_key_files, read_public_key
from output_review.signing.keys import KeyRole
from output_review.web.application import application
from output_review.web.house import House
from tests.guides.guide import Step, shown, steps
from tests.guides.pictures import HEIGHT, WIDTH, Pictures
from tests.output_review.web.browsing import Site, chromium
from tests.output_review.web.web_camp import WebCamp
from tests.workspace.lab.browser import SECONDS
from tests.workspace.lab.session import Lab

CAMP, TEAM, NOTEBOOK = Path("poverty"), "armoede", "case-02-children-in-poverty.ipynb"
PASSPHRASE = "correct horse battery staple"
SITE = """\
schema = 1
ledger = "ledger"
roots = ["{root}"]
"""


class Reviewed(WebCamp):
    """The review application of a camp that was made by commands."""

    def __init__(self, folder: Path) -> None:
        self.house = House(folder, lambda: open_zone(folder, datakamp.engines()))
        self.zone = self.house.zone()
        self.camp = cast("Any", SimpleNamespace(camp=read_camp(folder)))
        self.application = application(self.house, self.camp.camp.review, hosts=("testserver",))


class Told:
    """A camp as the guides tell of it; `before` and `after` say what happens around a step that no command does."""

    def __init__(self, pictures: Pictures) -> None:
        self.pictures = pictures
        self.before: dict[int, Callable[[], None]] = {
            2: self._statement, 4: self._passphrases, 5: self._office, 11: self._finish,
        }  # fmt: skip
        self.after: dict[int, Callable[[], None]] = {3: self._briefing, 9: self._review, 13: self._factsheet}

    def take(self, step: Step) -> None:
        """Take a step."""
        self.before.get(step.number, _nothing)()
        for command in step.commands:
            if command[:2] == ("datakamp", "lab"):
                self._lab(command)
            elif step.asked:
                self._asked(command, step.asked)
            elif command[0] == "mkdir":
                Path(command[1]).mkdir()
            else:
                assert command[0] == "datakamp", command
                self._do(*command[1:])
        self.after.get(step.number, _nothing)()

    def _do(self, *arguments: str) -> str:
        given = [self.root if one == "SHA256:..." else one for one in arguments]
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            status = datakamp.run(given)
        assert status == 0, (arguments, printed.getvalue())
        return printed.getvalue()

    def _asked(self, command: tuple[str, ...], asked: tuple[tuple[str, str], ...]) -> None:
        answers = "".join(f"{answer}\n" for _, answer in asked)
        done = CliRunner().invoke(datakamp.datakamp, list(command[1:]), input=answers)
        assert done.exit_code == 0, done.output
        for question, _ in asked:
            assert question in done.output

    @staticmethod
    def _statement() -> None:
        (CAMP / "statement.txt").write_text(
            "I tell nobody what I see of a person, and take nothing with me.\n", "utf-8"
        )

    @staticmethod
    def _passphrases() -> None:
        Path("keys").mkdir(mode=0o700)
        for name in ("vera", "wim"):
            Path("keys", f"{name}.passphrase").write_text(f"{PASSPHRASE}\n")

    def _office(self) -> None:
        office = Path("office")
        for folder in (office, office / "keys", office / "ledger"):
            folder.mkdir(mode=0o700)
        tables = []
        for name in ("root", "log", "release"):
            create_key_files(office / "keys", name, KeyRole(name), PASSPHRASE)
            (office / "keys" / f"{name}.passphrase").write_text(f"{PASSPHRASE}\n")
            tables.append(f'[{name}]\nkey = "keys/{name}.key"\npassphrase_file = "keys/{name}.passphrase"\n')
        tables.append("[reviewers]\n")
        tables += [f'{name} = "../keys/{name}.pub"\n' for name in ("vera", "wim")]
        self.root = read_public_key(office / "keys" / "root.pub").fingerprint
        (office / "site.toml").write_text(SITE.format(root=self.root) + "".join(tables))

    # ------------------------------------------------------------------------------------------------------ pictures
    def _briefing(self) -> None:
        with chromium() as browser:
            self.pictures.of_file(browser, CAMP / "briefing" / "briefing.en.html", "guide-briefing")

    def _factsheet(self) -> None:
        with chromium() as browser:
            self.pictures.of_file(browser, Path("shown") / TEAM / "factsheet.en.html", "guide-factsheet")

    def _lab(self, command: tuple[str, ...]) -> None:
        camp = read_camp(CAMP)
        assert command == ("datakamp", "lab", "--camp", str(CAMP), "--team", TEAM)
        with Lab(camp, TEAM) as lab, chromium() as browser:
            page = browser.new_page(locale="en-GB", viewport={"width": WIDTH, "height": HEIGHT})
            page.set_default_timeout(SECONDS)
            page.goto(f"{lab.address}/lab/tree/{NOTEBOOK}?token={lab.token}")
            page.locator(".jp-Notebook .jp-Cell").first.wait_for()
            page.locator("li.lm-TabBar-tab[data-id=datakamp-panel]").click()
            page.locator(".datakamp-card").first.wait_for()
            self.pictures.take(page, "guide-lab")
            page.get_by_role("menuitem", name="Run", exact=True).click()
            page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
            page.locator(".datakamp [role=tab]").nth(1).click()
            expect(page.locator("#datakamp-panel-outputs .datakamp-card[data-status=safe]")).to_have_count(
                3, timeout=4 * SECONDS
            )
            written = camp.workspace(TEAM) / "requests" / "1" / "submission.json"
            expect(page.locator(".jp-OutputArea-output", has_text="Request 1")).to_have_count(1, timeout=SECONDS)
            assert written.is_file()
            self.pictures.take(page, "guide-basket")

    def _pages(self, name: str, **pages: str) -> None:
        with (
            self._browser() as (site, browser),
            site.page(browser, name, viewport={"width": WIDTH, "height": HEIGHT}) as page,
        ):
            for picture, path in pages.items():
                page.goto(path)
                expect(page.get_by_role("main")).to_be_visible()
                # A reader's camp lies elsewhere than a test's.
                page.evaluate("([here, there]) => document.querySelectorAll('pre, code').forEach("
                              "one => { one.textContent = one.textContent.replaceAll(here, there) })",
                              [str(Path.cwd()), "/srv"])  # fmt: skip
                self.pictures.take(page, f"guide-{picture}")

    @contextlib.contextmanager
    def _browser(self) -> Iterator[tuple[Site, Browser]]:
        web = Reviewed(CAMP.absolute())
        for person in ("vera", "anna"):
            web.account(person)
        with Site(web) as site, chromium() as browser:
            yield site, browser

    def _review(self) -> None:
        outputs = json.loads(self._do("review", "list", "--camp", str(CAMP), "--json"))[0]["outputs"]
        assert [one["verdict"] for one in outputs] == ["safe"] * 3
        self._pages("vera", queue="/queue", output="/requests/1/outputs/children-by-stadsdeel/")
        self._pages("anna", own="/own/requests/1")

    def _finish(self) -> None:
        self._pages("vera", finish="/requests/1/finish")


def _nothing() -> None:
    """Nothing happens."""


@pytest.mark.timeout(600)  # a camp from start to end, with browsers, on a machine that others may be using
def test_the_guides_hold_one_camp_from_start_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    # What is new is handed in during a session: it is the last day of the camp.
    monkeypatch.setattr("workspace.broker.present", lambda: datetime(2017, 3, 29, 9, 30, tzinfo=UTC))
    pictures = Pictures()
    told, found = Told(pictures), steps()
    assert [one.number for one in found] == list(range(1, len(found) + 1))
    for step in found:
        told.take(step)
    assert pictures.taken == shown()
    assert (CAMP / "closed.json").is_file()
    assert not list((CAMP / "microdata").iterdir())
