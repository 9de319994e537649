"""Canonical bytes of a judged table: the same values give the same bytes, whatever engine, order or thread count.

Only what may be published gets here: each renderer reads `JudgedTable.published`, never evidence.
"""

from disclosure.render.csv import to_csv
from disclosure.render.html import to_html
from disclosure.render.json import to_json

__all__ = ["to_csv", "to_html", "to_json"]
