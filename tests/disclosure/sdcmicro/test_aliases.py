"""What a file calls its columns never reaches R, and comes back as it was."""

from __future__ import annotations

import pyarrow as pa
import pytest

from disclosure.engines.sdcmicro.aliases import Aliases
from disclosure.engines.sdcmicro.calls import Call, Formula, Job
from disclosure.engines.sdcmicro.results import Answer, Returned

HOSTILE = 'system("echo")'
FRAME = pa.table({HOSTILE: [1], "id": [2], "k é": [3]})


def test_every_column_is_sent_under_a_name_that_means_nothing() -> None:
    sent = Aliases([FRAME]).sent(FRAME)
    assert sent.column_names == ["dkcol0z", "dkcol1z", "dkcol2z"]
    assert sent["dkcol1z"].to_pylist() == [2]


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        ("freqCalc", {"keyVars": (HOSTILE, "id"), "w": "k é"}),
        ("createSdcObj", {"keyVars": (HOSTILE, "id"), "weightVar": "k é"}),
        ("modRisk", {"formulaM": Formula((), (HOSTILE, "id"))}),
    ],
)
def test_a_job_names_no_column_as_the_file_does(function: str, arguments: dict[str, object]) -> None:
    if function == "modRisk":
        from disclosure.engines.sdcmicro.functions import FUNCTIONS, Kind

        (name,) = [one for one, known in FUNCTIONS[function].arguments.items() if known.kind is Kind.FORMULA][:1]
        arguments = {name: arguments["formulaM"]}
    job = Aliases([FRAME]).job(Job(("data",), (Call(function, "data", arguments),), seed=1))
    said = str(job.to_document())
    assert "dkcol0z" in said
    assert not any(repr(name) in said for name in FRAME.column_names)
    assert "echo" not in said


def test_what_comes_back_has_the_names_of_the_file_in_every_part() -> None:
    table = pa.table({"dkcol2z": [1], "dkcol1z_Distinct": [2], "count": [3]})
    named = pa.table({"value": [1, 2], "name": ["dkcol0z", None]})
    of = pa.table({"variable": pa.array(["dkcol1z"]).dictionary_encode(), "text": ["dkcol1z"]})
    parts = {
        "xAnon": Returned(frame=table),
        "dkcol2z_pram": Returned(frame=named),
        "list": Returned(parts={"1": Returned(frame=of)}),
    }
    found = Aliases([FRAME]).answer(Answer(Returned(parts=parts), 0.5)).returned
    assert found.part("xAnon").table().column_names == ["k é", "id_Distinct", "count"]
    assert found.part("k é_pram").table()["name"].to_pylist() == [HOSTILE, None]
    last = found.part("list", "1").table()
    assert (last["variable"].to_pylist(), last["text"].to_pylist()) == (["id"], ["dkcol1z"])


def test_a_name_that_was_never_sent_stays() -> None:
    assert Aliases([FRAME]).own("dkcol9z") == "dkcol9z"
