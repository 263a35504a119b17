"""The pictures: what stands before the camera in each still, and how the two clips run.

Pixels only, no files.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from samples import plates
from samples.bus import Bus
from samples.fonts import font
from samples.sheet import Picture, Sheet
from samples.stage import BusFaces, Camera, Panel, developed, lay, upright
from samples.street import Mark, Street, backdrop

STILL = (2016, 1512)
CLIP = (1280, 720)
FRAMES_PER_SECOND = 25
_MARGIN = 24
"""Pixels around a clip's still part, room for the hand to shake."""
_YELLOW = (222, 178, 58)


class Scene(StrEnum):
    """What is drawn."""

    FRONT = "front"
    REAR = "rear"
    CLOSE_FRONT = "close_front"
    BADGE = "badge"
    PLACE = "place"
    CAR = "car"
    RED_LIGHT = "red_light"
    WRONG_WAY = "wrong_way"

    @property
    def moving(self) -> bool:
        """Whether it is a clip."""
        return self in (Scene.RED_LIGHT, Scene.WRONG_WAY)


@dataclass(frozen=True, slots=True)
class Cast:
    """Who and what is in the picture.

    ``clock`` is a time that the camera writes into it (Shanghai wall time).
    """

    bus: Bus
    badge: str
    place: str
    clock: datetime | None = None
    seed: int = 1
    seconds: float = 8.0


def road_marks(cross: tuple[float, float] | None = None) -> tuple[Mark, ...]:
    """Two lanes each way with a double yellow line between, interrupted by a crossing road."""
    stretches = (
        [(-20.0, 200.0)] if cross is None else [(-20.0, cross[0] - 6.5), (cross[1] + 6.5, 200.0)]
    )
    marks = []
    for start, end in stretches:
        marks += [Mark(-0.27, -0.12, start, end, _YELLOW), Mark(0.12, 0.27, start, end, _YELLOW)]
        marks += [
            Mark(x - 0.07, x + 0.07, start, start + 2.5, every=6, until=end) for x in (-3.5, 3.5)
        ]
        marks += [Mark(x - 0.07, x + 0.07, start, end) for x in (-6.8, 6.8)]
    return tuple(marks)


def still(scene: Scene, cast: Cast) -> Picture:
    """One photo of ``scene``, RGB, ``STILL`` in size."""
    canvas = _STILLS[scene](cast)
    return developed(canvas, np.random.default_rng(cast.seed))


def _stood(camera: Camera, seed: int, reach: float = 1.0) -> Camera:
    """Nobody stands twice on the same spot.

    Another seed, another view, so that two incidents do not look alike.
    """
    rng = np.random.default_rng((seed, 77))
    aside, back = float(rng.uniform(-0.7, 0.7)) * reach, float(rng.uniform(0, 1.4)) * reach
    turned = aside * 7 + float(rng.uniform(-3.5, 3.5)) * reach
    x, y, z = camera.at
    pitch = camera.pitch + float(rng.uniform(-2, 1.5)) * reach
    return replace(camera, at=(x + aside, y - back, z), yaw=camera.yaw - turned, pitch=pitch)


def _front(cast: Cast) -> Picture:
    """A bus coming towards the camera, more than half of it across the double yellow line."""
    camera = _stood(Camera(*STILL, at=(-0.9, -5.9, 1.62), yaw=11, pitch=0.5, focal=0.82), cast.seed)
    canvas = backdrop(Street(marks=road_marks(), seed=cast.seed), camera)
    lay(canvas, camera, BusFaces(cast.bus, camera, towards=True, px_per_m=420).panels(0.75, 0.0))
    return canvas


def _rear(cast: Cast) -> Picture:
    """A bus from behind, driving left of the double yellow line."""
    camera = _stood(Camera(*STILL, at=(1.4, -5.6, 1.6), yaw=-16, pitch=0, focal=0.82), cast.seed)
    canvas = backdrop(Street(marks=road_marks(), seed=cast.seed), camera)
    lay(canvas, camera, BusFaces(cast.bus, camera, towards=False, px_per_m=420).panels(-0.6, 0.0))
    return canvas


