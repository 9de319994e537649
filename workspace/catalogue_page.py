"""The catalogue as a page: the data sets of a camp with the words of their codebooks, in a language, and no record."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import jinja2

from disclosure.errors import BadInputError
from disclosure.exchange.camp import CampFile
from disclosure.exchange.files import write_atomically
from disclosure.model.codebooks import Codebook, Column
from disclosure.texts import current_language, language, localized, text
from workspace.catalogue import MountedSource, registered, source
from workspace.report import template_folder

MOST_CATEGORIES: Final = 60
"""How many categories of a column are listed; of a longer list the first ones, and how many more there are."""

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"


def catalogue_page(camp: CampFile, sources: Sequence[MountedSource]) -> str:
    """Return an HTML page about data sets in the reader's language.

    It names nothing outside itself: no address, no script. Texts come from codebooks and camp.toml, and are escaped.

    Args:
        sources: registered data sets, each checked against its digests.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(template_folder()), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template("page/catalogue.html.j2").render(
        language=current_language(),
        policy=_POLICY,
        style=(template_folder() / "page" / "style.css").read_text("utf-8"),
        title=camp.title or camp.name,
        words=_words(),
        sets=[_data_set(camp, one) for one in sources],
    )


def write_catalogue_page(camp: CampFile, place: Path, spoken: str | None) -> int:
    """Write the page of all registered data sets, each checked against its digests, and return how many there are.

    Args:
        place: a file that is not there yet.
        spoken: "en" or "nl"; None for the language of the environment.

    Raises:
        BadInputError: the file is there already, or cannot be written.
        IntegrityError: a data set is not the one that was registered.
    """
    if os.path.lexists(place):
        raise BadInputError(f"'{place.name}' is there already.", hint="Choose another name for the page.")
    sources = [source(camp, name) for name in registered(camp)]
    with language(spoken or current_language()):
        page = catalogue_page(camp, sources)
    try:
        write_atomically(place, page.encode("utf-8"))
    except OSError:
        raise BadInputError(
            f"'{place.name}' cannot be written.", hint="Name a file in a folder that is there."
        ) from None
    return len(sources)


def _words() -> dict[str, str]:
    said = {
        "catalogue": text("Catalogue of data sets"),
        "data_set": text("Data set"),
        "about": text("About"),
        "unit": text("Unit"),
        "further": text("Further units"),
        "source": text("Source"),
        "digest": text("Digest"),
        "teams": text("Teams"),
        "none": text("none"),
        "synthetic": text("Synthetic: no record is a person's."),
        "column": text("Column"),
        "kind": text("Kind"),
        "sensitive": text("Sensitive"),
        "categories": text("Categories"),
        "hierarchies": text("Hierarchies"),
        "empty": text("There are no data sets."),
    }
    return {key: str(value) for key, value in said.items()}


def _data_set(camp: CampFile, found: MountedSource) -> dict[str, Any]:
    codebook = found.codebook
    return {
        "name": found.name,
        "title": localized(codebook.title, found.name),
        "unit": ", ".join(codebook.unit),
        "further": "; ".join(f"{name}: {', '.join(keys)}" for name, keys in codebook.other_units.items()),
        "source": codebook.source,
        "synthetic": codebook.synthetic,
        "digest": found.digest,
        "teams": ", ".join(team.name for team in camp.teams if found.name in team.data_sets),
        "columns": [_column(codebook, one) for one in codebook.columns.values()],
        "hierarchies": [f"{name}: {' → '.join(one.levels)}" for name, one in codebook.hierarchies.items()],
    }


def _column(codebook: Codebook, column: Column) -> dict[str, Any]:
    is_key = column.name in codebook.key_columns()
    listed = [
        (code, localized(words, code), code in column.not_disclosive)
        for code, words in list(column.categories.items())[:MOST_CATEGORIES]
    ]
    rest = len(column.categories) - len(listed)
    return {
        "name": column.name,
        "title": localized(column.title, ""),
        "kind": _kind("key" if is_key else column.kind),
        "measure": localized(column.unit_of_measure, ""),
        "sensitive": "" if is_key else str(text("yes") if column.sensitive else text("no")),
        "categories": [
            f"{code} {words}" + (f" ({text('tells nothing')})" if harmless else "") for code, words, harmless in listed
        ],
        "more": str(text("and {number} more", number=rest)) if rest else "",
        "hierarchy": column.hierarchy or "",
    }


def _kind(kind: str) -> str:
    kinds = {"number": text("number"), "category": text("category"), "date": text("date"), "key": text("key")}
    return str(kinds[kind])
