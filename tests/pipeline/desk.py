"""A desk with real parts: runtime, store, intake.

Only what a worker commits after reading is done by hand here.
"""

import io
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from PIL import Image

from pipeline.answering import delivering
from pipeline.deciding import case_views, decisions, looking
from pipeline.doors import counter
from pipeline.paying import collecting, presenting
from pipeline.paying.collecting import NOTHING_TYPED, Collected
from pipeline.receiving.claims import save_claim
from pipeline.receiving.drafts import ReporterInput, open_draft
from pipeline.receiving.incoming import store_file
from pipeline.receiving.reporters import save_reporters
from pipeline.receiving.submitting import submit
from pipeline.runtime import Runtime, Work
from pipeline.store import books, cases, ledger, reports, transfers
from pipeline.store.ledger import ShareRow
from rewards import reconcile
from rewards.ledger import balances
from scheme.case import ReportState, ShareState
from scheme.decision import Verdict
from scheme.reading import PlateNumber
from scheme.report import Channel, Claim
from scheme.staff import Account

MORNING = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
"""10:00 in Shanghai, an ordinary Tuesday."""

VIOLATED_AT = datetime(2026, 3, 10, 0, 0, tzinfo=UTC)
ID_NUMBER = "11010519491231002X"
CARD = "0012345678"


def id_number_of(number: int) -> str:
    """A valid resident ID for each number, made up: year 1970, serial ``number``."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    body = f"31010119700101{number:03d}"
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


def collected_against(  # noqa: PLR0913 - what somebody brings to the counter
    work: Work,
    *,
    share_id: str,
    clerk: Account,
    id_number: str,
    document_kind: str = "",
    name_on_document: str = "",
    account: Mapping[str, str] = NOTHING_TYPED,
    in_hand: bool = False,
) -> Collected:
    """A reward collected in both steps: shown, then said to agree."""
    side = presenting.present(
        work,
        share_id=share_id,
        clerk=clerk,
        id_number=id_number,
        document_kind=document_kind,
        name_on_document=name_on_document,
    )
    return collecting.collect(
        work,
        share_id=share_id,
        showing_id=side.showing_id,
        clerk=clerk,
        agreed=True,
        account=account,
        in_hand=in_hand,
    )


def account_corrected(
    work: Work, *, share_id: str, clerk: Account, id_number: str, account: Mapping[str, str]
) -> None:
    """Another account for a collected reward, in both steps."""
    side = presenting.present_account(work, share_id=share_id, clerk=clerk, id_number=id_number)
    collecting.correct_account(
        work,
        share_id=share_id,
        showing_id=side.showing_id,
        clerk=clerk,
        agreed=True,
        account=account,
    )


def paid_on_the_spot(  # noqa: PLR0913 - what is decided, and against what it is paid
    work: Work,
    *,
    report_id: str,
    clerk: Account,
    id_number: str,
    document_kind: str = "",
    name_on_document: str = "",
    row_version: int | None = None,
) -> Collected:
    """A walk-in's report paid in both steps."""
    side = counter.present_on_the_spot(
        work,
        report_id=report_id,
        clerk=clerk,
        id_number=id_number,
        document_kind=document_kind,
        name_on_document=name_on_document,
    )
    return counter.pay_on_the_spot(
        work,
        report_id=report_id,
        clerk=clerk,
        showing_id=side.showing_id,
        agreed=True,
        row_version=row_version,
    )


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    at: datetime = MORNING

    def __call__(self) -> datetime:
        """Return the instant it shows."""
        return self.at

    def move(self, **by: float) -> None:
        """Move it on."""
        self.at += timedelta(**by)


