"""The audit chain: tampering by hand is found, the first broken link named (P11; TRUST.md M17)."""

import pytest
from sqlalchemy import text

from pipeline.runtime import Runtime
from pipeline.store import events
from pipeline.store.actions import Action
from pipeline.store.events import BrokenLink

INSERTED = (
    "INSERT INTO events SELECT 9, at, actor, action, subject, detail, hash, 'f' || substr(hash, 2)"
    " FROM events WHERE seq = 8"
)


@pytest.fixture
def logged(runtime: Runtime) -> Runtime:
    """An installation whose log holds eight events, and whose guards somebody took away."""
    for number in range(8):
        with runtime.write() as work:
            work.record(
                "system", Action.VERIFIED, f"thing/{number % 2}", number=number, word="第一"
            )
    with runtime.write() as work:
        for trigger in ("events_no_update", "events_no_delete"):
            work.connection.execute(text(f"DROP TRIGGER {trigger}"))
    return runtime


def _verified(runtime: Runtime) -> BrokenLink | None:
    with runtime.read() as work:
        return events.verify(work.connection)


def test_an_untouched_log_verifies(logged: Runtime) -> None:
    assert _verified(logged) is None
    with logged.read() as work:
        assert events.head(work.connection)[0] == 8
        assert [event.detail["number"] for event in events.about(work.connection, "thing/1")] == [
            1,
            3,
            5,
            7,
        ]


@pytest.mark.parametrize(
    ("tampering", "link"),
    [
        ("UPDATE events SET detail = '{}' WHERE seq = 3", BrokenLink(3, "edited")),
        ("UPDATE events SET actor = 'somebody' WHERE seq = 1", BrokenLink(1, "edited")),
        (
            "UPDATE events SET at = '2026-03-11T02:00:01.000000Z' WHERE seq = 8",
            BrokenLink(8, "edited"),
        ),
        ("UPDATE events SET subject = 'thing/9' WHERE seq = 5", BrokenLink(5, "edited")),
        ("DELETE FROM events WHERE seq = 4", BrokenLink(4, "missing")),
        ("DELETE FROM events WHERE seq = 1", BrokenLink(1, "missing")),
        ("DELETE FROM events WHERE seq > 6", BrokenLink(7, "cut_off")),
        ("DELETE FROM events", BrokenLink(1, "cut_off")),
        (INSERTED, BrokenLink(9, "edited")),
    ],
)
def test_tampering_is_found(logged: Runtime, tampering: str, link: BrokenLink) -> None:
    with logged.write() as work:
        work.connection.execute(text(tampering))
    assert _verified(logged) == link


def test_swapped_events_are_found(logged: Runtime) -> None:
    with logged.write() as work:
        for change in ("seq = 99 WHERE seq = 3", "seq = 3 WHERE seq = 4", "seq = 4 WHERE seq = 99"):
            work.connection.execute(text(f"UPDATE events SET {change}"))  # noqa: S608 - fixed texts
    assert _verified(logged) == BrokenLink(3, "edited")


def test_going_on_after_a_deletion_does_not_heal_the_chain(logged: Runtime) -> None:
    with logged.write() as work:
        work.connection.execute(text("DELETE FROM events WHERE seq = 8"))
    with logged.write() as work:
        work.record("system", Action.VERIFIED, "thing/0")
    assert _verified(logged) == BrokenLink(8, "missing")


def test_an_event_goes_with_its_transaction(runtime: Runtime) -> None:
    def fails() -> None:
        with runtime.write() as work:
            work.record("system", Action.VERIFIED, "thing/0")
            raise KeyError

    with pytest.raises(KeyError):
        fails()
    with runtime.read() as work:
        assert events.head(work.connection)[0] == 0
    with runtime.write() as work:
        work.record("system", Action.VERIFIED, "thing/0")
    assert _verified(runtime) is None


def test_what_is_no_plain_value_is_refused(runtime: Runtime) -> None:
    for value in (object(), float("nan")):
        with runtime.write() as work, pytest.raises((TypeError, ValueError)):
            work.record("system", Action.VERIFIED, "thing/0", value=value)
    assert _verified(runtime) is None
