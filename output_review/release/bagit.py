"""The BagIt 1.0 directory of a package (RFC 8493): payload, payload manifest, tag files.

Written here because the library `bagit` 1.9 writes version 0.97. Everything is a function of certificate and outputs,
so that the verifier can write the tag files again and compare; there is no other date or name in them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from disclosure.errors import ReleaseError
from disclosure.exchange.canonical import digest
from output_review.release.certificate import Certificate
from output_review.signing.keys import Mark

CERTIFICATE = "data/certificate.json"
OUTPUTS = "data/outputs/"
DEMO_NOTICE = "DEMO - made by a demonstration with throwaway keys; not a release of any office"


def bag_files(certificate: Certificate, outputs: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files of the package by their path inside the package's directory.

    Args:
        certificate: signed.
        outputs: the rendered bytes by file name, exactly those that the certificate names.

    Raises:
        ReleaseError: an output is missing, not named, or not the bytes that were signed.
    """
    if set(outputs) != set(certificate.digests):
        raise ReleaseError("The outputs at hand are not those of the certificate.")
    for name, expected in certificate.digests.items():
        if digest(outputs[name]) != expected:
            raise ReleaseError(f"'{name}' is not what was signed.", hint="Render again, or have it signed again.")
    payload = {f"{OUTPUTS}{name}": data for name, data in outputs.items()} | {CERTIFICATE: certificate.to_bytes()}
    tags = {
        "bagit.txt": b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
        "bag-info.txt": _bag_info(certificate),
        "manifest-sha512.txt": _listing(payload),
    }
    return payload | tags | {"tagmanifest-sha512.txt": _listing(tags)}


def _bag_info(certificate: Certificate) -> bytes:
    lines = [
        f"External-Identifier: {certificate.package}",
        f"Bagging-Date: {certificate.released[:10]}",
        "Bag-Software-Agent: datakamp",
    ]
    if certificate.mark is Mark.DEMO:
        lines.append(f"External-Description: {DEMO_NOTICE}")
    return "".join(f"{line}\n" for line in lines).encode("ascii")


def _listing(files: Mapping[str, bytes]) -> bytes:
    lines = (f"{hashlib.sha512(files[path]).hexdigest()}  {path}\n" for path in sorted(files))
    return "".join(lines).encode("ascii")
