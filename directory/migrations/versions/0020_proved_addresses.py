"""Addresses that were proved are found by an index, for whoever lost the link to an application."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the two indexes."""
    op.create_index("ix_application_email_proved", "application", ["email_proved"])
    op.create_index("ix_application_person_email", "application_person", ["email"])


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_application_person_email", table_name="application_person")
    op.drop_index("ix_application_email_proved", table_name="application")
