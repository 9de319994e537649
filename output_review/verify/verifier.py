"""Verify a Datakamp package: from the package and trusted root fingerprints alone, offline.

    python verifier.py PACKAGE --root FINGERPRINT [--root FINGERPRINT ...] [--demo] [--json]

Exit status: 0 verified, 1 refused (the reasons are named), 2 not a package, unreadable, or wrong arguments.

This one file works alone; it needs Python 3.11 and `cryptography`. It shares no code with the program that makes
packages, so that one mistake cannot be made on both sides. What it follows:

    trusted root -> manifest -> reviewers' keys -> sign-offs on exactly these files of this revision -> quorum
                             -> log key -> signed head -> release entry -> certificate
                             -> release key -> certificate -> every file, tag file and byte of the archive
    figures of a derived table <- figures of the tables that it names
"""

from __future__ import annotations

import argparse
import base64
import csv
import hashlib
import io
import json
import re
import stat
import struct
import sys
import zipfile
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Any

LARGEST_PACKAGE = 256 * 1024 * 1024  # bytes, of the archive and of what it unpacks to
MOST_FILES = 1000
MOST_ITEMS = 10_000  # in any list of a document
CERTIFICATE, OUTPUTS = "data/certificate.json", "data/outputs/"
INFO, MANIFEST, TAG_MANIFEST = "bag-info.txt", "manifest-sha512.txt", "tagmanifest-sha512.txt"
REQUIRED = ("bagit.txt", INFO, MANIFEST, TAG_MANIFEST, CERTIFICATE)
BAGIT_BYTES = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
DERIVED, TABLES = "datakamp-derived/1", ("datakamp-table/2",)  # the schemas of released documents
MOST_LIGHT_TABLES, MOST_LIGHT_CELLS = 5, 200
DEMO_NOTICE = "DEMO - made by a demonstration with throwaway keys; not a release of any office"
ROOT_TEXT = re.compile(r"(DEMO-)?SHA256:[0-9a-f]{64}")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
COMMITMENT = re.compile(r"hmac-sha256:[0-9a-f]{64}")
FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}(?<!\.)")
LISTING_LINE = re.compile(rb"([0-9a-f]{128})  ([\x21-\x7e]+)\n?")
DEVICES = frozenset({"con", "prn", "aux", "nul"} | {f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10)})
# Points of small order, without the sign bit: under such a "key" anybody can sign.
SMALL_ORDER = (
    "00" * 32, "01" + "00" * 31, "ec" + "ff" * 30 + "7f", "ed" + "ff" * 30 + "7f", "ee" + "ff" * 30 + "7f",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
)  # fmt: skip
# What the standard library raises on archives that are cut off or made up; all of it means the same here.
BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, ValueError, RuntimeError, ArithmeticError,
    LookupError, MemoryError,
)  # fmt: skip
TYPE = "application/vnd.datakamp.{}.v1+json"


class Status(StrEnum):
    """The answer; its exit status is in `EXIT`."""

    VERIFIED = "verified"
    REFUSED = "refused"
    UNREADABLE = "unreadable"


EXIT = {Status.VERIFIED: 0, Status.REFUSED: 1, Status.UNREADABLE: 2}


class Kind(StrEnum):
    """What a problem is about."""

    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    UNSAFE = "unsafe"
    ARCHIVE = "archive"
    TRUST = "trust"
    DEMO = "demo"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Problem:
    """One reason for a no: what kind, which file (empty if none), and a sentence."""

    kind: Kind
    file: str
    message: str


@dataclass(frozen=True)
class Report:
    """The answer with its reasons; `facts` are those found before the first break in the chain of trust."""

    status: Status
    mark: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def to_document(self) -> dict[str, Any]:
        """Return the report as a JSON object."""
        problems = [{"kind": p.kind.value, "file": p.file, "message": p.message} for p in self.problems]
        verified = self.status is Status.VERIFIED
        return {
            "status": self.status.value, "verified": verified, "mark": self.mark, "facts": dict(self.facts),
            "problems": problems,
        }  # fmt: skip


class UnreadableError(Exception):
    """The input is not a package at all."""


class TrustError(Exception):
    """A link of the chain of trust does not hold."""


def verify(package: bytes, roots: Collection[str], *, demo: bool = False) -> Report:
    """Return the report on the bytes of a package.

    Args:
        package: the zip file.
        roots: fingerprints of the trusted root keys, ``SHA256:...`` or ``DEMO-SHA256:...``.
        demo: accept a package of a demonstration; the report keeps its mark.
    """
    try:
        if not roots or not all(ROOT_TEXT.fullmatch(root) for root in roots):
            raise UnreadableError("expected root fingerprints, 'SHA256:' and 64 hexadecimal digits")
        return _verify(package, frozenset(roots), demo)
    except UnreadableError as error:
        return _unreadable(str(error))


