"""Pages of the steps: what is kept, refused and shown."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session
from stdnum.cn import uscc

from directory.applications import rules, services
from directory.applications.answers import as_new_member
from directory.applications.models import Application
from directory.applications.states import State
from directory.applications.vocab import Step
from directory.audit import SYSTEM, AuditEvent
from directory.i18n.formats import COUNTRIES, LANGUAGES
from directory.initiative.queries import sectors
from directory.mail import OutboxLetter
from directory.members import services as member_services
from directory.members.rules import check_entry
from tests.applications.browsers import address_of, open_browser
from tests.conftest import NOW
from tests.factories import add_application, add_member, full_answers
from tests.page import Page, Visitor

STEPS = [str(step) for step in Step]


def _begin(page: Visitor, locale: str = "en") -> str:
    """Start an application; returns the address of its task list."""
    begun = page.post(f"/{locale}/apply/", {})
    assert begun.status == 303
    return str(begun.location)


def _stored(session: Session) -> Application:
    session.rollback()
    application = session.scalar(sa.select(Application).order_by(Application.id.desc()).limit(1))
    assert application is not None
    return application


def _fields(values: dict[str, Any]) -> dict[str, Any]:
    """Write the answers of a step as its form's fields."""
    fields: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            for place, row in enumerate(value):
                fields |= {f"{name}-{place}-{column}": cell for column, cell in row.items()}
        elif value is not False:
            fields[name] = "y" if value is True else value
    return fields


def _as_list(value: Any) -> list[str]:
    return sorted(map(str, value)) if isinstance(value, list) else [str(value)]


def test_start_begins_a_draft_in_the_pages_language(page: Visitor, session: Session) -> None:
    address = _begin(page)

    application = _stored(session)
    assert address == f"/en/apply/{application.token}/"
    assert (application.state, application.locale, application.answers) == (State.DRAFT, "en", {})
    assert application.reference.startswith("A-")
    assert len(application.reference) == 8
    assert page.get(address).texts(".tasks .badge") == [
        "Not begun", "Not begun, optional", *["Not begun"] * 5,
    ]  # fmt: skip
    assert [e.action for e in session.scalars(sa.select(AuditEvent))] == ["application.start"]


def test_start_ignores_who_fills_in_the_trap(page: Visitor, session: Session) -> None:
    answer = page.post("/en/apply/", {"email_again": "robot@spam.example"})

    assert answer.status == 200
    assert session.scalars(sa.select(Application)).all() == []


def test_start_pressed_twice_begins_one_draft(app: Flask, session: Session) -> None:
    visitor = Visitor(app)
    start = visitor.get("/en/apply/")

    pressed = [visitor.submit(start, follow=False).location for _ in range(2)]
    again = visitor.submit(visitor.get("/en/apply/"), follow=False).location
    other = Visitor(app)
    elsewhere = other.submit(other.get("/en/apply/"), follow=False).location

    assert pressed[0] == pressed[1]
    assert len({pressed[0], again, elsewhere}) == 3
    assert [e.action for e in session.scalars(sa.select(AuditEvent))] == ["application.start"] * 3


def test_start_pressed_twice_at_once_begins_one_draft(app: Flask, session: Session) -> None:
    visitor = Visitor(app)
    _begin(visitor)  # the directory has recorded something before
    form = visitor.get("/en/apply/").form()
    cookie = visitor.client.get_cookie("session")
    clients = [app.test_client() for _ in range(4)]
    for client in clients:
        if cookie is not None:
            client.set_cookie("session", cookie.value)

    with ThreadPoolExecutor(len(clients)) as pool:
        locations = set(pool.map(lambda client: client.post("/en/apply/", data=form).location, clients))

    assert locations == {f"/en/apply/{_stored(session).token}/"}
    assert len(session.scalars(sa.select(Application)).all()) == 2


def test_start_leaves_alone_what_the_same_form_began_and_was_sent(app: Flask, session: Session) -> None:
    visitor = Visitor(app)
    start = visitor.get("/en/apply/")
    first = visitor.submit(start, follow=False).location
    _stored(session).state = State.SUBMITTED
    session.commit()

    second = visitor.submit(start, follow=False).location

    assert first != second
    assert len(session.scalars(sa.select(Application)).all()) == 2


