"""A stage in three dimensions, as one camera sees it: flat panels, and buses made of them.

Metres: x to the right, y along the street, z up; the ground is z = 0. Everything is RGB uint8. What
stands still is drawn once (``samples.street``); vehicles are laid over it panel by panel, so that a
clip costs little per frame.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from math import cos, pi, sin

import cv2
import numpy as np
from numpy.typing import NDArray

from samples.bus import HEIGHT_M, LENGTH_M, OVERHANG_M, WIDTH_M, Bus, front, rear, side
from samples.sheet import Picture

Vector = tuple[float, float, float]
Floats = NDArray[np.float32]
_NEAR_M = 0.4
"""Nothing nearer than this to the camera is drawn."""


@dataclass(frozen=True, slots=True)
class Camera:
    """A pinhole camera: ``yaw`` to the right of +y, ``pitch`` upwards, both in degrees.

    ``focal`` in picture widths.
    """

    width: int
    height: int
    at: Vector
    yaw: float = 0.0
    pitch: float = 0.0
    focal: float = 0.85

    @property
    def focal_px(self) -> float:
        """The focal length in pixels."""
        return self.focal * self.width

    def axes(self) -> NDArray[np.float64]:
        """Rows: right, down, forward in the world."""
        yaw, pitch = self.yaw * pi / 180, self.pitch * pi / 180
        right = (cos(yaw), -sin(yaw), 0.0)
        forward = (sin(yaw) * cos(pitch), cos(yaw) * cos(pitch), sin(pitch))
        down = (sin(yaw) * sin(pitch), cos(yaw) * sin(pitch), -cos(pitch))
        return np.array([right, down, forward])

    def project(self, points: Sequence[Vector]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Pixels (n, 2) and depths (n,) of world points."""
        seen = (np.asarray(points, float) - np.asarray(self.at)) @ self.axes().T
        depth = np.maximum(seen[:, 2], 1e-6)
        pixels = seen[:, :2] / depth[:, None] * self.focal_px + (self.width / 2, self.height / 2)
        return pixels, seen[:, 2]


@dataclass(frozen=True, slots=True)
class Panel:
    """A flat RGBA picture in space.

    ``corners`` are its top left, top right, bottom right, bottom left.
    """

    picture: Picture
    corners: tuple[Vector, Vector, Vector, Vector]


def upright(
    picture: Picture,
    left: tuple[float, float],
    right: tuple[float, float],
    high: float,
    low: float = 0,
) -> Panel:
    """A vertical panel whose bottom runs from ``left`` to ``right`` (x, y), as seen."""
    top_left, top_right = (*left, high), (*right, high)
    return Panel(picture, (top_left, top_right, (*right, low), (*left, low)))


def lay(canvas: Picture, camera: Camera, panels: Iterable[Panel]) -> None:
    """Paint ``panels`` onto ``canvas`` in place, farthest first."""
    for panel in sorted(panels, key=lambda item: -float(np.mean(camera.project(item.corners)[1]))):
        _lay_one(canvas, camera, panel)


