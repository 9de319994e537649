"""The package: one zip file, the same bytes for the same content.

The container is written here, in the plainest form that the format allows: files in order of their names, stored, no
extra fields, no comment, the first date that a zip can hold. Compression is left out because its bytes depend on the
library's version; and in a container with only one spelling there is no place to hide anything.
"""

from __future__ import annotations

import binascii
import struct
from collections.abc import Mapping

from disclosure.errors import ReleaseError
from output_review.release.bagit import bag_files
from output_review.release.certificate import Certificate

LARGEST_PACKAGE = 256 * 1024 * 1024  # bytes; the verifier refuses more
MOST_FILES = 1000
_FIRST_DATE = 0x0021  # 1980-01-01
_REGULAR_FILE = 0o100644 << 16
_VERSION, _UNIX = 20, 3 << 8


def build_package(certificate: Certificate, outputs: Mapping[str, bytes]) -> bytes:
    """Return the bytes of the package for a signed certificate and its outputs (rendered bytes by file name).

    Raises:
        ReleaseError: see `bag_files`; or the package would be too large for a verifier to accept.
    """
    files = bag_files(certificate, outputs)
    data = zip_bytes({f"{certificate.package}/{path}": content for path, content in files.items()})
    if len(data) > LARGEST_PACKAGE or len(files) > MOST_FILES:
        raise ReleaseError("The package would be too large.", hint="Release fewer outputs at once.")
    return data


def zip_bytes(files: Mapping[str, bytes]) -> bytes:
    """Return a zip of `files` (ASCII paths) that depends on nothing but their paths and bytes."""
    body, directory = bytearray(), bytearray()
    for path in sorted(files):
        name, data = path.encode("ascii"), files[path]
        common = struct.pack(
            "<HHHHHIIIHH", _VERSION, 0, 0, 0, _FIRST_DATE, binascii.crc32(data), len(data), len(data), len(name), 0
        )
        directory += struct.pack("<4sH", b"PK\x01\x02", _UNIX | _VERSION) + common
        directory += struct.pack("<HHHII", 0, 0, 0, _REGULAR_FILE, len(body)) + name
        body += b"PK\x03\x04" + common + name + data
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, len(files), len(files), len(directory), len(body), 0)
    return bytes(body + directory + end)
