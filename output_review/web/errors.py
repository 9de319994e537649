"""What is shown when a page is not: in the reader's language, and without anything about why it went wrong inside."""

from __future__ import annotations

import logging
import sys
from typing import Any, Final

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from disclosure.errors import BadInputError, DatakampError, broken_at
from disclosure.texts import Text, language, text
from output_review.web.speech import Respond, page_language
from output_review.web.turns import CrowdedError

_AGAIN: Final = 30
"""Seconds after which a page is worth another try."""
LOGGERS: Final = ("django", "axes", "mozilla_django_oidc", "output_review", "whitenoise")


class SaidMiddleware:
    """Shows what a service said when a view did not catch it: its sentence and what to do."""

    def __init__(self, respond: Respond) -> None:
        self._respond = respond

    def __call__(self, request: HttpRequest) -> Any:
        """Answer a request; nothing but what never changes is kept by a browser or a proxy."""
        answer = self._respond(request)
        answer.headers["Cache-Control"] = "no-store"
        answer.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        answer.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
        return answer

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return the page of an error that was raised on purpose."""
        if not isinstance(error, DatakampError):
            return None
        message, hint = error.sentences
        if isinstance(error, CrowdedError):
            return _busy(request, str(message), str(hint))
        status = 400 if isinstance(error, BadInputError) else 409
        return _page(request, status, text("This did not work."), said=str(message), hint=str(hint))


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Return the page for what is no request of ours."""
    return _page(request, 400, text("This request is not one that this page sends."))


def refused(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Return the page for what this person may not."""
    return _page(request, 403, text("You may not see or do this."))


def no_token(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """Return the page for a form that was not sent from a page of this session."""
    return _page(
        request,
        403,
        text("This form did not come from a page of your session."),
        hint=str(text("Go back, load the page again and send it once more.")),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Return the page for what is not there, or not for this person."""
    return _page(request, 404, text("There is no such page, or it is not for you."))


def broken(request: HttpRequest) -> HttpResponse:
    """Return the page for a fault of ours, or for a database that lets nobody write just now.

    Each page that is shown is written down, so pages wait while a backup copies the database.
    """
    if isinstance(sys.exc_info()[1], OperationalError):
        words = text("Pages wait while a backup is made. Load the page again in a moment; nothing was done.")
        return _busy(request, "", str(words))
    return _page(
        request,
        500,
        text("Something is wrong on our side."),
        hint=str(text("It has been noted, without what you sent. Try again, or tell an organiser.")),
    )


def _busy(request: HttpRequest, said: str, hint: str) -> HttpResponse:
    answer = _page(request, 503, text("The review is busy just now."), said=said, hint=hint)
    answer.headers["Retry-After"] = str(_AGAIN)
    return answer


def _page(request: HttpRequest, status: int, title: Text, *, said: str = "", hint: str = "") -> HttpResponse:
    with language(page_language()):
        return render(request, "review/error.html", {"title": str(title), "said": said, "hint": hint}, status=status)


class PlainLines(logging.Formatter):
    """One line per record; of an error its kind and the module it came out of, never its words or its values."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = f"{record.levelname} {record.name}: {record.getMessage()}"
        error = record.exc_info[1] if record.exc_info else None
        line = line if error is None else f"{line} ({broken_at(error)})"
        return "".join(letter if letter.isprintable() else "?" for letter in line)


def quiet_logging() -> None:
    """Have the libraries of the pages write plain lines to the standard error stream."""
    handler = logging.StreamHandler()
    handler.setFormatter(PlainLines())
    for name in LOGGERS:
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(logging.WARNING)
