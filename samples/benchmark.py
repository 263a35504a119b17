"""The two large inputs of the benchmarks.

A 12-megapixel photo and a minute of 1080p30, textured and moving.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from samples.manifest import BUS_49, HANKOU, SHANGHAI
from samples.phone import ANDROID, Stated, photo_exif, write_clip
from samples.scenes import road_marks
from samples.sheet import Picture
from samples.stage import BusFaces, Camera, developed, lay
from samples.street import Street, backdrop

TAKEN_AT = datetime(2026, 6, 10, 0, 41, 7, tzinfo=UTC)
PHOTO = (4000, 3000)
CLIP = (1920, 1080)
FRAMES_PER_SECOND = 30
_REACH = (640, 240)
"""Pixels by which the clip's picture is larger than its frame: the room to move in."""


def photo(path: Path, seed: int = 3, *, with_bus: bool = True) -> Path:
    """Draw a 4000 × 3000 JPEG (some 4 MB, full EXIF) of a bus with the grain of a real one.

    ``with_bus`` false: the street alone, without a letter in it.
    """
    camera = Camera(*PHOTO, at=(-0.9, -5.9, 1.62), yaw=11, pitch=0.5, focal=0.82)
    canvas = (
        _street(camera, seed)
        if with_bus
        else backdrop(Street(marks=road_marks(), seed=seed), camera)
    )
    grained = developed(canvas, np.random.default_rng(seed), grain=6, soft=0.7)
    Image.fromarray(grained).save(path, "JPEG", quality=92, exif=photo_exif(_stated()))
    return path


def clip(path: Path, seconds: int = 60, seed: int = 3) -> Path:
    """Draw ``seconds`` of 1920 × 1080 at 30 frames a second, H.264 in MP4.

    The camera wanders over a grainy street.
    """
    width, height = CLIP[0] + _REACH[0], CLIP[1] + _REACH[1]
    canvas = _street(Camera(width, height, at=(-0.9, -5.9, 1.9), yaw=11, pitch=0, focal=0.72), seed)
    textured = developed(canvas, np.random.default_rng(seed), grain=6)
    frames = _wandering(textured, seconds * FRAMES_PER_SECOND, seed)
    write_clip(path, frames, FRAMES_PER_SECOND, _stated(), quality=24, layout="yuv420p")
    return path


def _stated() -> Stated:
    return Stated(TAKEN_AT.astimezone(SHANGHAI), (HANKOU.latitude, HANKOU.longitude), ANDROID)


def _street(camera: Camera, seed: int) -> Picture:
    canvas = backdrop(Street(marks=road_marks(), seed=seed), camera)
    lay(canvas, camera, BusFaces(BUS_49, camera, towards=True, px_per_m=560).panels(0.75, 0.0))
    return canvas


def _wandering(canvas: Picture, count: int, seed: int) -> Iterator[Picture]:
    """Windows of ``canvas`` along a slow loop, as yuv420p planes.

    Grain is laid on the light only.
    """
    high, wide = canvas.shape[:2]
    planes = cv2.cvtColor(canvas, cv2.COLOR_RGB2YUV_I420)
    luma = planes[:high]
    chroma = planes[high:].reshape(2, high // 2, wide // 2)
    (width, height), rng = CLIP, np.random.default_rng(seed)
    grain = (rng.standard_normal((height + 64, width + 64)) * 3).astype(np.int8)
    for index in range(count):
        turn = index / FRAMES_PER_SECOND * 0.35
        left = 2 * round(_REACH[0] / 4 * (1 + np.sin(turn * 1.3)))
        top = 2 * round(_REACH[1] / 4 * (1 + np.sin(turn * 2.1 + 1)))
        frame = np.empty((height * 3 // 2, width), np.uint8)
        dx, dy = (int(step) for step in rng.integers(0, 64, 2))
        window = luma[top : top + height, left : left + width]
        cv2.add(
            window, grain[dy : dy + height, dx : dx + width], dst=frame[:height], dtype=cv2.CV_8U
        )
        half = (slice(top // 2, (top + height) // 2), slice(left // 2, (left + width) // 2))
        frame[height : height * 5 // 4] = chroma[0][half].reshape(-1, width)
        frame[height * 5 // 4 :] = chroma[1][half].reshape(-1, width)
        yield frame
