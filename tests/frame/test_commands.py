"""What the README promises is what the Makefile, the set-up and .ci/run do."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TEST_COMMAND = "make test"


def commands_of_readme() -> list[str]:
    """The lines of the README's code blocks that are make commands, without prompts and comments."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```[^\n]*\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    lines = [line.strip().removeprefix("$ ") for block in blocks for line in block.splitlines()]
    return [line.split("#")[0].strip() for line in lines if line.startswith("make")]


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", MAKEFILE, flags=re.MULTILINE))


def prerequisites(target: str) -> list[str]:
    found = re.search(rf"^{target}:([^#\n]*)", MAKEFILE, flags=re.MULTILINE)
    assert found is not None
    return found.group(1).split()


@pytest.mark.parametrize("command", [TEST_COMMAND, "make demo"])
def test_the_readme_gives_the_command(command: str) -> None:
    assert command in commands_of_readme()


def test_every_make_command_of_the_readme_exists() -> None:
    named = {word for line in commands_of_readme() for word in line.split()[1:] if "=" not in word}
    assert named <= targets()


def test_ci_runs_exactly_the_readmes_test_command() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "#!/usr/bin/env bash"
    assert lines[1] == "set -euo pipefail"
    assert re.fullmatch(r'cd "\$\(dirname .*\)/\.\."', lines[2])
    assert lines[3:] == [TEST_COMMAND]
    assert TEST_COMMAND in commands_of_readme()
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


@pytest.mark.parametrize("target", sorted({"demo", "test", "check", "format", "bench", "bundle-check", "lock"}))
def test_every_command_does_the_set_up_that_it_needs(target: str) -> None:
    found = prerequisites(target)
    assert "setup" in found or "setup" in prerequisites(found[0])


def test_help_lists_every_target() -> None:
    done = subprocess.run(["make", "-C", str(ROOT)], capture_output=True, text=True, check=True)
    listed = {line.split()[1] for line in done.stdout.splitlines() if line.startswith("  make ")}
    assert listed == targets()


def test_the_installed_command_is_datakamp() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["name"] == "datakamp"
    assert project["scripts"] == {"datakamp": "datakamp:main"}


def test_the_licence_is_the_whole_eupl_1_2() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert text.lstrip().startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2")
    assert re.findall(r"^(\d+)\. ", text, flags=re.MULTILINE) == [str(number) for number in range(1, 16)]
    assert "‘Compatible Licences’ according to Article 5 EUPL are:" in text.split("\nAppendix\n")[1]
