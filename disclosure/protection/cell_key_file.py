"""Reading and writing the office's perturbation table: a CSV file with a line per count and perturbation.

The columns ``i`` (the count), ``v`` (what is added) and ``p`` (its probability) are read; ``j``, ``p_int_lb``,
``p_int_ub`` and ``type``, which the R package ptable writes beside them, may be there. Anything else is refused, and so
is a file whose rows are no perturbation table. A table is pinned by the digest of its file, as a policy is.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from fractions import Fraction
from pathlib import Path

from disclosure.errors import DocumentError
from disclosure.exchange.files import read_regular
from disclosure.protection.cell_key_table import PerturbationTable, Row

_NEEDED = ("i", "v", "p")
_ALSO = ("j", "p_int_lb", "p_int_ub", "type")
_LIMIT = 4 * 1024 * 1024
_NUMBER = re.compile(r"(0|1)(\.[0-9]{1,20})?|[1-9](\.[0-9]{1,20})?e-[0-9]{1,2}", re.ASCII)


def read_perturbation_table(path: Path) -> PerturbationTable:
    """Return the perturbation table in a file.

    Raises:
        DataError: it is no regular file, or too large.
        DocumentError: it is no perturbation table; the message names the line.
        BadInputError: its rows are no perturbation table.
    """
    return perturbation_table_from(read_regular(path, limit=_LIMIT), path.name)


def perturbation_table_from(data: bytes, where: str) -> PerturbationTable:
    """Return the perturbation table that the bytes of a CSV file hold; `where` names it in errors."""
    try:
        lines = list(csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise DocumentError(f"The perturbation table '{where}' is not a CSV file in UTF-8.") from None
    heading = lines[0] if lines else []
    if len(set(heading)) != len(heading) or not set(_NEEDED) <= set(heading) <= {*_NEEDED, *_ALSO}:
        raise DocumentError(
            f"The perturbation table '{where}' has other columns than it should.",
            hint=f"Needed: {', '.join(_NEEDED)}; also known: {', '.join(_ALSO)}.",
        )
    rows: dict[int, list[tuple[int, Fraction]]] = defaultdict(list)
    for number, line in enumerate(lines[1:], start=2):
        try:
            entry = dict(zip(heading, line, strict=True))
            rows[_whole(entry["i"])].append((_whole(entry["v"]), _probability(entry["p"])))
            if entry.get("type", "all") != "all":
                raise ValueError
        except ValueError:
            raise DocumentError(f"Line {number} of the perturbation table '{where}' cannot be read.") from None
    return PerturbationTable({n: Row(*map(tuple, zip(*pairs, strict=True))) for n, pairs in rows.items()})


def perturbation_csv(table: PerturbationTable, *, decimals: int = 8) -> bytes:
    """Return a perturbation table as the bytes of a CSV file, probabilities with so many decimals."""
    lines = ["i,v,p"]
    for n, row in table.rows.items():
        for v, p in zip(row.perturbations, row.probabilities, strict=True):
            scaled = round(p * 10**decimals)
            lines.append(f"{n},{v},{scaled // 10**decimals}.{scaled % 10**decimals:0{decimals}d}")
    return ("\n".join(lines) + "\n").encode()


def _whole(text: str) -> int:
    if not re.fullmatch(r"0|-?[1-9][0-9]{0,5}", text, re.ASCII):
        raise ValueError
    return int(text)


def _probability(text: str) -> Fraction:
    if not _NUMBER.fullmatch(text) or Fraction(text) > 1:
        raise ValueError
    return Fraction(text)
