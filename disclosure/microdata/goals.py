"""What local suppression has to reach: which sets of key variables are shared by how many records."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Final

from disclosure.errors import BadInputError
from disclosure.texts import text

MOST_SETS: Final = 2000


@dataclass(frozen=True)
class Goal:
    """A set of key variables, by their places, and how many records share each key of it at least."""

    variables: tuple[int, ...]
    k: int


def goals_of(count: int, k: int | None, combs: tuple[tuple[int, int], ...]) -> tuple[Goal, ...]:
    """Return the goals over so many key variables: all of them together, or every set of the sizes in `combs`.

    Raises:
        BadInputError: a k is under 2, both are given, or sets are larger than the key or too many to go through.

    >>> [goal.variables for goal in goals_of(3, None, ((2, 5),))]
    [(0, 1), (0, 2), (1, 2)]
    """
    if k is not None and combs:
        raise BadInputError(
            text("Each set of key variables has a k of its own."), hint=text("Give either k or combs, not both.")
        )
    asked = combs or ((count, 2 if k is None else k),)
    if any(least < 2 for _, least in asked):
        raise BadInputError(text("k is a whole number of at least 2."), hint=text("Ask for 3, for example."))
    if not all(1 <= size <= count for size, _ in asked):
        raise BadInputError(
            text("A set of key variables has 1 to {count} of them.", count=count),
            hint=text("Give pairs of a number of key variables and a k."),
        )
    if sum(comb(count, size) for size, _ in asked) > MOST_SETS:
        raise BadInputError(
            text("The sets of {count} key variables are too many to go through.", count=count),
            hint=text("Ask for larger sets, or name fewer key variables."),
        )
    return tuple(Goal(chosen, least) for size, least in asked for chosen in combinations(range(count), size))
