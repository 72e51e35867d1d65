"""Whom an enquiry reaches, and in which language."""

from collections.abc import Collection

from directory.i18n.locales import LOCALES, SOURCE, offered_instead
from directory.members.models import Member


def member_address(member: Member) -> str | None:
    """Return the mail address that the member gave for enquiries, or None: then the association's staff are written to."""
    return (member.contact.email or None) if member.contact is not None else None


def member_locale(member: Member, offered: Collection[str]) -> str:
    """Return the language to write to the member in: the one it asked for if letters exist in it, else the nearest."""
    wish = member.contact.locale if member.contact is not None else None
    return offered_instead(wish, offered) if wish in LOCALES and wish is not None else SOURCE
