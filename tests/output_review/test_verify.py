"""The verifier: what holds, and everything that must not."""

from __future__ import annotations

import base64
import io
import json
import os
import random
import shutil
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from disclosure.exchange.canonical import canonical_json, digest
from disclosure.model.verdicts import Level, Status
from output_review.log.chain import LogEntry, LogHead, Payload, next_entry
from output_review.release import package as package_module
from output_review.release.certificate import Certificate, LogProof
from output_review.release.package import build_package, zip_bytes
from output_review.signing.envelopes import Envelope, PayloadType, sign, sign_detached
from output_review.signing.keys import KeyRole, Mark, SigningKey
from output_review.signing.manifest import KeyGrant, Manifest, Quorum
from output_review.signing.signoff import SignOff
from output_review.verify import verifier
from output_review.verify.verifier import Kind, Report, main, verify, verify_file
from tests.output_review.trust_camp import (
    DEMO,
    NOON,
    OUTPUTS,
    TrustCamp,
    approved,
    key,
    list_again,
    unpack,
)

CAMP = TrustCamp()
ROOT = CAMP.root.public.fingerprint
DEMO_ROOT = DEMO.root.public.fingerprint
PACKAGE = CAMP.package()
TOP = "camp-0001"


def status(package: bytes, *roots: str, demo: bool = False) -> str:
    return verify(package, roots or (ROOT,), demo=demo).status.value


def named(report: Report) -> set[tuple[str, str]]:
    return {(problem.kind.value, problem.file) for problem in report.problems}


def trust(package: bytes, *roots: str) -> str:
    """Return the one sentence that says which link of the chain of trust is broken."""
    report = verify(package, roots or (ROOT,))
    assert report.status is verifier.Status.REFUSED
    return next(problem.message for problem in report.problems if problem.kind is Kind.TRUST)


def with_certificate(data: bytes) -> bytes:
    return zip_bytes(list_again(unpack(PACKAGE) | {f"{TOP}/data/certificate.json": data}))


CERTIFICATE = CAMP.certificate().to_bytes()


# What holds ----------------------------------------------------------------------------------------------------------


def test_a_package_verifies_from_itself_and_the_root_alone() -> None:
    report = verify(PACKAGE, [ROOT])
    assert report.status is verifier.Status.VERIFIED
    assert report.problems == ()
    assert report.facts["reviewers"] == ["vera", "wim"]
    assert report.facts["package"] == TOP


def test_other_trusted_roots_beside_the_right_one_do_no_harm() -> None:
    assert status(PACKAGE, SigningKey.generate(KeyRole.ROOT).public.fingerprint, ROOT) == "verified"


@pytest.mark.parametrize("after", [1, 5])
def test_a_release_entry_may_stand_below_the_signed_head(after: int) -> None:
    assert status(replace(CAMP, entries_after=after).package()) == "verified"


def test_a_release_may_be_the_first_entry_of_the_log() -> None:
    assert status(replace(CAMP, entries_before=0).package()) == "verified"


def test_three_reviewers_carry_an_exception() -> None:
    camp = replace(CAMP, outputs=approved(verdict=Status.UNSAFE), signers=("vera", "wim", "xena"))
    assert status(camp.package()) == "verified"


def test_titles_beyond_ascii_verify() -> None:
    assert status(replace(CAMP, outputs=approved(title="Inkomen × wijk – één")).package()) == "verified"


def with_second_manifest(change: Callable[[Manifest], Manifest] = lambda manifest: manifest) -> bytes:
    first = CAMP.manifest_envelope()
    second = replace(CAMP, change_manifest=lambda m: change(replace(m, number=2, previous=first.digest)))
    statement = replace(second.statement(), manifests=(first, second.manifest_envelope()))
    return complete(second, statement)


def complete(camp: TrustCamp, statement: Certificate) -> bytes:
    certificate = statement.with_log(camp.log_proof(statement), (camp.key("log", KeyRole.LOG).public,))
    return build_package(certificate.signed(camp.key("release", KeyRole.RELEASE)), camp.files)


def forge(camp: TrustCamp, statement: Certificate, proof: LogProof | None = None) -> bytes:
    """Return a package that the keys of the camp sign without any of the checks that the library makes."""
    unsigned = replace(statement, log=proof or camp.log_proof(statement))
    release = camp.key("release", KeyRole.RELEASE)
    signature = sign_detached(unsigned._signed_bytes(), PayloadType.CERTIFICATE, release)
    return build_package(replace(unsigned, signature=signature), camp.files)


def forge_manifest(camp: TrustCamp, change: dict[str, Any], *keys: SigningKey, **fields: Any) -> bytes:
    """Return a package under a manifest that the root signed although the library would not build it."""
    document = camp.manifest.to_document() | change
    signed = sign(document, PayloadType.MANIFEST, *(keys or (camp.root,)))
    camp = replace(camp, change_sign_off=lambda each: replace(each, manifest=signed.digest))
    return forge(camp, replace(camp.statement(), manifests=(signed,), **fields))


def test_what_is_forged_here_verifies_as_long_as_nothing_is_wrong() -> None:
    assert forge(CAMP, CAMP.statement()) == forge_manifest(CAMP, {}) == PACKAGE


def test_a_chain_of_manifests_verifies_by_its_last() -> None:
    report = verify(with_second_manifest(), [ROOT])
    assert report.status is verifier.Status.VERIFIED
    assert report.facts["manifest"] == 2


def test_two_roots_that_both_must_sign() -> None:
    other = key("second office", KeyRole.ROOT)
    camp = replace(CAMP, change_manifest=lambda m: replace(m, roots=(CAMP.root.public, other.public), threshold=2))
    both = sign(camp.manifest.to_document(), PayloadType.MANIFEST, CAMP.root, other)
    package = complete(camp, replace(camp.statement(), manifests=(both,)))
    assert status(package, ROOT, other.public.fingerprint) == "verified"
    assert "too few trusted roots" in trust(package, ROOT)
    assert "too few trusted roots" in trust(camp.package(), ROOT, other.public.fingerprint)


# Bytes ---------------------------------------------------------------------------------------------------------------


