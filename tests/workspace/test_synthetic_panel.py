"""The synthetic panel of five years: what its files promise of each other, in a small population."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from disclosure.model.codebooks import read_codebook
from tests.workspace.test_synthetic import digests
from workspace.synthetic import DATA_SETS, synthesize
from workspace.synthetic.income import THRESHOLD, equivalence, prices

PERSONS = 5_000
YEARS = (2018, 2019, 2020, 2021, 2022)
FIRST_DAY, LAST_DAY = pd.Timestamp("2018-01-01"), pd.Timestamp("2022-12-31")
KEY, HOME = "RINPERSOON", "RINPERSOONHKW"
SPELLS = {
    "GBAHUISHOUDENSBUS": ("DATUMAANVANGHH", "DATUMEINDEHH"),
    "GBAADRESOBJECTBUS": ("GBADATUMAANVANGADRESHOUDING", "GBADATUMEINDEADRESHOUDING"),
    "SECMBUS": ("AANVSECM", "EINDSECM"),
    "BIJSTANDUITKERINGTAB": ("AANVBIJSTAND", "EINDBIJSTAND"),
    "WSNPPERSBUS": ("AANVWSNP", "EINDWSNP"),
}


class Files:
    """The files of a panel as pandas frames, read once; a year is asked for as ``files("INHATAB", 2020)``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.read: dict[str, pd.DataFrame] = {}

    def __call__(self, name: str, year: int | None = None) -> pd.DataFrame:
        whole = name if year is None else f"{name}{year}"
        if whole not in self.read:
            table = pq.read_table(self.folder / whole / "data.parquet")
            self.read[whole] = table.to_pandas(date_as_object=False)
        return self.read[whole]

    def born(self, persons: pd.Series) -> pd.Series:
        """Return the first day of the month of birth of each person."""
        table = self("GBAPERSOONTAB")
        days = pd.to_datetime({"year": table.GBAGEBOORTEJAAR, "month": table.GBAGEBOORTEMAAND, "day": 1})
        return persons.map(pd.Series(days.to_numpy(), index=pd.Index(table[KEY])))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    folder = tmp_path_factory.mktemp("panel") / "microdata"
    synthesize(folder, persons=PERSONS, years=(YEARS[0], YEARS[-1]))
    return Files(folder)


# ---------------------------------------------------------------------------------------------------------------- files
def test_data_sets_of_a_year_have_it_in_their_name_and_the_others_are_there_once(files: Files) -> None:
    expected = {name for one in DATA_SETS.values() for name in one.names(YEARS)}
    assert {path.name for path in files.folder.iterdir()} == expected | {"CALIBRATION.md", "truth.json"}
    assert {"INHATAB2018", "SPOLISBUS2022", "SECMBUS", "GBAPERSOONTAB"} <= expected


def test_every_file_has_a_codebook_that_fits_it_and_says_synthetic(files: Files) -> None:
    for place in sorted(path for path in files.folder.iterdir() if path.is_dir()):
        codebook, frame = read_codebook(place / "codebook.toml"), files(place.name)
        assert codebook.synthetic
        assert place.name.startswith(codebook.name)
        assert set(codebook.columns) == set(frame.columns), place.name
        assert {"en", "nl"} <= set(codebook.title)
        assert codebook.key_columns() <= set(frame.columns)
        for name, column in codebook.columns.items():
            assert {"en", "nl"} <= set(column.title), (place.name, name)
            assert set(column.not_disclosive) <= set(column.categories)
            if column.kind == "category":
                assert set(frame[name].dropna()) <= set(column.categories), (place.name, name)
                assert all({"en", "nl"} <= set(text) for text in column.categories.values())


def test_the_bytes_do_not_depend_on_the_number_of_threads(tmp_path: Path) -> None:
    before = pa.cpu_count(), pa.io_thread_count()
    try:
        for threads in (1, 4):
            pa.set_cpu_count(threads)
            pa.set_io_thread_count(threads)
            synthesize(tmp_path / str(threads), persons=1_000, years=(2021, 2022))
    finally:
        pa.set_cpu_count(before[0])
        pa.set_io_thread_count(before[1])
    assert digests(tmp_path / "1") == digests(tmp_path / "4")