def _lay_one(canvas: Picture, camera: Camera, panel: Panel) -> None:
    pixels, depths = camera.project(panel.corners)
    if depths.min() < _NEAR_M:
        return
    left, top = np.floor(pixels.min(axis=0)).astype(int).clip(0)
    right, bottom = np.ceil(pixels.max(axis=0)).astype(int) + 1
    right, bottom = min(int(right), canvas.shape[1]), min(int(bottom), canvas.shape[0])
    if right - left < 1 or bottom - top < 1:
        return
    picture = _reduced(panel.picture, pixels)
    height, width = picture.shape[:2]
    source = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    matrix = cv2.getPerspectiveTransform(source, (pixels - (left, top)).astype(np.float32))
    size = (int(right - left), int(bottom - top))
    warped = cv2.warpPerspective(picture, matrix, size, flags=cv2.INTER_LINEAR)
    alpha = warped[..., 3:].astype(np.uint16)
    patch = canvas[top:bottom, left:right]
    patch[:] = ((warped[..., :3] * alpha + patch * (255 - alpha)) // 255).astype(np.uint8)


def _reduced(picture: Picture, pixels: NDArray[np.float64]) -> Picture:
    """Shrink a picture that would be sampled too coarsely; a clear pixel softens its edge."""
    wide = max(
        float(np.hypot(*(pixels[1] - pixels[0]))), float(np.hypot(*(pixels[2] - pixels[3]))), 2.0
    )
    high = max(
        float(np.hypot(*(pixels[3] - pixels[0]))), float(np.hypot(*(pixels[2] - pixels[1]))), 2.0
    )
    size = (min(picture.shape[1], round(wide * 1.15)), min(picture.shape[0], round(high * 1.15)))
    small = (
        cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        if size != picture.shape[1::-1]
        else picture.copy()
    )
    small[0, :, 3] = small[-1, :, 3] = 0
    small[:, 0, 3] = small[:, -1, 3] = 0
    return small.astype(np.uint8, copy=False)


class BusFaces:
    """The drawn faces of one bus, to be put anywhere on the street; draw once, place per frame."""

    def __init__(self, bus: Bus, camera: Camera, *, towards: bool, px_per_m: float) -> None:
        self._camera, self._towards = camera, towards
        self._end = front(bus, px_per_m) if towards else rear(bus, px_per_m)
        self._side = cache(lambda doors: _shaded(side(bus, doors=doors, px_per_m=px_per_m * 0.5)))
        shade = np.zeros((128, 128, 4), np.uint8)
        shade[12:-12, 24:-24, 3] = 200
        self._shade = cv2.GaussianBlur(shade, (0, 0), 5).astype(np.uint8, copy=False)

    def panels(self, x: float, y: float) -> tuple[Panel, ...]:
        """Panels of the bus whose nearest end is at ``y`` and whose middle runs along ``x``."""
        half, far = WIDTH_M / 2, y + LENGTH_M
        wide = half + (OVERHANG_M if self._towards else 0.0)
        nearest = (upright(self._end, (x - wide, y), (x + wide, y), HEIGHT_M),)
        floor = (x - half - 0.9, x + half + 0.9, y - 1.6, far + 1.6)
        corners = (
            (floor[0], floor[3], 0.0),
            (floor[1], floor[3], 0.0),
            (floor[1], floor[2], 0.0),
            (floor[0], floor[2], 0.0),
        )
        eye = self._camera.at[0]
        sides: tuple[Panel, ...] = ()
        if eye < x - half:
            sides = (upright(self._side(self._towards), (x - half, far), (x - half, y), HEIGHT_M),)
        elif eye > x + half:
            sides = (
                upright(self._side(not self._towards), (x + half, y), (x + half, far), HEIGHT_M),
            )
        return (
            *((Panel(self._shade, corners),) if floor[2] > self._camera.at[1] + _NEAR_M else ()),
            *sides,
            *nearest,
        )


def _shaded(picture: Picture) -> Picture:
    """A side stands in less light than an end, so that the edge between them shows."""
    darker = picture.copy()
    darker[..., :3] = (darker[..., :3] * 0.82).astype(np.uint8)
    return darker


def developed(
    canvas: Picture, rng: np.random.Generator, grain: float = 3.0, soft: float = 0.55
) -> Picture:
    """What lens and sensor do to it: a little softness, darker corners, a tone curve and grain."""
    height, width = canvas.shape[:2]
    seen = cv2.GaussianBlur(canvas, (0, 0), soft).astype(np.float32)
    dx = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    dy = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    seen *= (1 - 0.13 * (dx**2 + dy**2))[..., None]
    seen = np.asarray(255 * (seen / 255) ** 1.06, np.float32)
    luma = rng.standard_normal((height, width)).astype(np.float32) * grain
    seen += luma[..., None]
    return np.clip(seen, 0, 255).astype(np.uint8)
