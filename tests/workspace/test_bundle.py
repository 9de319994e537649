"""A bundle installs without network, or says why it cannot; a file that was changed stops it."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from packaging.markers import Marker

import datakamp
from disclosure.errors import BadInputError, ExecutionError
from disclosure.exchange.files import file_digest
from workspace.bundle import Bundle, make_bundle, plan_bundle
from workspace.bundle_parts import Part, parts_of
from workspace.bundle_wheels import lock_entries, unpacked_size
from workspace.closure import holds, needed_names

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


def tiny_wheel(folder: Path, version: str = "1.0", *, python: str = ">=3.11") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"tiny-{version}-py3-none-any.whl"
    about = f"tiny-{version}.dist-info"
    files = {
        "tiny.py": "said = 'tiny'\n",
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: tiny\nVersion: {version}\nRequires-Python: {python}\n",
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


def small_tree(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a small product that needs one package, which pip finds in a folder."""
    wheel = tiny_wheel(folder / "registry")
    root = folder / "tree"
    (root / "requirements").mkdir(parents=True)
    (root / "requirements" / "lock.txt").write_text(
        f"tiny==1.0 \\\n    --hash={file_digest(wheel)}\n    # via datakamp\n"
    )
    (root / "pyproject.toml").write_text(PROJECT)
    (root / "datakamp.py").write_text("import tiny\ndef main():\n    print('datakamp 0.1.0', tiny.said)\n")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheel.parent))
    return root


def make(folder: Path, tree: Path, *names: str) -> Bundle:
    return make_bundle(folder, plan_bundle((Part.PYTHON,), root=tree, names=frozenset(names or ("tiny",))))


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return small_tree(tmp_path, monkeypatch)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    with pytest.MonkeyPatch.context() as monkeypatch:
        return make(folder / "bundle", small_tree(folder, monkeypatch)).folder


@pytest.fixture
def made(built: Path, tmp_path: Path) -> Path:
    return shutil.copytree(built, tmp_path / "bundle")


def install(folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*CLOSED, "sh", str(folder / "install.sh"), *map(str, arguments)], capture_output=True, text=True, timeout=400,
        check=False, env={"PATH": "/usr/sbin:/usr/bin:/bin", "PYTHON": sys.executable},
    )  # fmt: skip


def sum_again(folder: Path) -> None:
    """Make the sums fit to what lies there now."""
    files = (one for one in sorted(folder.rglob("*")) if one.is_file() and one != folder / "SHA256SUMS")
    lines = (f"{file_digest(one).removeprefix('sha256:')}  {one.relative_to(folder)}\n" for one in files)
    (folder / "SHA256SUMS").write_text("".join(lines))


def test_a_bundle_installs_in_a_namespace_without_routes(made: Path, tmp_path: Path) -> None:
    document = json.loads((made / "manifest.json").read_bytes())
    assert document["files"] == {
        str(one.relative_to(made)): file_digest(one)
        for one in made.rglob("*") if one.is_file() and one.name not in {"manifest.json", "SHA256SUMS"}
    }  # fmt: skip
    done = install(made, tmp_path / "product")
    assert done.returncode == 0, done.stderr
    assert "datakamp 0.1.0 tiny" in done.stdout
    assert (document["parts"], document["system"]) == (["python"], None)
    assert not (tmp_path / "product" / ".datakamp-unfinished").exists()
    again = install(made, tmp_path / "product")
    assert (again.returncode, "is there already" in again.stderr) == (1, True)


def test_what_a_broken_off_installation_left_is_made_anew(made: Path, tmp_path: Path) -> None:
    (tmp_path / "product" / "lib").mkdir(parents=True)
    (tmp_path / "product" / "lib" / "half").touch()
    (tmp_path / "product" / ".datakamp-unfinished").touch()
    assert install(made, tmp_path / "product").returncode == 0
    assert not (tmp_path / "product" / "lib" / "half").exists()


def test_an_installation_that_fails_leaves_nothing(tree: Path, tmp_path: Path) -> None:
    project = tree / "pyproject.toml"
    project.write_text(project.read_text().replace('["tiny"]', '["tiny", "not-in-the-lock"]'))
    make(tmp_path / "bundle", tree)
    done = install(tmp_path / "bundle", tmp_path / "product")
    assert (done.returncode, "do not fit together" in done.stderr) == (1, True)
    assert not (tmp_path / "product").exists()


