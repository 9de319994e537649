"""Synthetic The Hague microdata: no record is a person's, every file says so."""

from __future__ import annotations

from workspace.synthetic.data_sets import DATA_SETS
from workspace.synthetic.write import synthesize

__all__ = ["DATA_SETS", "synthesize"]
