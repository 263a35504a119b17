"""A flat drawing in metres: origin on the ground, x to the right, z up.

Drawn twice as large, halved.
"""

# ruff: noqa: PLR0913, PLR0917 -- a rectangle is four numbers and a colour; drawings read best
# without keywords

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from samples.fonts import Colour, lettering

Picture = NDArray[np.uint8]
Point = tuple[float, float]
_OVERSAMPLED = 2


class Sheet:
    """Draw with rectangles, polygons, gradients and glazes.

    ``done`` gives RGBA pixels (height, width, 4).
    """

    def __init__(self, left: float, right: float, top: float, px_per_m: float) -> None:
        self.left, self.right, self.top = left, right, top
        self.scale = px_per_m * _OVERSAMPLED
        size = (round((right - left) * self.scale), round(top * self.scale))
        self.image = Image.new("RGBA", size, (0, 0, 0, 0))
        self._draw = ImageDraw.Draw(self.image)

    def at(self, x: float, z: float) -> Point:
        """The pixel of a point in metres."""
        return (x - self.left) * self.scale, (self.top - z) * self.scale

    def _box(self, x0: float, z0: float, x1: float, z1: float) -> tuple[float, float, float, float]:
        (left, low), (right, high) = self.at(x0, z0), self.at(x1, z1)
        return left, high, right, low

    def rect(
        self, x0: float, z0: float, x1: float, z1: float, fill: Colour, radius: float = 0.0
    ) -> None:
        """A filled rectangle from (x0, z0) to (x1, z1), corners rounded by ``radius`` metres."""
        self._draw.rounded_rectangle(
            self._box(x0, z0, x1, z1), radius * self.scale, fill=(*fill, 255)
        )

    def oval(self, x: float, z: float, rx: float, rz: float, fill: Colour) -> None:
        """A filled ellipse round (x, z)."""
        self._draw.ellipse(self._box(x - rx, z - rz, x + rx, z + rz), fill=(*fill, 255))

    def poly(self, points: Sequence[Point], fill: Colour) -> None:
        """A filled polygon."""
        self._draw.polygon([self.at(*point) for point in points], fill=(*fill, 255))

    def line(self, points: Sequence[Point], width: float, fill: Colour) -> None:
        """A line through ``points``, ``width`` metres wide."""
        pixels = max(1, round(width * self.scale))
        self._draw.line(
            [self.at(*point) for point in points], fill=(*fill, 255), width=pixels, joint="curve"
        )

    def gradient(
        self,
        box: tuple[float, float, float, float],
        top: Colour,
        bottom: Colour,
        radius: float = 0.0,
    ) -> None:
        """Fill the rounded box (x0, z0, x1, z1) from colour ``top`` down to ``bottom``."""
        left, high, right, low = (round(value) for value in self._box(*box))
        fade = Image.linear_gradient("L").resize((max(1, right - left), max(1, low - high)))
        shade = Image.composite(
            Image.new("RGB", fade.size, bottom), Image.new("RGB", fade.size, top), fade
        )
        mask = Image.new("L", fade.size, 0)
        ImageDraw.Draw(mask).rounded_rectangle((0, 0, *fade.size), radius * self.scale, fill=255)
        self.image.paste(shade, (left, high), mask)

    def glaze(
        self, points: Sequence[Point], fill: Colour, opacity: float, soft: float = 0.0
    ) -> None:
        """Lay a translucent polygon over what is drawn (only where something is).

        ``soft`` metres of blurred edge.
        """
        pixels = [self.at(*point) for point in points]
        margin = 3 * soft * self.scale + 2
        left = max(0, int(min(x for x, _ in pixels) - margin))
        high = max(0, int(min(y for _, y in pixels) - margin))
        right = min(self.image.width, int(max(x for x, _ in pixels) + margin))
        low = min(self.image.height, int(max(y for _, y in pixels) + margin))
        mask = Image.new("L", (right - left, low - high), 0)
        ImageDraw.Draw(mask).polygon(
            [(x - left, y - high) for x, y in pixels], fill=round(255 * opacity)
        )
        if soft:
            mask = mask.filter(ImageFilter.GaussianBlur(soft * self.scale))
        under = self.image.crop((left, high, right, low))
        drawn = under.getchannel("A")
        under.paste(Image.new("RGB", under.size, fill), (0, 0), ImageChops.multiply(mask, drawn))
        under.putalpha(drawn)
        self.image.paste(under, (left, high))

    def paste(self, picture: Image.Image, x0: float, z0: float, x1: float, z1: float) -> None:
        """Lay ``picture`` into the box, stretched to fit."""
        left, high, right, low = (round(value) for value in self._box(x0, z0, x1, z1))
        small = picture.convert("RGBA").resize((right - left, low - high), Image.Resampling.LANCZOS)
        self.image.alpha_composite(small, (left, high))

    def turn_round(self) -> None:
        """Mirror everything drawn so far."""
        self.image = self.image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        self._draw = ImageDraw.Draw(self.image)

    def text(
        self,
        text: str,
        x: float,
        z: float,
        height: float,
        fill: Colour,
        weight: float = 0.02,
        fit: float | None = None,
    ) -> None:
        """``text``, ``height`` metres tall, from (x, z) on, squeezed to ``fit`` metres."""
        mask = lettering(text, 120, weight)
        high = max(1, round(height * self.scale))
        wide = mask.width * high / mask.height
        if fit is not None:
            wide = min(wide, fit * self.scale)
        mask = mask.resize((max(1, round(wide)), high), Image.Resampling.LANCZOS)
        left, low = self.at(x, z)
        stamp = Image.new("RGBA", mask.size, (*fill, 0))
        stamp.putalpha(mask)
        self.image.alpha_composite(stamp, (round(left), round(low) - high))

    def done(self) -> Picture:
        """The drawing as RGBA pixels."""
        half = (self.image.width // _OVERSAMPLED, self.image.height // _OVERSAMPLED)
        return np.asarray(
            self.image.convert("RGBa").resize(half, Image.Resampling.BOX).convert("RGBA")
        )
