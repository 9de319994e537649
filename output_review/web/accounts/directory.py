"""The local way in where a directory checks passwords: the second factor is the one of the account here."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.http import HttpRequest

from output_review.web.accounts.backend import LocalBackend


class DirectoryBackend(LocalBackend):
    """Lets in who can bind to the directory and shows digits that were not shown before."""

    def password_is_right(self, request: HttpRequest | None, user: User | None, name: str, password: str) -> bool:
        """Tell whether the directory takes this name and password."""
        from django_auth_ldap.backend import LDAPBackend

        # An empty password would be an anonymous bind, which every directory takes.
        if user is None or not password:
            return False
        found = LDAPBackend().authenticate(request, username=name, password=password)
        return found is not None and found.pk == user.pk
