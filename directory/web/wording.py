"""Sentences of the error pages, and why somebody may not do a thing."""

from dataclasses import dataclass
from typing import Any

from directory.i18n import gettext as _
from directory.i18n import lazy_gettext as _l


@dataclass(frozen=True)
class ErrorPage:
    """What an error page says: its headline and what the reader can do."""

    title: Any
    text: Any


_NOT_FOUND = ErrorPage(
    _l("This page does not exist"),
    _l("The address may be mistyped, or what was here has moved. Nothing of yours is lost."),
)
PAGES = {
    400: ErrorPage(
        _l("We could not understand this request"),
        _l("Part of what was sent is missing or damaged. Please go back, reload the page and try again."),
    ),
    403: ErrorPage(
        _l("This page is not open to you"),
        _l("You may need to sign in with another account, or to open the link from your mail in this browser."),
    ),
    404: _NOT_FOUND,
    405: ErrorPage(
        _l("This address does not work that way"),
        _l("The page was called in a way it does not answer to. Please go back and use the form or the link there."),
    ),
    409: ErrorPage(
        _l("Somebody else was faster"),
        _l("What you were looking at has changed in the meantime. Please reload it, see what is new, and decide again."),
    ),
    410: ErrorPage(
        _l("This is no longer here"),
        _l("It was public once and is not any more. The list of members shows who takes part today."),
    ),
    413: ErrorPage(
        _l("That was too much at once"),
        _l("What you sent is larger than this site accepts. Please go back and shorten it."),
    ),
    422: ErrorPage(
        _l("We could not accept this"),
        _l("Something in what was sent is not right yet. Please go back, check it and send it again."),
    ),
    429: ErrorPage(
        _l("Too many requests"),
        _l("There were very many requests from your network in a short time. Please wait a minute and try again."),
    ),
    500: ErrorPage(
        _l("Something went wrong on our side"),
        _l("This is not your fault, and it has been recorded. Please try again in a few minutes."),
    ),
    503: ErrorPage(
        _l("We will be back in a moment"),
        _l("The site is busy or being looked after. Please try again in a few minutes."),
    ),
}
REASONS = {
    "second_person": _l("Whoever recommended a decision does not make it: please leave this one to a colleague."),
    "not_sponsor": _l("You belong to the organisation that introduced this applicant, so somebody else must decide."),
    "interest": _l("Something binds you to this organisation, so that a colleague must do this."),
    "role": _l("Your role does not include this step."),
    "consent": _l(
        "The applicant has not given, or has taken back, a consent without which nobody can be listed. "
        "It can be approved once they give it on their page of consents."
    ),
    "own_wish": _l("The organisation itself took its entry off the directory. Only its own consent brings it back."),
    "appeal_over": _l("The time in which this decision could be appealed is over."),
}
"""Sentences for the reason codes of errors.NotAllowed."""


def reason_text(reason: str) -> Any:
    """Say in a sentence why something is not allowed; a general one for a code without its own."""
    return REASONS.get(reason, PAGES[403].text)


def error_page(status: int, reason: str = "", *, roles: str = "") -> ErrorPage:
    """Find the words for a status; those of its class where it has none of its own. roles: of whoever is at the desk."""
    page = PAGES.get(status) or (PAGES[500] if status >= 500 else PAGES[400])
    if reason in REASONS:
        return ErrorPage(page.title, REASONS[reason])
    if roles and page is PAGES[403]:
        text = _("Your roles: %(roles)s. If you need this page, please ask an administrator for the role.", roles=roles)
        return ErrorPage(_("This page is for other roles than yours"), text)
    return page
