"""The queue: what waits, for how long, and who has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import escape
from django.utils.safestring import SafeString

from disclosure.texts import text
from output_review.domain.access import Permission
from output_review.web.reviewing.names import MARKS, STATES, VERDICTS
from output_review.web.reviewing.queue_rows import Shelf, queue_page
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
    words = {verdict: str(named.words) for verdict, named in VERDICTS.items()}
    rows = [
        {
            "row": row,
            "state": STATES[row.state],
            "signs": _signs(row.verdicts, words),
            "changed": [(MARKS[mark], n) for mark, n in row.changed],
        }
        for row in found.rows
    ]
    promise = seat_of(request).zone.camp.review_rules.answer_hours
    shelves = [(one, WORDS[one], found.counts[one]) for one in Shelf]
    context = {"found": found, "rows": rows, "promise": promise, "shelves": shelves}
    return render(request, "review/queue.html", context)


def _signs(verdicts: tuple[tuple[str, str], ...], words: Mapping[str, str]) -> SafeString:
    """Return the sign of each output with its word, as HTML: a template takes several times as long for hundreds."""
    return SafeString(
        "".join(
            f'<span class="sign {VERDICTS[verdict].kind}" title="{escape(name)}: {escape(words[verdict])}">'
            f'<span aria-hidden="true">{VERDICTS[verdict].sign}</span>'
            f'<span class="heard">{escape(words[verdict])}</span></span>'
            for name, verdict in verdicts
        )
    )
