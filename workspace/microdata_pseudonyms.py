"""Keyed pseudonyms in the place of direct identifiers: the same person, the same word; no way back without the key.

A plain digest of a nine-digit number is found again by trying them all. HMAC-SHA-256 (RFC 2104) with a secret key is
not, as long as the key stays secret: it lies in a file of its own, never in camp.toml and never beside the output.
"""

from __future__ import annotations

import hmac
import stat
from hashlib import sha256
from pathlib import Path
from typing import Final

import pyarrow as pa

from disclosure.errors import BadInputError, ColumnError
from disclosure.texts import Text, text

LEAST_BYTES: Final = 32
_MOST_BYTES: Final = 4096
_LENGTH: Final = 24
"""Letters of a pseudonym: 96 bits, so that two of a thousand million units are alike by no chance worth naming."""
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def read_key(file: Path) -> bytes:
    """Return the key in a file of at least 32 bytes that only its owner may read.

    Raises:
        BadInputError: there is no such file, it is too short or too long, or others may read it.
    """
    try:
        status = file.lstat()
        data = file.read_bytes() if stat.S_ISREG(status.st_mode) and status.st_size <= _MOST_BYTES else b""
    except OSError:
        raise BadInputError(text("The key file cannot be read."), hint=_make()) from None
    if len(data) < LEAST_BYTES or len(set(data)) < LEAST_BYTES // 4:
        raise BadInputError(text("The key file holds no key of {least} bytes.", least=LEAST_BYTES), hint=_make())
    if status.st_mode & _OTHERS:
        raise BadInputError(text("Others than its owner may read the key file."), hint=text("Do: chmod 600 FILE."))
    return data


def _make() -> Text:
    return text("Make one: head -c 32 /dev/urandom > FILE; chmod 600 FILE. Keep it apart from the data.")


def pseudonyms(column: pa.ChunkedArray, key: bytes, *, domain: str) -> pa.ChunkedArray:
    """Return a column of identifiers as pseudonyms of 24 letters and digits; missing stays missing.

    Args:
        domain: identifiers of one kind, such as those of persons, have one domain in all files, so that these can still
            be joined; those of another kind another.

    Raises:
        ColumnError: the column holds neither texts nor whole numbers.
    """
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_integer(kind)):
        raise ColumnError(
            text("An identifier is a text or a whole number."), hint=text("A key that was read as a float is damaged.")
        )
    encoded = column.cast(pa.string()).combine_chunks().dictionary_encode()
    encoded = encoded if isinstance(encoded, pa.DictionaryArray) else pa.concat_arrays(encoded.chunks)
    prefix = domain.encode() + b"\0"
    words = [
        hmac.new(key, prefix + one.encode(), sha256).hexdigest()[:_LENGTH] for one in encoded.dictionary.to_pylist()
    ]
    made = pa.DictionaryArray.from_arrays(encoded.indices, pa.array(words, pa.string()))
    return pa.chunked_array([made.cast(pa.string())])
