"""A Shanghai-like city bus as flat faces in metres: front, rear, both sides.

Livery, company, numbers are invented.
"""

from dataclasses import dataclass
from enum import StrEnum

from PIL import Image

from samples import led, plates
from samples.fonts import Colour
from samples.sheet import Picture, Sheet

WIDTH_M, LENGTH_M, HEIGHT_M = 2.5, 10.5, 3.15
OVERHANG_M = 0.35
"""The front face is drawn this much wider than the body on both sides, for its mirrors."""

_GLASS_TOP, _GLASS_LOW = (66, 78, 88), (24, 29, 34)
_BLACK, _DARK, _RUBBER = (16, 17, 19), (34, 36, 40), (22, 22, 23)
_SKIN, _HAIR, _SHIRT = (198, 150, 122), (30, 26, 24), (150, 178, 206)


class Driver(StrEnum):
    """What the driver is doing behind the windscreen."""

    DRIVING = "driving"
    SMOKING = "smoking"
    PHONING = "phoning"


@dataclass(frozen=True, slots=True)
class Bus:
    """One vehicle as drawn: ``route`` as on its sign, ``plate`` canonical (eight: new energy).

    ``refreshed`` is the share of rows of its LED signs caught lit (1.0: all).
    """

    plate: str
    route: str
    fleet_number: str
    destination: str = "人民广场"
    livery: Colour = (18, 122, 92)
    driver: Driver = Driver.DRIVING
    refreshed: float = 1.0

    @property
    def electric(self) -> bool:
        """Whether its plate is one of a new-energy vehicle."""
        return len(self.plate) == 8  # noqa: PLR2004  # new-energy plates have eight signs

    @property
    def sign_text(self) -> str:
        """``49路`` for a numbered line, the name itself for a named one."""
        return f"{self.route}路" if self.route.isdigit() else self.route


def _lighter(colour: Colour, by: float) -> Colour:
    red, green, blue = (round(part + (255 - part) * by) for part in colour)
    return red, green, blue


def _darker(colour: Colour, by: float) -> Colour:
    red, green, blue = (round(part * (1 - by)) for part in colour)
    return red, green, blue


def front(bus: Bus, px_per_m: float = 400) -> Picture:
    """The front with its mirrors: RGBA, ``WIDTH_M + 2 * OVERHANG_M`` wide, ``HEIGHT_M`` high."""
    half = WIDTH_M / 2
    sheet = Sheet(-half - OVERHANG_M, half + OVERHANG_M, HEIGHT_M, px_per_m)
    _underside(sheet)
    _front_body(sheet, bus)
    _windscreen(sheet, bus)
    sheet.rect(-1.08, 2.62, 1.08, 3.0, _BLACK, 0.04)
    sign = led.sign((bus.sign_text, bus.destination), (136, 22), led.AMBER, bus.refreshed)
    sheet.paste(sign, -1.05, 2.64, 1.05, 2.98)
    _headlights(sheet)
    _front_bumper(sheet, bus)
    _mirrors(sheet)
    return sheet.done()


def _underside(sheet: Sheet) -> None:
    for side in (-1, 1):
        sheet.rect(side * 0.98 - 0.15, 0.0, side * 0.98 + 0.15, 0.7, _RUBBER, 0.05)
    sheet.rect(-1.1, 0.22, 1.1, 0.6, _BLACK)


def _front_body(sheet: Sheet, bus: Bus) -> None:
    white = (238, 241, 243)
    sheet.gradient((-1.25, 0.3, 1.25, 3.15), white, (206, 212, 216), 0.16)
    sheet.gradient((-1.25, 0.3, 1.25, 1.12), bus.livery, _darker(bus.livery, 0.25), 0.12)
    sheet.poly([(-1.25, 1.0), (1.25, 1.0), (1.25, 1.08), (-1.25, 1.08)], _lighter(bus.livery, 0.55))
    sheet.poly([(-1.25, 1.12), (-0.2, 1.12), (0.0, 1.0), (-1.25, 1.0)], _lighter(bus.livery, 0.25))
    sheet.gradient((-1.2, 2.58, 1.2, 3.1), _DARK, _BLACK, 0.14)


