"""Whether the edited texts of letters are as the audit says: a row may be altered behind the program, its event may not."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.accounts.models import Account
from directory.audit import UNREADABLE, Said, first_difference, get_events, new_values
from directory.mail import LetterText
from directory.review.letter_editing import digest, subject_of

WORDS = {"subject": "subject", "body": "text", "data": "contents"}
"""what an event keeps of a version; one of an older program lacks the digest, and what stayed as it was"""


def find_difference(session: Session) -> str:
    """Name the first version of a text that is not as its event says, is missing, or has no event; blank where none is."""
    return first_difference(lambda: _said(session), lambda: _kept(session))


def _said(session: Session) -> dict[str, Said]:
    found, versions = {}, Counter[str]()
    for place, event in enumerate(get_events(session, "letter_text.edit", "letter_text.return_to_built_in"), 1):
        versions[event.subject_id] += 1
        facts = {WORDS[field]: value for field, value in new_values(event).items() if field in WORDS}
        facts |= {"who": event.actor_id, "when": event.at, "place among the others": place}
        found[_name(event.subject_id, versions[event.subject_id])] = Said(event.sequence, facts)
    return found


def _kept(session: Session) -> dict[str, Mapping[str, Any] | None]:
    shown = (LetterText.id, LetterText.template, LetterText.locale, LetterText.version)
    rows = session.execute(select(*shown).order_by(LetterText.id)).all()
    return {
        _name(subject_of(template, locale)[1], version): _facts(session, id_, place)
        for place, (id_, template, locale, version) in enumerate(rows, 1)
    }


def _facts(session: Session, id_: int, place: int) -> Mapping[str, Any] | None:
    shown = (LetterText.subject, LetterText.body, Account.public_id, LetterText.edited_at)
    held = select(*shown).outerjoin(Account, Account.id == LetterText.edited_by_id).where(LetterText.id == id_)
    try:
        subject, body, who, when = session.execute(held).one()
    except UNREADABLE:
        return None
    contents = {"subject": subject, "text": body, "contents": digest(subject, body)}
    return {**contents, "who": who, "when": when, "place among the others": place}


def _name(text: str, version: int) -> str:
    return f"version {version} of the letter text {text}"
