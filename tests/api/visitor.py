"""A passenger at a browser, over the real application in this process.

And files for them to send.
"""

import io
import re
from dataclasses import dataclass, field

import httpx2
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image

_TOKEN = re.compile(r'name="csrf" value="([0-9a-f]{64})"')
_PROBLEM = re.compile(r'<p class="error-text"[^>]*>([^<]+)</p>')

CLAIM = {
    "day": "2026-03-10",
    "clock": "08:41",
    "route": "49路",
    "plate": "沪-a 1234 5",
    "place": "西藏南路",
}
"""What the form says, as people write it: the day before the tests' clock."""

PERSON = {"reporters.0.name": "陆晓梅", "reporters.0.phone": "138 0013 8000"}


def photo(shade: int = 40) -> bytes:
    """A small JPEG; another ``shade`` is another file."""
    out = io.BytesIO()
    Image.new("RGB", (64, 48), (shade, 90, 120)).save(out, "JPEG")
    return out.getvalue()


def number_and_code(receipt: httpx2.Response) -> tuple[str, str]:
    """What the receipt tells."""
    number = re.search(r'class="number">([^<]+)<', receipt.text)
    code = re.search(r'id="code">([0-9 ]+)<', receipt.text)
    assert number is not None
    assert code is not None
    return number[1], code[1]


@dataclass
class Visitor:
    """One browser without a script.

    Redirects are not followed, so that a test sees where they lead.
    """

    app: FastAPI
    client: TestClient = field(init=False)
    report_id: str = ""

    def __post_init__(self) -> None:
        self.client = TestClient(self.app, follow_redirects=False)
        self.token = self.token_of(self.client.get("/r").text)

    @staticmethod
    def token_of(page: str) -> str:
        """The form token of a page."""
        found = _TOKEN.search(page)
        assert found is not None, page
        return found[1]

    @staticmethod
    def problems(page: httpx2.Response) -> list[str]:
        """What the page says beside its fields."""
        return _PROBLEM.findall(page.text)

    def get(self, path: str) -> httpx2.Response:
        """A page."""
        return self.client.get(path)

    def post(self, path: str, **fields: str) -> httpx2.Response:
        """A form with its token."""
        return self.client.post(path, data={"csrf": self.token, **fields})

    def at(self, page: str) -> str:
        """The address of one of the draft's pages."""
        return f"/r/{self.report_id}/{page}"

    def begin(self, category: str = "smoking_or_phone") -> "Visitor":
        """Open a draft."""
        answer = self.post("/r", category=category)
        assert answer.status_code == 303, answer.text
        self.report_id = answer.headers["location"].split("/")[2]
        return self

    def upload(self, content: bytes | None = None, name: str = "bus.jpg") -> httpx2.Response:
        """Send one file with the plain form."""
        files = {"file": (name, photo() if content is None else content, "image/jpeg")}
        return self.client.post(self.at("files"), data={"csrf": self.token}, files=files)

    def fill(self) -> "Visitor":
        """File, claim and person: all that the check page asks for."""
        assert self.upload().status_code == 303
        assert self.post(self.at("claim"), **CLAIM).headers.get("location") == self.at("contact")
        assert self.post(self.at("contact"), **PERSON).headers.get("location") == self.at("check")
        return self

    def submit(self) -> httpx2.Response:
        """Declare and send: the receipt, or the page that says what is wrong."""
        answer = self.post(self.at("done"), truth="yes", consent="yes")
        receipt = answer.headers.get("location", "")
        return self.client.get(receipt) if receipt.startswith("/s/receipt") else answer
