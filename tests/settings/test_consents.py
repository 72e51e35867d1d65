"""The texts of the consents in versions: shown before, in force from their day on, and what was given stays as it was given."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.accounts.models import Role
from directory.applications import rules
from directory.applications.states import State
from directory.consents.models import Consent
from directory.consents.texts import digest, texts_of, texts_today
from directory.errors import Invalid
from directory.initiative.holding import refresh
from directory.initiative.vocab import Subject
from tests.applications.browsers import address_of, open_browser
from tests.factories import add_application
from tests.initiative.setting import data_of, set_anew
from tests.page import Visitor

SignIn = Callable[..., Visitor]
EDIT = "/en/staff/settings/consents/edit"
FORM = "main form[novalidate]"
LISTED = "We agree to stand in the list."


def _day(days: int = 0) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


def _with_version(session: Session, name: str, day: str, **texts: str) -> Any:
    data = data_of(session, Subject.CONSENTS)
    last = data["versions"][-1]["texts"]
    data["versions"].append({"version": name, "published_on": day, "texts": {**last, "listed": {"en": LISTED, **texts}}})
    return data


def test_a_version_is_previewed_set_and_asked_for(app: Flask, session: Session, sign_in: SignIn, page: Visitor) -> None:
    given = add_application(session)
    assert rules.missing_for_submit(given) == ()
    ada = sign_in(Role.ADMINISTRATOR)
    form = ada.get(EDIT)
    typed = {"version": "consents-2", "published_on": _day(), "texts_listed-en": LISTED}

    shown = ada.submit(form, {**typed, "step": "preview"}, css=FORM)
    before = texts_today().version
    done = ada.submit(shown, {"note": "As our lawyer says.", "step": "save"}, css=FORM)

    refresh()
    assert form.form(FORM)["texts_abroad-de"] == texts_today().texts["abroad"]["de"]  # type: ignore[index]
    label = "consents-2 · Text · To be listed in the public directory · English, compared with consents-1"
    assert shown.texts("section tbody th") == ["consents-2 · In force from this day on", label]
    (row,) = [row for row in shown.select("section tbody tr") if label in row.get_text()]
    old, new = row.select("td")
    assert " ".join(new.get_text().split()).replace("added: ", "") == LISTED
    assert old.select("del")
    assert new.select("ins")
    assert (before, texts_today().version, texts_today().texts["listed"]["en"]) == ("consents-1", "consents-2", LISTED)  # type: ignore[index]
    assert "It is saved, and counts from now on." in done.text
    assert rules.missing_for_submit(given) == (("statement", "listed"), ("statement", "abroad"))
    assert LISTED in open_browser(app, given).get(address_of(given, "statement")).text
    told = page.get("/en/privacy").text
    assert "These texts are in force, in version consents-2, since" in told
    assert LISTED in told


def test_what_was_given_stays_as_it_was_given(app: Flask, session: Session) -> None:
    application = add_application(session, state=State.IN_REVIEW)
    row = session.scalars(select(Consent).where(Consent.kind == "listed")).one()

    set_anew(session, Subject.CONSENTS, _with_version(session, "consents-2", _day(), de="Wir stimmen zu."), now=datetime.now(UTC))
    refresh()
    shown = open_browser(app, application).get(address_of(application, "consents"))

    older = texts_of("consents-1")
    assert older is not None
    text = older.texts["listed"]["en"]  # type: ignore[index]
    assert (row.version, row.digest) == ("consents-1", digest(text))
    assert shown.texts("#listed blockquote") == [text]


def test_a_version_to_come_is_not_asked_for_yet(session: Session, page: Visitor) -> None:
    set_anew(session, Subject.CONSENTS, _with_version(session, "consents-2", _day(9)), now=datetime.now(UTC))
    refresh()

    assert texts_today().version == "consents-1"
    assert "in version consents-1, since" in page.get("/en/privacy").text


def _other_words(data: Any) -> None:
    data["versions"][0]["texts"]["listed"]["en"] = "Other words."


def _no_version(data: Any) -> None:
    del data["versions"][0]


def _no_english(data: Any) -> None:
    data["versions"][1]["texts"]["listed"].pop("en")


def _one_kind_less(data: Any) -> None:
    data["versions"][1]["texts"].pop("abroad")


def _yesterday(data: Any) -> None:
    data["versions"][1]["published_on"] = "2029-12-31"


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (_other_words, ("version", "in_use")),
        (_no_version, ("version", "in_use")),
        (_no_english, ("texts_listed", "source_missing")),
        (_one_kind_less, ("version", "form")),
        (_yesterday, ("published_on", "past")),
    ],
)
def test_what_is_refused(session: Session, change: Callable[[Any], None], refusal: tuple[str, str]) -> None:
    data = _with_version(session, "consents-2", "2030-01-05")
    change(data)

    with pytest.raises(Invalid) as refused:
        set_anew(session, Subject.CONSENTS, data, now=datetime(2030, 1, 1, tzinfo=UTC))

    assert (refused.value.field, refused.value.reason) == refusal
