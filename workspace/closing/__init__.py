"""Closing a camp: what people wrote is archived, what they worked on is wiped, and a certificate says so."""

from __future__ import annotations
