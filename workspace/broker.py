"""The broker: carries requests from a team's workspace to its outbox, and says in the inbox what became of them.

It works from outside the seal. Each request is read once (see `requests`), its code is run from the top in a sealed
kernel, and only if that works does a folder appear in the outbox: whole, and once. Every decision is final: a number
is used once, and whoever mends a refused request submits it again under the next.

A new request is handed in while a session of the camp is open; otherwise it waits, undecided, for the next one.

A broker that is killed leaves nothing that a reader could take for a submission: folders under way have hidden names,
are renamed when they are complete, and are removed when the next broker starts.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from disclosure.errors import BadInputError, DatakampError, DocumentError, ExecutionError, RefusedError
from disclosure.exchange.camp import CampFile
from disclosure.exchange.canonical import canonical_json, digest, parse_json
from disclosure.exchange.context import RunKind
from disclosure.exchange.files import read_regular, sync_directory, write_atomically
from disclosure.exchange.incidents import require_running
from disclosure.exchange.submission import CLAIMS, CODE, FILE, MAXIMUM_BYTES
from workspace.catalogue import authorised
from workspace.execution import RunError
from workspace.handing_in_time import NO_SESSION, may_come, present, until_when
from workspace.isolation.folders import RunDirectory
from workspace.isolation.seal import Seal, require_seal
from workspace.isolation.watchdog import Breach
from workspace.requests import Request, read_request, submission_bytes, waiting_numbers
from workspace.runs import run_submitted
from workspace.untrusted import remove_folder

LOGGER: Final = logging.getLogger("datakamp.workspace")

VERSION: Final = 1

_LARGEST_STATE: Final = 100_000
_LOCK: Final = ".lock"


Trial = Callable[[CampFile, str, Mapping[str, bytes], Mapping[str, Any]], None]
"""Runs the code of a team's request, with its parameters, from the top; an `ExecutionError` if it does not run."""


class HandInState(StrEnum):
    """What became of a request."""

    SUBMITTED = "submitted"
    REFUSED = "refused"
    WAITS = "waits"
    """Nothing was decided: no session is open."""


@dataclass(frozen=True)
class HandIn:
    """What became of one request.

    Attributes:
        reason, hint: why it was refused or waits, and what to do about it; empty if it was handed in.
        cell, exception: where and how its code failed, if it did.
    """

    number: int
    state: HandInState
    reason: str = ""
    hint: str = ""
    cell: int | None = None
    exception: str | None = None


def hand_in(
    camp: CampFile,
    team: str,
    *,
    seal: Seal,
    started: Callable[[int], None] | None = None,
    clock: Callable[[], datetime] | None = None,
) -> tuple[HandIn, ...]:
    """Hand in the team's finished requests that have not been decided yet, and return what became of each.

    What began while a session was open is brought to its end. A request that was changed after it was decided is
    returned as refused too, and nothing is written for it.

    Args:
        started: called with the number of each request that is about to be read and run.
        clock: tells the time; the machine's if None.

    Raises:
        SealError: the seal is not a verified one, or the box could not be built.
        DataError, IntegrityError, RefusedError: a data set is not what was registered, or may not be used here.
        HandInError: the broker itself cannot go on. What it has not decided stays where it is.
    """
    require_seal(seal)
    authorised(camp, camp.team(team).name)

    def tried(camp: CampFile, team: str, code: Mapping[str, bytes], parameters: Mapping[str, Any]) -> None:
        try_out(camp, team, code, parameters, seal=seal)

    return hand_in_after(camp, team, tried, started=started, clock=clock)


def hand_in_after(
    camp: CampFile,
    team: str,
    tried: Trial,
    *,
    started: Callable[[int], None] | None = None,
    clock: Callable[[], datetime] | None = None,
) -> tuple[HandIn, ...]:
    """Hand in the team's finished requests, each after a trial of its code; see `hand_in`.

    Args:
        tried: runs the code of a request from the top, or raises what `hand_in` says.
    """
    require_running(camp.folder)
    begun = (clock or present)()
    workspace = camp.workspace(camp.team(team).name)
    if not workspace.is_dir():
        raise BadInputError(f"The camp has no workspace for '{team}'.", hint="An organiser makes the folder.")
    results = []
    try:
        with _only_broker(camp, team):
            for number in waiting_numbers(workspace):
                if _is_decided(camp, team, number):
                    if _was_changed(camp, team, number):
                        results.append(_taken(number))
                    continue
                if not may_come(camp, workspace, number, begun):
                    results.append(HandIn(number, HandInState.WAITS, NO_SESSION, until_when(camp, begun)))
                    continue
                if started is not None:
                    started(number)
                results.append(_decide(camp, team, number, tried))
    except OSError:
        raise HandInError("The submission could not be copied.", hint="Is the disk full?") from None
    return tuple(results)


class HandInError(RefusedError):
    """The broker cannot go on; nothing that it has not decided is in the outbox."""


