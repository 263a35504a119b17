"""Second looks: what stood out, what is decided again, payments approved by a second person."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

KINDS = (
    "reports",
    "files",
    "paid_in_a_day",
    "pair",
    "payment",
    "on_the_spot",
    "sample",
    "over_a_figure",
)


def upgrade() -> None:
    """Add the looks, the days looked through, and an index for what the month has paid."""
    kinds = ", ".join(f"'{kind}'" for kind in KINDS)
    op.create_table(
        "second_looks",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("subject", sa.String(100), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("report_id", sa.String(32), nullable=True),
        sa.Column("decision_id", sa.String(32), nullable=True),
        sa.Column("share_id", sa.String(32), nullable=True),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.Column("policy", sa.String(120), nullable=False),
        sa.Column("raised_at", sa.String(27), nullable=False),
        sa.Column("answered_by", sa.String(32), nullable=True),
        sa.Column("answered_at", sa.String(27), nullable=True),
        sa.Column("answer", sa.String(20), nullable=True),
        sa.Column("agrees", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["report_id"], ["reports.id"], name=op.f("fk_second_looks_report_id")
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name=op.f("fk_second_looks_decision_id")
        ),
        sa.ForeignKeyConstraint(["share_id"], ["shares.id"], name=op.f("fk_second_looks_share_id")),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["accounts.id"], name=op.f("fk_second_looks_answered_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_looks")),
        sa.UniqueConstraint(
            "kind", "subject", "day", name=op.f("uq_second_looks_kind_subject_day")
        ),
        sa.CheckConstraint(f"kind IN ({kinds})", name=op.f("ck_second_looks_kind_known")),
        sa.CheckConstraint(
            "(answer IS NULL) = (answered_at IS NULL) AND (answer IS NULL) = (answered_by IS NULL)"
            " AND (answer IS NULL) = (reason IS NULL)",
            name=op.f("ck_second_looks_answer_whole"),
        ),
    )
    op.create_index("ix_second_looks_answered_at", "second_looks", ["answered_at"])
    op.create_index("ix_second_looks_share_id", "second_looks", ["share_id"])
    op.create_index("ix_second_looks_decision_id", "second_looks", ["decision_id"])
    op.create_table(
        "second_look_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("drawn_at", sa.String(27), nullable=False),
        sa.Column("policy", sa.String(120), nullable=False),
        sa.Column("raised", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_second_look_days")),
    )
    op.create_index("ix_shares_paid_at", "shares", ["paid_at"])
