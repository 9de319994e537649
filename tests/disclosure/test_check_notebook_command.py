"""`datakamp check notebook`: exit statuses, what it prints, and the cleaned copy."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import datakamp
from disclosure.texts import language
from tests.disclosure.notebooks import (
    BSN,
    PIXELS,
    check_format,
    code,
    display,
    executed,
    markdown,
    notebook,
    result,
    stream,
)

ROOT = Path(datakamp.__file__).parent
UNSAFE = notebook(
    markdown("# Wijken"),
    code(result("wijk\n28    12\n29     9"), stream(f"persoon {BSN}\n")),
    code(display({"image/png": PIXELS})),
)


def save(path: Path, document: Any) -> Path:
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return save(tmp_path / "made.ipynb", UNSAFE)


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    with language("en"):
        status = datakamp.run(["check", "notebook", *map(str, arguments)])
    said = capsys.readouterr()
    assert "Traceback" not in said.out + said.err
    assert BSN not in said.out + said.err
    return status, said.out, said.err


def test_a_notebook_in_which_nothing_is_found_ends_with_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = save(tmp_path / "a.ipynb", notebook(markdown("# Kop"), code(stream("done\n"))))
    status, out, err = run(capsys, path)
    assert (status, err) == (0, "")
    assert out.startswith("✓ Nothing found that needs a person (outputs: 1, findings: 0)")
    assert "that is no proof" in out
    status, out, _ = run(capsys, path, "--json")
    document = json.loads(out)
    assert status == 0
    assert document == {
        "status": "safe",
        "policy": "cbs",
        "cells": 2,
        "outputs": [{"cell": 2, "output": 1, "type": "stream", "status": "safe", "classes": ["harmless"]}],
        "findings": [],
        "cleaned": None,
    }


def test_something_found_ends_with_1_and_says_where_what_why_and_what_to_do(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = run(capsys, path)
    assert (status, err) == (1, "")
    assert out.startswith("▲ Unsafe (outputs: 3, findings: 4)")
    assert "cell 2, output 1 (text/plain)" in out
    assert "cell 2, output 2 (stream, line 1, column 9)" in out
    assert "[small_counts]" in out
    assert "sdc.table" in out
    assert "? this is an image of unknown origin" in out


def test_the_json_names_every_output_and_finding(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, path, "--json")
    document = json.loads(out)
    assert status == 1
    assert document["status"] == "unsafe"
    assert [(one["cell"], one["output"], one["status"], one["classes"]) for one in document["outputs"]] == [
        (2, 1, "unsafe", ["small_counts"]),
        (2, 2, "unsafe", ["identifier", "text"]),
        (3, 1, "inconclusive", ["image"]),
    ]
    first = document["findings"][0]
    assert (first["class"], first["cell"], first["output"], first["part"]) == ("small_counts", 2, 1, "text/plain")
    assert first["message"]
    assert first["remedies"]
    marked = next(one for one in document["findings"] if one["mark"])
    assert (marked["mark"], marked["line"], marked["column"], marked["times"]) == ("bsn", 1, 9, 1)


def test_only_what_a_person_must_look_at_is_inconclusive(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = save(tmp_path / "a.ipynb", notebook(code(stream("De helft."))))
    status, out, _ = run(capsys, path, "--json")
    assert status == 1
    assert json.loads(out)["status"] == "inconclusive"
    assert run(capsys, path)[1].startswith("? Inconclusive")


def test_the_policy_sets_the_minimum(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = save(tmp_path / "a.ipynb", notebook(code(result("a    40\nb    10"))))
    for policy, expected in (("cbs", "inconclusive"), ("insee_households", "unsafe")):
        status, out, _ = run(capsys, path, "--policy", policy, "--json")
        assert (status, json.loads(out)["status"], json.loads(out)["policy"]) == (1, expected, policy)


def test_the_report_is_in_the_readers_language(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with language("nl"):
        assert datakamp.run(["check", "notebook", str(path)]) == 1
    out = capsys.readouterr().out
    assert out.startswith("▲ Onveilig")
    assert "cel 2, uitvoer 1" in out
    assert "oplossing: " in out
    assert BSN not in out


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"not json", "not a notebook"),
        (b"\xff\xfe\x00", "not a notebook"),
        (b'{"nbformat": 3, "worksheets": []}', "older format"),
        (b'{"nbformat": 4, "cells": ' + b"[" * 10_000 + b"]" * 10_000 + b"}", "not a notebook"),
        (f'{{"{BSN}": 1, "{BSN}": 2, "nbformat": 4, "cells": []}}'.encode(), "each key once"),
    ],
)
def test_what_is_no_notebook_ends_with_2(
    tmp_path: Path, data: bytes, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.ipynb"
    path.write_bytes(data)
    for more in ([], ["--json"], ["--clean", tmp_path / "b.ipynb"]):
        status, out, err = run(capsys, path, *more)
        assert (status, out) == (2, "")
        assert said in err
    assert not (tmp_path / "b.ipynb").exists()


def test_bad_input_ends_with_2(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    link = path.with_name("link.ipynb")
    link.symlink_to(path)
    for arguments, said in (
        ([path.with_name("none.ipynb")], "There is no file 'none.ipynb'"),
        ([path.parent], "not a regular file"),
        ([link], "Links are refused"),
        ([path, "--policy", "lenient"], "no policy of that name"),
        ([path, "--overwrite"], "needs --clean"),
        ([path, "--bypass"], "No such option"),
        ([], "Missing argument"),
    ):
        status, out, err = run(capsys, *arguments)
        assert (status, out) == (2, "")
        assert said in err


# ------------------------------------------------------------------------------------------------------------ cleaning
def test_a_cleaned_copy_is_written_and_the_original_stays(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = path.read_bytes()
    clean = path.with_name("clean.ipynb")
    status, out, _ = run(capsys, path, "--clean", clean)
    assert status == 1, "the status is that of the notebook, not of its copy"
    assert "nothing in it needs a person" in out
    assert path.read_bytes() == before
    check_format(json.loads(clean.read_text("utf-8")))
    assert BSN not in clean.read_text("utf-8")
    assert stat.S_IMODE(clean.stat().st_mode) == 0o600
    assert run(capsys, clean)[0] == 0
    assert sorted(one.name for one in path.parent.iterdir()) == ["clean.ipynb", "made.ipynb"]


def test_what_the_copy_still_has_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = save(tmp_path / "a.ipynb", notebook(code(stream("De helft."), source=f"x = {BSN}")))
    status, out, _ = run(capsys, path, "--clean", tmp_path / "b.ipynb")
    assert status == 1
    assert "still has:" in out
    status, out, _ = run(capsys, path, "--clean", tmp_path / "c.ipynb", "--json")
    cleaned = json.loads(out)["cleaned"]
    assert cleaned["status"] == "unsafe"
    assert [one["mark"] for one in cleaned["findings"]] == ["bsn"]


def test_a_copy_replaces_nothing_without_being_told_to(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = path.with_name("other.ipynb")
    other.write_text("mine", encoding="utf-8")
    status, out, err = run(capsys, path, "--clean", other)
    assert (status, out) == (2, "")
    assert "--overwrite" in err
    assert other.read_text("utf-8") == "mine"
    assert run(capsys, path, "--clean", other, "--overwrite")[0] == 1
    assert json.loads(other.read_text("utf-8"))["nbformat"] == 4


def test_a_copy_never_replaces_the_original(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = path.read_bytes()
    link = path.with_name("link.ipynb")
    link.symlink_to(path)
    for out in (path, link, path.parent / "." / path.name, path.parent / ".." / path.parent.name / path.name):
        for more in ([], ["--overwrite"]):
            status, _, err = run(capsys, path, "--clean", out, *more)
            assert status == 2
            assert "original" in err
    assert path.read_bytes() == before
    assert link.is_symlink()


def test_a_copy_that_cannot_be_written_ends_with_2(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dangling = path.with_name("dangling.ipynb")
    dangling.symlink_to(path.with_name("nowhere"))
    for out, said in (
        (path.parent / "none" / "b.ipynb", "cannot be written"),
        (path.parent, "folder"),
        (dangling, "already"),
    ):
        status, printed, err = run(capsys, path, "--clean", out)
        assert (status, printed) == (2, "")
        assert said in err
    assert sorted(one.name for one in path.parent.iterdir()) == ["dangling.ipynb", "made.ipynb"]


def test_a_copy_that_fails_on_the_way_leaves_nothing(
    path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, BSN)

    monkeypatch.setattr(os, "fsync", full)
    status, out, _ = run(capsys, path, "--clean", path.with_name("b.ipynb"))
    assert (status, out) == (2, "")
    assert [one.name for one in path.parent.iterdir()] == ["made.ipynb"]


# ------------------------------------------------------------------------------------------------------ really executed
def test_a_notebook_that_was_really_executed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sources = [
        "import pandas as pd\nhomes = pd.DataFrame({'wijk': ['28'] * 12 + ['29'] * 9, 'inkomen': 1.5})",
        "homes['wijk'].value_counts()",
        "homes.assign(naam='Jansen', huis=1).head()",
        "print('done')",
        f"{{}}[{BSN[:5]} * 10_000 + {BSN[5:]}]",
    ]
    made = notebook(*(code(source=source, execution_count=None, id=f"c{n}") for n, source in enumerate(sources)))
    path = save(tmp_path / "executed.ipynb", executed(made))
    assert BSN in path.read_text("utf-8")
    status, out, _ = run(capsys, path, "--clean", tmp_path / "clean.ipynb", "--json")
    document = json.loads(out)
    assert status == 1
    by_cell = {one["cell"]: set(one["classes"]) for one in document["outputs"]}
    assert by_cell[2] == {"small_counts"}
    assert by_cell[3] == {"row_listing"}
    assert by_cell[4] == {"harmless"}
    assert by_cell[5] == {"identifier", "traceback_with_data"}
    assert document["cleaned"] == {"status": "safe", "findings": []}
    assert "Jansen" not in out
    cleaned = json.loads((tmp_path / "clean.ipynb").read_text("utf-8"))
    check_format(cleaned)
    assert [cell["source"] for cell in cleaned["cells"]] == sources


def test_the_program_itself_is_quick_to_start_and_loads_no_notebook_library(path: Path) -> None:
    script = (
        "import sys, datakamp; status = datakamp.run(['check', 'notebook', sys.argv[1], '--json']); "
        "print([name for name in ('nbformat', 'nbconvert', 'papermill', 'IPython', 'duckdb') if name in sys.modules], "
        "file=sys.stderr); sys.exit(status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, cwd=ROOT, timeout=120, check=False
    )
    assert done.returncode == 1
    assert json.loads(done.stdout)["status"] == "unsafe"
    assert done.stderr.strip() == "[]"
    assert BSN not in done.stdout
