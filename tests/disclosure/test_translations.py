"""Every text that people see exists in Dutch, with the same names in it, and nothing else does.

Texts are found in the source by their syntax: calls of what is imported from `disclosure.texts`, however it is named
there. Other calls of a method or function named `text` are not texts. In the templates of the review application they
are what the tag `say` says.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from string import Formatter

import pandas as pd
import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

import disclosure as sdc
from disclosure.texts import LANGUAGES, Text, current_language, language, localized, text, translate

ROOT = Path(__file__).resolve().parents[2]
MODULE = "disclosure.texts"
TRANSLATED = tuple(code for code in LANGUAGES if code != "en")
TAG = ROOT / "output_review" / "web" / "templatetags" / "speech.py"
"""Says what templates spell out."""
VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


@dataclass(frozen=True)
class Found:
    """A call of `text` or `translate`: its sentence, None if it is not spelled out, and the names it fills in."""

    where: str
    sentence: str | None
    names: frozenset[str]


def found_in(source: str, where: str) -> Iterator[Found]:
    """Yield the texts of a module."""
    tree = ast.parse(source)
    functions, modules = _imported(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node.func, functions, modules):
            first = node.args[0] if node.args else None
            sentence = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None
            names = frozenset(keyword.arg or "**" for keyword in node.keywords)
            yield Found(f"{where}:{node.lineno}", sentence, names)


def _imported(tree: ast.Module) -> tuple[set[str], set[str]]:
    functions, modules = set(), set()
    package, _, name = MODULE.rpartition(".")
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == MODULE:
            functions |= {one.asname or one.name for one in node.names if one.name in ("text", "translate")}
        elif isinstance(node, ast.ImportFrom) and node.module == package:
            modules |= {one.asname or one.name for one in node.names if one.name == name}
        elif isinstance(node, ast.Import):
            modules |= {one.asname or one.name for one in node.names if one.name == MODULE}
    return functions, modules


def _called(function: ast.expr, functions: set[str], modules: set[str]) -> bool:
    if isinstance(function, ast.Attribute):
        return function.attr in ("text", "translate") and ast.unparse(function.value) in modules
    return isinstance(function, ast.Name) and function.id in functions


SAY = re.compile(
    r"""\{%\s*say\s+("(?P<double>[^"]*)"|'(?P<single>[^']*)'|[^\s"'%]+)(?P<names>(\s+\w+=(?:"[^"]*"|[^\s%"]|"[^"]*")+)*)"""
    r"""(\s+as\s+\w+)?\s*%\}"""
)


def said_in(template: str, where: str) -> Iterator[Found]:
    """Yield the texts of a template; a tag that cannot be read counts as one whose sentence is not spelled out."""
    for match in re.finditer(r"\{%\s*say\b.*?%\}", template):
        line = template.count("\n", 0, match.start()) + 1
        tag = SAY.fullmatch(match[0])
        sentence = None if tag is None else tag["double"] or tag["single"]
        names = [] if tag is None else re.findall(r"(\w+)=", re.sub(r"\"[^\"]*\"|'[^']*'", "", tag["names"]))
        yield Found(f"{where}:{line}", sentence, frozenset(names))


def shipped() -> list[Found]:
    """Return the texts of everything that is shipped."""
    paths = [ROOT / "datakamp.py"]
    paths += [
        path for package in ("disclosure", "workspace", "output_review") for path in (ROOT / package).rglob("*.py")
    ]
    found = [
        one
        for path in sorted(paths)
        if path != TAG
        for one in found_in(path.read_text("utf-8"), str(path.relative_to(ROOT)))
    ]
    for path in sorted((ROOT / "output_review" / "web" / "templates").rglob("*.html")):
        found += said_in(path.read_text("utf-8"), str(path.relative_to(ROOT)))
    return found


def catalogue(code: str) -> Catalog:
    data = (ROOT / "disclosure" / "locale" / code / "datakamp.po").read_bytes()
    return read_po(BytesIO(data), locale=code, abort_invalid=True)


def messages(code: str) -> dict[str, Message]:
    return {str(message.id): message for message in catalogue(code) if message.id}


def fields_in(sentence: str) -> list[tuple[str, str | None, str | None]]:
    return sorted((name, spec, how) for _, name, spec, how in Formatter().parse(sentence) if name is not None)


# ------------------------------------------------------------------------------------------------- the texts themselves
def test_texts_are_found_in_the_source() -> None:
    sentences = {one.sentence for one in shipped()}
    assert len(sentences) > 30
    assert "the largest contributors hold too much of this total" in sentences