def test_no_flipped_byte_verifies() -> None:
    for offset in range(0, len(PACKAGE), 5):
        changed = bytearray(PACKAGE)
        changed[offset] ^= 1 << (offset % 8)
        assert verify(bytes(changed), [ROOT]).status is not verifier.Status.VERIFIED, offset


def test_no_truncated_or_extended_package_verifies() -> None:
    for length in (*range(0, len(PACKAGE), 211), len(PACKAGE) - 1):
        assert status(PACKAGE[:length]) == "unreadable"
    for extended in (PACKAGE + b"\0", b"#!/bin/sh\n" + PACKAGE, PACKAGE + PACKAGE):
        assert verify(extended, [ROOT]).status is not verifier.Status.VERIFIED


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_random_damage_never_verifies_and_never_raises(data: st.DataObject) -> None:
    changed = bytearray(PACKAGE)
    for _ in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.integers(0, len(changed)))
        length = data.draw(st.integers(0, 60))
        changed[start : start + length] = data.draw(st.binary(max_size=60))
    if bytes(changed) != PACKAGE:
        assert verify(bytes(changed), [ROOT]).status is not verifier.Status.VERIFIED


@given(st.binary(max_size=300))
def test_any_bytes_at_all_are_no_package(data: bytes) -> None:
    assert status(data) == "unreadable"


def test_the_same_files_in_another_archive_are_refused_as_such() -> None:
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", method) as archive:
            for path, data in unpack(PACKAGE).items():
                archive.writestr(path, data)
        assert named(verify(stream.getvalue(), [ROOT])) == {("archive", "")}


def test_a_comment_or_an_extra_field_is_refused() -> None:
    stream = io.BytesIO(PACKAGE)
    with zipfile.ZipFile(stream, "a") as archive:
        archive.comment = b"the suppressed value is"
    assert ("archive", "") in named(verify(stream.getvalue(), [ROOT]))


# Files ---------------------------------------------------------------------------------------------------------------

EVERY = sorted(path.removeprefix(f"{TOP}/") for path in unpack(PACKAGE))
FORGERS: list[Callable[[dict[str, bytes]], dict[str, bytes]]] = [lambda files: files, list_again]
TAGS = [path for path in EVERY if not path.startswith("data/")]
LISTINGS = ("manifest-sha512.txt", "tagmanifest-sha512.txt")


def changed(data: bytes) -> bytes:
    """Return `data` with its last digit counted on."""
    place = max(data.rfind(b"%d" % digit) for digit in range(10))
    return data[:place] + b"%d" % ((data[place] - 47) % 10) + data[place + 1 :]


@pytest.mark.parametrize("path", EVERY)
def test_a_changed_file_is_named(path: str) -> None:
    files = unpack(PACKAGE)
    files[f"{TOP}/{path}"] = changed(files[f"{TOP}/{path}"])
    report = verify(zip_bytes(files), [ROOT])
    assert ("changed", path) in named(report)
    assert {file for kind, file in named(report) if kind == "changed"} == {path}


@pytest.mark.parametrize("path", [path for path in EVERY if path not in LISTINGS])
def test_a_changed_file_is_named_although_the_listings_were_written_again(path: str) -> None:
    files = unpack(PACKAGE)
    files[f"{TOP}/{path}"] = changed(files[f"{TOP}/{path}"])
    report = verify(zip_bytes(list_again(files)), [ROOT])
    expected = {("trust", path) if path == "data/certificate.json" else ("changed", path)}
    if path in TAGS:  # its line in the listing of the tag files was rightly changed as well
        expected |= {("changed", "tagmanifest-sha512.txt")}
    assert named(report) == expected


@pytest.mark.parametrize("path", EVERY)
def test_a_removed_file_is_named(path: str) -> None:
    files = unpack(PACKAGE)
    del files[f"{TOP}/{path}"]
    assert ("removed", path) in named(verify(zip_bytes(files), [ROOT]))


@pytest.mark.parametrize("path", ["data/outputs/income.csv", "data/outputs/persons.csv"])
def test_a_removed_output_is_named_although_the_listings_were_written_again(path: str) -> None:
    files = unpack(PACKAGE)
    del files[f"{TOP}/{path}"]
    assert named(verify(zip_bytes(list_again(files)), [ROOT])) == {("removed", path)}


@pytest.mark.parametrize("forge", FORGERS)
@pytest.mark.parametrize("path", ["data/outputs/more.csv", "data/more.json", "more.txt", "data/outputs/sub/more.csv"])
def test_an_added_file_is_named(path: str, forge: Callable[[dict[str, bytes]], dict[str, bytes]]) -> None:
    files = forge(unpack(PACKAGE) | {f"{TOP}/{path}": b"more"})
    assert named(verify(zip_bytes(files), [ROOT])) == {("added", path)}


@pytest.mark.parametrize("path", ["more.txt", "other/more.txt"])
def test_a_file_outside_the_directory_is_named(path: str) -> None:
    assert ("added", path) in named(verify(zip_bytes(unpack(PACKAGE) | {path: b"more"}), [ROOT]))


@pytest.mark.parametrize("forge", FORGERS)
@pytest.mark.parametrize("path", ["data/outputs/income.csv", "data/outputs/persons.csv"])
def test_a_renamed_output_is_named(path: str, forge: Callable[[dict[str, bytes]], dict[str, bytes]]) -> None:
    files = unpack(PACKAGE)
    files[f"{TOP}/data/outputs/other.csv"] = files.pop(f"{TOP}/{path}")
    report = verify(zip_bytes(forge(files)), [ROOT])
    assert named(report) == {("renamed", path)}
    assert "other.csv" in report.problems[0].message


@pytest.mark.parametrize("path", ["bagit.txt", "bag-info.txt", "data/certificate.json"])
def test_a_renamed_tag_file_or_certificate_is_named(path: str) -> None:
    files = unpack(PACKAGE)
    files[f"{TOP}/other.txt"] = files.pop(f"{TOP}/{path}")
    assert ("renamed", path) in named(verify(zip_bytes(files), [ROOT]))


def test_a_renamed_directory_is_named() -> None:
    files = {path.replace(TOP, "camp-0002"): data for path, data in unpack(PACKAGE).items()}
    assert named(verify(zip_bytes(files), [ROOT])) == {("renamed", "camp-0002")}


