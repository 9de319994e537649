"""What is put into a box, and in which order; and the limits that go with it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from disclosure.errors import BadInputError, SealError
from workspace.isolation.box import DATA, PACKAGE, WORKSPACE, Box, Mount, data_mounts, python_box
from workspace.isolation.limits import Limits
from workspace.isolation.modes import SealMode
from workspace.isolation.seal import Seal
from workspace.isolation.watchdog import Budget, folder_budgets

ROOT = Path(__file__).resolve().parents[2]


def options(box: Box) -> tuple[str, ...]:
    return box.arguments(file_handles={"/etc/passwd": 10}, seccomp_handle=11)


def test_a_box_names_every_protection(tmp_path: Path) -> None:
    given = options(python_box([Mount(tmp_path, WORKSPACE, writable=True)]))
    text = " ".join(given)
    for protection in (
        "--unshare-all", "--unshare-user", "--disable-userns", "--uid 1000", "--gid 1000", "--die-with-parent",
        "--new-session", "--cap-drop ALL", "--clearenv", "--seccomp 11", "--remount-ro /dev", "--remount-ro /",
    ):  # fmt: skip
        assert protection in text
    assert "--share-net" not in given
    assert "--dev-bind" not in given


def test_the_root_is_closed_after_everything_is_in_place(tmp_path: Path) -> None:
    given = options(python_box([Mount(tmp_path, WORKSPACE, writable=True)]))
    closing = given.index("--remount-ro")
    binds = [place for place, option in enumerate(given) if option.endswith(("bind", "--tmpfs", "bind-data"))]
    assert max(binds) < closing


def test_every_file_system_in_memory_has_a_size() -> None:
    given = options(python_box(temporary=12345))
    places = [place for place, option in enumerate(given) if option == "--tmpfs"]
    assert len(places) == 3
    assert all(given[place - 2] == "--size" for place in places)
    assert given[given.index("/tmp") - 2] == "12345"


def test_only_the_package_of_the_check_is_inside_not_the_repository() -> None:
    box = python_box()
    targets = [mount.target for mount in box.mounts]
    assert f"{PACKAGE}/disclosure" in targets
    assert all(mount.source != ROOT and mount.source.name != "workspace" for mount in box.mounts)
    assert not any(mount.writable for mount in box.mounts)


def test_data_sets_are_mounted_read_only_by_name(tmp_path: Path) -> None:
    (mount,) = data_mounts({"PERSONS_2020": tmp_path})
    assert (mount.target, mount.writable) == (f"{DATA}/PERSONS_2020", False)


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "a b", "x" * 65, "é"])
def test_a_name_that_could_leave_its_place_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInputError):
        data_mounts({name: tmp_path})


def test_a_missing_data_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="PERSONS"):
        data_mounts({"PERSONS": tmp_path / "absent"})


@pytest.mark.parametrize("detour", ["above", "same", "below", "link"])
def test_data_that_would_be_writable_by_a_detour_is_refused(tmp_path: Path, detour: str) -> None:
    data = tmp_path / "camp" / "data"
    (data / "inner").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "camp")
    places = {"above": data.parent, "same": data, "below": data / "inner", "link": tmp_path / "link"}
    with pytest.raises(BadInputError, match="writable"):
        python_box([Mount(data, f"{DATA}/D"), Mount(places[detour], WORKSPACE, writable=True)])


def test_folders_beside_each_other_are_fine(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data two").mkdir()
    box = python_box([Mount(tmp_path / "data", f"{DATA}/D"), Mount(tmp_path / "data two", WORKSPACE, writable=True)])
    assert [mount.target for mount in box.writable_sources()] == [WORKSPACE]


def test_a_workspace_that_holds_the_installation_is_refused() -> None:
    with pytest.raises(BadInputError, match="overlaps"):
        python_box([Mount(ROOT, WORKSPACE, writable=True)])


def test_targets_inside_each_other_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="overlap"):
        Box(mounts=(Mount(tmp_path, "/data"), Mount(tmp_path, "/data/x")), environment=())
    with pytest.raises(BadInputError, match="overlap"):
        Box(mounts=(Mount(tmp_path, "/data"),), environment=(), files=(("/data/x", b""),))


def test_a_source_that_is_missing_or_relative_is_refused(tmp_path: Path) -> None:
    for source in (tmp_path / "absent", Path("relative")):
        with pytest.raises(BadInputError, match="/data/x"):
            Box(mounts=(Mount(source, "/data/x"),), environment=())


def test_no_variable_of_the_host_goes_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFICE_PASSWORD", "secret")
    box = python_box(mode="bubblewrap")
    assert "secret" not in repr(box)
    assert dict(box.environment)["DATAKAMP_SEAL"] == "bubblewrap"
    assert dict(box.environment)["PYTHONSAFEPATH"] == "1"
    assert dict(box.environment)["HOME"] != WORKSPACE


def test_a_writable_folder_without_a_budget_is_refused(tmp_path: Path) -> None:
    box = python_box([Mount(tmp_path, WORKSPACE, writable=True)])
    assert folder_budgets(box, {WORKSPACE: 10}) == (Budget(tmp_path, 10),)
    with pytest.raises(SealError, match="without a limit"):
        folder_budgets(box, {})


@pytest.mark.parametrize("value", [0, -1, True, 1.5, "1", None])
def test_a_size_that_is_not_a_positive_whole_number_is_refused(value: object) -> None:
    with pytest.raises(BadInputError, match="memory"):
        Limits(memory=value)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [0, -0.1, float("nan"), float("inf"), "1"])
def test_a_time_that_is_not_positive_and_finite_is_refused(value: object) -> None:
    with pytest.raises(BadInputError, match="seconds"):
        Limits(seconds=value)  # type: ignore[arg-type]


def test_a_session_may_have_no_time_budget() -> None:
    assert Limits(seconds=None).seconds is None
    assert Limits(seconds=0.1).seconds == 0.1


@pytest.mark.parametrize("place", ["/data", "/data/python", "/workspace/.venv", "/camp/x", "/handover", "/run", "/"])
def test_a_python_where_boxes_have_something_of_their_own_is_refused(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workspace.isolation.box.sys.prefix", place)
    with pytest.raises(BadInputError, match="This Python lies where boxes have") as caught:
        python_box(mode="bubblewrap")
    assert "/srv/datakamp" in caught.value.hint


@pytest.mark.parametrize("name", ["datakamp", "data", "workspace"])
def test_a_python_elsewhere_is_not(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prefix = tmp_path / name
    prefix.mkdir()
    monkeypatch.setattr("workspace.isolation.box.sys.prefix", str(prefix))
    assert Mount(prefix, str(prefix)) in python_box(mode="bubblewrap").mounts


def test_a_mode_that_mounts_nothing_takes_a_python_wherever_it_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workspace.isolation.box.OWN_PLACES", (sys.prefix,))
    with pytest.raises(BadInputError, match="This Python"):
        python_box(mode=SealMode.BUBBLEWRAP.value)
    assert python_box(mode=SealMode.LANDLOCK.value).mounts


ELSEWHERE = """
import sys
from workspace.isolation.box import python_box
from workspace.isolation.limits import Limits
from workspace.isolation.seal import verify_seal
from workspace.isolation.worker import run_in_box
command = (sys.executable, "-c", "import sys, disclosure; print(sys.prefix, disclosure.__file__)")
box, limits = python_box(mode="bubblewrap"), Limits(seconds=60.0)
print(run_in_box(command, seal=verify_seal(), box=box, limits=limits, budgets=()).output.decode())
"""


def test_a_python_below_opt_is_sealed_as_any_other(seal: Seal) -> None:
    # In a view of this machine's files in which the environment lies there.
    here = ("--dev-bind", "/", "/", "--tmpfs", "/opt", "--bind", sys.prefix, "/opt/datakamp")
    variables = ("--setenv", "PYTHONPATH", str(ROOT), "--setenv", "PYTHONDONTWRITEBYTECODE", "1")
    command = (str(seal.program), *here, *variables, "/opt/datakamp/bin/python", "-c", ELSEWHERE)
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.stdout.split() == ["/opt/datakamp", "/run/datakamp/disclosure/__init__.py"], done.stderr
