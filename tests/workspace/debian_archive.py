"""A small archive of Debian packages, made here, which apt reads instead of the machine's sources."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from disclosure.exchange.files import file_digest
from workspace.bundle_parts import VENV

NEEDS_APT = pytest.mark.skipif(
    any(shutil.which(name) is None for name in ("apt-get", "dpkg-deb", "bwrap")),
    reason="needs apt, dpkg and bubblewrap",
)
NAMED = ("bubblewrap", "tzdata", VENV, "r-base-core", "r-cran-irkernel", "chromium", "fonts-dejavu-core")


@dataclass(frozen=True)
class Archive:
    """An archive in a folder.

    Attributes:
        folder: of the packages and their index.
        settings: for apt, to be named by APT_CONFIG.
    """

    folder: Path
    settings: Path

    def add(self, name: str, version: str = "1.0", *, depends: str = "", more: str = "") -> Path:
        """Build a package with one file, /usr/share/NAME, and return it."""
        source = self.folder.parent / "source" / name
        (source / "DEBIAN").mkdir(parents=True)
        (source / "usr/share").mkdir(parents=True)
        (source / "usr/share" / name).write_text(f"{name} {version}\n")
        lines = [f"Package: {name}", f"Version: {version}", "Architecture: all", "Maintainer: x <x@example.org>"]
        lines += [f"Depends: {depends}"] if depends else []
        lines += [more] if more else []
        (source / "DEBIAN/control").write_text("\n".join([*lines, "Description: of a test", ""]))
        made = self.folder / f"{name}_{version.rpartition(':')[2]}_all.deb"
        said(["dpkg-deb", "--root-owner-group", "--build", str(source), str(made)])
        shutil.rmtree(source)
        return made

    def index(self, *, digests: bool = True) -> None:
        """Write the index, and have apt read it."""
        parts = []
        for one in sorted(self.folder.glob("*.deb")):
            digest = f"SHA256: {file_digest(one).removeprefix('sha256:')}" if digests else f"MD5sum: {'0' * 32}"
            control = said(["dpkg-deb", "--field", str(one)])
            parts.append(f"{control.rstrip()}\nFilename: ./{one.name}\nSize: {one.stat().st_size}\n{digest}\n")
        (self.folder / "Packages").write_text("\n".join(parts))
        said(["apt-get", "update"])


def small_archive(folder: Path, monkeypatch: pytest.MonkeyPatch, *, scheme: str = "copy") -> Archive:
    """Return an archive with all packages that a bundle names, and have apt use it, and none of the machine's."""
    archive = Archive(folder / "archive", folder / "apt.conf")
    archive.folder.mkdir()
    for name in ("lists/partial", "cache/archives/partial"):
        (folder / "apt" / name).mkdir(parents=True)
    (folder / "apt/sources.list").write_text(f"deb [trusted=yes] {scheme}:{archive.folder} ./\n")
    archive.settings.write_text(
        f'Dir::Etc::sourcelist "{folder}/apt/sources.list"; Dir::Etc::sourceparts "/dev/null";\n'
        f'Dir::State::lists "{folder}/apt/lists"; Dir::Cache "{folder}/apt/cache"; APT::Sandbox::User "";\n'
        'Acquire::Languages "none"; Dir::Etc::preferencesparts "/dev/null"; APT::Update::Post-Invoke-Success "";\n'
        "#clear APT::Update::Post-Invoke;\n#clear APT::Update::Post-Invoke-Success;\n"
    )
    monkeypatch.setenv("APT_CONFIG", str(archive.settings))
    for name in NAMED:
        archive.add(name, depends="libtiny (>= 1:2)" if name in {"chromium", "r-base-core"} else "")
    archive.add("libtiny", "1:2.0+x~1")
    archive.add("unasked")
    archive.index()
    return archive


@dataclass(frozen=True)
class Machine:
    """A machine in a folder, which has no package yet and on which apt works as on the real one.

    Attributes:
        root: its files.
        settings: for apt, to be named by APT_CONFIG.
    """

    root: Path
    settings: Path

    @property
    def database(self) -> Path:
        """Where dpkg keeps what is installed."""
        return self.root / "var/lib/dpkg"

    def installed(self) -> dict[str, str]:
        """Return the versions of what is installed."""
        form = "${Package} ${Version}\n"
        lines = said(["dpkg-query", f"--admindir={self.database}", "--show", f"--showformat={form}"]).splitlines()
        return dict(line.split(" ", 1) for line in lines)

    def put(self, package: Path) -> None:
        """Install a package beforehand."""
        said([*as_user(0), "dpkg", f"--root={self.root}", "--install", str(package)])

    def install(
        self, bundle: Path, *arguments: str | Path, user: int = 0, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a bundle's script on it, without network."""
        command = [*as_user(user), "sh", str(bundle / "install.sh"), *map(str, arguments)]
        return subprocess.run(
            command,
            capture_output=True, text=True, timeout=300, check=False,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "APT_CONFIG": str(self.settings),
                 "DPKG_ADMINDIR": str(self.database), **environment},
        )  # fmt: skip


def as_user(number: int) -> list[str]:
    """Return what runs a command as this user, of a namespace without network."""
    user = [
        "--unshare-user",
        "--uid",
        str(number),
        "--gid",
        str(number),
        *(["--cap-add", "ALL"] if number == 0 else []),
    ]
    return ["bwrap", "--unshare-net", *user, "--dev-bind", "/", "/", "--die-with-parent"]


def bare_machine(folder: Path) -> Machine:
    """Return a machine in a folder."""
    machine = Machine(folder / "machine", folder / "machine.conf")
    for name in ("info", "updates", "triggers"):
        (machine.database / name).mkdir(parents=True)
    for name in ("status", "available", "diversions"):
        (machine.database / name).touch()
    machine.settings.write_text(
        f'Dir::State::status "{machine.database}/status"; Dir::State::extended_states "{machine.root}/extended";\n'
        f'Dir::Log "{machine.root}"; DPkg::Options {{ "--root={machine.root}"; }};\n'
        "#clear DPkg::Pre-Install-Pkgs;\n#clear DPkg::Pre-Invoke;\n#clear DPkg::Post-Invoke;\n"
    )
    return machine


def said(command: list[str]) -> str:
    """Run a command and return what it said; it may not fail."""
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=True).stdout
