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
SEEN_PACKAGES = ("engines", "microdata", "model", "notebook", "protection", "render", "rules", "statistics", "exchange")
UNSEEN = {
    "exchange/camp": "camp.toml is an organiser's, and the command line is in English",
    "exchange/camp_entries": "camp.toml is an organiser's, and the command line is in English",
    "exchange/camp_event": "camp.toml is an organiser's, and the command line is in English",
    "exchange/camp_people": "camp.toml is an organiser's, and the command line is in English",
    "exchange/camp_late": "an organiser's command, and the command line is in English",
    "exchange/incidents": "an organiser's command, and the command line is in English",
    "exchange/camp_review": "camp.toml is an organiser's, and the command line is in English",
    "exchange/microdata_release": "camp.toml is an organiser's, and the command line is in English",
    "exchange/databases": "camp.toml is an organiser's, and the command line is in English",
    "exchange/foreign": "what a sealed worker reads for the control zone",
    "engines/acro_folder": "a folder of another program, which the office takes in",
    "exchange/comparison": "what the control zone asks of its sealed worker, and the answer",
    "exchange/registered": "the record of a registration, which the control zone reads",
    "exchange/zones": "which user runs a command, on the command line",
    "exchange/sessions": "camp.toml is an organiser's, and the command line is in English",
    "exchange/canonical": "documents that programs write for each other",
    "exchange/tabulation": "what the control zone asks of its sealed worker",
    "exchange/tabulation_result": "what the sealed worker answers to the control zone",
    "engines/collect": "an engine that returns other digits than it was asked for",
    "engines/controlled_rounding": "what our own search must hand to the solver",
    "engines/further_units": "parts of evidence that our own code puts together",
    "engines/handed_over": "a narrow frame, read in the control zone",
    "engines/quantiles": "what our own code must hand to a function",
    "engines/sealed_tabulation": "what only the control zone runs",
    "model/beside": "what the sealed worker answers to the control zone",
    "model/cell_pairs": "what the sealed worker answers to the control zone",
    "model/evidence": "parts of evidence that our own code puts together",
    "model/evidence_document": "evidence is handed over between trusted programs",
    "model/overlaps": "parts of evidence that our own code puts together",
    "model/parts": "evidence is handed over between trusted programs",
    "protection/audit": "what our own code must hand to the audit of intervals",
    "protection/cell_key": "an office's secret, which no notebook has",
    "protection/cell_key_design": "an office's perturbation table, which no notebook has",
    "protection/cell_key_file": "an office's perturbation table, which no notebook has",
    "protection/cell_key_table": "an office's perturbation table, which no notebook has",
    "protection/controlled_rounding": "what our own search must hand to the solver",
    "protection/random_rounding": "what our own code must hand to a function",
    "render/json": "figures and labels that our own code puts together",
}
"""Modules whose errors no notebook shows, by the reason why it does not."""
SEEN = {
    str(path.relative_to(PACKAGE).with_suffix("")): path
    for path in sorted(
        [
            *(PACKAGE / name for name in ("assess.py", "check.py", "knowledge.py", "policy.py", "__init__.py")),
            *(path for package in SEEN_PACKAGES for path in (PACKAGE / package).rglob("*.py")),
        ]
    )
}
"""Modules of which a researcher sees the errors as they are, and those that are excepted."""
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


@pytest.mark.parametrize("module", sorted(SEEN.keys() - UNSEEN.keys()))
def test_every_error_that_a_researcher_sees_is_made_of_texts(module: str) -> None:
    plain = plain_sentences(SEEN[module].read_text("utf-8"))
    assert not plain, f"write text(...) around these: {plain}"


@pytest.mark.parametrize("module", UNSEEN)
def test_an_excepted_module_is_there_and_needs_its_exception(module: str) -> None:
    assert plain_sentences(SEEN[module].read_text("utf-8")), "it has no such sentence any more: take it off the list"


def plain_sentences(source: str) -> list[str]:
    """Return the messages and hints of the errors in a module that are in one language."""
    tree = ast.parse(source)
    given = _assigned(tree)
    plain = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not ast.unparse(node.func).endswith("Error"):
            continue
        if isinstance(getattr(builtins, ast.unparse(node.func), None), type):
            continue
        said = [*node.args[:1], *(one.value for one in node.keywords if one.arg == "hint")]
        plain += [ast.unparse(one) for one in said if _is_plain(one, given)]
    return plain


@pytest.mark.parametrize(
    "source",
    [
        "raise DataError('No rows.')",
        "raise DataError(text('No rows.'), hint='Look.')",
        "raise DataError(f'No {what}.')",
        "raise DataError('No ' + what)",
        "raise DataError('No {}.'.format(what))",
        "raise DataError(text('No rows.') if rows else 'No columns.')",
        "raise DataError(text('No rows.'), hint=error.hint)",
        "HINT = 'Look.'\nraise DataError(text('No rows.'), hint=HINT)",
        "def f():\n    hint = f'Known: {known}.'\n    raise DataError(text('No rows.'), hint=hint)",
        "HINT: Final = 'Look.'\nraise DataError(text('No rows.'), hint=HINT)",
        "def refused():\n    return DataError('No rows.')",
    ],
)
def test_a_sentence_in_one_language_is_found_wherever_it_stands(source: str) -> None:
    assert plain_sentences(source)


@pytest.mark.parametrize(
    "source",
    [
        "raise DataError(text('No rows.'), hint=text('Look.'))",
        "raise DataError(text('No rows.'), hint='sdc.table(frame)')",
        "raise DataError(text('No rows.'), hint='')",
        "HINT = text('Look.')\nraise DataError(text('No rows.'), hint=HINT)",
        "raise DataError(text('No rows.'), hint=error.sentences[1])",
        "raise ValueError('only our own code sees this')",
    ],
)
def test_texts_and_code_are_left(source: str) -> None:
    assert not plain_sentences(source)


def _assigned(tree: ast.Module) -> dict[str, list[ast.expr]]:
    """Return what is assigned to each name of a module."""
    given: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign | ast.Assign) and node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                given.setdefault(ast.unparse(target), []).append(node.value)
    return given


def _is_plain(node: ast.expr, given: dict[str, list[ast.expr]]) -> bool:
    """Whether it is a sentence in one language; code, which is the same in all, is not."""
    if isinstance(node, ast.IfExp):
        return _is_plain(node.body, given) or _is_plain(node.orelse, given)
    if isinstance(node, ast.Name):
        return any(_is_plain(one, given) for one in given.get(node.id, ()) if not isinstance(one, ast.Name))
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and node.value != "" and not node.value.startswith("sdc.")
    if isinstance(node, ast.Attribute):
        return node.attr in ("hint", "message")
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Attribute) and node.func.attr in ("format", "join", "replace")
    return isinstance(node, ast.JoinedStr | ast.BinOp)
