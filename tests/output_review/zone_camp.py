"""A camp with an open control zone, small real data and an engine without boxes, for the tests of the services."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq

from disclosure.engines import sealed_comparison, sealed_reading, sealed_tabulation
from disclosure.errors import ExecutionError, HandoverError
from disclosure.exchange.camp import CampFile, read_camp
from disclosure.exchange.canonical import canonical_json
from disclosure.exchange.comparison import ComparisonJob, ComparisonResult, comparison_result_from_bytes
from disclosure.exchange.files import file_digest, read_regular
from disclosure.exchange.foreign import ForeignOutputs, foreign_outputs_from_bytes
from disclosure.exchange.submission import Submission, SubmittedFigure, SubmittedOutput
from disclosure.exchange.tabulation import (
    JOB_FILE,
    MAXIMUM_RESULT_BYTES,
    RESULT_FILE,
    TabulationJob,
    TabulationResult,
    tabulation_result_from_bytes,
)
from disclosure.exchange.written import SubmittedText
from disclosure.model.derived import DerivedRequest
from disclosure.model.recipes import DataSetReference, FrameSource, LazySource, Recipe, Statistic
from output_review.ports import Engines, Reproduction
from output_review.services.opening import open_camp
from output_review.services.zone import ControlZone, open_zone
from output_review.signing.key_files import create_key_files, read_private_key, read_public_key
from output_review.signing.keys import KeyRole, Mark, SigningKey

PASSPHRASE = "correct horse battery staple"
CAMP = """
schema = 1
name = "camp"
mode = "one-user"
policy = "cbs"
mark = "DEMO"
[[teams]]
name = "team-1"
data = ["PERSONS"]
[[teams]]
name = "team-2"
data = []
[[people]]
name = "anna"
roles = ["researcher"]
teams = ["team-1"]
""" + "".join(
    f'[[people]]\nname = "{name}"\nroles = ["reviewer"]\nteams = {teams}\n'
    for name, teams in (("vera", "[]"), ("wim", "[]"), ("xena", '["team-1"]'), ("yara", "[]"))
)
CODEBOOK = """
schema = 1
name = "PERSONS"
synthetic = true
unit = ["person"]
identifiers = ["person"]
[columns.wijk]
type = "category"
sensitive = false
[columns.income]
type = "number"
decimals = 2
"""
SITE = """
schema = 1
ledger = "ledger"
roots = ["ROOT"]
""" + "".join(f'[{name}]\nkey = "{name}.key"\npassphrase_file = "passphrase"\n' for name in ("root", "log", "release"))
REVIEWERS = ("vera", "wim", "xena", "yara")
SITE += "[reviewers]\n" + "".join(f'{name} = "{name}.pub"\n' for name in REVIEWERS)
PEOPLE = 240


def _entry(database: str) -> str:
    return f'database = "{database}"\n' if database else ""


def _area(code: int) -> dict[str, Any]:
    ring = [[code, 52], [code + 0.9, 52], [code + 0.9, 53], [code, 53], [code, 52]]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "properties": {"wijk": str(code)}, "geometry": geometry}


AREAS = canonical_json({"type": "FeatureCollection", "features": [_area(code) for code in range(28, 32)]})
"""What the organiser laid beside the data set for maps."""
EVERYONE = "SELECT person, wijk, income FROM PERSONS"
WITHOUT_31 = f"{EVERYONE} WHERE wijk <> '31'"


def people() -> pa.Table:
    """Persons in four wijken; the last has five of them."""
    wijken = ["28" if person % 3 == 0 else "29" if person % 3 == 1 else "30" for person in range(PEOPLE - 5)] + [
        "31"
    ] * 5
    incomes = [1000 + (person * 37) % 900 for person in range(PEOPLE)]
    keys = [f"{person:09d}" for person in range(PEOPLE)]
    return pa.table({"person": keys, "wijk": wijken, "income": pa.array(incomes, pa.float64())})


@dataclass
class ZoneCamp:
    """The folders of a camp and its office.

    `frames` is what a reproduction hands over. Where databases are a server's, `spare` makes an empty one.
    """

    folder: Path
    office: Path
    frames: dict[str, pa.Table] = field(default_factory=dict)
    spare: Callable[[], str] | None = None

    @classmethod
    def made(cls, place: Path, *, database: str = "") -> ZoneCamp:
        """Make a camp, register its data set, make keys and open it; its database is a file, or a server's."""
        made = cls(place / "camp", place / "office")
        data = made.folder / "microdata" / "PERSONS"
        data.mkdir(parents=True)
        made.office.mkdir()
        (made.folder / "camp.toml").write_text(_entry(database) + CAMP)
        pq.write_table(people(), data / "data.parquet")
        (data / "codebook.toml").write_text(CODEBOOK)
        (data / "wijken.geojson").write_bytes(AREAS)
        (made.office / "passphrase").write_text(PASSPHRASE + "\n")
        for name, role in (("root", "root"), ("log", "log"), ("release", "release")):
            create_key_files(made.office, name, KeyRole(role), PASSPHRASE, mark=Mark.DEMO)
        for name in REVIEWERS:
            create_key_files(made.office, name, KeyRole.REVIEWER, PASSPHRASE, mark=Mark.DEMO)
        root = read_public_key(made.office / "root.pub").fingerprint
        (made.office / "site.toml").write_text(SITE.replace("ROOT", root))
        open_camp(made.folder, made.office / "site.toml")
        return made

    def copied(self, place: Path, *, database: str = "") -> ZoneCamp:
        """Return a copy elsewhere, opened camp and all: making keys costs more than copying them.

        Of a database on a server, `database` is the copy.
        """
        shutil.copytree(self.folder, place / "camp", symlinks=True)
        shutil.copytree(self.office, place / "office", symlinks=True)
        copy = ZoneCamp(place / "camp", place / "office")
        if database:
            (copy.folder / "camp.toml").write_text(_entry(database) + CAMP)
        copy._move_site()
        return copy

    def _move_site(self) -> None:
        from output_review.database import open_database
        from output_review.models import CampRow

        open_database(self.folder / "review", self.camp.database)
        CampRow.objects.update(site=str(self.office / "site.toml"))

    @property
    def camp(self) -> CampFile:
        """The camp as camp.toml says."""
        return read_camp(self.folder)

    def zone(self, **changes: Any) -> ControlZone:
        """Open the control zone."""
        return open_zone(self.folder, self.engines(**changes))

    def engines(self, **changes: Any) -> Engines:
        """Return the ports, bound to what needs no box."""
        usual = {"reproduce": self.reproduce, "tabulate": tabulate, "compare": compare, "read": read}
        return Engines(**{**usual, **changes})

    def key(self, name: str) -> SigningKey:
        """Return a private key."""
        return read_private_key(self.office / f"{name}.key", PASSPHRASE)

    def reproduce(self, camp: CampFile, reproduction: Reproduction, into: Path) -> None:
        """Hand over `frames` as a sealed run would."""
        if set(self.frames) != set(reproduction.frames):
            raise HandoverError("Other frames were handed over than the submission names.")
        for name, frame in self.frames.items():
            with pyarrow.ipc.new_file(into / f"{name}.arrow", frame.schema) as writer:
                writer.write_table(frame)

    def recipe(self, *, lazy: bool = True, sql: str = WITHOUT_31, **changes: Any) -> Recipe:
        """Return a count of persons by wijk, lazy or from a frame."""
        digest = file_digest(self.camp.data_folder("PERSONS") / "data.parquet")
        given: dict[str, Any] = {
            "source": LazySource(sql, (DataSetReference("PERSONS", digest),))
            if lazy
            else FrameSource(("person", "wijk")),
            "statistic": Statistic.COUNT,
            "policy": self.camp.load_policy().reference,
            "rows": ("wijk",),
            "unit": ("person",),
        }
        return Recipe(**{**given, **changes})

    def hand_in(
        self,
        outputs: Mapping[str, Recipe],
        *,
        number: int = 1,
        claims: Mapping[str, bytes] | None = None,
        figures: Mapping[str, SubmittedFigure] = MappingProxyType({}),
        texts: tuple[SubmittedText, ...] = (),
        derived: Mapping[str, DerivedRequest] = MappingProxyType({}),
        revises: int | None = None,
        answers: Mapping[int, str] = MappingProxyType({}),
    ) -> Path:
        """Lay a submission into team-1's outbox, as the broker does, and return its folder."""
        submission = Submission(
            camp="camp", team="team-1", author="anna", number=number, title="Persons", purpose="A test.",
            outputs=tuple(
                SubmittedOutput(name, f"Table {name}", "persons", "", one, figures.get(name), derived.get(name))
                for name, one in outputs.items()
            ),
            code=("case.py",), parameters={}, texts=texts, revises=revises, answers=answers,
        )  # fmt: skip
        folder = self.folder / "outbox" / "team-1" / str(number)
        for place in ("code", "claims"):
            (folder / place).mkdir(parents=True)
        (folder / "submission.json").write_bytes(submission.to_bytes())
        (folder / "code" / "case.py").write_text("print('hello')\n")
        for name, claim in (claims or {}).items():
            (folder / "claims" / f"{name}.json").write_bytes(claim)
        return folder