def _verify(package: bytes, roots: frozenset[str], demo: bool) -> Report:
    top, files, problems = read_archive(package)
    facts: dict[str, Any] = {}
    certificate: dict[str, Any] | None = None
    try:
        if CERTIFICATE not in files:
            raise TrustError("there is no certificate")
        certificate = check_certificate(files, roots, facts)
        if certificate["package"] != top:
            problems.append(Problem(Kind.RENAMED, top, f"the directory was named '{certificate['package']}'"))
    except TrustError as error:
        problems.append(Problem(Kind.TRUST, CERTIFICATE, str(error)))
    problems += compare(files, certificate)
    if certificate is not None and not problems:
        problems += check_container(package, top, files)
        problems += check_derived(files, certificate)
    mark = str(facts.pop("mark", ""))
    if mark and not demo:
        problems.append(Problem(Kind.DEMO, "", "this is a package of a demonstration; only --demo accepts it"))
    if certificate is None:
        facts.clear()  # claims that nothing supports are not reported as facts
    once = {(problem.kind, problem.file): problem for problem in reversed(problems)}
    return Report(Status.REFUSED if problems else Status.VERIFIED, mark, facts, tuple(reversed(once.values())))


def _unreadable(reason: str) -> Report:
    return Report(Status.UNREADABLE, problems=(Problem(Kind.UNREADABLE, "", reason),))


# The archive ---------------------------------------------------------------------------------------------------------


def read_archive(package: bytes) -> tuple[str, dict[str, bytes], list[Problem]]:
    """Return the package's directory, its files by path inside it, and what is wrong with the archive's entries."""
    if len(package) > LARGEST_PACKAGE:
        raise UnreadableError(f"the file is larger than {LARGEST_PACKAGE:,} bytes")
    try:
        archive = zipfile.ZipFile(io.BytesIO(package))
        entries = archive.infolist()
    except BROKEN:
        raise UnreadableError("the file is not a zip archive, or was cut off") from None
    if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > LARGEST_PACKAGE:
        raise UnreadableError(f"the archive unpacks to more than {MOST_FILES} files or {LARGEST_PACKAGE:,} bytes")
    top = _top_directory(entry.orig_filename for entry in entries)
    files: dict[str, bytes] = {}
    problems: list[Problem] = []
    seen: set[str] = set()
    for entry in entries:
        name = entry.orig_filename
        inside = name.removeprefix(f"{top}/")
        reason = _unsafe(entry)
        if reason:
            problems.append(Problem(Kind.UNSAFE, name, reason))
        elif name.casefold() in seen:
            problems.append(Problem(Kind.ADDED, inside, "the archive holds this name twice"))
        elif inside == name:
            problems.append(Problem(Kind.ADDED, name, f"it lies outside the directory '{top}'"))
        else:
            try:
                with archive.open(entry) as stream:
                    files[inside] = stream.read(entry.file_size + 1)
            except BROKEN:
                files[inside] = b""
                problems.append(Problem(Kind.CHANGED, inside, "it cannot be read from the archive"))
        seen.add(name.casefold())
    return top, files, problems


def _top_directory(names: Iterable[str]) -> str:
    tops = {name.split("/", 1)[0] for name in names if "/" in name and name.split("/", 1)[1] in REQUIRED}
    if len(tops) != 1:
        raise UnreadableError("the archive does not hold exactly one package directory")
    return tops.pop()


def _unsafe(entry: zipfile.ZipInfo) -> str:
    """Return why an entry must not be unpacked by anyone, or nothing."""
    name, kind = entry.orig_filename, stat.S_IFMT(entry.external_attr >> 16)
    if name.endswith("/"):
        return "an entry for a folder"
    for part in name.split("/"):
        if not FILE_NAME.fullmatch(part) or part.split(".")[0].lower() in DEVICES:
            return "a name that is absolute, leads elsewhere, or cannot be written on every system"
    if kind not in (0, stat.S_IFREG):
        return "a link or device"
    if entry.flag_bits & 0x1 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "encrypted, or packed in an unknown way"
    return ""


def check_container(package: bytes, top: str, files: Mapping[str, bytes]) -> list[Problem]:
    """Compare the archive with the only bytes that it can have around these files, which hold already."""
    if package == _zip_bytes({f"{top}/{path}": data for path, data in files.items()}):
        return []
    return [Problem(Kind.ARCHIVE, "", "all files are as released, but the archive around them is not")]