def test_start_page_says_what_is_needed(page: Visitor) -> None:
    start = page.get("/en/apply/")

    assert start.texts("h2") == ["What you need", "How long it takes", "What happens next"]


@pytest.mark.parametrize("step", STEPS)
def test_step_saves_an_empty_form(page: Visitor, session: Session, step: str) -> None:
    address = _begin(page)

    form = page.get(address + step)
    saved = page.submit(form, {"action": "save"}, css="main form:last-of-type", follow=False)

    assert saved.status == 303
    assert page.get(str(saved.location)).errors == {}


@pytest.mark.parametrize("step", STEPS)
def test_step_saves_everything_and_shows_it_again(page: Visitor, session: Session, step: str) -> None:
    address, wanted = _begin(page), full_answers()[step]

    form = page.get(address + step)
    seen = form.form("main form")["seen"]
    saved = page.post(address + step, _fields(wanted) | {"seen": seen, "action": "continue"})

    following = [*STEPS, "check"][STEPS.index(step) + 1]
    assert (saved.status, saved.location) == (303, address + following)
    assert _stored(session).answers == {step: wanted}
    shown = page.get(address + step).form("main form[novalidate]")
    typed = _fields(wanted) | ({"phone": "+381 11 1234567"} if step == "contact" else {})
    assert {name: _as_list(shown[name]) for name in typed} == {name: _as_list(value) for name, value in typed.items()}


@pytest.mark.parametrize(
    ("step", "field", "value"),
    [
        ("organisation", "name", "x" * 201),
        ("organisation", "name_language", "tlh"),
        ("names", "names-0-name", "x" * 201),
        ("names", "names-0-kind", "nickname"),
        ("organisation", "kind", "club"),
        ("organisation", "type", "club"),
        ("organisation", "website", "javascript:alert(1)"),
        ("organisation", "website", "https://user:password@proba.example"),
        ("organisation", "website", "http://[::1"),
        ("organisation", "website", "nodots"),
        ("organisation", "website", "www.-.example"),
        ("organisation", "website", "www.proba.example/" + "x" * 290),
        ("organisation", "type", "enterprise"),
        ("organisation", "founded", "about 1998"),
        ("organisation", "languages", ["en", "tlh"]),
        ("organisation", "sectors", ["witchcraft"]),
        ("organisation", "zones", ["mars"]),
        ("organisation", "summary", "x" * 2001),
        ("organisation", "summary", "x" * 1_000_000),
        ("organisation", "summary_language", "<script>"),
        ("seat", "country", "XX"),
        ("seat", "city", "x" * 101),
        ("seat", "street", "x" * 201),
        ("seat", "street", "1\n2\n3\n4\n5"),
        ("seat", "postcode", "x" * 21),
        ("seat", "region", "x" * 101),
        ("seat", "precision", "galaxy"),
        ("seat", "registrations-0-scheme", "guild"),
        ("seat", "registrations-0-value", "x" * 61),
        ("contact", "name", "x" * 121),
        ("contact", "role", "x" * 121),
        ("contact", "email", "ana at proba"),
        ("seat", "registrations-0-value", "1234567"),
        ("contact", "phone", "call me"),
        ("contact", "phone", "+381 1"),
        ("contact", "phone", "011 123 4567"),
        ("offerings", "offerings-0-title", "x" * 201),
        ("offerings", "offerings-0-description", "x" * 2001),
        ("offerings", "offerings-0-language", "tlh"),
        ("offerings", "offerings-0-category", "witchcraft"),
        ("offerings", "offerings-0-sectors", ["witchcraft"]),
        ("offerings", "offerings-0-serves", ["XX"]),
        ("offerings", "offerings-0-languages", ["tlh"]),
        ("offerings", "offerings-0-delivery", ["pigeon"]),
        ("offerings", "offerings-0-fee", "gold"),
        ("offerings", "offerings-0-direction", "up"),
        ("statement", "signatory", "x" * 121),
        ("statement", "capacity", "x" * 121),
        ("statement", "sponsor_name", "No Such Member"),
    ],
)
def test_step_refuses_what_is_malformed_and_keeps_the_input(
    page: Visitor, session: Session, step: str, field: str, value: Any
) -> None:
    address = _begin(page)
    typed = _fields(full_answers()[step]) | {field: value}

    refused = page.post(address + step, typed | {"seen": page.get(address + step).form()["seen"]})

    assert refused.status == 422
    assert list(refused.errors) == [field]
    assert refused.texts("#error-summary a") == [refused.errors[field]]
    target = str(refused.select("#error-summary a")[0]["href"]).removeprefix("#")
    assert refused.select(f"[id='{target}']")
    if isinstance(value, str) and refused.select(f"input[name='{field}'], textarea[name='{field}']"):
        assert value in refused.form("main form[novalidate]")[field]
    assert _stored(session).answers == {}


