"""Taking in what another program made: as unverified outputs, which only people decide on, as exceptions.

What that program says of its outputs becomes a comment in their threads. It is shown and never believed.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from disclosure.errors import DocumentError
from disclosure.exchange.canonical import canonical_json
from disclosure.exchange.files import read_regular
from disclosure.exchange.foreign import ForeignOutput, ForeignOutputs
from disclosure.exchange.submission_names import check_context, check_line
from disclosure.exchange.written import SubmittedText, WrittenKind
from output_review.domain.phrases import Phrase
from output_review.domain.states import State
from output_review.domain.threads import Audience
from output_review.services.ingest import FIRST_FOREIGN, tell
from output_review.services.records import check_records
from output_review.services.settling import check_outputs
from output_review.services.zone import ControlZone

if TYPE_CHECKING:
    from output_review.models import RequestRow

AUTHOR: Final = "intake"
"""Who writes the comments: nobody's account."""
_MOST_FILES: Final = 200
_LARGEST_FILE: Final = 5_000_000
_LARGEST: Final = 50_000_000
_LONGEST_BASE: Final = 50


@dataclass(frozen=True)
class Intake:
    """Who hands in what, in words that a reviewer needs."""

    team: str
    author: str
    title: str
    purpose: str
    population: str


def is_taken_in(row: RequestRow) -> bool:
    """Tell whether a request was taken in from another program: no team counted it."""
    return row.number >= FIRST_FOREIGN


def take_in_foreign(zone: ControlZone, folder: Path, intake: Intake) -> RequestRow:
    """Take in a folder of ACRO as a request, and return that.

    Raises:
        DocumentError: the folder holds what no such folder holds, nothing that could be read, or more tables than a
            request of this camp may have; nothing is taken in.
        ExecutionError: the worker that reads it died.
    """
    zone.camp.team(intake.team)
    person = zone.camp.participant(intake.author)
    if intake.team not in person.teams:
        raise DocumentError(f"'{intake.author}' is not in team '{intake.team}'.", hint="Name the researcher.")
    for what, limit in (("title", 200), ("purpose", 2000), ("population", 500)):
        check_line(getattr(intake, what), what, limit)
    files = _files(folder)
    found = zone.engines.read(zone.camp, files)
    texts = tuple(_texts(found, intake))
    if not texts:
        raise DocumentError(
            "No output of the folder could be read.", hint="Tables are read, pictures and other files are not."
        )
    check_outputs(zone, len(texts))
    for written, _ in texts:
        check_records(zone, written)
    with zone.lock():
        row = _entered(zone, intake, found, files, texts)
    tell(zone, row.team, row.number, State.SUBMITTED, "")
    return row


def _files(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder; those below it (ACRO keeps checksums there) are passed over."""
    if not folder.is_dir() or folder.is_symlink():
        raise DocumentError(f"There is no folder '{folder.name}'.", hint="Name the one that finalise() wrote.")
    files: dict[str, bytes] = {}
    for name in sorted(os.listdir(folder)):
        mode = (folder / name).lstat().st_mode
        if stat.S_ISDIR(mode):
            continue
        if not stat.S_ISREG(mode) or name.startswith("."):
            raise DocumentError("The folder holds a link, a hidden file or something that is no file.")
        files[name] = read_regular(folder / name, limit=_LARGEST_FILE)
        if len(files) > _MOST_FILES or sum(map(len, files.values())) > _LARGEST:
            raise DocumentError(f"The folder holds more than {_MOST_FILES} files, or too many bytes.")
    return files


def _texts(found: ForeignOutputs, intake: Intake) -> Iterator[tuple[SubmittedText, ForeignOutput]]:
    """Yield each table of the outputs as something written, and the output that it is of."""
    used: set[str] = set()
    for output in found.outputs:
        for table in output.tables:
            name = _output_name(table.file, used)
            title = f"{output.name}, {table.file} ({found.program})"[:200].strip()
            check_context(name, title, intake.population, "")
            body = table.values.to_body()
            yield SubmittedText(name, title, intake.population, "", WrittenKind.FOREIGN, body), output


def _output_name(file: str, used: set[str]) -> str:
    base = re.sub(r"[^a-z0-9]+", "-", Path(file).stem.lower()).strip("-")[:_LONGEST_BASE] or "output"
    name, count = f"foreign-{base}", 1
    while name in used:
        count += 1
        name = f"foreign-{base}-{count}"
    used.add(name)
    return name


def _entered(
    zone: ControlZone,
    intake: Intake,
    found: ForeignOutputs,
    files: dict[str, bytes],
    texts: tuple[tuple[SubmittedText, ForeignOutput], ...],
) -> RequestRow:
    from django.db import transaction

    from output_review.models import CommentRow, HandedInRow, OutputRow, RequestRow
    from output_review.services.jobs import enqueue

    stored = {name: zone.store.put(data) for name, data in files.items()}
    written = {one.name: zone.store.put(canonical_json(one.to_document())) for one, _ in texts}
    with transaction.atomic():
        last = HandedInRow.objects.filter(team=intake.team).order_by("-number").first()
        number = FIRST_FOREIGN if last is None else max(last.number + 1, FIRST_FOREIGN)
        row = RequestRow.objects.create(
            team=intake.team,
            number=number,
            author=intake.author,
            title=intake.title,
            purpose=intake.purpose,
            state=State.SUBMITTED.value,
            received=zone.clock(),
            submission=stored["results.json"],
        )

        def say(output: str, phrase: Phrase, body: str) -> None:
            CommentRow.objects.create(
                request=row, revision=1, output=output, author=AUTHOR, audience=Audience.EVERYONE.value,
                phrase=phrase.value, body=body, written=zone.clock(),
            )  # fmt: skip

        HandedInRow.objects.create(team=intake.team, number=number, request=row, revision=1, submission=row.submission)
        for text, output in texts:
            OutputRow.objects.create(
                request=row, revision=1, name=text.name, title=text.title, population=text.population,
                written=written[text.name],
            )  # fmt: skip
            say(text.name, Phrase.FOREIGN_SAYS, f"{found.program}\n{output.said}")
            if output.left_out:
                say(text.name, Phrase.FOREIGN_LEFT_OUT, "\n".join(output.left_out))
        for output in found.outputs:
            if not output.tables:
                say("", Phrase.FOREIGN_LEFT_OUT, "\n".join((output.name, *output.left_out)))
        zone.log(
            AUTHOR,
            "submitted",
            {"request": str(row.pk), "team": row.team, "number": number, "foreign": found.program},
        )
        enqueue(zone, row)
    return row
