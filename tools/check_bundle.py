"""Make a bundle, install it where there is no network, and show the whole product there: ``make bundle-check``.

The packages of the bundle come from where pip is set up to look; all that follows runs in a network namespace of its
own without a route, without the source tree and with an empty home, as on a machine that never had any of them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
_SECONDS: Final = 1800
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
        SystemExit: it failed; what it said was printed.
    """
    begun = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=_SECONDS)
    if done.returncode != 0:
        print(done.stdout + done.stderr, file=sys.stderr)
        raise SystemExit(f"bundle-check: {what}: ended with status {done.returncode}")
    print(f"{time.monotonic() - begun:6.0f} s  {what}", flush=True)


def main() -> int:
    """Check a bundle of this tree; return the exit status."""
    with tempfile.TemporaryDirectory(prefix="datakamp-bundle-") as name:
        folder = Path(name)
        bundle, target, home = folder / "bundle", folder / "product", folder / "home"
        home.mkdir()
        here = [sys.executable, str(ROOT / "datakamp.py"), "bundle", str(bundle)]
        with_system = Path("/usr/bin/apt-get").exists() and os.geteuid() == 0
        take("a bundle is made", here if with_system else [*here, "--without-system"])
        take("there is no route, and no source tree", closed(home, [base_python(), "-c", _WITHOUT_ROUTES, str(ROOT)]))
        take("it installs", closed(home, ["sh", str(bundle / "install.sh"), str(target)]))
        command = str(target / "bin" / "datakamp")
        take("doctor finds nothing missing", closed(home, [command, "doctor"]))
        take("the demo runs, to a package that verifies", closed(home, [command, "demo", str(folder / "camp")]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
