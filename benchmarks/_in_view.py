"""Plates in view of known pictures that their labels do not name, told by eye.

As digests, for they are other people's.
"""

from hashlib import sha256

_SEEN_BY_EYE = frozenset(
    {
        "0776c8a357b712bb",
        "104526de1d1ea76c",
        "2202cb4a9c3c0fdd",
        "24375b9327bb887a",
        "5a1e2940158463ff",
        "5c05c40c89abc22d",
        "8880708dcb2e008e",
        "9050f7aea5bac02a",
        "ea067378343491c8",
        "f7290a3783cce8d2",
    }
)


def is_in_view(file: str, number: str) -> bool:
    """Whether a person saw the plate ``number`` in the picture ``file`` of ``plates/``."""
    return digest_of(file, number) in _SEEN_BY_EYE


def digest_of(file: str, number: str) -> str:
    """What stands for the plate ``number`` in the picture ``file``."""
    return sha256(f"{file} {number}".encode()).hexdigest()[:16]
