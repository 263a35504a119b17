"""Who works here, looked after by an administrator.

Listing accounts, closing them, changing roles, setting pass words anew, unlocking.

Whatever changes what an account may do ends its sessions at once and hands back the reports it
holds; nothing that it did leaves the record.
"""

from dataclasses import dataclass
from datetime import datetime

from pipeline.runtime import Work
from pipeline.staff import accounts
from pipeline.store import accounts as rows
from pipeline.store import known_clients, queue, sessions
from pipeline.store.actions import Action
from scheme.staff import Account, Role


class NotAnAdministrator(Exception):
    """Accounts are an administrator's business."""


class LastAdministrator(Exception):
    """The last administrator stays one: somebody has to be able to let the next one in."""


class AccountClosed(Exception):
    """The account was closed: nothing of it can be changed."""


@dataclass(frozen=True, slots=True)
class StaffMember:
    """An account as the list shows it. ``holds`` counts the reports that it has now."""

    account: Account
    active: bool
    opened_at: datetime
    locked_until: datetime | None
    holds: int


def everybody(work: Work, *, administrator: Account) -> tuple[StaffMember, ...]:
    """Every account that ever was, by log-in. Raises NotAnAdministrator."""
    _require_administrator(administrator)
    return tuple(
        StaffMember(
            account=row.account,
            active=row.active,
            opened_at=row.created_at,
            locked_until=row.locked_until
            if row.locked_until and row.locked_until > work.now
            else None,
            holds=len(queue.held_by(work.connection, row.account.account_id, work.now)),
        )
        for row in rows.all_of_them(work.connection)
    )


def close(work: Work, login: str, *, administrator: Account) -> tuple[str, ...]:
    """Let nobody log in with it any more, at once; returns the numbers of the reports that it held.

    Raises NotAnAdministrator, NoSuchAccount, AccountClosed, LastAdministrator.
    """
    account = _open(work, login, administrator)
    _require_another_administrator(work, account)
    accounts.close_account(work, account.login, actor=administrator.account_id)
    return _hand_back(work, account, administrator)


def change_role(work: Work, login: str, role: Role, *, administrator: Account) -> tuple[str, ...]:
    """Give an account another role; it has to log in again.

    Returns the numbers of the reports that it held.

    Raises as ``close`` does.
    """
    account = _open(work, login, administrator)
    if role is not Role.ADMIN:
        _require_another_administrator(work, account)
    rows.change(work.connection, account.account_id, role=role)
    sessions.end_all_of(work.connection, account.account_id)
    work.record(
        administrator.account_id,
        Action.ROLE_CHANGED,
        f"account/{account.account_id}",
        was=account.role,
        role=role,
    )
    return _hand_back(work, account, administrator)


def reset_password(work: Work, login: str, password: str, *, administrator: Account) -> None:
    """Set another pass word, unlock, end the sessions.

    Raises NotAnAdministrator, NoSuchAccount, AccountClosed, PasswordTooShort.
    """
    account = _open(work, login, administrator)
    accounts.change_password(work, account.login, password, actor=administrator.account_id)


def unlock(work: Work, login: str, *, administrator: Account) -> None:
    """Forget the wrong tries: whoever knows the pass word can log in now.

    Raises as ``reset_password`` does.
    """
    account = _open(work, login, administrator)
    rows.change(work.connection, account.account_id, failures=0, locked_until=None)
    known_clients.forgive(work.connection, account.account_id)
    work.record(administrator.account_id, Action.ACCOUNT_UNLOCKED, f"account/{account.account_id}")


def _require_administrator(account: Account) -> None:
    if account.role is not Role.ADMIN:
        raise NotAnAdministrator


def _open(work: Work, login: str, administrator: Account) -> Account:
    _require_administrator(administrator)
    known = rows.credentials(work.connection, accounts.canonical_login(login))
    if not known.active:
        raise AccountClosed
    return known.account


def _require_another_administrator(work: Work, account: Account) -> None:
    """Somebody else who can really log in.

    A demo account opens nothing on an installation that is no demo.
    """
    others = [
        other
        for other in rows.everybody(work.connection)
        if other.role is Role.ADMIN and other.account_id != account.account_id
    ]
    if account.role is Role.ADMIN and not any(
        work.settings.demo_alone or not other.demo for other in others
    ):
        raise LastAdministrator


def _hand_back(work: Work, account: Account, administrator: Account) -> tuple[str, ...]:
    """Release what the account holds, each on record.

    Nobody else could take it before the hold ran out.
    """
    numbers = []
    for held in queue.held_by(work.connection, account.account_id, work.now):
        queue.release(work.connection, held.report_id, account.account_id)
        work.record(
            administrator.account_id,
            Action.HOLD_RELEASED,
            f"report/{held.report_id}",
            held_by=account.account_id,
        )
        numbers.append(held.report_number)
    return tuple(numbers)