def test_step_cleans_text_and_shows_markup_as_text(page: Visitor, session: Session) -> None:
    address = _begin(page)
    name = "Pro\x00ba\u202e <script>alert(1)</script>"

    page.post(address + "organisation", {"name": name, "seen": page.get(address + "organisation").form()["seen"]})

    assert _stored(session).answers["organisation"]["name"] == "Proba <script>alert(1)</script>"
    check = page.get(address + "check")
    assert "Proba <script>alert(1)</script>" in check.text


@pytest.mark.parametrize("website", ["www.proba.example/о-нама", "https://proba.example", "привреда.срб", "WWW.Proba.Example"])
def test_website_is_kept_as_its_owner_writes_it(page: Visitor, session: Session, website: str) -> None:
    address = _begin(page)

    seen = page.get(address + "organisation").form()["seen"]
    page.post(address + "organisation", {"website": website, "seen": seen})

    assert _stored(session).answers["organisation"]["website"] == website


@pytest.mark.parametrize(("seat", "typed"), [(None, "+54 11 4321-1234"), ("AR", "011 4321 1234"), ("AR", "+54 (11) 43211234")])
def test_phone_is_kept_as_e164_whatever_it_was_typed_like(page: Visitor, session: Session, seat: str | None, typed: str) -> None:
    address = _begin(page)
    if seat:
        page.post(address + "seat", {"country": seat, "seen": page.get(address + "seat").form()["seen"]})

    page.post(address + "contact", {"phone": typed, "seen": page.get(address + "contact").form()["seen"]})

    assert _stored(session).answers["contact"]["phone"] == "+541143211234"
    assert page.get(address + "contact").form("main form[novalidate]")["phone"] == "+54 11 4321-1234"


def test_a_wrong_number_is_told_in_the_words_of_its_register(page: Visitor) -> None:
    address = _begin(page)
    typed = {"country": "CN", "registrations-0-scheme": "CN-USCC", "registrations-0-value": "91110000600037341M"}

    refused = page.post(address + "seat", typed | {"seen": page.get(address + "seat").form()["seen"]})

    assert refused.status == 422
    assert "18 digits and capital letters" in refused.errors["registrations-0-value"]
    assert refused.form("main form[novalidate]")["registrations-0-value"] == "91110000600037341M"


def test_a_number_of_an_unknown_authority_is_kept_and_asked_about(page: Visitor, session: Session) -> None:
    address = _begin(page)
    number = "N2110000600037341K"
    number = number[:-1] + uscc.calc_check_digit(number[:-1])
    typed = {"country": "CN", "registrations-0-scheme": "CN-USCC", "registrations-0-value": number}

    saved = page.post(address + "seat", typed | {"seen": page.get(address + "seat").form()["seen"]})

    assert saved.status == 303
    assert _stored(session).answers["seat"]["registrations"][0]["value"] == number
    assert "we do not know the authority or court" in page.get(address + "seat").text


