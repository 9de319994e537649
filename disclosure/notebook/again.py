"""Handing the same outputs in again: where what was asked takes an answer and no other table."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from disclosure.errors import BadInputError, DatakampError
from disclosure.exchange.context import RunKind
from disclosure.exchange.files import read_regular
from disclosure.exchange.submission import CLAIMS, FILE, MAXIMUM_BYTES, VERSION, Submission, submission_from_bytes
from disclosure.notebook.camp import current_camp
from disclosure.notebook.revision import checked_answers
from disclosure.notebook.submission import REQUESTS, write_request
from disclosure.notebook.told import inbox_folder, told_of
from disclosure.texts import text

_NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}")


def submit_again(revises: Any, answers: Mapping[int, str]) -> int:
    """Write the newest revision of a returned request again, with answers, and return the number that it got.

    Raises:
        BadInputError: see `sdc.submit`; or the submission in the workspace cannot be read.
    """
    camp = current_camp()
    if camp is None:
        raise BadInputError(text("There is nobody to submit to outside a camp."))
    if camp.context.run is not RunKind.TEAM:
        return 0
    folder = camp.context.workspace / REQUESTS
    if type(revises) is not int:
        raise BadInputError(text("The panel did not say the {name}.", name="revises"))
    given = checked_answers(folder, revises, answers)
    place, earlier = _newest(folder, revises)

    def made(number: int) -> Submission:
        return replace(earlier, number=number, revises=revises, answers=given, version=VERSION)

    def claims() -> dict[str, bytes]:
        names = [one.name for one in earlier.outputs]
        return {name: read_regular(place / CLAIMS / f"{name}.json", limit=MAXIMUM_BYTES) for name in names}

    return write_request(folder, made, claims)


def _newest(folder: Path, first: int) -> tuple[Path, Submission]:
    """Return the newest submission of a request that was not refused, and its folder."""
    numbers = sorted((int(name) for name in os.listdir(folder) if _NUMBER.fullmatch(name)), reverse=True)
    for number in numbers:
        try:
            found = submission_from_bytes(read_regular(folder / str(number) / FILE, limit=MAXIMUM_BYTES))
        except DatakampError:
            continue
        if number == first or (found.revises == first and told_of(inbox_folder(), number).state == "submitted"):
            return folder / str(number), found
    raise BadInputError(
        text("What was handed in as request {number} cannot be read here any more.", number=first),
        hint=text("Hand in the basket as its revision."),
    )
