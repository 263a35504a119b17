"""The write lock in other hands, a disk that takes nothing.

Told to come again, and whoever only reads goes on.
"""

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api import app as application
from api.app import create_app
from pipeline.doors.sweep import sweep
from pipeline.receiving import drafts
from pipeline.receiving.drafts import open_draft
from pipeline.receiving.incoming import store_file
from pipeline.runtime import Runtime
from pipeline.settings import Settings
from pipeline.staff import accounts
from pipeline.store import evidence_files, fsck, reports
from pipeline.store.storage import StoreBusy
from scheme.case import ReportState
from scheme.report import Channel
from scheme.staff import Role
from tests.api.visitor import Visitor
from tests.disks import fill, small_disk
from tests.locks import lock_held
from tests.pipeline.desk import Desk
from tests.served import served
from tests.staffed import PASSWORD

WRITERS = 60


def test_sixty_writers_that_wait_take_no_thread_from_those_who_read(
    runtime: Runtime, settings: Settings
) -> None:
    with (
        served(create_app(runtime)) as address,
        httpx2.Client(base_url=address, timeout=120) as client,
    ):
        sweep(runtime)
        with lock_held(settings.database), ThreadPoolExecutor(WRITERS) as pool:
            waiting = [
                pool.submit(httpx2.post, f"{address}/api/v1/drafts", timeout=120)
                for _ in range(WRITERS)
            ]
            while not any(writer.done() for writer in waiting):
                assert client.get("/health").status_code == 200
                assert client.get("/r").status_code == 200
            answers = [writer.result() for writer in waiting]
        assert {answer.status_code for answer in answers} == {503}
        assert {answer.json()["code"] for answer in answers} == {"STORE_BUSY"}
        assert {answer.headers["retry-after"] for answer in answers} == {"5"}
        assert client.post("/api/v1/drafts").status_code == 201


def test_a_page_says_so_and_the_form_is_not_lost(
    runtime: Runtime, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(application, "WRITE_WAIT_S", 0.1)
    visitor = Visitor(create_app(runtime)).begin().fill()
    with lock_held(settings.database):
        page = visitor.submit()
        assert page.status_code == 503
        assert page.headers["retry-after"] == "5"
        assert "现在提交的人较多" in page.text
        assert visitor.get(visitor.at("check")).status_code == 200
    assert visitor.submit().url.path == "/s/receipt"


def test_looking_at_a_report_waits_for_nobody(
    runtime: Runtime, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(application, "WRITE_WAIT_S", 0.1)
    visitor = Visitor(create_app(runtime)).begin().fill()
    assert visitor.submit().url.path == "/s/receipt"
    with lock_held(settings.database):
        assert visitor.get("/s/report").status_code == 200


def test_a_pass_word_is_hashed_while_nobody_waits(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[bool] = []
    matches = accounts._matches

    def writes_meanwhile(password_hash: str, password: str) -> bool:
        with desk.runtime.write(wait_s=0):
            hashed.append(True)  # the lock is free
        return matches(password_hash, password)

    monkeypatch.setattr(accounts, "_matches", writes_meanwhile)
    assert accounts.log_in(desk.runtime, "officer", PASSWORD)
    with pytest.raises(accounts.LogInRefused):
        accounts.log_in(desk.runtime, "nobody", "guess")
    assert hashed == [True, True]


def test_what_happens_while_a_pass_word_is_hashed_counts(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    matches = accounts._matches

    def closed_meanwhile(password_hash: str, password: str) -> bool:
        with desk.runtime.write() as work:
            accounts.close_account(work, "officer")
        return matches(password_hash, password)

    monkeypatch.setattr(accounts, "_matches", closed_meanwhile)
    with pytest.raises(accounts.LogInRefused):
        accounts.log_in(desk.runtime, "officer", PASSWORD)


@contextmanager
def on_a_small_disk(tmp_path: Path) -> Iterator[tuple[Runtime, FastAPI, Path]]:
    """An installation with one officer on a disk of its own."""
    with small_disk(tmp_path / "disk", kib=4096) as disk:
        runtime = Runtime.open(
            replace(Settings.under(disk / "home"), key_file=tmp_path / "keys" / "master.key")
        )
        with runtime.write() as work:
            accounts.create_account(work, "officer", "Officer", Role.OPERATIONS, PASSWORD)
        sweep(runtime)
        yield runtime, create_app(runtime), disk
        runtime.close()


def test_on_a_full_disk_every_step_is_told_so_and_none_is_half_done(tmp_path: Path) -> None:
    with on_a_small_disk(tmp_path) as (runtime, app, disk):
        ready, staff = Visitor(app).begin().fill(), Visitor(app)
        assert TestClient(app).get("/health").status_code == 200
        filler = fill(disk)
        refused = {
            "draft": staff.post("/r", category="smoking_or_phone"),
            "draft by the api": TestClient(app).post("/api/v1/drafts"),
            "file": ready.upload(b"\xff\xd8\xff\xe0" + bytes(200_000)),
            "claim": ready.post(
                ready.at("contact"),
                **{"reporters.0.name": "陆", "reporters.0.phone": "13800138001"},
            ),
            "submission": ready.submit(),
            "log-in": staff.post("/login", login="officer", password=PASSWORD),
            "wrong log-in": staff.post("/login", login="officer", password="guess"),
        }
        assert {step: answer.status_code for step, answer in refused.items()} == dict.fromkeys(
            refused, 507
        )
        assert "存储暂时无法写入" in refused["submission"].text
        assert refused["draft by the api"].json()["code"] == "STORAGE_FULL"
        assert ready.get(ready.at("check")).status_code == 200
        health = TestClient(create_app(runtime)).get("/health")
        assert health.status_code == 503
        assert "DISK_FULL" in health.text
        with runtime.read() as work:
            assert reports.by_id(work.connection, ready.report_id).state is ReportState.DRAFT
            assert len(evidence_files.of_report(work.connection, ready.report_id)) == 1
            assert fsck.check(work.connection, runtime.files).pieces == 0
        filler.unlink()
        assert ready.submit().url.path == "/s/receipt"
        assert staff.post("/login", login="officer", password=PASSWORD).status_code == 303


def test_what_a_bug_is_stays_one(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(drafts, "open_draft", fail)
    assert TestClient(create_app(runtime)).post("/api/v1/drafts").status_code == 500


def test_a_disk_that_is_full_behind_the_database_is_told_the_same(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(drafts, "draft_of", full)
    answer = TestClient(create_app(runtime)).get(
        "/api/v1/drafts/x", headers={"authorization": "Bearer x"}
    )
    assert (answer.status_code, answer.json()["code"]) == (507, "STORAGE_FULL")


def test_files_that_were_sent_wait_longer_than_pages(runtime: Runtime, settings: Settings) -> None:
    hasty = replace(runtime, write_wait_s=0.1)
    with hasty.write() as work:
        report_id = open_draft(work, channel=Channel.WEB).report_id
    with ThreadPoolExecutor(1) as pool:
        with lock_held(settings.database):
            content = io.BytesIO(b"\xff\xd8\xff\xe0 a photo")
            sent = pool.submit(
                store_file, hasty, report_id=report_id, file_name="a.jpg", stream=content
            )
            with pytest.raises(StoreBusy), hasty.write():
                pass
            assert not sent.done()
        assert sent.result(60).file_name == "a.jpg"