def _close_front(cast: Cast) -> Picture:
    """The front fills the picture, so that the driver's hands are seen."""
    camera = _stood(
        Camera(*STILL, at=(0.75, -4.5, 1.7), yaw=-4, pitch=-0.5, focal=0.92), cast.seed, 0.3
    )
    canvas = backdrop(Street(marks=road_marks(), seed=cast.seed), camera)
    lay(canvas, camera, BusFaces(cast.bus, camera, towards=True, px_per_m=500).panels(0.25, 0.0))
    return canvas


def _badge(cast: Cast) -> Picture:
    """The driver's service card on the dashboard.

    Drawn in decimetres: the card is 1.1 wide and 0.75 high.
    """
    camera = Camera(*STILL, at=(0.05, -1.25, 0.62), yaw=-3, pitch=-6, focal=0.85)
    rng = np.random.default_rng(cast.seed)
    dashboard = np.full((STILL[1], STILL[0], 3), (52, 54, 58), np.float32)
    fade = np.linspace(1.5, 0.6, STILL[1], dtype=np.float32)[:, None, None]
    leather = (
        cv2.GaussianBlur(rng.standard_normal((STILL[1], STILL[0])).astype(np.float32), (0, 0), 3)
        * 26
    )
    canvas: Picture = np.asarray(np.clip(dashboard * fade + leather[..., None], 0, 255), np.uint8)
    cv2.rectangle(canvas, (0, 0), (STILL[0], 240), (118, 132, 142), -1)
    cv2.rectangle(canvas, (0, 240), (STILL[0], 280), (30, 31, 33), -1)
    shadow = np.zeros((90, 130, 4), np.uint8)
    shadow[12:-12, 12:-12, 3] = 170
    soft = cv2.GaussianBlur(shadow, (0, 0), 5).astype(np.uint8, copy=False)
    card = _card(cast)
    lay(canvas, camera, [upright(soft, (-0.6, 0.02), (0.66, 0.02), 0.93, 0.02)])
    lay(canvas, camera, [upright(card, (-0.56, 0.0), (0.56, 0.06), 0.9, 0.12)])
    return canvas


def _card(cast: Cast) -> Picture:
    sheet = Sheet(0.0, 1.12, 0.78, 1400)
    sheet.rect(0, 0, 1.12, 0.78, (244, 246, 248), 0.04)
    sheet.gradient((0, 0.6, 1.12, 0.78), cast.bus.livery, cast.bus.livery, 0.04)
    sheet.rect(0, 0.58, 1.12, 0.63, cast.bus.livery)
    sheet.text("申港巴士  驾驶员上岗证", 0.08, 0.645, 0.09, (250, 250, 250), 0.02, 0.96)
    sheet.gradient((0.08, 0.1, 0.42, 0.54), (120, 168, 214), (160, 196, 228), 0.01)
    sheet.poly(
        [(0.1, 0.1), (0.13, 0.22), (0.2, 0.26), (0.3, 0.26), (0.37, 0.22), (0.4, 0.1)],
        (70, 88, 120),
    )
    sheet.rect(0.22, 0.24, 0.28, 0.32, (190, 146, 118))
    sheet.oval(0.25, 0.37, 0.075, 0.1, (198, 154, 126))
    sheet.poly(
        [
            (0.172, 0.39),
            (0.18, 0.45),
            (0.25, 0.485),
            (0.32, 0.45),
            (0.328, 0.39),
            (0.3, 0.43),
            (0.2, 0.43),
        ],
        (34, 30, 28),
    )
    sheet.text("上岗证号", 0.5, 0.45, 0.07, (70, 76, 84), 0.01)
    sheet.text(cast.badge, 0.5, 0.31, 0.105, (24, 26, 30), 0.03, 0.56)
    sheet.text(f"线路  {cast.bus.sign_text}", 0.5, 0.2, 0.07, (70, 76, 84), 0.01, 0.56)
    sheet.text("服务监督", 0.5, 0.1, 0.055, (120, 126, 134), 0.01)
    sheet.glaze([(0.6, 0.78), (0.8, 0.78), (0.5, 0.0), (0.3, 0.0)], (255, 255, 255), 0.22, 0.01)
    return sheet.done()


