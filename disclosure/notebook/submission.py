"""The submission that `submit` writes into the workspace: what is in the basket, with the code that made it."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from disclosure.errors import BadInputError
from disclosure.exchange.context import RunKind
from disclosure.exchange.files import sync_directory, write_atomically
from disclosure.exchange.submission import CLAIMS, FILE, Submission
from disclosure.exchange.submission_names import check_code_name
from disclosure.notebook.basket import basket
from disclosure.notebook.camp import Camp, current_camp
from disclosure.texts import text

REQUESTS: Final = "requests"


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
        raise BadInputError(text("There is nobody to submit to outside a camp."))
    if camp.context.run is not RunKind.TEAM:
        return 0
    for name in code:
        if not (camp.context.workspace / check_code_name(name)).is_file():
            raise BadInputError(
                text("The workspace has no file '{name}'.", name=name), hint=text("Save it there first.")
            )
    return _write(camp, title, purpose, tuple(code), author)


def _write(camp: Camp, title: str, purpose: str, code: tuple[str, ...], author: str) -> int:
    kept = basket()
    folder = camp.context.workspace / REQUESTS
    folder.mkdir(exist_ok=True)
    number, aside = _taken(folder)
    try:
        submission = Submission(
            camp=camp.context.camp,
            team=camp.context.team,
            author=author,
            number=number,
            title=title,
            purpose=purpose,
            outputs=kept.outputs,
            code=code,
            parameters=camp.context.parameters,
            texts=kept.texts,
        )
        (aside / CLAIMS).mkdir()
        for name, claim in kept.claims().items():
            write_atomically(aside / CLAIMS / f"{name}.json", claim)
        write_atomically(aside / FILE, submission.to_bytes())
        aside.rename(folder / str(number))
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    sync_directory(folder)
    return number


def _taken(folder: Path) -> tuple[int, Path]:
    """Return a number that is free and the folder that takes it; of kernels that submit at once each gets its own."""
    while True:
        taken = [int(one.name.lstrip(".")) for one in folder.iterdir() if one.name.lstrip(".").isdigit()]
        number = max(taken, default=0) + 1
        with contextlib.suppress(FileExistsError):
            (folder / f".{number}").mkdir()
            return number, folder / f".{number}"
