"""What can be drawn, what each sample claims, and what a reader and a judge ought to find in it."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum

from samples.bus import Bus, Driver
from samples.phone import ANDROID, APPLE, Phone, Storing
from samples.scenes import Cast, Scene
from scheme.reading import PlateNumber
from scheme.report import Claim

SHANGHAI = timezone(timedelta(hours=8))
"""Shanghai keeps no summer time, so that the wall clock of a sample needs no zone table."""


class Edit(StrEnum):
    """How a near-duplicate differs from the picture it was made of."""

    NONE = "none"
    RESIZED = "resized"
    RECOMPRESSED = "recompressed"
    CROPPED = "cropped"
    BRIGHTER = "brighter"
    SPLICED = "spliced"
    """A clip whose second half was taken in another street."""


@dataclass(frozen=True, slots=True)
class Site:
    """A place in the claim and in the file: WGS 84."""

    name: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Expected:
    """What a person reads in the picture; ``None``: not to be seen.

    ``clock``: a time of day is written into it.
    """

    plate: PlateNumber | None = None
    route: str | None = None
    badge: str | None = None
    fleet_number: str | None = None
    clock: bool = False


@dataclass(frozen=True, slots=True)
class Sample:
    """One file to draw. ``at`` is the Shanghai wall time at which it is taken.

    ``stated_at`` is what the file says instead, where the phone's clock is wrong. ``of`` names the
    sample that a near-duplicate was made of. ``expects`` are finding codes
    (``scheme.finding.CODES``) that judging this file alone against its own claim and the demo
    roster must give, ``forbids`` those it must not; codes about other reports (SIMILAR_MEDIA,
    SAME_MEDIA) are expected once ``of`` stands in another report.
    """

    name: str
    scene: Scene
    category: str
    bus: Bus
    badge: str
    site: Site
    at: time
    suffix: str = ".jpg"
    phone: Phone = ANDROID
    storing: Storing = Storing.ORIGINAL
    stated_at: datetime | None = None
    edit: Edit = Edit.NONE
    of: str | None = None
    writes_clock: bool = False
    seconds: float = 8.0
    seed: int = 1
    expects: frozenset[str] = field(default_factory=frozenset)
    forbids: frozenset[str] = field(default_factory=frozenset)

    @property
    def file_name(self) -> str:
        """The name it is stored under."""
        return self.name + self.suffix

    def taken_at(self, day: date) -> datetime:
        """The instant (UTC) of this sample on ``day`` (Shanghai's)."""
        return datetime.combine(day, self.at, SHANGHAI).astimezone(UTC)

    def cast(self, taken_at: datetime) -> Cast:
        """What stands before the camera at ``taken_at``."""
        clock = taken_at.astimezone(SHANGHAI).replace(tzinfo=None) if self.writes_clock else None
        return Cast(self.bus, self.badge, self.site.name, clock, self.seed, self.seconds)

    def claim(self, taken_at: datetime) -> Claim:
        """What its reporter says, true in every word."""
        of_driver = self.scene is Scene.BADGE
        return Claim(
            category=self.category,
            violated_at=taken_at,
            route=self.bus.route or None,
            plate=None if of_driver else PlateNumber(self.bus.plate),
            badge=self.badge if of_driver else None,
            place=self.site.name,
            latitude=self.site.latitude,
            longitude=self.site.longitude,
        )

    def expected(self) -> Expected:
        """What a person reads in it."""
        match self.scene:
            case Scene.BADGE:
                return Expected(route=self.bus.route, badge=self.badge)
            case Scene.PLACE:
                return Expected(route=self.bus.route)
            case Scene.CAR:
                return Expected(plate=PlateNumber(self.bus.plate))
            case _:
                fleet = self.bus.fleet_number
                return Expected(
                    PlateNumber(self.bus.plate), self.bus.route, None, fleet, self.writes_clock
                )


HANKOU = Site("汉口路", 31.2365, 121.4823)
HUAIHAI = Site("淮海中路", 31.2201, 121.4628)
XIZANG = Site("西藏南路", 31.2157, 121.4868)

BUS_49 = Bus("沪A05127D", "49", "S1K-016", "人民广场", (18, 122, 92))
BUS_71 = Bus("沪D41926", "71", "S2B-031", "延安东路外滩", (196, 44, 40))
BUS_TUNNEL = Bus("沪B73518", "隧道三线", "S0A-207", "浦东公园", (30, 90, 170))
CAR = Bus("沪C2K816", "", "")
_SMOKER = Bus("沪D41926", "71", "S2B-031", "延安东路外滩", (196, 44, 40), Driver.SMOKING)
_CALLER = Bus("沪A05127D", "49", "S1K-016", "人民广场", (18, 122, 92), Driver.PHONING)
_HALF_LIT = Bus("沪D41926", "71", "S2B-031", "延安东路外滩", (196, 44, 40), refreshed=0.5)

_SIGHTS = frozenset({"READ_OK", "PLATE_SEEN", "ROUTE_SEEN", "VEHICLE_KNOWN"})
_TRUE = frozenset({"TIME_CONFIRMED", "PLACE_CONFIRMED", "ORIGINAL"})
_WRONG = frozenset(
    {"PLATE_OTHER", "ROUTE_OTHER", "UNKNOWN_VEHICLE", "ROUTE_MISMATCH", "TRAILING_DATA"}
)
_WHOLE = frozenset({"PROCESS_WHOLE"})


def _front(name: str, **changes: object) -> Sample:
    """A variant of ``bus_front``: the same picture, stored otherwise."""
    told: dict[str, object] = {
        "scene": Scene.FRONT,
        "category": "wrong_way",
        "bus": BUS_49,
        "badge": "108426",
        "site": HANKOU,
        "at": time(8, 41, 7),
        "seed": 3,
        "expects": _SIGHTS | _TRUE,
        "forbids": _WRONG,
    }
    # every key is a field of Sample
    return Sample(name, **(told | changes))  # type: ignore[arg-type]


def _copy(name: str, edit: Edit) -> Sample:
    expects = frozenset({"READ_OK", "PLATE_SEEN", "NOT_ORIGINAL", "TIME_MISSING"})
    return _front(name, storing=Storing.MESSENGER, edit=edit, of="bus_front", expects=expects)


_STILLS = (
    _front("bus_front"),
    Sample(
        "bus_front_yellow",
        Scene.FRONT,
        "wrong_way",
        BUS_71,
        "310552",
        HUAIHAI,
        time(17, 22, 40),
        seed=12,
        phone=APPLE,
        expects=_SIGHTS | _TRUE,
        forbids=_WRONG,
    ),
    Sample(
        "bus_front_half_led",
        Scene.CLOSE_FRONT,
        "wrong_way",
        _HALF_LIT,
        "310552",
        HUAIHAI,
        time(17, 23, 5),
        seed=12,
        expects=frozenset({"READ_OK", "PLATE_SEEN"}) | _TRUE,
        forbids=_WRONG,
    ),
    Sample(
        "bus_rear",
        Scene.REAR,
        "wrong_way",
        BUS_TUNNEL,
        "207713",
        XIZANG,
        time(12, 5, 31),
        seed=31,
        expects=_SIGHTS | _TRUE,
        forbids=_WRONG,
    ),
    Sample(
        "badge",
        Scene.BADGE,
        "smoking_or_phone",
        BUS_49,
        "108426",
        HANKOU,
        time(8, 52, 11),
        seed=2,
        expects=frozenset({"READ_OK", "BADGE_SEEN"}) | _TRUE,
        forbids=frozenset({"BADGE_OTHER"}),
    ),
    Sample(
        "smoking",
        Scene.CLOSE_FRONT,
        "smoking_or_phone",
        _SMOKER,
        "310552",
        HUAIHAI,
        time(18, 3, 54),
        seed=7,
        expects=_SIGHTS | _TRUE,
        forbids=_WRONG,
    ),
    Sample(
        "phoning",
        Scene.CLOSE_FRONT,
        "smoking_or_phone",
        _CALLER,
        "108426",
        HANKOU,
        time(9, 14, 20),
        seed=9,
        phone=APPLE,
        expects=_SIGHTS | _TRUE,
        forbids=_WRONG,
    ),
    Sample(
        "place",
        Scene.PLACE,
        "wrong_way",
        BUS_49,
        "108426",
        HANKOU,
        time(8, 41, 30),
        seed=4,
        expects=frozenset({"READ_OK"}) | _TRUE,
        forbids=frozenset({"PLATE_OTHER"}),
    ),
    Sample(
        "not_a_bus",
        Scene.CAR,
        "wrong_way",
        CAR,
        "",
        HANKOU,
        time(10, 30, 0),
        seed=6,
        expects=frozenset({"READ_OK", "PLATE_SEEN", "UNKNOWN_VEHICLE"}) | _TRUE,
    ),
)

_STORED_OTHERWISE = (
    _front("bus_front_messenger", storing=Storing.MESSENGER, of="bus_front",
           expects=_SIGHTS | {"NOT_ORIGINAL", "TIME_MISSING"}),
    _front("bus_front_edited", storing=Storing.EDITED, of="bus_front",
           expects=_SIGHTS | {"EDITED"}),
    _front("bus_front_1970", stated_at=datetime(1970, 1, 1, 0, 0, 0, tzinfo=UTC), of="bus_front",
           expects=_SIGHTS | {"TIME_UNTRUSTED"}),
    _front("bus_front_2099", stated_at=datetime(2099, 6, 1, 0, 0, 0, tzinfo=UTC), of="bus_front",
           expects=_SIGHTS | {"TIME_UNTRUSTED"}),
    _front("bus_front_heic", suffix=".heic", phone=APPLE, of="bus_front"),
    _front("bus_front_webp", suffix=".webp", of="bus_front"),
    _front("bus_front_png", suffix=".png", of="bus_front"),
    _front("bus_front_motion_photo", storing=Storing.MOTION_PHOTO, of="bus_front"),
    _copy("bus_front_resized", Edit.RESIZED),
    _copy("bus_front_recompressed", Edit.RECOMPRESSED),
    _copy("bus_front_cropped", Edit.CROPPED),
    _copy("bus_front_brighter", Edit.BRIGHTER),
)  # fmt: skip

_CLIPS = (
    Sample(
        "red_light",
        Scene.RED_LIGHT,
        "red_light",
        BUS_TUNNEL,
        "207713",
        XIZANG,
        time(7, 58, 12),
        ".mp4",
        APPLE,
        seed=16,
        expects=_SIGHTS | _TRUE | _WHOLE,
        forbids=_WRONG | {"PROCESS_CUT", "PROCESS_SHORT"},
    ),
    Sample(
        "wrong_way",
        Scene.WRONG_WAY,
        "wrong_way",
        BUS_49,
        "108426",
        HANKOU,
        time(8, 41, 7),
        ".mp4",
        ANDROID,
        seed=6,
        writes_clock=True,
        expects=_SIGHTS | _TRUE | _WHOLE,
        forbids=_WRONG | {"PROCESS_CUT", "PROCESS_SHORT"},
    ),
    Sample(
        "red_light_messenger",
        Scene.RED_LIGHT,
        "red_light",
        BUS_TUNNEL,
        "207713",
        XIZANG,
        time(7, 58, 12),
        ".mp4",
        APPLE,
        Storing.MESSENGER,
        of="red_light",
        seed=16,
        expects=frozenset({"READ_OK", "TIME_MISSING", "NOT_ORIGINAL"}),
        forbids=_WRONG,
    ),
    Sample(
        "red_light_spliced",
        Scene.RED_LIGHT,
        "red_light",
        BUS_TUNNEL,
        "207713",
        XIZANG,
        time(7, 58, 12),
        ".mp4",
        APPLE,
        edit=Edit.SPLICED,
        of="red_light",
        seed=16,
        expects=frozenset({"READ_OK", "PROCESS_CUT"}),
        forbids=_WRONG | _WHOLE,
    ),
    Sample(
        "wrong_way_short",
        Scene.WRONG_WAY,
        "wrong_way",
        BUS_49,
        "108426",
        HANKOU,
        time(8, 41, 14),
        ".mov",
        APPLE,
        seed=6,
        seconds=2.4,
        expects=frozenset({"READ_OK", "PROCESS_SHORT"}),
        forbids=_WRONG | _WHOLE,
    ),
)

SAMPLES: tuple[Sample, ...] = (*_STILLS, *_STORED_OTHERWISE, *_CLIPS)
"""Everything that ``python -m samples`` draws, in its order."""
