"""What the store of cases promises beside its answers."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import event

from pipeline.runtime import Runtime
from pipeline.store import cases
from scheme.case import Incident
from scheme.reading import PlateNumber

AT = datetime(2026, 3, 10, 0, 0, tzinfo=UTC)


def test_reports_near_a_moment_are_found_by_an_index(runtime: Runtime) -> None:
    asked: list[tuple[str, Any]] = []
    incident = Incident("wrong_way", AT, PlateNumber("沪A12345"), "49", None, None, None)
    with runtime.read() as work:
        event.listen(
            work.connection, "before_cursor_execute", lambda _c, _cur, said, values, *_: asked.append((said, values))
        )
        cases.same_incident_neighbours(work.connection, incident, exclude="-", minutes=30, metres=500)
        statement, values = next((said, values) for said, values in asked if "violated_at >=" in said)
        plan = work.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    assert any("ix_reports_violated_at" in row.detail for row in plan), plan
