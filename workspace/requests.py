"""Requests as teams leave them in their workspaces: read once, completely, and believed in nothing.

A request is what `sdc.submit` writes: ``requests/N/submission.json`` and ``requests/N/claims/OUTPUT.json``; its code is
read from the top folder of the workspace, by the names that the submission gives. Whatever else is there is refused,
whether it is a link, a hidden file, an archive or a pickle: nothing is opened to find out what it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from disclosure.errors import DocumentError
from disclosure.exchange.camp import CampFile
from disclosure.exchange.canonical import parse_json
from disclosure.exchange.files import read_regular
from disclosure.exchange.submission import CLAIMS, FILE, MAXIMUM_BYTES, Submission, submission_from_bytes
from workspace.code import without_outputs
from workspace.untrusted import entry_names, opened_folder

REQUESTS: Final = "requests"

_NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}")
_MOST_FOLDER_ENTRIES: Final = 100_000
_MOST_OUTPUTS: Final = 100
_MOST_CODE: Final = 50
_LARGEST_SAVED_CODE: Final = 32 << 20  # a saved notebook carries its outputs, which are left out
_LARGEST_CODE: Final = 1 << 20
_CLAIM: Final = ".json"


@dataclass(frozen=True)
class Request:
    """What a team hands in.

    Attributes:
        submission: in its one spelling.
        code: name and content without outputs, in the order in which it runs.
        claims: name of the file and content.
    """

    submission: Submission
    code: tuple[tuple[str, bytes], ...]
    claims: tuple[tuple[str, bytes], ...]


def waiting_numbers(workspace: Path) -> tuple[int, ...]:
    """Return the numbers of the finished requests in a workspace, in order.

    Raises:
        DataError: the folder of requests is a link or no folder, or holds too much.
    """
    with opened_folder(workspace) as folder:
        if REQUESTS not in entry_names(folder, limit=_MOST_FOLDER_ENTRIES):
            return ()
    with opened_folder(workspace, REQUESTS) as folder:
        names = entry_names(folder, limit=_MOST_FOLDER_ENTRIES)
    return tuple(sorted(int(name) for name in names if _NUMBER.fullmatch(name)))


def submission_bytes(workspace: Path, number: int) -> bytes:
    """Return the bytes of a request's submission.json; `DataError` if it is no regular file of its size."""
    with opened_folder(workspace, REQUESTS, str(number)) as folder:
        return read_regular(folder / FILE, limit=MAXIMUM_BYTES)


def read_request(camp: CampFile, team: str, number: int) -> Request:
    """Return a request, read from the team's workspace.

    Raises:
        BadInputError: it is anything else than what `sdc.submit` writes for this camp, team and number. The message
            quotes no name and no text that it holds, but those that follow the schema.
    """
    workspace = camp.workspace(team)
    with opened_folder(workspace, REQUESTS, str(number)) as folder:
        if set(entry_names(folder, limit=_MOST_OUTPUTS)) - {FILE, CLAIMS}:
            raise DocumentError(
                "The request holds files that no request has.",
                hint=f"It holds {FILE} and {CLAIMS}/, as sdc.submit writes them.",
            )
        data = read_regular(folder / FILE, limit=MAXIMUM_BYTES)
    submission = _checked(submission_from_bytes(data), camp, team, number)
    if submission.to_bytes() != data:
        raise DocumentError("The submission was edited.", hint="Let sdc.submit write it.")
    return Request(submission, _code(workspace, submission), _claims(workspace, submission))


def _checked(submission: Submission, camp: CampFile, team: str, number: int) -> Submission:
    found = (submission.camp, submission.team, submission.number)
    for what, one, expected in zip(("camp", "team", "number"), found, (camp.name, team, number), strict=True):
        if one != expected:
            raise DocumentError(f"The submission names another {what} than the one that it lies with.")
    if len(submission.outputs) > _MOST_OUTPUTS or len(submission.code) > _MOST_CODE:
        raise DocumentError(
            f"A request has at most {_MOST_OUTPUTS} outputs and {_MOST_CODE} notebooks and scripts.",
            hint="Hand in more than one request.",
        )
    return submission


def _claims(workspace: Path, submission: Submission) -> tuple[tuple[str, bytes], ...]:
    names = [f"{output.name}{_CLAIM}" for output in submission.outputs]
    with opened_folder(workspace, REQUESTS, str(submission.number), CLAIMS) as folder:
        if set(entry_names(folder, limit=_MOST_OUTPUTS)) != set(names):
            raise DocumentError("The claims are not exactly one for each output.", hint="Let sdc.submit write them.")
        claims = tuple((name, read_regular(folder / name, limit=MAXIMUM_BYTES)) for name in names)
    for name, claim in claims:
        parse_json(claim, what=f"The claim '{name}'")
    return claims


def _code(workspace: Path, submission: Submission) -> tuple[tuple[str, bytes], ...]:
    with opened_folder(workspace) as folder:
        saved = [(name, read_regular(folder / name, limit=_LARGEST_SAVED_CODE)) for name in submission.code]
    code = tuple((name, without_outputs(name, data)) for name, data in saved)
    for name, data in code:
        if len(data) > _LARGEST_CODE:
            raise DocumentError(f"'{name}' is larger than the {_LARGEST_CODE:,} bytes allowed.")
    return code
