"""Role x route: every route of the application stands in this table, and answers nobody else.

A route that is missing here fails the test: whoever adds one has to say who may use it.
"""

from collections.abc import Callable, Iterable
from http import HTTPStatus

import pytest
from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute, Mount

from api.app import create_app
from pipeline.staff import members
from pipeline.store import accounts as rows
from scheme.staff import Role
from tests.api.staff import Browser, code_of
from tests.pipeline.desk import Desk

OFFICER, CLERK, TREASURER = frozenset({"officer"}), frozenset({"clerk"}), frozenset({"finance"})
ADMIN = frozenset({"admin"})
DESK = OFFICER | CLERK
ROLES = ("officer", "clerk", "finance", "auditor", "admin")

STAFF: dict[str, frozenset[str]] = {
    "GET /staff": frozenset(ROLES),
    "GET /ops": OFFICER,
    "GET /ops/queue": OFFICER,
    "GET /ops/next": OFFICER,
    "POST /ops/next": OFFICER,
    "GET /ops/cases/{case_id}": OFFICER,
    "GET /ops/cases/{case_id}/compare/{candidate_id}": OFFICER,
    "POST /ops/cases/{case_id}/compare/{candidate_id}": OFFICER,
    "GET /ops/reports/{report_id}/media/{sha256}/poster": OFFICER,
    "GET /ops/reports/{report_id}/media/{sha256}/frame": OFFICER,
    "GET /ops/reports/{report_id}/media/{sha256}/strip": OFFICER,
    "GET /ops/reports/{report_id}/media/{sha256}/recording": OFFICER,
    "GET /ops/reports/{report_id}/media/{sha256}/frame-times": OFFICER,
    "GET /ops/reports/{report_id}/media/{sha256}/preview": OFFICER,
    "GET /ops/reports/{report_id}/media/{sha256}/preview-state": OFFICER,
    "GET /ops/reports/{report_id}/media/{sha256}/original": OFFICER,
    "POST /ops/reports/{report_id}/hold": OFFICER,
    "POST /ops/reports/{report_id}/release": OFFICER,
    "POST /ops/reports/{report_id}/decide": OFFICER,
    "POST /ops/reports/{report_id}/undo": OFFICER,
    "POST /ops/reports/{report_id}/reopen": OFFICER,
    "POST /ops/reports/{report_id}/correct": OFFICER,
    "POST /ops/reports/{report_id}/ask": OFFICER,
    "POST /ops/reports/{report_id}/explain": OFFICER,
    "POST /ops/reports/{report_id}/tie": OFFICER,
    "POST /ops/reports/{report_id}/exclude": OFFICER,
    "POST /ops/reports/{report_id}/split": OFFICER,
    "POST /ops/reports/{report_id}/merge": OFFICER,
    "POST /ops/reports/{report_id}/identity": OFFICER,
    "GET /ops/claw-backs": OFFICER,
    "POST /ops/claw-backs/{share_id}": OFFICER,
    "GET /ops/calendar": OFFICER | ADMIN,
    "POST /ops/calendar/files": OFFICER | ADMIN,
    "POST /ops/calendar/load": OFFICER | ADMIN,
    "POST /ops/calendar/reports/{report_id}": OFFICER,
    "POST /ops/calendar/rulings/{ruling_id}/confirm": OFFICER,
    "POST /ops/calendar/rulings/{ruling_id}/refuse": OFFICER,
    "GET /ops/second-looks": OFFICER,
    "GET /ops/second-looks/{look_id}": OFFICER,
    "POST /ops/second-looks/{look_id}": OFFICER,
    "GET /ops/second-looks/{look_id}/media/{sha256}/poster": OFFICER,
    "GET /ops/second-looks/{look_id}/media/{sha256}/frame": OFFICER,
    "GET /ops/second-looks/{look_id}/media/{sha256}/strip": OFFICER,
    "GET /ops/second-looks/{look_id}/media/{sha256}/recording": OFFICER,
    "GET /ops/second-looks/{look_id}/media/{sha256}/preview": OFFICER,
    "GET /ops/second-looks/{look_id}/media/{sha256}/preview-state": OFFICER,
    "GET /ops/rewards": DESK,
    "GET /ops/persons": DESK,
    "POST /ops/persons/{report_id}/open": DESK,
    "POST /ops/persons/{report_id}/questions": DESK,
    "GET /ops/persons/questions/{question_id}": DESK,
    "POST /ops/persons/questions/{question_id}/open": DESK,
    "POST /ops/persons/questions/{question_id}/answer": DESK,
    "POST /ops/rewards/{share_id}/call": DESK,
    "GET /ops/counter": CLERK,
    "GET /ops/counter/register": CLERK,
    "POST /ops/counter/register/files": CLERK,
    "GET /ops/counter/code": CLERK,
    "POST /ops/counter/code": CLERK,
    "GET /ops/counter/reports/{report_id}": CLERK,
    "POST /ops/counter/reports/{report_id}/present": CLERK,
    "POST /ops/counter/reports/{report_id}/differs": CLERK,
    "POST /ops/counter/reports/{report_id}/pay": CLERK,
    "GET /ops/counter/reports/{report_id}/media/{sha256}/poster": CLERK,
    "GET /ops/counter/reports/{report_id}/media/{sha256}/frame": CLERK,
    "GET /ops/counter/reports/{report_id}/media/{sha256}/strip": CLERK,
    "GET /ops/counter/collect": CLERK,
    "POST /ops/counter/collect/{share_id}": CLERK,
    "POST /ops/counter/collect/{share_id}/present": CLERK,
    "POST /ops/counter/collect/{share_id}/differs": CLERK,
    "POST /ops/counter/collect/{share_id}/card": CLERK,
    "POST /ops/counter/collect/{share_id}/card/present": CLERK,
    "POST /ops/counter/collect/{share_id}/reinstate": CLERK,
    "GET /ops/calls": DESK,
    "POST /ops/calls/{notice_id}/open": DESK,
    "POST /ops/calls/{notice_id}/told": DESK,
    "GET /ops/letters": DESK,
    "GET /ops/letters/register": DESK,
    "POST /ops/letters/register/files": DESK,
    "POST /ops/letters/{notice_id}/print": DESK,
    "POST /ops/letters/{notice_id}/posted": DESK,
    "GET /fin": TREASURER,
    "GET /fin/statement": TREASURER,
    "GET /fin/statement.csv": TREASURER,
    "POST /fin/deposit": TREASURER,
    "POST /fin/cards": TREASURER,
    "GET /fin/batches": TREASURER,
    "POST /fin/batches": TREASURER,
    "GET /fin/batches/{batch_id}": TREASURER,
    "POST /fin/batches/{batch_id}/freeze": TREASURER,
    "POST /fin/batches/{batch_id}/approve": TREASURER,
    "POST /fin/batches/{batch_id}/cancel": TREASURER,
    "POST /fin/batches/{batch_id}/close": TREASURER,
    "POST /fin/batches/{batch_id}/export": TREASURER,
    "POST /fin/batches/{batch_id}/result": TREASURER,
    "GET /fin/batches/{batch_id}/lists/{list_id}": TREASURER,
    "POST /fin/batches/{batch_id}/lists/{list_id}": TREASURER,
}
"""Pages that need a member of staff: who of the roles may use them."""

