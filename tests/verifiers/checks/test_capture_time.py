"""Capture times: TRUST.md section 6 C, and intervals that are never narrower than the truth."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheme.finding import Outcome
from scheme.reading import (
    Box,
    CaptureClock,
    ClockRun,
    MediaFacts,
    MediaKind,
    PictureClock,
    Readings,
)
from verifiers.checks.capture_time import captured_between
from verifiers.dossiers.times.interval import capture_interval
from verifiers.dossiers.times.statements import Worth

if TYPE_CHECKING:
    from tests.verifiers.conftest import Making, Scenes

SHANGHAI = ZoneInfo("Asia/Shanghai")
TRUTH = datetime(2026, 11, 24, 0, 41, tzinfo=UTC)
NOT_AFTER = TRUTH + timedelta(hours=2)
BOX = Box(0.0, 0.0, 0.1, 0.1)


def naive(text: str) -> datetime:
    return datetime.fromisoformat(text)


def of(
    *clocks: CaptureClock, drawn: tuple[PictureClock, ...] = (), duration_ms: int | None = None
) -> Readings:
    kind = MediaKind.PHOTO if duration_ms is None else MediaKind.VIDEO
    facts = MediaFacts(kind, "any", "any", 4000, 3000, 1, duration_ms=duration_ms, clocks=clocks)
    return Readings("t", facts, clocks=drawn)


def clock(source: str, at: datetime | None, raw: str = "as written") -> CaptureClock:
    return CaptureClock(source, raw, at)


def seconds(*, earlier: float = 0, later: float = 0) -> datetime:
    return TRUTH + timedelta(seconds=later - earlier)


# -- honest statements -----------------------------------------------------------------------------


@st.composite
def honest(draw: st.DrawFn, duration_ms: int) -> CaptureClock:
    """A statement that a real camera, started at TRUTH, would make.

    Its own clock off by a few seconds, no more.
    """
    off = timedelta(seconds=draw(st.floats(-25, 25)))
    ends = timedelta(milliseconds=duration_ms if draw(st.booleans()) else 0)
    at = TRUTH + off + ends
    source = draw(
        st.sampled_from(
            [
                "exif.GPSDateStamp",
                "exif.DateTimeOriginal",
                "quicktime.creationdate",
                "mvhd.creation_time",
                "filename",
                "xmp.CreateDate",
                "exif.DateTime",
            ]
        )
    )
    if source == "exif.GPSDateStamp":
        return clock(source, TRUTH - timedelta(seconds=draw(st.integers(0, 240))))
    if source in {"exif.DateTimeOriginal", "filename", "xmp.CreateDate", "exif.DateTime"} and draw(
        st.booleans()
    ):
        return clock(source, at.astimezone(SHANGHAI).replace(tzinfo=None))
    return clock(source, at)


@st.composite
def honest_files(draw: st.DrawFn) -> tuple[Readings, int]:
    duration_ms = draw(st.integers(0, 60_000))
    clocks = draw(st.lists(honest(duration_ms), min_size=1, max_size=6))
    drawn = []
    for frame_ms in draw(st.lists(st.integers(0, duration_ms), max_size=4)):
        shown = (TRUTH + timedelta(milliseconds=frame_ms)).astimezone(SHANGHAI).replace(tzinfo=None)
        has_date = draw(st.booleans())
        shown = shown.replace(second=0, microsecond=0) if draw(st.booleans()) else shown
        shown = shown if has_date else shown.replace(year=1900, month=1, day=1)
        drawn.append(PictureClock(shown, has_date, "08:41", 0.9, BOX, frame_ms))
    return of(*clocks, drawn=tuple(drawn), duration_ms=duration_ms), duration_ms


@given(honest_files())
def test_the_interval_of_honest_statements_is_never_narrower_than_the_truth(
    made: tuple[Readings, int],
) -> None:
    readings, duration_ms = made
    interval = capture_interval(readings, SHANGHAI, NOT_AFTER)
    assert interval.earliest is not None
    assert interval.latest is not None
    assert interval.earliest <= TRUTH
    assert interval.latest >= TRUTH + (
        timedelta(milliseconds=duration_ms) if interval.worth is not Worth.NAME else timedelta()
    )
    assert interval.contradictions == ()


any_clock = st.builds(
    clock,
    st.sampled_from(
        [
            "exif.GPSDateStamp",
            "exif.DateTimeOriginal",
            "mvhd.creation_time",
            "filename",
            "exif.DateTime",
        ]
    ),
    st.none()
    | st.datetimes(min_value=naive("1900-01-01"), max_value=naive("9999-12-31T23:59:59"))
    | st.datetimes(timezones=st.just(UTC)),
    st.sampled_from(["0000:00:00 00:00:00", "30 February", ""]),
)
any_drawn = st.builds(
    PictureClock,
    st.datetimes(),
    st.booleans(),
    st.just("x"),
    st.floats(0, 1),
    st.just(BOX),
    st.none() | st.integers(0),
)


@given(
    st.data(),
    st.lists(any_clock, max_size=6),
    st.lists(any_drawn, max_size=4),
    st.none() | st.integers(0),
)
def test_the_order_of_statements_does_not_matter(
    data: st.DataObject,
    clocks: list[CaptureClock],
    drawn: list[PictureClock],
    duration_ms: int | None,
) -> None:
    shuffled = of(
        *data.draw(st.permutations(clocks)),
        drawn=tuple(data.draw(st.permutations(drawn))),
        duration_ms=duration_ms,
    )
    given_order = of(*clocks, drawn=tuple(drawn), duration_ms=duration_ms)
    one = capture_interval(given_order, SHANGHAI, NOT_AFTER, near=TRUTH)
    assert one == capture_interval(shuffled, SHANGHAI, NOT_AFTER, near=TRUTH)
    assert (one.earliest is None) == (one.latest is None) == (one.worth is None)
    assert one.earliest is None or one.latest is None or one.earliest <= one.latest


# -- contradictions by name ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clocks", "contradictions"),
    [
        (
            (
                clock("exif.GPSDateStamp", TRUTH),
                clock("exif.DateTimeOriginal", naive("2026-11-24T09:41")),
            ),
            ("exif.DateTimeOriginal:zone_off",),
        ),
        (
            (
                clock("quicktime.creationdate", TRUTH),
                clock("mvhd.creation_time", TRUTH - timedelta(hours=8)),
            ),
            ("mvhd.creation_time:zone_off",),
        ),
        (
            (
                clock("quicktime.creationdate", TRUTH),
                clock("mvhd.creation_time", TRUTH - timedelta(minutes=71)),
            ),
            ("mvhd.creation_time:apart",),
        ),
        (
            (clock("exif.DateTimeOriginal", TRUTH), clock("filename", naive("2026-11-24T08:30"))),
            ("filename:apart",),
        ),
        ((clock("exif.DateTimeOriginal", TRUTH), clock("filename", naive("2026-11-24T09:30"))), ()),
        (
            (
                clock("exif.DateTimeOriginal", TRUTH),
                clock("exif.DateTime", naive("2026-11-24T09:30")),
            ),
            (),
        ),
        (
            (
                clock("quicktime.creationdate", TRUTH),
                clock("mvhd.creation_time", TRUTH + timedelta(minutes=71)),
            ),
            ("mvhd.creation_time:later",),
        ),
        ((clock("mvhd.creation_time", TRUTH), clock("filename", naive("2026-11-24T08:36"))), ()),
        (
            (
                clock("exif.DateTimeOriginal", TRUTH.astimezone(timezone(timedelta(hours=3)))),
                clock("xmp.CreateDate", naive("2026-11-24T03:41")),
            ),
            (),
        ),
        (
            (
                clock("exif.DateTimeOriginal", TRUTH),
                CaptureClock(
                    "xmp.DateCreated", "2026-11-24", naive("2026-11-24"), resolution_s=86_400
                ),
            ),
            (),
        ),
        ((clock("mvhd.creation_time", None, "0"),), ()),
        ((clock("mvhd.creation_time", None, "0"), clock("quicktime.creationdate", TRUTH)), ()),
        (
            (clock("exif.DateTimeOriginal", None, "2026:02:30 25:61:00"),),
            ("exif.DateTimeOriginal:no_date",),
        ),
        (
            (clock("exif.DateTimeOriginal", NOT_AFTER + timedelta(minutes=2)),),
            ("exif.DateTimeOriginal:impossible",),
        ),
    ],
)
def test_contradictions_carry_their_names(
    clocks: tuple[CaptureClock, ...], contradictions: tuple[str, ...]
) -> None:
    assert capture_interval(of(*clocks), SHANGHAI, NOT_AFTER).contradictions == contradictions


def test_a_header_in_local_time_that_lies_in_the_future_is_read_as_local_and_named() -> None:
    local_as_utc = TRUTH + timedelta(hours=8)
    interval = capture_interval(
        of(clock("mvhd.creation_time", local_as_utc), duration_ms=9000), SHANGHAI, NOT_AFTER
    )
    assert interval.contradictions == ("mvhd.creation_time:zone_off",)
    assert interval.earliest is not None
    assert interval.latest is not None
    assert interval.earliest <= TRUTH <= interval.latest


@pytest.mark.parametrize("year", [1, 9999])
@pytest.mark.parametrize(
    "source", ["mvhd.creation_time", "exif.GPSDateStamp", "exif.DateTimeOriginal", "filename"]
)
def test_the_ends_of_all_time_are_impossible_and_break_nothing(year: int, source: str) -> None:
    first = datetime(year, 1, 1, 0, 5, tzinfo=UTC)
    last = datetime(year, 12, 31, 23, 50, tzinfo=UTC)
    for at in (first, last):
        assert capture_interval(of(clock(source, at)), SHANGHAI, NOT_AFTER).whole is None


def test_a_stated_zone_beats_the_header() -> None:
    readings = of(
        clock("mvhd.creation_time", TRUTH - timedelta(days=1)),
        clock("quicktime.creationdate", TRUTH),
    )
    interval = capture_interval(readings, SHANGHAI, NOT_AFTER)
    assert interval.sources == ("quicktime.creationdate",)
    assert interval.contradictions == ("mvhd.creation_time:apart",)


def test_a_picture_clock_counts_from_its_frame() -> None:
    # A field
    shown = PictureClock(naive("2026-11-24T08:41:30"), True, "08:41:30", 0.9, BOX, 30_000)  # noqa: FBT003
    interval = capture_interval(of(drawn=(shown,), duration_ms=40_000), SHANGHAI, NOT_AFTER)
    assert interval.sources == ("picture",)
    assert interval.earliest == TRUTH - timedelta(seconds=90)
    assert interval.latest == TRUTH + timedelta(seconds=40 + 90)


def test_a_misread_picture_clock_is_outvoted() -> None:
    drawn = tuple(
        PictureClock(naive(text), True, text, 0.9, BOX, 0)  # noqa: FBT003 -- a field
        for text in ("2026-11-24T08:41:00", "2026-11-24T08:41:02", "2026-11-24T03:41:02")
    )
    interval = capture_interval(of(drawn=drawn), SHANGHAI, NOT_AFTER)
    assert interval.earliest is not None
    assert interval.earliest > TRUTH - timedelta(minutes=5)


def test_two_clocks_that_disagree_are_named_a_misread_one_is_not() -> None:
    def drawn(text: str, box: Box, probability: float = 0.9) -> PictureClock:
        return PictureClock(naive(text), True, text, probability, box, 0)  # noqa: FBT003 -- a field

    corner, middle = BOX, Box(0.4, 0.4, 0.5, 0.5)
    cameras = drawn("2026-11-24T08:41:00", corner), drawn("2026-11-24T08:41:01", corner)
    for other, named in (
        (drawn("2026-11-24T09:55:00", middle), ("picture:apart",)),
        (drawn("2026-11-24T09:55:00", corner), ()),  # digits of the same clock, taken for others
        (drawn("2026-11-24T09:55:00", middle, 0.7), ()),
        (drawn("2026-11-24T08:42:00", middle), ()),
    ):
        interval = capture_interval(of(drawn=(*cameras, other)), SHANGHAI, NOT_AFTER)
        assert interval.contradictions == named


@pytest.mark.parametrize(
    ("rate", "real"),
    [
        (1.0, True),
        (0.7, True),
        (1.4, True),
        (None, True),
        (0.0, False),
        (0.25, False),
        (8.0, False),
    ],
)
def test_a_clock_that_does_not_tick_is_named_and_hardly_trusted(
    scene: Scenes,
    making: Making,
    rate: float | None,
    real: bool,  # noqa: FBT001 -- a column of the table
) -> None:
    # A field
    shown = PictureClock(naive("2026-11-24T08:41"), True, "2026-11-24 08:41:00", 0.9, BOX, 0)  # noqa: FBT003
    said = scene(
        files=[making.clip(stamps=(), clocks=(shown,), clock_run=ClockRun(rate, 5))]
    ).by_code()
    assert ("CLOCK_NOT_TICKING" in said) is not real
    assert said["TIME_CONFIRMED"].confidence == (0.8 if real else 0.5)


# -- findings: TRUST.md section 6 C ----------------------------------------------------------------


@pytest.mark.parametrize(
    "stamp",
    [
        clock("exif.DateTimeOriginal", naive("1970-01-01")),  # 42
        clock("exif.DateTimeOriginal", naive("2099-01-01")),  # 43
        clock("exif.DateTimeOriginal", None, "0000:00:00 00:00:00"),  # 44
        clock("exif.DateTimeOriginal", None, "    "),  # 44
        clock("exif.DateTimeOriginal", None, "2026:02:30 25:61:00"),  # 45
        clock("mvhd.creation_time", datetime(2099, 1, 1, tzinfo=UTC)),  # 53
        clock("exif.DateTimeOriginal", naive("0001-01-01")),
        clock("exif.DateTimeOriginal", naive("9999-12-31T23:59:59")),
    ],
)
def test_impossible_times_are_untrusted_and_a_person_looks(
    scene: Scenes, making: Making, stamp: CaptureClock
) -> None:
    said = scene(files=[making.photo(stamps=(stamp,))]).by_code()
    assert said["TIME_UNTRUSTED"].outcome is Outcome.REVIEW
    assert "TIME_CONFIRMED" not in said
    assert "TIME_MISSING" not in said


def test_no_offset_is_shanghai(scene: Scenes, making: Making) -> None:  # 50
    said = scene(
        files=[making.photo(stamps=(clock("exif.DateTimeOriginal", naive("2026-11-24T08:41")),))]
    ).by_code()
    assert said["TIME_CONFIRMED"].details["captured_from"].endswith("+08:00")


def test_a_header_eight_hours_off_is_marked(scene: Scenes, making: Making) -> None:  # 53
    stamp = clock("mvhd.creation_time", TRUTH - timedelta(hours=8))
    said = scene(files=[making.clip(stamps=(stamp,))]).by_code()
    assert said["TIME_MISMATCH"].outcome is Outcome.REVIEW
    assert said["TIME_MISMATCH"].details["zone_off"] == "yes"


@pytest.mark.parametrize(
    ("minutes", "code"), [(9, "TIME_CONFIRMED"), (10, "TIME_CONFIRMED"), (11, "TIME_MISMATCH")]
)
def test_the_tolerance_is_the_policys(scene: Scenes, minutes: int, code: str) -> None:
    assert code in scene(claim={"violated_at": TRUTH - timedelta(minutes=minutes)}).by_code()


def test_days_apart_by_two_statements_is_a_fail(scene: Scenes, making: Making) -> None:
    old = TRUTH - timedelta(days=30)
    stamps = (clock("exif.GPSDateStamp", old), clock("exif.DateTimeOriginal", old))
    assert (
        scene(files=[making.photo(stamps=stamps)]).by_code()["TIME_MISMATCH"].outcome
        is Outcome.FAIL
    )
    assert (
        scene(files=[making.photo(stamps=stamps[:1])]).by_code()["TIME_MISMATCH"].outcome
        is Outcome.REVIEW
    )


def test_a_file_name_alone_confirms_nothing(scene: Scenes, making: Making) -> None:
    said = scene(
        files=[making.photo(stamps=(clock("filename", naive("2026-11-24T08:41")),))]
    ).by_code()
    assert "TIME_MISSING" in said


def test_a_day_without_a_time_confirms_nothing(scene: Scenes, making: Making) -> None:
    day = CaptureClock("xmp.DateCreated", "2026-11-24", naive("2026-11-24"), resolution_s=86_400)
    assert "TIME_MISSING" in scene(files=[making.photo(stamps=(day,))]).by_code()


def test_a_clock_without_a_date_takes_the_claimed_day_and_says_so(
    scene: Scenes, making: Making
) -> None:
    # A field
    shown = PictureClock(naive("1900-01-01T08:41"), False, "08:41", 0.9, BOX)  # noqa: FBT003
    said = scene(files=[making.photo(stamps=(), clocks=(shown,))]).by_code()
    assert said["TIME_CONFIRMED"].details["day_assumed"] == "yes"
    assert said["TIME_CONFIRMED"].proof is not None
    assert said["TIME_CONFIRMED"].proof.box == BOX


def test_the_reports_span_covers_all_its_files(scene: Scenes, making: Making) -> None:
    later = clock("exif.DateTimeOriginal", TRUTH + timedelta(minutes=5))
    made = scene(files=[making.photo(), making.photo(stamps=(later,))])
    span = captured_between(made.build(), made.policy)
    assert span.earliest == TRUTH - timedelta(seconds=30)
    assert span.latest == TRUTH + timedelta(minutes=5, seconds=31)
    nothing = scene(files=[])
    assert captured_between(nothing.build(), nothing.policy).earliest is None
