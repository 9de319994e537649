"""Narrow frames in the sealed worker: columns and unit keys are read again, and judged by what was found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq
import pytest

from disclosure.check import check_frame, judged, received
from disclosure.engines.duckdb_tabulator import DuckDBTabulator
from disclosure.exchange.tabulation import Outcome, Reason, TabulationJob, TabulationResult
from disclosure.knowledge import knowledge_of
from disclosure.model.evidence_document import evidence_to_bytes
from disclosure.model.recipes import Recoding, Statistic
from disclosure.model.verdicts import Status
from disclosure.render import to_json
from tests.disclosure.tabulation_inputs import CANARY, PERSONS, SIZE, SPELLS, Inputs, inputs, persons, spells


@pytest.fixture
def made(tmp_path: Path) -> Inputs:
    return inputs(tmp_path)


def standings(result: TabulationResult) -> dict[str, str]:
    assert result.outcome is Outcome.EVIDENCE, (result.refusal, result.missing)
    return {one.column: one.standing.value for one in result.lineage}


def with_column(table: pa.Table, name: str, values: Any) -> pa.Table:
    column = pa.array(values) if isinstance(values, list | np.ndarray) else values
    return table.set_column(table.schema.get_field_index(name), name, column)


def altered(table: pa.Table, name: str, row: int, value: Any) -> pa.Table:
    values = table.column(name).to_pylist()
    values[row] = value
    return with_column(table, name, pa.array(values, table.schema.field(name).type))


def refused_for(result: TabulationResult) -> str:
    assert result.refusal is not None
    return result.refusal.name


NARROW = ("pid", "wijk", "income")


def narrow(*names: str) -> pa.Table:
    return persons().select(list(names or NARROW))


# ------------------------------------------------------------------------------------------------- what is read again


def test_an_honest_frame_is_registered_in_every_column_and_judged_as_in_the_notebook(made: Inputs) -> None:
    made.hand_over(narrow())
    job = made.narrow(statistic=Statistic.SUM, value="income")
    result = made.run(job)
    assert standings(result) == {"pid": "registered", "wijk": "registered", "income": "registered"}
    assert result.across_rows is True
    assert result.derivation is None
    there = judged(job.recipe, received(job, result), made.policy)
    knowledge = knowledge_of(job.codebooks()[PERSONS])
    here = check_frame(job.recipe, narrow(), made.policy, knowledge, DuckDBTabulator())
    assert there.verdict == here.verdict
    assert to_json(there) == to_json(here)


def test_rows_in_another_order_subset_or_number_are_still_registered(made: Inputs) -> None:
    job = made.narrow(statistic=Statistic.SUM, value="income")
    shuffled = narrow().take(np.random.default_rng(1).permutation(SIZE))
    for frame in (shuffled, narrow().slice(3, 60), pa.concat_tables([narrow(), narrow()])):
        made.hand_over(frame)
        assert set(standings(made.run(job)).values()) == {"registered"}


def test_columns_in_another_order_are_accepted(made: Inputs) -> None:
    made.hand_over(narrow("income", "pid", "wijk"))
    result = made.run(made.narrow(statistic=Statistic.SUM, value="income"))
    assert [one.column for one in result.lineage] == ["pid", "wijk", "income"]


def test_the_result_is_the_same_for_any_number_of_threads(made: Inputs) -> None:
    made.hand_over(altered(narrow(), "income", 9, 1.0))
    job = made.narrow(statistic=Statistic.SUM, value="income")
    results = [made.run(replace(job, threads=threads)) for threads in (1, 2, 4)]
    assert len({evidence_to_bytes(one.evidence) for one in results if one.evidence is not None}) == 1
    assert len({one.lineage for one in results}) == 1


@pytest.mark.parametrize(("column", "value"), [("wijk", "29"), ("wijk", None), ("income", 20000.26), ("income", None)])
def test_a_column_altered_in_one_row_is_computed(made: Inputs, column: str, value: object) -> None:
    made.hand_over(altered(narrow(), column, 0, value))
    found = standings(made.run(made.narrow(statistic=Statistic.SUM, value="income")))
    assert found == {"pid": "registered", "wijk": "registered", "income": "registered"} | {column: "computed"}


def test_a_missing_value_that_was_filled_in_makes_the_column_computed(made: Inputs) -> None:
    frame = narrow()
    assert frame.column("income")[5].as_py() is None
    made.hand_over(altered(frame, "income", 5, 0.0))
    found = standings(made.run(made.narrow(statistic=Statistic.SUM, value="income")))
    assert found["income"] == "computed"


def test_numbers_are_compared_as_they_are_added_up(made: Inputs) -> None:
    # The codebook says two decimals: a thousandth does not change what is tabulated, a hundredth does.
    job = made.narrow(statistic=Statistic.SUM, value="income")
    for change, standing in ((0.001, "registered"), (0.01, "computed")):
        made.hand_over(altered(narrow(), "income", 0, 20000.25 + change))
        assert standings(made.run(job))["income"] == standing


@pytest.mark.parametrize("value", [1e300, float("inf")])
def test_a_number_that_does_not_fit_is_refused_without_its_value(made: Inputs, value: float) -> None:
    made.hand_over(altered(narrow(), "income", 0, value))
    assert refused_for(made.run(made.narrow(statistic=Statistic.SUM, value="income"))) == "OverflowRefusedError"


def test_nan_is_missing_and_missing_is_nan(made: Inputs) -> None:
    values = narrow().column("income").to_pandas().to_numpy()
    assert np.isnan(values).any()
    made.hand_over(with_column(narrow(), "income", pa.array(values)))
    found = standings(made.run(made.narrow(statistic=Statistic.SUM, value="income")))
    assert found["income"] == "registered"


def test_a_dimension_of_another_type_with_the_same_labels_is_registered(made: Inputs) -> None:
    frames = [
        with_column(narrow("pid", "wijk"), "wijk", narrow().column("wijk").cast(pa.int32())),
        with_column(narrow("pid", "wijk"), "wijk", narrow().column("wijk").dictionary_encode()),
        with_column(narrow("pid", "wijk"), "wijk", narrow().column("wijk").cast(pa.large_string())),
    ]
    for frame in frames:
        made.hand_over(frame)
        assert standings(made.run(made.narrow()))["wijk"] == "registered"


def test_a_date_that_pandas_made_a_timestamp_is_registered(made: Inputs) -> None:
    frame = narrow("pid", "moved")
    made.hand_over(with_column(frame, "moved", frame.column("moved").cast(pa.timestamp("ns"))))
    assert standings(made.run(made.narrow(rows=("moved",))))["moved"] == "registered"


def test_a_renamed_column_is_computed(made: Inputs) -> None:
    made.hand_over(narrow("pid", "wijk").rename_columns(["pid", "area"]))
    assert standings(made.run(made.narrow(rows=("area",)))) == {"pid": "registered", "area": "computed"}


def test_a_column_that_bears_anothers_name_is_computed(made: Inputs) -> None:
    made.hand_over(narrow("pid", "benefit").rename_columns(["pid", "wijk"]))
    assert standings(made.run(made.narrow()))["wijk"] == "computed"


def test_a_data_set_with_several_rows_per_unit_registers_no_column(made: Inputs) -> None:
    # Spells have the same wijk in every row, as the frame does: it is still not one row per unit.
    made.hand_over(spells().slice(SIZE * 2))
    (pid, wijk) = made.run(made.narrow()).lineage
    assert pid.sources == {("spells", "pid")}
    assert wijk.standing.value == "computed"


# ------------------------------------------------------------------------------ what follows for the judgement


def test_exemptions_of_the_codebook_hold_for_registered_columns_only(made: Inputs) -> None:
    # 230 of 240 are not on benefit: more than 90%, but "not on benefit" is marked as harmless.
    job = made.narrow(rows=("benefit",))
    honest = narrow("pid", "benefit")
    verdicts = {}
    for name, frame in (("honest", honest), ("altered", altered(honest, "benefit", 1, 1))):
        made.hand_over(frame)
        tabulated = received(job, made.run(job))
        verdicts[name] = judged(job.recipe, tabulated, made.policy).verdict
        assert tabulated.knowledge.column("benefit").not_disclosive == (("0",) if name == "honest" else ())
    rules = {name: {finding.rule.value for finding in one.findings} for name, one in verdicts.items()}
    assert rules == {"honest": set(), "altered": {"group_disclosure"}}


def test_recodings_apply_after_the_column_was_read_again(made: Inputs) -> None:
    made.hand_over(narrow("pid", "wijk"))
    merged = Recoding("wijk", (("28", "28 + 29"), ("29", "28 + 29")))
    result = made.run(made.narrow(recodings=(merged,)))
    assert standings(result)["wijk"] == "registered"
    assert result.evidence is not None
    assert result.evidence.categories == (("28 + 29", "30", "31"),)


def test_a_weight_is_a_sampling_weight_only_if_it_is_the_registered_one(made: Inputs) -> None:
    job = made.narrow(statistic=Statistic.SUM, value="benefit", weight="weight")
    frame = narrow("pid", "wijk", "benefit", "weight")
    largest = []
    for one in (frame, altered(frame, "weight", 0, 9.0)):
        made.hand_over(one)
        result = made.run(job)
        assert judged(job.recipe, received(job, result), made.policy).evidence is not None
        assert result.evidence is not None
        assert result.evidence.amounts is not None
        largest.append(result.evidence.amounts.largest.max())
    # The largest contribution: a value of 1 itself, or 1 times its weight of 9, both with 12 decimals.
    assert largest == [10**12, 9 * 10**12]


def test_an_altered_value_loses_the_decimals_of_the_codebook(made: Inputs) -> None:
    job = made.narrow(statistic=Statistic.SUM, value="income")
    for frame, decimals in ((narrow(), 2), (altered(narrow(), "income", 0, 1.0), 6)):
        made.hand_over(frame)
        result = made.run(job)
        assert result.evidence is not None
        assert result.evidence.amounts is not None
        assert result.evidence.amounts.decimals == decimals
        judged(job.recipe, received(job, result), made.policy)


def test_the_name_of_an_identifier_is_refused_whatever_it_holds(made: Inputs) -> None:
    made.hand_over(narrow("pid", "wijk").rename_columns(["pid", "HID"]))
    result = made.run(made.narrow(rows=("HID",)))
    assert refused_for(result) == "IdentifierRefusedError"


# -------------------------------------------------------------------------------------------------------- unit keys


def assert_unknown(made: Inputs, result: TabulationResult) -> None:
    assert (result.outcome, result.reason) == (Outcome.INCONCLUSIVE, Reason.UNKNOWN_UNITS)
    assert result.evidence is None
    assert result.lineage == ()
    assert CANARY.encode() not in made.result_path.read_bytes()


@pytest.mark.parametrize("row", [0, SIZE - 1])
def test_one_unknown_unit_key_makes_it_inconclusive(made: Inputs, row: int) -> None:
    made.hand_over(altered(narrow("pid", "wijk"), "pid", row, CANARY))
    job = made.narrow()
    result = made.run(job)
    assert_unknown(made, result)
    verdict = judged(job.recipe, received(job, result), made.policy).verdict
    assert verdict.status is Status.INCONCLUSIVE


def test_a_key_of_another_type_is_another_key(made: Inputs) -> None:
    # 7 is not "00007", though a database would say so.
    made.hand_over(with_column(narrow("pid", "wijk"), "pid", np.arange(SIZE)))
    assert_unknown(made, made.run(made.narrow()))


def test_a_unit_that_is_no_key_of_any_data_set_is_unknown(made: Inputs) -> None:
    made.hand_over(narrow("pid", "wijk").rename_columns(["person", "wijk"]))
    assert_unknown(made, made.run(made.narrow(unit=("person",))))
    made.hand_over(narrow("pid", "wijk", "moved"))
    assert_unknown(made, made.run(made.narrow(unit=("pid", "moved"))))


def test_a_unit_that_no_file_has_is_unknown(made: Inputs) -> None:
    made.hand_over(narrow("pid", "wijk"))
    for name in (PERSONS, SPELLS):
        without = pq.read_table(made.data_path(name)).drop_columns(["pid"])
        pq.write_table(without, made.data_path(name))
    assert_unknown(made, made.run(made.narrow()))


def test_another_unit_of_a_data_set_is_known_and_registers_no_column(made: Inputs) -> None:
    homes = made.narrow(unit=("hid",))
    of_persons = replace(homes, recipe=replace(homes.recipe, other_units=(("pid",),)))
    made.hand_over(narrow("hid", "wijk", "pid"))
    assert standings(made.run(of_persons)) == {"hid": "registered", "wijk": "computed", "pid": "registered"}
    made.hand_over(altered(narrow("hid", "wijk", "pid"), "pid", 4, "00009"))
    assert made.run(of_persons).outcome is Outcome.INCONCLUSIVE  # a person whom the register has, in another household
    made.hand_over(altered(narrow("hid", "wijk"), "hid", 4, CANARY))
    assert_unknown(made, made.run(homes))


def test_keys_may_be_spread_over_data_sets(made: Inputs) -> None:
    rest = persons().slice(0, 100)
    pq.write_table(rest, made.data_path())
    pq.write_table(spells().slice(90), made.data_path(SPELLS))
    stranger = pa.table({"pid": ["s1"], "wijk": ["28"]})
    pq.write_table(pa.concat_tables([stranger]), made.data_path(SPELLS))
    made.hand_over(pa.concat_tables([rest.select(["pid", "wijk"]), stranger]))
    (pid, wijk) = made.run(made.narrow()).lineage
    assert pid.sources == {("persons", "pid"), ("spells", "pid")}
    assert wijk.standing.value == "computed"


def test_keys_of_two_units_together_are_no_unit(made: Inputs) -> None:
    made.hand_over(narrow("pid", "hid", "wijk"))
    assert_unknown(made, made.run(made.narrow(unit=("pid", "hid"))))


def with_book(job: TabulationJob, name: str, text: str, instead: str) -> TabulationJob:
    assert text in job.codebook_texts[name]
    return replace(job, codebook_texts={**job.codebook_texts, name: job.codebook_texts[name].replace(text, instead)})


def test_a_unit_of_two_columns_is_looked_up_as_a_pair(made: Inputs) -> None:
    job = with_book(made.narrow(unit=("pid", "hid")), PERSONS, 'unit = ["pid"]', 'unit = ["hid", "pid"]')
    frame = narrow("pid", "hid", "wijk")
    made.hand_over(frame)
    assert standings(made.run(job)) == {"pid": "registered", "hid": "registered", "wijk": "registered"}
    made.hand_over(altered(frame, "hid", 0, "h119"))
    assert_unknown(made, made.run(job))


def test_part_of_a_units_key_is_no_unit(made: Inputs) -> None:
    job = with_book(made.narrow(unit=("hid",)), PERSONS, 'household = ["hid"]', 'household = ["hid", "moved"]')
    made.hand_over(narrow("hid", "wijk"))
    assert_unknown(made, made.run(job))


def test_a_column_that_is_only_listed_as_an_identifier_is_no_unit_until_the_office_names_it_as_one(
    made: Inputs,
) -> None:
    # Twelve jobs for each of twenty persons: as units they would make 240 of 20.
    jobs = persons().append_column("job", pa.array([f"j{place:05d}" for place in range(SIZE)]))
    pq.write_table(with_column(jobs, "pid", [f"{place // 12:05d}" for place in range(SIZE)]), made.data_path())
    job = with_book(made.narrow(unit=("job",)), PERSONS, 'identifiers = ["pid"]', 'identifiers = ["pid", "job"]')
    made.hand_over(jobs.select(["job", "wijk"]))
    assert_unknown(made, made.run(job))
    named = with_book(job, PERSONS, 'household = ["hid"]', 'household = ["hid"]\nwork = ["job"]')
    assert made.run(named).outcome is Outcome.INCONCLUSIVE  # the persons are counted too
    of_twenty = with_column(jobs, "pid", [f"{place // 12:05d}" for place in range(SIZE)])
    made.hand_over(of_twenty.select(["job", "wijk", "pid"]))
    with_persons = replace(named, recipe=replace(named.recipe, other_units=(("pid",),)))
    assert standings(made.run(with_persons)) == {"job": "registered", "wijk": "computed", "pid": "registered"}


@pytest.mark.parametrize("blank", [None, "", "  "])
def test_a_missing_key_is_missing_and_not_unknown(made: Inputs, blank: str | None) -> None:
    made.hand_over(altered(narrow("pid", "wijk"), "pid", 3, blank))
    result = made.run(made.narrow())
    assert (result.outcome, result.reason) == (Outcome.INCONCLUSIVE, Reason.MISSING)


def test_a_file_of_unit_keys_that_was_replaced_is_refused(made: Inputs) -> None:
    made.hand_over(narrow("pid", "wijk"))
    job = made.narrow()
    pq.write_table(persons().slice(1), made.data_path())
    assert refused_for(made.run(job)) == "IntegrityError"
