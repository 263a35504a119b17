"""Each report's files are read for that report.

The queue stands where report and file meet, not on the file.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ON_THE_FILE = ("lease_owner", "lease_until", "attempts")


def upgrade() -> None:
    """Move the queue; what was read stays so, but for drafts, which are read once more."""
    with op.batch_alter_table(
        "report_evidence", recreate="always"
    ) as table:  # written as a new table is
        table.add_column(sa.Column("read_by", sa.String(length=40), nullable=True))
        table.add_column(sa.Column("own_reading", sa.Text(), nullable=True))
        table.add_column(sa.Column("lease_owner", sa.String(length=64), nullable=True))
        table.add_column(sa.Column("lease_until", sa.String(length=27), nullable=True))
        table.add_column(sa.Column("attempts", sa.Integer(), server_default="0", nullable=False))
    op.execute(
        "UPDATE report_evidence SET read_by = (SELECT max(readings.reader_version) FROM readings"
        " WHERE readings.sha256 = report_evidence.sha256)"
        " WHERE report_id IN (SELECT id FROM reports WHERE state <> 'draft')"
    )
    for column in ON_THE_FILE:
        op.drop_column("evidence", column)
