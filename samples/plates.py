"""Number plates in the proportions of GA 36-2018: drawn flat, in millimetres, then put on a bus.

Large vehicles carry a yellow single row in front and a yellow double row behind; large new-energy
vehicles a yellow-green single row of eight signs (``沪A01234D``); small cars a blue single row.
Police plates are white, those of consulates and of cars from across the border black, learners' and
trailers' yellow. All numbers are invented.
"""

from dataclasses import dataclass
from enum import StrEnum

from PIL import Image, ImageDraw

from samples.fonts import Colour, lettering


class PlateKind(StrEnum):
    """Kinds of plate that can be drawn."""

    YELLOW = "yellow"
    YELLOW_DOUBLE = "yellow_double"
    NEW_ENERGY_LARGE = "new_energy_large"
    NEW_ENERGY_SMALL = "new_energy_small"
    BLUE = "blue"
    POLICE = "police"
    LEARNER = "learner"
    TRAILER = "trailer"
    CONSULATE = "consulate"
    BORDER = "border"


class PlateDoesNotFit(Exception):
    """The number has too many or too few signs for that kind of plate."""


@dataclass(frozen=True, slots=True)
class _Layout:
    width: float
    height: float
    signs: int
    rows: tuple[tuple[float, float, tuple[tuple[float, float], ...]], ...]
    """(top, height, ((left, width), ...)) of each row, in millimetres."""
    dot: tuple[float, float]
    ground: Colour
    ink: Colour


def _run(
    start: float, widths: tuple[float, ...], gaps: tuple[float, ...]
) -> tuple[tuple[float, float], ...]:
    places, left = [], start
    for width, gap in zip(widths, (*gaps, 0.0), strict=True):
        places.append((left, width))
        left += width + gap
    return tuple(places)


_ONE_ROW = (25.0, 90.0, _run(15.5, (45.0,) * 7, (12, 34, 12, 12, 12, 12)))
_EIGHT = (25.0, 90.0, _run(15.5, (45.0, *(43.0,) * 7), (9, 49, 9, 9, 9, 9, 9)))
_TWO_ROWS = (
    (15.0, 60.0, _run(110.0, (80.0, 80.0), (60,))),
    (90.0, 110.0, _run(27.5, (65.0,) * 5, (15, 15, 15, 15))),
)
_YELLOW, _BLACK, _WHITE = (246, 190, 22), (22, 22, 24), (245, 246, 248)
_RED = (196, 30, 34)
_GREEN = (92, 188, 120)
_LAYOUTS = {
    PlateKind.YELLOW: _Layout(440, 140, 7, (_ONE_ROW,), (134.5, 70), _YELLOW, _BLACK),
    PlateKind.YELLOW_DOUBLE: _Layout(440, 220, 7, _TWO_ROWS, (220, 45), _YELLOW, _BLACK),
    PlateKind.NEW_ENERGY_LARGE: _Layout(480, 140, 8, (_EIGHT,), (137, 70), _GREEN, _BLACK),
    PlateKind.NEW_ENERGY_SMALL: _Layout(480, 140, 8, (_EIGHT,), (137, 70), _GREEN, _BLACK),
    PlateKind.BLUE: _Layout(440, 140, 7, (_ONE_ROW,), (134.5, 70), (28, 72, 168), _WHITE),
    PlateKind.POLICE: _Layout(440, 140, 7, (_ONE_ROW,), (134.5, 70), _WHITE, _BLACK),
    PlateKind.LEARNER: _Layout(440, 140, 7, (_ONE_ROW,), (134.5, 70), _YELLOW, _BLACK),
    PlateKind.TRAILER: _Layout(440, 220, 7, _TWO_ROWS, (220, 45), _YELLOW, _BLACK),
    PlateKind.CONSULATE: _Layout(440, 140, 7, (_ONE_ROW,), (134.5, 70), _BLACK, _WHITE),
    PlateKind.BORDER: _Layout(440, 140, 7, (_ONE_ROW,), (134.5, 70), _BLACK, _WHITE),
}
_IN_RED = "警领"
"""Signs that are red whatever the others are."""


def size_mm(kind: PlateKind) -> tuple[float, float]:
    """Width and height of that kind of plate in millimetres."""
    return _LAYOUTS[kind].width, _LAYOUTS[kind].height


def plate(number: str, kind: PlateKind, px_per_mm: float = 2.0) -> Image.Image:
    """Draw ``number`` (canonical, ``沪A12345``) flat, RGB. Raises PlateDoesNotFit."""
    layout = _LAYOUTS[kind]
    if len(number) != layout.signs:
        raise PlateDoesNotFit(f"{number!r} has {len(number)} signs, a {kind} plate {layout.signs}")
    sheet = _ground(kind, layout, px_per_mm)
    signs = iter(number)
    for top, height, places in layout.rows:
        for place in places:
            sign = next(signs)
            glyph, box = _fitted(sign, place, (top, height), px_per_mm)
            sheet.paste(
                Image.new("RGB", glyph.size, _RED if sign in _IN_RED else layout.ink), box, glyph
            )
    _dot(sheet, layout, px_per_mm)
    return sheet


def _ground(kind: PlateKind, layout: _Layout, scale: float) -> Image.Image:
    width, height = round(layout.width * scale), round(layout.height * scale)
    sheet = Image.new("RGB", (width, height), layout.ground)
    draw = ImageDraw.Draw(sheet)
    if kind is PlateKind.NEW_ENERGY_LARGE:
        draw.rectangle((0, 0, width * 0.285, height), fill=_YELLOW)
    elif kind is PlateKind.NEW_ENERGY_SMALL:
        fade = Image.linear_gradient("L").resize((width, height))
        sheet.paste(
            Image.new("RGB", sheet.size, (240, 248, 240)),
            (0, 0),
            fade.transpose(Image.Transpose.ROTATE_180),
        )
    inset, line = 5 * scale, max(1, round(3 * scale))
    draw.rounded_rectangle(
        (inset, inset, width - inset, height - inset), 10 * scale, outline=layout.ink, width=line
    )
    for x in (0.24, 0.76):
        for y in (0.075, 0.925):
            r = 4 * scale
            cx, cy = x * width, y * height
            draw.ellipse(
                (cx - r, cy - r, cx + r, cy + r), fill=(170, 170, 165), outline=(90, 90, 90)
            )
    return sheet


def _fitted(
    sign: str, place: tuple[float, float], row: tuple[float, float], scale: float
) -> tuple[Image.Image, tuple[int, int]]:
    (left, width), (top, height) = place, row
    mask = lettering(sign, 160, 0.035)
    target_h = round(height * scale)
    natural = mask.width / mask.height * height
    target_w = round((width if sign not in "1I" else min(width, natural)) * scale)
    x = round((left + width / 2) * scale - target_w / 2)
    return mask.resize((max(1, target_w), target_h), Image.Resampling.LANCZOS), (
        x,
        round(top * scale),
    )


def _dot(sheet: Image.Image, layout: _Layout, scale: float) -> None:
    (x, y), r = layout.dot, 5
    box = ((x - r) * scale, (y - r) * scale, (x + r) * scale, (y + r) * scale)
    ImageDraw.Draw(sheet).ellipse(box, fill=layout.ink)
