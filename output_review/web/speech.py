"""The reader's language in pages: Django finds it out, and texts of the whole project follow it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import get_language

from disclosure.texts import LANGUAGES, language

Respond = Callable[[HttpRequest], HttpResponseBase]
_FIRST: Final = LANGUAGES[0]


def page_language() -> str:
    """Return the language of the page that is made: "nl" or "en"."""
    code = (get_language() or _FIRST)[:2]
    return code if code in LANGUAGES else _FIRST


def spoken(respond: Respond, request: HttpRequest) -> HttpResponseBase:
    """Answer a request with all texts in its language."""
    with language(page_language()):
        return respond(request)
