"""One transaction a unit of work.

What is rolled back rings for nobody, and a wrong try is counted all the same.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline import clock
from pipeline.runtime import Runtime, Work
from pipeline.settings import Settings
from pipeline.store import counters
from tests.fixtures import Clock


class Refused(Exception):
    """What a stage might raise."""


def _refuse(runtime: Runtime, calls: list[str]) -> None:
    def note(later: Work) -> None:
        calls.append("counted")
        counters.next_number(later.connection, "wrong")

    with runtime.write() as work:
        counters.next_number(work.connection, "thing")
        work.after_commit(lambda: calls.append("committed"))
        work.even_if_refused(note)
        if calls != ["go on"]:
            raise Refused


def test_after_a_refusal_only_the_wrong_try_is_kept(runtime: Runtime) -> None:
    calls: list[str] = []
    with pytest.raises(Refused):
        _refuse(runtime, calls)
    assert calls == ["counted"]
    with runtime.read() as work:
        assert counters.last_number(work.connection, "thing") == 0
        assert counters.last_number(work.connection, "wrong") == 1


def test_after_a_commit_there_was_no_wrong_try(runtime: Runtime) -> None:
    calls = ["go on"]
    _refuse(runtime, calls)
    assert calls == ["go on", "committed"]
    with runtime.read() as work:
        assert counters.last_number(work.connection, "wrong") == 0


def test_one_instant_a_transaction(runtime: Runtime, clock: Clock) -> None:
    with runtime.write() as work:
        before = work.now
        clock.forward(hours=1)
        assert work.now == before
    with runtime.read() as work:
        assert work.now == before + timedelta(hours=1)


def test_a_clock_can_start_elsewhere_and_runs_on(tmp_path: Path) -> None:
    start = datetime(2026, 3, 11, 2, tzinfo=UTC)
    opened = Runtime.open(replace(Settings.under(tmp_path / "home"), clock=start))
    first = opened.now()
    assert start <= first < start + timedelta(minutes=1)
    assert opened.now() >= first
    opened.close()
    with pytest.raises(ValueError, match="aware"):
        clock.starting_at(datetime(2026, 3, 11))  # noqa: DTZ001 - a naive one is the point
