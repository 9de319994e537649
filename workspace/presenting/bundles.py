"""What each team presents: a folder with its released packages, pages made from them, and the digest of every file.

Only bytes of packages that stand get in, and pages that are made from those bytes: nothing is taken from a workspace,
and nothing that lies among the packages by another way. The rule of the camp for what is not released stands on each
page.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Sequence
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Final, Protocol

from disclosure.errors import BadInputError, RefusedError
from disclosure.exchange.camp import CampFile
from disclosure.exchange.canonical import canonical_json
from disclosure.exchange.files import write_atomically
from disclosure.texts import LANGUAGES
from workspace.presenting.page import Layout, presented
from workspace.presenting.released import read_released
from workspace.presenting.rule import rule_of, rule_words

ABOUT: Final = "about.json"
DIGESTS: Final = "SHA256SUMS"
VERSION: Final = 1


class Package(Protocol):
    """A package that stands, and that was verified."""

    @property
    def team(self) -> str:
        """Whose it is."""

    @property
    def name(self) -> str:
        """Of its file, without the ending."""

    @property
    def mark(self) -> str:
        """Of a demonstration "DEMO", otherwise empty."""

    @property
    def data(self) -> bytes:
        """Its bytes."""


def bundle_files(camp: CampFile, team: str, packages: Sequence[Package]) -> dict[str, bytes]:
    """Return the files of a team's bundle by their place in its folder; the same packages give the same bytes.

    Args:
        packages: of this team, one or more.

    Raises:
        BadInputError: a package holds an output of a form that is not known here.
    """
    read = [read_released(one.data) for one in packages]
    mark = " ".join(sorted({one.mark for one in packages} - {""}))
    files = {f"packages/{one.name}.zip": one.data for one in packages}
    for layout in Layout:
        for lang in LANGUAGES:
            files[f"{layout.value}.{lang}.html"] = presented(
                read, layout, title=f"{camp.title or camp.name}: {team}", mark=mark, lang=lang, rule=rule_words(camp)
            )
    about = {
        "schema": VERSION, "camp": camp.name, "team": team, "mark": mark, "unreleased": rule_of(camp).value,
        "packages": {one.name: found.digest for one, found in zip(packages, read, strict=True)},
    }  # fmt: skip
    files[ABOUT] = canonical_json(about)
    sums = (f"{sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items()))
    return {**files, DIGESTS: "".join(sums).encode()}


def write_bundles(camp: CampFile, packages: Iterable[Package], into: Path) -> dict[str, int]:
    """Write the bundle of each team that has a package into a new folder, whole or not at all.

    Returns:
        of each team of the camp, how many packages its bundle holds.

    Raises:
        RefusedError: no team has a package.
        BadInputError: the folder is there already, lies in the camp, or cannot be written; or as of `bundle_files`.
    """
    given = sorted(packages, key=lambda one: one.team)
    by_team = {team: list(found) for team, found in groupby(given, key=lambda one: one.team)}
    if not by_team:
        raise RefusedError("Nothing has been released that could be presented.", hint="See datakamp review list.")
    target = into.absolute()
    if os.path.lexists(target) or target.resolve().is_relative_to(camp.folder):
        raise BadInputError("The bundles need a new folder outside the camp.", hint="Give --to.")
    aside = target.with_name(f".{target.name}.part")
    try:
        shutil.rmtree(aside, ignore_errors=True)
        for team, found in by_team.items():
            for name, data in bundle_files(camp, team, found).items():
                place = aside / team / name
                place.parent.mkdir(parents=True, exist_ok=True)
                write_atomically(place, data)
        aside.rename(target)
    except OSError:
        raise BadInputError(f"'{into.name}' cannot be written.") from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return {team.name: len(by_team.get(team.name, ())) for team in camp.teams}
