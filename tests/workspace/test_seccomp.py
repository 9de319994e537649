"""The filter, run by a small interpreter: what it decides for each call, on both architectures."""

from __future__ import annotations

import struct

import pytest

from disclosure.errors import SealError
from workspace.isolation import seccomp
from workspace.isolation.seccomp import AF_INET, AF_INET6, AF_NETLINK, AF_UNIX, KERNEL_FAMILIES, WORKER_FAMILIES

ALLOWED, KILLED = "allowed", "killed"
EPERM, ENOSYS, EAFNOSUPPORT = 1, 38, 97
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
READ = {"x86_64": 0, "aarch64": 63}
CLONE_NEWUSER, CLONE_VM = 0x10000000, 0x100
O_CREAT, O_TMPFILE = 0o100, 0o20200000


def decide(
    machine: str,
    number: int,
    *arguments: int,
    families: tuple[int, ...] = KERNEL_FAMILIES,
    architecture: int | None = None,
) -> str | int:
    """Run the filter on one call and return ALLOWED, KILLED or the error number."""
    program = seccomp.program(families, machine=machine)
    data = struct.pack(
        "=IIQ6Q", number, architecture or ARCHITECTURES[machine], 0, *arguments, *[0] * (6 - len(arguments))
    )
    instructions = [struct.unpack_from("=HBBI", program, offset) for offset in range(0, len(program), 8)]
    accumulator, position = 0, 0
    while True:
        code, if_true, if_false, operand = instructions[position]
        position += 1
        if code == 0x20:
            (accumulator,) = struct.unpack_from("=I", data, operand)
        elif code == 0x06:
            if operand == 0x7FFF0000:
                return ALLOWED
            return KILLED if operand == 0x80000000 else operand & 0xFFFF
        else:
            holds = {
                0x15: accumulator == operand,
                0x35: accumulator >= operand,
                0x45: bool(accumulator & operand),
            }[code]
            position += if_true if holds else if_false


both = pytest.mark.parametrize("machine", sorted(ARCHITECTURES))


@both
def test_an_ordinary_call_is_allowed(machine: str) -> None:
    assert decide(machine, READ[machine]) == ALLOWED


@both
def test_another_architecture_is_killed(machine: str) -> None:
    assert decide(machine, READ[machine], architecture=0x40000003) == KILLED


def test_the_x32_interface_is_killed() -> None:
    assert decide("x86_64", 0x40000000) == KILLED
    assert decide("x86_64", 0x3FFFFFFF) == ALLOWED


@both
@pytest.mark.parametrize(
    "name",
    ["ptrace", "mount", "unshare", "setns", "bpf", "io_uring_setup", "memfd_create", "shmget", "semget", "keyctl"],
)
def test_a_refused_call_fails(machine: str, name: str) -> None:
    assert decide(machine, seccomp._REFUSED[machine][name]) == EPERM


@both
def test_every_listed_call_is_refused(machine: str) -> None:
    decisions = {decide(machine, number) for number in seccomp._REFUSED[machine].values()}
    assert decisions == {EPERM}


@both
def test_calls_with_flags_behind_a_pointer_do_not_exist(machine: str) -> None:
    assert decide(machine, 435) == ENOSYS
    assert decide(machine, 437) == ENOSYS


@both
def test_calls_that_hand_pages_on_without_a_copy_do_not_exist(machine: str) -> None:
    numbers = {"x86_64": (40, 275, 276, 278), "aarch64": (71, 75, 76, 77)}[machine]
    assert {decide(machine, one) for one in numbers} == {ENOSYS}
    copying = {"x86_64": 326, "aarch64": 285}[machine]  # copy_file_range, from one file to another
    assert decide(machine, copying) == ALLOWED


@both
def test_a_thread_is_allowed_and_a_namespace_is_not(machine: str) -> None:
    clone = seccomp._CLONE[machine]
    assert decide(machine, clone, CLONE_VM) == ALLOWED
    assert decide(machine, clone, CLONE_VM | CLONE_NEWUSER) == EPERM


@both
@pytest.mark.parametrize("call", ["socket", "socketpair"])
def test_only_the_named_families_are_opened(machine: str, call: str) -> None:
    number = seccomp._SOCKETS[machine][call]
    for family in range(64):
        expected = ALLOWED if family in KERNEL_FAMILIES else EAFNOSUPPORT
        assert decide(machine, number, family, 1, 0) == expected
        expected = ALLOWED if family in WORKER_FAMILIES else EAFNOSUPPORT
        assert decide(machine, number, family, 1, 0, families=WORKER_FAMILIES) == expected


@both
def test_of_netlink_only_routing_is_opened(machine: str) -> None:
    number = seccomp._SOCKETS[machine]["socket"]
    assert decide(machine, number, AF_NETLINK, 3, 0) == ALLOWED
    assert decide(machine, number, AF_NETLINK, 3, 1) == EAFNOSUPPORT
    assert decide(machine, number, AF_INET, 1, 6) == ALLOWED


def test_a_worker_gets_no_network_family() -> None:
    assert not set(WORKER_FAMILIES) & {AF_INET, AF_INET6, AF_NETLINK}
    assert AF_UNIX in WORKER_FAMILIES


@both
def test_set_user_id_bits_cannot_be_set(machine: str) -> None:
    for number, mode in seccomp._SET_MODE[machine].values():
        arguments = [0] * 6
        arguments[mode] = 0o777
        assert decide(machine, number, *arguments) == ALLOWED
        for bit in (0o4000, 0o2000):
            arguments[mode] = 0o755 | bit
            assert decide(machine, number, *arguments) == EPERM


@both
@pytest.mark.parametrize("creates", [O_CREAT, O_TMPFILE])
def test_a_file_cannot_be_created_set_user_id(machine: str, creates: int) -> None:
    for number, flags, mode in seccomp._OPEN[machine].values():
        arguments = [0] * 6
        arguments[flags], arguments[mode] = creates, 0o644
        assert decide(machine, number, *arguments) == ALLOWED
        arguments[mode] = 0o4755
        assert decide(machine, number, *arguments) == EPERM
        arguments[flags] = 0  # the mode of a call that creates nothing is whatever the register held
        assert decide(machine, number, *arguments) == ALLOWED


def test_an_unknown_machine_is_refused() -> None:
    with pytest.raises(SealError, match="riscv64") as caught:
        seccomp.program(KERNEL_FAMILIES, machine="riscv64")
    assert "x86_64" in caught.value.hint


@both
def test_no_file_is_watched_and_no_pipe_made_larger(machine: str) -> None:
    number = seccomp._FILE_CONTROL[machine]
    for command in range(1100):
        expected = EPERM if command in {1024, 1026, 1031} else ALLOWED
        assert decide(machine, number, 3, command, 1) == expected
    inotify = {"x86_64": {253, 294}, "aarch64": {26}}[machine]
    assert {decide(machine, one) for one in inotify} == {EPERM}


@both
def test_the_size_of_a_socket_is_asked_for_in_vain(machine: str) -> None:
    number = seccomp._SET_OPTION[machine]
    for option in range(80):
        expected = 0 if option in {7, 8, 32, 33, 60} else ALLOWED
        assert decide(machine, number, 3, 1, option) == expected  # of the socket itself
        assert decide(machine, number, 3, 6, option) == ALLOWED  # of TCP
