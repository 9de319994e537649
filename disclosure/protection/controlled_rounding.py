"""Controlled rounding: every figure to a neighbouring multiple of the base, so that the rounded table still adds up.

Source: *Handbook on Statistical Disclosure Control*, 2nd edition, chapter 5; Cox (1987); Salazar-González (2006). A
multiple of the base stays as it is (the rounding is zero-restricted), any other figure goes to one of the two multiples
beside it, sums hold, and among such tables the nearest is taken. In a table of one or two dimensions there always is
one; in more there need not be. The integer program is solved in `disclosure.engines.controlled_rounding`; what it
answers is checked here, exactly, before anyone sees it.

A function of the library; no policy asks for the method yet, since a rounded count that adds up is known to be within a
base of the true one and no closer, which `interval` says and a policy would have to accept.
"""

from __future__ import annotations

from collections.abc import Sequence

from disclosure.errors import BadInputError, IntegrityError
from disclosure.protection.audit import Relation


def neighbours(n: int, base: int) -> tuple[int, int]:
    """Return the multiples between which a figure lies; twice the same for a multiple.

    >>> neighbours(7, 5), neighbours(10, 5)
    ((5, 10), (10, 10))
    """
    if base < 2:
        raise BadInputError("A base of rounding is at least 2.")
    below = n // base * base
    return below, below if below == n else below + base


def interval(shown: int, base: int) -> tuple[int, int]:
    """Return the smallest and the largest count that may be shown as this multiple.

    >>> interval(0, 5), interval(10, 5)
    ((0, 4), (6, 14))
    """
    return max(0, shown - base + 1), shown + base - 1


def checked_rounding(
    values: Sequence[int], rounded: Sequence[int], relations: Sequence[Relation], base: int
) -> tuple[int, ...]:
    """Return the rounded figures if they are a controlled rounding of the values.

    Raises:
        IntegrityError: a figure is not a neighbouring multiple, or a sum does not hold.
    """
    if len(values) != len(rounded) or any(
        shown not in neighbours(n, base) for n, shown in zip(values, rounded, strict=True)
    ):
        raise IntegrityError("A figure was not rounded to a multiple beside it.")
    if any(rounded[one.total] != sum(rounded[cell] for cell in one.parts) for one in relations):
        raise IntegrityError("The rounded figures do not add up.")
    return tuple(rounded)
