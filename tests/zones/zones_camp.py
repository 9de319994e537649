"""A camp whose zones have operating-system users of their own, really made for one test and removed after it."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from disclosure.exchange.camp import CampFile, Participant, Team, read_camp
from output_review.signing.key_files import create_key_files, read_public_key
from output_review.signing.keys import KeyRole
from tests.workspace.hub.camp import ROOT
from tests.workspace.hub.team_users import IS_ROOT, around
from tests.workspace.small_camp import DATA_SET, data_set, notebook
from workspace.camp_folder import new_camp
from workspace.catalogue import register

TEAM = "armoede"
PASSPHRASE = "correct horse battery staple"
CASE = """\
import disclosure as sdc
lazy = sdc.table(sdc.data("HOMES"), rows=["wijk"], unit="person")
out = sdc.table(sdc.data("HOMES").to_pandas(), rows=["wijk"], unit="person")
sdc.basket().add(lazy, name="by-recipe", title="Homes by wijk", population="Everyone")
sdc.basket().add(out, name="by-code", title="Homes by wijk, from code", population="Everyone")
print(sdc.submit(title="Homes", purpose="To see how many there are.", code=["homes.ipynb"]))
"""


@dataclass
class ZonesCamp:
    """A camp, its office and its people."""

    place: Path
    prefix: str
    reviewers: tuple[str, ...]

    @property
    def camp(self) -> CampFile:
        """As camp.toml says now."""
        return read_camp(self.place / "camp")

    @property
    def site(self) -> Path:
        """The office's site configuration."""
        return self.place / "office" / "site.toml"

    def user(self, zone: str) -> str:
        """The user of a zone or team."""
        return self.prefix + zone

    def command(self, user: str, *arguments: str) -> list[str]:
        """The words that run datakamp as a user."""
        camp = () if arguments[0] in {"verify", "key"} else ("--camp", str(self.place / "camp"))
        words = [arguments[0], *camp, *arguments[1:]] if arguments[0] == "hub" else [*arguments, *camp]
        run = [sys.executable, str(ROOT / "datakamp.py"), *words]
        if user == "root":
            return [*around(), *run]
        return [*around(), "setpriv", "--reuid", user, "--regid", user, "--clear-groups", *run]

    def run(self, user: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """What datakamp said to a user; the camp is named for it."""
        return subprocess.run(
            self.command(user, *arguments), capture_output=True, text=True, check=False, cwd="/", timeout=200,
            env={**os.environ, "HOME": "/"},
        )  # fmt: skip

    def done(self, user: str, *arguments: str) -> str:
        """What datakamp printed, once it ended well."""
        ended = self.run(user, *arguments)
        assert ended.returncode == 0, (arguments, ended.stdout, ended.stderr)
        return ended.stdout

    @contextmanager
    def serving(self) -> Iterator[subprocess.Popen[str]]:
        """A worker, until the block ends."""
        with subprocess.Popen(
            self.command(self.user("data"), "tabulation", "serve"), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            text=True, cwd="/", env={**os.environ, "HOME": "/"},
        ) as worker:  # fmt: skip
            try:
                assert worker.stderr is not None
                begun = time.monotonic()
                while "Serving" not in (line := worker.stderr.readline()):
                    assert line, "the worker ended"
                    assert time.monotonic() - begun < 60
                yield worker
            finally:
                worker.terminate()

    def can(self, user: str, test: str, *paths: Path) -> tuple[Path, ...]:
        """What of these a user reads or lists ("r") or changes ("w"): really done, not asked for."""
        script = {
            "r": 'if [ -d "$path" ]; then ls "$path" && [ -x "$path" ]; else cat "$path"; fi',
            "w": 'if [ -d "$path" ]; then touch "$path/.attack" && rm "$path/.attack"; else : >> "$path"; fi',
        }[test]
        entry = pwd.getpwnam(user)
        done = subprocess.run(
            ["/bin/sh", "-c", f"for path; do ({script}) >/dev/null && echo y || echo n; done", "sh", *map(str, paths)],
            user=entry.pw_uid, group=entry.pw_gid, extra_groups=[], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True, check=True, cwd="/",
        )  # fmt: skip
        answers = done.stdout.split()
        assert len(answers) == len(paths)
        return tuple(path for path, answer in zip(paths, answers, strict=True) if answer == "y")

    def key_of(self, reviewer: str) -> Path:
        """A reviewer's private key."""
        return self.place / reviewer / f"{reviewer}.key"

    def new_reviewer(self, name: str) -> str:
        """Somebody with an account and a key, whom the site configuration names and camp.toml does not yet."""
        name = self.user(name)
        line = _reviewer(self.place, name)
        self.site.write_text(self.site.read_text().replace("[reviewers]\n", f"[reviewers]\n{line}\n"))
        return name

    def fingerprint(self) -> str:
        """Of the root key."""
        return read_public_key(self.place / "office" / "keys" / "root.pub").fingerprint

    def hand_in(self, before: str = "") -> None:
        """The team's notebook runs, and writes its request; `before` is what it does first."""
        path = self.camp.workspace(TEAM) / "homes.ipynb"
        path.write_bytes(notebook(before + CASE))
        entry = pwd.getpwnam(self.user(TEAM))
        os.chown(path, entry.pw_uid, entry.pw_gid)
        self.done(self.user(TEAM), "run", "homes.ipynb")


@contextmanager
def zones_camp() -> Iterator[ZonesCamp]:
    """A camp with registered data that are not synthetic, an office with keys, reviewers with accounts; no users."""
    place = Path(tempfile.mkdtemp(prefix="datakamp-zones-", dir="/tmp"))
    place.chmod(0o711)
    token = secrets.token_hex(3)
    made = ZonesCamp(place, f"z{token}-", (f"z{token}-vera", f"z{token}-wim"))
    try:
        _made(made)
        yield made
    finally:
        for entry in [one for one in pwd.getpwall() if one.pw_name.startswith(made.prefix)]:
            subprocess.run(["userdel", "--force", entry.pw_name], capture_output=True, check=False)
            shutil.rmtree(f"/tmp/datakamp-{entry.pw_uid}", ignore_errors=True)
        shutil.rmtree(place, ignore_errors=True)


def _made(made: ZonesCamp) -> None:
    camp = new_camp(
        made.place / "camp",
        teams=(Team(TEAM, (DATA_SET,)),),
        participants=(
            Participant("anna", ("researcher",), (TEAM,)),
            *(Participant(name, ("reviewer",), ()) for name in made.reviewers),
        ),
        users=made.prefix,
    )
    register(camp, data_set(made.place / "source", synthetic=False))
    keys = made.place / "office" / "keys"
    keys.mkdir(parents=True, mode=0o700)
    (made.place / "office" / "ledger").mkdir(mode=0o700)
    made.place.joinpath("office").chmod(0o700)
    lines = ["schema = 1", 'ledger = "ledger"']
    tables = []
    for name, role in (("root", KeyRole.ROOT), ("log", KeyRole.LOG), ("release", KeyRole.RELEASE)):
        create_key_files(keys, name, role, PASSPHRASE)
        (keys / f"{name}.passphrase").write_text(PASSPHRASE + "\n")
        (keys / f"{name}.passphrase").chmod(0o600)
        tables += [f"[{name}]", f'key = "keys/{name}.key"', f'passphrase_file = "keys/{name}.passphrase"']
    tables.append("[reviewers]")
    tables += [_reviewer(made.place, name) for name in made.reviewers]
    lines.append(f'roots = ["{made.fingerprint()}"]')
    made.site.write_text("\n".join([*lines, *tables]) + "\n")


def _reviewer(place: Path, name: str) -> str:
    """Make a reviewer's key and account, and return the line of the site configuration."""
    own = place / name
    own.mkdir(mode=0o700)
    create_key_files(own, name, KeyRole.REVIEWER, PASSPHRASE)
    (own / "passphrase").write_text(PASSPHRASE + "\n")
    (own / "passphrase").chmod(0o600)
    shutil.copy(own / f"{name}.pub", place / "office" / "keys" / f"{name}.pub")
    if IS_ROOT:
        subprocess.run(["useradd", "--system", "--user-group", "--no-create-home", name], check=True)
        entry = pwd.getpwnam(name)
        for one in (own, *own.iterdir()):
            os.chown(one, entry.pw_uid, entry.pw_gid)
    return f'{name} = "keys/{name}.pub"'
