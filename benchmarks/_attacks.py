"""What people do to a photo before they send it again.

Each attack is a pure function of a BGR picture and a seed.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Attack = Callable[[Pixels, np.random.Generator], Pixels]


def _bytes(picture: NDArray[np.generic]) -> Pixels:
    return picture.astype(np.uint8, copy=False)


def _jpeg(pixels: Pixels, quality: int) -> Pixels:
    return _recoded(pixels, ".jpg", cv2.IMWRITE_JPEG_QUALITY, quality)


def _recoded(pixels: Pixels, suffix: str, flag: int, quality: int) -> Pixels:
    coded = cv2.imencode(suffix, pixels, [flag, quality])[1]
    decoded = cv2.imdecode(coded, cv2.IMREAD_COLOR)
    if decoded is None:
        raise AssertionError("what was just coded decodes")
    return _bytes(decoded)


def _scaled(pixels: Pixels, across: float, down: float) -> Pixels:
    way = cv2.INTER_AREA if across < 1 else cv2.INTER_CUBIC
    return _jpeg(_bytes(cv2.resize(pixels, None, fx=across, fy=down, interpolation=way)), 85)


def _limited(pixels: Pixels, side: int) -> Pixels:
    factor = min(1.0, side / max(pixels.shape[:2]))
    return _bytes(cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA))


def _cropped(pixels: Pixels, keep: float, rng: np.random.Generator) -> Pixels:
    height, width = pixels.shape[:2]
    high, wide = int(height * keep), int(width * keep)
    top, left = int(rng.integers(0, height - high + 1)), int(rng.integers(0, width - wide + 1))
    return _jpeg(np.ascontiguousarray(pixels[top : top + high, left : left + wide]), 85)


def _line(pixels: Pixels, gain: float, offset: float = 0.0) -> Pixels:
    return _jpeg(np.clip(pixels.astype(np.float32) * gain + offset, 0, 255).astype(np.uint8), 85)


def _gamma(pixels: Pixels, power: float) -> Pixels:
    table = (np.linspace(0, 1, 256) ** power * 255).astype(np.uint8)
    return _jpeg(table[pixels], 85)


def _grey(pixels: Pixels) -> Pixels:
    return _jpeg(
        _bytes(cv2.cvtColor(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)), 85
    )


def _noisy(pixels: Pixels, sigma: float, rng: np.random.Generator) -> Pixels:
    return _jpeg(np.clip(pixels + rng.normal(0, sigma, pixels.shape), 0, 255).astype(np.uint8), 85)


def _blurred(pixels: Pixels, sigma: float) -> Pixels:
    return _jpeg(_bytes(cv2.GaussianBlur(pixels, (0, 0), sigma)), 85)


def _turned(pixels: Pixels, degrees: float) -> Pixels:
    """As phone editors do it: zoomed in so that no corner is empty."""
    height, width = pixels.shape[:2]
    angle = np.deg2rad(abs(degrees))
    zoom = float(np.cos(angle) + max(width / height, height / width) * np.sin(angle))
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, zoom)
    return _jpeg(_bytes(cv2.warpAffine(pixels, matrix, (width, height))), 85)


def _bordered(pixels: Pixels, share: float, value: int) -> Pixels:
    thick = int(max(pixels.shape[:2]) * share)
    framed = cv2.copyMakeBorder(
        pixels, thick, thick, thick, thick, cv2.BORDER_CONSTANT, value=(value,) * 3
    )
    return _jpeg(_bytes(framed), 85)


def _on_screen(pixels: Pixels, value: int, *, bars: bool) -> Pixels:
    """A phone's gallery: the photo full-width on a 1080 × 2340 screen, with bars or without."""
    canvas = np.full((2340, 1080, 3), value, np.uint8)
    factor = min(1080 / pixels.shape[1], 2340 / pixels.shape[0])
    shown = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)[
        :2340, :1080
    ]
    top, left = (2340 - shown.shape[0]) // 2, (1080 - shown.shape[1]) // 2
    canvas[top : top + shown.shape[0], left : left + shown.shape[1]] = shown
    if bars:
        cv2.putText(
            canvas, "12:03   5G 87%", (60, 80), cv2.FONT_HERSHEY_SIMPLEX, 1.6, (255 - value,) * 3, 3
        )
        cv2.putText(
            canvas,
            "share   save   edit",
            (120, 2260),
            cv2.FONT_HERSHEY_SIMPLEX,
            1.8,
            (255 - value,) * 3,
            3,
        )
    return _jpeg(canvas, 85)


