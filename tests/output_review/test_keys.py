"""Keys, key files, envelopes and commitments."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from disclosure.errors import BadInputError, DatakampError, DocumentError, RefusedError
from disclosure.exchange.canonical import digest
from output_review.signing.commitments import commit, commitment_text, new_salt, opens
from output_review.signing.key_files import (
    MINIMUM_PASSPHRASE,
    create_key_files,
    read_private_key,
    read_public_key,
    write_private_key,
)
from output_review.signing.keys import SMALL_ORDER, KeyRole, Mark, PublicKey, SigningKey, fingerprint

PASSPHRASE = "correct horse battery"


def test_a_key_file_opens_with_its_passphrase_and_keeps_role_and_mark(tmp_path: Path) -> None:
    public = create_key_files(tmp_path, "vera", KeyRole.REVIEWER, PASSPHRASE, mark=Mark.DEMO)
    key = read_private_key(tmp_path / "vera.key", PASSPHRASE)
    assert key.public == public == read_public_key(tmp_path / "vera.pub")
    assert (public.role, public.mark) == (KeyRole.REVIEWER, Mark.DEMO)
    assert public.verifies(key.sign(b"text"), b"text")
    assert not public.verifies(key.sign(b"text"), b"texts")


def test_the_private_file_is_for_its_owner_only_and_holds_no_key_in_clear(tmp_path: Path) -> None:
    create_key_files(tmp_path, "vera", KeyRole.REVIEWER, PASSPHRASE)
    path = tmp_path / "vera.key"
    raw = read_private_key(path, PASSPHRASE).private_key().private_bytes_raw()
    assert path.stat().st_mode & 0o777 == 0o600
    assert raw not in path.read_bytes()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["vera.key", "vera.pub"]


@pytest.mark.parametrize("wrong", ["correct horse batterx", "", PASSPHRASE + " "])
def test_a_wrong_passphrase_is_refused_without_quoting_it(tmp_path: Path, wrong: str) -> None:
    create_key_files(tmp_path, "vera", KeyRole.REVIEWER, PASSPHRASE)
    with pytest.raises(RefusedError, match=r"does not open 'vera\.key'") as caught:
        read_private_key(tmp_path / "vera.key", wrong)
    assert not wrong or wrong not in str(caught.value)
    assert caught.value.__suppress_context__


def test_the_same_passphrase_composed_differently_opens_the_file(tmp_path: Path) -> None:
    create_key_files(tmp_path, "vera", KeyRole.REVIEWER, "caf\u00e9 caf\u00e9 caf\u00e9")
    read_private_key(tmp_path / "vera.key", "cafe\u0301 cafe\u0301 cafe\u0301")


@pytest.mark.parametrize("short", ["", "x" * (MINIMUM_PASSPHRASE - 1), " " * 20])
@pytest.mark.parametrize("role", KeyRole)
def test_an_empty_or_short_passphrase_is_refused_and_nothing_is_written(
    tmp_path: Path, role: KeyRole, short: str
) -> None:
    with pytest.raises(RefusedError, match="passphrase"):
        create_key_files(tmp_path, "vera", role, short)
    assert not list(tmp_path.iterdir())


def test_a_passphrase_of_just_the_minimum_is_accepted(tmp_path: Path) -> None:
    create_key_files(tmp_path, "vera", KeyRole.REVIEWER, "x" * MINIMUM_PASSPHRASE)


@pytest.mark.parametrize("taken", ["vera.key", "vera.pub"])
def test_a_key_is_never_overwritten(tmp_path: Path, taken: str) -> None:
    (tmp_path / taken).write_bytes(b"mine")
    with pytest.raises(RefusedError, match="exists already"):
        create_key_files(tmp_path, "vera", KeyRole.REVIEWER, PASSPHRASE)
    assert [each.read_bytes() for each in tmp_path.iterdir()] == [b"mine"]


def test_a_dangling_link_in_the_place_of_a_key_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "vera.key").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RefusedError):
        write_private_key(tmp_path / "vera.key", SigningKey.generate(KeyRole.ROOT), PASSPHRASE)
    assert not (tmp_path / "elsewhere").exists()


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    create_key_files(tmp_path, "vera", KeyRole.REVIEWER, PASSPHRASE)
    (tmp_path / "vera.key").chmod(0o640)
    with pytest.raises(RefusedError, match="read by others"):
        read_private_key(tmp_path / "vera.key", PASSPHRASE)


def test_an_edited_role_or_mark_does_not_open(tmp_path: Path) -> None:
    create_key_files(tmp_path, "vera", KeyRole.REVIEWER, PASSPHRASE, mark=Mark.DEMO)
    path = tmp_path / "vera.key"
    data = path.read_bytes()
    for old, new in ((b"role: reviewer", b"role: root"), (b"mark: DEMO", b"mark: ")):
        path.write_bytes(data.replace(old, new))
        with pytest.raises(RefusedError):
            read_private_key(path, PASSPHRASE)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"",
        lambda data: data[: len(data) // 3],
        lambda data: b"\xff" * 100,
        lambda data: data.replace(b"role: reviewer", b"role: owner"),
        lambda data: data + b"x" * 9000,
    ],
)
def test_a_file_that_is_no_key_is_bad_input(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    create_key_files(tmp_path, "vera", KeyRole.REVIEWER, PASSPHRASE)
    for name in ("vera.key", "vera.pub"):
        path = tmp_path / name
        path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(BadInputError):
        read_private_key(tmp_path / "vera.key", PASSPHRASE)
    if (tmp_path / "vera.pub").read_bytes()[:1] != b"{":
        with pytest.raises(BadInputError):
            read_public_key(tmp_path / "vera.pub")


def test_missing_files_and_folders_are_errors_of_ours(tmp_path: Path) -> None:
    for call in (
        lambda: read_private_key(tmp_path / "none.key", PASSPHRASE),
        lambda: read_public_key(tmp_path / "none.pub"),
        lambda: create_key_files(tmp_path / "none", "vera", KeyRole.ROOT, PASSPHRASE),
    ):
        with pytest.raises(DatakampError):
            call()


def test_a_fingerprint_depends_on_key_role_and_mark() -> None:
    key = SigningKey.generate(KeyRole.ROOT).public
    others = [
        replace(key, role=KeyRole.REVIEWER),
        replace(key, mark=Mark.DEMO),
        SigningKey.generate(KeyRole.ROOT).public,
    ]
    assert len({fingerprint(key), *map(fingerprint, others)}) == 4
    assert fingerprint(key).startswith("SHA256:")
    assert fingerprint(others[1]).startswith("DEMO-SHA256:")


def test_a_public_key_with_another_fingerprint_is_refused() -> None:
    document = SigningKey.generate(KeyRole.ROOT).public.to_document()
    assert PublicKey.from_document(document).to_document() == document
    for name, value in (("fingerprint", "SHA256:" + "0" * 64), ("role", "reviewer"), ("mark", "DEMO"), ("role", "x")):
        with pytest.raises(DocumentError):
            PublicKey.from_document({**document, name: value})
    with pytest.raises(DocumentError):
        PublicKey.from_document({**document, "public": document["public"].rstrip("=")})


def test_a_private_key_does_not_print_pickle_or_copy_itself() -> None:
    key = SigningKey.generate(KeyRole.REVIEWER)
    assert repr(key) == f"SigningKey(reviewer, {key.public.fingerprint})"
    for spread in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            spread(key)


def test_a_commitment_opens_only_with_salt_label_and_digest() -> None:
    salt, policy = new_salt(), digest(b"policy")
    commitment = commit(salt, "policy", policy)
    assert opens(commitment, salt, "policy", policy)
    assert not opens(commitment, new_salt(), "policy", policy)
    assert not opens(commitment, salt, "ledger", policy)
    assert not opens(commitment, salt, "policy", digest(b"policy 2"))
    assert policy.removeprefix("sha256:") not in commitment


def test_a_plain_digest_is_no_commitment() -> None:
    with pytest.raises(DocumentError):
        commitment_text(digest(b"a table with a 7"), "Policy")
    with pytest.raises(BadInputError):
        commit(new_salt(), "policy", "a policy")
    with pytest.raises(BadInputError):
        commit(b"short", "policy", digest(b""))


@pytest.mark.parametrize("sign", [0x00, 0x80])
@pytest.mark.parametrize("small", sorted(SMALL_ORDER))
def test_a_key_under_which_anybody_could_sign_is_refused(small: bytes, sign: int) -> None:
    with pytest.raises(DocumentError, match="anybody"):
        PublicKey(KeyRole.ROOT, Mark.NONE, small[:-1] + bytes([small[-1] | sign]))
