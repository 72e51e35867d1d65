"""The members' desk: mergers of duplicates, files of members that wait to be brought in, and how old confirmations are."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add two tables and an index; to the old program a merged member is one that ended."""
    op.create_table(
        "member_merge",
        sa.Column("member_id", KEY, nullable=False),
        sa.Column("into_id", KEY, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=True),
        sa.CheckConstraint("member_id <> into_id", name=op.f("ck_member_merge_another")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_member_merge_member_id_member"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["into_id"], ["member.id"], name=op.f("fk_member_merge_into_id_member")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_member_merge")),
    )
    op.create_index(op.f("ix_member_merge_into_id"), "member_merge", ["into_id"])
    op.create_table(
        "member_upload",
        sa.Column("id", KEY, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_member_upload_account_id_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_upload")),
        sa.UniqueConstraint("account_id", name=op.f("uq_member_upload_account_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_member_upload_public_id")),
    )
    op.create_index("ix_member_confirmed", "member", ["standing", "confirmed_on", "slug"])


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_member_confirmed", table_name="member")
    op.drop_table("member_upload")
    op.drop_index(op.f("ix_member_merge_into_id"), table_name="member_merge")
    op.drop_table("member_merge")
