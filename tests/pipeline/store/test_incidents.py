"""What the store finds by indexes is what comparing all with all finds (R14)."""

from dataclasses import replace
from datetime import timedelta
from random import Random

from sqlalchemy import insert

from pipeline.runtime import Runtime, Work
from pipeline.store import claims, reports
from pipeline.store import incidents as stored
from pipeline.store.tables import evidence
from pipeline.store.tables import reports as rows
from pipeline.verifying import incidents
from scheme.case import ReportState
from scheme.incident import why_asked
from scheme.policy import Policy
from scheme.reading import Sha256
from scheme.report import Channel
from scheme.traces import Capture, Shown, traces
from tests.scheme.drawn_incidents import City, Told
from tests.scheme.test_incident_figures import dossier_of
from verifiers.judging.shown import shown

MINUTES, METRES = 10, 300


def kept(work: Work, number: int, told: Told, policy: Policy, state: ReportState) -> str:
    """One received report with what its file shows, as verification keeps it."""
    report_id, digest = f"{number:032x}", Sha256(f"{number:064x}")
    reports.add_draft(work.connection, report_id, Channel.WEB, f"{number:064x}", work.now)
    claims.set_draft(work.connection, report_id, told.claim, work.now)
    received = {"receipt_seq": number, "report_number": str(number), "received_at": work.now}
    work.connection.execute(
        rows.update()
        .where(rows.c.id == report_id)
        .values(state=state, violated_at=told.claim.violated_at, **received)
    )
    file = {
        "sha256": digest,
        "kind": "photo",
        "format": "jpeg",
        "mime": "image/jpeg",
        "size_bytes": 1,
    }
    work.connection.execute(insert(evidence).values(**file, stored_at=work.now))
    seen = shown(dossier_of(told, None), policy)
    captures = tuple(replace(capture, sha256=digest) for capture in seen.captures)
    stored.keep_shown(work.connection, report_id, replace(seen, captures=captures))
    return report_id


def test_the_search_by_index_finds_what_comparing_all_finds(runtime: Runtime) -> None:
    city, draw = City(7), Random(7)  # noqa: S311 -- a drawing, no secret
    fleet = city.roster()
    with runtime.write() as work:
        policy = work.policies.policies[0]
        told = []
        for _ in range(60):
            incident = replace(city.incident(), category="smoking_or_phone")
            incident = replace(incident, at=incident.at.replace(day=10, hour=draw.randrange(2, 4)))
            told += [city.told(incident) for _ in range(draw.randrange(1, 4))]
        states = [
            ReportState.VERIFIED,
            ReportState.RECEIVED,
            ReportState.ANSWERED,
            ReportState.WITHDRAWN,
        ]
        drawn = [
            (kept(work, number, one, policy, draw.choice(states)), one)
            for number, one in enumerate(told, start=1)
        ]
        every = stored.told(work.connection, [report_id for report_id, _ in drawn])
        tracks = {one.report_id: traces(one.claim, one.at, one.shown, fleet) for one in every}
        in_line = {one.report_id for one in every if one.state is not ReportState.WITHDRAWN}
        met = 0
        for report_id, _ in drawn:
            naive = {
                other: why_asked(tracks[report_id], tracks[other], minutes=MINUTES, metres=METRES)
                for other in in_line - {report_id}
            }
            found = incidents.neighbours(work, report_id, policy, fleet)
            assert {one.other_report_id: one.why for one in found} == {
                o: why for o, why in naive.items() if why
            }
            assert [one.seconds_apart for one in found] == sorted(
                one.seconds_apart for one in found
            )
            met += len(found)
    assert met > len(drawn)


def test_what_files_show_is_kept_whole_and_replaced_whole(runtime: Runtime) -> None:
    city = City(8)
    with runtime.write() as work:
        policy = work.policies.policies[0]
        told = city.told(city.incident())
        report_id = kept(work, 1, told, policy, ReportState.VERIFIED)
        (before,) = stored.told(work.connection, [report_id])
        assert before.shown.read == shown(dossier_of(told, None), policy).read
        day = Capture(Sha256(f"{1:064x}"), work.now, work.now + timedelta(minutes=1), 31.0, 121.0)
        for after in (Shown(captures=(day,)), Shown()):
            stored.keep_shown(work.connection, report_id, after)
            (now,) = stored.told(work.connection, [report_id])
            assert now.shown == after
