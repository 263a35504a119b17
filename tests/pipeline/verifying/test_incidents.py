"""R8, R11, R14 with real parts.

One incident is paid once or asked about, and what nobody has read stops only its own.

The officers' desk is the money's; what the reader would see in a file is given, as in the tests of
verification.
"""

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

import pytest
from sqlalchemy import event

from pipeline.deciding import corrections, looking, one_incident
from pipeline.doors import counter
from pipeline.receiving.incoming import add_file_to_report
from pipeline.store import candidates, cases, judgements, reading_queue, reports, verifying_queue
from pipeline.store.incidents import unread_before
from pipeline.store.reading_queue import FileOfReport
from pipeline.verifying import fleet, incidents, reading_files, verification
from scheme.case import ReportState
from scheme.finding import Outcome
from scheme.reading import Place, PlateNumber
from scheme.report import Channel
from scheme.substantiation import EarlierReportUnread, OpenCandidates
from tests.pipeline.desk import ID_NUMBER, VIOLATED_AT, Desk, paid_on_the_spot
from tests.pipeline.street import BY_BADGE, BY_PLATE, FACTS, NOTHING, OTHER_BUS, Street, taken
from tests.scheme.drawn_incidents import City
from verifiers.version import READER_VERSION

LONGEST: Final = 3 * reading_files.LONGEST_TRY


@pytest.fixture
def street(desk: Desk) -> Street:
    return Street.opened(desk)


# -- candidates ------------------------------------------------------------------------------------


def test_one_names_the_plate_the_other_the_badge_and_neither_is_paid_unasked(
    street: Street,
) -> None:
    one, other = street.reported(BY_PLATE), street.reported(BY_BADGE)
    assert street.whys(one, other) == {"same_line", "same_place", "times_claimed"}
    for report_id in (one, other):
        with pytest.raises(OpenCandidates):
            street.desk.decide(report_id)
    (question,) = street.desk.case(other).candidates
    with street.desk.runtime.write() as work:
        one_incident.answer_candidate(
            work,
            candidate_id=question.candidate_id,
            officer=street.desk.officer,
            same=True,
            reason="one bus",
        )
    street.desk.decide(other)
    street.desk.decide(one)
    assert (street.paid(one), street.paid(other)) == (1, 0)


def test_the_finding_says_why(street: Street) -> None:
    street.reported(BY_PLATE)
    other = street.reported(BY_BADGE)
    with street.desk.runtime.read() as work:
        judgement = judgements.latest(work.connection, other)
    assert judgement is not None
    (asked,) = [
        finding for finding in judgement.findings if finding.code == "SAME_INCIDENT_CANDIDATE"
    ]
    assert asked.outcome is Outcome.REVIEW
    assert asked.details["why"] == "same_line same_place times_claimed"


@pytest.mark.parametrize("first", [0, 11])
def test_eleven_minutes_apart_by_the_claims_but_the_files_of_one_minute(
    street: Street, first: int
) -> None:
    claims = [
        replace(BY_PLATE, violated_at=VIOLATED_AT + timedelta(minutes=late))
        for late in (first, 11 - first)
    ]
    one, other = (street.reported(claim, taken(timedelta(seconds=30))) for claim in claims)
    assert street.whys(one, other) == {"same_plate", "same_place", "times_of_files"}


def test_eleven_minutes_apart_by_claims_and_files_is_another_incident(street: Street) -> None:
    late = timedelta(minutes=16)
    one = street.reported(BY_PLATE, taken(timedelta()))
    other = street.reported(replace(BY_PLATE, violated_at=VIOLATED_AT + late), taken(late))
    assert street.whys(one, other) == set()


def test_a_plate_that_only_the_other_file_shows_connects(street: Street) -> None:
    mistaken = replace(BY_PLATE, plate=PlateNumber("沪D60183"), route="926")
    one, other = (
        street.reported(BY_PLATE),
        street.reported(mistaken, taken(timedelta(), "沪A05127D")),
    )
    assert "plate_in_files" in street.whys(one, other)


def test_what_was_read_is_compared_whichever_was_verified_first(street: Street) -> None:
    mistaken = replace(BY_PLATE, plate=PlateNumber("沪D60183"), route="926")
    one, other = (
        street.reported(mistaken, taken(timedelta(), "沪A05127D")),
        street.reported(BY_PLATE),
    )
    assert "plate_in_files" in street.whys(one, other)


