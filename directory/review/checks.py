"""What the desk checks by itself before a person does: addresses that fit, and organisations that may be the same.

Everything is compared with what lies here. No server is asked, least of all one whose address an applicant gave.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

from directory.applications.answers import part
from directory.applications.models import Application
from directory.applications.twins import Twin, names_of, website_of
from directory.applications.vocab import Step
from directory.i18n import lazy_gettext as _l
from directory.members.alike import Degree
from directory.members.registers import Rule, Verdict, check_number, rule_of
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

    @property
    def rule(self) -> Rule:
        """What the number was judged by."""
        return rule_of(self.scheme)


VERDICT_LABELS = {
    Verdict.GOOD: _l("form and check digits are right"),
    Verdict.PLAUSIBLE: _l("the form is right; these numbers have no check digits"),
    Verdict.DOUBTFUL: _l("the check digits are right, but the authority or court in it is not known"),
    Verdict.WRONG: _l("this cannot be such a number"),
    None: _l("nothing is known here of numbers of this register"),
}
RULE_LABELS = {
    Rule.DIGITS: _l(
        "Rule: form and check digits of this register’s numbers, as the library python-stdnum %(version)s has them. "
        "The register was not asked.",
        version=version("python-stdnum"),
    ),
    Rule.FORM: _l("Rule: the form of this register’s numbers. The register was not asked."),
    Rule.NONE: _l("There is no rule for it here. Please look the number up in the register itself."),
}


@dataclass(frozen=True)
class Checks:
    """What was found. domains_fit: None where one of the two is not known. names: all that were compared with others'.

    sent_at: when the answers that were looked at were sent.
    """

    email_proved: bool
    mail_domain: str
    website_domain: str
    domains_fit: bool | None
    twins: tuple[Twin, ...]
    numbers: tuple[Number, ...] = ()
    names: tuple[str, ...] = ()
    sent_at: datetime | None = None


def same_of(twins: Iterable[Twin]) -> list[Twin]:
    """Return those that are very likely the same organisation: nobody should approve it without having compared them."""
    return [twin for twin in twins if twin.degree is Degree.VERY_LIKELY]


def checks_of(application: Application, twins: tuple[Twin, ...]) -> Checks:
    """Check an application for which these twins were found."""
    mail, site = mail_domain(application.email), website_of(application.sent_answers)
    fits = is_same_house(mail, site) if mail and site else None
    return Checks(
        email_proved=application.email_is_proved,
        mail_domain=mail,
        website_domain=site,
        domains_fit=fits,
        twins=twins,
        numbers=tuple(_numbers(application)),
        names=names_of(application.sent_answers),
        sent_at=application.submissions[-1].at if application.submissions else application.submitted_at,
    )


def _numbers(application: Application) -> Iterator[Number]:
    seat = part(application.sent_answers, Step.SEAT)
    for row in seat.get("registrations") or ():
        if row.get("value"):
            scheme = row.get("scheme") or "other"
            yield Number(scheme, row["value"], check_number(scheme, row["value"], country=seat.get("country")))
