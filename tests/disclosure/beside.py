"""Whether two outputs go into one basket, for tests of what outputs tell beside each other."""

from __future__ import annotations

from disclosure.errors import RefusedError
from disclosure.notebook.basket import Basket
from disclosure.notebook.output import Output

TOLD: dict[str, str] = {"title": "Persons", "population": "everybody"}
FEW = "the same but for few units"
ROUNDED = "two roundings tell more than one; hand in one of them"


def goes_beside(first: Output, then: Output, *, reason: str = FEW, hint: str = "") -> bool:
    """Tell whether the second goes with the first; if it does not, it is refused for this reason and no other."""
    basket = Basket()
    basket.add(first, name="one", **TOLD)
    refused: RefusedError | None = None
    try:
        basket.add(then, name="other", **TOLD)
    except RefusedError as error:
        refused = error
    if refused is not None:
        assert reason in refused.message
        assert hint in refused.hint
    assert len(basket) == (2 if refused is None else 1)
    return refused is None


def go_together(one: Output, other: Output, *, reason: str = FEW) -> bool:
    """Tell whether two outputs go together, which they do whichever comes first."""
    found = goes_beside(one, other, reason=reason)
    assert goes_beside(other, one, reason=reason) is found, "whichever comes first"
    return found
