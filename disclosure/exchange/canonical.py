"""One spelling per document: canonical JSON (RFC 8785) and SHA-256 digests.

Signatures and digests are taken over these bytes, so that a document that is read and written again keeps its digest.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import rfc8785

from disclosure.errors import DocumentError

_ALGORITHM = "sha256"


def canonical_json(document: Any) -> bytes:
    """Return the RFC 8785 bytes of a document made of dict, list, str, int, float, bool and None.

    Raises:
        DocumentError: it holds something that JSON cannot carry exactly (NaN, an integer beyond 2**53, bytes).

    >>> canonical_json({"b": 1, "a": ["x"]})
    b'{"a":["x"],"b":1}'
    """
    try:
        return rfc8785.dumps(document)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError):
        # Not chained: the library's text quotes the offending value.
        raise DocumentError("The document holds a value that canonical JSON cannot carry.") from None


def parse_json(data: bytes, *, what: str) -> Any:
    """Return the document in `data`, refusing doubled keys, NaN and trailing text; `what` names it in the error."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = dict(pairs)
        if len(keys) != len(pairs):
            raise ValueError
        return keys

    def refuse(_: str) -> Any:
        raise ValueError

    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=once, parse_constant=refuse)
    except (ValueError, RecursionError):
        raise DocumentError(f"{what} is not a JSON document.", hint="It may be cut off or edited by hand.") from None


def digest(data: bytes) -> str:
    """Return the digest of `data` as ``sha256:`` and 64 hexadecimal digits.

    >>> digest(b"")[:14]
    'sha256:e3b0c44'
    """
    return f"{_ALGORITHM}:{hashlib.sha256(data).hexdigest()}"


def is_digest(text: object) -> bool:
    """Tell whether `text` has the form that `digest` returns."""
    if not isinstance(text, str) or not text.startswith(f"{_ALGORITHM}:"):
        return False
    digits = text.removeprefix(f"{_ALGORITHM}:")
    return len(digits) == 64 and set(digits) <= set("0123456789abcdef")
