"""Envelopes: a canonical JSON document with signatures, in the form of DSSE 1.0 (github.com/secure-systems-lab/dsse).

What is signed is not the document but its *pre-authentication encoding*, which begins with the payload's type. A
signature over one type therefore never holds for another, and each type belongs to one role of keys.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from disclosure.errors import DocumentError, IntegrityError, RefusedError
from disclosure.exchange.canonical import canonical_json, digest, parse_json
from output_review.signing import fields
from output_review.signing.keys import KeyRole, PublicKey, SigningKey, decode, encode


class PayloadType(StrEnum):
    """What an envelope holds; the value stands in it and in the signed bytes."""

    SIGN_OFF = "application/vnd.datakamp.sign-off.v1+json"
    MANIFEST = "application/vnd.datakamp.manifest.v1+json"
    LOG_HEAD = "application/vnd.datakamp.log-head.v1+json"
    CERTIFICATE = "application/vnd.datakamp.certificate.v1+json"
    DEADLINE = "application/vnd.datakamp.deadline.v1+json"


SIGNER = MappingProxyType(
    {
        PayloadType.SIGN_OFF: KeyRole.REVIEWER,
        PayloadType.MANIFEST: KeyRole.ROOT,
        PayloadType.LOG_HEAD: KeyRole.LOG,
        PayloadType.CERTIFICATE: KeyRole.RELEASE,
        PayloadType.DEADLINE: KeyRole.ROOT,
    }
)


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature: the fingerprint of the key, and 64 bytes."""

    keyid: str
    value: bytes

    def to_document(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {"keyid": self.keyid, "sig": encode(self.value)}

    @classmethod
    def from_document(cls, document: Any) -> Signature:
        """Return the signature that `to_document` wrote."""
        entry = fields.exactly(document, ("keyid", "sig"), "Signature")
        if not isinstance(entry["keyid"], str):
            raise DocumentError("Signature: expected the fingerprint of a key.")
        return cls(entry["keyid"], decode(entry["sig"], "Signature"))


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload with its type and signatures, as read or as signed; holding one proves nothing before `verify`."""

    type: PayloadType
    payload: bytes
    signatures: tuple[Signature, ...]

    @property
    def digest(self) -> str:
        """Return the digest of the payload."""
        return digest(self.payload)

    def to_document(self) -> dict[str, Any]:
        """Return the envelope as a JSON object."""
        signatures = [signature.to_document() for signature in self.signatures]
        return {"payloadType": self.type.value, "payload": encode(self.payload), "signatures": signatures}

    @classmethod
    def from_document(cls, document: Any) -> Envelope:
        """Return the envelope that `to_document` wrote; signatures are not yet checked."""
        entry = fields.exactly(document, ("payloadType", "payload", "signatures"), "Envelope")
        return cls(
            fields.member(PayloadType, entry["payloadType"], "Envelope: payload type"),
            decode(entry["payload"], "Envelope: payload"),
            fields.each(entry["signatures"], "Envelope: signatures", Signature.from_document),
        )


def pre_authentication_encoding(type_: PayloadType, payload: bytes) -> bytes:
    """Return the bytes that are signed: DSSE's PAE of type and payload."""
    name = type_.value.encode("ascii")
    return b"DSSEv1 %d %s %d %s" % (len(name), name, len(payload), payload)


def sign_detached(payload: bytes, type_: PayloadType, key: SigningKey) -> Signature:
    """Return the signature of `key` over a payload that is kept elsewhere."""
    if key.public.role is not SIGNER[type_]:
        raise RefusedError(f"A {key.public.role.value} key does not sign this; a {SIGNER[type_].value} key does.")
    return Signature(key.public.fingerprint, key.sign(pre_authentication_encoding(type_, payload)))


def verify_detached(
    payload: bytes, type_: PayloadType, signature: Signature, allowed: Collection[PublicKey]
) -> PublicKey:
    """Return the key among `allowed` that made `signature`, or raise `IntegrityError`."""
    for key in allowed:
        if key.role is SIGNER[type_] and key.fingerprint == signature.keyid:
            if key.verifies(signature.value, pre_authentication_encoding(type_, payload)):
                return key
            raise IntegrityError("A signature does not hold.", hint="The document was changed after it was signed.")
    raise IntegrityError("A signature is by a key that is not allowed here.")


def sign(document: Any, type_: PayloadType, *keys: SigningKey) -> Envelope:
    """Return an envelope over the canonical JSON of `document`, signed by each of `keys`.

    Raises:
        RefusedError: no key, the same key twice, or a key of another role.
        DocumentError: canonical JSON cannot carry the document.
    """
    if not keys or len({key.public.raw for key in keys}) != len(keys):
        raise RefusedError("An envelope is signed by one key or by several distinct ones.")
    payload = canonical_json(document)
    return Envelope(type_, payload, tuple(sign_detached(payload, type_, key) for key in keys))


def verify(envelope: Envelope, type_: PayloadType, allowed: Collection[PublicKey], *, threshold: int = 1) -> Any:
    """Return the document of an envelope that at least `threshold` of the `allowed` keys signed.

    Signatures of keys that are not allowed count for nothing; one by an allowed key that does not hold refuses all.

    Raises:
        IntegrityError: another type, too few signers, or a signature that does not hold.
        DocumentError: the payload is not canonical JSON.
    """
    if envelope.type is not type_:
        raise IntegrityError("The envelope holds something else than it should.")
    names = {key.fingerprint for key in allowed}
    signers = {
        verify_detached(envelope.payload, type_, signature, allowed).raw
        for signature in envelope.signatures
        if signature.keyid in names
    }
    if len(signers) < max(threshold, 1):
        raise IntegrityError(f"{len(signers)} of {max(threshold, 1)} signatures by allowed keys were found.")
    document = parse_json(envelope.payload, what="The signed payload")
    if canonical_json(document) != envelope.payload:
        raise DocumentError("The signed payload is not canonical JSON.")
    return document
