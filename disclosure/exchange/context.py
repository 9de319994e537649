"""The context of a sealed run: what the launcher tells the code in the box, as a read-only JSON document.

Environment variables name no secret and no path of the host; the one that points here is `DATAKAMP_CONTEXT`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from disclosure.errors import DocumentError
from disclosure.exchange.canonical import is_digest, parse_json
from disclosure.texts import text

VERSION = 1
VARIABLE = "DATAKAMP_CONTEXT"


class RunKind(StrEnum):
    """Who started the run."""

    TEAM = "team"
    BROKER = "broker"
    CONTROL_ZONE = "control_zone"


@dataclass(frozen=True)
class MountedDataSet:
    """A data set as it is mounted in the box: a folder with data.parquet and codebook.toml."""

    name: str
    digest: str
    folder: Path


@dataclass(frozen=True)
class CampContext:
    """What code in a sealed kernel knows of its camp.

    Attributes:
        policy: the text of the camp's policy file, and `policy_digest` what the camp pins.
        parameters: the notebook's parameters in this run, which a submission repeats.
        handover: the folder for narrow frames; only in a run that the control zone started.
    """

    camp: str
    team: str
    run: RunKind
    policy: str
    policy_digest: str
    data_sets: tuple[MountedDataSet, ...]
    workspace: Path
    parameters: Mapping[str, Any]
    handover: Path | None = None

    def to_document(self) -> dict[str, Any]:
        """Return the context as a JSON document."""
        return {
            "version": VERSION,
            "camp": self.camp,
            "team": self.team,
            "run": self.run.value,
            "policy": self.policy,
            "policy_digest": self.policy_digest,
            "data_sets": [
                {"name": one.name, "digest": one.digest, "folder": str(one.folder)} for one in self.data_sets
            ],
            "workspace": str(self.workspace),
            "parameters": dict(self.parameters),
            "handover": None if self.handover is None else str(self.handover),
        }


def context_from(document: Any) -> CampContext:
    """Return the context in a parsed JSON document."""
    try:
        if document["version"] != VERSION:
            raise ValueError
        sets = tuple(_mounted(one) for one in document["data_sets"])
        handover = document["handover"]
        return CampContext(
            camp=_text(document["camp"]),
            team=_text(document["team"]),
            run=RunKind(document["run"]),
            policy=_text(document["policy"]),
            policy_digest=_text(document["policy_digest"]),
            data_sets=sets,
            workspace=Path(_text(document["workspace"])),
            parameters=dict(document["parameters"]),
            handover=None if handover is None else Path(_text(handover)),
        )
    except (KeyError, TypeError, ValueError):
        raise DocumentError(text("The context of this run does not follow its schema.")) from None


def current_context() -> CampContext | None:
    """Return the context of this process, None outside a camp.

    Raises:
        DocumentError: a context is named and cannot be read; that is never the same as being outside a camp.
    """
    place = os.environ.get(VARIABLE)
    if not place:
        return None
    try:
        data = Path(place).read_bytes()
    except OSError:
        raise DocumentError(text("The context of this run cannot be read.")) from None
    return context_from(parse_json(data, what="The context of this run"))


def _mounted(entry: Mapping[str, Any]) -> MountedDataSet:
    if not is_digest(entry["digest"]):
        raise ValueError
    return MountedDataSet(_text(entry["name"]), entry["digest"], Path(_text(entry["folder"])))


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError
    return value
