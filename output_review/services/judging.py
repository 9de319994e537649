"""Judging what the sealed worker tabulated: a pure function of its job, its result and the policy.

Job and result lie in the content store, so that a reviewer's page, a release and an auditor can judge the same
evidence again without touching microdata.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from disclosure.check import judged, received
from disclosure.errors import DataError, IntegrityError, RefusedError
from disclosure.exchange.camp import CODEBOOK_FILE, DATA_FILE, CampFile, is_areas_file
from disclosure.exchange.canonical import canonical_json, digest, parse_json
from disclosure.exchange.files import file_digest, read_regular
from disclosure.exchange.registered import recorded_digests
from disclosure.exchange.tabulation import (
    JobKind,
    TabulationJob,
    TabulationResult,
    tabulation_job_from_bytes,
    tabulation_result_from_bytes,
)
from disclosure.exchange.zones import separated
from disclosure.model.derived import DerivedRequest, derived_from
from disclosure.model.recipes import LazySource, Recipe
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import Level
from disclosure.policy import Policy, policy_asked, policy_source
from disclosure.render.derived import derived_table
from disclosure.texts import text
from output_review.services.beside import beside_others
from output_review.services.zone import ControlZone
from output_review.signing.commitments import opens

if TYPE_CHECKING:
    from output_review.models import OutputRow

_CODEBOOK_LIMIT = 16 << 20


def job_for(zone: ControlZone, recipe: Recipe, team: str) -> TabulationJob:
    """Return the tabulation job of a recipe.

    A lazy recipe reads the data sets that it names; a frame is looked up in every data set of its team.

    Raises:
        RefusedError: the team is not authorised for a data set of the recipe.
        PolicyError: the recipe is pinned to a policy that is not at least as strict as the camp's.
        IntegrityError: a data set is not the one that the manifest pins.
    """
    allowed = zone.camp.team(team).data_sets
    lazy = isinstance(recipe.source, LazySource)
    names = tuple(one.name for one in recipe.source.data_sets) if isinstance(recipe.source, LazySource) else allowed
    foreign = sorted(set(names) - set(allowed))
    if foreign:
        raise RefusedError(
            text("Team '{team}' is not authorised for the data set {names}.", team=team, names=", ".join(foreign))
        )
    return TabulationJob(
        recipe=recipe,
        kind=JobKind.LAZY if lazy else JobKind.FRAME,
        data_sets={name: pinned(zone, name) for name in names},
        codebook_texts={name: codebook_text(zone.camp, name) for name in names},
        policy=policy_source(policy_for(zone, recipe).name),
    )


def policy_for(zone: ControlZone, recipe: Recipe) -> Policy:
    """Return the policy that a recipe is judged by: the camp's, or a known one that is at least as strict.

    Raises:
        PolicyError: it is pinned to another.
    """
    return policy_asked(recipe.policy, zone.policy)


def pinned(zone: ControlZone, name: str) -> str:
    """Return the digest of a data set's file, once it is found to be what the manifest pins."""
    for one in zone.manifest.data_sets:
        if one.name == name:
            if opens(one.commitment, zone.salt, f"data-set/{name}", data_set_digest(zone.camp, name)):
                return data_digest(zone.camp, name)
            raise IntegrityError(
                text("The data set '{name}' is not the one that the manifest pins.", name=name),
                hint=text("Restore it."),
            )
    raise DataError(text("The manifest pins no data set '{name}'.", name=name))


def data_set_digest(camp: CampFile, name: str) -> str:
    """Return one digest over a data set's file, its codebook, which says what in it is sensitive, and its areas."""
    folder = camp.data_folder(name)
    areas = sorted(one.name for one in folder.iterdir() if is_areas_file(one.name)) if folder.is_dir() else []
    beside = {file: file_digest(folder / file) for file in (CODEBOOK_FILE, *areas)}
    return digest(canonical_json({DATA_FILE: data_digest(camp, name), **beside}))


def data_digest(camp: CampFile, name: str) -> str:
    """Return the digest of the file with a data set's rows.

    Where the control zone reads no rows it is the registered one; the worker that reads them refuses another file.
    """
    folder = camp.data_folder(name)
    return recorded_digests(folder, name)[DATA_FILE] if separated(camp) else file_digest(folder / DATA_FILE)


