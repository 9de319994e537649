"""The further filter of a box that shares the machine: decided call by call, for both architectures."""

from __future__ import annotations

import struct

import pytest

from disclosure.errors import SealError
from workspace.isolation import seccomp_sharing

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
ALLOWED, KILLED, IGNORED, EPERM, EAFNOSUPPORT = "allowed", "killed", 0, 1, 97
STREAM, DATAGRAM, RAW, IN_ORDER, CLOSE_ON_EXEC = 1, 2, 3, 5, 0o2000000

both = pytest.mark.parametrize("machine", sorted(ARCHITECTURES))


def decide(machine: str, number: int, *arguments: int, architecture: int | None = None) -> str | int:
    """Run the filter on one call and return ALLOWED, KILLED or the error number."""
    program = seccomp_sharing.program(machine=machine)
    padded = (*arguments, *[0] * (6 - len(arguments)))
    data = struct.pack("=IIQ6Q", number, architecture or ARCHITECTURES[machine], 0, *padded)
    instructions = [struct.unpack_from("=HBBI", program, offset) for offset in range(0, len(program), 8)]
    accumulator, position = 0, 0
    while True:
        code, if_true, if_false, operand = instructions[position]
        position += 1
        if code == 0x20:
            (accumulator,) = struct.unpack_from("=I", data, operand)
        elif code == 0x54:
            accumulator &= operand
        elif code == 0x06:
            if operand == 0x7FFF0000:
                return ALLOWED
            return KILLED if operand == 0x80000000 else int(operand & 0xFFFF)
        else:
            position += if_true if {0x15: accumulator == operand, 0x35: accumulator >= operand}[code] else if_false


@both
def test_an_ordinary_call_is_allowed_and_another_architecture_killed(machine: str) -> None:
    read = {"x86_64": 0, "aarch64": 63}[machine]
    assert decide(machine, read) == ALLOWED
    assert decide(machine, read, architecture=0x4000_0003) == KILLED


@both
def test_what_is_listed_fails_or_does_nothing(machine: str) -> None:
    assert {decide(machine, number) for number in seccomp_sharing.REFUSED[machine].values()} == {EPERM}
    assert {decide(machine, number) for number in seccomp_sharing.IGNORED[machine].values()} == {IGNORED}


@both
def test_no_socket_is_reached_and_only_streams_are_made(machine: str) -> None:
    assert decide(machine, seccomp_sharing.REFUSED[machine]["connect"], 3) == EPERM
    for number in seccomp_sharing.SOCKETS[machine].values():
        assert decide(machine, number, 1, STREAM) == ALLOWED
        assert decide(machine, number, 1, STREAM | CLOSE_ON_EXEC) == ALLOWED
        for kind in (DATAGRAM, RAW, IN_ORDER, DATAGRAM | CLOSE_ON_EXEC):
            assert decide(machine, number, 1, kind) == EAFNOSUPPORT


@both
def test_limits_and_processors_are_those_of_the_process_itself(machine: str) -> None:
    for number in seccomp_sharing.OWN_ONLY[machine].values():
        assert decide(machine, number, 0) == ALLOWED
        assert decide(machine, number, 4711) == EPERM


@both
def test_controls_that_change_a_file_or_type_into_a_terminal_are_refused(machine: str) -> None:
    number, get_size = seccomp_sharing.IOCTL[machine], 0x5413
    assert decide(machine, number, 0, get_size) == ALLOWED
    assert {decide(machine, number, 0, one) for one in seccomp_sharing.CONTROLS} == {EPERM}


def test_an_unknown_machine_is_refused() -> None:
    with pytest.raises(SealError, match="riscv64"):
        seccomp_sharing.program(machine="riscv64")
