"""The R kernel: sealed as the Python kernel is, with the same check at hand, judged to the last bit of its numbers."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.ipc
import pytest

from disclosure.errors import BadInputError
from disclosure.exchange.submission import FILE, submission_from_bytes
from tests.workspace.lab.session import Lab
from tests.workspace.small_camp import TEAM, make_camp, notebook
from workspace.code import without_outputs
from workspace.isolation.kernel_kinds import PYTHON, R, installed_kinds
from workspace.isolation.seal import Seal
from workspace.reproduction import SealedReproduction
from workspace.runs import run_for_team

MAKE = """\
homes <- sdc.data("HOMES")
out <- sdc.table(homes, rows = "wijk", unit = "person")
invisible(sdc.add(out, name = "homes-by-wijk", title = "Homes by wijk", population = "Everyone"))
cat(sdc.submit(title = "Homes", purpose = "To see how many there are.", code = "homes.ipynb"))
"""
TYPES = """\
d <- data.frame(
  person = homes$person, amount = c(0.1 + 0.2, rep(1/3, 58), NA),
  whole = c(NA, 2:60), yes = rep(c(TRUE, FALSE, NA), 20),
  name = rep(c("a", NA, "\\u00e7"), 20), day = as.Date("2023-02-28") + rep(0:2, 20)
)
d$level <- factor(rep(c("laag", "hoog"), 30), levels = c("laag", "midden", "hoog"), ordered = TRUE)
d$moment <- as.POSIXct("2023-07-01 00:30:00", tz = "Europe/Amsterdam")
"""

END_THE_CHECK = """\
for (one in list.files("/proc", pattern = "^[0-9]+$")) {
  said <- tryCatch(readLines(file.path("/proc", one, "cmdline"), warn = FALSE, skipNul = TRUE), error = function(e) "")
  if (any(grepl("-mdisclosure.notebook.r", said, fixed = TRUE))) tools::pskill(as.integer(one), 9)
}
"""


@pytest.fixture(scope="module")
def kernel(lab: Lab) -> str:
    assert R in installed_kinds(), "R with IRkernel is missing: apt-get install r-cran-irkernel."
    return lab.start(R.name)


def test_a_machine_without_r_has_python_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workspace.isolation.kernel_kinds.has_r_kernel", lambda: False)
    assert installed_kinds() == (PYTHON,)


def test_the_data_sets_and_the_check_are_at_hand(lab: Lab, kernel: str) -> None:
    ran = lab.run(kernel, "homes <- sdc.data('HOMES')\nout <- sdc.table(homes, rows = 'wijk', unit = 'person')\nout")
    (shown,) = ran.data
    assert "✓ Safe" in shown["text/plain"]
    assert "✓ Safe" in re.sub("<[^>]*>", "", shown["text/html"])
    assert lab.run(kernel, "cat(as.data.frame(out)[[2]])").printed == "20 20 20 60"


def test_rows_are_selected_before_they_are_read(lab: Lab, kernel: str) -> None:
    call = "some <- sdc.data('HOMES', where = list(wijk = c('28', '30')), columns = 'wijk')"
    ran = lab.run(kernel, f"{call}\ncat(nrow(some), names(some), sort(unique(some$wijk)))")
    assert ran.printed == "40 wijk 28 30", ran.error
    level = "cat(nrow(sdc.data('HOMES', where = list(wijk = factor('29')))))"
    assert lab.run(kernel, level).printed == "20"


def test_what_fails_is_repaired_with_the_call_that_is_shown(lab: Lab, kernel: str) -> None:
    few = "few <- homes[c(1:50, 51), ]; few$wijk[51] <- '99'; bad <- sdc.table(few, rows = 'wijk', unit = 'person')"
    assert lab.run(kernel, few).status == "ok"
    shown = lab.run(kernel, "print(bad)").printed
    assert "▲ Unsafe" in shown
    assert "out.apply" not in shown
    assert "sdc.apply(out, 1)" in shown
    assert lab.run(kernel, "good <- sdc.apply(bad, 1); cat(good$status)").printed == "safe"


def test_every_type_of_a_column_arrives(lab: Lab, kernel: str) -> None:
    assert lab.run(kernel, f"homes <- sdc.data('HOMES')\n{TYPES}").status == "ok"
    for column in ("yes", "name", "day", "level"):
        ran = lab.run(kernel, f"cat(sdc.table(d, rows = '{column}', unit = 'person')$status)")
        assert ran.printed == "safe", (column, ran.error)
    assert lab.run(kernel, "print(sdc.table(d, rows = 'level', unit = 'person'))").printed.index("laag") > 0
    ran = lab.run(kernel, "cat(sdc.table(d, values = 'amount', statistic = 'mean', unit = 'person')$status)")
    assert ran.printed in {"safe", "unsafe"}, ran.error


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("sdc.table(homes, rows = 'street', unit = 'person')", "Columns: person, wijk"),
        ("sdc.table(homes, rws = 'wijk')", "It takes: rows, columns"),
        ("sdc.table(homes$wijk, rows = 'wijk')", "first argument is a data frame"),
        ("sdc.table(data.frame(x = I(list(1, 2))), rows = 'x')", "Make it a number"),
        ("sdc.data('INCOMES')", "Here: HOMES"),
        ("sdc.data('HOMES', where = list(wijk = 28))", "write its values between quotes"),
        ("sdc.data('HOMES', where = list(street = 'x'))", "Here: person, wijk"),
        ("sdc.data('HOMES', where = 'wijk')", "a named list of columns"),
        ("sdc.data('HOMES', where = list('28'))", "a named list of columns"),
        ("sdc.data('HOMES', where = list(wijk = NA))", "what is missing is selected in R"),
        ("sdc.apply(out, 99)", "no remedy of that number"),
        ("sdc.apply(structure(list(number = 999L), class = 'sdc.output'), 1)", "no such output"),
        ("sdc.add(out, name = 'A name')", "name"),
    ],
)
def test_an_error_is_a_sentence_that_says_what_to_do(lab: Lab, kernel: str, call: str, told: str) -> None:
    ran = lab.run(kernel, call)
    assert ran.status == "error"
    assert told in ran.error
    assert "Traceback" not in ran.error


@pytest.mark.parametrize(
    "call",
    [
        "sdc.table(homes, rows = 'street', unit = 'person')",
        "do.call(sdc.table, list(data.frame(wijk = 'SECRET'), rows = 'street'))",
        "sapply(1, function(one) sdc.table(homes, rows = 'street'))",
        "print(sdc.data('HOMES', where = list(street = 'x')))",
        "sdc.table(unit = 'person')",
        "sdc.add(1)",
        "sdc.data()",
        "as.data.frame(structure(list(number = 999L), class = 'sdc.output'))",
    ],
)
def test_of_an_error_the_reason_and_the_remedy_are_shown_and_no_call(lab: Lab, kernel: str, call: str) -> None:
    ran = lab.run(kernel, f"if (!exists('homes')) homes <- sdc.data('HOMES')\n{call}")
    assert ran.status == "error"
    assert ran.traceback.startswith("Error: ")
    for inner in ("Traceback", "call_check", "fail(", "stop(", "SECRET", "1. "):
        assert inner not in ran.traceback


def test_an_error_of_ones_own_code_keeps_its_calls(lab: Lab, kernel: str) -> None:
    assert "1. stop(" in lab.run(kernel, "stop('own')").traceback


def test_what_cannot_be_displayed_says_why_in_one_line(lab: Lab, kernel: str) -> None:
    (shown,) = lab.run(kernel, "structure(list(number = 999L), class = 'sdc.output')").data
    assert shown["text/plain"] == "Error: There is no such output in this session. Make it again."


def test_errors_and_verdicts_are_in_the_language_that_the_notebook_chose(lab: Lab, kernel: str) -> None:
    wrong = "sdc.table(sdc.data('HOMES'), rows = 'street', unit = 'person')"
    try:
        assert lab.run(kernel, "sdc.language('nl')").status == "ok"
        assert "Er is geen kolom met die naam." in lab.run(kernel, wrong).error
        assert "Het eerste argument is een data frame." in lab.run(kernel, "sdc.table(1)").error
        assert "Veilig" in lab.run(kernel, "print(sdc.table(sdc.data('HOMES'), unit = 'person'))").printed
        assert "expected one of en, nl" in lab.run(kernel, "sdc.language('xx')").error
    finally:
        lab.run(kernel, "sdc.language('en')")
    assert "There is no column of that name." in lab.run(kernel, wrong).error


def test_a_cell_is_interrupted_and_the_check_goes_on(lab: Lab, kernel: str) -> None:
    ran = lab.interrupted(kernel, "invisible(file.create('/workspace/begun')); Sys.sleep(600); cat('slept')")
    assert "slept" not in ran.printed
    assert lab.run(kernel, "cat(sdc.table(sdc.data('HOMES'), rows = 'wijk', unit = 'person')$status)").printed == "safe"


def test_a_check_that_ended_is_told_and_starts_again(lab: Lab, kernel: str) -> None:
    assert lab.run(kernel, END_THE_CHECK).status == "ok"
    assert "The check has ended" in lab.run(kernel, "sdc.basket()").error
    assert lab.run(kernel, "cat(sdc.table(homes, rows = 'wijk', unit = 'person')$status)").printed == "safe"


@pytest.mark.parametrize(
    "attack",
    [
        "readLines(url('http://127.0.0.1:{port}/'))",
        "socketConnection('127.0.0.1', {port}, open = 'r+')",
        "readLines('/etc/shadow')",
        "readLines('{workspace}/../../camp.toml')",
        "writeLines('x', file.path('/data', list.files('/data')[1], 'data.parquet'))",
        "writeLines('x', '/run/datakamp/disclosure/notebook/r/sdc.R')",
        "install.packages('sdcMicro', repos = 'https://example.org')",
    ],
)
def test_an_r_kernel_cannot_reach(lab: Lab, kernel: str, attack: str) -> None:
    source = attack.format(port=lab.address.rpartition(":")[2], workspace=lab.workspace)
    ran = lab.run(kernel, f"options(warn = 2)\ncat(tryCatch({{ {source}; 'reached' }}, error = function(e) 'no'))")
    assert ran.printed.endswith("no"), ran


def test_no_profile_of_the_workspace_runs_first(lab: Lab) -> None:
    for name, content in ((".Rprofile", "planted <- 1\n"), (".Renviron", "PLANTED=1\n"), (".RData", "planted")):
        (lab.workspace / name).write_text(content)
    try:
        ran = lab.run(lab.start(R.name), "cat(exists('planted'), Sys.getenv('PLANTED') == '1')")
        assert ran.printed == "FALSE FALSE"
    finally:
        for name in (".Rprofile", ".Renviron", ".RData"):
            (lab.workspace / name).unlink()


def test_a_notebook_of_r_is_handed_in_and_made_again(tmp_path: Path, seal: Seal) -> None:
    camp = make_camp(tmp_path)
    code = notebook(MAKE, language="R")
    workspace = camp.workspace(TEAM)
    (workspace / "homes.ipynb").write_bytes(code)
    run_for_team(camp, TEAM, Path("homes.ipynb"), {}, seal=seal)
    submission = submission_from_bytes((workspace / "requests" / "1" / FILE).read_bytes())
    assert [one.name for one in submission.outputs] == ["homes-by-wijk"]
    into = tmp_path / "into"
    into.mkdir()
    handed_in = {"homes.ipynb": without_outputs("homes.ipynb", code)}
    SealedReproduction(lambda: seal).reproduce(camp, TEAM, handed_in, {}, ("homes-by-wijk",), into)
    with pa.ipc.open_file(into / "homes-by-wijk.arrow") as reader:
        table = reader.read_all()
    assert (table.column_names, table.num_rows) == (["person", "wijk"], 60)


def test_an_r_notebook_takes_declared_parameters(tmp_path: Path, any_seal: Seal) -> None:
    camp = make_camp(tmp_path)
    cell = 'year <- 2023L\narea <- "wc"  # one of: wc, bc\nwijken <- character()\nthreshold <- 100'
    code = "cat(class(year), year, class(wijken), length(wijken), wijken[2], class(threshold), threshold, area)"
    (camp.workspace(TEAM) / "homes.ipynb").write_bytes(notebook(code, parameters=cell, language="R"))
    odd = 'a "quoted" \\ text'
    values = {"year": 2024, "wijken": ["28", odd], "threshold": 0.5, "area": "bc"}
    done = run_for_team(camp, TEAM, Path("homes.ipynb"), values, seal=any_seal)
    assert done.output is not None
    printed = [
        "".join(output.get("text", ""))
        for one in json.loads(done.output.read_text())["cells"]
        for output in one.get("outputs", [])
    ]
    assert "".join(printed) == f"integer 2024 character 2 {odd} numeric 0.5 bc"
    for wrong in ({"year": 2024.5}, {"year": "SECRET"}, {"area": "SECRET"}, {"other": 1}):
        with pytest.raises(BadInputError) as caught:
            run_for_team(camp, TEAM, Path("homes.ipynb"), wrong, seal=any_seal)
        assert "SECRET" not in str(caught.value)


def test_a_notebook_of_another_language_is_refused(tmp_path: Path, seal: Seal) -> None:
    camp = make_camp(tmp_path)
    (camp.workspace(TEAM) / "homes.ipynb").write_bytes(notebook("1", language="julia"))
    with pytest.raises(BadInputError, match="neither a Python nor an R notebook"):
        run_for_team(camp, TEAM, Path("homes.ipynb"), {}, seal=seal)
