"""Released metadata of a csv, beside it: the roles of its columns as W3C's "CSV on the Web" has them.

The csv stays one plain rectangle that any program reads; what its columns mean stands in a file of its own, as in
Tennison, Kellogg and Herman, "Model for Tabular Data and Metadata on the Web", W3C Recommendation, 17 December 2015.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from disclosure.exchange.canonical import canonical_json
from disclosure.model.neutral_labels import released
from disclosure.model.tables import CellState, JudgedTable
from disclosure.render.about import about
from disclosure.render.columns import ColumnRole, ReleasedColumn, released_columns
from disclosure.render.csv import formula_safe

METADATA_SUFFIX: Final = ".csv-metadata.json"
"""A csv by the name of `NAME.csv` is described by `NAME.csv-metadata.json`, where readers of the standard look."""
_UNSAFE_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9_]|^_")


def to_metadata(table: JudgedTable, name: str, *, title: str = "", population: str = "") -> bytes:
    """Return the metadata of the csv of a judged table, as canonical JSON in UTF-8.

    Args:
        name: the name of the csv without its ending.
        title, population: what the table shows, and whom it is about; left out where they are empty.
    """
    table = released(table)
    return metadata_of(table, name, about(table, title=title, population=population))


def metadata_of(table: JudgedTable, name: str, said: Mapping[str, Any]) -> bytes:
    """Return the metadata of the csv of a table as it is released, described as `about` describes tables."""
    columns = released_columns(table)
    document: dict[str, Any] = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": f"{name}.csv",
        "dialect": {"encoding": "utf-8", "delimiter": ",", "quoteChar": '"', "header": True, "doubleQuote": True},
        "dc:description": _in_languages(said["statistic"]),
        "dc:conformsTo": f"policy {said['policy']}",
        "dc:provenance": f"rules: {', '.join(said['rules'])}" if said["rules"] else "rules: none",
        "tableSchema": {
            "columns": [_column(one, said) for one in columns],
            "primaryKey": [_name(one.heading) for one in columns if one.role is ColumnRole.DIMENSION],
        },
    }
    written = {"dc:title": said.get("title"), "schema:populationType": said.get("population")}
    document |= {key: one for key, one in written.items() if one}
    return canonical_json(document) + b"\n"


def _column(column: ReleasedColumn, said: Mapping[str, Any]) -> dict[str, Any]:
    # A title has to be the heading as it stands in the file; the codebook's words are further titles of a dimension.
    titles = {"und": formula_safe(column.heading)}
    if column.role is ColumnRole.DIMENSION:
        titles |= {code: one for code, one in column.titles.items() if one}
    described: dict[str, Any] = {
        "name": _name(column.heading),
        "titles": titles,
        "dc:type": column.role.value,
        "datatype": "string",
    }
    if column.role is ColumnRole.DIMENSION:
        return {**described, "required": True}
    if column.role is ColumnRole.LABEL:
        return {**described, "lang": column.language, "dc:isPartOf": column.of}
    if column.role is ColumnRole.STATUS:
        return {**described, "required": True, "datatype": {"base": "string", "format": _one_of(CellState)}}
    measured = {"schema:unitText": _in_languages(said["unit_of_measure"])} if said["unit_of_measure"] else {}
    most = {} if said["decimals"] is None else {"dc:extent": f"at most {said['decimals']} decimals"}
    # Figures are decimals to any number of digits; what is withheld or has no value is an empty field.
    return {**described, **measured, **most, "datatype": "decimal", "null": "", "required": False}


def _name(heading: str) -> str:
    """Return a heading as a name of the standard: letters, digits and underscores, anything else in per cent signs."""
    return _UNSAFE_IN_NAMES.sub(lambda sign: "".join(f"%{byte:02X}" for byte in sign[0].encode()), heading)


def _one_of(states: type[CellState]) -> str:
    return "|".join(one.value for one in states)


def _in_languages(said: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"@value": one, "@language": code} for code, one in sorted(said.items())]
