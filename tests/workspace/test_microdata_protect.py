"""A file protected by a plan, its record and its report: whole or not at all, and the same again from the same."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

import datakamp
from disclosure.errors import BadInputError, ColumnError, DataError, DocumentError, RefusedError
from disclosure.exchange.camp import read_camp
from disclosure.microdata.embedded import EmbeddedEngine
from disclosure.model.codebooks import Codebook, Column, Hierarchy
from disclosure.model.key_variables import KeyVariables
from disclosure.model.microdata import Diversities
from workspace.microdata_compare import compare
from workspace.microdata_figures import Asked, figures_from, measure, remarks
from workspace.microdata_files import read_records
from workspace.microdata_minimise import minimisation_from, minimise
from workspace.microdata_options import Do
from workspace.microdata_protect import LimitsNotReachedError, protect
from workspace.microdata_report import read_record, write_report

ENGINE = EmbeddedEngine()
PLAN = """schema = 1
purpose = "training"
register = true
seed = 5
[keys]
categorical = ["sexe", "leeftijd", "wijk"]
sensitive = ["uitkering"]
[limits]
k = 15
risk = 0.34
[[steps]]
do = "pseudonym"
column = "RINPERSOON"
[[steps]]
do = "classes"
column = "leeftijd"
breaks = [18, 45, 65]
[[steps]]
do = "recode"
column = "wijk"
hierarchy = "gebied"
[[steps]]
do = "top_code"
column = "inkomen"
at = 60000
[[steps]]
do = "suppress"
k = 15
[[steps]]
do = "mdav"
columns = ["vermogen"]
k = 3
[[steps]]
do = "noise"
columns = ["inkomen"]
amount = 5
"""
SEALED = """schema = 1
purpose = "sealed"
register = true
[keys]
categorical = ["sexe", "leeftijd", "wijk"]
[[steps]]
do = "classes"
column = "leeftijd"
breaks = [18, 45, 65]
"""
LEFT_OUT = '[[steps]]\ndo = "drop"\ncolumn = "RINPERSOON"\n'
CODEBOOK = Codebook(
    "PERSONS",
    ("RINPERSOON",),
    columns={
        "sexe": Column("sexe", sensitive=False),
        "leeftijd": Column("leeftijd", kind="number", sensitive=False),
        "wijk": Column("wijk", sensitive=False, hierarchy="gebied"),
        "uitkering": Column("uitkering"),
    },
    hierarchies={"gebied": Hierarchy("gebied", ("wijk", "stadsdeel"), {f"W{one}": f"S{one % 3}" for one in range(12)})},
)
KEY = bytes(range(32))
N = 600


@pytest.fixture(scope="module")
def whole() -> pa.Table:
    draw = np.random.default_rng(11)
    return pa.table({
        "RINPERSOON": [f"{100_000_000 + place}" for place in range(N)],
        "sexe": pa.array(draw.choice(["m", "v"], N).tolist()).dictionary_encode(),
        "leeftijd": draw.integers(0, 95, N),
        "wijk": [f"W{one}" for one in draw.integers(0, 12, N)],
        "uitkering": draw.choice(["ja", "nee"], N, p=[0.2, 0.8]).tolist(),
        "inkomen": np.round(draw.lognormal(10, 0.8, N), 2),
        "vermogen": np.round(draw.normal(1e5, 4e4, N), 2),
    })  # fmt: skip


@pytest.fixture
def place(tmp_path: Path, whole: pa.Table) -> Path:
    pq.write_table(whole, tmp_path / "persons.parquet")
    (tmp_path / "plan.toml").write_text(PLAN)
    (tmp_path / "sealed.toml").write_text(SEALED)
    (tmp_path / "key").write_bytes(KEY)
    (tmp_path / "key").chmod(0o600)
    return tmp_path


def protected(place: Path, out: str = "out", plan: str = "plan.toml", **more: Any) -> object:
    given: dict[str, Any] = {"codebook": CODEBOOK, "key": KEY} | more
    return protect(place / "persons.parquet", place / plan, place / out, ENGINE, **given)


def with_plan(place: Path, old: str, new: str) -> None:
    assert old in PLAN
    (place / "plan.toml").write_text(PLAN.replace(old, new))


def only_inputs(place: Path) -> bool:
    return sorted(one.name for one in place.iterdir()) == ["key", "persons.parquet", "plan.toml", "sealed.toml"]


def test_a_protected_file_keeps_to_its_limits_and_names_nobody(place: Path, whole: pa.Table) -> None:
    protected(place)
    made = pq.read_table(place / "out" / "data.parquet")
    assert (made.num_rows, made.column_names) == (N, whole.column_names)
    assert not set(made["RINPERSOON"].to_pylist()) & set(whole["RINPERSOON"].to_pylist())
    assert made["inkomen"].to_pylist() != whole["inkomen"].to_pylist()
    assert set(made["wijk"].to_pylist()) <= {"S0", "S1", "S2", None}
    found = measure(made, Asked(KeyVariables(("sexe", "leeftijd", "wijk")), True, 15, 0.34), ENGINE)
    assert found.below(15) == 0
    assert found.largest <= 0.34


def test_neither_the_order_of_rows_nor_what_a_library_keeps_beside_them_leads_back(place: Path) -> None:
    protected(place)
    file = pq.ParquetFile(place / "out" / "data.parquet")
    made = file.read()
    ordered = made.sort_by([(name, "ascending") for name in made.column_names])
    assert made.equals(ordered)
    assert file.schema_arrow.metadata is None
    assert not any(pa.types.is_dictionary(one.type) for one in file.schema_arrow)


def test_the_same_file_plan_and_key_give_the_same_bytes(place: Path) -> None:
    protected(place, "one")
    protected(place, "two")
    for name in ("data.parquet", "plan.toml", "record.json"):
        assert (place / "one" / name).read_bytes() == (place / "two" / name).read_bytes()
    protected(place, "three", key=KEY[::-1])
    assert (place / "one" / "data.parquet").read_bytes() != (place / "three" / "data.parquet").read_bytes()


def test_the_record_says_what_was_done_and_not_with_which_key(place: Path) -> None:
    protected(place)
    data = (place / "out" / "record.json").read_bytes()
    record = json.loads(data)
    assert [one["do"] for one in record["steps"]] == [
        "pseudonym", "classes", "recode", "top_code", "suppress", "mdav", "noise",
    ]  # fmt: skip
    assert record["limits"] == {"k": 15, "risk": 0.34}
    assert all(one.startswith("sha256:") for one in record["digests"].values())
    assert figures_from(record["after"]).to_document() == record["after"]
    assert record["before"]["violations"]["15"] > 0
    assert record["utility"]["il1s"] > 0
    assert KEY.hex() not in data.decode()
    assert "100000000" not in data.decode()
    assert (place / "out" / "plan.toml").read_text() == PLAN


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('[[steps]]\ndo = "suppress"\nk = 15\n', "", "does not keep to its limits"),
        ("risk = 0.34", "risk = 0.01", "does not keep to its limits"),
        ('[[steps]]\ndo = "pseudonym"\ncolumn = "RINPERSOON"\n', "", "'RINPERSOON' identifies"),
    ],
)
def test_a_file_that_does_not_keep_to_what_binds_it_is_not_written(place: Path, old: str, new: str, said: str) -> None:
    with_plan(place, old, new)
    with pytest.raises(RefusedError, match=said) as caught:
        protected(place)
    assert isinstance(caught.value, LimitsNotReachedError) is ("limits" in said)
    assert only_inputs(place)


@pytest.mark.parametrize(
    ("change", "more", "said"),
    [
        (None, {"key": None}, "--key FILE"),
        (None, {"codebook": None}, "no hierarchy 'gebied'"),
        (('column = "inkomen"', 'column = "geld"'), {}, "no column 'geld'"),
        (('column = "leeftijd"', 'column = "wijk"'), {}, "holds no numbers"),
        (('"gebied"', '"buurten"'), {}, "no hierarchy 'buurten'"),
        (('columns = ["vermogen"]', 'columns = ["uitkering"]'), {}, "holds no numbers"),
    ],
)
def test_a_step_that_cannot_be_done_is_told_and_nothing_is_written(
    place: Path, change: tuple[str, str] | None, more: dict[str, Any], said: str
) -> None:
    if change is not None:
        with_plan(place, *change)
    with pytest.raises(BadInputError, match=said):
        protected(place, **more)
    assert only_inputs(place)


@pytest.mark.parametrize(
    ("breaks", "classes"),
    [
        ("[20000, 20001]", {"<20000", "20000-<20001", ">=20001"}),
        ("[1000000.0, 1000000.5, 2500000]", {"<1000000", "1000000-<1000000.5", "1000000.5-<2500000", ">=2500000"}),
    ],
)
def test_classes_are_named_by_every_digit_of_their_bounds(place: Path, breaks: str, classes: set[str]) -> None:
    numbers = [0.0, 20_000.5, 1e6, 1_000_000.25, 1_000_000.75, 3e6]
    pq.write_table(pa.table({"sexe": ["v"] * 6, "inkomen": numbers}), place / "persons.parquet")
    (place / "plan.toml").write_text(
        'schema = 1\npurpose = "sealed"\nregister = true\n[keys]\ncategorical = ["sexe"]\n'
        f'[[steps]]\ndo = "classes"\ncolumn = "inkomen"\nbreaks = {breaks}\n'
    )
    protected(place)
    assert set(pq.read_table(place / "out" / "data.parquet")["inkomen"].to_pylist()) == classes


def test_a_column_of_lists_is_no_column_of_a_file_that_leaves(place: Path, whole: pa.Table) -> None:
    pq.write_table(whole.append_column("jobs", pa.array([[1, 2]] * N)), place / "persons.parquet")
    with pytest.raises(ColumnError, match="'jobs' holds lists"):
        protected(place)
    assert only_inputs(place)
    with_plan(
        place, '[[steps]]\ndo = "suppress"', '[[steps]]\ndo = "drop"\ncolumn = "jobs"\n[[steps]]\ndo = "suppress"'
    )
    protected(place)
    assert "jobs" not in pq.read_schema(place / "out" / "data.parquet").names


def test_sets_of_key_variables_and_strata_are_steps_of_a_plan(place: Path) -> None:
    with_plan(
        place, 'do = "suppress"\nk = 15\n', 'do = "suppress"\ncombs = [[2, 15], [3, 15]]\nstrata = ["uitkering"]\n'
    )
    protected(place)
    made = pq.read_table(place / "out" / "data.parquet")
    for one in ("ja", "nee"):
        own = made.filter(pc.equal(made["uitkering"], one))
        for names in (("sexe", "leeftijd"), ("sexe", "leeftijd", "wijk")):
            assert (ENGINE.frequencies(own, KeyVariables(names)).fk >= 15).all()


def test_many_key_variables_are_measured_without_special_uniques() -> None:
    names = tuple(f"k{n}" for n in range(17))
    frame = pa.table({name: ["a", "b"] * 20 for name in names})
    found = measure(frame, Asked(KeyVariables(names), register=True), ENGINE)
    assert (found.contributions, found.below(2)) == ((), 0)
    fewer = measure(frame, Asked(KeyVariables(names[:3]), register=True), ENGINE)
    assert [name for name, _ in fewer.contributions] == list(names[:3])


def test_nothing_is_written_over(place: Path) -> None:
    protected(place)
    before = (place / "out" / "record.json").read_bytes()
    with pytest.raises(BadInputError, match="There is a 'out' already"):
        protected(place)
    assert (place / "out" / "record.json").read_bytes() == before


def test_somebody_must_say_which_columns_identify(place: Path) -> None:
    plan = SEALED.replace("sealed", "public") + "[limits]\nk = 3\nrisk = 0.5\n"
    (place / "plan.toml").write_text(plan + '[[steps]]\ndo = "suppress"\nk = 3\n')
    with pytest.raises(BadInputError, match="Nobody says which columns identify"):
        protected(place, codebook=None)
    (place / "plan.toml").write_text('identifiers = ["RINPERSOON"]\n' + plan + '[[steps]]\ndo = "suppress"\nk = 3\n')
    with pytest.raises(RefusedError, match="'RINPERSOON' identifies"):
        protected(place, codebook=None)
    steps = '[[steps]]\ndo = "suppress"\nk = 3\n[[steps]]\ndo = "drop"\ncolumn = "RINPERSOON"\n'
    (place / "plan.toml").write_text('identifiers = ["RINPERSOON"]\n' + plan + steps)
    protected(place, codebook=None)
    assert "RINPERSOON" not in pq.read_schema(place / "out" / "data.parquet").names


def test_sealed_microdata_get_a_plan_for_making_them_smaller_and_no_limit(place: Path) -> None:
    protected(place, plan="sealed.toml")
    record = json.loads((place / "out" / "record.json").read_text())
    assert record["limits"] is None
    assert record["after"]["violations"]["3"] > 0
    found = minimisation_from(record["minimisation"])
    assert found.to_document() == record["minimisation"]
    assert {one.column for one in found.proposals} == {"sexe", "leeftijd", "wijk"}
    assert found.identifiers == ("RINPERSOON",)
    assert set(found.undescribed) == {"inkomen", "vermogen"}
    assert found.sensitive == ("uitkering",)
    (wijk,) = [one for one in found.proposals if one.column == "wijk"]
    assert wijk.coarser is not None
    assert wijk.coarser < found.below
    assert any("'wijk' one level coarser" in one.english for one in found.lines())
    made = pq.read_table(place / "out" / "data.parquet")
    assert made["RINPERSOON"].to_pylist() == [f"{100_000_000 + one}" for one in range(N)]


def test_the_record_is_kept_in_the_camp(place: Path) -> None:
    (place / "camp").mkdir()
    (place / "camp" / "camp.toml").write_text(
        'schema = 1\nname = "camp"\nmode = "one-user"\npolicy = "cbs"\n[[teams]]\nname = "team-1"\ndata = []\n'
    )
    protected(place, camp=read_camp(place / "camp"))
    kept = sorted((place / "camp" / "plans").iterdir())
    assert [one.suffix for one in kept] == [".json", ".toml"]
    assert kept[0].read_bytes() == (place / "out" / "record.json").read_bytes()
    assert kept[1].read_text() == PLAN


def test_a_sample_and_a_register_are_not_mixed_up() -> None:
    keys = KeyVariables(("a",))
    with pytest.raises(BadInputError, match="sample or a register"):
        Asked(keys, False)
    with pytest.raises(BadInputError, match="sample or a register"):
        Asked(KeyVariables(("a",), weights="w"), True)
    for k, limit in ((1, 0.5), (2, 0.0), (2, 1.1)):
        with pytest.raises(BadInputError, match="k is 2 or more"):
            Asked(keys, True, k, limit)
    register = " ".join(one.english for one in remarks(Asked(KeyVariables(("a",)), True)))
    assert "make no sense here" in register
    assert "sample" in remarks(Asked(KeyVariables(("a",), weights="w"), False))[0].english


def test_figures_add_up_to_all_records(whole: pa.Table) -> None:
    found = measure(whole, Asked(KeyVariables(("sexe", "wijk"), sensitive=("uitkering",)), True), ENGINE)
    assert sum(count for _, count in found.sharing) == sum(count for _, count in found.risks) == N
    assert found.expected == pytest.approx(
        len({*zip(whole["sexe"].to_pylist(), whole["wijk"].to_pylist(), strict=True)})
    )
    assert figures_from(json.loads(json.dumps(found.to_document()))) == found


def test_each_key_variable_is_told_by_what_it_adds(whole: pa.Table) -> None:
    asked = Asked(KeyVariables(("leeftijd", "wijk")), True)
    found = minimise(whole, asked, None)
    assert [one.coarser for one in found.proposals] == [None, None]
    assert found.proposals[0].without == 0
    single = minimise(whole, Asked(KeyVariables(("wijk",)), True), CODEBOOK)
    assert single.proposals[0].without is None


# ------------------------------------------------------------------------------------------------------------- reports
@pytest.mark.parametrize(("lang", "words"), [("en", ("Risk", "training file")), ("nl", ("Risico", "cursus"))])
def test_a_report_shows_before_and_after_in_either_language_and_loads_nothing(
    place: Path, lang: str, words: tuple[str, str]
) -> None:
    protected(place)
    write_report(read_record(place / "out"), place / "report.html", lang=lang)
    page = (place / "report.html").read_text()
    assert f'<html lang="{lang}">' in page
    assert all(word in page for word in words)
    assert "<script" not in page
    assert not re.search(r"""(?:href|src)\s*=\s*["'](?!data:)""", page)
    pictures = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', page)
    assert len(pictures) == 3
    assert all(base64.b64decode(one).startswith(b"<svg") for one in pictures)
    assert "default-src 'none'" in page
    assert "100000000" not in page