def test_step_refuses_two_names_in_one_language(page: Visitor) -> None:
    address = _begin(page)
    page.post(address + "organisation", {"name": "Proba", "name_language": "en"})

    refused = page.post(address + "names", {"names-0-name": "Probe", "names-0-language": "en", "names-0-kind": "translation"})
    fine = page.post(address + "names", {"names-0-name": "PBU", "names-0-language": "en", "names-0-kind": "short"})

    assert refused.status == 422
    assert refused.errors == {"names-0-language": "There is another name in this language already."}
    assert fine.status == 303


def test_official_name_takes_no_language_of_a_further_name(app: Flask, session: Session) -> None:
    application = add_application(session)
    browser = open_browser(app, application)

    refused = browser.submit(browser.get(address_of(application, "organisation")), {"name_language": "en"})

    assert refused.errors == {"name_language": "There is another name in this language already."}


def _older(session: Session) -> Application:
    answers = full_answers()
    names = [{"name": "Proba Business Union", "language": "en"}, {"name": "Probe e.V.", "language": "de"}]
    answers["organisation"] = answers["organisation"] | {"names": names}
    del answers["names"]
    return add_application(session, answers=answers)


@pytest.mark.parametrize("step", STEPS)
def test_names_that_stood_in_the_organisation_are_kept_whatever_is_saved(app: Flask, session: Session, step: str) -> None:
    application = _older(session)
    browser = open_browser(app, application)

    saved = browser.submit(
        browser.get(address_of(application, step)), {"action": "save"}, css="main form[novalidate]", follow=False
    )
    changed = {"city": "Niš"} if step != "seat" else {"city": "Novi Sad"}
    browser.submit(browser.get(address_of(application, "seat")), changed)

    assert saved.status == 303
    stored = _stored(session)
    assert "names" not in stored.answers["organisation"]
    assert [(row["name"], row["language"]) for row in stored.answers["names"]["names"]] == [
        ("Proba Business Union", "en"), ("Probe e.V.", "de"),
    ]  # fmt: skip
    assert as_new_member(stored, today=NOW.date()).names["de"] == "Probe e.V."


def test_names_of_each_kind_are_shown_and_become_those_of_the_entry(app: Flask, session: Session) -> None:
    kinds = {"en": "translation", "de": "short", "es": "former", "sr-Latn": "script"}
    rows = [{"name": f"Name {tag}", "language": tag, "kind": kind} for tag, kind in kinds.items()]
    application = add_application(session, answers=full_answers(names={"names": rows}))

    shown = open_browser(app, application).get(address_of(application, "check"))
    new = as_new_member(application, today=NOW.date())

    assert "Short name: Name de (German)" in shown.text
    assert list(new.names) == ["sr-Cyrl", "en"]
    assert [(name.tag, name.kind) for name in new.alternate_names] == [("de", "short"), ("es", "former"), ("sr-Latn", "script")]


def test_rows_grow_and_shrink_by_buttons(app: Flask, session: Session) -> None:
    application = add_application(session)
    browser = open_browser(app, application)
    first = browser.get(address_of(application, "offerings"))

    grown = browser.submit(first, {"action": "add-offerings"}, css="main form")

    assert grown.texts("fieldset.group > legend") == ["Service 1", "Service 2"]
    typed = browser.submit(grown, {"offerings-1-title": "Second", "action": "add-offerings"})
    assert typed.texts("fieldset.group > legend") == ["Service 1", "Service 2", "Service 3"]
    shrunk = browser.submit(typed, {"action": "remove-offerings-0"})
    assert shrunk.texts("fieldset.group > legend") == ["Service 1"]
    assert shrunk.form()["offerings-0-title"] == "Second"
    assert [o.get("title") for o in _stored(session).answers["offerings"]["offerings"]] == ["Second"]


def test_rows_with_an_error_keep_what_was_typed_when_one_is_added(app: Flask, session: Session) -> None:
    application = add_application(session)
    browser = open_browser(app, application)

    answer = browser.submit(
        browser.get(address_of(application, "offerings")), {"offerings-0-title": "x" * 201, "action": "add-offerings"}
    )

    assert answer.status == 422
    assert answer.form()["offerings-0-title"] == "x" * 201


