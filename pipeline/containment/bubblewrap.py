"""bubblewrap, where it stands.

It may make the namespaces that this machine refuses to ordinary programs.

What runs in it sees the interpreter, the libraries and the code of the decoders, to read; no
network, nothing else.
"""

import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from verifiers.media import formats
from verifiers.media.cell import Layer

LAYERS = (Layer.NETWORK, Layer.FILES)
"""What it stands in for."""
CODE = Path(formats.__file__).resolve().parents[2]
_SYSTEM = (
    "/usr",
    "/lib",
    "/lib32",
    "/lib64",
    "/bin",
    "/etc/ld.so.cache",
    "/etc/alternatives",
    "/nix/store",
)


def command(rooms: Sequence[str]) -> list[str]:
    """What stands before a Python command to run it in a bubble that holds ``rooms`` of the code.

    Empty without it.
    """
    program = shutil.which("bwrap")
    if program is None:
        return []
    seen = [
        word for place in dict.fromkeys(_places(rooms)) for word in ("--ro-bind-try", place, place)
    ]
    return [program, "--unshare-net", "--unshare-ipc", *seen, "--dev", "/dev", "--chdir", "/"]


def _places(rooms: Sequence[str]) -> Iterator[str]:
    yield from _SYSTEM
    yield from (sys.base_prefix, sys.prefix)
    for folder in map(Path, sys.path):
        # Never the folder of the code itself: the installation's home may lie in it.
        if folder.is_dir() and folder.is_absolute() and not CODE.is_relative_to(folder.resolve()):
            yield str(folder)
    for room in rooms:
        yield str(CODE / room)
