"""Commands that fill a directory: seed, demo, members import and export."""

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import click
from flask.cli import AppGroup, with_appcontext
from sqlalchemy.orm import Session

from directory.db import db, writing
from directory.members.demo import add_invented
from directory.members.seeds import seed_founders
from directory.members.transfer import Mode, export_members, import_members

STOPPED = 130
"""exit status after Ctrl-C"""
members = AppGroup("members", help="Members in and out.")


@click.command("seed")
@with_appcontext
def seed() -> None:
    """Add the founding members that are missing; those that are there stay as they are."""
    with _stoppable() as session:
        slugs = seed_founders(session, now=datetime.now(UTC))
        session.commit()
    click.echo(f"{len(slugs)} founding members added" + (f": {', '.join(slugs)}" if slugs else "; all were there"))


@click.command("demo")
@click.option("--members", "number", type=click.IntRange(1, 1_000_000), required=True, help="How many.")
@click.option("--seed", "seed_number", type=click.IntRange(0, 2**31), default=1, show_default=True, help="Which invented world.")
@with_appcontext
def demo(number: int, seed_number: int) -> None:
    """Add invented members, shown as such wherever they appear. The same seed gives the same members, once."""
    added = 0
    with _stoppable() as session, _bar(number, "Inventing members") as done:
        for looked_at, new in add_invented(session, number, seed=seed_number, now=datetime.now(UTC)):
            added += new
            done(looked_at)
    click.echo(f"{added} demonstration members added, {number - added} were there")


@members.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--dry-run", "is_dry", is_flag=True, help="Say what would happen and change nothing.")
@click.option("--all-or-nothing", "is_whole", is_flag=True, help="Change nothing if any line is bad.")
def import_command(file: IO[bytes], *, is_dry: bool, is_whole: bool) -> None:
    """Read members from FILE, one JSON object a line; `-` is standard input.

    A bad line is reported with its number and reason, and the exit status is then 1.
    """
    mode = Mode.DRY_RUN if is_dry else Mode.ALL_OR_NOTHING if is_whole else Mode.GOOD_LINES
    total: Counter[str] = Counter()
    with _stoppable(writes=not is_dry) as session, _bar(_size(file), "Importing") as done:
        for step in import_members(session, file, mode=mode, now=datetime.now(UTC)):
            for fault in step.faults:
                click.echo(str(fault), err=True)
            total.update(added=step.added, changed=step.changed, unchanged=step.unchanged, refused=len(step.faults))
            done(step.read)
    click.echo(_summary(total, mode))
    if total["refused"]:
        sys.exit(1)


@members.command("export")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--with-contacts", "has_contacts", is_flag=True, help="Contact persons too: personal data, keep it safe.")
def export_command(file: Path, *, has_contacts: bool) -> None:
    """Write the public members to FILE, one JSON object a line; `-` is standard output."""
    number = 0
    with _stoppable(writes=False) as session, _out(file) as out:
        for plain, with_contact in export_members(session, today=datetime.now(UTC).date()):
            out.write((with_contact if has_contacts else plain).encode())
            number += 1
    click.echo(f"{number} members exported", err=True)


COMMANDS: tuple[click.Command, ...] = (seed, demo, members)


def _summary(total: Counter[str], mode: Mode) -> str:
    counts = ", ".join(f"{total[what]} {what}" for what in ("added", "changed", "unchanged", "refused"))
    if mode is Mode.DRY_RUN:
        return f"Nothing was changed. It would be: {counts}"
    if mode is Mode.ALL_OR_NOTHING and total["refused"]:
        return f"Nothing was changed, since {total['refused']} lines are bad"
    return counts


@contextmanager
def _stoppable(*, writes: bool = True) -> Iterator[Session]:
    """Give a session; Ctrl-C takes back what is not committed and says that the rest stays."""
    session = db.session()
    try:
        if writes:
            with writing():
                yield session
        else:
            yield session
    except KeyboardInterrupt:
        session.rollback()
        click.echo("Stopped. What was committed stays; running it again goes on from there.", err=True)
        sys.exit(STOPPED)


@contextmanager
def _bar(length: int | None, label: str) -> Iterator[Callable[[int], None]]:
    """Give a way to say how much was done; it is shown on a terminal only."""
    is_shown = sys.stderr.isatty() and bool(length)
    with click.progressbar(length=length or 1, label=label, file=sys.stderr, hidden=not is_shown) as bar:
        yield bar.update


def _size(file: IO[bytes]) -> int | None:
    try:
        return os.fstat(file.fileno()).st_size
    except OSError:
        return None


@contextmanager
def _out(file: Path) -> Iterator[IO[bytes]]:
    """Give a file that only its owner may read and that takes its name when it is whole; `-`: standard output."""
    if str(file) == "-":
        yield sys.stdout.buffer
        return
    unfinished = file.with_name(f".{file.name}.unfinished")
    if not file.parent.is_dir():
        raise click.BadParameter(f"{file.parent} is not a folder")
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            yield out
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
