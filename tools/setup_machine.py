"""What the machine itself must have: Python's own venv, and bubblewrap that can really start a box."""

from __future__ import annotations

import importlib.util
import os
import platform
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

# The same restrictions that a sealed kernel gets: a bwrap too old for one of them must fail here, not at a camp.
_PROBE = (
    *("--unshare-all", "--unshare-user", "--disable-userns", "--uid", "1000", "--gid", "1000"),
    *("--die-with-parent", "--new-session", "--cap-drop", "ALL"),
    *("--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "true"),
)
_PROBE_SECONDS = 20

# Switches of the kernel that forbid the box to an ordinary user: file under /proc/sys, forbidding value, remedy.
_SWITCHES = (
    ("kernel/unprivileged_userns_clone", "0", "sudo sysctl -w kernel.unprivileged_userns_clone=1"),
    (
        "kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
    ),
    ("user/max_user_namespaces", "0", "sudo sysctl -w user.max_user_namespaces=15000"),
)

# Commands that install packages, by the family of the distribution; {} stands for the packages.
_INSTALLERS: Mapping[str, tuple[str, ...]] = {
    "debian": (
        "apt-get update",
        "apt-get install --yes --no-install-recommends {}",
    ),
    "fedora": ("dnf install --assumeyes {}",),
    "suse": ("zypper --non-interactive install {}",),
    "arch": ("pacman --sync --needed --noconfirm {}",),
}
_FAMILIES: Mapping[str, str] = {
    "debian": "debian",
    "ubuntu": "debian",
    "fedora": "fedora",
    "rhel": "fedora",
    "centos": "fedora",
    "suse": "suse",
    "opensuse": "suse",
    "arch": "arch",
}


@dataclass(frozen=True)
class Machine:
    """The machine as the set-up sees it.

    Args:
        release: the fields of /etc/os-release; empty where there is none.
        is_root: whether this process may install system packages.
        search_path: where programs are looked for, as in PATH.
        system: the kernel's name, such as "Linux".
    """

    release: Mapping[str, str]
    is_root: bool
    search_path: str
    system: str = "Linux"

    @classmethod
    def this(cls) -> Machine:
        """Return the machine that this process runs on."""
        release: Mapping[str, str] = {}
        if platform.system() == "Linux":
            try:
                release = platform.freedesktop_os_release()
            except OSError:
                release = {}
        return cls(release, os.geteuid() == 0, os.environ.get("PATH", os.defpath), platform.system())

    @property
    def family(self) -> str:
        """The family of the distribution: "debian", "fedora", "suse", "arch", or "" if it is none of these."""
        names = [self.release.get("ID", ""), *self.release.get("ID_LIKE", "").split()]
        return next((_FAMILIES[name] for name in names if name in _FAMILIES), "")

    @property
    def installs_by_itself(self) -> bool:
        """Whether the set-up may install packages here: as root, on Debian or a distribution made from it."""
        return self.is_root and self.family == "debian" and self.find("apt-get") is not None

    def find(self, program: str) -> str | None:
        """Return the path of a program, or None if it is not on the search path."""
        return shutil.which(program, path=self.search_path)


@dataclass(frozen=True)
class Need:
    """Something that the machine lacks.

    Args:
        what: its name.
        why: what was found instead, as a clause.
        packages: the packages that hold it, by family; empty if no package would help.
        remedy: what helps instead of a package; empty if packages do.
    """

    what: str
    why: str
    packages: Mapping[str, str] | None = None
    remedy: str = ""


def lacking(machine: Machine) -> tuple[Need, ...]:
    """Return what the machine lacks, in the order in which it would be mended; empty if it has everything."""
    return tuple(need for need in (_venv_need(), _box_need(machine)) if need is not None)


def install_commands(machine: Machine, needs: tuple[Need, ...]) -> tuple[tuple[str, ...], ...]:
    """Return the commands that install what is needed, each as an argv; empty if no package manager is known."""
    packages = " ".join(need.packages[machine.family] for need in needs if need.packages and machine.family)
    if not packages:
        return ()
    return tuple(tuple(line.format(packages).split()) for line in _INSTALLERS[machine.family])


def install_line(machine: Machine, needs: tuple[Need, ...]) -> str:
    """Return the same commands as one line for a person to run, with sudo where this user is not root."""
    prefix = [] if machine.is_root else ["sudo"]
    return " && ".join(shlex.join([*prefix, *command]) for command in install_commands(machine, needs))


def conda_command() -> str:
    """Return the command that brings Python, R and bubblewrap from conda-forge instead."""
    return "conda env create --file environment.yml && conda activate datakamp"


def _venv_need() -> Need | None:
    importlib.invalidate_caches()  # a package installed a moment ago is found
    missing = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    if not missing:
        return None
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return Need(
        what="Python's venv",
        why=f"{sys.executable} has no {' and no '.join(missing)}",
        packages={"debian": f"{version}-venv", "fedora": "python3-pip", "suse": "python3-pip", "arch": "python"},
    )


def _box_need(machine: Machine) -> Need | None:
    if machine.system != "Linux":
        return Need(
            what="Linux",
            why=f"kernels are sealed by bubblewrap, which {machine.system} does not have",
            remedy="use a machine, virtual machine or container with Linux",
        )
    program = machine.find("bwrap")
    if program is None:
        packages = dict.fromkeys(_INSTALLERS, "bubblewrap")
        return Need(what="bubblewrap", why="no bwrap on the search path", packages=packages)
    complaint = _probe_box(program, machine.search_path)
    if not complaint:
        return None
    return Need(what="a box of bubblewrap's", why=f"{program} cannot start one ({complaint})", remedy=_box_remedy())


def _probe_box(program: str, search_path: str) -> str:
    """Return why a box cannot be started, in bwrap's words, or an empty text if one was."""
    try:
        done = subprocess.run(
            [program, *_PROBE],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PROBE_SECONDS,
            check=False,
            env={"PATH": os.pathsep.join((search_path, os.defpath))},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return type(error).__name__
    if done.returncode == 0:
        return ""
    lines = done.stderr.strip().splitlines()
    return lines[-1] if lines else f"exit status {done.returncode}"


def _box_remedy(switches: Path = Path("/proc/sys")) -> str:
    for name, forbidding, remedy in _SWITCHES:
        with_switch = switches / name
        if with_switch.is_file() and with_switch.read_text().strip() == forbidding:
            return remedy
    return (
        "allow user namespaces here and have bubblewrap 0.8 or later; in a container, start it with a seccomp profile "
        "that lets bwrap work (Docker, Podman: --security-opt seccomp=unconfined)"
    )
