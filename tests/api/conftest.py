"""The application over the installation with its people; browsers as many as asked for."""

from collections.abc import Callable, Iterator

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from tests.api.staff import Browser
from tests.pipeline.desk import Desk


@pytest.fixture
def browser(desk: Desk) -> Iterator[Callable[[str], Browser]]:
    """``browser("officer")``: a browser of its own, signed in; ``browser("")``: a stranger's."""
    app = create_app(desk.runtime)
    opened: list[TestClient] = []

    def open_one(login: str) -> Browser:
        client = TestClient(app, headers={"accept-language": "en"})
        opened.append(client)
        one = Browser(client)
        return one.sign_in(login) if login else one

    yield open_one
    for client in opened:
        client.close()
