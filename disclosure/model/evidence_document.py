"""Evidence as a JSON document, so that one process can tabulate and another judge.

The document is columnar, as evidence is, and exact: a whole number beyond 2**53 is decimal text. It is read with
distrust. Beyond shape and type, whatever must hold of any table that was really tabulated is checked: cells in
canonical order, each once, every margin there, no cell with more units than its margin.
"""

from __future__ import annotations

from itertools import pairwise
from types import MappingProxyType
from typing import Any

import numpy as np

from disclosure.errors import DatakampError, DocumentError
from disclosure.exchange.canonical import canonical_json, parse_json
from disclosure.model import document_columns as columns
from disclosure.model import strict
from disclosure.model.cells import MARGIN, label_order
from disclosure.model.ends import COUNTED, NAMES, Ends
from disclosure.model.evidence import SCHEMA, Amounts, Evidence, OtherUnits, Shares, Weighted
from disclosure.model.evidence_coherence import is_coherent
from disclosure.model.overlaps import Apart, Differing, Overlaps
from disclosure.model.parts import part_from_document

_DECIMALS_LIMIT = 18
_DIMENSIONS_LIMIT = 64
_TEXTS_LIMIT = 50_000_000
_KEYS = {
    "schema", "dimensions", "categories", "codes", "n_units", "n_rows", "amounts", "shares", "weighted", "added",
    "other_units", "parts", "underlying", "overlaps",
}  # fmt: skip
_AMOUNT_KEYS = {
    "decimals", "total", "absolute", "largest", "n_nonzero", "constant", "rows_constant", "divisor", "negative",
    "divisor_largest", "ends",
}  # fmt: skip
_ENDS_LIMIT = 4


