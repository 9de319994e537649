"""The certificate, the bag and the archive."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from disclosure.errors import DocumentError, IntegrityError, RefusedError, ReleaseError
from disclosure.exchange.canonical import canonical_json, digest, parse_json
from disclosure.model.verdicts import RuleName
from output_review.release.bagit import bag_files
from output_review.release.certificate import Certificate, CertifiedOutput
from output_review.release.package import build_package, zip_bytes
from output_review.signing.envelopes import PayloadType, Signature
from output_review.signing.keys import KeyRole, Mark
from output_review.store.once import ExistsError, move_once
from tests.output_review.trust_camp import DEMO, OUTPUTS, TrustCamp, key, unpack

CAMP = TrustCamp()


def test_the_package_holds_one_bag_with_outputs_and_certificate() -> None:
    files = unpack(CAMP.package())
    assert sorted(files) == [
        "camp-0001/bag-info.txt",
        "camp-0001/bagit.txt",
        "camp-0001/data/certificate.json",
        "camp-0001/data/outputs/income.csv",
        "camp-0001/data/outputs/income.json",
        "camp-0001/data/outputs/persons.csv",
        "camp-0001/manifest-sha512.txt",
        "camp-0001/tagmanifest-sha512.txt",
    ]
    assert files["camp-0001/bagit.txt"] == b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    for name, data in OUTPUTS.items():
        assert files[f"camp-0001/data/outputs/{name}"] == data


@pytest.mark.parametrize(("listing", "tags"), [("manifest-sha512.txt", False), ("tagmanifest-sha512.txt", True)])
def test_each_file_is_listed_once_with_its_sha512(listing: str, tags: bool) -> None:
    files = {path.removeprefix("camp-0001/"): data for path, data in unpack(CAMP.package()).items()}
    lines = files.pop(listing).decode().splitlines()
    files.pop("tagmanifest-sha512.txt", None)
    meant = {path: data for path, data in files.items() if path.startswith("data/") is not tags}
    assert lines == [f"{hashlib.sha512(data).hexdigest()}  {path}" for path, data in sorted(meant.items())]


def test_the_same_input_gives_the_same_bytes_in_another_process() -> None:
    code = "import sys; from tests.output_review.trust_camp import *; sys.stdout.buffer.write(TrustCamp().package())"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=True, capture_output=True,
        env={"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"},
    )  # fmt: skip
    assert run.stdout == CAMP.package() == TrustCamp().package()


def test_outputs_stay_the_same_bytes_when_all_the_rest_differs() -> None:
    other = unpack(replace(CAMP, package_name="camp-0002", entries_before=9, signers=("vera", "xena")).package())
    for name, data in OUTPUTS.items():
        assert other[f"camp-0002/data/outputs/{name}"] == data


def test_the_archive_is_read_by_other_tools(tmp_path: Path) -> None:
    (tmp_path / "package.zip").write_bytes(CAMP.package())
    command = [sys.executable, "-m", "zipfile", "-t", str(tmp_path / "package.zip")]
    assert b"Done testing" in subprocess.run(command, check=True, capture_output=True).stdout
    assert unpack(zip_bytes({})) == {}


def test_a_demo_package_says_so_in_bag_and_certificate() -> None:
    files = unpack(DEMO.package())
    assert b"External-Description: DEMO" in files["camp-0001/bag-info.txt"]
    assert json.loads(files["camp-0001/data/certificate.json"])["mark"] == "DEMO"
    assert b"DEMO" not in unpack(CAMP.package())["camp-0001/bag-info.txt"]


def test_the_certificate_is_read_as_it_was_written() -> None:
    certificate = CAMP.certificate()
    assert Certificate.from_document(parse_json(certificate.to_bytes(), what="Certificate")) == certificate


def test_nothing_but_released_bytes_is_named_by_a_plain_digest() -> None:
    """Policy, data sets, ledger and the withheld table appear as commitments; so ten guesses find nothing."""
    certificate = CAMP.certificate()
    whole = certificate.to_bytes()
    for envelope in (*certificate.sign_offs, *certificate.manifests):
        whole += envelope.payload
    for secret in (b"p", b"d", b"l", b"a table with a 7"):
        assert digest(secret).removeprefix("sha256:").encode() not in whole


def test_the_certificate_has_only_the_fields_that_may_leave() -> None:
    document = json.loads(CAMP.certificate().to_bytes())
    assert set(document) == {
        "schema", "package", "mark", "camp", "team", "request", "revision", "released", "policy", "outputs",
        "sign_offs", "manifests", "log", "signature",
    }  # fmt: skip
    assert set(document["outputs"][0]) == {"name", "title", "verdict", "level", "files", "rules"}
    assert set(document["policy"]) == {"name", "version"}
    assert document["outputs"][0]["rules"] == ["minimum_count", "dominance"]


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"income.csv": OUTPUTS["income.csv"]},
        {**OUTPUTS, "more.csv": b""},
        {**OUTPUTS, "income.csv": b"wijk,income\nA,11\n"},
    ],
)
def test_a_package_is_not_built_around_other_outputs(files: dict[str, bytes]) -> None:
    with pytest.raises(ReleaseError):
        build_package(CAMP.certificate(), files)


def test_an_unfinished_certificate_is_not_packed() -> None:
    statement = CAMP.statement()
    for unfinished in (statement, replace(CAMP.certificate(), signature=None)):
        with pytest.raises(ReleaseError):
            bag_files(unfinished, OUTPUTS)
    with pytest.raises(ReleaseError):
        statement.signed(CAMP.key("release", KeyRole.RELEASE))


def test_a_log_proof_of_another_release_or_log_is_refused() -> None:
    statement = CAMP.statement()
    log_keys = (CAMP.key("log", KeyRole.LOG).public,)
    proof = CAMP.log_proof(replace(statement, revision=3))
    with pytest.raises(ReleaseError):
        statement.with_log(proof, log_keys)
    right = CAMP.log_proof(statement)
    for wrong in (
        replace(right, entry=replace(right.entry, actor="mallory")),
        replace(right, links=(digest(b""),)),
        replace(right, head=replace(CAMP, entries_before=5).log_proof(statement).head),
    ):
        with pytest.raises(ReleaseError):
            statement.with_log(wrong, log_keys)
    with pytest.raises(IntegrityError):
        statement.with_log(CAMP.log_proof(statement, signer="other"), log_keys)


def test_only_a_release_key_of_the_same_mark_signs() -> None:
    certificate = CAMP.certificate()
    with pytest.raises(RefusedError):
        certificate.signed(CAMP.key("vera", KeyRole.REVIEWER))
    with pytest.raises(ReleaseError):
        certificate.signed(key("release", KeyRole.RELEASE, Mark.DEMO))


@pytest.mark.parametrize(
    "change",
    [
        {"package": "../evil"},
        {"package": "con"},
        {"request": "a b"},
        {"revision": 0},
        {"released": "today"},
        {"outputs": ()},
        {"sign_offs": ()},
        {"manifests": ()},
        {"mark": "demo"},
        {"sign_offs": CAMP.statement().manifests},
        {"manifests": CAMP.statement().sign_offs},
    ],
)
def test_a_malformed_certificate_cannot_be_built(change: dict[str, Any]) -> None:
    with pytest.raises(DocumentError):
        replace(CAMP.statement(), **change)


def test_rules_are_of_the_closed_list_and_named_once() -> None:
    approved = CAMP.outputs[0]
    for rules in (("made_up",), (RuleName.DOMINANCE, RuleName.DOMINANCE)):
        with pytest.raises(DocumentError):
            CertifiedOutput(approved, rules)  # type: ignore[arg-type]


def test_a_certificate_with_unknown_fields_or_version_is_refused() -> None:
    document = json.loads(CAMP.certificate().to_bytes())
    for wrong in ({**document, "note": 1}, {**document, "schema": "datakamp/certificate/2"}, {**document, "log": {}}):
        with pytest.raises(DocumentError):
            Certificate.from_document(json.loads(canonical_json(wrong)))


def test_the_signature_is_over_all_the_rest() -> None:
    document = json.loads(CAMP.certificate().to_bytes())
    signature = Signature.from_document(document.pop("signature"))
    payload = canonical_json(document)
    type_ = PayloadType.CERTIFICATE.value.encode()
    encoded = b"DSSEv1 %d %s %d %s" % (len(type_), type_, len(payload), payload)
    assert CAMP.key("release", KeyRole.RELEASE).public.verifies(signature.value, encoded)


def test_a_package_is_moved_out_whole_and_never_over_another(tmp_path: Path) -> None:
    staged, target = tmp_path / "camp-0001.leaving", tmp_path / "camp-0001.zip"
    staged.write_bytes(CAMP.package())
    move_once(staged, target)
    assert target.read_bytes() == CAMP.package()
    assert [each.name for each in tmp_path.iterdir()] == ["camp-0001.zip"]
    staged.write_bytes(b"other")
    with pytest.raises(ExistsError, match="exists already"):
        move_once(staged, target)
    assert target.read_bytes() == CAMP.package()
    assert staged.read_bytes() == b"other"
