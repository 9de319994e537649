"""Figures as people read them: few digits, and the signs of the reader's language. Files keep every released digit."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

from disclosure.model.cells import is_number
from disclosure.texts import current_language

SIGNIFICANT: Final = 6
"""So many digits are shown, and the whole part in full."""
HARD_SPACE: Final = "\u00a0"
LEAST_P_VALUE: Final = Decimal("0.0001")
_MOST_DIGITS: Final = 60
_EXACT: Final = Context(prec=4 * _MOST_DIGITS)


def for_people(figure: str, *, is_p_value: bool = False) -> str:
    """Return a figure in at most six significant digits, its whole part in full, with the signs of the language.

    What is no number, or has very many digits, is returned as it is.

    Args:
        figure: canonical decimal text.
        is_p_value: a p value is never shown as zero: where it is less than 0.0001, that is said.

    >>> for_people("32597.416667"), for_people("1234567"), for_people("0.0123456789"), for_people("-2.5")
    ('32,597.4', '1,234,567', '0.0123457', '-2.5')
    >>> for_people("0", is_p_value=True)
    '< 0.0001'
    """
    if not is_number(figure) or len(figure) > _MOST_DIGITS:
        return figure
    number = Decimal(figure)
    if is_p_value and 0 <= number < LEAST_P_VALUE:
        return f"< {in_signs(format(LEAST_P_VALUE, 'f'))}"
    return in_signs(in_few_digits(figure))


def percentage(figure: str) -> str:
    """Return a percentage of 100 with one decimal; what is neither none nor all is not shown as if it were.

    >>> percentage("51.666667"), percentage("50"), percentage("0.004"), percentage("99.996")
    ('51.7', '50.0', '0.004', '99.996')
    """
    if not is_number(figure):
        return figure
    number = Decimal(figure)
    least = min(abs(number), abs(100 - number))
    places = max(1, -least.adjusted()) if least else 1
    return in_signs(format(number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN, _EXACT), "f"))


def in_few_digits(figure: str, *, decimals: int = 0) -> str:
    """Return plain decimal text in at most six significant digits, its whole part and so many decimals in full.

    >>> in_few_digits("32597.416667")
    '32597.4'
    """
    number = Decimal(figure)
    places = max(SIGNIFICANT - 1 - number.adjusted() if number else 0, decimals)
    if -number.as_tuple().exponent > max(places, 0):  # type: ignore[operator]
        number = number.quantize(Decimal(1).scaleb(-max(places, 0)), ROUND_HALF_EVEN, _EXACT)
        number = number.normalize(_EXACT) if places > 0 else number
    return format(number, "f")


def in_signs(figure: str) -> str:
    """Return plain decimal text with the thousands sign and the decimal sign of the reader's language, as figures do.

    >>> in_signs("1234.5"), in_signs("999")
    ('1,234.5', '999')
    """
    minus, digits = ("-", figure[1:]) if figure.startswith("-") else ("", figure)
    whole, point, decimals = digits.partition(".")
    thousands, sign = (HARD_SPACE, ",") if current_language() == "nl" else (",", ".")
    return f"{minus}{int(whole):,}".replace(",", thousands) + (sign + decimals if point else "")
