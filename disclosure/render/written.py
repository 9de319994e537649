"""Texts and results of own code as files: the bytes that leave, if people decide that they may."""

from __future__ import annotations

from collections.abc import Iterable

from disclosure.exchange.canonical import canonical_json
from disclosure.exchange.written import ResultValues, SubmittedText, WrittenKind, values_from
from disclosure.exchange.written_records import records_from
from disclosure.render.csv import field, formula_safe

_ENDINGS = {WrittenKind.TEXT: "txt", WrittenKind.MARKDOWN: "md"}


def written_files(text: SubmittedText) -> dict[str, bytes]:
    """Return the files of a text or result by their names: one of a text; csv and JSON of values; csv of records."""
    if text.kind is WrittenKind.RECORDS:
        records = records_from(text.body)
        return {f"{text.name}.csv": _lines((records.columns, *records.rows))}
    if not text.kind.has_values:
        return {f"{text.name}.{_ENDINGS[text.kind]}": f"{text.body}\n".encode()}
    values = values_from(text.body)
    return {f"{text.name}.csv": _csv(values), f"{text.name}.json": _json(values)}


def _csv(values: ResultValues) -> bytes:
    return _lines((values.columns, *((entry or "" for entry in row) for row in values.rows)))


def _lines(lines: Iterable[Iterable[str]]) -> bytes:
    return "".join(",".join(field(formula_safe(entry)) for entry in line) + "\r\n" for line in lines).encode("utf-8")


def _json(values: ResultValues) -> bytes:
    document = {
        "schema": "datakamp-result/1",
        "columns": list(values.columns),
        "labels": values.labels,
        "rows": [list(row) for row in values.rows],
    }
    return canonical_json(document) + b"\n"
