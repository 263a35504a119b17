"""Drawn badges as buses carry them.

Worn on a shirt, hung up as a service card, stuck on a pane; tilted and blurred.
"""

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from samples.fonts import Colour, lettering
from verifiers.reading.pictures import Pixels, as_pixels

_INK: Colour = (28, 30, 34)
_WHITE: Colour = (248, 248, 246)
_RED: Colour = (176, 28, 30)
_BLUE: Colour = (24, 66, 140)
_ROWS: tuple[tuple[Colour, Colour, tuple[tuple[str, float, Colour], ...]], ...] = (
    (
        _WHITE,
        _INK,
        (("上岗证", 0.2, _RED), ("上岗证号：{}", 0.13, _INK), ("线路：926路", 0.1, _INK)),
    ),
    (
        _WHITE,
        _INK,
        (
            ("公共汽车服务监督卡", 0.14, _BLUE),
            ("工号 {}", 0.2, _INK),
            ("监督电话 021-12345", 0.09, _INK),
        ),
    ),
    (_BLUE, _WHITE, (("驾驶员", 0.16, _WHITE), ("工号", 0.12, _WHITE), ("{}", 0.24, _WHITE))),
    (_WHITE, _INK, (("服务证", 0.2, _RED), ("NO.{}", 0.2, _INK), ("第三客运分公司", 0.1, _INK))),
    (_RED, _WHITE, (("从业资格证", 0.15, _WHITE), ("证号", 0.1, _WHITE), ("{}", 0.2, _WHITE))),
    (
        _WHITE,
        _INK,
        (("驾驶员服务牌", 0.16, _BLUE), ("员工号：{}", 0.16, _INK), ("姓名  服务热线", 0.1, _INK)),
    ),
)
"""Each layout: ground, ink, and its rows: text, height as a share of the card's, colour."""


def badge_picture(number: str, seed: int) -> Pixels:
    """``number`` on one of the layouts (they take turns), 1600 × 1200, BGR.

    The same seed, the same picture.
    """
    rng = np.random.default_rng(seed)
    card = _card(number, *_ROWS[seed % len(_ROWS)])
    wide = float(rng.uniform(380, 900))
    high = wide * card.shape[0] / card.shape[1]
    left, top = rng.uniform(60, 1540 - wide), rng.uniform(60, 1140 - high)
    corners = np.array(
        [[left, top], [left + wide, top], [left + wide, top + high], [left, top + high]]
    )
    turned = _tilted(corners, float(rng.uniform(-14, 14))) + rng.uniform(-0.05, 0.05, (4, 2)) * high
    source = np.array(
        [[0, 0], [card.shape[1], 0], [card.shape[1], card.shape[0]], [0, card.shape[0]]], np.float32
    )
    matrix = cv2.getPerspectiveTransform(source, turned.astype(np.float32))
    wall = cv2.resize(rng.normal(105, 20, (30, 40, 3)), (1600, 1200), interpolation=cv2.INTER_CUBIC)
    cover = cv2.warpPerspective(np.ones(card.shape[:2], np.float32), matrix, (1600, 1200))[
        ..., None
    ]
    laid = cv2.warpPerspective(card, matrix, (1600, 1200), flags=cv2.INTER_AREA).astype(np.float32)
    picture = wall * (1 - cover) + laid * cover
    blurred = cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(0.4, 2.2)))
    return as_pixels(np.clip(blurred + rng.normal(0, 5, blurred.shape), 0, 255))


def _card(
    number: str, ground: Colour, ink: Colour, rows: tuple[tuple[str, float, Colour], ...]
) -> NDArray[np.uint8]:
    width, height = 1000, 640
    card = Image.new("RGB", (width, height), ground)
    card.paste(ink, (24, 24, width - 24, 30))
    top = 70
    for text, share, colour in rows:
        mask = lettering(text.format(number), round(share * height), 0.02)
        card.paste(colour, ((width - mask.width) // 2, top), mask)
        top += round(share * height) + 50
    return cv2.cvtColor(np.asarray(card), cv2.COLOR_RGB2BGR).astype(np.uint8, copy=False)


def _tilted(corners: NDArray[np.float64], degrees: float) -> NDArray[np.float64]:
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = corners.mean(axis=0)
    turned: NDArray[np.float64] = (corners - middle) @ turn.T + middle
    return turned
