"""Bringing in members from a file at the desk: look first, then confirm."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from directory.accounts.models import Role
from directory.audit import AuditEvent, AuditValue
from directory.housekeeping import Task
from directory.members import incoming
from directory.members.incoming import BYTES_MAX, LINES_MAX, MemberUpload
from directory.members.interchange import as_record
from directory.members.models import Member
from tests.factories import add_member
from tests.members.counting import statements
from tests.page import Page, Visitor

SignIn = Callable[..., Visitor]
IMPORT = "/en/staff/members/import"
BRING_IN = "form[action$='/bring-in']"


def _file(*records: Any) -> bytes:
    return "".join(r if isinstance(r, str) else json.dumps(r, ensure_ascii=False) + "\n" for r in records).encode()


def _small(slug: str, **changes: Any) -> dict[str, Any]:
    return {"slug": slug, "kind": "enterprise", "names": {"en": slug.title()}} | changes


def _send(clerk: Visitor, content: bytes, name: str = "members.jsonl") -> Page:
    boundary, body = encode_multipart(MultiDict({"file": FileStorage(BytesIO(content), name)}))
    kind = f'multipart/form-data; boundary="{boundary}"'
    return clerk._page(clerk.client.post(IMPORT, data=body, content_type=kind, follow_redirects=True))


def _counts(page: Page) -> dict[str, str]:
    return {str(e["data-count"]): e.get_text() for e in page.select("dd[data-count]")}


def _slugs(session: Session) -> list[str]:
    return list(session.scalars(select(Member.slug).order_by(Member.slug)))


def test_preview_says_what_each_line_comes_to_and_changes_nothing(session: Session, sign_in: SignIn) -> None:
    same, changed = add_member(session, slug="same"), add_member(session, slug="changed", city="Belgrade")
    content = _file(
        as_record(same), {**as_record(changed), "city": "Niš"}, _small("fresh"), _small("bad", country="XX"), "no JSON\n", "\n"
    )

    shown = _send(sign_in(Role.APPROVER), content)

    assert _counts(shown) == {"new": "1", "changed": "1", "same": "1", "bad": "2"}
    lines = {str(e["data-line"]): str(e["data-outcome"]) for e in shown.select("[data-line]")}
    assert lines == {"1": "same", "2": "changed", "3": "new"}
    assert shown.texts("[data-line='2'] .change") == ["City: removed: Belgrade → added: Niš"]
    assert shown.texts("[data-bad]") == [
        "Line 4: Country or region ( country ) – “XX” is no known country or region.",
        "Line 5: The line is not JSON; the mistake is near character 1.",
    ]
    assert _slugs(session) == ["changed", "same"]
    assert hashlib.sha256(content).hexdigest() in shown.text


def test_what_is_wrong_is_said_in_the_language_of_the_page(session: Session, sign_in: SignIn) -> None:
    clerk = sign_in(Role.APPROVER)
    _send(clerk, _file(_small("long", names={"en": "x" * 201}), _small("odd", zones=["a\u202eb"]), {"slug": "half"}))
    public_id = session.scalars(select(MemberUpload.public_id)).one()

    german = clerk.get(f"/de/staff/members/import/{public_id}")

    assert german.texts("[data-bad]") == [
        "Zeile 1: Namen · Englisch ( names.en ) – Das ist länger als 200 Zeichen.",
        "Zeile 2: Zonen, in denen die Organisation arbeitet ( zones ) – „'a\\u202eb'“ ist hier nicht bekannt.",
        "Zeile 3: Institution oder Unternehmen ( kind ) – Das fehlt.",
    ]


def test_good_lines_come_in_and_the_file_is_gone(session: Session, sign_in: SignIn) -> None:
    changed = add_member(session, slug="changed", city="Belgrade")
    content = _file({**as_record(changed), "city": "Niš"}, _small("fresh"), _small("bad", country="XX"))
    clerk = sign_in(Role.COORDINATOR)

    done = clerk.submit(_send(clerk, content), {"mode": "good"}, css=BRING_IN)

    assert "The file is brought in: 1 new, 1 changed, 0 as before, 1 left out." in done.text
    session.expire_all()
    assert (_slugs(session), changed.city) == (["changed", "fresh"], "Niš")
    assert session.scalar(select(func.count()).select_from(MemberUpload)) == 0
    rows = session.execute(select(AuditEvent.action, AuditEvent.actor_kind).order_by(AuditEvent.sequence)).all()
    assert [tuple(row) for row in rows[1:]] == [
        ("import.hold", "staff"), ("member.correct", "staff"), ("member.admit", "staff"), ("import.run", "staff"),
    ]  # fmt: skip
    last = session.scalar(select(func.max(AuditEvent.sequence)))
    told = {v.field: json.loads(v.new) for v in session.scalars(select(AuditValue).where(AuditValue.sequence == last))}
    assert told == {
        "file": "members.jsonl", "sha256": hashlib.sha256(content).hexdigest(), "mode": "good lines", "added": 1, "changed": 1,
        "unchanged": 0, "refused": 1,
    }  # fmt: skip


def test_all_or_nothing_is_usual_and_refuses_bad_lines(session: Session, sign_in: SignIn) -> None:
    clerk = sign_in(Role.APPROVER)
    shown = _send(clerk, _file(_small("fresh"), _small("bad", country="XX")))

    refused = clerk.submit(shown, css=BRING_IN)

    assert refused.status == 422
    assert "you chose to bring in all lines or none" in refused.text
    assert _slugs(session) == []


def test_what_changed_since_the_preview_is_shown_again(session: Session, sign_in: SignIn) -> None:
    clerk = sign_in(Role.APPROVER)
    shown = _send(clerk, _file(_small("fresh")))
    add_member(session, slug="fresh")

    late = clerk.submit(shown, css=BRING_IN)
    done = clerk.submit(late, css=BRING_IN)

    assert late.status == 409
    assert "The directory changed since this page was made." in late.text
    assert _counts(late) == {"new": "0", "changed": "1", "same": "0", "bad": "0"}
    assert "1 changed" in done.text


def test_a_file_is_its_clerks_alone_and_can_be_deleted(session: Session, sign_in: SignIn) -> None:
    clerk, colleague = sign_in(Role.APPROVER), sign_in(Role.APPROVER)
    shown = _send(clerk, _file(_small("fresh")))
    address = shown.response.request.path

    theirs = [
        colleague.get(address).status,
        colleague.post(f"{address}/bring-in").status,
        colleague.post(f"{address}/drop").status,
    ]
    dropped = clerk.submit(shown, css="form[action$='/drop']")

    assert theirs == [404, 404, 404]
    assert "The file is deleted. Nothing was changed." in dropped.text
    assert clerk.get(address).status == 404


def test_a_second_file_takes_the_place_of_the_first(session: Session, sign_in: SignIn) -> None:
    clerk = sign_in(Role.APPROVER)

    first = _send(clerk, _file(_small("first")))
    second = _send(clerk, _file(_small("second")), "newer.jsonl").response.request.path
    late = clerk.submit(first, css=BRING_IN)

    assert [clerk.get(first.response.request.path).status, clerk.get(second).status] == [404, 200]
    assert (late.status, late.texts("h1")) == (404, ["This file is no longer here"])
    assert "You sent another file since: newer.jsonl." in late.text
    assert {second, IMPORT} <= {str(a["href"]) for a in late.select("main a")}


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        (b"", 422, "There is nothing in this file."),
        (b"\n \n", 422, "There is nothing in this file."),
        (b"{}\n" * (LINES_MAX + 1), 422, "This file has more than 200 lines."),
        (b"x" * (BYTES_MAX + 1), 422, "This file is larger than 5 MB."),
        (b"x" * (BYTES_MAX + 1024 * 1024), 200, "This file is larger than 5 MB."),
    ],
)
def test_files_that_are_refused(session: Session, sign_in: SignIn, content: bytes, status: int, words: str) -> None:
    page = _send(sign_in(Role.APPROVER), content)

    assert page.status == status
    assert words in page.text
    assert session.scalars(select(MemberUpload)).all() == []


def test_no_file_at_all(sign_in: SignIn) -> None:
    page = sign_in(Role.APPROVER).post(IMPORT)

    assert (page.status, page.errors) == (422, {"file": "Please choose a file."})


def test_lines_that_are_all_bad_cannot_be_brought_in(sign_in: SignIn) -> None:
    shown = _send(sign_in(Role.APPROVER), b"\xff\xfe\n{\n")

    assert _counts(shown)["bad"] == "2"
    assert shown.select(BRING_IN) == []


def test_a_file_that_nobody_brought_in_goes_after_an_hour(session: Session, sign_in: SignIn) -> None:
    shown = _send(sign_in(Role.APPROVER), _file(_small("fresh")))
    upload = session.scalar(select(MemberUpload))
    assert upload is not None
    kept = incoming.count_old(session, now=datetime.now(UTC) + timedelta(minutes=59))

    removed = incoming.remove_old(session, now=datetime.now(UTC) + timedelta(minutes=61))

    assert (shown.status, kept, removed, Task.UPLOADS) == (200, 0, 1, "uploads")
    assert session.scalars(select(MemberUpload)).all() == []


def test_a_new_member_that_looks_like_another_is_compared_first(session: Session, sign_in: SignIn) -> None:
    add_member(session, slug="there", names={"en": "Sample Chamber Ltd"})
    clerk = sign_in(Role.APPROVER)
    content = _file(_small("twin", names={"en": "Sample Chamber"}), _small("other"), _small("again", names={"en": "OTHER GmbH"}))

    shown = _send(clerk, content)
    refused = clerk.submit(shown, css=BRING_IN)
    done = clerk.submit(refused, {"is_compared": "y"}, css=BRING_IN)

    assert [str(e["data-candidate"]) for e in shown.select("[data-twin='1'] [data-candidate]")] == ["there"]
    assert [str(e["data-candidate-line"]) for e in shown.select("[data-twin='3'] [data-candidate-line]")] == ["2"]
    assert shown.select("[data-twin='2']") == []
    assert (refused.status, list(refused.errors)) == (422, ["is_compared"])
    assert "3 new" in done.text
    assert _slugs(session) == ["again", "other", "there", "twin"]


def test_lines_that_look_like_others_can_be_left_out(session: Session, sign_in: SignIn) -> None:
    add_member(session, slug="there", names={"en": "Sample Chamber Ltd"})
    clerk = sign_in(Role.APPROVER)

    shown = _send(clerk, _file(_small("twin", names={"en": "Sample Chamber"}), _small("other")))
    done = clerk.submit(shown, {"without": "1"}, css=BRING_IN)

    assert "1 new, 0 changed, 0 as before, 1 left out" in done.text
    assert _slugs(session) == ["other", "there"]


def test_a_twin_that_came_since_the_preview_is_shown_first(session: Session, sign_in: SignIn) -> None:
    clerk = sign_in(Role.APPROVER)
    shown = _send(clerk, _file(_small("twin", names={"en": "Sample Chamber"})))
    add_member(session, slug="there", names={"en": "Sample Chamber Ltd"})

    late = clerk.submit(shown, {"is_compared": "y"}, css=BRING_IN)

    assert (late.status, len(late.select("[data-twin]"))) == (409, 1)
    assert _slugs(session) == ["there"]


def test_the_preview_asks_the_same_for_few_and_for_many_lines(session: Session, sign_in: SignIn) -> None:
    clerk = sign_in(Role.APPROVER)
    add_member(session, slug="there", names={"en": "Sample Chamber Ltd"})

    def asked(number: int) -> int:
        lines = [_small(f"twin-{place}", names={"en": f"Sample Chamber{' Ltd' * place}"}) for place in range(number)]
        path = _send(clerk, _file(*lines)).response.request.path
        with statements(session) as found:
            clerk.get(path)
        return len(found)

    counts = [asked(2), asked(15)]

    assert counts[0] + 26 == counts[1]  # each new line asks whether its address is free, by two questions


def test_a_day_to_come_is_refused(sign_in: SignIn) -> None:
    shown = _send(sign_in(Role.APPROVER), _file(_small("early", joined_on="9999-12-31"), _small("young", founded=2099)))

    assert [text.partition(" – ")[2] for text in shown.texts("[data-bad]")] == [
        "This day lies in the future. Please write a day that has come.",
        f"A year from 500 to {datetime.now(UTC).year} must stand here.",
    ]


def test_leaving_a_line_out_lets_no_other_one_in_unseen(session: Session, sign_in: SignIn) -> None:
    add_member(session, slug="there", names={"en": "Sample Chamber Ltd"})
    clerk = sign_in(Role.APPROVER)
    content = _file(
        _small("twin", names={"en": "Sample Chamber"}), _small("twin", names={"en": "Sample Chamber GmbH"}), _small("other")
    )

    shown = _send(clerk, content)
    told = clerk.submit(shown, {"without": "1", "mode": "good"}, css=BRING_IN)

    assert told.status == 409
    assert _slugs(session) == ["there"]


def test_only_a_line_that_looks_like_another_can_be_left_out(session: Session, sign_in: SignIn) -> None:
    clerk = sign_in(Role.APPROVER)
    shown = _send(clerk, _file(_small("first"), _small("second")))

    clerk.submit(shown, {"without": "1"}, css=BRING_IN)

    assert "first" in _slugs(session) or _slugs(session) == []


@pytest.mark.parametrize("number", ["9" * 5000, "x", "-1"])
def test_a_number_of_a_line_that_is_none_is_told(sign_in: SignIn, number: str) -> None:
    clerk = sign_in(Role.APPROVER)
    shown = _send(clerk, _file(_small("first")))

    assert clerk.submit(shown, {"without": number}, css=BRING_IN).status in {200, 422}


def test_pressing_twice_brings_in_once(session: Session, sign_in: SignIn) -> None:
    clerk = sign_in(Role.APPROVER)
    shown = _send(clerk, _file(_small("first")))

    clerk.submit(shown, css=BRING_IN)
    again = clerk.submit(shown, css=BRING_IN)

    assert (again.status, _slugs(session)) == (404, ["first"])


def test_the_example_of_the_template_becomes_no_member(session: Session, sign_in: SignIn) -> None:
    clerk = sign_in(Role.APPROVER)
    template = clerk.client.get("/en/staff/members/import/template.csv").get_data()

    shown = _send(clerk, template, "members.csv")

    assert "This is the example of the template. Please delete the row." in shown.texts("[data-bad]")[0]
