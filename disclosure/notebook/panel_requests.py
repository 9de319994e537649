"""What the panel shows of requests: what the team has handed in, and what the inbox says of each.

A request lies in the workspace as `sdc.submit` wrote it. What became of it is told in the inbox, which a kernel sees
read-only beside its context: ``N-broker.json`` by the broker, ``N.json`` by the control zone. Both sides are read
carefully: what is not as expected is shown as unreadable and stops nothing.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, Final

from disclosure.errors import DatakampError
from disclosure.exchange.canonical import parse_json
from disclosure.exchange.context import VARIABLE
from disclosure.exchange.files import read_regular
from disclosure.exchange.submission import FILE, MAXIMUM_BYTES, submission_from_bytes
from disclosure.notebook.camp import Camp
from disclosure.notebook.submission import REQUESTS
from disclosure.notebook.words import legible
from disclosure.texts import text, translate

INBOX: Final = "inbox"
"""The folder beside the context of the run in which a kernel sees what its team was told."""
MOST_REQUESTS: Final = 50
_LARGEST_STATE: Final = 100_000
_LONGEST_LINE: Final = 1_000
_MOST_LINES: Final = 50
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


def inbox_folder() -> Path | None:
    """Return the folder with what the team was told, None where a kernel is given none."""
    place = Path(os.environ.get(VARIABLE, "")).parent / INBOX
    return place if os.environ.get(VARIABLE) and place.is_dir() else None


def _request(folder: Path, number: int, inbox: Path | None) -> dict[str, Any]:
    said: dict[str, Any] = {"number": number, "title": "", "purpose": "", "outputs": [], "code": []}
    try:
        submission = submission_from_bytes(read_regular(folder / FILE, limit=MAXIMUM_BYTES))
    except DatakampError:
        said["title"] = str(text("This request cannot be read."))
    else:
        names = [one.name for one in submission.outputs] + [one.name for one in submission.texts]
        said |= {"title": submission.title, "purpose": submission.purpose, "outputs": names}
        said["code"] = list(submission.code)
    return said | _state(inbox, number)


def _state(inbox: Path | None, number: int) -> dict[str, Any]:
    """Return where a request stands: by the control zone if it has said so, else by the broker."""
    for name in (f"{number}.json", f"{number}-broker.json"):
        told = None if inbox is None else _told(inbox / name, number)
        if told is not None:
            return told
    return {"state": "waiting", "words": translate("waiting for the broker"), "reason": ""}


def _told(path: Path, number: int) -> dict[str, Any] | None:
    if not os.path.lexists(path):
        return None
    try:
        document = parse_json(read_regular(path, limit=_LARGEST_STATE), what="A state in the inbox")
    except DatakampError:
        document = None
    if not isinstance(document, dict) or document.get("number") != number:
        return {"state": "unknown", "words": translate("what was told cannot be read"), "reason": ""}
    said = [document.get("state"), document.get("reason", ""), document.get("hint", "")]
    if not all(isinstance(one, str) for one in said):
        return {"state": "unknown", "words": translate("what was told cannot be read"), "reason": ""}
    state, *reasons = said
    lines = [line for reason in reasons for line in reason.splitlines() if line.strip()]
    reason = "\n".join(legible(line, _LONGEST_LINE) for line in lines[:_MOST_LINES])
    return {"state": state, "words": str(_STATES.get(state, legible(state))), "reason": reason}


_STATES: Final = {
    "submitted": text("handed in"),
    "refused": text("refused"),
    "in_review": text("in review"),
    "returned": text("returned with questions"),
    "approved": text("approved"),
    "rejected": text("rejected"),
    "released": text("released"),
    "recalled": text("recalled"),
    "withdrawn": text("withdrawn"),
}
