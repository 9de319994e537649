"""The door of the Lab's panel: what it answers about data, outputs and requests, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import disclosure as sdc
from disclosure.errors import BadInputError, RefusedError
from disclosure.exchange.canonical import canonical_json
from disclosure.exchange.context import VARIABLE, CampContext, MountedDataSet, RunKind
from disclosure.exchange.files import file_digest
from disclosure.exchange.submission import submission_from_bytes
from disclosure.notebook import basket as basket_module
from disclosure.notebook.basket import Basket
from disclosure.notebook.panel import VERSION, answer
from disclosure.notebook.panel_data import MOST_CATEGORIES
from disclosure.notebook.panel_requests import MOST_REQUESTS
from disclosure.policy import policy_from_bytes
from tests.disclosure.support import UNIT, heads, policy_toml

CODEBOOK = """\
schema = 1
name = "HOMES"
title = {en = "Homes", nl = "Woningen"}
source = "made for this test"
synthetic = true
unit = ["unit"]
identifiers = ["unit"]
[columns.unit]
type = "key"
[columns.rent]
title = {en = "Rent", nl = "Huur"}
type = "number"
unit_of_measure = {en = "EUR a month", nl = "EUR per maand"}
[columns.wijk]
type = "category"
sensitive = false
[columns.wijk.categories]
"""
SECRETS = range(987650000, 987650043)
TOLD: dict[str, str] = {"title": "Persons", "population": "everybody"}


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A kernel in a camp with the data set HOMES, an empty basket and no inbox; its workspace."""
    data, place, workspace = tmp_path / "data", tmp_path / "camp", tmp_path / "workspace"
    for folder in (data, place, workspace):
        folder.mkdir()
    categories = "\n".join(f'{number} = {{en = "Ward {number}", nl = "Wijk {number}"}}' for number in range(100, 180))
    (data / "codebook.toml").write_text(CODEBOOK + categories)
    keys = [*range(1, 200), *SECRETS]
    rows = {UNIT: keys, "rent": [500] * len(keys), "wijk": ["100"] * len(keys)}
    pq.write_table(pa.table(rows), data / "data.parquet")
    policy = policy_toml(minimum_units=10)
    context = CampContext(
        camp="summer", team="wonen", run=RunKind.TEAM, policy=policy, policy_digest="", parameters={},
        data_sets=(MountedDataSet("HOMES", file_digest(data / "data.parquet"), data),), workspace=workspace,
    )  # fmt: skip
    document = context.to_document() | {"policy_digest": policy_from_bytes(policy.encode(), "camp").digest}
    (place / "context.json").write_bytes(canonical_json(document))
    monkeypatch.setenv(VARIABLE, str(place / "context.json"))
    monkeypatch.setattr(basket_module, "_BASKET", Basket())
    return workspace


def ask(do: str, **more: Any) -> dict[str, Any]:
    """Return an answer, as it would come out of the kernel."""
    document: dict[str, Any] = json.loads(json.dumps(answer(json.dumps({"do": do, **more}))._repr_json_()))
    assert document["version"] == VERSION
    return document


def value(do: str, **more: Any) -> Any:
    document = ask(do, **more)
    assert document["ok"], document
    return document["value"]


def refusal(do: str, **more: Any) -> str:
    document = ask(do, **more)
    assert not document["ok"]
    assert "value" not in document
    return f"{document['message']} {document['hint']}"


def counted(cells: dict[str, int]) -> Any:
    return sdc.table(heads(cells), rows="group", unit=UNIT)


# ---------------------------------------------------------------------------------------------------------- the asking
@pytest.mark.parametrize(
    "asked",
    [
        "", "dance", "[]", "1", '{"do": 1}', '{"do": "dance"}', '{"do": "catalogue", "do": "basket"}',
        '{"do": "catalogue", "language": "de"}', '{"do": "catalogue", "language": ["nl"]}', '{"language": "nl"}',
        '{"do": "catalogue"}' + " " * 20_000,
    ],
)  # fmt: skip
def test_what_is_not_known_is_refused_and_not_repeated(asked: str) -> None:
    document = answer(asked).document
    assert not document["ok"]
    assert document["message"]
    assert "dance" not in document["message"] + document["hint"]


