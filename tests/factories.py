"""Things to test with: sensible plain defaults, sequences, and only what a test is about stated by it."""

from copy import deepcopy
from datetime import date, datetime
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from directory.applications.models import Application, Submission
from directory.applications.sent import keep_facts
from directory.applications.states import RejectionCode, State
from directory.applications.twins import keep_marks
from directory.audit import SYSTEM
from directory.consents.models import Consent
from directory.consents.texts import digest, texts_today
from directory.consents.vocab import ConsentKind
from directory.initiative.queries import get_initiative
from directory.members import services as member_services
from directory.members.entry import (
    AlternateName,
    NewClaim,
    NewContact,
    NewMember,
    NewOffering,
    NewRegistration,
    NewSignature,
    NewSource,
)
from directory.members.models import Member
from directory.members.vocab import Delivery, Direction, Fee, Kind, NameKind, OrganisationType
from tests.conftest import NOW

_numbers = count(1)


def new_offering(**changes: Any) -> NewOffering:
    """Give an offering as plain values."""
    return NewOffering(**{"titles": {"en": "Help with trade documents"}, "category": "trade-documents"} | changes)


def new_member(**changes: Any) -> NewMember:
    """Give an entry as plain values: a chamber with one offering, signed by nobody, no contact."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "kind": Kind.INSTITUTION,
        "type": OrganisationType.CHAMBER,
        "slug": f"chamber-{number}",
        "names": {"en": f"Chamber {number}"},
        "country": "RS",
        "city": "Belgrade",
        "joined_on": date(2026, 6, 1),
        "languages": ("en",),
        "offerings": (new_offering(),),
    }
    return NewMember(**values | changes)


def add_member(session: Session, *, now: datetime = NOW, term_ends_on: date | None = None, **changes: Any) -> Member:
    """Store a public member and commit."""
    member = member_services.admit(session, new_member(**changes), by=SYSTEM, now=now, term_ends_on=term_ends_on)
    session.commit()
    return member


def add_named(session: Session, **changes: Any) -> Member:
    """Store a founding member that the announcement named and that has not confirmed its entry, and commit."""
    announcement = NewSource("announcement", "https://news.example/announcement")
    values = {"joined_on": None, "named_on": date(2026, 5, 6), "named_order": next(_numbers), "sources": (announcement,)}
    return add_member(session, **values | changes)


def full_member(**changes: Any) -> NewMember:
    """Give an entry in which every optional part is filled."""
    values: dict[str, Any] = {
        "names": {"sr-Cyrl": "Комора Испробана", "en": "Tried Chamber"},
        "zones": ("lingang", "pudong"),
        "sectors": ("fintech",),
        "languages": ("sr-Cyrl", "en"),
        "summaries": {"sr-Cyrl": "Први ред\nи други.", "en": "Two lines."},
        "website": "tried.example",
        "founded": 1990,
        "contact": NewContact("Ana Probić", "ana@tried.example", "+381 11 1234567", "sr-Latn", shown=True),
        "alternate_names": (AlternateName("en", "TC", NameKind.SHORT), AlternateName("en", "Old Chamber", NameKind.FORMER)),
        "registrations": (NewRegistration("MB", "123", date(2026, 5, 1)), NewRegistration("VAT", "456")),
        "address": {"lines": ["Main Street 1"], "locality": "Belgrade", "region": None, "postcode": "11000"},
        "signature": NewSignature("sample-1", "en", date(2026, 6, 1), "Petar Ogledni", "President", "C-TRYTRYTRY0"),
        "claims": (NewClaim("Licence", "Ministry", "L-1", date(2030, 1, 1), date(2026, 5, 2)), NewClaim("Badge")),
        "offerings": (
            new_offering(
                titles={"sr-Cyrl": "Потврде", "en": "Certificates"},
                descriptions={"en": "On paper\nor not."},
                sectors=("fintech",),
                serves=("RS", "CN"),
                languages=("sr-Cyrl",),
                delivery=(Delivery.ON_SITE, Delivery.ONLINE),
                fee=Fee.MEMBERS,
                direction=Direction.BOTH,
                data={"from": ["CN"], "to": ["RS"], "instrument": "standard contract", "storage": ["RS"]},
                number=1,
            ),
            new_offering(number=2),
        ),
        "sources": (
            NewSource("announcement", "https://news.example/announcement"),
            NewSource("offering-2", "https://tried.example/second"),
            NewSource("entry", "https://tried.example/"),
        ),
        "demonstration": True,
        "named_on": date(2026, 5, 6),
        "named_order": 3,
    }
    return new_member(**values | changes)


def full_answers(**changes: Any) -> dict[str, Any]:
    """Give the answers of an application that can be sent; a step given here replaces the whole step."""
    answers: dict[str, Any] = {
        "organisation": {
            "name": "Привредни савез Проба",
            "name_language": "sr-Cyrl",
            "kind": "institution",
            "type": "association",
            "website": "https://proba.example",
            "founded": 1998,
            "languages": ["en", "sr-Cyrl"],
            "sectors": ["e-commerce", "fintech"],
            "zones": ["lingang"],
            "summary": "We help digital enterprises in Serbia.",
            "summary_language": "en",
        },
        "names": {"names": [{"name": "Proba Business Union", "language": "en", "kind": "translation"}]},
        "seat": {"country": "RS", "city": "Београд", "registrations": [{"scheme": "RS-MB", "value": "07012345"}]},
        "contact": {"name": "Ana Probić", "role": "Secretary", "email": "ana@proba.example", "phone": "+381111234567"},
        "offerings": {
            "offerings": [
                {
                    "title": "Market entry in Serbia",
                    "description": "Advice on the first steps.",
                    "language": "en",
                    "category": "market-entry-advisory",
                    "serves": ["CN", "DE"],
                    "languages": ["en"],
                    "delivery": ["on-site", "online"],
                    "fee": "free",
                    "direction": "coming-in",
                }
            ]
        },
        "documents": {"registration_later": True},
        "statement": {
            "version": get_initiative().statement.version,
            "language": "en",
            "accepted": True,
            "signatory": "Petar Ogledni",
            "capacity": "President",
            "consents": texts_today().version,
            "listed": True,
            "abroad": True,
        },
    }
    return answers | changes


def add_consents(application: Application, now: datetime) -> None:
    """Give the consents that the answers of an application say were given."""
    answered = application.answers.get("statement", {})
    for kind in ConsentKind if answered.get("consents") else ():
        if answered.get(kind):
            text = texts_today().text(kind, "en").text
            row = Consent(kind=kind, version=answered["consents"], locale="en", digest=digest(text), given_at=now)
            application.consents.append(row)


def add_application(session: Session, *, state: State = State.DRAFT, now: datetime = NOW, **changes: Any) -> Application:
    """Store an application that could be sent, in any state, with a submission where it was sent once, and commit."""
    answers = changes.pop("answers", None) or full_answers()
    email = answers.get("contact", {}).get("email")
    values: dict[str, Any] = {
        "reference": f"A-{next(_numbers):06d}",
        "state": state,
        "locale": "en",
        "email": email,
        "email_proved": email,
        "answers": answers,
        "statement_version": answers.get("statement", {}).get("version"),
        "statement_accepted_at": now,
        "created_at": now,
        "updated_at": now,
        "submitted_at": None if state is State.DRAFT else now,
        "state_since": now,
        "rejection_code": RejectionCode.OUT_OF_SCOPE if state is State.REJECTED else None,
    }
    application = Application(**values | changes)
    if state is not State.DRAFT:
        application.submissions = [Submission(number=1, answers=deepcopy(answers), at=now)]
        keep_marks(application)
        keep_facts(application)
    add_consents(application, now)
    session.add(application)
    session.commit()
    return application
