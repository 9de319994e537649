"""The real package: it finds what the embedded engine finds, keeps what it is given, and has every function."""

from __future__ import annotations

import math
import subprocess
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from disclosure.engines.sdcmicro.calls import Call, Formula, Job
from disclosure.engines.sdcmicro.engine import SdcMicroEngine
from disclosure.engines.sdcmicro.functions import FUNCTIONS, LEFT_OUT
from disclosure.engines.sdcmicro.handshake import EngineFailedError, EngineMissingError
from disclosure.engines.sdcmicro.process import WorkerLimits, run
from disclosure.errors import ColumnError, RefusedError
from disclosure.microdata import global_risk
from disclosure.microdata.embedded import EmbeddedEngine
from disclosure.model.key_variables import KeyVariables
from disclosure.model.microdata import NoiseMethod, RiskMethod, SudaScores
from tests.disclosure.microdata.figures import keys, records

pytestmark = [pytest.mark.needs_sdcmicro, pytest.mark.timeout(900)]

EMBEDDED = EmbeddedEngine()
NUMBERS = ("expend", "income", "savings")


@pytest.fixture(scope="module")
def engine() -> SdcMicroEngine:
    made = SdcMicroEngine(WorkerLimits(seconds=600))
    try:
        assert made.version.startswith("sdcMicro ")
    except EngineMissingError as error:
        pytest.skip(str(error))
    return made


@pytest.mark.parametrize("name", ["testdata", "testdata2", "francdat", "francdat_na", "eusilc_age"])
def test_frequencies_and_risk_agree_with_gaps_and_texts_in_the_keys(engine: SdcMicroEngine, name: str) -> None:
    found = engine.individual_risk(records(name), keys(name))
    ours = EMBEDDED.individual_risk(records(name), keys(name))
    np.testing.assert_allclose(found.fk, ours.fk, rtol=1e-12)
    np.testing.assert_allclose(found.Fk, ours.Fk, rtol=1e-9)
    np.testing.assert_allclose(found.risk, ours.risk, rtol=1e-9)


@pytest.mark.parametrize("alpha", [0.0, 0.5])
def test_gaps_count_as_alpha_says_and_a_risk_of_nothing_is_refused(engine: SdcMicroEngine, alpha: float) -> None:
    frame, variables = records("francdat_na"), keys("francdat_na")
    found, ours = (one.frequencies(frame, variables, alpha=alpha) for one in (engine, EMBEDDED))
    np.testing.assert_allclose(found.fk, ours.fk, rtol=1e-12)
    np.testing.assert_allclose(found.Fk, ours.Fk, rtol=1e-9)
    if alpha:
        with pytest.raises(EngineFailedError, match="gives no risk"):
            engine.individual_risk(frame, variables, alpha=alpha)


def test_the_totals_are_the_reference_figures(engine: SdcMicroEngine) -> None:
    frame, variables = records("testdata"), keys("testdata")
    assert global_risk(engine.individual_risk(frame, variables)).expected == pytest.approx(10.7782989187348, rel=1e-12)
    found = engine.household_risk(frame, variables)
    assert found.total.expected == pytest.approx(51.8129274359607, rel=1e-12)
    np.testing.assert_allclose(found.risk, EMBEDDED.household_risk(frame, variables).risk, rtol=1e-9)


def awkward(records_in_file: int = 300) -> tuple[pa.Table, KeyVariables]:
    """Return a file with gaps whose columns are called as sdcMicro calls its own, or as R would read and do."""
    draw = np.random.default_rng(4)
    names = ('file.create("read-as-a-program")', "id", "k é", "sortidforfreqcalc")
    keys = {
        name: pa.array(draw.integers(0, 6, records_in_file), mask=draw.random(records_in_file) < 0.05) for name in names
    }
    homes = pa.array([f"home {one}" for one in draw.integers(0, 100, records_in_file)])
    frame = pa.table({**keys, "TRUE": draw.uniform(2, 9, records_in_file), "F": homes})
    return frame, KeyVariables(names, weights="TRUE", household="F")


def test_columns_may_be_called_anything_and_households_may_be_texts(engine: SdcMicroEngine) -> None:
    frame, variables = awkward()
    found, ours = (one.household_risk(frame, variables) for one in (engine, EMBEDDED))
    np.testing.assert_allclose(found.risk, ours.risk, rtol=1e-9)
    scored, own = (one.suda2(frame, variables) for one in (engine, EMBEDDED))
    np.testing.assert_allclose(scored.totals, own.totals, rtol=1e-9)
    np.testing.assert_allclose(scored.contribution, own.contribution, rtol=1e-9)


