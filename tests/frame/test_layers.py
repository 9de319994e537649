"""What import-linter cannot see by itself: that no package escapes its contracts, and that the check stays light."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
LINTER = CONFIGURATION["importlinter"]
NOT_SHIPPED = {"benchmarks", "tests"}  # they may import everything, and nothing imports them
HEAVY = ("django", "rpy2", "jupyter_server", "jupyterlab", "papermill", "nbconvert", "cryptography")


def layers(name: str) -> set[str]:
    (found,) = [entry for entry in LINTER["contracts"] if entry["id"] == name]
    return {module for layer in found["layers"] for module in layer.split(" | ")}


def imported_modules(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


def test_every_package_of_the_tree_is_under_contract() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - NOT_SHIPPED
    assert packages == set(LINTER["root_packages"])
    assert packages == layers("layers")


def test_every_package_of_the_tree_is_installed() -> None:
    patterns = CONFIGURATION["setuptools"]["packages"]["find"]["include"]
    assert {pattern.removesuffix("*") for pattern in patterns} == set(LINTER["root_packages"])
    assert CONFIGURATION["setuptools"]["py-modules"] == ["datakamp"]


def test_the_root_holds_no_other_module() -> None:
    assert [path.name for path in ROOT.glob("*.py")] == ["datakamp.py"]


@pytest.mark.parametrize("package", LINTER["root_packages"])
def test_nothing_imports_what_composes_or_tests_it(package: str) -> None:
    forbidden = {"datakamp", *NOT_SHIPPED}
    for path in (ROOT / package).rglob("*.py"):
        reached = {name.split(".")[0] for name in imported_modules(path)} & forbidden
        assert not reached, f"{path.relative_to(ROOT)} imports {', '.join(sorted(reached))}"


def test_importing_the_check_loads_no_server_no_framework_and_no_r() -> None:
    script = f"import sys, disclosure; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
