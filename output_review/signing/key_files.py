"""Key files: a private one under a passphrase, a public one for everybody.

The private file is an encrypted PKCS8 PEM block under four lines that name role, mark and salt. The library's own
PKCS8 encryption stretches a passphrase with 2,048 rounds of PBKDF2, which a graphics card undoes quickly; so the
passphrase goes through scrypt first (RFC 7914; 64 MiB) and the block is encrypted under the result. Role and mark
are part of the salt: an edited file does not open.
"""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from disclosure.errors import BadInputError, DocumentError, RefusedError
from disclosure.exchange.canonical import canonical_json, parse_json
from disclosure.exchange.files import read_regular
from output_review.signing.keys import KeyRole, Mark, PublicKey, SigningKey
from output_review.store.once import create_once

MINIMUM_PASSPHRASE = 10
_LIMIT = 8192
_SCRYPT_COST = 2**16
_SALT_BYTES = 16
_HEADER = re.compile(
    rb"Datakamp private key 1\nrole: ([a-z]+)\nmark: ([A-Z]*)\nsalt: ([0-9a-f]{32})\n"
    rb"(-----BEGIN ENCRYPTED PRIVATE KEY-----\n.*\n-----END ENCRYPTED PRIVATE KEY-----\n)",
    re.DOTALL,
)


def create_key_files(folder: Path, name: str, role: KeyRole, passphrase: str, *, mark: Mark = Mark.NONE) -> PublicKey:
    """Make a key and write ``<name>.key`` (mode 0600) and ``<name>.pub`` (mode 0644) into `folder`.

    Returns:
        The public key.

    Raises:
        RefusedError: the passphrase is too short, or one of the files exists; nothing was written.
    """
    private_path, public_path = folder / f"{name}.key", folder / f"{name}.pub"
    if os.path.lexists(private_path) or os.path.lexists(public_path):
        raise RefusedError(
            f"A key named '{name}' exists already.", hint="Choose another name; a key is never overwritten."
        )
    key = SigningKey.generate(role, mark)
    write_private_key(private_path, key, passphrase)
    write_public_key(public_path, key.public)
    return key.public


def write_private_key(path: Path, key: SigningKey, passphrase: str) -> None:
    """Write `key` to `path` with mode 0600, encrypted under `passphrase`; an existing file is never overwritten."""
    if len(passphrase) < MINIMUM_PASSPHRASE or not passphrase.strip():
        raise RefusedError(
            f"The passphrase is shorter than {MINIMUM_PASSPHRASE} characters.",
            hint="Four or five random words make a good one.",
        )
    salt = os.urandom(_SALT_BYTES)
    role, mark = key.public.role, key.public.mark
    block = key.private_key().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(_stretch(passphrase, role, mark, salt)),
    )
    header = f"Datakamp private key 1\nrole: {role.value}\nmark: {mark.value}\nsalt: {salt.hex()}\n"
    create_once(path, header.encode("ascii") + block, mode=0o600)


def read_private_key(path: Path, passphrase: str) -> SigningKey:
    """Return the private key in `path`.

    Raises:
        RefusedError: the passphrase is wrong (or the file was edited), or others may read the file.
        BadInputError: the file is missing, a link, or not a private key of ours.
    """
    data = read_regular(path, limit=_LIMIT)
    if path.stat().st_mode & 0o077:
        raise RefusedError(f"'{path.name}' can be read by others.", hint=f"Run: chmod 600 {path.name}")
    found = _HEADER.fullmatch(data)
    try:
        if found is None:
            raise ValueError
        role, mark = KeyRole(found[1].decode("ascii")), Mark(found[2].decode("ascii"))
        salt = bytes.fromhex(found[3].decode("ascii"))
    except ValueError:
        raise BadInputError(
            f"'{path.name}' is not a private key file.", hint="Expected a file that 'key new' wrote."
        ) from None
    try:
        private = serialization.load_pem_private_key(found[4], _stretch(passphrase, role, mark, salt))
    except (ValueError, TypeError):
        raise RefusedError(
            f"The passphrase does not open '{path.name}'.", hint="Check the passphrase and the file."
        ) from None
    if not isinstance(private, Ed25519PrivateKey):
        raise BadInputError(f"'{path.name}' does not hold an Ed25519 key.")
    return SigningKey(private, role, mark)


def write_public_key(path: Path, key: PublicKey) -> None:
    """Write the public key to `path`, which must not exist."""
    create_once(path, canonical_json(key.to_document()) + b"\n", mode=0o644)


def read_public_key(path: Path) -> PublicKey:
    """Return the public key in `path`.

    Raises:
        BadInputError: the file is missing, a link, or not a public key of ours.
    """
    try:
        return PublicKey.from_document(parse_json(read_regular(path, limit=_LIMIT), what=f"'{path.name}'"))
    except DocumentError as error:
        raise BadInputError(f"'{path.name}' is not a public key file.", hint=error.message) from None


def _stretch(passphrase: str, role: KeyRole, mark: Mark, salt: bytes) -> bytes:
    """Return the text under which the PKCS8 block is encrypted."""
    context = b"datakamp/key-file/1\n" + f"{role.value}\n{mark.value}\n".encode("ascii") + salt
    # The same passphrase typed on another keyboard may arrive composed differently.
    typed = unicodedata.normalize("NFKC", passphrase).encode("utf-8", errors="surrogatepass")
    return Scrypt(salt=context, length=32, n=_SCRYPT_COST, r=8, p=1).derive(typed).hex().encode("ascii")