def test_a_shorter_panel_has_the_same_incomes_as_the_longer_one(files: Files, tmp_path: Path) -> None:
    synthesize(tmp_path / "short", persons=PERSONS, years=(2021, 2022))
    for name in ("INHATAB2022", "SPOLISBUS2021", "VOORZIENINGEN2022"):
        assert Files(tmp_path / "short")(name).equals(files(name)), name


def test_wijken_elsewhere_have_a_place_in_the_hierarchy(files: Files) -> None:
    area = read_codebook(files.folder / "VSLGWBTAB" / "codebook.toml").hierarchies["area"]
    dwellings = files("VSLGWBTAB")
    assert (dwellings.bc.map(area.parents) == dwellings.wc).all()
    assert (dwellings.wc.map(area.parents) == dwellings.stadsdeel).all()
    elsewhere = dwellings.gem != "0518"
    assert (elsewhere == dwellings.stadsdeel.eq("buiten")).all()
    assert elsewhere.any()
    for name in ("gem", "wc", "bc"):
        assert (dwellings[name] == dwellings[f"{name}2023"]).all()


# ----------------------------------------------------------------------------------------------------------------- keys
def test_every_key_of_every_year_resolves(files: Files) -> None:
    persons = set(files("GBAPERSOONTAB")[KEY])
    assert all(len(key) == 9 and key.isdigit() for key in persons)
    for name in SPELLS:
        assert set(files(name)[KEY]) <= persons, name
    assert set(files("GBAADRESOBJECTBUS").RINOBJECTNUMMER) <= set(files("VSLGWBTAB").RINOBJECTNUMMER)
    for column in (KEY, "RINPERSOONpa", "RINPERSOONma"):
        assert set(files("KINDOUDERTAB")[column].dropna()) <= persons
    for year in YEARS:
        links, homes = files("KOPPELPERSOONHUISHOUDEN", year), set(files("INHATAB", year)[HOME])
        assert set(links[HOME]) == homes
        assert links[KEY].is_unique
        assert set(links[KEY]) <= persons
        for name in ("VEHTAB", "SCHULDENTAB"):
            assert set(files(name, year)[HOME]) == homes
        assert set(files("VOORZIENINGEN", year)[HOME]) <= homes
        for name in ("INPATAB", "HOOGSTEOPLTAB", "WANBZVWTAB"):
            assert set(files(name, year)[KEY]) <= set(links[KEY]), name
        assert set(files("SPOLISBUS", year)[KEY]) <= persons


def test_a_household_has_one_key_in_all_years(files: Files) -> None:
    pairs = pd.concat([files("KOPPELPERSOONHUISHOUDEN", year)[[HOME, "HUISHOUDNR"]] for year in YEARS])
    assert (pairs.groupby("HUISHOUDNR")[HOME].nunique() == 1).all()
    assert (pairs.groupby(HOME).HUISHOUDNR.nunique() == 1).all()


# --------------------------------------------------------------------------------------------------------------- spells
@pytest.mark.parametrize("name", SPELLS)
def test_spells_of_a_person_do_not_overlap_and_begin_after_birth(files: Files, name: str) -> None:
    start, end = SPELLS[name]
    spells = files(name).sort_values([KEY, start])
    assert (spells[start] <= spells[end]).all()
    assert (spells[end] >= FIRST_DAY).all()
    assert (spells[end] <= LAST_DAY).all()
    same = spells[KEY].eq(spells[KEY].shift(-1))
    assert (spells[start].shift(-1)[same] > spells[end][same]).all()
    assert (spells[start] >= files.born(spells[KEY])).all()


@pytest.mark.parametrize("name", ["GBAHUISHOUDENSBUS", "GBAADRESOBJECTBUS", "SECMBUS"])
def test_spells_that_describe_everyone_have_no_gaps(files: Files, name: str) -> None:
    start, end = SPELLS[name]
    spells = files(name).sort_values([KEY, start])
    same = spells[KEY].eq(spells[KEY].shift(-1))
    assert same.any()
    assert (spells[start].shift(-1)[same] == spells[end][same] + pd.Timedelta(days=1)).all()


