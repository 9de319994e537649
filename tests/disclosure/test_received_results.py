"""The control zone judges what a sealed worker hands back, and refuses what does not answer its own question."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from disclosure.check import judged, received
from disclosure.errors import DocumentError, HandoverError, IdentifierRefusedError
from disclosure.exchange.tabulation import ColumnLineage, JobKind, Standing, TabulationResult
from disclosure.model.evidence import Evidence
from disclosure.model.recipes import Statistic
from tests.disclosure.tabulation_inputs import Inputs, inputs

ROWS = "SELECT pid, wijk, benefit, income FROM Persons"


@pytest.fixture
def made(tmp_path: Path) -> Inputs:
    return inputs(tmp_path)


def evidence(result: TabulationResult) -> Evidence:
    assert result.evidence is not None, result.refusal or result.missing
    return result.evidence


def test_the_result_of_another_job_is_refused(made: Inputs) -> None:
    job, other = made.lazy(ROWS), made.lazy(ROWS, rows=("benefit",))
    result = made.run(job)
    with pytest.raises(DocumentError):
        received(other, result)


def test_evidence_without_the_lineage_of_every_column_is_refused(made: Inputs) -> None:
    job = made.lazy(ROWS)
    result = made.run(job)
    for lineage in ((), result.lineage[:1], (*result.lineage, ColumnLineage("more", Standing.COMPUTED))):
        with pytest.raises(DocumentError):
            received(job, replace(result, lineage=lineage))


def test_evidence_of_another_table_is_refused(made: Inputs) -> None:
    job = made.lazy(ROWS, statistic=Statistic.SUM, value="income")
    other = made.lazy(ROWS, statistic=Statistic.SUM, value="income", rows=("benefit",))
    count = made.lazy(ROWS)
    result = made.run(job)
    for forged in (evidence(made.run(other)), evidence(made.run(count))):
        with pytest.raises(DocumentError):
            judged(job.recipe, received(job, replace(result, evidence=forged)), made.policy)


def test_evidence_at_another_scale_is_refused(made: Inputs) -> None:
    job = made.lazy(ROWS, statistic=Statistic.SUM, value="income")
    result = made.run(job)
    own = evidence(result)
    assert own.amounts is not None
    assert own.amounts.decimals == 2
    for amounts in (replace(own.amounts, decimals=0), replace(own.amounts, largest=own.amounts.largest[:, :1])):
        forged = replace(result, evidence=replace(own, amounts=amounts))
        with pytest.raises(DocumentError):
            judged(job.recipe, received(job, forged), made.policy)


def test_a_rate_without_its_numerators_is_refused(made: Inputs) -> None:
    job = made.lazy(ROWS, statistic=Statistic.RATE, value="benefit")
    result = made.run(job)
    forged = replace(result, evidence=replace(evidence(result), shares=None))
    with pytest.raises(DocumentError):
        judged(job.recipe, received(job, forged), made.policy)


def test_a_forged_verdict_about_an_identifier_is_refused_again(made: Inputs) -> None:
    job = made.lazy(ROWS)
    result = made.run(job)
    key = ("persons", "pid")
    forged = tuple(
        one if one.column == "pid" else replace(one, origin=key, sources=frozenset({key})) for one in result.lineage
    )
    with pytest.raises(IdentifierRefusedError):
        judged(job.recipe, received(job, replace(result, lineage=forged)), made.policy)


def test_a_refusal_is_raised_as_what_it_is(made: Inputs) -> None:
    job = made.narrow()
    assert job.kind is JobKind.FRAME
    with pytest.raises(HandoverError):
        received(job, made.run(job))
