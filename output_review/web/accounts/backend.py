"""The local way in: name, password and six digits in one step. Whichever is wrong, the answer is the same."""

from __future__ import annotations

import re
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.http import HttpRequest
from django_otp import match_token

DIGITS: Final = re.compile(r"[0-9]{6}")


class LocalBackend(ModelBackend):
    """Lets in who knows the password and shows digits that were not shown before."""

    def authenticate(  # type: ignore[override]
        self, request: HttpRequest | None, username: str, password: str, digits: str, **_: Any
    ) -> User | None:
        """Return the account, verified with its second factor; None if anything is wrong."""
        user = get_user_model().objects.filter(username=username, is_active=True).first()
        if not (self.password_is_right(request, user, username, password) and user and DIGITS.fullmatch(digits)):
            return None
        device = match_token(user, digits)
        if device is None:
            return None
        vars(user)["otp_device"] = device  # django-otp reads it when the session begins
        return user

    def password_is_right(self, request: HttpRequest | None, user: User | None, name: str, password: str) -> bool:  # noqa: ARG002
        """Tell whether the password is this account's. It takes as long where there is no account."""
        if user is None:
            make_password(password)
            return False
        return user.check_password(password)