def test_offerings_end_at_twelve(app: Flask, session: Session) -> None:
    one = full_answers()["offerings"]["offerings"][0]
    application = add_application(session, answers=full_answers(offerings={"offerings": [one] * 12}))
    browser = open_browser(app, application)
    full = browser.get(address_of(application, "offerings"))

    assert full.select("button[value=add-offerings]") == []
    browser.submit(full, {"action": "add-offerings"})
    assert len(_stored(session).answers["offerings"]["offerings"]) == 12
    thirteen = browser.submit(full, {"offerings-12-title": "One too many"})
    assert thirteen.status == 422
    assert thirteen.texts("#error-summary li") == ["There is room for 12 of these only."]
    assert len(_stored(session).answers["offerings"]["offerings"]) == 12


@pytest.mark.parametrize(
    "name", ["offerings-²-title", "offerings--title", "offerings-999999999999-title", "offerings-x", "action"]
)
def test_rows_ignore_made_up_names(app: Flask, session: Session, name: str) -> None:
    application = add_application(session)

    answer = open_browser(app, application).post(address_of(application, "offerings"), {name: "remove-offerings-²"})

    assert answer.status in {303, 409}


def test_other_window_sees_both_texts_and_may_save_anyway(app: Flask, session: Session) -> None:
    application = add_application(session)
    browser = open_browser(app, application)
    old = browser.get(address_of(application, "seat"))
    browser.submit(browser.get(address_of(application, "seat")), {"city": "Novi Sad"})

    told = browser.submit(old, {"city": "Niš"})

    assert told.status == 409
    assert told.form()["city"] == "Niš"
    assert "Novi Sad" in told.texts("#stored")[0]
    assert _stored(session).answers["seat"]["city"] == "Novi Sad"
    assert browser.submit(told).status == 200
    assert _stored(session).answers["seat"]["city"] == "Niš"


@pytest.mark.parametrize(
    ("step", "field", "label", "stored", "typed"),
    [
        ("organisation", "summary", "Short description", "First text.", "Second text."),
        ("names", "names-0-name", "Further names", "One (English)", "Two (English)"),
        ("seat", "registrations-0-value", "Registration number", "07000001", "07000002"),
        ("contact", "addressed", "How should we address you?", "Frau Weber", "Dr Weber"),
        ("offerings", "offerings-0-title", "Service 1 · Name of the service", "First", "Second"),
        ("statement", "signatory", "Name of the signatory", "Petar", "Pavle"),
    ],
)
def test_two_windows_on_one_step_see_field_by_field_what_differs(
    app: Flask, session: Session, step: str, field: str, label: str, stored: str, typed: str
) -> None:
    application = add_application(session)
    browser, css = open_browser(app, application), "main form[novalidate]"
    old = browser.get(address_of(application, step))
    plain = [text.removesuffix(" (English)") for text in (stored, typed)]
    browser.submit(browser.get(address_of(application, step)), {field: plain[0]}, css=css)

    told = browser.submit(old, {field: plain[1]}, css=css)

    assert told.status == 409
    assert told.texts("#stored tbody th") == [label]
    assert [text.rpartition(": ")[2] for text in told.texts("#stored tbody td")] == [stored, typed]
    assert told.form(css)[field] == plain[1]
    assert browser.submit(told, css=css, follow=False).status == 303
    assert plain[1] in str(_stored(session).answers[step])


def test_two_windows_see_rows_that_one_of_them_added(app: Flask, session: Session) -> None:
    application = add_application(session)
    browser, css = open_browser(app, application), "main form[novalidate]"
    old = browser.get(address_of(application, "names"))
    more = {"names-1-name": "Probe", "names-1-language": "de", "names-1-kind": "short"}
    browser.submit(browser.get(address_of(application, "names")), more, css=css)

    told = browser.submit(old, {"names-0-name": "Proba"}, css=css)

    assert told.texts("#stored tbody td .quote") == [
        "Proba Business Union (English)", "Short name: Probe (German)", "Proba (English)",
    ]  # fmt: skip
    assert len(_stored(session).answers["names"]["names"]) == 2


