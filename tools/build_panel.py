"""Build the panel of the Lab, or check that what is built comes from what is written.

``python tools/build_panel.py`` builds `workspace/lab/panel` into `workspace/lab/labextension`; ``--check`` builds it
aside and compares every byte. Both need Node and npm, which find their packages where npm is told to look. Whoever only
installs the product needs neither: the built files are kept in git, with a digest of what they were built from.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
SOURCES: Final = ROOT / "workspace" / "lab" / "panel"
BUILT: Final = ROOT / "workspace" / "lab" / "labextension" / "datakamp_panel"
RECORD: Final = "built_from.json"

_WRITTEN: Final = ("package.json", "package-lock.json", "tsconfig.json", "webpack.config.js")
_FOLDERS: Final = ("src", "style")


def record() -> dict[str, dict[str, str]]:
    """Return the digest of every file that the panel is built from, and of every file that was built."""
    sources = [SOURCES / name for name in _WRITTEN]
    sources += [path for folder in _FOLDERS for path in (SOURCES / folder).rglob("*") if path.is_file()]
    return {"sources": _digests(sources, SOURCES), "built": _digests(_files(BUILT), BUILT)}


def recorded() -> dict[str, dict[str, str]]:
    """Return what was recorded when the panel was built."""
    found: dict[str, dict[str, str]] = json.loads((BUILT / RECORD).read_text("utf-8"))
    return found


def build(folder: Path) -> Path:
    """Build the panel in an empty folder and return the folder of what was built.

    Raises:
        SystemExit: there is no Node or npm, or a step failed; what it said was printed.
    """
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise SystemExit(f"{program} is missing. On Debian or Ubuntu: apt-get install nodejs npm")
    place = folder / "panel"
    place.mkdir()
    for name in _WRITTEN:
        shutil.copy2(SOURCES / name, place / name)
    for name in _FOLDERS:
        shutil.copytree(SOURCES / name, place / name)
    programs = place / "node_modules" / ".bin"
    _run(place, "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
    _run(place, str(programs / "tsc"))
    _run(place, str(programs / "build-labextension"), "--core-path", str(_staging()), ".")
    return folder / "labextension" / BUILT.name


def main(arguments: Sequence[str] | None = None) -> int:
    """Build or check the panel; return 0 if all is well and 1 if what is built is not what is written."""
    parser = argparse.ArgumentParser(description="Build the panel of the Lab.")
    parser.add_argument("--check", action="store_true", help="build it aside and compare")
    checks = parser.parse_args(arguments).check
    with tempfile.TemporaryDirectory() as aside:
        made = build(Path(aside))
        if checks:
            differing = _differing(made)
            for name in differing:
                print(f"differs: {name}")
            print("Build the panel anew." if differing else "The built panel is what its sources say.")
            return 1 if differing else 0
        shutil.rmtree(BUILT, ignore_errors=True)
        shutil.copytree(made, BUILT)
    (BUILT / RECORD).write_text(f"{json.dumps(record(), indent=1, sort_keys=True)}\n", "utf-8")
    print(f"Built: {BUILT.relative_to(ROOT)}")
    return 0


def _differing(made: Path) -> list[str]:
    found, kept = _digests(_files(made), made), _digests(_files(BUILT), BUILT)
    return sorted(name for name in found.keys() | kept.keys() if found.get(name) != kept.get(name))


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.name != RECORD]


def _digests(paths: Sequence[Path], folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(paths)}


def _staging() -> Path:
    """Return the folder in which JupyterLab says what it shares with its extensions."""
    found = find_spec("jupyterlab")
    if found is None or found.origin is None:
        raise SystemExit("JupyterLab is missing. Run: make setup")
    return Path(found.origin).parent / "staging"


def _run(place: Path, *command: str) -> None:
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{command[0]} failed:\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    sys.exit(main())
