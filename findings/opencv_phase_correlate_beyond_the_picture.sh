#!/usr/bin/env sh
# opencv-python-headless 4.14.0.94 cv2.phaseCorrelate: the shift between two unrelated pictures of 48 x 27 pixels can be
# several times their size. One expects at most half a picture, since the correlation is circular: so a caller who
# slices by the shift must bound it.
# Seen: of 780 pairs of smooth random pictures 7 shifts are wider than the picture, the largest 6.0 widths; all finite.
set -eu
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --only-binary=:all: opencv-python-headless==4.14.0.94 numpy==2.4.6
"$folder/venv/bin/python" - <<'PY'
from itertools import combinations

import cv2
import numpy as np


def picture(seed: int) -> np.ndarray:
    coarse = np.random.default_rng(seed).integers(0, 255, (18, 32), dtype=np.uint8)
    large = cv2.resize(coarse, (960, 360), interpolation=cv2.INTER_CUBIC)[:, :640]
    return cv2.resize(large, (48, 27), interpolation=cv2.INTER_AREA).astype(np.float32)


window = cv2.createHanningWindow((48, 27), cv2.CV_32F)
pictures = [picture(seed) for seed in range(40)]
shifts = [cv2.phaseCorrelate(one, other, window)[0] for one, other in combinations(pictures, 2)]
widths = [abs(right) / 48 for right, _ in shifts]
print("opencv", cv2.__version__, "pairs", len(shifts), "beyond the picture", sum(width > 1 for width in widths))
print("largest shift in widths", round(max(widths), 1))
assert np.isfinite(widths).all()
assert max(widths) > 1, "the shift is bounded now"
PY