def test_what_is_no_text_is_refused() -> None:
    assert not answer(3).document["ok"]  # type: ignore[arg-type]


def test_an_answer_is_in_the_language_of_the_question_and_leaves_the_kernels_own_as_it_was(workspace: Path) -> None:
    with sdc.language("en"):
        assert value("catalogue", language="nl")["data_sets"][0]["title"] == "Woningen"
        assert "Het mandje heeft geen output" in refusal("remedies", name="x", language="nl")
        assert value("catalogue")["data_sets"][0]["title"] == "Homes"


def test_an_answer_is_one_word_where_it_is_not_carried_as_json() -> None:
    assert repr(answer('{"do": "catalogue"}')) == "answered"
    assert repr(answer("")) == "refused"


# ------------------------------------------------------------------------------------------------------------ the data
def test_outside_a_camp_there_is_no_data_and_no_request() -> None:
    assert value("catalogue") == {"camp": None, "data_sets": []}
    assert value("requests") == {"inbox": False, "requests": []}


def test_a_data_set_comes_with_its_codebook_and_the_code_that_reads_it(workspace: Path) -> None:
    catalogue = value("catalogue")
    assert catalogue["camp"] == {"name": "summer", "team": "wonen"}
    (homes,) = catalogue["data_sets"]
    assert homes["code"] == 'import disclosure as sdc\n\nhomes = sdc.data("HOMES")'
    assert (homes["unit"], homes["source"], homes["synthetic"]) == ([UNIT], "made for this test", True)
    key, rent, _ = homes["columns"]
    assert key["key"]
    assert rent == {
        "name": "rent", "title": "Rent", "kind": "number", "measure": "EUR a month", "sensitive": True, "key": False,
        "categories": [], "n_categories": 0,
    }  # fmt: skip


def test_of_a_long_list_of_categories_the_first_ones_are_told_and_all_are_counted(workspace: Path) -> None:
    wijk = value("catalogue")["data_sets"][0]["columns"][2]
    assert len(wijk["categories"]) == MOST_CATEGORIES
    assert wijk["categories"][0] == ["100", "Ward 100"]
    assert wijk["n_categories"] == 80


# ---------------------------------------------------------------------------------------------------------- the basket
def test_an_output_is_told_with_verdict_in_sign_and_words_findings_and_remedies(workspace: Path) -> None:
    sdc.basket().add(counted({"a": 40, "b": 3}), name="persons", **TOLD)
    basket = value("basket")
    (one,) = basket["outputs"]
    assert (one["name"], one["title"], one["population"]) == ("persons", "Persons", "everybody")
    assert (one["status"], one["sign"], one["verdict"]) == ("unsafe", "▲", "Unsafe (failing cells: 1)")
    assert any("group=b" in finding for finding in one["findings"])
    assert one["repairable"]
    offered = sdc.basket().repairable("persons").remedies()
    assert [remedy["text"] for remedy in one["remedies"]] == [str(remedy) for remedy in offered]
    assert [remedy["place"] for remedy in one["remedies"]] == list(range(len(offered)))
    assert any("safe verdict" in what for what in basket["lacks"])


def test_a_safe_output_has_nothing_to_repair_and_nothing_is_missing(workspace: Path) -> None:
    sdc.basket().add(counted({"a": 40, "b": 30}), name="persons", **TOLD)
    basket = value("basket")
    assert (basket["outputs"][0]["sign"], basket["outputs"][0]["verdict"]) == ("✓", "Safe")
    assert (basket["outputs"][0]["repairable"], basket["outputs"][0]["remedies"]) == (False, [])
    assert basket["lacks"] == []


