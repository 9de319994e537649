"""`datakamp present`: a page for an audience from verified packages, and from nothing else."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from datakamp import datakamp, run
from disclosure.errors import BadInputError
from disclosure.texts import language
from output_review.services.releasing import release
from output_review.services.zone import ControlZone
from tests.output_review.test_release_path import approved, roots
from tests.output_review.zone_camp import ZoneCamp
from workspace.presenting.page import Layout, presented
from workspace.presenting.released import Released, ReleasedOutput, read_released


@pytest.fixture
def zone_and_package(zone_camp: ZoneCamp) -> tuple[ControlZone, Path]:
    zone, number = approved(zone_camp)
    return zone, release(zone, zone.request(number))


@pytest.fixture
def package(zone_and_package: tuple[ControlZone, Path]) -> Path:
    return zone_and_package[1]


@pytest.fixture
def released(package: Path) -> Released:
    return read_released(package.read_bytes())


def called(zone: ControlZone, package: Path, to: Path, *more: str) -> Result:
    [root] = roots(zone)
    arguments = ["present", str(package), "--root", root, "--title", "Poverty", "--to", str(to), *more]
    return CliRunner().invoke(datakamp, arguments)


def figures(page: bytes) -> list[str]:
    return re.findall(r"<td>([^<]*)</td>", page.decode())


def test_a_page_shows_the_figures_of_the_package(package: Path, released: Released) -> None:
    with zipfile.ZipFile(package) as opened:
        [name] = [one for one in opened.namelist() if one.endswith("by-wijk.csv")]
        rows = [line.split(",") for line in opened.read(name).decode().splitlines()]
    place = rows[0].index("value")
    published = sorted(row[place] for row in rows[1:] if row[place])
    assert published
    assert sorted(figures(presented([released], Layout.REPORT, title="Poverty", lang="en"))) == published


@pytest.mark.parametrize("lang", ["en", "nl"])
def test_a_page_is_in_the_language_that_is_asked_for_and_loads_nothing(released: Released, lang: str) -> None:
    page = presented([released], Layout.FACTSHEET, title="<Poverty>", lang=lang).decode()
    assert f'<html lang="{lang}">' in page
    assert ("Wie geteld zijn" in page) == (lang == "nl")
    assert "&lt;Poverty&gt;" in page
    assert "<script" not in page
    assert not re.search(r"(?:src|href)=\"(?!data:)", page)
    assert "default-src &#39;none&#39;" in page
    assert released.digest in page


def test_outputs_are_shown_in_the_order_that_is_asked_for_and_an_unknown_one_is_told(released: Released) -> None:
    with pytest.raises(BadInputError, match="Outputs: by-wijk"):
        presented([released], Layout.REPORT, title="Poverty", names=["absent"])
    with pytest.raises(BadInputError, match="nothing to show"):
        presented([], Layout.REPORT, title="Poverty")
    assert figures(presented([released], Layout.REPORT, title="Poverty", names=["by-wijk"]))


def test_a_withheld_cell_is_a_sign_with_a_legend_and_a_column_without_figures_is_left_out() -> None:
    cells: list[dict[str, Any]] = [
        {"cell": {"wijk": "28", "sex": "1"}, "status": "published", "value": "1234.5"},
        {"cell": {"wijk": "29", "sex": "1"}, "status": "withheld", "value": None},
        {"cell": {"wijk": "28", "sex": "2"}, "status": "withheld", "value": None},
        {"cell": {"wijk": "29", "sex": "2"}, "status": "withheld", "value": None},
    ]
    dimensions = {
        "wijk": {"title": {"nl": "Wijk"}, "labels": {"28": {"nl": "Centrum"}}},
        "sex": {"title": {}, "labels": {}},
    }
    about = {"dimensions": dimensions, "statistic": {"en": "mean"}, "decimals": 1}
    document = {"about": about, "rows": ["wijk"], "columns": ["sex"], "cells": cells, "statistic": "mean"}
    output = ReleasedOutput("a", "A", "", {}, document, "", "")
    assert output.withholds
    with language("nl"):
        grid = output.grid()
    assert grid is not None
    assert (grid.group, grid.heads) == ("sex", ("1",))
    assert grid.lines == ((("Centrum",), ("1.234,5",)), (("29",), ("x",)))
    assert grid.shorter().lines == ((("Centrum",), ("1.234,5",)),)
    assert grid.shorter().left_out == 1
    nothing = replace(grid, lines=((("29",), ("x",)),))
    assert nothing.shorter() == nothing


@pytest.mark.parametrize(("figures", "wide"), [(3, False), (4, True)])
def test_a_factsheet_gives_a_table_with_many_columns_the_whole_width_and_leaves_out_rows_without_figures(
    figures: int, *, wide: bool
) -> None:
    cells = [
        {"cell": {"wijk": wijk, "sort": str(sort)}, "status": status, "value": value}
        for wijk, status, value in (("28", "published", "12"), ("29", "withheld", None))
        for sort in range(figures)
    ]
    dimensions = {"wijk": {"title": {}, "labels": {}}, "sort": {"title": {"en": "Sort"}, "labels": {}}}
    about = {"dimensions": dimensions, "statistic": {"en": "count"}, "decimals": 0}
    document = {"about": about, "rows": ["wijk"], "columns": ["sort"], "cells": cells, "statistic": "count"}
    shown = Released("p", "sha256:0", (ReleasedOutput("a", "A", "", {}, document, "", ""),))
    sheet = presented([shown], Layout.FACTSHEET, title="T", lang="en").decode()
    assert ('<section class="output wide">' in sheet) is wide
    assert f'<th class="group" scope="colgroup" colspan="{figures}">Sort</th>' in sheet
    assert "Rows left out, because nothing of them is published: 1." in sheet
    assert '<th scope="row">29</th>' not in sheet
    report = presented([shown], Layout.REPORT, title="T", lang="en").decode()
    assert '<th scope="row">29</th>' in report
    assert "Rows left out" not in report


def test_a_figure_is_an_image_and_a_factsheet_shows_it_instead_of_its_table(released: Released) -> None:
    from dataclasses import replace

    drawn = replace(released, outputs=(replace(released.outputs[0], drawing="<svg><script>1</script></svg>"),))
    sheet = presented([drawn], Layout.FACTSHEET, title="Poverty").decode()
    assert "data:image/svg+xml;base64," in sheet
    assert "<table" not in sheet
    assert "<script" not in sheet
    assert "<table" in presented([drawn], Layout.REPORT, title="Poverty").decode()


def test_the_command_writes_a_page_that_says_it_is_a_demonstration(
    zone_and_package: tuple[ControlZone, Path], tmp_path: Path
) -> None:
    done = called(*zone_and_package, tmp_path / "a.html", "--demo")
    assert done.exit_code == 0, done.output
    assert ">DEMO<" in (tmp_path / "a.html").read_text("utf-8")


def test_what_does_not_verify_is_not_shown(zone_and_package: tuple[ControlZone, Path], tmp_path: Path) -> None:
    zone, package = zone_and_package
    data = bytearray(package.read_bytes())
    data[data.index(b"<td>") + 4] ^= 1
    (tmp_path / "forged.zip").write_bytes(data)
    [root] = roots(zone)
    for path, *more in ((tmp_path / "forged.zip", "--demo"), (package,)):
        arguments = [
            "present",
            str(path),
            "--root",
            root,
            "--title",
            "A",
            "--to",
            str(tmp_path / "a.html"),
            *map(str, more),
        ]
        assert run(arguments) == 1
    assert not (tmp_path / "a.html").exists()


@pytest.mark.parametrize("to", ["a.txt", "absent/a.html"])
def test_a_page_that_cannot_be_written_is_bad_input(
    zone_and_package: tuple[ControlZone, Path], tmp_path: Path, to: str
) -> None:
    zone, package = zone_and_package
    [root] = roots(zone)
    assert run(["present", str(package), "--root", root, "--demo", "--title", "A", "--to", str(tmp_path / to)]) == 2


@pytest.mark.parametrize("data", [b"", b"PK", b"no zip"])
def test_bytes_that_are_no_package_are_refused(data: bytes) -> None:
    with pytest.raises(BadInputError, match="cannot be shown"):
        read_released(data)


def test_outputs_of_one_name_in_two_packages_are_both_shown(released: Released) -> None:
    from dataclasses import replace

    other = replace(released, name="other", outputs=(replace(released.outputs[0], title="The second"),))
    for names in ((), ("by-wijk",)):
        page = presented([released, other], Layout.REPORT, title="Poverty", names=names).decode()
        assert "The second" in page
        assert released.outputs[0].title in page
