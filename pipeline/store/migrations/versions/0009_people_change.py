"""People change: several documents each, joined and parted, questions, names as typed."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SEALED_RESIDENT_ID_BYTES = 46
"""18 digits with nonce and tag, as long as nothing else: the kind is known without the key."""


def upgrade() -> None:
    """Give each known document a row, and each frozen line the person whose key seals it."""
    _create_tables()
    op.get_bind().execute(
        sa.text(
            "INSERT INTO person_documents (id, person_id, kind, number_index, number_enc, shown_at)"
            " SELECT id, id,"
            " CASE WHEN length(id_number_enc) = :whole THEN 'resident_id' ELSE 'other' END,"
            " id_index, id_number_enc, created_at FROM persons"
            " WHERE id_index IS NOT NULL AND id_number_enc IS NOT NULL AND wrapped_key IS NOT NULL"
        ),
        {"whole": SEALED_RESIDENT_ID_BYTES},
    )
    with op.batch_alter_table("persons") as persons:
        persons.drop_constraint("uq_persons_id_index", type_="unique")
        persons.drop_column("id_index")
        persons.drop_column("id_number_enc")
        persons.add_column(sa.Column("joined_as", sa.String(length=32), nullable=True))
        persons.add_column(sa.Column("erased_at", sa.String(length=27), nullable=True))
        persons.add_column(sa.Column("cleared_at", sa.String(length=27), nullable=True))
    op.create_index("ix_persons_joined_as", "persons", ["joined_as"])
    op.execute("UPDATE persons SET phone_index = 'erased/' || id WHERE wrapped_key IS NULL")
    with op.batch_alter_table(
        "report_reporters", recreate="always"
    ) as reporters:  # written as a new table is
        reporters.add_column(sa.Column("name_enc", sa.LargeBinary(), nullable=True))
    with op.batch_alter_table("batch_lines", recreate="always") as lines:
        lines.add_column(sa.Column("payee_id", sa.String(length=32), nullable=True))
        lines.create_foreign_key("fk_batch_lines_payee_id", "persons", ["payee_id"], ["id"])
    op.execute(
        "UPDATE batch_lines SET payee_id ="
        " (SELECT first.person_id FROM shares"
        " JOIN shares AS first ON first.reward_id = shares.reward_id"
        " WHERE shares.id = batch_lines.share_id AND first.position = 0)"
        " WHERE payee_enc IS NOT NULL"
    )


def _create_tables() -> None:
    op.create_table(
        "person_documents",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("number_index", sa.String(length=64), nullable=False),
        sa.Column("number_enc", sa.LargeBinary(), nullable=False),
        sa.Column("name_enc", sa.LargeBinary(), nullable=True),
        sa.Column("shown_at", sa.String(length=27), nullable=False),
        sa.CheckConstraint(
            "kind IN ('resident_id', 'passport', 'travel_permit', 'other')",
            name=op.f("ck_person_documents_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_person_documents_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_documents")),
        sa.UniqueConstraint("number_index", name=op.f("uq_person_documents_number_index")),
    )
    op.create_index(
        op.f("ix_person_documents_person_id"), "person_documents", ["person_id"], unique=False
    )
    op.create_table(
        "identity_questions",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("other_person_id", sa.String(length=32), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposal_enc", sa.LargeBinary(), nullable=True),
        sa.Column("asked_by", sa.String(length=32), nullable=False),
        sa.Column("asked_at", sa.String(length=27), nullable=False),
        sa.Column("hold_until", sa.String(length=27), nullable=True),
        sa.Column("answer", sa.String(length=10), nullable=True),
        sa.Column("answered_by", sa.String(length=32), nullable=True),
        sa.Column("answered_at", sa.String(length=27), nullable=True),
        sa.Column("answer_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('join', 'part', 'document', 'name', 'phone', 'reporter', 'erase')",
            name=op.f("ck_identity_questions_kind_known"),
        ),
        sa.CheckConstraint(
            "answer IN ('accepted', 'refused')", name=op.f("ck_identity_questions_answer_known")
        ),
        sa.CheckConstraint(
            "(answer IS NULL) = (answered_by IS NULL)",
            name=op.f("ck_identity_questions_answer_whole"),
        ),
        sa.CheckConstraint(
            "answered_by IS NULL OR answered_by <> asked_by",
            name=op.f("ck_identity_questions_two_people"),
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["reports.id"], name=op.f("fk_identity_questions_report_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_identity_questions_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["other_person_id"], ["persons.id"], name=op.f("fk_identity_questions_other_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["accounts.id"], name=op.f("fk_identity_questions_asked_by")
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["accounts.id"], name=op.f("fk_identity_questions_answered_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_questions")),
    )
    for column in ("report_id", "person_id", "other_person_id"):
        op.create_index(
            op.f(f"ix_identity_questions_{column}"), "identity_questions", [column], unique=False
        )
