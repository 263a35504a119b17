"""Log-ins of the people who work here, and sessions of reporters with number and code (R17)."""

import secrets
import threading
import unicodedata
from datetime import timedelta
from functools import cache
from hashlib import sha256
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error

from pipeline.runtime import Runtime, Work
from pipeline.store import accounts, known_clients, sessions, slowdown
from pipeline.store.accounts import Credentials, NoSuchAccount
from pipeline.store.actions import Action
from scheme.patience import Failures
from scheme.staff import Account, Role

STAFF_SESSION: Final = timedelta(hours=10)
REPORTER_SESSION: Final = timedelta(hours=1)
SHORTEST_PASSWORD: Final = 10
LONGEST_PASSWORD: Final = 200
LONGEST_LOGIN: Final = 60
LONGEST_DISPLAY_NAME: Final = 80
TERMINAL: Final = "terminal"
"""The place of the command line: who guesses on the pages can't keep an administrator from
unlocking.
"""
NOBODY: Final = "login"
"""Under this name ``slowdown`` counts wrong tries on names that nobody has."""

_HASHING: Final = threading.BoundedSemaphore(4)
"""Each hash takes 19 MiB and a core: however many guess, only so many are computed at a time."""


class LogInRefused(Exception):
    """Log-in or pass word is wrong; which of them is not said."""


class DemoClosed(Exception):
    """A demo account, whose pass word everybody knows, opens nothing outside a demo."""


class LoginInvalid(Exception):
    """A log-in or display name that is empty or too long."""


class PasswordTooShort(Exception):
    """A pass word of fewer than ``shortest`` signs."""

    def __init__(self, shortest: int = SHORTEST_PASSWORD) -> None:
        super().__init__(str(shortest))
        self.shortest = shortest


def create_account(  # noqa: PLR0913 - what an account consists of
    work: Work,
    login: str,
    display_name: str,
    role: Role,
    password: str,
    *,
    demo: bool = False,
    actor: str = "system",
) -> Account:
    """Open an account.

    Raises LoginTaken, LoginInvalid, PasswordTooShort (demo accounts may have any pass word).
    """
    login, display_name = canonical_login(login), display_name.strip()
    if (
        not login
        or len(login) > LONGEST_LOGIN
        or not display_name
        or len(display_name) > LONGEST_DISPLAY_NAME
    ):
        raise LoginInvalid
    account = Account(secrets.token_hex(16), login, display_name, Role(role), demo)
    accounts.add(work.connection, account, _hashed(password, demo=demo), work.now)
    work.record(
        actor,
        Action.ACCOUNT_OPENED,
        f"account/{account.account_id}",
        login=login,
        role=account.role,
        demo=demo,
    )
    return account


def change_password(work: Work, login: str, password: str, *, actor: str = "system") -> None:
    """Set another pass word and close the sessions. Raises NoSuchAccount, PasswordTooShort."""
    account = accounts.credentials(work.connection, canonical_login(login)).account
    accounts.change(
        work.connection,
        account.account_id,
        password_hash=_hashed(password, demo=account.demo),
        failures=0,
        locked_until=None,
    )
    known_clients.forget(work.connection, account.account_id)
    sessions.end_all_of(work.connection, account.account_id)
    work.record(actor, Action.PASSWORD_CHANGED, f"account/{account.account_id}")


def close_account(work: Work, login: str, *, actor: str = "system") -> None:
    """Let nobody log in with it any more, at once; its name stays in the histories.

    Raises NoSuchAccount.
    """
    account = accounts.credentials(work.connection, canonical_login(login)).account
    accounts.change(work.connection, account.account_id, active=False)
    sessions.end_all_of(work.connection, account.account_id)
    work.record(actor, Action.ACCOUNT_CLOSED, f"account/{account.account_id}")


def close_demo_accounts(work: Work, *, actor: str = "system") -> tuple[Account, ...]:
    """Close every demo account that is left; returns them."""
    left = demo_accounts(work)
    for account in left:
        close_account(work, account.login, actor=actor)
    return left


def demo_accounts(work: Work) -> tuple[Account, ...]:
    """Demo accounts that are not closed: on a real installation there should be none."""
    return tuple(account for account in accounts.everybody(work.connection) if account.demo)


def log_in(
    runtime: Runtime, login: str, password: str, *, on_this_machine: bool = False, client: str = ""
) -> str:
    """Open a session; the token is returned once and only its hash is kept.

    Raises LogInRefused, DemoClosed, Wait.

    The pass word is hashed between two transactions: hashing is meant to take long, and whoever
    holds the write lock makes everybody wait. A name that nobody has takes as long, and is counted
    as carefully. ``on_this_machine``: whether the person sits at it, as far as the caller can see;
    demo accounts ask for that. ``client``: from where, as limits count it. Wrong tries from where
    the account has logged in before are counted apart: strangers who guess do not lock out its
    owner.
    """
    login = canonical_login(login)
    with runtime.read() as work:
        place = _place(work, client)
        known = _known(work, login)
        _failures(work, login, known, place).require_patience(work.now)
    with _HASHING:
        right = _matches(known.password_hash if known else _nobodys_hash(), password)
    with runtime.write() as work:
        proven = known.password_hash if known and right else None
        token = _let_in(work, login, proven, place, on_this_machine=on_this_machine)
    if token is None:
        raise LogInRefused
    return token


