"""The submission that `submit` writes into the workspace: what is in the basket, with the code that made it."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from disclosure.errors import BadInputError
from disclosure.exchange.context import RunKind
from disclosure.exchange.files import sync_directory, write_atomically
from disclosure.exchange.submission import CLAIMS, FILE, Submission
from disclosure.exchange.submission_names import check_code_name
from disclosure.notebook.basket import basket
from disclosure.notebook.camp import current_camp
from disclosure.notebook.revision import checked_answers
from disclosure.texts import text

REQUESTS: Final = "requests"


def submit(
    *,
    title: str,
    purpose: str,
    code: Sequence[str],
    author: str = "team",
    revises: int | None = None,
    answers: Mapping[int, str] | None = None,
) -> int:
    """Write the basket into the workspace as a request for review, and return its number.

    The broker outside the seal fetches it. In a run that the broker or the control zone started there is nothing to
    hand in, so it returns 0 at once.

    Args:
        code: the notebooks and scripts that made the outputs, in the order in which they run.
        revises: the number of a request that was returned with questions: the basket becomes its next revision.
        answers: the number of each question about it, and the answer, 1 to 2,000 characters.

    Raises:
        BadInputError: outside a camp, code that the workspace does not have, or a request that cannot be revised.
        DocumentError: something that no submission says.

    Example::

        sdc.submit(title="Children", purpose="To learn.", code=["children.ipynb"],
                   revises=3, answers={12: "The population is named now."})
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
    given = checked_answers(camp.context.workspace / REQUESTS, revises, answers)
    kept = basket()
    outputs, texts = kept.outputs, kept.texts

    def made(number: int) -> Submission:
        return Submission(
            camp=camp.context.camp,
            team=camp.context.team,
            author=author,
            number=number,
            title=title,
            purpose=purpose,
            outputs=outputs,
            code=tuple(code),
            parameters=camp.context.parameters,
            texts=texts,
            revises=revises,
            answers=given,
        )

    return write_request(camp.context.workspace / REQUESTS, made, kept.claims)


def write_request(folder: Path, made: Callable[[int], Submission], claims: Callable[[], Mapping[str, bytes]]) -> int:
    """Write a request under the next number, whole or not at all, and return the number.

    Args:
        folder: in which the requests of the workspace lie.
        made: returns the submission of a number.
        claims: returns the claim of each output, by its name.
    """
    folder.mkdir(exist_ok=True)
    number, aside = _taken(folder)
    try:
        submission = made(number)
        (aside / CLAIMS).mkdir()
        for name, claim in claims().items():
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