@dataclass
class Desk:
    """Everybody and everything that a report meets after it was read."""

    runtime: Runtime
    clock: Clock
    officer: Account
    other_officer: Account
    clerk: Account
    finance: Account
    second_finance: Account
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def submit(  # noqa: PLR0913 - what a report consists of, each with an ordinary value
        self,
        *,
        people: int = 1,
        violated_at: datetime = VIOLATED_AT,
        plate: str = "沪A12345",
        channel: Channel = Channel.WEB,
        names: Sequence[str] = (),
        email: str = "",
    ) -> str:
        """A report through the real intake: received, not read yet."""
        number = next(self.numbers)
        picture = io.BytesIO()
        Image.new("RGB", (8, 8), (number % 256, number // 256, 7)).save(picture, "JPEG")
        claim = Claim(
            "wrong_way",
            violated_at=violated_at,
            route="49",
            plate=PlateNumber(plate),
            place="建国东路525号",
        )
        reporters = [
            ReporterInput(
                names[person] if person < len(names) else f"投诉人{number}之{person}",
                f"138{number:04d}{person:04d}",
                email,
            )
            for person in range(people)
        ]
        with self.runtime.write() as work:
            report_id = open_draft(work, channel=channel).report_id
            save_claim(work, report_id=report_id, claim=claim)
            save_reporters(work, report_id=report_id, reporters=reporters)
        picture.seek(0)
        store_file(self.runtime, report_id=report_id, file_name="bus.jpg", stream=picture)
        with self.runtime.write() as work:
            submit(work, report_id=report_id, consent=True)
        return report_id

    def verify(self, report_id: str, case_id: str | None = None) -> str:
        """What verification commits: a case (a new one unless given) and the state.

        Returns the case.
        """
        with self.runtime.write() as work:
            if case_id is None:
                case_id = cases.open_case(work.connection, category="wrong_way", at=work.now)
            cases.link(work.connection, report_id, case_id)
            reports.move(work.connection, report_id, ReportState.VERIFIED, verified_at=work.now)
        return case_id

    # Passed on to ``submit``
    def report(self, *, case_id: str | None = None, **said: Any) -> str:  # noqa: ANN401
        """A verified report."""
        report_id = self.submit(**said)
        self.verify(report_id, case_id)
        return report_id

    def decide(
        self,
        report_id: str,
        verdict: Verdict = Verdict.SUBSTANTIATED,
        officer: Account | None = None,
    ) -> str:
        """A decision with the first reason that fits."""
        reason = {
            "substantiated": "VIOLATION_SEEN",
            "unsubstantiated": "NO_VIOLATION",
            "assisted": "OTHER_AUTHORITY",
        }
        with self.runtime.write() as work:
            return decisions.decide(
                work,
                report_id=report_id,
                officer=officer or self.officer,
                row_version=reports.by_id(work.connection, report_id).row_version,
                verdict=verdict,
                reasons=[reason[verdict]],
            )

    def tell(self) -> int:
        """Let the time for undoing pass and the notices leave."""
        self.clock.move(seconds=31)
        return delivering.deliver_due(self.runtime)

    def in_the_sink(self, kind: str) -> list[dict[str, str]]:
        """The messages of a kind that have left, as the sink has them."""
        folder = self.runtime.settings.home / "outbox"
        paths = sorted(folder.glob("*.json"))
        messages = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
        return [message for message in messages if message["kind"] == kind]

    def state(self, report_id: str) -> ReportState:
        """The state of a report."""
        with self.runtime.read() as work:
            return reports.by_id(work.connection, report_id).state

    def case(self, report_id: str) -> case_views.CaseView:
        """The case page of a report."""
        with self.runtime.read() as work:
            return looking.case_view(work, case_id=looking.case_of(work, report_id))

    def shares(self, report_id: str) -> tuple[ShareRow, ...]:
        """The shares of the report's latest reward."""
        with self.runtime.read() as work:
            rewards = ledger.rewards_of_report(work.connection, report_id)
            return ledger.shares_of(work.connection, rewards[-1].id) if rewards else ()

    def collected(
        self, report_id: str, *, id_number: str = ID_NUMBER, card: str = CARD
    ) -> Collected:
        """The reward of a told report, collected for a top-up."""
        with self.runtime.write() as work:
            return collected_against(
                work,
                share_id=self.shares(report_id)[0].id,
                clerk=self.clerk,
                id_number=id_number,
                account={"card_number": card},
            )

    def id_number_of(self, serial: int) -> str:
        """The document of the person whose reward ``to_be_paid`` collected under that serial."""
        return id_number_of(serial)

    def to_be_paid(self, *, people: int = 1, names: Sequence[str] = (), serial: int = 1) -> str:
        """A report whose reward is collected and waits for a batch; each on a bus of its own."""
        report_id = self.report(people=people, plate=f"沪B{next(self.numbers):05d}", names=names)
        self.decide(report_id)
        self.tell()
        self.collected(report_id, id_number=id_number_of(serial), card=f"{serial:010d}")
        return report_id

    def ledger_holds(self) -> None:
        """Every account sums to zero, and what each share is owed fits its state."""
        with self.runtime.read() as work:
            held = balances(transfers.all_transfers(work.connection))
            assert dict(transfers.account_balances(work.connection)) == dict(held)
            for share in ledger.shares_in(work.connection, list(ShareState)):
                owed = share.amount_fen if share.state in OWED else 0
                assert -held.get(f"payable/{share.id}", 0) == owed, share

    def books_hold(self) -> None:
        """Ledger, shares and audit log say the same."""
        self.ledger_holds()
        with self.runtime.read() as work:
            assert (
                reconcile.faults(books.books(work.connection), books.record(work.connection)) == ()
            )


OWED = ("awarded", "notified", "collected", "reinstated")