def _windscreen(sheet: Sheet, bus: Bus) -> None:
    sheet.rect(-1.19, 1.1, 1.19, 2.62, _BLACK, 0.1)
    sheet.gradient((-1.15, 1.14, 1.15, 2.58), _GLASS_TOP, _GLASS_LOW, 0.08)
    sheet.poly([(-1.1, 2.5), (1.1, 2.5), (0.85, 2.3), (-0.85, 2.3)], (88, 98, 106))
    for x in (-0.75, -0.42, -0.1):
        sheet.rect(x - 0.12, 1.62, x + 0.12, 1.95, (48, 66, 92), 0.05)
    sheet.line([(-0.25, 2.4), (-0.25, 1.5)], 0.025, (196, 170, 70))
    _driver(sheet, bus.driver)
    sheet.gradient((-1.15, 1.14, 1.15, 1.32), (52, 54, 58), (28, 29, 31), 0.05)
    sheet.rect(-1.0, 1.2, -0.5, 1.44, (240, 240, 236), 0.02)
    sheet.text(bus.sign_text, -0.96, 1.26, 0.12, (190, 30, 30), fit=0.42)
    sheet.line([(0.0, 1.14), (0.0, 2.58)], 0.02, (18, 19, 20))
    for start in (-0.35, 0.75):
        sheet.line([(start, 1.12), (start - 0.55, 1.2), (start - 0.72, 1.3)], 0.025, _BLACK)
    sky = (196, 214, 228)
    sheet.glaze([(-1.15, 2.58), (-0.55, 2.58), (-0.95, 1.14), (-1.15, 1.14)], sky, 0.22, 0.02)
    sheet.glaze([(-0.4, 2.58), (-0.2, 2.58), (-0.6, 1.14), (-0.8, 1.14)], sky, 0.14, 0.02)
    sheet.glaze([(0.95, 2.58), (1.15, 2.58), (1.15, 1.6)], sky, 0.16, 0.02)


def _driver(sheet: Sheet, pose: Driver) -> None:
    """The driver sits on the bus's left: right of the middle as one looks at its front."""
    x, head = 0.56, 2.0
    sheet.rect(x - 0.27, 1.3, x + 0.27, 2.1, (40, 44, 52), 0.1)
    sheet.poly(
        [
            (x - 0.34, 1.3),
            (x - 0.3, 1.68),
            (x - 0.1, 1.8),
            (x + 0.1, 1.8),
            (x + 0.3, 1.68),
            (x + 0.34, 1.3),
        ],
        _SHIRT,
    )
    sheet.poly(
        [(x - 0.04, 1.78), (x + 0.04, 1.78), (x + 0.025, 1.45), (x, 1.4), (x - 0.025, 1.45)],
        (36, 48, 84),
    )
    sheet.rect(x - 0.06, 1.74, x + 0.06, 1.9, _darker(_SKIN, 0.12))
    sheet.oval(x, head, 0.125, 0.165, _SKIN)
    sheet.poly(
        [
            (x - 0.13, head + 0.06),
            (x - 0.1, head + 0.17),
            (x, head + 0.2),
            (x + 0.1, head + 0.17),
            (x + 0.13, head + 0.06),
            (x + 0.07, head + 0.1),
            (x - 0.07, head + 0.1),
        ],
        _HAIR,
    )
    for eye in (-0.048, 0.048):
        sheet.oval(x + eye, head + 0.02, 0.016, 0.011, _BLACK)
    sheet.line([(x - 0.035, head - 0.085), (x + 0.035, head - 0.085)], 0.012, (140, 80, 72))
    wheel = [(x - 0.33, 1.38), (x - 0.18, 1.46), (x + 0.18, 1.46), (x + 0.33, 1.38)]
    right = pose is Driver.DRIVING
    for side in (-1, 1) if right else (1,):
        sheet.line(
            [(x + side * 0.28, 1.62), (x + side * 0.34, 1.45), (x + side * 0.2, 1.44)], 0.1, _SHIRT
        )
        sheet.oval(x + side * 0.2, 1.45, 0.05, 0.05, _SKIN)
    if pose is Driver.SMOKING:
        _smoking_arm(sheet, x, head)
    elif pose is Driver.PHONING:
        _phoning_arm(sheet, x, head)
    sheet.line(wheel, 0.045, (12, 12, 13))


