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
from disclosure.errors import BadInputError, DataError, DatakampError, RefusedError
from disclosure.model.verdicts import Status
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
def test_the_basket_takes_none_of_them_and_says_when_it_will(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("note")
    for out in (sdc.result(1, **ASKED), sdc.text("note"), sdc.file(tmp_path / "a.txt")):
        with pytest.raises(RefusedError, match="come with the review application"):
            sdc.basket().add(out, name="own", title="t", population="p")  # type: ignore[arg-type]
