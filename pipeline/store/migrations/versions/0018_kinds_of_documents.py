"""More kinds of documents can be shown: officers' cards, household registers, permits."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

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


def upgrade() -> None:
    """Let the kinds in; what was shown stays as it is."""
    known = op.f("ck_person_documents_kind_known")
    listed = ", ".join(f"'{kind}'" for kind in KINDS)
    with op.batch_alter_table(
        "person_documents", recreate="auto", copy_from=_as_it_was(known)
    ) as documents:
        documents.drop_constraint(known, type_="check")
        documents.create_check_constraint(known, f"kind IN ({listed})")


def _as_it_was(known: str) -> sa.Table:
    """SQLite makes the table anew, and does not tell the checks that stand in it."""
    return sa.Table(
        "person_documents",
        sa.MetaData(),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("number_index", sa.String(length=64), nullable=False),
        sa.Column("number_enc", sa.LargeBinary(), nullable=False),
        sa.Column("name_enc", sa.LargeBinary(), nullable=True),
        sa.Column("shown_at", sa.String(length=27), nullable=False),
        sa.CheckConstraint(
            "kind IN ('resident_id', 'passport', 'travel_permit', 'other')",
            name=known,
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_person_documents_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_documents")),
        sa.UniqueConstraint("number_index", name=op.f("uq_person_documents_number_index")),
        sa.Index("ix_person_documents_person_id", "person_id"),
    )
