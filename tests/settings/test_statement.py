"""A new version of the statement is asked for, and what was signed under an older one stays."""

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from directory.applications import rules
from directory.initiative.holding import refresh
from directory.initiative.vocab import Subject
from directory.members.entry import NewSignature
from tests.conftest import NOW
from tests.factories import add_application, add_member
from tests.initiative.setting import data_of, set_anew
from tests.page import Visitor


def _add_version(session: Session) -> None:
    now = datetime.now(UTC)
    data = data_of(session, Subject.STATEMENT)
    texts = {"en": "We state it anew.", "de": "Wir erklären es neu."}
    data["versions"].append({"version": "2", "published_on": now.date().isoformat(), "sample": False, "texts": texts})
    set_anew(session, Subject.STATEMENT, data, now=now)
    refresh()


def test_who_accepted_an_older_version_is_asked_anew(session: Session) -> None:
    application = add_application(session)
    assert rules.missing_for_submit(application) == ()

    _add_version(session)

    assert not rules.is_statement_accepted(application)
    assert rules.missing_for_submit(application) == (("statement", "accepted"),)


def test_what_is_signed_today_is_shown_and_who_signed_before_stays_so(session: Session, page: Visitor) -> None:
    signature = NewSignature("sample-1", "en", NOW.date(), "Petar Ogledni", "President", "C-TRYTRYTRY0")
    add_member(session, slug="alpha", signature=signature)

    _add_version(session)

    found = page.get("/en/initiative")
    assert "We state it anew." in found.text
    assert "Sample statement" not in found.text
    assert "version sample-1" in found.text
    assert page.get("/de/initiative").texts(".statement-text p") == ["Wir erklären es neu."]
