"""How a message leaves: as a file in a folder that others carry on from, or by SMTP inside the closed network."""

from __future__ import annotations

import contextlib
import os
import smtplib
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol

from disclosure.errors import BadInputError, DatakampError
from disclosure.exchange.canonical import canonical_json
from disclosure.texts import text
from output_review.notice_settings import NoticeSettings
from output_review.store.once import ExistsError, create_once

_SECONDS = 20


@dataclass(frozen=True)
class Message:
    """What somebody is told, in each language."""

    number: int
    person: str
    kind: str
    camp: str
    request: int
    sentences: Mapping[str, str]


class Post(Protocol):
    """A way for messages to leave."""

    def leave(self, message: Message) -> bool:
        """Send a message and tell whether it left; one that did not is tried again."""


def check_post(settings: NoticeSettings | None) -> None:
    """Look whether messages can be laid into the folder that the site configuration names, if it names one.

    The folder is the office's, and is made by nobody else: another one, made by mistake, would be emptied by nobody.

    Raises:
        BadInputError: it is not there, or nothing can be written into it.
    """
    folder = None if settings is None else settings.folder
    if folder is None:
        return
    if not folder.is_dir():
        raise BadInputError(
            text("The folder for messages, '{name}', is not there.", name=folder.name),
            hint=text("Make it, or change [notices] in the site configuration."),
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise BadInputError(
            text("Nothing can be written into the folder for messages, '{name}'.", name=folder.name),
            hint=text("Let the control zone's user write there."),
        )


@contextlib.contextmanager
def post_of(settings: NoticeSettings) -> Iterator[Post]:
    """Return the way that the site configuration names."""
    if settings.folder is not None:
        yield _Folder(settings, settings.folder)
        return
    post = _Mail(settings)
    try:
        yield post
    finally:
        post.close()


class _Folder:
    """One JSON file per message, whole or absent."""

    def __init__(self, settings: NoticeSettings, folder: Path) -> None:
        self._settings, self._folder = settings, folder

    def leave(self, message: Message) -> bool:
        document = {
            "version": 1, "to": message.person, "address": self._settings.address(message.person),
            "kind": message.kind, "camp": message.camp, "request": message.request, "url": self._settings.url,
            "text": dict(message.sentences),
        }  # fmt: skip
        try:
            create_once(self._folder / f"{message.camp}-{message.number:06d}.json", canonical_json(document) + b"\n")
        except ExistsError:
            return True  # it left before, and the word of it was lost
        except DatakampError:
            return False
        return True


class _Mail:
    """A connection to the mail server, made with the first message and again after it broke."""

    def __init__(self, settings: NoticeSettings) -> None:
        self._settings = settings
        self._server: smtplib.SMTP | None = None

    def leave(self, message: Message) -> bool:
        try:
            server = self._connected()
            server.send_message(self._mail(message))
        except (OSError, smtplib.SMTPException):
            self.close()
            return False
        return True

    def close(self) -> None:
        if self._server is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self._server.quit()
            self._server = None

    def _connected(self) -> smtplib.SMTP:
        if self._server is None:
            server = smtplib.SMTP(self._settings.host, self._settings.port, timeout=_SECONDS)
            if self._settings.tls:
                server.starttls(context=ssl.create_default_context(cafile=self._settings.certificate))
            self._server = server
        return self._server

    def _mail(self, message: Message) -> EmailMessage:
        mail = EmailMessage()
        mail["From"], mail["To"] = self._settings.sender, self._settings.address(message.person)
        mail["Subject"] = f"[{message.camp}] {message.sentences['en']}"
        mail["Auto-Submitted"] = "auto-generated"
        lines = [*message.sentences.values(), *([self._settings.url] if self._settings.url else [])]
        mail.set_content("\n\n".join(lines) + "\n")
        return mail
