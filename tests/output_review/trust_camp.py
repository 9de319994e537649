"""A small camp with every key, for the tests of trust: change one thing and build the package again."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from disclosure.exchange.canonical import digest
from disclosure.model.verdicts import Level, RuleName, Status
from output_review.log.chain import LogEntry, LogHead, next_entry
from output_review.release.certificate import RELEASE_ACTION, Certificate, CertifiedOutput, LogProof
from output_review.release.package import build_package
from output_review.signing.commitments import commit
from output_review.signing.envelopes import Envelope, PayloadType, sign
from output_review.signing.keys import KeyRole, Mark, SigningKey
from output_review.signing.manifest import KeyGrant, Manifest, Person, PersonRole, Quorum, Reference
from output_review.signing.signoff import ApprovedOutput, Decision, SignedFile, SignOff, WithheldOutput

NOON = "2025-03-01T12:00:00Z"
SALT = bytes(range(32))
OUTPUTS = {"income.csv": b"wijk,income\nA,10\n", "income.json": b'{"A":10}', "persons.csv": b"wijk,n\nA,20\n"}
REVIEWERS = ("vera", "wim", "xena")


def key(name: str, role: KeyRole, mark: Mark = Mark.NONE) -> SigningKey:
    """The same name gives the same key, so that whole packages can be compared."""
    seed = hashlib.sha256(f"{name}/{role.value}/{mark.value}".encode()).digest()
    return SigningKey(Ed25519PrivateKey.from_private_bytes(seed), role, mark)


def output(name: str, files: Mapping[str, bytes], **other: Any) -> ApprovedOutput:
    signed = tuple(SignedFile(file, digest(files[file])) for file in sorted(files))
    given = {"title": f"Table {name}", "verdict": Status.SAFE, "level": Level.RECOMPUTED, **other}
    return ApprovedOutput(name, given["title"], given["verdict"], given["level"], signed)


def approved(files: Mapping[str, bytes] = OUTPUTS, **other: Any) -> tuple[ApprovedOutput, ...]:
    names = sorted({file.split(".")[0] for file in files})
    groups = {name: {file: data for file, data in files.items() if file.startswith(f"{name}.")} for name in names}
    return tuple(output(name, group, **other) for name, group in groups.items())


@dataclass(frozen=True)
class TrustCamp:
    """What a release is made of; `replace` one field, then `package()`."""

    mark: Mark = Mark.NONE
    files: Mapping[str, bytes] = field(default_factory=lambda: dict(OUTPUTS))
    outputs: tuple[ApprovedOutput, ...] = field(default_factory=approved)
    revision: int = 2
    signers: tuple[str, ...] = ("vera", "wim")
    team: str = "team-1"
    package_name: str = "camp-0001"
    entries_before: int = 3
    entries_after: int = 0
    change_manifest: Callable[[Manifest], Manifest] = lambda manifest: manifest
    change_sign_off: Callable[[SignOff], SignOff] = lambda sign_off: sign_off
    change_sign_offs: Callable[[tuple[Envelope, ...]], tuple[Envelope, ...]] = lambda envelopes: envelopes

    def key(self, name: str, role: KeyRole) -> SigningKey:
        return key(name, role, self.mark)

    @property
    def root(self) -> SigningKey:
        return self.key("office", KeyRole.ROOT)

    @property
    def manifest(self) -> Manifest:
        grants = [KeyGrant(self.key(name, KeyRole.REVIEWER).public, name) for name in REVIEWERS]
        grants.append(KeyGrant(self.key("log", KeyRole.LOG).public, "log"))
        grants.append(KeyGrant(self.key("release", KeyRole.RELEASE).public, "release"))
        people = [Person(name, (PersonRole.REVIEWER,)) for name in REVIEWERS]
        people.append(Person("anna", (PersonRole.RESEARCHER,), ("team-1",)))
        manifest = Manifest(
            camp="camp", number=1, previous="", mark=self.mark, time=NOON, teams=("team-1", "team-2"),
            people=tuple(people), keys=tuple(grants),
            policy=Reference("cbs", "1", commit(SALT, "policy", digest(b"p"))),
            data_sets=(Reference("INHATAB", "2024", commit(SALT, "data-set/INHATAB", digest(b"d"))),),
            roots=(self.root.public,), threshold=1, quorum=Quorum(),
        )  # fmt: skip
        return self.change_manifest(manifest)

    def manifest_envelope(self) -> Envelope:
        return sign(self.manifest.to_document(), PayloadType.MANIFEST, self.root)

    def sign_off(self, reviewer: str) -> Envelope:
        withheld = WithheldOutput(Decision.REJECT, commit(SALT, "output/3", digest(b"a table with a 7")))
        statement = SignOff(
            camp="camp", team=self.team, request="7", revision=self.revision, reviewer=reviewer, time=NOON,
            manifest=self.manifest_envelope().digest, policy=self.manifest.policy.commitment,
            ledger=commit(SALT, "ledger", digest(b"l")), approved=self.outputs, withheld=(withheld,),
        )  # fmt: skip
        document = self.change_sign_off(statement).to_document()
        return sign(document, PayloadType.SIGN_OFF, self.key(reviewer, KeyRole.REVIEWER))

    def statement(self) -> Certificate:
        sign_offs = self.change_sign_offs(tuple(self.sign_off(name) for name in self.signers))
        rules = (RuleName.MINIMUM_COUNT, RuleName.DOMINANCE)
        return Certificate(
            package=self.package_name, mark=self.mark, camp="camp", team=self.team, request="7",
            revision=self.revision, released=NOON, policy="cbs", policy_version="1",
            outputs=tuple(CertifiedOutput(each, rules) for each in self.outputs), sign_offs=sign_offs,
            manifests=(self.manifest_envelope(),),
        )  # fmt: skip

    def log_proof(self, statement: Certificate, *, signer: str = "log") -> LogProof:
        last: LogEntry | None = None
        for number in range(self.entries_before):
            last = next_entry(last, time=NOON, actor="vera", action="vote", payload={}, nonce=f"{number:032x}")
        facts = statement.release_facts()
        entry = next_entry(last, time=NOON, actor="release", action=RELEASE_ACTION, payload=facts, nonce="ab" * 16)
        links, last = [], entry
        for number in range(self.entries_after):
            last = next_entry(last, time=NOON, actor="wim", action="note", payload={}, nonce=f"{number + 9:032x}")
            links.append(last.body_digest)
        head = LogHead.of(last, time=NOON)
        return LogProof(
            entry, tuple(links), sign(head.to_document(), PayloadType.LOG_HEAD, self.key(signer, KeyRole.LOG))
        )

    def certificate(self) -> Certificate:
        statement = self.statement()
        certificate = statement.with_log(self.log_proof(statement), (self.key("log", KeyRole.LOG).public,))
        return certificate.signed(self.key("release", KeyRole.RELEASE))

    def package(self) -> bytes:
        return build_package(self.certificate(), self.files)


DEMO = replace(TrustCamp(), mark=Mark.DEMO)


def unpack(package: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return {entry.filename: archive.read(entry) for entry in archive.infolist()}


def list_again(files: dict[str, bytes]) -> dict[str, bytes]:
    """Write both BagIt listings anew, as a careful forger would."""
    top = next(iter(files)).split("/")[0]

    def listing(paths: list[str]) -> bytes:
        lines = [f"{hashlib.sha512(files[f'{top}/{path}']).hexdigest()}  {path}\n" for path in sorted(paths)]
        return "".join(lines).encode()

    inside = [path.removeprefix(f"{top}/") for path in files]
    files[f"{top}/manifest-sha512.txt"] = listing([path for path in inside if path.startswith("data/")])
    tags = [path for path in inside if not path.startswith("data/") and path != "tagmanifest-sha512.txt"]
    files[f"{top}/tagmanifest-sha512.txt"] = listing(tags)
    return files
