"""The roster comes in whole or not at all, and every bad line is named (R2)."""

import csv
import io
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest

from pipeline.runtime import Runtime
from pipeline.settings import Settings
from pipeline.store import events, roster
from pipeline.verifying import fleet
from samples.roster import roster_csv

GOOD = """plate,fleet_number,badge,route,unit
沪A12345,S0K-001,,49路;四十九路区间,一分公司
沪a·01234 d,,,926,二分公司
,,工号 012345,49,一分公司
"""


@pytest.fixture
def runtime(tmp_path: Path) -> Runtime:
    return Runtime.open(
        Settings.under(tmp_path / "var"), now=lambda: datetime(2026, 6, 10, 2, tzinfo=UTC)
    )


def test_names_meet_in_their_canonical_form() -> None:
    parsed = fleet.parse_roster(("\ufeff" + GOOD).encode())
    assert [vehicle.plate for vehicle in parsed.vehicles] == ["沪A12345", "沪A01234D"]
    assert "49" in parsed.vehicles[0].routes
    assert [driver.badge for driver in parsed.drivers] == ["012345"]


def test_every_bad_line_is_named() -> None:
    bad = GOOD + "ABC,,,49,x\n沪A12345,,,49,x\n,,,49,x\n"
    with pytest.raises(fleet.RosterInvalid) as refusal:
        fleet.parse_roster(bad.encode())
    assert [(problem.line, problem.column) for problem in refusal.value.problems] == [
        (5, "plate"),
        (6, "plate"),
        (7, "badge"),
    ]
    assert refusal.value.problems[1].reason == "twice"


@pytest.mark.parametrize(
    "content", [b"", b"plate,unit\n", b"\xff\xfe\x00", "车牌,单位\n沪A12345,一\n".encode("gbk")]
)
def test_what_is_no_roster_is_refused(content: bytes) -> None:
    with pytest.raises(fleet.RosterInvalid):
        fleet.parse_roster(content)


DEPOT = """松江公交 2026 年车辆名册,,,,
序号,车牌号,自编号,线路,所属单位
1,沪A12345,S0K-001,49路;四十九路区间,一分公司
2,沪A01234D,S0K-002,926,二分公司
"""
DRIVERS = "上岗证号\t姓名\t线路名称\t车队\n012345\t张三\t49、926\t一车队\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_a_depots_own_file_is_read(encoding: str) -> None:
    parsed = fleet.parse_roster(DEPOT.encode(encoding))
    assert [vehicle.plate for vehicle in parsed.vehicles] == ["沪A12345", "沪A01234D"]
    assert parsed.vehicles[0].fleet_number == "S0K-001"
    assert parsed.vehicles[1].unit == "二分公司"
    assert parsed.table.columns == {
        "plate": "车牌号",
        "fleet_number": "自编号",
        "route": "线路",
        "unit": "所属单位",
    }
    assert parsed.table.unused == ("序号",)


def test_a_list_of_drivers_with_tabs_is_read() -> None:
    parsed = fleet.parse_roster(DRIVERS.encode("gbk"))
    assert [(driver.badge, driver.unit) for driver in parsed.drivers] == [("012345", "一车队")]
    assert parsed.drivers[0].routes == {"49", "926"}
    assert parsed.table.unused == ("姓名",)


def test_a_spreadsheet_is_read_like_its_csv() -> None:
    book = openpyxl.Workbook()
    for row in csv.reader(io.StringIO(DEPOT)):
        book.active.append([int(cell) if cell.isdigit() else cell for cell in row])
    stored = io.BytesIO()
    book.save(stored)
    parsed = fleet.parse_roster(stored.getvalue())
    as_csv = fleet.parse_roster(DEPOT.encode())
    assert (parsed.vehicles, parsed.table.columns) == (as_csv.vehicles, as_csv.table.columns)
    assert (parsed.table.written_as, as_csv.table.written_as) == ("xlsx", "utf-8")


def test_two_columns_of_one_meaning_are_refused() -> None:
    with pytest.raises(fleet.RosterInvalid) as refusal:
        fleet.parse_roster("车牌号,牌照号,线路\n沪A12345,沪A12345,49\n".encode("gbk"))
    (problem,) = refusal.value.problems
    assert (problem.column, problem.reason) == ("牌照号", "column_twice")


def test_a_zip_that_is_no_spreadsheet_is_refused() -> None:
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w") as parts:
        parts.writestr("letter.txt", "no table")
    with pytest.raises(fleet.RosterInvalid) as refusal:
        fleet.parse_roster(stored.getvalue())
    assert refusal.value.problems[0].reason == "no_table"


def test_a_roster_is_in_force_from_its_day_on_and_on_record(runtime: Runtime) -> None:
    with runtime.write() as work:
        fleet.import_roster(
            work, actor="cli", effective_from=date(2026, 6, 1), content=GOOD.encode()
        )
    with runtime.read() as work:
        assert roster.on(work.connection, date(2026, 5, 31)) is None
        in_force = roster.on(work.connection, date(2026, 6, 1))
        assert in_force is not None
        assert set(in_force.vehicles) == {"沪A12345", "沪A01234D"}
        (row,) = roster.imports(work.connection)
        (event,) = events.about(work.connection, f"roster/{row.import_id}")
    assert event.action == "roster_imported"
    assert event.detail["vehicles"] == 2


def test_a_refused_roster_leaves_nothing(runtime: Runtime) -> None:
    with pytest.raises(fleet.RosterInvalid), runtime.write() as work:
        fleet.import_roster(work, actor="cli", effective_from=date(2026, 6, 1), content=b"plate\n")
    with runtime.read() as work:
        assert roster.imports(work.connection) == ()


def test_the_demo_roster_is_a_roster() -> None:
    parsed = fleet.parse_roster(roster_csv().encode())
    assert parsed.vehicles
    assert parsed.drivers