def codebook_text(camp: CampFile, name: str) -> str:
    """Return the text of a data set's codebook, which must be one that this mode takes."""
    camp.codebook(name)
    try:
        return read_regular(camp.data_folder(name) / CODEBOOK_FILE, limit=_CODEBOOK_LIMIT).decode("utf-8")
    except UnicodeDecodeError:
        raise DataError(text("The codebook of '{name}' is not text.", name=name)) from None


def level_of(job: TabulationJob, result: TabulationResult) -> Level:
    """Return the level of what a sealed worker tabulated.

    A lazy recipe with columns computed across rows stands where reproduced ones do: a reviewer confirms its code.
    """
    return Level.RECOMPUTED if job.kind is JobKind.LAZY and not result.across_rows else Level.REPRODUCED


def shown_level(output: OutputRow, job: TabulationJob, result: TabulationResult) -> Level:
    """Return the level of an output: its own, or of what is computed from others the least of theirs and its own."""
    levels = [level_of(job, result), *(Level(one.level or Level.UNVERIFIED) for one in parents_of(output))]
    return max(levels, key=list(Level).index)


def tabulated(zone: ControlZone, output: OutputRow) -> tuple[TabulationJob, TabulationResult]:
    """Return the job and the result of an output that was tabulated, from what lies in the content store.

    Raises:
        IntegrityError: they are missing or changed, or the job is that of another recipe.
    """
    if not output.job or not output.result:
        raise IntegrityError(
            text("'{name}' was not tabulated by the control zone.", name=output.name), hint=text("Tabulate it again.")
        )
    job = tabulation_job_from_bytes(zone.store.get(output.job))
    result = tabulation_result_from_bytes(zone.store.get(output.result))
    if job.recipe.to_json() != output.recipe:
        raise IntegrityError(
            text("'{name}' was tabulated by another recipe than its own.", name=output.name),
            hint=text("Call an auditor."),
        )
    return job, result


def judged_again(zone: ControlZone, output: OutputRow) -> JudgedTable:
    """Return the judged table of an output, made again from its job and result; see `tabulated`."""
    job, result = tabulated(zone, output)
    return shown_table(zone, output, job, result)


def derived_of(output: OutputRow) -> DerivedRequest | None:
    """Return what an output is computed from, None if it is a table of its own."""
    return derived_from(parse_json(output.derived.encode(), what="The derived table")) if output.derived else None


def parents_of(output: OutputRow) -> tuple[OutputRow, ...]:
    """Return the outputs that one is computed from, none if it is a table of its own.

    Raises:
        IntegrityError: its revision has no such output.
    """
    request = derived_of(output)
    if request is None:
        return ()
    others = {one.name: one for one in output.request.outputs.filter(revision=output.revision) if not one.derived}
    if not set(request.tables) <= set(others):
        raise IntegrityError(
            text("What '{name}' is computed from is not there.", name=output.name), hint=text("Call an auditor.")
        )
    return tuple(others[name] for name in request.tables)


def shown_table(zone: ControlZone, output: OutputRow, job: TabulationJob, result: TabulationResult) -> JudgedTable:
    """Return what an output shows: the table of its recipe, or what is computed from other outputs.

    A table of its own is judged beside those of its request that came before it.

    Args:
        job, result: the tabulation of its recipe; of a derived output that of what its tables tell together.

    Raises:
        DocumentError: the result answers another job, or is not what the job asks for.
        IntegrityError: a table that it is computed from was not tabulated, or is not what was tabulated.
        RecipeError: nothing can be computed from these tables as asked.
    """
    found = received(job, result)
    table = judged(job.recipe, found, policy_for(zone, job.recipe))
    request = derived_of(output)
    if request is None:
        return beside_others(zone, output, found, table)
    tables = tuple(judged_again(zone, one) for one in parents_of(output))
    return derived_table(request.operation, tables, request.base, table)


def confirmed(zone: ControlZone, output: OutputRow) -> JudgedTable:
    """Return the judged table of an output, once it comes to the verdict, level and rules that its row shows.

    Raises:
        IntegrityError: it does not; whoever voted was shown something else.
    """
    job, result = tabulated(zone, output)
    table = shown_table(zone, output, job, result)
    found = (table.verdict.status.value, shown_level(output, job, result).value, rule_names(table))
    if found != (output.verdict, output.level, list(output.rules)):
        raise IntegrityError(
            text("Verdict, level or rules of '{name}' are not those that its evidence comes to.", name=output.name),
            hint=text("Call an auditor."),
        )
    return table


def rule_names(table: JudgedTable) -> list[str]:
    """Return the names of the rules that a table was judged by."""
    return [rule.value for rule in table.rules]
