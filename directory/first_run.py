"""What must be there before the first page: tables, founding members, a staff account."""

import fcntl
from datetime import UTC, datetime

from flask import Flask
from flask_migrate import upgrade

from directory.accounts import services
from directory.accounts.commands import set_up_address
from directory.accounts.models import Role
from directory.accounts.queries import has_accounts
from directory.audit import SYSTEM
from directory.config import Settings
from directory.db import db, writing
from directory.members.models import Member
from directory.members.seeds import seed_founders

FIRST_EMAIL = "admin@initiative.example"
FIRST_ROLES = (Role.ADMINISTRATOR, Role.COORDINATOR, Role.REVIEWER, Role.APPROVER)


def prepare(app: Flask) -> str | None:
    """Bring the tables up to date, seed an empty database, and add the first administrator where there is no account.

    Returns the first administrator's one-time link, None where there are accounts. Two starts at once take turns.
    """
    settings: Settings = app.extensions["settings"]
    with (settings.instance_path / "prepare.lock").open("w") as lock, app.app_context():
        fcntl.flock(lock, fcntl.LOCK_EX)
        upgrade()
        with writing():
            session = db.session()
            now = datetime.now(UTC)
            if session.scalar(db.select(Member.id).limit(1)) is None:
                seed_founders(session, now=now)
            link = None
            if not has_accounts(session):
                _, key = services.add_account(session, FIRST_EMAIL, FIRST_ROLES, by=SYSTEM, now=now)
                link = set_up_address(key)
            session.commit()
        db.engine.dispose()  # children are forked from here: no connection may be shared
        return link
