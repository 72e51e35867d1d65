"""Commands of staff accounts."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NoReturn

import click
from email_validator import EmailNotValidError, validate_email
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from directory.accounts import services
from directory.accounts.models import LINK_TIMES, Account, LinkPurpose, Role
from directory.accounts.queries import get_account, list_accounts
from directory.audit import SYSTEM
from directory.config import Settings
from directory.db import db, writing
from directory.errors import Invalid, NotAllowed
from directory.i18n.locales import SOURCE

staff = AppGroup("staff", help="Accounts of the association's staff.")


@staff.command("add")
@click.argument("email")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice([str(r) for r in Role]), help="May be repeated.")
def add(email: str, roles: Sequence[str]) -> None:
    """Add an account and print the one-time link that sets its password and second factor."""
    try:
        address = validate_email(email, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        _refuse(f"{email} is not a mail address")
    with writing():
        try:
            _, key = services.add_account(db.session(), address, [Role(r) for r in roles], by=SYSTEM, now=_now())
        except Invalid:
            _refuse(f"{email} has an account already: see staff list, or make a new link with staff reset")
        db.session.commit()
    _print_link(key)


@staff.command("list")
def list_() -> None:
    """List all accounts with their roles."""
    for account in list_accounts(db.session()):
        roles = ", ".join(role for role in Role if role in account.roles)
        click.echo(f"{account.email}\t{roles}\t{_state(account)}")


@staff.command("disable")
@click.argument("email")
def disable(email: str) -> None:
    """Close an account; its sessions end at once."""
    with writing():
        try:
            services.disable_account(db.session(), _account(db.session(), email), by=SYSTEM, now=_now())
        except NotAllowed:
            _refuse(f"{email} is the last administrator who can sign in: give another account that role first")
        db.session.commit()
    click.echo(f"{email} is closed")


@staff.command("reset")
@click.argument("email")
def reset(email: str) -> None:
    """Take password and second factor away, end all sessions, and print a link that sets both anew."""
    with writing():
        try:
            key = services.reset_account(db.session(), _account(db.session(), email), by=SYSTEM, now=_now())
        except NotAllowed:
            _refuse(f"{email} is closed")
        db.session.commit()
    _print_link(key)


COMMANDS: tuple[click.Command, ...] = (staff,)


def set_up_address(key: str) -> str:
    """Return the absolute address of a one-time link, outside any request."""
    settings: Settings = current_app.extensions["settings"]
    path = current_app.url_map.bind("").build("accounts.set_up", {"locale": SOURCE, "key": key})
    return f"{settings.public_url}{path}"


def _print_link(key: str) -> None:
    click.echo(set_up_address(key))
    hours = int(LINK_TIMES[LinkPurpose.SET_UP].total_seconds()) // 3600
    click.echo(f"The link works once, for {hours} hours.", err=True)


def _account(session: Session, email: str) -> Account:
    account = get_account(session, email, for_update=True)
    if account is None:
        _refuse(f"{email} has no account")
    return account


def _state(account: Account) -> str:
    if account.disabled_at is not None:
        return "closed"
    return "in use" if account.password_hash else "not set up yet"


def _refuse(reason: str) -> NoReturn:
    click.echo(reason, err=True)
    sys.exit(1)


def _now() -> datetime:
    return datetime.now(UTC)
