"""Who asks: a header is believed of nobody but a named proxy.

Demo accounts and messages need this very machine.
"""

import re
from dataclasses import replace
from ipaddress import ip_network

import pytest
import structlog
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from api.app import create_app
from api.callers import Caller, caller_of
from pipeline.runtime import Runtime
from pipeline.staff import accounts
from scheme.staff import Role
from tests.api.staff import token_in
from tests.pipeline.desk import Desk

PASSWORD = "demo"
HERE = ("127.0.0.1", 50000)
ELSEWHERE = ("203.0.113.9", 50000)
URL = "http://127.0.0.1:8000"


@pytest.fixture
def demo(desk: Desk) -> Runtime:
    """A demo on this machine, with an account that everybody knows."""
    with desk.runtime.write() as work:
        accounts.create_account(work, "ops", "演示", Role.OPERATIONS, "demo", demo=True)
    return replace(desk.runtime, settings=replace(desk.runtime.settings, demo=True))


def real(runtime: Runtime) -> Runtime:
    """The same installation, and no demo."""
    return replace(runtime, settings=replace(runtime.settings, demo=False))


def client_of(
    runtime: Runtime,
    peer: tuple[str, int] = HERE,
    url: str = URL,
    headers: dict[str, str] | None = None,
) -> TestClient:
    return TestClient(
        create_app(runtime), base_url=url, client=peer, headers=headers, follow_redirects=False
    )


def logged_in(client: TestClient, login: str = "ops", password: str = PASSWORD) -> int:
    token = token_in(client.get("/login").text)
    return client.post(
        "/login", data={"csrf": token, "login": login, "password": password}
    ).status_code


# -- demo accounts ---------------------------------------------------------------------------------


@pytest.mark.parametrize("url", [URL, "http://localhost:8000", "http://[::1]:8000"])
def test_a_demo_account_logs_in_on_the_demos_own_machine(demo: Runtime, url: str) -> None:
    client = client_of(demo, url=url)
    assert logged_in(client) == 303
    assert client.get("/ops").status_code == 200


REACHED = {
    "another machine": {"peer": ELSEWHERE},
    "a server that listens to others": {"url": "http://192.0.2.1:8000"},
    "another name for this machine": {"url": "http://rebound.example:8000"},
    "a proxy that says so": {"headers": {"x-forwarded-for": "203.0.113.9"}},
    "a proxy that claims this machine": {"headers": {"x-forwarded-for": "127.0.0.1"}},
    "a proxy by the standard's header": {"headers": {"forwarded": "for=203.0.113.9"}},
    "a proxy that names itself": {"headers": {"via": "1.1 proxy"}},
}


@pytest.mark.parametrize("how", REACHED.values(), ids=REACHED)
def test_a_demo_account_opens_nothing_to_whoever_comes_from(
    demo: Runtime, how: dict[str, object]
) -> None:
    here = client_of(demo)
    assert logged_in(here) == 303
    stranger = client_of(demo, **how)  # type: ignore[arg-type]
    assert logged_in(stranger) == 403
    stranger.cookies.set("staff", here.cookies["staff"])
    assert stranger.get("/ops").headers["location"].startswith("/login")
    assert stranger.get("/dev/outbox").status_code == 404


SETTINGS = {
    "no demo": {"demo": False},
    "listening to others": {"host": "0.0.0.0"},  # noqa: S104 - only a text here
    "behind a proxy": {"proxies": (ip_network("127.0.0.1"),)},
}


@pytest.mark.parametrize("changed", SETTINGS.values(), ids=SETTINGS)
def test_a_demo_account_opens_nothing_once_the_installation_is(
    demo: Runtime, changed: dict[str, object]
) -> None:
    before = client_of(demo)
    assert logged_in(before) == 303
    opened = replace(demo, settings=replace(demo.settings, **changed))  # type: ignore[arg-type]
    after = client_of(opened)
    assert logged_in(after) == 403
    after.cookies.set("staff", before.cookies["staff"])
    assert after.get("/ops").headers["location"].startswith("/login")
    with opened.read() as work:
        assert accounts.who(work, before.cookies["staff"]) is None
    with pytest.raises(accounts.DemoClosed):
        accounts.log_in(opened, "ops", "demo")
    with pytest.raises(accounts.LogInRefused):
        accounts.log_in(opened, "ops", "wrong")


def test_a_demo_account_signs_for_nobody_as_the_second_person(demo: Runtime) -> None:
    client = client_of(real(demo))
    assert logged_in(client, "clerk", "a long pass word") == 303
    token = token_in(client.get("/ops/counter").text)
    answer = client.post(
        f"/ops/counter/collect/{'f' * 32}/reinstate",
        data={"csrf": token, "second_login": "ops", "second_password": "demo", "reason": "ill"},
    )
    assert answer.status_code == 403
    assert "演示账号" in answer.text


