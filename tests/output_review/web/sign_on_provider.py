"""A small provider of OpenID Connect on loopback, for tests: it signs whatever token a test wants it to."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

CLIENT, SECRET = "datakamp", "a client's secret"
Change = Callable[[dict[str, Any]], dict[str, Any]]


class FakeProvider:
    """What the server answers with.

    Attributes:
        name, acr: of whoever logs in there.
        change: changes a token's claims before they are signed.
        signed: how a token is signed; by the provider's own key if a test says nothing.
        asked: what was sent to its token endpoint.
    """

    def __init__(self) -> None:
        self.key = generate_private_key(public_exponent=65537, key_size=2048)
        self.other = generate_private_key(public_exponent=65537, key_size=2048)
        self.issuer, self.name, self.acr = "", "vera", "mfa"
        self.claimed_issuer: str | None = None
        self.change: Change = dict
        self.signed: Callable[[dict[str, Any]], str] = self.sign
        self.asked: list[dict[str, str]] = []
        self._codes: dict[str, dict[str, str]] = {}

    def sign(self, claims: dict[str, Any]) -> str:
        """Sign as a provider does."""
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": "one"})

    def authorise(self, address: str) -> str:
        """Log in at the page to which the application sent somebody; return the address that they are sent back to."""
        sent = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = f"code-{len(self._codes)}"
        self._codes[code] = sent
        return f"{sent['redirect_uri']}?code={code}&state={sent['state']}"

    def sent(self, address: str) -> dict[str, str]:
        """Return what the application asks for in an address."""
        return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}

    def token(self, given: dict[str, str]) -> dict[str, Any] | None:
        """Return tokens for a code: once, to the client that has the secret and the verifier."""
        self.asked.append(given)
        sent = self._codes.pop(given.get("code", ""), None)
        if sent is None or (given.get("client_id"), given.get("client_secret")) != (CLIENT, SECRET):
            return None
        shown = base64.urlsafe_b64encode(hashlib.sha256(given.get("code_verifier", "").encode()).digest())
        if sent["code_challenge_method"] != "S256" or shown.rstrip(b"=").decode() != sent["code_challenge"]:
            return None
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": "1", "exp": now + 60, "iat": now, "nonce": sent["nonce"],
            "acr": self.acr, "preferred_username": self.name,
        }  # fmt: skip
        return {"access_token": "x", "token_type": "Bearer", "id_token": self.signed(self.change(claims))}

    def discovery(self) -> dict[str, Any]:
        """Return what the provider says of itself."""
        return {
            "issuer": self.claimed_issuer or self.issuer,
            "authorization_endpoint": f"{self.issuer}/auth",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }

    def keys(self) -> dict[str, Any]:
        """Return its public key."""
        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**key, "kid": "one", "alg": "RS256", "use": "sig"}]}


@contextmanager
def provider() -> Iterator[FakeProvider]:
    """Yield a provider that answers on loopback."""
    fake = FakeProvider()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = {"/.well-known/openid-configuration": fake.discovery, "/keys": fake.keys}
            found = known.get(urlsplit(self.path).path)
            self._answer(None if found is None else found())

        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._answer(fake.token({name: values[0] for name, values in parse_qs(sent).items()}))

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def _answer(self, document: dict[str, Any] | None) -> None:
            body = json.dumps(document or {"error": "invalid_grant"}).encode()
            self.send_response(400 if document is None else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    fake.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
