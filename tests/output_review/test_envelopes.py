"""Envelopes, and the two documents that people sign."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from disclosure.errors import DocumentError, IntegrityError, RefusedError, StateError
from disclosure.exchange.canonical import canonical_json, digest
from disclosure.model.verdicts import Level, Status
from output_review.signing.commitments import commit
from output_review.signing.envelopes import SIGNER, Envelope, PayloadType, Signature, sign, sign_detached, verify
from output_review.signing.keys import KeyRole, Mark, SigningKey
from output_review.signing.manifest import KeyGrant, Manifest, Person, PersonRole, Quorum
from output_review.signing.quorum import Subject, check_quorum
from output_review.signing.signoff import ApprovedOutput, Decision, SignedFile, SignOff, WithheldOutput
from tests.output_review.trust_camp import NOON, SALT, TrustCamp, approved, key, output

DOCUMENT = {"b": 1, "a": ["x", None, True]}


@pytest.mark.parametrize("type_", PayloadType)
def test_an_envelope_verifies_with_the_key_of_its_role(type_: PayloadType) -> None:
    signer = SigningKey.generate(SIGNER[type_])
    envelope = Envelope.from_document(sign(DOCUMENT, type_, signer).to_document())
    assert verify(envelope, type_, [signer.public]) == DOCUMENT


@pytest.mark.parametrize("type_", PayloadType)
@pytest.mark.parametrize("role", KeyRole)
def test_a_key_signs_nothing_outside_its_role(type_: PayloadType, role: KeyRole) -> None:
    signer = SigningKey.generate(role)
    if role is SIGNER[type_]:
        sign(DOCUMENT, type_, signer)
    else:
        with pytest.raises(RefusedError):
            sign(DOCUMENT, type_, signer)


def test_a_signature_over_one_type_does_not_hold_for_another() -> None:
    signer = SigningKey.generate(KeyRole.REVIEWER)
    signature = Signature(signer.public.fingerprint, signer.sign(canonical_json(DOCUMENT)))
    bare = Envelope(PayloadType.SIGN_OFF, canonical_json(DOCUMENT), (signature,))
    with pytest.raises(IntegrityError, match="does not hold"):
        verify(bare, PayloadType.SIGN_OFF, [signer.public])
    envelope = sign(DOCUMENT, PayloadType.SIGN_OFF, signer)
    with pytest.raises(IntegrityError, match="something else"):
        verify(envelope, PayloadType.MANIFEST, [signer.public])
    root = replace(signer.public, role=KeyRole.ROOT)
    retyped = replace(envelope, type=PayloadType.MANIFEST)
    moved = replace(retyped, signatures=(replace(envelope.signatures[0], keyid=root.fingerprint),))
    with pytest.raises(IntegrityError, match="does not hold"):
        verify(moved, PayloadType.MANIFEST, [root])


def test_a_changed_payload_or_signature_is_refused() -> None:
    signer = SigningKey.generate(KeyRole.REVIEWER)
    envelope = sign(DOCUMENT, PayloadType.SIGN_OFF, signer)
    changed = replace(envelope, payload=envelope.payload.replace(b"1", b"2"))
    broken = replace(envelope, signatures=(replace(envelope.signatures[0], value=bytes(64)),))
    for wrong in (changed, broken):
        with pytest.raises(IntegrityError):
            verify(wrong, PayloadType.SIGN_OFF, [signer.public])


def test_signers_are_counted_once_and_only_if_allowed() -> None:
    one, two, other = (SigningKey.generate(KeyRole.ROOT) for _ in range(3))
    both = sign(DOCUMENT, PayloadType.MANIFEST, one, two)
    assert verify(both, PayloadType.MANIFEST, [one.public, two.public], threshold=2) == DOCUMENT
    twice = replace(both, signatures=(both.signatures[0], both.signatures[0]))
    for envelope, allowed in ((twice, [one.public, two.public]), (both, [one.public, other.public])):
        with pytest.raises(IntegrityError, match="1 of 2"):
            verify(envelope, PayloadType.MANIFEST, allowed, threshold=2)
    for threshold in (0, 1):
        with pytest.raises(IntegrityError, match="0 of 1"):
            verify(both, PayloadType.MANIFEST, [other.public], threshold=threshold)
    with pytest.raises(RefusedError):
        sign(DOCUMENT, PayloadType.MANIFEST, one, one)
    with pytest.raises(RefusedError):
        sign(DOCUMENT, PayloadType.MANIFEST)


def test_a_payload_in_another_spelling_is_refused_even_if_signed() -> None:
    signer = SigningKey.generate(KeyRole.REVIEWER)
    for payload in (b'{"a": 1}', b'{"b":1,"a":2}', b'{"a":1,"a":1}', b"not json", b'{"a":1}\n'):
        signature = sign_detached(payload, PayloadType.SIGN_OFF, signer)
        with pytest.raises(DocumentError):
            verify(Envelope(PayloadType.SIGN_OFF, payload, (signature,)), PayloadType.SIGN_OFF, [signer.public])


@pytest.mark.parametrize(
    "change",
    [
        {"payload": "e30"},
        {"payload": ""},
        {"payload": 1},
        {"payloadType": "text/plain"},
        {"signatures": {}},
        {"signatures": [{"keyid": "x"}]},
        {"more": 1},
    ],
)
def test_a_malformed_envelope_is_a_document_error(change: dict[str, Any]) -> None:
    document = sign(DOCUMENT, PayloadType.SIGN_OFF, SigningKey.generate(KeyRole.REVIEWER)).to_document()
    with pytest.raises(DocumentError):
        Envelope.from_document({**document, **change})


# Sign-off and manifest -----------------------------------------------------------------------------------------------


def statement() -> SignOff:
    camp = TrustCamp()
    envelope = camp.sign_off("vera")
    return SignOff.from_document(verify(envelope, PayloadType.SIGN_OFF, [camp.key("vera", KeyRole.REVIEWER).public]))


def test_a_sign_off_and_a_manifest_are_read_as_they_were_written() -> None:
    assert SignOff.from_document(statement().to_document()) == statement()
    manifest = TrustCamp().manifest
    assert Manifest.from_document(manifest.to_document()) == manifest


def test_what_is_withheld_shows_neither_name_nor_plain_digest() -> None:
    document = statement().withheld[0].to_document()
    assert set(document) == {"decision", "commitment"}
    with pytest.raises(DocumentError):
        WithheldOutput(Decision.REJECT, digest(b"a table with a 7"))
    with pytest.raises(DocumentError):
        WithheldOutput(Decision.APPROVE, commit(SALT, "output/3", digest(b"")))


@pytest.mark.parametrize(
    "change",
    [
        {"revision": 0},
        {"revision": True},
        {"reviewer": ""},
        {"reviewer": "a\nb"},
        {"time": "2025-03-01 12:00:00"},
        {"time": "2025-02-30T12:00:00Z"},
        {"manifest": "sha256:1"},
        {"policy": digest(b"p")},
        {"ledger": digest(b"l")},
        {"approved": (), "withheld": ()},
        {"approved": tuple(reversed(approved()))},
        {"approved": (approved()[0], approved()[0])},
    ],
)
def test_a_malformed_sign_off_cannot_be_built(change: dict[str, Any]) -> None:
    with pytest.raises(DocumentError):
        replace(statement(), **change)


@pytest.mark.parametrize("title", ["", " a", "a\nb", "a\u202eb", "a\x1b[31mb", "x" * 301])
def test_a_title_is_one_visible_line(title: str) -> None:
    with pytest.raises(DocumentError):
        output("income", {"income.csv": b"1"}, title=title)
    assert output("income", {"income.csv": b"1"}, title="Inkomen per wijk: 'één' × 2").title


@pytest.mark.parametrize(
    "name", ["", "../a", "a/b", ".a", "a\\b", "con.csv", "NUL", "a.", "a b", "é.csv", "a\x00", "x" * 101]
)
def test_an_unsafe_file_name_is_refused(name: str) -> None:
    with pytest.raises(DocumentError):
        SignedFile(name, digest(b""))


def test_verdict_and_level_are_closed() -> None:
    files = approved()[0].files
    with pytest.raises(DocumentError):
        ApprovedOutput("income", "Income", "pass", Level.RECOMPUTED, files)  # type: ignore[arg-type]
    with pytest.raises(DocumentError):
        ApprovedOutput("income", "Income", Status.SAFE, "trusted", files)  # type: ignore[arg-type]
    with pytest.raises(DocumentError):
        ApprovedOutput("income", "Income", Status.SAFE, Level.RECOMPUTED, ())


def test_a_document_with_unknown_or_missing_fields_or_version_is_refused() -> None:
    for document, read in (
        (statement().to_document(), SignOff.from_document),
        (TrustCamp().manifest.to_document(), Manifest.from_document),
    ):
        missing = {name: value for name, value in document.items() if name != "camp"}
        wrong: tuple[Any, ...] = (
            {**document, "note": ""},
            missing,
            {**document, "schema": "datakamp/other/2"},
            [],
            None,
        )
        for each in wrong:
            with pytest.raises(DocumentError):
                read(each)


@pytest.mark.parametrize(
    "change",
    [
        {"number": 0},
        {"number": 2},
        {"previous": digest(b"")},
        {"threshold": 0},
        {"threshold": 2},
        {"mark": Mark.DEMO},
        {"roots": ()},
        {"roots": (key("office", KeyRole.REVIEWER).public,)},
        {"roots": (key("office", KeyRole.ROOT).public,) * 2},
        {"teams": ("team-2",)},
        {"teams": ("team-1", "TEAM-1")},
        {"people": ()},
    ],
)
def test_a_manifest_that_contradicts_itself_cannot_be_built(change: dict[str, Any]) -> None:
    with pytest.raises(DocumentError):
        replace(TrustCamp().manifest, **change)


def test_the_next_manifest_names_the_one_before() -> None:
    first = TrustCamp().manifest_envelope()
    following = replace(TrustCamp().manifest, number=2, previous=first.digest)
    assert Manifest.from_document(following.to_document()).previous == first.digest


def test_one_key_serves_one_person_in_one_role() -> None:
    manifest = TrustCamp().manifest
    grant = manifest.keys[0]
    with pytest.raises(DocumentError, match="twice"):
        replace(manifest, keys=(*manifest.keys, replace(grant, holder="wim")))
    with pytest.raises(DocumentError, match="twice"):
        replace(manifest, keys=(*manifest.keys, KeyGrant(replace(grant.key, role=KeyRole.RELEASE), "release")))
    with pytest.raises(DocumentError, match="not a reviewer"):
        replace(manifest, keys=(KeyGrant(grant.key, "anna"),))


def test_an_organiser_is_never_a_reviewer() -> None:
    with pytest.raises(DocumentError):
        Person("bob", (PersonRole.ORGANISER, PersonRole.REVIEWER))


@pytest.mark.parametrize(("ordinary", "exception"), [(1, 3), (2, 2), (0, 1), (True, 3)])
def test_a_quorum_below_two_or_an_exception_without_one_more_is_refused(ordinary: int, exception: int) -> None:
    with pytest.raises(DocumentError):
        Quorum(ordinary, exception)
    assert Quorum(2, 3).exception == 3


def test_a_key_is_valid_from_its_first_entry_up_to_its_revocation() -> None:
    grant = replace(TrustCamp().manifest.keys[0], valid_from=3, valid_until=5)
    assert [grant.valid_at(sequence) for sequence in (2, 3, 4, 5)] == [False, True, True, False]
    with pytest.raises(DocumentError):
        replace(grant, valid_until=2)


# The quorum ----------------------------------------------------------------------------------------------------------


def reached(made: TrustCamp, **about: Any) -> list[str]:
    subject = Subject("camp", "team-1", "7", 2, made.manifest_envelope().digest, made.outputs)
    envelopes = [made.sign_off(name) for name in made.signers]
    counted = check_quorum(envelopes, made.manifest, replace(subject, **about), sequence=4)
    return [sign_off.reviewer for sign_off in counted]


def test_two_distinct_reviewers_reach_the_quorum() -> None:
    assert reached(replace(TrustCamp(), signers=("wim", "vera"))) == ["vera", "wim"]


@pytest.mark.parametrize("signers", [(), ("vera",), ("vera", "vera"), ("vera", "vera", "wim")])
def test_one_too_few_or_one_twice_does_not(signers: tuple[str, ...]) -> None:
    with pytest.raises(StateError):
        reached(replace(TrustCamp(), signers=signers))


@pytest.mark.parametrize(
    "exception", [{"verdict": Status.UNSAFE}, {"verdict": Status.INCONCLUSIVE}, {"level": Level.UNVERIFIED}]
)
def test_an_exception_needs_a_third_reviewer(exception: dict[str, Any]) -> None:
    camp = replace(TrustCamp(), outputs=approved(**exception))
    with pytest.raises(StateError, match="2 of 3"):
        reached(camp)
    assert reached(replace(camp, signers=("vera", "wim", "xena"))) == ["vera", "wim", "xena"]


@pytest.mark.parametrize(
    "about",
    [
        {"revision": 3},
        {"request": "8"},
        {"camp": "camp-2"},
        {"team": "team-2"},
        {"manifest": digest(b"")},
        {"outputs": approved({"income.csv": b"other"})},
    ],
)
def test_a_sign_off_about_something_else_does_not_count(about: dict[str, Any]) -> None:
    with pytest.raises(StateError):
        reached(TrustCamp(), **about)


def test_a_member_of_the_team_does_not_count() -> None:
    def join(manifest: Manifest) -> Manifest:
        people = tuple(replace(each, teams=("team-1",)) if each.name == "wim" else each for each in manifest.people)
        return replace(manifest, people=people)

    with pytest.raises(IntegrityError, match="team"):
        reached(replace(TrustCamp(), change_manifest=join))


def test_a_sign_off_in_the_name_of_another_reviewer_does_not_count() -> None:
    with pytest.raises(IntegrityError):
        reached(replace(TrustCamp(), change_sign_off=lambda each: replace(each, reviewer="xena", time=NOON)))


def test_a_revoked_key_does_not_count() -> None:
    def revoke(manifest: Manifest) -> Manifest:
        return replace(manifest, keys=tuple(replace(grant, valid_until=4) for grant in manifest.keys))

    with pytest.raises(IntegrityError):
        reached(replace(TrustCamp(), change_manifest=revoke))