def test_remedies_that_take_tabulating_wait_until_they_are_asked_for(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("disclosure.notebook.panel_basket.is_cheap", lambda _: False)
    sdc.basket().add(counted({"a": 40, "b": 3}), name="persons", **TOLD)
    (one,) = value("basket")["outputs"]
    assert one["repairable"]
    assert one["remedies"] is None
    assert value("remedies", name="persons")[0]["loses"]


def test_a_text_is_for_a_reviewer_and_has_no_remedy(workspace: Path) -> None:
    sdc.basket().add(sdc.text("Rents rose."), name="words", **TOLD)
    (one,) = value("basket")["outputs"]
    assert (one["status"], one["repairable"]) == ("inconclusive", False)
    assert "would not change with it" in refusal("remedies", name="words")


def test_an_applied_remedy_stands_in_the_basket_under_the_same_name_and_words(workspace: Path) -> None:
    basket = sdc.basket()
    basket.add(counted({"a": 40, "b": 3, "c": 30}), name="persons", differs="newer", **TOLD)
    wanted = basket.repairable("persons").remedies()[0].applied_to(basket.repairable("persons").recipe)
    basket.apply("persons", 0)
    (one,) = basket.entries
    assert (one.name, one.title, one.population, one.differs) == ("persons", "Persons", "everybody", "newer")
    assert basket.repairable("persons").recipe == wanted
    assert value("basket")["outputs"][0]["status"] == "safe"


def test_one_of_several_outputs_is_repaired_alone(workspace: Path) -> None:
    frame = heads({"a": 40, "b": 3, "c": 30}).assign(value=[float(place % 13) for place in range(73)])
    out = sdc.table(frame, rows="group", unit=UNIT, values="value", statistic=["mean", "count"])
    sdc.basket().add(out, name="income", **TOLD)
    sdc.basket().apply("income-count", 0)
    found = {one["name"]: one["status"] for one in value("basket")["outputs"]}
    assert found == {"income-mean-of-value": "unsafe", "income-count": "safe"}


@pytest.mark.parametrize("place", [-1, 1000, True, "0"])
def test_a_remedy_that_was_not_offered_is_not_applied(workspace: Path, place: Any) -> None:
    sdc.basket().add(counted({"a": 40, "b": 3}), name="persons", **TOLD)
    with pytest.raises(BadInputError, match="no remedy of that number"):
        sdc.basket().apply("persons", place)
    assert value("basket")["outputs"][0]["status"] == "unsafe"


def test_what_a_figure_or_a_result_stands_on_is_repaired_where_it_is_made(workspace: Path) -> None:
    sdc.basket().add(sdc.figure(counted({"a": 40, "b": 30})), name="drawn", **TOLD)
    frame = heads({"a": 40, "b": 3})
    sdc.basket().add(sdc.result({"a": 1.0, "b": 2.0}, support=frame, by="group", unit=UNIT), name="own", **TOLD)
    for name in ("drawn", "own", "own-support"):
        with pytest.raises(RefusedError, match="would not change with it"):
            sdc.basket().apply(name, 0)
    assert not any(one["repairable"] for one in value("basket")["outputs"])


def test_the_panel_changes_no_output(workspace: Path) -> None:
    sdc.basket().add(counted({"a": 40, "b": 3}), name="persons", **TOLD)
    before = sdc.basket().entries
    for asked in ({"do": "apply", "name": "persons", "place": 0}, {"do": "remove", "name": "persons"}):
        assert not answer(json.dumps(asked)).document["ok"]
    value("basket")
    value("remedies", name="persons")
    assert sdc.basket().entries == before


# ------------------------------------------------------------------------------------------------ handing in, and after
def handed_in(workspace: Path) -> int:
    sdc.basket().add(counted({"a": 40, "b": 30}), name="persons", **TOLD)
    (workspace / "persons.ipynb").write_text("{}")
    number: int = value("submit", title=" Persons ", purpose="To know.", code=["persons.ipynb"])["number"]
    return number


def test_the_basket_is_handed_in_as_sdc_submit_does(workspace: Path) -> None:
    assert handed_in(workspace) == 1
    written = submission_from_bytes((workspace / "requests" / "1" / "submission.json").read_bytes())
    assert (written.title, written.purpose, written.code) == ("Persons", "To know.", ("persons.ipynb",))
    (one,) = value("requests")["requests"]
    assert (one["number"], one["title"], one["outputs"]) == (1, "Persons", ["persons"])
    assert (one["state"], one["words"]) == ("waiting", "waiting for the broker")


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"title": " "}, "title"),
        ({"purpose": None}, "purpose"),
        ({"code": "persons.ipynb"}, "names the code"),
        ({"code": ["other.ipynb"]}, "no file 'other.ipynb'"),
        ({"code": ["../persons.ipynb"]}, "without folders"),
        ({"code": [1]}, "plain file names"),
        ({"code": []}, "names the code"),
    ],
)
def test_an_incomplete_submission_is_refused_with_what_is_missing(
    workspace: Path, changed: dict[str, Any], expected: str
) -> None:
    sdc.basket().add(counted({"a": 40, "b": 30}), name="persons", **TOLD)
    (workspace / "persons.ipynb").write_text("{}")
    asked: dict[str, Any] = {"title": "Persons", "purpose": "To know.", "code": ["persons.ipynb"]}
    assert expected in refusal("submit", **asked | changed)
    assert value("requests")["requests"] == []


