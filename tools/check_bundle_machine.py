"""A machine with nothing but Debian's or Ubuntu's smallest system, in a folder, and what is done on it without network.

What runs on it sees the machine's own files and the bundle, and has no network interface but its own loopback. It keeps
the rights of root, since apt installs with them.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

_BUNDLE: Final = "/mnt"
_PRODUCT: Final = "/srv/product"
_COMMAND: Final = f"{_PRODUCT}/bin/datakamp"
_CAMP: Final = "/root/camp"
_EMPTY: Final = """
for name in python3 R chromium bwrap pip; do if command -v $name; then echo "there is $name"; exit 1; fi; done
[ "$(wc -l < /proc/net/route)" = 1 ] && ! grep -v '^ *lo:' /proc/net/dev | grep ':'
"""
_WELL: Final = """
import json, subprocess, sys
told = subprocess.run([sys.argv[1], "doctor", "--json"], stdout=subprocess.PIPE)
parts = json.loads(told.stdout)
lacking = [part for part in parts if part["state"] != "well"]
print(lacking)
named = {"Python", "packages", "bubblewrap", "the seal", "chromium", "fonts", "R kernel"}
well = {part["what"] for part in parts if part["state"] == "well"}
sys.exit(1 if told.returncode != 0 or not named <= well else 0)
"""
_NOTEBOOK: Final = """
import json, pathlib, sys
about = {"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}, "language_info": {"name": "R"}}
cell = {"cell_type": "code", "id": "sum", "metadata": {}, "source": "40 + 2", "outputs": [], "execution_count": None}
document = {"cells": [cell], "metadata": about, "nbformat": 4, "nbformat_minor": 5}
pathlib.Path(sys.argv[1]).write_text(json.dumps(document))
"""
_IS_PDF: Final = """
set -e
{command} report {workspace}/done.ipynb --to pdf > /root/where
grep -q 42 {workspace}/done.ipynb
pdf=$(head -n 1 /root/where)
[ "$(head -c 5 "$pdf")" = "%PDF-" ]
"""


def steps(root: Path, bundle: Path) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield each step, as what it shows and the command, which ends with status 0 if it does.

    Args:
        root: the folder of the machine, which is not there yet.
        bundle: with all its parts.
    """
    release = platform.freedesktop_os_release()["VERSION_CODENAME"]
    yield "a machine with nothing is made", ["debootstrap", "--variant=minbase", release, str(root)]

    def there(*command: str) -> list[str]:
        return box(root, bundle, command)

    workspace = f"{_CAMP}/workspaces/armoede"
    python = f"{_PRODUCT}/bin/python"
    yield "it has no route, no Python, no R, no browser", there("sh", "-c", _EMPTY)
    yield "the whole bundle installs there", there("sh", f"{_BUNDLE}/install.sh", _PRODUCT)
    yield "doctor finds all of it", there(python, "-c", _WELL, _COMMAND)
    yield "the demo runs, to a package that verifies", there(_COMMAND, "demo", _CAMP)
    yield "a notebook of R is written", there(python, "-c", _NOTEBOOK, f"{workspace}/sum.ipynb")
    run = [_COMMAND, "run", f"{workspace}/sum.ipynb", "--camp", _CAMP, "--output", f"{workspace}/done.ipynb"]
    yield "R runs it in a sealed kernel", there(*run)
    yield "chromium prints it as PDF", there("sh", "-c", _IS_PDF.format(command=_COMMAND, workspace=workspace))


def box(root: Path, bundle: Path, command: Sequence[str]) -> list[str]:
    """Return what runs a command on the machine, as its root, without network."""
    # Its processes are listed with the host's: a /proc of a box's own does not let a box inside it have one.
    binds = [
        "--bind",
        str(root),
        "/",
        "--dev-bind",
        "/dev",
        "/dev",
        "--bind",
        "/proc",
        "/proc",
        "--ro-bind",
        "/sys",
        "/sys",
    ]
    settings = {"HOME": "/root", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
    told = [part for name, value in settings.items() for part in ("--setenv", name, value)]
    return [
        "bwrap", "--unshare-net", "--unshare-ipc", "--cap-add", "ALL", *binds, "--ro-bind", str(bundle), _BUNDLE,
        "--chdir", "/root", "--clearenv", *told, "--die-with-parent", "--", *command,
    ]  # fmt: skip
