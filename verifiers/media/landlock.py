"""Landlock: the kernel takes every file from this process for good.

By its version it takes TCP and signals to others too.
"""

import ctypes
import errno
import os
import struct
import sys

_CREATE_RULESET, _RESTRICT_SELF = 444, 446
_WHICH_VERSION = 1
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
"""How many rights over files a version knows; all versions after these know 16."""
_MOST_FILE_RIGHTS = 16
_NET_SINCE, _SCOPE_SINCE = 4, 6
_BOTH = 0b11
"""Of the network: to bind and to connect TCP. Of the scope: abstract Unix sockets and signals."""


def version() -> int:
    """The kernel's version of Landlock.

    Raises ``OSError`` where it has none, or where it is switched off.
    """
    return _checked(_libc().syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _WHICH_VERSION))


def forbid_files() -> None:
    """Allow this process nothing of all that Landlock governs; what is open stays open.

    Raises ``OSError``.

    The process must have given up new privileges.
    """
    libc, rights = _libc(), _rights(version())
    ruleset = _checked(libc.syscall(_CREATE_RULESET, rights, ctypes.c_size_t(len(rights)), 0))
    try:
        _checked(libc.syscall(_RESTRICT_SELF, ruleset, 0))
    finally:
        os.close(ruleset)


def _rights(known: int) -> bytes:
    """All rights that version ``known`` governs, as ``struct landlock_ruleset_attr``."""
    files = (1 << _FILE_RIGHTS.get(known, _MOST_FILE_RIGHTS)) - 1
    parts = [files]
    if known >= _NET_SINCE:
        parts.append(_BOTH)
    if known >= _SCOPE_SINCE:
        parts.append(_BOTH)
    return struct.pack(f"={len(parts)}Q", *parts)


def _libc() -> ctypes.CDLL:
    if sys.platform != "linux":
        raise OSError(errno.ENOSYS, "Linux only")  # elsewhere these numbers mean something else
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno() or errno.ENOSYS
        raise OSError(number, os.strerror(number))
    return result
