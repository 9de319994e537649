"""Whether a camp fits together: every inconsistency of camp.toml, with its line."""

from __future__ import annotations

from workspace.camp_checks.check import check_camp
from workspace.camp_checks.problems import Problem

__all__ = ["Problem", "check_camp"]
