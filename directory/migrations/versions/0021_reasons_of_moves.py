"""The history of an application says why each move was made: what colleagues write to one another stood in the audit alone."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two columns; moves of before, and those that an older program makes, say nothing there."""
    op.add_column("move_made", sa.Column("words", sa.Text(), server_default="", nullable=False))
    op.add_column("move_made", sa.Column("facts", sa.JSON(), server_default="{}", nullable=False))


def downgrade() -> None:
    """Take them away."""
    op.drop_column("move_made", "facts")
    op.drop_column("move_made", "words")
