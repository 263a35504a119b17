"""Accounts of the people who work here, and their pass words' hashes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from pipeline.store.tables import accounts
from scheme.staff import Account, Role


class NoSuchAccount(Exception):
    """No account has this id or log-in."""


class LoginTaken(Exception):
    """Another account has this log-in."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a log-in is checked against."""

    account: Account
    password_hash: str
    active: bool
    failures: int
    locked_until: datetime | None


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account and how it stands."""

    account: Account
    active: bool
    created_at: datetime
    locked_until: datetime | None


def _account(row: Row[Any]) -> Account:
    return Account(row.id, row.login, row.display_name, Role(row.role), row.demo)


def add(connection: Connection, account: Account, password_hash: str, at: datetime) -> None:
    """Add an account. Raises LoginTaken."""
    if connection.execute(select(accounts.c.id).where(accounts.c.login == account.login)).first():
        raise LoginTaken(account.login)
    connection.execute(
        insert(accounts).values(
            id=account.account_id,
            login=account.login,
            display_name=account.display_name,
            role=account.role,
            password_hash=password_hash,
            active=True,
            demo=account.demo,
            failures=0,
            created_at=at,
        )
    )


def by_id(connection: Connection, account_id: str) -> Account:
    """One account, active or not. Raises NoSuchAccount."""
    row = connection.execute(select(accounts).where(accounts.c.id == account_id)).one_or_none()
    if row is None:
        raise NoSuchAccount(account_id)
    return _account(row)


def credentials(connection: Connection, login: str) -> Credentials:
    """What a log-in is checked against. Raises NoSuchAccount."""
    row = connection.execute(select(accounts).where(accounts.c.login == login)).one_or_none()
    if row is None:
        raise NoSuchAccount(login)
    return Credentials(_account(row), row.password_hash, row.active, row.failures, row.locked_until)


def change(connection: Connection, account_id: str, **columns: object) -> None:
    """Change an account's columns. Raises NoSuchAccount."""
    changed = connection.execute(
        update(accounts).where(accounts.c.id == account_id).values(**columns)
    )
    if changed.rowcount != 1:
        raise NoSuchAccount(account_id)


def everybody(connection: Connection) -> tuple[Account, ...]:
    """Every active account, by log-in."""
    rows = connection.execute(
        select(accounts).where(accounts.c.active.is_(True)).order_by(accounts.c.login)
    )
    return tuple(_account(row) for row in rows)


def all_of_them(connection: Connection) -> tuple[AccountRow, ...]:
    """Every account that ever was, by log-in."""
    rows = connection.execute(select(accounts).order_by(accounts.c.login))
    return tuple(
        AccountRow(_account(row), row.active, row.created_at, row.locked_until) for row in rows
    )


def names(connection: Connection) -> Mapping[str, str]:
    """Account id -> display name, of every account that ever was: for histories."""
    return {
        row.id: row.display_name
        for row in connection.execute(select(accounts.c.id, accounts.c.display_name))
    }
