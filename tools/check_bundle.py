"""Make a bundle, install it where there is no network, and show the whole product there: ``make bundle-check``.

The packages of the bundle come from where pip and apt are set up to look; all that follows runs in a network namespace
of its own without a route: here, without the source tree and with an empty home; and, as root on Debian or Ubuntu where
debootstrap is, on a machine of its own, made for this in a folder, which has none of what Datakamp needs.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import check_bundle_machine as machine

ROOT: Final = Path(__file__).resolve().parents[1]
_SECONDS: Final = 1800
_LAST: Final = 4000  # characters of what a step that failed said
_WITHOUT_ROUTES: Final = """\
import pathlib, socket, sys
routes = pathlib.Path("/proc/net/route").read_text().splitlines()[1:]
interfaces = [name for _, name in socket.if_nameindex()]
sys.exit(0 if not routes and interfaces == ["lo"] and not any(pathlib.Path(sys.argv[1]).iterdir()) else 1)
"""


def closed(home: Path, command: Sequence[str]) -> list[str]:
    """Return what runs a command without network, source tree and home folder."""
    settings = {"HOME": str(home), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "PYTHON": base_python(), "LANG": "C.UTF-8"}
    box = ["bwrap", "--unshare-net", "--dev-bind", "/", "/", "--tmpfs", str(ROOT), "--chdir", "/", "--clearenv"]
    for name, value in settings.items():
        box += ["--setenv", name, value]
    return [*box, "--die-with-parent", "--", *command]


def base_python() -> str:
    """Return the Python that the environment of this one was made with."""
    return str(Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}")


def take(what: str, command: Sequence[str]) -> None:
    """Take a step, and print how long it took.

    Raises:
        SystemExit: it failed; the last of what it said was printed.
    """
    begun = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=_SECONDS)
    if done.returncode != 0:
        print(done.stdout[-_LAST:] + done.stderr[-_LAST:], file=sys.stderr)
        raise SystemExit(f"bundle-check: {what}: ended with status {done.returncode}")
    print(f"{time.monotonic() - begun:6.0f} s  {what}", flush=True)


def has_system_parts() -> bool:
    """Tell whether Debian packages can be bundled here and installed on a machine made for it."""
    programs = ("apt-get", "dpkg-deb", "debootstrap")
    return os.geteuid() == 0 and all(shutil.which(name) is not None for name in programs)


def main() -> int:
    """Check a bundle of this tree; return the exit status."""
    whole = has_system_parts()
    with tempfile.TemporaryDirectory(prefix="datakamp-bundle-") as name:
        folder = Path(name)
        bundle, target, home = folder / "bundle", folder / "product", folder / "home"
        home.mkdir()
        here = [sys.executable, str(ROOT / "datakamp.py"), "bundle", str(bundle)]
        take("a bundle is made", here if whole else [*here, "--parts", "python"])
        print(f"          of {sum(one.stat().st_size for one in bundle.rglob('*') if one.is_file()) >> 20} MiB")
        take("there is no route, and no source tree", closed(home, [base_python(), "-c", _WITHOUT_ROUTES, str(ROOT)]))
        install = ["sh", str(bundle / "install.sh"), "--parts", "python", str(target)]
        take("its Python part installs", closed(home, install))
        command = str(target / "bin" / "datakamp")
        take("doctor finds nothing missing", closed(home, [command, "doctor"]))
        if not whole:
            take("the demo runs, to a package that verifies", closed(home, [command, "demo", str(folder / "camp")]))
            print("Not checked: the system, R and the browser. That takes root, Debian or Ubuntu, and debootstrap.")
            return 0
        shutil.rmtree(target)
        for step in machine.steps(folder / "machine", bundle):
            take(*step)
    return 0


if __name__ == "__main__":
    sys.exit(main())