def test_equal_files_with_a_place_in_them_do_not_hide_that_the_claims_name_two(
    street: Street,
) -> None:
    facts = replace(FACTS, place=Place(31.2365, 121.4823, "exif.GPS"))
    picture = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"gps" * 500
    ids = []
    for latitude in (31.2365, 31.3):  # the second claims it seven kilometres away (R15)
        claim = replace(BY_PLATE, latitude=latitude, longitude=121.4823)
        sent = street.send(claim, content=picture)
        ids.append(street.read(sent, replace(NOTHING, facts=facts)))
    assert street.desk.case(ids[0]).case_id != street.desk.case(ids[1]).case_id
    (question,) = street.desk.case(ids[1]).candidates
    assert "REPLAYED_EVIDENCE" in question.reasons


def test_a_corrected_claim_asks_anew(street: Street) -> None:
    one, other = street.reported(BY_PLATE), street.reported(OTHER_BUS)
    assert street.whys(one, other) == set()
    with street.desk.runtime.write() as work:
        corrections.correct_claim(
            work,
            report_id=other,
            officer=street.desk.officer,
            row_version=reports.by_id(work.connection, other).row_version,
            claim=BY_BADGE,
            reason="the badge is legible",
        )
    assert "same_line" in street.whys(one, other)


def test_pairs_of_one_drawn_incident_go_through_the_store_and_none_is_paid_twice_unasked(
    street: Street,
) -> None:
    """Forty incidents, each told twice, all in one installation.

    The thousands are tests/scheme's.
    """
    city = City(40)
    with street.desk.runtime.write() as work:
        work.connection.exec_driver_sql("DELETE FROM roster_badges")
        work.connection.exec_driver_sql("DELETE FROM roster_vehicles")
        content = city.roster_csv().encode()
        fleet.import_roster(work, actor="system", effective_from=date(2026, 1, 2), content=content)
    street.desk.clock.move(days=20)
    pairs = []
    for _ in range(40):
        incident = replace(city.incident(), category="smoking_or_phone")
        told = [city.told(incident), city.told(incident)]
        ids = [
            street.reported(
                replace(one.claim, route=one.claim.route or incident.bus.line),
                replace(one.readings, reader_version=READER_VERSION),
            )
            for one in told
        ]
        pairs.append(ids)
    for one, other in pairs:
        assert street.whys(one, other), (one, other)
        for report_id in (one, other):
            with pytest.raises(OpenCandidates):
                street.desk.decide(report_id)
    asked = {frozenset(pair) for pair in pairs}
    with street.desk.runtime.read() as work:
        everything = candidates.of_reports(
            work.connection, [report_id for pair in pairs for report_id in pair]
        )
    assert {frozenset((row.report_id, row.other_report_id)) for row in everything} == asked


# -- what nobody has read --------------------------------------------------------------------------


def held_by(street: Street, report_id: str) -> Sequence[str]:
    """The numbers of the reports for which a substantiation is refused now."""
    with street.desk.runtime.read() as work:
        case = [member.report_id for member in street.desk.case(report_id).reports]
        unread = incidents.unread_before(
            work, report_id, case=case, longest_try=reading_files.LONGEST_TRY
        )
    return [one.report_number for one in unread]


def test_a_report_about_another_bus_on_another_day_holds_nobody_up(street: Street) -> None:
    yesterday = replace(OTHER_BUS, violated_at=VIOLATED_AT - timedelta(days=1))
    for claim in (
        yesterday,
        OTHER_BUS,
        replace(BY_PLATE, category="wrong_way"),
        replace(yesterday, plate=BY_PLATE.plate),
    ):
        street.send(claim)
    ours = street.reported(BY_PLATE, taken(timedelta(), "沪A05127D"))
    street.desk.decide(ours)
    assert street.paid(ours) == 1


def test_a_report_that_can_be_about_it_holds_it_up_and_the_refusal_says_which_and_until_when(
    street: Street,
) -> None:
    unread = street.send(replace(BY_BADGE, violated_at=VIOLATED_AT + timedelta(minutes=70)))
    ours = street.reported(BY_PLATE)
    with pytest.raises(EarlierReportUnread) as refusal:
        street.desk.decide(ours)
    assert refusal.value.numbers == street.number(unread)
    assert refusal.value.until == street.desk.clock.at + LONGEST
    street.read(unread)
    street.desk.decide(ours)


def test_a_later_report_holds_nobody_up(street: Street) -> None:
    ours = street.reported(BY_PLATE)
    street.send(BY_BADGE)
    assert held_by(street, ours) == []


def test_nothing_is_asked_about_a_report_that_nobody_has_read_until_it_is(street: Street) -> None:
    unread = street.send(BY_BADGE)
    ours = street.reported(BY_PLATE)
    assert street.whys(ours, unread) == set()
    assert held_by(street, ours) == [street.number(unread)]
    street.read(unread)
    assert street.whys(ours, unread)


