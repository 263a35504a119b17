"""Samsung's list of what its phones append to a recording: names, sizes, places at the very end."""

import struct
from collections.abc import Iterator
from typing import BinaryIO

_MOST_ENTRIES, _LONGEST_NAME = 200, 100
"""Entries that are read, and bytes of a name, at most. Chosen, not measured."""
_FARTHEST_BYTES = 1024 * 1024
"""How far before its end a file is looked at."""
_ENTRY_BYTES = 12
_END_BYTES = 8
"""The length of the directory, and ``SEFT``."""


def block_names(file: BinaryIO, size: int) -> tuple[str, ...]:
    """Names of the blocks in Samsung's trailer; none where there is no such trailer."""
    begin = max(0, size - _FARTHEST_BYTES)
    file.seek(begin)
    tail = file.read(size - begin)
    try:
        return tuple(_names(tail))
    except struct.error:
        return ()


def _names(tail: bytes) -> Iterator[str]:
    if tail[-4:] != b"SEFT":
        return
    (length,) = struct.unpack_from("<I", tail, len(tail) - _END_BYTES)
    directory = len(tail) - _END_BYTES - length
    if directory < 0 or tail[directory : directory + 4] != b"SEFH":
        return
    (count,) = struct.unpack_from("<I", tail, directory + 8)
    for number in range(min(count, _MOST_ENTRIES)):
        entry = directory + 12 + number * _ENTRY_BYTES
        (back,) = struct.unpack_from("<I", tail, entry + 4)
        if 0 < back <= directory:
            yield _name_at(tail, directory - back)


def _name_at(tail: bytes, block: int) -> str:
    """Four bytes say what kind of block it is, four how long its name, then comes the name."""
    (length,) = struct.unpack_from("<I", tail, block + 4)
    start = block + 8
    return tail[start : start + min(length, _LONGEST_NAME)].decode("ascii", "replace")
