#!/usr/bin/env sh
# av 18.1.0 str(stream.disposition): a number on Python 3.11 and newer. One expects names, as repr has them:
# code that looks for "default" or "attached_pic" in the text never finds it, and nothing fails.
# Seen: str is "1" and "1025" where repr says Disposition.default and default|attached_pic; .name and `in` tell them right.
# Disposition is an IntFlag, whose str has been the integer's since 3.11.
set -eu
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --only-binary=:all: av==18.1.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PY'
import io
import sys

import av
import numpy as np
from av.stream import Disposition

assert sys.version_info >= (3, 11), "seen on 3.11 and newer only"
stored = io.BytesIO()
with av.open(stored, "w", format="mp4") as container:
    stream = container.add_stream("mpeg4", rate=10)
    stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
    picture = np.zeros((48, 64, 3), np.uint8)
    container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
    container.mux(stream.encode(None))
with av.open(io.BytesIO(stored.getvalue())) as container:
    first = container.streams.video[0].disposition
both = Disposition.default | Disposition.attached_pic
print("av", av.__version__, "python", sys.version.split()[0], [repr(first), str(first), repr(both), str(both)])
assert str(first) == str(int(first)) == "1", "names come back"
assert str(both) == str(int(both)), "names come back"
assert first.name == "default"
assert Disposition.attached_pic in both
PY