def test_a_file_without_special_uniques_has_no_scores(engine: SdcMicroEngine) -> None:
    frame = pa.table({name: [place % 2 for place in range(40)] for name in ("a", "b", "c")})
    found = engine.suda2(frame, KeyVariables(("a", "b", "c")))
    assert (found.totals, found.score.sum(), found.contribution.sum()) == ((0.0, 0.0, 0.0), 0, 0)


@pytest.mark.parametrize(("k", "total"), [(2, 157), (3, 293), (5, 500)])
def test_local_suppression_takes_out_as_many_and_keeps_types_and_texts(
    engine: SdcMicroEngine, k: int, total: int
) -> None:
    frame, names = records("testdata"), keys("testdata").categorical
    place = frame.schema.get_field_index("relat")
    texts = pa.array([f"é{one}" for one in frame["relat"].to_pylist()])
    given = frame.set_column(place, "relat", texts)
    found = engine.local_suppression(given, KeyVariables(names), k=k)
    assert found.total == total == EMBEDDED.local_suppression(given, KeyVariables(names), k=k).total
    assert found.frame.schema.equals(given.schema)
    for name in given.column_names:
        kept = pc.is_valid(found.frame[name])
        assert found.frame[name].filter(kept).equals(given[name].filter(kept)), name


def random_file(seed: int) -> pa.Table:
    """Return a file with gaps in every column, and texts that are no ASCII."""
    draw = np.random.default_rng(seed)
    labels = np.array(["é", "NA", "", "ß x", "日本", 'a"b'])
    columns = {name: labels[draw.integers(0, size, 150)] for name, size in (("a", 6), ("b", 3), ("c", 4), ("s", 2))}
    return pa.table({name: pa.array(one, mask=draw.random(150) < 0.15) for name, one in columns.items()})


@pytest.mark.parametrize(
    "asked",
    [
        {"k": 3},
        {"k": 5, "importance": (3, 1, 2)},
        {"k": 3, "strata": ("s",)},
        {"combs": ((2, 5), (3, 2)), "importance": (1, 2, 3)},
    ],
)
def test_suppression_in_a_file_with_gaps_takes_out_the_same_values(
    engine: SdcMicroEngine, asked: dict[str, Any]
) -> None:
    variables = KeyVariables(("a", "b", "c"))
    for seed in (1, 2):
        found, ours = (one.local_suppression(random_file(seed), variables, **asked) for one in (engine, EMBEDDED))
        assert found.counts == ours.counts
        assert found.frame.equals(ours.frame)


def test_missing_values_of_a_sensitive_column_are_one_value(engine: SdcMicroEngine) -> None:
    frame = pa.table({"a": ["p"] * 6 + ["q"] * 3, "s": ["x", "x", None, None, None, None, "x", "y", "y"]})
    found, ours = (one.l_diversity(frame, KeyVariables(("a",), sensitive=("s",))) for one in (engine, EMBEDDED))
    assert found.columns[0].distinct.tolist() == ours.columns[0].distinct.tolist() == [2.0] * 9
    np.testing.assert_allclose(found.columns[0].entropy, ours.columns[0].entropy, rtol=1e-9)


def test_diversity_and_special_uniques_agree(engine: SdcMicroEngine) -> None:
    frame = records("testdata")
    variables = KeyVariables(keys("testdata").categorical, sensitive=("hhcivil", "incgrp"))
    found, ours = (one.l_diversity(frame, variables) for one in (engine, EMBEDDED))
    for mine, other in zip(found.columns, ours.columns, strict=True):
        for figure in ("distinct", "entropy", "recursive"):
            np.testing.assert_allclose(getattr(mine, figure), getattr(other, figure), rtol=1e-9)
    for scores in SudaScores:
        special, own = (one.suda2(frame, variables, scores=scores) for one in (engine, EMBEDDED))
        np.testing.assert_allclose(special.score, own.score, rtol=1e-9)
        np.testing.assert_allclose(special.dis_score, own.dis_score, rtol=1e-6)  # it keeps seven digits of these
        np.testing.assert_allclose(special.totals, own.totals, rtol=1e-9)
        assert (special.uniques, special.pairs) == (own.uniques, own.pairs)