def _marked(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """A small name in the lower right corner."""
    height, width = pixels.shape[:2]
    out, size = pixels.copy(), max(height, width) / 900
    where = (int(width * 0.68), int(height * (0.95 + 0.02 * rng.random())))
    cv2.putText(
        out,
        "@bus_10086",
        where,
        cv2.FONT_HERSHEY_SIMPLEX,
        size,
        (240, 240, 240),
        max(1, round(size * 2)),
    )
    return _jpeg(out, 80)


def _tiled(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    layer, size = np.zeros((height, width), np.uint8), max(height, width) / 900
    for top in range(40, height, max(60, height // 8)):
        for left in range(0, width, max(160, width // 4)):
            cv2.putText(
                layer,
                "FOR REPORT",
                (left, top),
                cv2.FONT_HERSHEY_SIMPLEX,
                size,
                255,
                max(1, round(size * 2)),
            )
    veil = (layer[..., None].astype(np.float32) / 255) * 0.35
    return _jpeg((pixels * (1 - veil) + 255 * veil).astype(np.uint8), 80)


def _stuck_on(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    height, width = pixels.shape[:2]
    out, radius = pixels.copy(), int(min(height, width) * 0.15)
    centre = int(rng.integers(radius, width - radius)), int(rng.integers(radius, height - radius))
    cv2.circle(out, centre, radius, (40, 200, 255), -1)
    return _jpeg(out, 80)


def _mirrored(pixels: Pixels) -> Pixels:
    return _jpeg(np.ascontiguousarray(pixels[:, ::-1]), 85)


def _quarter(pixels: Pixels, turns: int) -> Pixels:
    return _jpeg(np.ascontiguousarray(np.rot90(pixels, turns)), 85)


def _messenger(pixels: Pixels) -> Pixels:
    return _jpeg(_limited(pixels, 1280), 65)


ATTACKS: Mapping[str, Attack] = MappingProxyType(
    {
        "recode_q75": lambda p, _: _jpeg(p, 75),
        "recode_q40": lambda p, _: _jpeg(p, 40),
        "recode_q15": lambda p, _: _jpeg(p, 15),
        "recode_webp60": lambda p, _: _recoded(p, ".webp", cv2.IMWRITE_WEBP_QUALITY, 60),
        "recode_messenger": lambda p, _: _messenger(p),
        "resize_50": lambda p, _: _scaled(p, 0.5, 0.5),
        "resize_25": lambda p, _: _scaled(p, 0.25, 0.25),
        "resize_150": lambda p, _: _scaled(p, 1.5, 1.5),
        "resize_stretch75": lambda p, _: _scaled(p, 0.75, 1.0),
        "crop_98": lambda p, r: _cropped(p, 0.98, r),
        "crop_95": lambda p, r: _cropped(p, 0.95, r),
        "crop_90": lambda p, r: _cropped(p, 0.90, r),
        "crop_80": lambda p, r: _cropped(p, 0.80, r),
        "crop_50": lambda p, r: _cropped(p, 0.50, r),
        "screen_dark": lambda p, _: _on_screen(p, 0, bars=True),
        "screen_light": lambda p, _: _on_screen(p, 245, bars=True),
        "screen_plain": lambda p, _: _on_screen(p, 0, bars=False),
        "watermark_small": _marked,
        "watermark_tiled": lambda p, _: _tiled(p),
        "watermark_sticker": _stuck_on,
        "tone_bright30": lambda p, _: _line(p, 1.3),
        "tone_bright60": lambda p, _: _line(p, 1.6),
        "tone_dark30": lambda p, _: _line(p, 0.7),
        "tone_dark60": lambda p, _: _line(p, 0.4),
        "tone_contrast": lambda p, _: _line(p, 1.5, -64),
        "tone_gamma05": lambda p, _: _gamma(p, 0.5),
        "tone_gamma20": lambda p, _: _gamma(p, 2.0),
        "tone_grey": lambda p, _: _grey(p),
        "tone_invert": lambda p, _: _jpeg(255 - p, 85),
        "noise_blur2": lambda p, _: _blurred(p, 2),
        "noise_blur5": lambda p, _: _blurred(p, 5),
        "noise_15": lambda p, r: _noisy(p, 15, r),
        "noise_35": lambda p, r: _noisy(p, 35, r),
        "geometry_rot90": lambda p, _: _quarter(p, 1),
        "geometry_rot180": lambda p, _: _quarter(p, 2),
        "geometry_rot270": lambda p, _: _quarter(p, 3),
        "geometry_mirror": lambda p, _: _mirrored(p),
        "geometry_mirror_rot90": lambda p, _: _quarter(_mirrored(p), 1),
        "geometry_turn1": lambda p, _: _turned(p, 1),
        "geometry_turn5": lambda p, _: _turned(p, 5),
        "border_white3": lambda p, _: _bordered(p, 0.03, 255),
        "border_black8": lambda p, _: _bordered(p, 0.08, 0),
        "combo_mild": lambda p, r: _messenger(_marked(_line(_cropped(p, 0.96, r), 1.1), r)),
        "combo_hard": lambda p, r: _messenger(
            _stuck_on(_line(_mirrored(_cropped(p, 0.85, r)), 1.2), r)
        ),
        "combo_screen": lambda p, r: _messenger(_on_screen(_marked(p, r), 0, bars=True)),
    }
)
"""Name -> attack; the part before the underscore is its group."""


def attacked(name: str, pixels: Pixels, seed: int) -> Pixels:
    """``pixels`` after the attack ``name``: the same for the same seed."""
    return ATTACKS[name](pixels, np.random.default_rng([seed, list(ATTACKS).index(name)]))