def _smoking_arm(sheet: Sheet, x: float, head: float) -> None:
    sheet.line([(x - 0.27, 1.62), (x - 0.42, 1.5), (x - 0.24, 1.8)], 0.105, _SHIRT)
    sheet.line([(x - 0.26, 1.78), (x - 0.2, 1.86)], 0.08, _SKIN)
    sheet.oval(x - 0.17, head - 0.1, 0.06, 0.05, _SKIN)
    sheet.line([(x - 0.14, head - 0.05), (x - 0.06, head - 0.075)], 0.03, _SKIN)
    sheet.line([(x - 0.03, head - 0.085), (x - 0.235, head - 0.045)], 0.024, (248, 246, 240))
    sheet.line([(x - 0.03, head - 0.085), (x - 0.08, head - 0.075)], 0.024, (214, 150, 80))
    sheet.oval(x - 0.245, head - 0.042, 0.018, 0.016, (255, 96, 24))
    for rise, drift, size in (
        (0.08, 0.02, 0.035),
        (0.17, -0.02, 0.05),
        (0.27, 0.04, 0.07),
        (0.38, 0.0, 0.09),
    ):
        cx, cz = x - 0.26 + drift, head - 0.03 + rise
        puff = [(cx - size, cz), (cx, cz + size), (cx + size, cz), (cx, cz - size * 1.3)]
        sheet.glaze(puff, (224, 228, 232), 0.6, 0.02)


def _phoning_arm(sheet: Sheet, x: float, head: float) -> None:
    sheet.line([(x - 0.27, 1.62), (x - 0.44, 1.52), (x - 0.26, 1.84)], 0.105, _SHIRT)
    sheet.line([(x - 0.27, 1.8), (x - 0.2, 1.92)], 0.08, _SKIN)
    sheet.poly(
        [
            (x - 0.17, head - 0.13),
            (x - 0.1, head - 0.12),
            (x - 0.13, head + 0.12),
            (x - 0.2, head + 0.11),
        ],
        (14, 15, 18),
    )
    sheet.line([(x - 0.112, head - 0.1), (x - 0.14, head + 0.1)], 0.014, (150, 205, 250))
    for finger in (-0.07, -0.03, 0.01, 0.05):
        sheet.line([(x - 0.215, head + finger - 0.01), (x - 0.135, head + finger)], 0.03, _SKIN)


def _headlights(sheet: Sheet) -> None:
    for side in (-1, 1):
        outer, inner = side * 1.2, side * 0.66
        sheet.poly([(outer, 0.98), (inner, 0.9), (inner + side * 0.06, 0.68), (outer, 0.66)], _DARK)
        for x, r in ((side * 0.82, 0.075), (side * 1.0, 0.085)):
            sheet.oval(x, 0.8, r + 0.015, r + 0.015, (120, 124, 128))
            sheet.oval(x, 0.8, r, r, (222, 230, 236))
            sheet.oval(x + 0.015, 0.82, r * 0.5, r * 0.5, (255, 255, 255))
        sheet.rect(
            min(outer, outer - side * 0.09),
            0.7,
            max(outer, outer - side * 0.09),
            0.94,
            (240, 150, 40),
            0.02,
        )


def _front_bumper(sheet: Sheet, bus: Bus) -> None:
    sheet.gradient(
        (-1.25, 0.3, 1.25, 0.63), _darker(bus.livery, 0.15), _darker(bus.livery, 0.5), 0.07
    )
    sheet.rect(-0.5, 0.66, 0.5, 0.98, _darker(bus.livery, 0.35), 0.03)
    for z in (0.7, 0.76, 0.82, 0.88, 0.94):
        sheet.line([(-0.46, z), (0.46, z)], 0.016, _darker(bus.livery, 0.6))
    for side in (-1, 1):
        sheet.oval(side * 0.95, 0.46, 0.07, 0.055, (200, 206, 210))
    kind = plates.PlateKind.NEW_ENERGY_LARGE if bus.electric else plates.PlateKind.YELLOW
    _plate(sheet, bus.plate, kind, 0.0, 0.47)
    sheet.rect(-0.62, 0.995, -0.02, 1.105, (246, 247, 248), 0.01)
    sheet.text(bus.fleet_number, -0.58, 1.01, 0.08, (30, 40, 60))
    sheet.text("申港巴士", 0.2, 1.005, 0.09, (250, 250, 250))


