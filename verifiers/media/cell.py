"""The cell: what the kernel takes from the process that opens strangers' files.

It takes it before that process sees their first byte. An open descriptor and the libraries that
are loaded are all that a decoder needs. The nursery enters the cell once (``enter``: another user,
no network, an empty file system); each child locks it behind itself (``lock``). The layers cover
each other, because no machine is sure to have them all; which are missing is known and told
(``LAYERS``).
"""

import ctypes
import errno
import json
import os
import platform
import re
import resource
import signal
import struct
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from enum import StrEnum
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

from verifiers.media import landlock, syscalls
from verifiers.media.formats import CHILD_MEMORY_BYTES


class Layer(StrEnum):
    """One thing that the kernel takes away."""

    USER = "user"
    NETWORK = "network"
    FILES = "files"
    PRIVILEGES = "privileges"
    MEMORY = "memory"
    PROCESSES = "processes"
    LANDLOCK = "landlock"
    CALLS = "calls"


class About(NamedTuple):
    """For people who run an installation: how a layer is made, what it stops, what it needs."""

    means: str
    stops: str
    needs: str


LAYERS: Mapping[Layer, About] = MappingProxyType(
    {
        Layer.USER: About(
            "user and group 65533",
            "files of the service's own user, signals to its processes",
            "a start as root; any other start has nothing to give up, and is not told as missing",
        ),
        Layer.NETWORK: About(
            "network namespace without an interface",
            "every address, loopback and the host's abstract sockets included",
            "Linux with user namespaces, a start as root with CAP_SYS_ADMIN, or bubblewrap",
        ),
        Layer.FILES: About(
            "mount namespace whose root is empty",
            "every file, folder, socket and process that has a name in the file system",
            "as for the network",
        ),
        Layer.PRIVILEGES: About(
            "no new privileges, no capabilities, not to be dumped",
            "setuid programs, what root may do, being looked into",
            "Linux",
        ),
        Layer.MEMORY: About(
            "limit on address space",
            "memory without end (without it the parent watches and ends the child)",
            "Linux",
        ),
        Layer.PROCESSES: About(
            "limit on processes and threads",
            "processes without end",
            "a start as root, or Linux 5.14 with user namespaces; or macOS",
        ),
        Layer.LANDLOCK: About(
            "Landlock without a single right",
            "every file by name; from 6.7 TCP; from 6.12 signals to others and abstract sockets",
            "Linux 5.13 with Landlock switched on",
        ),
        Layer.CALLS: About(
            "seccomp filter with a list of what is allowed",
            "programs, processes, sockets, opening files, signals to others, ptrace, "
            "and all that is not listed",
            "Linux on x86_64 or aarch64",
        ),
    }
)

ALL = frozenset(Layer)
NOBODY_ELSE = 65533
"""A user of nobody else's: the last number of the reserved range that ``nobody`` (65534) does not
take.
"""

_CLONE_NEWNS, _CLONE_NEWIPC, _CLONE_NEWUSER, _CLONE_NEWNET = (
    0x00020000,
    0x08000000,
    0x10000000,
    0x40000000,
)
_MS_READ_ONLY, _MS_NO_SUID, _MS_NO_DEVICES, _MS_NO_PROGRAMS = 1, 2, 4, 8
_MS_ALL_BELOW, _MS_PRIVATE = 0x4000, 0x40000
_UMOUNT_DETACH = 2
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_CAPABILITY_VERSION = 0x20080522
_OPEN_FILES = 32
"""Descriptors of one child: files, pipes, what its libraries open. Chosen, not measured."""
_THREADS = 256
"""Of all children together: the kernel counts them by their user."""
_COUNTED_APART_SINCE = (5, 14)
"""The kernel from which on a user namespace counts its own processes."""
_TRIAL_CPU_S = 5
"""Seconds of a core for the trial of all layers, which opens no file. Chosen, not measured."""
_LARGEST_REPORT = 64 * 1024
"""Bytes that the trial may answer with: a name and a reason a layer. Chosen, not measured."""
_A_FOLDER = b"/proc"
"""Any folder that every Linux has: the empty one is laid over it for a moment, out of everybody
else's sight.
"""


class CellBroken(Exception):
    """A layer that this machine has could not be put on, so the child must not see its file."""


