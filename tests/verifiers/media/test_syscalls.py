"""The filter of system calls, run step by step as the kernel would, for both processors."""

import errno
import struct
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifiers.media import syscalls
from verifiers.media.syscalls import ALLOWED, CHECKED, CLONE3, NEWEST, PROCESSORS, Processor

PID = 4711
ALLOW, KILL, REFUSE, UNKNOWN = (
    0x7FFF0000,
    0x80000000,
    0x00050000 | errno.EPERM,
    0x00050000 | errno.ENOSYS,
)
CLONE_VM, CLONE_VFORK, CLONE_THREAD = 0x100, 0x4000, 0x10000
READ, WRITE, EXECUTE = 1, 2, 4

DANGEROUS = {
    "x86_64": {
        "open": 2,
        "stat": 4,
        "ioctl": 16,
        "access": 21,
        "pipe": 22,
        "shmget": 29,
        "dup": 32,
        "socket": 41,
        "connect": 42,
        "accept": 43,
        "sendmsg": 46,
        "recvmsg": 47,
        "bind": 49,
        "listen": 50,
        "socketpair": 53,
        "fork": 57,
        "vfork": 58,
        "execve": 59,
        "kill": 62,
        "fcntl": 72,
        "truncate": 76,
        "ftruncate": 77,
        "chdir": 80,
        "rename": 82,
        "mkdir": 83,
        "unlink": 87,
        "readlink": 89,
        "chmod": 90,
        "fchmod": 91,
        "chown": 92,
        "ptrace": 101,
        "setuid": 105,
        "prctl": 157,
        "chroot": 161,
        "mount": 165,
        "tkill": 200,
        "keyctl": 250,
        "openat": 257,
        "newfstatat": 262,
        "unshare": 272,
        "perf_event_open": 298,
        "process_vm_readv": 310,
        "process_vm_writev": 311,
        "memfd_create": 319,
        "bpf": 321,
        "execveat": 322,
        "userfaultfd": 323,
        "pkey_mprotect": 329,
        "statx": 332,
    },
    "aarch64": {
        "dup": 23,
        "fcntl": 25,
        "ioctl": 29,
        "mkdirat": 34,
        "unlinkat": 35,
        "mount": 40,
        "truncate": 45,
        "ftruncate": 46,
        "faccessat": 48,
        "chdir": 49,
        "chroot": 51,
        "fchmod": 52,
        "openat": 56,
        "pipe2": 59,
        "readlinkat": 78,
        "newfstatat": 79,
        "unshare": 97,
        "ptrace": 117,
        "kill": 129,
        "tkill": 130,
        "setuid": 146,
        "prctl": 167,
        "shmget": 194,
        "socket": 198,
        "socketpair": 199,
        "bind": 200,
        "listen": 201,
        "accept": 202,
        "connect": 203,
        "sendmsg": 211,
        "recvmsg": 212,
        "keyctl": 219,
        "execve": 221,
        "perf_event_open": 241,
        "process_vm_readv": 270,
        "process_vm_writev": 271,
        "renameat2": 276,
        "memfd_create": 279,
        "bpf": 280,
        "execveat": 281,
        "userfaultfd": 282,
        "pkey_mprotect": 288,
        "statx": 291,
    },
}
"""Numbers from the kernel's own tables; those from 403 on are the same everywhere."""
DANGEROUS_EVERYWHERE = {
    "pidfd_send_signal": 424,
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "open_tree": 428,
    "fsopen": 430,
    "pidfd_open": 434,
    "openat2": 437,
    "pidfd_getfd": 438,
    "process_madvise": 440,
    "landlock_create_ruleset": 444,
    "memfd_secret": 447,
    "map_shadow_stack": 453,
}


@dataclass(frozen=True)
class Call:
    """One call, as the kernel shows it to a filter."""

    number: int
    audit: int
    arguments: tuple[int, ...] = ()

    def word(self, offset: int) -> int:
        """The 32-bit word of ``struct seccomp_data`` there."""
        arguments = [*self.arguments, *[0] * (6 - len(self.arguments))]
        data = struct.pack("<IIQ6Q", self.number, self.audit, 0, *arguments)
        (word,) = struct.unpack_from("<I", data, offset)
        assert isinstance(word, int)
        return word