def test_what_is_in_a_record_is_shown_as_text(place: Path) -> None:
    (place / "persons.parquet").unlink()
    frame = pa.table({"<b>x</b>": ["a", "b"] * 30, "y": ["c", "d"] * 30})
    asked = Asked(KeyVariables(("<b>x</b>", "y")), True)
    from workspace.microdata_report import Content

    write_report(Content("<i>", asked, measure(frame, asked, ENGINE)), place / "r.html", lang="en")
    page = (place / "r.html").read_text()
    assert "<b>x" not in page
    assert "&lt;b&gt;x" in page


@pytest.mark.parametrize("change", [{"schema": "other"}, {"after": None}, {"keys": {}}, {"before": 5}])
def test_a_record_in_another_form_is_refused(place: Path, change: dict[str, object]) -> None:
    protected(place)
    file = place / "out" / "record.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    with pytest.raises(DocumentError):
        read_record(place / "out")


# ------------------------------------------------------------------------------------------------------------ commands
def invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(datakamp.datakamp, ["microdata", *map(str, arguments)])


def ends(*arguments: str | Path) -> int:
    return datakamp.run(["microdata", *map(str, arguments)])


def test_risk_is_printed_for_people_and_as_json(place: Path) -> None:
    asked = ("risk", place / "persons.parquet", "--keys", "sexe, wijk", "--register", "--sensitive", "uitkering")
    shown = invoke(*asked)
    assert shown.exit_code == 0
    assert "600 records" in shown.output
    assert "Expected re-identifications: 24.00" in shown.output
    document = json.loads(invoke(*asked, "--json").stdout)
    assert document["records"] == N
    assert document["register"] is True


