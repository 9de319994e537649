"""The basket: outputs that a team means to submit, and the submission that `submit` writes into the workspace."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.ipc

from disclosure.errors import BadInputError, RefusedError
from disclosure.exchange.context import RunKind
from disclosure.exchange.files import sync_directory, write_atomically
from disclosure.exchange.submission import (
    CLAIMS,
    FILE,
    Submission,
    SubmittedOutput,
    check_code_name,
    check_output_name,
)
from disclosure.model.verdicts import Status
from disclosure.notebook.camp import Camp, current_camp
from disclosure.notebook.output import Output
from disclosure.render import to_json

REQUESTS = "requests"


class Basket:
    """Outputs by name. Adding one under a name that is taken replaces it."""

    def __init__(self) -> None:
        self._outputs: dict[str, tuple[SubmittedOutput, Output]] = {}

    def add(self, out: Output, *, name: str, title: str, population: str, differs: str = "") -> None:
        """Put an output into the basket.

        In a run of the control zone this also hands the narrow frame over, for trusted code to tabulate.

        Args:
            name: the output's identity across runs, for example "children-by-wijk".
            title, population: what it shows, of whom.
            differs: how it differs from an earlier version.

        Raises:
            RefusedError: the output is inconclusive, so nobody could judge it.
        """
        if out.verdict.status is Status.INCONCLUSIVE:
            raise RefusedError("An inconclusive output cannot be submitted.", hint="The verdict says what is missing.")
        self._outputs[check_output_name(name)] = (SubmittedOutput(name, title, population, differs, out.recipe), out)
        camp = current_camp()
        if camp is not None and camp.context.handover is not None and out.narrow is not None:
            _hand_over(out.narrow, camp.context.handover / f"{name}.arrow")

    @property
    def outputs(self) -> tuple[SubmittedOutput, ...]:
        """The outputs in the order in which they were added."""
        return tuple(one for one, _ in self._outputs.values())

    def claims(self) -> dict[str, bytes]:
        """Return what the researcher saw of each output, to be compared and never used."""
        return {name: to_json(out.table) for name, (_, out) in self._outputs.items()}

    def __len__(self) -> int:
        return len(self._outputs)

    def __repr__(self) -> str:
        lines = [f"{one.name}: {out.verdict.status.value} ({one.title})" for one, out in self._outputs.values()]
        return "\n".join(lines) or "The basket is empty."


_BASKET = Basket()


def basket() -> Basket:
    """Return the basket of this kernel."""
    return _BASKET


def submit(*, title: str, purpose: str, code: Sequence[str], author: str = "team") -> int:
    """Write the basket into the workspace as a request for review, and return its number.

    The broker outside the seal fetches it. In a run that the broker or the control zone started there is nothing to
    hand in, so it returns 0 at once.

    Args:
        code: the notebooks and scripts that made the outputs, in the order in which they run.

    Raises:
        BadInputError: outside a camp, or code that the workspace does not have.
    """
    camp = current_camp()
    if camp is None:
        raise BadInputError("There is nobody to submit to outside a camp.")
    if camp.context.run is not RunKind.TEAM:
        return 0
    for name in code:
        if not (camp.context.workspace / check_code_name(name)).is_file():
            raise BadInputError(f"The workspace has no file '{name}'.", hint="Save it there first.")
    return _write(camp, title, purpose, tuple(code), author)


def _write(camp: Camp, title: str, purpose: str, code: tuple[str, ...], author: str) -> int:
    folder = camp.context.workspace / REQUESTS
    folder.mkdir(exist_ok=True)
    number = _next_number(folder)
    submission = Submission(
        camp=camp.context.camp,
        team=camp.context.team,
        author=author,
        number=number,
        title=title,
        purpose=purpose,
        outputs=_BASKET.outputs,
        code=code,
        parameters=camp.context.parameters,
    )
    aside = folder / f".{number}"
    (aside / CLAIMS).mkdir(parents=True)
    for name, claim in _BASKET.claims().items():
        write_atomically(aside / CLAIMS / f"{name}.json", claim)
    write_atomically(aside / FILE, submission.to_bytes())
    aside.rename(folder / str(number))
    sync_directory(folder)
    return number


def _next_number(folder: Path) -> int:
    taken = [int(one.name.lstrip(".")) for one in folder.iterdir() if one.name.lstrip(".").isdigit()]
    return max(taken, default=0) + 1


def _hand_over(narrow: pa.Table, path: Path) -> None:
    sink = pa.BufferOutputStream()
    with pyarrow.ipc.new_file(sink, narrow.schema) as writer:
        writer.write_table(narrow)
    write_atomically(path, sink.getvalue().to_pybytes())
