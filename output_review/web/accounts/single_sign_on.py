"""Single sign-on by OpenID Connect, as the office's provider (Keycloak) speaks it: code flow, PKCE, state and nonce.

The provider asks for both factors and says so in `acr`; a claim of its token is a name in the manifest. Nothing else
of what it knows about people is asked for, kept or believed.
"""

from __future__ import annotations

import logging
from typing import Any, Final

import jwt
import requests
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from mozilla_django_oidc.auth import OIDCAuthenticationBackend
from mozilla_django_oidc.utils import import_from_settings
from mozilla_django_oidc.views import OIDCAuthenticationCallbackView, OIDCAuthenticationRequestView

from disclosure.errors import DatakampError, DocumentError
from output_review.services.accounts import note
from output_review.site_entry import Provider, check_address
from output_review.web.seat import seat_of

ALGORITHM: Final = "RS256"
_DISCOVERY: Final = "/.well-known/openid-configuration"
_SKEW: Final = 60
_SECONDS: Final = 10
LOGGER = logging.getLogger(__name__)


def endpoints(provider: Provider) -> dict[str, str]:
    """Return the settings that the provider tells of itself: where its pages for login, tokens and keys are.

    Raises:
        DocumentError: it cannot be reached, speaks of another issuer, or names an address without TLS.
    """
    try:
        answer = requests.get(
            provider.issuer.rstrip("/") + _DISCOVERY, timeout=_SECONDS, verify=_verify(provider), allow_redirects=False
        )
        found = answer.json() if answer.status_code == 200 else None
    except (requests.RequestException, ValueError):
        found = None
    if not isinstance(found, dict) or found.get("issuer") != provider.issuer:
        raise DocumentError("The provider of single sign-on cannot be reached, or is another one.")
    named = {
        "OIDC_OP_AUTHORIZATION_ENDPOINT": "authorization_endpoint",
        "OIDC_OP_TOKEN_ENDPOINT": "token_endpoint",
        "OIDC_OP_JWKS_ENDPOINT": "jwks_uri",
    }
    return {
        setting: check_address(str(found.get(name, "")), {"https"}, {"http"}, f"The provider's {name}")
        for setting, name in named.items()
    }


def _verify(provider: Provider) -> str | bool:
    return str(provider.ca_file) if provider.ca_file else True


class ProviderBackend(OIDCAuthenticationBackend):  # type: ignore[misc]
    """Lets in whom the provider vouches for, with a second factor, under a name of the manifest."""

    def __init__(self) -> None:
        # The library reads its settings here, for each page of whoever logged in; we, when somebody logs in.
        self.UserModel = get_user_model()

    def authenticate(self, request: HttpRequest | None, nonce: str, code_verifier: str, **_: Any) -> User | None:
        """Return the account; None for every token that is not as it must be."""
        provider = None if request is None else seat_of(request).zone.site.entry.provider
        if provider is None or not nonce or not code_verifier:
            return None
        try:
            found = endpoints(provider)
            self.OIDC_OP_TOKEN_ENDPOINT = found["OIDC_OP_TOKEN_ENDPOINT"]
            self.OIDC_OP_JWKS_ENDPOINT = found["OIDC_OP_JWKS_ENDPOINT"]
            self.OIDC_RP_CLIENT_ID, self.OIDC_RP_SIGN_ALGO = provider.client_id, ALGORITHM
            self.OIDC_RP_CLIENT_SECRET = import_from_settings("OIDC_RP_CLIENT_SECRET")
            self.OIDC_RP_IDP_SIGN_KEY = None
            self._provider = provider
            user: User | None = super().authenticate(request, nonce=nonce, code_verifier=code_verifier)
        except (SuspiciousOperation, DatakampError, requests.RequestException, jwt.PyJWTError) as error:
            LOGGER.warning("single sign-on refused: %s", type(error).__name__)
            return None
        except (KeyError, TypeError, ValueError, AttributeError) as error:  # what is no token or no key at all
            LOGGER.warning("single sign-on refused: %s", type(error).__name__)
            return None
        return user

    def get_payload_data(self, token: str, key: jwt.PyJWK) -> dict[str, Any]:
        """Return what a token says, once its signature, issuer, audience and times hold.

        Raises:
            PyJWTError: one does not.
        """
        return jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            audience=self._provider.client_id,
            issuer=self._provider.issuer,
            leeway=_SKEW,
            options={"require": ["exp", "iat", "aud", "iss", "sub", "nonce"], "strict_aud": False},
        )

    def get_or_create_user(self, access_token: str, id_token: str, payload: dict[str, Any]) -> User | None:  # noqa: ARG002
        """Return the account of a token: of the name in the manifest, made when it first comes.

        Raises:
            SuspiciousOperation: no second factor, made for another client, or a name that the manifest does not have.
        """
        zone = seat_of(self.request).zone
        if payload.get("acr") not in self._provider.acr:
            raise SuspiciousOperation("no second factor")
        if payload.get("azp", self._provider.client_id) != self._provider.client_id:
            raise SuspiciousOperation("for another client")
        name = payload.get(self._provider.name_claim)
        if not isinstance(name, str) or zone.manifest.person(name) is None:
            raise SuspiciousOperation("not in the manifest")
        user = User.objects.filter(username=name).first()
        if user is None:
            user = User.objects.create_user(name)  # without a password, which so never fits
        return user if user.is_active else None


class Start(OIDCAuthenticationRequestView):  # type: ignore[misc]
    """Sends somebody to the provider."""

    def __init__(self, **given: Any) -> None:
        super(OIDCAuthenticationRequestView, self).__init__(**given)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Return the way there, with a state, a nonce and a challenge that only this session can answer."""
        provider = seat_of(request).zone.site.entry.provider
        if provider is None:
            raise Http404
        try:
            self.OIDC_OP_AUTH_ENDPOINT = endpoints(provider)["OIDC_OP_AUTHORIZATION_ENDPOINT"]
        except DocumentError:
            return render(request, "review/account_provider.html", status=503)
        self.OIDC_RP_CLIENT_ID = provider.client_id
        answer: HttpResponse = super().get(request)
        return answer

    def get_extra_params(self, request: HttpRequest) -> dict[str, str]:
        """Ask for the second factor."""
        provider = seat_of(request).zone.site.entry.provider
        return {"acr_values": " ".join(provider.acr)} if provider else {}


class Callback(OIDCAuthenticationCallbackView):  # type: ignore[misc]
    """Takes in somebody who comes from the provider."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Let them in, or back to the login page."""
        if seat_of(request).zone.site.entry.provider is None:
            raise Http404
        if "oidc_states" not in request.session and "again" not in request.GET:
            # The session's cookie does not come along from another site; from this page it does.
            return render(request, "review/account_continue.html", {"query": request.GET.urlencode()})
        try:
            answer: HttpResponse = super().get(request)
        except SuspiciousOperation:
            return self.login_failure()
        return answer

    def login_success(self) -> HttpResponse:
        """Begin the session."""
        answer: HttpResponse = super().login_success()
        note(seat_of(self.request).zone, self.user.get_username(), "login", way="provider")
        return answer

    def login_failure(self) -> HttpResponse:
        """Say at the login page that it failed; what exactly was wrong is not told."""
        return redirect(f"{reverse('login')}?failed")
