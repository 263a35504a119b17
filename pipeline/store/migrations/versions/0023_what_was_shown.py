"""What a clerk had side by side before handing out: name and document, and what was said of it."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

INSTANT = sa.String(27)
PURPOSES = ("collect", "on_the_spot", "account")
KINDS = (
    "resident_id",
    "residence_permit",
    "passport",
    "permanent_residence",
    "travel_permit",
    "military",
    "household_register",
    "other",
)
DIFFERENCES = ("name", "photo", "number", "validity", "somebody_else")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "showings",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("report_id", sa.String(32), nullable=False),
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("clerk", sa.String(32), nullable=False),
        sa.Column("shown_at", INSTANT, nullable=False),
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("shown_enc", sa.LargeBinary(), nullable=True),
        sa.Column("agreed", sa.Boolean(), nullable=True),
        sa.Column("difference", sa.String(20), nullable=True),
        sa.Column("note_enc", sa.LargeBinary(), nullable=True),
        sa.Column("answered_at", INSTANT, nullable=True),
        _one_of("purpose", PURPOSES),
        _one_of("kind", KINDS),
        _one_of("difference", DIFFERENCES),
        sa.CheckConstraint(
            "(agreed IS NULL) = (answered_at IS NULL)", name=op.f("ck_showings_answered_once")
        ),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_showings_report_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_showings_person_id")),
        sa.ForeignKeyConstraint(["clerk"], ["accounts.id"], name=op.f("fk_showings_clerk")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_showings")),
    )
    op.create_index(op.f("ix_showings_report_id"), "showings", ["report_id"], unique=False)


def _one_of(column: str, values: tuple[str, ...]) -> sa.CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=op.f(f"ck_showings_{column}_known"))