class Cell:
    """The cell of one nursery and its children.

    ``missing`` says why a layer of ``layers`` is not there.

    ``given`` are layers that whoever started the nursery has put around it already.
    """

    def __init__(
        self, layers: frozenset[Layer] = ALL, given: frozenset[Layer] = frozenset()
    ) -> None:
        self.layers, self.given = layers, given
        self.missing: dict[Layer, str] = {}
        self._counted_apart = False

    def enter(self) -> None:
        """Take from the nursery what its children shall not have.

        It has one thread and opens nothing after this.

        Ends with a trial child that locks itself in, so that every layer that can't be had here is
        known.
        """
        spaces = {
            layer: step for layer, step in _SPACES.items() if layer in self.layers - self.given
        }
        if os.geteuid() == 0:
            for layer, step in spaces.items():
                self._put_on(layer, step)
            self._put_on(Layer.USER, self._become_nobody_else)
            spaces = {layer: step for layer, step in spaces.items() if layer in self.missing}
        if spaces and self._become_user_of_own_space(spaces.keys()):
            for layer, step in spaces.items():
                self._put_on(layer, step)
        self._put_on(Layer.PRIVILEGES, _give_up_privileges)
        self.missing |= self._tried()

    def lock(self, memory_bytes: int, cpu_s: int) -> bool:
        """Lock this child in.

        Returns whether its memory is limited; raises ``CellBroken``, and then it must end.
        """
        failed = self._locked(memory_bytes, cpu_s)
        broken = failed.keys() - self.missing.keys() - {Layer.MEMORY}  # the parent can watch that
        if broken:
            raise CellBroken(", ".join(sorted(broken)))
        return Layer.MEMORY in self.layers - failed.keys()

    def _put_on(self, layer: Layer, step: Callable[[], None]) -> None:
        if layer not in self.layers:
            return
        self.missing.pop(layer, None)
        try:
            step()
        except (OSError, ValueError) as problem:
            self.missing[layer] = _reason(problem)

    def _become_nobody_else(self) -> None:
        os.setgroups([])
        os.setgid(NOBODY_ELSE)
        os.setuid(NOBODY_ELSE)
        self._counted_apart = True

    def _become_user_of_own_space(self, wanted: Iterable[Layer]) -> bool:
        """Enter a user namespace, in which anybody may make the others.

        ``False`` where that is not allowed.
        """
        try:
            _call("unshare", _CLONE_NEWUSER)
        except OSError as problem:
            for layer in wanted:
                self.missing.setdefault(layer, _reason(problem))
            return False
        self._counted_apart = self._counted_apart or _kernel() >= _COUNTED_APART_SINCE
        return True

    def _tried(self) -> dict[Layer, str]:
        """What a child that locks itself in fails to put on."""
        here, there = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                os.close(here)
                os.write(there, json.dumps(self._locked(CHILD_MEMORY_BYTES, _TRIAL_CPU_S)).encode())
            finally:
                os._exit(0)
        os.close(there)
        with open(here, "rb") as pipe:  # noqa: PTH123 - a descriptor, no path
            told = pipe.read(_LARGEST_REPORT)
        os.waitpid(pid, 0)
        if not told:
            raise CellBroken("the trial of the cell ended without a word")
        return {Layer(name): reason for name, reason in json.loads(told).items()}

    def _locked(self, memory_bytes: int, cpu_s: int) -> dict[Layer, str]:
        """Put on what each child puts on itself, the filter of calls last; what failed, and why."""
        _limit(cpu_s)
        steps: Mapping[Layer, Callable[[], None]] = {
            Layer.MEMORY: partial(_limit_memory, memory_bytes),
            Layer.PROCESSES: self._limit_processes,
            Layer.LANDLOCK: landlock.forbid_files,
            Layer.CALLS: partial(syscalls.forbid, os.getpid()),
        }
        failed = {}
        for layer, step in steps.items():
            if layer in self.layers:
                try:
                    step()
                except (OSError, ValueError) as problem:
                    failed[layer] = _reason(problem)
        return failed

    def _limit_processes(self) -> None:
        if sys.platform == "darwin":
            resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))  # it counts no threads
        elif self._counted_apart:
            resource.setrlimit(resource.RLIMIT_NPROC, (_THREADS, _THREADS))
        else:
            # It would count what else this user runs, and take threads from the decoder by chance.
            raise OSError(errno.ENOTSUP, "the kernel counts them together with the service's")


def _limit(cpu_s: int) -> None:
    """Limits that every system has.

    And the end of this child with its parent, where that can be asked for.
    """
    with suppress(OSError):
        _call("prctl", _PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 2))


def _limit_memory(memory_bytes: int) -> None:
    if sys.platform == "darwin":
        raise OSError(errno.ENOTSUP, "macOS sets such a limit and does not keep it")
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def _leave_network() -> None:
    _call("unshare", _CLONE_NEWNET | _CLONE_NEWIPC)


def _leave_files() -> None:
    """Change the root for an empty, unwritable folder in a mount namespace of its own."""
    _call("unshare", _CLONE_NEWNS)
    _call("mount", None, b"/", None, _MS_ALL_BELOW | _MS_PRIVATE, None)
    nothing = _MS_READ_ONLY | _MS_NO_SUID | _MS_NO_DEVICES | _MS_NO_PROGRAMS
    _call("mount", b"nothing", _A_FOLDER, b"tmpfs", nothing, b"size=4k,nr_inodes=1,mode=555")
    os.chdir(_A_FOLDER)
    _call("pivot_root", b".", b".")  # the old root now lies over the new one
    _call("umount2", b".", _UMOUNT_DETACH)
    os.chdir("/")


def _give_up_privileges() -> None:
    _call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _call("prctl", _PR_SET_DUMPABLE, 0, 0, 0, 0)
    _call("capset", struct.pack("=Ii", _CAPABILITY_VERSION, 0), bytes(24))


def _call(name: str, *arguments: int | bytes | None) -> None:
    """Call the C library. Raises ``OSError``."""
    if sys.platform != "linux":
        raise OSError(errno.ENOSYS, "Linux only")
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _kernel() -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", platform.release())[:2])


def _reason(problem: OSError | ValueError) -> str:
    return getattr(problem, "strerror", None) or str(problem)


_SPACES: Mapping[Layer, Callable[[], None]] = MappingProxyType(
    {Layer.NETWORK: _leave_network, Layer.FILES: _leave_files}
)
