"""A street as the backdrop of a stage: sky, houses, trees, ground with markings.

Metres, as on the stage.
"""

from dataclasses import dataclass
from functools import cache
from math import cos, pi, sin

import cv2
import numpy as np
from numpy.typing import NDArray

from samples.fonts import Colour
from samples.sheet import Picture
from samples.stage import Camera, Panel, lay, upright

Floats = NDArray[np.float32]

_HORIZON = 2e-3
"""Rays that fall less than this meet the ground kilometres away: they count as sky."""


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
