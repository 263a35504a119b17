#!/usr/bin/env sh
# av 18.1.0 movflags=faststart on an output that is a file object: every frame is taken, and the close fails. One expects it
# to work as without the flag, since BytesIO can be read and sought: FFmpeg opens the output a second time by its name to move
# the index to the front, and a file object has none.
# Seen: FileNotFoundError [Errno 2] '<none>' at close; what is in memory can't be opened. Without faststart, and with it into a
# file of a name, it closes.
set -eu
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --only-binary=:all: av==18.1.0 numpy==2.4.6
cd "$folder"
"$folder/venv/bin/python" - <<'PY'
import io
from typing import BinaryIO

import av
import numpy as np


def write(target: BinaryIO | str, **options: str) -> str:
    """How the close ends; every frame was taken before it."""
    container = av.open(target, "w", format="mp4", options=options)
    stream = container.add_stream("mpeg4", rate=10)
    stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
    picture = np.zeros((48, 64, 3), np.uint8)
    for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")):
        container.mux(packet)
    for packet in stream.encode(None):
        container.mux(packet)
    try:
        container.close()
    except av.error.FFmpegError as problem:
        return f"{type(problem).__name__}: {problem}"
    return "closed"


def opens(content: bytes) -> bool:
    try:
        av.open(io.BytesIO(content)).close()
    except av.error.FFmpegError:
        return False
    return True


plain, moved = io.BytesIO(), io.BytesIO()
seen = {
    "in memory": write(plain),
    "in memory, faststart": write(moved, movflags="faststart"),
    "file, faststart": write("movie.mp4", movflags="faststart"),
}
print("av", av.__version__, seen, "opens:", opens(plain.getvalue()), opens(moved.getvalue()))
assert seen["in memory"] == seen["file, faststart"] == "closed"
assert seen["in memory, faststart"].startswith("FileNotFoundError"), "faststart works in memory now"
assert opens(plain.getvalue())
assert not opens(moved.getvalue())
PY
