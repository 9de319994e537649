"""What a notebook derives in a camp is what the control zone makes of it: the same verdict and the same bytes."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import pyarrow.ipc
import pytest

import disclosure as sdc
from disclosure.engines.registered import RegisteredTables
from disclosure.exchange.context import CampContext, RunKind
from disclosure.exchange.files import file_digest
from disclosure.notebook import basket as basket_module
from disclosure.notebook import judging as judging_module
from disclosure.notebook.basket import Basket
from disclosure.notebook.camp import Camp
from disclosure.notebook.derived import Derived
from disclosure.ports import RegisteredFile
from disclosure.render.derived import derived_files
from output_review.services.ingest import ingest
from output_review.services.tabulating import tabulate
from tests.output_review.zone_camp import ZoneCamp

SAID = {"title": "What it shows", "population": "persons"}


@pytest.fixture
def inside(zone_camp: ZoneCamp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Camp:
    """The camp as code in a run of the control zone sees it."""
    policy, folder = zone_camp.camp.load_policy(), tmp_path / "handover"
    folder.mkdir()
    data = zone_camp.camp.data_folder("PERSONS") / "data.parquet"
    files = {"PERSONS": RegisteredFile(data, file_digest(data))}
    context = CampContext(
        camp="camp", team="team-1", run=RunKind.CONTROL_ZONE, policy="", policy_digest=policy.digest, data_sets=(),
        workspace=tmp_path, parameters=MappingProxyType({}), handover=folder,
    )  # fmt: skip
    camp = Camp(context, policy, {"PERSONS": zone_camp.camp.codebook("PERSONS")}, files, RegisteredTables(files))
    monkeypatch.setattr(basket_module, "current_camp", lambda: camp)
    monkeypatch.setattr(judging_module, "current_camp", lambda: camp)
    return camp


def two_columns(camp: Camp, *, lazy: bool, apart: bool = False) -> Any:
    table = camp.tables.table("PERSONS")
    table = table.filter(table.wijk != "31")
    tax = table.income * 0.5 + table.income % 7
    if apart:
        # In other wijken less: two tables that are the same in most cells do not go together at all.
        here = (table.wijk == "28").ifelse(table.income, table.income * 0.3)
        tax = (table.income == 1000).ifelse(table.income + 5, here)
    table = table.mutate(tax=tax)
    return table if lazy else table.to_pandas()


def derived(camp: Camp, operation: str, *, lazy: bool, apart: bool = False) -> Derived:
    frame = two_columns(camp, lazy=lazy, apart=apart)
    one, other = (sdc.table(frame, rows="wijk", values=name, statistic="sum") for name in ("income", "tax"))
    if operation == "index":
        return sdc.index(one, base={"wijk": "28"})
    made: Derived = getattr(sdc, operation)(one, other)
    return made


def rows_of(zone_camp: ZoneCamp, camp: Camp, basket: Basket) -> dict[str, Any]:
    """Return the outputs of a submission of this basket, once the control zone has made them again."""
    assert camp.context.handover is not None
    for path in camp.context.handover.iterdir():
        with pa.ipc.open_file(path) as reader:
            zone_camp.frames[path.stem] = reader.read_all()
    given = basket.outputs
    requests = {one.name: one.derived for one in given if one.derived is not None}
    zone_camp.hand_in({one.name: one.recipe for one in given}, derived=requests)
    zone = zone_camp.zone()
    (taken,) = ingest(zone)
    assert taken.refused == ""
    tabulate(zone, zone.request(taken.request))
    return {one.name: (one, zone) for one in zone.request(taken.request).outputs.all()}


@pytest.mark.parametrize("lazy", [True, False])
@pytest.mark.parametrize("operation", ["ratio", "difference", "index"])
def test_the_same_bytes_on_both_sides(zone_camp: ZoneCamp, inside: Camp, operation: str, lazy: bool) -> None:
    basket, made = Basket(), derived(inside, operation, lazy=lazy)
    assert made.verdict.status.value == "safe"
    basket.add(made, name="made", **SAID)
    found = rows_of(zone_camp, inside, basket)
    output, zone = found["made"]
    level = "recomputed" if lazy else "reproduced"
    assert {(one.verdict, one.level) for one, _ in found.values()} == {("safe", level)}
    request = basket.outputs[-1].derived
    assert request is not None
    tables = tuple(parent.table for parent in made.parents)
    here = derived_files(request, tables, made.table, name="made", title="Table made", population="persons")
    assert {name: zone.store.get(stored) for name, stored in output.files.items()} == here


@pytest.mark.parametrize("lazy", [True, False])
def test_tables_that_differ_for_one_unit_do_not_leave_together(zone_camp: ZoneCamp, inside: Camp, lazy: bool) -> None:
    basket, made = Basket(), derived(inside, "difference", lazy=lazy, apart=True)
    assert made.verdict.status.value == "unsafe"
    basket.add(made, name="made", **SAID)
    found = {name: one.verdict for name, (one, _) in rows_of(zone_camp, inside, basket).items()}
    # The notebook judges what is derived; the control zone also what its tables tell beside each other.
    assert found == {"made-minuend": "safe", "made-subtrahend": "inconclusive", "made": "inconclusive"}


def test_lazy_tables_of_other_rows_are_not_compared(inside: Camp) -> None:
    table = two_columns(inside, lazy=True)
    one = sdc.table(table, rows="wijk", values="income", statistic="sum")
    other = sdc.table(table.filter(table.income > 1000), rows="wijk", values="tax", statistic="sum")
    assert sdc.ratio(one, other).verdict.status.value == "inconclusive"
    assert sdc.ratio(one, sdc.table(table.to_pandas(), rows="wijk")).verdict.status.value == "inconclusive"


def test_what_is_handed_over_of_a_difference_is_no_more_than_it_needs(inside: Camp) -> None:
    basket = Basket()
    basket.add(derived(inside, "ratio", lazy=False), name="made", **SAID)
    assert inside.context.handover is not None
    path = inside.context.handover / "made.arrow"
    with pa.ipc.open_file(path) as reader:
        assert reader.schema.names == ["person", "wijk", "difference"]
    basket.remove("made")
    assert list(inside.context.handover.iterdir()) == []
