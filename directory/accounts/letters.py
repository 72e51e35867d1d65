"""Letters to staff about their accounts, in the account's language."""

from datetime import datetime

from directory.accounts.models import LINK_TIMES, ROLE_LABELS, Account, LinkPurpose, Role
from directory.mail import Letter, render


def invitation(account: Account, *, link: str, by: str, initiative: str) -> Letter:
    """Invite someone to set the account up. link: the one-time address; by: who invites; initiative: its name for the reader."""
    roles = [ROLE_LABELS[role] for role in Role if role in account.roles]
    values = {"link": link, "email": account.email, "by": by, "initiative": initiative, "roles": roles}
    return render("account_invitation", locale=account.locale, hours=_hours(LinkPurpose.SET_UP), **values)


def new_set_up(account: Account, *, link: str) -> Letter:
    """Tell that an administrator ended the old sign-in, with the link to a new one."""
    return render("account_new_set_up", locale=account.locale, link=link, email=account.email, hours=_hours(LinkPurpose.SET_UP))


def reset(account: Account, *, link: str) -> Letter:
    """Send the link by which a forgotten password is replaced."""
    return render("account_reset", locale=account.locale, link=link, email=account.email, hours=_hours(LinkPurpose.RESET))


def password_changed(account: Account) -> Letter:
    """Tell that the password was replaced, so that a theft is noticed."""
    return render("account_password_changed", locale=account.locale, email=account.email)


def new_sign_in(account: Account, *, browser: str, network: str, at: datetime) -> Letter:
    """Tell of a sign-in from a network or with a browser that is new to the account."""
    return render("account_new_sign_in", locale=account.locale, email=account.email, browser=browser, network=network, at=at)


def recovery_code_used(account: Account, *, left: int) -> Letter:
    """Tell that a recovery code was used. left: how many there are still."""
    return render("account_recovery_code", locale=account.locale, email=account.email, left=left)


def new_authenticator(account: Account) -> Letter:
    """Tell that somebody who is signed in asked for a new authenticator."""
    return render("account_new_authenticator", locale=account.locale, email=account.email)


def passkey_added(account: Account, *, name: str) -> Letter:
    """Tell that a passkey was added, so that a stranger's is noticed."""
    return render("account_passkey_added", locale=account.locale, email=account.email, name=name)


def passkey_removed(account: Account, *, name: str) -> Letter:
    """Tell that a passkey was removed."""
    return render("account_passkey_removed", locale=account.locale, email=account.email, name=name)


def passkey_refused(account: Account, *, name: str) -> Letter:
    """Tell that a passkey was refused since its count did not grow, as where somebody has a copy of it."""
    return render("account_passkey_refused", locale=account.locale, email=account.email, name=name)


def _hours(purpose: LinkPurpose) -> int:
    return int(LINK_TIMES[purpose].total_seconds()) // 3600
