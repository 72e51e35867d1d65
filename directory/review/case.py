"""The page of one application: everything about it, and one form for each thing that may be done with it.

What it shows is kept under what it was made of: the dossier, the twins that were found, who reads it, the day. What they
may do is kept apart, since many applications offer the same.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from flask import abort, current_app, g, render_template, request, url_for
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup
from werkzeug.exceptions import NotFound

from directory.accounts.guard import account
from directory.accounts.models import Account, Role
from directory.applications import files
from directory.applications.answers import is_agreed, organisation_name, part
from directory.applications.models import SECRET_LETTERS, Application
from directory.applications.rules import days_with_staff
from directory.applications.sent import due_on
from directory.applications.states import OPEN, POINT_LABELS, REJECTION_LABELS, STAFF_LABELS, WITH_STAFF, State
from directory.applications.twins import Twin, told_by, twins_of
from directory.applications.vocab import CONSENT_LABELS, DOCUMENT_STATE_LABELS, PURPOSE_LABELS, STEP_LABELS, Step, Visibility
from directory.config import Settings
from directory.consents.vocab import NECESSARY
from directory.db import db
from directory.initiative.queries import times
from directory.members.labels import DEGREE_LABELS, MATCH_LABELS
from directory.members.vocab import SCHEME_LABELS
from directory.review import forms, queries, rules
from directory.review.answers import write_answers
from directory.review.blueprint import clock
from directory.review.case_reading import asked_numbers, reading
from directory.review.checks import RULE_LABELS, SAID_LABELS, VERDICT_LABELS, checks_of, same_of
from directory.review.dossier import Dossier, get_dossier
from directory.review.labels import (
    BACK_LABELS,
    CHECK_LABELS,
    LETTER_LABELS,
    LETTER_TONES,
    MOVE_LABELS,
    RESULT_LABELS,
    RESULT_TONES,
    failure_label,
)
from directory.review.vocab import Back, readable_notes
from directory.web.forms import BaseForm
from directory.web.fragments import Fragments, pack, unpack
from directory.web.patterns import render_blocks

FORMS: dict[str, type[forms.ActionForm]] = {
    "take": forms.ActionForm,
    "hold": forms.HoldForm,
    "resume": forms.ActionForm,
    "recommend": forms.RecommendForm,
    "revive": forms.ActionForm,
    "send_back": forms.ReasonForm,
    "mark_duplicate": forms.DuplicateForm,
    "put_aside_as_spam": forms.ActionForm,
    "reopen": forms.ReopenForm,
}
"""Moves that have their form on the case page, in its order; asking for changes and deciding have pages of their own."""

_HERE = "reference-goes-here"


@dataclass(frozen=True)
class Age:
    """Working days with staff since the first submission, and whether the promised time is over."""

    days: int
    is_overdue: bool


class Deeds(NamedTuple):
    """What the reader may do with an application; where it is the same, so are the forms.

    moves: those that the table allows; readable: the notes that they read, and may write; lifts, colleagues: (public id,
    shown name) of those whom something binds no longer if they say so, and of those whom they may give the work to;
    assignee: public id of who has it; same: names of those who are very likely the same organisation.
    """

    moves: tuple[str, ...]
    why_not_decide: str
    may_write: bool
    readable: frozenset[Visibility]
    is_bound: bool
    lifts: tuple[tuple[str, str], ...]
    may_assign: bool
    colleagues: tuple[tuple[str, str], ...]
    may_be_nobodys: bool
    assignee: str
    same: tuple[str, ...]


class Pieces(NamedTuple):
    """The page as it is kept, but for its forms, which are kept for all that have the same deeds. papers: packed, being long."""

    title: str
    heading: Markup
    state: Markup
    papers: bytes
    consents: Markup
    notes: Markup
    history: Markup
    deeds: Deeds


def get_or_404(reference: str) -> Application:
    """Return the application of this address, or answer 404."""
    application = queries.get_case(db.session(), reference)
    if application is None:
        abort(NotFound.code)
    return application


def name_tag(application: Application) -> str:
    """Return the language of the organisation's name."""
    return str(part(application.sent_answers, Step.ORGANISATION).get("name_language") or application.locale)


