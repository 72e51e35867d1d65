"""Staff's own translations: written in one place, shown beside the text, noticed when the text changes."""

from collections.abc import Callable
from copy import deepcopy
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.accounts.models import Account, Role
from directory.applications.models import Application, Message, Point, Submission, Translation
from directory.applications.states import PointCode, State
from directory.audit import AuditEvent
from directory.errors import Conflict, NotAllowed, WrongStatus
from directory.review import translations
from directory.review.translations import Typed, digest
from tests.applications.browsers import address_of, open_browser
from tests.page import Page, Visitor
from tests.review.cases import add_account, add_application, answers

SignIn = Callable[..., Visitor]
SUMMARY, TITLE = "organisation.summary", "offerings.0.title"


def _path(application: Application, page: str = "", tag: str = "en") -> str:
    return f"/{tag}/staff/applications/{application.reference}{page and '/'}{page}"


def _save(session: Session, application: Application, by: Account, now: datetime, **words: str) -> int:
    """Save translations into English as the page would. words: by place, with _ for the dots."""
    texts = {text.place: text for text in translations.free_texts(application, "en")}
    typed = {place.replace("__", "."): words for place, words in words.items()}
    shown = translations.in_language(list(texts.values()), translations.get_translations(session, application), "en")
    number = translations.save(
        session, application, {place: Typed(text, texts[place].digest) for place, text in typed.items()}, by=by, tag="en",
        seen=translations.stamp(shown), now=now,
    )  # fmt: skip
    session.commit()
    return number


def _send_again(session: Session, application: Application, **changes: Any) -> None:
    """Send the application again with other offerings or other answers of the organisation."""
    later = deepcopy(application.answers)
    for step, told in changes.items():
        later[step] = later[step] | told
    application.answers = later
    number = len(application.submissions) + 1
    application.submissions.append(Submission(number=number, answers=later, at=application.submitted_at))
    session.commit()


def _beside(page: Page) -> list[tuple[str, str]]:
    """(the applicant's words, the translation beside them) in the answers."""
    pairs = [(box.select(".quote")[0], box.select(".translation .quote")) for box in page.select(".both")]
    return [(own.get_text(), found[0].get_text()) for own, found in pairs if found]


def test_translations_are_written_in_one_place_and_stand_beside_the_texts(session: Session, sign_in: SignIn) -> None:
    application, clerk = add_application(session), sign_in(Role.REVIEWER, email="rita@staff.example")
    page = clerk.get(_path(application, "translations"))

    done = clerk.submit(
        page,
        {"translation-words_organisation_summary": "We help firms.", "translation-words_offerings_0_title": "Help with customs"},
    )

    assert "2 translations were kept." in done.text
    assert _beside(done) == [("Wir helfen Unternehmen.", "We help firms."), ("Hilfe bei Zollpapieren", "Help with customs")]
    label = done.texts(".translation .meta")[0]
    assert label.startswith("Translation by rita@staff.example (staff), ")
    assert label.endswith("– not the applicant’s words")
    assert [e["lang"] for e in done.select(".both .translation .quote")] == ["en", "en"]
    again = clerk.get(_path(application, "translations")).form()
    assert again["translation-words_organisation_summary"] == "We help firms."
    (event,) = session.scalars(select(AuditEvent)).all()
    assert event.action == "application.translate"
    assert {value.field: value.new for value in event.values} == {
        f"{SUMMARY}@en": '"We help firms."',
        f"{TITLE}@en": '"Help with customs"',
    }


def test_every_text_of_the_applicant_is_listed_with_its_language(session: Session, sign_in: SignIn, now: datetime) -> None:
    by = add_account(session, Role.REVIEWER)
    given = answers(organisation={"summary": "We help.", "summary_language": "en"})
    application = add_application(session, state=State.IN_REVIEW, appeal="Bitte noch einmal.", answers=given)
    application.points = [
        Point(code=PointCode.MISSING, asked_by_id=by.id, asked_at=now, answer="Anbei.", answered_at=now),
        Point(code=PointCode.MISSING, asked_by_id=by.id, asked_at=now, answer="Noch nicht gesendet"),
    ]
    application.messages = [Message(person=1, at=now, words="Guten Tag."), Message(by_id=by.id, at=now, words="Von uns.")]
    session.commit()

    page = sign_in(Role.REVIEWER).get(_path(application, "translations"))

    assert page.texts("main section h2") == [
        "Your organisation: Official name (German)", "Your organisation: Short description (English)",
        "Service 1: Name of the service (German)", "Service 1: What the service is (German)",
        "Contact person: Position in the organisation (German)",
        "Statement and consent: Capacity in which the signatory signs (German)",
        "Why the applicant asks to look again (German)", "Message of the applicant (German)", "Answer to point 1 (German)",
    ]  # fmt: skip
    assert "This text is in the language of your page already." in page.texts("main section")[1]
    assert len(page.select("textarea")) == 8
    assert "Noch nicht gesendet" not in page.html


