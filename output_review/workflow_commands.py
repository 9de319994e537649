"""`datakamp review`: what people say to each other about a request, and how it goes to and fro between them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from disclosure.exchange.lines import visible
from output_review.commands import camp_option, opened
from output_review.domain.phrases import CHOSEN
from output_review.domain.votes import Reason
from output_review.signing.signoff import Decision

if TYPE_CHECKING:
    from output_review.ports import Engines
    from output_review.services.zone import ControlZone

DECISIONS = click.Choice([one.value for one in Decision])
REASONS = click.Choice([one.value for one in Reason])
_PHRASES = click.Choice([one.value for one in CHOSEN])
request_argument = click.argument("request", type=int)
reviewer_option = click.option("--reviewer", required=True, help="Your account.")


def workflow_commands() -> tuple[Callable[[Callable[[], Engines]], click.Command], ...]:
    """Return what makes each command, given what opens the engines."""
    return (_claim, _hand_over, _comment, _note, _return, _resolve, _withdraw, _recall)


def lay_out(zone: ControlZone) -> None:
    """Lay out on the desks what there is to sign now, where zones are separated, and say what cannot be."""
    from disclosure.exchange.zones import separated
    from output_review.services import desk

    if separated(zone.camp):
        for problem in desk.lay_out(zone):
            click.echo(f"datakamp: {visible(problem)}", err=True)


def _claim(engines: Callable[[], Engines]) -> click.Command:
    @click.command()
    @request_argument
    @camp_option
    @reviewer_option
    def claim(folder: Path, request: int, reviewer: str) -> None:
        """Claim a request: you return or reject it. A claim that lies idle expires."""
        from output_review.services.claiming import claim as claim_request
        from output_review.services.claiming import claim_of

        zone = opened(folder, engines)
        row = zone.request(request)
        claim_request(zone, row, reviewer)
        held = claim_of(zone, row)
        until = "" if held is None else f", until {held.until:%H:%M} UTC if nothing happens"
        click.echo(f"request {request} is claimed by {reviewer}{until}")

    return claim


def _hand_over(engines: Callable[[], Engines]) -> click.Command:
    @click.command("hand-over")
    @request_argument
    @camp_option
    @reviewer_option
    @click.option("--to", required=True, help="The reviewer who goes on with it.")
    def hand_over(folder: Path, request: int, reviewer: str, to: str) -> None:
        """Hand your claim over to another reviewer."""
        from output_review.services.claiming import hand_over as hand_over_claim

        zone = opened(folder, engines)
        hand_over_claim(zone, zone.request(request), reviewer, to)
        click.echo(f"request {request} is handed over to {to}")

    return hand_over


def _comment(engines: Callable[[], Engines]) -> click.Command:
    @click.command()
    @request_argument
    @camp_option
    @reviewer_option
    @click.option("--output", default="", help="The output that it is about; the request as a whole if left out.")
    @click.option("--phrase", type=_PHRASES, help="A sentence that exists in Dutch and English.")
    @click.option("--text", default="", help="In your own words.")
    def comment(folder: Path, request: int, reviewer: str, output: str, phrase: str | None, text: str) -> None:
        """Ask the team something, which they see once the request is returned or decided."""
        added = _said(engines, folder, request, reviewer, output=output, phrase=phrase or "", body=text)
        click.echo(f"comment {added} on {output or f'request {request}'}")

    return comment


def _note(engines: Callable[[], Engines]) -> click.Command:
    @click.command()
    @request_argument
    @camp_option
    @reviewer_option
    @click.option("--output", default="", help="The output that it is about; the request as a whole if left out.")
    @click.option("--text", required=True, help="In your own words.")
    def note(folder: Path, request: int, reviewer: str, output: str, text: str) -> None:
        """Leave a private note for the other reviewers and the auditors."""
        from output_review.domain.threads import Audience

        added = _said(engines, folder, request, reviewer, output=output, body=text, audience=Audience.REVIEWERS)
        click.echo(f"note {added} on {output or f'request {request}'}")

    return note


def _said(engines: Callable[[], Engines], folder: Path, request: int, reviewer: str, **what: Any) -> int:
    from output_review.services.commenting import comment

    zone = opened(folder, engines)
    return comment(zone, zone.request(request), reviewer, **what).pk


def _return(engines: Callable[[], Engines]) -> click.Command:
    @click.command("return")
    @request_argument
    @camp_option
    @reviewer_option
    @click.option("--text", default="", help="About the request as a whole, for the team.")
    def return_(folder: Path, request: int, reviewer: str, text: str) -> None:
        """Return a request with your questions about the outputs of which changes are requested."""
        from output_review.services.returning import return_request

        zone = opened(folder, engines)
        return_request(zone, zone.request(request), reviewer, text)
        click.echo(f"request {request} is returned")

    return return_


def _resolve(engines: Callable[[], Engines]) -> click.Command:
    @click.command()
    @request_argument
    @camp_option
    @reviewer_option
    @click.option("--output", required=True, help="The output on which others do not agree.")
    @click.option("--decision", required=True, type=DECISIONS)
    @click.option("--reason", type=REASONS, help="Needed where it goes against the automatic verdict.")
    @click.option("--text", required=True, help="Why.")
    def resolve(
        folder: Path, request: int, reviewer: str, output: str, decision: str, reason: str | None, text: str
    ) -> None:
        """Resolve a dissent on an output on which you have not voted."""
        from output_review.services.reviewing import resolve as resolve_dissent

        zone = opened(folder, engines)
        coded = Reason(reason) if reason else None
        resolve_dissent(zone, zone.request(request), output, reviewer, Decision(decision), text, reason=coded)
        click.echo(f"{reviewer}: {decision} {output}, which resolves the dissent")
        lay_out(zone)

    return resolve


def _withdraw(engines: Callable[[], Engines]) -> click.Command:
    @click.command()
    @request_argument
    @camp_option
    @click.option("--person", required=True, help="The researcher of the team who asks for it.")
    @click.option("--text", default="", help="Why.")
    def withdraw(folder: Path, request: int, person: str, text: str) -> None:
        """Withdraw a request that is not decided, for a researcher of its team."""
        from output_review.services.returning import withdraw as withdraw_request

        zone = opened(folder, engines)
        withdraw_request(zone, zone.request(request), person, text)
        click.echo(f"request {request} is withdrawn")

    return withdraw


def _recall(engines: Callable[[], Engines]) -> click.Command:
    @click.command()
    @request_argument
    @camp_option
    @reviewer_option
    @click.option("--text", required=True, help="Why.")
    def recall(folder: Path, request: int, reviewer: str, text: str) -> None:
        """Say that a release is to be recalled; it is once the quorum has said so."""
        from output_review.domain.states import State
        from output_review.services.recalling import recall as recall_release
        from output_review.services.recalling import recalls_missing

        zone = opened(folder, engines)
        row = zone.request(request)
        if recall_release(zone, row, reviewer, text) is State.RECALLED:
            click.echo(f"the release of request {request} is recalled; whoever has '{row.package}' must be told")
        else:
            click.echo(f"{reviewer}: recall; {recalls_missing(zone, row)} more must say so")

    return recall