def _bag_info(certificate: Mapping[str, Any]) -> bytes:
    lines = [
        f"External-Identifier: {certificate['package']}",
        f"Bagging-Date: {certificate['released'][:10]}",
        "Bag-Software-Agent: datakamp",
    ]
    if certificate["mark"]:
        lines.append(f"External-Description: {DEMO_NOTICE}")
    return "".join(f"{line}\n" for line in lines).encode("ascii")


def _listing(files: Mapping[str, bytes]) -> bytes:
    lines = (f"{hashlib.sha512(files[path]).hexdigest()}  {path}\n" for path in sorted(files))
    return "".join(lines).encode("ascii")


def _zip_bytes(files: Mapping[str, bytes]) -> bytes:
    """Return the one archive of these files: in order, stored, dated 1980-01-01, regular files of mode 0644."""
    body, central = [], []
    offset = 0
    for path in sorted(files):
        name, data = path.encode("ascii"), files[path]
        crc, size = zlib.crc32(data), len(data)
        shared = struct.pack("<5H3L2H", 20, 0, 0, 0, 33, crc, size, size, len(name), 0)
        body += [b"PK\x03\x04", shared, name, data]
        central += [b"PK\x01\x02\x14\x03", shared, struct.pack("<3H2L", 0, 0, 0, 0o100644 << 16, offset), name]
        offset += 4 + len(shared) + len(name) + size
    directory = b"".join(central)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, len(files), len(files), len(directory), offset, 0)
    return b"".join(body) + directory + end


# The files -----------------------------------------------------------------------------------------------------------


def compare(files: Mapping[str, bytes], certificate: Mapping[str, Any] | None) -> list[Problem]:
    """Name each file that was changed, added, removed or renamed.

    With a certificate that holds, it decides, and the tag files follow from it and the files; without one, the BagIt
    listings are all there is.
    """
    listed = _listed(files)
    certified: dict[str, str] = {}
    expected = set(REQUIRED)
    if certificate is None:
        expected |= set(listed)
    else:
        certified = {OUTPUTS + f["file"]: f["digest"] for output in certificate["outputs"] for f in output["files"]}
        expected |= set(certified)
        certified[CERTIFICATE] = _sha256(files[CERTIFICATE])
    problems = _moved(files, expected, certified, listed)
    present = expected & set(files)
    payload = {path for path in present if path.startswith("data/")}
    wrong = [path for path in payload if not _matches(files[path], certified.get(path), listed.get(path))]
    derived: dict[str, bytes] = {}
    if certificate is not None:
        derived = {"bagit.txt": BAGIT_BYTES, INFO: _bag_info(certificate)}
        if not problems and not wrong:
            derived[MANIFEST] = _listing({path: files[path] for path in payload})
            derived[TAG_MANIFEST] = _listing(derived)
    tags = present - payload
    wrong += [path for path in tags & set(derived) if files[path] != derived[path]]
    wrong += [path for path in tags - set(derived) if not _matches(files[path], None, listed.get(path))]
    return problems + [Problem(Kind.CHANGED, path, "it is not what was released") for path in sorted(wrong)]


def _moved(
    files: Mapping[str, bytes], expected: set[str], certified: Mapping[str, str], listed: Mapping[str, str]
) -> list[Problem]:
    """Name the files that are missing or too many; one of each with the same content is a renamed file."""
    problems: list[Problem] = []
    added = sorted(set(files) - expected)
    for path in sorted(expected - set(files)):
        now = next((new for new in added if _matches(files[new], certified.get(path), listed.get(path, "none"))), None)
        if now is None:
            problems.append(Problem(Kind.REMOVED, path, "it is missing"))
        else:
            added.remove(now)
            problems.append(Problem(Kind.RENAMED, path, f"it is now named '{now}'"))
    return problems + [Problem(Kind.ADDED, path, "nothing names it") for path in added]


def _listed(files: Mapping[str, bytes]) -> dict[str, str]:
    """Return the SHA-512 of each path in the two listings, as far as they can be read."""
    lines = [line for name in (MANIFEST, TAG_MANIFEST) for line in files.get(name, b"").splitlines()]
    found = [match for line in lines if (match := LISTING_LINE.fullmatch(line))]
    return {match[2].decode("ascii"): match[1].decode("ascii") for match in found}


def _matches(data: bytes, sha256: str | None, sha512: str | None) -> bool:
    """Tell whether `data` is what the certificate says, or, where that is silent, what the listings say."""
    if sha256 is not None:
        return _sha256(data) == sha256
    return sha512 is None or hashlib.sha512(data).hexdigest() == sha512


def _sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


# What is derived -----------------------------------------------------------------------------------------------------


