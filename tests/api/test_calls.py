"""The page of calls names nobody, the sheet behind it does; what was said is on record."""

from dataclasses import replace

from fastapi.testclient import TestClient

from api.app import create_app
from pipeline.answering import calls
from tests.api.staff import Browser, plain
from tests.pipeline.desk import Desk


def test_the_page_names_nobody_and_the_sheet_does(desk: Desk) -> None:
    desk.runtime = replace(desk.runtime, settings=replace(desk.runtime.settings, demo=False))
    desk.decide(desk.report(names=["林一一"]))
    desk.tell()
    clerk = Browser(
        TestClient(create_app(desk.runtime), headers={"accept-language": "en"})
    ).sign_in("clerk")
    page = plain(clerk.page("/ops/calls"))
    assert "林一一" not in page
    assert "To be called" in page
    with desk.runtime.read() as work:
        notice_id = calls.to_make(work).rows[0].notice_id
    assert "林一一" in clerk.post(f"/ops/calls/{notice_id}/open").text
    assert clerk.post(f"/ops/calls/{notice_id}/told", note="").status_code == 422
    assert clerk.done(f"/ops/calls/{notice_id}/told", note="reached her") == "/ops/calls?did=told"
    assert clerk.post(f"/ops/calls/{notice_id}/told", note="again").status_code == 409