def test_two_outputs_that_change_places_are_both_named() -> None:
    files = unpack(PACKAGE)
    one, two = (f"{TOP}/data/outputs/{name}.csv" for name in ("income", "persons"))
    files[one], files[two] = files[two], files[one]
    for forged in (files, list_again(dict(files))):
        assert named(verify(zip_bytes(forged), [ROOT])) == {
            ("changed", "data/outputs/income.csv"),
            ("changed", "data/outputs/persons.csv"),
        }


def test_an_output_of_another_valid_package_is_named() -> None:
    files = OUTPUTS | {"income.csv": b"wijk,income\nA,99\n"}
    other = replace(CAMP, files=files, outputs=approved(files), package_name="camp-0002").package()
    assert status(other) == "verified"
    mixed = unpack(PACKAGE)
    mixed[f"{TOP}/data/outputs/income.csv"] = unpack(other)["camp-0002/data/outputs/income.csv"]
    assert named(verify(zip_bytes(list_again(mixed)), [ROOT])) == {("changed", "data/outputs/income.csv")}


def test_the_certificate_of_another_valid_package_is_refused() -> None:
    other = unpack(replace(CAMP, package_name="camp-0002", revision=3).package())
    mixed = unpack(PACKAGE) | {f"{TOP}/data/certificate.json": other["camp-0002/data/certificate.json"]}
    assert ("renamed", TOP) in named(verify(zip_bytes(list_again(mixed)), [ROOT]))


# The archive ---------------------------------------------------------------------------------------------------------


def archive_with(add: Callable[[zipfile.ZipFile], None]) -> Report:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for path, data in unpack(PACKAGE).items():
            archive.writestr(path, data)
        add(archive)
    return verify(stream.getvalue(), [ROOT])


@pytest.mark.parametrize(
    "name",
    [
        f"{TOP}/../evil.txt",
        f"{TOP}/data/outputs/../../evil.txt",
        "/etc/evil.txt",
        "C:/evil.txt",
        f"{TOP}\\evil.txt",
        f"{TOP}//evil.txt",
        f"{TOP}/data/outputs/",
        f"{TOP}/data/outputs/con.csv",
        f"{TOP}/data/outputs/.hidden",
        f"{TOP}/data/outputs/\u202evsc.evil",
        f"{TOP}/data/outputs/a b.csv",
    ],
)
def test_an_unsafe_name_is_refused_and_named(name: str) -> None:
    assert ("unsafe", name) in named(archive_with(lambda archive: archive.writestr(name, b"")))


def test_an_entry_for_a_folder_is_refused_as_such() -> None:
    report = archive_with(lambda archive: archive.writestr(f"{TOP}/data/", b""))
    assert report.problems[0].message == "an entry for a folder"


def test_a_file_that_cannot_be_read_from_the_archive_is_named() -> None:
    for name in ("income.csv", "persons.csv"):
        start = PACKAGE.find(OUTPUTS[name])
        damaged = PACKAGE[:start] + b"?" + PACKAGE[start + 1 :]
        problem = verify(damaged, [ROOT]).problems[0]
        assert problem == verifier.Problem(Kind.CHANGED, f"data/outputs/{name}", "it cannot be read from the archive")


def test_a_link_in_the_archive_is_refused() -> None:
    entry = zipfile.ZipInfo(f"{TOP}/data/outputs/link.csv")
    entry.external_attr = 0o120777 << 16
    assert ("unsafe", entry.filename) in named(archive_with(lambda archive: archive.writestr(entry, "/etc/passwd")))


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", ["data/outputs/income.csv", "data/outputs/INCOME.csv", "Data/outputs/income.csv"])
def test_a_name_that_comes_twice_is_refused_also_in_another_case(name: str) -> None:
    report = archive_with(lambda archive: archive.writestr(f"{TOP}/{name}", b"other"))
    assert ("added", name) in named(report)


def test_a_second_package_in_the_archive_is_refused() -> None:
    files = unpack(PACKAGE) | {path.replace(TOP, "camp-0002"): data for path, data in unpack(PACKAGE).items()}
    assert status(zip_bytes(files)) == "unreadable"


def test_a_bomb_is_not_unpacked() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path, data in unpack(PACKAGE).items():
            archive.writestr(path, data)
        for number in range(5):
            archive.writestr(f"{TOP}/data/outputs/{number}.csv", bytes(60_000_000))
    assert status(stream.getvalue()) == "unreadable"
    assert status(zip_bytes({f"{TOP}/{path}.txt": b"" for path in range(1001)} | unpack(PACKAGE))) == "unreadable"


def test_an_entry_that_lies_about_its_size_is_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in unpack(PACKAGE).items():
            archive.writestr(path, data if not path.endswith("persons.csv") else bytes(5_000_000))
    data = stream.getvalue().replace(struct.pack("<L", 5_000_000), struct.pack("<L", 12))
    assert ("changed", "data/outputs/persons.csv") in named(verify(data, [ROOT]))


def test_an_encrypted_entry_or_an_unknown_method_is_refused_unread() -> None:
    name = f"{TOP}/data/outputs/persons.csv".encode()
    place = PACKAGE.rfind(name) - 46
    for offset, value in ((8, 1), (10, 12)):
        changed_ = bytearray(PACKAGE)
        changed_[place + offset] = value
        assert ("unsafe", name.decode()) in named(verify(bytes(changed_), [ROOT]))


def test_a_zip_that_is_no_package_is_unreadable() -> None:
    for files in ({}, {"a.txt": b""}, {"a/b.txt": b""}):
        assert status(zip_bytes(files)) == "unreadable"


# The chain of trust --------------------------------------------------------------------------------------------------


def test_an_unknown_root_is_refused() -> None:
    assert "none of the trusted roots" in trust(PACKAGE, SigningKey.generate(KeyRole.ROOT).public.fingerprint)


@pytest.mark.parametrize("root", ["", "SHA256:", ROOT.lower(), ROOT[:-1], f"{ROOT}0", "SHA256:" + "g" * 64, f" {ROOT}"])
def test_a_malformed_root_is_bad_input_and_trusts_nothing(root: str) -> None:
    assert status(PACKAGE, root) == "unreadable"
    assert status(PACKAGE, root, ROOT) == "unreadable"
    assert verify(PACKAGE, []).status is verifier.Status.UNREADABLE


