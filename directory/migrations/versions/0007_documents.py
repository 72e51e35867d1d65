"""Documents of an application: what was handed in, and what the virus scanner said of it."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; the old program does not know it and goes on."""
    op.create_table(
        "document",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=130), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("storage_name", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("signature", sa.String(length=120), server_default="", nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("purpose IN ('registration', 'authority', 'other', 'logo')", name=op.f("ck_document_purpose")),
        sa.CheckConstraint("state IN ('waiting', 'clean', 'infected', 'not_scanned')", name=op.f("ck_document_state")),
        sa.CheckConstraint("state <> 'infected' OR storage_name IS NULL", name=op.f("ck_document_infected_is_gone")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_document_application_id_application"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("public_id", name=op.f("uq_document_public_id")),
    )
    for column in ("application_id", "storage_name", "state"):
        op.create_index(op.f(f"ix_document_{column}"), "document", [column], unique=False)


def downgrade() -> None:
    """Take the table away; the files stay where they lie."""
    op.drop_table("document")