def check_derived(files: Mapping[str, bytes], certificate: Mapping[str, Any]) -> list[Problem]:
    """Compute what is derived from other outputs again, from the figures that the package shows of these."""
    problems = []
    names = {output["name"] for output in certificate["outputs"]}
    for name in sorted(names):
        path = f"{OUTPUTS}{name}.json"
        try:
            document = json.loads(files.get(path, b"null"))
            if not isinstance(document, dict) or document.get("schema") != DERIVED:
                continue
            if not set(document["tables"]) <= names - {name}:
                raise ValueError
            follows = _follows(document, [_cells(files, table) for table in document["tables"]])
            written = [(one["value"] or "", one["status"]) for one in document["cells"]]
            lines = list(csv.reader(io.StringIO(files[f"{OUTPUTS}{name}.csv"].decode("utf-8"), newline="")))
            right = follows and [tuple(line[-2:]) for line in lines[1:]] == written
        except (*BROKEN, TypeError, AttributeError, RecursionError, csv.Error):
            right = False
        if not right:
            problems.append(Problem(Kind.CHANGED, path, "its figures do not follow from the tables that it names"))
    return problems


Labels = frozenset[tuple[str, str | None]]


def _cells(files: Mapping[str, bytes], name: str) -> dict[Labels, tuple[str | None, str]]:
    """Return what each cell of a released table shows, and whether it is published."""
    document = json.loads(files[f"{OUTPUTS}{name}.json"])
    if document["schema"] not in TABLES:
        raise ValueError
    return {frozenset(one["cell"].items()): (one["value"], one["status"]) for one in document["cells"]}


def _follows(document: Mapping[str, Any], tables: Sequence[Mapping[Labels, tuple[str | None, str]]]) -> bool:
    """Tell whether each figure that a derived table shows is the one that follows from its tables."""
    operation, base = document["operation"], document["base"]
    indexed = operation == "index"
    if operation not in ("ratio", "difference", "index") or len(tables) != (1 if indexed else 2):
        return False
    for one in document["cells"]:
        cell = one["cell"]
        there = {**cell, base[0]: base[1]} if indexed else cell
        first = tables[0].get(frozenset(cell.items()), (None, "no_value"))
        last = tables[-1].get(frozenset(there.items()), (None, "no_value"))
        if one["status"] == "withheld" and one["value"] is None:
            continue  # to withhold more than its tables do tells nobody anything
        if "withheld" in (first[1], last[1]):
            return False
        expected = _combined(operation, first[0], last[0])
        if (one["value"], one["status"]) != (expected, "no_value" if expected is None else "published"):
            return False
    return True


def _combined(operation: str, first: str | None, last: str | None) -> str | None:
    if first is None or last is None:
        return None
    one, other = Fraction(first), Fraction(last)
    if operation == "difference":
        return _shortened(one - other)
    if not other:
        return None
    return _shortened((100 if operation == "index" else 1) * one / other)


def _shortened(figure: Fraction) -> str:
    """Return a figure as text: half-even, at most 6 decimals and 12 digits, no idle zeros."""
    millionths = round(figure * 10**6)
    idle = max(0, len(str(abs(millionths))) - 12)
    millionths = round(Fraction(millionths, 10**idle)) * 10**idle
    whole, part = divmod(abs(millionths), 10**6)
    text = f"{whole}.{part:06}".rstrip("0").rstrip(".")
    return f"-{text}" if millionths < 0 else text


# The chain of trust --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Key:
    """A public key that a manifest names; its fingerprint is computed here."""

    role: str
    mark: str
    raw: bytes
    holder: str = ""
    valid_from: int = 0
    valid_until: int | None = None

    @property
    def fingerprint(self) -> str:
        text = f"datakamp/key/1\n{self.role}\n{self.mark}\n".encode()
        return f"{'DEMO-' if self.mark else ''}SHA256:{hashlib.sha256(text + self.raw).hexdigest()}"

    def valid_at(self, sequence: int) -> bool:
        return self.valid_from <= sequence and (self.valid_until is None or sequence < self.valid_until)


