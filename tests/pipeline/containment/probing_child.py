"""A contained child that tries what no decoder should.

``python -m tests.pipeline.containment.probing_child WORD…``.

It is the product's own child with more questions; only tests start it, by naming this module. Each
probe is an ordinary call of the operating system that works where no layer of the cell stands in
its way. Words: layers, ``given:LAYER`` for one that was put on from outside, ``noting`` to note
what is loaded late, ``macos`` to think that it is on one.
"""

import ctypes
import errno
import mmap
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from verifiers.media import child, wire
from verifiers.media.cell import Layer

LIBC = ctypes.CDLL(None, use_errno=True)
PTRACE_SEIZE = 0x4206
KEYCTL_GET_KEYRING_ID, PROCESS_KEYRING = 0, -2
SYSTEM_CALLS = {"x86_64": {"keyctl": 250}, "aarch64": {"keyctl": 219}}.get(os.uname().machine, {})
LIMITS = ("AS", "CPU", "FSIZE", "NOFILE", "NPROC", "CORE")
MOST_DESCRIPTORS = 64
NOT_THERE = "colorsys"
LATE: list[str] = []
"""Modules that were asked for after the nursery was ready."""

Targets = Mapping[str, Any]


class Piece(ctypes.Structure):
    """``struct iovec``."""

    _fields_ = (("address", ctypes.c_void_p), ("size", ctypes.c_size_t))


