"""Which system calls a contained child may still make.

A seccomp filter, assembled here for the processor it runs on.

A child reads the file that it holds, computes, answers over its socket and ends; threads are
allowed (the HEIC decoder starts one). Everything else fails with EPERM: programs, processes,
sockets, opening any file by name. Numbers that this list is too old to know fail with ENOSYS, so
that a newer C library falls back to what it used before.
"""

import ctypes
import errno
import os
import platform
import struct
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Processor:
    """How the kernel calls a processor (AUDIT_ARCH_*), and how its numbers differ.

    An index into ``ALLOWED``.
    """

    audit: int
    column: int
    seccomp: int


PROCESSORS: Mapping[str, Processor] = MappingProxyType(
    {
        "x86_64": Processor(0xC000003E, 0, 317),
        "aarch64": Processor(0xC00000B7, 1, 277),
    }
)

_NONE = -1
ALLOWED: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        # the file, the socket, what is printed into nowhere
        "read": (0, 63),
        "lseek": (8, 62),
        "recvfrom": (45, 207),
        "sendto": (44, 206),
        "write": (1, 64),
        "writev": (20, 66),
        "pread64": (17, 67),
        "fstat": (5, 80),
        "close": (3, 57),
        # memory (mmap and mprotect: CHECKED)
        "munmap": (11, 215),
        "mremap": (25, 216),
        "madvise": (28, 233),
        "brk": (12, 214),
        # threads and time
        "futex": (202, 98),
        "set_robust_list": (273, 99),
        "rseq": (334, 293),
        "sched_yield": (24, 124),
        "sched_getaffinity": (204, 123),
        "gettid": (186, 178),
        "getpid": (39, 172),
        "clock_gettime": (228, 113),
        "clock_getres": (229, 114),
        "clock_nanosleep": (230, 115),
        "nanosleep": (35, 101),
        "gettimeofday": (96, 169),
        "time": (201, _NONE),
        "restart_syscall": (219, 128),
        # what a C library asks of itself
        "getrandom": (318, 278),
        "getrusage": (98, 165),
        "sysinfo": (99, 179),
        "rt_sigaction": (13, 134),
        "rt_sigprocmask": (14, 135),
        "rt_sigreturn": (15, 139),
        "sigaltstack": (131, 132),
        # the end
        "exit": (60, 93),
        "exit_group": (231, 94),
    }
)
"""Allowed whatever the arguments: name to number, one for each processor."""

CHECKED: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "clone": (56, 220),  # threads of this process, no process
        "mmap": (9, 222),  # no memory to be run: every library is loaded
        "mprotect": (10, 226),  # the same
        "tgkill": (234, 131),  # signals to itself: how ``abort`` ends a process
        "prlimit64": (302, 261),  # its own limits, which can only sink
    }
)
"""Allowed by their arguments."""

CLONE3 = 435
"""Its flags lie in memory, where no filter looks: with ENOSYS the C library takes ``clone``
instead.
"""
NEWEST = 470
"""Numbers from here on were given after this list was written (the x32 numbers of x86_64 lie there
too).
"""

_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _AUDIT, _FIRST_ARGUMENT = 0, 4, 16
_CLONE_THREAD, _PROT_EXEC = 0x00010000, 0x4
_SET_MODE_FILTER, _SPECULATION_UNCHANGED = 1, 1 << 2

_Step = tuple[int, int, int, int]
"""Code, steps to skip if true, if false, operand."""


def processor() -> Processor:
    """The processor this runs on.

    Raises ``OSError`` for one whose numbers are not known here, and off Linux.
    """
    if sys.platform != "linux":
        raise OSError(errno.ENOSYS, "Linux only")
    known = PROCESSORS.get(platform.machine())
    # A 32-bit program on it has other numbers
    if known is None or struct.calcsize("P") != 8:  # noqa: PLR2004
        raise OSError(errno.ENOSYS, f"no list of system calls for {platform.machine()}")
    return known


def program(on: Processor, pid: int) -> bytes:
    """The filter for the process ``pid``, as the kernel takes it."""
    return b"".join(struct.pack("=HBBI", *step) for step in _steps(on, pid))


def forbid(pid: int) -> None:
    """Put the filter on this process, whose number is ``pid``, for good.

    Raises ``OSError`` where that can't be.
    """
    on = processor()
    steps = program(on, pid)
    held = ctypes.create_string_buffer(steps, len(steps))
    whole = ctypes.create_string_buffer(struct.pack("@HP", len(steps) // 8, ctypes.addressof(held)))
    libc = ctypes.CDLL(None, use_errno=True)
    # Mitigations against speculation would slow the decoder down; this process holds nothing but
    # the stranger's file.
    if libc.syscall(on.seccomp, _SET_MODE_FILTER, _SPECULATION_UNCHANGED, whole):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _steps(on: Processor, pid: int) -> Iterator[_Step]:
    fails = _ERRNO | errno.EPERM
    yield _LOAD, 0, 0, _AUDIT
    yield _EQUAL, 1, 0, on.audit
    yield (
        _RETURN,
        0,
        0,
        _KILL,
    )  # another table of numbers: none of what follows would mean what it says
    yield _LOAD, 0, 0, _NUMBER
    for numbers in ALLOWED.values():
        if numbers[on.column] != _NONE:
            yield _EQUAL, 0, 1, numbers[on.column]
            yield _RETURN, 0, 0, _ALLOW
    yield from _if(on, "clone", 0, (_ANY_BIT, 0, 1, _CLONE_THREAD), fails)
    yield from _if(on, "mmap", 2, (_ANY_BIT, 1, 0, _PROT_EXEC), fails)
    yield from _if(on, "mprotect", 2, (_ANY_BIT, 1, 0, _PROT_EXEC), fails)
    yield from _if(on, "tgkill", 0, (_EQUAL, 0, 1, pid), fails)
    yield from _if(on, "prlimit64", 0, (_EQUAL, 0, 1, 0), fails)
    yield _EQUAL, 1, 0, CLONE3
    yield _AT_LEAST, 0, 1, NEWEST
    yield _RETURN, 0, 0, _ERRNO | errno.ENOSYS
    yield _RETURN, 0, 0, fails


def _if(on: Processor, name: str, argument: int, allowed: _Step, fails: int) -> Iterator[_Step]:
    """Allow the call ``name`` by one of its arguments.

    The lower 32 bits, which come first on both processors.
    """
    yield _EQUAL, 0, 4, CHECKED[name][on.column]
    yield _LOAD, 0, 0, _FIRST_ARGUMENT + 8 * argument
    yield allowed
    yield _RETURN, 0, 0, _ALLOW
    yield _RETURN, 0, 0, fails
