"""The gate for records: what looks like a file of them is refused, unless the camp names a microdata release.

Then they must have its columns and keep to its limits, and what their risk is stands beside them for the reviewers.
It is measured anew for each reader, from the bytes in the content store.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from disclosure.errors import DatakampError, RefusedError
from disclosure.exchange.microdata_release import MicrodataRelease
from disclosure.exchange.written import SubmittedText, WrittenKind
from disclosure.exchange.written_records import records_from
from disclosure.microdata import frequencies, global_risk, individual_risk, k_anonymity
from disclosure.model.key_variables import KeyVariables
from disclosure.model.microdata import GlobalRisk, RiskMethod
from disclosure.screening.records import only_records, records_in, refused_as_records
from disclosure.texts import Text, text
from output_review.services.zone import ControlZone

FIRST: Final = 40
"""How many records of a file reviewers see on the page of an output; the file itself has all of them."""


class RecordsRefusedError(RefusedError):
    """Something written holds what looks like records, and the camp does not let it out."""


@dataclass(frozen=True)
class RecordsReport:
    """The risk of records that are to leave.

    Attributes:
        release: what the camp asks for.
        below: how many records share their key with fewer than `release.k`.
        risk: what the risks of the records come to.
    """

    release: MicrodataRelease
    below: int
    risk: GlobalRisk

    def lines(self) -> tuple[Text, ...]:
        """Return the report, a sentence a line."""
        release = self.release
        basis = (
            text("from their weights, as a sample")
            if release.weights is not None
            else text("as if everybody were in the file")
        )
        return (
            text("Records for release as {kind} microdata: {n} rows.", kind=release.kind.value, n=self.risk.records),
            text("Key variables: {keys}.", keys=", ".join(release.keys)),
            text("Records that share their key with fewer than {k}: {below}.", k=release.k, below=self.below),
            text(
                "Largest risk of a record, {basis}: {largest}; the camp's limit is {limit}.",
                basis=basis,
                largest=f"{self.risk.largest:.4f}",
                limit=f"{release.risk:g}",
            ),
            text(
                "Expected re-identifications: {expected}, that is {share} of the records.",
                expected=f"{self.risk.expected:.2f}",
                share=f"{self.risk.share:.2%}",
            ),
        )


def check_records(zone: ControlZone, written: SubmittedText) -> RecordsReport | None:
    """Return the risk of the records in something written; None if nothing in it looks like records.

    Raises:
        RecordsRefusedError: the camp names no microdata release, or the records do not keep to it.
    """
    if records_in(written, identifiers_of(zone)) is None:
        return None
    release = zone.camp.review_rules.microdata_release
    if release is None or written.kind is WrittenKind.FOREIGN:
        why, instead = refused_as_records()
        raise RecordsRefusedError(text("The output '{name}': {why}", name=written.name, why=why), hint=instead)
    report = RecordsReport(release, *_measured(written, release))
    if report.below or report.risk.largest > release.risk:
        raise RecordsRefusedError(
            text("The records of '{name}' do not keep to the camp's microdata release.", name=written.name),
            hint=text(
                "{below} of them share their key with fewer than {k}, and the largest risk is {largest}: recode or "
                "suppress, see 'datakamp microdata protect'.",
                below=report.below,
                k=release.k,
                largest=f"{report.risk.largest:.3f}",
            ),
        )
    return report


def report_lines(zone: ControlZone, written: SubmittedText | None) -> tuple[Text, ...]:
    """Return what reviewers read of records in something written: their risk, or why they may not leave."""
    if written is None:
        return ()
    try:
        report = check_records(zone, written)
    except RecordsRefusedError as error:
        return tuple(
            one if isinstance(one, Text) else Text("{said}", (("said", str(one)),)) for one in error.sentences if one
        )
    if report is None:
        return ()
    more = report.risk.records - FIRST if written.kind is WrittenKind.RECORDS else 0
    rest = (text("Shown here are the first {n}; all of them are in the file.", n=FIRST),) if more > 0 else ()
    return (*report.lines(), *rest)


def first_records(written: SubmittedText) -> list[list[str]]:
    """Return the names of the columns of a file of records and its first rows; nothing for anything else."""
    if written.kind is not WrittenKind.RECORDS:
        return []
    found = records_from(written.body)
    return [list(found.columns), *(list(row) for row in found.rows[:FIRST])]


def identifiers_of(zone: ControlZone) -> tuple[str, ...]:
    """Return the names of columns that identify: those of the policy, and of every data set of the camp.

    Raises:
        RecordsRefusedError: the codebook of one cannot be read, so that nobody knows what identifies in it.
    """
    names = set(zone.policy.identifiers or ())
    for team in zone.camp.teams:
        for data_set in team.data_sets:
            try:
                names |= zone.camp.codebook(data_set).key_columns()
            except DatakampError:
                raise RecordsRefusedError(
                    text(
                        "The codebook of '{name}' cannot be read, so nobody knows what identifies in it.", name=data_set
                    ),
                    hint=text("Restore it, and hand this in again."),
                ) from None
    return tuple(sorted(names))


def _measured(written: SubmittedText, release: MicrodataRelease) -> tuple[int, GlobalRisk]:
    """Return what is found of all that is written: what is not measured does not leave."""
    grid = only_records(written)
    if grid is None:
        raise RecordsRefusedError(
            text("What is written as '{name}' holds records, and something besides.", name=written.name),
            hint=text("Hand the records in by themselves, with sdc.records."),
        )
    head, *rows = grid.rows
    if set(head) - release.columns or set(release.keys) - set(head):
        raise RecordsRefusedError(
            text("The records of '{name}' have other columns than the camp's microdata release.", name=written.name),
            hint=text("Its first row names the columns, which are: {names}.", names=", ".join(sorted(release.columns))),
        )
    columns = {name: [row[place] or None for row in rows] for place, name in enumerate(head)}
    frame = pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
    try:
        if release.weights is not None:
            place = frame.schema.get_field_index(release.weights)
            frame = frame.set_column(place, release.weights, frame[release.weights].cast(pa.float64()))
        keys = KeyVariables(release.keys, weights=release.weights)
        method = RiskMethod.REGISTER if release.weights is None else RiskMethod.APPROXIMATE
        below = k_anonymity(frequencies(frame, keys), (release.k,)).of(release.k)
        return below, global_risk(individual_risk(frame, keys, method=method))
    except (DatakampError, pa.ArrowException, KeyError):
        raise RecordsRefusedError(
            text("The risk of the records of '{name}' could not be measured.", name=written.name),
            hint=text("Are the key variables categories, and the weights numbers above zero?"),
        ) from None
