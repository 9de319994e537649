"""Ed25519 keys: what each may sign, how it is named, and how its private half lies on disk.

A fingerprint is taken over role, mark and public key together. So a reviewer's key cannot be passed off as a root,
and the fingerprint of a DEMO root cannot become that of a real one: trusting it is trusting a DEMO root.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from disclosure.errors import DocumentError
from output_review.signing import fields

_FIELDS = ("role", "mark", "public", "fingerprint")
RAW_LENGTH = 32
# The y coordinates of the points of small order (and y = p, p + 1, second spellings of two of them), without the sign
# bit. Under such a "key" the signature of 64 zero bytes holds for one text in eight or more, so anybody can sign.
SMALL_ORDER = frozenset(
    bytes.fromhex(text)
    for text in (
        "00" * 32,
        "01" + "00" * 31,
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ec" + "ff" * 30 + "7f",
        "ed" + "ff" * 30 + "7f",
        "ee" + "ff" * 30 + "7f",
    )
)


class KeyRole(StrEnum):
    """What a key is for; a key signs nothing outside its role."""

    REVIEWER = "reviewer"
    ROOT = "root"
    LOG = "log"
    RELEASE = "release"


class Mark(StrEnum):
    """Whether keys, manifest and packages are real, or of a demonstration that nobody may rely on."""

    NONE = ""
    DEMO = "DEMO"


def encode(raw: bytes) -> str:
    """Return the one base64 spelling of `raw`."""
    return base64.b64encode(raw).decode("ascii")


def decode(text: Any, what: str) -> bytes:
    """Return the bytes that `text` spells; a second spelling of the same bytes is refused."""
    try:
        raw = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (binascii.Error, ValueError):
        raw = b""
    if not raw or encode(raw) != text:
        raise DocumentError(f"{what}: expected base64.")
    return raw


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The public half of a key, with its role and mark.

    Args:
        role: what it may sign.
        mark: `Mark.DEMO` for the keys of a demonstration.
        raw: 32 bytes, RFC 8032.
    """

    role: KeyRole
    mark: Mark
    raw: bytes

    def __post_init__(self) -> None:
        fields.of_kind(self.role, KeyRole, "Public key: role")
        fields.of_kind(self.mark, Mark, "Public key: mark")
        fields.of_kind(self.raw, bytes, "Public key")
        if len(self.raw) != RAW_LENGTH:
            raise DocumentError(f"Public key: expected {RAW_LENGTH} bytes.")
        if self.raw[:-1] + bytes([self.raw[-1] & 0x7F]) in SMALL_ORDER:
            raise DocumentError("Public key: under this key anybody could sign.")

    @property
    def fingerprint(self) -> str:
        """Return ``SHA256:`` (a demonstration's: ``DEMO-SHA256:``) and 64 hexadecimal digits."""
        text = f"datakamp/key/1\n{self.role.value}\n{self.mark.value}\n".encode("ascii")
        prefix = "DEMO-SHA256" if self.mark is Mark.DEMO else "SHA256"
        return f"{prefix}:{hashlib.sha256(text + self.raw).hexdigest()}"

    def verifies(self, signature: bytes, data: bytes) -> bool:
        """Tell whether `signature` is this key's over exactly `data`."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, data)
        except (InvalidSignature, ValueError):
            return False
        return True

    def to_document(self) -> dict[str, Any]:
        """Return the key as a JSON object."""
        values = (self.role.value, self.mark.value, encode(self.raw), self.fingerprint)
        return dict(zip(_FIELDS, values, strict=True))

    @classmethod
    def from_document(cls, document: Any) -> PublicKey:
        """Return the key that `to_document` wrote; its fingerprint is computed, not believed."""
        entry = fields.exactly(document, _FIELDS, "Public key")
        role = fields.member(KeyRole, entry["role"], "Public key: role")
        mark = fields.member(Mark, entry["mark"], "Public key: mark")
        key = cls(role, mark, decode(entry["public"], "Public key"))
        if entry["fingerprint"] != key.fingerprint:
            raise DocumentError("Public key: the fingerprint is not that of the key.")
        return key


def fingerprint(public: PublicKey) -> str:
    """Return the fingerprint of a public key, the text that people compare and trust."""
    return public.fingerprint


class SigningKey:
    """A private key in memory. It never prints itself; `output_review.signing.key_files` puts it on disk."""

    __slots__ = ("_private", "public")

    def __init__(self, private: Ed25519PrivateKey, role: KeyRole, mark: Mark) -> None:
        self._private = private
        self.public = PublicKey(role, mark, private.public_key().public_bytes_raw())

    @classmethod
    def generate(cls, role: KeyRole, mark: Mark = Mark.NONE) -> SigningKey:
        """Return a new key from the system's random source."""
        return cls(Ed25519PrivateKey.generate(), role, mark)

    def __repr__(self) -> str:
        return f"SigningKey({self.public.role.value}, {self.public.fingerprint})"

    def __reduce__(self) -> Any:
        raise TypeError("A private key is not pickled or copied.")

    def sign(self, data: bytes) -> bytes:
        """Return the 64 bytes of the signature over `data`; use `envelopes` for documents."""
        return self._private.sign(data)

    def private_key(self) -> Ed25519PrivateKey:
        """Return the private half, for `key_files` alone."""
        return self._private