def test_answers_and_messages_have_their_translation_in_the_conversation(
    session: Session, sign_in: SignIn, now: datetime
) -> None:
    by, application = add_account(session, Role.REVIEWER), add_application(session, state=State.IN_REVIEW)
    application.messages = [Message(person=1, at=now, words="Guten Tag.")]
    session.commit()
    _save(session, application, by, now, **{f"messages__{application.messages[0].id}": "Good day."})

    page = sign_in(Role.AUDITOR).get(_path(application))

    assert page.texts(".talk .quote") == ["Guten Tag.", "Good day."]


def test_a_changed_text_is_said_beside_its_translation(session: Session, sign_in: SignIn, now: datetime) -> None:
    by, application = add_account(session, Role.REVIEWER), add_application(session)
    _save(session, application, by, now, organisation__summary="We help firms.")
    _send_again(session, application, organisation={"summary": "Wir helfen allen."})
    clerk = sign_in(Role.REVIEWER)

    case, page = clerk.get(_path(application)), clerk.get(_path(application, "translations"))
    clerk.submit(page, {"translation-words_organisation_summary": "We help everybody."})

    assert case.texts(".translation strong") == ["The text has changed since this translation."]
    assert "The text has changed since this translation." in page.text
    assert clerk.get(_path(application)).texts(".translation strong") == []


def test_an_outdated_translation_is_confirmed_in_one_step(session: Session, sign_in: SignIn, now: datetime) -> None:
    by, application = add_account(session, Role.REVIEWER, name="Uma"), add_application(session)
    _save(session, application, by, now, organisation__summary="We help firms.", offerings__0__title="Customs")
    _send_again(session, application, organisation={"summary": "Wir helfen Firmen."})
    clerk = sign_in(Role.APPROVER, email="rita@staff.example")
    page = clerk.get(_path(application, "translations"))

    done = clerk.submit(page, {"confirm": SUMMARY})

    assert [str(one["value"]) for one in page.select("button[name=confirm]")] == [SUMMARY]
    assert "1 translation was kept." in done.text
    labels = done.texts(".translation .meta")
    assert (labels[0].startswith("Translation by Uma (staff), "), done.texts(".translation strong")) == (True, [])
    assert ["Confirmed unchanged by rita@staff.example, " in label for label in labels] == [True, False]
    assert clerk.get(_path(application, "translations")).select("button[name=confirm]") == []
    row = session.scalars(select(Translation).where(Translation.place == SUMMARY)).one()
    assert (row.text, row.by_id, row.source_digest) == ("We help firms.", by.id, digest("Wir helfen Firmen."))
    event = session.scalars(select(AuditEvent).order_by(AuditEvent.sequence.desc())).first()
    assert event is not None
    assert [(event.action, value.field, value.new) for value in event.values] == [
        ("application.translate", "confirmed", f'["{SUMMARY}@en"]')
    ]


def test_what_was_confirmed_is_outdated_again_and_new_words_count_more(session: Session, sign_in: SignIn, now: datetime) -> None:
    by, application = add_account(session, Role.REVIEWER), add_application(session)
    _save(session, application, by, now, organisation__summary="We help firms.")
    _send_again(session, application, organisation={"summary": "Wir helfen Firmen."})
    clerk = sign_in(Role.REVIEWER)
    clerk.submit(clerk.get(_path(application, "translations")), {"confirm": SUMMARY})
    _send_again(session, application, organisation={"summary": "Wir helfen allen."})

    case, page = clerk.get(_path(application)), clerk.get(_path(application, "translations"))
    done = clerk.submit(page, {"confirm": SUMMARY, "translation-words_organisation_summary": "We help all."})

    assert case.texts(".translation strong") == ["The text has changed since this translation."]
    assert "Confirmed unchanged" not in done.text
    assert _beside(done) == [("Wir helfen allen.", "We help all.")]


def test_a_translation_goes_with_its_text(session: Session, sign_in: SignIn, now: datetime) -> None:
    by, given = add_account(session, Role.REVIEWER), answers()
    first = given["offerings"]["offerings"][0]
    second, third = ({**first, "title": title, "description": ""} for title in ("Büroräume", "Messestände"))
    given["offerings"]["offerings"] = [first, second]
    application = add_application(session, answers=given)
    _save(session, application, by, now, offerings__0__title="Customs", offerings__1__title="Offices")

    _send_again(session, application, offerings={"offerings": [second, third]})
    moved = _beside(sign_in(Role.AUDITOR).get(_path(application)))
    _save(session, application, by, now, offerings__1__title="Stands")

    assert moved == [("Büroräume", "Offices")]
    rows = session.scalars(select(Translation).order_by(Translation.place)).all()
    assert [(row.place, row.text, row.source_digest) for row in rows] == [
        ("offerings.0.title", "Offices", digest("Büroräume")), ("offerings.1.title", "Stands", digest("Messestände")),
    ]  # fmt: skip


