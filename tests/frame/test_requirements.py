"""The lock, environment.yml and pyproject.toml ask for the same packages, and the lock can be trusted."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
LOCK = (ROOT / "requirements" / "lock.txt").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))

# conda-forge's names, where they differ from PyPI's.
CONDA_NAMES = {
    "duckdb": "python-duckdb",
    "ibis-framework": "ibis-duckdb",
    "jupyter-client": "jupyter_client",
    "jupyterhub": "jupyterhub-base",
    "rpy2-rinterface": "rpy2",  # one package there
}
# What environment.yml holds beside the Python packages: R, sdcMicro, and what comes from the system otherwise.
CONDA_SYSTEM = {"python", "r-base", "r-sdcmicro", "bubblewrap", "make"}


def declared(*, extras: bool = True) -> list[Requirement]:
    lines = list(PROJECT["project"]["dependencies"])
    if extras:
        lines += [line for extra in PROJECT["project"]["optional-dependencies"].values() for line in extra]
    return [Requirement(line) for line in lines]


def grouped() -> list[Requirement]:
    return [Requirement(line) for group in PROJECT["dependency-groups"].values() for line in group]


def conda() -> dict[str, SpecifierSet]:
    specifications = {}
    for line in ENVIRONMENT["dependencies"]:
        name, bounds = re.fullmatch(r"([A-Za-z0-9_.-]+?)((?:[<>=!]=?.*)?)", line).groups()  # type: ignore[union-attr]
        specifications[name] = SpecifierSet(bounds)
    return specifications


def locked() -> Iterator[tuple[Requirement, list[str]]]:
    entry: Requirement | None = None
    hashes: list[str] = []
    for line in LOCK.splitlines():
        text = line.removesuffix("\\").strip()
        if line and not line.startswith((" ", "#")):
            if entry is not None:
                yield entry, hashes
            entry, hashes = Requirement(text), []
        elif text.startswith("--hash="):
            hashes.append(text.removeprefix("--hash="))
        else:
            assert text.startswith("#"), f"the lock holds something else than requirements, hashes and notes: {text}"
    if entry is not None:
        yield entry, hashes


ENTRIES = list(locked())


def locked_versions(name: str) -> list[Version]:
    """The versions of a package that the lock holds: several if they differ by Python or platform."""
    found = [entry for entry, _ in ENTRIES if canonicalize_name(entry.name) == canonicalize_name(name)]
    return [Version(next(iter(entry.specifier)).version) for entry in found]


def test_the_lock_names_no_address() -> None:
    assert re.findall(r"\w+://|--(?:extra-)?index-url|--find-links|--trusted-host|@ ", LOCK) == []


def test_the_lock_pins_each_requirement_to_one_version_by_digest() -> None:
    assert len(ENTRIES) > 100
    for entry, hashes in ENTRIES:
        assert [specifier.operator for specifier in entry.specifier] == ["=="], str(entry)
        assert hashes, f"{entry.name} has no hash"
        for value in hashes:
            assert re.fullmatch(r"sha256:[0-9a-f]{64}", value), f"{entry.name}: {value}"


@pytest.mark.parametrize("requirement", [*declared(extras=False), *grouped()], ids=lambda found: found.name)
def test_the_lock_satisfies_what_is_declared(requirement: Requirement) -> None:
    versions = locked_versions(requirement.name)
    assert versions, "not in the lock; `make lock` resolves it"
    for version in versions:
        assert version in requirement.specifier


@pytest.mark.parametrize("requirement", declared(), ids=lambda found: found.name)
def test_conda_gets_the_same_package_with_the_same_bounds(requirement: Requirement) -> None:
    name = CONDA_NAMES.get(requirement.name, requirement.name)
    specifications = conda()
    assert name in specifications, f"environment.yml lacks {name}"
    if requirement.name != "rpy2-rinterface":
        assert specifications[name] == requirement.specifier
        for version in locked_versions(requirement.name):
            assert version in specifications[name]


def test_conda_gets_nothing_that_is_not_declared() -> None:
    names = {CONDA_NAMES.get(requirement.name, requirement.name) for requirement in declared()}
    assert set(conda()) == names | CONDA_SYSTEM


def test_conda_uses_one_channel_and_names_no_address() -> None:
    assert ENVIRONMENT["channels"] == ["conda-forge", "nodefaults"]
    assert "://" not in (ROOT / "environment.yml").read_text(encoding="utf-8")


def test_conda_gets_a_python_that_the_project_runs_on() -> None:
    assert conda()["python"] == SpecifierSet(PROJECT["project"]["requires-python"])