def test_closing_the_demo_closes_its_accounts_only_and_is_on_record(demo: Runtime) -> None:
    client = client_of(demo)
    assert logged_in(client) == 303
    with demo.write() as work:
        assert [account.login for account in accounts.close_demo_accounts(work)] == ["ops"]
        assert accounts.demo_accounts(work) == ()
    assert client.get("/ops").headers["location"].startswith("/login")
    assert logged_in(client) == 422
    assert logged_in(client_of(demo), "officer", "a long pass word") == 303


# -- the demo's messages ---------------------------------------------------------------------------


def test_the_outbox_is_a_page_of_a_demo_behind_its_log_in(demo: Runtime) -> None:
    client = client_of(demo)
    assert client.get("/dev/outbox").headers["location"] == "/login?next=/dev/outbox"
    assert logged_in(client) == 303
    assert client.get("/dev/outbox").status_code == 200


def test_a_real_installation_has_no_such_page_for_anybody(desk: Desk) -> None:
    assert client_of(real(desk.runtime)).get("/dev/outbox").status_code == 404
    for login in ("officer", "clerk", "finance", "admin"):
        client = client_of(real(desk.runtime))
        assert logged_in(client, login, "a long pass word") == 303
        assert client.get("/dev/outbox").status_code == 404


# -- whose address ---------------------------------------------------------------------------------


@pytest.fixture
def telling(desk: Desk) -> FastAPI:
    """An application behind two proxies that says whom it takes the caller for."""
    proxies = (ip_network("10.0.0.0/8"), ip_network("127.0.0.1"))
    app = create_app(
        replace(desk.runtime, settings=replace(desk.runtime.settings, proxies=proxies))
    )

    @app.get("/told")
    def told(request: Request) -> dict[str, object]:
        caller = caller_of(request)
        return {
            "address": caller.address,
            "here": caller.on_this_machine,
            "household": caller.household,
        }

    return app


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("127.0.0.1", ["198.51.100.7"], "198.51.100.7"),
        ("127.0.0.1", ["198.51.100.7", "10.1.2.3"], "198.51.100.7"),
        (
            "127.0.0.1",
            ["127.0.0.1, 198.51.100.7, 10.1.2.3"],
            "198.51.100.7",
        ),  # what a client claims stands in front
        ("10.1.2.3", ["203.0.113.1, 198.51.100.7"], "198.51.100.7"),
        ("10.1.2.3", ["198.51.100.7:4711"], "198.51.100.7"),
        ("10.1.2.3", ["[2001:db8:1:2:3::4]:443"], "2001:db8:1:2:3::4"),
        ("10.1.2.3", ["::ffff:198.51.100.7"], "198.51.100.7"),
        ("10.1.2.3", ["10.9.9.9"], "10.1.2.3"),
        ("10.1.2.3", ["unknown"], "10.1.2.3"),
        ("10.1.2.3", [], "10.1.2.3"),
        ("203.0.113.9", ["198.51.100.7"], "203.0.113.9"),  # anybody may send a header
        ("::ffff:203.0.113.9", ["127.0.0.1"], "203.0.113.9"),
    ],
)
def test_only_a_named_proxy_is_believed(
    telling: FastAPI, peer: str, forwarded: list[str], address: str
) -> None:
    client = TestClient(telling, base_url=URL, client=(peer, 50000))
    told = client.get("/told", headers=[("x-forwarded-for", entry) for entry in forwarded]).json()
    assert (told["address"], told["here"]) == (address, False)


def test_a_household_is_an_address_of_ipv4_and_a_network_of_ipv6() -> None:
    assert Caller("198.51.100.7", on_this_machine=False).household == "198.51.100.7"
    one, other = (
        Caller(f"2001:db8:1:2::{last}", on_this_machine=False).household for last in ("1", "ffff")
    )
    assert one == other == "2001:db8:1:2::/64"
    assert Caller("", on_this_machine=False).household == ""


def test_a_proxy_that_is_not_set_up_right_is_told_of_once(desk: Desk, telling: FastAPI) -> None:
    with structlog.testing.capture_logs() as said:
        unnamed = client_of(desk.runtime, headers={"x-forwarded-for": "198.51.100.7"})
        silent = TestClient(telling, base_url=URL, client=("10.1.2.3", 1))
        for client in (unnamed, silent):
            for _ in range(3):
                client.get("/health")
    told = [line["event"] for line in said]
    assert told.count("proxy_not_named") == 1
    assert told.count("proxy_names_nobody") == 1
    assert not re.search("198.51.100.7", str(said))
