"""A bundle installs without network, or says why it cannot; a file that was changed stops it."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import datakamp
from disclosure.errors import BadInputError, ExecutionError
from disclosure.exchange.files import file_digest
from workspace import bundle
from workspace.bundle import lock_part, make_bundle

PROJECT = """\
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "datakamp"
version = "0.1.0"
dependencies = ["tiny"]
[project.scripts]
datakamp = "datakamp:main"
[tool.setuptools]
py-modules = ["datakamp"]
"""
CLOSED = ("bwrap", "--unshare-net", "--dev-bind", "/", "/", "--die-with-parent")


def tiny_wheel(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "tiny-1.0-py3-none-any.whl"
    about = "tiny-1.0.dist-info"
    files = {
        "tiny.py": "said = 'tiny'\n",
        f"{about}/METADATA": "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    lines = []
    with zipfile.ZipFile(path, "w") as target:
        for name, text in files.items():
            target.writestr(name, text)
            value = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            lines.append(f"{name},sha256={value},{len(text)}")
        target.writestr(f"{about}/RECORD", "\n".join([*lines, f"{about}/RECORD,,"]) + "\n")
    return path


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small product that needs one package, which pip finds in a folder."""
    wheel = tiny_wheel(tmp_path / "registry")
    root = tmp_path / "tree"
    (root / "requirements").mkdir(parents=True)
    (root / "requirements" / "lock.txt").write_text(
        f"tiny==1.0 \\\n    --hash={file_digest(wheel)}\n    # via datakamp\n"
    )
    (root / "pyproject.toml").write_text(PROJECT)
    (root / "datakamp.py").write_text("import tiny\ndef main():\n    print('datakamp 0.1.0', tiny.said)\n")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheel.parent))
    return root


@pytest.fixture
def made(tree: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "bundle"
    make_bundle(folder, root=tree, system=False, names=frozenset({"tiny"}))
    return folder


def install(folder: Path, target: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*CLOSED, "sh", str(folder / "install.sh"), str(target)], capture_output=True, text=True, timeout=200,
        check=False, env={"PATH": "/usr/sbin:/usr/bin:/bin", "PYTHON": sys.executable},
    )  # fmt: skip


def test_a_bundle_installs_in_a_namespace_without_routes(made: Path, tmp_path: Path) -> None:
    document = json.loads((made / "manifest.json").read_bytes())
    assert document["files"] == {
        str(one.relative_to(made)): file_digest(one)
        for one in made.rglob("*") if one.is_file() and one.name not in {"manifest.json", "SHA256SUMS"}
    }  # fmt: skip
    done = install(made, tmp_path / "product")
    assert done.returncode == 0, done.stderr
    assert "datakamp 0.1.0 tiny" in done.stdout
    assert install(made, tmp_path / "product").returncode == 1  # it is there already


@pytest.mark.parametrize("what", ["changed", "gone", "requirements"])
def test_a_bundle_that_is_not_whole_installs_nothing(what: str, made: Path, tmp_path: Path) -> None:
    wheel = made / "wheels" / "tiny-1.0-py3-none-any.whl"
    if what == "changed":
        wheel.write_bytes(wheel.read_bytes()[:-1] + b"x")
    elif what == "gone":
        wheel.unlink()
    else:
        (made / "requirements.txt").write_text("other==1.0\n")
    done = install(made, tmp_path / "product")
    assert done.returncode == 1
    assert "not the one that was bundled" in done.stderr
    assert not (tmp_path / "product").exists()


def test_another_python_is_refused(made: Path, tmp_path: Path) -> None:
    script = (made / "install.sh").read_text()
    (made / "install.sh").write_text(script.replace(f'"{sys.version_info.major}.{sys.version_info.minor}"', '"2.7"'))
    sums = [line for line in (made / "SHA256SUMS").read_text().splitlines() if not line.endswith("install.sh")]
    (made / "SHA256SUMS").write_text("\n".join(sums) + "\n")
    done = install(made, tmp_path / "product")
    assert done.returncode == 1
    assert "this bundle is for Python" in done.stderr


def test_a_package_that_is_not_the_locked_one_is_refused_and_nothing_is_left(tree: Path, tmp_path: Path) -> None:
    lock = tree / "requirements" / "lock.txt"
    lock.write_text(f"tiny==1.0 \\\n    --hash=sha256:{'0' * 64}\n")
    with pytest.raises(ExecutionError, match="not the one that the lock names"):
        make_bundle(tmp_path / "bundle", root=tree, system=False, names=frozenset({"tiny"}))
    assert sorted(one.name for one in tmp_path.iterdir()) == ["registry", "tree"]


def test_a_registry_out_of_reach_is_said_clearly(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "registry" / "tiny-1.0-py3-none-any.whl").unlink()
    with pytest.raises(ExecutionError, match="registry") as caught:
        make_bundle(tmp_path / "bundle", root=tree, system=False, names=frozenset({"tiny"}))
    assert caught.value.exit_status == 1
    assert not (tmp_path / "bundle").exists()


def test_a_lock_that_lacks_a_package_is_refused(tree: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="lacks other"):
        make_bundle(tmp_path / "bundle", root=tree, system=False, names=frozenset({"tiny", "other"}))


def test_only_what_counts_here_is_taken_from_the_lock() -> None:
    entries = ("one==1 ; sys_platform == 'win32'", "two==2", "three==3")
    text = "".join(f"{one} \\\n    --hash=sha256:{one[0]}\n" for one in entries)
    assert lock_part(text, frozenset({"two"})) == "two==2 \\\n    --hash=sha256:t\n"
    with pytest.raises(BadInputError, match="lacks one"):
        lock_part(text, frozenset({"one", "two"}))


def program(folder: Path, name: str, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


@pytest.mark.parametrize(
    ("text", "works"), [('shift; for one; do echo x > "${one}_1_amd64.deb"; done', True), ("exit 100", False)]
)
def test_system_packages_come_along_where_apt_is_there(
    text: str, works: bool, tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "bin", "apt-get", text)
    monkeypatch.setattr("workspace.bundle.shutil.which", lambda _: str(tmp_path / "bin" / "apt-get"))
    if not works:
        with pytest.raises(ExecutionError, match="--without-system"):
            make_bundle(tmp_path / "bundle", root=tree, names=frozenset({"tiny"}))
        return
    made = make_bundle(tmp_path / "bundle", root=tree, names=frozenset({"tiny"}))
    assert made.system == len(bundle.DEBIAN_PACKAGES)
    assert "system/bubblewrap_1_amd64.deb" in (tmp_path / "bundle" / "SHA256SUMS").read_text()
    assert "bubblewrap" in (tmp_path / "bundle" / "system" / "packages.txt").read_text()


def test_without_apt_there_is_a_list_only(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workspace.bundle.shutil.which", lambda _: None)
    assert make_bundle(tmp_path / "bundle", root=tree, names=frozenset({"tiny"})).system == 0
    assert [one.name for one in (tmp_path / "bundle" / "system").iterdir()] == ["packages.txt"]


def test_the_command_refuses_a_folder_that_is_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert datakamp.run(["bundle", str(tmp_path)]) == 2
    assert "is there already" in capsys.readouterr().err
