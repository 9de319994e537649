"""`datakamp review serve, work, messages, figures, backup, restore`: the review application in operation."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from disclosure.errors import BadInputError
from disclosure.exchange.lines import visible
from output_review.commands import FOLDER, NO, camp_option, json_option, opened, printed
from output_review.deadline_commands import deadline_command

if TYPE_CHECKING:
    from output_review.ports import Engines
    from output_review.web.house import House

_LOCAL = "127.0.0.1:8000"


def commands(engines: Callable[[], Engines]) -> tuple[click.Command, ...]:
    """Return the commands of the group `review` that run it."""
    return (_work(engines), _serve(engines), _messages(engines), _figures(engines), _backup(engines), _restore(),
            deadline_command(engines))  # fmt: skip


def _house(folder: Path, engines: Callable[[], Engines]) -> House:
    """Return the house of a camp, opened as every command opens it; nobody is connected to its database yet.

    Raises:
        BadInputError: the folder for messages is not there; they would be tried, and then given up.
    """
    from django.db import connections

    from output_review.services.posting import check_post
    from output_review.site import VARIABLE
    from output_review.web.house import house_of

    check_post(opened(folder, engines, looking=True).site.notices)
    connections.close_all()
    site = os.environ.get(VARIABLE)
    return house_of(folder, engines, None if site is None else Path(site))


def _work(engines: Callable[[], Engines]) -> click.Command:
    @click.command()
    @camp_option
    @click.option("--once", is_flag=True, help="One round: take in, tabulate what is due, tell people; then end.")
    @click.pass_context
    def work(context: click.Context, folder: Path, once: bool) -> None:
        """Take in submissions, tabulate and send messages, until ended."""
        from output_review.services.stopping import Stop, StoppedError
        from output_review.services.working import one_round, work, worker_name

        house, stop = _house(folder, engines), Stop()
        stop.listen()
        try:
            if once:
                done = one_round(house.zone, worker_name(), stop)
                printed(None, False, done.lines or ["Nothing to do."])
                context.exit(NO if any(one.refused for one in done.taken) else 0)
            work(house.zone, stop, lambda line: click.echo(visible(line)))
        except StoppedError:
            click.echo("ended in the middle of a job, which waits for the next worker", err=True)

    return work


def _serve(engines: Callable[[], Engines]) -> click.Command:
    @click.command()
    @camp_option
    @click.option("--address", default=_LOCAL, show_default=True, help="HOST:PORT, or unix:PATH of a socket.")
    @click.option("--host", "hosts", multiple=True, help="A name by which it is reached; may be given more than once.")
    @click.option("--proxied", is_flag=True, help="A reverse proxy in front speaks TLS and says so.")
    @click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 32), help="Processes.")
    @click.option("--threads", default=32, show_default=True, type=click.IntRange(1, 64), help="Threads of each.")
    @click.option("--with-worker", is_flag=True, help="Also take in, tabulate and tell, in a process of its own.")
    @click.pass_context
    def serve(
        context: click.Context, folder: Path, address: str, hosts: tuple[str, ...], proxied: bool, workers: int,
        threads: int, with_worker: bool,
    ) -> None:  # fmt: skip
        """Serve the review application."""
        from output_review.web.serving import Service, address_of, serve_pages
        from output_review.web.together import run_together

        place = address_of(address, proxied=proxied)
        names = place.hosts(hosts)
        if not names:
            raise BadInputError("No name is given by which the application is reached.", hint="Give --host NAME.")
        if with_worker:
            words = ["--address", address, *(word for name in names for word in ("--host", name))]
            words += ["--workers", str(workers), "--threads", str(threads), *(["--proxied"] if proxied else [])]
            context.exit(run_together(folder, words))
        house = _house(folder, engines)
        click.echo(f"Datakamp's review of '{folder.resolve().name}': {place.shown(names)}")
        serve_pages(house, Service(folder.resolve() / "review", place, names, proxied, workers, threads))

    return serve


def _messages(engines: Callable[[], Engines]) -> click.Command:
    @click.command()
    @camp_option
    @click.option("--again", is_flag=True, help="Let a worker try those that were given up anew.")
    @json_option
    def messages(folder: Path, again: bool, as_json: bool) -> None:
        """Say which messages to people have not left, and have those sent again that were given up."""
        from output_review.services.notices import send_again, unsent

        zone = opened(folder, engines, looking=True)
        tried = send_again(zone) if again else 0
        left = unsent()
        about = f", about request {', '.join(map(str, left.requests))}" if left.requests else ""
        lines = [f"waiting: {left.waiting}", f"given up: {left.given_up}{about}"]
        lines += [f"{tried} are due again; a worker sends them"] if again else []
        lines += [] if zone.site.notices else ["Nobody is told: the site configuration has no [notices]."]
        document = {"waiting": left.waiting, "given_up": left.given_up, "requests": [*left.requests], "again": tried}
        printed(document, as_json, lines)

    return messages


def _figures(engines: Callable[[], Engines]) -> click.Command:
    @click.command()
    @camp_option
    @json_option
    def figures(folder: Path, as_json: bool) -> None:
        """Print figures about the work: what waits, turnaround, returns, votes against the verdict."""
        from output_review.services.figures import figures_of
        from output_review.services.figures_lines import figures_lines

        document = figures_of(opened(folder, engines, looking=True)).to_document(teams=True)
        printed(document, as_json, figures_lines(document))

    return figures


def _backup(engines: Callable[[], Engines]) -> click.Command:
    @click.command()
    @camp_option
    @click.option("--into", required=True, type=FOLDER, help="A folder; the copy gets a folder of its own in it.")
    @click.option("--head", type=FOLDER, help="A new file for the signed head of the log; keep it elsewhere.")
    @json_option
    def backup(folder: Path, into: Path, head: Path | None, as_json: bool) -> None:
        """Copy database, content store, log, ledger and key as they are at one moment."""
        from disclosure.exchange.camp import read_camp
        from disclosure.exchange.zones import require_organiser
        from output_review.services.backup import backup as copy_all
        from output_review.services.zone import open_zone

        require_organiser(read_camp(folder))  # where zones are separated, one user alone cannot read them all
        site = os.environ.get("DATAKAMP_SITE")
        made = copy_all(open_zone(folder, engines(), None if site is None else Path(site)), into, head)
        lines = [f"backup: {made.folder} ({made.files} files)", f"log: {made.sequence} entries, the last {made.hash}"]
        lines += [] if head is None else [f"head: {head}; keep it elsewhere than the backup"]
        printed(made.to_document(), as_json, lines)

    return backup


def _restore() -> click.Command:
    @click.command()
    @click.argument("copy", type=FOLDER)
    @click.option("--camp", "folder", required=True, type=FOLDER, help="A folder that is empty or not there.")
    @click.option("--site", required=True, type=FOLDER, help="The office's site configuration.")
    @click.option("--database", default="", help="Into this database of a server, instead of the one it came from.")
    @click.option("--head", type=FOLDER, help="The signed head that was written with the backup and kept elsewhere.")
    def restore(copy: Path, folder: Path, site: Path, database: str, head: Path | None) -> None:
        """Put a copy that `review backup` made back, once it is found whole."""
        from output_review.services.restore import restore as put_back

        report = put_back(copy, folder, site, database, head)
        click.echo(f"restored: log of {report.sequence} entries, the last {report.hash}")
        if head is None:
            click.echo("Entries cut off the end are not noticed without --head: compare with what the backup said.")
        click.echo(f"Now run: datakamp audit --camp {folder}")

    return restore