def test_the_very_same_file_holds_up_whatever_is_claimed(street: Street) -> None:
    picture = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"same" * 500
    unread = street.send(OTHER_BUS, content=picture)
    ours = street.send(BY_PLATE, content=picture)
    with street.desk.runtime.write() as work:
        case_id = cases.open_case(work.connection, category="smoking_or_phone", at=work.now)
        cases.link(work.connection, ours, case_id)
        reports.move(work.connection, ours, ReportState.VERIFIED)
    assert held_by(street, ours) == [street.number(unread)]


def test_what_was_sent_before_the_violation_cannot_be_about_it(street: Street) -> None:
    # The letter is received later, but by its postmark it left before; the web report came in
    # before.
    early = street.desk.clock.at
    street.desk.clock.at = VIOLATED_AT + timedelta(minutes=30)
    street.send(replace(BY_BADGE, violated_at=VIOLATED_AT))
    street.desk.clock.at = early
    street.send(
        replace(BY_BADGE, violated_at=VIOLATED_AT),
        channel=Channel.POST,
        stood_at=timedelta(hours=1, minutes=30),
    )
    ours = street.reported(replace(BY_PLATE, violated_at=VIOLATED_AT + timedelta(hours=1)))
    assert held_by(street, ours) == []


def test_an_unread_report_about_another_of_the_case_holds_the_whole_case_up(street: Street) -> None:
    one = street.reported(BY_PLATE)
    unread = street.send(replace(BY_PLATE, badge="310570"))
    other = street.reported(replace(BY_PLATE, plate=PlateNumber("沪A06210D")))
    with street.desk.runtime.write() as work:
        one_incident.merge(
            work,
            case_id=looking.case_of(work, other),
            into_case_id=looking.case_of(work, one),
            officer=street.desk.officer,
            reason="the bus behind",
        )
    assert held_by(street, other) == [street.number(unread)]


def test_a_file_that_failed_three_times_stops_nobody(street: Street) -> None:
    unread = street.send(BY_BADGE)
    ours = street.reported(BY_PLATE)
    with pytest.raises(EarlierReportUnread):
        street.desk.decide(ours)
    for attempt in range(3):
        assert held_by(street, ours) == [street.number(unread)], attempt
        with street.desk.runtime.write() as work:  # a worker takes the file and dies of it
            until = work.now + reading_files.LEASE
            file = FileOfReport(unread, street.file(unread))
            assert reading_queue.lease(work.connection, file, "dead", work.now, until)
        street.desk.clock.move(seconds=60)
    assert held_by(street, ours) == []
    assert verification.verify_report(
        street.desk.runtime, report_id=unread
    )  # read or not, it is asked about
    assert "same_line" in street.whys(ours, unread)
    with pytest.raises(OpenCandidates):
        street.desk.decide(ours)


def test_a_worker_that_dies_with_the_report_three_times_stops_nobody(street: Street) -> None:
    unread = street.send(BY_BADGE)
    ours = street.reported(BY_PLATE)
    for _ in range(3):
        assert held_by(street, ours) == [street.number(unread)]
        with street.desk.runtime.write() as work:
            until = work.now + reading_files.LEASE
            assert verifying_queue.lease(work.connection, unread, "dead", work.now, until)
        assert held_by(street, ours) == [street.number(unread)]  # while it may still be reading
        street.desk.clock.move(seconds=60)
    assert held_by(street, ours) == []


def test_where_nobody_reads_any_more_nothing_is_held_up_for_ever(street: Street) -> None:
    unread = street.send(replace(BY_BADGE, violated_at=VIOLATED_AT + timedelta(minutes=70)))
    ours = street.reported(BY_PLATE)
    street.desk.clock.at += LONGEST - timedelta(seconds=1)
    assert held_by(street, ours) == [street.number(unread)]
    street.desk.clock.move(seconds=1)
    assert held_by(street, ours) == []
    street.desk.decide(ours)
    street.read(unread, taken(timedelta()))
    assert "times_of_files" in street.whys(ours, unread)  # a decided report is asked about too
    with pytest.raises(OpenCandidates):
        street.desk.decide(unread)


def test_material_that_comes_later_counts_from_then(street: Street) -> None:
    unread = street.reported(BY_BADGE)
    street.desk.clock.at += LONGEST
    picture = io.BytesIO(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"more" * 500)
    add_file_to_report(street.desk.runtime, report_id=unread, file_name="b.jpg", stream=picture)
    ours = street.reported(BY_PLATE)
    assert held_by(street, ours) == [street.number(unread)]


