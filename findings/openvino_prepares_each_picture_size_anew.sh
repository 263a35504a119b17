#!/usr/bin/env sh
# OpenVINO 2026.4.1, a text detector (PP-OCRv4, from the wheel of rapidocr 3.4.5) compiled once with free sizes, one thread,
# f32. One expects a compiled network to cost the same for every picture: it prepares its kernels anew for each size it has
# not met, and keeps what it prepared. Benchmarks that repeat one size show a network that is cheaper than it is on photos.
# Seen (processor seconds of 24 sizes, 320-664 px, 2 rounds): first round 1.3 to 2.5 times the second; with
# CPU_RUNTIME_CACHE_CAPACITY 0 the second is as dear as the first.
set -eu
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --only-binary=:all: --no-deps openvino==2026.4.1 rapidocr==3.4.5 numpy==2.3.5
"$folder/venv/bin/python" - <<'PY'
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import openvino

weights = Path(find_spec("rapidocr").origin).parent / "models" / "ch_PP-OCRv4_det_infer.onnx"
core = openvino.Core()
sizes = [(320 + 8 * n // 32 * 32 + 32 * (n % 5), 320 + 32 * ((7 * n) % 11)) for n in range(24)]
pictures = [np.random.default_rng(n).normal(size=(1, 3, *size)).astype(np.float32) for n, size in enumerate(sizes)]


def rounds(**more):
    settings = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": "1", **more}
    request = core.compile_model(core.read_model(str(weights)), "CPU", settings).create_infer_request()
    request.infer([np.zeros((1, 3, 320, 320), np.float32)])
    spent = []
    for _ in range(2):
        began = time.process_time()
        for picture in pictures:
            request.infer([picture])
        spent.append(time.process_time() - began)
    return spent


kept, forgotten = rounds(), rounds(CPU_RUNTIME_CACHE_CAPACITY=0)
print("openvino", openvino.__version__, len(set(sizes)), "sizes")
print("kept: first/second %.2f; forgotten: first/second %.2f" % (kept[0] / kept[1], forgotten[0] / forgotten[1]))
print("second round, forgotten/kept %.2f" % (forgotten[1] / kept[1]))
assert len(set(sizes)) == 24
assert kept[0] / kept[1] > 1.25
assert forgotten[1] / kept[1] > 1.25
PY
