"""The box of code that runs for a team: its data sets, its workspace and what it may know, whoever started it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from disclosure.exchange.canonical import canonical_json
from disclosure.exchange.context import VARIABLE
from disclosure.texts import current_language
from workspace.isolation.box import CAMP, WORKSPACE, Box, Mount, data_mounts, inside, python_box
from workspace.isolation.limits import Limits
from workspace.isolation.seal import Seal

CONTEXT: Final = f"{CAMP}/context.json"


def code_box(
    seal: Seal,
    data: Mapping[str, Path],
    workspace: Path,
    context: Mapping[str, object],
    *,
    limits: Limits,
    families: tuple[int, ...],
    mounts: Iterable[Mount] = (),
    files: Iterable[tuple[str, bytes]] = (),
) -> Box:
    """Return the box in which code runs for a team, with the workspace as its working directory.

    Args:
        data: the folders of its data sets, by name; read-only.
        workspace: its folder, writable.
        context: what the code may know about the camp.
        families: of sockets, see `seccomp`.
        mounts, files: what else is inside.
    """
    box = python_box(
        [*data_mounts(data), Mount(workspace.absolute(), WORKSPACE, writable=True), *mounts],
        files=((CONTEXT, canonical_json(_told(context, seal.mode.value))), *files),
        directory=WORKSPACE,
        families=families,
        temporary=limits.temporary,
        mode=seal.mode.value,
    )
    # The language of whoever starts it: nothing else of the host's environment is inside.
    own = ((VARIABLE, inside(CONTEXT, seal.mode.value)), ("LANGUAGE", current_language()))
    return replace(box, environment=(*box.environment, *own))


def _told(context: Mapping[str, object], mode: str) -> dict[str, Any]:
    """Return the context with the paths in it as code in the box uses them."""
    told: dict[str, Any] = dict(context)
    for name in ("workspace", "handover"):
        if told.get(name):
            told[name] = inside(str(told[name]), mode)
    if "data_sets" in told:
        told["data_sets"] = [{**one, "folder": inside(one["folder"], mode)} for one in told["data_sets"]]
    return told
