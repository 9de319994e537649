"""After its start the server may not start any program: it asks the keeper instead."""

from __future__ import annotations

import ctypes
import platform
import struct
from typing import Final

from workspace.isolation import seccomp

_PR_SET_NO_NEW_PRIVS: Final = 38
_SET_FILTER: Final = 1
_ALL_THREADS: Final = 1
_SECCOMP_CALL: Final = {"x86_64": 317, "aarch64": 277}


def refuse_programs() -> None:
    """Have the kernel refuse every further execve, in all threads, for good.

    Raises:
        OSError: the filter could not be set; the server does not start then.
    """
    program = seccomp.refusing_programs()
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "no_new_privs could not be set")
    kept = ctypes.create_string_buffer(program, len(program))
    described = struct.pack("@HP", len(program) // 8, ctypes.addressof(kept))
    call = _SECCOMP_CALL[platform.machine()]
    if library.syscall(call, ctypes.c_uint(_SET_FILTER), ctypes.c_uint(_ALL_THREADS), described):
        raise OSError(ctypes.get_errno(), "the filter could not be set")
