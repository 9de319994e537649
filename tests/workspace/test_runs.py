"""Runs of a team: sealed, on its own data sets, in its own folder, and from there to the outbox and to the frames."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from disclosure.errors import BadInputError, DocumentError, IntegrityError, SealError
from disclosure.exchange.camp import CampFile, Team
from disclosure.exchange.submission import submission_from_bytes
from tests.workspace.small_camp import DATA_SET, SUBMIT, TEAM, limited, make_camp, notebook, put
from workspace.broker import HandIn, HandInState, hand_in
from workspace.camp_folder import new_camp
from workspace.cases import case
from workspace.catalogue import register
from workspace.execution import RunError
from workspace.isolation.code_box import code_box
from workspace.isolation.limits import Limits
from workspace.isolation.seal import Seal
from workspace.reproduction import SealedReproduction
from workspace.runs import camp_limits, run_for_team
from workspace.synthetic import synthesize

PERSONS = 5_000


@pytest.fixture
def camp(tmp_path: Path) -> CampFile:
    return make_camp(tmp_path)


def text_of(path: Path) -> str:
    document = json.loads(path.read_text())
    outputs = [output for cell in document["cells"] for output in cell.get("outputs", [])]
    # A slow kernel sends one printed line in several pieces.
    return "".join("".join(output.get("text", "")) for output in outputs)


def run(camp: CampFile, seal: Seal, *cells: str, parameters: str = "", **values: Any) -> str:
    """Run a notebook of these cells and return what it printed."""
    put(camp, "homes.ipynb", notebook(*cells, parameters=parameters))
    done = run_for_team(camp, TEAM, Path("homes.ipynb"), values, seal=seal)
    assert done.output == camp.workspace(TEAM) / "runs" / "homes.ipynb"
    return text_of(done.output)


# ------------------------------------------------------------------------------------------------------ what it sees
def test_a_run_sees_its_camp_its_data_and_its_parameters(camp: CampFile, any_seal: Seal) -> None:
    told = run(
        camp,
        any_seal,
        "import os, disclosure as sdc\nfrom disclosure.exchange.context import current_context",
        "context = current_context()\n"
        "print(context.run.value, context.team, context.workspace, context.handover, dict(context.parameters))",
        "print([one.name for one in context.data_sets], sdc.data('HOMES').count().to_pandas(), os.getcwd(), year)",
        "try:\n    open(context.data_sets[0].folder / 'data.parquet', 'ab')\nexcept OSError:\n    print('OSError')",
        "print(sdc.table(sdc.data('HOMES'), rows=['wijk']).verdict.status.value)",
        parameters="year: int = 2022",
        year=2020,
    )
    own = any_seal.mode.has_namespaces
    assert told.split("\n\n")[0].splitlines()[0].endswith("/workspace None {'year': 2020}")
    assert told.startswith("team armoede /workspace " if own else "team armoede /")
    assert f"['HOMES'] 60 {'/workspace' if own else camp.workspace(TEAM)} 2020" in told
    assert "OSError" in told
    assert "safe" in told


@pytest.mark.parametrize(("spoken", "told"), [("nl_NL.UTF-8", "nl"), ("en_GB.UTF-8", "en"), ("C.UTF-8", "en")])
def test_a_notebook_speaks_the_language_of_the_machine_that_it_runs_on(
    tmp_path: Path, seal: Seal, monkeypatch: pytest.MonkeyPatch, spoken: str, told: str
) -> None:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", spoken)
    box = code_box(seal, {}, tmp_path, {}, limits=Limits(), families=())
    assert dict(box.environment)["LANGUAGE"] == told
    assert dict(box.environment)["LANG"] == "C.UTF-8"


def test_a_team_sees_no_data_set_of_another(camp: CampFile, seal: Seal) -> None:
    path = camp.workspace("wonen") / "look.ipynb"
    path.write_bytes(notebook("import os\nprint(os.path.exists('/data'), os.listdir('/workspace'))"))
    done = run_for_team(camp, "wonen", Path("look.ipynb"), {}, seal=seal)
    assert done.output is not None
    assert text_of(done.output).strip() == "False ['look.ipynb', 'runs']"


def test_what_was_submitted_runs_again_and_hands_its_frame_over(camp: CampFile, seal: Seal, tmp_path: Path) -> None:
    assert "1" in run(camp, seal, SUBMIT)
    assert hand_in(camp, TEAM, seal=seal) == (HandIn(1, HandInState.SUBMITTED),)
    folder = camp.outbox(TEAM) / "1"
    submission = submission_from_bytes((folder / "submission.json").read_bytes())
    code = {name: (folder / "code" / name).read_bytes() for name in submission.code}
    SealedReproduction(lambda: seal).reproduce(camp, TEAM, code, submission.parameters, submission.frames, tmp_path)
    assert (tmp_path / "homes-by-wijk.arrow").stat().st_size > 60 * len("000000000")


def test_case_2_runs_sealed_and_is_handed_in(tmp_path: Path, any_seal: Seal) -> None:
    seal = any_seal
    sets = synthesize(tmp_path / "source", persons=PERSONS, years=(2022, 2022))
    camp = new_camp(tmp_path / "camp", mark="DEMO", teams=(Team(TEAM, tuple(one.name for one in sets)),))
    for one in sets:
        register(camp, one)
    shown = case(2)
    (camp.workspace(TEAM) / shown.notebook_name).write_bytes(shown.notebook())
    seen: list[tuple[int, int]] = []
    done = run_for_team(
        camp, TEAM, Path(shown.notebook_name), {"threshold": 110}, seal=seal, progress=lambda *step: seen.append(step)
    )
    assert done.output is not None
    told = text_of(done.output)
    assert "minimum_count" in told
    assert "Refused: 'BEID'" in told
    assert "Request 1" in told
    assert seen[-1][0] == seen[-1][1] > 10
    assert hand_in(camp, TEAM, seal=seal) == (HandIn(1, HandInState.SUBMITTED),)
    submission = submission_from_bytes((camp.outbox(TEAM) / "1" / "submission.json").read_bytes())
    assert [output.name for output in submission.outputs] == [
        "children-by-stadsdeel", "poor-children-by-working-parent", "poor-children-by-wijk",
    ]  # fmt: skip
    assert submission.parameters == {"threshold": 110}
    assert submission.frames == ()
    claim = json.loads((camp.outbox(TEAM) / "1" / "claims" / "poor-children-by-wijk.json").read_bytes())
    assert {cell["status"] for cell in claim["cells"]} == {"published", "withheld"}
    assert {cell["value"] for cell in claim["cells"] if cell["status"] == "withheld"} == {None}


# -------------------------------------------------------------------------------------------------- what is not run
def test_without_a_seal_nothing_runs(camp: CampFile) -> None:
    put(camp, "homes.ipynb", notebook("1"))
    with pytest.raises(SealError, match="verified seal"):
        run_for_team(camp, TEAM, Path("homes.ipynb"), {}, seal=None)  # type: ignore[arg-type]
    assert not (camp.workspace(TEAM) / "runs").exists()


def test_a_data_set_that_changed_is_not_mounted(camp: CampFile, seal: Seal) -> None:
    put(camp, "homes.ipynb", notebook("1"))
    with (camp.data_folder(DATA_SET) / "data.parquet").open("ab") as stream:
        stream.write(b"x")
    with pytest.raises(IntegrityError):
        run_for_team(camp, TEAM, Path("homes.ipynb"), {}, seal=seal)


@pytest.mark.parametrize("values", [{"year": [[2020]]}, {"year": None}, {"year": {}}])
def test_parameters_are_texts_numbers_and_truth_values(camp: CampFile, seal: Seal, values: dict[str, Any]) -> None:
    put(camp, "homes.ipynb", notebook("1", parameters="year = 2022"))
    with pytest.raises(DocumentError):
        run_for_team(camp, TEAM, Path("homes.ipynb"), values, seal=seal)


def test_a_parameter_that_is_not_declared_is_bad_input(camp: CampFile, seal: Seal) -> None:
    put(camp, "homes.ipynb", notebook("1", parameters="year = 2022"))
    with pytest.raises(BadInputError, match="declares no parameter 'yaer'"):
        run_for_team(camp, TEAM, Path("homes.ipynb"), {"yaer": 2020}, seal=seal)


@pytest.mark.parametrize("case", ["team", "notebook", "workspace", "output outside", "linked runs"])
def test_what_is_missing_or_elsewhere_is_bad_input(camp: CampFile, seal: Seal, tmp_path: Path, case: str) -> None:
    put(camp, "homes.ipynb", notebook("1"))
    team, path, output = TEAM, Path("homes.ipynb"), None
    match case:
        case "team":
            team = "haven"
        case "notebook":
            path = Path("absent.ipynb")
        case "workspace":
            shutil.rmtree(camp.workspace(TEAM))
        case "output outside":
            output = tmp_path / "out.ipynb"
        case _:
            (camp.workspace(TEAM) / "runs").symlink_to(tmp_path)
    with pytest.raises(BadInputError):
        run_for_team(camp, team, path, {}, seal=seal, output=output)
    assert not list(tmp_path.glob("*.ipynb"))


def test_a_place_that_cannot_be_written_is_told_in_our_words(camp: CampFile, seal: Seal) -> None:
    put(camp, "homes.ipynb", notebook("import os\nos.mkdir('runs/homes.ipynb')"))
    with pytest.raises(Exception, match="could not be written") as caught:
        run_for_team(camp, TEAM, Path("homes.ipynb"), {}, seal=seal)
    assert type(caught.value).__name__ == "ExecutionError"


def test_a_notebook_that_fails_says_where_and_keeps_what_it_printed(camp: CampFile, seal: Seal) -> None:
    put(camp, "homes.ipynb", notebook("print('000012345')", "{}['000012345']"))
    with pytest.raises(RunError, match=r"failed in cell 2 with KeyError") as caught:
        run_for_team(camp, TEAM, Path("homes.ipynb"), {}, seal=seal)
    assert "000012345" not in str(caught.value)
    assert "000012345" in text_of(camp.workspace(TEAM) / "runs" / "homes.ipynb")


# ------------------------------------------------------------------------------------------------------------ limits
def test_the_limits_of_a_run_are_those_of_the_camp(camp: CampFile) -> None:
    limits = camp_limits(
        limited(camp, run_seconds=60, workspace_bytes=1 << 20, handover_bytes=1 << 19, memory_bytes=8 << 30)
    )
    assert (limits.seconds, limits.storage, limits.handover) == (60.0, 1 << 20, 1 << 19)
    assert (limits.private_memory, limits.memory) == (8 << 30, 4 << 30)
    assert camp_limits(camp, seconds=2.5).seconds == 2.5
