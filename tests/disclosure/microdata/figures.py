"""The files that sdcMicro was run on, and what it made of them."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from disclosure.model.key_variables import KeyVariables

DATA = Path(__file__).resolve().parents[2] / "data"
FIGURES: Mapping[str, Any] = json.loads((DATA / "sdcmicro" / "figures.json").read_text("utf-8"))
RUNS = ("testdata", "testdata2", "francdat", "francdat_na", "eusilc5", "eusilc_age")
_HOUSEHOLD = {"testdata": "ori_hid", "eusilc5": "db030", "eusilc_age": "db030"}


@functools.cache
def records(name: str) -> pa.Table:
    """Return the file of a run."""
    if name.startswith("eusilc"):
        frame = pq.read_table(DATA / "eusilc.parquet")
        labels = np.array(["0-17", "18-29", "30-44", "45-64", "65+"])
        groups = labels[np.searchsorted([18, 30, 45, 65], frame["age"].to_numpy(), side="right")]
        return frame.append_column("agegrp", pa.array(groups.tolist()))
    if name == "testdata":
        frame = pq.read_table(DATA / "sdcmicro" / "testdata.parquet")
        fifths = pq.read_table(DATA / "sdcmicro" / "testdata_incgrp.parquet")
        return frame.append_column("incgrp", fifths["incgrp"])
    return pq.read_table(DATA / "sdcmicro" / f"{'CASCrefmicrodata' if name.startswith('CASC') else name}.parquet")


def made(name: str) -> pd.DataFrame:
    """Return what sdcMicro made, per record."""
    frame: pd.DataFrame = pq.read_table(DATA / "sdcmicro" / f"{name}.parquet").to_pandas()
    return frame


def keys(run: str) -> KeyVariables:
    """Return the key variables of a run."""
    told = FIGURES["risk"][run]
    return KeyVariables(tuple(told["keyVars"]), weights=told["weight"], household=_HOUSEHOLD.get(run))
