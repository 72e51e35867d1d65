"""The step of documents: what is kept and refused, who gets a file, and what becomes of it."""

import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.http import parse_options_header
from werkzeug.test import encode_multipart

from directory import audit, housekeeping
from directory.applications import files
from directory.applications.models import Application, Document
from directory.applications.rules import missing_answers
from directory.applications.states import EDITABLE, State
from directory.applications.vocab import DocumentState, Purpose
from directory.audit import AuditEvent
from directory.background import status_url
from directory.config import Settings
from tests.applications.browsers import address_of, open_browser
from tests.conftest import NOW
from tests.factories import add_application, full_answers
from tests.page import Page, Visitor
from tests.uploads import MEGABYTE, archive, huge_png, pdf, picture

Sent = tuple[str, bytes, str]
"""(purpose, content, name)"""


def hand_in(browser: Visitor, application: Application, *sent: Sent, **values: Any) -> Page:
    """Send files as the page's form does."""
    seen = browser.get(address_of(application, "documents")).form("main form[novalidate]").get("seen", "")
    return send(browser, application, *sent, **{"seen": seen, **values})


def send(browser: Visitor, application: Application, *sent: Sent, **values: Any) -> Page:
    """Send files without looking at the page before."""
    fields: dict[str, Any] = {"action": "save", **values}
    chosen = MultiDict(fields)
    for purpose, data, name in sent:
        chosen.add(f"{purpose}_files", FileStorage(io.BytesIO(data), name))
    boundary, body = encode_multipart(chosen)
    kind = f'multipart/form-data; boundary="{boundary}"'
    return browser._page(browser.client.post(address_of(application, "documents"), data=body, content_type=kind))


def rows(session: Session) -> list[Document]:
    session.rollback()
    return list(session.scalars(sa.select(Document).order_by(Document.id)))


def stored(settings: Settings) -> list[str]:
    return sorted(path.name for path in Path(settings.uploads).glob("*"))


def draft(session: Session, **changes: Any) -> Application:
    return add_application(session, answers=full_answers(documents={}), **changes)


