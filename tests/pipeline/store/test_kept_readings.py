"""What a reader version saw of a file is kept once, beside what others saw."""

from dataclasses import replace
from datetime import timedelta

from pipeline.store import evidence_files, kept_readings
from scheme.reading import Sha256
from tests.pipeline.desk import Desk
from tests.pipeline.street import NOTHING

OLD, NEW = replace(NOTHING, reader_version="1"), replace(NOTHING, reader_version="2")


def file_of(desk: Desk, report_id: str) -> Sha256:
    with desk.runtime.read() as work:
        return evidence_files.of_report(work.connection, report_id)[0].sha256


def report_with_its_own_picture(desk: Desk) -> str:
    """Of a colour so far from the last one that its JPEG is another file."""
    for _ in range(64):
        next(desk.numbers)
    return desk.report()


def test_the_first_reading_of_a_version_stays_and_the_newest_is_read(desk: Desk) -> None:
    sha256 = file_of(desk, desk.submit())
    with desk.runtime.write() as work:
        connection, later = work.connection, work.now + timedelta(days=1)
        assert kept_readings.of_file(connection, sha256) is None
        assert kept_readings.keep(connection, sha256, OLD, work.now)
        assert not kept_readings.keep(connection, sha256, replace(OLD, frames=()), later)
        assert kept_readings.of_file(connection, sha256) == OLD
        assert kept_readings.keep(connection, sha256, NEW, later)
        assert kept_readings.of_file(connection, sha256) == NEW
        assert kept_readings.of_file(connection, sha256, "1") == OLD
        assert kept_readings.of_file(connection, sha256, "3") is None
        assert kept_readings.is_read(connection, sha256, "2")
        assert not kept_readings.is_read(connection, sha256, "3")


def test_files_that_only_older_readers_saw_are_stale_undecided_reports_first(desk: Desk) -> None:
    decided, undecided, unread = (report_with_its_own_picture(desk) for _ in range(3))
    desk.decide(decided)
    with desk.runtime.write() as work:
        for report_id in (decided, undecided):
            sha256 = file_of(desk, report_id)
            kept_readings.keep(work.connection, sha256, OLD, work.now)
        stale = kept_readings.stale(work.connection, "2", None)
        assert [file.report_id for file in stale] == [undecided, decided]
        assert [len(file.decided) for file in stale] == [0, 1]
        assert unread not in {file.report_id for file in stale}
        tomorrow = work.now + timedelta(days=1)
        assert kept_readings.stale(work.connection, "2", tomorrow) == ()
        kept_readings.keep(work.connection, file_of(desk, undecided), NEW, work.now)
        (left,) = kept_readings.stale(work.connection, "2", None)
    assert left.report_id == decided
