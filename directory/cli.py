"""The command line of the contract: each room's own commands, and those that concern the whole."""

import sys
from datetime import UTC, datetime
from typing import NoReturn

import click
from flask import Flask, current_app
from flask.cli import AppGroup, ScriptInfo, pass_script_info
from sqlalchemy.exc import OperationalError

from directory import housekeeping
from directory.accounts import commands as accounts
from directory.audit import verify
from directory.background import status_url, work
from directory.config import Settings
from directory.db import db
from directory.errors import SettingError
from directory.first_run import FIRST_EMAIL, prepare
from directory.housekeeping import Task
from directory.initiative import proof as edition_proof
from directory.mail import commands as mail
from directory.members import commands as members
from directory.review import letter_proof
from directory.search import commands as search
from directory.serve import supervise

BAD_SETTING = 2
"""exit status where a setting is missing or malformed"""
HOUSEKEEPING = {
    Task.REMIND_DRAFT: "Drafts reminded of",
    Task.REMIND_OF_POINTS: "Questions reminded of",
    Task.EXPIRE: "Drafts closed",
    Task.LAPSE: "Applications closed without an answer",
    Task.REMOVE: "Expired drafts deleted",
    Task.REDUCE: "Closed applications reduced to name, dates and decision",
    Task.DOCUMENTS: "Applications whose documents were deleted",
    Task.FILES: "Files deleted that belong to nothing any more",
    Task.ENQUIRIES: "Enquiries and settled notices deleted",
    Task.FACTS: "Applications whose facts for the desk were filled in",
    Task.LETTERS: "Letters deleted",
    Task.SESSIONS: "Old sessions of staff forgotten",
    Task.UNSAVED: "Texts deleted that were typed where an application was not open",
    Task.UPLOADS: "Files of members deleted that nobody brought in",
    Task.FAILED: "Applications that could not be dealt with (the log says why)",
}
audit = AppGroup("audit", help="The record of who did what.")


def init_cli(app: Flask) -> None:
    """Add the project's commands to the flask command."""
    for command in (*members.COMMANDS, *accounts.COMMANDS, *search.COMMANDS, *mail.COMMANDS, audit, *OWN_COMMANDS):
        app.cli.add_command(command)


def refuse(error: SettingError) -> NoReturn:
    """Say in one line which setting is wrong, and end."""
    sys.stderr.write(f"{error}\n")
    sys.exit(BAD_SETTING)


@audit.command("verify")
def verify_command() -> None:
    """Walk the chain; exit status 1 and the first broken entry where it was altered.

    Then hold every edition of the settings and every version of a letter's text against the entry that tells of it; exit
    status 1 and the first that differs, is missing, or has no entry.
    """
    session = db.session()
    verdict = verify(session)
    if verdict.broken is not None:
        click.echo(f"Entry {verdict.broken} is broken: {verdict.why}. {verdict.entries} entries before it stand.")
        sys.exit(1)
    click.echo(f"All {verdict.entries} entries stand; {verdict.erased} values were erased.")
    if found := edition_proof.find_difference(session) or letter_proof.find_difference(session):
        click.echo(f"What administrators set was altered: {found}.")
        sys.exit(1)
    click.echo(f"Hash of the newest: {verdict.head}")
    click.echo("Settings and texts of letters are as their entries say.")


@click.command("housekeeping")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
def housekeeping_command(*, dry_run: bool) -> None:
    """Remind, end and delete what the calendar says; the background process does the same every hour.

    Exit status 1 where an application could not be dealt with.
    """
    done = housekeeping.run(
        db.session(),
        now=datetime.now(UTC),
        status_url=status_url(current_app),
        place=current_app.extensions["uploads"],
        dry_run=dry_run,
    )
    if dry_run:
        click.echo("Nothing was changed. What would be done:")
    for task, words in HOUSEKEEPING.items():
        click.echo(f"{words}: {done[task]}")
    if done[Task.FAILED]:
        sys.exit(1)


@click.command("serve")
@pass_script_info
def serve_command(info: ScriptInfo) -> None:
    """Prepare the database, then serve the site with its background process until Ctrl-C."""
    app = info.load_app()
    settings: Settings = app.extensions["settings"]
    try:
        link = prepare(app)
    except OperationalError as error:
        refuse(SettingError(f"DATABASE_URL names a database that does not answer: {str(error.orig).splitlines()[0]}"))
    if link is not None:
        click.echo(f"First run: set password and second factor of {FIRST_EMAIL} here, once, within 72 hours:\n\n  {link}\n")
    click.echo(f"The directory is at {settings.public_url} (Ctrl-C ends it)")
    sys.stdout.flush()
    sys.exit(supervise(app))


@click.command("work")
@pass_script_info
def work_command(info: ScriptInfo) -> None:
    """Run the background process alone: deliver letters, follow the index. A service of its own in production."""
    work(info.load_app())


OWN_COMMANDS: tuple[click.Command, ...] = (housekeeping_command, serve_command, work_command)