def test_a_document_is_kept_listed_and_handed_back(app: Flask, session: Session, settings: Settings) -> None:
    application = draft(session)
    browser = open_browser(app, application)

    saved = hand_in(browser, application, ("registration", pdf(), "Извод.pdf"), ("authority", pdf(words=b"2"), "po.pdf"))

    assert (saved.status, saved.location) == (303, address_of(application, "documents"))
    first, second = rows(session)
    assert (first.purpose, first.name, first.type, first.size) == ("registration", "Извод.pdf", "application/pdf", len(pdf()))
    assert (first.state, second.state) == (DocumentState.NOT_SCANNED, DocumentState.NOT_SCANNED)
    assert stored(settings) == sorted([str(first.storage_name), str(second.storage_name)])
    assert browser.get(str(saved.location)).texts(".documents bdi") == ["Извод.pdf", "po.pdf"]
    got = browser.client.get(address_of(application, f"documents/{first.public_id}"))
    assert (got.data, got.mimetype) == (pdf(), "application/pdf")
    assert (
        got.headers["Content-Disposition"]
        == "attachment; filename=_____.pdf; filename*=UTF-8''%D0%98%D0%B7%D0%B2%D0%BE%D0%B4.pdf"
    )
    guards = [got.headers[name] for name in ("X-Content-Type-Options", "Cache-Control", "Content-Security-Policy")]
    assert guards == ["nosniff", "private, no-store", "default-src 'none'; sandbox"]
    assert session.scalars(sa.select(AuditEvent.action)).all() == ["application.add_document"] * 2


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"", "empty.pdf", "“empty.pdf” is empty."),
        (b"MZ" + b"\0" * 99, "proof.pdf", "“proof.pdf” is none of the kinds we take."),
        (archive(bomb=50 * MEGABYTE), "bomb.pdf", "“bomb.pdf” is none of the kinds we take."),
        (pdf() + archive(), "both.pdf", "“both.pdf” holds something else besides the PDF."),
        (huge_png(), "huge.png", "“huge.png” has more than 40 million pixels."),
        (picture("PNG")[:90], "half.png", "“half.png” is damaged or not complete."),
        (pdf(11 * MEGABYTE), "large.pdf", "“large.pdf” is larger than 10 MB."),
        (b"x", "x" * 255 + ".pdf", "“" + "x" * 60 + "…” is none of the kinds we take."),
        (b"x", "a\u202efdp.exe", "“afdp.exe” is none of the kinds we take."),
    ],
)
def test_a_file_that_is_refused_takes_nothing_else_with_it(
    app: Flask, session: Session, settings: Settings, data: bytes, name: str, words: str
) -> None:
    application = draft(session)
    browser = open_browser(app, application)

    told = hand_in(
        browser,
        application,
        ("registration", data, name),
        ("other", pdf(), "good.pdf"),
        registration_later="y",
        logo_published="y",
    )

    assert told.status == 422
    assert list(told.errors) == ["registration_files"]
    assert told.errors["registration_files"].startswith(words)
    assert told.texts("#error-summary a") == [told.errors["registration_files"]]
    assert told.texts(".documents bdi") == ["good.pdf"]
    assert told.form("main form[novalidate]").items() >= {"registration_later": "y", "logo_published": "y"}.items()
    assert [row.name for row in rows(session)] == ["good.pdf"]
    assert len(stored(settings)) == 1
    kept = application.answers["documents"]
    assert (kept["registration_later"], kept["logo_published"]) == (True, True)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("x" * 255, "x" * 115 + ".pdf"),
        ("字" * 255 + ".pdf", "字" * 65 + ".pdf"),
        ("evil\u202efdp.exe", "evilfdp.exe.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
    ],
)
def test_a_sound_file_is_listed_and_handed_back_under_a_safe_name(app: Flask, session: Session, name: str, kept: str) -> None:
    application = draft(session)
    browser = open_browser(app, application)

    assert hand_in(browser, application, ("other", pdf(), name)).status == 303

    (row,) = rows(session)
    got = browser.client.get(address_of(application, f"documents/{row.public_id}"))
    assert row.name == kept
    assert browser.get(address_of(application, "documents")).texts(".documents bdi") == [kept]
    assert got.headers["Content-Disposition"].startswith("attachment; filename=")
    assert parse_options_header(got.headers["Content-Disposition"])[1]["filename"] == kept


def test_exactly_ten_megabytes_are_taken(app: Flask, session: Session) -> None:
    application = draft(session)

    assert hand_in(open_browser(app, application), application, ("other", pdf(10 * MEGABYTE), "ten.pdf")).status == 303
    assert rows(session)[0].size == 10 * MEGABYTE


def test_a_request_that_is_too_large_as_a_whole_shows_the_page_again(app: Flask, session: Session, settings: Settings) -> None:
    application = add_application(session)
    sent = [("other", pdf(10 * MEGABYTE, words=str(number).encode()), f"{number}.pdf") for number in range(11)]

    told = hand_in(open_browser(app, application), application, *sent)

    assert told.status == 413
    assert told.texts("#error-summary li") == [
        "What you sent is too large, so nothing was saved. A file may have 10 MB; please send large ones one by one."
    ]
    assert told.form("main form[novalidate]")["registration_later"] == "y"
    assert (rows(session), stored(settings)) == ([], [])


def test_a_stranger_may_not_send_much(session: Session, page: Visitor) -> None:
    application = draft(session)

    assert send(page, application, ("other", pdf(5 * MEGABYTE), "a.pdf")).status == 400
    lost = send(page, application, ("other", pdf(), "a.pdf"), registration_later="y")

    assert (lost.status, lost.form("main form[novalidate]")["registration_later"]) == (400, "y")
    assert rows(session) == []


