"""The staff entrance leads everybody to their work."""

from collections.abc import Callable

import pytest

from tests.api.staff import Browser, plain


@pytest.mark.parametrize(
    ("login", "room"),
    [("officer", "/ops"), ("clerk", "/ops/counter"), ("finance", "/fin"), ("admin", "/staff"),
     ("auditor", "/staff")],
)  # fmt: skip
def test_each_role_comes_to_its_own_room(
    browser: Callable[[str], Browser], login: str, room: str
) -> None:
    answer = browser(login).get("/login")
    assert (answer.status_code, answer.headers["location"]) == (303, room)


@pytest.mark.parametrize(
    ("login", "command"),
    [("admin", "busreport create-user"), ("auditor", "busreport verify-audit")],
)
def test_who_has_no_pages_yet_is_told_where_the_work_is(
    browser: Callable[[str], Browser], login: str, command: str
) -> None:
    page = browser(login).page("/staff")
    assert command in plain(page)
    assert ("/ops/calendar" in page) is (login == "admin")


def test_who_has_pages_is_led_there(browser: Callable[[str], Browser]) -> None:
    assert browser("officer").get("/staff").headers["location"] == "/ops"
