"""A camp with one small data set and a seal, for the tests of the workspace."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from disclosure.exchange.camp import CampFile, Participant, Team
from disclosure.exchange.canonical import canonical_json
from disclosure.exchange.submission import Submission, SubmittedOutput
from disclosure.model.recipes import FrameSource, Recipe, Statistic
from disclosure.policy import load_policy
from workspace.camp_folder import new_camp
from workspace.catalogue import register

TEAM, DATA_SET = "armoede", "HOMES"
CODEBOOK = """\
schema = 1
name = "HOMES"
synthetic = {synthetic}
unit = ["person"]
identifiers = ["person"]
[columns.wijk]
type = "category"
sensitive = false
"""
SUBMIT = """\
import disclosure as sdc
frame = sdc.data("HOMES").to_pandas()
out = sdc.table(frame, rows=["wijk"], unit="person")
sdc.basket().add(out, name="homes-by-wijk", title="Homes by wijk", population="Everyone")
print(sdc.submit(title="Homes", purpose="To see how many there are.", code=["homes.ipynb"]))
"""


def data_set(folder: Path, *, name: str = DATA_SET, synthetic: bool = True) -> Path:
    place = folder / name
    place.mkdir(parents=True)
    frame = {"person": [f"{number:09}" for number in range(60)], "wijk": ["28", "29", "30"] * 20}
    pq.write_table(pa.table(frame), place / "data.parquet")
    (place / "codebook.toml").write_text(CODEBOOK.format(synthetic=str(synthetic).lower()))
    return place


def make_camp(folder: Path, **limits: int) -> CampFile:
    """A camp with the team `TEAM`, authorised for the data set `DATA_SET`."""
    camp = new_camp(
        folder / "camp",
        teams=(Team(TEAM, (DATA_SET,)), Team("wonen", ())),
        participants=(Participant("anna", ("researcher",), (TEAM,)),),
    )
    register(camp, data_set(folder / "source"))
    return limited(camp, **limits)


def limited(camp: CampFile, **limits: int) -> CampFile:
    """The camp with other limits."""
    from dataclasses import replace

    return replace(camp, limits=replace(camp.limits, **limits))


def notebook(*cells: str, parameters: str = "", language: str = "python") -> bytes:
    """A notebook of these code cells, the parameters first if there are any."""

    def cell(source: str, tags: list[str]) -> dict[str, Any]:
        metadata = {"tags": tags} if tags else {}
        return {
            "cell_type": "code", "execution_count": None, "metadata": metadata, "outputs": [], "source": source,
        }  # fmt: skip

    made = ([cell(parameters, ["parameters"])] if parameters else []) + [cell(source, []) for source in cells]
    document = {"cells": made, "metadata": {"language_info": {"name": language}}, "nbformat": 4, "nbformat_minor": 4}
    return json.dumps(document).encode()


def put(camp: CampFile, name: str, data: bytes | str) -> Path:
    """Put a file into the team's workspace."""
    path = camp.workspace(TEAM) / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def submission(camp: CampFile, number: int = 1, **other: Any) -> Submission:
    recipe = Recipe(
        FrameSource(("person", "wijk")), Statistic.COUNT, load_policy("cbs").reference, rows=("wijk",), unit=("person",)
    )
    output = SubmittedOutput("homes-by-wijk", "Homes by wijk", "Everyone", "", recipe)
    usual: dict[str, Any] = {
        "camp": camp.name, "team": TEAM, "author": "team", "number": number, "title": "Homes", "purpose": "To see.",
        "outputs": (output,), "code": ("homes.ipynb",), "parameters": {},
    }  # fmt: skip
    return Submission(**usual | other)


def put_request(camp: CampFile, number: int = 1, data: bytes | None = None, **other: Any) -> Path:
    """Put a request into the team's workspace as sdc.submit does, with the code that it names."""
    one = submission(camp, number, **other)
    for name in one.code:
        if not (camp.workspace(TEAM) / name).exists():
            put(camp, name, notebook("1 + 1") if name.endswith(".ipynb") else "print(1)\n")
    folder = camp.workspace(TEAM) / "requests" / str(number)
    (folder / "claims").mkdir(parents=True)
    (folder / "submission.json").write_bytes(one.to_bytes() if data is None else data)
    for output in one.outputs:
        (folder / "claims" / f"{output.name}.json").write_bytes(canonical_json({"cells": []}))
    return folder