def test_the_fingerprint_of_a_key_in_another_role_is_no_root() -> None:
    reviewer = replace(CAMP.root.public, role=KeyRole.REVIEWER).fingerprint
    assert "none of the trusted roots" in trust(PACKAGE, reviewer)
    for grant in CAMP.manifest.keys:
        assert "none of the trusted roots" in trust(PACKAGE, grant.key.fingerprint)


def test_a_manifest_that_names_the_root_without_its_signature_is_refused() -> None:
    mallory = key("mallory", KeyRole.ROOT)
    camp = replace(CAMP, change_manifest=lambda m: replace(m, roots=(CAMP.root.public, mallory.public)))
    forged = sign(camp.manifest.to_document(), PayloadType.MANIFEST, mallory)
    assert "not signed" in trust(complete(camp, replace(camp.statement(), manifests=(forged,))))


def test_a_manifest_changed_after_signing_is_refused() -> None:
    envelope = CAMP.manifest_envelope()
    weaker = CAMP.manifest.to_document() | {"teams": ["team-1", "team-2", "team-3"]}
    forged = replace(envelope, payload=canonical_json(weaker))
    assert "does not hold" in trust(complete(CAMP, replace(CAMP.statement(), manifests=(forged,))))


@pytest.mark.parametrize(
    "change",
    [
        lambda manifest: replace(manifest, number=3),
        lambda manifest: replace(manifest, previous=digest(b"another")),
        lambda manifest: replace(manifest, camp="camp-2"),
    ],
)
def test_manifests_that_do_not_follow_one_another_are_refused(change: Callable[[Manifest], Manifest]) -> None:
    assert "do not follow" in trust(with_second_manifest(change))


def test_one_signature_too_few_is_refused() -> None:
    assert trust(replace(CAMP, signers=("vera",)).package()) == "1 of 2 reviewers signed"


@pytest.mark.parametrize(
    "exception", [{"verdict": Status.UNSAFE}, {"verdict": Status.INCONCLUSIVE}, {"level": Level.UNVERIFIED}]
)
def test_an_exception_with_two_reviewers_is_refused(exception: dict[str, Any]) -> None:
    assert trust(replace(CAMP, outputs=approved(**exception)).package()) == "2 of 3 reviewers signed"


def test_a_camp_may_ask_for_more_reviewers() -> None:
    camp = replace(CAMP, change_manifest=lambda m: replace(m, quorum=Quorum(3, 4)))
    assert trust(camp.package()) == "2 of 3 reviewers signed"
    assert status(replace(camp, signers=("vera", "wim", "xena")).package()) == "verified"


@pytest.mark.parametrize(
    "quorum",
    [
        {"ordinary": 1, "exception": 3},
        {"ordinary": 2, "exception": 2},
        {"ordinary": 0},
        {},
        {"ordinary": 2, "exception": 3, "light": 0},
        {"ordinary": 2, "exception": 3, "light": 2},
        {"ordinary": 2, "exception": 3, "light": True},
        {"ordinary": 2, "exception": 3, "light": None},
        {"ordinary": 2, "exception": 3, "lighter": 1},
    ],
)
def test_a_quorum_below_the_minimum_is_refused_even_if_the_root_signed_it(quorum: dict[str, int]) -> None:
    camp = replace(CAMP, outputs=approved(verdict=Status.UNSAFE))
    assert "quorum" in trust(forge_manifest(camp, {"quorum": quorum}))


def test_the_same_reviewer_twice_is_refused() -> None:
    assert "twice" in trust(replace(CAMP, signers=("vera", "vera")).package())
    assert "twice" in trust(replace(CAMP, signers=("vera", "vera", "wim")).package())


def test_the_same_reviewer_with_two_keys_is_refused() -> None:
    second = key("vera-2", KeyRole.REVIEWER)
    camp = replace(CAMP, change_manifest=lambda m: replace(m, keys=(*m.keys, KeyGrant(second.public, "vera"))))
    again = sign(json.loads(camp.sign_off("vera").payload), PayloadType.SIGN_OFF, second)
    assert "twice" in trust(replace(camp, change_sign_offs=lambda envelopes: (envelopes[0], again)).package())


def test_a_reviewer_of_the_same_team_is_refused() -> None:
    def join(manifest: Manifest) -> Manifest:
        people = tuple(replace(each, teams=("team-1",)) if each.name == "wim" else each for each in manifest.people)
        return replace(manifest, people=people)

    assert "member of the team" in trust(replace(CAMP, change_manifest=join).package())
    assert status(replace(CAMP, change_manifest=join, team="team-2").package()) == "verified"


def people(**changes: Any) -> list[dict[str, Any]]:
    documents = [person.to_document() for person in CAMP.manifest.people]
    return [person | changes if person["name"] == "wim" else person for person in documents]


@pytest.mark.parametrize(
    "change",
    [{"roles": ["researcher"]}, {"roles": []}, {"roles": ["reviewer", "organiser"]}, {"name": "Wim"}, {"name": "bob"}],
)
def test_a_key_makes_no_reviewer_of_someone_who_is_none(change: dict[str, Any]) -> None:
    assert "not a reviewer" in trust(forge_manifest(CAMP, {"people": people(**change)}))


def test_a_person_who_is_named_twice_is_refused() -> None:
    """The second entry would take the team out of the first."""
    for name in ("wim", "WIM"):
        both = [*people(teams=["team-1"]), {"name": name, "roles": ["reviewer"], "teams": []}]
        assert "names a person twice" in trust(forge_manifest(CAMP, {"people": both}))


def test_two_reviewers_with_one_key_are_refused() -> None:
    grants = [grant.to_document() for grant in CAMP.manifest.keys]
    grants[1]["key"] = grants[0]["key"]
    shared = CAMP.key("vera", KeyRole.REVIEWER)

    def also_for_wim(envelopes: tuple[Envelope, ...]) -> tuple[Envelope, ...]:
        return tuple(sign(json.loads(each.payload), PayloadType.SIGN_OFF, shared) for each in envelopes)

    camp = replace(CAMP, change_sign_offs=also_for_wim)
    assert trust(forge_manifest(camp, {"keys": grants})) == "the manifest names a key twice"


