"""An output in the middle of its request: what it shows, why it is flagged, what to look at, and what others said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from disclosure.exchange.written import WrittenKind
from disclosure.texts import Text, text
from output_review.domain.access import Permission
from output_review.services.changes import Changes, Mark, changes_of
from output_review.services.kept_words import note_of
from output_review.services.showing import shown
from output_review.services.shown_context import PointKind
from output_review.web.reviewing.beside import earlier_releases, history_of, phrases, threads_of
from output_review.web.reviewing.colours import coloured
from output_review.web.reviewing.names import DECISIONS, MARKS, REASONS, VOTED
from output_review.web.reviewing.page import Entry, entries_of, page_context
from output_review.web.reviewing.sheets import said, sheet_of
from output_review.web.seat import Seat, entered, seat_of

if TYPE_CHECKING:
    from output_review.models import RequestRow

_TYPES: Final = {"svg": "image/svg+xml", "png": "image/png"}
_POLICY: Final = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
"""Of a rendered file that is opened by itself: it loads nothing and runs nothing."""


@entered(Permission.READ)
def output(request: HttpRequest, number: int, output: str) -> HttpResponse:
    """Show an output. Whoever was shown it by this view has opened it, so it must be tabulated."""
    seat = seat_of(request)
    row = seat.request(number, Permission.READ)
    if not _tabulated(row, output):
        return redirect("output-waiting", number, output)
    return output_of(request, seat, row, output)


@entered(Permission.READ)
def output_waiting(request: HttpRequest, number: int, output: str) -> HttpResponse:
    """Show what there is of an output that is not tabulated yet."""
    seat = seat_of(request)
    row = seat.request(number, Permission.READ)
    if _tabulated(row, output):
        return redirect("output", number, output)
    return output_of(request, seat, row, output)


def _tabulated(row: RequestRow, name: str) -> bool:
    found = row.outputs.filter(revision=row.revision, name=name).values_list("level", flat=True).first()
    if found is None:
        raise Http404
    return bool(found)


def output_of(
    request: HttpRequest, seat: Seat, row: RequestRow, name: str, *, problem: Any = None, status: int = 200
) -> HttpResponse:
    """Return the page of an output; `problem` is why something was not done, and `status` that of the answer."""
    entries = entries_of(seat, row)
    entry = next((one for one in entries if one.name == name), None)
    if entry is None:
        raise Http404
    part = _page(request)
    document = shown(seat.zone, entry.output, part)
    changes = changes_of(seat.zone, entry.output) if entry.output.level else None
    threads = threads_of(seat, row)
    context = page_context(seat, row, entries, current=name)
    context |= {
        "tab": "outputs",
        "entry": entry,
        "output": entry.output,
        "shown": document,
        "caption": said(document["caption"]),
        "sheet": sheet_of(document, part),
        "points": _points(document, changes),
        "recipe": [(said(one["head"]), said(one["body"])) for one in document["recipe"]],
        "findings": [
            {**one, "words": said(one["reason"]), "where": [said(cell) for cell in one["cells"]],
             "more": one["n"] - len(one["cells"])}
            for one in document["findings"]
        ],
        "notes": [said(one) for one in document["notes"]],
        "records": [said(one) for one in document.get("records", [])],
        "derivation": coloured(document["derivation"], "sql") if document["derivation"] else (),
        "changes": changes,
        "change_mark": None if changes is None else MARKS[changes.mark],
        "note": note_of(entry.output),
        "leaving": _leaving(entry, document),
        "files": sorted(entry.output.files.items()),
        "votes": [
            (vote, VOTED[vote.decision.value], REASONS.get(vote.reason.value if vote.reason else ""))
            for vote in entry.votes
        ],
        "thread": threads.get(name, []),
        "steps": history_of(row)[:6],
        "earlier": earlier_releases(seat, row),
        "phrases": phrases(),
        "reasons": REASONS.items(),
        "decisions": DECISIONS,
        "problem": problem,
        "given": request.POST if problem is not None else {},
    }  # fmt: skip
    return render(request, "review/output.html", context, status=status)


@entered(Permission.READ)
def rows(request: HttpRequest, number: int, output: str) -> HttpResponse:
    """Show the next rows of an output's table alone, to be put under those that are there."""
    seat = seat_of(request)
    row = seat.request(number, Permission.READ)
    found = row.outputs.filter(revision=row.revision, name=output).first()
    part = _page(request)
    sheet = None if found is None else sheet_of(shown(seat.zone, found, part), part)
    if sheet is None:
        raise Http404
    context = {"row": row, "current": output, "sheet": sheet, "fragment": True}
    return render(request, "review/parts/rows.html", context)


@entered(Permission.READ)
def file(request: HttpRequest, number: int, output: str, file: str) -> HttpResponse:
    """Show a picture, or save another file, as it was rendered here: the bytes that would leave."""
    seat = seat_of(request)
    row = seat.request(number, Permission.READ)
    found = row.outputs.filter(revision=row.revision, name=output).first()
    if found is None or file not in found.files:
        raise Http404
    kind = _TYPES.get(file.rpartition(".")[2])
    answer = HttpResponse(seat.zone.store.get(found.files[file]), content_type=kind or "application/octet-stream")
    answer["Content-Security-Policy"] = _POLICY
    answer["Content-Disposition"] = f'{"inline" if kind else "attachment"}; filename="{file}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    answer["Cache-Control"] = "no-store"
    return answer


def _points(document: dict[str, Any], changes: Changes | None) -> list[dict[str, str]]:
    found = [{"kind": one["kind"], "text": said(one["text"])} for one in document["points"]]
    if changes is not None and changes.mark is Mark.ADDED:
        found.append({"kind": PointKind.CHANGE.value, "text": str(text("It is new in this revision."))})
    if changes is not None and changes.mark is Mark.CHANGED:
        counted = len(changes.cells) + changes.more
        sentence = text("It changed since the revision before. Changed cells: {n}.", n=counted)
        found.append({"kind": PointKind.CHANGE.value, "text": str(sentence)})
    return found


def _leaving(entry: Entry, document: dict[str, Any]) -> Text | None:
    """Return what an exception lets out, None where there is none or nothing to release."""
    if not entry.exception or not entry.output.files:
        return None
    if document["written"] is not None and document["written"]["kind"] == WrittenKind.RECORDS.value:
        return text("If it is approved as an exception, the whole file leaves, see Files; these are its first records.")
    if document["written"] is not None:
        return text("If it is approved as an exception, it leaves word for word as it stands here.")
    if document["withheld"]:
        return text(
            "If it is approved as an exception, the table leaves as it stands here: "
            "what is withheld (×) stays withheld."
        )
    return text("If it is approved as an exception, the table leaves as it stands here, with every figure of it.")


def _page(request: HttpRequest) -> int:
    asked = request.GET.get("rows", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1
