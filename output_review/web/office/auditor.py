"""The auditor's pages: every request, the log, the reads, and the proof that log and ledger only grew."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from output_review.domain.access import Permission
from output_review.domain.states import named_state
from output_review.services.auditing import audited
from output_review.services.looking_back import PAGE, Wanted, log_entries, reads
from output_review.web.seat import entered, seat_of

_PERSON: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
_NUMBER: Final = re.compile(r"[0-9]{1,9}")


@entered(Permission.AUDIT)
@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    """Show every request there is, newest first."""
    from output_review.models import RequestRow

    wanted = _wanted(request)
    rows = RequestRow.objects.order_by("-pk")
    if wanted.person:
        rows = rows.filter(author=wanted.person)
    if wanted.request is not None:
        rows = rows.filter(pk=wanted.request)
    pages = max(1, -(-rows.count() // PAGE))
    shown = rows[(wanted.page - 1) * PAGE : wanted.page * PAGE]
    context = {"requests": [(one, named_state(one.state)) for one in shown]}
    return render(request, "review/audit.html", context | _paging(wanted, pages))


@entered(Permission.AUDIT)
@require_safe
def audit_log(request: HttpRequest) -> HttpResponse:
    """Show the log."""
    wanted = _wanted(request)
    found = log_entries(wanted)
    return render(request, "review/audit_log.html", {"found": found} | _paging(wanted, found.pages))


@entered(Permission.AUDIT)
@require_safe
def audit_reads(request: HttpRequest) -> HttpResponse:
    """Show who was shown what, and who asked for what they may not see."""
    wanted = _wanted(request)
    found = reads(wanted)
    return render(request, "review/audit_reads.html", {"reads": found.reads} | _paging(wanted, found.pages))


@entered(Permission.AUDIT)
@require_safe
def audit_proof(request: HttpRequest) -> HttpResponse:
    """Prove, now, that log and ledgers hold."""
    return render(request, "review/audit_proof.html", {"report": audited(seat_of(request).zone, None)})


def _wanted(request: HttpRequest) -> Wanted:
    person, number, page = (request.GET.get(name, "").strip() for name in ("person", "request", "page"))
    return Wanted(
        person if _PERSON.fullmatch(person) else "",
        int(number) if _NUMBER.fullmatch(number) else None,
        max(1, int(page)) if _NUMBER.fullmatch(page) else 1,
    )


def _paging(wanted: Wanted, pages: int) -> dict[str, Any]:
    kept: dict[str, str] = {"person": wanted.person} if wanted.person else {}
    if wanted.request is not None:
        kept["request"] = str(wanted.request)

    def link(page: int) -> str:
        return "?" + urlencode({**kept, "page": str(page)})

    return {
        "wanted": wanted,
        "pages": pages,
        "earlier": link(wanted.page - 1) if wanted.page > 1 else "",
        "later": link(wanted.page + 1) if wanted.page < pages else "",
    }
