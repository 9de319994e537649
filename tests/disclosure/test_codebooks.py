"""Codebooks: each complaint names the file and the entry, and what a codebook does not say is the careful answer."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

import disclosure as sdc
from disclosure.errors import CodebookError, IdentifierRefusedError
from disclosure.model.codebooks import Codebook, Column, codebook_from, read_codebook
from disclosure.model.verdicts import RuleName, Status
from tests.disclosure.support import UNIT, failures, heads, status

WHOLE = """
schema = 1
name = "PERSONS"
title = {en = "Persons", nl = "Personen"}
synthetic = true
source = "made up"
unit = ["RINPERSOONS", "RINPERSOON"]
weights = ["gewicht"]
identifiers = ["RINADRES"]

[units]
household = ["RINPERSOONHKW"]

[columns.wijk]
title = "District"
type = "category"
sensitive = false
hierarchy = "place"
categories = {"28" = {en = "Centre", nl = "Centrum"}, "29" = "Coast"}

[columns.uitkering]
not_disclosive = ["geen"]

[columns.inkomen]
type = "number"
decimals = 2
unit_of_measure = "euro"

[hierarchies.place]
levels = ["wijk", "stadsdeel"]
parents = {"28" = "Centrum", "29" = "Kust"}
"""


def book(change: str = "", without: str = "") -> Codebook:
    return codebook_from(tomllib.loads(WHOLE.replace(without, change) if without else WHOLE), where="persons.toml")


def test_a_codebook_says_what_its_file_says() -> None:
    whole = book()
    assert whole.unit == ("RINPERSOONS", "RINPERSOON")
    assert whole.weights == ("gewicht",)
    assert whole.other_units == {"household": ("RINPERSOONHKW",)}
    assert whole.synthetic is True
    assert whole.title["nl"] == "Personen"
    assert whole.columns["wijk"].title["en"] == "District"
    assert whole.columns["wijk"].categories["29"] == {"en": "Coast"}
    assert whole.columns["wijk"].sensitive is False
    assert whole.columns["uitkering"] == Column("uitkering", not_disclosive=("geen",), title={}, categories={})
    assert (whole.columns["inkomen"].decimals, whole.columns["uitkering"].decimals) == (2, 6)
    assert whole.hierarchies["place"].parents["28"] == "Centrum"


def test_every_key_and_identifier_is_one() -> None:
    assert set(book().key_columns()) == {"RINPERSOONS", "RINPERSOON", "RINADRES", "RINPERSOONHKW"}


def test_an_unknown_column_is_sensitive_and_has_no_exemption() -> None:
    unknown = book().column("anything")
    assert (unknown.sensitive, unknown.not_disclosive, unknown.hierarchy, unknown.categories) == (True, (), None, {})


def test_only_a_codebook_that_says_so_is_of_synthetic_data() -> None:
    assert book("", "synthetic = true\n").synthetic is False


@pytest.mark.parametrize(
    ("without", "change", "named"),
    [
        ("schema = 1", "schema = 2", "schema"),
        ("schema = 1\n", "", "schema"),
        ('name = "PERSONS"', "name = 5", "name"),
        ('name = "PERSONS"', "", "name"),
        ('name = "PERSONS"', 'name = ""', "name"),
        ('name = "PERSONS"', 'nmae = "PERSONS"', "nmae"),
        ("synthetic = true", "synthetic = 1", "synthetic"),
        ("synthetic = true", 'synthetic = "yes"', "synthetic"),
        ('unit = ["RINPERSOONS", "RINPERSOON"]', "", "unit"),
        ('unit = ["RINPERSOONS", "RINPERSOON"]', "unit = []", "unit"),
        ('unit = ["RINPERSOONS", "RINPERSOON"]', 'unit = "RINPERSOON"', "unit"),
        ('unit = ["RINPERSOONS", "RINPERSOON"]', 'unit = ["a", "a"]', "unit"),
        ('unit = ["RINPERSOONS", "RINPERSOON"]', 'unit = [""]', "unit"),
        ('weights = ["gewicht"]', "weights = true", "weights"),
        ('identifiers = ["RINADRES"]', "identifiers = [1]", "identifiers"),
        ('household = ["RINPERSOONHKW"]', 'household = "RINPERSOONHKW"', "units.household"),
        ("[units]", "[unit_s]", "unit_s"),
        ('type = "number"', 'type = "float"', "columns.inkomen.type"),
        ("decimals = 2", "decimals = 2.0", "columns.inkomen.decimals"),
        ("decimals = 2", "decimals = -1", "columns.inkomen.decimals"),
        ("decimals = 2", "decimals = 10", "columns.inkomen.decimals"),
        ("decimals = 2", "decimals = true", "columns.inkomen.decimals"),
        ("sensitive = false", 'sensitive = "no"', "columns.wijk.sensitive"),
        ("sensitive = false", "sensitve = false", "columns.wijk"),
        ('hierarchy = "place"', "hierarchy = 1", "columns.wijk.hierarchy"),
        ('hierarchy = "place"', 'hierarchy = "plaats"', "columns.wijk"),
        ('not_disclosive = ["geen"]', 'not_disclosive = "geen"', "columns.uitkering.not_disclosive"),
        ('not_disclosive = ["geen"]', "not_disclosive = [0]", "columns.uitkering.not_disclosive"),
        ('"29" = "Coast"}', '"29" = 5}', "columns.wijk.categories"),
        ('title = "District"', "title = 1", "columns.wijk.title"),
        ("[columns.uitkering]\n", "[columns]\nuitkering = 1\n[columns.other]\n", "columns.uitkering"),
        ('levels = ["wijk", "stadsdeel"]', "levels = 2", "hierarchies.place.levels"),
        ('levels = ["wijk", "stadsdeel"]', "depth = 2", "hierarchies.place"),
        ('"29" = "Kust"}', '"29" = 5}', "hierarchies.place.parents"),
        ('"29" = "Kust"}', '"29" = "29"}', "circle"),
        ('"29" = "Kust"}', '"29" = "Kust", "Kust" = "29"}', "circle"),
    ],
)
def test_each_complaint_names_the_file_and_the_entry(without: str, change: str, named: str) -> None:
    assert without in WHOLE
    with pytest.raises(CodebookError) as caught:
        book(change, without)
    assert "persons.toml" in str(caught.value)
    assert named in str(caught.value)


def test_a_file_that_is_absent_or_no_toml_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(CodebookError, match=r"'none\.toml' cannot be read"):
        read_codebook(tmp_path / "none.toml")
    for data in (b"unit = [", b"\xff\xfe", b"schema = 1\nschema = 1"):
        (tmp_path / "bad.toml").write_bytes(data)
        with pytest.raises(CodebookError, match=r"'bad\.toml' is not TOML"):
            read_codebook(tmp_path / "bad.toml")


def test_a_codebook_is_passed_lies_beside_the_file_or_is_named_by_its_path(tmp_path: Path) -> None:
    frame = heads({"28": 95, "29": 5}).rename(columns={"group": "wijk", UNIT: "RINPERSOON"})
    frame["RINPERSOONS"] = "R"
    path = tmp_path / "persons.parquet"
    frame.to_parquet(path)
    (tmp_path / "book.toml").write_text(WHOLE, encoding="utf-8")
    unknown = sdc.table(path, rows="wijk", unit=["RINPERSOONS", "RINPERSOON"])
    assert failures(unknown, RuleName.GROUP_DISCLOSURE) == {"wijk=28"}
    for given in (tmp_path / "book.toml", str(tmp_path / "book.toml"), book()):
        known = sdc.table(path, rows="wijk", codebook=given)
        assert known.recipe.unit == ("RINPERSOONS", "RINPERSOON")
        assert failures(known, RuleName.GROUP_DISCLOSURE) == set()
    for beside in ("persons.codebook.toml", "persons.parquet.codebook.toml"):
        (tmp_path / beside).write_text(WHOLE, encoding="utf-8")
        assert failures(sdc.table(path, rows="wijk"), RuleName.GROUP_DISCLOSURE) == set()
        (tmp_path / beside).unlink()


def test_a_broken_codebook_beside_a_file_is_not_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "persons.parquet"
    heads({"a": 40}).to_parquet(path)
    (tmp_path / "persons.codebook.toml").write_text("unit = ", encoding="utf-8")
    with pytest.raises(CodebookError):
        sdc.table(path, rows="group", unit=UNIT)


@pytest.mark.parametrize("name", ["RINADRES", "rinadres", "RINPERSOONHKW"])
def test_a_codebooks_identifiers_are_refused_under_every_policy(name: str) -> None:
    frame: Any = heads({"a": 40}).assign(RINPERSOONS="R", RINPERSOON=range(40), **{name: range(40)})
    for policy in ("cbs", "sacro", "abs"):
        with pytest.raises(IdentifierRefusedError, match=name):
            sdc.table(frame, rows=name, unit=["RINPERSOONS", "RINPERSOON"], policy=policy, codebook=book())


def test_values_are_cast_once_to_the_codebooks_decimals() -> None:
    frame = heads({"a": 40}).assign(inkomen=[100.004 + place for place in range(40)])
    kept = sdc.table(frame, values="inkomen", statistic="sum", unit=UNIT)
    named = frame.rename(columns={UNIT: "RINPERSOON"})
    of_persons = book('unit = ["RINPERSOON"]', without='unit = ["RINPERSOONS", "RINPERSOON"]')
    rounded = sdc.table(named, values="inkomen", statistic="sum", codebook=of_persons)
    assert [one.figure for one in kept.table.published()] == ["4780.16"]
    assert [one.figure for one in rounded.table.published()] == ["4780"]
    assert status(rounded) is Status.SAFE
