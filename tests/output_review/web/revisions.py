"""A next revision of a request, as a team hands it in after it was returned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from output_review.domain.votes import Vote
from output_review.services.answering import answer, next_revision
from output_review.services.commenting import comment
from output_review.services.returning import return_request
from output_review.services.reviewing import current_outputs, vote
from output_review.services.tabulating import tabulate
from output_review.signing.signoff import Decision
from tests.output_review.web.web_camp import WebCamp

_ASKED_FOR = ("name", "title", "population", "differs", "recipe", "figure", "written", "derived", "claim")


def revised(
    web: WebCamp, number: int, changes: Mapping[str, Mapping[str, Any] | None], *, code: bytes | None = None
) -> None:
    """Have a request returned and handed in again.

    Args:
        changes: of outputs by name what is other than before; None for one that is left out.
        code: what `case.py` holds now; None if it is as before.
    """
    from output_review.models import HandedInRow, OutputRow

    zone = web.zone
    row = zone.request(number)
    names = tuple(one.name for one in current_outputs(row))
    vote(zone, row, names[:1], Vote("wim", Decision.REQUEST_CHANGES))
    comment(zone, row, "wim", output=names[0], body="Say more.")
    return_request(zone, row, "wim")
    for question in row.comments.filter(revision=row.revision, answers=None):
        answer(zone, row, "anna", question.pk, "Done.")
    made = []
    for one in current_outputs(row):
        change = changes.get(one.name, {})
        if change is not None:
            made.append(OutputRow(**{**{field: getattr(one, field) for field in _ASKED_FOR}, **change}))
    known = {one.name for one in made}
    made += [
        OutputRow(**{"name": name, "title": f"Persons by wijk, {name}", "population": "p", **change})
        for name, change in changes.items()
        if change is not None and name not in known
    ]
    with zone.held(row):
        next_revision(zone, row, made, "anna")
        if code is not None:
            row.code = [["case.py", zone.store.put(code)]]
            row.save(update_fields=["code"])
            HandedInRow.objects.create(team=row.team, number=900 + row.revision, request=row, revision=row.revision,
                                       code=row.code)  # fmt: skip
    tabulate(zone, row)
