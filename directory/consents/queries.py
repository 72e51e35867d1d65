"""Reading consents."""

from collections.abc import Sequence
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.consents.models import Consent
from directory.consents.vocab import NECESSARY, ConsentKind


def last_of(rows: Sequence[Consent], kind: ConsentKind) -> Consent | None:
    """Return the consent of this kind that was given last, taken back or not. rows: in the order they were given."""
    return next((row for row in reversed(rows) if row.kind == kind), None)


def standing_of(rows: Sequence[Consent], kind: ConsentKind) -> Consent | None:
    """Return the consent of this kind that stands, or None. rows: in the order they were given."""
    last = last_of(rows, kind)
    return last if last is not None and last.revoked_at is None else None


def may_share_contact(session: Session, member_id: int) -> bool:
    """Say whether a member's contact may be shown: it was agreed to, or the member never applied here and staff asked.

    Where two applications became one member, both must have agreed.
    """
    return all(standing_of(rows, ConsentKind.CONTACT_SHARED) is not None for rows in _of_member(session, member_id))


def may_be_listed(session: Session, member_id: int) -> bool:
    """Say whether no consent is taken back without which a member's entry cannot be public, in none of its applications."""
    last = [row for rows in _of_member(session, member_id) for kind in NECESSARY if (row := last_of(rows, kind)) is not None]
    return all(row.revoked_at is None for row in last)


def _of_member(session: Session, member_id: int) -> list[Sequence[Consent]]:
    """Return the consents of each application that became the member, in the order they were given."""
    rows = session.scalars(select(Consent).where(Consent.member_id == member_id).order_by(Consent.application_id, Consent.id))
    return [list(group) for _id, group in groupby(rows, key=lambda row: row.application_id)]
