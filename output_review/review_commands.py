"""`datakamp review`, `sign` and `release`: the path from the outbox to a package."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from disclosure.errors import BadInputError, IntegrityError
from disclosure.exchange.lines import visible
from output_review import operate_commands
from output_review.commands import FOLDER, NO, camp_option, json_option, opened, passphrase_from, printed
from output_review.foreign_commands import take_in
from output_review.workflow_commands import (
    DECISIONS,
    REASONS,
    lay_out,
    request_argument,
    reviewer_option,
    workflow_commands,
)

if TYPE_CHECKING:
    from datetime import datetime

    from disclosure.exchange.camp import CampFile
    from output_review.ports import Engines


def commands(engines: Callable[[], Engines]) -> tuple[click.Command, ...]:
    """Return the commands."""
    return (_review(engines), _sign(engines), _release(engines))


def _review(engines: Callable[[], Engines]) -> click.Group:
    @click.group()
    def review() -> None:
        """Review requests in the control zone."""

    for command in (_ingest, _list, _show, _vote, _reject, _files, take_in, *workflow_commands()):
        review.add_command(command(engines))
    for made in operate_commands.commands(engines):
        review.add_command(made)
    return review


def _ingest(engines: Callable[[], Engines]) -> click.Command:
    @click.command()
    @camp_option
    @json_option
    @click.pass_context
    def ingest(context: click.Context, folder: Path, as_json: bool) -> None:
        """Take in new submissions and tabulate their outputs."""
        from rich.console import Console

        from output_review.services.deadline import held_back_until
        from output_review.services.ingest import ingest as take_in
        from output_review.services.views import summary
        from output_review.services.working import tabulate_waiting

        zone = opened(folder, engines)
        taken = take_in(zone)
        console = Console(stderr=True)
        with console.status("tabulating"):
            problems = tabulate_waiting(zone)
        held: dict[int, datetime | None] = {}
        try:
            held |= {one.request: held_back_until(zone, zone.request(one.request)) for one in taken if not one.refused}
        except IntegrityError as error:
            problems = (*problems, str(error))  # what came in is in, and is not released before this is mended
        for problem in problems:
            click.echo(f"datakamp: {visible(problem)}", err=True)
        documents = [summary(zone.request(one.request)) for one in taken]
        lines = [
            f"request {one.request}: {one.team} {one.number}: "
            + (f"refused: {one.refused}" if one.refused else "taken in")
            + (f", after the deadline: not released before {until:%Y-%m-%d %H:%M %Z}" if until is not None else "")
            for one, until in ((one, held.get(one.request)) for one in taken)
        ]
        printed(documents, as_json, lines or ["Nothing new."])
        context.exit(NO if any(one.refused for one in taken) else 0)

    return ingest


def _list(engines: Callable[[], Engines]) -> click.Command:
    @click.command("list")
    @camp_option
    @json_option
    def list_(folder: Path, as_json: bool) -> None:
        """List the requests."""
        opened(folder, engines, looking=True)
        from output_review.models import RequestRow
        from output_review.services.view_lines import list_line
        from output_review.services.views import summary

        documents = [summary(row) for row in RequestRow.objects.order_by("pk")]
        printed(documents, as_json, [list_line(one) for one in documents] or ["There are no requests."])

    return list_


def _show(engines: Callable[[], Engines]) -> click.Command:
    @click.command()
    @request_argument
    @camp_option
    @click.option("--code", is_flag=True, help="With the source of the submission's code, without outputs.")
    @click.option("--reviewer", default="", help="With the comments that you may see.")
    @json_option
    def show(folder: Path, request: int, code: bool, reviewer: str, as_json: bool) -> None:
        """Show a request: its outputs with recipe, derivation, verdict, level, findings, and other claims."""
        from output_review.domain.permissions import reviewer_of
        from output_review.services.view_lines import detail_lines
        from output_review.services.views import detail

        zone = opened(folder, engines, looking=True)
        row = zone.request(request)
        reader = reviewer_of(zone.manifest, reviewer, row.team) if reviewer else None
        document = detail(zone, row, code=code, reader=reader)
        printed(document, as_json, detail_lines(document))

    return show


def _vote(engines: Callable[[], Engines]) -> click.Command:
    @click.command()
    @request_argument
    @camp_option
    @reviewer_option
    @click.option("--output", "outputs", multiple=True, help="An output's name; may be given more than once.")
    @click.option("--all", "every", is_flag=True, help="Every output of the request.")
    @click.option("--decision", required=True, type=DECISIONS)
    @click.option("--reason", type=REASONS, help="Needed for a vote against the automatic verdict.")
    @click.option("--text", default="", help="The reason in words.")
    def vote(
        folder: Path,
        request: int,
        reviewer: str,
        outputs: tuple[str, ...],
        every: bool,
        decision: str,
        reason: str | None,
        text: str,
    ) -> None:
        """Vote on outputs."""
        from output_review.domain.votes import Reason, Vote
        from output_review.services.reviewing import current_outputs
        from output_review.services.reviewing import vote as record_vote
        from output_review.signing.signoff import Decision

        zone = opened(folder, engines)
        row = zone.request(request)
        if every == bool(outputs):
            raise BadInputError("Name the outputs, or say --all.", hint="For example --output children-by-wijk.")
        names = tuple(one.name for one in current_outputs(row)) if every else outputs
        given = Vote(reviewer, Decision(decision), Reason(reason) if reason else None, text)
        record_vote(zone, row, names, given)
        click.echo(f"{reviewer}: {decision} {', '.join(names)}")
        lay_out(zone)

    return vote


def _reject(engines: Callable[[], Engines]) -> click.Command:
    @click.command()
    @request_argument
    @camp_option
    @reviewer_option
    @click.option("--text", required=True, help="The reason, for the researcher.")
    def reject(folder: Path, request: int, reviewer: str, text: str) -> None:
        """Reject a request of which the quorum rejects every output."""
        from output_review.services.reviewing import reject as reject_request

        zone = opened(folder, engines)
        reject_request(zone, zone.request(request), reviewer, text)
        click.echo(f"request {request} is rejected")

    return reject


def _files(engines: Callable[[], Engines]) -> click.Command:
    @click.command()
    @request_argument
    @camp_option
    @click.option("--output", "name", required=True, help="The output's name.")
    @click.option("--into", required=True, type=FOLDER, help="A folder, for looking at; what leaves is made anew.")
    def files(folder: Path, request: int, name: str, into: Path) -> None:
        """Write the rendered files of an output into a folder: its table, and its figure as SVG and PNG."""
        from output_review.services.reviewing import current_outputs
        from output_review.services.views import file_bytes
        from output_review.store.once import create_once

        zone = opened(folder, engines, looking=True)
        row = zone.request(request)
        names = [file for one in current_outputs(row) if one.name == name for file in sorted(one.files)]
        if not names or not into.is_dir():
            raise BadInputError("There is no such output with files, or no such folder.", hint="See: review show")
        for file in names:
            create_once(into / file, file_bytes(zone, row, name, file))
            click.echo(str(into / file))

    return files


def _sign(engines: Callable[[], Engines]) -> click.Command:
    @click.command()
    @request_argument
    @camp_option
    @reviewer_option
    @click.option("--key", "key_file", required=True, type=FOLDER, help="Your private key file.")
    @click.option("--passphrase-file", type=FOLDER, help="Otherwise the passphrase is asked for.")
    def sign(folder: Path, request: int, reviewer: str, key_file: Path, passphrase_file: Path | None) -> None:
        """Sign your votes on a request: shows exactly what is signed, then signs it with your own key."""
        from disclosure.exchange.camp import read_camp
        from disclosure.exchange.zones import separated

        camp = read_camp(folder)
        if separated(camp):
            _signed_at_desk(camp, request, reviewer, key_file, passphrase_file)
            return
        from output_review.services.signing_off import sign_off, statement
        from output_review.services.view_lines import statement_lines
        from output_review.signing.key_files import read_private_key

        zone = opened(folder, engines)
        row = zone.request(request)
        signed = statement(zone, row, reviewer)
        printed(None, False, statement_lines(signed))
        key = read_private_key(key_file, passphrase_from(passphrase_file, f"Passphrase of {key_file.name}"))
        state = sign_off(zone, row, signed, key)
        click.echo(f"signed by {reviewer}; the request is {state.value}")

    return sign


def _signed_at_desk(camp: CampFile, request: int, reviewer: str, key_file: Path, passphrase_file: Path | None) -> None:
    """Sign what lies on the reviewer's desk: neither database nor store is reached."""
    from disclosure.exchange.zones import require_person
    from output_review.services.desk import files_of, laid_out, sign_at_desk
    from output_review.services.view_lines import statement_lines
    from output_review.signing.key_files import read_private_key

    require_person(camp, reviewer)
    signed = laid_out(camp, reviewer, request)
    printed(None, False, [*statement_lines(signed), f"The files: {files_of(camp, reviewer, request)}"])
    key = read_private_key(key_file, passphrase_from(passphrase_file, f"Passphrase of {key_file.name}"))
    sign_at_desk(camp, signed, key)
    click.echo(f"signed by {reviewer}; the next command of datakamp review takes it in")


def _release(engines: Callable[[], Engines]) -> click.Command:
    @click.command()
    @request_argument
    @camp_option
    @json_option
    def release(folder: Path, request: int, as_json: bool) -> None:
        """Release an approved request: check everything again, build the package, move it out."""
        from disclosure.exchange.zones import Zone
        from output_review.services.releasing import release as release_request

        zone = opened(folder, engines, acting=Zone.RELEASE)
        path = release_request(zone, zone.request(request))
        printed({"request": request, "package": str(path)}, as_json, [f"released: {path}"])

    return release
