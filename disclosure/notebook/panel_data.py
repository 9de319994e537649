"""What the panel shows of the data: the data sets of this team, with the words of their codebooks and no record."""

from __future__ import annotations

import re
from typing import Any, Final

from disclosure.model.codebooks import Codebook, Column
from disclosure.notebook.camp import Camp
from disclosure.texts import localized

MOST_CATEGORIES: Final = 60
"""How many categories of a column are listed; of a longer list the first ones, and how many there are."""


def catalogue_document(camp: Camp | None) -> dict[str, Any]:
    """Return the data sets of a camp by name, or that there is no camp, as a JSON object."""
    if camp is None:
        return {"camp": None, "data_sets": []}
    found = [_data_set(name, camp.codebooks[name]) for name in sorted(camp.codebooks)]
    return {"camp": {"name": camp.context.camp, "team": camp.context.team}, "data_sets": found}


def _data_set(name: str, codebook: Codebook) -> dict[str, Any]:
    keys = codebook.key_columns()
    return {
        "name": name,
        "title": localized(codebook.title, name),
        "unit": list(codebook.unit),
        "source": codebook.source,
        "synthetic": codebook.synthetic,
        "code": f'import disclosure as sdc\n\n{_variable(name)} = sdc.data("{name}")',
        "columns": [_column(one, is_key=one.name in keys) for one in codebook.columns.values()],
    }


def _column(column: Column, *, is_key: bool) -> dict[str, Any]:
    listed = list(column.categories.items())[:MOST_CATEGORIES]
    return {
        "name": column.name,
        "title": localized(column.title, ""),
        "kind": column.kind,
        "measure": localized(column.unit_of_measure, ""),
        "sensitive": column.sensitive,
        "key": is_key,
        "categories": [[code, localized(words, code)] for code, words in listed],
        "n_categories": len(column.categories),
    }


def _variable(name: str) -> str:
    """Return a name that code can give to a data set."""
    made = re.sub(r"\W", "_", name.lower())
    return f"data_{made}" if made[:1].isdigit() else made