def test_ten_documents_are_the_most(app: Flask, session: Session, settings: Settings) -> None:
    application = draft(session)
    browser = open_browser(app, application)
    nine = [("other", pdf(words=str(number).encode()), f"{number}.pdf") for number in range(9)]
    hand_in(browser, application, *nine)

    told = hand_in(browser, application, ("other", pdf(words=b"x"), "tenth.pdf"), ("other", pdf(words=b"y"), "eleventh.pdf"))

    assert (told.status, told.errors) == (422, {"other_files": "There is room for ten documents. “eleventh.pdf” was not kept."})
    assert [row.name for row in rows(session)] == [*(f"{number}.pdf" for number in range(9)), "tenth.pdf"]
    assert len(stored(settings)) == 10
    assert "There are ten documents now. Remove one to hand in another." in told.text


def test_the_same_file_sent_twice_is_there_once(app: Flask, session: Session, settings: Settings) -> None:
    application = draft(session)
    browser = open_browser(app, application)

    answers = [hand_in(browser, application, ("other", pdf(), "a.pdf")).status for _ in range(2)]

    assert (answers, len(rows(session)), len(stored(settings))) == ([303, 303], 1, 1)


def test_two_windows_lose_no_file(app: Flask, session: Session) -> None:
    application = draft(session)
    browser = open_browser(app, application)
    seen = browser.get(address_of(application, "documents")).form("main form[novalidate]")["seen"]
    send(browser, application, ("other", pdf(words=b"1"), "one.pdf"), seen=seen)

    second = send(browser, application, ("other", pdf(words=b"2"), "two.pdf"), seen=seen)
    hand_in(browser, application, logo_published="y")
    told = send(browser, application, ("other", pdf(words=b"3"), "three.pdf"), seen=seen, registration_later="y")

    assert (second.status, told.status) == (303, 409)
    assert [row.name for row in rows(session)] == ["one.pdf", "two.pdf", "three.pdf"]
    assert "registration_later" not in application.answers["documents"]
    assert told.form("main form[novalidate]")["registration_later"] == "y"


def test_a_document_is_removed_with_its_file(app: Flask, session: Session, settings: Settings) -> None:
    application = draft(session)
    browser = open_browser(app, application)
    hand_in(browser, application, ("registration", pdf(), "a.pdf"))
    (row,) = rows(session)

    removed = [hand_in(browser, application, action=f"remove-{row.public_id}").status for _ in range(2)]

    session.expire_all()
    assert removed == [303, 303]
    assert (row.storage_name, row.removed_at is not None, stored(settings)) == (None, True, [])
    assert browser.get(address_of(application, f"documents/{row.public_id}")).status == 404
    assert ("documents", "registration") in missing_answers(application.answers)
    assert session.scalars(sa.select(AuditEvent.action).order_by(AuditEvent.sequence)).all() == [
        "application.add_document",
        "application.remove_document",
    ]


@pytest.mark.parametrize("state", sorted(set(State) - EDITABLE))
def test_nothing_is_added_once_staff_have_it(app: Flask, session: Session, settings: Settings, state: State) -> None:
    application = add_application(session, state=state)

    told = send(open_browser(app, application), application, ("other", pdf(), "a.pdf"), registration_later="y")

    assert (told.status, rows(session), stored(settings)) == (409, [], [])
    assert open_browser(app, application).get(address_of(application, "documents")).location == address_of(application, "status")


def test_a_document_answers_the_question_for_proof_and_so_does_later(app: Flask, session: Session) -> None:
    asked = ("documents", "registration")
    application = draft(session)
    browser = open_browser(app, application)

    before = browser.submit(browser.get(address_of(application, "check")))
    hand_in(browser, application, ("registration", pdf(), "a.pdf"))

    assert before.errors == {"registration_files": "Proof of registration, or the answer that you send it later"}
    session.expire_all()
    assert asked not in missing_answers(application.answers)
    assert asked not in missing_answers(full_answers(documents={"registration_later": True}))
    infected = {"id": "x", "name": "a.pdf", "purpose": "registration", "infected": True}
    assert asked in missing_answers(full_answers(documents={"files": [infected]}))
    assert "Proof of registration: a.pdf" in browser.get(address_of(application, "check")).text
    assert browser.submit(browser.get(address_of(application, "check"))).errors == {}


