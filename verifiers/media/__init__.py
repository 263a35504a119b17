"""Opens strangers' files under stated limits and hands out facts, upright pixels and derivatives.

Importing this package loads no decoder: ``open_media`` does, on its first call. The product calls
it only in a contained child (``pipeline.containment.opening``); samples, benchmarks and tests may
call it directly.
"""

from pathlib import Path
from typing import BinaryIO

from verifiers.media.formats import HEAD_BYTES, FileRefused, Opener, admit
from verifiers.media.protocol import Media, MediaError


def open_media(path: Path, file_name: str) -> Media:
    """Open the file at ``path``.

    ``file_name`` is what its sender called it (some names carry a time).

    Raises ``MediaError`` when nothing of it can be shown. Close the result.
    """
    return open_media_file(path.open("rb"), file_name)


def open_media_file(file: BinaryIO, file_name: str) -> Media:
    """Like ``open_media`` for an open, seekable binary file, which the result owns from now on."""
    try:
        return _open(file, file_name)
    except BaseException:
        file.close()
        raise


def _open(file: BinaryIO, file_name: str) -> Media:
    size_bytes = file.seek(0, 2)
    file.seek(0)
    head = file.read(HEAD_BYTES)
    file.seek(0)
    try:
        known = admit(head, file_name, size_bytes)
    except FileRefused as refusal:
        raise MediaError("UNREADABLE", str(refusal)) from refusal
    # Decoders are heavy and only wanted where files are really opened.
    if known.opener is Opener.PHOTO:
        from verifiers.media.photo import open_photo  # noqa: PLC0415

        return open_photo(file, file_name, known)
    from verifiers.media.video import open_video  # noqa: PLC0415

    return open_video(file, file_name, known)
