"""The scan of what people write: what it finds, both sides of every bound, and what does not hide anything from it."""

from __future__ import annotations

import string
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disclosure.errors import BadInputError
from disclosure.screening.bank_accounts import is_iban
from disclosure.screening.plain_text import plain_text
from disclosure.screening.text_scan import MOST_CHARACTERS, Mark, TextTooLongError, is_bsn, masked, scan
from disclosure.screening.written_numbers import SuppressedFigures
from disclosure.texts import language

BSN, KEY = "111222333", "111222334"
IBAN = "NL91ABNA0417164300"
EMAIL = "jan.p@example.org"


def marks(text: str, *figures: object) -> list[str]:
    return [hit.mark.value for hit in scan(text, suppressed=SuppressedFigures.of(figures))]  # type: ignore[arg-type]


# ---------------------------------------------------------------------------------------------------------------- keys
@pytest.mark.parametrize("digits", ["111222333", "123456782", "010101010", "000000012"])
def test_nine_digits_that_pass_the_eleven_test_are_a_bsn(digits: str) -> None:
    assert is_bsn(digits) == (
        sum(int(d) * w for d, w in zip(digits, [9, 8, 7, 6, 5, 4, 3, 2, -1], strict=True)) % 11 == 0
    )
    assert marks(digits) == ["bsn" if is_bsn(digits) else "nine_digit_key"]


def test_a_bsn_has_the_right_checksum() -> None:
    assert marks(f"Persoon {BSN}.") == ["bsn"]
    assert marks(f"Persoon {KEY}.") == ["nine_digit_key"]
    assert marks("000000000") == ["nine_digit_key"]


def test_every_single_wrong_digit_is_no_bsn() -> None:
    for place in range(9):
        for digit in set(string.digits) - {BSN[place]}:
            assert not is_bsn(BSN[:place] + digit + BSN[place + 1 :])


@pytest.mark.parametrize("text", ["11122233", "1112223334", f"1{BSN}", "1.111222333", "111222 333", "12 345 6789"])
def test_fewer_or_more_digits_and_fractions_are_no_key(text: str) -> None:
    assert marks(text) == []


@pytest.mark.parametrize(
    "text", [f"a{BSN}b", f"0,{BSN}", f"({BSN})", f"{BSN}.0", f"-{BSN}", f"x={BSN};", f"RIN{BSN}", f"{BSN}\n"]
)
def test_a_key_is_found_between_other_signs(text: str) -> None:
    assert marks(text) == ["bsn"]


@pytest.mark.parametrize(
    "text", ["111.222.333", "111-222-333", "111 222 333", "1112.22.333", "111_222_333", "5 111.222.333"]
)
def test_a_grouped_bsn_is_found(text: str) -> None:
    assert marks(text) == ["bsn"]


@pytest.mark.parametrize("text", ["111.222.334", "111 222 333 444", "1 111 222 333", "111 222-333"])
def test_other_groups_of_digits_are_no_bsn(text: str) -> None:
    assert marks(text) == []


def test_a_key_that_was_printed_as_a_float_is_found() -> None:
    assert marks("1.11222333e+08") == ["bsn"]
    assert marks("1.11222333e+09") == []
    assert marks("1.1122233e+08") == []


def test_eight_digits_are_a_bsn_only_where_the_text_says_so() -> None:
    assert is_bsn("010000006") is False
    eight = next(f"{n:08}" for n in range(10_000_000, 10_000_100) if is_bsn(f"0{n:08}"))
    wrong = next(f"{n:08}" for n in range(10_000_000, 10_000_100) if not is_bsn(f"0{n:08}"))
    assert marks(eight) == []
    assert marks(f"BSN: {eight}") == ["bsn"]
    assert marks(f"BSN: {wrong}") == []


# ------------------------------------------------------------------------------------------------------------- accounts
@pytest.mark.parametrize(
    "iban", [IBAN, "BE68539007547034", "DE89370400440532013000", "GB29NWBK60161331926819", "NO9386011117947"]
)
def test_an_iban_has_the_right_check_digits_and_length(iban: str) -> None:
    assert is_iban(iban)
    assert marks(f"Rekening {iban}, graag.") == ["iban"]
    assert not is_iban(iban[:2] + f"{(int(iban[2:4]) + 1) % 100:02}" + iban[4:])
    assert "iban" not in marks(iban[:-1])


@pytest.mark.parametrize(
    "text", ["NL91 ABNA 0417 1643 00", "nl91 abna 0417 1643 00", "NL91-ABNA-0417-1643-00", f"IBAN:{IBAN}x"]
)
def test_an_iban_is_found_however_it_is_written(text: str) -> None:
    assert marks(text) == ["iban"]


@pytest.mark.parametrize("text", ["NL92 ABNA 0417 1643 00", "XX91ABNA0417164300", "Nl91ABNA0417164300", "NL91ABNA04"])
def test_what_only_looks_like_an_iban_is_none(text: str) -> None:
    assert "iban" not in marks(text)