ANYBODY = {
    "GET /",
    "GET /lines",
    "GET /privacy",
    "GET /r",
    "POST /r",
    "GET /s",
    "POST /s",
    "POST /s/leave",
    "GET /login",
    "POST /login",
    "POST /logout",
    "GET /health",
    "GET /api/v1/openapi.json",
    "GET /api/v1/categories",
    "POST /api/v1/drafts",
    "POST /api/v1/session",
    "MOUNT /static",
}
"""What opens nothing of anybody."""

DEMO = {"GET /dev/outbox"}
"""What only a demo on this very machine has, behind a log-in."""

DRAFT = {
    "GET /r/{report_id}/evidence",
    "POST /r/{report_id}/evidence",
    "GET /r/{report_id}/claim",
    "POST /r/{report_id}/claim",
    "POST /r/{report_id}/use",
    "GET /r/{report_id}/suggestions",
    "POST /r/{report_id}/suggestions",
    "GET /r/{report_id}/files",
    "POST /r/{report_id}/files",
    "POST /r/{report_id}/files/{sha256}/remove",
    "GET /r/{report_id}/files/{sha256}/poster",
    "GET /r/{report_id}/coach",
    "GET /r/{report_id}/contact",
    "POST /r/{report_id}/contact",
    "GET /r/{report_id}/check",
    "GET /r/{report_id}/done",
    "POST /r/{report_id}/done",
    "GET /api/v1/drafts/{report_id}",
    "POST /api/v1/drafts/{report_id}/files",
    "DELETE /api/v1/drafts/{report_id}/files/{sha256}",
    "PUT /api/v1/drafts/{report_id}/claim",
    "GET /api/v1/drafts/{report_id}/coach",
    "PUT /api/v1/drafts/{report_id}/reporters",
    "POST /api/v1/drafts/{report_id}/submit",
}
"""What only the key of that draft opens."""

REPORTER = {
    "GET /s/receipt",
    "POST /s/receipt/saved",
    "GET /s/report",
    "POST /s/report/files",
    "GET /s/withdraw",
    "POST /s/withdraw",
    "GET /s/report/media/{sha256}/poster",
    "GET /s/report/media/proof",
    "GET /api/v1/report",
}
"""What only the session of that report opens."""

IDS = {"candidate_id": "1", "sha256": "a" * 64}


def routes_of(routes: Iterable[BaseRoute]) -> set[str]:
    """Every route as ``METHOD /path``, those of included routers too."""
    found: set[str] = set()
    for route in iter_route_contexts(list(routes)):
        if isinstance(route.route, Mount):
            found.add(f"MOUNT {route.path}")
        else:
            found |= {f"{method} {route.path}" for method in (route.methods or set()) - {"HEAD"}}
    return found


