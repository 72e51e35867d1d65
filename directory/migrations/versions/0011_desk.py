"""What the desk's queue lists and filters, days that are due, the checklist, and interests of staff."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

DESK = ["state", "submitted_at", "id", "due_on", "assignee_id", "sent_country", "sent_kind", "locale"]
"""all that the queue filters, counts and orders by, so that it need not read the answers"""
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add columns that `housekeeping` fills for what is there, and for what the old program sends and moves meanwhile."""
    op.add_column("application", sa.Column("sent_name", sa.String(200), nullable=True))
    op.add_column("application", sa.Column("sent_names", sa.Text(), nullable=False, server_default=""))
    op.add_column("application", sa.Column("sent_kind", sa.String(16), nullable=True))
    op.add_column("application", sa.Column("sent_country", sa.String(2), nullable=True))
    op.add_column("application", sa.Column("due_on", sa.Date(), nullable=True))
    op.add_column("application", sa.Column("answer_by", sa.Date(), nullable=True))
    op.add_column("application", sa.Column("checklist", sa.JSON(), nullable=False, server_default="{}"))
    op.create_index("ix_application_desk", "application", DESK)
    op.drop_index("ix_application_queue", "application")  # the beginning of the new one
    op.create_index("ix_application_assignee_id", "application", ["assignee_id"])
    op.create_table(
        "interest",
        sa.Column("id", KEY, nullable=False),
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name="fk_interest_application_id_application", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_interest_account_id_account"),
        sa.PrimaryKeyConstraint("id", name="pk_interest"),
        sa.UniqueConstraint("application_id", "account_id", name="uq_interest_application_id_account_id"),
    )
    op.create_index("ix_interest_account_id", "interest", ["account_id"])


def downgrade() -> None:
    """Take it away."""
    op.drop_table("interest")
    op.drop_index("ix_application_assignee_id", "application")
    op.create_index("ix_application_queue", "application", ["state", "submitted_at"])
    op.drop_index("ix_application_desk", "application")
    for name in ("checklist", "answer_by", "due_on", "sent_country", "sent_kind", "sent_names", "sent_name"):
        op.drop_column("application", name)
