"""Every policy that was ever used stays with the installation.

The file may change or go, its cases stay.
"""

from hashlib import sha256
from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SHIPPED = Path(__file__).parent.parent / "policies" / "shanghai-bus-2012@1.toml"
"""What the first schema was shipped with. Its rows name it by the hash of the whole text."""


def upgrade() -> None:
    """Add the table; where there are reports, with the text that they were received under."""
    policies = op.create_table(
        "policies",
        sa.Column("ref", sa.String(120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("kept_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_policies")),
    )
    first = op.get_bind().execute(sa.text("SELECT MIN(created_at) FROM reports")).scalar()
    if first is not None:
        text = SHIPPED.read_text(encoding="utf-8")
        ref = f"{SHIPPED.stem}#{sha256(text.encode()).hexdigest()[:12]}"
        op.bulk_insert(policies, [{"ref": ref, "text": text, "kept_at": first}])
