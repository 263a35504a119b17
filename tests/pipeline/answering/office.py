"""An installation with an officer, where reports come in verified: as its reporters see it."""

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

from pipeline.answering import delivering, own_report, tracking
from pipeline.deciding import decisions
from pipeline.receiving.claims import save_claim
from pipeline.receiving.drafts import ReporterInput, open_draft
from pipeline.receiving.incoming import store_file
from pipeline.receiving.reporters import save_reporters
from pipeline.receiving.submitting import Receipt, submit
from pipeline.runtime import Runtime
from pipeline.store import reports
from pipeline.verifying import verification
from scheme.decision import Verdict
from scheme.reading import MediaFacts, MediaKind, PlateNumber, Readings
from scheme.report import Channel, Claim
from scheme.staff import Account
from tests.fixtures import WEDNESDAY, Clock, as_read
from verifiers.version import READER_VERSION

WANG, LI, ZHAO = ("王小明", "13800138000"), ("李雷", "13900139000"), ("赵六", "13700137000")

CLAIM = Claim(
    category="wrong_way",
    violated_at=WEDNESDAY - timedelta(hours=2),
    route="49",
    plate=PlateNumber("沪A05127D"),
    place="汉口路",
)
ELSEWHERE = replace(CLAIM, route="71", plate=PlateNumber("沪B61840D"), place="延安东路")
PHOTO = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(3000)
FACTS = MediaFacts(MediaKind.PHOTO, "jpeg", "image/jpeg", 1200, 900, len(PHOTO))


class Office(NamedTuple):
    """An installation with an officer."""

    runtime: Runtime
    officer: Account

    def received(
        self, *people: tuple[str, str], content: bytes = PHOTO, claim: Claim = CLAIM
    ) -> Receipt:
        """A report by ``people`` that has been verified."""
        with self.runtime.write() as work:
            report_id = open_draft(work, channel=Channel.WEB).report_id
            save_claim(work, report_id=report_id, claim=claim)
            save_reporters(
                work, report_id=report_id, reporters=[ReporterInput(*person) for person in people]
            )
        stored = store_file(
            self.runtime, report_id=report_id, file_name="a.jpg", stream=io.BytesIO(content)
        )
        with self.runtime.write() as work:
            receipt = submit(work, report_id=report_id, consent=True)
            as_read(work, report_id, stored.sha256, Readings(READER_VERSION, FACTS))
        assert verification.verify_report(self.runtime, report_id=report_id)
        return receipt

    def decided(
        self, receipt: Receipt, verdict: Verdict, reasons: Sequence[str], note: str = ""
    ) -> None:
        """The officer's answer, not told yet."""
        with self.runtime.write() as work:
            row = reports.by_id(work.connection, receipt.report_id)
            decisions.decide(
                work,
                report_id=row.id,
                officer=self.officer,
                row_version=row.row_version,
                verdict=verdict,
                reasons=reasons,
                note=note,
            )

    def decided_and_waiting(self, clock: Clock) -> Receipt:
        """Decided and not answered, because an earlier report of its case is undecided."""
        self.received(WANG)
        second = self.received(LI)
        self.decided(second, Verdict.SUBSTANTIATED, ["VIOLATION_SEEN"])
        clock.forward(hours=1)
        delivering.deliver_due(self.runtime)
        return second

    def progress(self, receipt: Receipt) -> own_report.Progress:
        """The report's page, opened."""
        with self.runtime.write() as work:
            return tracking.progress(work, receipt.report_id)
