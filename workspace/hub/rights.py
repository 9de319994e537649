"""Who may enter a folder or read a file: its owner, and users by name, as an access control list of Linux.

A list says everything: whoever is not on it, group and others included, may nothing. So putting the same list again
changes nothing, and putting a shorter one takes away. The list is the extended attribute that Linux itself
defines (``linux/posix_acl_xattr.h``), so no program for lists need be installed; `getfacl` shows what was put. What
is made in a folder later gets a list of its own where the folder says so, whatever the maker's umask.
"""

from __future__ import annotations

import errno
import os
import stat
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import Final

from disclosure.errors import BadInputError, RefusedError

_ATTRIBUTE: Final = "system.posix_acl_access"
_INHERITED: Final = "system.posix_acl_default"
_VERSION: Final = struct.Struct("<I")
_ENTRY: Final = struct.Struct("<HHI")
_NOBODY: Final = 0xFFFF_FFFF
_OWNER, _USER, _GROUP, _MASK, _OTHERS = 0x01, 0x02, 0x04, 0x10, 0x20
_OPENED: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FOLDER: Final = _OPENED | os.O_DIRECTORY


class May(IntEnum):
    """What a user who does not own a folder may do with it."""

    PASS = 1
    """Reach what is in it by name, without seeing the names."""
    READ = 5
    """See the names, and reach what is in it."""
    CHANGE = 7
    """Add to it and take away from it as well."""

    @property
    def letters(self) -> str:
        """As `setfacl` writes it."""
        return {May.PASS: "--x", May.READ: "r-x", May.CHANGE: "rwx"}[self]


@dataclass(frozen=True)
class Rights:
    """Whose a folder or file is, and who else may do what.

    Attributes:
        owner: the number of the user, who may everything.
        group: the number of the group, which may nothing but own the files.
        users: other users by number.
        inherited: whether what is made in the folder later has the same list.
    """

    owner: int
    group: int
    users: Mapping[int, May] = field(default_factory=dict)
    inherited: bool = False

    def to_attribute(self, *, allowed: int = 7) -> bytes:
        """Return the list as Linux keeps it: entries in the order of their kinds, users in the order of numbers.

        Args:
            allowed: the bits that there are: 7 for a folder, 6 for a file, which nobody runs.
        """
        others = [(_USER, int(may) & allowed, user) for user, may in sorted(self.users.items())]
        entries = [(_OWNER, allowed, _NOBODY), *others, (_GROUP, 0, _NOBODY)]
        if others:
            entries.append((_MASK, max(may for _, may, _ in others), _NOBODY))
        entries.append((_OTHERS, 0, _NOBODY))
        return _VERSION.pack(2) + b"".join(_ENTRY.pack(*entry) for entry in entries)


def has_rights(place: Path, rights: Rights) -> bool:
    """Tell whether a folder, or a file with one name, has exactly these rights.

    Raises:
        RefusedError: it is a link, absent, or of another kind.
        BadInputError: its file system keeps no lists.
    """
    handle, allowed = _opened(place)
    try:
        status = os.fstat(handle)
        if (status.st_uid, status.st_gid) != (rights.owner, rights.group):
            return False
        wanted = rights.to_attribute(allowed=allowed)
        if _list(handle, _INHERITED, place) != (wanted if rights.inherited else b""):
            return False
        found = _list(handle, _ATTRIBUTE, place)
        if not found:  # Linux keeps a list that says no more than a mode as a mode
            return not rights.users and status.st_mode & 0o777 == allowed << 6
        return found == wanted
    finally:
        os.close(handle)


def give_rights(place: Path, rights: Rights) -> None:
    """Give a folder, or a file with one name, exactly these rights. Errors as in `has_rights`."""
    handle, allowed = _opened(place)
    try:
        # Closed first: in between it is nobody's but root's.
        os.fchmod(handle, allowed << 6)
        os.fchown(handle, rights.owner, rights.group)
        wanted = rights.to_attribute(allowed=allowed)
        if rights.inherited:
            os.setxattr(handle, _INHERITED, wanted)
        elif _list(handle, _INHERITED, place):
            os.removexattr(handle, _INHERITED)
        os.setxattr(handle, _ATTRIBUTE, wanted)
    except OSError:
        raise _no_lists(place) from None
    finally:
        os.close(handle)


def _list(handle: int, attribute: str, place: Path) -> bytes:
    try:
        return os.getxattr(handle, attribute)
    except OSError as error:
        if error.errno == errno.ENODATA:
            return b""
        raise _no_lists(place) from None


def _opened(place: Path) -> tuple[int, int]:
    """Return an open descriptor, and the bits that a list on it may have."""
    try:
        status = place.lstat()
        if stat.S_ISREG(status.st_mode):
            handle, allowed = os.open(place, _OPENED), 6
            status = os.fstat(handle)
            if stat.S_ISREG(status.st_mode) and status.st_nlink == 1:
                return handle, allowed
            os.close(handle)
            raise RefusedError(f"'{place.name}' has a second name.", hint="Copy it, and remove the other one.")
        return os.open(place, _FOLDER), 7
    except OSError:
        raise RefusedError(f"'{place.name}' is not a folder that can be opened.", hint="Links are refused.") from None


def _no_lists(place: Path) -> BadInputError:
    return BadInputError(
        f"The file system of '{place.name}' keeps no access control lists.",
        hint="Put the camp on ext4, xfs or btrfs, mounted without 'noacl'.",
    )