def test_microaggregation_agrees_and_so_does_what_it_costs(engine: SdcMicroEngine) -> None:
    frame = records("CASCrefmicrodata")
    columns = tuple(frame.column_names)
    found, ours = (one.mdav(frame, columns, k=3) for one in (engine, EMBEDDED))
    assert found.loss == pytest.approx(0.056922, abs=5e-7)
    assert ours.loss == pytest.approx(found.loss, rel=1e-6)
    assert found.sizes == ours.sizes == ((3, 360),)
    for measure in ("il1s", "eigenvalue_difference"):
        both = [getattr(one, measure)(frame, found.frame, columns[:4]) for one in (engine, EMBEDDED)]
        assert both[0] == pytest.approx(both[1], rel=1e-9), measure


def test_what_is_drawn_follows_the_seed_and_keeps_what_it_should(engine: SdcMicroEngine) -> None:
    frame = records("testdata")
    one, again, other = (engine.pram(frame, ("roof", "walls"), seed=seed) for seed in (5, 5, 6))
    assert one.frame.equals(again.frame)
    assert not one.frame.equals(other.frame)
    assert set(one.frame["roof"].to_pylist()) <= set(frame["roof"].to_pylist())
    assert one.frame.drop_columns(["roof", "walls"]).equals(frame.drop_columns(["roof", "walls"]))
    for method, amount in ((NoiseMethod.ADDITIVE, 10.0), (NoiseMethod.PRESERVING, 0.3)):
        noisy = engine.noise(frame, NUMBERS, seed=5, method=method, amount=amount)
        assert noisy.frame.equals(engine.noise(frame, NUMBERS, seed=5, method=method, amount=amount).frame)
        assert all(count == frame.num_rows for _, count in noisy.counts)
        for name in NUMBERS:
            spread = np.std(noisy.frame[name].to_numpy()) / np.std(frame[name].to_numpy())
            assert 0.8 < spread < 1.3, name


def test_the_exact_risk_that_is_no_number_is_refused_and_not_passed_on(engine: SdcMicroEngine) -> None:
    with pytest.raises(EngineFailedError, match="loses all digits"):
        engine.individual_risk(records("testdata"), keys("testdata"), method=RiskMethod.EXACT)


def test_a_register_has_one_in_those_who_share_a_key(engine: SdcMicroEngine) -> None:
    variables = KeyVariables(keys("francdat").categorical)
    found = engine.individual_risk(records("francdat"), variables, method=RiskMethod.REGISTER)
    assert found.risk.tolist() == (1 / found.fk).tolist()
    with pytest.raises(ColumnError, match="no weights"):
        engine.individual_risk(records("francdat"), variables)
    with pytest.raises(RefusedError, match="only the approximate risk"):
        engine.household_risk(records("testdata"), keys("testdata"), method=RiskMethod.EXACT)


def test_texts_categories_and_gaps_are_kept_on_the_way(engine: SdcMicroEngine) -> None:
    levels = pa.DictionaryArray.from_arrays(pa.array([2, None, 0, 1]), pa.array(["laag", "midden", "hoog, zéér"]))
    frame = pa.table({
        "t": pa.array(["", "NA", None, 'é;"\n']),
        "c": levels,
        "n": pa.array([1, None, -2147483647, 5]),
        "d": pa.array([0.1, None, 1e-300, 50.0]),
        "b": pa.array([True, None, False, True]),
    })  # fmt: skip
    call = Call("topBotCoding", "data", {"value": 40, "replacement": 40, "kind": "top", "column": "d"})
    found = run(Job(("data",), (call,)), {"data": frame}).answers[0].returned.table()
    assert found["d"].to_pylist() == [0.1, None, 1e-300, 40.0]
    for name in ("t", "c", "n", "b"):
        assert found[name].to_pylist() == frame[name].to_pylist(), name
    assert found["c"].combine_chunks().dictionary.to_pylist() == ["laag", "midden", "hoog, zéér"]


