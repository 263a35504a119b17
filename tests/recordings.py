"""A recording on the desk whose readings are made, not read.

What stands on a timeline is for the test to say.
"""

import io
from dataclasses import replace
from typing import Any

from pipeline.receiving.claims import save_claim
from pipeline.receiving.drafts import ReporterInput, open_draft
from pipeline.receiving.incoming import store_file
from pipeline.receiving.reporters import save_reporters
from pipeline.receiving.submitting import submit
from pipeline.verifying.verification import verify_report
from scheme.reading import (
    Box,
    FrameLooked,
    Hint,
    Hinted,
    MediaFacts,
    MediaKind,
    Motion,
    PlateNumber,
    PlateSeen,
    Readings,
    Sighted,
    Sighting,
    Span,
)
from scheme.report import Channel, Claim
from tests.fixtures import as_read
from tests.pipeline.desk import VIOLATED_AT, Desk
from tests.verifiers.media.made_files import movie
from verifiers.version import READER_VERSION

BUS, CAR = PlateNumber("沪A12345"), PlateNumber("沪B99999")
ON_BUS, ON_CAR = Box(0.4, 0.6, 0.5, 0.65), Box(0.7, 0.6, 0.8, 0.65)
FACTS = MediaFacts(
    MediaKind.VIDEO, "mp4", "video/mp4", 128, 96, 1, duration_ms=10_000, codec="h264"
)


def a_plate(number: PlateNumber, box: Box, colour: str) -> PlateSeen:
    # A field
    return PlateSeen(number, 0.97, True, colour, box, 30.0, frame_ms=4000)  # noqa: FBT003


READINGS = Readings(
    READER_VERSION,
    FACTS,
    plates=(a_plate(BUS, ON_BUS, "yellow"), a_plate(CAR, ON_CAR, "blue")),
    frames=(FrameLooked(4000, 200.0, 120.0),),
    motion=Motion(cuts_ms=(8000,), repeated=(Span(9000, 9600),)),
    timeline=(
        Sighting(Sighted.PLATE, CAR, (Span(3000, 4500),), 4000),
        Sighting(Sighted.PLATE, BUS, (Span(500, 2000), Span(3500, 7000)), 4000),
        Sighting(Sighted.ROUTE, "49", (Span(0, 9900),), 1000),
        Sighting(Sighted.CLOCK, "08:00:04", (Span(0, 9900),), 4000),
    ),
    hints=(Hint(Hinted.RED_LIGHT, Span(2000, 6000), Box(0.8, 0.1, 0.85, 0.2), 0.7),),
)


# Whatever the test makes the reader see
def recorded(desk: Desk, content: bytes = b"", **changes: Any) -> str:  # noqa: ANN401
    """A verified report of a red light, with one recording: of ten seconds, or ``content``."""
    claim = Claim("red_light", VIOLATED_AT, route="49", plate=BUS, place="建国东路525号")
    with desk.runtime.write() as work:
        report_id = open_draft(work, channel=Channel.WEB).report_id
        save_claim(work, report_id=report_id, claim=claim)
        save_reporters(work, report_id=report_id, reporters=[ReporterInput("陈安", "13800000001")])
    stream = io.BytesIO(content or movie(frames=100))
    file = store_file(desk.runtime, report_id=report_id, file_name="bus.mp4", stream=stream)
    with desk.runtime.write() as work:
        submit(work, report_id=report_id, consent=True)
        as_read(work, report_id, file.sha256, replace(READINGS, **changes))
    assert verify_report(desk.runtime, report_id=report_id)
    return report_id
