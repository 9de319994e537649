"""What every template keeps to: its words are said in the reader's language, and nothing is inline."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import output_review.web

TEMPLATES = Path(output_review.web.__file__).parent / "templates"
NAMES = {"Datakamp", "UTC", "SQL", "JSON", "CSV", "SVG", "PNG"}
CODE = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
COMMENT = re.compile(r"\{%\s*comment.*?endcomment\s*%\}|<!--.*?-->", re.DOTALL)
UNREAD = re.compile(r"<(script|style)\b.*?</\1>", re.DOTALL)
TAG = re.compile(r"<[^<>]*>")
SPOKEN = re.compile(
    r"\b(?:title|alt|aria-label|aria-description|placeholder|aria-roledescription)\s*=\s*(\"[^\"]*\"|'[^']*')"
)
LETTERS = re.compile(r"[^\W\d_]{2,}")
# Keys of a keyboard and what is typed on a command line are the same in every language.
UNTRANSLATED = re.compile(r"<(kbd|code|samp)\b[^<>]*>.*?</\1>", re.DOTALL)


def sources() -> list[str]:
    return sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html"))


def bare_words(template: str) -> list[str]:
    """Return the words of a template that no tag says: between elements, and in the attributes that are read out."""
    plain = CODE.sub(" ", UNREAD.sub(" ", COMMENT.sub(" ", template)))
    # A value with a tag in it was emptied above, so what is left in it was written there.
    spoken = [word for value in SPOKEN.findall(plain) for word in LETTERS.findall(value)]
    between = LETTERS.findall(re.sub(r"&#?\w+;", " ", TAG.sub(" ", UNTRANSLATED.sub(" ", plain))))
    return [word for word in (*spoken, *between) if word not in NAMES]


def test_templates_are_found() -> None:
    assert "review/base.html" in sources()


@pytest.mark.parametrize("source", sources())
def test_every_word_is_said_in_the_readers_language(source: str) -> None:
    assert bare_words((TEMPLATES / source).read_text("utf-8")) == []


@pytest.mark.parametrize("source", sources())
def test_nothing_is_inline_and_nothing_comes_from_outside(source: str) -> None:
    template = (TEMPLATES / source).read_text("utf-8")
    plain = CODE.sub("T", COMMENT.sub(" ", template))
    for tag in TAG.findall(plain):
        assert not re.search(r"\s(style|on[a-z]+|hx-on\S*)\s*=", tag), tag
        assert not re.search(r"(src|href|action|formaction)\s*=\s*[\"']?\s*(https?:|//|javascript:|data:)", tag), tag
        assert "<style" not in tag
    for script in re.findall(r"<script\b([^<>]*)>(.*?)</script>", plain, re.DOTALL):
        assert "src=" in script[0]
        assert not script[1].strip()


@pytest.mark.parametrize("source", sources())
def test_every_form_that_is_posted_carries_the_sessions_token(source: str) -> None:
    template = (TEMPLATES / source).read_text("utf-8")
    for form in re.findall(r"<form\b[^<>]*method=[\"']?post\b.*?</form>", template, re.DOTALL | re.IGNORECASE):
        assert "{% csrf_token %}" in form


@pytest.mark.parametrize("source", sources())
def test_nothing_is_marked_as_safe_and_escaping_is_never_switched_off(source: str) -> None:
    template = (TEMPLATES / source).read_text("utf-8")
    assert not re.search(r"\|\s*safe(seq)?\b|autoescape\s+off|\{%\s*filter\s+safe", template)


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ('<p>{% say "Queue" %}</p>', []),
        ("<p>Queue</p>", ["Queue"]),
        ('<img alt="A picture">', ["picture"]),
        ("<img alt=\"{% say 'A picture' %}\">", []),
        ('<a title="{{ name }} here">', ["here"]),
        ("{% if a %}yes{% endif %}", ["yes"]),
        ("<!-- not said -->{# nor this #}<kbd>Esc</kbd> – {{ n }}&nbsp;×", []),
    ],
)
def test_bare_words_are_found(template: str, words: list[str]) -> None:
    assert bare_words(template) == words
