"""Evidence as a JSON document, so that one process can tabulate and another judge.

The document is columnar, as evidence is, and exact: a whole number beyond 2**53 is decimal text. It is read with
distrust. Beyond shape and type, whatever must hold of any table that was really tabulated is checked: cells in
canonical order, each once, every margin there, no cell with more units than its margin.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import numpy as np

from disclosure.errors import DatakampError, DocumentError
from disclosure.exchange.canonical import canonical_json, parse_json
from disclosure.model.cells import MARGIN, label_order
from disclosure.model.evidence import SCHEMA, Amount, Amounts, Counts, Evidence, Mask, OtherUnits, Shares, Weighted
from disclosure.model.evidence_coherence import is_coherent
from disclosure.model.overlaps import Apart, Differing, Overlaps
from disclosure.model.parts import part_from_document

_EXACT = 2**53 - 1  # the largest whole number that every JSON reader keeps
_LONG = re.compile(r"-?[1-9][0-9]{15,59}", re.ASCII)
_COUNT_LIMIT = 2**40  # more rows than any table has; sums and percentages of counts stay within 64 bits
_DECIMALS_LIMIT = 18
_DIMENSIONS_LIMIT = 64
_CONTRIBUTORS_LIMIT = 16
_TEXT_LIMIT = 10_000
_TEXTS_LIMIT = 50_000_000
_KEYS = {
    "schema", "dimensions", "categories", "codes", "n_units", "n_rows", "amounts", "shares", "weighted", "added",
    "other_units", "parts", "underlying", "overlaps",
}  # fmt: skip
_AMOUNT_KEYS = {
    "decimals", "total", "absolute", "largest", "n_nonzero", "constant", "rows_constant", "divisor", "negative",
    "contributed", "lowest", "highest", "n_lowest", "n_highest", "divisor_largest",
}  # fmt: skip


def evidence_to_document(evidence: Evidence) -> dict[str, Any]:
    """Return evidence as a JSON document: one list per array, `codes` and `largest` one list per column."""
    amounts, shares, weighted = evidence.amounts, evidence.shares, evidence.weighted
    document: dict[str, Any] = {
        "schema": evidence.schema,
        "dimensions": list(evidence.dimensions),
        "categories": [list(labels) for labels in evidence.categories],
        "codes": [column.tolist() for column in evidence.codes.T],
        "n_units": _written(evidence.n_units),
        "n_rows": _written(evidence.n_rows),
        "amounts": None,
        "shares": None,
        "weighted": None,
        "added": len(evidence.added),
        "other_units": [
            {
                "key": list(one.key),
                "n_units": _written(one.n_units),
                "numerator": None if one.numerator is None else _written(one.numerator),
                "complement": None if one.complement is None else _written(one.complement),
            }
            for one in evidence.other_units
        ],
        "parts": {name: part.to_document() for name, part in evidence.parts.items()},
        "underlying": None if evidence.underlying is None else evidence_to_document(evidence.underlying),
        "overlaps": None if evidence.overlaps is None else _overlaps_written(evidence.overlaps),
    }
    if amounts is not None:
        document["amounts"] = {
            "decimals": amounts.decimals,
            "total": _written(amounts.total),
            "absolute": _written(amounts.absolute),
            "largest": [_written(column) for column in amounts.largest.T],
            "n_nonzero": _written(amounts.n_nonzero),
            "constant": amounts.constant.tolist(),
            "rows_constant": amounts.rows_constant.tolist(),
            "divisor": _written(amounts.divisor),
            "negative": amounts.negative,
            "contributed": _written(amounts.contributed),
            "lowest": _written(amounts.lowest),
            "highest": _written(amounts.highest),
            "n_lowest": _written(amounts.n_lowest),
            "n_highest": _written(amounts.n_highest),
            "divisor_largest": _written(amounts.divisor_largest),
        }
    if shares is not None:
        document["shares"] = {
            "high": shares.high,
            "low": shares.low,
            "numerator": _written(shares.numerator),
            "complement": _written(shares.complement),
        }
    if weighted is not None:
        numerator = None if weighted.numerator is None else _written(weighted.numerator)
        document["weighted"] = {"units": _written(weighted.units), "numerator": numerator}
    return document


def _overlaps_written(overlaps: Overlaps) -> dict[str, Any]:
    amounts = overlaps.amounts
    document: dict[str, Any] = {"first": _written(overlaps.first), "second": _written(overlaps.second)}
    for name, one in (
        ("units", overlaps.units),
        ("numerators", overlaps.numerators),
        ("complements", overlaps.complements),
    ):
        document[name] = None if one is None else [_written(one.first), _written(one.second)]
    document["amounts"] = None
    if amounts is not None:
        document["amounts"] = {
            "n_units": _written(amounts.n_units),
            "absolute": _written(amounts.absolute),
            "largest": [_written(column) for column in amounts.largest.T],
        }
    return document


def evidence_to_bytes(evidence: Evidence) -> bytes:
    """Return evidence as canonical JSON."""
    return canonical_json(evidence_to_document(evidence))


def evidence_from_bytes(data: bytes) -> Evidence:
    """Return the evidence in a JSON document.

    Raises:
        DocumentError: it does not follow the schema, or is not what any table could give. The error quotes nothing.
    """
    return evidence_from_document(parse_json(data, what="The evidence"))


def evidence_from_document(document: Any) -> Evidence:
    """Return the evidence that a parsed JSON document describes.

    Raises:
        DocumentError: as above.
    """
    try:
        evidence = _read(document)
        _require(is_coherent(evidence))
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError, DatakampError):
        raise DocumentError("The evidence does not follow its schema.", hint=f"Expected {SCHEMA}.") from None
    return evidence


def _read(document: Any) -> Evidence:
    _keys(document, _KEYS)
    _require(document["schema"] == SCHEMA)
    dimensions = tuple(_text(name) for name in _list(document["dimensions"]))
    categories = tuple(tuple(_label(one) for one in _list(labels)) for labels in _list(document["categories"]))
    _require(sum(len(label or "") for labels in categories for label in labels) <= _TEXTS_LIMIT)
    n_units = _counts(document["n_units"])
    size = len(n_units)
    codes = [_counts(column, low=MARGIN, size=size) for column in _list(document["codes"])]
    _require(len(set(dimensions)) == len(dimensions) == len(categories) == len(codes) <= _DIMENSIONS_LIMIT)
    own = len(dimensions) - _added(document["added"], len(dimensions))
    for place, (column, labels) in enumerate(zip(codes, categories, strict=True)):
        ordered = [label_order(label) for label in labels]
        if place < own:
            _require(bool(labels) and all(one < other for one, other in pairwise(ordered)))
        else:
            # What a statistic adds has an order of its own and no total.
            _require(len(set(labels)) == len(labels) > 0 and None not in labels and bool((column != MARGIN).all()))
        # Every category occurs, and no code points beyond them: together, as whole numbers from the margin upwards.
        _require(np.array_equal(np.union1d(column, [MARGIN]), np.arange(MARGIN, len(labels))))
    return Evidence(
        dimensions,
        categories,
        np.array(codes, dtype=np.int32).reshape(len(codes), size).T,
        n_units,
        _counts(document["n_rows"], size=size),
        None if document["amounts"] is None else _amounts(document["amounts"], size),
        None if document["shares"] is None else _shares(document["shares"], size),
        None if document["weighted"] is None else _weighted(document["weighted"], size),
        added=dimensions[own:],
        other_units=tuple(_other_units(one, size) for one in _list(document["other_units"])),
        underlying=None if document["underlying"] is None else _underlying(document["underlying"]),
        parts=MappingProxyType({name: part_from_document(name, one, size) for name, one in document["parts"].items()}),
        overlaps=None if document["overlaps"] is None else _overlaps(document["overlaps"]),
    )


def _underlying(document: Any) -> Evidence:
    evidence = _read(document)
    # One level deep, and a plain table.
    _require(evidence.underlying is None and not evidence.added and is_coherent(evidence))
    return evidence


def _added(value: Any, width: int) -> int:
    _require(type(value) is int and 0 <= value <= width)
    return int(value)


def _other_units(document: Any, size: int) -> OtherUnits:
    _keys(document, {"key", "n_units", "numerator", "complement"})
    counts = [
        None if document[name] is None else _counts(document[name], size=size) for name in ("numerator", "complement")
    ]
    n_units = _counts(document["n_units"], size=size)
    _require(all(one is None or bool((one <= n_units).all()) for one in counts))
    return OtherUnits(tuple(_text(one) for one in _list(document["key"])), n_units, *counts)


def _amounts(document: Any, size: int) -> Amounts:
    _keys(document, _AMOUNT_KEYS)
    decimals = document["decimals"]
    _require(type(decimals) is int and 0 <= decimals <= _DECIMALS_LIMIT)
    return Amounts(
        decimals=decimals,
        total=_amount(document["total"], size),
        absolute=_amount(document["absolute"], size, low=0),
        largest=_largest(document["largest"], size),
        n_nonzero=_counts(document["n_nonzero"], size=size),
        constant=_mask(document["constant"], size),
        rows_constant=_mask(document["rows_constant"], size),
        divisor=_amount(document["divisor"], size, low=0),
        negative=_truth(document["negative"]),
        contributed=_amount(document["contributed"], size),
        lowest=_amount(document["lowest"], size),
        highest=_amount(document["highest"], size),
        n_lowest=_counts(document["n_lowest"], size=size),
        n_highest=_counts(document["n_highest"], size=size),
        divisor_largest=_amount(document["divisor_largest"], size, low=0),
    )


def _largest(document: Any, size: int) -> Amount:
    columns = [_amount(column, size, low=0) for column in _list(document)]
    _require(0 < len(columns) <= _CONTRIBUTORS_LIMIT)
    largest = np.empty((size, len(columns)), dtype=np.object_)
    for place, column in enumerate(columns):
        largest[:, place] = column
    return largest


def _overlaps(document: Any) -> Overlaps:
    _keys(document, {"first", "second", "units", "numerators", "complements", "amounts"})
    first, amounts = _counts(document["first"]), document["amounts"]
    size = len(first)
    differing = None
    if amounts is not None:
        _keys(amounts, {"n_units", "absolute", "largest"})
        differing = Differing(
            _counts(amounts["n_units"], size=size),
            _amount(amounts["absolute"], size, low=0),
            _largest(amounts["largest"], size),
        )
    numerators, complements = (
        None if document[name] is None else _apart(document[name], size) for name in ("numerators", "complements")
    )
    second, units = _counts(document["second"], size=size), _apart(document["units"], size)
    return Overlaps(first, second, units, numerators, complements, differing)


def _apart(document: Any, size: int) -> Apart:
    first, second = (_counts(one, size=size) for one in _list(document))
    return Apart(first, second)


def _shares(document: Any, size: int) -> Shares:
    _keys(document, {"high", "low", "numerator", "complement"})
    numerator, complement = (_counts(document[name], size=size) for name in ("numerator", "complement"))
    return Shares(_text(document["high"]), _text(document["low"]), numerator, complement)


def _weighted(document: Any, size: int) -> Weighted:
    _keys(document, {"units", "numerator"})
    numerator = None if document["numerator"] is None else _amount(document["numerator"], size, low=0)
    return Weighted(_amount(document["units"], size, low=0), numerator)


def _written(values: Counts | Amount) -> list[int | str]:
    return [value if -_EXACT <= value <= _EXACT else str(value) for value in values.tolist()]


def _whole(values: Any, size: int | None, low: int | None) -> list[int]:
    numbers = [_number(value) for value in _list(values)]
    _require(size is None or len(numbers) == size)
    _require(low is None or not numbers or min(numbers) >= low)
    return numbers


def _number(value: Any) -> int:
    # One spelling per number: text only where a JSON number would not be exact.
    if type(value) is int:
        _require(-_EXACT <= value <= _EXACT)
        return value
    _require(type(value) is str and _LONG.fullmatch(value) is not None)
    number = int(value)
    _require(abs(number) > _EXACT)
    return number


def _counts(values: Any, *, low: int = 0, size: int | None = None) -> Counts:
    numbers = _whole(values, size, low)
    _require(not numbers or max(numbers) <= _COUNT_LIMIT)
    return np.array(numbers, dtype=np.int64)


def _amount(values: Any, size: int, *, low: int | None = None) -> Amount:
    return np.array(_whole(values, size, low), dtype=np.object_)


def _mask(values: Any, size: int) -> Mask:
    truths = [_truth(value) for value in _list(values)]
    _require(len(truths) == size)
    return np.array(truths, dtype=np.bool_)


def _list(value: Any) -> Sequence[Any]:
    _require(type(value) is list)
    return value  # type: ignore[no-any-return]


def _label(value: Any) -> str | None:
    return None if value is None else _text(value)


def _text(value: Any) -> str:
    _require(type(value) is str and len(value) <= _TEXT_LIMIT)
    value.encode()  # a half of a character is none
    return value  # type: ignore[no-any-return]


def _truth(value: Any) -> bool:
    _require(type(value) is bool)
    return value  # type: ignore[no-any-return]


def _keys(document: Any, keys: set[str]) -> None:
    _require(type(document) is dict and set(document) == keys)


def _require(holds: bool) -> None:
    if not holds:
        raise ValueError
