"""The roadside: passengers report and files read as the test says, verified for real."""

import io
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Self

from pipeline.paying import funds
from pipeline.receiving.claims import save_claim
from pipeline.receiving.drafts import ReporterInput, open_draft
from pipeline.receiving.incoming import store_file
from pipeline.receiving.reporters import save_reporters
from pipeline.receiving.submitting import submit
from pipeline.store import candidates, evidence_files, ledger, reports
from pipeline.verifying import fleet, verification
from samples.roster import roster_csv
from scheme.meeting import Why
from scheme.reading import (
    Box,
    CaptureClock,
    FrameLooked,
    MediaFacts,
    MediaKind,
    PlateNumber,
    PlateSeen,
    Readings,
    Sha256,
)
from scheme.report import Channel, Claim
from tests.fixtures import as_read
from tests.pipeline.desk import VIOLATED_AT, Desk
from verifiers.version import READER_VERSION

FACTS = MediaFacts(MediaKind.PHOTO, "jpeg", "image/jpeg", 1200, 900, 2000)
NOTHING = Readings(READER_VERSION, FACTS, frames=(FrameLooked(None, 200.0, 120.0),))
BY_PLATE = Claim(
    "smoking_or_phone", VIOLATED_AT, route="49", plate=PlateNumber("沪A05127D"), place="汉口路"
)
BY_BADGE = replace(BY_PLATE, plate=None, badge="108426")
OTHER_BUS = replace(BY_PLATE, plate=PlateNumber("沪D41926"), route="71")


@dataclass
class Street:
    """Passengers at the roadside, with the desk behind them."""

    desk: Desk
    sent: int = 0

    @classmethod
    def opened(cls, desk: Desk) -> Self:
        """With the samples' roster, and cards in the drawer."""
        with desk.runtime.write() as work:
            content = roster_csv().encode()
            fleet.import_roster(
                work, actor="system", effective_from=date(2026, 1, 1), content=content
            )
            funds.deposit(work, desk.finance, 1_000_000, "first")
            funds.stock_cards(work, desk.finance, 1_000_000, knowing=True)
        return cls(desk)

    def send(
        self,
        claim: Claim,
        channel: Channel = Channel.WEB,
        content: bytes | None = None,
        stood_at: timedelta | None = None,
    ) -> str:
        """A report that is received and not read; ``stood_at``.

        How long ago it left its sender's hands.
        """
        self.sent += 1
        runtime = self.desk.runtime
        picture = (
            content or b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + self.sent.to_bytes(4, "big") * 500
        )
        with runtime.write() as work:
            report_id = open_draft(work, channel=channel).report_id
            save_claim(work, report_id=report_id, claim=claim)
            person = ReporterInput(f"乘客{self.sent}", f"139{self.sent:08}")
            save_reporters(work, report_id=report_id, reporters=[person])
        store_file(runtime, report_id=report_id, file_name="a.jpg", stream=io.BytesIO(picture))
        with runtime.write() as work:
            at = None if stood_at is None else work.now - stood_at
            submit(work, report_id=report_id, consent=True, submitted_to_us_at=at)
        return report_id

    def read(self, report_id: str, readings: Readings = NOTHING) -> str:
        """The reader has seen ``readings`` in its file; verification itself is the real one."""
        with self.desk.runtime.write() as work:
            as_read(work, report_id, self.file(report_id), readings)
        assert verification.verify_report(self.desk.runtime, report_id=report_id)
        return report_id

    def file(self, report_id: str) -> Sha256:
        """The hash of the report's only file."""
        with self.desk.runtime.read() as work:
            return evidence_files.of_report(work.connection, report_id)[0].sha256

    def reported(
        self, claim: Claim, readings: Readings = NOTHING, channel: Channel = Channel.WEB
    ) -> str:
        """A report that is received and verified."""
        return self.read(self.send(claim, channel), readings)

    def number(self, report_id: str) -> str:
        """The public number."""
        with self.desk.runtime.read() as work:
            return reports.by_id(work.connection, report_id).report_number or ""

    def whys(self, one: str, other: str) -> set[str]:
        """Why the two are asked about; empty when they are not."""
        with self.desk.runtime.read() as work:
            rows = candidates.of_reports(work.connection, [one])
        return {
            reason
            for row in rows
            if other in (row.report_id, row.other_report_id)
            for reason in row.reasons
            if reason in set(Why)
        }

    def paid(self, *report_ids: str) -> int:
        """How many of them have a live reward."""
        with self.desk.runtime.read() as work:
            return sum(
                reward.live_case_id is not None
                for report_id in report_ids
                for reward in ledger.rewards_of_report(work.connection, report_id)
            )


def plate(number: str) -> PlateSeen:
    return PlateSeen(
        PlateNumber(number),
        0.97,
        certain=True,
        colour="yellow",
        box=Box(0.4, 0.5, 0.6, 0.6),
        height_px=40.0,
    )


def taken(after: timedelta, *plates: str) -> Readings:
    """A file that says when it was taken, counted from the violation, and shows plates."""
    clock = CaptureClock("exif.DateTimeOriginal", "drawn", VIOLATED_AT + after)
    return replace(
        NOTHING,
        facts=replace(FACTS, clocks=(clock,)),
        plates=tuple(plate(number) for number in plates),
    )
