"""`python -m bench.desk` in an instance: makes applications once, signs a clerk in, prints {cookie, references} as JSON."""

import json
import random
import sys
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory.accounts import sessions
from directory.accounts.models import Account, AccountRole, Role
from directory.applications.models import Application, MoveMade, Submission
from directory.applications.sent import keep_facts
from directory.applications.states import RejectionCode, State
from directory.applications.twins import keep_marks
from directory.db import db, writing
from directory.mail import LetterState, OutboxLetter
from wsgi import app

OPEN_APPLICATIONS = 5000
DECIDED = 2000
BATCH = 500
SHOWN = 400
CLERK = "bench@staff.example"
SHARES = {
    State.SUBMITTED: 40,
    State.IN_REVIEW: 25,
    State.CHANGES_REQUESTED: 15,
    State.ON_HOLD: 10,
    State.READY_FOR_DECISION: 10,
}
"""of the open ones, in percent"""


def main() -> int:
    """Make what is missing and tell how to ask for it."""
    with app.app_context(), writing():
        session, now = db.session(), datetime.now(UTC)
        clerk = session.scalar(select(Account).where(Account.email == CLERK)) or _clerk(session, now)
        if not session.scalar(select(func.count()).select_from(Application)):
            _fill(session, clerk, now)
        key = sessions.begin(session, clerk, network=None, browser="bench", now=now)
        references = list(session.scalars(select(Application.reference).order_by(Application.id).limit(SHOWN)))
        session.commit()
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie |= {"_user_id": key, "_fresh": True}
    client.get("/en/staff/applications/")  # the first page gives the session its mark for forms, which a browser keeps
    name = app.config["SESSION_COOKIE_NAME"]
    kept = client.get_cookie(name)
    sys.stdout.write(json.dumps({"cookie": f"{name}={kept.value if kept else ''}", "references": references}) + "\n")
    return 0


def _clerk(session: Session, now: datetime) -> Account:
    clerk = Account(email=CLERK, name="Bench", created_at=now)
    clerk.role_rows = [AccountRole(role=role) for role in Role]
    session.add(clerk)
    session.flush()
    return clerk


def _fill(session: Session, clerk: Account, now: datetime) -> None:
    source = random.Random(5)  # the same applications each time
    for number, application in enumerate(_applications(source, clerk, now), 1):
        session.add(application)
        session.add(_letter(application, now))
        if number % BATCH == 0:
            session.commit()
    session.commit()


def _letter(application: Application, now: datetime) -> OutboxLetter:
    return OutboxLetter(
        template="application_received", locale="en", recipient=str(application.email), subject="We have your application",
        body="It is here.\n", subject_kind="application", subject_id=application.reference, state=LetterState.SENT,
        attempts=1, next_attempt_at=now, created_at=now, sent_at=now,
    )  # fmt: skip


def _applications(source: random.Random, clerk: Account, now: datetime) -> Iterator[Application]:
    open_states = source.choices(list(SHARES), list(SHARES.values()), k=OPEN_APPLICATIONS)
    decided = source.choices([State.APPROVED, State.REJECTED], k=DECIDED)
    for number, state in enumerate((*open_states, *decided), 1):
        is_decided = state in {State.APPROVED, State.REJECTED}
        at = now - timedelta(days=source.uniform(*((30, 360) if is_decided else (0, 40))))
        taken = at + timedelta(days=source.uniform(0, 5))
        yield _application(number, state, at, taken, clerk, source)


def _application(number: int, state: State, at: datetime, taken: datetime, clerk: Account, source: random.Random) -> Application:
    answers = _answers(number, source)
    email = answers["contact"]["email"]
    application = Application(
        reference=f"A-B{number:05}", state=state, locale=source.choice(["en", "zh-Hans", "de", "es", "sr-Latn"]), email=email,
        email_proved=email, answers=answers, created_at=at, updated_at=taken, submitted_at=at, state_since=taken,
    )  # fmt: skip
    application.submissions = [Submission(number=1, answers=deepcopy(answers), at=at)]
    moves = [MoveMade(name="submit", source=State.DRAFT, target=State.SUBMITTED, at=at)]
    if state is not State.SUBMITTED:
        moves.append(MoveMade(name="take", source=State.SUBMITTED, target=State.IN_REVIEW, by_id=clerk.id, at=taken))
        application.assignee_id = clerk.id
    if state in {State.APPROVED, State.REJECTED}:
        decided = taken + timedelta(days=source.uniform(1, 12))
        name = "approve" if state is State.APPROVED else "reject"
        moves.append(MoveMade(name=name, source=State.READY_FOR_DECISION, target=state, by_id=clerk.id, at=decided))
        application.decided_by_id, application.decided_at, application.state_since = clerk.id, decided, decided
        application.rejection_code = RejectionCode.OUT_OF_SCOPE if state is State.REJECTED else None
    if state is State.ON_HOLD:
        application.hold_until, application.hold_reason = (taken + timedelta(days=20)).date(), "The register answers."
    application.moves = moves
    keep_marks(application)
    keep_facts(application)
    return application


def _answers(number: int, source: random.Random) -> dict[str, Any]:
    country = source.choice(["DE", "RS", "AR", "CN", "SG", "HK", "GB", "KR", "FR", "ES"])
    texts = {
        "summary": "It is invented for a measurement and offers help with papers of all kinds. " * 4,
        "summary_language": "en",
    }
    offering = {
        "title": "Help with papers", "description": "We look at your papers and say what is missing. " * 8, "language": "en",
        "category": "trade-documents", "serves": [country], "delivery": ["online"], "fee": "paid", "direction": "both",
    }  # fmt: skip
    return {
        "organisation": {
            "name": f"Bench Company {number} Ltd", "name_language": "en", "kind": source.choice(["institution", "enterprise"]),
            "type": "association", "website": f"https://www.bench{number}.example/", "languages": ["en"],
            "sectors": ["fintech"], **texts,
        },
        "names": {"names": [{"name": f"基准公司{number}", "language": "zh-Hans"}]},
        "seat": {"country": country, "city": "Harbour", "registrations": [{"scheme": "other", "value": f"B {700000 + number}"}]},
        "contact": {"name": "Ana Bench", "email": f"ana@bench{number}.example"},
        "offerings": {"offerings": [offering, {**offering, "title": "Help with more papers"}]},
        "documents": {"registration_later": True},
        "statement": {"signatory": "Max Bench", "capacity": "Director"},
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
