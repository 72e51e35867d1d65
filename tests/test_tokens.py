"""No form is taken without its token: each is sent to a subject that exists, by somebody who may do it."""

import dataclasses
import re
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from directory.accounts import services as accounts
from directory.accounts.models import Account, Passkey, Role
from directory.applications import access
from directory.applications.states import State
from directory.audit import SYSTEM, AuditEvent
from directory.config import Settings
from directory.enquiries.models import Notice, NoticeKind
from directory.initiative.vocab import Subject
from directory.mail import OutboxLetter
from directory.members import incoming
from tests.factories import add_application, add_named
from tests.initiative.setting import change_term
from tests.page import Visitor

LOST_SESSION = 400


def _address(rule: str, values: dict[str, str]) -> str:
    rule = rule.replace("<locale:locale>", "en")
    return re.sub(r"<(?:[^<>]*:)?(\w+)>", lambda found: values[found[1]], rule)


def _traces(session: Session) -> tuple[int | None, int | None]:
    session.expire_all()
    return session.scalar(sa.select(sa.func.count(AuditEvent.sequence))), session.scalar(
        sa.select(sa.func.count(OutboxLetter.id))
    )


@pytest.mark.csrf
def test_no_form_is_taken_without_its_token(
    app: Flask, session: Session, settings: Settings, sign_in: Any, page: Visitor
) -> None:
    now = datetime.now(UTC)
    everybody: Visitor = sign_in(*Role)
    member = add_named(session)
    draft = add_application(session, now=now)
    in_state = {
        "applications.prove": add_application(session, now=now, email_proved=None),
        "applications.answer": add_application(session, state=State.CHANGES_REQUESTED, now=now),
        "applications.appeal": add_application(session, state=State.REJECTED, now=now),
        "applications.revive": add_application(session, state=State.LAPSED, now=now),
        "applications.start_again": add_application(session, state=State.WITHDRAWN, now=now),
    }
    sent = add_application(session, state=State.IN_REVIEW, now=now)
    links: list[str] = []
    access.send_key(session, draft, to=draft.email, link=lambda key: links.append(key) or key, now=now)
    account, set_up_key = accounts.add_account(session, "new@staff.example", [Role.AUDITOR], by=SYSTEM, now=now)
    letter = session.scalars(sa.select(OutboxLetter)).first()
    notice = Notice(member=member, kind=NoticeKind.CONFIRM, locale="en", name="Mira", email="m@alpha.example", at=now)
    session.add(notice)
    clerk = session.scalars(sa.select(Account.id).where(Account.public_id == everybody.account)).one()
    upload = incoming.keep(session, clerk, name="members.jsonl", content=b"{}\n", by=SYSTEM, now=now)
    passkey = Passkey(
        account_id=clerk, credential_id=b"key", public_key=b"", sign_count=0, name="Phone", transports=[], created_at=now
    )
    session.add(passkey)
    app.extensions["settings"] = dataclasses.replace(settings, public_url="https://directory.example")
    change_term(session, Subject.SECTORS, "fintech", successor="e-commerce")
    session.commit()
    with everybody.client.session_transaction() as cookie:
        cookie["applications"] = [application.token for application in (draft, *in_state.values())]
    values = {"slug": member.slug, "reference": sent.reference, "step": "organisation", "kind": "listed"}
    special = {
        "accounts": {"public_id": account.public_id, "key": set_up_key},
        "applications": {"key": links[0], "number": "2"},
        "members_desk": {"public_id": notice.public_id, "upload_id": upload.public_id},
        "settings": {"subject": "sectors", "slug": "fintech", "number": "1"},
        "review": {"kind": "approved", "tag": "de", "public_id": letter.public_id},
    }
    alone = {"settings.edit": {"subject": "times"}, "accounts.show_passkey": {"public_id": passkey.public_id}}
    before = _traces(session)
    statuses = {}

    for rule in app.url_map.iter_rules():
        if "POST" in rule.methods:
            token = {"token": in_state.get(rule.endpoint, draft).token}
            of_place = special.get(rule.endpoint.split(".")[0], {}) | alone.get(rule.endpoint, {})
            address = _address(rule.rule, values | token | of_place)
            visitor = page if rule.endpoint == "accounts.sign_in" else everybody
            statuses[rule.endpoint] = visitor.client.post(address, data={"version": "1"}).status_code

    assert {endpoint: status for endpoint, status in statuses.items() if status != LOST_SESSION} == {}
    assert _traces(session) == before
    assert len(statuses) > 30