def answer(on: Processor, call: Call) -> int:
    """What the filter returns for ``call``.

    The machine that Linux documents for classic BPF, as far as it is used.
    """
    steps = list(struct.iter_unpack("=HBBI", syscalls.program(on, PID)))
    at, accumulator = 0, 0
    while True:
        code, if_true, if_false, operand = steps[at]
        at += 1
        if code == 0x20:
            accumulator = call.word(operand)
        elif code == 0x06:
            return int(operand)
        else:
            holds = {
                0x15: accumulator == operand,
                0x35: accumulator >= operand,
                0x45: bool(accumulator & operand),
            }
            at += if_true if holds[code] else if_false


def asked(machine: str, number: int, *arguments: int) -> int:
    on = PROCESSORS[machine]
    return answer(on, Call(number, on.audit, arguments))


def named(machine: str) -> dict[str, int]:
    column = PROCESSORS[machine].column
    return {name: numbers[column] for name, numbers in ALLOWED.items() if numbers[column] >= 0}


@pytest.mark.parametrize("machine", PROCESSORS)
def test_what_a_decoder_needs_is_allowed_and_nothing_dangerous_is(machine: str) -> None:
    assert {asked(machine, number) for number in named(machine).values()} == {ALLOW}
    refused = DANGEROUS[machine] | DANGEROUS_EVERYWHERE
    assert {name: asked(machine, number) for name, number in refused.items()} == dict.fromkeys(
        refused, REFUSE
    )


@pytest.mark.parametrize("machine", PROCESSORS)
def test_every_number_is_decided(machine: str) -> None:
    checked = {numbers[PROCESSORS[machine].column] for numbers in CHECKED.values()}
    allowed = set(named(machine).values())
    assert len(allowed) == len(named(machine)), "no number twice"
    for number in range(600):
        if number in checked:
            continue
        expected = (
            ALLOW
            if number in allowed
            else UNKNOWN
            if number == CLONE3 or number >= NEWEST
            else REFUSE
        )
        assert asked(machine, number) == expected, number


@pytest.mark.parametrize("machine", PROCESSORS)
@given(number=st.integers(0, 2**32 - 1), audit=st.integers(0, 2**32 - 1))
def test_numbers_of_another_table_end_the_process(machine: str, number: int, audit: int) -> None:
    on = PROCESSORS[machine]
    if audit != on.audit:
        assert answer(on, Call(number, audit)) == KILL


@pytest.mark.parametrize("machine", PROCESSORS)
@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("clone", (CLONE_VM | CLONE_THREAD,), ALLOW),
        ("clone", (17,), REFUSE),
        ("clone", (CLONE_VM | CLONE_VFORK | 17,), REFUSE),
        ("clone", (CLONE_THREAD << 32,), REFUSE),
        ("mmap", (0, 4096, READ | WRITE), ALLOW),
        ("mmap", (0, 4096, READ | EXECUTE), REFUSE),
        ("mprotect", (0, 4096, READ), ALLOW),
        ("mprotect", (0, 4096, READ | EXECUTE), REFUSE),
        ("tgkill", (PID, PID, 6), ALLOW),
        ("tgkill", (1, 1, 6), REFUSE),
        ("prlimit64", (0, 7), ALLOW),
        ("prlimit64", (PID, 7), REFUSE),
        ("prlimit64", (1, 7), REFUSE),
    ],
)
def test_some_calls_are_allowed_by_their_arguments(
    machine: str, name: str, arguments: tuple[int, ...], expected: int
) -> None:
    assert asked(machine, CHECKED[name][PROCESSORS[machine].column], *arguments) == expected


def test_the_other_numbers_of_x86_64_are_unknown() -> None:
    assert asked("x86_64", 0x40000000 | 59) == UNKNOWN


def test_a_processor_without_a_list_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    with pytest.raises(OSError, match="riscv64"):
        syscalls.processor()
