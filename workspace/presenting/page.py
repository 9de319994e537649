"""A page for an audience from released packages: a report with everything, or a factsheet with what was chosen."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import jinja2

from disclosure.errors import BadInputError
from disclosure.texts import Text, current_language, language, localized, text
from workspace.presenting.released import WITHHELD, Released, ReleasedOutput
from workspace.report import template_folder

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


class Layout(StrEnum):
    """How outputs stand on the page."""

    REPORT = "report"
    """One below the other, each table whole."""
    FACTSHEET = "factsheet"
    """In two columns on one sheet, a figure instead of its table, no row of which nothing is published."""


def presented(
    packages: Sequence[Released],
    layout: Layout,
    *,
    title: str,
    names: Sequence[str] = (),
    mark: str = "",
    lang: str | None = None,
    rule: Text | None = None,
) -> bytes:
    """Return the page as HTML that loads nothing.

    Args:
        names: of the outputs to show, in this order; all of them if empty. Where packages share a name, each is shown.
        mark: what stands above it, such as DEMO.
        lang: "nl" or "en"; the reader's if None.
        rule: what holds where it is shown, below it.

    Raises:
        BadInputError: there is no package, or no output of a name.
    """
    outputs: dict[str, list[tuple[Released, ReleasedOutput]]] = {}
    for package in packages:
        for one in package.outputs:
            outputs.setdefault(one.name, []).append((package, one))
    if not outputs:
        raise BadInputError("There is nothing to show.", hint="Name a package.")
    absent = [name for name in names if name not in outputs]
    if absent:
        raise BadInputError(f"No package holds {', '.join(absent)}.", hint=f"Outputs: {', '.join(sorted(outputs))}.")
    with language(lang or current_language()):
        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(template_folder()), autoescape=True, undefined=jinja2.StrictUndefined,
            trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip
        page: str = environment.get_template("presentation/index.html.j2").render(
            language=current_language(),
            policy=_POLICY,
            style=(template_folder() / "page" / "style.css").read_text("utf-8"),
            layout=layout.value,
            title=title,
            mark=mark,
            outputs=[_shown(*one, layout) for name in names or outputs for one in outputs[name]],
            packages=[{"name": one.name, "digest": one.digest} for one in packages],
            words=_words(),
            rule="" if rule is None else str(rule),
        )
    return page.encode("utf-8")


def _shown(package: Released, output: ReleasedOutput, layout: Layout) -> dict[str, object]:
    figure = output.figure()
    sheet = layout is Layout.FACTSHEET
    instead = bool(figure) and sheet
    grid = None if instead else output.grid()
    if sheet and grid is not None:
        grid = grid.shorter()
    left_out = "" if grid is None or not grid.left_out else text(
        "Rows left out, because nothing of them is published: {number}", number=grid.left_out
    )  # fmt: skip
    return {
        "title": output.title,
        "population": output.population,
        "told": localized(output.told, ""),
        "figure": figure,
        "grid": grid,
        "rendered": "" if instead or grid is not None else output.rendered(),
        "withholds": output.withholds,
        "left_out": str(left_out),
        "package": package.name,
    }


def _words() -> dict[str, str]:
    said = {
        "who": text("Who is counted"),
        "what": text("What the figures are"),
        "withheld": text("{sign}: not published, so that nobody can be recognised", sign=WITHHELD),
        "source": text("Made from released packages only"),
        "package": text("Package"),
        "digest": text("Digest"),
    }
    return {key: str(value) for key, value in said.items()}
