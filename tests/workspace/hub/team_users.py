"""Operating-system users for the teams of a camp: made for one test, and removed after it."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from disclosure.exchange.camp import CampFile, read_camp
from tests.workspace.hub.camp import ROOT, make_camp

IS_ROOT = os.geteuid() == 0
_OPENED = """\
set -e
closed=$1 kept=$2; shift 2
for tree in $kept; do
    hold=$(mktemp -d); mount --bind "$tree" "$hold"; holds="$holds $hold"
done
mount -t tmpfs -o mode=755,size=1m tmpfs "$closed"
set -- $holds -- "$@"
for tree in $kept; do
    mkdir -p "$tree"; mount --bind "$1" "$tree"; umount "$1"; rmdir "$1"; shift
done
shift
exec "$@"
"""


def around() -> tuple[str, ...]:
    """A command that starts another one where every user reaches Python and this package.

    It is empty where that is so anyway. A developer's Python may lie in a home folder that is closed to others: then
    the command sees, in a mount namespace of its own, a folder there that is open and holds nothing else.
    """
    trees = sorted({Path(sys.base_prefix).resolve(), Path(sys.prefix).resolve(), ROOT})
    ways = [one for tree in trees for one in reversed(tree.parents) if not one.stat().st_mode & 0o001]
    if not ways or not IS_ROOT:
        return ()
    kept = [tree for tree in trees if ways[0] in tree.parents]
    outer = [tree for tree in kept if not any(other in tree.parents for other in kept)]
    told = (str(ways[0]), " ".join(map(str, outer)))
    return ("unshare", "--mount", "--propagation", "private", "sh", "-c", _OPENED, "sh", *told)


@dataclass(frozen=True)
class UsersCamp:
    """A camp that other users reach, and the prefix of its teams' users."""

    camp: CampFile
    prefix: str

    def users(self, *options: str) -> subprocess.CompletedProcess[str]:
        """What `datakamp hub users` said."""
        return self.run("hub", "--camp", str(self.camp.folder), "users", "--prefix", self.prefix, *options)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """What datakamp said to root."""
        return subprocess.run(
            [*around(), sys.executable, str(ROOT / "datakamp.py"), *command],
            capture_output=True, text=True, check=False, cwd=ROOT,
        )  # fmt: skip

    def number(self, team: str) -> int:
        """Of the user of a team."""
        return pwd.getpwnam(self.prefix + team).pw_uid

    def reads(self, team: str, *paths: Path) -> list[bool]:
        """Whether the user of a team reads files, and lists folders."""
        entry = pwd.getpwnam(self.prefix + team)
        script = (
            'for path; do if [ -d "$path" ]; then ls "$path"; else cat "$path"; fi >/dev/null && echo y || echo n; done'
        )
        done = subprocess.run(
            ["/bin/sh", "-c", script, "sh", *map(str, paths)], user=entry.pw_uid, group=entry.pw_gid, extra_groups=[],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False, cwd="/",
        )  # fmt: skip
        return [line == "y" for line in done.stdout.split()]


@contextmanager
def users_camp() -> Iterator[UsersCamp]:
    """A camp without users yet; those that were made go with the block."""
    folder = Path(tempfile.mkdtemp(prefix="datakamp-users-", dir="/tmp"))
    folder.chmod(0o711)
    prefix = f"t{secrets.token_hex(4)}-"
    made = UsersCamp(make_camp(folder), prefix)
    try:
        yield made
    finally:
        for entry in [one for one in pwd.getpwall() if one.pw_name.startswith(prefix)]:
            subprocess.run(["userdel", "--force", entry.pw_name], capture_output=True, check=False)
            shutil.rmtree(f"/tmp/datakamp-{entry.pw_uid}", ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def authorise(camp: CampFile, *, before: str, after: str) -> CampFile:
    """The camp with other words in camp.toml."""
    path = camp.folder / "camp.toml"
    text = path.read_text()
    assert text.count(before) == 1
    path.write_text(text.replace(before, after))
    return read_camp(camp.folder)
