"""Tabulation: trusted code makes every output again, and says plainly how far that goes.

Lazy recipes are tabulated from the registered microdata. For the others the submission's code is run again from the
top, once, and hands over narrow frames. What cannot be made again is unverified and has nothing to release; texts and
results of own code are unverified too, and wait for people's decision.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from disclosure.errors import DatakampError
from disclosure.exchange.tabulation import Reason, TabulationJob
from disclosure.model.recipes import FrameSource, recipe_from_json
from disclosure.model.verdicts import Level, Status
from disclosure.render.compare import compare
from disclosure.texts import Text, text
from output_review.domain.states import LIVE, State
from output_review.ports import Reproduction
from output_review.services.beside import tabulation_order
from output_review.services.comparing import compare_outputs
from output_review.services.judging import job_for, rule_names, shown_level, shown_table
from output_review.services.kept_words import Words, keep_note, words_of, words_of_error
from output_review.services.rendering import rendered, rendered_text
from output_review.services.settling import settle
from output_review.services.showing import make_shown
from output_review.services.zone import ControlZone

if TYPE_CHECKING:
    from output_review.models import OutputRow, RequestRow

MOST_DIFFERENCES = 100
FOR_PEOPLE: Final = text("no rule can be applied to this: people decide on it, as an exception")
HANDOVER = "handover"
"""The folder for narrow frames, which hold records. Its name is fixed, so that a later start finds what was left."""


def tabulate(zone: ControlZone, row: RequestRow) -> None:
    """Tabulate every output of a request that is not tabulated yet; each is kept as soon as it is done.

    Takes the control zone's lock.
    """
    with zone.lock():
        tabulate_held(zone, row)


def tabulate_held(zone: ControlZone, row: RequestRow) -> None:
    """Do what `tabulate` does; the caller holds the lock."""
    row.refresh_from_db()
    if State(row.state) not in LIVE:
        return
    sweep(zone)
    folder = zone.camp.review / HANDOVER
    folder.mkdir(mode=0o700)
    try:
        _tabulate_all(zone, row, folder)
    finally:
        sweep(zone)


def give_up(zone: ControlZone, row: RequestRow, reason: Text) -> None:
    """Make the outputs of the current revision that are not tabulated unverified, and say why."""
    for output in row.outputs.filter(revision=row.revision, level=""):
        _unverified(zone, output, words_of(reason))
    with contextlib.suppress(DatakampError):  # what made the job fail may stop this too; pages make it themselves then
        make_shown(zone, row)
    settle(zone, row)


def sweep(zone: ControlZone) -> None:
    """Remove the records that a killed process left in the folder for frames; the caller holds the lock."""
    folder = zone.camp.review / HANDOVER
    if folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder)
    else:
        folder.unlink(missing_ok=True)


def _tabulate_all(zone: ControlZone, row: RequestRow, folder: Path) -> None:
    every = list(row.outputs.filter(revision=row.revision))
    waiting = [output for output in every if not output.level]
    # Also for a lazy one that is left when the process was killed: it is compared with the frames.
    failure = _reproduce(zone, row, folder) if waiting and any(map(_is_frame, every)) else {}
    compared = compare_outputs(zone, row, _to_compare(zone, row, failed=bool(failure)), folder) if waiting else ("", "")
    # What is drawn from other outputs comes after them, and what is computed from others last.
    for output in sorted(waiting, key=tabulation_order):
        output.compared_job, output.compared = compared
        if output.written:
            _unverified(zone, output, words_of(FOR_PEOPLE), rendered_text(zone, output))
        elif not _is_frame(output):
            _tabulate(zone, output, None)
        elif failure:
            _unverified(zone, output, failure)
        else:
            _tabulate(zone, output, folder / f"{output.name}.arrow")
    make_shown(zone, row)
    settle(zone, row)


def _to_compare(zone: ControlZone, row: RequestRow, *, failed: bool) -> dict[str, TabulationJob]:
    """Return the tabulations of all outputs with rows; one that is refused has nothing that could leave."""
    jobs = {}
    for output in row.outputs.filter(revision=row.revision, written="", derived=""):
        if not (failed and _is_frame(output)):
            with contextlib.suppress(DatakampError):
                jobs[output.name] = job_for(zone, recipe_from_json(output.recipe.encode()), row.team)
    return jobs


def _is_frame(output: OutputRow) -> bool:
    return not output.written and isinstance(recipe_from_json(output.recipe.encode()).source, FrameSource)


def _reproduce(zone: ControlZone, row: RequestRow, folder: Path) -> Words:
    code = {name: zone.store.get(stored) for name, stored in row.code}
    every = [one.name for one in row.outputs.filter(revision=row.revision) if _is_frame(one)]
    try:
        zone.engines.reproduce(zone.camp, Reproduction(row.team, code, row.parameters, tuple(every)), folder)
    except DatakampError as error:
        zone.log("tabulation", "reproduction_failed", {"request": str(row.pk), "reason": type(error).__name__})
        return words_of_error(error)
    return {}


def _tabulate(zone: ControlZone, output: OutputRow, frame: Path | None) -> None:
    recipe = recipe_from_json(output.recipe.encode())
    try:
        job = job_for(zone, recipe, output.request.team)
        result = zone.engines.tabulate(zone.camp, job, frame)
        if result.reason is Reason.UNKNOWN_UNITS:
            _unverified(zone, output, words_of(*result.missing))
            return
        table = shown_table(zone, output, job, result)
    except DatakampError as error:
        _unverified(zone, output, words_of_error(error))
        return
    made = rendered(zone, output, table)
    output.level = shown_level(output, job, result).value
    output.verdict = table.verdict.status.value
    output.job, output.result = zone.store.put(job.to_bytes()), zone.store.put(result.to_bytes())
    output.files = {name: zone.store.put(data) for name, data in made.files.items()}
    output.rules = rule_names(table)
    undrawn = () if made.undrawn is None else (made.undrawn,)
    keep_note(output, words_of(*getattr(table.verdict, "missing", ()), *undrawn))
    if output.claim:
        output.differences = list(compare(zone.store.get(output.claim), table))[:MOST_DIFFERENCES]
    _keep(zone, output)


def _unverified(
    zone: ControlZone, output: OutputRow, reason: Words, files: Mapping[str, bytes] = MappingProxyType({})
) -> None:
    output.level, output.verdict = Level.UNVERIFIED.value, Status.INCONCLUSIVE.value
    keep_note(output, reason)
    output.files = {name: zone.store.put(data) for name, data in files.items()}
    _keep(zone, output)


def _keep(zone: ControlZone, output: OutputRow) -> None:
    from django.db import transaction

    facts = {"request": str(output.request_id), "output": output.name, "level": output.level, "verdict": output.verdict}
    with transaction.atomic():
        output.save()
        zone.log("tabulation", "tabulated", facts)
