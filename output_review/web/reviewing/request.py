"""A request: it leads to the output that is to be judged next; its code, its history and how it is finished."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from disclosure.exchange.lines import visible
from output_review.domain.access import Permission
from output_review.domain.states import State
from output_review.services.changes import code_changes
from output_review.services.recalling import recalls_missing
from output_review.services.shown_code import source_cells
from output_review.signing.signoff import Decision
from output_review.web.reviewing.beside import history_of, phrases, sign_offs_of, threads_of
from output_review.web.reviewing.colours import LONGEST, coloured
from output_review.web.reviewing.names import REASONS
from output_review.web.reviewing.page import entries_of, page_context
from output_review.web.seat import Seat, entered, seat_of

if TYPE_CHECKING:
    from output_review.models import RequestRow


@entered(Permission.READ)
def request_page(request: HttpRequest, number: int) -> HttpResponse:
    """Lead on to the first output on which this reviewer has not voted, or to the first one."""
    seat = seat_of(request)
    row = seat.request(number, Permission.READ)
    names = list(row.outputs.filter(revision=row.revision).order_by("name").values_list("name", flat=True))
    if not names:
        return finish_of(request, seat, row)
    voted = set(row.outputs.filter(revision=row.revision, votes__reviewer=seat.name).values_list("name", flat=True))
    return redirect("output", row.pk, next((name for name in names if name not in voted), names[0]))


@entered(Permission.READ)
def code(request: HttpRequest, number: int) -> HttpResponse:
    """Show the code of the newest revision: source alone, without the outputs that a notebook may carry."""
    seat = seat_of(request)
    row = seat.request(number, Permission.READ)
    files, left = [], LONGEST
    for name, stored in row.code:
        cells = []
        for cell in source_cells(name, seat.zone.store.get(stored)):
            cells.append({"kind": cell.kind, "lines": coloured(cell.source, _language(name, cell.kind), left=left)})
            left -= min(left, len(cell.source))
        files.append({"name": name, "digest": stored, "cells": cells})
    entries = entries_of(seat, row)
    changed = [one for one in code_changes(seat.zone, row) if one.changed]
    return render(
        request,
        "review/code.html",
        {**page_context(seat, row, entries), "files": files, "changed": changed, "tab": "code"},
    )


@entered(Permission.READ)
def history(request: HttpRequest, number: int) -> HttpResponse:
    """Show every step of a request."""
    seat = seat_of(request)
    row = seat.request(number, Permission.READ)
    context = page_context(seat, row, entries_of(seat, row))
    return render(request, "review/history.html", {**context, "steps": history_of(row), "tab": "history"})


@entered(Permission.READ)
def finish(request: HttpRequest, number: int) -> HttpResponse:
    """Show the own votes, what they come to, and what there is to do: sign, return, hand over."""
    seat = seat_of(request)
    return finish_of(request, seat, seat.request(number, Permission.READ))


def finish_of(
    request: HttpRequest, seat: Seat, row: RequestRow, *, problem: Any = None, status: int = 200
) -> HttpResponse:
    """Return the page on which a request is finished; `problem` is why something was not done."""
    entries = entries_of(seat, row)
    context = page_context(seat, row, entries)
    names = {one.name for one in entries}
    own = [one.own for one in entries]
    against = [one.name for one in entries if one.overruled]
    threads = threads_of(seat, row)
    files = [(one, sorted(one.output.files.items())) for one in entries if one.own == Decision.APPROVE.value]
    context |= {
        "tab": "finish",
        "files": files,
        "all_voted": bool(entries) and context["left"] == 0,
        "signs": row.state == State.IN_REVIEW.value and bool(entries) and context["left"] == 0 and not against,
        "against": against if row.state == State.IN_REVIEW.value else [],
        "returns": context["may_decide"] and Decision.REQUEST_CHANGES.value in own,
        "rejects": context["may_decide"] and bool(own) and set(own) == {Decision.REJECT.value},
        "recalls": context["reviewer"] and row.state == State.RELEASED.value,
        "recalls_missing": recalls_missing(seat.zone, row) if row.state == State.RELEASED.value else 0,
        "sign_offs": sign_offs_of(seat, row),
        "command": _sign_command(seat, row.pk),
        "said": threads.get("", []),
        "gone_threads": [(name, said) for name, said in threads.items() if name and name not in names],
        "phrases": phrases(),
        "reasons": REASONS.items(),
        "problem": problem,
    }
    return render(request, "review/request.html", context, status=status)


def _sign_command(seat: Seat, number: int) -> str:
    """Return what a reviewer types; where the own key lies nobody here knows."""
    folder = quote(visible(str(seat.zone.camp.folder)))
    return f"datakamp sign {number} --camp {folder} --reviewer {seat.name} --key {seat.name}.key"


def _language(name: str, kind: str) -> str:
    return "python" if kind in ("code", "script") and name.endswith((".py", ".ipynb")) else ""
