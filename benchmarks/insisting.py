"""Passengers who report over loopback and ask again until every step is answered."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import httpx2

from benchmarks.load import picture
from benchmarks.town import MORNING, Town

BETWEEN_S: Final = 1.0


def report_on(town: Town, number: int, stop: threading.Event) -> None:
    """Report after report until ``stop``: what the receipts said stands in the town."""
    serial = 0
    while not stop.wait(BETWEEN_S):
        serial += 1
        with httpx2.Client(base_url=town.url, timeout=30) as client:
            receipt = _one_report(town, client, number * 10_000 + serial, stop)
        if receipt is not None:
            with town.lock:
                town.receipts[receipt["report_number"]] = receipt["secret_code"]


def _one_report(
    town: Town, client: httpx2.Client, serial: int, stop: threading.Event
) -> dict[str, str] | None:
    """From the draft to the receipt, every step again until it is answered.

    None when it is time to stop.
    """
    drafted = _insist(lambda: client.post("/api/v1/drafts"), stop)
    if drafted is None:
        return None
    draft = f"/api/v1/drafts/{drafted['report_id']}"
    key = {"authorization": f"Bearer {drafted['draft_key']}"}
    at = (MORNING - timedelta(hours=2, seconds=serial)).isoformat()
    # Another line each time: else every pair is a question for the officer.
    line = str(serial % 997 + 1)
    claim = {"category": "wrong_way", "violated_at": at, "route": line, "plate": f"沪A{serial:05}"}
    people = {"reporters": [{"name": "陆晓梅", "phone": f"139{serial:08}"}]}
    content = picture()
    steps = (
        lambda: client.post(f"{draft}/files", files={"file": ("bus.jpg", content)}, headers=key),
        lambda: client.put(f"{draft}/claim", json=claim, headers=key),
        lambda: client.put(f"{draft}/reporters", json=people, headers=key),
    )
    for step in steps:
        if _insist(step, stop) is None:
            return None
    tries: list[int] = []

    def submit() -> httpx2.Response:
        tries.append(1)
        return client.post(f"{draft}/submit", json={"truth": True, "consent": True}, headers=key)

    # Whoever has come so far wants the receipt.
    receipt = _insist(submit, threading.Event())
    with town.lock:
        town.told_again += len(tries) > 1
    return receipt


def _insist(call: Callable[[], httpx2.Response], stop: threading.Event) -> dict[str, str] | None:
    """The answer to ``call``, asked again while the server is away or busy."""
    while not stop.is_set():
        try:
            answer = call()
        except httpx2.TransportError:
            time.sleep(0.1)
            continue
        if answer.is_success:
            body: dict[str, str] = answer.json()
            return body
        assert answer.status_code in (429, 503), answer.text
        time.sleep(0.5)
    return None
