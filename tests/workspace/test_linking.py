"""`datakamp data link`: keys instead of identifiers, how many were found, and nothing of it in a camp."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datakamp import run
from disclosure.errors import BadInputError, DataError, DatakampError
from workspace.linking import Linked, link

OWNERS = "BSN;NAAM;REGELING\n000000012;Jansen;01\n34;Smit;02\n;De Vries;01\n99;Bakker;02\n34;Smit;03\n"
KEYS = "BSN;RINPERSOONS;RINPERSOON\n12;R;000000777\n000000034;R;000000888\n"


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    owners, keys = tmp_path / "owners.csv", tmp_path / "keys.csv"
    owners.write_text(OWNERS)
    keys.write_text(KEYS)
    return owners, keys, tmp_path / "linked.parquet"


def test_rows_get_the_offices_keys_and_no_identifier_is_left(files: tuple[Path, Path, Path]) -> None:
    done = link(*files, by="BSN", drop=["NAAM"])
    assert done == Linked(rows=5, linked=3, units=2, dropped=("BSN", "NAAM"))
    assert done.rate == pytest.approx(0.6)
    assert pq.read_table(files[2]).to_pylist() == [
        {"RINPERSOONS": "R", "RINPERSOON": "000000777", "REGELING": "01"},
        {"RINPERSOONS": "R", "RINPERSOON": "000000888", "REGELING": "02"},
        {"RINPERSOONS": "R", "RINPERSOON": "000000888", "REGELING": "03"},
    ]
    assert files[2].stat().st_mode & 0o077 == 0
    assert sorted(one.name for one in files[2].parent.iterdir()) == ["keys.csv", "linked.parquet", "owners.csv"]


@pytest.mark.parametrize("numbers", [pa.int64(), pa.float64(), pa.string()])
def test_an_identifier_that_was_read_as_a_number_finds_its_key(
    files: tuple[Path, Path, Path], tmp_path: Path, numbers: Any
) -> None:
    owners = tmp_path / "owners.parquet"
    pq.write_table(pa.table({"BSN": pa.array([12, 34, None]).cast(numbers), "a": [1, 2, 3]}), owners)
    assert link(owners, files[1], files[2], by="BSN").linked == 2


@given(st.lists(st.integers(1, 40), max_size=30), st.sets(st.integers(1, 40), min_size=1))
def test_as_many_rows_are_linked_as_have_their_identifier_in_the_list(
    tmp_path_factory: pytest.TempPathFactory, wanted: list[int], known: set[int]
) -> None:
    folder = tmp_path_factory.mktemp("link")
    pq.write_table(pa.table({"id": pa.array(wanted, pa.int64())}), folder / "a.parquet")
    names = pa.array([f"{one:09}" for one in known])
    pq.write_table(pa.table({"id": names, "key": pa.array([str(one) for one in known])}), folder / "k.parquet")
    found = sorted(str(one) for one in wanted if one in known)
    if not found:
        with pytest.raises(BadInputError, match="found a key"):
            link(folder / "a.parquet", folder / "k.parquet", folder / "o.parquet", by="id")
        return
    done = link(folder / "a.parquet", folder / "k.parquet", folder / "o.parquet", by="id")
    assert pq.read_table(folder / "o.parquet")["key"].to_pylist() == found
    assert (done.rows, done.linked, done.units) == (len(wanted), len(found), len(set(found)))


@pytest.mark.parametrize(("change", "told"), [
    ({"by": "SOFI"}, "has no column 'SOFI'"), ({"drop": ["ADRES"]}, "no column ADRES"),
    ({"least": 0.61}, "3 of 5 rows"), ({"out": "owners.csv"}, "there already"), ({"out": "linked.csv"}, "parquet"),
    ({"out": "no/linked.parquet"}, "written"),
])  # fmt: skip
def test_what_cannot_be_linked_is_told_and_nothing_is_written(
    files: tuple[Path, Path, Path], tmp_path: Path, change: dict[str, Any], told: str
) -> None:
    asked: dict[str, Any] = {"by": "BSN", **change}
    out = tmp_path / asked.pop("out", "linked.parquet")
    with pytest.raises(BadInputError, match=told):
        link(files[0], files[1], out, **asked)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["keys.csv", "owners.csv"]


def test_the_least_part_is_reached_by_just_as_many(files: tuple[Path, Path, Path]) -> None:
    assert link(*files, by="BSN", least=0.6).linked == 3


@pytest.mark.parametrize(("keys", "told"), [
    (KEYS + "034;R;000000999\n", "1 identifiers more than once"), ("BSN\n12\n", "no column of a key"),
    ("BSN;NAAM\n12;x\n", "Both files have NAAM"),
])  # fmt: skip
def test_a_list_that_is_none_is_refused_without_a_value(files: tuple[Path, Path, Path], keys: str, told: str) -> None:
    files[1].write_text(keys)
    with pytest.raises((BadInputError, DataError), match=told) as refused:
        link(*files, by="BSN")
    assert "034" not in str(refused.value)
    assert not files[2].exists()


@pytest.mark.parametrize("place", [0, 1, 2])
def test_nothing_of_it_lies_in_a_camp(files: tuple[Path, Path, Path], tmp_path: Path, place: int) -> None:
    camp = tmp_path / "camp" / "microdata"
    camp.mkdir(parents=True)
    (camp.parent / "camp.toml").write_text("")
    inside = camp / files[place].name
    if files[place].exists():
        files[place].rename(inside)
    moved = [inside if number == place else file for number, file in enumerate(files)]
    with pytest.raises(BadInputError, match="lies in the camp 'camp'"):
        link(moved[0], moved[1], moved[2], by="BSN")


def test_the_command_tells_how_many_were_found(
    files: tuple[Path, Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    owners, keys, out = map(str, files)
    assert run(["data", "link", owners, "--keys", keys, "--by", "BSN", "--drop", "NAAM", "--out", out]) == 0
    assert "3 of 5 rows found a key (60.0%); 2 different keys." in capsys.readouterr().out
    assert run(["data", "link", owners, "--keys", keys, "--by", "BSN", "--out", out]) == 2


@pytest.mark.parametrize("values", [[12.5, 34.0], [[12], [34]]])
def test_what_is_no_identifier_is_told_without_its_value(
    files: tuple[Path, Path, Path], tmp_path: Path, values: list[Any]
) -> None:
    pq.write_table(pa.table({"BSN": values, "a": [1, 2]}), tmp_path / "owners.parquet")
    with pytest.raises(DataError, match="no column of identifiers") as refused:
        link(tmp_path / "owners.parquet", files[1], files[2], by="BSN")
    assert "12" not in str(refused.value)


def test_a_file_that_is_none_is_bad_input(files: tuple[Path, Path, Path], tmp_path: Path) -> None:
    (tmp_path / "owners.sav").write_bytes(b"no sav")
    with pytest.raises(DatakampError):
        link(tmp_path / "owners.sav", files[1], files[2], by="BSN")


def test_a_column_with_identifiers_of_others_does_not_come_along(tmp_path: Path) -> None:
    owners, keys, out = tmp_path / "owners.csv", tmp_path / "keys.csv", tmp_path / "out.parquet"
    numbers = [str(100_000_000 + one) for one in range(40)]
    keys.write_text("BSN;RINPERSOON\n" + "".join(f"{bsn};{place:09}\n" for place, bsn in enumerate(numbers)))

    def of_partners(known: int) -> None:
        partners = [*numbers[:known], *(str(900_000_000 + one) for one in range(40 - known))]
        owners.write_text("BSN;PARTNER\n" + "".join(f"{a};{b}\n" for a, b in zip(numbers, partners, strict=True)))

    of_partners(2)  # one in twenty
    with pytest.raises(BadInputError, match="PARTNER") as refused:
        link(owners, keys, out, by="BSN")
    assert not out.exists()
    assert not any(one in str(refused.value) for one in numbers)
    assert link(owners, keys, out, by="BSN", keep=["PARTNER"]).linked == 40
    out.unlink()
    of_partners(1)
    assert link(owners, keys, out, by="BSN").linked == 40


NUMBERS = [123_456_700 + one for one in range(40)]


def linked_with(folder: Path, column: Any, numbers: list[Any] = NUMBERS, **asked: Any) -> list[str]:
    """Link a file with one more column, and return which columns came of it."""
    out = folder / "out.parquet"
    pq.write_table(pa.table({"BSN": numbers, "more": column}), folder / "owners.parquet")
    pq.write_table(pa.table({"BSN": numbers, "RINPERSOON": list(range(len(numbers)))}), folder / "keys.parquet")
    link(folder / "owners.parquet", folder / "keys.parquet", out, by="BSN", **asked)
    return list(pq.read_table(out).column_names)


def texts(form: str) -> pa.Array:
    return pa.array([form.format(one, str(one)[:4], str(one)[4:6], str(one)[6:]) for one in NUMBERS])


FLOATS = [float(one) for one in NUMBERS]


@pytest.mark.parametrize("column", [
    pa.array([float("nan"), *FLOATS[1:]], from_pandas=False), pa.array([0.5, *FLOATS[1:]]),
    pa.array([1e300, *FLOATS[1:]]), pa.array([float("inf")] * 36 + FLOATS[36:]), pa.array(FLOATS).cast(pa.float32()),
    pa.array(FLOATS).cast(pa.decimal128(20, 1)), pa.array(NUMBERS).cast(pa.decimal128(20, 0)),
    pa.array([[one] for one in NUMBERS]), pa.array([[], [1.5, None], *([one] for one in FLOATS[2:])]),
    pa.array([{"child": {"bsn": one}, "n": 1} for one in NUMBERS]),
    pa.array([[("a", one)] for one in NUMBERS], pa.map_(pa.string(), pa.int64())),
    texts("{0}").dictionary_encode(), texts("{0}.0"), texts(" {0},00"), texts("{1}.{2}.{3}"), texts("{1} {2} {3}"),
    texts("BSN {0}"), texts("NL-{1}.{2}.{3}."), texts("000{0}"),
])  # fmt: skip
def test_identifiers_are_found_however_a_column_holds_them(tmp_path: Path, column: pa.Array) -> None:
    with pytest.raises(BadInputError, match="more: values of that stand among the identifiers") as refused:
        linked_with(tmp_path, column)
    assert "1234567" not in str(refused.value)
    assert not (tmp_path / "out.parquet").exists()
    assert linked_with(tmp_path, column, keep=["more"]) == ["RINPERSOON", "more"]


@pytest.mark.parametrize("column", [
    pa.array([one + 0.5 for one in NUMBERS]), pa.array([float("nan")] * 40, from_pandas=False), pa.nulls(40),
    pa.array([1.5 * one for one in range(40)]), pa.array([date(2022, 1, 1)] * 40), pa.array([True] * 40),
    pa.array([[one, one + 100] for one in range(40)]), pa.array(["2511 AB", "Laan 12", "18-25", "n.v.t."] * 10),
    pa.array([FLOATS[0], *(0.5 for _ in range(39))]), pa.array([[NUMBERS[0]], *([1, 2] for _ in range(39))]),
    pa.array([FLOATS[0] / 100] * 40).cast(pa.decimal128(20, 2)), pa.array([one + 1000 for one in NUMBERS]),
])  # fmt: skip
def test_what_is_no_identifier_comes_along(tmp_path: Path, column: pa.Array) -> None:
    assert linked_with(tmp_path, column) == ["RINPERSOON", "more"]


@pytest.mark.parametrize("numbers", [list(range(10_000, 10_040)), list(range(2500, 2540))])
def test_short_identifiers_are_not_looked_for_within_texts(tmp_path: Path, numbers: list[int]) -> None:
    assert linked_with(tmp_path, [f"{one} AB" for one in numbers], numbers) == ["RINPERSOON", "more"]
    (tmp_path / "out.parquet").unlink()
    with pytest.raises(BadInputError, match="stand among"):
        linked_with(tmp_path, [f"{one},0" for one in numbers], numbers)


@pytest.mark.parametrize("column", [NUMBERS, FLOATS, [f"{one},0" for one in NUMBERS]])
def test_identifiers_with_dots_in_the_list_are_found_without_them(tmp_path: Path, column: list[Any]) -> None:
    dotted = texts("{1}.{2}.{3}").to_pylist()
    with pytest.raises(BadInputError, match="stand among"):
        linked_with(tmp_path, column, dotted)
    assert linked_with(tmp_path, [one + 1000 for one in NUMBERS], dotted) == ["RINPERSOON", "more"]


def test_amounts_are_no_identifiers_without_their_decimal_sign(tmp_path: Path) -> None:
    amounts = [f"{one // 100},{one % 100:02}" for one in NUMBERS]
    assert linked_with(tmp_path, amounts) == ["RINPERSOON", "more"]


def test_what_cannot_be_compared_comes_along_only_if_it_is_named(tmp_path: Path) -> None:
    column = pa.array([b"\xff\xfe"] * 40)
    with pytest.raises(BadInputError, match="more: values of that cannot be compared"):
        linked_with(tmp_path, column)
    assert not (tmp_path / "out.parquet").exists()
    assert linked_with(tmp_path, column, keep=["more"]) == ["RINPERSOON", "more"]


def test_keys_may_be_categories(files: tuple[Path, Path, Path], tmp_path: Path) -> None:
    keys = pa.table({"BSN": ["12", "34"], "RINPERSOON": pa.array(["b", "a"]).dictionary_encode()})
    pq.write_table(keys, tmp_path / "keys.parquet")
    assert link(files[0], tmp_path / "keys.parquet", files[2], by="BSN", drop=["NAAM"]).units == 2
    assert pq.read_table(files[2])["RINPERSOON"].to_pylist() == ["a", "a", "b"]


def test_rows_do_not_keep_the_order_of_the_owners_file(tmp_path: Path) -> None:
    owners, keys, out = tmp_path / "owners.csv", tmp_path / "keys.csv", tmp_path / "out.parquet"
    owners.write_text("BSN;R\n" + "".join(f"{one};{one % 3 + 90}\n" for one in (33, 11, 22, 11)))
    keys.write_text("BSN;RINPERSOON\n11;000000003\n22;000000001\n33;000000002\n")
    link(owners, keys, out, by="BSN")
    assert pq.read_table(out)["RINPERSOON"].to_pylist() == ["000000001", "000000002", "000000003", "000000003"]


def test_nobody_else_may_read_what_is_being_written_and_a_killed_link_is_done_again(
    files: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    aside = files[2].with_name(f".{files[2].name}")
    aside.write_bytes(b"half")
    aside.chmod(0o644)
    seen: list[int] = []
    written = pq.write_table

    def watched(*given: Any, **named: Any) -> None:
        seen.append(aside.stat().st_mode & 0o777)
        written(*given, **named)

    monkeypatch.setattr(pq, "write_table", watched)
    link(*files, by="BSN", drop=["NAAM"])
    assert seen == [0o600]
    assert not aside.exists()


def test_a_link_that_finds_nobody_says_what_was_expected(files: tuple[Path, Path, Path]) -> None:
    files[1].write_text("BSN;RINPERSOON\n")
    with pytest.raises(BadInputError, match=r"0 of 5 rows .*Expected some\."):
        link(*files, by="BSN")