# ------------------------------------------------------------------------------------------------------------ addresses
@pytest.mark.parametrize(
    "text",
    ["2511 AB 12", "2511AB 12", "2511ab 12", "2511AB, 12", "2511AB-12a", '"2511AB","12"', "2511AB\t12", "12, 2511 AB",
     "Lange Straat 12\n2511 AB Den Haag", "Straat 12a, 2511 AB", "Straat 12-3 2511AB", "2511AB huisnummer 12",
     '{"postcode": "2511AB", "huisnummer": 12}', "2511AB            99999"],
)  # fmt: skip
def test_a_postcode_with_a_house_number_is_found(text: str) -> None:
    assert set(marks(text)) == {"postcode_house_number"}


@pytest.mark.parametrize(
    "text",
    ["2511 AB", "2511AB Den Haag", "0511 AB 12", "2511 SS 12", "2511 SD 12", "2022 in 12 wijken", "2511 ABC 12",
     "2511AB 12.5", "2511AB 123456", "12511 AB 12", "2511 AB\n\n12"],
)  # fmt: skip
def test_a_postcode_alone_or_something_like_it_is_not(text: str) -> None:
    assert marks(text) == []


@pytest.mark.parametrize(
    "text", [EMAIL, f"<{EMAIL}>", "Jan.P+x@sub.example.co.uk", "jan [at] example.org", "jan(at)example.org",
             "ján@exämple.org", "jan@[127.0.0.1]", "jan%40example.org", "jan&#64;example.org",
             "jan&commat;example&period;org"]
)  # fmt: skip
def test_an_email_address_is_found(text: str) -> None:
    assert marks(text) == ["email"]


@pytest.mark.parametrize(
    "text",
    ["@property", "X @ Y", "a@b", "jan@", "@example.org", "look at example.org", "jan at x.org", "jan\n@example.org"],
)
def test_an_at_sign_alone_is_no_address(text: str) -> None:
    assert marks(text) == []


@pytest.mark.parametrize(
    "text",
    ["06-12345678", "0612345678", "06 12 34 56 78", "070-3373800", "070 337 38 00", "(070) 3373800", "0113-123456",
     "+31612345678", "+31 6 12345678", "+31 (0)70 337 38 00", "0031 70 3373800", "+32 2 555 12 12", "0,0612345678"],
)  # fmt: skip
def test_a_telephone_number_is_found(text: str) -> None:
    assert marks(text) == ["telephone"]


@pytest.mark.parametrize(
    "text", ["06-1234567", "061234567890", "0012345678", "01 02 03 04 05", "0.0612345678", "2022-2023", "+31", "+1.5"]
)
def test_other_numbers_are_no_telephone_number(text: str) -> None:
    assert marks(text) == []


# -------------------------------------------------------------------------------------------------- what does not hide
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("111\x1b[31m222\x1b[0m333", "bsn"),
        ("111\x1b]8;;x\x07222333", "bsn"),
        ("\x1b[111222333m", "bsn"),
        ("\x1b]8;;mailto:jan@example.org\x07x", "email"),
        ("111\u200b222\u2060333", "bsn"),
        ("jan\u200b@exam\u00adple.org", "email"),
        ("jan\uff20example.org", "email"),
        ("\uff11\uff11\uff11222333", "bsn"),
        ("١١١٢٢٢٣٣٣", "bsn"),
        ("111\u00a0222\u202f333", "bsn"),
        ("06\u201112345678", "telephone"),
        ("N\u0332L91ABNA0417164300", "iban"),
        ("111\x00222\x08333", "bsn"),
        ("2511\u2003AB\u200912", "postcode_house_number"),
    ],
)
def test_nothing_hides_behind_how_it_is_stored(text: str, found: str) -> None:
    assert found in marks(text)


def test_a_place_leads_back_to_the_text_as_given() -> None:
    text = "regel een\n\u200b\x1b[1mregel\x1b[0m twee: 111\x1b[31m222\u200b333 é klaar\nIBAN " + IBAN
    first, second = scan(text)
    assert text[first.start : first.end] == "111\x1b[31m222\u200b333"
    assert (first.line, first.column) == (2, text.split("\n")[1].index("111") + 1)
    assert text[second.start : second.end] == IBAN
    assert (second.line, second.column) == (3, 6)


@given(
    st.lists(st.sampled_from(["a", "1", "é", "\u200b", "\x1b[1m", "ﬁ", "&amp;", "\n", " ", "①"]), max_size=40).map(
        "".join
    )
)
def test_every_place_lies_within_the_text_and_they_keep_their_order(text: str) -> None:
    plain = plain_text(text)
    places = [plain.place(index) for index in range(len(plain.text))]
    assert places == sorted(places)
    assert all(0 <= place < len(text) for place in places)