def read(camp: CampFile, files: Mapping[str, bytes]) -> ForeignOutputs:
    """Read foreign files in this process: the worker's own code, without its box."""
    with tempfile.TemporaryDirectory() as folder:
        source, output = Path(folder) / "foreign", Path(folder) / "output"
        source.mkdir()
        output.mkdir()
        for name, data in files.items():
            (source / name).write_bytes(data)
        if sealed_reading.main(["--input", folder, "--output", str(output)]) != sealed_reading.DONE:
            raise ExecutionError("Nothing could be read of the folder.")
        return foreign_outputs_from_bytes((output / RESULT_FILE).read_bytes())


def tabulate(camp: CampFile, job: TabulationJob, frame: Path | None) -> TabulationResult:
    """Tabulate in this process: the worker's own code, without its box."""
    frames = {} if frame is None else {"frame.arrow": frame}
    return tabulation_result_from_bytes(_worked(sealed_tabulation.main, camp, job.to_bytes(), job.data_sets, frames))


def compare(camp: CampFile, job: ComparisonJob, frames: Mapping[str, Path]) -> ComparisonResult:
    """Compare in this process."""
    named = {f"{name}.arrow": frame for name, frame in frames.items()}
    return comparison_result_from_bytes(_worked(sealed_comparison.main, camp, job.to_bytes(), job.data_sets, named))


def _worked(
    main: Callable[[list[str]], int], camp: CampFile, job: bytes, data_sets: Iterable[str], frames: Mapping[str, Path]
) -> bytes:
    folder = camp.folder / "worker"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "input" / "job").mkdir(parents=True)
    (folder / "input" / "frame").mkdir()
    (folder / "output").mkdir()
    (folder / "input" / "job" / JOB_FILE).write_bytes(job)
    for name in data_sets:
        shutil.copytree(camp.data_folder(name), folder / "input" / name)
    for name, frame in frames.items():
        shutil.copy(frame, folder / "input" / "frame" / name)
    main(["--input", str(folder / "input"), "--output", str(folder / "output")])
    return read_regular(folder / "output" / RESULT_FILE, limit=MAXIMUM_RESULT_BYTES)
