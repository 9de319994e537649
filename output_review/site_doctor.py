"""What an office's site configuration names, for `datakamp doctor --camp`: keys, secrets and the way of messages.

Keys are opened, to know that the passphrase fits; nothing is signed and no message is sent.
"""

from __future__ import annotations

import os
import smtplib
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TypeAlias

from disclosure.errors import DatakampError
from disclosure.exchange.canonical import parse_json
from output_review.notice_settings import NoticeSettings
from output_review.services.notices import unsent
from output_review.services.posting import check_post
from output_review.signing.envelopes import Envelope
from output_review.signing.keys import KeyRole
from output_review.signing.manifest import Manifest
from output_review.site import Site, read_site

Looked: TypeAlias = tuple[str, str, str, str]
WELL: Final = "well"
ADVICE: Final = "advice"
MISSING: Final = "missing"
_SECRETS: Final = ("web/session.key", "web/metrics.token")
_PROGRAMS: Final = {"log": KeyRole.LOG, "release": KeyRole.RELEASE}
_SECONDS: Final = 5.0


def examined_secrets(review: Path) -> Iterator[Looked]:
    """Yield the secret files of the control zone that are there."""
    for name in _SECRETS:
        if os.path.lexists(review / name):
            problem = _open_to_others(review / name)
            yield f"review/{name}", MISSING if problem else WELL, problem or "its owner's only", _chmod(problem, name)


def examined_site(path: Path) -> Iterator[Looked]:
    """Yield the site configuration, its keys, and how people are told."""
    what = "site configuration"
    try:
        site = read_site(path)
    except DatakampError as error:
        yield what, MISSING, error.message, error.hint or "Restore it, or name another with DATAKAMP_SITE."
        return
    if site.path.stat().st_mode & 0o022:
        yield what, MISSING, "others than its owner may change it", f"Run: chmod go-w {path.name}"
    else:
        yield what, WELL, f"'{path.name}' trusts {len(site.roots)} root keys", ""
    manifest = _manifest()
    for name, role in _PROGRAMS.items():
        yield _key(site, name, role, manifest)
    yield _reviewers(site)
    yield _messages(site.notices)


def _manifest() -> Manifest | None:
    """Return the manifest in force as it stands there; who signed it is for every other command to ask."""
    from output_review.models import ManifestRow

    last = ManifestRow.objects.order_by("-number").first()
    if last is None:
        return None
    return Manifest.from_document(parse_json(Envelope.from_document(last.envelope).payload, what="The manifest"))


def _key(site: Site, name: str, role: KeyRole, manifest: Manifest | None) -> Looked:
    from output_review.models import LogRow

    what = f"{name} key"
    if name not in site.keys:
        return what, MISSING, "the site configuration names none", f"Add a [{name}] table to it."
    for path in site.keys[name]:
        try:
            problem = _open_to_others(path)
        except PermissionError:
            return what, ADVICE, "this user cannot look at it", "Run this as root to have it looked at."
        except OSError:
            return what, MISSING, f"'{path.name}' is not there", "Restore it."
        if problem:
            return what, MISSING, f"'{path.name}': {problem}", _chmod(problem, path.name)
        if not os.access(path, os.R_OK):
            return what, ADVICE, "this user cannot read it", "Run this as root to have it looked at."
    try:
        key = site.key(name).public
    except DatakampError as error:
        return what, MISSING, error.message, error.hint
    if manifest is None or key not in manifest.granted(role, at=LogRow.objects.count() + 1):
        return what, MISSING, "it is not the one in the camp's manifest", "Name the key with which the camp was opened."
    return what, WELL, "opens, and is the one in the camp's manifest", ""


def _reviewers(site: Site) -> Looked:
    what = "reviewers' public keys"
    try:
        found = site.reviewer_keys()
    except DatakampError as error:
        return what, MISSING, error.message, error.hint or "Ask the reviewer for the public key again."
    return what, WELL, f"{len(found)} can be read", ""


def _messages(settings: NoticeSettings | None) -> Looked:
    what = "messages to people"
    if settings is None:
        return what, ADVICE, "nobody is told", "Add [notices] to the site configuration."
    try:
        check_post(settings)
    except DatakampError as error:
        return what, MISSING, error.message, error.hint
    if settings.folder is None:
        try:
            with smtplib.SMTP(settings.host, settings.port, timeout=_SECONDS):
                pass
        except (OSError, smtplib.SMTPException):
            return what, MISSING, "the mail server does not answer", "Look at [notices] in the site configuration."
    left = unsent()
    if left.given_up:
        return (
            what,
            ADVICE,
            f"{left.given_up} did not leave and are not tried again",
            "Run: datakamp review messages --again",
        )
    return what, WELL, f"by {'files in a folder' if settings.folder else 'mail'}; {left.waiting} wait to be sent", ""


def _open_to_others(path: Path) -> str:
    """Return what is wrong with who may read a secret file; empty if nothing is."""
    mode = stat.S_IMODE(path.stat().st_mode)
    return f"others may read it (mode {mode:o})" if mode & 0o077 else ""


def _chmod(problem: str, name: str) -> str:
    return f"Run: chmod 600 {Path(name).name}" if problem else ""
