"""The log's chain: each entry is bound to the one before, so that none can be changed, moved or taken out unseen.

An entry's *body digest* covers everything it says, and its *hash* is taken over the hash before and the body digest.
Because the two are apart, a stretch of the chain can be proven from body digests alone, without showing what the
entries say. A random nonce in each body keeps those digests from being guessed.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, Protocol, TypeAlias

from disclosure.errors import DocumentError
from disclosure.exchange.canonical import canonical_json, digest
from output_review.signing import fields

GENESIS = digest(b"datakamp/log/1")
HEAD_SCHEMA = "datakamp/log-head/1"
_NONCE = re.compile(r"[0-9a-f]{32}")
_TEXT_LIMIT = 4000

Scalar: TypeAlias = str | int | bool | None
Payload: TypeAlias = Mapping[str, Scalar | tuple[str, ...]]


def link(previous: str, body: str) -> str:
    """Return the hash of an entry from the hash before it and its body digest."""
    return digest(b"datakamp/log-link/1\n" + f"{previous}\n{body}".encode("ascii"))


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One thing that happened.

    Args:
        sequence: its place, from 1 without gaps.
        time: UTC to the second.
        actor: a person's account name or a program's.
        action: what was done, for example ``release``.
        payload: flat facts: names, digests, commitments, numbers; never microdata or secrets.
        nonce: 32 random hexadecimal digits.
        previous: hash of the entry before; `GENESIS` for the first.
        hash: as recorded; `holds` tells whether it is right.
    """

    _FIELDS: ClassVar[tuple[str, ...]] = (
        "sequence", "time", "actor", "action", "payload", "nonce", "previous", "hash",
    )  # fmt: skip

    sequence: int
    time: str
    actor: str
    action: str
    payload: Payload
    nonce: str
    previous: str
    hash: str

    def __post_init__(self) -> None:
        fields.count(self.sequence, "Log entry: sequence", least=1)
        fields.moment(self.time, "Log entry: time")
        fields.identifier(self.actor, "Log entry: actor")
        fields.identifier(self.action, "Log entry: action")
        fields.digest_text(self.previous, "Log entry: previous")
        fields.digest_text(self.hash, "Log entry: hash")
        fields.of_kind(self.nonce, str, "Log entry: nonce")
        if not _NONCE.fullmatch(self.nonce):
            raise DocumentError("Log entry: nonce: expected 32 hexadecimal digits.")
        object.__setattr__(self, "payload", _frozen(self.payload))

    @property
    def body_digest(self) -> str:
        """Return the digest of all that the entry says, its place and nonce included."""
        return _body_digest(self.sequence, self.time, self.actor, self.action, self.payload, self.nonce)

    def holds(self) -> bool:
        """Tell whether the recorded hash is that of this entry after `previous`."""
        return self.hash == link(self.previous, self.body_digest)

    def to_document(self) -> dict[str, Any]:
        """Return the entry as a JSON object."""
        document = {name: getattr(self, name) for name in self._FIELDS}
        document["payload"] = _plain(self.payload)
        return document

    @classmethod
    def from_document(cls, document: Any) -> LogEntry:
        """Return the entry that `to_document` wrote; the hash is kept as recorded."""
        entry = dict(fields.exactly(document, cls._FIELDS, "Log entry"))
        if not isinstance(entry["payload"], dict):
            raise DocumentError("Log entry: payload: expected an object.")
        entry["payload"] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in entry["payload"].items()
        }
        return cls(**entry)


def next_entry(
    last: LogEntry | None, *, time: str, actor: str, action: str, payload: Payload, nonce: str | None = None
) -> LogEntry:
    """Return the entry that follows `last` (None: the first one); `nonce` is for tests, otherwise random."""
    sequence, previous = (1, GENESIS) if last is None else (last.sequence + 1, last.hash)
    salt = secrets.token_hex(16) if nonce is None else nonce
    body = _body_digest(sequence, time, actor, action, payload, salt)
    return LogEntry(sequence, time, actor, action, payload, salt, previous, link(previous, body))


@dataclass(frozen=True, slots=True)
class LogHead:
    """How far the log had come: the last entry's place and hash (0 and `GENESIS` for an empty log).

    Signed by the log key it is a checkpoint: whoever holds one notices a log that was cut off or written anew.
    """

    sequence: int
    hash: str
    time: str

    def __post_init__(self) -> None:
        fields.count(self.sequence, "Log head: sequence")
        fields.digest_text(self.hash, "Log head: hash")
        fields.moment(self.time, "Log head: time")

    @classmethod
    def of(cls, entry: LogEntry | None, *, time: str) -> LogHead:
        """Return the head of a log whose last entry is `entry`."""
        return cls(0, GENESIS, time) if entry is None else cls(entry.sequence, entry.hash, time)

    def to_document(self) -> dict[str, Any]:
        """Return the head as a JSON object, ready for `envelopes.sign`."""
        return {"schema": HEAD_SCHEMA, "sequence": self.sequence, "hash": self.hash, "time": self.time}

    @classmethod
    def from_document(cls, document: Any) -> LogHead:
        """Return the head that `to_document` wrote."""
        entry = dict(fields.exactly(document, ("schema", "sequence", "hash", "time"), "Log head"))
        fields.schema(entry, HEAD_SCHEMA, "Log head")
        del entry["schema"]
        return cls(**entry)


class HasChain(Protocol):
    """Anything that stands at a place of the chain: an entry or a head."""

    @property
    def sequence(self) -> int: ...

    @property
    def hash(self) -> str: ...


def follows(earlier: HasChain, bodies: Iterable[str], later: HasChain) -> bool:
    """Tell whether the body digests `bodies` lead from `earlier` to `later`: the log only grew in between.

    This is the consistency proof between two heads, and the inclusion proof of an entry under a head.
    """
    value, sequence = earlier.hash, earlier.sequence
    for body in bodies:
        value, sequence = link(value, body), sequence + 1
    return sequence == later.sequence and value == later.hash


def _body_digest(sequence: int, time: str, actor: str, action: str, payload: Payload, nonce: str) -> str:
    body = {
        "sequence": sequence, "time": time, "actor": actor, "action": action, "payload": _plain(payload),
        "nonce": nonce,
    }  # fmt: skip
    return digest(b"datakamp/log-entry/1\n" + canonical_json(body))


def _plain(payload: Payload) -> dict[str, Any]:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in payload.items()}


def _frozen(payload: Payload) -> Payload:
    for key, value in payload.items():
        fields.identifier(key, "Log entry: payload")
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, str):
                if len(part) > _TEXT_LIMIT:
                    raise DocumentError(f"Log entry: payload: text longer than {_TEXT_LIMIT} characters.")
            elif isinstance(value, tuple) or not (part is None or isinstance(part, int)):
                raise DocumentError(
                    "Log entry: payload: expected text, whole numbers, booleans, null or lists of text."
                )
    return MappingProxyType(dict(payload))
