"""The built panel is what its sources say, and nothing in it names a place on a machine or in the network."""

from __future__ import annotations

import json
import re

import pytest

from build_panel import BUILT, SOURCES, record, recorded
from workspace.lab.server.configuration import PANEL


@pytest.mark.parametrize("what", ["sources", "built"])
def test_what_is_built_was_built_from_what_is_written(what: str) -> None:
    found, kept = record()[what], recorded()[what]
    differing = sorted(name for name in found.keys() | kept.keys() if found.get(name) != kept.get(name))
    assert not differing, f"run tools/build_panel.py, which needs Node: {differing}"
    assert len(found) > 4


def test_the_server_finds_the_panel_where_the_package_is_mounted() -> None:
    assert PANEL.endswith("/workspace/lab/labextension")
    assert BUILT.parent.name == "labextension"
    described = json.loads((BUILT / "package.json").read_text())
    assert described["name"] == BUILT.name
    assert (BUILT / described["jupyterlab"]["_build"]["load"]).is_file()


def test_the_locked_packages_are_pinned_by_digest_and_name_no_address() -> None:
    lock = (SOURCES / "package-lock.json").read_text("utf-8")
    assert not re.findall(r"\w+://", lock)
    packages = {name: one for name, one in json.loads(lock)["packages"].items() if name and not one.get("link")}
    assert len(packages) > 100
    assert not [name for name, one in packages.items() if not one.get("integrity", "").startswith("sha512-")]


def test_the_panel_loads_nothing_from_elsewhere() -> None:
    for path in sorted([*SOURCES.glob("src/*"), *SOURCES.glob("style/*")]):
        addresses = set(re.findall(r"\w+://[^\s'\"]*", path.read_text("utf-8"))) - {"http://www.w3.org/2000/svg"}
        assert not addresses, path.name


def test_what_people_wrote_never_becomes_markup() -> None:
    for path in SOURCES.glob("src/*.ts"):
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write", path.read_text("utf-8")), (
            path.name
        )
