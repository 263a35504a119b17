"""A machine that lacks something.

``python -m tests.pipeline.containment.poorer_machine CALL… -- COMMAND…``: the command, and
all that it starts, gets EPERM for the named calls of the kernel: as in a container whose own filter
forbids them.
"""

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Sequence

from verifiers.media import syscalls

COLUMN = {"x86_64": 0, "aarch64": 1}
NUMBERS = {
    "unshare": (272, 97),
    "landlock_create_ruleset": (444, 444),
    "seccomp": (317, 277),
    "setuid": (105, 146),
}
PR_SET_SECCOMP, FILTER, PR_SET_NO_NEW_PRIVS = 22, 2, 38
EPERM = 1


def refuse(calls: Sequence[str]) -> None:
    """Take ``calls`` from this process and all that it starts."""
    column = COLUMN[platform.machine()]
    steps = [(syscalls._LOAD, 0, 0, syscalls._NUMBER)]
    for call in calls:
        steps += [
            (syscalls._EQUAL, 0, 1, NUMBERS[call][column]),
            (syscalls._RETURN, 0, 0, syscalls._ERRNO | EPERM),
        ]
    steps.append((syscalls._RETURN, 0, 0, syscalls._ALLOW))
    code = b"".join(struct.pack("=HBBI", *step) for step in steps)
    held = ctypes.create_string_buffer(code, len(code))
    program = ctypes.create_string_buffer(struct.pack("@HP", len(steps), ctypes.addressof(held)))
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() != 0 and libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "no_new_privs")
    if libc.prctl(PR_SET_SECCOMP, FILTER, program):
        raise OSError(ctypes.get_errno(), "seccomp")


if __name__ == "__main__":
    words = sys.argv[1:]
    refuse(words[: words.index("--")])
    command = words[words.index("--") + 1 :]
    os.execv(command[0], command)  # noqa: S606 - it is the test's own command
