"""Results of own code, texts and files: never safe, put before a person with what can be known of them."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import disclosure as sdc
from disclosure.errors import BadInputError, DataError, DatakampError, DocumentError, RefusedError
from disclosure.exchange.written import LONGEST_BODY, ResultValues, SubmittedText, WrittenKind
from disclosure.exchange.written_records import LONGEST_RECORDS
from disclosure.model.verdicts import Status
from disclosure.notebook.basket import Basket
from disclosure.notebook.basket_items import result_values
from disclosure.notebook.own_files import MAXIMUM_BYTES
from disclosure.notebook.own_results import MAXIMUM_CHARACTERS
from tests.disclosure.support import UNIT, heads

CANARY = "CANARY-900011223"
FRAME = heads({"a": 40, "b": 30})
ASKED: dict[str, Any] = {"support": FRAME, "by": "group", "unit": UNIT, "policy": "abs"}


# ------------------------------------------------------------------------------------------------------------ results
@pytest.mark.parametrize(
    "values",
    [
        {"a": 1.5, "b": 2},
        [1.5, 2],
        np.array([1.5, 2.0]),
        np.zeros((2, 5)),
        pd.Series([1, 2], index=["a", "b"]),
        pd.DataFrame({"x": [1, 2], "note": ["low", "high"]}),
        5,
        "strong",
        True,
    ],
)
def test_a_result_is_inconclusive_with_its_support_judged(values: Any) -> None:
    out = sdc.result(values, **ASKED)
    assert out.verdict.status is Status.INCONCLUSIVE
    assert "the judgement of a reviewer" in repr(out)
    assert out.support.verdict.status is Status.SAFE
    assert "the groups behind the figures are large enough" in repr(out)
    assert "40" in repr(out)
    assert "40" in out._repr_html_()


def test_small_groups_behind_a_result_are_told() -> None:
    out = sdc.result({"a": 1, "b": 2}, **{**ASKED, "support": heads({"a": 40, "b": 3})})
    assert out.support.verdict.status is Status.UNSAFE
    assert out.verdict.status is Status.INCONCLUSIVE
    assert "larger groups" in repr(out)
    assert "large enough" not in repr(out)


def test_a_support_without_a_unit_is_told() -> None:
    out = sdc.result({"a": 1}, support=FRAME, by="group")
    assert out.support.verdict.status is Status.INCONCLUSIVE
    assert "the size of the groups" in repr(out)


def test_a_result_with_more_rows_than_groups_is_refused() -> None:
    assert sdc.result([1, 2, 3], **ASKED).values.shape == (3, 1)
    with pytest.raises(RefusedError, match="more rows than there are groups"):
        sdc.result([1, 2, 3, 4], **ASKED)


def test_one_figure_per_unit_is_refused_also_without_groups() -> None:
    whole = {**ASKED, "by": ()}
    assert sdc.result(list(range(69)), **whole).support.verdict.status is Status.SAFE
    with pytest.raises(RefusedError, match="as residuals do"):
        sdc.result(list(range(70)), **whole)


class Fitted:
    """Stands for an object that a package made."""

    def __len__(self) -> int:
        return 1


@pytest.mark.parametrize(
    "values",
    [
        Fitted(), len, lambda: 1, None, {1, 2}, object, b"x", np.zeros((2, 2, 2)), [], {}, pd.DataFrame(),
        [Fitted()], {"a": [1, 2]}, pd.Series([[1]]), np.zeros(10_001), pd.Series([b"x"]),
    ],
)  # fmt: skip
def test_other_things_are_no_results(values: Any) -> None:
    with pytest.raises(BadInputError):
        sdc.result(values, **ASKED)


def test_a_result_does_not_change_with_what_it_was_made_from() -> None:
    values = pd.DataFrame({"x": [1, 2]})
    out = sdc.result(values, **ASKED)
    values.loc[0, "x"] = 99
    assert out.values.loc[0, "x"] == 1


# -------------------------------------------------------------------------------------------------------------- texts
def test_a_text_is_inconclusive_and_what_looks_like_an_identifier_is_told_by_line_and_not_shown_again() -> None:
    out = sdc.text("Incomes rose.\nAsk jan@example.org.")
    assert out.verdict.status is Status.INCONCLUSIVE
    said = [str(what) for what in out.verdict.missing]
    assert any("line 2" in one and "e-mail" in one for one in said)
    assert not any("jan" in one for one in said)
    assert len(sdc.text("Incomes rose.").verdict.missing) == 1


def test_a_text_has_a_length_and_is_one() -> None:
    assert sdc.text("x" * MAXIMUM_CHARACTERS).body
    for wrong in ("x" * (MAXIMUM_CHARACTERS + 1), "", "  ", None, 5, b"x"):
        with pytest.raises(BadInputError):
            sdc.text(wrong)  # type: ignore[arg-type]


def test_a_text_is_not_markup() -> None:
    assert "<script" not in sdc.text("<script>alert(1)</script>")._repr_html_()


# -------------------------------------------------------------------------------------------------------------- files
def part(kind: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PNG = b"\x89PNG\r\n\x1a\n" + part(b"IHDR", bytes(13)) + part(b"IDAT", b"x") + part(b"IEND")
SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>\n'
GOOD = {
    "a.png": PNG,
    "A.PNG": PNG,
    "a.svg": SVG,
    "a.csv": b"wijk,n\r\n28,40\r\n",
    "a.txt": "één regel\n".encode(),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_file_of_a_known_kind_is_inconclusive(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(GOOD[name])
    out = sdc.file(path)
    assert out.verdict.status is Status.INCONCLUSIVE
    assert out.file.data == GOOD[name]
    assert len(out.verdict.missing) == 1
    assert name in repr(sdc.file(str(path)))


def test_a_file_that_cannot_be_handed_in_says_so_and_what_can(tmp_path: Path) -> None:
    said = {".png": "sdc.figure", ".svg": "sdc.figure", ".csv": "sdc.table"}
    for name, data in GOOD.items():
        (tmp_path / name).write_bytes(data)
        (needs,) = map(str, sdc.file(tmp_path / name).verdict.missing)
        kind = Path(name).suffix.lower()
        assert ("cannot be handed in" in needs) is (kind in said)
        assert said.get(kind, "judgement of a reviewer") in needs
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7")
    with pytest.raises(RefusedError, match="Of these txt, md can be handed in"):
        sdc.file(tmp_path / "a.pdf")


def test_what_is_written_in_or_beside_a_picture_is_scanned(tmp_path: Path) -> None:
    beside = PNG[:-12] + part(b"tEXt", b"Comment\0jan@example.org") + part(b"IEND")
    inside = SVG.replace(b"<path", b"<text>jan@example.org</text><path")
    for name, data in {"a.png": beside, "a.svg": inside, "a.csv": b"mail\njan@example.org\n"}.items():
        (tmp_path / name).write_bytes(data)
        assert any("e-mail" in str(what) for what in sdc.file(tmp_path / name).verdict.missing), name


BAD_FILES: dict[str, tuple[str, bytes, str]] = {
    "a PDF": ("a.pdf", b"%PDF-1.7", "png, svg, csv, txt"),
    "a pickle": ("a.pkl", b"\x80\x04", "png, svg, csv, txt"),
    "no ending": ("a", b"x", "png, svg, csv, txt"),
    "a notebook": ("a.ipynb", b"{}", "png, svg, csv, txt"),
    "a PNG that is none": ("a.png", b"GIF89a", "does not hold a PNG"),
    "a PNG cut off": ("a.png", PNG[:-3], "cut off"),
    "something behind a PNG": ("a.png", PNG + b"rows", "cut off, or something"),
    "a PNG with metadata": ("a.png", PNG[:-12] + part(b"eXIf", b"x") + part(b"IEND"), "more than a picture"),
    "a PNG with a packed text": ("a.png", PNG[:-12] + part(b"zTXt", b"x") + part(b"IEND"), "more than a picture"),
    "an SVG that is none": ("a.svg", b"<html></html>", "does not hold an SVG"),
    "an SVG with a script": ("a.svg", SVG.replace(b"<path", b"<script>1</script><path"), "runs or loads"),
    "an SVG with an event": ("a.svg", SVG.replace(b"<path", b'<path onclick="1"'), "runs or loads"),
    "an SVG with a picture": ("a.svg", SVG.replace(b"<path", b'<image href="data:x"/><path'), "runs or loads"),
    "an SVG with a link": ("a.svg", SVG.replace(b"<path", b'<a href="http://x"/><path'), "runs or loads"),
    "an SVG with an entity": ("a.svg", SVG.replace(b"<svg", b'<!DOCTYPE svg [<!ENTITY a "b">]><svg'), "SVG"),
    "a csv that is not text": ("a.csv", b"\xff\xfe\x00", "UTF-8"),
    "a csv with a zero": ("a.csv", b"a\0b", "control characters"),
    "an empty file": ("a.txt", b"", "empty"),
    "a file too large": ("a.txt", b"x" * (MAXIMUM_BYTES + 1), "a.txt"),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_file_of_another_kind_is_refused(case: str, tmp_path: Path) -> None:
    name, data, said = BAD_FILES[case]
    (tmp_path / name).write_bytes(data)
    with pytest.raises(DatakampError) as caught:
        sdc.file(tmp_path / name)
    assert said in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def test_a_file_that_is_absent_a_folder_or_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.txt").mkdir()
    (tmp_path / "real.txt").write_text(CANARY)
    (tmp_path / "link.txt").symlink_to(tmp_path / "real.txt")
    for name in ("none.txt", "folder.txt", "link.txt"):
        with pytest.raises(DataError):
            sdc.file(tmp_path / name)
    with pytest.raises(BadInputError):
        sdc.file(5)  # type: ignore[arg-type]


def test_the_largest_file_is_read_and_scanned(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"x " * (MAXIMUM_BYTES // 2))
    assert sdc.file(tmp_path / "a.txt").verdict.status is Status.INCONCLUSIVE


# ------------------------------------------------------------------------------------------------------------- basket
TOLD = {"title": "Own", "population": "everybody"}


def test_the_basket_takes_texts_files_and_results_in_their_one_spelling(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"# Head\r\n\r\n- one\t\n\n")
    basket = Basket()
    basket.add(sdc.text("  e\u0301en "), name="note", **TOLD)
    basket.add(sdc.file(tmp_path / "a.md"), name="file", **TOLD)
    basket.add(sdc.result({"gap": 1234567.8, "none": None}, **ASKED), name="own", **TOLD)
    assert [(one.name, one.kind.value, one.body) for one in basket.texts] == [
        ("note", "text", "  éen"),
        ("file", "markdown", "# Head\n\n- one"),
        ("own", "result", '{"columns":["index","value"],"labels":1,"rows":[["gap","1234570"],["none",null]]}'),
    ]
    assert [(one.name, one.title) for one in basket.outputs] == [("own-support", "Own")]
    assert basket.texts[2].support == "own-support"
    assert set(basket.claims()) == {"own-support"}


def test_records_are_texts_in_the_order_of_their_values_and_never_safe() -> None:
    frame = pd.DataFrame(
        {
            "sexe": pd.Categorical(["v", "m", "v"]),
            "klasse": [" 18+", None, "0-17"],
            "inkomen": [1234567.8, float("nan"), -0.5],
            "n": [3, 2, 1],
        },
        index=[7, 8, 9],
    )
    made = sdc.records(frame)
    assert made.verdict.status is Status.INCONCLUSIVE
    assert "microdata release" in repr(made)
    basket = Basket()
    basket.add(made, name="rows", **TOLD)
    (one,) = basket.texts
    assert (one.kind.value, one.support) == ("records", "")
    assert one.body == "sexe;klasse;inkomen;n\nm;;;2\nv;0-17;-0.5;1\nv;18+;1234570;3"


@pytest.mark.parametrize("value", ["a;b", 'a"b', "a\nb", "x" * 201, b"x", [1]])
def test_a_field_that_could_be_read_in_two_ways_is_no_part_of_a_record(value: object) -> None:
    with pytest.raises(BadInputError):
        sdc.records(pd.DataFrame({"a": [value], "b": ["x"]}))


@pytest.mark.parametrize(
    "body",
    ["a;b", "a;b\nx", "a;a\n1;2", ";b\n1;2", "a;b\n2;1\n1;1", "a;b\n1; 2", 'a;b\n1;"2"', "a\n\n", "a;b\n1;2\n", ""],
)
def test_records_have_one_spelling(body: str) -> None:
    with pytest.raises(DocumentError):
        SubmittedText("rows", "Rows", "all", "", WrittenKind.RECORDS, body)


def test_a_file_of_records_has_a_greatest_length() -> None:
    body = "a;b\n" + "\n".join(["1;2"] * (LONGEST_RECORDS // 4 - 1))
    assert len(body) == LONGEST_RECORDS - 1
    assert SubmittedText("rows", "Rows", "all", "", WrittenKind.RECORDS, body).body == body
    with pytest.raises(DocumentError, match="1,000,000 characters"):
        SubmittedText("rows", "Rows", "all", "", WrittenKind.RECORDS, body + "\n1;2")


def test_they_are_shown_in_the_basket_as_what_people_must_decide_on() -> None:
    basket = Basket()
    basket.add(sdc.text("note"), name="note", **TOLD)
    assert "note: ? Inconclusive" in repr(basket)
    assert "Inconclusive" in basket._repr_html_()


@pytest.mark.parametrize(
    ("name", "data", "said", "instead"),
    [
        ("a.csv", b"wijk,n\n28,40\n", "csv file is a table", "sdc.table"),
        ("a.png", PNG, "picture from elsewhere", "sdc.figure"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", "picture from elsewhere", "sdc.figure"),
    ],
)
def test_a_table_or_picture_from_elsewhere_is_refused_and_the_way_that_works_is_named(
    tmp_path: Path, name: str, data: bytes, said: str, instead: str
) -> None:
    (tmp_path / name).write_bytes(data)
    basket = Basket()
    with pytest.raises(RefusedError, match=said) as caught:
        basket.add(sdc.file(tmp_path / name), name="own", **TOLD)
    assert instead in caught.value.hint
    assert len(basket) == 0


def test_a_text_as_long_as_a_submission_takes_is_taken_and_a_longer_file_is_not(tmp_path: Path) -> None:
    basket = Basket()
    basket.add(sdc.text("x" * LONGEST_BODY), name="long", **TOLD)
    (tmp_path / "a.txt").write_text("x" * (LONGEST_BODY + 1))
    with pytest.raises(DocumentError, match="20,000 characters"):
        basket.add(sdc.file(tmp_path / "a.txt"), name="longer", **TOLD)
    assert len(basket) == 1


@pytest.mark.parametrize("body", ["a\u200bb", "a\u202eb", "a\x1b[2K"])
def test_a_text_with_characters_that_nobody_sees_is_not_taken(body: str) -> None:
    basket = Basket()
    with pytest.raises(DocumentError, match="visible characters"):
        basket.add(sdc.text(body), name="note", **TOLD)
    assert len(basket) == 0


def test_a_result_whose_support_could_not_be_judged_is_not_taken() -> None:
    basket = Basket()
    with pytest.raises(RefusedError, match="inconclusive"):
        basket.add(sdc.result(1, support=heads({"a": 40}), policy="abs"), name="own", **TOLD)
    assert len(basket) == 0


def test_labels_are_kept_whole_and_figures_at_six_digits() -> None:
    frame = pd.DataFrame(
        {"share": [1 / 3, np.float32(0.1), np.inf], "n": [12, True, "few"]}, index=["05180101", "b", "c"]
    )
    values = result_values(frame)
    assert values.columns == ("index", "share", "n")
    assert values.rows == (("05180101", "0.333333", "12"), ("b", "0.1", "True"), ("c", None, "few"))


@pytest.mark.parametrize(
    ("entry", "taken"), [("123456", True), ("1234567", False), ("1.23456", True), ("1.2e-7", True)]
)
def test_a_figure_of_a_result_has_at_most_six_digits(entry: str, taken: bool) -> None:
    assert ResultValues(("label", "value"), 1, (("1234567", "1"),)).labels == 1
    if taken:
        assert ResultValues(("value",), 0, ((entry,),)).rows == ((entry,),)
    else:
        with pytest.raises(DocumentError, match="6 significant digits"):
            ResultValues(("value",), 0, ((entry,),))