def test_every_text_is_spelled_out_where_it_is_called() -> None:
    hidden = [one.where for one in shipped() if not one.sentence]
    assert not hidden, f"these texts cannot be found for translation; write the sentence in the call: {hidden}"


def test_every_text_gets_exactly_the_names_that_it_holds() -> None:
    wrong = [
        one.where for one in shipped() if one.sentence and {name for name, _, _ in fields_in(one.sentence)} != one.names
    ]
    assert not wrong, f"the names in the sentence and in the call differ: {wrong}"


SOURCES = {
    "from disclosure.texts import text\ntext('Merge {one}.', one=a)": ("Merge {one}.", {"one"}),
    "from disclosure.texts import text as _\n_('two '\n  'parts')": ("two parts", set()),
    "from disclosure.texts import translate\ndef f():\n    return translate('Safe')": ("Safe", set()),
    "from disclosure import texts\nx = texts.text('Safe')": ("Safe", set()),
    "import disclosure.texts\ndisclosure.texts.translate('Safe')": ("Safe", set()),
    "from disclosure.texts import text\ntext(f'Safe {a}')": (None, set()),
    "from disclosure.texts import text\ntext(sentence, one=1)": (None, {"one"}),
    "from disclosure.texts import text\ntext('a {b}', **names)": ("a {b}", {"**"}),
}


@pytest.mark.parametrize("source", SOURCES)
def test_a_text_is_found_however_it_is_imported(source: str) -> None:
    sentence, names = SOURCES[source]
    (one,) = found_in(source, "module.py")
    assert (one.sentence, set(one.names)) == (sentence, names)
    assert one.where.startswith("module.py:")


@pytest.mark.parametrize(
    "source",
    [
        "record.text('package')",
        "def text(a): ...\ntext('not a text')",
        "from other.texts import text\ntext('not a text')",
        "from disclosure.texts import language\nlanguage('nl')",
        "from disclosure.texts import text\ncheck.text('not a text')",
    ],
)
def test_other_calls_are_no_texts(source: str) -> None:
    assert not list(found_in(source, "module.py"))


TEMPLATES = {
    '{% say "Queue" %}': ("Queue", set()),
    "{% say 'Queue' %}": ("Queue", set()),
    "<a title=\"{% say 'The key' %}\">": ("The key", set()),
    '{% say "Page {page} of {pages}" page=wanted.page pages=pages %}': ("Page {page} of {pages}", {"page", "pages"}),
    '{% say "by {who}" who=one.name|default:"a b=c" as words %}': ("by {who}", {"who"}),
    '{% say "run {what}" what="a b" %}': ("run {what}", {"what"}),
    "{% say sentence %}": (None, set()),
    '{% say "one" "two" %}': (None, set()),
}


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_text_of_a_template_is_found(template: str) -> None:
    sentence, names = TEMPLATES[template]
    (one,) = said_in(template, "page.html")
    assert (one.sentence, set(one.names), one.where) == (sentence, names, "page.html:1")


# ------------------------------------------------------------------------------------------------------- translations
@pytest.mark.parametrize("code", TRANSLATED)
def test_every_text_is_translated(code: str) -> None:
    known = messages(code)
    wanted = dict.fromkeys(one.sentence for one in shipped() if one.sentence)
    missing = [sentence for sentence in wanted if sentence not in known or not known[sentence].string]
    entries = "\n".join(f'msgid "{sentence}"\nmsgstr ""\n' for sentence in missing)
    assert not missing, f"add to disclosure/locale/{code}/datakamp.po:\n\n{entries}"


@pytest.mark.parametrize("code", TRANSLATED)
def test_no_translation_is_left_of_a_text_that_is_gone(code: str) -> None:
    gone = sorted(messages(code).keys() - {one.sentence for one in shipped()})
    assert not gone, f"remove from disclosure/locale/{code}/datakamp.po: {gone}"
    assert not catalogue(code).obsolete


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_translation_is_finished_and_keeps_the_names(code: str) -> None:
    known = messages(code)
    assert known
    for sentence, message in known.items():
        assert isinstance(message.string, str), f"a text has one form: {sentence}"
        assert message.string.strip() == message.string != "", sentence
        assert not message.fuzzy, f"not confirmed: {sentence}"
        assert fields_in(message.string) == fields_in(sentence), f"other names than in the original: {sentence}"
        assert message.string.endswith(".") == sentence.endswith("."), f"a full stop on one side only: {sentence}"