def test_a_withdrawn_report_holds_nobody_up(street: Street) -> None:
    unread = street.send(BY_BADGE)
    ours = street.reported(BY_PLATE)
    with street.desk.runtime.write() as work:
        reports.move(work.connection, unread, ReportState.WITHDRAWN)
    assert held_by(street, ours) == []


# -- at the counter --------------------------------------------------------------------------------


def pay(street: Street, report_id: str) -> None:
    with street.desk.runtime.write() as work:
        paid_on_the_spot(work, report_id=report_id, clerk=street.desk.clerk, id_number=ID_NUMBER)


def test_the_walk_in_is_paid_beside_unread_reports_about_other_buses(street: Street) -> None:
    street.send(OTHER_BUS)
    walk_in = street.reported(BY_PLATE, taken(timedelta(), "沪A05127D"), Channel.COUNTER)
    pay(street, walk_in)
    assert street.paid(walk_in) == 1


def test_the_walk_in_waits_while_a_report_that_can_be_about_it_is_unread(street: Street) -> None:
    unread = street.send(replace(BY_BADGE, violated_at=VIOLATED_AT + timedelta(hours=1)))
    walk_in = street.reported(BY_PLATE, NOTHING, Channel.COUNTER)
    with pytest.raises(counter.NotYet) as refusal:
        pay(street, walk_in)
    assert refusal.value.until == street.desk.clock.at + LONGEST
    assert street.number(unread) not in str(
        refusal.value
    )  # whose report it is, is operations' to know (R15)
    street.read(unread)
    pay(street, walk_in)
    assert street.paid(walk_in) == 1


def test_the_walk_in_waits_for_an_earlier_report_that_names_the_badge(street: Street) -> None:
    earlier = street.send(BY_BADGE)
    walk_in = street.reported(BY_PLATE, NOTHING, Channel.COUNTER)
    with pytest.raises(counter.EarlierUndecided) as refusal:
        pay(street, walk_in)
    assert refusal.value.report_numbers == (street.number(earlier),)


# -- how much it costs -----------------------------------------------------------------------------


def statements(street: Street, report_id: str) -> list[str]:
    """What is asked of the database to find the neighbours of a report, and who holds it up."""
    asked: list[str] = []
    with street.desk.runtime.read() as work:
        event.listen(
            work.connection, "before_cursor_execute", lambda _c, _cur, said, *_: asked.append(said)
        )
        incidents.neighbours(work, report_id, work.policies.substance_at(VIOLATED_AT), None)
        incidents.unread_before(
            work, report_id, case=[report_id], longest_try=reading_files.LONGEST_TRY
        )
    return asked


MOST_STATEMENTS = 10 + 13
"""To find the neighbours, and to find out who holds it up."""


def test_the_number_of_statements_does_not_grow_with_the_reports(street: Street) -> None:
    for number in range(3):
        street.send(replace(OTHER_BUS, violated_at=VIOLATED_AT + timedelta(seconds=number)))
    ours = street.reported(BY_PLATE, taken(timedelta()))
    few = statements(street, ours)
    for number in range(20):
        street.send(replace(BY_BADGE, violated_at=VIOLATED_AT + timedelta(seconds=number)))
    many = statements(street, ours)
    assert len(many) == len(few) <= MOST_STATEMENTS, many


def test_nothing_reads_a_whole_table(street: Street) -> None:
    ours = street.reported(BY_PLATE, taken(timedelta()))
    asked: list[tuple[str, object]] = []
    with street.desk.runtime.read() as work:
        event.listen(
            work.connection,
            "before_cursor_execute",
            lambda _c, _cur, said, values, *_: asked.append((said, values)),
        )
        incidents.neighbours(work, ours, work.policies.substance_at(VIOLATED_AT), None)
        unread_before(work.connection, 99, category="smoking_or_phone")
        plans = {
            said: [
                row.detail
                for row in work.connection.exec_driver_sql(
                    f"EXPLAIN QUERY PLAN {said}",
                    values,  # type: ignore[arg-type]
                ).all()  # as it was asked
            ]
            for said, values in list(asked)
        }
    used = "\n".join(line for plan in plans.values() for line in plan)
    for index in ("ix_reports_violated_at", "ix_captures_earliest", "ix_reports_queue"):
        assert index in used, used
    tables = ("reports", "claims", "captures", "names_read", "evidence", "readings")
    assert not [
        line
        for plan in plans.values()
        for line in plan
        if line in {f"SCAN {table}" for table in tables}
    ], used
