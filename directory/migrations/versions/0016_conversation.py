"""Who reads a note, what staff and applicant write to each other, and what staff translate for themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a column whose value notes that are there get by themselves, and two tables that the old program does not know."""
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    is_known = sa.CheckConstraint("visibility IN ('staff', 'approvers')", name="ck_note_visibility")
    op.add_column("note", sa.Column("visibility", sa.String(16), is_known, server_default="staff", nullable=False))
    op.create_table(
        "message",
        sa.Column("id", key, nullable=False),
        sa.Column("application_id", key, nullable=False),
        sa.Column("by_id", key, nullable=True),
        sa.Column("person", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.CheckConstraint("(by_id IS NULL) <> (person IS NULL)", name="ck_message_one_writer"),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name="fk_message_application_id_application", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name="fk_message_by_id_account"),
        sa.PrimaryKeyConstraint("id", name="pk_message"),
    )
    op.create_index("ix_message_application_id", "message", ["application_id"])
    op.create_table(
        "translation",
        sa.Column("id", key, nullable=False),
        sa.Column("application_id", key, nullable=False),
        sa.Column("place", sa.String(48), nullable=False),
        sa.Column("tag", sa.String(35), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("source_digest", sa.String(64), nullable=False),
        sa.Column("by_id", key, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name="fk_translation_application_id_application", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name="fk_translation_by_id_account"),
        sa.PrimaryKeyConstraint("id", name="pk_translation"),
        sa.UniqueConstraint("application_id", "place", "tag", name="uq_translation_application_id_place_tag"),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_table("translation")
    op.drop_index("ix_message_application_id", "message")
    op.drop_table("message")
    op.drop_column("note", "visibility")
