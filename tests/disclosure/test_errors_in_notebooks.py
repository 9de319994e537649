"""Errors that a researcher sees are in the researcher's language; logs and command lines keep English."""

from __future__ import annotations

import ast
import builtins
import pickle
from contextvars import copy_context
from pathlib import Path

import pandas as pd
import pytest

import disclosure as sdc
from disclosure.errors import BadInputError, DatakampError, RefusedError
from disclosure.texts import language, text

PACKAGE = Path(sdc.__file__).parent
SEEN = (
    *sorted((PACKAGE / "notebook").glob("*.py")),
    *sorted((PACKAGE / "render" / "figures").glob("*.py")),
    PACKAGE / "assess.py",
    PACKAGE / "engines" / "door.py",
    PACKAGE / "model" / "recipes.py",
    PACKAGE / "model" / "statistic.py",
)
"""Modules of which a researcher sees the errors as they are."""
FRAME = pd.DataFrame({"person": range(40), "wijk": ["28", "29"] * 20})


def refused() -> DatakampError:
    with pytest.raises(BadInputError) as caught:
        sdc.summary(FRAME, by="wijk", unit="person")
    return caught.value


def test_an_error_is_english_in_a_log_whatever_the_language() -> None:
    with language("nl"):
        error = refused()
        assert str(error) == 'A summary is of columns: which values? For example values=["income", "age"].'
        assert (error.message, error.hint) == (
            "A summary is of columns: which values?",
            'For example values=["income", "age"].',
        )
        assert error.args == ("A summary is of columns: which values?",)


def test_a_notebook_shows_an_error_in_the_language_of_who_reads_it() -> None:
    error = refused()
    with language("nl"):
        said = error._render_traceback_()
        assert error.localized() == " ".join(said).removeprefix("BadInputError: ")
    assert said == [
        "BadInputError: Een samenvatting gaat over kolommen: welke waarden?",
        'Bijvoorbeeld values=["income", "age"].',
    ]
    with language("en"):
        assert error._render_traceback_()[0] == "BadInputError: A summary is of columns: which values?"


def test_an_error_without_translations_is_shown_as_it_is() -> None:
    with language("nl"):
        assert RefusedError("No.", hint="").localized() == "No."
        assert RefusedError("No.")._render_traceback_() == ["RefusedError: No."]


def test_a_text_within_a_text_is_read_in_the_same_language() -> None:
    error = BadInputError(text("remedy: {what}; loses {loses}", what=text("Total"), loses=3))
    with language("nl"):
        assert error.localized() == "oplossing: Totaal; kost 3"
        assert str(error) == "remedy: Total; loses 3"


def test_an_error_raised_anew_keeps_its_translations() -> None:
    error = refused()
    message, hint = error.sentences
    with language("nl"):
        assert RefusedError(message, hint=hint).localized() == error.localized()
        assert pickle.loads(pickle.dumps(error)).localized() == error.localized()


def test_the_line_of_the_cell_is_shown_and_the_way_through_our_code_is_not() -> None:
    names = {"__name__": "__main__", "sdc": sdc, "frame": FRAME}
    with pytest.raises(BadInputError) as caught:
        exec(compile("out = None\nsdc.summary(frame)", "<cell>", "exec"), names)
    said = caught.value._render_traceback_()
    assert said[-1] == "----> 2"
    assert not any("disclosure/" in line for line in said)


def test_a_kernel_shows_it_and_keeps_english_for_the_record() -> None:
    shell = pytest.importorskip("IPython.core.interactiveshell").InteractiveShell()
    shown: list[str] = []
    shell._showtraceback = lambda _kind, _value, lines: shown.extend(lines)
    cell = "import disclosure as sdc\nfrom disclosure.texts import language\nlanguage('nl')\nsdc.figure(1)"
    # A language chosen in a cell stays for the kernel; here for this test only.
    ran = copy_context().run(shell.run_cell, cell)
    with pytest.raises(BadInputError, match="A figure is drawn from a judged output"):
        ran.raise_error()
    assert shown[0] == "BadInputError: Een figuur wordt getekend van beoordeelde output, niet van een int."
    assert shown[-1] == "----> 4 sdc.figure(1)"


@pytest.mark.parametrize("module", SEEN, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_error_that_a_researcher_sees_is_made_of_texts(module: Path) -> None:
    plain = []
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if not isinstance(node, ast.Call) or not ast.unparse(node.func).endswith("Error"):
            continue
        if isinstance(getattr(builtins, ast.unparse(node.func), None), type):
            continue
        said = [*node.args[:1], *(one.value for one in node.keywords if one.arg == "hint")]
        plain += [ast.unparse(one) for one in said if _is_plain(one)]
    assert not plain, f"write text(...) around these: {plain}"


def _is_plain(node: ast.expr) -> bool:
    """Whether it is a sentence in one language; code, which is the same in all, is not."""
    if isinstance(node, ast.JoinedStr):
        return True
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and not node.value.startswith("sdc.")