def test_other_browsers_get_no_document(app: Flask, session: Session, page: Visitor) -> None:
    application, other = draft(session), draft(session)
    hand_in(open_browser(app, application), application, ("logo", picture("PNG"), "logo.png"))
    (row,) = rows(session)
    addresses = [f"documents/{row.public_id}", f"documents/{row.public_id}/square-whole.png"]

    for address in addresses:
        assert open_browser(app, application).client.get(address_of(application, address)).status_code == 200
        stranger = page.get(address_of(application, address))
        assert (stranger.status, stranger.response.mimetype) == (404, "text/html")
        assert open_browser(app, other).get(address_of(application, address)).status == 404
        assert open_browser(app, other).get(address_of(other, address)).status == 404


@pytest.mark.parametrize("state", [DocumentState.WAITING, DocumentState.INFECTED])
def test_what_is_not_cleared_is_handed_to_nobody(
    app: Flask, session: Session, sign_in: Callable[..., Visitor], state: DocumentState
) -> None:
    application = draft(session)
    hand_in(open_browser(app, application), application, ("logo", picture("PNG"), "logo.png"))
    application.state, application.submitted_at = State.SUBMITTED, NOW
    (row,) = rows(session)
    row.state, row.storage_name = state, row.storage_name if state is DocumentState.WAITING else None
    session.commit()
    browser, clerk = open_browser(app, application), sign_in("reviewer")

    asked = [
        browser.get(address_of(application, f"documents/{row.public_id}")),
        browser.get(address_of(application, f"documents/{row.public_id}/wide-centre.png")),
        clerk.get(f"/en/staff/applications/{application.reference}/documents/{row.public_id}"),
    ]

    assert [one.status for one in asked] == [404, 404, 404]
    assert clerk.get(f"/en/staff/applications/{application.reference}").select("#documents ~ ul a[href*=documents]") == []


def test_a_logo_is_shown_in_its_frames_and_one_at_a_time(app: Flask, session: Session, settings: Settings) -> None:
    application = draft(session)
    browser = open_browser(app, application)
    hand_in(browser, application, ("logo", picture("PNG"), "first.png"))
    hand_in(browser, application, ("logo", picture("JPEG", (300, 100)), "second.jpg"), logo_crop="centre")

    shown = browser.get(address_of(application, "documents"))

    assert shown.texts(".documents bdi") == ["second.jpg"]
    assert "logo_published" not in shown.form("main form[novalidate]")
    assert shown.form("main form[novalidate]")["logo_crop"] == "centre"
    pictures = [browser.client.get(str(image["src"])) for image in shown.select(".crop img")]
    assert [(one.status_code, one.mimetype) for one in pictures] == [(200, "image/png")] * 4
    assert len(stored(settings)) == 1


def test_a_logo_is_a_picture(app: Flask, session: Session) -> None:
    application = draft(session)

    told = hand_in(open_browser(app, application), application, ("logo", pdf(), "logo.pdf"))

    assert (told.status, list(told.errors), rows(session)) == (422, ["logo_files"], [])


def test_a_place_that_fails_is_told_in_the_form(app: Flask, session: Session, settings: Settings) -> None:
    application = draft(session)
    Path(settings.uploads).write_text("a file where the folder should be")

    told = hand_in(open_browser(app, application), application, ("other", pdf(), "a.pdf"), registration_later="y")

    assert told.errors == {"other_files": "We could not keep “a.pdf” just now. Please try again in a few minutes."}
    session.expire_all()
    assert application.answers["documents"] == {"registration_later": True}


def test_the_script_is_told_where_to_go(app: Flask, session: Session) -> None:
    application = draft(session)
    values = {"action": "continue", "other_files": (io.BytesIO(pdf()), "a.pdf")}

    answer = open_browser(app, application).client.post(
        address_of(application, "documents"), data=values, headers={"Accept": "application/json"}
    )

    assert json.loads(answer.data) == {"address": address_of(application, "statement")}


def test_own_data_lists_documents(app: Flask, session: Session) -> None:
    application = draft(session)
    browser = open_browser(app, application)
    hand_in(browser, application, ("other", pdf(), "a.pdf"))

    kept = json.loads(browser.client.get(address_of(application, "export")).data)["documents"]

    assert [(one["name"], one["purpose"], one["bytes"], one["virus_scan"]) for one in kept] == [
        ("a.pdf", "other", len(pdf()), "not_scanned")
    ]


