"""The set-up of the tests: a browser is named if there is none, with the command that brings it."""

from __future__ import annotations

from pathlib import Path

import pytest

from setup_machine import Machine, install_line
from setup_tests import BROWSERS, browser_need, r_need


def machine(folder: Path, *, root: bool = True) -> Machine:
    return Machine({"ID": "debian"}, root, str(folder))


@pytest.mark.parametrize("name", BROWSERS)
def test_a_browser_of_any_name_is_enough(tmp_path: Path, name: str) -> None:
    program = tmp_path / name
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert browser_need(machine(tmp_path)) == ()


def test_without_a_browser_the_command_is_named(tmp_path: Path) -> None:
    (need,) = browser_need(machine(tmp_path))
    line = install_line(machine(tmp_path, root=False), (need,))
    assert "sudo apt-get install --yes --no-install-recommends chromium" in line


def test_an_r_kernel_in_any_place_is_enough(tmp_path: Path) -> None:
    places = (tmp_path / "one", tmp_path / "other" / "IRkernel")
    (need,) = r_need(places)
    assert "r-cran-irkernel" in install_line(machine(tmp_path, root=False), (need,))
    places[1].mkdir(parents=True)
    assert r_need(places) == ()