def _let_in(
    work: Work, login: str, proven: str | None, place: str, *, on_this_machine: bool
) -> str | None:
    """A session for whom the pass word of the hash ``proven`` lets in.

    Else None, and one more failure is noted.
    """
    known = _known(
        work, login
    )  # as it stands now: it may have been closed, changed or tried meanwhile
    failures = _failures(work, login, known, place)
    failures.require_patience(work.now)
    if known is None or not known.active or known.password_hash != proven:
        _note_failure(work, login, known, place, failures.and_one_more(work.now))
        return None
    if known.account.demo and not (work.settings.demo_alone and on_this_machine):
        raise DemoClosed
    account_id = known.account.account_id
    if _failures_from(work, known.account, place) is None:
        accounts.change(work.connection, account_id, failures=0, locked_until=None)
    if place:
        known_clients.remember(work.connection, account_id, place, work.now)
    token = secrets.token_urlsafe(32)
    sessions.add(
        work.connection,
        _hash(token),
        at=work.now,
        expires_at=work.now + STAFF_SESSION,
        account_id=account_id,
    )
    work.record(account_id, Action.LOGGED_IN, f"account/{account_id}")
    return token


def _known(work: Work, login: str) -> Credentials | None:
    try:
        return accounts.credentials(work.connection, login)
    except NoSuchAccount:
        return None


def _failures(work: Work, login: str, known: Credentials | None, place: str) -> Failures:
    """The wrong tries that count here.

    Those from this place where the account knows it, else all strangers'.
    """
    if known is None:
        return slowdown.of_nobody(work.connection, NOBODY, _nobodys_name(work, login))
    from_here = _failures_from(work, known.account, place)
    return Failures(known.failures, known.locked_until) if from_here is None else from_here


def _failures_from(work: Work, account: Account, place: str) -> Failures | None:
    """Wrong tries from a place that the account knows; None for a stranger's.

    Everybody knows the terminal.
    """
    if not place:
        return None
    found = known_clients.failures(work.connection, account.account_id, place)
    return Failures() if found is None and place == _place(work, TERMINAL) else found


def _note_failure(
    work: Work, login: str, known: Credentials | None, place: str, more: Failures
) -> None:
    if known is None:
        slowdown.note_nobody(work.connection, NOBODY, _nobodys_name(work, login), more)
    elif _failures_from(work, known.account, place) is not None:
        known_clients.note(work.connection, known.account.account_id, place, more, at=work.now)
    else:
        accounts.change(
            work.connection, known.account.account_id, failures=more.count, locked_until=more.until
        )


def _place(work: Work, client: str) -> str:
    """The blind index of a place; empty where it is not known."""
    return work.vault.index("client", client) if client else ""


def _nobodys_name(work: Work, login: str) -> str:
    return work.vault.index("nobody", login)


def who(work: Work, token: str, *, on_this_machine: bool = False) -> Account | None:
    """Whose session it is, with the role the account has at this moment; None for none.

    A demo account's session ends with the demo: it is nobody's where ``log_in`` would refuse it.
    """
    account = sessions.account_of(work.connection, _hash(token), work.now)
    if account is not None and account.demo and not (work.settings.demo_alone and on_this_machine):
        return None
    return account


def log_out(work: Work, token: str) -> None:
    """End a session of either kind."""
    account = sessions.account_of(work.connection, _hash(token), work.now)
    if account is not None:
        work.record(account.account_id, Action.LOGGED_OUT, f"account/{account.account_id}")
    sessions.end(work.connection, _hash(token))


def reporter_session(work: Work, report_id: str, *, code: str = "") -> str:
    """Open a session for the reporter of one report: who typed number and code, or submitted.

    ``code``: the secret code of a fresh receipt, which the session shows until it is saved.
    """
    token = secrets.token_urlsafe(32)
    sessions.add(
        work.connection,
        _hash(token),
        at=work.now,
        expires_at=work.now + REPORTER_SESSION,
        report_id=report_id,
        code_sealed=work.vault.seal_for_session(code, token) if code else None,
    )
    return token


def unsaved_code(work: Work, token: str) -> str | None:
    """The secret code that this session still shows; None once it was saved."""
    sealed = sessions.code_of(work.connection, _hash(token), work.now)
    return None if sealed is None else work.vault.open_for_session(sealed, token)


def code_saved(work: Work, token: str) -> None:
    """Show the code of this session to nobody any more."""
    sessions.forget_code(work.connection, _hash(token))


def reporter_of(work: Work, token: str) -> str | None:
    """Which report the reporter's session is for; None for none."""
    return sessions.report_of(work.connection, _hash(token), work.now)


def drop_expired_sessions(work: Work) -> int:
    """Forget sessions that ran out; how many."""
    return sessions.drop_expired(work.connection, work.now)


def canonical_login(login: str) -> str:
    """One form of a log-in, however it is typed: width, case and unseen signs do not count."""
    folded = unicodedata.normalize("NFKC", login[: 4 * LONGEST_LOGIN]).casefold()
    return "".join(sign for sign in folded if unicodedata.category(sign)[0] != "C").strip()


@cache
def _hasher() -> PasswordHasher:
    # OWASP's argon2id floor: 19 MiB, two passes.
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@cache
def _nobodys_hash() -> str:
    return _hasher().hash(secrets.token_hex(16))


def _hashed(password: str, *, demo: bool) -> str:
    if len(password) > LONGEST_PASSWORD or (len(password) < SHORTEST_PASSWORD and not demo):
        raise PasswordTooShort
    return _hasher().hash(_as_typed(password))


def _as_typed(password: str) -> bytes:
    """The same pass word on every keyboard; a lone surrogate is no reason to fail."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "replace")


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _hasher().verify(password_hash, _as_typed(password[:LONGEST_PASSWORD]))
    except Argon2Error:
        return False


def _hash(token: str) -> str:
    """Tokens are 256 random bits: a plain hash keeps them safe in the database."""
    return sha256(token.encode("utf-8", "replace")).hexdigest()
