"""`datakamp camp prepare`: no more data than the cases read, each case run once, work of a team never overwritten."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datakamp import run
from disclosure.errors import BadInputError, IntegrityError
from disclosure.exchange.camp import CampFile, read_camp
from disclosure.exchange.incidents import FrozenError, begin_closing
from tests.workspace.event_camp import DATA, EVENT, event_camp
from workspace.camp_folder import new_camp
from workspace.cases import case
from workspace.catalogue import register, registered
from workspace.isolation.seal import Seal
from workspace.preparation.plan import plan_of
from workspace.preparation.prepare import RECORD, UnpreparedError, prepare_camp
from workspace.synthetic import synthesize

TODAY = date(2026, 11, 20)
NOTEBOOK = case(2).notebook_name


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sources")
    synthesize(folder, persons=5_000, years=(2022, 2022))
    return folder


def made(folder: Path, text: str = EVENT) -> Path:
    new_camp(folder, teams=())
    return event_camp(folder, text)


def prepared(folder: Path, sources: Path | None, *, seal: Seal | None = None) -> list[str]:
    told: list[str] = []
    prepare_camp(folder, sources=sources, seal=seal, told=told.append, today=TODAY)
    return told


def columns(camp: CampFile, name: str) -> list[str]:
    return list(pq.read_schema(camp.data_folder(name) / "data.parquet").names)


def everything(folder: Path) -> dict[str, bytes]:
    return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


def test_a_case_runs_sealed_on_the_columns_that_it_declares_and_no_more_come_in(
    tmp_path: Path, sources: Path, any_seal: Seal
) -> None:
    folder = made(tmp_path / "camp")
    told = prepared(folder, sources, seal=any_seal)
    camp = read_camp(folder)
    assert set(registered(camp)) == set(DATA)
    for name, wanted in case(2).data_sets({}).items():
        assert set(columns(camp, name)) == set(wanted)
    assert f"case 2 for armoede: {NOTEBOOK}, ran from the top" in told
    given = camp.workspace("armoede") / NOTEBOOK
    assert given.read_bytes() == case(2).notebook({"threshold": 110})
    assert [one.name for one in given.parent.iterdir()] == [NOTEBOOK]
    record = json.loads((folder / RECORD).read_bytes())
    assert [(one["case"], one["team"], one["ran"]) for one in record["notebooks"]] == [(2, "armoede", True)]
    assert {one["name"]: one["cases"] for one in record["data"]} == {name: [2] for name in DATA}


def test_doing_it_again_changes_nothing(tmp_path: Path, sources: Path) -> None:
    folder = made(tmp_path / "camp")
    prepared(folder, sources)
    before = everything(folder)
    assert all("there already" in line for line in prepared(folder, None) if line.partition(":")[0] in DATA)
    assert everything(folder) == before


def test_one_that_was_interrupted_goes_on(tmp_path: Path, sources: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = made(tmp_path / "camp")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("workspace.preparation.prepare.prepare_notebooks", killed)
        with pytest.raises(KeyboardInterrupt):
            prepared(folder, sources)
    assert not (folder / RECORD).exists()
    assert not [one for one in (folder / "microdata").iterdir() if one.name.startswith(".")]
    prepared(folder, sources)
    assert (folder / RECORD).is_file()


def test_a_camp_that_does_not_fit_together_is_left_as_it_is(tmp_path: Path, sources: Path) -> None:
    folder = made(tmp_path / "camp", EVENT.replace("threshold = 110", "threshold = 1"))
    with pytest.raises(UnpreparedError, match="camp check") as refused:
        prepared(folder, sources)
    assert "cannot have that value" in refused.value.problems[0].message
    assert set(everything(folder)) == {"camp.toml", "statement.txt"}


def test_nothing_comes_into_a_camp_that_is_stopped_or_closed(tmp_path: Path, sources: Path) -> None:
    folder = made(tmp_path / "camp")
    begin_closing(folder)
    with pytest.raises(FrozenError):
        prepared(folder, sources)
    with pytest.raises(FrozenError):
        register(read_camp(folder), sources / "GBAPERSOONTAB")
    assert set(everything(folder)) == {"camp.toml", "statement.txt", "closing.json"}


def test_data_that_are_not_there_are_named(tmp_path: Path, sources: Path) -> None:
    folder = made(tmp_path / "camp")
    with pytest.raises(BadInputError, match="--data"):
        prepared(folder, None)
    (tmp_path / "some").mkdir()
    with pytest.raises(BadInputError, match=r"no data set .*INHATAB"):
        prepared(folder, tmp_path / "some")
    assert not registered(read_camp(folder))


def test_data_without_a_column_that_is_planned_are_refused_by_its_name(tmp_path: Path, sources: Path) -> None:
    wanted = EVENT.replace('owner = "CBS"', 'owner = "CBS"\ncolumns = ["SHOESIZE"]', 1)
    folder = made(tmp_path / "camp", wanted)
    with pytest.raises(BadInputError, match=r"'GBAPERSOONTAB' has no column SHOESIZE"):
        prepared(folder, sources)


def test_columns_that_are_asked_for_come_in_beside_those_of_the_cases(tmp_path: Path, sources: Path) -> None:
    wanted = EVENT.replace('owner = "CBS"', 'owner = "CBS"\ncolumns = ["GBAGESLACHT"]', 1)
    folder = made(tmp_path / "camp", wanted)
    prepared(folder, sources)
    assert columns(read_camp(folder), "GBAPERSOONTAB") == ["RINPERSOON", "GBAGEBOORTEJAAR", "GBAGESLACHT"]


def test_a_data_set_of_which_nobody_says_what_is_needed_stays_outside(tmp_path: Path, sources: Path) -> None:
    without = EVENT[: EVENT.index("[[cases]]")] + EVENT[EVENT.index("[[rota]]") :]
    with pytest.raises(BadInputError, match="Nothing says what is needed of"):
        plan_of(read_camp(made(tmp_path / "camp", without)))


def test_a_data_set_that_came_in_with_more_than_was_asked_for_is_told(tmp_path: Path, sources: Path) -> None:
    folder = made(tmp_path / "camp", EVENT.replace('owner = "CBS"', 'owner = "CBS"\ncolumns = ["GBAGESLACHT"]', 1))
    prepared(folder, sources)
    event_camp(folder)
    with pytest.raises(BadInputError, match="columns that nobody asked for: GBAGESLACHT"):
        prepared(folder, sources)


def test_data_that_were_changed_in_the_camp_are_refused(tmp_path: Path, sources: Path) -> None:
    folder = made(tmp_path / "camp")
    prepared(folder, sources)
    place = read_camp(folder).data_folder("INHATAB2022") / "data.parquet"
    table = pq.read_table(place)
    pq.write_table(pa.Table.from_batches(table.to_batches()[:0], table.schema), place)
    with pytest.raises(IntegrityError, match="INHATAB"):
        prepared(folder, sources)


def test_a_notebook_that_a_team_has_changed_is_not_overwritten(tmp_path: Path, sources: Path) -> None:
    folder = made(tmp_path / "camp")
    prepared(folder, sources)
    given = read_camp(folder).workspace("armoede") / NOTEBOOK
    given.write_text("mine")
    with pytest.raises(BadInputError, match="never overwritten"):
        prepared(folder, sources)
    assert given.read_text() == "mine"


def test_a_case_that_fails_is_told_without_what_it_printed(
    tmp_path: Path, sources: Path, any_seal: Seal, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = replace(case(2), source=f"{case(2).source}\n# %%\nraise ValueError('000000001')\n")
    monkeypatch.setattr("workspace.preparation.notebooks.case", lambda _: failing)
    folder = made(tmp_path / "camp")
    with pytest.raises(BadInputError, match="Case 2 did not run on the data of 'armoede'") as refused:
        prepared(folder, sources, seal=any_seal)
    assert "000000001" not in str(refused.value)
    assert not (folder / RECORD).exists()
    assert not (folder / "workspaces" / "armoede" / NOTEBOOK).exists()


def test_the_briefing_is_in_both_languages_and_what_an_organiser_wrote_is_text(tmp_path: Path, sources: Path) -> None:
    folder = made(tmp_path / "camp", EVENT.replace("Poverty in The Hague", "<b>Poverty</b>"))
    prepared(folder, sources)
    english, dutch = ((folder / "briefing" / f"briefing.{code}.html").read_text("utf-8") for code in ("en", "nl"))
    assert "&lt;b&gt;Poverty&lt;/b&gt;" in english
    assert "<b>Poverty</b>" not in english
    for told in (
        "Tuesday, November 24, 2026",
        "Children in poverty",
        "article 41",
        "I tell nobody what I see.",
        "vera, wim",
    ):
        assert told in english
    for told in ("dinsdag 24 november 2026", "Kinderen in armoede", "Grondslag", 'lang="nl"'):
        assert told in dutch
    assert "<script" not in english + dutch


def test_a_camp_that_does_not_fit_is_not_opened(
    tmp_path: Path, sources: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = EVENT.replace("2026-11-02", "2017-03-06").replace("2026-11-03", "2017-03-07")
    folder = made(tmp_path / "camp", text)
    site = tmp_path / "absent.toml"
    call = ["camp", "open", "--camp", str(folder), "--site", str(site)]
    assert run(call) == 2
    assert "8 things in camp.toml do not fit. 'datakamp camp check' tells what." in capsys.readouterr().err
    prepare_camp(folder, sources=sources, seal=None, told=lambda _: None)
    fitting = (folder / "camp.toml").read_text()
    (folder / "camp.toml").write_text(fitting.replace("awareness = 2017-03-07\n", "", 1))
    assert run(call) == 2
    assert "One thing in camp.toml does not fit." in capsys.readouterr().err
    assert not list((folder / "review").iterdir())
    (folder / "camp.toml").write_text(fitting)
    assert run(call) == 2
    assert "absent.toml" in capsys.readouterr().err


def test_what_a_killed_preparation_left_is_removed(tmp_path: Path, sources: Path) -> None:
    folder = made(tmp_path / "camp")
    left = folder / "microdata" / ".preparing-killed" / "INHATAB2022"
    left.mkdir(parents=True)
    (left / "data.parquet").write_bytes(b"half")
    prepared(folder, sources)
    assert sorted(one.name for one in (folder / "microdata").iterdir()) == sorted(DATA)