def test_same_form_sent_twice_is_saved_once(app: Flask, session: Session) -> None:
    application = add_application(session)
    browser = open_browser(app, application)
    old = browser.get(address_of(application, "seat"))

    answers = [browser.submit(old, {"city": "Niš"}, follow=False).status for _ in range(2)]

    assert answers == [303, 303]
    events = session.scalars(sa.select(AuditEvent.action)).all()
    assert events == ["application.save"]


def test_two_windows_on_two_steps_do_not_meet(app: Flask, session: Session) -> None:
    application = add_application(session)
    browser = open_browser(app, application)
    seat, contact = browser.get(address_of(application, "seat")), browser.get(address_of(application, "contact"))

    browser.submit(seat, {"city": "Niš"})
    saved = browser.submit(contact, {"role": "Director"}, css="main form[novalidate]", follow=False)

    assert saved.status == 303
    answers = _stored(session).answers
    assert (answers["seat"]["city"], answers["contact"]["role"]) == ("Niš", "Director")


@pytest.mark.parametrize("state", sorted(set(State) - {State.DRAFT, State.CHANGES_REQUESTED}))
def test_step_cannot_be_changed_once_staff_have_it(app: Flask, session: Session, state: State) -> None:
    application = add_application(session, state=state)
    browser = open_browser(app, application)
    before = dict(application.answers)

    told = browser.post(address_of(application, "seat"), {"city": "Niš", "seen": services.stamp(application, Step.SEAT)})

    assert told.status == 409
    assert told.form()["city"] == "Niš"
    assert _stored(session).answers == before
    assert browser.get(address_of(application, "seat")).location == address_of(application, "status")


def test_step_of_another_browser_keeps_the_input_and_shows_nothing_stored(app: Flask, session: Session) -> None:
    application = add_application(session)

    lost = Visitor(app).post(address_of(application, "seat"), {"city": "Niš"})
    unknown = Visitor(app).post("/en/apply/unknown/seat", {"city": "Niš"})

    assert (lost.status, unknown.status) == (400, 400)
    assert lost.form()["city"] == "Niš"
    assert lost.html.replace(application.token, "unknown") == unknown.html
    assert "07012345" not in lost.html
    assert _stored(session).answers == full_answers()


@pytest.mark.parametrize("address", ["", *STEPS, "check", "status", "withdraw"])
def test_other_browser_learns_nothing(app: Flask, session: Session, address: str) -> None:
    application = add_application(session)

    known = Visitor(app).get(address_of(application, address))
    guessed = Visitor(app).get(f"/en/apply/guessed/{address}")

    assert (known.status, guessed.status) == (404, 404)
    assert known.html.replace(application.token, "guessed") == guessed.html
    assert application.reference not in known.html


@pytest.mark.parametrize("address", ["nonsense", "open", "check/x", "point"])
def test_unknown_step_is_a_friendly_page(app: Flask, session: Session, address: str) -> None:
    application = add_application(session)

    assert open_browser(app, application).get(address_of(application, address)).status == 404


def test_application_follows_the_language_of_the_page(app: Flask, session: Session) -> None:
    application = add_application(session, locale="de")
    browser = open_browser(app, application)

    browser.submit(browser.get(address_of(application, "seat")), {"city": "Niš"})

    assert _stored(session).locale == "en"


def test_contact_mails_one_link_to_a_new_address(app: Flask, session: Session, letters: Callable[[], list[OutboxLetter]]) -> None:
    application = add_application(session)
    browser = open_browser(app, application)

    def change(email: str) -> Page:
        contact = browser.get(address_of(application, "contact"))
        return browser.submit(contact, {"email": email, "action": "save"}, css="main form[novalidate]")

    assert letters() == []
    shown = change("New@Proba.example")
    change("new@proba.example")

    assert [(x.template, x.recipient) for x in letters()] == [("application_key", "new@proba.example")]
    assert "Please open the link that we mailed to new@proba.example." in shown.text
    stored = _stored(session)
    assert (stored.email, stored.email_proved, stored.email_is_proved) == ("new@proba.example", "ana@proba.example", False)