def test_emptying_a_box_takes_the_translation_away(session: Session, now: datetime) -> None:
    by, application = add_account(session, Role.REVIEWER), add_application(session)
    _save(session, application, by, now, organisation__summary="We help firms.", offerings__0__title="Customs")

    changed = _save(session, application, by, now, organisation__summary="", offerings__0__title="Customs")

    assert (changed, session.scalars(select(Translation.place)).all()) == (1, [TITLE])


def test_whoever_translated_stays_named_where_a_colleague_saves_other_texts(session: Session, now: datetime) -> None:
    first, second = (add_account(session, Role.REVIEWER) for _ in range(2))
    application = add_application(session)
    _save(session, application, first, now, organisation__summary="We help firms.")

    _save(session, application, second, now, offerings__0__title="Customs")

    rows = session.scalars(select(Translation).order_by(Translation.place)).all()
    assert [(row.place, row.by_id) for row in rows] == [(TITLE, second.id), (SUMMARY, first.id)]


def test_readers_of_another_language_get_the_nearest(session: Session, sign_in: SignIn, now: datetime) -> None:
    by, application = add_account(session, Role.REVIEWER), add_application(session)
    _save(session, application, by, now, organisation__summary="We help firms.")
    clerk = sign_in(Role.REVIEWER)

    spanish = clerk.get(_path(application, tag="es"))
    clerk.submit(clerk.get(_path(application, "translations", "es")), {"translation-words_organisation_summary": "Ayudamos."})

    assert [e["lang"] for e in spanish.select(".translation .quote")] == ["en"]
    assert _beside(clerk.get(_path(application, tag="es"))) == [("Wir helfen Unternehmen.", "Ayudamos.")]
    assert _beside(clerk.get(_path(application))) == [("Wir helfen Unternehmen.", "We help firms.")]


def test_the_second_clerk_loses_nothing(session: Session, sign_in: SignIn) -> None:
    application, first, second = add_application(session), sign_in(Role.REVIEWER), sign_in(Role.REVIEWER)
    pages = [clerk.get(_path(application, "translations")) for clerk in (first, second)]
    first.submit(pages[0], {"translation-words_organisation_summary": "By the first."})

    late = second.submit(pages[1], {"translation-words_organisation_summary": "By the second."})

    assert (late.status, late.form()["translation-words_organisation_summary"]) == (409, "By the second.")
    assert late.errors["form"].startswith("A colleague saved translations meanwhile")
    assert late.texts(".translation .quote") == ["By the first."]
    assert session.scalars(select(Translation.text)).all() == ["By the first."]
    second.submit(late, {})
    session.rollback()
    assert session.scalars(select(Translation.text)).all() == ["By the second."]


def test_what_is_too_long_comes_back(session: Session, sign_in: SignIn) -> None:
    application, clerk = add_application(session), sign_in(Role.REVIEWER)

    page = clerk.submit(clerk.get(_path(application, "translations")), {"translation-words_organisation_summary": "x" * 8001})

    assert (page.status, list(page.errors)) == (422, ["translation-words_organisation_summary"])
    assert page.form()["translation-words_organisation_summary"] == "x" * 8001


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
def test_who_only_reads_does_not_translate(session: Session, sign_in: SignIn, now: datetime, role: Role) -> None:
    by, application = add_account(session, role), add_application(session)

    assert sign_in(role).get(_path(application, "translations")).status == 403
    with pytest.raises(NotAllowed):
        _save(session, application, by, now, organisation__summary="We help firms.")


def test_an_older_page_and_a_reduced_case_are_refused(session: Session, now: datetime) -> None:
    by, application = add_account(session, Role.REVIEWER), add_application(session)
    typed = {SUMMARY: Typed("New.", digest("Wir helfen Unternehmen."))}

    with pytest.raises(Conflict):
        translations.save(session, application, typed, by=by, tag="en", seen="older", now=now)
    application.reduced_at = now
    with pytest.raises(WrongStatus):
        translations.save(session, application, typed, by=by, tag="en", seen="", now=now)


def test_neither_applicant_nor_public_see_one(app: Flask, session: Session, now: datetime) -> None:
    by, application = add_account(session, Role.REVIEWER), add_application(session, state=State.IN_REVIEW)
    _save(session, application, by, now, organisation__summary="Said among colleagues.")
    browser = open_browser(app, application)

    pages = [browser.client.get(address_of(application, page)).get_data(as_text=True) for page in ("status", "export", "check")]

    assert not any("Said among colleagues." in page for page in pages)
