"""What comes in with a question: no file, nothing large or of an unknown length; and nothing of it on the disk."""

from __future__ import annotations

import io
import tempfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from output_review.web.bodies import LARGEST, bounded
from tests.output_review.web.test_rights import NOBODY, browser_of
from tests.output_review.web.web_camp import WebCamp


def answered(**environment: str) -> str:
    """Return the status of a question with these headers; an application that is asked says 200."""
    said: list[str] = []

    def inner(_: Any, start: Any) -> list[bytes]:
        start("200 OK", [])
        return []

    def start(status: str, _headers: Any, _error: Any = None) -> Any:
        said.append(status)

    list(bounded(inner)({**environment, "wsgi.input": io.BytesIO()}, start))
    return said[0][:3]


@pytest.mark.parametrize(
    ("length", "status"),
    [
        ("", "200"), ("0", "200"), (str(LARGEST), "200"), (str(LARGEST + 1), "413"), ("9" * 5000, "413"),
        ("000" + str(LARGEST), "200"), ("-1", "400"), ("1_0", "400"), ("\u0661", "400"),
    ],
)  # fmt: skip
def test_a_body_is_as_long_as_a_form(length: str, status: str) -> None:
    assert answered(CONTENT_LENGTH=length) == status


def test_a_body_of_which_the_length_is_not_said_is_refused() -> None:
    assert answered() == "200"
    assert answered(HTTP_TRANSFER_ENCODING="chunked") == "411"


@pytest.mark.parametrize("path", ["/login", "/join", "/language"])
@pytest.mark.parametrize(("checked", "status"), [(True, 403), (False, 400)])
def test_a_form_with_a_file_is_refused_and_nothing_is_written(
    web: WebCamp, path: str, checked: bool, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("a file was made")

    for maker in ("NamedTemporaryFile", "mkstemp", "TemporaryFile"):
        monkeypatch.setattr(tempfile, maker, never)
    browser = browser_of(web, NOBODY)
    browser.handler.enforce_csrf_checks = checked
    large = SimpleUploadedFile("large.bin", b"x" * 500_000)
    assert browser.post(path, {"name": "vera", "file": large}, secure=True).status_code == status


def test_a_form_in_parts_without_a_file_is_a_form(web: WebCamp) -> None:
    answer = browser_of(web, NOBODY).post("/login", {"name": "vera", "password": "x"}, secure=True)
    assert answer.status_code == 400
    assert b'value="vera"' in answer.content
