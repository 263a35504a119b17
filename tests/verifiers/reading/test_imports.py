"""The web process imports ``verifiers``: nothing heavy may come along."""

import subprocess
import sys


def test_importing_the_doors_loads_no_decoder_and_no_model() -> None:
    code = "import sys, verifiers; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.split()
    assert not {"cv2", "numpy", "onnxruntime", "rapidocr", "PIL", "av"} & set(loaded)
