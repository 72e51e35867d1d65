"""Passkeys of staff, and the challenges that were answered with them."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make two tables; the old program knows neither, and its staff sign in with their codes."""
    op.create_table(
        "passkey",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(32), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(1023), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("transports", sa.JSON(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("last_used_at", TIME, nullable=True),
        sa.Column("last_used_network", sa.String(48), nullable=True),
        sa.CheckConstraint("name <> ''", name=op.f("ck_passkey_name")),
        sa.CheckConstraint("sign_count BETWEEN 0 AND 4294967295", name=op.f("ck_passkey_sign_count")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_passkey_account_id_account", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_passkey"),
        sa.UniqueConstraint("public_id", name="uq_passkey_public_id"),
        sa.UniqueConstraint("credential_id", name="uq_passkey_credential_id"),
    )
    op.create_index("ix_passkey_account_id", "passkey", ["account_id"])
    op.create_table(
        "spent_challenge",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("spent_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_spent_challenge"),
    )
    op.create_index("ix_spent_challenge_spent_at", "spent_challenge", ["spent_at"])


def downgrade() -> None:
    """Take them away."""
    op.drop_table("spent_challenge")
    op.drop_table("passkey")
