"""The embedded engine is what the functions are, behind the port."""

from __future__ import annotations

import inspect

import numpy as np
import pyarrow as pa
import pytest

from disclosure import microdata
from disclosure.microdata.embedded import EmbeddedEngine
from disclosure.ports import RiskEngine
from tests.disclosure.microdata.figures import records

ENGINE: RiskEngine = EmbeddedEngine()
MEASURES = tuple(name for name, _ in inspect.getmembers(RiskEngine, inspect.isfunction) if not name.startswith("_"))


@pytest.mark.parametrize("name", MEASURES)
def test_engine_takes_what_the_port_says_and_the_function_takes(name: str) -> None:
    port = inspect.signature(getattr(RiskEngine, name))
    assert inspect.signature(getattr(EmbeddedEngine, name)) == port
    function = inspect.signature(getattr(microdata, name))
    assert list(function.parameters.values()) == list(port.parameters.values())[1:]


def test_engine_says_what_it_is() -> None:
    assert ENGINE.name == "embedded"
    assert np.__version__ in ENGINE.version


def test_engine_measures() -> None:
    frame = records("testdata").slice(0, 400)
    keys = microdata.KeyVariables(
        ("urbrur", "roof", "sex"), weights="sampling_weight", household="ori_hid", sensitive=("relat",)
    )
    assert ENGINE.frequencies(frame, keys).fk.tolist() == microdata.frequencies(frame, keys).fk.tolist()
    assert ENGINE.individual_risk(frame, keys).risk.max() < 1
    assert ENGINE.household_risk(frame, keys).total.records == 400
    assert ENGINE.l_diversity(frame, keys).columns[0].column == "relat"
    assert ENGINE.suda2(frame, keys).variables == keys.categorical
    assert ENGINE.local_suppression(frame, keys, k=3).k == 3
    assert ENGINE.mdav(frame, ("income",), k=4).k == 4
    assert ENGINE.pram(frame, ("roof",), seed=1).counts[0][0] == "roof"
    noisy = ENGINE.noise(frame, ("income", "savings"), seed=1, amount=10).frame
    assert ENGINE.il1s(frame, noisy, ("income", "savings")) > 0
    assert ENGINE.eigenvalue_difference(frame, noisy, ("income", "savings")) > 0


def test_frames_come_back_whole() -> None:
    frame = pa.table({"a": ["x", "x", "y"], "n": [1.0, 2.0, 4.0], "kept": ["é", None, "日"]})
    for found in (
        ENGINE.local_suppression(frame, microdata.KeyVariables(("a",))).frame,
        ENGINE.mdav(frame, ("n",)).frame,
        ENGINE.pram(frame, ("a",), seed=1).frame,
        ENGINE.noise(frame, ("n",), seed=1, amount=1).frame,
    ):
        assert found.schema.names == frame.schema.names
        assert found["kept"] == frame["kept"]
