"""What roles and accounts are called on pages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from disclosure.texts import Text, text
from output_review.services.accounts import Standing
from output_review.signing.manifest import PersonRole

ROLES: Final[Mapping[PersonRole, Text]] = MappingProxyType(
    {
        PersonRole.RESEARCHER: text("researcher"),
        PersonRole.REVIEWER: text("reviewer"),
        PersonRole.ORGANISER: text("organiser"),
        PersonRole.AUDITOR: text("auditor"),
    }
)
STANDINGS: Final[Mapping[Standing, Text]] = MappingProxyType(
    {
        Standing.NONE: text("not invited"),
        Standing.INVITED: text("invited"),
        Standing.JOINED: text("has an account"),
        Standing.LOCKED: text("locked after failed attempts"),
    }
)
