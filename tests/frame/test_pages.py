"""The pages say what is so: examples run with the verdict they name, links lead somewhere, nothing is missing."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from disclosure.errors import DatakampError
from disclosure.model.codebooks import Codebook, codebook_from
from disclosure.model.statistic import Statistic
from disclosure.notebook.measures import OWN_FUNCTIONS
from disclosure.notebook.table import table

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = (*sorted(DOCS.rglob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md")
SAID = re.compile(r"#\s(safe|unsafe|inconclusive|refused)\b")
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")


def blocks(page: str, language: str) -> list[str]:
    text = (DOCS / page).read_text("utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def outcome(statement: ast.stmt, names: dict[str, Any]) -> str:
    """Run one statement of a page; return the status of the output that it names, "refused" or nothing."""
    module = ast.fix_missing_locations(ast.Module([statement], type_ignores=[]))
    try:
        exec(compile(module, "<page>", "exec"), names)
    except DatakampError:
        return "refused"
    if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
        return ""
    made = names[statement.targets[0].id]
    return str(made.verdict.status.value) if hasattr(made, "verdict") else ""


@pytest.mark.parametrize(("page", "least"), [("output-classes.md", 40), ("codebooks.md", 4)])
def test_the_examples_of_a_page_run_and_get_the_verdict_that_it_names(page: str, least: int) -> None:
    names: dict[str, Any] = {}
    told = 0
    for block in blocks(page, "python"):
        lines = block.splitlines()
        for statement in ast.parse(block).body:
            assert statement.end_lineno is not None
            said = SAID.search(lines[statement.end_lineno - 1])
            assert outcome(statement, names) == (said[1] if said else ""), ast.unparse(statement)
            told += said is not None
    assert told >= least


def example() -> Codebook:
    (written,) = blocks("codebooks.md", "toml")
    return codebook_from(tomllib.loads(written), where="docs/codebooks.md")


def test_the_codebook_of_the_page_is_one_and_works() -> None:
    book = example()
    assert book.reach_minimum == ("household",)
    people = pd.DataFrame({"person": range(400), "household": [n // 2 for n in range(400)], "wijk": ["28", "29"] * 200})
    out = table(people, rows="wijk", codebook=book)
    assert out.verdict.status.value == "safe"
    assert out.recipe.other_units == (("household",),)


def test_the_page_on_codebooks_names_every_entry_and_its_example_uses_it() -> None:
    text = (DOCS / "codebooks.md").read_text("utf-8")
    (written,) = blocks("codebooks.md", "toml")
    document = tomllib.loads(written)
    with pytest.raises(DatakampError) as whole:
        codebook_from({**document, "nothing": 1})
    with pytest.raises(DatakampError) as column:
        codebook_from({**document, "columns": {"wijk": {"nothing": 1}}})
    used = {key for entry in document["columns"].values() for key in entry}
    for known, shown in ((whole, set(document)), (column, used)):
        entries = set(re.findall(r"\w+", known.value.hint.partition("Known:")[2]))
        assert entries
        assert entries == shown
        assert not [entry for entry in entries if f"| `{entry}` |" not in text]


def test_the_page_on_output_classes_has_every_statistic() -> None:
    text = (DOCS / "output-classes.md").read_text("utf-8")
    missing = [
        one
        for one in Statistic
        if f"`{one}`" not in text and f'"{one}"' not in text and OWN_FUNCTIONS.get(one, "?").split(",")[0] not in text
    ]
    assert missing == []


def test_the_map_of_engines_names_only_what_there_is() -> None:
    table = re.findall(r"^\|[^|]*\|([^|]*)\|$", (DOCS / "engines.md").read_text("utf-8"), re.MULTILINE)
    named = {name for cell in table for name in re.findall(r"`(\w+)`", cell)}
    assert len(named) > 30
    assert not [name for name in named if not (ROOT / "disclosure" / "engines" / f"{name}.py").is_file()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    gone = [link for link in LINK.findall(page.read_text("utf-8")) if not (page.parent / link).exists()]
    assert gone == []
