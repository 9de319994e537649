"""A rehearsal: a camp as camp.toml describes it, held from start to end on synthetic data, before anybody comes.

It happens in a folder of its own, in one-user mode and marked as a demonstration, so that nothing of it can be taken
for the camp itself.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from disclosure.errors import BadInputError, RefusedError
from disclosure.exchange.camp import FILE, CampFile, ZoneMode, read_camp
from disclosure.exchange.files import write_atomically
from workspace.camp_checks.problems import Lines
from workspace.camp_folder import PRIVATE, RELEASED
from workspace.camp_signing import record_signed
from workspace.cases import case
from workspace.demo_office import office_with_new_keys, sign_with

Command = Callable[[list[str]], int]
"""Runs the command line with these arguments and returns its exit status."""

_YEAR: Final = re.compile(r"[A-Za-z_]+?((?:19|20)\d\d)")
_PAST: Final = 4
"""So many years before the last one does synthetic data know."""
_NO_STATEMENT: Final = b"The statement is not written yet.\n"
_REPLACED: Final = ("mode", "users", "database", "mark")


class RehearsalError(RefusedError):
    """A step of the camp does not work as it is described."""


@dataclass
class Rehearsal:
    """A camp that is rehearsed.

    Attributes:
        camp: the one that is to be held.
        folder: a new one, for the rehearsal.
        told: called with a line about each step.
    """

    camp: CampFile
    folder: Path
    persons: int
    command: Command
    told: Callable[[str], None]

    def hold(self) -> int:
        """Hold the camp, and return how many requests were released.

        Raises:
            BadInputError: the folder is taken, or the camp has no cases or too few reviewers.
            RehearsalError: a step failed; the folder shows how far it came.
        """
        if not self.camp.event.cases:
            raise BadInputError("The camp has no cases to rehearse.", hint="Give its teams some: [[cases]].")
        reviewers = [one.name for one in self.camp.participants if "reviewer" in one.roles][: self.camp.quorum]
        made = self._made()
        with self._step("synthetic data, prepared as the camp's will be"):
            self._prepare()
        with self._step("keys, and the camp opened"):
            root = office_with_new_keys(self.do, self.folder, reviewers, contextlib.nullcontext)
        for wanted in made.event.cases:
            with self._step(f"case {wanted.number} of {wanted.team}: run, and handed in"):
                team = ("--camp", str(self.folder), "--team", wanted.team)
                self.do("run", case(wanted.number).notebook_name, *team)
                self.do("submit", *team)
        with self._step("every figure computed again"):
            self.do("review", "ingest", "--camp", str(self.folder))
        requests = json.loads(self.do("review", "list", "--camp", str(self.folder), "--json"))
        for request in requests:
            number = str(request["request"])
            unsafe = [one["name"] for one in request["outputs"] if one["verdict"] != "safe"]
            if unsafe:
                raise RehearsalError(
                    f"Request {number} of {request['team']} holds outputs that are not safe: {', '.join(unsafe)}.",
                    hint="On data of this size; a case is to end in outputs that are fit for review.",
                )
            with self._step(f"request {number}: voted on, signed, released, verified"):
                self._review(number, reviewers)
        for package in sorted((self.folder / RELEASED).glob("*.zip")):
            self.do("verify", str(package), "--root", root, "--demo")
        with self._step("what each team presents"):
            shown = self.folder.with_name(f"{self.folder.name}-shown")
            self.do("camp", "present", "--camp", str(self.folder), "--to", str(shown))
        with self._step("the camp closed: archived and wiped"):
            archive = self.folder.with_name(f"{self.folder.name}-archive")
            archive.mkdir(exist_ok=True)
            self.do("camp", "close", "--camp", str(self.folder), "--archive", str(archive), "--yes")
        return len(requests)

    def do(self, *arguments: str, quiet: bool = True) -> str:  # noqa: ARG002 - nothing of a rehearsal is shown whole
        """Run a command and return what it printed; a `RehearsalError` if it does not end well."""
        printed, complaints = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(complaints):
            status = self.command(list(arguments))
        if status != 0:
            said = (complaints.getvalue().strip() or printed.getvalue().strip()).splitlines()
            raise RehearsalError(
                f"'datakamp {' '.join(arguments[:2])}' ended with status {status}: {said[-1] if said else 'no word'}",
                hint=f"What there is until then lies in {self.folder.name}.",
            )
        return printed.getvalue()

    def _made(self) -> CampFile:
        """Make the folder of the rehearsal, with the camp's own words."""
        if self.folder.exists():
            raise BadInputError(
                f"There is a '{self.folder.name}' already.", hint="Name a folder that is not there yet."
            )
        try:
            self.folder.mkdir(parents=True)
            for name in PRIVATE:
                (self.folder / name).mkdir(mode=0o700)
            (self.folder / RELEASED).mkdir()
            if self.camp.statement:
                words = self.camp.folder / self.camp.statement
                said = words.read_bytes() if words.is_file() else _NO_STATEMENT
                write_atomically(self.folder / self.camp.statement, said)
            text = (self.camp.folder / FILE).read_text("utf-8")
            write_atomically(self.folder / FILE, rehearsed(text).encode("utf-8"))
        except OSError:
            raise BadInputError(f"'{self.folder.name}' cannot be made or written.") from None
        # Who has not signed yet has in the rehearsal: nobody sees a record there.
        today = datetime.now(UTC).date()
        record_signed(self.folder, [one.name for one in self.camp.participants], on=today, awareness=today)
        made = read_camp(self.folder)
        for team in made.teams:
            for zone in ("workspaces", "outbox", "inbox"):
                (self.folder / zone / team.name).mkdir(mode=0o700)
        return made

    def _prepare(self) -> None:
        source = self.folder / ".synthetic"
        years = sorted(int(found[1]) for name in _data_sets(self.camp) if (found := _YEAR.fullmatch(name)))
        self.do("data", "synthesize", str(source), "--persons", str(self.persons), *_span(years))
        self.do("camp", "prepare", "--camp", str(self.folder), "--data", str(source))

    def _review(self, number: str, reviewers: list[str]) -> None:
        camp = ("--camp", str(self.folder))
        for name in reviewers:
            self.do("review", "vote", number, *camp, "--reviewer", name, "--all", "--decision", "approve")
        for name in reviewers:
            sign_with(self.do, self.folder, number, name, quiet=True)
        self.do("release", number, *camp)

    @contextlib.contextmanager
    def _step(self, what: str) -> Iterator[None]:
        begun = time.monotonic()
        yield
        self.told(f"{what} ({time.monotonic() - begun:.0f} s)")


def rehearsed(text: str) -> str:
    """Return a camp.toml as a rehearsal has it: zones not separated, marked as a demonstration, the rest as it was."""
    lines, kept = Lines(text), text.splitlines(keepends=True)
    for key in _REPLACED:
        if line := lines.of(key):
            kept[line - 1] = "\n"
    return f'mode = "{ZoneMode.ONE_USER.value}"\nmark = "DEMO"\n{"".join(kept)}'


def _span(years: Sequence[int]) -> tuple[str, ...]:
    """Return how the years of the files are asked for, with those before: spells need a past, whatever their name.

    >>> _span([2022]), _span([])
    (('--years', '2018-2022'), ())
    """
    return ("--years", f"{min(years[0], years[-1] - _PAST)}-{years[-1]}") if years else ()


def _data_sets(camp: CampFile) -> set[str]:
    return {name for team in camp.teams for name in team.data_sets}
