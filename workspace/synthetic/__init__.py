"""Synthetic The Hague microdata: no record is a person's, every file says so."""

from __future__ import annotations

from workspace.synthetic.write import DATA_SETS, synthesize

__all__ = ["DATA_SETS", "synthesize"]
