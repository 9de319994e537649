"""Classic BPF, as far as a filter of system calls needs it: instructions, and blocks of them.

Assembled here because that takes fewer lines than binding libseccomp and works wherever Python does. Every block
either leaves the call number in the accumulator, or ends by returning.
"""

from __future__ import annotations

import platform
import struct
from typing import Final

from disclosure.errors import SealError

# Instruction codes (linux/bpf_common.h).
_LOAD_WORD: Final = 0x20
_JUMP_EQUAL: Final = 0x15
_JUMP_GREATER_OR_EQUAL: Final = 0x35
_JUMP_ANY_BIT: Final = 0x45
_AND: Final = 0x54
_RETURN: Final = 0x06

# Actions (linux/seccomp.h) and errors (asm-generic/errno.h).
_ALLOW: Final = 0x7FFF_0000
_KILL_PROCESS: Final = 0x8000_0000
_FAIL_WITH: Final = 0x0005_0000
EPERM: Final = 1
ENOSYS: Final = 38
EAFNOSUPPORT: Final = 97

# Offsets in struct seccomp_data.
_CALL_NUMBER: Final = 0
_ARCHITECTURE: Final = 4
_X32_BIT: Final = 0x4000_0000

ARCHITECTURES: Final = {"x86_64": 0xC000_003E, "aarch64": 0xC000_00B7}


def known_machine(machine: str | None) -> str:
    """Return the name of an architecture, this machine's if None.

    Raises:
        SealError: the call numbers of the architecture are not known here.
    """
    name = machine or platform.machine()
    if name not in ARCHITECTURES:
        raise SealError(
            f"There is no system-call filter for the architecture '{name}'.",
            hint=f"Use a machine of one of: {', '.join(sorted(ARCHITECTURES))}.",
        )
    return name


def opening(name: str) -> bytes:
    """Return the beginning of every filter: another architecture is killed, the call number is loaded.

    The x32 interface is of the same architecture, with call numbers of its own: it is killed too.
    """
    blocks = (
        instruction(_LOAD_WORD, _ARCHITECTURE)
        + instruction(_JUMP_EQUAL, ARCHITECTURES[name], 1, 0)
        + returning(_KILL_PROCESS)
        + instruction(_LOAD_WORD, _CALL_NUMBER)
    )
    if name == "x86_64":
        blocks += instruction(_JUMP_GREATER_OR_EQUAL, _X32_BIT, 0, 1) + returning(_KILL_PROCESS)
    return blocks


def instruction(code: int, operand: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """Return one instruction."""
    return struct.pack("=HBBI", code, if_true, if_false, operand)


def load_argument(index: int) -> bytes:
    """Load the low half of an argument of the call: all that are tested are 32 bits wide."""
    return instruction(_LOAD_WORD, 16 + 8 * index)


def keep_bits(mask: int) -> bytes:
    """Clear all bits of the accumulator but those of `mask`."""
    return instruction(_AND, mask)


def returning(action: int) -> bytes:
    """End with an action."""
    return instruction(_RETURN, action)


def allow() -> bytes:
    """End: the call is made."""
    return returning(_ALLOW)


def fail(error: int) -> bytes:
    """End: the call fails with an error number."""
    return returning(_FAIL_WITH | error)


def when_equal(value: int, block: bytes) -> bytes:
    """Run `block` if the accumulator equals `value`."""
    return instruction(_JUMP_EQUAL, value, 0, len(block) // 8) + block


def when_any_bit(bits: int, block: bytes) -> bytes:
    """Run `block` if the accumulator has one of `bits`."""
    return instruction(_JUMP_ANY_BIT, bits, 0, len(block) // 8) + block
