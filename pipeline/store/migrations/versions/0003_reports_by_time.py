"""Reports near a moment are found by an index.

The search for the same incident read every report before.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Index the time of the violation."""
    op.create_index("ix_reports_violated_at", "reports", ["violated_at"])
