"""Notebooks as pages: report, factsheet or code only, as HTML or PDF, in Dutch or English, without any network.

A page of an executed notebook holds whatever its outputs hold. So it lies beside the notebook, where microdata may
be, and says on every page that it is not for release; what leaves is rendered by the control zone from judged outputs
(output_review), never from a notebook.
"""

from __future__ import annotations

import contextlib
import html
import os
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import jinja2

from disclosure.errors import BadInputError
from disclosure.exchange.camp import FILE
from disclosure.exchange.files import read_regular, write_atomically
from disclosure.notebook.html_page import STYLE
from disclosure.texts import current_language, language, text, translate
from workspace.isolation.client import read_notebook
from workspace.report_html import harmless, picture, written

_LARGEST: Final = 256 << 20
SECONDS: Final = 120.0
"""What making one page may take, printing it not included."""
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_FACTSHEET_TAG: Final = "factsheet"


class Template(StrEnum):
    """What a page shows of a notebook."""

    REPORT = "report"  # text and outputs
    FACTSHEET = "factsheet"  # the tables and pictures of cells with this tag
    CODE = "code"  # text and code, no outputs


class Form(StrEnum):
    """The file that a page becomes."""

    HTML = "html"
    PDF = "pdf"


@dataclass(frozen=True)
class Report:
    """A page that was written.

    Attributes:
        path: of the file, beside the notebook.
        failed: whether the notebook holds the error of a cell.
    """

    path: Path
    failed: bool


def write_report(notebook: Path, template: Template, form: Form, *, lang: str | None = None) -> Report:
    """Write a notebook as a page beside it, named after it and the template, and return it.

    Args:
        notebook: as it was saved after a run, with its outputs.
        lang: "nl" or "en"; the reader's if None.

    Raises:
        BadInputError: it is no notebook, has nothing that the template shows, or the page cannot be written.
        MissingToolError: PDF needs chromium and bubblewrap, and one is missing.
    """
    _refuse_links(notebook)
    with language(lang or current_language()), _in_time(notebook.name):
        page, failed = page_of(notebook, template)
    data = page.encode("utf-8")
    if form is Form.PDF:
        from workspace.report_pdf import pdf_of

        data = pdf_of(data)
    path = notebook.with_name(f"{notebook.stem}-{template.value}.{form.value}")
    try:
        write_atomically(path, data)
    except OSError:
        raise BadInputError(f"'{path.name}' cannot be written.", hint="Is the disk full?") from None
    return Report(path, failed)


class _LateError(BaseException):
    """Time is up. No library that catches errors catches this one."""


@contextlib.contextmanager
def _in_time(name: str) -> Iterator[None]:
    """End what takes too long; beside the main thread, which alone is told the time, nothing is ended."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def late(*_: object) -> None:
        raise _LateError

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    except _LateError:
        raise BadInputError(
            f"'{name}' could not be made into a page in {SECONDS:.0f} seconds.",
            hint="Shorten its texts and tables, or split it.",
        ) from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _refuse_links(notebook: Path) -> None:
    """Refuse a notebook in a folder of a camp that is a link: where a page then goes, its team chose."""
    above = Path(os.path.abspath(notebook)).parents  # noqa: PTH100 - resolving would follow the links
    # The outermost: inside its workspace a team can write a camp.toml of its own.
    camps = [place for place, folder in enumerate(above) if (folder / FILE).is_file()]
    if camps and any(folder.is_symlink() for folder in above[: camps[-1]]):
        raise BadInputError(
            f"'{notebook.name}' lies in a folder that is a link.",
            hint="Name the folder that it leads to, if it is yours.",
        )


def page_of(notebook: Path, template: Template) -> tuple[str, bool]:
    """Return a notebook as an HTML page in the reader's language, and whether a cell of it failed."""
    document = _with_outputs(notebook)
    if template is Template.FACTSHEET and not any(
        _FACTSHEET_TAG in cell.metadata.get("tags", []) for cell in document.cells
    ):
        raise BadInputError(
            f"No cell of '{notebook.name}' is for a factsheet.", hint="Tag the cells that it shows with factsheet."
        )
    outputs = [output for cell in document.cells for output in cell.get("outputs", [])]
    failed = any(output.output_type == "error" for output in outputs)
    try:
        page: str = _exporter(template).from_notebook_node(document, resources=_resources(notebook, template))[0]
    except (jinja2.TemplateError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
        # Not chained: it would show what the notebook holds.
        raise BadInputError(f"'{notebook.name}' cannot be made into a page.") from None
    return page, failed


def template_folder() -> Path:
    """Return where the templates are: in the source tree, or where an installation puts them.

    Raises:
        BadInputError: they are in neither place.
    """
    source, installed = Path(__file__).resolve().parents[1], Path(sys.prefix, "share", "datakamp")
    for root in (source, installed):
        if (root / "templates" / "page" / "conf.json").is_file():
            return root / "templates"
    raise BadInputError("The templates are not installed.", hint="Install Datakamp again; see 'datakamp doctor'.")


def _with_outputs(notebook: Path) -> Any:
    """Return a notebook in a checked form, with the outputs that it was saved with."""
    import json

    import nbformat

    data = read_regular(notebook, limit=_LARGEST)
    document = read_notebook(data, what=f"'{notebook.name}'")
    try:
        saved = json.loads(data)["cells"]
        for cell, own in zip(document.cells, saved, strict=True):
            if cell.cell_type == "code":
                cell.outputs = nbformat.from_dict(own.get("outputs", []))  # type: ignore[no-untyped-call]
                for output in cell.outputs:
                    nbformat.validator.validate(output, ref="output", version=4, version_minor=5)
                    _in_one_piece(output)
    except (nbformat.ValidationError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
        raise BadInputError(f"'{notebook.name}' holds outputs that cannot be read.", hint="Run it again.") from None
    return document


def _in_one_piece(output: Any) -> None:
    """Join texts that a saved notebook keeps line by line."""
    if output.output_type == "stream":
        output.text = "".join(output.text)
    for kind, value in output.get("data", {}).items():
        if isinstance(value, list):
            output.data[kind] = "".join(map(str, value))


def _exporter(template: Template) -> Any:
    from nbconvert.exporters import TemplateExporter

    exporter: Any = TemplateExporter(  # type: ignore[no-untyped-call]
        template_name=template.value,
        extra_template_basedirs=[str(template_folder())],
        extra_template_paths=[str(template_folder())],
        template_file="index.html.j2",
        file_extension=".html",
    )
    exporter.register_filter("harmless", harmless)
    exporter.register_filter("picture", picture)
    exporter.register_filter("written", written)
    return exporter


def _resources(notebook: Path, template: Template) -> dict[str, Any]:
    style = (template_folder() / "page" / "style.css").read_text(encoding="utf-8")
    mark = (
        translate("NOT FOR RELEASE: code leaves after a review of its own")
        if template is Template.CODE
        else translate("NOT FOR RELEASE: this page may hold data that have not been checked")
    )
    told = {
        "language": current_language(), "policy": html.escape(_POLICY), "title": notebook.stem, "mark": mark,
        "template": template.value, "style": f"{style}\n{STYLE}",
        "made": str(text("Made from {name} by Datakamp.", name=notebook.name)),
    }  # fmt: skip
    return {"datakamp": told}
