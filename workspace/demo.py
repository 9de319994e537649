"""The demonstration: the whole way from microdata to a signed package that verifies offline, and what tampering does.

It takes the same steps on the command line as people in a camp would; nothing here is a shortcut. What differs is
said in the camp's mark: everybody's keys lie in one folder, and the root key is thrown away.
"""

from __future__ import annotations

import contextlib
import io
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from disclosure.exchange.camp import Participant, Team
from disclosure.exchange.files import write_atomically
from workspace.camp_folder import new_camp
from workspace.cases import case
from workspace.demo_files import CASE, DemoError, free_folder, program, shown_arguments, tampered, told_by
from workspace.demo_office import office_with_new_keys, sign_with
from workspace.demo_waiting import hand_in_all, return_one

if TYPE_CHECKING:
    from rich.console import Console

Command = Callable[[list[str]], int]
"""Runs the command line with these arguments and returns its exit status."""

TEAM: Final = "armoede"
YEARS: Final = "2022-2022"
"""The years of the data: the one that the case is about. Files of a year have it in their names, as in a camp."""
DATA_SETS: Final = (
    "GBAPERSOONTAB", "GBAHUISHOUDENSBUS", "GBAADRESOBJECTBUS", "VSLGWBTAB", "KOPPELPERSOONHUISHOUDEN2022",
    "INHATAB2022", "KINDOUDERTAB", "SPOLISBUS2022",
)  # fmt: skip
REVIEWERS: Final = ("vera", "wim")
MORE_REVIEWERS: Final = (*REVIEWERS, "xena")
"""As many as an exception takes."""
PEOPLE: Final = (
    Participant("anna", ("researcher",), (TEAM,)),
    Participant("otto", ("organiser",), ()),
)
AUDITOR: Final = Participant("ada", ("auditor",), ())


def demo(
    folder: Path, persons: int, command: Command, console: Console, *, again: bool = False, waiting: bool = False
) -> None:
    """Show the whole way in a new camp, or leave requests for review in it.

    Args:
        folder: where the camp is made.
        persons: the size of the synthetic population.
        command: runs the command line.
        console: where it is told what is shown.
        again: if there is a demonstration in `folder` already, make another beside it.
        waiting: leave three requests in the camp for who opens the review application.

    Raises:
        BadInputError: the folder is taken.
        DemoError: a step did not do what it should show.
    """
    free = free_folder(folder, again=again)
    if waiting:
        _Demo(free, persons, command, console, MORE_REVIEWERS, (*PEOPLE, AUDITOR)).leave_waiting()
    else:
        _Demo(free, persons, command, console).show()


