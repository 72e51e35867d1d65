"""Letters about enquiries and notices: which template, which values."""

from directory.enquiries.models import Enquiry, Notice
from directory.i18n.content import choose
from directory.i18n.formats import country_name
from directory.i18n.locales import SOURCE
from directory.initiative.queries import get_initiative
from directory.mail import Letter, render
from directory.members.models import Member


def enquiry_to_member(enquiry: Enquiry, *, locale: str, page: str) -> Letter:
    """Render the enquiry for the member itself. page: address of its entry."""
    return _enquiry("enquiry_member", enquiry, locale=locale, page=page)


def enquiry_to_staff(enquiry: Enquiry, *, page: str) -> Letter:
    """Render the enquiry for the association's staff, who pass it on. page: address of the member's entry."""
    return _enquiry("enquiry_staff", enquiry, locale=SOURCE, page=page)


def enquiry_receipt(enquiry: Enquiry, *, page: str) -> Letter:
    """Render the receipt for the visitor, in their language, with their words."""
    return _enquiry("enquiry_receipt", enquiry, locale=enquiry.locale, page=page)


def notice_to_staff(notice: Notice, *, page: str, desk: str) -> Letter:
    """Render a notice for staff. desk: address at which they settle it."""
    return _notice("notice_staff", notice, locale=SOURCE, page=page, desk=desk)


def notice_receipt(notice: Notice, *, page: str) -> Letter:
    """Render the receipt for who sent the notice, in their language."""
    return _notice("notice_receipt", notice, locale=notice.locale, page=page, desk="")


def _enquiry(template: str, enquiry: Enquiry, *, locale: str, page: str) -> Letter:
    return render(
        template,
        locale=locale,
        member=_name(enquiry.member, locale),
        name=enquiry.name,
        organisation=enquiry.organisation,
        country=country_name(enquiry.country, locale) if enquiry.country else "",
        email=enquiry.email,
        words=_quoted(enquiry.words),
        to_staff=enquiry.relayed_to_staff,
        page=page,
        initiative=get_initiative().name(locale).text,
    )


def _notice(template: str, notice: Notice, *, locale: str, page: str, desk: str) -> Letter:
    return render(
        template,
        locale=locale,
        kind=str(notice.kind),
        member=_name(notice.member, locale),
        name=notice.name,
        role=notice.role,
        email=notice.email,
        words=_quoted(notice.words),
        page=page,
        desk=desk,
        initiative=get_initiative().name(locale).text,
    )


def _name(member: Member, locale: str) -> str:
    shown = choose(member.name_texts, locale, first=member.official_name.tag)
    return shown.text if shown else member.slug


def _quoted(words: str) -> str:
    """Mark each line as somebody else's, so that nobody takes it for ours."""
    return "\n".join(f"> {line}" for line in words.split("\n")) if words else ""