class Record:
    """A JSON object with exactly the expected fields, each read with its type; anything else breaks the chain."""

    def __init__(self, value: Any, what: str, names: str) -> None:
        if not isinstance(value, dict) or set(value) != set(names.split()):
            raise TrustError(f"{what} does not have the fields that this version of the verifier knows")
        self._value, self._what = value, what

    def text(self, name: str, pattern: re.Pattern[str] | None = None) -> str:
        value = self._value[name]
        if not isinstance(value, str) or (pattern is not None and not pattern.fullmatch(value)):
            raise TrustError(f"{self._what}: '{name}' is not what it should be")
        return value

    def number(self, name: str, least: int = 0) -> int:
        value = self._value[name]
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise TrustError(f"{self._what}: '{name}' is not a number of at least {least}")
        return value

    def each(self, name: str) -> list[Any]:
        value = self._value[name]
        if not isinstance(value, list) or len(value) > MOST_ITEMS:
            raise TrustError(f"{self._what}: '{name}' is not a list")
        return value

    def texts(self, name: str) -> list[str]:
        if not all(isinstance(value, str) for value in self.each(name)):
            raise TrustError(f"{self._what}: '{name}' is not a list of texts")
        return self.each(name)

    def any(self, name: str) -> Any:
        return self._value[name]

    def plain(self) -> dict[str, Any]:
        return dict(self._value)


