"""A mail address belongs to the report it came with.

Whoever knows a phone number can't listen to other reports.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move the address from the person to each report that the person has so far."""
    with op.batch_alter_table(
        "report_reporters", recreate="always"
    ) as table:  # written as a new table is
        table.add_column(sa.Column("email_enc", sa.LargeBinary(), nullable=True))
    op.execute(
        "UPDATE report_reporters SET email_enc ="
        " (SELECT persons.email_enc FROM persons WHERE persons.id = report_reporters.person_id)"
    )
    op.drop_column("persons", "email_enc")
