"""The sign-off: what one reviewer states about one revision of one request, and signs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from disclosure.errors import DocumentError
from disclosure.model.verdicts import Level, Status
from output_review.signing import fields
from output_review.signing.commitments import commitment_text

SCHEMA = "datakamp/sign-off/1"


class Decision(StrEnum):
    """What a reviewer decided about one output."""

    APPROVE = "approve"
    REQUEST_CHANGES = "request_changes"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class SignedFile:
    """A rendered file of an approved output: its name in the package and the digest of exactly these bytes."""

    file: str
    digest: str

    def __post_init__(self) -> None:
        fields.file_name(self.file, "Output file")
        fields.digest_text(self.digest, "Output file")

    def to_document(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {"file": self.file, "digest": self.digest}

    @classmethod
    def from_document(cls, document: Any) -> SignedFile:
        """Return the file that `to_document` wrote."""
        entry = fields.exactly(document, ("file", "digest"), "Output file")
        return cls(entry["file"], entry["digest"])


@dataclass(frozen=True, slots=True)
class ApprovedOutput:
    """An output that may leave, as far as this reviewer is concerned.

    Args:
        name: the output's identity across runs.
        title: its title as released.
        verdict: the automatic verdict; anything but safe makes the approval an exception.
        level: who tabulated it; `unverified` makes the approval an exception.
        files: the rendered files, at least one, sorted by name.
    """

    _FIELDS: ClassVar[tuple[str, ...]] = ("name", "title", "verdict", "level", "files")

    name: str
    title: str
    verdict: Status
    level: Level
    files: tuple[SignedFile, ...]

    def __post_init__(self) -> None:
        fields.identifier(self.name, "Output: name")
        fields.line(self.title, "Output: title")
        fields.of_kind(self.verdict, Status, "Output: verdict")
        fields.of_kind(self.level, Level, "Output: level")
        if not self.files or list(self.files) != sorted(self.files, key=lambda each: each.file):
            raise DocumentError("Output: expected at least one file, in order of their names.")

    @property
    def is_exception(self) -> bool:
        """Tell whether approving it goes against the verdict or rests on no tabulation of ours."""
        return self.verdict is not Status.SAFE or self.level is Level.UNVERIFIED

    def to_document(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        files = [each.to_document() for each in self.files]
        return dict(
            zip(self._FIELDS, (self.name, self.title, self.verdict.value, self.level.value, files), strict=True)
        )

    @classmethod
    def from_document(cls, document: Any) -> ApprovedOutput:
        """Return the output that `to_document` wrote."""
        entry = fields.exactly(document, cls._FIELDS, "Output")
        return cls(
            entry["name"],
            entry["title"],
            fields.member(Status, entry["verdict"], "Output: verdict"),
            fields.member(Level, entry["level"], "Output: level"),
            fields.each(entry["files"], "Output: files", SignedFile.from_document),
        )


@dataclass(frozen=True, slots=True)
class WithheldOutput:
    """An output that stays inside. Sign-offs leave with the package, so it shows neither its name nor its digest."""

    decision: Decision
    commitment: str

    def __post_init__(self) -> None:
        fields.of_kind(self.decision, Decision, "Withheld output: decision")
        if self.decision is Decision.APPROVE:
            raise DocumentError("Withheld output: expected a decision other than approve.")
        commitment_text(self.commitment, "Withheld output")

    def to_document(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {"decision": self.decision.value, "commitment": self.commitment}

    @classmethod
    def from_document(cls, document: Any) -> WithheldOutput:
        """Return the output that `to_document` wrote."""
        entry = fields.exactly(document, ("decision", "commitment"), "Withheld output")
        return cls(fields.member(Decision, entry["decision"], "Withheld output: decision"), entry["commitment"])


def check_outputs(outputs: tuple[ApprovedOutput, ...], what: str) -> None:
    """Refuse outputs that are out of order, or that name an output or a file twice."""
    fields.distinct([output.name for output in outputs], f"{what}: outputs")
    fields.distinct([each.file for output in outputs for each in output.files], f"{what}: files")
    if list(outputs) != sorted(outputs, key=lambda output: output.name):
        raise DocumentError(f"{what}: expected the outputs in order of their names.")


@dataclass(frozen=True, slots=True)
class SignOff:
    """One reviewer's decisions on all outputs of one revision.

    Args:
        camp, team, request: names.
        revision: number of the revision, from 1.
        reviewer: the person who signs, as the manifest names them.
        time: what the reviewer's clock says; a key's validity is judged at the log, never at this.
        manifest: digest of the payload of the manifest in force.
        policy: commitment to the policy's digest, equal to the manifest's.
        ledger: commitment to the head of the ledger that was seen.
        approved: outputs that may leave, in order of their names.
        withheld: the others, in order of their commitments.
    """

    _FIELDS: ClassVar[tuple[str, ...]] = (
        "schema", "camp", "team", "request", "revision", "reviewer", "time", "manifest", "policy", "ledger",
        "approved", "withheld",
    )  # fmt: skip

    camp: str
    team: str
    request: str
    revision: int
    reviewer: str
    time: str
    manifest: str
    policy: str
    ledger: str
    approved: tuple[ApprovedOutput, ...]
    withheld: tuple[WithheldOutput, ...] = ()

    def __post_init__(self) -> None:
        for name in ("camp", "team", "request", "reviewer"):
            fields.identifier(getattr(self, name), f"Sign-off: {name}")
        fields.count(self.revision, "Sign-off: revision", least=1)
        fields.moment(self.time, "Sign-off: time")
        fields.digest_text(self.manifest, "Sign-off: manifest")
        commitment_text(self.policy, "Sign-off: policy")
        commitment_text(self.ledger, "Sign-off: ledger")
        if not self.approved and not self.withheld:
            raise DocumentError("Sign-off: expected a decision on at least one output.")
        check_outputs(self.approved, "Sign-off")
        if list(self.withheld) != sorted(self.withheld, key=lambda output: output.commitment):
            raise DocumentError("Sign-off: expected the withheld outputs in order of their commitments.")

    def to_document(self) -> dict[str, Any]:
        """Return the statement as a JSON object, ready for `envelopes.sign`."""
        document: dict[str, Any] = {name: getattr(self, name) for name in self._FIELDS if name != "schema"}
        document["schema"] = SCHEMA
        document["approved"] = [output.to_document() for output in self.approved]
        document["withheld"] = [output.to_document() for output in self.withheld]
        return document

    @classmethod
    def from_document(cls, document: Any) -> SignOff:
        """Return the statement that `to_document` wrote."""
        entry = dict(fields.exactly(document, cls._FIELDS, "Sign-off"))
        fields.schema(entry, SCHEMA, "Sign-off")
        del entry["schema"]
        entry["approved"] = fields.each(entry["approved"], "Sign-off: approved", ApprovedOutput.from_document)
        entry["withheld"] = fields.each(entry["withheld"], "Sign-off: withheld", WithheldOutput.from_document)
        return cls(**entry)
