"""Accounts come and go (T24).

What an account may no longer do ends at once, what it held is handed back, on record.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest

from pipeline.deciding import holding
from pipeline.runtime import Work
from pipeline.staff import accounts, members
from pipeline.staff.accounts import LogInRefused
from pipeline.store import accounts as rows
from pipeline.store import events
from scheme.patience import Wait
from scheme.staff import Account, Role
from tests.pipeline.desk import Desk
from tests.staffed import PASSWORD


@pytest.fixture
def admin(desk: Desk) -> Account:
    with desk.runtime.read() as work:
        return next(
            account for account in rows.everybody(work.connection) if account.role is Role.ADMIN
        )


def log_in(desk: Desk, login: str, password: str = PASSWORD) -> str:
    return accounts.log_in(desk.runtime, login, password)


def who(desk: Desk, token: str) -> Account | None:
    with desk.runtime.read() as work:
        return accounts.who(work, token)


def held(desk: Desk, officer: Account) -> str:
    report_id = desk.report()
    with desk.runtime.write() as work:
        holding.hold(work, report_id=report_id, officer=officer)
    return report_id


def done_to(desk: Desk, account: Account) -> list[tuple[str, str]]:
    with desk.runtime.read() as work:
        return [
            (event.action, event.actor)
            for event in events.about(work.connection, f"account/{account.account_id}")
        ]


def test_a_closed_account_is_out_at_once_and_hands_back_what_it_holds(
    desk: Desk, admin: Account
) -> None:
    token, report_id = log_in(desk, "officer"), held(desk, desk.officer)
    with desk.runtime.write() as work:
        handed_back = members.close(work, "Officer", administrator=admin)
    assert who(desk, token) is None
    with pytest.raises(LogInRefused):
        log_in(desk, "officer")
    (report,) = desk.case(report_id).reports
    assert report.hold is None
    assert handed_back == (report.report_number,)
    with desk.runtime.write() as work:
        holding.hold(
            work, report_id=report_id, officer=desk.other_officer
        )  # nobody has to wait for the hold to run out
        assert "hold_released" in [
            event.action for event in events.about(work.connection, f"report/{report_id}")
        ]
    assert ("account_closed", admin.account_id) in done_to(desk, desk.officer)
    with pytest.raises(members.AccountClosed), desk.runtime.write() as work:
        members.unlock(work, "officer", administrator=admin)


def test_another_role_ends_the_sessions_of_the_old_one(desk: Desk, admin: Account) -> None:
    token = log_in(desk, "officer")
    report_id = held(desk, desk.officer)
    with desk.runtime.write() as work:
        assert len(members.change_role(work, "officer", Role.AUDITOR, administrator=admin)) == 1
    assert who(desk, token) is None
    now = who(desk, log_in(desk, "officer"))
    assert now is not None
    assert now.role is Role.AUDITOR
    assert desk.case(report_id).reports[0].hold is None
    assert ("role_changed", admin.account_id) in done_to(desk, desk.officer)


def test_the_last_administrator_stays_one(desk: Desk, admin: Account) -> None:
    with pytest.raises(members.LastAdministrator), desk.runtime.write() as work:
        members.close(work, "admin", administrator=admin)
    with pytest.raises(members.LastAdministrator), desk.runtime.write() as work:
        members.change_role(work, "admin", Role.FINANCE, administrator=admin)
    real = replace(desk.runtime, settings=replace(desk.runtime.settings, demo=False))
    with real.write() as work:
        accounts.create_account(work, "demo-admin", "演示", Role.ADMIN, "demo", demo=True)
        with pytest.raises(members.LastAdministrator):  # a demo account opens nothing here
            members.close(work, "admin", administrator=admin)
        second = accounts.create_account(work, "second-admin", "二号", Role.ADMIN, PASSWORD)
        members.close(work, "admin", administrator=second)
    with pytest.raises(members.LastAdministrator), real.write() as work:
        members.close(
            work, "second-admin", administrator=second
        )  # a closed one is nobody to fall back on


Act = Callable[[Work, Account], object]


@pytest.mark.parametrize(
    "act",
    [
        lambda work, who: members.everybody(work, administrator=who),
        lambda work, who: members.close(work, "clerk", administrator=who),
        lambda work, who: members.change_role(work, "clerk", Role.ADMIN, administrator=who),
        lambda work, who: members.reset_password(
            work, "clerk", "another long one", administrator=who
        ),
        lambda work, who: members.unlock(work, "clerk", administrator=who),
    ],
)
def test_nobody_else_touches_accounts(desk: Desk, act: Act) -> None:
    for somebody in (desk.officer, desk.clerk, desk.finance):
        with pytest.raises(members.NotAnAdministrator), desk.runtime.write() as work:
            act(work, somebody)


def test_who_was_locked_out_is_let_in_again(desk: Desk, admin: Account) -> None:
    for _ in range(5):
        with pytest.raises(LogInRefused):
            log_in(desk, "clerk", "wrong")
    with pytest.raises(Wait):
        log_in(desk, "clerk")
    with desk.runtime.read() as work:
        states = {
            member.account.login: member.locked_until
            for member in members.everybody(work, administrator=admin)
        }
    assert [login for login, until in states.items() if until is not None] == ["clerk"]
    with desk.runtime.write() as work:
        members.unlock(work, "clerk", administrator=admin)
    assert who(desk, log_in(desk, "clerk")) == desk.clerk
    assert ("account_unlocked", admin.account_id) in done_to(desk, desk.clerk)


def test_a_new_pass_word_ends_the_sessions_of_the_old_one(desk: Desk, admin: Account) -> None:
    token = log_in(desk, "clerk")
    with desk.runtime.write() as work:
        members.reset_password(work, "clerk", "quite another one", administrator=admin)
    assert who(desk, token) is None
    with pytest.raises(LogInRefused):
        log_in(desk, "clerk")
    assert who(desk, log_in(desk, "clerk", "quite another one")) == desk.clerk
    assert ("password_changed", admin.account_id) in done_to(desk, desk.clerk)


def test_the_list_shows_closed_accounts_too_and_what_each_holds(desk: Desk, admin: Account) -> None:
    held(desk, desk.other_officer)
    with desk.runtime.write() as work:
        members.close(work, "officer", administrator=admin)
        listed = {
            member.account.login: member for member in members.everybody(work, administrator=admin)
        }
    assert listed["officer"].active is False
    assert listed["other"].holds == 1
    assert listed["clerk"].holds == 0
