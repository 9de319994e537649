"""What a verified package holds, as a page shows it: tables by their figures, the rest as it was rendered."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from babel.numbers import format_decimal
from bs4 import BeautifulSoup
from markupsafe import Markup

from disclosure.errors import BadInputError
from disclosure.exchange.canonical import digest
from disclosure.texts import current_language, localized, text
from workspace.report_html import harmless, picture

_TABLE: Final = "datakamp-table/2"
_OUTPUTS: Final = "/data/outputs/"
WITHHELD: Final = "x"
_NONE: Final = "–"
_TOTAL: Final = ""
_NARROW: Final = 4


@dataclass(frozen=True)
class Grid:
    """A table as it stands on a page.

    Attributes:
        titles: of the columns with labels; `heads` those of the columns with figures.
        group: what stands above all heads, empty if nothing does.
        lines: each with its labels and its figures, as text.
        left_out: how many lines were left out, because nothing of them is published.
    """

    titles: tuple[str, ...]
    heads: tuple[str, ...]
    group: str
    lines: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    left_out: int = 0

    @property
    def is_wide(self) -> bool:
        """Whether it needs the whole width of a sheet: half of one cuts off its last columns."""
        return len(self.titles) + len(self.heads) > _NARROW

    def shorter(self) -> Grid:
        """Return it without the lines of which nothing is published; whole if that is all of them."""
        kept = tuple(one for one in self.lines if any(figure != WITHHELD for figure in one[1]))
        return replace(self, lines=kept, left_out=len(self.lines) - len(kept)) if kept else self


@dataclass(frozen=True)
class ReleasedOutput:
    """An output of a package.

    Attributes:
        told: what its figures are, by language.
        document: of a table its JSON, otherwise None.
        page: the HTML that was released.
        drawing: the figure as SVG, empty if there is none.
    """

    name: str
    title: str
    population: str
    told: Mapping[str, str]
    document: Mapping[str, Any] | None
    page: str
    drawing: str

    @property
    def withholds(self) -> bool:
        """Whether a cell of it is withheld."""
        return any(cell["status"] == "withheld" for cell in (self.document or {}).get("cells", ()))

    def grid(self) -> Grid | None:
        """Return its table in the reader's language; None if it is no table by rows or columns."""
        if self.document is None or not (*self.document["rows"], *self.document["columns"]):
            return None
        return _grid(self.document)

    def rendered(self) -> Markup:
        """Return the tables of the page that was released, in the language in which it was."""
        found = BeautifulSoup(self.page, "html.parser").find_all("table")
        return Markup("").join(harmless(str(one)) for one in found)

    def figure(self) -> Markup:
        """Return its figure as an image, with its title as text beside it."""
        return picture(self.drawing, "image/svg+xml") if self.drawing else Markup("")


@dataclass(frozen=True)
class Released:
    """A package: its name, its digest and its outputs by name."""

    name: str
    digest: str
    outputs: tuple[ReleasedOutput, ...]


def read_released(data: bytes) -> Released:
    """Return what is in the bytes of a package that was verified.

    Raises:
        BadInputError: it holds an output of a form that is not known here.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            files = {name: package.read(name) for name in package.namelist() if _OUTPUTS in name}
            root = package.namelist()[0].partition("/")[0]
        names = sorted({name.rpartition("/")[2].partition(".")[0] for name in files})
        outputs = tuple(_output(name, files, f"{root}{_OUTPUTS}{name}") for name in names)
    except (zipfile.BadZipFile, ValueError, LookupError, TypeError, AttributeError):
        raise BadInputError("The package holds an output that cannot be shown.") from None
    return Released(root, digest(data), outputs)


def _output(name: str, files: Mapping[str, bytes], path: str) -> ReleasedOutput:
    document: Any = json.loads(files[f"{path}.json"]) if f"{path}.json" in files else {}
    about = document.get("about", {})
    page = files.get(f"{path}.html", b"").decode("utf-8")
    heading = BeautifulSoup(page, "html.parser").title
    return ReleasedOutput(
        name=name,
        title=str(about.get("title") or (heading.get_text() if heading is not None else name)),
        population=str(about.get("population", "")),
        told={str(code): str(words) for code, words in about.get("statistic", {}).items()},
        document=document if document.get("schema") == _TABLE else None,
        page=page,
        drawing=files.get(f"{path}.svg", b"").decode("utf-8"),
    )


def _grid(document: Mapping[str, Any]) -> Grid:
    """Return a table with the combinations of its columns across, as it was asked for."""
    dimensions = document["about"]["dimensions"]
    rows, columns = list(document["rows"]), list(document["columns"])
    cells = {_key(cell["cell"], (*rows, *columns)): cell for cell in document["cells"]}
    down = sorted({key[: len(rows)] for key in cells}, key=_last_totals)
    # A column of which nothing is published, as margins often are, tells a reader nothing.
    published = {key[len(rows) :] for key, cell in cells.items() if cell["status"] != "withheld"}
    across = sorted(published or {key[len(rows) :] for key in cells}, key=_last_totals)
    figures = localized(document["about"]["statistic"], str(document["statistic"]))
    return Grid(
        titles=tuple(_title(dimensions, name) for name in rows),
        heads=tuple(_labels(dimensions, columns, key) or figures for key in across),
        group=_title(dimensions, columns[0]) if len(columns) == 1 else "",
        lines=tuple(
            (
                tuple(_label(dimensions, name, label) for name, label in zip(rows, key, strict=True)),
                tuple(_figure(document, cells.get((*key, *other))) for other in across),
            )
            for key in down
        ),
    )


def _key(cell: Mapping[str, str], names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(cell.get(name, _TOTAL) for name in names)


def _last_totals(key: tuple[str, ...]) -> tuple[tuple[bool, str], ...]:
    return tuple((part == _TOTAL, part) for part in key)


def _title(dimensions: Mapping[str, Any], name: str) -> str:
    return localized(dimensions.get(name, {}).get("title", {}), name)


def _label(dimensions: Mapping[str, Any], name: str, label: str) -> str:
    if label == _TOTAL:
        return str(text("Total"))
    return localized(dimensions.get(name, {}).get("labels", {}).get(label, {}), label)


def _labels(dimensions: Mapping[str, Any], columns: list[str], key: tuple[str, ...]) -> str:
    if len(columns) == 1:  # its title stands above
        return _label(dimensions, columns[0], key[0])
    return ", ".join(
        f"{_title(dimensions, name)}: {_label(dimensions, name, label)}"
        for name, label in zip(columns, key, strict=True)
    )


def _figure(document: Mapping[str, Any], cell: Mapping[str, Any] | None) -> str:
    if cell is None or cell["status"] == "no_value":
        return _NONE
    if cell["status"] != "published":
        return WITHHELD
    decimals = int(document["about"]["decimals"])
    pattern = f"#,##0.{'0' * decimals}" if decimals else "#,##0"
    return str(format_decimal(str(cell["value"]), format=pattern, locale=current_language()))
