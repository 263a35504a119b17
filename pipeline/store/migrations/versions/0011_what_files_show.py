"""What files show of buses, lines, times and places stands beside the report.

The same incident is searched by it.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SURE, LEAST = 0.8, 0.4
TELLING = timedelta(hours=1)
MOST_NAMES = 60
LONGEST = 40


def upgrade() -> None:
    """Make the two tables, and fill them for every received report from what is read by now."""
    op.create_table(
        "names_read",
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("sure", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('plate', 'route', 'fleet_number', 'badge')",
            name=op.f("ck_names_read_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["reports.id"], name=op.f("fk_names_read_report_id")
        ),
        sa.PrimaryKeyConstraint("report_id", "kind", "name", name=op.f("pk_names_read")),
    )
    op.create_table(
        "captures",
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("earliest", sa.String(length=27), nullable=True),
        sa.Column("latest", sa.String(length=27), nullable=True),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.CheckConstraint(
            "(earliest IS NULL) = (latest IS NULL)", name=op.f("ck_captures_span_whole")
        ),
        sa.CheckConstraint(
            "(latitude IS NULL) = (longitude IS NULL)", name=op.f("ck_captures_place_whole")
        ),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_captures_report_id")),
        sa.ForeignKeyConstraint(["sha256"], ["evidence.sha256"], name=op.f("fk_captures_sha256")),
        sa.PrimaryKeyConstraint("report_id", "sha256", name=op.f("pk_captures")),
    )
    op.create_index("ix_captures_earliest", "captures", ["earliest"])
    _fill(op.get_bind())


def _fill(connection: sa.Connection) -> None:
    """By the newest reading of each file.

    When a file was taken, the report's row knows for all of its files.
    """
    received = connection.execute(
        sa.text("SELECT id, captured_from, captured_to FROM reports WHERE receipt_seq IS NOT NULL")
    ).all()
    for report in received:
        names: dict[tuple[str, str], bool] = {}
        for sha256, body in connection.execute(_READINGS, {"report": report.id}).all():
            readings = json.loads(body)
            for kind, name, sure in _names(readings):
                names[kind, name] = sure or names.get((kind, name), False)
            place = (readings.get("facts") or {}).get("place") or {}
            connection.execute(
                _CAPTURE,
                {
                    "report": report.id,
                    "sha256": sha256,
                    **_span(report.captured_from, report.captured_to),
                    "latitude": place.get("latitude"),
                    "longitude": place.get("longitude"),
                },
            )
        kept: dict[str, int] = {}
        for (kind, name), sure in sorted(names.items(), key=lambda item: not item[1]):
            kept[kind] = kept.get(kind, 0) + 1
            if kept[kind] <= 2 * MOST_NAMES:
                connection.execute(
                    _NAME, {"report": report.id, "kind": kind, "name": name, "sure": sure}
                )


_READINGS = sa.text(
    "SELECT report_evidence.sha256, readings.body FROM report_evidence"
    " JOIN readings ON readings.sha256 = report_evidence.sha256"
    " WHERE report_evidence.report_id = :report AND readings.made_at ="
    " (SELECT max(newer.made_at) FROM readings AS newer WHERE newer.sha256 = readings.sha256)"
    " AND readings.reader_version = (SELECT max(other.reader_version) FROM readings AS other"
    " WHERE other.sha256 = readings.sha256 AND other.made_at = readings.made_at)"
)
_CAPTURE = sa.text(
    "INSERT INTO captures (report_id, sha256, earliest, latest, latitude, longitude)"
    " VALUES (:report, :sha256, :earliest, :latest, :latitude, :longitude)"
)
_NAME = sa.text(
    "INSERT INTO names_read (report_id, kind, name, sure) VALUES (:report, :kind, :name, :sure)"
).bindparams(sa.bindparam("sure", type_=sa.Boolean()))


def _span(earliest: str | None, latest: str | None) -> dict[str, str | None]:
    tells = (
        earliest
        and latest
        and datetime.fromisoformat(latest) - datetime.fromisoformat(earliest) <= TELLING
    )
    return {"earliest": earliest, "latest": latest} if tells else {"earliest": None, "latest": None}


def _names(readings: Mapping[str, Any]) -> Iterator[tuple[str, str, bool]]:
    for plate in readings.get("plates", ()):
        yield "plate", plate["number"][:LONGEST], plate["certain"]
        for guess in () if plate["certain"] else plate.get("candidates", ())[:3]:
            yield "plate", guess["text"][:LONGEST], False
    for kind, labels in (
        ("fleet_number", "fleet_numbers"),
        ("badge", "badges"),
        ("route", "routes"),
    ):
        for label in readings.get(labels, ()):
            if label["probability"] >= LEAST:
                yield kind, label["text"][:LONGEST], label["probability"] >= SURE
