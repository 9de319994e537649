"""The catalogue as a page, and whether a codebook fits its file when a data set is registered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner

import datakamp
from disclosure.errors import BadInputError, CodebookError
from disclosure.exchange.camp import CampFile
from disclosure.model.codebooks import read_codebook
from disclosure.texts import language
from tests.workspace.small_camp import TEAM, make_camp
from workspace.catalogue import register, registered, source
from workspace.catalogue_page import MOST_CATEGORIES, catalogue_page, write_catalogue_page
from workspace.fits import misfits
from workspace.synthetic import DATA_SETS, synthesize

BOOK = """\
schema = 1
name = "PLACES"
title = {en = "Places <b>of</b> people", nl = "Plaatsen van mensen"}
synthetic = true
source = "made for this test"
unit = ["person"]
identifiers = ["person"]
[units]
household = ["home"]
[columns.person]
type = "key"
[columns.home]
type = "key"
[columns.wijk]
title = {en = "District", nl = "Wijk"}
sensitive = false
hierarchy = "area"
[columns.benefit]
title = {en = "Benefit", nl = "Uitkering"}
not_disclosive = ["0"]
[columns.benefit.categories]
0 = {en = "None", nl = "Geen"}
1 = {en = "Some", nl = "Een"}
[columns.income]
title = {en = "Income", nl = "Inkomen"}
type = "number"
decimals = 0
unit_of_measure = {en = "euros", nl = "euro"}
[columns.born]
type = "date"
[columns.absent]
type = "number"
[hierarchies.area]
levels = ["wijk", "city"]
parents = {"28" = "all", "29" = "all"}
"""
ROWS: dict[str, list[Any]] = {
    "person": ["001", "002", "003"],
    "home": ["01", "01", "02"],
    "wijk": ["28", "29", None],
    "benefit": ["0", "1", None],
    "income": [1, 2, None],
}


def made(folder: Path, book: str = BOOK, /, **columns: Any) -> Path:
    place = folder / "PLACES"
    place.mkdir(parents=True)
    born = pa.array([0, 1, 2], pa.date32())
    pq.write_table(pa.table({**ROWS, "born": born, **columns}), place / "data.parquet")
    (place / "codebook.toml").write_text(book, encoding="utf-8")
    return place


@pytest.fixture
def camp(tmp_path: Path) -> CampFile:
    return make_camp(tmp_path)


def unfit(folder: Path, book: str = BOOK, /, **columns: Any) -> tuple[str, ...]:
    place = made(folder, book, **columns)
    return misfits(read_codebook(place / "codebook.toml"), place / "data.parquet")


# ------------------------------------------------------------------------------------------------------------- fitting
def test_a_file_that_is_as_its_codebook_says_fits_also_without_columns_that_stayed_behind(tmp_path: Path) -> None:
    assert unfit(tmp_path) == ()


@pytest.mark.parametrize(
    ("column", "values", "told"),
    [
        ("income", ["1", "2", "3"], "'income' is a number by the codebook"),
        ("born", ["2000-01-01"] * 3, "'born' is a date by the codebook"),
        ("home", [1.0, 2.0, 3.0], "'home' is a key by the codebook"),
        ("wijk", [["28"], ["29"], ["28"]], "'wijk' is a category by the codebook"),
        ("benefit", ["00", "7", "8"], "'benefit' has none of the codes that the codebook lists"),
        ("wijk", ["28", "31", "29"], "'wijk' has 1 code that its hierarchy does not know"),
        ("wijk", ["28", "31", "30"], "'wijk' has 2 codes that its hierarchy does not know"),
    ],
)
def test_what_does_not_fit_is_told_without_values(tmp_path: Path, column: str, values: list[Any], told: str) -> None:
    (sentence,) = unfit(tmp_path, **{column: values})
    assert told in sentence
    assert not {"7", "8", "31", "2000"} & set(sentence.replace(".", " ").split())


def test_one_category_of_a_codebook_is_the_only_one_of_the_file(tmp_path: Path) -> None:
    book = BOOK.replace('1 = {en = "Some", nl = "Een"}\n', "")
    assert unfit(tmp_path / "one", book, benefit=["0", "0", None]) == ()
    (sentence,) = unfit(tmp_path / "two", book, benefit=["0", "1", None])
    assert "'benefit' has one category by the codebook, and in the data it has more" in sentence


def test_a_code_without_a_text_beside_others_that_have_one_fits(tmp_path: Path) -> None:
    assert unfit(tmp_path, benefit=["0", "7", None]) == ()


def test_codes_that_are_whole_numbers_are_read_as_text_and_parents_may_be_codes(tmp_path: Path) -> None:
    assert unfit(tmp_path, benefit=[0, 1, 1], wijk=["28", "all", "29"]) == ()


def test_weights_that_are_not_there_are_told(tmp_path: Path) -> None:
    assert unfit(tmp_path, BOOK.replace("schema = 1", 'schema = 1\nweights = ["w"]')) == (
        "The weights w are not in the data.",
    )


def test_a_codebook_that_does_not_fit_is_refused_at_registering_and_nothing_stays(
    camp: CampFile, tmp_path: Path
) -> None:
    with pytest.raises(CodebookError, match="'PLACES' does not fit its data") as refused:
        register(camp, made(tmp_path / "source", benefit=["7", "7", "8"]))
    assert "Mend the codebook" in str(refused.value.hint)
    assert "PLACES" not in registered(camp)


def test_every_generated_data_set_fits_its_codebook(tmp_path: Path) -> None:
    for place in synthesize(tmp_path, persons=1_000):
        assert misfits(read_codebook(place / "codebook.toml"), place / "data.parquet") == (), place.name
    assert len(DATA_SETS) == 17


# ---------------------------------------------------------------------------------------------------------------- page
def test_the_page_tells_of_every_data_set_in_the_readers_language(camp: CampFile, tmp_path: Path) -> None:
    register(camp, made(tmp_path / "source"))
    sources = [source(camp, name) for name in registered(camp)]
    pages = {}
    for code in ("en", "nl"):
        with language(code):
            pages[code] = catalogue_page(camp, sources)
    english = BeautifulSoup(pages["en"], "html.parser")
    assert [one["id"] for one in english.find_all("section")] == ["HOMES", "PLACES"]
    text = english.find(id="PLACES").get_text(" ", strip=True)  # type: ignore[union-attr]
    for word in (
        "District",
        "Some",
        "0 None (tells nothing)",
        "euros",
        "household: home",
        "area: wijk → city",
        "sha256:",
    ):
        assert word in text, word
    assert "Synthetic: no record is a person's." in text
    dutch = BeautifulSoup(pages["nl"], "html.parser").get_text(" ", strip=True)
    for word in ("Catalogus van gegevensbestanden", "Uitkering", "onthult niets", "Gevoelig", "Synthetisch"):
        assert word in dutch, word
    assert english.find("td", string=TEAM) is not None


def test_words_of_a_codebook_are_text_and_the_page_names_nothing_outside_itself(camp: CampFile, tmp_path: Path) -> None:
    register(camp, made(tmp_path / "source"))
    page = catalogue_page(camp, [source(camp, name) for name in registered(camp)])
    assert "&lt;b&gt;of&lt;/b&gt;" in page
    soup = BeautifulSoup(page, "html.parser")
    assert soup.find("b") is None
    assert soup.find(["script", "link", "img", "iframe"]) is None
    assert all(str(one["href"]).startswith("#") for one in soup.find_all("a"))
    policy = soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})
    assert policy is not None
    assert str(policy["content"]).startswith("default-src 'none'")


def test_a_long_list_of_categories_is_cut_and_the_rest_is_counted(camp: CampFile, tmp_path: Path) -> None:
    long = "".join(f'{number} = "c{number}"\n' for number in range(2, MOST_CATEGORIES + 5))
    book = BOOK.replace('1 = {en = "Some", nl = "Een"}\n', f'1 = {{en = "Some", nl = "Een"}}\n{long}')
    register(camp, made(tmp_path / "source", book))
    with language("en"):
        page = catalogue_page(camp, [source(camp, "PLACES")])
    assert f"{MOST_CATEGORIES - 1} c{MOST_CATEGORIES - 1}" in page
    assert f"{MOST_CATEGORIES} c{MOST_CATEGORIES}" not in page
    assert "and 5 more" in page


def test_a_camp_without_data_sets_has_a_page_that_says_so(camp: CampFile) -> None:
    with language("en"):
        assert "There are no data sets." in catalogue_page(camp, [])


def test_the_command_writes_the_page_in_a_language_and_overwrites_nothing(camp: CampFile, tmp_path: Path) -> None:
    place = tmp_path / "catalogue.html"
    arguments = ["data", "list", "--camp", str(camp.folder), "--html", str(place), "--language", "nl"]
    done = CliRunner().invoke(datakamp.datakamp, arguments)
    assert done.exit_code == 0, done.output
    assert "1 data set is described" in done.output
    assert '<html lang="nl">' in place.read_text("utf-8")
    place.write_text("mine")
    with pytest.raises(BadInputError, match="is there already"):
        write_catalogue_page(camp, place, "nl")
    assert place.read_text() == "mine"
    with pytest.raises(BadInputError, match="cannot be written"):
        write_catalogue_page(camp, tmp_path / "nowhere" / "x.html", None)
