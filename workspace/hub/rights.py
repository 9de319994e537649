"""Who may enter a folder: its owner, and users by name, as an access control list of Linux.

A list says everything: whoever is not on it, group and others included, may nothing. So putting the same list again
changes nothing, and putting a shorter one takes away. The list is the extended attribute that Linux itself
defines (``linux/posix_acl_xattr.h``), so no program for lists need be installed; `getfacl` shows what was put.
"""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import Final

from disclosure.errors import BadInputError, RefusedError

_ATTRIBUTE: Final = "system.posix_acl_access"
_VERSION: Final = struct.Struct("<I")
_ENTRY: Final = struct.Struct("<HHI")
_NOBODY: Final = 0xFFFF_FFFF
_OWNER, _USER, _GROUP, _MASK, _OTHERS = 0x01, 0x02, 0x04, 0x10, 0x20
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class May(IntEnum):
    """What a user who does not own a folder may do with it."""

    PASS = 1
    """Reach what is in it by name, without seeing the names."""
    READ = 5
    """See the names, and reach what is in it."""

    @property
    def letters(self) -> str:
        """As `setfacl` writes it."""
        return {May.PASS: "--x", May.READ: "r-x"}[self]


@dataclass(frozen=True)
class Rights:
    """Whose a folder is, and who else may do what.

    Attributes:
        owner: the number of the user, who may everything.
        group: the number of the group, which may nothing but own the files.
        users: other users by number.
    """

    owner: int
    group: int
    users: Mapping[int, May] = field(default_factory=dict)

    def to_attribute(self) -> bytes:
        """Return the list as Linux keeps it: entries in the order of their kinds, users in the order of numbers."""
        others = [(_USER, int(may), user) for user, may in sorted(self.users.items())]
        entries = [(_OWNER, 7, _NOBODY), *others, (_GROUP, 0, _NOBODY)]
        if others:
            entries.append((_MASK, max(may for _, may, _ in others), _NOBODY))
        entries.append((_OTHERS, 0, _NOBODY))
        return _VERSION.pack(2) + b"".join(_ENTRY.pack(*entry) for entry in entries)


def has_rights(folder: Path, rights: Rights) -> bool:
    """Tell whether a folder has exactly these rights.

    Raises:
        RefusedError: it is a link, no folder or absent.
        BadInputError: its file system keeps no lists.
    """
    handle = _opened(folder)
    try:
        status = os.fstat(handle)
        if (status.st_uid, status.st_gid) != (rights.owner, rights.group):
            return False
        try:
            return os.getxattr(handle, _ATTRIBUTE) == rights.to_attribute()
        except OSError as error:
            if error.errno != errno.ENODATA:
                raise _no_lists(folder) from None
            return not rights.users and status.st_mode & 0o777 == 0o700
    finally:
        os.close(handle)


def give_rights(folder: Path, rights: Rights) -> None:
    """Give a folder exactly these rights. Errors as in `has_rights`."""
    handle = _opened(folder)
    try:
        # Closed first: in between it is nobody's but root's.
        os.fchmod(handle, 0o700)
        os.fchown(handle, rights.owner, rights.group)
        os.setxattr(handle, _ATTRIBUTE, rights.to_attribute())
    except OSError:
        raise _no_lists(folder) from None
    finally:
        os.close(handle)


def _opened(folder: Path) -> int:
    try:
        return os.open(folder, _FOLDER)
    except OSError:
        raise RefusedError(f"'{folder.name}' is not a folder that can be opened.", hint="Links are refused.") from None


def _no_lists(folder: Path) -> BadInputError:
    return BadInputError(
        f"The file system of '{folder.name}' keeps no access control lists.",
        hint="Put the camp on ext4, xfs or btrfs, mounted without 'noacl'.",
    )