@pytest.mark.parametrize("state", [State.DRAFT, State.REJECTED])
def test_erasure_deletes_the_files_at_once(app: Flask, session: Session, settings: Settings, state: State) -> None:
    application = draft(session)
    browser = open_browser(app, application)
    hand_in(browser, application, ("other", pdf(), "secret.pdf"))
    session.execute(sa.update(Application).values(state=state, rejection_code="other" if state is State.REJECTED else None))
    session.commit()

    browser.post(address_of(application, "erase"))

    assert (rows(session), stored(settings)) == ([], [])
    values = session.scalars(sa.select(audit.AuditValue.new)).all()
    assert not any("secret" in value for value in values)


def _keep_house(app: Flask, session: Session, days: float) -> dict[str, int]:
    session.commit()
    place, now = app.extensions["uploads"], NOW + timedelta(days=days)
    done = housekeeping.run(session, now=now, status_url=status_url(app), place=place)
    session.expire_all()
    return {str(task): count for task, count in done.items() if count}


@pytest.mark.parametrize(("leave", "left"), [("y", ["logo.png"]), (None, [])])
def test_documents_go_six_months_after_the_decision(
    app: Flask, session: Session, settings: Settings, leave: str | None, left: list[str]
) -> None:
    application = draft(session)
    sent = (("registration", pdf(), "a.pdf"), ("logo", picture("PNG"), "logo.png"))
    hand_in(open_browser(app, application), application, *sent, **({"logo_published": leave} if leave else {}))
    session.execute(sa.update(Application).values(state=State.APPROVED, state_since=NOW))

    early = _keep_house(app, session, 182.9)
    assert (early, len(stored(settings))) == ({}, 2)
    due, again = _keep_house(app, session, 183), _keep_house(app, session, 184)

    assert due == {"documents": 1, "files": 2 - len(left)}
    assert again == {}
    assert [row.name for row in rows(session) if row.is_kept] == left
    assert len(stored(settings)) == len(left)


def test_files_that_nothing_names_are_swept_up(app: Flask, session: Session, settings: Settings) -> None:
    application = draft(session)
    hand_in(open_browser(app, application), application, ("other", pdf(), "a.pdf"))
    place = app.extensions["uploads"]
    orphan = place.keep(b"left by a break")
    (since,) = [at for name, at in place.names() if name == orphan]

    assert files.orphans(session, place, now=since + timedelta(minutes=59)) == []
    assert _keep_house(app, session, 400) == {"remind_draft": 1, "files": 1}
    assert stored(settings) == [rows(session)[0].storage_name]


def test_a_new_application_goes_on_with_the_same_documents(app: Flask, session: Session, settings: Settings) -> None:
    application = draft(session)
    browser = open_browser(app, application)
    hand_in(browser, application, ("registration", pdf(), "a.pdf"), logo_published="y")
    session.execute(sa.update(Application).values(state=State.WITHDRAWN))
    session.commit()

    browser.post(address_of(application, "again"))
    old, new = rows(session)
    shown = browser.client.get(f"/en/apply/{new.application.token}/documents/{new.public_id}")

    assert (shown.data, new.purpose, old.storage_name) == (pdf(), Purpose.REGISTRATION, new.storage_name)
    assert [one["id"] for one in new.application.answers["documents"]["files"]] == [new.public_id]
    assert "logo_published" not in new.application.answers["documents"]
    browser.post(address_of(application, "erase"))
    assert browser.client.get(f"/en/apply/{new.application.token}/documents/{new.public_id}").data == pdf()


def test_files_sent_where_the_session_ended_lose_nothing_else(app: Flask, session: Session) -> None:
    application = add_application(session)
    browser = Visitor(app)

    answer = send(browser, application, ("logo", picture() + b"\0" * 5 * MEGABYTE, "logo.jpg"), logo_published="y")

    assert answer.status == 400
    assert "have a link mailed to you" in answer.text