@dataclass
class _Demo:
    folder: Path
    persons: int
    command: Command
    console: Console
    reviewers: tuple[str, ...] = REVIEWERS
    others: tuple[Participant, ...] = PEOPLE
    step: int = 0

    def show(self) -> None:
        self.console.print("[bold]Datakamp: from microdata to a signed package.[/bold] Everything lies in this folder:")
        self._indent(str(self.folder))
        self._set_up()
        root = self._open()
        self._work()
        request = self._review()
        package = self._release(request)
        self._verify(package, root)
        self._close(package, root)

    def leave_waiting(self) -> None:
        self.console.print("[bold]Datakamp: requests that wait for review.[/bold] Everything lies in this folder:")
        self._indent(str(self.folder))
        self._set_up()
        self._open()
        self._say(
            "Three notebooks run in sealed kernels, and what they hand in is computed again.",
            "One request is clean, one has an unsafe table, and about one a reviewer will ask something.",
        )
        hand_in_all(self._do, self.folder, TEAM)
        self._say("A reviewer returns the last one with a question.", "Its researcher answers on a page of her own.")
        return_one(self._do, self.folder, self.reviewers[0])
        people = (*self.reviewers, *(one.name for one in self.others))
        self.console.print("\n[bold]Now open the pages, in a terminal of their own:[/bold]")
        self._print_command(f"review serve --camp {self.folder} --with-worker")
        self.console.print(f"[bold]and come in[/bold] as one of {', '.join(people)}; digits count once, so ask again:")
        self._print_command(f"review demo-account {self.reviewers[0]} --camp {self.folder}")
        self.console.print("To sign as a reviewer, run what the page Finish shows, with the key in office/keys.")

    # ---------------------------------------------------------------------------------------------------- the steps
    def _set_up(self) -> None:
        self._say(
            "An organiser makes a camp with one team and its authorised data sets.",
            "Here zones are not separated (mode one-user), so it takes synthetic data only.",
        )
        new_camp(
            self.folder,
            name="demo",
            title="Demonstration: children in poverty in The Hague",
            mark="DEMO",
            teams=(Team(TEAM, DATA_SETS),),
            participants=(*(Participant(name, ("reviewer",), ()) for name in self.reviewers), *self.others),
        )
        self._say(
            f"Synthetic microdata of {self.persons:,} persons are drawn and registered.",
            "Their digests are recorded: a file that is changed later is not used.",
        )
        source = self.folder / ".synthetic"
        try:
            self._do("data", "synthesize", str(source), "--persons", str(self.persons), "--years", YEARS)
            self._do("data", "register", "--camp", str(self.folder), *(str(source / name) for name in DATA_SETS))
        finally:
            shutil.rmtree(source, ignore_errors=True)

    def _open(self) -> str:
        self._say(
            "The office makes keys and opens the camp.",
            "A manifest signed by the root key freezes people, reviewers' keys, policy and data sets.",
        )
        root = office_with_new_keys(self._do, self.folder, self.reviewers, self.console.status)
        self.console.print(
            "   The root's private key is thrown away now: nobody can sign for this demonstration again."
        )
        return root

    def _work(self) -> None:
        self._say(
            "Anna's notebook runs in a sealed kernel.",
            "No network; her team's data sets, read-only; one folder that it can write to; the check while she works.",
        )
        workspace = self.folder / "workspaces" / TEAM
        shown = case(CASE)
        write_atomically(workspace / shown.notebook_name, shown.notebook())
        team = ("--camp", str(self.folder), "--team", TEAM)
        self._do("run", shown.notebook_name, *team, "-p", "threshold=100")
        self.console.print("   What the check told her: safe tables, one that is not and its remedy, and a refusal.")
        self._indent(told_by(workspace / "runs" / shown.notebook_name))
        self._say(
            "What she submitted is handed in by the broker, from outside the seal.",
            "Only code that runs from the top is taken, and only text and recipes: no data, no link, no pickle.",
        )
        self._do("submit", *team)

    def _review(self) -> str:
        camp = ("--camp", str(self.folder))
        self._say(
            "The control zone takes the submission in and computes every figure again.",
            "From the registered data, by the recipe alone: what the notebook claimed is compared and never used.",
        )
        self._do("review", "ingest", *camp)
        requests = json.loads(self._do("review", "list", *camp, "--json", quiet=True))
        if len(requests) != 1:
            raise DemoError(f"Expected one request in review, found {len(requests)}.")
        request = str(requests[0]["request"])
        self._do("review", "list", *camp)
        for output in requests[0]["outputs"]:
            self._indent(f"{output['name']}: {output['verdict']}, {output['level']}")
        self._say(
            "Two reviewers vote, each alone, and sign what they approve with a key of their own.",
            "The signature binds the digests of what will leave, the policy, and the state of the log.",
        )
        for name in REVIEWERS:
            self._do("review", "vote", request, *camp, "--reviewer", name, "--all", "--decision", "approve")
        for name in REVIEWERS:
            with self.console.status(f"{name} signs"):
                sign_with(self._do, self.folder, request, name, quiet=name != REVIEWERS[-1])
            if name != REVIEWERS[-1]:
                self._indent(f"$ datakamp sign {request} … --reviewer {name}: signed, the same as the next one")
        return request

    def _release(self, request: str) -> Path:
        self._say(
            "The release checks everything once more and builds the package.",
            "Every byte in it was rendered by the control zone; the ledger remembers what left.",
        )
        with self.console.status("Releasing"):
            self._do("release", request, "--camp", str(self.folder))
        packages = sorted((self.folder / "released").glob("*.zip"))
        if len(packages) != 1:
            raise DemoError(f"Expected one package, found {len(packages)}.")
        return packages[0]

    def _verify(self, package: Path, root: str) -> None:
        self._say(
            "Anyone who trusts the root's fingerprint verifies the package.",
            "No network, no database and no camp are needed.",
        )
        with self.console.status("Verifying"):
            verified = self._do("verify", str(package), "--root", root, "--demo")
        self._say("One bit of one output in a copy is flipped.", "Verify must say no, and name the file.")
        copy = self.folder / "tampered" / package.name
        copy.parent.mkdir()
        named = tampered(package, copy)
        with self.console.status("Verifying the copy"):
            forged = self._do("verify", str(copy), "--root", root, "--demo", expected=1, quiet=True)
        new = [line for line in forged.splitlines() if line not in verified.splitlines()]
        if not any(Path(named).name in line for line in new):
            raise DemoError("The changed file was not named.")
        self._indent("\n".join((f"$ datakamp verify …/tampered/{copy.name} --root {root} --demo", *new)))

    def _close(self, package: Path, root: str) -> None:
        self.console.print(
            "\n[bold]Shown:[/bold] tables that were safe, one that was not and how it was mended, and one that was "
            "refused; a sealed run, figures computed again, two signatures, a package that verifies, and a forgery "
            "that does not."
        )
        self.console.print("[bold]The package:[/bold]")
        self._indent(str(package))
        self.console.print("[bold]Try next:[/bold]")
        notebook = case(CASE).notebook_name
        for line in (
            f"verify {package} --root {root}          (without --demo it is refused)",
            f"run {notebook} --camp {self.folder} --team {TEAM} -p area=bc --output runs/by-buurt.ipynb",
            f"review show 1 --camp {self.folder}",
            f"audit --camp {self.folder}",
        ):
            self._print_command(line)

    # ------------------------------------------------------------------------------------------------------- telling
    def _say(self, what: str, why: str) -> None:
        self.step += 1
        self.console.print(f"\n[bold]{self.step}. {what}[/bold] {why}")

    def _do(self, *arguments: str, expected: int = 0, quiet: bool = False) -> str:
        """Run a command and return what it printed; show it, unless `quiet`.

        Raises:
            DemoError: its exit status is another than expected.
        """
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            status = self.command(list(arguments))
        if not quiet or status != expected:
            self._indent(f"$ datakamp {' '.join(shown_arguments(arguments))}\n{printed.getvalue()}")
        if status != expected:
            raise DemoError(
                f"'datakamp {arguments[0]}' ended with status {status} instead of {expected}.",
                hint=f"What there is until then lies in {self.folder.name}.",
            )
        return printed.getvalue()

    def _print_command(self, line: str) -> None:
        self.console.print(f"   {program()} {line}", soft_wrap=True, markup=False, highlight=False)

    def _indent(self, text: str) -> None:
        for line in text.rstrip("\n").splitlines():
            self.console.print(f"   {line}", soft_wrap=True, markup=False, highlight=False, style="dim")
