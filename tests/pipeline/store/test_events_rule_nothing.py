"""The audit log tells what happened: whatever a stage must know stands in a column."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from pipeline import store
from pipeline.answering import arriving, tracking, withdrawing
from pipeline.deciding import claw_backs, decisions, looking, questions, waiting
from pipeline.paying import batch_views, funds, waiting_rewards
from pipeline.store import decisions as stored_decisions
from pipeline.store import reports
from pipeline.store.actions import Action
from scheme.decision import Verdict
from scheme.report import Channel
from scheme.substantiation import NotReopened
from tests.pipeline.desk import ID_NUMBER, Desk, collected_against, id_number_of, paid_on_the_spot

STORE = Path(store.__file__).parent
SPEAKS_OF_THE_TABLE = {"events.py", "books.py"}
"""The log itself, and the reconciliation of the ledger with it (the audit)."""

UNGUARDED = {
    "sqlite": "DROP TRIGGER events_no_delete",
    "postgresql": "ALTER TABLE events DISABLE TRIGGER USER",
}


def test_only_the_log_and_its_audit_read_the_table() -> None:
    readers = set()
    for path in STORE.glob("**/*.py"):
        if "migrations" in path.parts or path.name == "tables.py":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        from_tables = [node for node in imports if node.module == "pipeline.store.tables"]
        if any(name.name == "events" for node in from_tables for name in node.names):
            readers.add(path.name)
    assert readers == SPEAKS_OF_THE_TABLE


def test_every_action_says_what_happened() -> None:
    meanings = [action.meaning for action in Action]
    assert all(meanings)
    assert len(set(meanings)) == len(meanings)


class Busy:
    """A desk at which every kind of thing that was once read out of the log has happened."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        with desk.runtime.write() as work:
            funds.stock_cards(work, desk.finance, 50000, knowing=True)
        self.walk_in = desk.report(channel=Channel.COUNTER, plate="沪D00001")
        with desk.runtime.write() as work:
            reports.registered(work.connection, self.walk_in, desk.clerk.account_id)
            paid_on_the_spot(
                work, report_id=self.walk_in, clerk=desk.clerk, id_number=id_number_of(1)
            )
        self.called = self.told("沪D00002")
        with desk.runtime.write() as work:
            arriving.record_call(work, desk.shares(self.called)[0].id, desk.officer, "told them")
        self.doubted = self.told("沪D00003")
        self.pay_in_hand(self.doubted)
        self.reopen(self.doubted)
        desk.decide(self.doubted, Verdict.UNSUBSTANTIATED)
        self.reopened = self.told("沪D00004")
        self.reopen(self.reopened)
        self.withdrawn = desk.report(plate="沪D00005")
        with desk.runtime.write() as work:
            withdrawing.withdraw(work, self.withdrawn)
        self.asked = desk.report(plate="沪D00006")
        with desk.runtime.write() as work:
            version = reports.by_id(work.connection, self.asked).row_version
            questions.ask_for_more(
                work, report_id=self.asked, officer=desk.officer, row_version=version, text="more"
            )

    def told(self, plate: str) -> str:
        report_id = self.desk.report(plate=plate)
        self.desk.decide(report_id)
        self.desk.tell()
        return report_id

    def pay_in_hand(self, report_id: str) -> None:
        with self.desk.runtime.write() as work:
            collected_against(
                work,
                share_id=self.desk.shares(report_id)[0].id,
                clerk=self.desk.clerk,
                id_number=ID_NUMBER,
                in_hand=True,
            )

    def reopen(self, report_id: str) -> None:
        with self.desk.runtime.write() as work:
            decisions.reopen(
                work, report_id=report_id, officer=self.desk.officer, reason="replayed"
            )

    def views(self) -> list[object]:
        """What each stage shows, histories apart."""
        with self.desk.runtime.read() as work:
            shown: list[object] = [
                waiting.overview(work),
                waiting.queue(work),
                claw_backs.claw_backs_due(work),
                funds.balances(work),
                batch_views.batches(work),
                waiting_rewards.shares_to_collect(work, clerk=self.desk.clerk),
            ]
            for report_id in vars(self).values():
                if isinstance(report_id, str):
                    case_id = looking.case_of(work, report_id)
                    case = looking.case_view(work, case_id=case_id)
                    shown += [
                        replace(case, history=()),
                        stored_decisions.who_took_part(work.connection, case_id),
                        tracking.progress(work, report_id, looks_only=True),
                    ]
        return shown

    def burn_the_log(self) -> None:
        with self.desk.runtime.write() as work:
            work.connection.execute(text(UNGUARDED[work.connection.dialect.name]))
            work.connection.execute(text("DELETE FROM events"))


@pytest.fixture
def busy(desk: Desk) -> Busy:
    return Busy(desk)


def test_without_its_log_every_stage_shows_and_does_the_same(busy: Busy) -> None:
    desk = busy.desk
    before = busy.views()
    busy.burn_the_log()
    assert busy.views() == before
    (reopened,) = desk.case(busy.reopened).reports
    assert reopened.reopened
    desk.decide(busy.reopened, Verdict.UNSUBSTANTIATED)
    with pytest.raises(NotReopened):
        desk.decide(busy.called)
    with desk.runtime.read() as work:
        assert [reward.report_id for reward in claw_backs.claw_backs_due(work)] == [busy.doubted]
        today = desk.clock.at.replace(hour=0)
        paid = reports.paid_on_the_spot_since(work.connection, desk.clerk.account_id, today)
        assert paid == 1
        took_part = stored_decisions.who_took_part(work.connection, desk.case(busy.walk_in).case_id)
        assert desk.clerk.account_id in took_part
        steps = tracking.progress(work, busy.withdrawn, looks_only=True).timeline
        assert [step.code for step in steps][-1] == "withdrawn"
        steps = tracking.progress(work, busy.asked, looks_only=True).timeline
        assert [step.code for step in steps][-1] == "asked"
    desk.clock.move(days=4)
    with desk.runtime.write() as work:
        assert arriving.deem_received(work) == 1
    (share,) = desk.shares(busy.called)
    assert share.notice_received_at is not None
