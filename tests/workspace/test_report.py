"""Pages of notebooks: what each template shows, nothing that runs or reaches outside, and a mark on every page."""

from __future__ import annotations

import base64
import contextlib
import http.server
import json
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import datakamp
from disclosure.errors import BadInputError
from workspace import report as report_module
from workspace import report_pdf
from workspace.report import Form, Template, page_of, write_report
from workspace.report_html import harmless, picture

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()


def code(source: str, *outputs: dict[str, Any], tags: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"cell_type": "code", "execution_count": 1, "metadata": {"tags": list(tags)}, "outputs": list(outputs),
            "source": source}  # fmt: skip


def shown(**data: Any) -> dict[str, Any]:
    named = {{"html": "text/html", "png": "image/png", "svg": "image/svg+xml", "plain": "text/plain",
              "js": "application/javascript", "widget": "application/vnd.jupyter.widget-view+json"}[key]: value
             for key, value in data.items()}  # fmt: skip
    return {"output_type": "display_data", "metadata": {}, "data": named}


def put(folder: Path, *cells: dict[str, Any]) -> Path:
    document = {
        "cells": list(cells),
        "metadata": {"language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 4,
    }
    path = folder / "homes.ipynb"
    path.write_text(json.dumps(document))
    return path


TEXT = {"cell_type": "markdown", "metadata": {"tags": ["factsheet"]}, "source": "# Homes & *gardens*"}
PRINTED = {"output_type": "stream", "name": "stdout", "text": ["printed <b>", "\x1b[31mred\x1b[0m"]}
TABLE = shown(html="<table><tr><th>wijk</th><td>28</td></tr></table>", plain="wijk 28")
FAILED = {"output_type": "error", "ename": "ValueError", "evalue": "x", "traceback": ["\x1b[0;31mValueError\x1b[0m: x"]}


def pasted(source: str, **attachments: dict[str, str]) -> dict[str, Any]:
    named = {name.replace("_", " ") + ".png": one for name, one in attachments.items()}
    return {"cell_type": "markdown", "metadata": {"tags": ["factsheet"]}, "source": source, "attachments": named}


@pytest.mark.parametrize("template", list(Template))
@pytest.mark.parametrize(
    ("source", "attachment"),
    [
        ("![a](attachment:shot.png)", {"image/png": PNG}),
        ("![a](attachment:my%20shot.png)", {"image/png": PNG}),
        ("![a](attachment:shot.png)", {"image/svg+xml": "<svg onload='alert(1)'/>", "text/plain": "x"}),
    ],
)
def test_a_pasted_picture_is_in_the_page(
    source: str, attachment: dict[str, str], template: Template, tmp_path: Path
) -> None:
    cells = (pasted(source, shot=attachment, my_shot=attachment), code("1", shown(plain="x"), tags=("factsheet",)))
    page, _ = page_of(put(tmp_path, *cells), template)
    kind = next(iter(attachment))
    assert f'src="data:{kind};base64,' in page
    assert "attachment:" not in page
    assert "onload" not in page


@pytest.mark.parametrize(
    "attachments", [{}, {"other": {"image/png": PNG}}, {"shot": {"text/html": "<script>SECRET</script>"}}]
)
def test_a_pasted_picture_that_is_not_there_is_refused_with_the_reason(
    attachments: dict[str, dict[str, str]], tmp_path: Path
) -> None:
    with pytest.raises(BadInputError, match="pasted picture") as caught:
        page_of(put(tmp_path, pasted("![a](attachment:shot.png)", **attachments)), Template.REPORT)
    assert "SECRET" not in str(caught.value)
    assert "Paste" in caught.value.hint


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    return put(
        tmp_path,
        TEXT,
        code("made = 1 < 2", PRINTED, TABLE, tags=("factsheet",)),
        code("other = 1", shown(png=PNG, plain="a picture")),
    )


def test_a_report_has_text_and_outputs_and_no_code(notebook: Path) -> None:
    page, failed = page_of(notebook, Template.REPORT)
    assert not failed
    for part in ("Homes &amp; <em>gardens</em>", "<td>28</td>", "printed &lt;b&gt;red", f"data:image/png;base64,{PNG}"):
        assert part in page
    assert "made = " not in page
    assert "wijk 28" not in page


def test_a_factsheet_has_the_tables_of_tagged_cells_only(notebook: Path) -> None:
    page, _ = page_of(notebook, Template.FACTSHEET)
    assert "<td>28</td>" in page
    assert "gardens" in page
    for part in ("printed &lt;", PNG, "made = "):
        assert part not in page


def test_a_factsheet_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="Tag the cells"):
        page_of(put(tmp_path, code("x", TABLE)), Template.FACTSHEET)


def test_code_only_has_no_trace_of_a_run(notebook: Path) -> None:
    page, _ = page_of(notebook, Template.CODE)
    assert "made = 1 &lt; 2" in page
    for part in ("printed &lt;", "<td>", PNG):
        assert part not in page


