"""How a camp reviews, in camp.toml::

    [review]
    claim_minutes = 30      # a claim on which nothing happens for so long may be taken over
    shared = false          # true: reviewers see each other's votes and comments before the quorum has voted
    outputs = 40            # the most outputs of a request, so that it can be checked within an hour
    cells = 20000           # the most cells that its tables show together
    answer_hours = 8        # session hours within which a first answer is promised

All of it may be left out. A release of records is named here too, see `microdata_release`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from disclosure.errors import DocumentError
from disclosure.exchange.camp_entries import FILE, check_known, count_of
from disclosure.exchange.microdata_release import MicrodataRelease, microdata_release_of


@dataclass(frozen=True)
class CampReview:
    """How a camp reviews.

    Attributes:
        claim_minutes: how long a claim holds on which nothing happens.
        shared: whether reviewers see each other's votes and comments before the quorum has voted.
        outputs, cells: the most of a request.
        answer_hours: within how many session hours a team is promised a first answer.
        microdata_release: what records may leave; None for none.
    """

    claim_minutes: int = 30
    shared: bool = False
    outputs: int = 40
    cells: int = 20_000
    answer_hours: int = 8
    microdata_release: MicrodataRelease | None = None

    def facts(self) -> dict[str, str | int | bool | tuple[str, ...]]:
        """Return all of it, as the log has it.

        >>> CampReview(outputs=5).facts()["outputs"], CampReview().facts()["records"]
        (5, '')
        """
        own = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "microdata_release"}
        release = self.microdata_release
        if release is None:
            return {**own, "records": ""}
        columns = {name: getattr(release, name) for name in ("keys", "others")}
        limits = {"k": release.k, "risk": f"{release.risk:g}", "weights": release.weights or ""}
        return {**own, "records": release.kind.value, **limits, **columns}


def review_of(entry: Any) -> CampReview:
    """Return what the `[review]` table says.

    Raises:
        DocumentError: it has other entries, or one is not of its kind.
    """
    usual = CampReview()
    check_known(entry, {"claim_minutes", "shared", "outputs", "cells", "answer_hours", "microdata_release"}, "review")
    release = entry.get("microdata_release")
    shared = entry.get("shared", usual.shared)
    if not isinstance(shared, bool):
        raise DocumentError(f"{FILE}: shared is true or false.")
    return CampReview(
        claim_minutes=count_of(entry, "claim_minutes", usual.claim_minutes),
        shared=shared,
        outputs=count_of(entry, "outputs", usual.outputs),
        cells=count_of(entry, "cells", usual.cells),
        answer_hours=count_of(entry, "answer_hours", usual.answer_hours),
        microdata_release=None if release is None else microdata_release_of(release),
    )
