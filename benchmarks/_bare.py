"""The rival of all reading: RapidOCR with its maker's defaults, on one thread."""

from collections.abc import Callable
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from rapidocr import RapidOCR

from verifiers.reading.texts.text import TextLine


def bare_lines(pixels: NDArray[np.uint8]) -> tuple[TextLine, ...]:
    """The lines that one default pass reads in a BGR picture."""
    read = bare_reader()(pixels)
    if read.boxes is None or read.txts is None:
        return ()
    return tuple(
        TextLine(str(text), float(score), np.asarray(corners, dtype=np.float32))
        for text, score, corners in zip(read.txts, read.scores, read.boxes, strict=True)
    )


@cache
def bare_reader() -> Callable[[NDArray[np.uint8] | str], Any]:
    """The reader itself, for a BGR picture or the path of a file."""
    cv2.setNumThreads(1)
    threads = {
        f"EngineConfig.onnxruntime.{which}_op_num_threads": 1 for which in ("intra", "inter")
    }
    reader: Callable[[NDArray[np.uint8] | str], Any] = RapidOCR(
        params={"Global.log_level": "critical", **threads}
    )
    return reader
