"""The people of one organisation who work on an application."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; the old program knows nothing of it and goes on."""
    op.create_table(
        "application_person",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("email", sa.String(254), nullable=True),
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wants_copies", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name="fk_application_person_application_id_application", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_application_person"),
        sa.UniqueConstraint("application_id", "number", name="uq_application_person_application_id_number"),
        sa.UniqueConstraint("application_id", "email", name="uq_application_person_application_id_email"),
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_table("application_person")
