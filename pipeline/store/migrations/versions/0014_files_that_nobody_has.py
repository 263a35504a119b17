"""Files that nobody has any more are noted until they are removed.

What expired drafts left behind is the first.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let expired drafts have no files, and note every file that nobody has."""
    op.create_table(
        "unreferenced_files",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("let_go_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_unreferenced_files")),
    )
    op.execute(
        "DELETE FROM report_evidence"
        " WHERE report_id IN (SELECT id FROM reports WHERE state = 'expired')"
    )
    op.execute(
        "INSERT INTO unreferenced_files (sha256, let_go_at) SELECT sha256, stored_at FROM evidence"
        " WHERE sha256 NOT IN (SELECT sha256 FROM report_evidence)"
    )
