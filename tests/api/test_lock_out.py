"""Whoever guesses a clerk's pass word from elsewhere is slowed down.

The clerk goes on working where she works.
"""

from http import HTTPStatus

from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from tests.api.staff import Browser, plain, token_in
from tests.pipeline.desk import Desk
from tests.staffed import PASSWORD


def at(app: FastAPI, address: str) -> Browser:
    """A browser at that address, on the log-in page."""
    browser = Browser(TestClient(app, client=(address, 50_000), headers={"accept-language": "en"}))
    browser.token = token_in(browser.page("/login?lang=en"))
    return browser


def test_a_stranger_does_not_lock_the_clerk_out(desk: Desk) -> None:
    app = create_app(desk.runtime)
    at(app, "10.0.0.7").sign_in("clerk")
    stranger = at(app, "203.0.113.9")
    for _ in range(5):
        wrong = stranger.post("/login", login="clerk", password="a guess")
        assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    for elsewhere in (stranger, at(app, "198.51.100.4")):
        told = elsewhere.post("/login", login="clerk", password=PASSWORD)
        assert told.status_code == HTTPStatus.TOO_MANY_REQUESTS, plain(told.text)
    assert "Counter" in at(app, "10.0.0.7").sign_in("clerk").page("/ops/counter")
