"""What the panel shows of the basket: each output's verdict in sign and words, why, and what would repair it."""

from __future__ import annotations

from typing import Any

from disclosure.errors import BadInputError, DatakampError
from disclosure.model.verdicts import Status
from disclosure.notebook.basket import Basket
from disclosure.notebook.basket_view import Entry, lacking, what_of
from disclosure.notebook.camp import Camp
from disclosure.notebook.derived import Derived
from disclosure.notebook.output import Output
from disclosure.notebook.reasons import reasons_of
from disclosure.notebook.report import SIGNS, headline
from disclosure.protection.catalogue import is_cheap
from disclosure.texts import text


def basket_document(basket: Basket, camp: Camp | None) -> dict[str, Any]:
    """Return the basket as a JSON object: `outputs`, and what a submission `lacks`."""
    entries = basket.entries
    return {"outputs": [_entry(basket, one) for one in entries], "lacks": [str(one) for one in lacking(entries, camp)]}


def remedies_document(basket: Basket, name: str) -> list[dict[str, Any]]:
    """Return the remedies of an output in the basket, in the order in which `apply` counts them.

    Raises:
        BadInputError: the basket has no output of that name.
        RefusedError: a remedy for it is applied where the output is made.
    """
    entry = next((one for one in basket.entries if one.name == name), None)
    if entry is None:
        raise BadInputError(text("The basket has no output of that name."))
    out = basket.repairable(name)
    return [{"place": place, "text": str(one), "loses": one.loses} for place, one in enumerate(out.remedies())]


def _entry(basket: Basket, entry: Entry) -> dict[str, Any]:
    verdict = entry.out.verdict
    failing = 0
    added: tuple[str, ...] = ()
    if isinstance(entry.out, Output):
        failing, added = int(entry.out.table.failing.sum()), entry.out.recipe.statistic.specification.added
    elif isinstance(entry.out, Derived):
        failing = int(entry.out.table.failing.sum())
    return {
        "name": entry.name,
        "group": entry.group,
        "title": entry.title,
        "population": entry.population,
        "differs": entry.differs,
        "what": what_of(entry),
        "figure": entry.figure is not None,
        "status": verdict.status.value,
        "sign": SIGNS[verdict.status],
        "verdict": headline(verdict, failing).removeprefix(SIGNS[verdict.status]).strip(),
        "findings": list(reasons_of(verdict, added)),
        **_repair(basket, entry),
    }


def _repair(basket: Basket, entry: Entry) -> dict[str, Any]:
    """Return whether a remedy can be applied by name, and the remedies if finding them takes no tabulating."""
    if entry.out.verdict.status is not Status.UNSAFE:
        return {"repairable": False, "remedies": []}
    try:
        out = basket.repairable(entry.name)
        found = remedies_document(basket, entry.name) if is_cheap(out.table) else None
    except DatakampError:
        return {"repairable": False, "remedies": []}
    return {"repairable": True, "remedies": found}
