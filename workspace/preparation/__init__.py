"""What an organiser does before a camp begins: the data that the cases need, the notebooks, a proof, a briefing."""

from __future__ import annotations
