"""What the panel shows of requests: what the team has handed in, and what the inbox says of each.

A request lies in the workspace as `sdc.submit` wrote it; what became of it is told in the inbox (see `told`). A later
submission that revises a request says so, and once it is taken in, everything about it is told under the first. What
is not as expected is shown as unreadable and stops nothing.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, Final

from disclosure.errors import DatakampError
from disclosure.exchange.files import read_regular
from disclosure.exchange.submission import FILE, MAXIMUM_BYTES, submission_from_bytes
from disclosure.notebook.camp import Camp
from disclosure.notebook.submission import REQUESTS
from disclosure.notebook.told import inbox_folder, told_of
from disclosure.texts import text

MOST_REQUESTS: Final = 50
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}")


def requests_document(camp: Camp | None) -> dict[str, Any]:
    """Return the newest requests of the team, and whether the inbox can be seen from here, as a JSON object."""
    if camp is None:
        return {"inbox": False, "requests": []}
    inbox = inbox_folder()
    folder = camp.context.workspace / REQUESTS
    names = os.listdir(folder) if folder.is_dir() and not folder.is_symlink() else []
    numbers = sorted((int(name) for name in names if _NUMBER.fullmatch(name)), reverse=True)
    found = [_request(folder / str(number), number, inbox) for number in numbers[:MOST_REQUESTS]]
    return {"inbox": inbox is not None, "requests": found}


def _request(folder: Path, number: int, inbox: Path | None) -> dict[str, Any]:
    said: dict[str, Any] = {
        "number": number, "title": "", "purpose": "", "outputs": [], "code": [], "revises": None,
    }  # fmt: skip
    try:
        submission = submission_from_bytes(read_regular(folder / FILE, limit=MAXIMUM_BYTES))
    except DatakampError:
        said["title"] = str(text("This request cannot be read."))
    else:
        names = [one.name for one in submission.outputs] + [one.name for one in submission.texts]
        said |= {"title": submission.title, "purpose": submission.purpose, "outputs": names}
        said |= {"code": list(submission.code), "revises": submission.revises}
    told = told_of(inbox, number)
    return said | {
        "state": told.state,
        "words": told.words,
        "reason": told.reason,
        "revision": told.revision,
        "questions": [one.to_document() for one in told.questions],
    }