def test_every_function_that_the_package_exports_is_in_the_table_or_left_out_with_a_reason(
    engine: SdcMicroEngine,
) -> None:
    told = "cat(grep('^[.]__', getNamespaceExports('sdcMicro'), invert = TRUE, value = TRUE), sep = '\\n')"
    listed = subprocess.run(["Rscript", "-e", told], capture_output=True, text=True, check=True, timeout=120)
    exported = {name for name in listed.stdout.split() if not name.startswith(".")}
    methods = {"print", "show"}
    assert exported - set(FUNCTIONS) - set(LEFT_OUT) - methods == set()


def frames_for_all() -> dict[str, pa.Table]:
    whole = records("testdata").slice(0, 400)
    factors = whole
    for name in ("urbrur", "roof", "walls", "water", "electcon", "relat", "sex", "hhcivil"):
        labels = whole[name].cast(pa.string()).dictionary_encode()
        factors = factors.set_column(factors.schema.get_field_index(name), name, labels)
    numbers = pa.table({name: whole[name].cast(pa.float64()) for name in NUMBERS})
    households = whole["ori_hid"].unique()
    return {
        "data": whole,
        "factors": factors,
        "numbers": numbers,
        "changed": pa.table({name: pc.multiply(numbers[name], 1.01) for name in NUMBERS}),
        "few": numbers.slice(0, 40),
        "households": pa.table({"ori_hid": households, "urbrur": pa.array(np.arange(len(households)))}),
    }


def calls_of_all() -> tuple[Call, ...]:
    """Return a call of every function, the first of which makes the object that others are called on."""
    named = ("urbrur", "roof", "sex")
    roof = sorted(set(records("testdata").slice(0, 400)["roof"].cast(pa.string()).to_pylist()))
    on: list[tuple[str, str | int, dict[str, Any]]] = [
        ("createSdcObj", "factors", {
            "keyVars": named, "numVars": NUMBERS, "weightVar": "sampling_weight", "hhId": "ori_hid",
            "pramVars": ("walls",), "alpha": 1.0,
        }),
        ("extractManipData", 0, {"randomizeRecords": "simple"}),
        ("addGhostVars", 0, {"keyVar": "roof", "ghostVars": ("water",)}),
        ("removeDirectID", 0, {"var": ("hhcivil",)}),
        ("calcRisks", 0, {}),
        ("freqCalc", "data", {"keyVars": named, "w": "sampling_weight"}),
        ("indivRisk", 5, {"method": "approx"}),
        ("freq", 0, {"type": "Fk"}),
        ("kAnon_violations", 0, {"weighted": False, "k": 3}),
        ("measure_risk", "data", {"keyVars": named, "w": "sampling_weight", "hid": "ori_hid"}),
        ("ldiversity", 0, {"ldiv_index": ("hhcivil",)}),
        ("suda2", "data", {"variables": named}),
        ("createSdcObj", "data", {"keyVars": named, "weightVar": "sampling_weight"}),
        ("modRisk", 12, {"formulaM": Formula((), ("urbrur", "sex"))}),
        ("riskyCells", "data", {"keyVars": named, "useIdentificationLevel": False, "threshold": 3, "maxDim": 2}),
        ("dRisk", "numbers", {"xm": "changed"}),
        ("dRiskRMD", "numbers", {"xm": "changed"}),
        ("recordLinkage", "few", {"y": "few", "vars": NUMBERS, "distance": "euclidean"}),
        ("localSuppression", "data", {"keyVars": named, "k": 3}),
        ("kAnon", 0, {"k": 3}),
        ("localSupp", 0, {"threshold": 0.005, "keyVar": "roof"}),
        ("LocalRecProg", "data", {"categorical": named, "k_level": 2}),
        ("globalRecode", "data", {"column": "age", "breaks": (0, 18, 65, 120), "labels": ("<18", "18-64", "65+")}),
        ("groupAndRename", "factors", {"var": "roof", "before": tuple(roof[:2]), "after": ("both",)}),
        ("varToFactor", 0, {"var": "roof"}),
        ("varToNumeric", "factors", {"var": "roof"}),
        ("topBotCoding", "data", {"value": 50, "replacement": 50, "kind": "top", "column": "age"}),
        ("mvTopCoding", "numbers", {"alpha": 0.05}),
        ("microaggregation", "numbers", {"variables": NUMBERS, "method": "pca", "aggr": 3}),
        ("microaggrGower", "factors", {
            "variables": ("relat", "age", "expend"), "dist_var": ("age", "sex", "income", "savings"),
            "by": ("urbrur", "roof"),
        }),
        ("mafast", "numbers", {"variables": NUMBERS, "aggr": 3, "measure": "median"}),
        ("argus_microaggregation", "numbers", {"k": 3, "useOptimal": False}),
        ("argus_rankswap", "numbers", {"perc": 10}),
        ("addNoise", "numbers", {"variables": NUMBERS, "noise": 10}),
        ("pram", 0, {"variables": ("walls",)}),
        ("rankSwap", "numbers", {"variables": ("expend",), "P": 10}),
        ("recordSwap", "data", {
            "hid": "ori_hid", "hierarchy": ("urbrur",), "similar": (("roof",),), "swaprate": 0.1,
            "risk_variables": ("sex",), "seed": 5,
        }),
        ("shuffle", "numbers", {"form": Formula(("expend", "income"), ("savings",)), "method": "ds"}),
        ("dataGen", "numbers", {"n": 50}),
        ("dUtility", "numbers", {"xm": "changed", "method": "IL1s"}),
        ("IL_correl", "numbers", {"xm": "changed"}),
        ("IL_variables", "numbers", {"xm": "changed"}),
        ("infoLoss", "data", {"data_swapped": "data", "table_vars": ("urbrur", "sex")}),
        ("valTable", "few", {"method": ("simple", "onedims")}),
        ("generateStrata", "factors", {"stratavars": ("urbrur", "sex"), "name": ("stratum",)}),
        ("createNewID", 12, {"newID": ("new",), "withinVar": "ori_hid"}),
        ("selectHouseholdData", "data", {"hhId": "ori_hid", "hhVars": ("urbrur",)}),
        ("mergeHouseholdData", "data", {"hhId": "ori_hid", "dathh": "households"}),
    ]  # fmt: skip
    return tuple(Call(name, subject, arguments) for name, subject, arguments in on)


