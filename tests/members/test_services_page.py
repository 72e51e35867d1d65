"""The list of services across members."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from tests.factories import add_member, new_offering
from tests.page import Visitor

Follow = Callable[[], None]


def test_all_choices_must_hold_for_the_one_service(page: Visitor, session: Session, follow: Follow) -> None:
    first = new_offering(titles={"en": "Help abroad"}, category="helpdesk", serves=("DE",), languages=("de",))
    second = new_offering(titles={"en": "Papers at home"}, category="trade-documents", serves=("RS",))
    add_member(session, slug="alpha", languages=("sr-Latn",), offerings=(first, second))
    follow()

    assert page.get("/en/services/").slugs == ["alpha--1", "alpha--2"]
    assert page.get("/en/services/?category=helpdesk&serves=RS").slugs == []
    assert page.get("/en/members/?category=helpdesk&serves=RS").slugs == ["alpha"]
    assert page.get("/en/services/?category=helpdesk&serves=DE").slugs == ["alpha--1"]
    assert page.get("/en/services/?language=sr-Latn").slugs == ["alpha--2"]
    assert page.get("/en/services/").counts["country"] == {"RS": 2}


def test_card_says_what_is_known(page: Visitor, session: Session, follow: Follow) -> None:
    known = new_offering(titles={"en": "Help"}, category="helpdesk", descriptions={"en": "By phone."}, serves=("DE", "CN"))
    add_member(session, slug="alpha", names={"en": "Alpha Chamber"}, languages=(), offerings=(known,))
    follow()

    found = page.get("/en/services/")

    assert found.select("[data-services]")[0]["data-total"] == "1"
    assert found.texts("[data-slug] h2 a") == ["Help"]
    assert found.texts("[data-slug] ul.meta li") == [
        "Kind of service: Helpdesk and policy information",
        "Countries and regions served: Germany · China",
    ]
    assert "Offered by: Alpha Chamber" in found.text
    assert "By phone." in found.text


def test_service_without_title_in_the_language_keeps_its_own(page: Visitor, session: Session, follow: Follow) -> None:
    add_member(session, slug="alpha", offerings=(new_offering(titles={"ar": "خدمة"}),))
    follow()

    [title] = page.get("/en/services/").select("[data-slug] h2 span")

    assert (title["lang"], title["dir"], title.get_text()) == ("ar", "rtl", "خدمة")