def test_a_reviewer_whom_the_manifest_does_not_name_is_refused() -> None:
    assert "not signed with a valid key" in trust(replace(CAMP, signers=("vera", "mallory")).package())


def test_a_team_that_the_manifest_does_not_name_is_refused() -> None:
    assert trust(replace(CAMP, team="team-9").package()) == "the manifest does not name the team"


def test_a_sign_off_in_the_name_of_another_is_refused() -> None:
    camp = replace(CAMP, change_sign_off=lambda each: replace(each, reviewer="xena"))
    assert "not signed with a valid key" in trust(camp.package())


@pytest.mark.parametrize("change", [{"revision": 1}, {"request": "8"}, {"camp": "camp-2"}, {"team": "team-2"}])
def test_a_sign_off_about_another_revision_or_request_is_refused(change: dict[str, Any]) -> None:
    assert "another revision" in trust(replace(CAMP, change_sign_off=lambda each: replace(each, **change)).package())


@pytest.mark.parametrize(
    "outputs",
    [
        approved({"income.csv": b"other bytes"}),
        approved()[:1],
        approved(title="Another title"),
        approved(verdict=Status.UNSAFE),
        approved(level=Level.REPRODUCED),
    ],
)
def test_a_sign_off_on_other_outputs_bytes_titles_or_levels_is_refused(outputs: tuple[Any, ...]) -> None:
    camp = replace(CAMP, change_sign_off=lambda each: replace(each, approved=outputs))
    assert "other outputs" in trust(camp.package())


def test_a_sign_off_under_another_manifest_or_policy_is_refused() -> None:
    for change in ({"manifest": digest(b"x")}, {"policy": "hmac-sha256:" + "0" * 64}):
        camp = replace(CAMP, change_sign_off=lambda each, c=change: replace(each, **c))  # type: ignore[misc]
        assert "another manifest or policy" in trust(camp.package())


def revoked(role: KeyRole, *, valid_from: int = 0, valid_until: int | None = None) -> TrustCamp:
    def change(manifest: Manifest) -> Manifest:
        grants = [
            replace(grant, valid_from=valid_from, valid_until=valid_until) if grant.key.role is role else grant
            for grant in manifest.keys
        ]
        return replace(manifest, keys=tuple(grants))

    return replace(CAMP, change_manifest=change)


@pytest.mark.parametrize("role", [KeyRole.REVIEWER, KeyRole.LOG, KeyRole.RELEASE])
def test_a_key_counts_only_where_the_log_says_it_is_valid(role: KeyRole) -> None:
    """The release is entry 4 of the log."""
    for valid_from, valid_until, expected in (
        (0, 4, "refused"),
        (0, 5, "verified"),
        (5, None, "refused"),
        (4, None, "verified"),
    ):
        package = revoked(role, valid_from=valid_from, valid_until=valid_until).package()
        assert status(package) == expected, (valid_from, valid_until)


def resign(certificate: Certificate, **changes: Any) -> bytes:
    changed = replace(certificate, **changes)
    return build_package(changed.signed(CAMP.key("release", KeyRole.RELEASE)), CAMP.files)


@pytest.mark.parametrize(
    "changes", [{"released": "2025-03-02T12:00:00Z"}, {"policy_version": "2"}, {"team": "team-2"}, {"revision": 9}]
)
def test_a_certificate_that_the_log_does_not_know_is_refused(changes: dict[str, Any]) -> None:
    trust(resign(CAMP.certificate(), **changes))


def about_camp_2(each: SignOff) -> SignOff:
    return replace(each, camp="camp-2")


@pytest.mark.parametrize(
    ("camp", "changes", "reason"),
    [
        (CAMP, {"policy_version": "2"}, "certificate and manifest name another policy"),
        (CAMP, {"policy": "sacro"}, "certificate and manifest name another policy"),
        (replace(CAMP, change_sign_off=about_camp_2), {"camp": "camp-2"}, "certificate and manifest name another camp"),
        (DEMO, {"mark": Mark.NONE}, "certificate and manifest name another mark"),
    ],
)
def test_a_certificate_that_contradicts_the_manifest_is_refused(
    camp: TrustCamp, changes: dict[str, Any], reason: str
) -> None:
    assert trust(forge(camp, replace(camp.statement(), **changes)), camp.root.public.fingerprint) == reason


def test_an_unknown_mark_is_refused() -> None:
    assert trust(forge_manifest(CAMP, {"mark": "TEST"})) == "the manifest has an unknown mark"


def forge_outputs(outputs: list[dict[str, Any]], **changes: Any) -> bytes:
    """Return a package whose certificate names `outputs`, whatever they are, with everything signed to fit."""
    approved_ = [{name: value for name, value in each.items() if name != "rules"} for each in outputs]
    sign_offs = [
        sign(json.loads(CAMP.sign_off(name).payload) | {"approved": approved_}, PayloadType.SIGN_OFF, key_of(name))
        for name in ("vera", "wim")
    ]
    document = json.loads(CERTIFICATE) | {"outputs": outputs, "sign_offs": [each.to_document() for each in sign_offs]}
    document |= changes
    del document["log"], document["signature"]
    facts = {**CAMP.statement().release_facts(), "certificate": digest(canonical_json(document))}
    document["log"] = recorded("release", facts).to_document()
    release = CAMP.key("release", KeyRole.RELEASE)
    signature = sign_detached(canonical_json(document), PayloadType.CERTIFICATE, release)
    return with_certificate(canonical_json(document | {"signature": signature.to_document()}))


def key_of(reviewer: str) -> SigningKey:
    return CAMP.key(reviewer, KeyRole.REVIEWER)


def outputs_with(**changes: Any) -> list[dict[str, Any]]:
    outputs = json.loads(CERTIFICATE)["outputs"]
    return [outputs[0] | changes, *outputs[1:]]


def test_what_is_forged_around_the_right_outputs_verifies() -> None:
    assert status(forge_outputs(outputs_with())) == "verified"


