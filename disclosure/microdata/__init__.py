"""Risk of microdata and what lowers it: key variables, frequencies, risk, suppression, microaggregation, noise."""

from __future__ import annotations
