"""Sessions of people who logged in and of reporters who typed number and code.

Only hashes of tokens are kept.
"""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from pipeline.store.tables import accounts, sessions
from scheme.staff import Account, Role


def add(  # noqa: PLR0913 - what a session consists of
    connection: Connection,
    token_hash: str,
    *,
    at: datetime,
    expires_at: datetime,
    account_id: str | None = None,
    report_id: str | None = None,
    code_sealed: bytes | None = None,
) -> None:
    """Open a session of an account, or of the reporter of one report."""
    connection.execute(
        insert(sessions).values(
            token_hash=token_hash,
            account_id=account_id,
            report_id=report_id,
            code_sealed=code_sealed,
            created_at=at,
            expires_at=expires_at,
        )
    )


def account_of(connection: Connection, token_hash: str, now: datetime) -> Account | None:
    """Whose session it is, as the account stands at this moment.

    None for none, an old one, a closed account.
    """
    row = connection.execute(
        select(accounts)
        .join(sessions, sessions.c.account_id == accounts.c.id)
        .where(
            sessions.c.token_hash == token_hash,
            sessions.c.expires_at > now,
            accounts.c.active.is_(True),
        )
    ).one_or_none()
    return (
        None
        if row is None
        else Account(row.id, row.login, row.display_name, Role(row.role), row.demo)
    )


def report_of(connection: Connection, token_hash: str, now: datetime) -> str | None:
    """Which report the reporter's session is for; None for none or an old one."""
    return connection.execute(
        select(sessions.c.report_id).where(
            sessions.c.token_hash == token_hash, sessions.c.expires_at > now
        )
    ).scalar_one_or_none()


def code_of(connection: Connection, token_hash: str, now: datetime) -> bytes | None:
    """The sealed code that the session still shows; None for none, an old one, a saved one."""
    return connection.execute(
        select(sessions.c.code_sealed).where(
            sessions.c.token_hash == token_hash, sessions.c.expires_at > now
        )
    ).scalar_one_or_none()


def forget_code(connection: Connection, token_hash: str) -> None:
    """The reporter has saved the code: the session shows it no more."""
    connection.execute(
        update(sessions).where(sessions.c.token_hash == token_hash).values(code_sealed=None)
    )


def end(connection: Connection, token_hash: str) -> None:
    """Close one session; one that is gone already stays gone."""
    connection.execute(delete(sessions).where(sessions.c.token_hash == token_hash))


def end_all_of(connection: Connection, account_id: str) -> None:
    """Close every session of an account: its pass word or role changed."""
    connection.execute(delete(sessions).where(sessions.c.account_id == account_id))


def end_all_of_report(connection: Connection, report_id: str) -> None:
    """Close every session of a report's reporters: its secret code changed."""
    connection.execute(delete(sessions).where(sessions.c.report_id == report_id))


def drop_expired(connection: Connection, now: datetime) -> int:
    """Forget sessions that ran out; how many."""
    return connection.execute(delete(sessions).where(sessions.c.expires_at <= now)).rowcount
