"""What a sealed process can see: a root file system made for it, at paths that are the same in every run.

=================  ==================================================================================
``/data/NAME``     data sets, read-only
``/workspace``     the team's folder, writable
``/camp``          what the run may know about the camp, read-only
``/handover``      narrow frames of a reproduction run, writable; absent otherwise
``/run/datakamp``  the package `disclosure` and nothing else of the installation's source
``/usr``, Python   the system and the Python environment, read-only, at their own paths
``/tmp``, home     file systems in memory with a size: they end with the box
=================  ==================================================================================

There is no network device but the box's own loopback, no other process, no user's configuration and no environment
variable of the host. The home folder is never the workspace, and Python runs in safe-path mode: otherwise a file that
a team leaves there (a profile, ``tornado.py``) would run before the code that is being run.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath, PurePosixPath
from typing import Final

from disclosure import errors
from disclosure.errors import BadInputError
from workspace.isolation.limits import MIB, Limits
from workspace.isolation.modes import SealMode
from workspace.isolation.seccomp import WORKER_FAMILIES

DATA: Final = "/data"
WORKSPACE: Final = "/workspace"
CAMP: Final = "/camp"
HANDOVER: Final = "/handover"
PACKAGE: Final = "/run/datakamp"
OWN_PLACES: Final = (CAMP, DATA, HANDOVER, PACKAGE, WORKSPACE)
"""No Python environment lies over or under these. The package is below /run, where nobody installs anything."""
HOME: Final = "/home/researcher"

INSIDE: Final = "@box@"
"""Stands before a path of the box in what is told to the code, where the box has no root of its own: see `inside`."""

MODE_VARIABLE: Final = "DATAKAMP_SEAL"
"""The variable that tells the code how it is sealed."""

TEMPORARY: Final = "/tmp"  # noqa: S108 - of the box, which nobody else shares
TEMPORARY_FOLDERS: Final = (TEMPORARY, "/dev/shm", HOME)  # noqa: S108

USER: Final = 1000
HOME_SIZE: Final = 16 * MIB
_SHARED_MEMORY_SIZE: Final = 64 * MIB

# Of the system's settings only what programs need to start: nothing that names machines, users or services.
_SETTINGS: Final = (
    "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "localtime", "timezone", "fonts", "mime.types", "R",
)  # fmt: skip
_MERGED_FOLDERS: Final = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


@dataclass(frozen=True)
class Mount:
    """A file or folder of the host at a path of the box."""

    source: Path
    target: str
    writable: bool = False


@dataclass(frozen=True)
class Box:
    """A root file system, an environment and a set of socket families; `seal.Seal.start` runs a command in it.

    Attributes:
        mounts: what of the host is inside.
        files: path in the box and content of read-only files that exist only there, such as a connection key.
        keys: the same, for the command alone: what it starts cannot read them.
        environment: all environment variables, name and value.
        directory: the working directory.
        families: address families of sockets, see `seccomp`.
        temporary: size in bytes of /tmp.

    Raises:
        BadInputError: a source does not exist, two targets overlap, or a folder would be writable by a detour: one
            that is mounted writable holds, or lies in, one that is mounted read-only.
    """

    mounts: tuple[Mount, ...]
    environment: tuple[tuple[str, str], ...]
    files: tuple[tuple[str, bytes], ...] = ()
    directory: str = "/"
    families: tuple[int, ...] = WORKER_FAMILIES
    temporary: int = Limits.temporary
    keys: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        for mount in self.mounts:
            if not mount.source.is_absolute() or not mount.source.exists():
                raise BadInputError(f"What should be '{mount.target}' in the box does not exist.")
        _refuse_overlapping_targets(
            [*(mount.target for mount in self.mounts), *(path for path, _ in (*self.files, *self.keys))]
        )
        sources = [(mount.source.resolve(), mount) for mount in self.mounts]
        for writable_source, writable in sources:
            for source, mount in sources:
                if writable.writable and mount is not writable and _overlap(writable_source, source):
                    raise BadInputError(
                        f"'{writable.target}' would be writable and overlaps with '{mount.target}' on this machine.",
                        hint="Keep workspaces, data sets and the installation in folders beside each other.",
                    )

    def arguments(self, *, file_handles: Mapping[str, int], seccomp_handle: int) -> tuple[str, ...]:
        """Return the options of ``bwrap`` that build this box.

        Args:
            file_handles: an open descriptor with the content of each of `files` and `keys`, and of ``/etc/passwd`` and
                so on as `system_files` lists them.
            seccomp_handle: an open descriptor with the filter.
        """
        options = [
            "--unshare-all", "--unshare-user", "--disable-userns", "--uid", str(USER), "--gid", str(USER),
            "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--hostname", "sealed",
            "--proc", "/proc", "--dev", "/dev",
        ]  # fmt: skip
        sizes = (self.temporary, _SHARED_MEMORY_SIZE, HOME_SIZE)
        for folder, size in zip(TEMPORARY_FOLDERS, sizes, strict=True):
            options += ["--perms", "0700", "--size", str(size), "--tmpfs", folder]
        options += _system()
        for path, handle in file_handles.items():
            options += ["--ro-bind-data", str(handle), path]
        for mount in self.mounts:
            options += ["--bind" if mount.writable else "--ro-bind", str(mount.source.resolve()), mount.target]
        # Last: bubblewrap's own root and /dev are file systems in memory that have no size. In /proc lie the switches
        # of the host's kernel: if root started the box, Linux would let it change them, without any capability.
        options += ["--remount-ro", "/dev", "--remount-ro", "/proc", "--remount-ro", "/"]
        options += ["--chdir", self.directory, "--seccomp", str(seccomp_handle), "--clearenv"]
        for name, value in self.environment:
            options += ["--setenv", name, value]
        return tuple(options)

    def writable_sources(self) -> tuple[Mount, ...]:
        """Return the mounts through which the box can write to the host."""
        return tuple(mount for mount in self.mounts if mount.writable)


def inside(path: str, mode: str) -> str:
    """Return a path of the box as code in it uses it: as it is, or with `INSIDE` before it for a box without a root.

    It is for what a launcher tells the code: command line, environment, and the content of `Box.files`.
    """
    return f"{INSIDE}{path}" if mode == SealMode.LANDLOCK else path


def system_files() -> tuple[tuple[str, bytes], ...]:
    """Return path and content of the few files of /etc that every box needs and that must not be the host's."""
    return (
        ("/etc/passwd", f"researcher:x:{USER}:{USER}::{HOME}:/bin/sh\n".encode()),
        ("/etc/group", f"researcher:x:{USER}:\n".encode()),
        ("/etc/hosts", b"127.0.0.1 localhost sealed\n::1 localhost\n"),
    )