@pytest.mark.parametrize("email", ["ana@привреда.срб", "ana@商会.中国", "ana@münchen.example"])
def test_mail_address_may_have_a_domain_in_any_script(
    page: Visitor, session: Session, letters: Callable[[], list[OutboxLetter]], email: str
) -> None:
    saved = page.post(_begin(page) + "contact", {"name": "Ana", "email": email})

    assert saved.status == 303
    assert _stored(session).email == email
    assert [letter.recipient for letter in letters()] == [email]


def test_statement_notes_the_version_that_was_accepted(page: Visitor, session: Session) -> None:
    address = _begin(page)
    shown = page.get(address + "statement")

    page.submit(shown, {"accepted": "y", "signatory": "Petar"})

    stored = _stored(session)
    assert stored.statement_version == "sample-1"
    assert stored.statement_accepted_at is not None
    page.submit(page.get(address + "statement"), {"accepted": None})
    assert (_stored(session).statement_version, _stored(session).statement_accepted_at) == (None, None)


ADDRESS = {"street": "Terazije 23\n3rd floor", "postcode": "11000", "region": "Belgrade"}


@pytest.mark.parametrize(
    ("country", "postcode", "region"),
    [
        ("AE", "Addresses in United Arab Emirates have no postcode: leave this empty.", "Only if addresses have one where you are."),
        ("RS", "For example 106314.", "Addresses in Serbia have none: leave this empty."),
        ("CN", "For example 266033.", "Only if addresses have one where you are."),
        (None, "Only if addresses have one where you are.", "Only if addresses have one where you are."),
    ],
)  # fmt: skip
def test_address_asks_for_what_the_country_has(
    app: Flask, session: Session, country: str | None, postcode: str, region: str
) -> None:
    application = add_application(session, answers=full_answers(seat={"country": country, "city": "x"}))

    shown = open_browser(app, application).get(address_of(application, "seat"))

    assert (shown.texts("#postcode-hint"), shown.texts("#region-hint")) == ([postcode], [region])


def test_address_is_never_needed_and_never_lost(app: Flask, session: Session) -> None:
    application = add_application(session)
    browser = open_browser(app, application)
    seat = address_of(application, "seat")

    browser.submit(browser.get(seat), ADDRESS)
    browser.submit(browser.get(seat), {"country": "AE"})

    stored = _stored(session)
    assert {name: stored.answers["seat"][name] for name in ADDRESS} == ADDRESS
    assert rules.missing_answers(stored.answers) == rules.missing_answers(full_answers()) == ()


@pytest.mark.parametrize(("precision", "is_public"), [(None, False), ("city", False), ("address", True)])
def test_public_sees_of_the_address_what_was_chosen(session: Session, precision: str | None, is_public: bool) -> None:
    seat = full_answers()["seat"] | ADDRESS | ({"precision": precision} if precision else {})
    application = add_application(session, answers=full_answers(seat=seat))

    address = as_new_member(application, today=NOW.date()).address

    whole = {"lines": ["Terazije 23", "3rd floor"], "locality": "Београд", "region": "Belgrade", "postcode": "11000"}
    assert address == (whole if is_public else None)


def test_statement_boxes_are_not_ticked_beforehand(page: Visitor) -> None:
    shown = page.get(_begin(page) + "statement")

    assert shown.select("input[type=checkbox][checked]") == []
    assert "This is a sample text." in shown.texts(".statement-text")[0]


def test_statement_that_changed_meanwhile_is_not_accepted(page: Visitor, session: Session) -> None:
    address = _begin(page)
    shown = page.get(address + "statement")

    told = page.submit(shown, {"accepted": "y", "version": "older", "signatory": "Petar"})

    assert told.status == 422
    assert list(told.errors) == ["accepted"]
    assert told.form()["version"] == "sample-1"
    assert "accepted" not in told.form()
    assert _stored(session).statement_version is None