@pytest.mark.parametrize("template", list(Template))
@pytest.mark.parametrize(("lang", "mark"), [("en", "NOT FOR RELEASE"), ("nl", "NIET VOOR VRIJGAVE")])
def test_every_page_says_that_it_is_not_for_release(template: Template, lang: str, mark: str, notebook: Path) -> None:
    made = write_report(notebook, template, Form.HTML, lang=lang)
    page = made.path.read_text()
    assert made.path == notebook.with_name(f"homes-{template.value}.html")
    assert page.count(mark) == 2  # on the screen, and at the top of each page on paper
    assert f'@top-center {{ content: "{mark}' in page
    assert f'<html lang="{lang}">' in page


def test_a_traceback_is_shown_inside_and_told_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = put(tmp_path, code("x", FAILED))
    assert datakamp.run(["report", str(path)]) == 0
    assert "A cell of this notebook failed." in capsys.readouterr().err
    assert "ValueError: x" in (tmp_path / "homes-report.html").read_text()


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"SECRET", 2), (b"{}", 2), (json.dumps({"cells": [{"cell_type": "code", "metadata": {}, "source": "",
      "execution_count": None, "outputs": [{"output_type": "SECRET"}]}], "metadata": {}, "nbformat": 4,
      "nbformat_minor": 4}).encode(), 2)],
)  # fmt: skip
def test_what_is_no_notebook_is_bad_input(
    content: bytes, status: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (path := tmp_path / "x.ipynb").write_bytes(content)
    assert datakamp.run(["report", str(path)]) == status
    said = capsys.readouterr().err
    assert "SECRET" not in said
    assert "unforeseen" not in said
    assert datakamp.run(["report", str(tmp_path / "none.ipynb")]) == status


# ------------------------------------------------------------------------------------------------------ nothing outside

HOSTILE = (
    '<script>fetch("http://ADDRESS/a")</script>',
    '<img src="http://ADDRESS/b">',
    '<img src=x onerror="fetch(`http://ADDRESS/c`)">',
    '<iframe src="http://ADDRESS/d"></iframe>',
    '<link rel="stylesheet" href="http://ADDRESS/e">',
    '<meta http-equiv="refresh" content="0;url=http://ADDRESS/f">',
    '<style>@import "http://ADDRESS/g"; td {background: url(http://ADDRESS/h)}</style>',
    '<table style="background-image:url(http://ADDRESS/i);color:u\\72l(http://ADDRESS/j)"><tr><td>ok</td></tr></table>',
    '<a href="http://ADDRESS/k" ping="http://ADDRESS/l">ok</a><a href="javascript:alert(1)">ok</a>',
    '<form action="http://ADDRESS/m"><input name=q></form><base href="http://ADDRESS/">',
    '<svg><image href="http://ADDRESS/n"/><script>fetch("http://ADDRESS/o")</script></svg>',
    '<object data="http://ADDRESS/p"></object><embed src="http://ADDRESS/q">',
    '<video poster="http://ADDRESS/r"><source src="http://ADDRESS/s"></video>',
    "<!--[if IE]><img src=http://ADDRESS/t><![endif]-->",
    '<math><mtext><table><mglyph><style><img src=x onerror="fetch(`http://ADDRESS/u`)">',
    '<body background="http://ADDRESS/v" onload="fetch(`http://ADDRESS/w`)">ok',
)


@pytest.mark.parametrize("html", HOSTILE)
def test_nothing_that_runs_or_loads_is_left(html: str) -> None:
    left = str(harmless(html))
    assert "ADDRESS" not in left
    assert not re.search(r"script|onerror|onload|url\(|refresh|<form|<svg", left, re.IGNORECASE)


def test_what_no_parser_takes_is_shown_as_the_text_that_it_is() -> None:
    assert str(harmless("<b>a</b><![SECRET<script>")) == "&lt;b&gt;a&lt;/b&gt;&lt;![SECRET&lt;script&gt;"


def test_tables_and_pictures_within_the_page_stay() -> None:
    kept = '<table class="dk"><tr><th scope="row" style="color:#123">a</th><td colspan="2">1</td></tr></table>'
    assert str(harmless(kept)) == kept
    assert PNG in str(harmless(f'<img alt="x" src="data:image/png;base64,{PNG}">'))
    assert str(harmless('<a href="#top">up</a>')) == '<a href="#top">up</a>'
    assert str(picture("<svg/>", "image/svg+xml")).startswith('<img alt="" src="data:image/svg+xml;base64,')
    assert str(picture('" onerror="x', "image/png")) == ""


@contextlib.contextmanager
def listening() -> Iterator[tuple[str, list[str]]]:
    """An address on this machine, and what was asked of it."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        do_POST = do_GET  # noqa: N815 - named by the base class

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def hostile(folder: Path, address: str) -> Path:
    told = [one.replace("ADDRESS", address) for one in HOSTILE]
    markdown = [
        {"cell_type": "markdown", "metadata": {}, "source": one} for one in (*told, f"![x](http://{address}/md)")
    ]
    svg = f'<svg xmlns="http://www.w3.org/2000/svg"><image href="http://{address}/svg"/></svg>'
    outputs = [*(shown(html=one) for one in told), shown(svg=svg), shown(js=f"fetch('http://{address}/js')"),
               shown(widget={"model_id": "x"}, html=told)]  # fmt: skip
    return put(folder, *markdown, code("x", *outputs, TABLE))


def test_a_hostile_notebook_reaches_nobody_from_a_browser_that_could(tmp_path: Path) -> None:
    browser = report_pdf.browser()
    assert browser is not None, "chromium is needed: apt-get install chromium"
    with listening() as (address, asked):
        made = write_report(hostile(tmp_path, address), Template.REPORT, Form.HTML)
        page = made.path.read_text()
        assert f"http://{address}" not in re.sub(r"&[a-z#0-9x]+;", "", page)
        common = [browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}",
                  "--virtual-time-budget=3000", "--dump-dom"]  # fmt: skip
        seen = subprocess.run([*common, made.path.as_uri()], capture_output=True, text=True, timeout=60, check=False)
        assert "NOT FOR RELEASE" in seen.stdout
        assert asked == []
        # The listener does hear a browser: the same markup, bare.
        (bare := tmp_path / "bare.html").write_text(f'<img src="http://{address}/heard">')
        subprocess.run([*common, bare.as_uri()], capture_output=True, timeout=60, check=False)
        assert "/heard" in asked


@pytest.mark.parametrize("template", list(Template))
def test_a_page_names_no_address(template: Template, notebook: Path) -> None:
    page, _ = page_of(notebook, template)
    assert re.findall(r"\w+://|\bsrc=(?!\"data:)|<script|<link|@import|url\(", page) == []
    assert "default-src" in page


# ---------------------------------------------------------------------------------------------------------------- PDF


def test_a_page_becomes_a_pdf_without_network(tmp_path: Path) -> None:
    with listening() as (address, asked):
        made = write_report(hostile(tmp_path, address), Template.REPORT, Form.PDF, lang="nl")
        assert made.path.name == "homes-report.pdf"
        assert made.path.read_bytes().startswith(b"%PDF-")
        assert asked == []


@pytest.mark.parametrize("lacks", ["chromium", "bubblewrap"])
def test_pdf_without_its_tools_is_refused_with_the_remedy(
    lacks: str, notebook: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        "workspace.report_pdf.shutil.which",
        lambda name: None if (name == "bwrap") == (lacks == "bubblewrap") else f"/{name}",
    )
    assert datakamp.run(["report", str(notebook), "--to", "pdf"]) == 2
    assert f"needs {lacks}" in capsys.readouterr().err
    assert not notebook.with_name("homes-report.pdf").exists()


def test_a_folder_of_a_camp_that_is_a_link_is_not_written_to(notebook: Path) -> None:
    camp = notebook.parent / "camp"
    outside = notebook.parent / "outside"
    for folder in (camp / "workspaces" / "team", outside):
        folder.mkdir(parents=True)
    (camp / "camp.toml").touch()
    (outside / "camp.toml").touch()
    (inside := camp / "workspaces" / "team" / "homes.ipynb").write_bytes(notebook.read_bytes())
    (outside / "homes.ipynb").write_bytes(notebook.read_bytes())
    (camp / "workspaces" / "team" / "link").symlink_to(outside)
    with pytest.raises(BadInputError, match="a link"):
        write_report(inside.parent / "link" / "homes.ipynb", Template.REPORT, Form.HTML)
    assert sorted(one.name for one in outside.iterdir()) == ["camp.toml", "homes.ipynb"]
    assert write_report(inside, Template.REPORT, Form.HTML).path.is_file()


def test_links_above_a_camp_are_the_offices_own(notebook: Path) -> None:
    (notebook.parent / "real").mkdir()
    (notebook.parent / "real" / "camp.toml").touch()
    (notebook.parent / "real" / "homes.ipynb").write_bytes(notebook.read_bytes())
    (notebook.parent / "shortcut").symlink_to(notebook.parent / "real")
    linked = notebook.parent / "shortcut" / "homes.ipynb"
    assert write_report(linked, Template.REPORT, Form.HTML).path.is_file()


def test_a_page_that_takes_too_long_is_given_up(notebook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*_: object) -> tuple[str, bool]:
        while True:
            with contextlib.suppress(Exception):
                time.sleep(0.01)

    monkeypatch.setattr(report_module, "page_of", slow)
    monkeypatch.setattr(report_module, "SECONDS", 0.2)
    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(BadInputError, match="in 0 seconds"):
        write_report(notebook, Template.REPORT, Form.HTML)
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