def test_every_function_of_the_table_runs_and_returns_something(engine: SdcMicroEngine) -> None:
    frames, calls = frames_for_all(), calls_of_all()
    assert {call.function for call in calls} == set(FUNCTIONS)
    done = run(Job(tuple(frames), calls, seed=1), frames, WorkerLimits(seconds=600))
    for call, answer in zip(calls, done.answers, strict=True):
        assert not answer.returned.absent, call.function
    by_name = {call.function: one.returned for call, one in zip(calls, done.answers, strict=True)}
    assert by_name["kAnon_violations"].number() >= 0
    assert math.isfinite(by_name["dUtility"].number())
    assert by_name["globalRecode"].table()["age"].to_pylist()[0] in ("<18", "18-64", "65+")
    assert by_name["dataGen"].table().num_rows == 50


def test_a_call_sees_what_was_given_whatever_an_earlier_call_did_to_it(engine: SdcMicroEngine) -> None:
    frame = records("testdata").slice(0, 200)
    swap = Call("infoLoss", "data", {"data_swapped": "data", "table_vars": ("urbrur", "sex")}, keep=False)
    households = Call("selectHouseholdData", "data", {"hhId": "ori_hid", "hhVars": ("urbrur",)})
    done = run(Job(("data",), (swap, households)), {"data": frame})
    assert done.answers[1].returned.table().num_rows == len(frame["ori_hid"].unique())


def test_a_call_that_sdcmicro_refuses_is_named_without_its_words(engine: SdcMicroEngine) -> None:
    frame = pa.table({"name": ["Jansen", "de Vries"]})
    with pytest.raises(EngineFailedError, match="function dataGen stopped") as caught:
        run(Job(("data",), (Call("dataGen", "data"),), seed=1), {"data": frame})
    assert "Jansen" not in str(caught.value)


def test_a_worker_that_takes_too_long_or_too_much_is_ended(engine: SdcMicroEngine) -> None:
    many = pa.table({f"k{place}": np.random.default_rng(place).integers(0, 9, 60_000) for place in range(8)})
    slow = Job(("data",), (Call("suda2", "data", {"variables": tuple(many.column_names)}),))
    with pytest.raises(EngineFailedError, match="took longer than 6 seconds"):
        run(slow, {"data": many}, WorkerLimits(seconds=6))
    wide = pa.table({"x": np.zeros(70_000_000)})
    with pytest.raises(EngineFailedError, match=r"memory|died"):
        run(Job(("data",), (Call("varToNumeric", "data", {"var": "x"}),)), {"data": wide}, WorkerLimits(memory=1 << 30))
