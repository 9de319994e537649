"""What is turned off in JupyterLab is there to be turned off: a name that Lab no longer has would turn nothing off."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import workspace.lab

CONFIGURED = Path(workspace.lab.__file__).parent / "configuration" / "labconfig" / "page_config.json"


def test_each_plugin_that_is_turned_off_is_in_this_lab() -> None:
    static = Path(sys.prefix, "share", "jupyter", "lab", "static")
    code = "".join(one.read_text(encoding="utf-8") for one in static.glob("*.js"))
    disabled = json.loads(CONFIGURED.read_text())["disabledExtensions"]
    assert [name for name in disabled if name not in code] == []


def test_outputs_are_not_copied_and_licences_not_asked_for_by_a_command() -> None:
    disabled = json.loads(CONFIGURED.read_text())["disabledExtensions"]
    for name in ("notebook-extension:copy-output", "apputils-extension:licenses-plugin", "notebook-extension:export"):
        assert disabled[f"@jupyterlab/{name}"] is True