def test_the_three_files_that_describe_everyone_agree_on_when_somebody_is_there(files: Files) -> None:
    bounds = {}
    for name in ("GBAHUISHOUDENSBUS", "GBAADRESOBJECTBUS", "SECMBUS"):
        start, end = SPELLS[name]
        spells = files(name).groupby(KEY).agg(first=(start, "min"), last=(end, "max"))
        bounds[name] = spells.assign(first=spells["first"].where(spells["first"] > FIRST_DAY, FIRST_DAY))
    assert bounds["GBAHUISHOUDENSBUS"].equals(bounds["GBAADRESOBJECTBUS"])
    assert bounds["GBAHUISHOUDENSBUS"].equals(bounds["SECMBUS"])


def test_members_of_a_household_live_at_one_address_on_any_day(files: Files) -> None:
    stays = files("GBAADRESOBJECTBUS")
    links = files("KOPPELPERSOONHUISHOUDEN", 2022).set_index(KEY).HUISHOUDNR
    for day in (pd.Timestamp("2019-06-30"), LAST_DAY):
        there = stays[(day >= stays.GBADATUMAANVANGADRESHOUDING) & (day <= stays.GBADATUMEINDEADRESHOUDING)]
        assert there[KEY].is_unique
        home = there[KEY].map(links)
        assert (there.RINOBJECTNUMMER.groupby(home).nunique() == 1).all()
        assert (home.groupby(there.RINOBJECTNUMMER).nunique() <= 1).all()


def test_incomes_are_of_households_in_the_city_on_the_last_day_of_each_year(files: Files) -> None:
    stays = files("GBAADRESOBJECTBUS").merge(files("VSLGWBTAB")[["RINOBJECTNUMMER", "gem"]], on="RINOBJECTNUMMER")
    for year in YEARS:
        day = pd.Timestamp(f"{year}-12-31")
        there = stays[(day >= stays.GBADATUMAANVANGADRESHOUDING) & (day <= stays.GBADATUMEINDEADRESHOUDING)]
        assert set(there[KEY][there.gem == "0518"]) == set(files("KOPPELPERSOONHUISHOUDEN", year)[KEY]), year
    assert len(files("KOPPELPERSOONHUISHOUDEN", 2022)) == PERSONS


def test_people_come_from_and_leave_for_other_municipalities(files: Files) -> None:
    stays = files("GBAADRESOBJECTBUS").merge(files("VSLGWBTAB")[["RINOBJECTNUMMER", "gem"]], on="RINOBJECTNUMMER")
    stays = stays.sort_values([KEY, "GBADATUMAANVANGADRESHOUDING"])
    before, same = stays.gem.shift(), stays[KEY].eq(stays[KEY].shift())
    assert (same & (before != "0518") & (stays.gem == "0518")).sum() > 100
    assert (same & (before == "0518") & (stays.gem != "0518")).sum() > 100
    assert stays.gem.nunique() == 8


def test_assistance_is_the_same_in_both_files_that_tell_of_it(files: Files) -> None:
    spells, said = files("BIJSTANDUITKERINGTAB"), files("SECMBUS")
    said = said[said.SECM == "22"]
    for month in pd.date_range(FIRST_DAY, LAST_DAY, freq="MS"):
        middle = month + pd.Timedelta(days=9)
        one = set(spells[KEY][(middle >= spells.AANVBIJSTAND) & (middle <= spells.EINDBIJSTAND)])
        assert one == set(said[KEY][(middle >= said.AANVSECM) & (middle <= said.EINDSECM)])