def _place(cast: Cast) -> Picture:
    """The street itself: a road name sign and a bus in the distance."""
    camera = Camera(*STILL, at=(5.4, -4, 1.65), yaw=-6, pitch=3, focal=0.8)
    canvas = backdrop(Street(marks=road_marks(), seed=cast.seed), camera)
    lay(canvas, camera, BusFaces(cast.bus, camera, towards=False, px_per_m=160).panels(2.0, 20))
    sign = Sheet(-0.9, 0.9, 3.3, 300)
    sign.rect(-0.05, 0, 0.05, 3.2, (128, 132, 136))
    sign.rect(-0.86, 2.5, 0.86, 3.25, (240, 244, 248), 0.06)
    sign.rect(-0.83, 2.53, 0.83, 3.22, (24, 92, 176), 0.05)
    sign.text(cast.place, -0.6, 2.78, 0.34, (250, 250, 250), 0.02, 1.2)
    sign.text("西 W                      东 E", -0.7, 2.6, 0.1, (250, 250, 250), 0.01, 1.4)
    lay(canvas, camera, [upright(sign.done(), (6.4, 3.0), (8.2, 3.0), 3.3)])
    return canvas


def _car(cast: Cast) -> Picture:
    """A private car from behind with the blue plate ``cast.bus.plate``: no bus at all."""
    camera = Camera(*STILL, at=(1.0, -3.6, 1.35), yaw=8, pitch=-4, focal=0.82)
    canvas = backdrop(Street(marks=road_marks(), seed=cast.seed), camera)
    lay(canvas, camera, _car_panels(cast.bus, 1.8, 0.0))
    return canvas


def _car_rear(bus: Bus) -> Picture:
    sheet = Sheet(-0.95, 0.95, 1.5, 500)
    grey = (150, 156, 164)
    for side in (-1, 1):
        sheet.rect(side * 0.72 - 0.11, 0.0, side * 0.72 + 0.11, 0.4, (20, 20, 22), 0.03)
    sheet.poly([(-0.72, 0.9), (-0.56, 1.46), (0.56, 1.46), (0.72, 0.9)], (126, 132, 140))
    sheet.poly([(-0.6, 0.95), (-0.48, 1.38), (0.48, 1.38), (0.6, 0.95)], (36, 42, 50))
    sheet.gradient((-0.9, 0.24, 0.9, 0.98), grey, (108, 114, 122), 0.12)
    sheet.gradient((-0.9, 0.24, 0.9, 0.42), (60, 62, 66), (44, 46, 50), 0.06)
    for side in (-1, 1):
        left, right = sorted((side * 0.88, side * 0.5))
        sheet.rect(left, 0.7, right, 0.86, (176, 26, 28), 0.04)
    kind = plates.PlateKind.NEW_ENERGY_SMALL if bus.electric else plates.PlateKind.BLUE
    wide, high = (side / 1000 for side in plates.size_mm(kind))
    sheet.paste(plates.plate(bus.plate, kind), -wide / 2, 0.52, wide / 2, 0.52 + high)
    return sheet.done()