# --------------------------------------------------------------------------------------------------- withheld figures
@pytest.mark.parametrize(
    "text",
    ["1234567.89", "1234567,89", "1,234,567.89", "1.234.567,89", "1 234 567,89", "1_234_567.89", "1'234'567.89",
     "-1234567.89", "1.23456789e6", "1234568", "1.234.568", "1234567.9", "1234567", "€1.234.567,89",
     "123\u200b4567.89", "2021 1 234 568"],
)  # fmt: skip
def test_a_withheld_figure_is_found_however_it_is_written(text: str) -> None:
    assert marks(text, Decimal("1234567.89")) == ["suppressed_value"]


@pytest.mark.parametrize("text", ["1234567.88", "1234566", "234567.89", "12345678.9", "1234569", "x"])
def test_another_figure_is_not(text: str) -> None:
    assert marks(text, Decimal("1234567.89")) == []


def test_numbers_of_fewer_than_four_digits_are_not_compared() -> None:
    assert marks("123", 123) == []
    assert marks("0123 00123", 123) == []
    assert marks("1234", 1234) == ["suppressed_value"]
    assert marks("0.123", Decimal("0.123")) == []
    assert marks("0.1234", Decimal("0.1234")) == ["suppressed_value"]
    assert marks("12.34", Decimal("12.341")) == ["suppressed_value"]
    assert marks("12.3", Decimal("12.341")) == []


def test_a_figure_is_found_in_a_file_with_commas_and_in_a_row_of_columns() -> None:
    assert marks("28,1234,5678", 5678) == ["suppressed_value"]
    assert marks("28,1234,5678", 1234) == ["suppressed_value"]
    assert marks("101 202 303 404", 202303) == ["suppressed_value"]
    assert marks("5 1234 6", 1234) == ["suppressed_value"]


def test_a_withheld_figure_that_is_a_key_too_is_told_as_both() -> None:
    assert sorted(marks(BSN, int(BSN))) == ["bsn", "suppressed_value"]


@pytest.mark.parametrize("figure", [float("nan"), "x", Decimal("Infinity"), None, "1,5"])
def test_a_figure_that_is_no_number_is_bad_input_without_its_value(figure: object) -> None:
    with pytest.raises(BadInputError) as refused:
        SuppressedFigures.of([figure])  # type: ignore[list-item]
    assert str(figure) not in str(refused.value) or figure == "x"


def test_figures_may_be_of_any_exact_kind() -> None:
    assert marks("3.3333 12345.5 -2000", Fraction(10, 3), 12345.5, "2000") == ["suppressed_value"] * 3


@settings(max_examples=60)
@given(st.decimals(min_value=1000, max_value=10**9, places=2))
def test_every_figure_is_found_as_it_is_printed(figure: Decimal) -> None:
    for text in (
        f"{figure}",
        f"{figure:,}",
        f"{figure:.0f}",
        f"n={float(figure)!r}",
        f"{figure:,}".translate({44: 46, 46: 44}),
    ):
        assert "suppressed_value" in marks(text, figure), text


# ------------------------------------------------------------------------------------------------------------ hits
def test_hits_come_in_order_once_each_and_the_wider_one_is_told() -> None:
    text = f"{EMAIL} +31 612345678 {BSN}"
    assert marks(text) == ["email", "telephone", "bsn"]


def test_masking_leaves_nothing_of_what_was_found() -> None:
    text = f"Mail {EMAIL}, bel 06-12345678 of {BSN}; {IBAN}."
    assert masked(text, scan(text)) == "Mail [email], bel [telephone] of [bsn]; [iban]."
    assert masked("niets", scan("niets")) == "niets"
    both = scan(BSN, suppressed=SuppressedFigures.of([int(BSN)]))
    assert BSN not in masked(BSN, both)


@settings(max_examples=60)
@given(
    st.text(alphabet=" ,.;\nabn", max_size=20),
    st.sampled_from([BSN, IBAN, EMAIL, "06-12345678"]),
    st.text(alphabet=" ,;\nxy"),
)
def test_no_hit_and_no_mask_holds_what_was_found(before: str, secret: str, after: str) -> None:
    text = f"{before} {secret} {after}"
    hits = scan(text)
    assert secret in {text[hit.start : hit.end] for hit in hits}
    assert secret not in repr(hits)
    assert secret not in masked(text, hits)


def test_a_text_that_is_too_long_is_refused_not_passed() -> None:
    assert scan("a" * 100) == ()
    with pytest.raises(TextTooLongError, match="longer than"):
        scan("a" * (MOST_CHARACTERS + 1))


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "piece",
    ["1", "1 ", "@", "a@", "a.", "NL91", "2511AB ", "123 ", "\x1b[", "\u200b", "06 ", "(at)", "1,", "&#6", "+3 "],
)
def test_time_grows_with_the_length_of_the_text_only(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    scan(text, suppressed=SuppressedFigures.of([98765]))


@pytest.mark.parametrize("mark", list(Mark))
def test_every_mark_has_words_in_both_languages(mark: Mark) -> None:
    with language("en"):
        english = str(mark.words)
    with language("nl"):
        assert str(mark.words) != english
