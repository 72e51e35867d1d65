"""Of which submission the queue's facts are, so that what an older program sends again is noticed."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a column that says that all facts are of none: `housekeeping` keeps them anew, as for what the old program sends."""
    op.add_column("application", sa.Column("sent_number", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    """Take it away."""
    op.drop_column("application", "sent_number")
