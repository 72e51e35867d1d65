"""What members and sent applications can be told by, so that the same organisation is noticed; filled for all there are."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op

from directory.members.marks import mark_rows, marks_of  # the one way of folding, which writes all later rows, too

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BATCH = 1000
OWNERS = {"member": "member_mark", "application": "application_mark"}


def upgrade() -> None:
    """Make both tables and fill them."""
    for owner, name in OWNERS.items():
        table = op.create_table(
            name,
            sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
            sa.Column(f"{owner}_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
            sa.Column("kind", sa.String(16), nullable=False),
            sa.Column("value", sa.String(200), nullable=False),
            sa.Column("head", sa.String(100), nullable=True),
            sa.Column("tail", sa.String(100), nullable=True),
            sa.ForeignKeyConstraint([f"{owner}_id"], [f"{owner}.id"], name=f"fk_{name}_{owner}_id_{owner}", ondelete="CASCADE"),
            sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        )
        rows = _of_members() if owner == "member" else _of_applications()
        _insert(table, ({f"{owner}_id": id_, **row} for id_, marks in rows for row in mark_rows(marks)))
        for column in (f"{owner}_id", "value", "head", "tail"):
            op.create_index(f"ix_{name}_{column}", name, [column])
    op.create_index("ix_access_key_email", "access_key", ["email"])


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_access_key_email", "access_key")
    for name in OWNERS.values():
        op.drop_table(name)


def _of_members() -> Iterator[tuple[int, Any]]:
    connection = op.get_bind()
    member = sa.table("member", sa.column("id"), sa.column("website"))
    name = sa.table("member_name", sa.column("member_id"), sa.column("name"))
    number = sa.table("registration", sa.column("member_id"), sa.column("value"))
    numbers: dict[int, list[str]] = {}
    for id_, value in connection.execute(sa.select(number.c.member_id, number.c.value)):
        numbers.setdefault(id_, []).append(value)
    joined = sa.select(member.c.id, member.c.website, name.c.name).join_from(member, name, name.c.member_id == member.c.id)
    rows = connection.execute(joined.order_by(member.c.id)).all()
    for (id_, website), group in groupby(rows, key=lambda row: (row[0], row[1])):
        yield id_, marks_of(names=[row[2] for row in group], website=website, numbers=numbers.get(id_, ()))


def _of_applications() -> Iterator[tuple[int, Any]]:
    application = sa.table("application", sa.column("id"), sa.column("reduced_at"))
    sent = sa.table("submission", sa.column("application_id"), sa.column("number"), sa.column("answers", sa.JSON()))
    joined = sa.select(application.c.id, sent.c.answers).join_from(application, sent, sent.c.application_id == application.c.id)
    kept = joined.where(application.c.reduced_at.is_(None)).order_by(application.c.id, sent.c.number)
    for id_, answers in {row[0]: row[1] for row in op.get_bind().execute(kept)}.items():
        own, seat = answers.get("organisation") or {}, answers.get("seat") or {}
        others = (answers.get("names") or {}).get("names") or own.get("names") or []
        names = [own.get("name"), *(row.get("name") for row in others)]
        numbers = [row.get("value") for row in seat.get("registrations") or []]
        yield id_, marks_of(names=names, website=own.get("website"), numbers=numbers)


def _insert(table: sa.Table, rows: Iterable[dict[str, Any]]) -> None:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            op.bulk_insert(table, batch)
            batch = []
    if batch:
        op.bulk_insert(table, batch)
