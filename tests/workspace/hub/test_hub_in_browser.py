"""The hub in a real browser: first password, digits, statement, login, the Lab with its panel, and out again."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator

import pytest
import segno
from playwright.sync_api import Browser, Locator, Page, expect

from tests.workspace.hub.camp import PASSWORD, STATEMENT, Hub, Person, make_camp
from tests.workspace.lab import browser as browsers
from tests.workspace.lab.accessible import barriers
from tests.workspace.small_camp import notebook

expect.set_options(timeout=browsers.SECONDS)

ACTIVE = "document.activeElement.id"
SAID = {
    "en-GB": {
        "login": "Log in", "first": "First password", "go_on": "Go on", "finish": "Sign and finish", "out": "Log out",
        "code": "Code from the organiser", "wrong": "Name or code is not right", "digits": "Six digits of the app",
        "refused": "Name, password or digits are not right", "read": "Read the statement", "tab": "Data",
        "picture": "The key as a picture, for the camera of an authenticator app", "file": "File",
        "leave": "Log Out", "teams": "Your Teams",
    },
    "nl-NL": {
        "login": "Inloggen", "first": "Eerste wachtwoord", "go_on": "Verder", "finish": "Ondertekenen en afronden",
        "out": "Uitloggen", "code": "Code van de organisator", "wrong": "Naam of code klopt niet",
        "digits": "Zes cijfers uit de app", "refused": "Naam, wachtwoord of cijfers kloppen niet",
        "read": "Lees de verklaring", "tab": "Data",
        "picture": "De sleutel als plaatje, voor de camera van een authenticator-app", "file": "File",
        "leave": "Uitloggen", "teams": "Uw teams",
    },
}  # fmt: skip
OF_JUPYTERLAB = {"aria-input-field-name", "aria-required-children"}
"""What axe finds in JupyterLab itself: its editor has no name, and its list of cells holds more than cells."""

PEOPLE = {"en-GB": "anna", "nl-NL": "carla"}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    camp = make_camp(tmp_path_factory.mktemp("browser"))
    (camp.workspace("armoede") / "a.ipynb").write_bytes(notebook("1 + 1"))
    with Hub(camp) as started:
        yield started


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsers.started() as found:
        yield found


def is_named_and_reached(page: Page, *fields: str) -> None:
    """Whether every field has a label, and the keyboard comes to the fields in this order."""
    for one in page.locator("form input:not([type=hidden])").all():
        assert page.locator(f"label[for={one.get_attribute('id')}]").inner_text().strip()
    page.locator(f"#{fields[0]}").focus()
    for field in fields[1:]:
        page.keyboard.press("Tab")
        assert page.evaluate(ACTIVE) == field


def shown(picture: Locator) -> tuple[bytearray, ...]:
    """The dark squares of a picture of a key, row by row, without its margin."""
    border, size = 4, int(str(picture.get_attribute("width"))) // 4
    rows = [bytearray(size - 2 * border) for _ in range(size - 2 * border)]
    across, down = 0, 0.0
    path = str(picture.locator("path[stroke]").get_attribute("d"))
    for command, arguments in re.findall(r"([Mmh])([^Mmh]*)", path):
        numbers = [float(one) for one in re.findall(r"-?\d*\.?\d+", arguments)]
        if command == "h":
            for column in range(across, across + int(numbers[0])):
                rows[int(down) - border][column - border] = 1
            across += int(numbers[0])
        else:
            across = int(numbers[0]) + (across if command == "m" else 0)
            down = numbers[1] + (down if command == "m" else 0.0)
    return tuple(rows)


def chosen_by_keyboard(page: Page, menu: str, item: str) -> None:
    """Choose an item of a menu of the Lab by its keys alone."""
    active = page.locator(".lm-Menu-item.lm-mod-active .lm-Menu-itemLabel")
    seen: set[str] = set()
    for _ in range(5):  # Lab fills its menus while it starts
        page.locator(".lm-MenuBar-item", has_text=menu).first.focus()
        page.keyboard.press("Enter")
        page.locator(".lm-Menu").first.wait_for()
        for _ in range(40):
            page.keyboard.press("ArrowDown")
            seen.add(active.first.inner_text())
            if active.first.inner_text() == item:
                page.keyboard.press("Enter")
                return
        page.keyboard.press("Escape")
    pytest.fail(f"{item} is not in {sorted(seen)}")


def enrolled(page: Page, hub: Hub, name: str, said: dict[str, str]) -> Person:
    """Somebody who has set a password with keyboard alone."""
    page.get_by_role("link", name=said["first"]).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(said["first"])
    expect(page.locator("#name")).to_be_focused()
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type("AAAAA-BBBBB-CCCCC")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text(said["wrong"])
    expect(page.get_by_label(said["code"])).to_have_value("")
    page.get_by_label(said["code"]).fill(hub.code(name))
    page.get_by_role("button", name=said["go_on"]).click()
    person = Person(name, secret=page.locator("#secret").inner_text().replace(" ", ""))
    expect(page.get_by_role("region", name=said["read"])).to_have_text(STATEMENT.strip())
    picture = page.get_by_role("img", name=said["picture"])
    assert shown(picture) == segno.make(str(page.locator("main a").first.get_attribute("href")), error="m").matrix
    assert barriers(page) == []
    is_named_and_reached(page, "digits", "password", "again")
    page.get_by_label(said["digits"]).fill(person.digits())
    for field in ("#password", "#again"):
        page.locator(field).fill(PASSWORD)
    page.get_by_role("button", name=said["finish"]).click()  # without the signature the browser sends nothing
    expect(page.locator("#signs:invalid")).to_have_count(1)
    page.locator("#signs").press("Space")
    page.get_by_role("button", name=said["finish"]).press("Enter")
    page.get_by_role("status").wait_for()
    page.locator("main a").click()
    return person


@pytest.mark.parametrize("locale", SAID)
def test_somebody_comes_in_the_first_time_works_and_logs_out(browser: Browser, hub: Hub, locale: str) -> None:
    said, name = SAID[locale], PEOPLE[locale]
    asked: list[str] = []
    with browser.new_context(locale=locale, viewport={"width": 1100, "height": 900}) as context:
        page = context.new_page()
        page.set_default_timeout(browsers.SECONDS)
        page.on("request", lambda request: asked.append(request.url))
        page.goto(hub.address)
        expect(page.locator("html")).to_have_attribute("lang", locale[:2])
        expect(page.get_by_role("heading", level=1)).to_have_text(said["login"])
        assert barriers(page) == []
        person = enrolled(page, hub, name, said)
        is_named_and_reached(page, "username", "password", "otp", "login_submit")
        for digits, told in (("000000", said["refused"]), (person.digits(), "")):
            page.locator("#username").fill(name)
            page.locator("#password").fill(PASSWORD)
            page.locator("#otp").fill(digits)
            page.keyboard.press("Enter")
            if told:
                expect(page.get_by_role("alert")).to_contain_text(told)
        if name == "carla":
            page.wait_for_url("**/hub/teams")
            expect(page.locator("main a")).to_have_count(2)
            page.locator("main a").first.press("Enter")
        page.wait_for_url("**/user/team.armoede/lab**", timeout=3 * browsers.SECONDS)
        works_in_the_lab(page, hub, said)
        page.on("dialog", lambda dialog: dialog.accept())  # the browser asks whether to leave what is not saved
        chosen_by_keyboard(page, said["file"], said["teams"])
        page.wait_for_url("**/hub/home")
        assert barriers(page) == []
        expect(page.get_by_role("link", name=said["out"])).to_have_count(1)
        page.go_back()
        page.locator(".datakamp-card").first.wait_for()
        chosen_by_keyboard(page, said["file"], said["leave"])
        page.wait_for_url("**/hub/login**")
        page.goto(f"{hub.address}/user/team.armoede/lab")
        page.wait_for_url("**/hub/login**")
    assert {"/".join(url.split("/")[:3]) for url in asked if not url.startswith(("data:", "blob:"))} == {hub.address}


def works_in_the_lab(page: Page, hub: Hub, said: dict[str, str]) -> None:
    """A notebook runs, and the panel shows the data of the team."""
    page.goto(f"{hub.address}/user/team.armoede/lab/workspaces/{uuid.uuid4().hex}/tree/a.ipynb")
    page.locator(".jp-Notebook .cm-content").first.wait_for()
    page.locator("li.lm-TabBar-tab[data-id=datakamp-panel]").click()
    expect(page.locator(".datakamp-card").first).to_contain_text("HOMES")
    # The kernel has started, since it has told what data there are.
    page.locator(".jp-Notebook .cm-content").first.click()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".jp-OutputArea-output").first).to_have_text("2")
    expect(page.locator(".datakamp [role=tab]").first).to_have_text(said["tab"])
    assert barriers(page, within=".datakamp") == []
    assert {one.partition(":")[0] for one in barriers(page)} <= OF_JUPYTERLAB
    # The server's token stays between it and its keeper.
    config = page.evaluate("JSON.parse(document.getElementById('jupyter-config-data').textContent)")
    assert config["token"] == ""
