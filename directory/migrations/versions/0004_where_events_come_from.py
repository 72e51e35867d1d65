"""From which network an event of the audit came."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, empty for events that are there, and indexes for whoever looks for a person or a time."""
    op.add_column("audit_event", sa.Column("network", sa.String(48), nullable=True))
    op.create_index("ix_audit_event_actor_id", "audit_event", ["actor_id"])
    op.create_index("ix_audit_event_at", "audit_event", ["at"])


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_audit_event_at", "audit_event")
    op.drop_index("ix_audit_event_actor_id", "audit_event")
    op.drop_column("audit_event", "network")
