"""Editions of what administrators set, and their number in the ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table and the number; the old program reads neither and goes on with the files that came with it."""
    op.create_table(
        "edition",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name="fk_edition_by_id_account"),
        sa.PrimaryKeyConstraint("id", name="pk_edition"),
        sa.UniqueConstraint("subject", "number", name="uq_edition_subject_number"),
        sa.CheckConstraint("number > 0", name="ck_edition_number"),
        sa.CheckConstraint("note <> ''", name="ck_edition_note"),
    )
    op.add_column("ledger", sa.Column("editions", sa.BigInteger(), server_default="0", nullable=False))


def downgrade() -> None:
    """Take both away; the site says again what came with the program."""
    op.drop_column("ledger", "editions")
    op.drop_table("edition")
