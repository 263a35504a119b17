"""A share keeps the account it was collected with, and a line holds all that goes to one account.

The card that a person gave last moves to what they have collected: sealed under the same key, for
the same place (``card``), so it needs no key to move. Lines of before hold one share each.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

FIRST_NAMED = (
    "SELECT persons.card_enc FROM shares AS first JOIN persons ON persons.id = first.person_id"
    " WHERE first.reward_id = shares.reward_id AND first.position = 0"
)


def upgrade() -> None:
    """Move cards to shares and shares under lines; amounts stay guarded."""
    _move_cards()
    _part_lines_from_shares()
    _guard("line_shares")
    if op.get_bind().dialect.name == "sqlite":
        # These two were made anew, and their guards went with the old ones.
        _guard("shares")
        _guard("batch_lines")


def _move_cards() -> None:
    with op.batch_alter_table("shares", recreate="auto") as shares:
        shares.add_column(sa.Column("account_kind", sa.String(20), nullable=True))
        shares.add_column(sa.Column("account_enc", sa.LargeBinary(), nullable=True))
        shares.create_check_constraint(
            op.f("ck_shares_account_whole"), "(account_kind IS NULL) = (account_enc IS NULL)"
        )
    op.execute(
        f"UPDATE shares SET account_kind = 'card', account_enc = ({FIRST_NAMED})"  # noqa: S608
        " WHERE channel = 'card_top_up' AND collected_at IS NOT NULL"
        f" AND ({FIRST_NAMED}) IS NOT NULL"
    )
    with op.batch_alter_table("persons") as persons:
        persons.drop_column("card_enc")


def _part_lines_from_shares() -> None:
    op.create_table(
        "line_shares",
        sa.Column("batch_id", sa.String(32), nullable=False),
        sa.Column("share_id", sa.String(32), nullable=False),
        sa.Column("line_number", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("amount_fen", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_line_shares_amount_whole")),
        sa.ForeignKeyConstraint(
            ["batch_id", "line_number"],
            ["batch_lines.batch_id", "batch_lines.line_number"],
            name=op.f("fk_line_shares_batch_id_line_number"),
        ),
        sa.ForeignKeyConstraint(["share_id"], ["shares.id"], name=op.f("fk_line_shares_share_id")),
        sa.PrimaryKeyConstraint("batch_id", "share_id", name=op.f("pk_line_shares")),
    )
    op.create_index("ix_line_shares_share_id", "line_shares", ["share_id"])
    op.execute(
        "INSERT INTO line_shares (batch_id, share_id, line_number, position, amount_fen)"
        " SELECT batch_id, share_id, line_number, 0, amount_fen FROM batch_lines"
    )
    op.drop_index("ix_batch_lines_share_id", "batch_lines")
    with op.batch_alter_table("batch_lines") as lines:
        lines.drop_constraint("uq_batch_lines_batch_id_share_id", type_="unique")
        lines.drop_constraint("fk_batch_lines_share_id", type_="foreignkey")
        lines.drop_column("share_id")


def _guard(table: str) -> None:
    """Amounts that were set stay as they are, and nothing of money is deleted."""
    fixed = f"an amount in {table} is fixed"
    _refuse(f"{table}_amount_fixed", f"UPDATE OF amount_fen ON {table}", fixed)
    _refuse(f"{table}_no_delete", f"DELETE ON {table}", f"{table} are kept")


def _refuse(name: str, change: str, why: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"CREATE TRIGGER {name} BEFORE {change} BEGIN SELECT RAISE(ABORT, '{why}'); END")
        return
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{why}'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {change} FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
    )
