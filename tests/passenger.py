"""A passenger with a browser.

Fills the product's own pages in, form by form, and keeps the receipt.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx2

from api.texts import Texts
from scheme.report import Claim

SHANGHAI = ZoneInfo("Asia/Shanghai")
_TOKEN = re.compile(r'name="csrf" value="([0-9a-f]{64})"')
_NUMBER = re.compile(r'<strong class="number">([^<]+)</strong>')
_CODE = re.compile(r'<span class="code" id="code">([0-9 ]+)</span>')


@dataclass(frozen=True, slots=True)
class Slip:
    """What the receipt page says: number and secret code, shown once; ``page`` is its text."""

    report_number: str
    secret_code: str
    page: str


@dataclass
class Passenger:
    """One person (or several together, ``people`` first named first) with a browser."""

    browser: httpx2.Client
    people: Sequence[tuple[str, str]]
    report_id: str = ""
    slip: Slip | None = None
    texts: Texts = field(default_factory=lambda: Texts("en"))

    def report(self, file: Path, claim: Claim) -> Slip:
        """The whole way from the first page to the receipt."""
        self.begin(claim.category)
        self.upload(file)
        self.claim(claim)
        self.name()
        return self.submit()

    def begin(self, category: str) -> None:
        """Choose a kind of violation; the draft is opened."""
        page = self._get("/r?lang=en")
        answer = self._post("/r", page, category=category)
        self.report_id = re.fullmatch(r"/r/([0-9a-f]+)/evidence", answer.headers["location"])[1]  # type: ignore[index]  # a mismatch is a failed test

    def upload(self, file: Path) -> None:
        """Send one file in the form of the evidence page."""
        page = self._get(f"/r/{self.report_id}/evidence")
        with file.open("rb") as stream:
            answer = self.browser.post(
                f"/r/{self.report_id}/files",
                data={"csrf": _token(page)},
                files={"file": (file.name, stream)},
                follow_redirects=False,
            )
        assert answer.status_code == HTTPStatus.SEE_OTHER, answer.text

    def coach(self) -> str:
        """What the coach says now, as the page shows it."""
        return self._get(f"/r/{self.report_id}/coach")

    def claim(self, claim: Claim) -> None:
        """Say what happened."""
        assert claim.violated_at is not None
        at = claim.violated_at.astimezone(SHANGHAI)
        said = {name: getattr(claim, name) or "" for name in ("route", "plate", "badge", "place")}
        page = self._get(f"/r/{self.report_id}/claim")
        self._post(
            f"/r/{self.report_id}/claim",
            page,
            day=f"{at:%Y-%m-%d}",
            clock=f"{at:%H:%M:%S}",
            **said,
        )

    def name(self) -> None:
        """Say who reports."""
        page = self._get(f"/r/{self.report_id}/contact")
        rows: dict[str, str] = {}
        for row, (name, phone) in enumerate(self.people):
            rows |= {f"reporters.{row}.name": name, f"reporters.{row}.phone": phone}
        self._post(f"/r/{self.report_id}/contact", page, **rows)

    def submit(self) -> Slip:
        """Declare and submit; returns the receipt."""
        return self._kept(self._get(f"/r/{self.report_id}/check"))

    def submit_again(self) -> Slip:
        """Ask for the receipt of what was submitted, because its answer was lost."""
        page = self.browser.get(f"/r/{self.report_id}/done")
        assert page.status_code == HTTPStatus.CONFLICT, page.text
        return self._kept(page.text)

    def _kept(self, page: str) -> Slip:
        answer = self.browser.post(
            f"/r/{self.report_id}/done",
            data={"csrf": _token(page), "truth": "yes", "consent": "yes"},
            follow_redirects=True,
        )
        assert answer.request.url.path == "/s/receipt", answer.text
        number, code = _NUMBER.search(answer.text), _CODE.search(answer.text)
        assert number is not None
        assert code is not None
        self.slip = Slip(number[1], code[1], answer.text)
        return self.slip

    def look(self, browser: httpx2.Client) -> str:
        """The report's page, opened with number and code in a ``browser`` new to it."""
        assert self.slip is not None
        page = browser.get("/s?lang=en").text
        fields = {"report_number": self.slip.report_number, "secret_code": self.slip.secret_code}
        answer = browser.post("/s", data={"csrf": _token(page), **fields}, follow_redirects=False)
        assert answer.headers["location"] == "/s/report", answer.text
        shown = browser.get("/s/report")
        assert shown.status_code == HTTPStatus.OK
        return shown.text

    def _get(self, path: str) -> str:
        answer = self.browser.get(path)
        assert answer.status_code == HTTPStatus.OK, f"{path}: {answer.status_code}"
        return answer.text

    def _post(self, path: str, page: str, **fields: str) -> httpx2.Response:
        answer = self.browser.post(
            path, data={"csrf": _token(page), **fields}, follow_redirects=False
        )
        assert answer.status_code == HTTPStatus.SEE_OTHER, answer.text
        return answer


def _token(page: str) -> str:
    found = _TOKEN.search(page)
    assert found is not None, page
    return found[1]