def data_mounts(data: Mapping[str, Path], *, root: str = DATA, what: str = "data set") -> tuple[Mount, ...]:
    """Return the read-only mounts of data sets, or of other inputs, below `root` by name.

    Raises:
        BadInputError: a name is not a plain name, or there is nothing at the path.
    """
    for name, source in data.items():
        if not _NAME.fullmatch(name):
            raise BadInputError(f"The name of a {what} holds other characters than letters, digits, '_', '.', '-'.")
        if not source.exists():
            raise BadInputError(f"There is no file or folder for {what} '{name}'.")
    return tuple(Mount(source.absolute(), f"{root}/{name}") for name, source in sorted(data.items()))


def python_box(
    mounts: Iterable[Mount] = (),
    *,
    files: Iterable[tuple[str, bytes]] = (),
    directory: str = "/",
    families: tuple[int, ...] = WORKER_FAMILIES,
    temporary: int = Limits.temporary,
    mode: str = "",
) -> Box:
    """Return a box in which this Python, its packages and `disclosure` work, with `mounts` added.

    Args:
        mode: the mode of the seal, told to the code inside as DATAKAMP_SEAL; it decides how paths are told.

    Raises:
        BadInputError: this Python lies where boxes have something of their own.
    """
    package = Path(errors.__file__).resolve().parent
    trees = [Mount(tree, str(tree)) for tree in _python_trees()]
    if mode != SealMode.LANDLOCK:
        _refuse_own_places(trees)
    return Box(
        mounts=(*trees, Mount(package, f"{PACKAGE}/{package.name}"), *mounts),
        environment=_environment(mode),
        files=tuple(files),
        directory=directory,
        families=families,
        temporary=temporary,
    )