def test_nobody_on_assistance_has_wages_in_that_month_and_who_left_for_work_has_them_in_the_next(files: Files) -> None:
    spells = files("BIJSTANDUITKERINGTAB")
    jobs = pd.concat([files("SPOLISBUS", year)[[KEY, "SDATUMAANVANGIKO"]] for year in YEARS])
    paid = set(zip(jobs[KEY], jobs.SDATUMAANVANGIKO, strict=True))
    for month in pd.date_range(FIRST_DAY, LAST_DAY, freq="QS"):
        on = spells[(month >= spells.AANVBIJSTAND) & (month <= spells.EINDBIJSTAND)]
        assert not {(key, month) for key in on[KEY]} & paid
    heads = set(files("GBAHUISHOUDENSBUS").query("REFPERSOONHH == '1'")[KEY])
    left = spells[
        (spells.REDENEINDE == "1") & (pd.Timestamp("2022-11-01") > spells.EINDBIJSTAND) & spells[KEY].isin(heads)
    ]
    assert len(left) > 20
    assert {(row[KEY], row.EINDBIJSTAND + pd.Timedelta(days=1)) for _, row in left.iterrows()} <= paid
    # Of a couple it ends for both, and the partner need not work.
    both = spells[(spells.REDENEINDE == "1") & ~spells[KEY].isin(heads)]
    both = both[pd.Timestamp("2022-11-01") > both.EINDBIJSTAND]
    home = files("GBAHUISHOUDENSBUS").drop_duplicates(KEY).set_index(KEY)["HUISHOUDNR"]
    assert len(both) > 2
    assert set(zip(both[KEY].map(home), both.EINDBIJSTAND, strict=True)) <= set(
        zip(left[KEY].map(home), left.EINDBIJSTAND, strict=True)
    )


def test_assistance_that_runs_has_no_reason_and_that_ended_has_one(files: Files) -> None:
    spells = files("BIJSTANDUITKERINGTAB")
    running = spells.REDENEINDE == "0"
    assert (spells.EINDBIJSTAND[running] == LAST_DAY).all()
    assert running.any()
    assert {"1", "4"} <= set(spells.REDENEINDE)
    adults = (spells.AANVBIJSTAND - files.born(spells[KEY])).dt.days / 365.25
    assert adults.min() >= 17.9
    assert adults.max() < 67


# -------------------------------------------------------------------------------------------------------------- incomes
@pytest.mark.parametrize("year", YEARS)
def test_gross_income_of_a_household_is_that_of_its_members(files: Files, year: int) -> None:
    links = files("KOPPELPERSOONHUISHOUDEN", year).set_index(KEY)[HOME]
    persons = files("INPATAB", year)
    total = persons.INPPINK.groupby(persons[KEY].map(links)).sum()
    income = files("INHATAB", year).set_index(HOME).INHBRUTINKH
    assert (total.reindex(income.index).fillna(0) == income).all()
    assert (persons.INPPERSPRIM <= persons.INPPINK + 1).all()
    assert (persons.INPBELI <= persons.INPPINK).all()


@pytest.mark.parametrize("year", YEARS)
def test_primary_income_of_a_person_is_at_least_what_the_jobs_of_the_year_paid(files: Files, year: int) -> None:
    jobs, persons = files("SPOLISBUS", year), files("INPATAB", year).set_index(KEY)
    assert not jobs.duplicated(["IKVID", "SDATUMAANVANGIKO"]).any()
    assert (jobs.SDATUMAANVANGIKO.dt.year == year).all()
    pay = jobs.SBASISLOON.groupby(jobs[KEY]).sum()
    both = persons.index.intersection(pay.index)
    assert (persons.INPPERSPRIM[both] - pay[both] > -0.6).all()
    alone = both[files.born(pd.Series(both)).dt.year.to_numpy() < 2000]
    exact = np.isclose(persons.INPPERSPRIM[alone], pay[alone], atol=0.6)
    assert exact.mean() > 0.95
    hourly = jobs.SBASISLOON / jobs.SBASISUREN
    assert (jobs.SBASISLOON > 0).all()
    assert (hourly[jobs.SBASISUREN > 1] >= 10.5 - 0.01).all()


@pytest.mark.parametrize("year", YEARS)
def test_income_stands_to_both_lines_as_the_members_of_the_year_say(files: Files, year: int) -> None:
    links = files("KOPPELPERSOONHUISHOUDEN", year)
    minor = files.born(links[KEY]).dt.year > year - 18
    head = links[KEY].isin(files("GBAHUISHOUDENSBUS").query("PLHH != '1'")[KEY])
    minors = (minor & ~head).groupby(links[HOME]).sum()
    members = links.groupby(HOME).size()
    income = files("INHATAB", year).set_index(HOME)
    factors = equivalence((members - minors).to_numpy(), minors.to_numpy())
    factor = pd.Series(factors, index=members.index).reindex(income.index)
    assert np.abs(income.INHGESTINKH - income.INHBESTINKH / factor).max() <= 0.5
    assert np.abs(income.INHARMLAG - 100 * income.INHGESTINKH / (THRESHOLD * prices(year))).max() < 0.06
    assert (income.INHBESTINKH <= income.INHBRUTINKH + 20_000).all()
    assert income.INHP100HGEST.between(1, 100).all()


