"""What `datakamp data synthesize` needs besides writing: the span of years, and what is told of the calibration."""

from __future__ import annotations

import os
import re
from pathlib import Path

from disclosure.errors import BadInputError
from disclosure.exchange.files import write_atomically
from workspace.synthetic.write import CALIBRATION

LAST_YEAR = 2022
"""The year that data describe if none is given."""

_SPAN = re.compile(r"(\d{4})-(\d{4})")


def span_of(years: str | None, year: int | None = None) -> tuple[int, int] | None:
    """Return the first and last year of a text such as 2018-2022, or None of None.

    >>> span_of("2018-2022")
    (2018, 2022)

    Raises:
        BadInputError: it is no such text, or a `year` is given besides.
    """
    if years is None:
        return None
    if year is not None:
        raise BadInputError("Expected --year or --years, not both.")
    found = _SPAN.fullmatch(years)
    if found is None:
        raise BadInputError("Expected years as 2018-2022.", hint="One year alone is given by --year.")
    return int(found[1]), int(found[2])


def report_to(report: Path | None) -> None:
    """Raise `BadInputError` if the report cannot be written to a place, before anything is drawn."""
    if report is None:
        return
    if os.path.lexists(report):
        raise BadInputError(f"'{report.name}' is there already.", hint="Choose another name for the report.")
    if not report.absolute().parent.is_dir():
        raise BadInputError(f"The folder of '{report.name}' is not there.", hint="Make it first.")


def calibrated(folder: Path, report: Path | None) -> str:
    """Return one line about the calibration in `folder`, and write its table to `report` as well."""
    text = (folder / CALIBRATION).read_text("utf-8")
    if report is not None:
        write_atomically(report, text.encode())
    failed = sum(line.endswith("| NO |") for line in text.splitlines())
    held = sum(line.endswith("| yes |") for line in text.splitlines())
    told = f"{held} of {held + failed} targets and checks hold; see {CALIBRATION} and truth.json."
    return told if not failed else f"{told} In a small population chance moves the others."