def _python_trees() -> tuple[Path, ...]:
    trees: list[Path] = []
    for prefix in sorted({Path(sys.prefix), Path(sys.base_prefix)}):
        if not any(prefix.is_relative_to(tree) for tree in (Path("/usr"), *trees)):
            trees.append(prefix)
    return tuple(trees)


def _refuse_own_places(trees: Iterable[Mount]) -> None:
    for tree in trees:
        for own in OWN_PLACES:
            if _overlap(PurePosixPath(tree.target), PurePosixPath(own)):
                raise BadInputError(
                    f"This Python lies where boxes have '{own}' for something of their own.",
                    hint="Install Python and Datakamp elsewhere, for example in /srv/datakamp or /opt/datakamp.",
                )


def _environment(mode: str) -> tuple[tuple[str, str], ...]:
    home, temporary = inside(HOME, mode), inside(TEMPORARY, mode)
    return (
        ("PATH", f"{sys.prefix}/bin:/usr/local/bin:/usr/bin:/bin"),
        ("HOME", home),
        ("USER", "researcher"),
        ("LANG", "C.UTF-8"),
        ("TMPDIR", temporary),
        (MODE_VARIABLE, mode),
        ("IPYTHONDIR", f"{home}/.ipython"),
        ("JUPYTER_CONFIG_DIR", f"{home}/.jupyter"),
        ("JUPYTER_DATA_DIR", f"{home}/.jupyter/data"),
        ("JUPYTER_RUNTIME_DIR", f"{temporary}/jupyter"),
        ("MPLCONFIGDIR", f"{home}/.matplotlib"),
        ("PYTHONDONTWRITEBYTECODE", "1"),
        ("PYTHONNOUSERSITE", "1"),
        ("PYTHONPATH", inside(PACKAGE, mode)),
        ("PYTHONSAFEPATH", "1"),
    )


def system_folders() -> tuple[Path, ...]:
    """Return the files and folders of the system that every box sees, read-only, those that there are."""
    merged = (Path("/", name) for name in _MERGED_FOLDERS)
    found = (Path("/usr"), *(folder for folder in merged if not folder.is_symlink()), *_settings())
    return tuple(path for path in found if path.exists())


def _settings() -> tuple[Path, ...]:
    return tuple(Path("/etc", name) for name in _SETTINGS)


def _system() -> list[str]:
    options = ["--ro-bind", "/usr", "/usr"]
    for name in _MERGED_FOLDERS:
        folder = Path("/", name)
        if folder.is_symlink():
            options += ["--symlink", str(folder.readlink()), str(folder)]
        elif folder.is_dir():
            options += ["--ro-bind", str(folder), str(folder)]
    for path in _settings():
        options += ["--ro-bind-try", str(path), str(path)]
    return options


def _overlap(one: PurePath, other: PurePath) -> bool:
    return one.is_relative_to(other) or other.is_relative_to(one)


def _refuse_overlapping_targets(targets: list[str]) -> None:
    paths = [PurePosixPath(target) for target in targets]
    for position, one in enumerate(paths):
        for other in paths[position + 1 :]:
            if _overlap(one, other):
                raise BadInputError(f"'{one}' and '{other}' of the box overlap.")
