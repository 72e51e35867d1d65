"""What the desk checks by itself before a person does: addresses that fit, and organisations that may be the same."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from directory.applications.answers import part
from directory.applications.models import Application
from directory.applications.twins import Twin, find_twins, website_of
from directory.applications.vocab import Step
from directory.i18n import lazy_gettext as _l
from directory.members.registers import Verdict, check_number
from directory.review.domains import is_same_house, mail_domain

SAID_LABELS = {
    "same": _l("The applicant says: this is us."),
    "denied": _l("The applicant says: we are another organisation."),
}


@dataclass(frozen=True)
class Number:
    """A registration number as given. verdict: what form and check digits tell; None: nothing, of a register unknown here."""

    scheme: str
    value: str
    verdict: Verdict | None


VERDICT_LABELS = {
    Verdict.GOOD: _l("form and check digits are right"),
    Verdict.PLAUSIBLE: _l("the form is right; these numbers have no check digits"),
    Verdict.DOUBTFUL: _l("the check digits are right, but the authority or court in it is not known"),
    Verdict.WRONG: _l("this cannot be such a number"),
    None: _l("nothing is known here of numbers of this register"),
}


@dataclass(frozen=True)
class Checks:
    """What was found. domains_fit: None where one of the two is not known."""

    email_proved: bool
    mail_domain: str
    website_domain: str
    domains_fit: bool | None
    twins: tuple[Twin, ...]
    numbers: tuple[Number, ...] = ()


def check(session: Session, application: Application) -> Checks:
    """Check an application."""
    mail, site = mail_domain(application.email), website_of(application.sent_answers)
    fits = is_same_house(mail, site) if mail and site else None
    twins = find_twins(session, application)
    return Checks(application.email_is_proved, mail, site, fits, twins, tuple(_numbers(application)))


def _numbers(application: Application) -> Iterator[Number]:
    seat = part(application.sent_answers, Step.SEAT)
    for row in seat.get("registrations") or ():
        if row.get("value"):
            scheme = row.get("scheme") or "other"
            yield Number(scheme, row["value"], check_number(scheme, row["value"], country=seat.get("country")))