def _car_panels(bus: Bus, x: float, y: float) -> tuple[Panel, ...]:
    shade = np.zeros((64, 64, 4), np.uint8)
    shade[8:-8, 8:-8, 3] = 190
    soft = cv2.GaussianBlur(shade, (0, 0), 4).astype(np.uint8, copy=False)
    corners = (
        (x - 1.2, y + 4, 0.0),
        (x + 1.2, y + 4, 0.0),
        (x + 1.2, y - 0.5, 0.0),
        (x - 1.2, y - 0.5, 0.0),
    )
    return Panel(soft, corners), upright(_car_rear(bus), (x - 0.95, y), (x + 0.95, y), 1.5)


_STILLS = MappingProxyType(
    {
        Scene.FRONT: _front,
        Scene.REAR: _rear,
        Scene.CLOSE_FRONT: _close_front,
        Scene.BADGE: _badge,
        Scene.PLACE: _place,
        Scene.CAR: _car,
    }
)


def frames(scene: Scene, cast: Cast) -> Iterator[Picture]:
    """The frames of a moving ``scene``: RGB, ``CLIP`` in size, ``FRAMES_PER_SECOND``."""
    return _CLIPS[scene](cast)


_CROSS = (30.0, 46.0)


def _red_light(cast: Cast) -> Iterator[Picture]:
    """From behind: the bus passes the stop line on red and drives through the whole junction."""
    camera = _wide(Camera(*CLIP, at=(4.3, -2.6, 2.1), yaw=-5, pitch=0.5, focal=0.95))
    crossing = tuple(
        Mark(x, x + 0.45, y, y + 3.4)
        for y in (_CROSS[0] - 5.2, _CROSS[1] + 1.6)
        for x in np.arange(-6.6, 6.5, 0.95)
    )
    stop = Mark(0.3, 6.8, _CROSS[0] - 6.9, _CROSS[0] - 6.5)
    still_part = backdrop(
        Street(marks=(*road_marks(_CROSS), *crossing, stop), cross=_CROSS, seed=cast.seed), camera
    )
    far, near = _CROSS[1] + 5, _CROSS[0] - 5.5
    lay(still_part, camera, [upright(_arm_signal(), (2.9, far), (7.9, far), 8.4)])
    lay(still_part, camera, [upright(_post_signal(), (7.0, near), (8.0, near), 3.6)])
    faces = BusFaces(cast.bus, camera, towards=False, px_per_m=260)
    count = round(cast.seconds * FRAMES_PER_SECOND)
    for index in range(count):
        progress = index / max(1, count - 1)
        y = 4.2 + 6.0 * progress + 50.0 * progress**2
        canvas = still_part.copy()
        lay(canvas, camera, faces.panels(1.75, y))
        yield _held(canvas, cast, index)


def _wrong_way(cast: Cast) -> Iterator[Picture]:
    """From the kerb: the bus pulls over the double yellow line and comes on against the traffic."""
    camera = _wide(Camera(*CLIP, at=(4.4, -3.2, 1.75), yaw=-9, pitch=0.5, focal=0.95))
    still_part = backdrop(Street(marks=road_marks(), seed=cast.seed), camera)
    car = Bus(plate="沪C2K816", route="", fleet_number="")
    lay(still_part, camera, _car_panels(car, 5.4, 9.0))
    faces = BusFaces(cast.bus, camera, towards=True, px_per_m=260)
    count = round(cast.seconds * FRAMES_PER_SECOND)
    for index in range(count):
        progress = index / max(1, count - 1)
        y = 46.0 - 41.0 * progress**0.8
        over = min(1.0, max(0.0, (progress - 0.1) / 0.3))
        x = -1.8 + 3.5 * (3 * over**2 - 2 * over**3)
        canvas = still_part.copy()
        lay(canvas, camera, faces.panels(x, y))
        yield _held(canvas, cast, index)


_CLIPS = MappingProxyType({Scene.RED_LIGHT: _red_light, Scene.WRONG_WAY: _wrong_way})


def _wide(camera: Camera) -> Camera:
    """The same view with a margin all round."""
    width = camera.width + 2 * _MARGIN
    return replace(
        camera, width=width, height=camera.height + 2 * _MARGIN, focal=camera.focal_px / width
    )