@pytest.fixture
def inbox(workspace: Path) -> Path:
    folder = workspace.parent / "camp" / "inbox"
    folder.mkdir()
    return folder


def state_of(workspace: Path) -> dict[str, Any]:
    (one,) = value("requests")["requests"]
    return {name: one[name] for name in ("state", "words", "reason")}


def test_the_broker_tells_first_and_the_control_zone_after_it(workspace: Path, inbox: Path) -> None:
    handed_in(workspace)
    assert value("requests")["inbox"]
    assert state_of(workspace)["state"] == "waiting"
    refused = {"number": 1, "state": "refused", "reason": "Cell 2 failed.", "hint": "Mend it.", "cell": 2}
    (inbox / "1-broker.json").write_text(json.dumps(refused))
    assert state_of(workspace) == {"state": "refused", "words": "refused", "reason": "Cell 2 failed.\nMend it."}
    (inbox / "1.json").write_text(json.dumps({"version": 1, "number": 1, "state": "returned", "reason": "Why 2023?"}))
    assert state_of(workspace) == {"state": "returned", "words": "returned with questions", "reason": "Why 2023?"}


@pytest.mark.parametrize(
    "written",
    [
        "no json",
        "[]",
        '{"number": 2, "state": "released"}',
        '{"number": 1}',
        '{"number": 1, "state": 3}',
        '{"number": 1, "state": "released", "reason": {}}',
    ],
)
def test_what_cannot_be_read_in_the_inbox_is_never_taken_for_a_release(
    workspace: Path, inbox: Path, written: str
) -> None:
    handed_in(workspace)
    (inbox / "1.json").write_text(written)
    assert state_of(workspace)["state"] == "unknown"


def test_a_state_that_is_new_is_shown_as_it_is_called_and_nothing_in_it_hides(workspace: Path, inbox: Path) -> None:
    handed_in(workspace)
    (inbox / "1.json").write_text(json.dumps({"number": 1, "state": "parked\u202e", "reason": "a\u202eb"}))
    assert state_of(workspace) == {"state": "parked\u202e", "words": "parked\\u202e", "reason": "a\\u202eb"}


def test_a_request_that_cannot_be_read_is_listed_beside_the_others(workspace: Path) -> None:
    handed_in(workspace)
    (workspace / "requests" / "2").mkdir()
    (workspace / "requests" / "2" / "submission.json").write_text("{")
    (workspace / "requests" / "notes").mkdir()
    (workspace / "requests" / "3").symlink_to(workspace.parent)
    titles = {one["number"]: one["title"] for one in value("requests")["requests"]}
    assert titles == {1: "Persons", 2: "This request cannot be read.", 3: "This request cannot be read."}


def test_the_newest_requests_are_told(workspace: Path) -> None:
    for number in range(1, MOST_REQUESTS + 3):
        (workspace / "requests" / str(number)).mkdir(parents=True)
    numbers = [one["number"] for one in value("requests")["requests"]]
    assert numbers == list(range(MOST_REQUESTS + 2, 2, -1))


def test_no_record_is_in_an_answer(workspace: Path) -> None:
    frame = pd.DataFrame({UNIT: SECRETS, "group": ["a"] * 40 + ["b"] * 3})
    sdc.basket().add(sdc.table(frame, rows="group", unit=UNIT), name="persons", **TOLD)
    for do in ("catalogue", "basket", "requests"):
        assert "98765" not in json.dumps(value(do))
