"""The set-up of the tests: a browser is named if there is none, with the command that brings it."""

from __future__ import annotations

from pathlib import Path

import pytest

from setup_machine import Machine, install_line
from setup_tests import (
    BROWSERS,
    SERVER_PROGRAMS,
    browser_need,
    client_need,
    database_need,
    directory_need,
    r_need,
)


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


def test_a_database_server_is_on_the_path_or_where_its_versions_lie(tmp_path: Path) -> None:
    versions, path = tmp_path / "versions", tmp_path / "path"
    (versions / "15" / "bin").mkdir(parents=True)
    path.mkdir()
    (need,) = database_need(machine(path), versions)
    assert install_line(machine(path), (need,)).endswith("postgresql")
    for name in SERVER_PROGRAMS[1:]:
        (versions / "15" / "bin" / name).touch()
    assert database_need(machine(path), versions) != ()
    program = path / SERVER_PROGRAMS[0]
    program.touch()
    program.chmod(0o755)
    assert database_need(machine(path), versions) == ()


def test_a_directory_that_is_there_is_no_need(tmp_path: Path) -> None:
    place = tmp_path / "slapd"
    (need,) = directory_need(machine(tmp_path / "nothing"), (place,))
    assert need.packages is not None
    assert need.packages["debian"] == "slapd"
    place.touch()
    assert directory_need(machine(tmp_path / "nothing"), (place,)) == ()


def test_python_ldap_needs_a_compiler_and_headers(tmp_path: Path) -> None:
    header, compiler = tmp_path / "ldap.h", tmp_path / "cc"
    (need,) = client_need(machine(tmp_path), (header,))
    assert need.packages is not None
    assert "libldap-dev" in need.packages["debian"]
    header.touch()
    assert client_need(machine(tmp_path), (header,)) != ()
    compiler.touch()
    compiler.chmod(0o755)
    assert client_need(machine(tmp_path), (header,)) == ()