def state_file(camp: CampFile, team: str, number: int) -> Path:
    """Return the file in the inbox that says what became of a request."""
    return camp.inbox(team) / f"{number}-broker.json"


def _is_decided(camp: CampFile, team: str, number: int) -> bool:
    place, state = camp.outbox(team) / str(number), state_file(camp, team, number)
    if os.path.lexists(place) and not state.is_file():
        # Killed between the last two steps: the submission is there, and the team has not been told.
        submission = read_regular(place / FILE, limit=MAXIMUM_BYTES)
        _tell(camp, team, HandIn(number, HandInState.SUBMITTED), digest(submission))
    return state.is_file()


def _was_changed(camp: CampFile, team: str, number: int) -> bool:
    document = parse_json(
        read_regular(state_file(camp, team, number), limit=_LARGEST_STATE), what="A state in the inbox"
    )
    if not isinstance(document, dict) or document.get("number") != number or "submission" not in document:
        raise DocumentError("A state in the inbox does not follow its schema.")
    return bool(document["submission"] != _identity(camp, team, number))


def _taken(number: int) -> HandIn:
    return HandIn(
        number,
        HandInState.REFUSED,
        f"The number {number} was used for another request.",
        "Leave its folder where it is and submit again: that takes the next number.",
    )


def _decide(camp: CampFile, team: str, number: int, tried: Trial) -> HandIn:
    identity = _identity(camp, team, number)
    try:
        request = read_request(camp, team, number)
    except DatakampError as error:
        result = _refusal(number, error)
    else:
        result = _tried(camp, team, request, tried)
        if result.state is HandInState.SUBMITTED:
            _place(camp, team, request)
            # The team may have changed the request since; what counts is what was handed in.
            identity = digest(request.submission.to_bytes())
    _tell(camp, team, result, identity)
    LOGGER.info("Request %d of team %s: %s.", number, team, result.state.value)
    return result


def _tried(camp: CampFile, team: str, request: Request, tried: Trial) -> HandIn:
    number = request.submission.number
    try:
        tried(camp, team, dict(request.code), request.submission.parameters)
    except ExecutionError as error:
        return _refusal(number, error)
    return HandIn(number, HandInState.SUBMITTED)


def try_out(camp: CampFile, team: str, code: Mapping[str, bytes], parameters: Mapping[str, Any], *, seal: Seal) -> None:
    """Run the code of a request; an error about the machine, and not about the request, is a `HandInError`."""
    directory = RunDirectory()
    try:
        work = directory.path / "run"
        work.mkdir(mode=0o700)
        try:
            run_submitted(camp, team, code, parameters, kind=RunKind.BROKER, seal=seal, folder=work)
        except RunError as error:
            if error.execution.breach is Breach.DISK:
                raise HandInError(error.message, hint="Make room and hand in again.") from None
            raise
        finally:
            remove_folder(work)
    finally:
        directory.close()


def _place(camp: CampFile, team: str, request: Request) -> None:
    """Put a submission into the outbox, whole or not at all."""
    outbox, number = camp.outbox(team), str(request.submission.number)
    aside = outbox / f".{number}"
    for folder in (aside, aside / CODE, aside / CLAIMS):
        folder.mkdir()
    for name, data in request.code:
        write_atomically(aside / CODE / name, data)
    for name, data in request.claims:
        write_atomically(aside / CLAIMS / name, data)
    write_atomically(aside / FILE, request.submission.to_bytes())
    aside.rename(outbox / number)
    sync_directory(outbox)


def _tell(camp: CampFile, team: str, result: HandIn, identity: str | None) -> None:
    document: dict[str, Any] = {
        "version": VERSION,
        "camp": camp.name,
        "team": team,
        "number": result.number,
        "state": result.state.value,
        "reason": result.reason,
        "hint": result.hint,
        "cell": result.cell,
        "exception": result.exception,
        "submission": identity,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    write_atomically(state_file(camp, team, result.number), canonical_json(document))


def _refusal(number: int, error: DatakampError) -> HandIn:
    run = error.execution if isinstance(error, RunError) else None
    return HandIn(
        number,
        HandInState.REFUSED,
        error.message,
        error.hint,
        None if run is None else run.cell,
        None if run is None else run.exception,
    )


def _identity(camp: CampFile, team: str, number: int) -> str | None:
    try:
        return digest(submission_bytes(camp.workspace(team), number))
    except BadInputError:
        return None


@contextlib.contextmanager
def _only_broker(camp: CampFile, team: str) -> Iterator[None]:
    """Hold the outbox of a team alone, cleared of what a killed broker left."""
    outbox = camp.outbox(team)
    for folder in (outbox, camp.inbox(team)):
        folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(outbox / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        for entry in outbox.iterdir():
            if entry.name.startswith(".") and entry.is_dir():
                remove_folder(entry)
        yield
    finally:
        os.close(handle)
