"""The catalogue: a data set is used as it was registered, by teams that may, or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datakamp import run
from disclosure.errors import (
    BadInputError,
    CodebookError,
    DataError,
    DocumentError,
    IntegrityError,
    RefusedError,
    StateError,
)
from disclosure.exchange.camp import CampFile
from disclosure.exchange.files import file_digest
from disclosure.exchange.incidents import FrozenError, begin_closing, freeze, is_frozen
from tests.workspace.small_camp import DATA_SET, TEAM, data_set, make_camp
from workspace import catalogue
from workspace.catalogue import authorised, register, registered, source
from workspace.closing.close import close_camp
from workspace.organiser_alone import alone

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


@pytest.fixture
def camp(tmp_path: Path) -> CampFile:
    return make_camp(tmp_path)


def test_a_registered_data_set_has_the_digest_of_its_file_and_its_codebook(camp: CampFile) -> None:
    (one,) = authorised(camp, TEAM)
    assert (one.name, one.folder) == (DATA_SET, camp.data_folder(DATA_SET))
    assert one.digest == file_digest(one.folder / "data.parquet")
    assert one.codebook.unit == ("person",)
    assert registered(camp) == (DATA_SET,)


def test_a_team_without_data_sets_gets_none(camp: CampFile) -> None:
    assert authorised(camp, "wonen") == ()


def test_a_team_that_the_camp_does_not_have_gets_none(camp: CampFile) -> None:
    with pytest.raises(DocumentError, match="no team"):
        authorised(camp, "haven")


@pytest.mark.parametrize("file", ["data.parquet", "codebook.toml"])
def test_a_file_that_changed_since_is_refused_even_with_its_size_and_time_restored(camp: CampFile, file: str) -> None:
    path = camp.data_folder(DATA_SET) / file
    status, data = path.stat(), bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert path.stat().st_size == status.st_size
    with pytest.raises(IntegrityError, match=f"'{file}' of the data set 'HOMES'"):
        authorised(camp, TEAM)


def test_a_link_in_the_place_of_a_file_is_refused(camp: CampFile, tmp_path: Path) -> None:
    path = camp.data_folder(DATA_SET) / "data.parquet"
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(IntegrityError):
        authorised(camp, TEAM)


def test_a_file_that_is_gone_is_refused(camp: CampFile) -> None:
    (camp.data_folder(DATA_SET) / "data.parquet").unlink()
    with pytest.raises(IntegrityError):
        authorised(camp, TEAM)


def test_a_data_set_that_was_put_there_without_registering_is_refused(camp: CampFile) -> None:
    (camp.data_folder(DATA_SET) / "dataset.json").unlink()
    with pytest.raises(DataError, match="not registered"):
        authorised(camp, TEAM)
    assert registered(camp) == ()


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"name": "OTHER"},
        {"files": {"data.parquet": "sha256:0"}},
        {"files": {"data.parquet": "sha256:" + "0" * 64}},
        {"extra": 1},
    ],
)
def test_a_record_that_says_something_else_is_refused(camp: CampFile, change: dict[str, object]) -> None:
    path = camp.data_folder(DATA_SET) / "dataset.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(DocumentError, match="schema"):
        source(camp, DATA_SET)


def test_a_name_is_registered_once(camp: CampFile, tmp_path: Path) -> None:
    before = file_digest(camp.data_folder(DATA_SET) / "data.parquet")
    with pytest.raises(BadInputError, match="already"):
        register(camp, data_set(tmp_path / "again"))
    assert file_digest(camp.data_folder(DATA_SET) / "data.parquet") == before


def test_data_that_are_not_synthetic_are_refused_where_zones_are_not_separated(camp: CampFile, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="not synthetic"):
        register(camp, data_set(tmp_path / "real", name="REAL", synthetic=False))
    assert [path.name for path in (camp.folder / "microdata").iterdir()] == [DATA_SET]


def test_a_codebook_that_lost_its_mark_is_refused_when_used(camp: CampFile) -> None:
    path = camp.data_folder(DATA_SET) / "codebook.toml"
    path.write_text(path.read_text().replace("synthetic = true", "synthetic = false"))
    record = path.with_name("dataset.json")
    document = json.loads(record.read_text())
    document["files"]["codebook.toml"] = file_digest(path)
    record.write_text(json.dumps(document))
    with pytest.raises(RefusedError, match="not synthetic"):
        authorised(camp, TEAM)


@pytest.mark.parametrize("missing", ["data.parquet", "codebook.toml"])
def test_both_files_are_needed(camp: CampFile, tmp_path: Path, missing: str) -> None:
    folder = data_set(tmp_path / "half", name="HALF")
    (folder / missing).unlink()
    with pytest.raises(DataError, match=missing):
        register(camp, folder)


def test_a_file_that_is_not_parquet_is_refused_without_quoting_it(camp: CampFile, tmp_path: Path) -> None:
    folder = data_set(tmp_path / "bad", name="BAD")
    (folder / "data.parquet").write_text("000012345;secret")
    with pytest.raises(DataError, match="not a Parquet file") as caught:
        register(camp, folder)
    assert "secret" not in str(caught.value)
    assert [path.name for path in (camp.folder / "microdata").iterdir()] == [DATA_SET]


def test_data_without_the_unit_of_the_codebook_are_refused(camp: CampFile, tmp_path: Path) -> None:
    folder = data_set(tmp_path / "bad", name="BAD")
    pq.write_table(pa.table({"wijk": ["28"]}), folder / "data.parquet")
    with pytest.raises(CodebookError, match="person"):
        register(camp, folder)


@pytest.mark.parametrize("name", ["has space", "1ST", ".hidden", "naïve"])
def test_a_name_that_no_data_set_has_is_refused(camp: CampFile, tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInputError, match="named by"):
        register(camp, data_set(tmp_path / "named", name=name))


def test_links_are_not_copied(camp: CampFile, tmp_path: Path) -> None:
    folder = data_set(tmp_path / "linked", name="LINKED")
    (folder / "data.parquet").rename(tmp_path / "elsewhere")
    (folder / "data.parquet").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DataError):
        register(camp, folder)


@pytest.mark.parametrize("stop", [begin_closing, lambda folder: freeze(folder, "A telephone.", NOW)])
def test_a_camp_that_is_stopped_while_a_data_set_is_read_does_not_get_it(
    camp: CampFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: Callable[[Path], object]
) -> None:
    checked = catalogue._check

    def meanwhile(one: CampFile, folder: Path, name: str) -> None:
        checked(one, folder, name)
        if not is_frozen(one.folder):
            stop(one.folder)

    monkeypatch.setattr(catalogue, "_check", meanwhile)
    with pytest.raises(FrozenError):
        register(camp, data_set(tmp_path / "other", name="LATE"))
    assert [path.name for path in (camp.folder / "microdata").iterdir()] == [DATA_SET]


@pytest.mark.parametrize("as_file", [False, True])
def test_no_other_command_of_an_organiser_works_on_the_camp_while_a_data_set_is_registered(
    camp: CampFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, as_file: bool
) -> None:
    told: list[str] = []
    checked, folder = catalogue._check, data_set(tmp_path / "other", name="LATE")
    (tmp_path / "archive").mkdir()

    def meanwhile(one: CampFile, *rest: Any) -> None:
        with pytest.raises(StateError, match="Another command"):
            close_camp(one, tmp_path / "archive", None, now=lambda: NOW, told=told.append)
        checked(one, *rest)

    monkeypatch.setattr(catalogue, "_check", meanwhile)
    given = ["--codebook", str(folder / "codebook.toml"), "--name", "HOMES", "--year", "2022"] if as_file else []
    source = folder / "data.parquet" if as_file else folder
    call = ["data", "register", str(source), "--camp", str(camp.folder), *given]
    assert run(call) == 0
    assert told == []
    monkeypatch.setattr("workspace.further_commands._PATIENCE", 0.1)
    with alone(camp.folder):
        assert run([*call[:-1], "2023"] if as_file else call) == 1
    close_camp(camp, tmp_path / "archive", None, now=lambda: NOW, told=told.append)
    assert run([*call[:-1], "2023"] if as_file else call) == 1
    assert not list((camp.folder / "microdata").iterdir())


def test_a_copy_that_fails_leaves_nothing(camp: CampFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("workspace.catalogue.write_atomically", full)
    with pytest.raises(BadInputError, match="could not be copied"):
        register(camp, data_set(tmp_path / "other", name="OTHER"))
    assert [path.name for path in (camp.folder / "microdata").iterdir()] == [DATA_SET]