@pytest.mark.parametrize(
    ("outputs", "reason"),
    [
        ([], "the certificate names no output, or one file twice"),
        (outputs_with(files=outputs_with()[1]["files"]), "the certificate names no output, or one file twice"),
        (
            outputs_with(files=[outputs_with()[1]["files"][0] | {"file": "PERSONS.csv"}]),
            "the certificate names no output, or one file twice",
        ),
        (outputs_with(files=[]), "an output has no files"),
        (outputs_with(files=[{"file": "../a.csv", "digest": digest(b"")}]), "an output's file: 'file' is not"),
        (outputs_with(files=[{"file": "a.csv", "digest": "md5:0"}]), "an output's file: 'digest' is not"),
        (outputs_with(verdict="pass"), "an output has an unknown verdict"),
        (outputs_with(level="trusted"), "an output has an unknown level"),
        (outputs_with(rules=[1]), "an output: 'rules' is not a list of texts"),
        (outputs_with(findings=[]), "an output does not have the fields"),
    ],
)
def test_outputs_that_are_not_what_they_should_be_are_refused(outputs: list[dict[str, Any]], reason: str) -> None:
    assert trust(forge_outputs(outputs)).startswith(reason)


def test_a_certificate_without_a_manifest_is_refused() -> None:
    assert trust(forge_outputs(outputs_with(), manifests=[])) == "there is no manifest"


NOT_THE_RELEASE = "the log entry is not the release of this package"
CHANGED = "the log entry was changed"
NOT_UNDER_HEAD = "the log entry does not stand under the signed head"
NOT_SIGNED = "the log-head is not signed with a valid key of the right role"


def head(entry: LogEntry, **changes: Any) -> Envelope:
    document = LogHead.of(entry, time=NOON).to_document() | changes
    return sign(document, PayloadType.LOG_HEAD, CAMP.key("log", KeyRole.LOG))


def recorded(action: str, payload: Payload) -> LogProof:
    """Return a proof that holds in itself, of an entry that was really written."""
    entry = next_entry(None, time=NOON, actor="release", action=action, payload=payload)
    return LogProof(entry, (), head(entry))


def wrong_proofs() -> dict[str, tuple[LogProof, str]]:
    statement = CAMP.statement()
    facts = statement.release_facts()
    proof = CAMP.log_proof(statement)
    longer = replace(CAMP, entries_after=2).log_proof(statement)
    entry = proof.entry
    forged_name = replace(proof.head, signatures=CAMP.log_proof(statement, signer="other").head.signatures)
    return {
        "another action": (recorded("recall", facts), NOT_THE_RELEASE),
        "another revision": (recorded("release", {**facts, "revision": 3}), NOT_THE_RELEASE),
        "another request": (recorded("release", {**facts, "request": "8"}), NOT_THE_RELEASE),
        "another package": (recorded("release", {**facts, "package": "camp-0002"}), NOT_THE_RELEASE),
        "another certificate": (recorded("release", {**facts, "certificate": digest(b"x")}), NOT_THE_RELEASE),
        "another manifest": (recorded("release", {**facts, "manifest": digest(b"x")}), NOT_THE_RELEASE),
        "more facts": (recorded("release", {**facts, "more": 1}), NOT_THE_RELEASE),
        "another actor": (replace(proof, entry=replace(entry, actor="mallory")), CHANGED),
        "another time": (replace(proof, entry=replace(entry, time="2026-01-01T00:00:00Z")), CHANGED),
        "another nonce": (replace(proof, entry=replace(entry, nonce="0" * 32)), CHANGED),
        "another place": (replace(proof, entry=replace(entry, sequence=5)), CHANGED),
        "another chain": (replace(proof, entry=replace(entry, previous=digest(b"x"))), CHANGED),
        "another hash": (replace(proof, entry=replace(entry, hash=digest(b"x"))), CHANGED),
        "head of another log": (replace(proof, head=head(entry, hash=digest(b"x"))), NOT_UNDER_HEAD),
        "head of another length": (replace(proof, head=head(entry, sequence=5)), NOT_UNDER_HEAD),
        "head further on": (replace(proof, head=longer.head), NOT_UNDER_HEAD),
        "links missing": (replace(longer, links=longer.links[:1]), NOT_UNDER_HEAD),
        "links too many": (replace(proof, links=(digest(b"x"),)), NOT_UNDER_HEAD),
        "another log key": (CAMP.log_proof(statement, signer="other"), NOT_SIGNED),
        "no signature": (replace(proof, head=replace(proof.head, signatures=())), NOT_SIGNED),
        "signature of another": (replace(proof, head=forged_name), NOT_SIGNED),
        "another schema": (
            replace(proof, head=head(entry, schema="datakamp/log-head/2")),
            "this version of the verifier",
        ),
    }


@pytest.mark.parametrize("name", wrong_proofs())
def test_a_log_proof_that_does_not_lead_to_a_signed_head_is_refused(name: str) -> None:
    proof, reason = wrong_proofs()[name]
    assert trust(forge(CAMP, CAMP.statement(), proof)).startswith(reason)


def test_a_release_key_that_the_manifest_does_not_name_is_refused() -> None:
    certificate = CAMP.certificate().signed(key("mallory", KeyRole.RELEASE))
    assert "certificate is not signed" in trust(build_package(certificate, CAMP.files))


def test_envelopes_that_change_places_are_refused() -> None:
    document = json.loads(CAMP.certificate().to_bytes())
    document["manifests"], document["sign_offs"] = document["sign_offs"], document["manifests"]
    files = unpack(PACKAGE) | {f"{TOP}/data/certificate.json": canonical_json(document)}
    assert "something else" in trust(zip_bytes(list_again(files)))


def test_a_key_under_which_anybody_could_sign_is_refused_even_if_the_root_signed_it() -> None:
    document = CAMP.manifest.to_document()
    small = verifier.Key("reviewer", "", bytes(32))
    document["keys"][1]["key"] |= {"public": base64.b64encode(small.raw).decode(), "fingerprint": small.fingerprint}
    signed = sign(document, PayloadType.MANIFEST, CAMP.root)
    assert "anybody" in trust(complete(CAMP, replace(CAMP.statement(), manifests=(signed,))))


