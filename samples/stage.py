"""A street in three dimensions, as one camera sees it.

Sky, houses, trees, ground with markings, and flat panels.

Metres: x to the right, y along the street, z up; the ground is z = 0. Everything is RGB uint8. The
still part is drawn once by ``Stage.backdrop``; vehicles are laid over it panel by panel, so that a
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
from samples.fonts import Colour
from samples.sheet import Picture

Vector = tuple[float, float, float]
Floats = NDArray[np.float32]
_NEAR_M = 0.4
"""Nothing nearer than this to the camera is drawn."""
_HORIZON = 2e-3
"""Rays that fall less than this meet the ground kilometres away: they count as sky."""


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


@dataclass(frozen=True, slots=True)
class Mark:
    """A painted rectangle on the ground.

    With ``every`` it is repeated along y from y0, each ``y1 - y0`` long.
    """

    x0: float
    x1: float
    y0: float
    y1: float
    colour: Colour = (226, 226, 220)
    every: float | None = None
    until: float = 200.0


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


@dataclass(frozen=True, slots=True)
class Street:
    """What stands still: kerbs at ``left`` and ``right`` (x), ``marks``, a ``cross``ing road."""

    left: float = -7.0
    right: float = 7.0
    marks: tuple[Mark, ...] = ()
    cross: tuple[float, float] | None = None
    seed: int = 0


def backdrop(street: Street, camera: Camera) -> Picture:
    """Sky, ground, houses and trees of ``street`` as ``camera`` sees them."""
    rng = np.random.default_rng(street.seed)
    canvas = _sky(camera)
    _paint_ground(canvas, street, camera)
    lay(canvas, camera, _houses(street, rng, camera))
    return canvas


@cache
def _noise(seed: int, size: int, octaves: int) -> Floats:
    """A tile of fractal noise, mean 0, about ±1, that wraps round."""
    rng = np.random.default_rng(seed)
    total = np.zeros((size, size), np.float32)
    for octave in range(octaves):
        cells = min(size, 4 << octave)
        coarse = rng.standard_normal((cells, cells)).astype(np.float32)
        edge = size // cells
        wrapped = np.pad(coarse, 2, mode="wrap")
        grown = cv2.resize(wrapped, None, fx=edge, fy=edge, interpolation=cv2.INTER_LINEAR)
        total += grown[2 * edge : 2 * edge + size, 2 * edge : 2 * edge + size] / (octave + 1)
    return np.asarray(total / total.std(), np.float32)


def _sky(camera: Camera) -> Picture:
    rows = np.linspace(0, 1, camera.height, dtype=np.float32)[:, None, None]
    top, low = np.array((138, 172, 206), np.float32), np.array((222, 230, 236), np.float32)
    clouds = cv2.resize(
        _noise(1, 256, 5), (camera.width, camera.height), interpolation=cv2.INTER_CUBIC
    )
    sky = top * (1 - rows) + low * rows + np.clip(clouds, 0, 2)[..., None] * 14
    return np.clip(sky, 0, 255).astype(np.uint8)


def _paint_ground(canvas: Picture, street: Street, camera: Camera) -> None:
    right, down, forward = camera.axes().astype(np.float32)
    v = (np.arange(camera.height, dtype=np.float32)[:, None] - camera.height / 2) / camera.focal_px
    u = (np.arange(camera.width, dtype=np.float32)[None, :] - camera.width / 2) / camera.focal_px
    fall = -(u * right[2] + v * down[2] + forward[2])
    first = int(np.argmax((fall > _HORIZON).any(axis=1)))
    v, fall, below = v[first:], fall[first:], canvas[first:]
    ground = fall > _HORIZON
    reach = np.where(ground, camera.at[2] / np.where(ground, fall, 1), 0).astype(np.float32)
    x = camera.at[0] + reach * (u * right[0] + v * down[0] + forward[0])
    y = camera.at[1] + reach * (u * right[1] + v * down[1] + forward[1])
    blur_x = np.maximum(reach / camera.focal_px, 1e-4)
    blur_y = np.maximum(blur_x * reach / camera.at[2], 1e-4)
    colour = _ground_colour(street, x, y, blur_x, blur_y)
    far = np.clip(reach / 220, 0, 0.75)[..., None]
    hazy = colour * (1 - far) + np.array((196, 204, 210), np.float32) * far
    below[ground] = np.clip(hazy[ground], 0, 255).astype(np.uint8)


def _cover(value: Floats, low: float, high: float, blur: Floats) -> Floats:
    """How much of a pixel ``blur`` wide lies in low..high."""
    inside = np.clip((value - low) / blur + 0.5, 0, 1) * np.clip((high - value) / blur + 0.5, 0, 1)
    return np.asarray(inside, np.float32)


def _sampled(tile: Floats, x: Floats, y: Floats, per_m: float, blur: Floats) -> Floats:
    size = tile.shape[0]
    shape = ((x * per_m) % size).astype(np.float32), ((y * per_m) % size).astype(np.float32)
    value = cv2.remap(tile, *shape, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return (value / (1 + (blur * per_m) ** 1.2)).astype(np.float32)


def _ground_colour(street: Street, x: Floats, y: Floats, blur_x: Floats, blur_y: Floats) -> Floats:
    grain = _sampled(_noise(2, 512, 8), x, y, 90, blur_y)
    patches = _sampled(_noise(3, 256, 5), x, y, 6, blur_y)
    road = np.array((98, 100, 104), np.float32) + (grain * 7 + patches * 5)[..., None]
    paving = np.array((164, 158, 150), np.float32) + (grain * 6 + patches * 7)[..., None]
    joints = np.minimum(np.abs((x % 0.6) - 0.3), np.abs((y % 0.6) - 0.3))
    paving -= (np.clip(1 - joints / (0.012 + blur_x), 0, 1) * 26 / (1 + blur_y * 8))[..., None]
    on_road = _cover(x, street.left, street.right, blur_x)
    kerb = _cover(x, street.left - 0.25, street.right + 0.25, blur_x)
    if street.cross:
        across = _cover(y, *street.cross, blur_y)
        on_road, kerb = np.maximum(on_road, across), np.maximum(kerb, across)
    colour = (
        paving * (1 - kerb)[..., None]
        + np.array((188, 186, 182), np.float32) * (kerb - on_road)[..., None]
    )
    colour += road * on_road[..., None]
    for mark in street.marks:
        along = y
        if mark.every:
            along = mark.y0 + (y - mark.y0) % mark.every
            along = np.where((y >= mark.y0) & (y < mark.until), along, mark.y0 - 50)
        painted = _cover(x, mark.x0, mark.x1, blur_x) * _cover(along, mark.y0, mark.y1, blur_y)
        painted *= np.clip(0.86 - 0.12 * np.clip(grain, 0, 3), 0.3, 1)
        colour = (
            colour * (1 - painted)[..., None]
            + np.array(mark.colour, np.float32) * painted[..., None]
        )
    return colour.astype(np.float32)


def _houses(street: Street, rng: np.random.Generator, camera: Camera) -> list[Panel]:
    panels: list[Panel] = []
    for edge, turn in ((street.left - 4.5, 1), (street.right + 4.5, -1)):
        y = camera.at[1] + 1.5
        while y < camera.at[1] + 170:
            wide, high = float(rng.uniform(9, 20)), float(rng.uniform(9, 34))
            clear = (
                street.cross is None or y + wide < street.cross[0] - 2 or y > street.cross[1] + 2
            )
            if clear:
                ends = ((edge, y), (edge, y + wide)) if turn > 0 else ((edge, y + wide), (edge, y))
                panels.append(upright(_facade(rng, wide, high), *ends, high))
                if street.cross and street.cross[1] < y < street.cross[1] + wide + 4:
                    low, far = sorted((edge, edge - turn * 30))
                    panels.append(upright(_facade(rng, 30, high), (low, y), (far, y), high))
            tree = (edge + turn * 3.1, y + wide / 2)
            if street.cross is None or not street.cross[0] - 3 < tree[1] < street.cross[1] + 3:
                panels.append(
                    upright(_tree(rng), (tree[0] - 2.2, tree[1]), (tree[0] + 2.2, tree[1]), 6.6)
                )
            y += wide + (0.2 if clear else 0)
    far = camera.at[1] + 175
    for x in np.arange(-60, 60, 15):
        high = float(rng.uniform(18, 46))
        panels.append(
            upright(_hazy(_facade(rng, 15, high)), (float(x), far), (float(x) + 15, far), high)
        )
    return panels


_WALLS: tuple[Colour, ...] = (
    (196, 178, 156),
    (176, 168, 160),
    (206, 200, 190),
    (168, 132, 112),
    (150, 156, 164),
)
_SHOPS: tuple[Colour, ...] = (
    (170, 44, 40),
    (34, 92, 150),
    (30, 120, 84),
    (206, 150, 40),
    (90, 60, 120),
)


def _facade(rng: np.random.Generator, wide: float, high: float, per_m: int = 14) -> Picture:
    size = (round(high * per_m), round(wide * per_m))
    wall = np.asarray(_WALLS[int(rng.integers(len(_WALLS)))], np.float32)
    stain = cv2.resize(_noise(4, 128, 6), size[::-1], interpolation=cv2.INTER_CUBIC)
    picture = np.broadcast_to(wall, (*size, 3)) + (stain * 6)[..., None]
    picture = np.ascontiguousarray(picture, np.float32)
    step_x, step_z = float(rng.uniform(2.2, 3.4)), 3.1
    floors = int((high - 4.6) // step_z)
    for floor in range(max(0, floors)):
        bottom = size[0] - round((4.6 + floor * step_z) * per_m)
        for column in range(int(wide // step_x)):
            left = round((column * step_x + 0.5) * per_m)
            glass = np.array((70, 84, 98), np.float32) * float(rng.uniform(0.6, 1.5))
            pane = (
                slice(bottom - round(1.7 * per_m), bottom),
                slice(left, left + round((step_x - 1.0) * per_m)),
            )
            picture[pane] = glass
            picture[pane[0].start - 2 : pane[0].start, pane[1]] = wall * 1.1
            picture[bottom : bottom + 3, pane[1]] = wall * 0.75
    left = 0
    while left < size[1]:
        shop = round(float(rng.uniform(3, 6)) * per_m)
        sign = np.asarray(_SHOPS[int(rng.integers(len(_SHOPS)))], np.float32)
        low = size[0] - round(3.9 * per_m)
        picture[low : low + round(0.9 * per_m), left : left + shop - 4] = sign
        picture[low + round(0.9 * per_m) : size[0] - 5, left : left + shop - 4] = (58, 62, 66)
        picture[low + round(1.2 * per_m) : size[0] - 12, left + 6 : left + shop - 10] = (
            124,
            128,
            124,
        )
        left += shop
    shade = np.clip(picture, 0, 255).astype(np.uint8)
    return np.dstack((shade, np.full(size, 255, np.uint8)))


def _hazy(picture: Picture) -> Picture:
    picture[..., :3] = (picture[..., :3] * 0.4 + np.array((206, 214, 220)) * 0.6).astype(np.uint8)
    return picture


def _tree(rng: np.random.Generator, per_m: int = 40) -> Picture:
    wide, high = round(4.4 * per_m), round(6.6 * per_m)
    picture = np.zeros((high, wide, 4), np.uint8)
    trunk = (wide // 2, high)
    cv2.line(picture, trunk, (wide // 2, round(high * 0.5)), (92, 78, 64, 255), round(0.26 * per_m))
    for _ in range(420):
        angle, reach = float(rng.uniform(0, 2 * pi)), float(rng.uniform(0, 1)) ** 0.5
        x, z = (
            cos(angle) * reach * 0.43 * wide + wide / 2,
            sin(angle) * reach * 0.3 * high + high * 0.33,
        )
        light = float(rng.uniform(0.55, 1.15)) * (1.15 - 0.5 * z / (high * 0.65))
        leaf = (round(76 * light), round(112 * light), round(58 * light), 255)
        cv2.circle(picture, (round(x), round(z)), int(rng.integers(4, 13)), leaf, -1, cv2.LINE_AA)
    return picture


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
