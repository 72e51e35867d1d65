"""The halves of a name carry its digits: names that differ in a number are never near, and need not be read to say so."""

from collections.abc import Callable, Mapping

import sqlalchemy as sa
from alembic import op

from directory.members.marks import mark_ends  # the one way of halving, which writes all later rows, too

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

BATCH = 5000
TABLES = ("member_mark", "application_mark")


def upgrade() -> None:
    """Halve anew each name that has digits."""
    _halve(mark_ends)


def downgrade() -> None:
    """Halve them without."""
    _halve(lambda _kind, value: {"head": value[: len(value) // 2], "tail": value[-(len(value) // 2) :]})


def _halve(ends: Callable[[str, str], Mapping[str, str | None]]) -> None:
    connection = op.get_bind()
    for name in TABLES:
        table = sa.table(name, *(sa.column(column) for column in ("id", "kind", "value", "head", "tail")))
        halved = sa.select(table.c.id, table.c.kind, table.c.value).where(table.c.head.is_not(None)).order_by(table.c.id)
        change = (
            table.update().where(table.c.id == sa.bindparam("row")).values(head=sa.bindparam("head"), tail=sa.bindparam("tail"))
        )
        last = 0
        while rows := connection.execute(halved.where(table.c.id > last).limit(BATCH)).all():
            last = rows[-1].id
            if changed := [{"row": id_, **ends(kind, value)} for id_, kind, value in rows if not value.isalpha()]:
                connection.execute(change, changed)
