"""Logging in and joining as people do it, for tests: digits of an app, forms, and what the log has of it."""

from __future__ import annotations

import base64
import re
import time
from typing import TYPE_CHECKING, Any, cast

from tests.output_review.web.web_camp import PASSWORD, WebCamp

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.test import Client

NEW = "a kettle sings on tuesdays"


def digits_for(name: str, *, steps: int = 0) -> str:
    """Return the digits that somebody's app shows, or showed some steps ago, or will."""
    from django_otp.plugins.otp_totp.models import TOTPDevice

    return digits_of(TOTPDevice.objects.get(user__username=name).bin_key, steps=steps)


def digits_of(key: bytes, *, steps: int = 0) -> str:
    from django_otp.oath import TOTP

    totp = TOTP(key)
    totp.time = time.time() + 30 * steps
    return f"{totp.token():06d}"


def log_in(
    browser: Client, name: str, password: str = PASSWORD, digits: str | None = None, **more: str
) -> HttpResponse:
    given = {"name": name, "password": password, "digits": digits_for(name) if digits is None else digits, **more}
    return cast("HttpResponse", browser.post("/login", given, secure=True))


def actions(name: str) -> list[str]:
    """Return what the log has of a person, oldest first."""
    from output_review.log.database import DatabaseLog

    return [one.action for one in DatabaseLog().read() if one.actor == name or one.payload.get("person") == name]


def join(web: WebCamp, name: str, code: str, password: str = NEW) -> tuple[Client, HttpResponse]:
    browser = web.client()
    given = {"name": name, "code": code, "password": password, "again": password}
    answer: Any = browser.post("/join", given, secure=True)
    return browser, answer


def shown_key(browser: Client) -> bytes:
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", browser.get("/join/second-factor", secure=True).content.decode())
    assert found
    return base64.b32decode(found[1].replace(" ", ""))