def checked(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def start_a_shell(_: Targets) -> None:
    pid = os.posix_spawn("/bin/sh", ["sh", "-c", "exit 0"], {})
    if os.waitpid(pid, 0)[1]:
        raise OSError(errno.ENOEXEC, "it started and failed")


def become_a_shell(_: Targets) -> None:
    os.execv("/bin/sh", ["sh", "-c", "exit 77"])  # noqa: S606 - that it works is the point


def fork(_: Targets) -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


# What the family calls an address
def connect(family: int, kind: int, address: Any) -> None:  # noqa: ANN401
    with socket.socket(family, kind) as caller:
        caller.connect(address)


def listen(_: Targets) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()


def send_datagram(targets: Targets) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as caller:
        caller.sendto(b"x", ("127.0.0.1", targets["udp_port"]))


def look_into_memory(targets: Targets) -> None:
    found = ctypes.create_string_buffer(targets["size"])
    here = Piece(ctypes.addressof(found), targets["size"])
    there = Piece(targets["address"], targets["size"])
    checked(
        LIBC.process_vm_readv(targets["service"], ctypes.byref(here), 1, ctypes.byref(there), 1, 0)
    )


def trace(targets: Targets) -> None:
    checked(LIBC.ptrace(PTRACE_SEIZE, targets["bystander"], None, None))


def write_new(path: Path) -> None:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def write_held(targets: Targets) -> None:
    os.close(os.open(f"/proc/self/fd/{targets['held']}", os.O_RDWR))


PROBES: Mapping[str, Callable[[Targets], object]] = {
    "read the master key": lambda t: Path(t["key"]).read_bytes()[0],
    "read the database": lambda t: Path(t["database"]).read_bytes()[0],
    "list the evidence": lambda t: os.listdir(t["evidence"]),  # noqa: PTH208 - plain calls
    "read the evidence": lambda t: Path(t["file"]).read_bytes()[0],
    "ask for a file's size": lambda t: os.stat(t["file"]).st_size,  # noqa: PTH116 - plain calls
    "cut the evidence": lambda t: os.truncate(t["file"], 1),
    "delete the evidence": lambda t: os.unlink(t["file"]),  # noqa: PTH108 - plain calls
    # Plain calls
    "move the evidence": lambda t: os.rename(t["file"], t["file"] + ".moved"),  # noqa: PTH104
    "write beside the evidence": lambda t: write_new(Path(t["evidence"]) / "new"),
    "write into a folder of everybody's": lambda t: write_new(Path(t["everybodys"]) / "new"),
    # Plain calls
    "make a folder": lambda t: os.mkdir(Path(t["everybodys"]) / "folder"),  # noqa: PTH102
    "open what it holds for writing": write_held,
    "read a library": lambda _: Path(os.__file__).read_bytes()[0],
    "start a shell": start_a_shell,
    "become a shell": become_a_shell,
    "fork": fork,
    "connect to loopback": lambda t: connect(
        socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", t["tcp_port"])
    ),
    "listen": listen,
    "send a datagram": send_datagram,
    "connect to a socket file": lambda t: connect(
        socket.AF_UNIX, socket.SOCK_STREAM, t["socket_file"]
    ),
    "connect to an abstract socket": lambda t: connect(
        socket.AF_UNIX, socket.SOCK_STREAM, "\0" + t["abstract"]
    ),
    "make a pair of sockets": lambda _: socket.socketpair()[0].close(),
    "read about another process": lambda t: (
        Path(f"/proc/{t['service']}/environ").read_bytes()[:0].hex()
    ),
    "list the processes": lambda _: os.listdir("/proc"),  # noqa: PTH208 - plain calls
    "signal the service": lambda t: os.kill(t["service"], 0),
    "signal the nursery": lambda _: os.kill(os.getppid(), 0),
    "signal another user's process": lambda t: os.kill(t["bystander"], signal.SIGCONT),
    "watch a process": lambda t: os.close(os.pidfd_open(t["service"])),
    "trace a process": trace,
    "look into a process": look_into_memory,
    "make a program in memory": lambda _: os.close(os.memfd_create("x")),
    "run what it wrote": lambda _: mmap.mmap(
        -1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_EXEC
    ).close(),
    "take a key from the kernel": lambda _: checked(
        LIBC.syscall(SYSTEM_CALLS["keyctl"], KEYCTL_GET_KEYRING_ID, PROCESS_KEYRING, 1)
    ),
}
"""What is tried, by what it would be to do it."""


class ProbingAnswers(child._Answers):
    """Answers of a child that also tries what it is asked to."""

    def __init__(self, channel: socket.socket, file: BinaryIO, *, limited: bool) -> None:
        super().__init__(channel, file, limited=limited)
        self.held = file.fileno()
        self.questions |= {"probe": self.probe, "late": self.late, "itself": self.itself}

    def probe(self, question: dict[str, Any]) -> None:
        """Try it; tell what the system answered."""
        try:
            PROBES[question["name"]](question["targets"] | {"held": self.held})
        except OSError as refusal:
            wire.send(self.channel, {"refused": errno.errorcode[refusal.errno or 0]})
        else:
            wire.send(self.channel, {"refused": None})

    def late(self, _: dict[str, Any]) -> None:
        """Try to load one more module; tell what all was asked for since the nursery was ready."""
        with suppress(ImportError):
            __import__(NOT_THERE)  # as the statement does; importlib does not raise the event
        wire.send(self.channel, {"late": LATE})

    def itself(self, _: dict[str, Any]) -> None:
        """Tell what this process has."""
        limits = {
            name: resource.getrlimit(getattr(resource, f"RLIMIT_{name}"))[1] for name in LIMITS
        }
        held = [number for number in range(MOST_DESCRIPTORS) if is_open(number)]
        told = {"limits": limits, "held": held, "environment": sorted(os.environ)}
        wire.send(self.channel, told)


def is_open(descriptor: int) -> bool:
    try:
        os.lseek(descriptor, 0, os.SEEK_CUR)
    except OSError as problem:
        return problem.errno != errno.EBADF
    return True


def note(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "import":
        LATE.append(str(arguments[0]))


class Noting(ProbingAnswers):
    """The same, from a child that notes what it loads.

    The hook comes after everything that the nursery loads.
    """

    def __init__(self, channel: socket.socket, file: BinaryIO, *, limited: bool) -> None:
        super().__init__(channel, file, limited=limited)
        sys.addaudithook(note)


if __name__ == "__main__":
    words = sys.argv[1:]
    if "macos" in words:
        child._load_decoders()  # other libraries ask it too
        sys.platform = "darwin"
    given = frozenset(
        Layer(word.removeprefix("given:")) for word in words if word.startswith("given:")
    )
    layers = frozenset(Layer(word) for word in words if word in [*Layer])
    child.main(Noting if "noting" in words else ProbingAnswers, layers, given)