def age_of(application: Application) -> Age:
    """Say how long an application has waited for staff."""
    now = clock()
    last = due_on(application)
    return Age(days_with_staff(application, now=now), last is not None and last < now.date())


def back_of(application: Application) -> Back | None:
    """Say why an application waits for staff again; None where it is there for the first time, or waits for somebody else."""
    if application.state not in WITH_STAFF:
        return None
    names = [made.name for made in application.moves]
    if application.state == State.SUBMITTED:
        return Back.ANSWERED if "ask_for_changes" in names else None
    again = next((name for name in reversed(names) if name in {"appeal", "reopen"}), None)
    return {"appeal": Back.APPEALED, "reopen": Back.REOPENED}.get(again or "")


def second_person() -> bool:
    """Say whether whoever recommended is kept from deciding (a setting, on by default)."""
    settings: Settings = current_app.extensions["settings"]
    return settings.second_person


def show_case(reference: str, sent: BaseForm | None = None, *, name: str = "") -> tuple[str, int]:
    """Render the case page. sent: a form that is not right yet, to be shown again with what was typed; name: its action."""
    by = account()
    dossier = get_dossier(db.session(), reference, readable=readable_notes(by.roles))
    if dossier is None:
        abort(NotFound.code)
    pieces = _kept(dossier, by)
    page = render_template(
        "review/case.html",
        pieces=pieces,
        papers=unpack(pieces.papers),
        deeds=pieces.deeds,
        reference=reference.upper(),
        reads_audit=bool({Role.AUDITOR, Role.ADMINISTRATOR} & by.roles),
        gaps={"reference": reference, "version": dossier.version, "token": generate_csrf()},
        sent=sent,
        forms_of=lambda version: _forms(pieces.deeds, version) | ({name: sent} if sent else {}),
        address_of=_address,
    )
    return page, sent.error_status if sent else 200


def _kept(dossier: Dossier, by: Account) -> Pieces:
    """Return the pieces for this reader, made where nobody has asked for them in this state of everything that they show."""
    fragments: Fragments = current_app.extensions["fragments"]
    told = fragments.get(("told", dossier.digest), lambda: told_by(dossier.application))
    twins = twins_of(db.session(), told)
    reader = (by.id, by.email, by.roles, g.locale, request.script_root)
    key = ("case", dossier.digest, twins, clock().date(), asked_numbers(), reader)
    return fragments.get(key, lambda: _pieces(dossier, twins, by))


def _pieces(dossier: Dossier, twins: tuple[Twin, ...], by: Account) -> Pieces:
    shown = _shown(dossier, twins, by)
    blocks = render_blocks("review/_pieces.html", shown)
    return Pieces(
        title=f"{dossier.application.reference} {shown['name']}",
        deeds=_deeds(dossier, twins, by),
        papers=pack(blocks.pop("papers")),
        **blocks,
    )


