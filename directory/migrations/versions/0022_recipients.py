"""The letters to one address are found by an index."""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it."""
    op.create_index("ix_outbox_letter_recipient", "outbox_letter", ["recipient"])


def downgrade() -> None:
    """Take it away."""
    op.drop_index("ix_outbox_letter_recipient", table_name="outbox_letter")
