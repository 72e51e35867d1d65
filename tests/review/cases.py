"""Applications to review, in any state, made as the applicant would have made them."""

from copy import deepcopy
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from directory.accounts.models import Account, AccountRole, Role
from directory.applications.models import Application, Submission
from directory.applications.sent import keep_facts
from directory.applications.states import RejectionCode, State
from directory.applications.twins import keep_marks
from directory.consents.texts import texts_today
from directory.initiative.queries import get_initiative
from directory.mail import LetterState, OutboxLetter
from directory.review.vocab import CheckItem, CheckResult
from tests.conftest import NOW
from tests.factories import add_consents

_numbers = count(1)
ALL_FINE = dict.fromkeys(CheckItem, CheckResult.FINE)
TICKED = {f"recommend-check_{item}": str(CheckResult.FINE) for item in CheckItem}
"""fields of the form that recommends: everything was looked at and is in order"""
STATUS_URL = "http://127.0.0.1:8000/en/apply/token/status"


def answers(**changes: dict[str, Any]) -> dict[str, Any]:
    """Give complete answers; `changes` are merged into the steps they name."""
    number = next(_numbers)
    whole: dict[str, dict[str, Any]] = {
        "organisation": {
            "name": f"Handelsverein {number} e.V.", "name_language": "de",
            "names": [{"name": f"Trade Society {number}", "language": "en"}],
            "kind": "institution", "type": "association", "website": f"https://www.verein{number}.example/", "founded": 1950,
            "languages": ["de", "en"], "sectors": ["fintech"], "zones": [],
            "summary": "Wir helfen Unternehmen.", "summary_language": "de",
        },
        "seat": {"country": "DE", "city": "Bremen", "registrations": [{"scheme": "DE-VR", "value": f"VR {1000 + number}"}]},
        "contact": {
            "name": "Erika Beispiel", "role": "Leiterin", "email": f"erika@verein{number}.example", "phone": "+49 421 1234567",
        },
        "offerings": {
            "offerings": [
                {
                    "title": "Hilfe bei Zollpapieren", "description": "Wir prüfen Ihre Papiere.", "language": "de",
                    "category": "trade-documents", "serves": ["CN"], "delivery": ["online"], "fee": "paid", "direction": "both",
                }
            ]
        },
        "documents": {"registration_later": True},
        "statement": {
            "version": get_initiative().statement.version, "language": "en", "accepted": True, "signatory": "Max Muster",
            "capacity": "Vorstand", "listed": True, "abroad": True, "consents": texts_today().version,
        },
    }  # fmt: skip
    return {step: {**part, **changes.get(step, {})} for step, part in whole.items()}


def add_application(
    session: Session, *, state: State = State.SUBMITTED, locale: str = "de", now: datetime = NOW, **changes: Any
) -> Application:
    """Store an application in a state and commit. Sent a day before `now` unless it is a draft."""
    given = changes.pop("answers", None) or answers()
    at = changes.pop("submitted_at", now - timedelta(days=1))
    email = given["contact"]["email"]
    values: dict[str, Any] = {
        "reference": f"A-T{next(_numbers):05}", "state": state, "locale": locale, "email": email, "email_proved": email,
        "answers": given, "statement_version": get_initiative().statement.version, "statement_accepted_at": at,
        "created_at": at, "updated_at": at, "submitted_at": None if state is State.DRAFT else at, "state_since": at,
    }  # fmt: skip
    if state is State.REJECTED:
        values["rejection_code"] = RejectionCode.NOT_VERIFIABLE
    application = Application(**values | changes)
    if application.submitted_at:
        application.submissions = [Submission(number=1, answers=deepcopy(given), at=at)]
        keep_marks(application)
        keep_facts(application)
    add_consents(application, at)
    session.add(application)
    session.commit()
    return application


def add_account(session: Session, *roles: Role, **changes: Any) -> Account:
    """Store a staff account and commit."""
    number = next(_numbers)
    values: dict[str, Any] = {"email": f"person{number}@staff.example", "name": f"Person {number}", "created_at": NOW}
    account = Account(**values | changes)
    account.role_rows = [AccountRole(role=role) for role in roles]
    session.add(account)
    session.commit()
    return account


def add_ready(session: Session, *, by: Account | None = None, recommendation: str = "approve", **changes: Any) -> Application:
    """Store an application that waits for the decision, recommended by `by` (default: a reviewer of its own)."""
    by = by or add_account(session, Role.REVIEWER)
    ready = {"recommended_by_id": by.id, "recommendation": recommendation, "recommendation_note": "All is well."}
    return add_application(session, state=State.READY_FOR_DECISION, **ready | changes)


def add_letter(session: Session, now: datetime, **changes: Any) -> OutboxLetter:
    """Store a letter of the outbox and commit; one that failed unless `changes` say otherwise."""
    values: dict[str, Any] = {
        "template": "approved", "locale": "de", "recipient": "a@b.example", "subject": "Willkommen", "body": "Text",
        "next_attempt_at": now, "created_at": now, "attempts": 12, "state": LetterState.FAILED, "error": "no such host",
    }  # fmt: skip
    letter = OutboxLetter(**values | changes)
    session.add(letter)
    session.commit()
    return letter