@pytest.mark.parametrize("name", ["Tried Chamber", "tried chamber", "tried", "http://127.0.0.1:8000/en/members/tried"])
def test_sponsor_is_found_by_name_or_address(app: Flask, session: Session, name: str) -> None:
    member = add_member(session, slug="tried", names={"sr-Latn": "Probna komora", "en": "Tried Chamber"})
    application = add_application(session)
    browser = open_browser(app, application)

    browser.submit(browser.get(address_of(application, "statement")), {"sponsor_name": name})

    stored = _stored(session)
    assert stored.sponsor_id == member.id
    assert stored.answers["statement"]["sponsor_name"] == "Probna komora"
    browser.submit(browser.get(address_of(application, "statement")), {"sponsor_name": ""})
    assert _stored(session).sponsor_id is None


def test_hidden_member_is_no_sponsor(app: Flask, session: Session) -> None:
    hidden = add_member(session, slug="tried", names={"en": "Tried Chamber"})
    member_services.suspend(session, hidden, by=SYSTEM, reason="Under examination.", seen_version=1, now=NOW)
    application = add_application(session)
    session.commit()
    browser = open_browser(app, application)

    refused = browser.submit(browser.get(address_of(application, "statement")), {"sponsor_name": "Tried Chamber"})

    assert (refused.status, list(refused.errors)) == (422, ["sponsor_name"])
    assert _stored(session).sponsor_id is None


def test_longest_answers_make_an_entry(app: Flask, session: Session) -> None:
    answers = full_answers()
    longest = {
        "organisation": answers["organisation"] | {
            "name": "名" * 200, "website": "https://proba.example/".ljust(300, "x"), "summary": "字" * 2000, "founded": 1000,
            "languages": list(LANGUAGES),
        },
        "names": {"names": [{"name": "x" * 200, "language": t, "kind": "translation"} for t in LANGUAGES if t != "sr-Cyrl"][:12]},
        "seat": {"country": "XK", "city": "x" * 100, "street": "x" * 200, "postcode": "x" * 20, "region": "x" * 100, "precision": "address", "registrations": [{"scheme": "other", "value": "9" * 60}] * 6},
        "contact": {"name": "x" * 120, "role": "x" * 120, "email": "ana@proba.example", "phone": "+381 11 1234567"},
        "offerings": {"offerings": [{
            "title": "x" * 200, "description": "y" * 2000, "language": "zh-Hant", "category": "training", "serves": list(COUNTRIES),
            "languages": list(LANGUAGES), "sectors": list(sectors().terms), "delivery": ["online"], "fee": "paid", "direction": "both",
        }] * 12},
        "documents": answers["documents"],
        "statement": answers["statement"] | {"signatory": "x" * 120, "capacity": "x" * 120},
    }  # fmt: skip
    application = add_application(session, answers={"seat": {}}, email_proved="ana@proba.example")
    browser = open_browser(app, application)

    for step, values in longest.items():
        saved = browser.post(address_of(application, step), _fields(values) | {"version": "sample-1"})
        assert (saved.status, saved.errors) == (303, {})
    sent = browser.submit(browser.get(address_of(application, "check")))

    assert (sent.status, sent.errors) == (200, {})
    check_entry(as_new_member(_stored(session), today=NOW.date()))


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        ("organisation", "visitors find and understand you by it, and we compare it with the register"),
        ("names", "visitors and we find it by each of them"),
        ("seat", "By seat and number we find your organisation in its register."),
        ("contact", "The person we can ask about this application"),
        ("contact", "All letters about the application go there."),
        ("contact", "For questions that are quicker asked by telephone."),
        ("contact", "So that we know for whom you speak."),
        ("offerings", "Visitors find and compare services by what you write here."),
        ("documents", "Documents help us to check the application"),
        ("statement", "the public entry names them beside the signature"),
        ("statement", "It shows that the person may sign for the organisation"),
    ],
)
def test_data_are_asked_with_the_reason_beside_them(page: Visitor, step: str, reason: str) -> None:
    home = str(page.submit(page.get("/en/apply/")).response.request.path)

    assert reason in page.get(home + step).text
