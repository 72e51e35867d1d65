"""Relaying enquiries by mail, and keeping notices about entries until staff have settled them."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory import audit, mail
from directory.audit import Actor
from directory.db import take_turn
from directory.enquiries import letters
from directory.enquiries.models import Enquiry, Notice, NoticeKind
from directory.enquiries.rules import member_address, member_locale
from directory.errors import WrongStatus
from directory.i18n.locales import SOURCE
from directory.members.models import Member

SAME_WITHIN = timedelta(minutes=30)


@dataclass(frozen=True)
class NewEnquiry:
    """What a visitor asks. locale: the one of LOCALES they read in; country: alpha-2."""

    name: str
    email: str
    words: str
    locale: str
    organisation: str = ""
    country: str | None = None


@dataclass(frozen=True)
class NewNotice:
    """What somebody says about the entry of their organisation. locale: the one of LOCALES they read in."""

    kind: NoticeKind
    name: str
    role: str
    email: str
    locale: str
    words: str = ""


def send_enquiry(
    session: Session,
    member: Member,
    new: NewEnquiry,
    *,
    staff_mail: str,
    offered: Collection[str],
    page: Callable[[str], str],
    now: datetime,
) -> Enquiry:
    """Keep an enquiry, relay it to the member or, where the member has no address, to staff, and receipt it.

    The same question of the same visitor is not sent again within SAME_WITHIN: that is a button pressed twice.
    staff_mail: where staff read. offered: the locales that letters exist in. page: address of the member's entry in a
    locale. Replies go straight to the visitor.
    """
    take_turn(session)  # so that of two that come at once the second sees the first
    if known := _same_question(session, member, new, since=now - SAME_WITHIN):
        return known
    address = member_address(member)
    enquiry = Enquiry(
        member=member,
        locale=new.locale,
        name=new.name,
        organisation=new.organisation,
        country=new.country,
        email=new.email,
        words=new.words,
        relayed_to_staff=address is None,
        at=now,
    )
    session.add(enquiry)
    session.flush()
    about = ("enquiry", enquiry.public_id)
    if address is None:
        letter = letters.enquiry_to_staff(enquiry, page=page(SOURCE))
    else:
        locale = member_locale(member, offered)
        letter = letters.enquiry_to_member(enquiry, locale=locale, page=page(locale))
    mail.queue(session, letter, to=address or staff_mail, now=now, about=about, reply_to=new.email)
    receipt = letters.enquiry_receipt(enquiry, page=page(new.locale))
    mail.queue(session, receipt, to=new.email, now=now, about=about, reply_to=staff_mail)
    changes = {"member": (None, member.slug), "relayed_to": (None, "member" if address else "staff")}
    audit.record(session, "enquiry.send", by=Actor("visitor"), subject=about, now=now, changes=changes)
    return enquiry


def _same_question(session: Session, member: Member, new: NewEnquiry, *, since: datetime) -> Enquiry | None:
    same = (Enquiry.member_id == member.id, Enquiry.email == new.email, Enquiry.words == new.words, Enquiry.at > since)
    return session.scalar(select(Enquiry).where(*same).order_by(Enquiry.id).limit(1))


def give_notice(
    session: Session,
    member: Member,
    new: NewNotice,
    *,
    staff_mail: str,
    page: Callable[[str], str],
    desk: str,
    now: datetime,
) -> Notice:
    """Keep a notice about an entry, tell staff and receipt it. Nothing of the entry changes by it.

    page: address of the entry in a locale. desk: address at which staff settle it.
    """
    notice = Notice(
        member=member,
        kind=new.kind,
        locale=new.locale,
        name=new.name,
        role=new.role,
        email=new.email,
        words=new.words,
        at=now,
    )
    session.add(notice)
    session.flush()
    about = ("notice", notice.public_id)
    staff_letter = letters.notice_to_staff(notice, page=page(SOURCE), desk=desk)
    mail.queue(session, staff_letter, to=staff_mail, now=now, about=about, reply_to=new.email)
    receipt = letters.notice_receipt(notice, page=page(new.locale))
    mail.queue(session, receipt, to=new.email, now=now, about=about, reply_to=staff_mail)
    changes = {"member": (None, member.slug), "kind": (None, new.kind.value)}
    audit.record(session, "notice.give", by=Actor("visitor"), subject=about, now=now, changes=changes)
    return notice


def settle_notice(session: Session, notice: Notice, *, by: Actor, by_id: int, now: datetime) -> None:
    """Record that staff have dealt with a notice. by_id: row number of the account.

    Raises WrongStatus if somebody had settled it already.
    """
    if notice.settled_at is not None:
        raise WrongStatus("settled", "settle")
    notice.settled_at = now
    notice.settled_by_id = by_id
    audit.record(
        session,
        "notice.settle",
        by=by,
        subject=("notice", notice.public_id),
        now=now,
        changes={"member": (None, notice.member.slug)},
    )