_LAMPS = ((255, 52, 40), (58, 50, 34), (30, 52, 40))
"""Red lit, yellow and green dark."""


def _arm_signal() -> Picture:
    """The signal over the far side: three lamps on an arm, red."""
    sheet = Sheet(-2.5, 2.5, 8.4, 80)
    sheet.rect(2.2, 0, 2.42, 7.2, (96, 100, 104))
    sheet.rect(-2.2, 6.95, 2.42, 7.1, (96, 100, 104))
    sheet.rect(-2.4, 6.5, 0.5, 7.5, (20, 21, 23), 0.12)
    for x, lamp in zip((-1.85, -0.95, -0.05), _LAMPS, strict=True):
        sheet.oval(x, 7.0, 0.4, 0.4, (8, 8, 8))
        sheet.oval(x, 7.0, 0.34, 0.34, lamp)
    sheet.oval(-1.85, 7.05, 0.16, 0.16, (255, 160, 140))
    return sheet.done()


def _post_signal() -> Picture:
    """The repeater at the stop line: three lamps on a post, red."""
    sheet = Sheet(-0.5, 0.5, 3.6, 200)
    sheet.rect(-0.06, 0, 0.06, 2.5, (96, 100, 104))
    sheet.rect(-0.24, 2.2, 0.24, 3.55, (20, 21, 23), 0.06)
    for z, lamp in zip((3.3, 2.88, 2.46), _LAMPS, strict=True):
        sheet.oval(0, z, 0.19, 0.19, (8, 8, 8))
        sheet.oval(0, z, 0.165, 0.165, lamp)
    sheet.oval(0, 3.32, 0.08, 0.08, (255, 160, 140))
    return sheet.done()


def _held(canvas: Picture, cast: Cast, index: int) -> Picture:
    """A frame as a hand held it.

    Shifted a few pixels, grainy, with the camera's clock where it writes one.
    """
    t = index / FRAMES_PER_SECOND
    dx = round(5 * np.sin(2.1 * t + cast.seed) + 3 * np.sin(5.3 * t))
    dy = round(4 * np.sin(1.7 * t + 1) + 2 * np.sin(6.1 * t + cast.seed))
    width, height = CLIP
    frame = np.ascontiguousarray(
        canvas[_MARGIN + dy : _MARGIN + dy + height, _MARGIN + dx : _MARGIN + dx + width]
    )
    cv2.add(frame, _grain(cast.seed, index % 4), dst=frame, dtype=cv2.CV_8U)
    if cast.clock is not None:
        _write_clock(frame, cast.clock + timedelta(seconds=t))
    return frame


@cache
def _grain(seed: int, step: int) -> NDArray[np.int8]:
    """One of a few tiles of sensor grain, the size of a frame."""
    rng = np.random.default_rng((seed, step))
    tile = (
        cv2.GaussianBlur(
            rng.standard_normal((CLIP[1] // 2, CLIP[0] // 2)).astype(np.float32), (0, 0), 0.7
        )
        * 3
    )
    return np.repeat(cv2.resize(tile, CLIP)[..., None], 3, axis=2).astype(np.int8)


def _write_clock(frame: Picture, at: datetime) -> None:
    text = at.strftime("%Y-%m-%d %H:%M:%S")
    label = Image.new("L", (440, 48), 0)
    draw = ImageDraw.Draw(label)
    draw.text((8, 2), text, 255, font=font(32), stroke_width=0)
    draw_box = frame[frame.shape[0] - 60 : frame.shape[0] - 12, 16:456]
    ink = np.asarray(label, np.float32)[..., None] / 255
    edge = (
        cv2.dilate(np.asarray(label), np.ones((5, 5), np.uint8)).astype(np.float32)[..., None] / 255
    )
    draw_box[:] = (draw_box * (1 - edge) * 1 + 255 * ink).clip(0, 255).astype(np.uint8)