def address(route: str) -> tuple[str, str]:
    """(method, path) with made-up ids: nothing is behind them."""
    method, _, path = route.partition(" ")
    names = (
        "case_id",
        "report_id",
        "share_id",
        "batch_id",
        "notice_id",
        "ruling_id",
        "sha256",
        "candidate_id",
    )
    for name in (*names, "question_id"):
        path = path.replace(f"{{{name}}}", IDS.get(name, "f" * 32))
    return method, path


def test_every_route_stands_in_the_table(desk: Desk) -> None:
    assert (
        routes_of(create_app(desk.runtime).routes) == set(STAFF) | ANYBODY | DEMO | DRAFT | REPORTER
    )


@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_its_own_pages_and_no_other(
    role: str, browser: Callable[[str], Browser]
) -> None:
    member = browser(role)
    for route, allowed in STAFF.items():
        method, path = address(route)
        answer = member.get(path) if method == "GET" else member.post(path)
        if role in allowed:
            assert answer.status_code not in (HTTPStatus.FORBIDDEN, HTTPStatus.UNAUTHORIZED), route
            assert not answer.headers.get("location", "").startswith("/login"), route
            assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR, route
        else:
            assert (answer.status_code, code_of(answer)) == (HTTPStatus.FORBIDDEN, "WRONG_ROLE"), (
                route
            )


@pytest.mark.parametrize("role", ["", *ROLES])
def test_what_belongs_to_a_demo_is_not_there_for_anybody(
    role: str, browser: Callable[[str], Browser]
) -> None:
    someone = browser(role)
    for route in DEMO:
        assert someone.get(address(route)[1]).status_code == HTTPStatus.NOT_FOUND, route


def test_a_stranger_is_sent_to_the_entrance(browser: Callable[[str], Browser]) -> None:
    stranger = browser("")
    for route in STAFF:
        method, path = address(route)
        answer = stranger.get(path) if method == "GET" else stranger.post(path)
        assert (answer.status_code, answer.headers["location"][:6]) == (
            HTTPStatus.SEE_OTHER,
            "/login",
        ), route


@pytest.mark.parametrize("role", ["", *ROLES])
def test_drafts_and_reports_open_to_nobody_without_their_key(
    role: str, browser: Callable[[str], Browser]
) -> None:
    someone = browser(role)
    for route in DRAFT | REPORTER:
        method, path = address(route)
        answer = someone.client.request(
            method, path, data={"csrf": someone.token}, follow_redirects=False
        )
        assert answer.status_code in (
            HTTPStatus.SEE_OTHER,
            HTTPStatus.UNAUTHORIZED,
            HTTPStatus.FORBIDDEN,
            HTTPStatus.NOT_FOUND,
        ), route
        if answer.status_code == HTTPStatus.SEE_OTHER:
            assert answer.headers["location"] == "/s", route


@pytest.mark.parametrize("role", ["officer", "clerk", "finance"])
def test_a_form_without_its_token_is_refused(role: str, browser: Callable[[str], Browser]) -> None:
    member = browser(role)
    for route, allowed in STAFF.items():
        method, path = address(route)
        if method != "POST" or role not in allowed:
            continue
        multipart = path.endswith(("/files", "/result"))
        sent = (
            {"files": [("file", ("a.csv", b"x"))]} if multipart else {"data": {"row_version": "1"}}
        )
        answer = member.client.post(path, **sent, follow_redirects=False)
        assert answer.status_code in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND), route
        if "{" not in route:
            assert code_of(answer) == "NOT_OUR_FORM", route


def test_a_form_from_another_site_is_refused(browser: Callable[[str], Browser]) -> None:
    member = browser("officer")
    foreign = member.client.post(
        "/ops/next", data={"csrf": member.token}, headers={"origin": "https://elsewhere.test"}
    )
    assert code_of(foreign) == "NOT_OUR_FORM"
    fetched = member.client.post(
        "/ops/next", data={"csrf": member.token}, headers={"sec-fetch-site": "cross-site"}
    )
    assert code_of(fetched) == "NOT_OUR_FORM"


@pytest.mark.parametrize("change", ["close", "role"])
def test_a_role_that_is_taken_away_is_gone_with_the_next_request(
    desk: Desk, browser: Callable[[str], Browser], change: str
) -> None:
    officer = browser("officer")
    officer.page("/ops")
    with desk.runtime.write() as work:
        admin = next(
            account for account in rows.everybody(work.connection) if account.role is Role.ADMIN
        )
        if change == "close":
            members.close(work, "officer", administrator=admin)
        else:
            members.change_role(work, "officer", Role.FINANCE, administrator=admin)
    for path in ("/ops", "/fin"):
        assert officer.get(path).headers["location"].startswith("/login")
    assert officer.post("/ops/next").headers["location"].startswith("/login")
