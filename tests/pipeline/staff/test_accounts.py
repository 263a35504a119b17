"""Log-ins, sessions, and how guessing is slowed, also at unknown names (T17, T24)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.runtime import Runtime
from pipeline.staff import accounts
from pipeline.staff.accounts import LogInRefused
from pipeline.store import accounts as rows
from pipeline.store import known_clients
from pipeline.store.accounts import LoginTaken
from scheme.patience import Wait
from scheme.staff import Account, Role
from tests.fixtures import Clock

PASSWORD = "correct horse battery"


@pytest.fixture
def officer(runtime: Runtime) -> Account:
    with runtime.write() as work:
        return accounts.create_account(work, " Li ", "李警官", Role.OPERATIONS, PASSWORD)


def _log_in(runtime: Runtime, login: str, password: str) -> str:
    return accounts.log_in(runtime, login, password)


def test_a_session_says_who_until_it_ends(runtime: Runtime, officer: Account, clock: Clock) -> None:
    token = _log_in(runtime, "ＬＩ", PASSWORD)
    with runtime.read() as work:
        assert accounts.who(work, token) == officer
        assert accounts.who(work, token + "x") is None
        assert accounts.reporter_of(work, token) is None
    with runtime.write() as work:
        accounts.log_out(work, token)
        assert accounts.who(work, token) is None
    token = _log_in(runtime, "li", PASSWORD)
    clock.forward(hours=10)
    with runtime.write() as work:
        assert accounts.who(work, token) is None
        assert accounts.drop_expired_sessions(work) == 1


def test_a_changed_role_counts_at_the_next_request(runtime: Runtime, officer: Account) -> None:
    token = _log_in(runtime, "li", PASSWORD)
    with runtime.write() as work:
        rows.change(work.connection, officer.account_id, role=Role.AUDITOR)
    with runtime.read() as work:
        account = accounts.who(work, token)
        assert account is not None
        assert account.role is Role.AUDITOR


def test_a_closed_account_and_a_new_password_end_every_session(
    runtime: Runtime, officer: Account
) -> None:
    token = _log_in(runtime, "li", PASSWORD)
    with runtime.write() as work:
        accounts.change_password(work, "li", "another long one")
        assert accounts.who(work, token) is None
    with pytest.raises(LogInRefused):
        _log_in(runtime, "li", PASSWORD)
    token = _log_in(runtime, "li", "another long one")
    with runtime.write() as work:
        accounts.close_account(work, "li")
        assert accounts.who(work, token) is None
    with pytest.raises(LogInRefused):
        _log_in(runtime, "li", "another long one")


@pytest.mark.parametrize("login", ["li", "nobody"])
def test_guessers_wait_longer_and_longer_whether_the_name_exists_or_not(
    runtime: Runtime, officer: Account, clock: Clock, login: str
) -> None:
    for _ in range(5):
        with pytest.raises(LogInRefused):
            _log_in(runtime, login, "wrong")
    for seconds in (60, 120, 240):
        with pytest.raises(Wait) as told:
            _log_in(runtime, login, PASSWORD)
        assert told.value.until == clock.at + timedelta(seconds=seconds)
        clock.at = told.value.until
        with pytest.raises(LogInRefused):
            _log_in(runtime, login, "wrong")


def test_the_right_password_after_the_wait_forgets_the_failures(
    runtime: Runtime, officer: Account, clock: Clock
) -> None:
    for _ in range(5):
        with pytest.raises(LogInRefused):
            _log_in(runtime, "li", "wrong")
    clock.forward(minutes=1)
    _log_in(runtime, "li", PASSWORD)
    with pytest.raises(LogInRefused):
        _log_in(runtime, "li", "wrong")
    _log_in(runtime, "li", PASSWORD)


@pytest.mark.parametrize("text", ["\udcb3", "\x00", "", "长" * 10_000])
def test_odd_texts_are_refused_like_wrong_ones(
    runtime: Runtime, officer: Account, text: str
) -> None:
    with pytest.raises(LogInRefused):
        _log_in(runtime, text, text)
    with pytest.raises(LogInRefused):
        _log_in(runtime, "li", text)
    with runtime.read() as work:
        assert accounts.who(work, text) is None


def test_accounts_are_unique_and_passwords_long_but_for_the_demo(
    runtime: Runtime, officer: Account
) -> None:
    with runtime.write() as work:
        with pytest.raises(LoginTaken):
            accounts.create_account(work, "LI", "另一个", Role.FINANCE, PASSWORD)
        with pytest.raises(accounts.PasswordTooShort):
            accounts.create_account(work, "wang", "王", Role.FINANCE, "short")
        with pytest.raises(accounts.LoginInvalid):
            accounts.create_account(work, " ", "王", Role.FINANCE, PASSWORD)
        accounts.create_account(work, "demo", "演示", Role.FINANCE, "demo", demo=True)
    demo = replace(runtime, settings=replace(runtime.settings, demo=True))
    accounts.log_in(demo, "demo", "demo", on_this_machine=True)
    with pytest.raises(accounts.DemoClosed):  # unless the caller says where the person sits
        accounts.log_in(demo, "demo", "demo")


# -- strangers who guess ---------------------------------------------------------------------------

DESK, ELSEWHERE = "10.0.0.7", "203.0.113.9"


def _from(runtime: Runtime, client: str, password: str = PASSWORD) -> str:
    return accounts.log_in(runtime, "li", password, client=client)


def _wrong(runtime: Runtime, client: str, times: int = 5) -> None:
    for _ in range(times):
        with pytest.raises(LogInRefused):
            _from(runtime, client, "wrong")


def test_a_stranger_who_guesses_locks_out_strangers_and_not_the_owner(
    runtime: Runtime, officer: Account, clock: Clock
) -> None:
    _from(runtime, DESK)
    _wrong(runtime, ELSEWHERE)
    with pytest.raises(Wait):
        _from(runtime, ELSEWHERE)
    with pytest.raises(Wait):
        _from(runtime, "198.51.100.4")  # another stranger: the name itself is slowed down
    with runtime.read() as work:
        assert accounts.who(work, _from(runtime, DESK)) == officer
    with pytest.raises(Wait):
        _from(runtime, ELSEWHERE)  # that the owner came in helps no guesser


def test_the_owners_own_place_is_slowed_down_by_its_own_tries_alone(
    runtime: Runtime, officer: Account, clock: Clock
) -> None:
    _from(runtime, DESK)
    _wrong(runtime, DESK)
    with pytest.raises(Wait):
        _from(runtime, DESK)
    _from(runtime, ELSEWHERE)
    clock.forward(minutes=1)
    _from(runtime, DESK)
    _wrong(runtime, DESK, 1)
    _from(runtime, DESK)


def test_a_new_pass_word_forgets_from_where_the_old_one_was_used(
    runtime: Runtime, officer: Account
) -> None:
    _from(runtime, ELSEWHERE)
    with runtime.write() as work:
        accounts.change_password(work, "li", "another long one")
    _wrong(runtime, "198.51.100.4")
    with pytest.raises(Wait):
        _from(runtime, ELSEWHERE, "another long one")


def test_an_account_remembers_a_bounded_number_of_places(
    runtime: Runtime, officer: Account, clock: Clock
) -> None:
    for number in range(known_clients.MOST_CLIENTS + 1):
        clock.forward(seconds=1)
        _from(runtime, f"10.0.1.{number}")
    with runtime.read() as work:
        places = [
            work.vault.index("client", f"10.0.1.{number}")
            for number in (0, 1, known_clients.MOST_CLIENTS)
        ]
        known = [
            known_clients.failures(work.connection, officer.account_id, place) for place in places
        ]
    assert [one is not None for one in known] == [False, True, True]


def test_who_guesses_on_the_pages_keeps_nobody_from_the_terminal(
    runtime: Runtime, officer: Account, clock: Clock
) -> None:
    _wrong(runtime, ELSEWHERE)
    _from(runtime, accounts.TERMINAL)  # never seen there before
    _wrong(runtime, accounts.TERMINAL)
    with pytest.raises(Wait):
        _from(runtime, accounts.TERMINAL)
    clock.forward(minutes=1)
    _from(runtime, accounts.TERMINAL)


def test_wrong_tries_at_the_terminal_are_counted_from_the_first(
    runtime: Runtime, officer: Account
) -> None:
    _wrong(runtime, accounts.TERMINAL)
    with pytest.raises(Wait):
        _from(runtime, accounts.TERMINAL)
    _from(runtime, DESK)