def test_the_four_year_variants_follow_from_the_years(files: Files) -> None:
    for year in (2018, 2019, 2020):
        assert files("INHATAB", year).INHARMLAGL.isna().all()
    for year in (2021, 2022):
        now = files("INHATAB", year).set_index(HOME)
        for column in ("INHARMLAG", "INHARMSOC", "INHARMEUR"):
            last = pd.concat(
                [
                    files("INHATAB", each).set_index(HOME)[column].reindex(now.index)
                    for each in range(year - 3, year + 1)
                ],
                axis=1,
            )
            expected = last.max(axis=1).where(last.notna().all(axis=1))
            assert now[f"{column}L"].equals(expected.rename(f"{column}L")), (year, column)
        assert now.INHARMLAGL.notna().mean() > 0.7


def test_wealth_is_what_is_owned_less_what_is_owed(files: Files) -> None:
    for year in YEARS:
        wealth = files("VEHTAB", year)
        assert (wealth.VEHW1000VERH == wealth.VEHW1100BEZH - wealth.VEHW1200STOH).all()
        assert (wealth[["VEHW1100BEZH", "VEHW1200STOH"]] >= 0).all(axis=None)


def test_poverty_lasts(files: Files) -> None:
    one, two = (files("INHATAB", year).set_index(HOME).INHARMSOC for year in (2021, 2022))
    both = one.index.intersection(two.index)
    poor = one[both] <= 130
    assert (two[both][poor] <= 130).mean() > 0.6
    assert (two[both][~poor] <= 130).mean() < 0.15


# -------------------------------------------------------------------------------------------------------------- kinship
def test_parents_are_16_years_older_and_adults_at_home_or_away_have_them(files: Files) -> None:
    table = files("KINDOUDERTAB")
    year, sex = (files("GBAPERSOONTAB").set_index(KEY)[name] for name in ("GBAGEBOORTEJAAR", "GBAGESLACHT"))
    for column, code in (("RINPERSOONpa", "1"), ("RINPERSOONma", "2")):
        known = table[table[column].notna()]
        assert (known[KEY].map(year) - known[column].map(year) >= 16).all()
        assert set(known[column].map(sex)) == {code}
    assert (table.RINPERSOONpa.notna() | table.RINPERSOONma.notna()).all()
    links = files("KOPPELPERSOONHUISHOUDEN", 2022).set_index(KEY).HUISHOUDNR
    apart = table[KEY].map(links) != table.RINPERSOONma.map(links)
    grown = table[KEY].map(year) <= 1997
    assert (apart & grown & table.RINPERSOONma.notna()).sum() > 300


# ------------------------------------------------------------------------------------------------------ debts, schemes
def test_schemes_are_used_by_those_with_low_incomes_apart_from_help_with_debts(files: Files) -> None:
    for year in YEARS:
        use = files("VOORZIENINGEN", year)
        assert not use.duplicated([HOME, "REGELING"]).any()
        ratio = use[HOME].map(files("INHATAB", year).set_index(HOME).INHARMSOC)
        assert (ratio[use.REGELING != "08"] <= 130).all()
        owing = use[HOME].map(files("SCHULDENTAB", year).set_index(HOME).PROBSCHULD)
        assert (owing[use.REGELING == "08"] == "1").all()
        assert ("07" in set(use.REGELING)) is (year == 2022)
        links = files("KOPPELPERSOONHUISHOUDEN", year)
        families = set(links[HOME][files.born(links[KEY]).dt.year > year - 18])
        assert set(use[HOME][use.REGELING == "06"]) <= families


def test_the_truth_is_written_with_what_was_asked_for(files: Files) -> None:
    truth = json.loads((files.folder / "truth.json").read_text("utf-8"))
    assert (truth["schema"], truth["persons"], truth["seed"], truth["years"]) == (1, PERSONS, 2017, list(YEARS))
    assert [round(sum(row), 2) for row in truth["transitions"]["matrix"]] == [1.0] * 4
