"""Who may, apart from what the state allows."""

from __future__ import annotations

from disclosure.errors import RefusedError
from disclosure.texts import text
from output_review.signing.manifest import Manifest, Person, PersonRole


class PermissionRefusedError(RefusedError):
    """This person may not do this."""


def reviewer_of(manifest: Manifest, name: str, team: str) -> Person:
    """Return the reviewer of that name if they may decide on requests of this team.

    Raises:
        PermissionRefusedError: not a person of the camp, not a reviewer, or a member of the team.
    """
    person = manifest.person(name)
    if person is None or PersonRole.REVIEWER not in person.roles:
        raise PermissionRefusedError(text("'{name}' is not a reviewer of this camp.", name=name))
    if team in person.teams:
        raise PermissionRefusedError(
            text("'{name}' belongs to team '{team}' and cannot decide on its requests.", name=name, team=team),
            hint=text("Ask another reviewer."),
        )
    return person


def researcher_of(manifest: Manifest, name: str, team: str) -> Person:
    """Return the researcher of that name if they belong to this team.

    Raises:
        PermissionRefusedError: not a person of the camp, not a researcher, or of another team.
    """
    person = manifest.person(name)
    if person is None or PersonRole.RESEARCHER not in person.roles or team not in person.teams:
        raise PermissionRefusedError(
            text("'{name}' is not a researcher of team '{team}'.", name=name, team=team),
            hint=text("Ask one of the team."),
        )
    return person
