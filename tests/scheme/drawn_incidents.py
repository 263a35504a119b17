"""A drawn city and its reports, with what people leave out and get wrong, by a fixed seed.

The city has lines that share roads, buses bought together (plates that differ in a sign or two, one
series for several lines) and drivers with numbers given out in order: what is alike in a real fleet
is alike here.

What is left out or wrong in a report, each drawn for itself: the claimed time (a minute or two,
rounded to five, or off by up to an hour where the file tells its own time), the plate (missing
where the badge will do, one sign confused, two swapped), the badge (missing, one look-alike), the
line (missing), the place (missing, a text only, inaccurate). What the reader makes of the files:
the plate surely, unsurely or not at all; line, badge and the bus's own number now and then; other
cars, and at times another bus of the fleet, in view.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random

from scheme.dossier import Roster, Vehicle
from scheme.reading import (
    Box,
    Candidate,
    CaptureClock,
    FrameLooked,
    LabelSeen,
    MediaFacts,
    MediaKind,
    Place,
    PlateNumber,
    PlateSeen,
    Readings,
)
from scheme.report import Claim

MORNING = datetime(2026, 3, 10, 0, 0, tzinfo=UTC)
BOX = Box(0.4, 0.5, 0.6, 0.6)
LOOK_ALIKES = (
    ("0", "D"),
    ("8", "B"),
    ("5", "S"),
    ("2", "Z"),
    ("1", "7"),
    ("6", "8"),
    ("3", "8"),
    ("5", "6"),
)
LINES = 30
BUSES = 16
DRIVERS = 24


@dataclass(frozen=True)
class Bus:
    """One bus of the fleet on its line."""

    plate: PlateNumber
    fleet_number: str
    line: str


@dataclass(frozen=True)
class Incident:
    """What really happened."""

    category: str
    bus: Bus
    badge: str
    at: datetime
    stop: int
    """Where along the road that the line takes."""


@dataclass(frozen=True)
class Told:
    """One report: its claim, and what the reader saw in its file."""

    claim: Claim
    readings: Readings


class City:
    """Lines, buses and drivers, the same for one seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 -- a drawing, no secret
        self.lines = [str(number) for number in self.random.sample(range(1, 999), LINES)]
        self.buses: dict[str, list[Bus]] = {}
        self.drivers: dict[str, list[str]] = {}
        for position, line in enumerate(self.lines):
            # Three lines take their buses from one series, in turn: neighbours in number, not on
            # the same line.
            series, first = f"沪A{position // 3 + 10:02d}", position % 3
            plates = [
                PlateNumber(f"{series}{number:03d}")
                for number in range(100 + first, 100 + 3 * BUSES, 3)
            ]
            self.buses[line] = [
                Bus(plate, f"S{position // 3}K{plate[-3:]}", line) for plate in plates
            ]
            self.drivers[line] = [
                f"{100000 + 1000 * (position // 3) + 40 * first + n}" for n in range(DRIVERS)
            ]

    def roster(self) -> Roster:
        """The roster as operations have it; the fleet number as it is painted."""
        vehicles = {
            bus.plate: Vehicle(
                bus.plate,
                f"{bus.fleet_number[:3]}-{bus.fleet_number[3:]}",
                frozenset({line}),
                "一队",
            )
            for line, buses in self.buses.items()
            for bus in buses
        }
        badges = {
            badge: frozenset({line}) for line, badges in self.drivers.items() for badge in badges
        }
        return Roster(vehicles, badges)

    def roster_csv(self) -> str:
        """The same as the file that operations load."""
        rows: list[tuple[str, ...]] = [
            (bus.plate, bus.fleet_number, "", line)
            for line, buses in self.buses.items()
            for bus in buses
        ]
        rows += [("", "", badge, line) for line, badges in self.drivers.items() for badge in badges]
        return "plate,fleet_number,badge,route,unit\n" + "".join(
            f"{','.join(row)},一队\n" for row in rows
        )

    def incident(self) -> Incident:
        """Something that happened to be seen, somewhere in two weeks."""
        draw = self.random
        line = draw.choice(self.lines)
        return Incident(
            category=draw.choice(("red_light", "wrong_way", "smoking_or_phone")),
            bus=draw.choice(self.buses[line]),
            badge=draw.choice(self.drivers[line]),
            at=MORNING + timedelta(days=draw.randrange(14), seconds=draw.randrange(14 * 3600)),
            stop=draw.randrange(30),
        )

    def other_than(self, one: Incident, kind: str) -> Incident:
        """Another incident of the same category that is as like ``one`` as its ``kind`` says."""
        draw = self.random
        line = one.bus.line
        bus = draw.choice([bus for bus in self.buses[line] if bus != one.bus])
        badge = draw.choice([badge for badge in self.drivers[line] if badge != one.badge])
        soon = timedelta(seconds=draw.randrange(-900, 900))
        if kind == "same line, same quarter of an hour":
            stop = draw.choice([stop for stop in range(30) if stop != one.stop])
            return replace(one, bus=bus, badge=badge, at=one.at + soon, stop=stop)
        if kind == "same line and place, another time":
            later = timedelta(minutes=draw.choice((-1, 1)) * draw.randrange(25, 600))
            return replace(one, bus=bus, badge=badge, at=one.at + later)
        if kind == "same crossing, same quarter of an hour, another line":
            line = draw.choice([line for line in self.lines if line != one.bus.line])
            return replace(
                one,
                bus=draw.choice(self.buses[line]),
                badge=draw.choice(self.drivers[line]),
                at=one.at + soon,
            )
        if kind == "same bus, another time":
            later = timedelta(minutes=draw.choice((-1, 1)) * draw.randrange(45, 600))
            return replace(one, at=one.at + later, stop=draw.randrange(30))
        assert kind == "anywhere in the city, same hour"
        line = draw.choice(self.lines)
        return replace(
            one,
            bus=draw.choice([other for other in self.buses[line] if other != one.bus]),
            badge=draw.choice([other for other in self.drivers[line] if other != one.badge]),
            at=one.at + timedelta(seconds=draw.randrange(-3600, 3600)),
            stop=draw.randrange(30),
        )

    def told(self, one: Incident) -> Told:
        """What one passenger reports of it."""
        draw = self.random
        taken_at = one.at + timedelta(seconds=draw.randrange(-20, 20))
        tells_time = draw.random() < 0.8
        plate, badge = self._numbers(one)
        latitude, longitude, place = self._place(one)
        claim = Claim(
            category=one.category,
            violated_at=self._claimed_time(one, tells_time=tells_time),
            route=None if draw.random() < 0.1 else one.bus.line,
            plate=plate,
            badge=badge,
            fleet_number=one.bus.fleet_number if draw.random() < 0.1 else None,
            place=place,
            latitude=latitude,
            longitude=longitude,
        )
        return Told(claim, self._readings(one, claim, taken_at if tells_time else None))

    def _claimed_time(self, one: Incident, *, tells_time: bool) -> datetime:
        draw = self.random
        kind = draw.random()
        if kind < 0.6:
            return one.at + timedelta(seconds=draw.randrange(-120, 120))
        if kind < 0.8 or not tells_time:  # nobody could put right what neither claim nor file tells
            since = (one.at - MORNING).total_seconds()
            return MORNING + timedelta(seconds=round(since / 300) * 300)
        return one.at + timedelta(minutes=draw.choice((-1, 1)) * draw.randrange(11, 61))

    def _numbers(self, one: Incident) -> tuple[PlateNumber | None, str | None]:
        """Plate and badge as claimed.

        One of the two can be missing only where the other will do (R5).
        """
        draw = self.random
        plate, badge = self._misread(one.bus.plate), None
        if one.category == "smoking_or_phone":
            kind = draw.random()
            if kind < 0.4:
                return None, self._mistaken_badge(one.badge)
            badge = self._mistaken_badge(one.badge) if kind < 0.6 else None
        return PlateNumber(plate), badge

    def _misread(self, plate: str) -> str:
        draw, kind = self.random, self.random.random()
        at = draw.randrange(2, len(plate))
        if kind < 0.08:
            return self._look_alike(plate, at)
        if kind < 0.12:
            return plate[:at] + draw.choice("0123456789") + plate[at + 1 :]
        if kind < 0.14 and at + 1 < len(plate):
            return plate[:at] + plate[at + 1] + plate[at] + plate[at + 2 :]
        return plate

    def _mistaken_badge(self, badge: str) -> str:
        if self.random.random() < 0.08:
            return self._look_alike(badge, self.random.randrange(len(badge)))
        return badge

    def _look_alike(self, number: str, at: int) -> str:
        others = [b if a == number[at] else a for a, b in LOOK_ALIKES if number[at] in (a, b)]
        return number[:at] + self.random.choice(others or [number[at]]) + number[at + 1 :]

    def _place(self, one: Incident) -> tuple[float | None, float | None, str | None]:
        draw, kind = self.random, self.random.random()
        if kind < 0.45:
            latitude, longitude = _stop(one.stop)
            return latitude + draw.gauss(0, 0.0004), longitude + draw.gauss(0, 0.0004), None
        return None, None, f"建国东路 {one.stop} 站" if kind < 0.75 else None

    def _readings(self, one: Incident, claim: Claim, taken_at: datetime | None) -> Readings:
        draw = self.random
        clocks = (CaptureClock("exif.DateTimeOriginal", "as drawn", taken_at),) if taken_at else ()
        place = Place(*_stop(one.stop), "exif.GPS") if draw.random() < 0.25 else None
        plates = [self._car() for _ in range(draw.randrange(3))]
        kind = draw.random()
        if kind < 0.5:
            plates.append(_plate(one.bus.plate))
        elif kind < 0.75:
            wrong = self._look_alike(one.bus.plate, draw.randrange(2, len(one.bus.plate)))
            guesses = (Candidate(wrong, -0.4), Candidate(one.bus.plate, -0.6))
            plates.append(
                replace(_plate(wrong), certain=False, probability=0.5, candidates=guesses)
            )
        if draw.random() < 0.05:
            line = self.buses[draw.choice((one.bus.line, draw.choice(self.lines)))]
            plates.append(_plate(draw.choice(line).plate))
        return Readings(
            "drawn",
            MediaFacts(
                MediaKind.PHOTO,
                "jpeg",
                "image/jpeg",
                4000,
                3000,
                3_000_000,
                clocks=clocks,
                place=place,
            ),
            plates=tuple(plates),
            routes=(_label(one.bus.line),) if draw.random() < 0.4 else (),
            fleet_numbers=(_label(one.bus.fleet_number),) if draw.random() < 0.15 else (),
            badges=(_label(one.badge),) if claim.badge is not None and draw.random() < 0.5 else (),
            frames=(FrameLooked(None, 200.0, 120.0),),
        )

    def _car(self) -> PlateSeen:
        serial = "".join(self.random.choice("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789") for _ in range(5))
        return _plate(f"沪{self.random.choice('BCEFGH')}{serial}")


def _plate(number: str) -> PlateSeen:
    return PlateSeen(
        PlateNumber(number), 0.97, certain=True, colour="yellow", box=BOX, height_px=40.0
    )


def _label(text: str) -> LabelSeen:
    return LabelSeen(text, text, 0.95, BOX)


def _stop(number: int) -> tuple[float, float]:
    """Stops are 600 m apart along one road, and all lines share it: the hardest city there is."""
    return 31.0 + number * 0.0054, 121.4
