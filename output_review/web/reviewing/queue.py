"""The queue: what waits, for how long, and who has it.

Fifty rows with ten outputs each are most of what a page costs. So what is the same in many rows is put into words once,
and what only long titles need is done for those.
"""

from __future__ import annotations

from html import escape
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import floatformat
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from disclosure.texts import Text, text
from output_review.domain.access import Permission
from output_review.web.reviewing.names import MARKS, STATES, VERDICTS, Named
from output_review.web.reviewing.queue_rows import QueueRow, Shelf, queue_page
from output_review.web.seat import entered, seat_of

WORDS: Final = {
    Shelf.WAITING: text("Waiting"),
    Shelf.MINE: text("Mine"),
    Shelf.LIGHT: text("Light"),
    Shelf.ALL: text("All"),
}


@entered(Permission.QUEUE)
def queue(request: HttpRequest) -> HttpResponse:
    """Show the requests that this person may read: those that wait, unless others are asked for."""
    asked, page = request.GET.get("show", ""), request.GET.get("page", "")
    shelf = Shelf(asked) if asked in list(Shelf) else Shelf.WAITING
    found = queue_page(seat_of(request), shelf, int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1)
    promise = seat_of(request).zone.camp.review_rules.answer_hours
    signs = {verdict: _sign(named) for verdict, named in VERDICTS.items()}
    chips = {state: _chip(STATES[state]) for state in {row.state for row in found.rows}}
    rows = [_shown(row, promise, signs) | {"state": chips[row.state]} for row in found.rows]
    shelves = [(one, WORDS[one], found.counts[one]) for one in Shelf]
    return render(request, "review/queue.html", {"found": found, "rows": rows, "shelves": shelves})


def _shown(row: QueueRow, promise: int, signs: dict[str, tuple[str, str]]) -> dict[str, Any]:
    """Return what the page says of a request, all but its state.

    Args:
        promise: within how many session hours an answer is promised.
        signs: of each verdict what `_sign` returns.
    """
    return {
        "number": str(row.number),
        "address": reverse("request", args=(row.number,)),
        "title": _short(row.title, 120) or "–",
        "author": _short(row.author, 60),
        "revision": row.revision,
        "changed": [(MARKS[mark], str(n)) for mark, n in row.changed],
        "team": row.team,
        "light": row.light,
        "outputs": str(len(row.verdicts)),
        "signs": SafeString("".join(escape(name).join(signs[verdict]) for name, verdict in row.verdicts)),
        "waits": "" if row.hours is None else str(_waits(row.hours, promise, late=row.late)),
        "late": row.late,
        "claimed_by": row.claimed_by,
        "until": row.until,
    }


def _short(written: str, most: int) -> str:
    return written if len(written) <= most else str(Truncator(written).chars(most))


def _waits(hours: float, promise: int, *, late: bool) -> Text:
    shown = floatformat(hours, 1)
    if late:
        return text("{hours} h, promised {promise} h", hours=shown, promise=promise)
    return text("{hours} h of {promise} h", hours=shown, promise=promise)


def _sign(named: Named) -> tuple[str, str]:
    """Return the HTML before and after an output's name, which stands in the title of the sign of its verdict."""
    words = escape(str(named.words))
    return (
        f'<span class="sign {named.kind}" title="',
        f': {words}"><span aria-hidden="true">{named.sign}</span><span class="heard">{words}</span></span>',
    )


def _chip(named: Named) -> SafeString:
    """Return the HTML of a state: its sign and its word."""
    words = escape(str(named.words))
    return SafeString(f'<span class="chip {named.kind}"><span aria-hidden="true">{named.sign}</span> {words}</span>')
