"""Commands of the outbox."""

import time
from datetime import UTC, datetime

import click
from flask import current_app
from flask.cli import AppGroup

from directory.config import Settings
from directory.db import db
from directory.mail.delivery import Delivered, deliver_due
from directory.mail.transport import make_transport

PAUSE_SECONDS = 1.0
outbox = AppGroup("outbox", help="Letters that are to go out.")


@outbox.command("run")
@click.option("--once", "is_once", is_flag=True, help="Deliver what is due now, and end.")
def run(*, is_once: bool) -> None:
    """Deliver letters as they fall due, with retries; Ctrl-C ends it between two letters."""
    settings: Settings = current_app.extensions["settings"]
    transport = make_transport(settings)
    total = Delivered()
    try:
        while True:
            done = deliver_due(db.session(), transport, settings=settings, clock=lambda: datetime.now(UTC))
            total.sent += done.sent
            total.failed += done.failed
            if is_once:
                break
            if done.sent or done.failed:
                click.echo(f"{done.sent} sent, {done.failed} failed")
            time.sleep(PAUSE_SECONDS)
    except KeyboardInterrupt:
        click.echo("Stopped.", err=True)
    click.echo(f"{total.sent} sent, {total.failed} failed")


COMMANDS: tuple[click.Command, ...] = (outbox,)
