"""How far the stages walk, by ``tests.walk``; first that the measure itself counts right."""

import io
import sys
from collections.abc import Callable
from typing import Any

import pytest

from pipeline.deciding import decisions
from pipeline.receiving.claims import save_claim
from pipeline.receiving.drafts import ReporterInput, open_draft
from pipeline.receiving.incoming import store_file
from pipeline.receiving.reporters import save_reporters
from pipeline.receiving.submitting import submit
from pipeline.store import reports
from scheme.decision import Verdict
from scheme.report import Channel
from tests.pipeline.desk import Desk
from tests.pipeline.street import BY_PLATE
from tests.walk import Walk, module_of, room_of, walk


def house(**sources: str) -> dict[str, dict[str, Any]]:
    """Made-up modules; each sees all others by their last names."""
    modules: dict[str, dict[str, Any]] = {
        name: {"__name__": name.replace("__", ".")} for name in sources
    }
    for name, source in sources.items():
        for other, namespace in modules.items():
            modules[name][other.rpartition("__")[2]] = namespace
        exec(compile(source, "made-up", "exec"), modules[name])  # noqa: S102 - the made-up modules above
    return modules


def measured(stage: Callable[[], object]) -> tuple[int, int]:
    told = walk(stage)
    return told.stays, told.returns


STORE = "def read(): return row()\ndef row(): return 1\ndef write(): return 1"


def test_a_call_within_ones_own_room_is_no_stay() -> None:
    rooms = house(pipeline__stage="def run(): return step()\ndef step(): return 1")
    assert measured(rooms["pipeline__stage"]["run"]) == (1, 0)


def test_gather_rule_commit_is_four_stays_and_three_returns() -> None:
    rooms = house(
        pipeline__stage=(
            "def run():\n    store_read['read']()\n    case['rule']()\n    store_write['write']()\n"
        ),
        pipeline__store__store_read=STORE,
        pipeline__store__store_write=STORE,
        scheme__case="def rule(): return 1",
    )
    assert measured(rooms["pipeline__stage"]["run"]) == (4, 3)


def test_modules_of_the_store_are_one_room_and_read_strictly_they_are_two() -> None:
    rooms = house(
        pipeline__stage="def run(): return one['read']()",
        pipeline__store__one="def read(): return two['row']() + two['row']()",
        pipeline__store__two=STORE,
    )
    run = rooms["pipeline__stage"]["run"]
    assert walk(run, room_of) == Walk(
        "pipeline.stage", 2, 1, ("pipeline.stage", "pipeline.store", "pipeline.stage")
    )
    assert walk(run, module_of).stays == 4


def test_what_a_library_calls_back_is_reached_from_where_it_was_called() -> None:
    rooms = house(pipeline__stage="def run(): return sorted([2, 1], key=lambda number: -number)")
    assert measured(rooms["pipeline__stage"]["run"]) == (1, 0)


def test_a_room_that_calls_back_into_the_stage_is_a_return_and_a_stay() -> None:
    rooms = house(
        pipeline__stage="def run(): return other['ask'](answer)\ndef answer(): return 1",
        pipeline__other="def ask(question): return question()",
    )
    assert measured(rooms["pipeline__stage"]["run"]) == (3, 2)


def test_a_stage_that_raises_leaves_nothing_watching() -> None:
    rooms = house(pipeline__stage="def run(): raise KeyError('refused')")
    with pytest.raises(KeyError):
        walk(rooms["pipeline__stage"]["run"])
    assert sys.getprofile() is None


def test_submitting_is_gather_rule_commit(desk: Desk) -> None:
    with desk.runtime.write() as work:
        report_id = open_draft(work, channel=Channel.WEB).report_id
        save_claim(work, report_id=report_id, claim=BY_PLATE)
        people = [ReporterInput("甲", "13800000001"), ReporterInput("乙", "13800000002")]
        save_reporters(work, report_id=report_id, reporters=people)
    picture = io.BytesIO(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(2000))
    store_file(desk.runtime, report_id=report_id, file_name="a.jpg", stream=picture)
    with desk.runtime.write() as work:
        told = walk(lambda: submit(work, report_id=report_id, consent=True))
    assert told.own == "pipeline.receiving.submitting"
    assert told.stays <= 12, told.way
    assert told.returns <= 4, told.way


def test_deciding_is_gather_rule_commit_and_settle(desk: Desk) -> None:
    report_id = desk.report()
    with desk.runtime.write() as work:
        report = reports.by_id(work.connection, report_id)
        told = walk(
            lambda: decisions.decide(
                work,
                report_id=report_id,
                officer=desk.officer,
                row_version=report.row_version,
                verdict=Verdict.SUBSTANTIATED,
                reasons=["VIOLATION_SEEN"],
                note="seen at 4 s",
            )
        )
    assert told.own == "pipeline.deciding.decisions"
    assert told.stays <= 15, told.way
    assert told.returns <= 4, told.way
    assert len(desk.shares(report_id)) == 1