def check_certificate(files: Mapping[str, bytes], trusted: frozenset[str], facts: dict[str, Any]) -> dict[str, Any]:
    """Return the certificate if the whole chain from a trusted root to it holds; note what was found in `facts`."""
    document: dict[str, Any] = _document(files[CERTIFICATE], "the certificate")
    names = "schema package mark camp team request revision released policy outputs sign_offs manifests log signature"
    certificate = Record(document, "the certificate", names)
    _schema(certificate, "datakamp/certificate/1")
    certificate.text("package", FILE_NAME)
    certificate.text("released", re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z"))
    facts["mark"] = "DEMO" if certificate.any("mark") else ""  # already now: a broken demonstration is still one
    facts |= {name: certificate.text(name) for name in ("package", "camp", "team", "request", "released")}
    facts["revision"] = certificate.number("revision", 1)
    outputs = [_certified(output) for output in certificate.each("outputs")]
    named = [item["file"].casefold() for output in outputs for item in output["files"]]
    if not outputs or len(set(named)) != len(named):
        raise TrustError("the certificate names no output, or one file twice")
    manifest, manifest_digest = _manifests(certificate.each("manifests"), trusted)
    keys = _keys(manifest)
    for name in ("camp", "mark"):
        if certificate.text(name) != manifest.text(name):
            raise TrustError(f"certificate and manifest name another {name}")
    if certificate.text("team") not in manifest.texts("teams"):
        raise TrustError("the manifest does not name the team")
    policy = Record(manifest.any("policy"), "the policy", "name version commitment")
    if certificate.any("policy") != {"name": policy.text("name"), "version": policy.text("version")}:
        raise TrustError("certificate and manifest name another policy")
    facts |= {"manifest": manifest.number("number"), "policy": f"{policy.text('name')} {policy.text('version')}"}
    unsigned = {name: value for name, value in document.items() if name != "signature"}
    statement = {name: value for name, value in unsigned.items() if name != "log"}
    sequence = _log(certificate, _sha256(_canonical(statement)), manifest_digest, keys)
    signature = {"payloadType": TYPE.format("certificate"), "signatures": [certificate.any("signature")]}
    _signers(signature, "certificate", _canonical(unsigned), _valid(keys, "release", sequence))
    facts["log_entry"] = sequence
    needed = _quorum(manifest, outputs, _cells_shown(files, outputs))
    valid = _valid(keys, "reviewer", sequence)
    facts["reviewers"] = _sign_offs(certificate, outputs, manifest, manifest_digest, valid, needed)
    facts["outputs"] = [
        {"name": o["name"], "title": o["title"], "verdict": o["verdict"], "level": o["level"],
         "files": [item["file"] for item in o["files"]]} for o in outputs
    ]  # fmt: skip
    return document


def _certified(output: Any) -> dict[str, Any]:
    """Return an output of the certificate without its rules: what the reviewers must have signed."""
    record = Record(output, "an output", "name title verdict level rules files")
    record.texts("rules")
    if record.text("verdict") not in ("safe", "unsafe", "inconclusive"):
        raise TrustError("an output has an unknown verdict")
    if record.text("level") not in ("recomputed", "reproduced", "unverified"):
        raise TrustError("an output has an unknown level")
    record.text("name")
    record.text("title")
    for item in record.each("files"):
        each = Record(item, "an output's file", "file digest")
        each.text("file", FILE_NAME)
        each.text("digest", DIGEST)
    if not record.each("files"):
        raise TrustError("an output has no files")
    return {name: value for name, value in record.plain().items() if name != "rules"}


def _manifests(envelopes: Sequence[Any], trusted: frozenset[str]) -> tuple[Record, str]:
    """Return the manifest in force, the last, and its digest; each must be signed by trusted roots and follow on."""
    names = "schema camp number previous mark time teams people keys policy data_sets roots threshold quorum"
    last: Record | None = None
    digest = ""
    for envelope in envelopes:
        payload = _payload(envelope, "manifest")
        manifest = Record(_document(payload, "the manifest"), "the manifest", names)
        _schema(manifest, "datakamp/manifest/1")
        if manifest.text("mark") not in ("", "DEMO"):
            raise TrustError("the manifest has an unknown mark")
        number, first = manifest.number("number", 1), manifest.number("number", 1) == 1
        follows = manifest.text("previous") == "" if first else bool(DIGEST.fullmatch(manifest.text("previous")))
        if last is not None:
            follows = number == last.number("number") + 1 and manifest.text("previous") == digest
            follows = follows and all(manifest.any(name) == last.any(name) for name in ("camp", "mark"))
        if not follows:
            raise TrustError("the manifests do not follow one another")
        roots = [_key(root, "root", manifest) for root in manifest.each("roots")]
        known = [root for root in roots if root.fingerprint in trusted]
        if not known:
            raise TrustError("the manifest names none of the trusted roots")
        signers = _signers(envelope, "manifest", payload, known)
        if len(signers) < manifest.number("threshold", 1):
            raise TrustError("too few trusted roots signed the manifest; give the fingerprint of each with --root")
        last, digest = manifest, _sha256(payload)
    if last is None:
        raise TrustError("there is no manifest")
    return last, digest


def _key(value: Any, role: str | None, manifest: Record) -> Key:
    record = Record(value, "a key", "role mark public fingerprint")
    key = Key(record.text("role"), record.text("mark"), _base64(record.text("public")))
    if key.fingerprint != record.text("fingerprint") or key.mark != manifest.text("mark") or len(key.raw) != 32:
        raise TrustError("a key of the manifest is not what it says")
    if (key.raw[:-1] + bytes([key.raw[-1] & 0x7F])).hex() in SMALL_ORDER:
        raise TrustError("under a key of the manifest anybody could sign")
    if key.role not in (("reviewer", "log", "release") if role is None else (role,)):
        raise TrustError("a key of the manifest has another role than its place")
    return key


def _keys(manifest: Record) -> list[Key]:
    """Return the keys of reviewers, log and release process; none may appear twice, or as a root."""
    keys = []
    for value in manifest.each("keys"):
        grant = Record(value, "a key", "key holder valid_from valid_until")
        key = _key(grant.any("key"), None, manifest)
        until = None if grant.any("valid_until") is None else grant.number("valid_until")
        keys.append(Key(key.role, key.mark, key.raw, grant.text("holder"), grant.number("valid_from"), until))
    every = [key.raw for key in keys] + [_key(root, "root", manifest).raw for root in manifest.each("roots")]
    if len(set(every)) != len(every):
        raise TrustError("the manifest names a key twice")
    return keys


def _valid(keys: Iterable[Key], role: str, sequence: int) -> list[Key]:
    return [key for key in keys if key.role == role and key.valid_at(sequence)]


def _log(certificate: Record, statement: str, manifest: str, keys: Sequence[Key]) -> int:
    """Return the place of the release in the log, proven up to a signed head."""
    proof = Record(certificate.any("log"), "the log proof", "entry links head")
    names = "sequence time actor action payload nonce previous hash"
    entry = Record(proof.any("entry"), "the log entry", names)
    sequence = entry.number("sequence", 1)
    facts = {
        "certificate": statement, "manifest": manifest, "package": certificate.text("package"),
        "request": certificate.text("request"), "revision": certificate.number("revision"),
    }  # fmt: skip
    if entry.text("action") != "release" or entry.any("payload") != facts:
        raise TrustError("the log entry is not the release of this package")
    body = {name: value for name, value in entry.plain().items() if name not in ("previous", "hash")}
    value = entry.text("previous", DIGEST)
    digests = [_sha256(b"datakamp/log-entry/1\n" + _canonical(body)), *proof.texts("links")]
    for place, link in enumerate(digests):
        value = _sha256(f"datakamp/log-link/1\n{value}\n{link}".encode())
        if place == 0 and value != entry.text("hash"):
            raise TrustError("the log entry was changed")
    payload = _payload(proof.any("head"), "log-head")
    _signers(proof.any("head"), "log-head", payload, _valid(keys, "log", sequence))
    head = Record(_document(payload, "the head of the log"), "the head of the log", "schema sequence hash time")
    _schema(head, "datakamp/log-head/1")
    if head.text("hash") != value or head.number("sequence") != sequence + len(digests) - 1:
        raise TrustError("the log entry does not stand under the signed head")
    return sequence


def _sign_offs(
    certificate: Record, outputs: list[dict[str, Any]], manifest: Record, manifest_digest: str, keys: Sequence[Key],
    needed: tuple[int, int],
) -> list[str]:  # fmt: skip
    """Return the reviewers, if enough distinct ones outside the team approved exactly these outputs.

    `needed` is how many must: where they withhold nothing, and where they do.
    """
    people = {}
    for value in manifest.each("people"):
        person = Record(value, "a person", "name roles teams")
        people[person.text("name").casefold()] = (person.text("name"), person.texts("roles"), person.texts("teams"))
    if len(people) != len(manifest.each("people")):
        raise TrustError("the manifest names a person twice")
    names = "schema camp team request revision reviewer time manifest policy ledger approved withheld"
    policy = Record(manifest.any("policy"), "the policy", "name version commitment").text("commitment", COMMITMENT)
    reviewers: list[str] = []
    withheld = False
    for envelope in certificate.each("sign_offs"):
        payload = _payload(envelope, "sign-off")
        signed = Record(_document(payload, "a sign-off"), "a sign-off", names)
        _schema(signed, "datakamp/sign-off/1")
        reviewer = signed.text("reviewer")
        _signers(envelope, "sign-off", payload, [key for key in keys if key.holder == reviewer])
        name, roles, teams = people.get(reviewer.casefold(), ("", [], []))
        if name != reviewer or "reviewer" not in roles or "organiser" in roles:
            raise TrustError("a sign-off is by someone who is not a reviewer of the camp")
        if certificate.text("team") in teams:
            raise TrustError("a sign-off is by a member of the team")
        if any(signed.any(about) != certificate.any(about) for about in ("camp", "team", "request", "revision")):
            raise TrustError("a sign-off is about another revision, request, team or camp")
        if signed.text("manifest") != manifest_digest or signed.text("policy") != policy:
            raise TrustError("a sign-off was made under another manifest or policy")
        signed.text("ledger", COMMITMENT)
        for kept in signed.each("withheld"):
            Record(kept, "a withheld output", "decision commitment").text("commitment", COMMITMENT)
            withheld = True
        if signed.any("approved") != outputs:
            raise TrustError("a sign-off approves other outputs or other bytes")
        reviewers.append(reviewer)
    if len(set(reviewers)) != len(reviewers):
        raise TrustError("a reviewer signed twice")
    if len(reviewers) < needed[withheld]:
        raise TrustError(f"{len(reviewers)} of {needed[withheld]} reviewers signed")
    return sorted(reviewers)


def _quorum(manifest: Record, outputs: list[dict[str, Any]], cells: int | None) -> tuple[int, int]:
    """Return how many reviewers must sign these outputs, if they withhold none of the request and if they do.

    A light request takes as many as the manifest says: few tables with few cells, all safe and tabulated.
    """
    said = manifest.any("quorum")
    light = isinstance(said, dict) and "light" in said
    quorum = Record(said, "the quorum", "ordinary exception light" if light else "ordinary exception")
    ordinary, fewer = quorum.number("ordinary", 2), quorum.number("light", 1) if light else 0
    exception = quorum.number("exception", ordinary + 1)
    if fewer >= ordinary:
        raise TrustError("the quorum: 'light' is not less than 'ordinary'")
    if any(output["verdict"] != "safe" or output["level"] == "unverified" for output in outputs):
        return exception, exception
    few = len(outputs) <= MOST_LIGHT_TABLES and cells is not None and 0 < cells <= MOST_LIGHT_CELLS
    return (fewer if light and few else ordinary), ordinary


def _cells_shown(files: Mapping[str, bytes], outputs: list[dict[str, Any]]) -> int | None:
    """Return how many cells the outputs show together; None if one is not a table, or cannot be read as one."""
    total = 0
    for output in outputs:
        try:
            if f"{output['name']}.json" not in [item["file"] for item in output["files"]]:
                return None
            document = json.loads(files[f"{OUTPUTS}{output['name']}.json"])
            if document["schema"] not in (*TABLES, DERIVED) or not isinstance(document["cells"], list):
                return None
            total += len(document["cells"])
        except (*BROKEN, TypeError, RecursionError):
            return None
    return total


# Envelopes and documents ---------------------------------------------------------------------------------------------


def _payload(envelope: Any, kind: str) -> bytes:
    record = Record(envelope, "an envelope", "payloadType payload signatures")
    if record.text("payloadType") != TYPE.format(kind):
        raise TrustError("an envelope holds something else than it should")
    return _base64(record.text("payload"))


def _signers(envelope: Mapping[str, Any], kind: str, payload: bytes, keys: Sequence[Key]) -> set[bytes]:
    """Return which of `keys` signed; one of their signatures that does not hold, or none at all, breaks the chain."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:  # imported here so that its absence is a message, not a traceback
        raise UnreadableError("the verifier needs the Python package 'cryptography'") from None
    type_ = TYPE.format(kind).encode("ascii")
    encoded = b"DSSEv1 %d %s %d %s" % (len(type_), type_, len(payload), payload)
    by_name = {key.fingerprint: key for key in keys}
    signers = set()
    for value in Record({"all": envelope["signatures"]}, "an envelope", "all").each("all"):
        signature = Record(value, "a signature", "keyid sig")
        key = by_name.get(signature.text("keyid"))
        raw = _base64(signature.text("sig"))
        if key is None:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(key.raw).verify(raw, encoded)
        except (InvalidSignature, ValueError):
            raise TrustError(f"a signature over the {kind} does not hold") from None
        signers.add(key.raw)
    if not signers:
        raise TrustError(f"the {kind} is not signed with a valid key of the right role")
    return signers


def _base64(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raw = b""
    if not raw or base64.b64encode(raw).decode("ascii") != text:
        raise TrustError("something is not base64")
    return raw


def _schema(record: Record, expected: str) -> None:
    if record.text("schema") != expected:
        raise TrustError(f"this version of the verifier reads '{expected}' only")


def _document(data: bytes, what: str) -> Any:
    """Return a JSON document that is spelled in the one canonical way, without fractions."""

    def refuse(_: str) -> Any:
        raise ValueError

    try:
        document = json.loads(data.decode("utf-8"), parse_float=refuse, parse_constant=refuse)
        if _canonical(document) != data:  # also how doubled keys show
            raise ValueError
    except (ValueError, RecursionError):
        raise TrustError(f"{what} is not a canonical JSON document") from None
    return document


def _canonical(document: Any) -> bytes:
    """Return the RFC 8785 bytes of a document of text, whole numbers, true, false, null, lists and objects."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8")


