"""The camp manifest: who may do what, under which policy, on which data; signed by the office's root keys.

`camp open` signs number 1. Every change is a whole new manifest with the next number and the digest of the one
before. Policy and data sets stand in it as salted commitments, because the manifest leaves inside every package.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from disclosure.errors import DocumentError
from output_review.signing import fields
from output_review.signing.commitments import commitment_text
from output_review.signing.keys import KeyRole, Mark, PublicKey

SCHEMA = "datakamp/manifest/1"


class PersonRole(StrEnum):
    """What a person may be in a camp."""

    RESEARCHER = "researcher"
    REVIEWER = "reviewer"
    ORGANISER = "organiser"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class Person:
    """A person by account name (display names are not needed to verify, so they do not leave)."""

    name: str
    roles: tuple[PersonRole, ...]
    teams: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        fields.identifier(self.name, "Person: name")
        fields.distinct(self.teams, "Person: teams")
        for team in self.teams:
            fields.identifier(team, "Person: team")
        for role in self.roles:
            fields.of_kind(role, PersonRole, "Person: role")
        fields.distinct([role.value for role in self.roles], "Person: roles")
        if not self.roles:
            raise DocumentError("Person: expected at least one role.")
        if PersonRole.REVIEWER in self.roles and PersonRole.ORGANISER in self.roles:
            raise DocumentError("Person: an organiser is never a reviewer in the same camp.")

    def to_document(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {"name": self.name, "roles": [role.value for role in self.roles], "teams": list(self.teams)}

    @classmethod
    def from_document(cls, document: Any) -> Person:
        """Return the person that `to_document` wrote."""
        entry = fields.exactly(document, ("name", "roles", "teams"), "Person")
        roles = fields.each(
            entry["roles"], "Person: roles", lambda role: fields.member(PersonRole, role, "Person: role")
        )
        teams = fields.each(entry["teams"], "Person: teams", lambda team: fields.identifier(team, "Person: team"))
        return cls(entry["name"], roles, teams)


@dataclass(frozen=True, slots=True)
class KeyGrant:
    """A key in use: `holder` may sign with it from log entry `valid_from` up to, not including, `valid_until`.

    A revocation is a new manifest with `valid_until` set. Counting log entries instead of time means that nobody can
    date a signature back to before the revocation.
    """

    key: PublicKey
    holder: str
    valid_from: int = 0
    valid_until: int | None = None

    def __post_init__(self) -> None:
        fields.identifier(self.holder, "Key: holder")
        fields.count(self.valid_from, "Key: valid from")
        if self.valid_until is not None:
            fields.count(self.valid_until, "Key: valid until", least=self.valid_from)
        if self.key.role is KeyRole.ROOT:
            raise DocumentError("Key: a root key is listed under the roots only.")

    def valid_at(self, sequence: int) -> bool:
        """Tell whether the key may be relied on for the log entry `sequence`."""
        return self.valid_from <= sequence and (self.valid_until is None or sequence < self.valid_until)

    def to_document(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {
            "key": self.key.to_document(), "holder": self.holder,
            "valid_from": self.valid_from, "valid_until": self.valid_until,
        }  # fmt: skip

    @classmethod
    def from_document(cls, document: Any) -> KeyGrant:
        """Return the grant that `to_document` wrote."""
        entry = fields.exactly(document, ("key", "holder", "valid_from", "valid_until"), "Key")
        return cls(PublicKey.from_document(entry["key"]), entry["holder"], entry["valid_from"], entry["valid_until"])


@dataclass(frozen=True, slots=True)
class Quorum:
    """How many distinct reviewers must sign: `ordinary` (2 or more), and `exception` (at least one more).

    `light` is for what can be checked in minutes, see `quorum.is_light`; None if that takes as many as the rest.
    """

    ordinary: int = 2
    exception: int = 3
    light: int | None = None

    def __post_init__(self) -> None:
        fields.count(self.ordinary, "Quorum: ordinary", least=2)
        fields.count(self.exception, "Quorum: exception", least=self.ordinary + 1)
        if self.light is not None:
            fields.count(self.light, "Quorum: light", least=1)
            if self.light >= self.ordinary:
                raise DocumentError("Quorum: light is less than ordinary, or left out.")

    def to_document(self) -> dict[str, Any]:
        """Return it as a JSON object; `light` is in it only where there is one, as in manifests from before it."""
        light = {} if self.light is None else {"light": self.light}
        return {"ordinary": self.ordinary, "exception": self.exception, **light}

    @classmethod
    def from_document(cls, document: Any) -> Quorum:
        """Return the quorum that `to_document` wrote."""
        light = ("light",) if isinstance(document, dict) and "light" in document else ()
        entry = fields.exactly(document, ("ordinary", "exception", *light), "Quorum")
        if light:
            fields.count(entry["light"], "Quorum: light", least=1)
        return cls(**entry)


@dataclass(frozen=True, slots=True)
class Reference:
    """Something the camp pins without giving its digest away: `name`, `version` (of a policy) and a commitment."""

    name: str
    version: str
    commitment: str

    def __post_init__(self) -> None:
        fields.identifier(self.name, "Reference: name")
        fields.identifier(self.version, "Reference: version")
        commitment_text(self.commitment, "Reference")

    def to_document(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {"name": self.name, "version": self.version, "commitment": self.commitment}

    @classmethod
    def from_document(cls, document: Any) -> Reference:
        """Return the reference that `to_document` wrote."""
        return cls(**fields.exactly(document, ("name", "version", "commitment"), "Reference"))


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a camp is at one moment.

    Args:
        camp: its name.
        number: 1 for the first manifest, then counting.
        previous: digest of the payload of the manifest before; empty for number 1.
        mark: DEMO if and only if all keys are of a demonstration.
        time: when it was made.
        teams, people: who takes part.
        keys: keys of reviewers, the log and the release process; `holder` of a reviewer's key is a reviewer.
        policy: the one policy that is pinned.
        data_sets: the data sets that are registered.
        roots: the office's root keys; `threshold` of them sign.
        quorum: how many reviewers sign.
    """

    _FIELDS: ClassVar[tuple[str, ...]] = (
        "schema", "camp", "number", "previous", "mark", "time", "teams", "people", "keys", "policy", "data_sets",
        "roots", "threshold", "quorum",
    )  # fmt: skip

    camp: str
    number: int
    previous: str
    mark: Mark
    time: str
    teams: tuple[str, ...]
    people: tuple[Person, ...]
    keys: tuple[KeyGrant, ...]
    policy: Reference
    data_sets: tuple[Reference, ...]
    roots: tuple[PublicKey, ...]
    threshold: int = 1
    quorum: Quorum = field(default_factory=Quorum)

    def __post_init__(self) -> None:
        fields.identifier(self.camp, "Manifest: camp")
        fields.count(self.number, "Manifest: number", least=1)
        fields.moment(self.time, "Manifest: time")
        if self.number > 1:
            fields.digest_text(self.previous, "Manifest: previous")
        elif self.previous != "":
            raise DocumentError("Manifest: the first one has no previous one.")
        for team in self.teams:
            fields.identifier(team, "Manifest: team")
        fields.distinct(self.teams, "Manifest: teams")
        fields.distinct([person.name for person in self.people], "Manifest: people")
        fields.distinct([data_set.name for data_set in self.data_sets], "Manifest: data sets")
        if not {team for person in self.people for team in person.teams} <= set(self.teams):
            raise DocumentError("Manifest: a person belongs to a team that it does not name.")
        self._check_keys()

    def _check_keys(self) -> None:
        every = [grant.key for grant in self.keys] + list(self.roots)
        if len({key.raw for key in every}) != len(every):
            raise DocumentError(
                "Manifest: a key is named twice.", hint="Each role of each person has a key of its own."
            )
        fields.of_kind(self.mark, Mark, "Manifest: mark")
        if any(key.mark is not self.mark for key in every):
            raise DocumentError("Manifest: keys of a demonstration and real ones do not mix.")
        if any(key.role is not KeyRole.ROOT for key in self.roots):
            raise DocumentError("Manifest: only root keys are roots.")
        fields.count(self.threshold, "Manifest: threshold", least=1)
        if self.threshold > len(self.roots):
            raise DocumentError("Manifest: more roots must sign than it names.")
        reviewers = {person.name for person in self.people if PersonRole.REVIEWER in person.roles}
        if any(grant.key.role is KeyRole.REVIEWER and grant.holder not in reviewers for grant in self.keys):
            raise DocumentError("Manifest: a reviewer's key is held by someone who is not a reviewer.")

    def person(self, name: str) -> Person | None:
        """Return the person of that name, or None."""
        return next((person for person in self.people if person.name == name), None)

    def granted(self, role: KeyRole, *, at: int, holder: str | None = None) -> tuple[PublicKey, ...]:
        """Return the keys of `role` (held by `holder`, if given) that are valid at log entry `at`."""
        return tuple(
            grant.key
            for grant in self.keys
            if grant.key.role is role and grant.valid_at(at) and holder in (None, grant.holder)
        )

    def to_document(self) -> dict[str, Any]:
        """Return the manifest as a JSON object, ready for `envelopes.sign`."""
        return {
            "schema": SCHEMA, "camp": self.camp, "number": self.number, "previous": self.previous,
            "mark": self.mark.value, "time": self.time, "teams": list(self.teams),
            "people": _documents(self.people), "keys": _documents(self.keys), "policy": self.policy.to_document(),
            "data_sets": _documents(self.data_sets), "roots": _documents(self.roots), "threshold": self.threshold,
            "quorum": self.quorum.to_document(),
        }  # fmt: skip

    @classmethod
    def from_document(cls, document: Any) -> Manifest:
        """Return the manifest that `to_document` wrote."""
        entry = dict(fields.exactly(document, cls._FIELDS, "Manifest"))
        fields.schema(entry, SCHEMA, "Manifest")
        del entry["schema"]
        entry["mark"] = fields.member(Mark, entry["mark"], "Manifest: mark")
        entry["teams"] = fields.each(entry["teams"], "Manifest: teams", lambda team: fields.identifier(team, "Team"))
        entry["people"] = fields.each(entry["people"], "Manifest: people", Person.from_document)
        entry["keys"] = fields.each(entry["keys"], "Manifest: keys", KeyGrant.from_document)
        entry["policy"] = Reference.from_document(entry["policy"])
        entry["data_sets"] = fields.each(entry["data_sets"], "Manifest: data sets", Reference.from_document)
        entry["roots"] = fields.each(entry["roots"], "Manifest: roots", PublicKey.from_document)
        entry["quorum"] = Quorum.from_document(entry["quorum"])
        return cls(**entry)


def _documents(values: Iterable[Person | KeyGrant | Reference | PublicKey]) -> list[dict[str, Any]]:
    return [value.to_document() for value in values]
