"""A bundle holds the Debian packages that a bare machine needs, each as the index names it, and installs them."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
import sys
from pathlib import Path

import pytest

from disclosure.errors import BadInputError, ExecutionError
from disclosure.exchange.files import file_digest
from tests.workspace.debian_archive import NAMED, NEEDS_APT, Archive, Machine, bare_machine, small_archive
from tests.workspace.test_bundle import sum_again, tree
from workspace.bundle import Plan, make_bundle, plan_bundle
from workspace.bundle_debian import fetch, resolve
from workspace.bundle_parts import VENV, Part

__all__ = ["tree"]  # a fixture

SYSTEM = (Part.SYSTEM, Part.R, Part.BROWSER)
FILES = sorted([*(f"{name}_1.0_all.deb" for name in NAMED), "libtiny_2.0+x~1_all.deb"])


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Archive:
    return small_archive(tmp_path, monkeypatch)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    with pytest.MonkeyPatch.context() as monkeypatch:
        small_archive(folder, monkeypatch)
        return make_bundle(folder / "bundle", plan_bundle(SYSTEM)).folder


@pytest.fixture
def made(built: Path, tmp_path: Path) -> Path:
    return shutil.copytree(built, tmp_path / "bundle")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return bare_machine(tmp_path)


@NEEDS_APT
def test_what_the_named_packages_need_comes_along_and_nothing_else(archive: Archive) -> None:
    closure = resolve(SYSTEM)
    assert [one.file for one in closure.files] == FILES
    assert all(one.digest == file_digest(archive.folder / one.file) for one in closure.files)
    assert closure.size == sum((archive.folder / one).stat().st_size for one in FILES)
    assert dict(closure.named) == {part: part.debian for part in SYSTEM}
    assert [one.file for one in resolve((Part.PYTHON, Part.BROWSER)).files] == [
        "chromium_1.0_all.deb", "fonts-dejavu-core_1.0_all.deb", "libtiny_2.0+x~1_all.deb",
    ]  # fmt: skip


@NEEDS_APT
@pytest.mark.parametrize("scheme", ["copy", "file"])
def test_the_manifest_tells_version_and_digest_of_each(
    scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_archive(tmp_path, monkeypatch, scheme=scheme)
    told: list[tuple[str, int, int]] = []
    plan = plan_bundle(SYSTEM)
    assert plan.sentences()[0].startswith("Debian packages for ")
    assert plan.sentences()[0].endswith(": 8, 0 MiB.")
    made = make_bundle(tmp_path / "bundle", plan, progress=lambda *step: told.append(step))
    assert (made.wheels, made.system) == (0, 8)
    assert told[-1] == ("Debian packages", 100, 100)
    document = json.loads((tmp_path / "bundle/manifest.json").read_bytes())
    assert document["parts"] == ["system", "r", "browser"]
    packages = document["system"]["packages"]
    assert {one["name"]: one["version"] for one in packages} == dict.fromkeys(NAMED, "1.0") | {"libtiny": "1:2.0+x~1"}
    assert all(one["digest"] == document["files"][f"system/{one['file']}"] for one in packages)
    assert sorted(one.name for one in (tmp_path / "bundle/system").iterdir()) == sorted(["Packages", *FILES])
    assert sorted(one.name for one in (tmp_path / "bundle").iterdir()) == [
        "SHA256SUMS", "install.sh", "manifest.json", "system",
    ]  # fmt: skip


@NEEDS_APT
@pytest.mark.parametrize("scheme", ["copy", "file"])
@pytest.mark.parametrize("what", ["changed", "gone"])
def test_a_package_that_is_not_the_one_of_the_index_is_refused_and_nothing_is_left(
    scheme: str, what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = small_archive(tmp_path, monkeypatch, scheme=scheme)
    plan, package = plan_bundle(SYSTEM), archive.folder / FILES[3]
    package.unlink()
    if what == "changed":
        archive.add(FILES[3].partition("_")[0], "1.0", more="Section: changed")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(ExecutionError, match=r"index|fetched|written"):
        make_bundle(tmp_path / "bundle", plan)
    assert sorted(tmp_path.iterdir()) == before


@NEEDS_APT
def test_what_was_resolved_is_what_is_taken_even_if_the_index_changes_in_between(
    archive: Archive, tmp_path: Path
) -> None:
    closure = resolve(SYSTEM)
    (archive.folder / "chromium_1.0_all.deb").unlink()
    archive.add("chromium", "1.0", depends="libtiny", more="Section: changed")
    archive.index()
    with pytest.raises(ExecutionError, match=r"chromium_1\.0_all\.deb"):
        fetch(closure, tmp_path / "system")


@NEEDS_APT
def test_a_package_that_apt_does_not_know_is_named(archive: Archive) -> None:
    (archive.folder / "chromium_1.0_all.deb").unlink()
    archive.index()
    with pytest.raises(ExecutionError, match="apt does not know: chromium") as caught:
        resolve(SYSTEM)
    assert "--parts python" in caught.value.hint


@NEEDS_APT
def test_an_index_without_good_digests_is_refused(archive: Archive) -> None:
    archive.index(digests=False)
    with pytest.raises(ExecutionError):
        resolve(SYSTEM)


@NEEDS_APT
def test_a_python_that_the_system_does_not_have_is_left_out(archive: Archive) -> None:
    (archive.folder / f"{VENV}_1.0_all.deb").unlink()
    archive.index()
    assert dict(resolve(SYSTEM).named)[Part.SYSTEM] == ("bubblewrap", "tzdata")


def test_without_apt_the_parts_of_the_system_are_refused_and_python_is_not(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workspace.bundle_debian.shutil.which", lambda _: None)
    with pytest.raises(BadInputError, match="system, r, browser are Debian packages") as caught:
        plan_bundle(root=tree, names=frozenset({"tiny"}))
    assert "--parts python" in caught.value.hint
    assert "bubblewrap" in caught.value.hint
    plan = plan_bundle((Part.PYTHON,), root=tree, names=frozenset({"tiny"}))
    assert make_bundle(tmp_path / "bundle", plan).system == 0
    assert not (tmp_path / "bundle/system").exists()


@NEEDS_APT
def test_a_bare_machine_gets_all_of_it_without_network(made: Path, machine: Machine) -> None:
    done = machine.install(made)
    assert done.returncode == 0, done.stderr
    assert machine.installed() == dict.fromkeys(NAMED, "1.0") | {"libtiny": "1:2.0+x~1"}
    assert (machine.root / "usr/share/chromium").read_text() == "chromium 1.0\n"
    assert machine.install(made).returncode == 0  # a second time nothing is to be done


@NEEDS_APT
def test_only_the_parts_that_are_asked_for_are_installed(made: Path, machine: Machine) -> None:
    done = machine.install(made, "--parts", "browser")
    assert done.returncode == 0, done.stderr
    assert sorted(machine.installed()) == ["chromium", "fonts-dejavu-core", "libtiny"]


@NEEDS_APT
def test_a_bundle_whose_path_apt_could_not_read_installs_too(made: Path, machine: Machine, tmp_path: Path) -> None:
    strange = tmp_path / "a [folder] of 100% ours"
    made.rename(strange)
    done = machine.install(strange, "--parts", "r")
    assert done.returncode == 0, done.stderr
    assert "r-cran-irkernel" in machine.installed()


@NEEDS_APT
def test_what_is_newer_there_stays(made: Path, machine: Machine, archive: Archive) -> None:
    machine.put(archive.add("libtiny", "1:3.0"))
    assert machine.install(made).returncode == 0
    assert machine.installed()["libtiny"] == "1:3.0"


@NEEDS_APT
def test_nothing_is_removed_for_it(made: Path, machine: Machine, archive: Archive) -> None:
    machine.put(archive.add("other", more="Breaks: chromium"))
    done = machine.install(made)
    assert (done.returncode, "nothing was installed" in done.stderr) == (1, True)
    assert machine.installed() == {"other": "1.0"}


@NEEDS_APT
@pytest.mark.parametrize("what", ["changed", "missing", "extra", "index", "link"])
def test_a_bundle_that_is_not_whole_installs_no_package(
    what: str, made: Path, machine: Machine, tmp_path: Path
) -> None:
    package = made / "system" / FILES[0]
    if what == "changed":
        package.write_bytes(package.read_bytes() + b"x")
    elif what == "missing":
        package.unlink()
    elif what == "extra":
        shutil.copy(package, made / "system/unasked_1.0_all.deb")
    elif what == "index":
        (made / "system/Packages").write_text("")
    else:
        package.rename(tmp_path / "elsewhere")
        package.symlink_to(tmp_path / "elsewhere")
    done = machine.install(made)
    assert done.returncode == 1
    assert "bundled" in done.stderr or "link" in done.stderr
    assert machine.installed() == {}


@NEEDS_APT
@pytest.mark.parametrize(("release", "architecture"), [("plan9 fourth", ""), ("", "vax")])
def test_another_system_is_refused_and_told_the_way(
    release: str, architecture: str, archive: Archive, machine: Machine, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    plan = plan_bundle(SYSTEM)
    made = make_bundle(tmp_path / "bundle", _for(plan, release=release, architecture=architecture)).folder
    monkeypatch.delenv("APT_CONFIG")
    done = machine.install(made)
    assert done.returncode == 1
    assert f"the packages of the system are for {release or architecture}, and this machine is" in done.stderr
    assert "sh install.sh --parts python DIR" in done.stderr
    assert machine.installed() == {}


@NEEDS_APT
def test_on_another_system_pythons_part_installs(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_archive(tmp_path, monkeypatch)
    plan = plan_bundle(root=tree, names=frozenset({"tiny"}))
    made = make_bundle(tmp_path / "bundle", _for(plan, release="plan9 fourth")).folder
    monkeypatch.delenv("APT_CONFIG")
    machine = bare_machine(tmp_path)
    refused = machine.install(made, tmp_path / "product")
    assert (refused.returncode, (tmp_path / "product").exists()) == (1, False)
    done = machine.install(made, "--parts", "python", tmp_path / "product", PYTHON=sys.executable)
    assert (done.returncode, "datakamp 0.1.0 tiny" in done.stdout) == (0, True), done.stderr
    assert machine.installed() == {}


@NEEDS_APT
def test_who_is_not_root_is_told_what_root_does_and_goes_on_once_it_is_done(made: Path, machine: Machine) -> None:
    refused = machine.install(made, "--parts", "browser,r", user=1000)
    assert refused.returncode == 1
    assert "only root can install: r-base-core r-cran-irkernel chromium fonts-dejavu-core" in refused.stderr
    assert "--parts browser,r" in refused.stderr
    assert machine.install(made, "--parts", "browser,r").returncode == 0
    assert machine.install(made, "--parts", "browser,r", user=1000).returncode == 0


@NEEDS_APT
def test_packages_alone_take_no_folder(made: Path, machine: Machine, tmp_path: Path) -> None:
    done = machine.install(made, tmp_path / "product")
    assert (done.returncode, "part python only" in done.stderr) == (1, True)
    assert machine.installed() == {}


@NEEDS_APT
def test_a_package_that_apt_finds_changed_after_all_is_not_installed(made: Path, machine: Machine) -> None:
    package = made / "system" / FILES[0]
    package.write_bytes(package.read_bytes() + b"x")
    sum_again(made)
    assert machine.install(made).returncode == 1
    assert hashlib.sha256(package.read_bytes()).hexdigest() in (made / "SHA256SUMS").read_text()
    assert FILES[0].partition("_")[0] not in machine.installed()


def _for(plan: Plan, *, release: str = "", architecture: str = "") -> Plan:
    if plan.closure is None:
        pytest.fail("there are no Debian packages in this plan")
    closure = dataclasses.replace(
        plan.closure,
        release=release or plan.closure.release,
        architecture=architecture or plan.closure.architecture,
    )
    return dataclasses.replace(plan, closure=closure)
