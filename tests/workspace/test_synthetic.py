"""The synthetic microdata: the same bytes from one seed, keys that resolve, and the shape that the cases need."""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from disclosure.errors import BadInputError
from disclosure.model.codebooks import read_codebook
from workspace.synthetic import DATA_SETS, synthesize
from workspace.synthetic.households import Kind, draw_households
from workspace.synthetic.income import THRESHOLD, equivalence
from workspace.synthetic.places import STADSDELEN, WIJKEN

PERSONS = 50_000
SMALL = 2_000
YEAR = 2022
LAST_DAY = pd.Timestamp(f"{YEAR}-12-31")


class Data:
    """The demo's data sets as pandas frames, read once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._frames: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._frames:
            frame = pq.read_table(self.folder / name / "data.parquet").to_pandas(date_as_object=False)
            self._frames[name] = frame
        return self._frames[name]

    @property
    def homes(self) -> pd.DataFrame:
        """Household spells that hold on the last day of the year."""
        spells = self["GBAHUISHOUDENSBUS"]
        return spells[(spells.DATUMAANVANGHH <= LAST_DAY) & (spells.DATUMEINDEHH >= LAST_DAY)]

    @property
    def residents(self) -> pd.DataFrame:
        """Persons with household, income and wijk on the last day of the year."""
        stays = self["GBAADRESOBJECTBUS"]
        stays = stays[stays.GBADATUMEINDEADRESHOUDING >= LAST_DAY]
        key = "RINPERSOON"
        return (
            self["GBAPERSOONTAB"]
            .merge(self["KOPPELPERSOONHUISHOUDEN"], on=key, validate="1:1")
            .merge(self["INHATAB"], on="RINPERSOONHKW", validate="m:1")
            .merge(self.homes[[key, "TYPHH", "PLHH", "AANTALPERSHH", "AANTALKINDHH"]], on=key, validate="1:1")
            .merge(stays[[key, "RINOBJECTNUMMER"]], on=key, validate="1:1")
            .merge(self["VSLGWBTAB"], on="RINOBJECTNUMMER", validate="m:1")
        )


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Data:
    folder = tmp_path_factory.mktemp("synthetic") / "microdata"
    synthesize(folder, persons=PERSONS, year=YEAR)
    return Data(folder)


@pytest.fixture(scope="module")
def residents(data: Data) -> pd.DataFrame:
    return data.residents


@pytest.fixture(scope="module")
def children(residents: pd.DataFrame) -> pd.DataFrame:
    minors = residents[residents.GBAGEBOORTEJAAR > YEAR - 18]
    return minors.assign(poor=minors.INHARMLAG < 100, single=minors.TYPHH == "6")


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def documents(data: Data) -> Iterator[tuple[str, dict[str, Any]]]:
    for name in DATA_SETS:
        yield name, tomllib.loads((data.folder / name / "codebook.toml").read_text("utf-8"))


# ------------------------------------------------------------------------------------------------------------- writing
def test_one_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("first", "second"):
        synthesize(tmp_path / name, persons=SMALL)
    assert digests(tmp_path / "first") == digests(tmp_path / "second")


def test_another_seed_gives_other_data(tmp_path: Path) -> None:
    synthesize(tmp_path / "first", persons=SMALL, seed=1)
    synthesize(tmp_path / "second", persons=SMALL, seed=2)
    first, second = digests(tmp_path / "first"), digests(tmp_path / "second")
    assert first.keys() == second.keys()
    assert not set(first.values()) & set(second.values())


def test_each_data_set_is_a_folder_of_parquet_and_codebook_and_nothing_else_remains(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "microdata"
    places = synthesize(folder, persons=SMALL)
    assert [place.name for place in places] == list(DATA_SETS)
    assert {path.name for path in folder.iterdir()} == {*DATA_SETS, "CALIBRATION.md", "truth.json"}
    for place in places:
        assert sorted(path.name for path in place.iterdir()) == ["codebook.toml", "data.parquet"]


@pytest.mark.parametrize("made", ["folder", "file", "dangling link"])
def test_a_data_set_that_is_there_is_refused_and_left_alone(tmp_path: Path, made: str) -> None:
    place = tmp_path / "INHATAB"
    if made == "folder":
        place.mkdir()
    elif made == "file":
        place.write_text("mine")
    else:
        place.symlink_to(tmp_path / "nowhere")
    with pytest.raises(BadInputError, match="'INHATAB' is there already"):
        synthesize(tmp_path, persons=SMALL)
    assert [path.name for path in tmp_path.iterdir()] == ["INHATAB"]


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "microdata").write_text("mine")
    with pytest.raises(BadInputError, match="'microdata' is not a folder"):
        synthesize(tmp_path / "microdata", persons=SMALL)


def test_a_full_disk_while_writing_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = pq.write_table
    written: list[pa.Table] = []

    def full(table: pa.Table, where: Any, **options: Any) -> None:
        if len(written) == 3:
            raise OSError(28, "No space left on device")
        written.append(table)
        real(table, where, **options)

    monkeypatch.setattr(pq, "write_table", full)
    with pytest.raises(BadInputError, match="could not be written"):
        synthesize(tmp_path, persons=SMALL)
    assert len(written) == 3
    assert list(tmp_path.iterdir()) == []


def test_a_failure_while_placing_takes_the_placed_data_sets_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.rename
    moved: list[Path] = []

    def failing(self: Path, target: Path) -> Path:
        if len(moved) == 2:
            raise OSError(5, "Input/output error")
        moved.append(target)
        return real(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(BadInputError, match="could not be written"):
        synthesize(tmp_path, persons=SMALL)
    assert len(moved) == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"persons": 999}, "1,000 to 5,000,000 persons"),
        ({"persons": 5_000_001}, "1,000 to 5,000,000 persons"),
        ({"persons": SMALL, "seed": -1}, "seed of 0 or more"),
        ({"persons": SMALL, "year": 1999}, "year from 2000 to 2100"),
        ({"persons": SMALL, "year": 2101}, "year from 2000 to 2100"),
    ],
)
def test_arguments_out_of_bounds_are_refused(tmp_path: Path, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInputError, match=message):
        synthesize(tmp_path / "microdata", **arguments)
    assert not (tmp_path / "microdata").exists()


@pytest.mark.parametrize("arguments", [{"persons": 1_000, "seed": 0, "year": 2000}, {"persons": 1_001, "year": 2100}])
def test_arguments_at_their_bounds_are_taken(tmp_path: Path, arguments: dict[str, Any]) -> None:
    synthesize(tmp_path, **arguments)
    persons = pq.read_table(tmp_path / "GBAPERSOONTAB" / "data.parquet")
    assert persons.num_rows == arguments["persons"]


def test_another_group_of_users_can_be_given_the_files(tmp_path: Path) -> None:
    place = synthesize(tmp_path, persons=SMALL)[0]
    mask = os.umask(0)
    os.umask(mask)
    assert place.stat().st_mode & 0o777 == 0o755 & ~mask
    assert (place / "data.parquet").stat().st_mode & 0o777 == 0o666 & ~mask


# ----------------------------------------------------------------------------------------------------------- codebooks
def test_every_codebook_is_read_and_says_that_the_data_are_synthetic_and_what_made_them(data: Data) -> None:
    for name in DATA_SETS:
        codebook = read_codebook(data.folder / name / "codebook.toml")
        assert codebook.name == name
        assert codebook.synthetic is True
        assert codebook.source == "datakamp synthetic generator 2, seed 2017, year 2022"


def test_codebooks_describe_exactly_the_columns_in_both_languages(data: Data) -> None:
    for name, document in documents(data):
        assert set(document["columns"]) == set(data[name].columns), name
        for column in document["columns"].values():
            assert set(column["title"]) == {"en", "nl"}
        assert {*document["unit"], *document["identifiers"]} <= set(document["columns"])


def test_columns_are_of_the_kind_that_the_codebook_says(data: Data) -> None:
    for name, document in documents(data):
        for column, entry in document["columns"].items():
            values = data[name][column]
            if entry["type"] == "number":
                assert pd.api.types.is_numeric_dtype(values), column
                known = values.dropna()
                assert (known.astype(float).round(entry["decimals"]) == known).all(), column
            elif entry["type"] == "date":
                assert pd.api.types.is_datetime64_dtype(values), column
            else:
                assert pd.api.types.is_string_dtype(values), column
            if entry["type"] == "category":
                assert set(values) <= set(entry["categories"]), column


def test_keys_are_identifiers_and_no_category_or_number_is_one(data: Data) -> None:
    for name, document in documents(data):
        keys = {column for column, entry in document["columns"].items() if entry["type"] == "key"}
        assert keys == set(document["identifiers"]), name


def test_poverty_origin_and_source_of_income_are_sensitive_and_what_neighbours_see_is_not(data: Data) -> None:
    sensitive = {
        column
        for _, document in documents(data)
        for column, entry in document["columns"].items()
        if entry.get("sensitive", True) and entry["type"] != "key"
    }
    assert sensitive >= {"INHARMLAG", "INHARMSOC", "INHBBIHJ", "GBAHERKOMSTGROEPERING", "GBAGENERATIE", "SBASISLOON"}
    assert not sensitive & {"wc", "bc", "stadsdeel", "gem", "TYPHH", "PLHH", "GBAGESLACHT", "GBAGEBOORTEJAAR"}


def test_the_hierarchy_leads_every_buurt_to_its_wijk_and_stadsdeel(data: Data) -> None:
    codebook = read_codebook(data.folder / "VSLGWBTAB" / "codebook.toml")
    area = codebook.hierarchies["area"]
    assert area.levels == ("bc", "wc", "stadsdeel")
    dwellings = data["VSLGWBTAB"]
    assert (dwellings.bc.map(area.parents) == dwellings.wc).all()
    assert (dwellings.wc.map(area.parents) == dwellings.stadsdeel).all()
    assert not set(area.parents) & set(codebook.columns["stadsdeel"].categories)


def test_there_are_44_wijken_in_8_stadsdelen() -> None:
    assert [wijk.code for wijk in WIJKEN] == [f"0518{number:02}" for number in range(1, 45)]
    assert len({wijk.name for wijk in WIJKEN}) == 44
    assert len(STADSDELEN) == 8


# -------------------------------------------------------------------------------------------------------- consistency
def test_there_are_as_many_persons_as_asked_with_distinct_keys_of_nine_characters(data: Data) -> None:
    persons = data["GBAPERSOONTAB"].RINPERSOON
    assert len(persons) == PERSONS
    assert persons.is_unique
    assert (persons.str.len() == 9).all()
    assert persons.str.isdigit().all()
    assert persons.str.startswith("0").any()


def test_every_key_resolves(data: Data) -> None:
    persons = set(data["GBAPERSOONTAB"].RINPERSOON)
    links, income, parents = data["KOPPELPERSOONHUISHOUDEN"], data["INHATAB"], data["KINDOUDERTAB"]
    assert set(links.RINPERSOON) == persons
    assert set(links.RINPERSOONHKW) == set(income.RINPERSOONHKW) <= persons
    assert income.RINPERSOONHKW.is_unique
    assert set(data["GBAHUISHOUDENSBUS"].HUISHOUDNR) == set(links.HUISHOUDNR)
    assert set(data["GBAADRESOBJECTBUS"].RINOBJECTNUMMER) <= set(data["VSLGWBTAB"].RINOBJECTNUMMER)
    assert data["VSLGWBTAB"].RINOBJECTNUMMER.is_unique
    for column in ("RINPERSOON", "RINPERSOONpa", "RINPERSOONma"):
        assert set(parents[column].dropna()) <= persons
    assert set(data["SPOLISBUS"].RINPERSOON) <= persons


def test_the_main_earner_lives_in_the_household(data: Data) -> None:
    links = data["KOPPELPERSOONHUISHOUDEN"]
    earners = links[links.RINPERSOON == links.RINPERSOONHKW]
    assert len(earners) == links.RINPERSOONHKW.nunique() == links.HUISHOUDNR.nunique()


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("GBAHUISHOUDENSBUS", "DATUMAANVANGHH", "DATUMEINDEHH"),
        ("GBAADRESOBJECTBUS", "GBADATUMAANVANGADRESHOUDING", "GBADATUMEINDEADRESHOUDING"),
    ],
)
def test_spells_follow_each_other_without_gap_or_overlap_until_the_end_of_the_year(
    data: Data, name: str, start: str, end: str
) -> None:
    spells = data[name].sort_values(["RINPERSOON", start])
    assert (spells[start] <= spells[end]).all()
    following = spells.RINPERSOON.eq(spells.RINPERSOON.shift(-1))
    assert following.any()
    assert (spells[start].shift(-1)[following] == spells[end][following] + pd.Timedelta(days=1)).all()
    last = spells[~following]
    assert len(last) == PERSONS
    assert (last[end] == LAST_DAY).all()


def test_no_spell_starts_before_its_person_is_born(data: Data) -> None:
    persons = data["GBAPERSOONTAB"]
    born = pd.to_datetime({"year": persons.GBAGEBOORTEJAAR, "month": persons.GBAGEBOORTEMAAND, "day": 1})
    born.index = pd.Index(persons.RINPERSOON)
    for name, start in (("GBAHUISHOUDENSBUS", "DATUMAANVANGHH"), ("GBAADRESOBJECTBUS", "GBADATUMAANVANGADRESHOUDING")):
        assert (data[name][start] >= data[name].RINPERSOON.map(born)).all(), name


def test_type_place_and_sizes_of_households_agree_with_their_members(residents: pd.DataFrame) -> None:
    members = residents.groupby("HUISHOUDNR")
    first = members.first()
    assert (members.size() == first.AANTALPERSHH).all()
    assert (residents.PLHH.eq("1").groupby(residents.HUISHOUDNR).sum() == first.AANTALKINDHH).all()
    for column in ("TYPHH", "RINPERSOONHKW", "wc"):
        assert (members[column].nunique() == 1).all(), column
    with_children = first.TYPHH.isin(["4", "5", "6"])
    assert (first.AANTALKINDHH[with_children] >= 1).all()
    assert (first.AANTALKINDHH[~with_children] == 0).all()
    adults = first.AANTALPERSHH - first.AANTALKINDHH
    assert (adults[first.TYPHH.isin(["1", "6"])] == 1).all()
    assert (adults[first.TYPHH.isin(["2", "3", "4", "5"])] == 2).all()


def test_a_birth_in_the_year_ends_the_household_as_it_was(data: Data) -> None:
    spells = data["GBAHUISHOUDENSBUS"]
    former = spells[spells.DATUMEINDEHH < LAST_DAY].set_index("RINPERSOON")
    now = data.homes.set_index("RINPERSOON").loc[former.index]
    assert (now.AANTALPERSHH == former.AANTALPERSHH + 1).all()
    assert (now.AANTALKINDHH == former.AANTALKINDHH + 1).all()
    assert (former.TYPHH[former.AANTALKINDHH == 0].isin(["1", "2", "3"])).all()


def test_parents_are_at_least_16_years_older_and_of_their_sex(data: Data) -> None:
    persons = data["GBAPERSOONTAB"].set_index("RINPERSOON")
    table = data["KINDOUDERTAB"]
    born = table.RINPERSOON.map(persons.GBAGEBOORTEJAAR)
    for column, sex in (("RINPERSOONpa", "1"), ("RINPERSOONma", "2")):
        parent = persons.reindex(table[column].dropna())
        assert set(parent.GBAGESLACHT) == {sex}
        assert (born[table[column].notna()].to_numpy() - parent.GBAGEBOORTEJAAR.to_numpy() >= 16).all()


def test_every_minor_has_a_known_parent_at_home(data: Data, children: pd.DataFrame) -> None:
    table = data["KINDOUDERTAB"].set_index("RINPERSOON").reindex(children.RINPERSOON)
    home = data["KOPPELPERSOONHUISHOUDEN"].set_index("RINPERSOON").HUISHOUDNR
    own = home.reindex(table.index).to_numpy()
    at_home = [table[column].map(home).to_numpy() == own for column in ("RINPERSOONpa", "RINPERSOONma")]
    assert (at_home[0] | at_home[1]).all()
    assert table.RINPERSOONpa.isna().any()


def test_income_is_equivalised_by_the_adults_and_children_of_the_household(residents: pd.DataFrame) -> None:
    adult = residents.GBAGEBOORTEJAAR <= YEAR - 18
    income = residents.groupby("RINPERSOONHKW").first()
    household = pd.Categorical(residents.RINPERSOONHKW, categories=income.index).codes.astype(np.int64)
    adults = np.bincount(household[adult]).astype(np.int64)
    children = np.bincount(household[~adult], minlength=len(income)).astype(np.int64)
    factor = equivalence(adults, children)
    assert np.abs(income.INHGESTINKH - income.INHBESTINKH / factor).max() <= 0.5
    assert np.abs(income.INHARMLAG - 100 * income.INHGESTINKH / THRESHOLD).max() < 0.051
    assert (income.INHBESTINKH > 0).all()


def test_household_income_follows_the_wages_of_its_members(data: Data) -> None:
    links = data["KOPPELPERSOONHUISHOUDEN"].set_index("RINPERSOON").RINPERSOONHKW
    jobs = data["SPOLISBUS"]
    wages = jobs.SBASISLOON.groupby(jobs.RINPERSOON.map(links)).sum()
    income = data["INHATAB"].set_index("RINPERSOONHKW")
    paid = income.INHBBIHJ.eq("11")
    assert set(income.index[paid]) <= set(wages.index)
    earned = pd.DataFrame({"wages": wages, "income": income.INHBESTINKH})[paid]
    assert earned["wages"].rank().corr(earned["income"].rank()) > 0.9
    # Who left a benefit in the year, or has a child at home with a job, has wages too, but less than of the benefit.
    on_benefit = income.INHBBIHJ.isin(["21", "22", "24", "25", "26"])
    assert (wages.reindex(income.index[on_benefit]).fillna(0) < income.INHBRUTINKH[on_benefit] / 2 + 1).all()


@pytest.mark.parametrize(
    ("adults", "children", "factor"),
    [(1, 0, 1.00), (1, 2, 1.51), (2, 0, 1.37), (2, 4, 2.28), (3, 4, 2.49), (4, 0, 1.98), (2, 5, 2.45)],
)
def test_equivalence_factors_are_those_of_cbs_and_go_on_beyond_the_table(
    adults: int, children: int, factor: float
) -> None:
    assert equivalence(np.array([adults]), np.array([children])).tolist() == pytest.approx([factor])


def test_a_job_has_one_row_a_month_within_the_year(data: Data) -> None:
    jobs = data["SPOLISBUS"]
    assert not jobs.duplicated(["IKVID", "SDATUMAANVANGIKO"]).any()
    assert jobs.SDATUMAANVANGIKO.min() == pd.Timestamp(f"{YEAR}-01-01")
    assert jobs.SDATUMEINDEIKO.max() == LAST_DAY
    assert (jobs.SDATUMAANVANGIKO + pd.offsets.MonthEnd(0) == jobs.SDATUMEINDEIKO).all()
    of_job = jobs.groupby("IKVID")
    for column in ("RINPERSOON", "BEID", "SSECT"):
        assert (of_job[column].nunique() == 1).all(), column
    at_once = jobs.groupby(["RINPERSOON", "SDATUMAANVANGIKO"]).IKVID.nunique()
    assert at_once.max() == 2
    assert jobs.groupby("RINPERSOON").IKVID.nunique().max() > 2


@pytest.mark.parametrize("persons", [1_000, 1_237, 20_000])
def test_households_hold_exactly_the_persons_asked_for(persons: int) -> None:
    households = draw_households(np.random.Generator(np.random.PCG64(3)), persons)
    assert (households.ages >= 0).sum() == persons
    assert (households.ages[:, 0] >= 18).all()
    alone = households.kind == Kind.SINGLE
    assert ((households.ages[alone] >= 0).sum(axis=1) == 1).all()


# --------------------------------------------------------------------------------------------------------------- shape
def test_wijken_have_about_the_inhabitants_of_the_city(residents: pd.DataFrame) -> None:
    total = sum(wijk.inhabitants for wijk in WIJKEN)
    found = residents.wc.value_counts()
    for wijk in WIJKEN:
        if wijk.inhabitants >= 12_000:
            assert found[wijk.code] == pytest.approx(PERSONS * wijk.inhabitants / total, rel=0.12), wijk.name


def test_child_poverty_is_about_one_in_six_and_follows_the_wijken(children: pd.DataFrame) -> None:
    assert 0.14 < children.poor.mean() < 0.21
    rate = children.groupby("wc").poor.mean()
    assert rate["051829"] > 0.28
    assert min(rate["051836"], rate["051830"]) > 0.2
    assert rate["051813"] < 0.1
    assert rate["051829"] > 3 * rate["051844"]


def test_single_parents_and_families_without_work_are_poorer(data: Data, children: pd.DataFrame) -> None:
    by_parent = children.groupby("single").poor.mean()
    assert by_parent[True] > 1.8 * by_parent[False]
    families = children.drop_duplicates("HUISHOUDNR")
    assert 0.35 < families.single[families.poor].mean() < 0.6
    working = families.INHBBIHJ.isin(["11", "13"])
    assert (~working[families.poor]).mean() > 0.4
    assert (~working[~families.poor]).mean() < 0.12


def test_in_small_wijken_one_income_holds_more_than_half_of_the_total(residents: pd.DataFrame) -> None:
    income = residents.drop_duplicates("HUISHOUDNR").groupby("wc").INHBESTINKH
    dominated = income.max() > 0.5 * income.sum()
    enough = income.size() >= 10
    assert (dominated & enough).sum() >= 2
    assert not dominated[["051829", "051838", "051833"]].any()


def test_employers_are_heavily_skewed(data: Data) -> None:
    jobs = data["SPOLISBUS"].drop_duplicates("IKVID")
    sizes = jobs.BEID.value_counts()
    assert len(sizes) > 500
    assert sizes.iloc[: len(sizes) // 100].sum() > 0.25 * sizes.sum()
    assert sizes.median() <= 10
    largest = jobs.groupby("SSECT").BEID.value_counts(normalize=True).groupby("SSECT").max()
    assert largest.max() > 0.25


def test_the_safe_table_of_the_case_is_safe_and_the_unsafe_one_is_not(children: pd.DataFrame) -> None:
    safe = pd.crosstab(children.stadsdeel, children.single)
    assert safe.shape == (8, 2)
    assert safe.to_numpy().min() >= 10
    shares = safe.div(safe.sum(axis=1), axis=0)
    assert shares.to_numpy().max() <= 0.9
    assert (safe.sum() / safe.to_numpy().sum()).max() <= 0.9
    unsafe = pd.crosstab(children.wc[children.poor], children.single)
    counts = unsafe.to_numpy()
    failing = (counts > 0) & (counts < 10)
    assert 5 <= failing.sum() < counts.size / 2
    # What is withheld in a column is a group of its own: the city's totals are published by another table.
    assert (np.where(failing, counts, 0).sum(axis=0) >= 10).all()
