"""What may come in with a question: forms, of at most a megabyte, and no files. All else is refused before it is read.

Nothing that is sent is ever put on the disk, so that who has not logged in cannot fill it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, NoReturn

from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadhandler import FileUploadHandler

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

LARGEST: Final = 1 << 20
"""Bytes of the largest body; a form with the longest comment has a few hundred thousand."""
_LENGTH_DIGITS: Final = 7


class NoFiles(FileUploadHandler):
    """Refuses a form as soon as a file begins in it: no page of ours sends one."""

    def new_file(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse.

        Raises:
            SuspiciousOperation: always; it is answered with 400.
        """
        raise SuspiciousOperation("a form with a file")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> NoReturn:  # noqa: ARG002
        """Refuse: no file has begun.

        Raises:
            SuspiciousOperation: always.
        """
        raise SuspiciousOperation("a form with a file")

    def file_complete(self, file_size: int) -> None:
        """Return nothing: there is no file."""


def bounded(inner: WSGIApplication) -> WSGIApplication:
    """Return an application that does what `inner` does, and answers a body that is too large with 413, unread.

    A body whose length is not said beforehand is refused with 411: browsers and proxies say it.
    """

    def answered(environment: WSGIEnvironment, start: StartResponse) -> Iterable[Any]:
        said = environment.get("CONTENT_LENGTH") or "0"
        if environment.get("HTTP_TRANSFER_ENCODING"):
            return _refused(start, "411 Length Required")
        if not (said.isascii() and said.isdigit()):
            return _refused(start, "400 Bad Request")
        if len(said.lstrip("0")) > _LENGTH_DIGITS or int(said) > LARGEST:
            return _refused(start, "413 Content Too Large")
        return inner(environment, start)

    return answered


def _refused(start: StartResponse, status: str) -> Iterable[bytes]:
    words = f"{status.partition(' ')[2]}.\n".encode()
    start(
        status,
        [
            ("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(words))),
            ("Cache-Control", "no-store"), ("Connection", "close"),
        ],
    )  # fmt: skip
    return (words,)