def _plate(sheet: Sheet, number: str, kind: plates.PlateKind, x: float, z: float) -> None:
    width, height = (side / 1000 for side in plates.size_mm(kind))
    sheet.rect(
        x - width / 2 - 0.015,
        z - height / 2 - 0.015,
        x + width / 2 + 0.015,
        z + height / 2 + 0.015,
        _BLACK,
    )
    sheet.paste(
        plates.plate(number, kind), x - width / 2, z - height / 2, x + width / 2, z + height / 2
    )


def _mirrors(sheet: Sheet) -> None:
    for side in (-1, 1):
        sheet.line([(side * 1.16, 2.75), (side * 1.42, 2.72), (side * 1.44, 2.45)], 0.05, _BLACK)
        left, right = sorted((side * 1.34, side * 1.54))
        sheet.rect(left, 1.95, right, 2.5, (26, 27, 30), 0.06)


def rear(bus: Bus, px_per_m: float = 400) -> Picture:
    """The rear: RGBA, ``WIDTH_M`` wide, ``HEIGHT_M`` high."""
    sheet = Sheet(-WIDTH_M / 2, WIDTH_M / 2, HEIGHT_M, px_per_m)
    _underside(sheet)
    sheet.gradient((-1.25, 0.32, 1.25, 3.15), (236, 239, 241), (200, 206, 210), 0.14)
    sheet.gradient((-1.25, 0.32, 1.25, 1.5), bus.livery, _darker(bus.livery, 0.3), 0.1)
    sheet.poly([(-1.25, 1.5), (1.25, 1.5), (1.25, 1.4), (-1.25, 1.4)], bus.livery)
    sheet.poly([(-1.25, 1.5), (1.25, 1.5), (1.25, 1.58), (-1.25, 1.58)], _lighter(bus.livery, 0.5))
    sheet.rect(-1.05, 1.75, 1.05, 2.95, _BLACK, 0.12)
    sheet.gradient((-1.0, 1.8, 1.0, 2.9), (58, 68, 76), (26, 30, 34), 0.09)
    sheet.glaze([(-1.0, 2.9), (-0.3, 2.9), (-0.8, 1.8), (-1.0, 1.8)], (200, 216, 228), 0.18, 0.03)
    half = _sign_width(bus) / 2
    sheet.rect(-half - 0.02, 2.5, half + 0.02, 2.88, _BLACK, 0.03)
    sheet.paste(_small_sign(bus, led.RED), -half, 2.52, half, 2.86)
    _engine_cover(sheet, bus)
    _tail_lamps(sheet)
    kind = plates.PlateKind.NEW_ENERGY_LARGE if bus.electric else plates.PlateKind.YELLOW_DOUBLE
    _plate(sheet, bus.plate, kind, 0.0, 0.62)
    sheet.text(bus.fleet_number, 0.42, 1.62, 0.085, (30, 40, 60))
    sheet.text("申港巴士", -1.0, 1.61, 0.1, _darker(bus.livery, 0.2))
    return sheet.done()


def _sign_width(bus: Bus) -> float:
    """Rear and side signs are as long as the line's name needs."""
    return max(0.88, 0.36 * len(bus.sign_text))


def _small_sign(bus: Bus, colour: Colour) -> Image.Image:
    return led.sign(
        (bus.sign_text,), (round(_sign_width(bus) / 0.34 * 22), 22), colour, bus.refreshed
    )


def _engine_cover(sheet: Sheet, bus: Bus) -> None:
    sheet.rect(-0.85, 0.8, 0.85, 1.36, _darker(bus.livery, 0.12), 0.04)
    for row in range(9):
        z = 0.86 + row * 0.055
        sheet.line([(-0.75, z), (-0.1, z)], 0.024, _darker(bus.livery, 0.55))
        sheet.line([(0.1, z), (0.75, z)], 0.024, _darker(bus.livery, 0.55))
    sheet.gradient((-1.25, 0.32, 1.25, 0.5), (70, 72, 76), (36, 37, 40), 0.06)


