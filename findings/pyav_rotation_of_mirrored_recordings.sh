#!/usr/bin/env sh
# av 18.1.0 VideoFrame.rotation: a recording whose display matrix mirrors (front cameras, tools that flip) has a rotation
# as if it were only turned. One expects that turning by it gives the picture that players show: four of the eight
# orientations come out on their head or unmirrored, and nothing says that the matrix mirrored.
# Seen: mirrored left-right gives -180, up-down 0, the two transposing ones -90 and 90; only the four pure turns are right.
set -eu
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --only-binary=:all: av==18.1.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PY'
import io
import struct

import av
import numpy as np

ONE, WIDTH, HEIGHT = 1 << 16, 64, 48
MATRICES = {
    "as it is": (ONE, 0, 0, ONE, 0, 0),
    "turned by 180": (-ONE, 0, 0, -ONE, WIDTH, HEIGHT),
    "mirrored left-right": (-ONE, 0, 0, ONE, WIDTH, 0),
    "mirrored up-down": (ONE, 0, 0, -ONE, 0, HEIGHT),
    "transposed": (0, ONE, ONE, 0, 0, 0),
    "turned by 90": (0, ONE, -ONE, 0, HEIGHT, 0),
}


def recording(matrix: tuple[int, ...]) -> bytes:
    stored = io.BytesIO()
    with av.open(stored, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
        container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    data = bytearray(stored.getvalue())
    place = data.index(b"tkhd") + 44
    a, b, c, d, x, y = matrix
    data[place : place + 36] = struct.pack(">9i", a, b, 0, c, d, 0, x * ONE, y * ONE, 1 << 30)
    return bytes(data)


seen = {}
for name, matrix in MATRICES.items():
    with av.open(io.BytesIO(recording(matrix))) as container:
        seen[name] = next(container.decode(video=0)).rotation
print("av", av.__version__, seen)
assert seen["mirrored left-right"] == seen["turned by 180"] == -180, "mirrors are told apart now"
assert seen["mirrored up-down"] == seen["as it is"] == 0, "mirrors are told apart now"
assert seen["transposed"] == seen["turned by 90"] == -90, "mirrors are told apart now"
PY
