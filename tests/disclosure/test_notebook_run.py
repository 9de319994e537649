"""The check in a real notebook: run by a real kernel, its rich display as a reader gets it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

import datakamp

ROOT = Path(datakamp.__file__).parent

CELLS = (
    "import pandas as pd\nimport disclosure as sdc",
    """frame = pd.DataFrame({"person": range(83), "wijk": ["28"] * 40 + ["29"] * 40 + ["30"] * 3})
frame["income"] = [100.0 + n % 7 for n in range(83)]
asked = {"rows": "wijk", "unit": "person", "policy": "abs"}""",
    "out = frame.sdc.table(**asked)\nout",
    "sdc.table(frame, values='income', statistic=['mean', 'count'], **asked)",
    "out.apply(out.remedies()[0])",
    "sdc.basket().add(out, name='persons', title='Persons', population='everybody')\nsdc.basket()",
    "sdc.language('nl')\nout",
    "sdc.table(frame, values='income', statistic=max, **asked)",
)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    folder = tmp_path_factory.mktemp("notebook")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        patch.setenv("LANG", "C.UTF-8")
        patch.setenv("IPYTHONDIR", str(folder / "ipython"))
        patch.setenv("JUPYTER_RUNTIME_DIR", str(folder / "runtime"))
        for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "DATAKAMP_CONTEXT"):
            patch.delenv(name, raising=False)
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])  # type: ignore[no-untyped-call]
        client = NotebookClient(
            notebook,
            kernel_name="python3",
            timeout=120,
            allow_errors=True,
            resources={"metadata": {"path": str(folder)}},
        )
        client.execute()
    return list(notebook.cells)


def shown(cell: Any) -> dict[str, str]:
    (output,) = [one for one in cell.outputs if one.output_type == "execute_result"]
    return dict(output.data)


def test_an_output_is_shown_as_html_and_as_text(ran: list[Any]) -> None:
    data = shown(ran[2])
    assert set(data) == {"text/html", "text/plain"}
    assert "▲ Unsafe (failing cells: 1)" in data["text/html"]
    assert data["text/plain"].startswith("▲ Unsafe (failing cells: 1)")
    assert 'class="f"' in data["text/html"]


def test_several_outputs_a_repaired_one_and_the_basket_are_shown(ran: list[Any]) -> None:
    assert "mean of income" in shown(ran[3])["text/html"]
    assert "✓ Safe" in shown(ran[4])["text/html"]
    assert "persons: a safe verdict" in shown(ran[5])["text/html"]


def test_the_language_holds_from_the_cell_in_which_it_is_chosen(ran: list[Any]) -> None:
    assert "Onveilig" in shown(ran[6])["text/html"]
    assert "Unsafe" in shown(ran[5])["text/html"]


def test_a_function_is_refused_with_the_known_list(ran: list[Any]) -> None:
    (error,) = [one for one in ran[7].outputs if one.output_type == "error"]
    assert error.ename == "BadInputError"
    assert "p25, p95 and other percentiles" in error.evalue


def test_no_other_cell_failed_or_warned(ran: list[Any]) -> None:
    for cell in ran[:-1]:
        assert not [one for one in cell.outputs if one.output_type in {"error", "stream"}]