def evidence_to_document(evidence: Evidence) -> dict[str, Any]:
    """Return evidence as a JSON document: one list per array, `codes` and `largest` one list per column."""
    amounts, shares, weighted = evidence.amounts, evidence.shares, evidence.weighted
    document: dict[str, Any] = {
        "schema": evidence.schema,
        "dimensions": list(evidence.dimensions),
        "categories": [list(labels) for labels in evidence.categories],
        "codes": [column.tolist() for column in evidence.codes.T],
        "n_units": columns.written(evidence.n_units),
        "n_rows": columns.written(evidence.n_rows),
        "amounts": None,
        "shares": None,
        "weighted": None,
        "added": len(evidence.added),
        "other_units": [
            {
                "key": list(one.key),
                "n_units": columns.written(one.n_units),
                "numerator": None if one.numerator is None else columns.written(one.numerator),
                "complement": None if one.complement is None else columns.written(one.complement),
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
            "total": columns.written(amounts.total),
            "absolute": columns.written(amounts.absolute),
            "largest": [columns.written(column) for column in amounts.largest.T],
            "n_nonzero": columns.written(amounts.n_nonzero),
            "constant": amounts.constant.tolist(),
            "rows_constant": amounts.rows_constant.tolist(),
            "divisor": columns.written(amounts.divisor),
            "negative": amounts.negative,
            "divisor_largest": columns.written(amounts.divisor_largest),
            "ends": _ends_written(amounts.ends),
        }
    if shares is not None:
        document["shares"] = {
            "high": shares.high,
            "low": shares.low,
            "numerator": columns.written(shares.numerator),
            "complement": columns.written(shares.complement),
        }
    if weighted is not None:
        numerator = None if weighted.numerator is None else columns.written(weighted.numerator)
        document["weighted"] = {"units": columns.written(weighted.units), "numerator": numerator}
    return document


def _overlaps_written(overlaps: Overlaps) -> dict[str, Any]:
    amounts = overlaps.amounts
    document: dict[str, Any] = {"first": columns.written(overlaps.first), "second": columns.written(overlaps.second)}
    for name, one in (
        ("units", overlaps.units),
        ("numerators", overlaps.numerators),
        ("complements", overlaps.complements),
    ):
        document[name] = None if one is None else [columns.written(one.first), columns.written(one.second)]
    document["third"] = None if overlaps.third is None else columns.written(overlaps.third)
    document["triples"] = None if overlaps.triples is None else _overlaps_written(overlaps.triples)
    document["amounts"] = None
    if amounts is not None:
        document["amounts"] = {
            "n_units": columns.written(amounts.n_units),
            "absolute": columns.written(amounts.absolute),
            "largest": [columns.written(column) for column in amounts.largest.T],
            "ends": _ends_written(amounts.ends),
        }
    return document


def _ends_written(ends: tuple[Ends, ...]) -> list[dict[str, Any]]:
    return [{name: columns.written(getattr(one, name)) for name in NAMES} for one in ends]


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
        columns.require(is_coherent(evidence))
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError, DatakampError):
        raise DocumentError("The evidence does not follow its schema.", hint=f"Expected {SCHEMA}.") from None
    return evidence


def _read(document: Any) -> Evidence:
    strict.table(document, _KEYS)
    columns.require(document["schema"] == SCHEMA)
    dimensions = tuple(columns.name(name) for name in strict.listed(document["dimensions"]))
    categories = tuple(
        tuple(columns.label(one) for one in strict.listed(labels)) for labels in strict.listed(document["categories"])
    )
    columns.require(sum(len(label or "") for labels in categories for label in labels) <= _TEXTS_LIMIT)
    n_units = columns.counts(document["n_units"])
    size = len(n_units)
    codes = [columns.counts(column, low=MARGIN, size=size) for column in strict.listed(document["codes"])]
    columns.require(len(set(dimensions)) == len(dimensions) == len(categories) == len(codes) <= _DIMENSIONS_LIMIT)
    own = len(dimensions) - _added(document["added"], len(dimensions))
    for place, (column, labels) in enumerate(zip(codes, categories, strict=True)):
        ordered = [label_order(label) for label in labels]
        if place < own:
            columns.require(bool(labels) and all(one < other for one, other in pairwise(ordered)))
        else:
            # What a statistic adds has an order of its own and no total.
            columns.require(
                len(set(labels)) == len(labels) > 0 and None not in labels and bool((column != MARGIN).all())
            )
        # Every category occurs, and no code points beyond them: together, as whole numbers from the margin upwards.
        columns.require(np.array_equal(np.union1d(column, [MARGIN]), np.arange(MARGIN, len(labels))))
    return Evidence(
        dimensions,
        categories,
        np.array(codes, dtype=np.int32).reshape(len(codes), size).T,
        n_units,
        columns.counts(document["n_rows"], size=size),
        None if document["amounts"] is None else _amounts(document["amounts"], size),
        None if document["shares"] is None else _shares(document["shares"], size),
        None if document["weighted"] is None else _weighted(document["weighted"], size),
        added=dimensions[own:],
        other_units=tuple(_other_units(one, size) for one in strict.listed(document["other_units"])),
        underlying=None if document["underlying"] is None else _underlying(document["underlying"]),
        parts=MappingProxyType({name: part_from_document(name, one, size) for name, one in document["parts"].items()}),
        overlaps=None if document["overlaps"] is None else _overlaps(document["overlaps"]),
    )


def _underlying(document: Any) -> Evidence:
    evidence = _read(document)
    # One level deep, and a plain table.
    columns.require(evidence.underlying is None and not evidence.added and is_coherent(evidence))
    return evidence


def _added(value: Any, width: int) -> int:
    columns.require(type(value) is int and 0 <= value <= width)
    return int(value)


def _other_units(document: Any, size: int) -> OtherUnits:
    strict.table(document, {"key", "n_units", "numerator", "complement"})
    counts = [
        None if document[name] is None else columns.counts(document[name], size=size)
        for name in ("numerator", "complement")
    ]
    n_units = columns.counts(document["n_units"], size=size)
    columns.require(all(one is None or bool((one <= n_units).all()) for one in counts))
    return OtherUnits(tuple(columns.name(one) for one in strict.listed(document["key"])), n_units, *counts)


def _amounts(document: Any, size: int) -> Amounts:
    strict.table(document, _AMOUNT_KEYS)
    decimals = document["decimals"]
    columns.require(type(decimals) is int and 0 <= decimals <= _DECIMALS_LIMIT)
    return Amounts(
        decimals=decimals,
        total=columns.amount(document["total"], size),
        absolute=columns.amount(document["absolute"], size, low=0),
        largest=columns.largest(document["largest"], size),
        n_nonzero=columns.counts(document["n_nonzero"], size=size),
        constant=columns.mask(document["constant"], size),
        rows_constant=columns.mask(document["rows_constant"], size),
        divisor=columns.amount(document["divisor"], size, low=0),
        negative=strict.truth(document["negative"]),
        divisor_largest=columns.amount(document["divisor_largest"], size, low=0),
        ends=_ends(document["ends"], size),
    )


def _ends(document: Any, size: int) -> tuple[Ends, ...]:
    listed = strict.listed(document)
    columns.require(0 < len(listed) <= _ENDS_LIMIT)
    return tuple(_end(one, size) for one in listed)


def _end(document: Any, size: int) -> Ends:
    strict.table(document, set(NAMES))
    read: dict[str, Any] = {
        name: columns.counts(document[name], size=size) if name in COUNTED else columns.amount(document[name], size)
        for name in NAMES
    }
    return Ends(**read)


def _overlaps(document: Any) -> Overlaps:
    strict.table(document, {"first", "second", "units", "numerators", "complements", "amounts", "third", "triples"})
    first, amounts = columns.counts(document["first"]), document["amounts"]
    size = len(first)
    differing = None
    if amounts is not None:
        strict.table(amounts, {"n_units", "absolute", "largest", "ends"})
        differing = Differing(
            columns.counts(amounts["n_units"], size=size),
            columns.amount(amounts["absolute"], size, low=0),
            columns.largest(amounts["largest"], size),
            _ends(amounts["ends"], size),
        )
    numerators, complements = (
        None if document[name] is None else _apart(document[name], size) for name in ("numerators", "complements")
    )
    second, units = columns.counts(document["second"], size=size), _apart(document["units"], size)
    third = None if document["third"] is None else columns.counts(document["third"], size=size)
    triples = None if document["triples"] is None else _overlaps(document["triples"])
    return Overlaps(first, second, units, numerators, complements, differing, third, triples)


def _apart(document: Any, size: int) -> Apart:
    first, second = (columns.counts(one, size=size) for one in strict.listed(document))
    return Apart(first, second)


def _shares(document: Any, size: int) -> Shares:
    strict.table(document, {"high", "low", "numerator", "complement"})
    numerator, complement = (columns.counts(document[name], size=size) for name in ("numerator", "complement"))
    return Shares(columns.name(document["high"]), columns.name(document["low"]), numerator, complement)


def _weighted(document: Any, size: int) -> Weighted:
    strict.table(document, {"units", "numerator"})
    numerator = None if document["numerator"] is None else columns.amount(document["numerator"], size, low=0)
    return Weighted(columns.amount(document["units"], size, low=0), numerator)
