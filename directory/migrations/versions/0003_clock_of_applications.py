"""What the clock keeps of an application: reminders, an appeal's words, and when retention reduced it."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add columns with defaults of their own, so that the old program can go on writing applications."""
    op.add_column("application", sa.Column("reminders", sa.Integer(), server_default="0", nullable=False))
    op.add_column("application", sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("application", sa.Column("appeal", sa.Text(), server_default="", nullable=False))
    op.add_column("application", sa.Column("reduced_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Take the columns away."""
    for name in ("reduced_at", "appeal", "reminded_at", "reminders"):
        op.drop_column("application", name)
