"""Who found a translation of staff still right after its text had changed, and when."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two columns that the old program does not know and leaves empty."""
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    with op.batch_alter_table("translation") as table:
        table.add_column(sa.Column("confirmed_by_id", key, nullable=True))
        table.add_column(sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
        table.create_foreign_key("fk_translation_confirmed_by_id_account", "account", ["confirmed_by_id"], ["id"])


def downgrade() -> None:
    """Take them away."""
    with op.batch_alter_table("translation") as table:
        table.drop_constraint("fk_translation_confirmed_by_id_account", type_="foreignkey")
        table.drop_column("confirmed_at")
        table.drop_column("confirmed_by_id")
