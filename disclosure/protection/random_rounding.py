"""Random rounding of counts: up with a probability that makes it right on average.

Source: *Handbook on Statistical Disclosure Control*, 2nd edition, chapter 5: a count with residual r to the base b goes
up with probability r/b and down otherwise; to base 3 a residual of 1 goes down with probability 2/3. Multiples of the
base stay. Chance comes from the cell key and a secret of the office (`cell_key`), so the same units are rounded the
same way in every table: repeating a table, under whatever name, gives the same figure.

A function of the library for trusted code that holds the secret; no policy asks for the method yet.
"""

from __future__ import annotations

from fractions import Fraction

from disclosure.errors import BadInputError
from disclosure.protection.cell_key import OfficeSecret, derived_draw


def rounded_at_random(n: int, base: int, key: Fraction, secret: OfficeSecret) -> int:
    """Return a count rounded to a neighbouring multiple of the base, the same for the same cell key.

    Args:
        key: the cell key of the units that are counted.

    Raises:
        BadInputError: the count is negative, or the base is below 2.
    """
    return rounded_by_draw(n, base, derived_draw(key, secret, purpose="random rounding"))


def rounded_by_draw(n: int, base: int, draw: Fraction) -> int:
    """Return a count rounded by a number that is uniform from 0 to 1: up if that is below r/b.

    >>> [rounded_by_draw(4, 3, draw) for draw in (Fraction(0), Fraction("0.33"), Fraction(1, 3), Fraction("0.9"))]
    [6, 6, 3, 3]
    """
    if n < 0 or base < 2:
        raise BadInputError("A count of at least 0 is rounded to a base of at least 2.")
    whole, residual = divmod(n, base)
    return base * (whole + (draw * base < residual))


def random_rounding_interval(shown: int, base: int) -> tuple[int, int]:
    """Return the smallest and the largest count that may be shown as this multiple of the base.

    >>> random_rounding_interval(0, 3), random_rounding_interval(6, 3)
    ((0, 2), (4, 8))
    """
    return max(0, shown - base + 1), shown + base - 1