@pytest.mark.parametrize("what", ["file", "sums", "link", "device"])
def test_a_file_that_was_not_bundled_is_refused(what: str, made: Path, tmp_path: Path) -> None:
    wheels = made / "wheels"
    if what == "file":
        (wheels / "other-1.0-py3-none-any.whl").touch()
    elif what == "sums":
        (wheels / "SHA256SUMS").touch()
    elif what == "link":
        wheel = wheels / "tiny-1.0-py3-none-any.whl"
        wheel.rename(tmp_path / "elsewhere")
        wheel.symlink_to(tmp_path / "elsewhere")
    else:
        (wheels / "pipe").symlink_to("/dev/null")
    done = install(made, tmp_path / "product")
    assert (done.returncode, "in this folder" in done.stderr) == (1, True)
    assert not (tmp_path / "product").exists()


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        ((), 2, "Usage"),
        (("",), 2, "Usage"),
        (("--help",), 2, "Usage"),
        (("one", "two"), 2, "Usage"),
        (("--parts",), 2, "Usage"),
        (("--parts", "", "product"), 2, "Usage"),
        (("--parts", "python"), 2, "Usage"),
        (("--parts", "python,r", "product"), 1, "has no part 'r'; it has: python."),
        (("--parts", "*", "product"), 1, "has no part '*'"),
        (("/run/datakamp",), 1, "boxes have '/run/datakamp'"),
        (("/data/product",), 1, "boxes have '/data'"),
        (("/run",), 1, "boxes have '/run/datakamp'"),
    ],
)
def test_what_is_asked_wrongly_installs_nothing(
    arguments: tuple[str, ...], status: int, said: str, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    done = install(made, *arguments)
    assert (done.returncode, said in done.stderr) == (status, True), done.stderr
    assert sorted(tmp_path.rglob("*")) == before


def test_there_is_no_python_that_fits(made: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [*CLOSED, "sh", str(made / "install.sh"), str(tmp_path / "product")], capture_output=True, text=True,
        check=False, env={"PATH": "/usr/sbin:/usr/bin:/bin", "PYTHON": "no-such-python"}, timeout=60,
    )  # fmt: skip
    assert (done.returncode, "there is no Python" in done.stderr) == (1, True)


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
    sum_again(made)
    done = install(made, tmp_path / "product")
    assert done.returncode == 1
    assert "this bundle is for Python" in done.stderr


def test_a_package_that_is_not_the_locked_one_is_refused_and_nothing_is_left(tree: Path, tmp_path: Path) -> None:
    lock = tree / "requirements" / "lock.txt"
    lock.write_text(f"tiny==1.0 \\\n    --hash=sha256:{'0' * 64}\n")
    with pytest.raises(ExecutionError, match="not the one that the lock names"):
        make(tmp_path / "bundle", tree)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["registry", "tree"]


def test_a_registry_out_of_reach_is_said_clearly(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "registry" / "tiny-1.0-py3-none-any.whl").unlink()
    with pytest.raises(ExecutionError, match="registry") as caught:
        make(tmp_path / "bundle", tree)
    assert caught.value.exit_status == 1
    assert not (tmp_path / "bundle").exists()


def test_a_lock_that_lacks_a_package_is_refused(tree: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="lacks other"):
        make(tmp_path / "bundle", tree, "tiny", "other")


def test_only_what_counts_here_is_taken_from_the_lock() -> None:
    entries = ("one==1 ; sys_platform == 'win32'", "two==2", "three==3")
    text = "".join(f"{one} \\\n    --hash=sha256:{one[0]} \\\n    --hash=sha256:x\n    # via y\n" for one in entries)
    [two] = lock_entries(text, frozenset({"two"}))
    assert two.text == "two==2 \\\n    --hash=sha256:t \\\n    --hash=sha256:x\n"
    assert (two.name, two.version, two.marker, two.here) == ("two", "2", "", True)
    with pytest.raises(BadInputError, match="lacks one"):
        lock_entries(text, frozenset({"one", "two"}))


def test_a_bundle_holds_what_every_patch_of_its_python_needs(tree: Path, tmp_path: Path) -> None:
    here = sys.version_info
    later = f"{here.major}.{here.minor}.{here.micro + 1}"
    wheels = [tmp_path / "registry" / "tiny-1.0-py3-none-any.whl"]
    wheels += [tiny_wheel(tmp_path / "registry", version, python=f">={later}") for version in ("2.0", "3.0")]
    markers = (
        f"python_full_version < '{later}'",
        f"python_full_version == '{later}'",
        f"python_full_version > '{later}'",
    )
    (tree / "requirements" / "lock.txt").write_text(
        "".join(
            f"tiny=={number}.0 ; {marker} \\\n    --hash={file_digest(wheel)}\n"
            for number, (marker, wheel) in enumerate(zip(markers, wheels, strict=True), 1)
        )
    )
    assert make(tmp_path / "bundle", tree).wheels == 4
    lines = (tmp_path / "bundle" / "requirements.txt").read_text().splitlines()
    assert [line.partition(" --hash")[0] for line in lines if line.startswith("tiny")] == [
        f"tiny=={number}.0 ; {marker}".replace("'", '"') for number, marker in enumerate(markers, 1)
    ]
    done = install(tmp_path / "bundle", tmp_path / "product")
    assert (done.returncode, "datakamp 0.1.0 tiny" in done.stdout) == (0, True), done.stderr


def test_markers_are_tried_for_each_patch_only_where_they_depend_on_it() -> None:
    here = sys.version_info
    later = Marker(f"python_full_version >= '{here.major}.{here.minor}.{here.micro + 1}'")
    assert (holds(later), holds(later, any_patch=True)) == (False, True)
    other = Marker(f"python_full_version >= '{here.major}.{here.minor + 1}'")
    assert not holds(other, any_patch=True)
    assert not holds(Marker("sys_platform == 'win32'"), any_patch=True)
    assert holds(None)
    assert needed_names() <= needed_names(any_patch=True)


def test_the_size_is_told_before_anything_is_fetched(tree: Path) -> None:
    plan = plan_bundle((Part.PYTHON,), root=tree, names=frozenset({"tiny"}))
    assert plan.sentences() == ("Python packages: 1, at most about 0 MiB.",)
    assert unpacked_size(frozenset({"numpy", "no-such-thing"})) == unpacked_size(frozenset({"numpy"})) > 1 << 20


def test_how_far_it_is_is_told(tree: Path, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    plan = plan_bundle((Part.PYTHON,), root=tree, names=frozenset({"tiny"}))
    make_bundle(tmp_path / "bundle", plan, progress=lambda *step: told.append(step))
    assert told == [("Python packages", 0, 1), ("Python packages", 1, 1)]


@pytest.mark.parametrize(("free", "works"), [(99, False), (100, True)])
def test_a_disk_without_room_is_refused_before_anything_is_fetched(
    free: int, works: bool, tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workspace.bundle.unpacked_size", lambda _: 100)
    monkeypatch.setattr("workspace.bundle.shutil.disk_usage", lambda _: type("Usage", (), {"free": free}))
    if works:
        assert make(tmp_path / "bundle", tree).wheels == 2
        return
    with pytest.raises(BadInputError, match="fewer --parts"):
        make(tmp_path / "bundle", tree)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["registry", "tree"]


def test_parts_are_named_from_a_closed_list() -> None:
    assert parts_of("python,system,r,browser") == tuple(Part)
    assert parts_of(" r,python,r ") == (Part.PYTHON, Part.R)
    for text in ("", " , ", "python,fonts"):
        with pytest.raises(BadInputError, match="part") as caught:
            parts_of(text)
        assert "python, system, r, browser" in caught.value.hint


def test_the_command_refuses_other_parts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert datakamp.run(["bundle", "--parts", "fonts", str(tmp_path / "bundle")]) == 2
    assert "no part 'fonts'" in capsys.readouterr().err


def test_the_command_refuses_a_folder_that_is_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert datakamp.run(["bundle", str(tmp_path)]) == 2
    assert "is there already" in capsys.readouterr().err
