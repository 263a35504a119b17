"""What is asked of each version of Landlock.

All that it governs, and nothing that it does not know.
"""

import struct

import pytest

from verifiers.media import landlock


@pytest.mark.parametrize(
    ("version", "files", "others"),
    [
        (1, 13, 0),
        (2, 14, 0),
        (3, 15, 0),
        (4, 15, 1),
        (5, 16, 1),
        (6, 16, 2),
        (7, 16, 2),
        (8, 16, 2),
    ],
)
def test_every_right_that_a_version_knows_is_taken(version: int, files: int, others: int) -> None:
    rights = struct.unpack(f"={others + 1}Q", landlock._rights(version))
    assert rights == ((1 << files) - 1, *[0b11] * others)
