"""Evidence never comes with a submission: what is judged in the control zone was tabulated there, for that very job."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import numpy as np
import pandas as pd
import pytest

import disclosure as sdc
from disclosure.errors import DocumentError
from disclosure.exchange.submission import Submission, SubmittedOutput, submission_from_bytes
from disclosure.model.evidence import Evidence
from disclosure.model.evidence_document import evidence_from_document, evidence_to_document
from disclosure.model.recipes import FrameSource, Recipe, Statistic
from disclosure.policy import load_policy
from tests.disclosure.support import UNIT


def handed_in() -> dict[str, Any]:
    """Return the document of a submission of one table."""
    recipe = Recipe(
        FrameSource(("person", "wijk")), Statistic.COUNT, load_policy("cbs").reference, rows=("wijk",), unit=("person",)
    )
    one = SubmittedOutput("homes-by-wijk", "Homes by wijk", "Everyone", "", recipe)
    whole = Submission("camp", "team", "team", 1, "Homes", "To see.", (one,), ("homes.ipynb",), {})
    document: dict[str, Any] = json.loads(whole.to_bytes())
    return document


def test_a_submission_has_no_place_for_evidence() -> None:
    names = {one.name for kind in (Submission, SubmittedOutput) for one in fields(kind)}
    assert not names & {"evidence", "verdict", "result", "lineage", "level"}
    submission_from_bytes(json.dumps(handed_in()).encode())
    for name in ("evidence", "verdict", "result", "lineage", "level"):
        whole, one = handed_in(), handed_in()
        whole[name] = {}
        one["outputs"][0][name] = {}
        for forged in (whole, one):
            with pytest.raises(DocumentError):
                submission_from_bytes(json.dumps(forged).encode())


def test_a_figure_that_another_table_could_have_is_told_only_by_tabulating_again() -> None:
    # Which is why nobody but the office's own worker is asked: a document says nothing of the rows behind it.
    frame = pd.DataFrame({UNIT: range(300), "value": 1000 + 197 * np.arange(300) % 59_000})
    out = sdc.table(frame, values="value", statistic="median", unit=UNIT)
    evidence = out.table.evidence
    assert isinstance(evidence, Evidence)
    forged = evidence_to_document(evidence)
    columns = forged["parts"]["position"]["columns"]
    columns["quantile"][0] = str(int(columns["quantile"][0]) + 10**10)
    columns["figure"][0] = str(int(columns["figure"][0]) + 10_000)
    other = evidence_from_document(forged)
    again = sdc.table(frame, values="value", statistic="median", unit=UNIT).table.evidence
    assert isinstance(again, Evidence)
    assert evidence_to_document(again) == evidence_to_document(evidence) != evidence_to_document(other)