# The command ---------------------------------------------------------------------------------------------------------


def read_package(path: str) -> bytes:
    """Return the bytes of a package file; anything but a regular file is unreadable."""
    try:
        if not Path(path).is_file():
            raise OSError
        with Path(path).open("rb") as stream:
            return stream.read(LARGEST_PACKAGE + 1)
    except (OSError, ValueError):
        raise UnreadableError("the package cannot be read") from None


def verify_file(path: str, roots: Collection[str], *, demo: bool = False) -> Report:
    """Return the report on a package file; never raises, whatever the file holds."""
    try:
        return verify(read_package(path), roots, demo=demo)
    except UnreadableError as error:
        return _unreadable(str(error))
    except Exception:  # noqa: BLE001 - the last resort: what is not understood is not verified
        return _unreadable("the package could not be read to its end")


def report_lines(report: Report) -> list[str]:
    """Return the report as lines of text; names from the package cannot steer the terminal."""
    lines = []
    if report.mark:
        lines += ["*" * 88, f"*** {DEMO_NOTICE} ***", "*" * 88]
    for name, value in report.facts.items():
        if name == "outputs":
            for output in value:
                lines.append(f"  output: {output['name']} ({output['verdict']}, {output['level']}): {output['title']}")
                lines += [f"    {OUTPUTS}{file}" for file in output["files"]]
        elif value != "":
            lines.append(f"  {name.replace('_', ' ')}: {', '.join(value) if isinstance(value, list) else value}")
    for problem in report.problems:
        lines.append(f"  {problem.kind.value.upper()}: {problem.file + ': ' if problem.file else ''}{problem.message}")
    answers = {
        Status.VERIFIED: "VERIFIED: every file is as the reviewers signed it.",
        Status.REFUSED: "NOT VERIFIED: do not rely on this package.",
        Status.UNREADABLE: "NOT A PACKAGE: it cannot be verified.",
    }
    lines.append(("DEMO " if report.mark else "") + answers[report.status])
    return ["".join(sign if sign.isprintable() else "?" for sign in line[:300]) for line in lines]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(description="Verify a Datakamp package offline.")
    parser.add_argument("package", help="the package, a zip file")
    parser.add_argument("--root", action="append", required=True, metavar="FINGERPRINT", help="a trusted root key")
    parser.add_argument("--demo", action="store_true", help="accept a package of a demonstration")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    options = parser.parse_args(arguments)
    report = verify_file(options.package, options.root, demo=options.demo)
    lines = [json.dumps(report.to_document(), indent=2)] if options.json else report_lines(report)
    # A terminal that cannot show a title must not turn the answer into an error.
    encoding = sys.stdout.encoding or "ascii"
    sys.stdout.write("\n".join(lines).encode(encoding, errors="replace").decode(encoding) + "\n")
    return EXIT[report.status]


if __name__ == "__main__":
    sys.exit(main())
