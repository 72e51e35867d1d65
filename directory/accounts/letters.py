"""Letters to staff about their accounts, in the account's language."""

from directory.accounts.models import LINK_TIMES, Account, LinkPurpose
from directory.mail import Letter, render


def invitation(account: Account, *, link: str) -> Letter:
    """Invite someone to set the account up. link: the one-time address."""
    return render("account_invitation", locale=account.locale, link=link, email=account.email, hours=_hours(LinkPurpose.SET_UP))


def new_set_up(account: Account, *, link: str) -> Letter:
    """Tell that an administrator ended the old sign-in, with the link to a new one."""
    return render("account_new_set_up", locale=account.locale, link=link, email=account.email, hours=_hours(LinkPurpose.SET_UP))


def reset(account: Account, *, link: str) -> Letter:
    """Send the link by which a forgotten password is replaced."""
    return render("account_reset", locale=account.locale, link=link, email=account.email, hours=_hours(LinkPurpose.RESET))


def password_changed(account: Account) -> Letter:
    """Tell that the password was replaced, so that a theft is noticed."""
    return render("account_password_changed", locale=account.locale, email=account.email)


def _hours(purpose: LinkPurpose) -> int:
    return int(LINK_TIMES[purpose].total_seconds()) // 3600