def test_a_sign_off_with_a_plain_digest_of_what_was_withheld_is_refused() -> None:
    document = json.loads(CAMP.sign_off("vera").payload)
    for change in (
        {"withheld": [{"decision": "reject", "commitment": digest(b"7")}]},
        {"ledger": digest(b"7")},
    ):
        forged = sign(document | change, PayloadType.SIGN_OFF, CAMP.key("vera", KeyRole.REVIEWER))
        sign_offs = (forged, CAMP.sign_off("wim"))
        assert "is not what it should be" in trust(complete(CAMP, replace(CAMP.statement(), sign_offs=sign_offs)))


def test_a_second_spelling_of_the_signature_is_refused() -> None:
    """The last character of 64 bytes in base64 has four bits that many readers ignore."""
    document = json.loads(CERTIFICATE)
    text = document["signature"]["sig"]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    second = text[:85] + alphabet[alphabet.index(text[85]) ^ 1] + "=="
    assert base64.b64decode(second, validate=True) == base64.b64decode(text)
    document["signature"]["sig"] = second
    assert trust(with_certificate(canonical_json(document))) == "something is not base64"


# Malformed certificates ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"1e999",
        b"\xff\xfe",
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b'"\\ud800"',
        b"9" * 10_000,
        CERTIFICATE + b"\n",
        b" " + CERTIFICATE,
        CERTIFICATE.replace(b'"revision":2', b'"revision":2,"revision":2'),
        CERTIFICATE.replace(b'"revision":2', b'"revision":2.0'),
        CERTIFICATE.replace(b'"revision":2', b'"revision":NaN'),
        CERTIFICATE.replace(b'"revision":2', b'"revision":true'),
        CERTIFICATE.replace(b'"revision":2', b'"revision":-1'),
        CERTIFICATE.replace(b'"mark":""', b'"mark":null'),
        CERTIFICATE.replace(b"datakamp/certificate/1", b"datakamp/certificate/2"),
    ],
)
def test_a_malformed_certificate_is_refused_without_an_exception(data: bytes) -> None:
    report = verify(with_certificate(data), [ROOT])
    assert ("trust", "data/certificate.json") in named(report)
    assert dict(report.facts) == {}


@pytest.mark.parametrize("seed", range(120))
def test_a_certificate_with_any_part_of_another_type_is_refused_without_an_exception(seed: int) -> None:
    """Walk to a random place of the certificate, put something else there, sign it again, and never see a traceback."""
    draw = random.Random(seed)
    document = json.loads(CERTIFICATE)
    place: Any = document
    while True:
        step = draw.choice(sorted(place) if isinstance(place, dict) else range(len(place)))
        inner = place[step]
        if isinstance(inner, dict | list) and inner and draw.random() < 0.75:
            place = inner
            continue
        place[step] = draw.choice([None, True, 7, -1, "", "x", [], {}, [None], {"a": 1}, "e30=", 2**70])
        break
    if place is not document or step != "signature":
        unsigned = {name: value for name, value in document.items() if name != "signature"}
        text = verifier._canonical(unsigned)
        type_ = PayloadType.CERTIFICATE.value.encode()
        signer = CAMP.key("release", KeyRole.RELEASE)
        value = signer.sign(b"DSSEv1 %d %s %d %s" % (len(type_), type_, len(text), text))
        document["signature"] = {"keyid": signer.public.fingerprint, "sig": base64.b64encode(value).decode()}
    data = verifier._canonical(document)
    if data != CERTIFICATE:
        assert ("trust", "data/certificate.json") in named(verify(with_certificate(data), [ROOT]))


@pytest.mark.parametrize("seed", range(120))
def test_a_signed_manifest_or_sign_off_with_any_part_of_another_type_is_refused(seed: int) -> None:
    draw = random.Random(seed)
    type_ = draw.choice([PayloadType.MANIFEST, PayloadType.SIGN_OFF])
    original = CAMP.manifest_envelope() if type_ is PayloadType.MANIFEST else CAMP.sign_off("vera")
    document = json.loads(original.payload)
    name = draw.choice(sorted(document))
    document[name] = draw.choice([None, True, 7, -1, "", "x", [], {}, [None], [{}], {"a": 1}])
    signer = CAMP.root if type_ is PayloadType.MANIFEST else CAMP.key("vera", KeyRole.REVIEWER)
    forged = sign(document, type_, signer)
    if type_ is PayloadType.MANIFEST:
        statement = replace(CAMP.statement(), manifests=(forged,))
    else:
        statement = replace(CAMP.statement(), sign_offs=(forged, CAMP.sign_off("wim")))
    # Nothing of these is read here, the signature covers them; an empty list of withheld outputs is a right one.
    unread = name in ("time", "data_sets") or (name, document[name]) == ("withheld", [])
    if not unread and forged.payload != original.payload:
        assert status(complete(CAMP, statement)) == "refused"


# Demonstrations ------------------------------------------------------------------------------------------------------


def test_a_demo_package_verifies_only_with_demo_and_says_so() -> None:
    package = DEMO.package()
    refused = verify(package, [DEMO_ROOT])
    assert named(refused) == {("demo", "")}
    assert refused.mark == "DEMO"
    report = verify(package, [DEMO_ROOT], demo=True)
    assert (report.status.value, report.mark) == ("verified", "DEMO")
    assert "DEMO" in verifier.report_lines(report)[1]
    assert verifier.report_lines(report)[-1].startswith("DEMO VERIFIED")


def test_demo_does_not_loosen_anything_else() -> None:
    assert status(PACKAGE, ROOT, demo=True) == "verified"
    assert status(PACKAGE, DEMO_ROOT, demo=True) == "refused"
    assert status(DEMO.package(), ROOT, demo=True) == "refused"
    assert status(replace(DEMO, signers=("vera",)).package(), DEMO_ROOT, demo=True) == "refused"


def without_mark() -> bytes:
    """Return a package without a mark, signed again throughout with every DEMO key at hand."""
    return forge_manifest(DEMO, {"mark": ""}, mark=Mark.NONE)


def test_a_demo_root_never_verifies_a_package_without_the_mark() -> None:
    for demo in (False, True):
        assert status(without_mark(), DEMO_ROOT, demo=demo) == "refused"
    assert "not what it says" in trust(without_mark(), DEMO_ROOT)