def test_every_language_but_english_has_a_file_and_no_other_has() -> None:
    found = sorted(path.parent.name for path in (ROOT / "disclosure" / "locale").glob("*/*"))
    assert found == sorted(TRANSLATED)


# ----------------------------------------------------------------------------------------------- what the reader gets
@pytest.fixture
def no_language(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.mark.usefixtures("no_language")
def test_dutch_is_shown_within_the_block_and_english_around_it() -> None:
    sentence = text("merge {first} with {second} in {name}", first="28", second="29", name="wijk")
    assert str(sentence) == "merge 28 with 29 in wijk"
    with language("nl"):
        assert str(sentence) == "voeg 28 en 29 samen in wijk"
        assert translate("Safe") == "Veilig"
        with language("en"):
            assert translate("Safe") == "Safe"
        assert translate("Safe") == "Veilig"
    assert translate("Safe") == "Safe"


@pytest.mark.usefixtures("no_language")
def test_the_language_before_the_block_comes_back_after_an_error() -> None:
    with pytest.raises(KeyError), language("nl"):
        raise KeyError
    assert current_language() == "en"


@pytest.mark.parametrize("code", ["de", "", "NL", "nl_NL", "nld"])
def test_an_unknown_language_is_an_error(code: str) -> None:
    with pytest.raises(ValueError, match="expected one of"), language(code):
        pytest.fail("the block ran")


@pytest.mark.parametrize("name", VARIABLES)
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("nl", "nl"),
        ("nl_NL.UTF-8", "nl"),
        ("NL", "nl"),
        ("nl:en", "nl"),
        ("en_GB", "en"),
        ("C.UTF-8", "en"),
        ("", "en"),
    ],
)
def test_the_environment_chooses_the_language(
    name: str, value: str, expected: str, no_language: pytest.MonkeyPatch
) -> None:
    no_language.setenv(name, value)
    assert current_language() == expected


@pytest.mark.parametrize(("stronger", "weaker"), tuple(pairwise(VARIABLES)))
def test_variables_rank_as_they_do_for_gettext(stronger: str, weaker: str, no_language: pytest.MonkeyPatch) -> None:
    no_language.setenv(stronger, "nl_NL.UTF-8")
    no_language.setenv(weaker, "en_US.UTF-8")
    assert current_language() == "nl"
    no_language.setenv(stronger, "")
    assert current_language() == "en"


def test_what_is_chosen_ranks_above_the_environment(no_language: pytest.MonkeyPatch) -> None:
    no_language.setenv("LANGUAGE", "nl")
    with language("en"):
        assert current_language() == "en"
    assert current_language() == "nl"


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_text_can_be_shown_in_every_language(code: str) -> None:
    with language(code):
        for one in shipped():
            if one.sentence:
                shown = str(Text(one.sentence, tuple((name, f"<{name}>") for name in sorted(one.names))))
                assert all(f"<{name}>" in shown for name in one.names)
                assert "{" not in shown


def test_a_value_with_braces_is_shown_as_it_is() -> None:
    with language("nl"):
        assert str(text("missing: {what}", what="{0} {secret}")) == "ontbreekt: {0} {secret}"


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({"nl": "wijk", "en": "district"}, "wijk"),
        ({"en": "district"}, "district"),
        ({"de": "Bezirk"}, "code"),
        ({}, "code"),
    ],
)
def test_labels_of_a_codebook_fall_back_to_english_and_then_to_the_code(labels: dict[str, str], expected: str) -> None:
    with language("nl"):
        assert localized(labels, "code") == expected


def test_a_finding_made_in_one_language_is_read_in_the_other() -> None:
    homes = pd.DataFrame({"person": range(24), "wijk": ["28"] * 20 + ["29"] * 4})
    with language("en"):
        out = sdc.table(homes, rows=["wijk"], unit="person")
    (finding,) = out.verdict.findings
    with language("nl"):
        assert "te lage celvulling" in finding.message
        assert "Onveilig" in repr(out)
        page = out._repr_html_()
    assert "Onveilig" in page
    assert "Totaal" in page
    assert "Total<" not in page


def test_what_is_missing_is_said_in_dutch() -> None:
    with language("nl"):
        shown = repr(sdc.table(pd.DataFrame({"wijk": ["28"] * 20}), rows=["wijk"]))
    assert "Niet te beoordelen" in shown
    assert "ontbreekt: de statistische eenheid" in shown