def test_the_way_from_a_file_to_a_report(place: Path) -> None:
    (place / "book.toml").write_text(
        'schema = 1\nname = "PERSONS"\nunit = ["RINPERSOON"]\n[columns.wijk]\nhierarchy = "gebied"\n'
        '[hierarchies.gebied]\nlevels = ["wijk", "stadsdeel"]\n[hierarchies.gebied.parents]\n'
        + "\n".join(f'W{one} = "S{one % 3}"' for one in range(12))
    )
    given = ("--plan", place / "plan.toml", "--codebook", place / "book.toml", "--key", place / "key")
    assert ends("protect", place / "persons.parquet", *given, "--out", place / "out") == 0
    assert ends("report", place / "out", "--out", place / "r.html", "--language", "nl") == 0
    assert "Risico" in (place / "r.html").read_text()
    plain = ("report", place / "persons.parquet", "--keys", "sexe,wijk", "--register", "--out", place / "p.html")
    assert ends(*plain) == 0
    assert (place / "p.html").is_file()


@pytest.mark.parametrize(
    "arguments",
    [
        ("--keys", "sexe"),
        ("--keys", "", "--register"),
        ("--keys", "sexe,absent", "--register"),
        ("--keys", "sexe,sexe", "--register"),
        ("--keys", "inkomen", "--register"),
        ("--keys", "RINPERSOON,sexe", "--register"),
        ("--keys", "sexe", "--weights", "uitkering"),
        ("--keys", "sexe", "--weights", "inkomen", "--register"),
        ("--keys", ",".join(f"k{one}" for one in range(200)), "--register"),
    ],
)
def test_bad_questions_end_with_two_and_a_sentence(
    place: Path, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert ends("risk", place / "persons.parquet", *arguments) == 2
    said = capsys.readouterr().err
    assert said.startswith("datakamp: ")
    assert "unforeseen" not in said


def test_what_does_not_keep_to_its_limits_ends_with_one(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "plan.toml").write_text(
        "identifiers = []\n" + SEALED.replace("sealed", "public") + LEFT_OUT + "[limits]\nk = 3\nrisk = 0.5\n"
    )
    assert ends("protect", place / "persons.parquet", "--plan", place / "plan.toml", "--out", place / "out") == 1
    assert "does not keep to its limits" in capsys.readouterr().err
    assert only_inputs(place)


def public(
    place: Path, frame: pa.Table, keys: str, risk: float, *steps: str, engine: EmbeddedEngine = ENGINE
) -> object:
    """Protect a frame by a plan for a public file, where nobody says what identifies."""
    pq.write_table(frame, place / "frame.parquet")
    lines = (
        'schema = 1\npurpose = "public"\nregister = true\nidentifiers = []\n[keys]', keys,
        f"[limits]\nk = 3\nrisk = {risk}", *steps,
    )  # fmt: skip
    (place / "public.toml").write_text("\n".join(lines))
    return protect(place / "frame.parquet", place / "public.toml", place / "made", engine, key=KEY)


class WithoutHouseholds(EmbeddedEngine):
    """An engine that has no risk of households, as sdcMicro has none of a register."""

    def household_risk(self, *_: Any, **__: Any) -> Any:
        raise RefusedError("It has none.")


HOMES = pa.table({"sexe": ["m", "m", "m", "v", "v", "v"] * 20, "home": [f"h{place // 2}" for place in range(120)]})
"""Sixty households of two; sixty share each key, so that a household of two has a risk of 1 - (59/60)^2 = 0.0331."""
AS_PSEUDONYMS = '[[steps]]\ndo = "pseudonym"\ncolumn = "home"'


def test_the_risk_of_a_household_is_bound_where_the_file_says_who_lives_together(place: Path) -> None:
    keys = 'categorical = ["sexe"]\nhousehold = "home"'
    with pytest.raises(LimitsNotReachedError, match=r"0\.0331 where 0\.03 is allowed.*risk of a household"):
        public(place, HOMES, keys, 0.03, AS_PSEUDONYMS)
    assert not (place / "made").exists()
    public(place, HOMES, keys, 0.034, AS_PSEUDONYMS)
    assert (place / "made" / "data.parquet").exists()


def test_the_column_of_households_identifies_by_itself(place: Path) -> None:
    with pytest.raises(RefusedError, match="'home' identifies"):
        public(place, HOMES, 'categorical = ["sexe"]\nhousehold = "home"', 0.5)


@pytest.mark.parametrize(("different", "refused"), [(61, True), (60, False)])
def test_a_text_that_most_records_have_to_themselves_identifies_though_nobody_says_so(
    place: Path, different: int, refused: bool
) -> None:
    codes = pa.array([f"x{min(one, different - 1)}" for one in range(120)])
    frame = HOMES.drop_columns(["home"]).append_column("code", codes)
    if refused:
        with pytest.raises(RefusedError, match="'code' identifies"):
            public(place, frame, 'categorical = ["sexe"]', 0.5)
    else:
        public(place, frame, 'categorical = ["sexe"]', 0.5)


def test_a_limit_of_households_that_the_engine_does_not_measure_lets_nothing_through(place: Path) -> None:
    keys = 'categorical = ["sexe"]\nhousehold = "home"'
    with pytest.raises(RefusedError, match=r"no measure of the risk of households.*'embedded'"):
        public(place, HOMES, keys, 0.034, AS_PSEUDONYMS, engine=WithoutHouseholds())
    assert not (place / "made").exists()
    left_out = '[[steps]]\ndo = "drop"\ncolumn = "home"'
    public(place, HOMES, 'categorical = ["sexe"]', 0.034, left_out, engine=WithoutHouseholds())
    assert (place / "made" / "data.parquet").exists()


def test_what_is_advised_for_the_column_of_households_is_a_way_out(place: Path) -> None:
    keys = 'categorical = ["sexe"]\nhousehold = "home"'
    with pytest.raises(RefusedError, match=r"leave the column out of \[keys\]"):
        public(place, HOMES, keys, 0.5)
    public(place, HOMES, 'categorical = ["sexe"]', 0.5, '[[steps]]\ndo = "drop"\ncolumn = "home"')
    assert pq.read_schema(place / "made" / "data.parquet").names == ["sexe"]


@pytest.mark.parametrize(("few", "risk", "advised"), [(2, 0.6, False), (60, 0.01, False), (60, 0.03, True)])
def test_households_are_named_as_the_reason_only_where_they_are_the_only_one(
    place: Path, few: int, risk: float, advised: bool
) -> None:
    frame = HOMES.set_column(0, "sexe", pa.array(["m"] * (120 - few) + ["v"] * few))
    with pytest.raises(LimitsNotReachedError) as caught:
        public(place, frame, 'categorical = ["sexe"]\nhousehold = "home"', risk, AS_PSEUDONYMS)
    assert ("risk of a household" in str(caught.value)) is advised


@pytest.mark.parametrize("kind", [pa.string(), pa.binary(), pa.large_binary(), pa.binary(4)])
@pytest.mark.parametrize(("different", "refused"), [(11, True), (10, False)])
def test_a_short_file_has_texts_or_bytes_that_identify_too(
    place: Path, kind: pa.DataType, different: int, refused: bool
) -> None:
    codes = [f"xy{min(one, different - 1):02d}" for one in range(18)]
    frame = pa.table({"sexe": ["m", "v"] * 9, "code": pa.array(codes).cast(pa.binary()).cast(kind)})
    if refused:
        with pytest.raises(RefusedError, match="'code' identifies"):
            public(place, frame, 'categorical = ["sexe"]', 0.5)
    else:
        public(place, frame, 'categorical = ["sexe"]', 0.5)


def test_a_report_that_cannot_be_written_is_told(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    question = ("report", place / "persons.parquet", "--keys", "sexe", "--register", "--out", place / "no" / "r.html")
    assert ends(*question) == 2
    assert "'r.html' cannot be written." in capsys.readouterr().err


def test_a_folder_is_reported_on_as_it_was_recorded(place: Path) -> None:
    protected(place)
    assert ends("report", place / "out", "--keys", "sexe", "--out", place / "r.html") == 2
    assert ends("report", place, "--out", place / "r.html") == 2
    assert not (place / "r.html").exists()


@pytest.mark.parametrize(
    ("name", "data"), [("a.parquet", b"no"), ("a.csv", b"a;a\n1;2\n"), ("a.txt", b"a"), ("a.sav", b"no")]
)
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(DataError):
        read_records(tmp_path / name)
    with pytest.raises(DataError, match="There is no file"):
        read_records(tmp_path / "absent.parquet")


def test_a_csv_file_is_read_as_texts(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("wijk;leeftijd\n01;5\n02;\n")
    found = read_records(tmp_path / "a.csv", columns=("wijk",))
    assert found.to_pydict() == {"wijk": ["01", "02"]}
    with pytest.raises(ColumnError, match="no column 'buurt'"):
        read_records(tmp_path / "a.csv", columns=("buurt",))


# ----------------------------------------------------------------------------------------------------------- comparing
class Off(EmbeddedEngine):
    """An engine that counts one value too many for one record."""

    def l_diversity(self, frame: pa.Table, keys: KeyVariables, *, c: float = 2.0) -> Diversities:
        found = super().l_diversity(frame, keys, c=c)
        found.columns[0].distinct[0] += 1
        return found


def test_engines_that_agree_are_told_to_and_one_figure_apart_is_not(whole: pa.Table) -> None:
    asked = Asked(KeyVariables(("sexe", "wijk"), sensitive=("uitkering",)), True)
    alike = compare(whole, asked, ENGINE, EmbeddedEngine())
    assert {one.name for one in alike} >= {"fk", "Fk", "individual risk", "l-diversity of uitkering", "SUDA2"}
    assert all(one.same for one in alike)
    apart = {one.name: one.same for one in compare(whole, asked, ENGINE, Off())}
    assert apart.pop("l-diversity of uitkering") is False
    assert all(apart.values())


class Silent(EmbeddedEngine):
    """An engine that has no answer to one question."""

    def suda2(self, *_: Any, **__: Any) -> Any:
        raise RefusedError("It stopped.")


def test_a_question_that_one_engine_refuses_does_not_keep_the_others_from_being_asked(whole: pa.Table) -> None:
    asked = Asked(KeyVariables(("sexe", "wijk")), True)
    found = {one.name: one for one in compare(whole, asked, ENGINE, Silent())}
    refused = found.pop("SUDA2")
    assert (refused.same, refused.refused) == (False, "embedded: It stopped.")
    assert refused.to_document()["values"][1] is None
    assert len(found) == 4
    assert all(one.same and not one.refused for one in found.values())


def test_every_step_has_words_in_the_report() -> None:
    from workspace.microdata_report import _DO

    assert set(_DO) == set(Do)
