"""Canonical bytes of a judged table: the same values give the same bytes, whatever engine, order or thread count.

Only what may be published gets here: a renderer reads `JudgedTable.published` or `published_figures`, and of evidence
nothing but dimensions and labels.
"""

from disclosure.render.csv import to_csv
from disclosure.render.html import to_html
from disclosure.render.json import to_json
from disclosure.render.metadata import METADATA_SUFFIX, to_metadata

__all__ = ["METADATA_SUFFIX", "to_csv", "to_html", "to_json", "to_metadata"]