def _shown(dossier: Dossier, twins: tuple[Twin, ...], by: Account) -> dict[str, Any]:
    application, read = dossier.application, reading(dossier.application, by)
    return {
        **read,
        "answers": write_answers(
            read["sections"], read["own_sections"], read["translated"], tag=application.locale, locale=g.locale
        ),
        "application": application,
        "name": organisation_name(application.sent_answers),
        "name_tag": name_tag(application),
        "documents": files.sent(application),
        "proof_later": bool(part(application.sent_answers, Step.DOCUMENTS).get("registration_later")),
        "checks": checks_of(application, twins),
        "letters": dossier.letters,
        "is_agreed": is_agreed,
        "necessary": NECESSARY,
        "age": age_of(application),
        "back": back_of(application),
        "back_labels": BACK_LABELS,
        "may_mark": "mark_duplicate" in rules.possible_moves(application, by),
        "promised": times().promised,
        "with_staff": WITH_STAFF,
        "as_day": date.fromisoformat,
        "secret_letters": SECRET_LETTERS,
        "failure_label": failure_label,
        "check_items": CHECK_LABELS,
        "check_results": RESULT_LABELS,
        "check_tones": RESULT_TONES,
        "labels": {
            "consents": CONSENT_LABELS,
            "states": STAFF_LABELS, "moves": MOVE_LABELS, "points": POINT_LABELS, "steps": STEP_LABELS,
            "matches": MATCH_LABELS, "degrees": DEGREE_LABELS, "said": SAID_LABELS,
            "verdicts": VERDICT_LABELS, "rules": RULE_LABELS,
            "purposes": PURPOSE_LABELS, "scans": DOCUMENT_STATE_LABELS, "schemes": SCHEME_LABELS,
            "rejections": REJECTION_LABELS, "letters": LETTER_LABELS, "tones": LETTER_TONES,
            "recommendations": forms.RECOMMENDATION_LABELS,
        },
    }  # fmt: skip


def _address(endpoint: str, reference: str, **values: Any) -> str:
    """Return an address of the case. reference: its own, or the gap for it, which url_for would quote."""
    return url_for(endpoint, reference=_HERE, **values).replace(_HERE, reference)


def _deeds(dossier: Dossier, twins: tuple[Twin, ...], by: Account) -> Deeds:
    application, may_write = dossier.application, rules.may_write(by)
    is_bound = rules.interest_of(application, by)
    liftable = [row.account for row in application.interests if rules.may_lift(row, by) and not is_bound]
    may_assign = may_write and not is_bound and application.state in OPEN
    return Deeds(
        moves=rules.possible_moves(application, by),
        why_not_decide=rules.why_not_decide(application, by, second_person=second_person()),
        may_write=may_write,
        readable=readable_notes(by.roles),
        is_bound=is_bound,
        lifts=tuple((one.public_id, one.shown_name) for one in liftable),
        may_assign=may_assign,
        colleagues=assignable(dossier.colleagues, by) if may_assign else (),
        may_be_nobodys=rules.may_assign(by, None),
        assignee=application.assignee.public_id if application.assignee else "",
        same=tuple(twin.name for twin in same_of(twins)),
    )


def assignable(colleagues: list[Account], by: Account) -> tuple[tuple[str, str], ...]:
    """Return (public id, shown name) of those whom `by` may give an application to: coordinators choose others, too."""
    return tuple((one.public_id, one.shown_name) for one in colleagues if rules.may_assign(by, one))


def _forms(deeds: Deeds, version: Any) -> dict[str, BaseForm]:
    """Make the forms that an account may use. version: of the application, or the gap for it."""
    seen = {"seen_version": version}
    found: dict[str, BaseForm] = {
        name: form(formdata=None, prefix=name, data=seen) for name, form in FORMS.items() if name in deeds.moves
    }
    if deeds.may_write:
        found["note"] = forms.NoteForm(readable=deeds.readable, formdata=None, prefix="note")
    if deeds.may_assign:
        data = {"assignee": deeds.assignee, **seen}
        colleagues, nobody = deeds.colleagues, deeds.may_be_nobodys
        found["assign"] = forms.AssignForm(colleagues=colleagues, nobody=nobody, prefix="assign", formdata=None, data=data)
    if deeds.may_write and not deeds.is_bound:
        found["declare_interest"] = forms.InterestForm(formdata=None, prefix="declare_interest", data=seen)
    for public_id, _name in deeds.lifts:
        found[f"lift-{public_id}"] = forms.ReasonForm(formdata=None, prefix=f"lift-{public_id}", data=seen)
    return found