def _tail_lamps(sheet: Sheet) -> None:
    for side in (-1, 1):
        left, right = sorted((side * 1.22, side * 1.03))
        sheet.rect(left, 0.62, right, 1.32, _DARK, 0.03)
        for z, colour in ((1.2, (206, 30, 28)), (0.98, (232, 140, 34)), (0.76, (226, 228, 230))):
            sheet.oval((left + right) / 2, z, 0.08, 0.08, _darker(colour, 0.3))
            sheet.oval((left + right) / 2, z, 0.065, 0.065, colour)
        left, right = sorted((side * 1.18, side * 1.02))
        sheet.rect(left, 2.96, right, 3.04, (206, 30, 28), 0.02)


def side(bus: Bus, *, doors: bool, px_per_m: float = 160) -> Picture:
    """One side, RGBA, ``LENGTH_M`` by ``HEIGHT_M``.

    The door side has the bus's front at its right end.
    """
    sheet = Sheet(0.0, LENGTH_M, HEIGHT_M, px_per_m)
    sheet.gradient((0, 0.32, LENGTH_M, 3.15), (238, 241, 243), (208, 214, 218), 0.1)
    sheet.gradient((0, 0.32, LENGTH_M, 1.15), bus.livery, _darker(bus.livery, 0.25), 0.05)
    sheet.poly([(0, 1.15), (3.4, 1.15), (5.2, 1.5), (7.0, 1.15), (0, 1.15)], bus.livery)
    sheet.poly(
        [(0, 1.15), (LENGTH_M, 1.15), (LENGTH_M, 1.22), (0, 1.22)], _lighter(bus.livery, 0.5)
    )
    sheet.rect(0.25, 1.45, LENGTH_M - 0.1, 2.6, _BLACK, 0.1)
    for edge in (0.3 + 1.46 * pane for pane in range(7)):
        sheet.gradient(
            (edge, 1.5, min(edge + 1.36, LENGTH_M - 0.15), 2.55), (84, 98, 108), (38, 45, 50), 0.06
        )
        sheet.glaze(
            [(edge + 0.2, 2.55), (edge + 0.7, 2.55), (edge + 0.4, 1.5), (edge, 1.5)],
            (206, 220, 230),
            0.2,
        )
    if doors:
        for x in (LENGTH_M - 1.6, 4.6):
            _door(sheet, x)
    for x in (2.6, LENGTH_M - 2.7):
        _wheel(sheet, x)
    if not doors:
        sheet.turn_round()
    sheet.text("申港巴士", 1.0 if doors else 8.1, 2.74, 0.2, bus.livery)
    sheet.text(bus.fleet_number, 6.1 if doors else 3.9, 0.86, 0.13, (250, 250, 250))
    if doors:
        x, wide = LENGTH_M - 3.4, _sign_width(bus)
        sheet.rect(x - 0.02, 2.16, x + wide + 0.02, 2.54, _BLACK, 0.02)
        sheet.paste(_small_sign(bus, led.AMBER), x, 2.18, x + wide, 2.52)
    return sheet.done()


def _door(sheet: Sheet, x: float) -> None:
    sheet.rect(x, 0.36, x + 1.25, 2.6, _DARK, 0.04)
    for left in (x + 0.06, x + 0.66):
        sheet.gradient((left, 0.5, left + 0.53, 2.52), (92, 106, 116), (40, 46, 52), 0.04)
    sheet.line([(x + 0.625, 0.4), (x + 0.625, 2.58)], 0.03, _BLACK)


def _wheel(sheet: Sheet, x: float) -> None:
    sheet.oval(x, 0.5, 0.62, 0.62, _BLACK)
    sheet.oval(x, 0.48, 0.48, 0.48, _RUBBER)
    sheet.oval(x, 0.48, 0.28, 0.28, (150, 153, 156))
    sheet.oval(x, 0.48, 0.1, 0.1, (90, 92, 96))
