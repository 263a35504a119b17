"""Staff at their browsers: sign in, look at pages, fill forms in, over the real application."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import unescape
from http import HTTPStatus

import httpx2

from tests.staffed import PASSWORD

_TOKEN = re.compile(r'name="csrf" value="([0-9a-f]{64})"')
_CODE = re.compile(r'<p class="muted small">[^<]*?([A-Z][A-Z_]+)</p>')

Fields = Mapping[str, str | list[str]]


@dataclass
class Browser:
    """One person's browser. Pages are in English, so that tests can name what they look for."""

    client: httpx2.Client
    token: str = field(default="", repr=False)

    def sign_in(self, login: str) -> "Browser":
        """Log in through the page."""
        page = self.client.get("/login?lang=en").text
        self.token = token_in(page)
        answer = self.post("/login", login=login, password=PASSWORD)
        assert answer.status_code == HTTPStatus.SEE_OTHER, answer.text
        return self

    def get(self, path: str) -> httpx2.Response:
        """An address as it answers, redirects not followed."""
        return self.client.get(path, follow_redirects=False)

    def page(self, path: str) -> str:
        """A page that has to be there."""
        answer = self.get(path)
        assert answer.status_code == HTTPStatus.OK, f"{path}: {answer.status_code}"
        return answer.text

    def post(self, path: str, /, **fields: str | list[str]) -> httpx2.Response:
        """A form, with this browser's token."""
        return self.client.post(path, data={"csrf": self.token, **fields}, follow_redirects=False)

    def post_files(
        self, path: str, files: Iterable[tuple[str, tuple[str, bytes]]], /, **fields: str
    ) -> httpx2.Response:
        """A form with files."""
        return self.client.post(
            path, data={"csrf": self.token, **fields}, files=list(files), follow_redirects=False
        )

    def done(self, path: str, /, **fields: str | list[str]) -> str:
        """A form that has to be taken; returns where it leads."""
        answer = self.post(path, **fields)
        assert answer.status_code == HTTPStatus.SEE_OTHER, (
            f"{path}: {answer.status_code} {plain(answer.text)[:600]}"
        )
        return answer.headers["location"]

    def both_steps(self, shown_at: str, agreed_at: str, /, **fields: str) -> httpx2.Response:
        """A document is shown, then said to agree; the answer of whichever step was the last."""
        answer = self.post(shown_at, **fields)
        if 'name="showing"' not in answer.text:
            return answer
        showing = hidden(answer.text, "showing")
        return self.post(agreed_at, **fields, showing=showing, agreed="yes")

    def collect(self, share_id: str, /, **fields: str) -> httpx2.Response:
        """A reward collected at the counter, in both steps."""
        address = f"/ops/counter/collect/{share_id}"
        return self.both_steps(f"{address}/present", address, **fields)

    def pay(self, address: str, /, **fields: str) -> httpx2.Response:
        """A walk-in paid on the spot, in both steps, as the page then is."""
        shown = self.post(f"{address}/present", **fields)
        if 'name="showing"' not in shown.text:
            return shown
        kept = {name: hidden(shown.text, name) for name in ("showing", "row_version")}
        return self.post(f"{address}/pay", agreed="yes", **{**kept, **fields})


def token_in(page: str) -> str:
    """The form token of a page."""
    found = _TOKEN.search(page)
    assert found is not None, plain(page)[:300]
    return found[1]


def hidden(page: str, name: str) -> str:
    """The value of the first hidden field of that name."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', page)
    assert found is not None, f"no {name} on the page"
    return found[1]


def code_of(answer: httpx2.Response) -> str:
    """The stable code that a refusal's page shows; empty where there is none."""
    found = _CODE.search(answer.text)
    return found[1] if found else ""


def plain(page: str) -> str:
    """The words of a page, tags taken out."""
    without = re.sub(r"(?s)<(script|style|svg).*?</\1>|<[^>]+>", " ", page)
    return re.sub(r"\s+", " ", unescape(without)).strip()
