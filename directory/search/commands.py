"""Commands of the search index."""

import sys

import click
from flask import current_app
from flask.cli import AppGroup

from directory.db import db
from directory.search.embedded import EmbeddedEngine
from directory.search.engine import SearchUnavailable

SHOWN_MAX = 10
search = AppGroup("search", help="This host's search index.")


@search.command("rebuild")
def rebuild() -> None:
    """Make the index from the database; the old one serves until the new one is whole."""
    engine: EmbeddedEngine = current_app.extensions["search"]
    with click.progressbar(length=1, label="Indexing", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:

        def show(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        try:
            followed = engine.rebuild(show, processes=2)
        except SearchUnavailable as error:
            click.echo(str(error), err=True)
            sys.exit(1)
    click.echo(f"The index is made, up to change {followed.version[1]}")


@search.command("check")
def check() -> None:
    """Say whether index and database agree; exit status 1 where they do not."""
    engine: EmbeddedEngine = current_app.extensions["search"]
    report = engine.check(db.session())
    if report.agrees:
        click.echo(f"Index and database agree: {report.subjects} members, up to change {report.database[1]}")
        return
    if report.index is None:
        click.echo("There is no usable index")
    elif report.index != report.database:
        click.echo(f"The index stands at change {report.index[1]}, the database at {report.database[1]}")
    if report.trouble:
        click.echo(f"The index says: {report.trouble}")
    for name, found in (("missing", report.missing), ("too many", report.extra), ("different", report.different)):
        if found:
            listed = ", ".join(f"member {number}" for number in found[:SHOWN_MAX])
            click.echo(f"{len(found)} {name}: {listed}{' …' if len(found) > SHOWN_MAX else ''}")
    sys.exit(1)


COMMANDS: tuple[click.Command, ...] = (search,)
