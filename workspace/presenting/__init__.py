"""Pages for an audience, made from released packages and from nothing else."""

from __future__ import annotations
