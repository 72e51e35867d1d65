"""Texts of letters that administrators edited, with all their versions."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; the old program knows nothing of it and writes the built-in texts."""
    op.create_table(
        "letter_text",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("template", sa.String(length=64), nullable=False),
        sa.Column("locale", sa.String(length=35), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("edited_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_letter_text_version")),
        sa.CheckConstraint("(subject IS NULL) = (body IS NULL)", name=op.f("ck_letter_text_whole")),
        sa.ForeignKeyConstraint(["edited_by_id"], ["account.id"], name=op.f("fk_letter_text_edited_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_text")),
        sa.UniqueConstraint("template", "locale", "version", name=op.f("uq_letter_text_template_locale_version")),
    )


def downgrade() -> None:
    """Take the table away."""
    op.drop_table("letter_text")
