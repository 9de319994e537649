"""What the panel of the Lab asks the kernel of the open notebook, and what it gets as JSON.

The panel is a page in the browser. It evaluates `answer("{...}")` as a user expression in the kernel, so it sees what
the person's own code could see and nothing else; there is no other door. A request is an object with `do`, `language`
and what that needs::

    {"do": "catalogue"}                     data sets with their codebooks, as far as this team is authorised
    {"do": "basket"}                        outputs with verdicts, findings and remedies; what a submission lacks
    {"do": "remedies", "name": NAME}        the remedies of one output, looked for if that takes tabulating
    {"do": "requests"}                      what was handed in, and what the inbox says of it
    {"do": "submit", "title", "purpose", "code"}   hands the basket in; with `revises` and `answers` (a list of objects
                                            with `id` and `answer`) as the next revision of a request
    {"do": "again", "revises", "answers"}          hands the same outputs in again, with answers

An answer is ``{"ok": true, "value": ...}`` or ``{"ok": false, "message": ..., "hint": ...}``. What changes an output
(a remedy, taking it out of the basket) is not asked here: the panel runs it as a cell, because the control zone runs
the notebook again and must come to the same basket.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from disclosure.errors import BadInputError, DatakampError
from disclosure.exchange.canonical import parse_json
from disclosure.notebook.again import submit_again
from disclosure.notebook.basket import basket
from disclosure.notebook.camp import current_camp
from disclosure.notebook.panel_basket import basket_document, remedies_document
from disclosure.notebook.panel_data import catalogue_document
from disclosure.notebook.panel_requests import requests_document
from disclosure.notebook.submission import submit
from disclosure.texts import LANGUAGES, current_language, language, text

VERSION: Final = 1
_LONGEST: Final = 20_000
_LONGEST_HANDED_IN: Final = 1_000_000  # many questions, answered at length
_HANDING_IN: Final = frozenset({"submit", "again"})

Asked = Mapping[str, Any]


class Answer:
    """An answer, which a notebook's protocol carries as JSON and a terminal shows in one word."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document

    def __repr__(self) -> str:
        return "answered" if self.document["ok"] else "refused"

    def _repr_json_(self) -> dict[str, Any]:
        return dict(self.document)


def answer(asked: str) -> Answer:
    """Return the answer to a request in JSON; an error of ours is an answer too, in the language of the request.

    >>> answer('{"do": "dance"}').document["ok"]
    False
    """
    chosen = current_language()
    try:
        request = _read(asked)
        chosen = request.get("language", chosen)
        with language(chosen):
            return Answer({"ok": True, "version": VERSION, "value": _ANSWERS[request["do"]](request)})
    except DatakampError as error:
        with language(chosen if chosen in LANGUAGES else "en"):
            message, hint = (str(sentence) for sentence in error.sentences)
        return Answer({"ok": False, "version": VERSION, "message": message, "hint": hint})


def _read(asked: str) -> dict[str, Any]:
    if not isinstance(asked, str) or len(asked) > _LONGEST_HANDED_IN:
        raise BadInputError(text("The panel asks by a short JSON text."))
    request = parse_json(asked.encode("utf-8", "replace"), what="What the panel asks")
    known = isinstance(request, dict) and isinstance(request.get("do"), str) and request["do"] in _ANSWERS
    if known and len(asked) > _LONGEST and request["do"] not in _HANDING_IN:
        raise BadInputError(text("The panel asks by a short JSON text."))
    if not known or request.get("language", "en") not in LANGUAGES:
        raise BadInputError(text("The panel asked for something that this version does not know."))
    checked: dict[str, Any] = request
    return checked


def _basket(_: Asked) -> dict[str, Any]:
    return basket_document(basket(), current_camp())


def _remedies(request: Asked) -> list[dict[str, Any]]:
    return remedies_document(basket(), _said(request, "name"))


def _catalogue(_: Asked) -> dict[str, Any]:
    return catalogue_document(current_camp())


def _requests(_: Asked) -> dict[str, Any]:
    return requests_document(current_camp())


def _submit(request: Asked) -> dict[str, Any]:
    code = request.get("code")
    if not isinstance(code, list):
        raise BadInputError(text("A submission names the code that made it."))
    title, purpose, revises = _said(request, "title"), _said(request, "purpose"), request.get("revises")
    answers = None if revises is None else _answers(request.get("answers", []))
    return {"number": submit(title=title, purpose=purpose, code=tuple(code), revises=revises, answers=answers)}


def _again(request: Asked) -> dict[str, Any]:
    return {"number": submit_again(request.get("revises"), _answers(request.get("answers", [])))}


def _answers(given: Any) -> dict[int, str]:
    pairs = [(one.get("id"), one.get("answer")) for one in given if isinstance(one, dict)] if _is_list(given) else []
    answers = {question: answer for question, answer in pairs if type(question) is int and isinstance(answer, str)}
    if not _is_list(given) or len(answers) != len(given):
        raise BadInputError(text("The panel names each question once, with its answer."))
    return answers


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _said(request: Asked, name: str) -> str:
    value = request.get(name)
    if not isinstance(value, str) or not value.strip():
        raise BadInputError(text("The panel did not say the {name}.", name=name))
    return value.strip()


_ANSWERS: Final[Mapping[str, Callable[[Asked], Any]]] = MappingProxyType(
    {
        "again": _again,
        "basket": _basket,
        "catalogue": _catalogue,
        "remedies": _remedies,
        "requests": _requests,
        "submit": _submit,
    }
)
