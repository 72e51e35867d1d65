"""sectors of a member: what an organisation works for as a whole was lost when its application was approved."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column with a default of its own, so that the old program can go on writing members."""
    op.add_column("member", sa.Column("sectors", sa.JSON(), server_default="[]", nullable=False))


def downgrade() -> None:
    """Take the column away."""
    op.drop_column("member", "sectors")
