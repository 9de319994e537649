"""The certificate: what a package says about itself, signed by the release key.

It is made in three steps, because the log must know the certificate and the certificate must show the log:
the *statement* (everything but log proof and signature) is built, its digest goes into the log's release entry, and
then log proof and signature are added. The verifier follows the same steps backwards.

What it never holds: findings, numbers of suppressed cells, comments, evidence, parameters of the policy, and plain
digests of anything that does not lie in the package.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from disclosure.errors import DocumentError, ReleaseError
from disclosure.exchange.canonical import canonical_json, digest
from disclosure.model.verdicts import RuleName
from output_review.log.audit import open_head
from output_review.log.chain import LogEntry, Payload, follows
from output_review.signing import fields
from output_review.signing.envelopes import Envelope, PayloadType, Signature, sign_detached
from output_review.signing.keys import Mark, PublicKey, SigningKey
from output_review.signing.signoff import ApprovedOutput, check_outputs

SCHEMA = "datakamp/certificate/1"
RELEASE_ACTION = "release"


@dataclass(frozen=True, slots=True)
class CertifiedOutput:
    """A released output: what the reviewers approved, and the names of the rules that were applied to it."""

    approved: ApprovedOutput
    rules: tuple[RuleName, ...]

    def __post_init__(self) -> None:
        for rule in self.rules:
            fields.of_kind(rule, RuleName, "Certificate: rule")
        fields.distinct([rule.value for rule in self.rules], "Certificate: rules")

    def to_document(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {**self.approved.to_document(), "rules": [rule.value for rule in self.rules]}

    @classmethod
    def from_document(cls, document: Any) -> CertifiedOutput:
        """Return the output that `to_document` wrote."""
        if not isinstance(document, dict) or "rules" not in document:
            raise DocumentError("Certificate: an output names no rules.")
        rest = {name: value for name, value in document.items() if name != "rules"}
        rules = fields.each(document["rules"], "Certificate: rules", lambda rule: fields.member(RuleName, rule, "Rule"))
        return cls(ApprovedOutput.from_document(rest), rules)


@dataclass(frozen=True, slots=True)
class LogProof:
    """The release entry, a signed head, and the body digests of the entries between them (usually none).

    The entries in between are not shown; `chain.follows` says why their digests suffice.
    """

    entry: LogEntry
    links: tuple[str, ...]
    head: Envelope

    def __post_init__(self) -> None:
        for body in self.links:
            fields.digest_text(body, "Log proof: links")

    def to_document(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {"entry": self.entry.to_document(), "links": list(self.links), "head": self.head.to_document()}

    @classmethod
    def from_document(cls, document: Any) -> LogProof:
        """Return the proof that `to_document` wrote; `Certificate.with_log` checks one."""
        entry = fields.exactly(document, ("entry", "links", "head"), "Log proof")
        links = fields.each(
            entry["links"], "Log proof: links", lambda body: fields.digest_text(body, "Log proof: link")
        )
        return cls(LogEntry.from_document(entry["entry"]), links, Envelope.from_document(entry["head"]))


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate, complete once `log` and `signature` are there.

    Args:
        package: name of the package and of its one directory.
        mark: DEMO for a demonstration.
        camp, team, request, revision: what was released.
        released: time of the release; the package's only date.
        policy, policy_version: the policy's name and version, no parameters.
        outputs: in order of their names, at least one.
        sign_offs: envelopes of the reviewers, in order of the reviewers' names.
        manifests: envelopes in order of their numbers; the last is in force.
        log: see `LogProof`; None in a statement.
        signature: of the release key over the canonical JSON of all the rest; None until signed.
    """

    _STATEMENT: ClassVar[tuple[str, ...]] = (
        "schema", "package", "mark", "camp", "team", "request", "revision", "released", "policy", "outputs",
        "sign_offs", "manifests",
    )  # fmt: skip

    package: str
    mark: Mark
    camp: str
    team: str
    request: str
    revision: int
    released: str
    policy: str
    policy_version: str
    outputs: tuple[CertifiedOutput, ...]
    sign_offs: tuple[Envelope, ...]
    manifests: tuple[Envelope, ...]
    log: LogProof | None = None
    signature: Signature | None = None

    def __post_init__(self) -> None:
        fields.file_name(self.package, "Certificate: package")
        for name in ("camp", "team", "request", "policy", "policy_version"):
            fields.identifier(getattr(self, name), f"Certificate: {name}")
        fields.count(self.revision, "Certificate: revision", least=1)
        fields.moment(self.released, "Certificate: released")
        fields.of_kind(self.mark, Mark, "Certificate: mark")
        if not self.outputs or not self.sign_offs or not self.manifests:
            raise DocumentError("Certificate: expected outputs, sign-offs and a manifest.")
        check_outputs(self.approved, "Certificate")
        if any(envelope.type is not PayloadType.SIGN_OFF for envelope in self.sign_offs):
            raise DocumentError("Certificate: something among the sign-offs is not one.")
        if any(envelope.type is not PayloadType.MANIFEST for envelope in self.manifests):
            raise DocumentError("Certificate: something among the manifests is not one.")

    @property
    def approved(self) -> tuple[ApprovedOutput, ...]:
        """Return the outputs as the reviewers approved them."""
        return tuple(output.approved for output in self.outputs)

    @property
    def digests(self) -> dict[str, str]:
        """Return the digest of each released file by its name."""
        return {each.file: each.digest for output in self.approved for each in output.files}

    @property
    def statement_digest(self) -> str:
        """Return the digest that the release entry of the log holds: of all but log proof and signature."""
        return digest(canonical_json(self._statement()))

    def release_facts(self) -> Payload:
        """Return the payload of the log's release entry for this certificate."""
        return {
            "certificate": self.statement_digest, "manifest": self.manifests[-1].digest, "package": self.package,
            "request": self.request, "revision": self.revision,
        }  # fmt: skip

    def with_log(self, proof: LogProof, log_keys: tuple[PublicKey, ...]) -> Certificate:
        """Return the certificate with a log proof.

        Raises:
            ReleaseError: the entry is not the release of this certificate, or does not stand under the head.
            IntegrityError: the head is not signed by one of `log_keys`.
        """
        entry = proof.entry
        right = entry.holds() and entry.action == RELEASE_ACTION and entry.payload == self.release_facts()
        if not right or not follows(entry, proof.links, open_head(proof.head, log_keys)):
            raise ReleaseError("The log proof is not that of this release.", hint="Record the release again.")
        return replace(self, log=proof, signature=None)

    def signed(self, key: SigningKey) -> Certificate:
        """Return the certificate signed by a release key; the log proof must be there."""
        if key.public.mark is not self.mark:
            raise ReleaseError("Keys of a demonstration and real ones do not mix.")
        return replace(self, signature=sign_detached(self._signed_bytes(), PayloadType.CERTIFICATE, key))

    def to_bytes(self) -> bytes:
        """Return the bytes of ``certificate.json``, canonical JSON."""
        if self.signature is None:
            raise ReleaseError("The certificate is not signed yet.")
        return canonical_json({**self._with_proof(), "signature": self.signature.to_document()})

    @classmethod
    def from_document(cls, document: Any) -> Certificate:
        """Return the certificate that `to_bytes` wrote; the verifier, not this, tells whether it holds."""
        entry = dict(fields.exactly(document, (*cls._STATEMENT, "log", "signature"), "Certificate"))
        fields.schema(entry, SCHEMA, "Certificate")
        del entry["schema"]
        policy = fields.exactly(entry["policy"], ("name", "version"), "Certificate: policy")
        entry["policy"], entry["policy_version"] = policy["name"], policy["version"]
        entry["mark"] = fields.member(Mark, entry["mark"], "Certificate: mark")
        entry["outputs"] = fields.each(entry["outputs"], "Certificate: outputs", CertifiedOutput.from_document)
        for name in ("sign_offs", "manifests"):
            entry[name] = fields.each(entry[name], f"Certificate: {name}", Envelope.from_document)
        entry["log"] = LogProof.from_document(entry["log"])
        entry["signature"] = Signature.from_document(entry["signature"])
        return cls(**entry)

    def _statement(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA, "package": self.package, "mark": self.mark.value, "camp": self.camp, "team": self.team,
            "request": self.request, "revision": self.revision, "released": self.released,
            "policy": {"name": self.policy, "version": self.policy_version},
            "outputs": [output.to_document() for output in self.outputs],
            "sign_offs": [envelope.to_document() for envelope in self.sign_offs],
            "manifests": [envelope.to_document() for envelope in self.manifests],
        }  # fmt: skip

    def _with_proof(self) -> dict[str, Any]:
        if self.log is None:
            raise ReleaseError("The certificate has no log proof yet.")
        return {**self._statement(), "log": self.log.to_document()}

    def _signed_bytes(self) -> bytes:
        return canonical_json(self._with_proof())
