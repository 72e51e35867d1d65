"""What was typed where an application was not open, kept for two days."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; the old program does not look at it."""
    op.create_table(
        "unsaved",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("page", sa.String(length=32), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_unsaved_application_id_application"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unsaved")),
    )
    op.create_index(op.f("ix_unsaved_application_id"), "unsaved", ["application_id"])
    op.create_index(op.f("ix_unsaved_at"), "unsaved", ["at"])


def downgrade() -> None:
    """Take the table away."""
    op.drop_table("unsaved")
