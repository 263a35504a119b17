"""What came by post: the postmark's day as it was read, and where its sender can be written to."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table.

    Reports by post from before have their postmark as the instant on the report alone.
    """
    op.create_table(
        "letters",
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("postmarked_on", sa.Date(), nullable=False),
        sa.Column("registered_by", sa.String(length=64), nullable=False),
        sa.Column("address_enc", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_letters_person_id")),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_letters_report_id")),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_letters")),
    )