def test_the_key_of_a_demo_root_has_another_fingerprint_as_a_real_root() -> None:
    real = SigningKey(DEMO.root.private_key(), KeyRole.ROOT, Mark.NONE).public.fingerprint
    assert real.removeprefix("SHA256:") != DEMO_ROOT.removeprefix("DEMO-SHA256:")
    assert status(DEMO.package(), real, demo=True) == "refused"
    assert status(without_mark(), real) == "refused"


def test_a_demo_key_in_a_real_manifest_is_refused() -> None:
    grants = [grant.to_document() for grant in CAMP.manifest.keys]
    grants[2]["key"] = key("xena", KeyRole.REVIEWER, Mark.DEMO).public.to_document()
    assert "not what it says" in trust(forge_manifest(CAMP, {"keys": grants}))


@pytest.mark.parametrize("role", ["root", "auditor", ""])
def test_a_key_in_a_place_that_is_not_its_own_is_refused(role: str) -> None:
    grants = [grant.to_document() for grant in CAMP.manifest.keys]
    other = verifier.Key(role, "", bytes([9] * 32))
    grants[2]["key"] |= {
        "role": role, "public": base64.b64encode(other.raw).decode(), "fingerprint": other.fingerprint,
    }  # fmt: skip
    assert "another role" in trust(forge_manifest(CAMP, {"keys": grants}))


def test_a_certificate_without_the_mark_of_its_manifest_is_refused() -> None:
    document = json.loads(DEMO.certificate().to_bytes())
    document["mark"] = ""
    assert status(with_certificate(canonical_json(document)), DEMO_ROOT) == "refused"


# The command ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "package.zip"
    path.write_bytes(PACKAGE)
    return path


def test_the_exit_status_says_what_was_found(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(package), "--root", ROOT]) == 0
    assert "VERIFIED" in capsys.readouterr().out
    assert main([str(package), "--root", DEMO_ROOT]) == 1
    assert "NOT VERIFIED" in capsys.readouterr().out
    package.write_bytes(PACKAGE[:500])
    assert main([str(package), "--root", ROOT]) == 2
    assert "NOT A PACKAGE" in capsys.readouterr().out
    assert main([str(package), "--root", "SHA256:abc"]) == 2


def test_a_missing_folder_or_device_is_unreadable(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "none", tmp_path, tmp_path / "pipe", Path("/dev/zero"), Path("a\0b")):
        assert verify_file(str(path), [ROOT]).status is verifier.Status.UNREADABLE


def test_missing_arguments_are_bad_input(package: Path) -> None:
    for arguments in ([], [str(package)], [str(package), "--root"], [str(package), "--root", ROOT, "--trust-me"]):
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert caught.value.code == 2


def test_json_holds_the_same_answer(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = unpack(PACKAGE)
    files[f"{TOP}/data/outputs/income.csv"] += b"x"
    package.write_bytes(zip_bytes(files))
    assert main([str(package), "--root", ROOT, "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert (document["status"], document["verified"]) == ("refused", False)
    assert document["problems"][0]["file"] == "data/outputs/income.csv"
    assert document["problems"][0]["kind"] == "changed"


def test_names_from_a_package_cannot_steer_the_terminal() -> None:
    report = archive_with(lambda archive: archive.writestr(f"{TOP}/\x1b[2J\u202e\x07", b""))
    for line in verifier.report_lines(report):
        assert line.isprintable()


def test_an_error_inside_the_verifier_is_a_no(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise KeyError("a value")

    monkeypatch.setattr(verifier, "compare", fail)
    report = verify_file(str(package), [ROOT])
    assert report.status is verifier.Status.UNREADABLE
    assert "a value" not in "\n".join(verifier.report_lines(report))


def alone(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    copy = folder / "elsewhere" / "verifier.py"
    copy.parent.mkdir(exist_ok=True)
    shutil.copy(verifier.__file__, copy)
    command = [sys.executable, "-I", str(copy), *arguments]
    return subprocess.run(command, cwd=copy.parent, check=False, capture_output=True, text=True, env=environment)


def test_a_copy_of_the_one_file_works_alone(package: Path, tmp_path: Path) -> None:
    run = alone(tmp_path, str(package), "--root", ROOT)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.splitlines()[-1].startswith("VERIFIED")
    package.write_bytes(DEMO.package())
    assert alone(tmp_path, str(package), "--root", DEMO_ROOT).returncode == 1
    run = alone(tmp_path, str(package), "--root", DEMO_ROOT, "--demo", "--json")
    assert (run.returncode, json.loads(run.stdout)["mark"]) == (0, "DEMO")
    assert alone(tmp_path, str(tmp_path), "--root", ROOT).returncode == 2


def test_a_title_that_the_terminal_cannot_show_is_no_error(package: Path, tmp_path: Path) -> None:
    package.write_bytes(replace(CAMP, outputs=approved(title="Inkomen – één")).package())
    run = alone(tmp_path, str(package), "--root", ROOT, LC_ALL="C", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert (run.returncode, run.stderr) == (0, "")


def test_what_is_built_is_never_larger_than_what_is_verified() -> None:
    assert package_module.LARGEST_PACKAGE <= verifier.LARGEST_PACKAGE
    assert package_module.MOST_FILES <= verifier.MOST_FILES


def test_the_verifier_imports_nothing_of_ours() -> None:
    text = Path(verifier.__file__).read_text(encoding="utf-8")
    code = [line.strip() for line in text.splitlines() if line.strip().startswith(("import ", "from "))]
    assert not [line for line in code if "disclosure" in line or "output_review" in line or "workspace" in line]


def test_what_is_signed_here_is_what_an_envelope_is_elsewhere() -> None:
    """The verifier's own reading of envelopes agrees with the library's on the one example of each type."""
    certificate = CAMP.certificate()
    assert certificate.log is not None
    for envelope, kind in (
        (certificate.sign_offs[0], "sign-off"),
        (certificate.manifests[0], "manifest"),
        (certificate.log.head, "log-head"),
    ):
        assert isinstance(envelope, Envelope)
        assert verifier._payload(envelope.to_document(), kind) == envelope.payload
    assert NOON.encode() in certificate.to_bytes()
