"""Suggestions while somebody types: names and topics, only what is public, in the reader's language."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from directory.audit import SYSTEM
from directory.members import services
from tests.factories import add_member, new_offering
from tests.page import Visitor

Follow = Callable[[], None]


def suggestions(page: Visitor, locale: str, text: str) -> list[dict[str, str]]:
    answer = page.client.get(f"/{locale}/suggestions", query_string={"q": text})
    assert answer.status_code == 200
    return answer.get_json()["suggestions"]


@pytest.fixture
def three(session: Session, follow: Follow) -> None:
    offerings = (new_offering(category="market-entry-advisory", sectors=("fintech",)),)
    add_member(session, slug="pks", names={"sr-Cyrl": "Привредна комора", "en": "Chamber of Economy"}, offerings=offerings)
    add_member(session, slug="bwa", names={"de": "Bundesverband Außenwirtschaft"})
    add_member(session, slug="fin", names={"en": "Fintech House"})
    follow()


@pytest.mark.usefixtures("three")
def test_names_are_suggested_in_any_script_and_lead_to_the_member(page: Visitor) -> None:
    assert suggestions(page, "en", "privr") == [
        {"text": "Chamber of Economy", "lang": "en", "dir": "ltr", "kind": "Institution", "address": "/en/members/pks"}
    ]
    assert [(s["text"], s["lang"]) for s in suggestions(page, "zh-Hans", "aussenw")] == [("Bundesverband Außenwirtschaft", "de")]


@pytest.mark.usefixtures("three")
def test_topics_that_somebody_has_are_suggested_and_lead_to_a_list(page: Visitor) -> None:
    found = suggestions(page, "de", "fintec")

    assert [(s["text"], s["kind"], s["address"]) for s in found] == [
        ("Fintech House", "Institution", "/de/members/fin"),
        ("Fintech", "Branchen", "/de/members/?sector=fintech"),
    ]
    assert suggestions(page, "en", "insurance") == []


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("text", ["", "   ", "?!", "zzzzqqq", "\x00", "\ud800", "x" * 5000])
def test_any_text_is_taken(page: Visitor, text: str) -> None:
    assert suggestions(page, "en", text.encode("utf-8", "replace").decode()) == []


@pytest.mark.usefixtures("three")
def test_a_removed_member_is_not_suggested_though_the_index_knows_it(page: Visitor, session: Session) -> None:
    member = add_member(session, slug="gone", names={"en": "Gonehouse"})
    page.app.extensions["search"].follow()
    assert [s["text"] for s in suggestions(page, "en", "goneh")] == ["Gonehouse"]

    services.suspend(
        session, member, by=SYSTEM, reason="a reason long enough", seen_version=member.version, now=datetime.now(UTC)
    )
    session.commit()

    assert suggestions(page, "en", "goneh") == []
