"""Whether the editions are as the audit says: a row may be altered behind the program, its event may not."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.accounts.models import Account
from directory.audit import UNREADABLE, Said, first_difference, get_events, new_values
from directory.initiative.models import Edition
from directory.initiative.services import digest


def find_difference(session: Session) -> str:
    """Name the first edition that is not as its event says, is missing, or has no event; blank where there is none."""
    return first_difference(lambda: _said(session), lambda: _kept(session))


def _said(session: Session) -> dict[str, Said]:
    found = {}
    for id_, event in enumerate(get_events(session, "edition.add"), 1):
        new = new_values(event)
        facts = {
            "contents": new.get("data"),
            "note": new.get("note"),
            "who": event.actor_id,
            "when": event.at,
            "place among the others": id_,
        }
        found[_name(event.subject_id, new.get("number"))] = Said(event.sequence, facts)
    return found


def _kept(session: Session) -> dict[str, Mapping[str, Any] | None]:
    rows = session.execute(select(Edition.id, Edition.subject, Edition.number).order_by(Edition.id)).all()
    return {_name(subject, number): _facts(session, id_) for id_, subject, number in rows}


def _facts(session: Session, id_: int) -> Mapping[str, Any] | None:
    held = select(Edition.data, Edition.note, Account.public_id, Edition.at).outerjoin(Edition.by).where(Edition.id == id_)
    try:
        data, note, who, when = session.execute(held).one()
    except UNREADABLE:
        return None
    return {"contents": digest(data), "note": note, "who": who, "when": when, "place among the others": id_}


def _name(subject: str, number: Any) -> str:
    return f"edition {number} of {subject}"
