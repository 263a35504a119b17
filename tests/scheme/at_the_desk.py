"""One report as it lies before an officer, for the rules about what they may do to it."""

from datetime import UTC, datetime, timedelta

from pipeline.policies import load_policies
from scheme.case import ReportState
from scheme.desk import WithClaim
from scheme.reading import PlateNumber
from scheme.report import Claim

NOW = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)
"""10:00 in Shanghai, a Wednesday."""

POLICIES = load_policies(None)
POLICY = POLICIES.policies[0]
CLAIM = Claim("wrong_way", NOW - timedelta(hours=3), route="49", plate=PlateNumber("沪A12345"))
REPORT = WithClaim(
    report_id="r1",
    report_number="26-000001",
    state=ReportState.VERIFIED,
    row_version=3,
    case_id="c1",
    receipt_seq=1,
    received_at=NOW - timedelta(hours=2),
    violated_at=CLAIM.violated_at,
    answer_due_at=datetime(2026, 3, 13, 16, 0, tzinfo=UTC),
    reopened=False,
    held_by_other="",
    held_until=None,
    claim=CLAIM,
    claim_version=1,
    substance_policy=POLICY.ref,
    alone=True,
)
HELD = {"held_by_other": "李", "held_until": NOW + timedelta(minutes=10)}
EVERY_STATE = tuple(ReportState)
