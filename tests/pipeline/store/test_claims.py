"""What a draft claims is written over; once submitted, a correction is a further version."""

from dataclasses import replace

from pipeline.store import claims, reports
from scheme.reading import PlateNumber
from scheme.report import Channel, Claim
from tests.pipeline.desk import VIOLATED_AT, Desk

CLAIM = Claim(
    "wrong_way",
    violated_at=VIOLATED_AT,
    route="49",
    plate=PlateNumber("沪A12345"),
    place="建国东路525号",
    latitude=31.21,
    longitude=121.47,
    note="红色的车",
)


def test_a_draft_says_one_thing_the_last(desk: Desk) -> None:
    with desk.runtime.write() as work:
        reports.add_draft(work.connection, "draft", Channel.WEB, "hash", work.now)
        assert claims.in_force(work.connection, "draft") is None
        claims.set_draft(work.connection, "draft", CLAIM, work.now)
        claims.set_draft(work.connection, "draft", replace(CLAIM, plate=None), work.now)
        (only,) = claims.history(work.connection, "draft")
    assert (only.version, only.made_by, only.claim.plate) == (1, "reporter", None)


def test_every_field_comes_back_and_the_latest_version_counts(desk: Desk) -> None:
    report_id = desk.submit()
    corrected = replace(CLAIM, plate=PlateNumber("沪B54321"), badge="108426", kind="phone")
    with desk.runtime.write() as work:
        number = claims.add(
            work.connection, report_id, CLAIM, at=work.now, made_by="reporter", reason="typed wrong"
        )
        assert number == 2
        claims.add(
            work.connection,
            report_id,
            corrected,
            at=work.now,
            made_by=desk.officer.account_id,
            reason="读错了",
        )
        history = claims.history(work.connection, report_id)
        in_force = claims.in_force(work.connection, report_id)
    assert [version.version for version in history] == [1, 2, 3]
    assert history[1].claim == CLAIM
    assert in_force == history[-1]
    assert in_force.claim == corrected
    assert (in_force.made_by, in_force.reason) == (desk.officer.account_id, "读错了")
