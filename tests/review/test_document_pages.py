"""Documents looked at in the desk: pictures of pages, for those who may, on record, whatever the file is."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from directory.accounts.models import Role
from directory.applications.models import Application, Document
from directory.applications.states import State
from directory.applications.vocab import DocumentState
from directory.audit import AuditEvent
from directory.storage import drawing
from tests.applications.browsers import address_of, open_browser
from tests.applications.test_documents import draft, hand_in, rows
from tests.page import Visitor
from tests.uploads import endless_pdf, paged_pdf, pdf, picture

SignIn = Callable[..., Visitor]
PNG = b"\x89PNG\r\n\x1a\n"


def _sent(app: Flask, session: Session, data: bytes, name: str = "proof.pdf") -> tuple[Application, Document]:
    """Store an application that was sent with one document."""
    application = draft(session)
    browser = open_browser(app, application)
    hand_in(browser, application, ("registration", data, name))
    assert browser.submit(browser.get(address_of(application, "check"))).errors == {}
    session.expire_all()
    return application, rows(session)[0]


def _path(application: Application, document: Document, page: str) -> str:
    return f"/en/staff/applications/{application.reference}/documents/{document.public_id}/{page}"


def _looks(session: Session) -> list[str]:
    session.rollback()
    return list(session.scalars(sa.select(AuditEvent.actor_id).where(AuditEvent.action == "application.preview")))


def test_pages_are_shown_as_pictures_with_a_way_from_one_to_the_next(app: Flask, session: Session, sign_in: SignIn) -> None:
    application, document = _sent(app, session, paged_pdf(3))
    clerk = sign_in(Role.REVIEWER)
    case = clerk.get(f"/en/staff/applications/{application.reference}")

    page = clerk.get(_path(application, document, "preview?page=2"))

    assert _path(application, document, "preview") in [a["href"] for a in case.select("#documents + ul a")]
    assert page.texts("h2#page") == ["Page 2 of 3"]
    assert page.texts(".pager a:not([rel])") == ["Page 1", "Page 2", "Page 3"]
    assert [image["alt"] for image in page.select("main img")] == [
        "Picture of page 2 of “proof.pdf”. Its text cannot be read out here: please take the file for that."
    ]
    assert [a.get("rel") for a in page.select(".pager a[rel]")] == [["prev"], ["next"]]
    assert [str(image["src"]) for image in page.select("img.page-whole")] == [_path(application, document, "pages/2.png")]
    shown = [clerk.client.get(str(image["src"])) for image in page.select("main img")]
    assert [(one.status_code, one.mimetype, one.data[:8]) for one in shown] == [(200, "image/png", PNG)]
    headers = shown[0].headers
    assert (headers["Cache-Control"], headers["X-Content-Type-Options"], headers["Content-Security-Policy"]) == (
        "private, no-cache", "nosniff", "default-src 'none'; sandbox",
    )  # fmt: skip
    assert "Content-Disposition" not in headers


def test_an_image_is_shown_as_one_page(app: Flask, session: Session, sign_in: SignIn) -> None:
    application, document = _sent(app, session, picture("JPEG"), "scan.jpg")

    page = sign_in(Role.AUDITOR).get(_path(application, document, "preview"))

    assert (page.texts("h2#page"), len(page.select("main img"))) == (["Page 1 of 1"], 1)


def test_more_pages_than_are_shown_are_said(app: Flask, session: Session, sign_in: SignIn) -> None:
    application, document = _sent(app, session, paged_pdf(22))
    clerk = sign_in(Role.AUDITOR)

    page, beyond = clerk.get(_path(application, document, "preview")), clerk.get(_path(application, document, "preview?page=21"))

    assert "The document has 22 pages; the first 20 can be shown here." in page.text
    assert len(page.select(".pager a:not([rel])")) == 20
    assert (beyond.status, "no such page" in beyond.text) == (404, True)
    assert clerk.client.get(_path(application, document, "pages/21.png")).status_code == 404


@pytest.mark.parametrize("role", list(Role))
def test_who_looks_is_on_record(app: Flask, session: Session, sign_in: SignIn, role: Role) -> None:
    application, document = _sent(app, session, paged_pdf())
    clerk = sign_in(role)

    page = clerk.get(_path(application, document, "preview"))
    image = clerk.client.get(_path(application, document, "pages/1.png"))

    if role is Role.ADMINISTRATOR:
        assert (page.status, image.status_code, _looks(session)) == (403, 403, [])
    else:
        assert (page.status, image.status_code, _looks(session)) == (200, 200, [clerk.account])


def test_a_picture_asked_for_by_itself_is_on_record_too(app: Flask, session: Session, sign_in: SignIn) -> None:
    application, document = _sent(app, session, paged_pdf(2))
    first, second = sign_in(Role.REVIEWER), sign_in(Role.AUDITOR)
    first.get(_path(application, document, "preview"))

    for number in (1, 2):
        second.client.get(_path(application, document, f"pages/{number}.png"))

    assert _looks(session) == [first.account, second.account]


def test_a_kept_picture_is_asked_for_again_without_being_drawn(app: Flask, session: Session, sign_in: SignIn) -> None:
    application, document = _sent(app, session, paged_pdf())
    clerk = sign_in(Role.REVIEWER)
    path = _path(application, document, "pages/1.png")
    first = clerk.client.get(path)

    again = clerk.client.get(path, headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (pdf(), "This document cannot be shown here: the file is damaged."),
        (paged_pdf(locked=True), "it is locked with a password"),
        (paged_pdf().replace(b"/Pages 2 0 R", b"/Pages 9 0 R"), "This document"),
        (paged_pdf().replace(b"/Kids[4 0 R]", b"/Kids[2 0 R]"), "This document"),
    ],
)
def test_a_broken_file_gives_a_sentence(app: Flask, session: Session, sign_in: SignIn, data: bytes, words: str) -> None:
    application, document = _sent(app, session, data)
    clerk = sign_in(Role.REVIEWER)

    page, image = (
        clerk.get(_path(application, document, "preview")),
        clerk.client.get(_path(application, document, "pages/1.png")),
    )

    assert (page.status, page.select("main img"), image.status_code) == (200, [], 404)
    assert words in page.texts(".notice")[0]


def test_an_endless_file_gives_a_sentence(app: Flask, session: Session, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "SECONDS", 1.5)
    application, document = _sent(app, session, endless_pdf())

    page = sign_in(Role.REVIEWER).get(_path(application, document, "preview"))

    assert page.texts(".notice") == [
        "This document cannot be shown here: drawing it takes too much time or memory. You can still take it as it is."
    ]


@pytest.mark.parametrize("state", [DocumentState.WAITING, DocumentState.INFECTED])
def test_nobody_looks_before_the_verdict(app: Flask, session: Session, sign_in: SignIn, state: DocumentState) -> None:
    application, document = _sent(app, session, paged_pdf())
    gone = {"storage_name": None} if state is DocumentState.INFECTED else {}
    session.execute(sa.update(Document).values(state=state, **gone))
    session.commit()
    clerk = sign_in(*Role)

    statuses = [clerk.client.get(_path(application, document, page)).status_code for page in ("preview", "pages/1.png")]

    assert (statuses, _looks(session)) == ([404, 404], [])


def test_what_is_not_sent_yet_or_of_another_case_is_not_there(app: Flask, session: Session, sign_in: SignIn) -> None:
    application, document = _sent(app, session, paged_pdf())
    session.execute(sa.update(Application).values(state=State.CHANGES_REQUESTED))
    session.commit()
    hand_in(open_browser(app, application), application, ("other", paged_pdf(2), "second.pdf"))
    second = rows(session)[1]
    other = draft(session, state=State.SUBMITTED)
    clerk = sign_in(Role.REVIEWER)

    for path in (_path(application, second, "preview"), _path(other, document, "preview"), _path(other, document, "pages/1.png")):
        assert clerk.client.get(path).status_code == 404


@pytest.mark.parametrize("query", ["?page=0", "?page=x", "?page=-1", "?page=%00", "?page=99999999999999999999"])
def test_an_odd_page_is_the_first_or_none(app: Flask, session: Session, sign_in: SignIn, query: str) -> None:
    application, document = _sent(app, session, paged_pdf())

    assert sign_in(Role.REVIEWER).get(_path(application, document, f"preview{query}")).status in {200, 404}
