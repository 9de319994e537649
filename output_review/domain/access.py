"""Who may see and do what in the review application: one closed table, without Django.

A row says which role may; `may` adds what holds for every row: a reviewer has nothing to do with requests of an own
team, a researcher with none but those, and nobody who is not in the manifest with anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from output_review.signing.manifest import Person, PersonRole


class Permission(StrEnum):
    """What a page shows or a form does. Each view of the application names exactly one."""

    ENTER = "enter"
    """Pages about oneself: the account, the language."""
    OWN_REQUESTS = "own_requests"
    ANSWER = "answer"
    """Answer a question, hand in again, withdraw."""
    QUEUE = "queue"
    READ = "read"
    """A request with its outputs, evidence, code and history."""
    DECIDE = "decide"
    """Claim, hand over, vote, comment, note, return, reject, resolve, recall."""
    ORGANISE = "organise"
    """Who may enter, what is submitted, what waits; no output and no decision."""
    OPERATE = "operate"
    """Figures about the work: turnaround, age, overrides."""
    AUDIT = "audit"
    """Everything, and what was read by whom."""


_ROLES: Final[Mapping[Permission, frozenset[PersonRole]]] = MappingProxyType(
    {
        Permission.ENTER: frozenset(PersonRole),
        Permission.OWN_REQUESTS: frozenset({PersonRole.RESEARCHER}),
        Permission.ANSWER: frozenset({PersonRole.RESEARCHER}),
        Permission.QUEUE: frozenset({PersonRole.REVIEWER, PersonRole.AUDITOR}),
        Permission.READ: frozenset({PersonRole.REVIEWER, PersonRole.AUDITOR}),
        Permission.DECIDE: frozenset({PersonRole.REVIEWER}),
        Permission.ORGANISE: frozenset({PersonRole.ORGANISER, PersonRole.AUDITOR}),
        Permission.OPERATE: frozenset({PersonRole.REVIEWER, PersonRole.ORGANISER, PersonRole.AUDITOR}),
        Permission.AUDIT: frozenset({PersonRole.AUDITOR}),
    }
)
_OF_OWN_TEAM: Final = frozenset({Permission.OWN_REQUESTS, Permission.ANSWER})


def roles_for(permission: Permission) -> frozenset[PersonRole]:
    """Return the roles that have a permission."""
    return _ROLES[permission]


def may(person: Person | None, permission: Permission, team: str | None = None) -> bool:
    """Tell whether a person has a permission, on a team's requests if a team is named.

    >>> anna = Person("anna", (PersonRole.RESEARCHER,), ("team-1",))
    >>> may(anna, Permission.OWN_REQUESTS, "team-1"), may(anna, Permission.OWN_REQUESTS, "team-2")
    (True, False)
    >>> may(anna, Permission.READ, "team-1"), may(None, Permission.ENTER)
    (False, False)
    """
    if person is None:
        return False
    roles = roles_for(permission) & set(person.roles)
    if team is not None and permission in _OF_OWN_TEAM:
        return bool(roles) and team in person.teams
    if team is not None and team in person.teams:
        # Who belongs to the team neither reviews nor, as a reviewer, reads its requests.
        roles -= {PersonRole.REVIEWER}
    return bool(roles)
