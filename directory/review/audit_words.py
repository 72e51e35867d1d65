"""Words for what the audit names: what was done, which value changed, and what a value says."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from directory.accounts.models import ROLE_LABELS, Role
from directory.applications.states import POINT_LABELS, REJECTION_LABELS, STAFF_LABELS, PointCode, RejectionCode, State
from directory.applications.vocab import CONSENT_LABELS, DOCUMENT_STATE_LABELS, STEP_LABELS, DocumentState, Step, Visibility
from directory.consents.vocab import ConsentKind
from directory.i18n import gettext as _
from directory.i18n import lazy_pgettext as _lp
from directory.i18n.formats import language_name
from directory.initiative.vocab import SUBJECT_LABELS as SETTINGS
from directory.initiative.vocab import Subject
from directory.members.vocab import STANDING_LABELS, Standing
from directory.review.forms import RECOMMENDATION_LABELS, VISIBILITY_LABELS
from directory.review.labels import CHECK_LABELS, MOVE_LABELS, RESULT_LABELS
from directory.review.vocab import CheckItem, CheckResult, Recommendation

SHORT = 160
"""characters up to which a value stands in the page as it is; a longer one is folded"""
SUBJECTS = {
    "application": _lp("subject in the audit", "Applications"),
    "member": _lp("subject in the audit", "Members"),
    "import": _lp("subject in the audit", "Imports"),
    "account": _lp("subject in the audit", "Accounts"),
    "edition": _lp("subject in the audit", "Settings"),
    "letter_text": _lp("subject in the audit", "Texts of letters"),
    "letter": _lp("subject in the audit", "Letters"),
    "enquiry": _lp("subject in the audit", "Questions to members"),
    "notice": _lp("subject in the audit", "Notices about entries"),
}
"""{what stands before the dot of an action: all of those}"""
ACTIONS = {f"application.{name}": label for name, label in MOVE_LABELS.items()} | {
    "application.start": _lp("entry of the audit", "Application begun"),
    "application.save": _lp("entry of the audit", "Answers saved"),
    "application.keep_unsaved": _lp("entry of the audit", "Unfinished text kept"),
    "application.answer": _lp("entry of the audit", "Points answered"),
    "application.write": _lp("entry of the audit", "Message from the applicant"),
    "application.message": _lp("entry of the audit", "Message to the applicant"),
    "application.note": _lp("entry of the audit", "Note written"),
    "application.assign": _lp("entry of the audit", "Assigned"),
    "application.translate": _lp("entry of the audit", "Translation for colleagues written"),
    "application.declare_interest": _lp("entry of the audit", "Conflict of interest declared"),
    "application.lift_interest": _lp("entry of the audit", "Conflict of interest lifted"),
    "application.prove_email": _lp("entry of the audit", "Mail address proved"),
    "application.invite": _lp("entry of the audit", "Colleague of the applicant invited"),
    "application.join": _lp("entry of the audit", "Colleague of the applicant joined"),
    "application.remove_person": _lp("entry of the audit", "Colleague of the applicant removed"),
    "application.set_copies": _lp("entry of the audit", "Copies of letters set"),
    "application.claim_twin": _lp("entry of the audit", "Same organisation as a member, says the applicant"),
    "application.deny_twin": _lp("entry of the audit", "Not the same organisation, says the applicant"),
    "application.give_consent": _lp("entry of the audit", "Consent given"),
    "application.revoke_consent": _lp("entry of the audit", "Consent taken back"),
    "application.add_document": _lp("entry of the audit", "Document added"),
    "application.remove_document": _lp("entry of the audit", "Document removed"),
    "application.scan_document": _lp("entry of the audit", "Document scanned"),
    "application.preview": _lp("entry of the audit", "Document looked at"),
    "application.download": _lp("entry of the audit", "Document downloaded"),
    "application.remind": _lp("entry of the audit", "Applicant reminded"),
    "application.reduce": _lp("entry of the audit", "Reduced to name, dates and decision"),
    "application.remove": _lp("entry of the audit", "Application erased"),
    "application.fill_in": _lp("entry of the audit", "Facts for the queue filled in"),
    "member.admit": _lp("entry of the audit", "Member added"),
    "member.correct": _lp("entry of the audit", "Entry corrected"),
    "member.set_contact": _lp("entry of the audit", "Contact of the entry changed"),
    "member.show_contact": _lp("entry of the audit", "Contact shown to visitors"),
    "member.hide_contact": _lp("entry of the audit", "Contact shown no longer"),
    "member.confirm": _lp("entry of the audit", "Entry confirmed"),
    "member.suspend": _lp("entry of the audit", "Member suspended"),
    "member.restore": _lp("entry of the audit", "Member restored"),
    "member.resign": _lp("entry of the audit", "Member resigned"),
    "member.end": _lp("entry of the audit", "Membership ended"),
    "member.take_off_list": _lp("entry of the audit", "Taken off the directory at its own wish"),
    "member.list_again": _lp("entry of the audit", "Put back into the directory at its own wish"),
    "member.merge": _lp("entry of the audit", "Another entry taken over"),
    "member.merge_into": _lp("entry of the audit", "Merged into another entry"),
    "member.demo": _lp("entry of the audit", "Demonstration members added"),
    "import.hold": _lp("entry of the audit", "File for an import read"),
    "import.run": _lp("entry of the audit", "File imported"),
    "import.drop": _lp("entry of the audit", "File for an import dropped"),
    "account.add": _lp("entry of the audit", "Account added"),
    "account.set_up": _lp("entry of the audit", "Account set up"),
    "account.sign_in": _lp("entry of the audit", "Signed in"),
    "account.confirm": _lp("entry of the audit", "Password given again"),
    "account.end_session": _lp("entry of the audit", "Session ended"),
    "account.ask_for_reset": _lp("entry of the audit", "New password asked for"),
    "account.end_sign_in": _lp("entry of the audit", "Sign-in ended; a new link was made"),
    "account.reset": _lp("entry of the audit", "Password and second factor set anew"),
    "account.set_password": _lp("entry of the audit", "Password changed"),
    "account.replace_authenticator": _lp("entry of the audit", "Authenticator replaced"),
    "account.make_recovery_codes": _lp("entry of the audit", "Recovery codes made"),
    "account.use_recovery_code": _lp("entry of the audit", "Recovery code used"),
    "account.add_passkey": _lp("entry of the audit", "Passkey added"),
    "account.rename_passkey": _lp("entry of the audit", "Passkey renamed"),
    "account.remove_passkey": _lp("entry of the audit", "Passkey removed"),
    "account.refuse_passkey": _lp("entry of the audit", "Passkey refused: it may have been copied"),
    "account.set_roles": _lp("entry of the audit", "Roles changed"),
    "account.set_profile": _lp("entry of the audit", "Name or language changed"),
    "account.disable": _lp("entry of the audit", "Account closed"),
    "account.enable": _lp("entry of the audit", "Account opened again"),
    "edition.add": _lp("entry of the audit", "Setting changed"),
    "letter_text.edit": _lp("entry of the audit", "Text of a letter changed"),
    "letter_text.return_to_built_in": _lp("entry of the audit", "Text of a letter set back"),
    "letter_text.test": _lp("entry of the audit", "Test letter sent"),
    "letter.resend": _lp("entry of the audit", "Letter sent again"),
    "enquiry.send": _lp("entry of the audit", "Question sent to a member"),
    "notice.give": _lp("entry of the audit", "Notice about an entry given"),
    "notice.settle": _lp("entry of the audit", "Notice about an entry settled"),
}
FIELDS = {
    "state": _lp("value in the audit", "State"),
    "reason": _lp("value in the audit", "Reason"),
    "code": _lp("value in the audit", "Reason of the rejection"),
    "message": _lp("value in the audit", "Message"),
    "note": _lp("value in the audit", "Note"),
    "visibility": _lp("value in the audit", "Who reads it"),
    "sha256": _lp("value in the audit", "Digest"),
    "letter_subject": _lp("value in the audit", "Subject of the letter"),
    "letter_body": _lp("value in the audit", "Text of the letter"),
    "subject": _lp("value in the audit", "Subject"),
    "body": _lp("value in the audit", "Text"),
    "points": _lp("value in the audit", "Points"),
    "answer_by": _lp("value in the audit", "Answer wanted by"),
    "hold_until": _lp("value in the audit", "On hold until"),
    "recommendation": _lp("value in the audit", "Recommendation"),
    "checklist": _lp("value in the audit", "Checklist"),
    "assignee": _lp("value in the audit", "Assigned to"),
    "interest": _lp("value in the audit", "Interest"),
    "duplicate_of": _lp("value in the audit", "Duplicate of"),
    "twin": _lp("value in the audit", "Entry in question"),
    "member": _lp("value in the audit", "Entry"),
    "step": _lp("value in the audit", "Part of the application"),
    "person": _lp("value in the audit", "Person"),
    "email": _lp("value in the audit", "Mail address"),
    "copies": _lp("value in the audit", "Copies of letters"),
    "consent": _lp("value in the audit", "Consent"),
    "version": _lp("value in the audit", "Version"),
    "locale": _lp("value in the audit", "Language"),
    "document": _lp("value in the audit", "Document"),
    "name": _lp("value in the audit", "Name"),
    "verdict": _lp("value in the audit", "Result of the scan"),
    "reminder": _lp("value in the audit", "Reminder"),
    "entry": _lp("value in the audit", "Whole entry"),
    "names": _lp("value in the audit", "Names"),
    "alternate_names": _lp("value in the audit", "Other names"),
    "kind": _lp("value in the audit", "Kind"),
    "type": _lp("value in the audit", "Type"),
    "country": _lp("value in the audit", "Country or region"),
    "address": _lp("value in the audit", "Postal address"),
    "demonstration": _lp("value in the audit", "Demonstration data"),
    "city": _lp("value in the audit", "City"),
    "founded": _lp("value in the audit", "Founded in"),
    "languages": _lp("value in the audit", "Languages"),
    "zones": _lp("value in the audit", "Zones"),
    "sectors": _lp("value in the audit", "Sectors"),
    "claims": _lp("value in the audit", "Licences and certificates"),
    "sources": _lp("value in the audit", "Sources"),
    "slug": _lp("value in the audit", "Address"),
    "website": _lp("value in the audit", "Website"),
    "contact": _lp("value in the audit", "Contact"),
    "contact_shown": _lp("value in the audit", "Contact shown"),
    "registrations": _lp("value in the audit", "Registration numbers"),
    "offerings": _lp("value in the audit", "Services"),
    "summaries": _lp("value in the audit", "Summaries"),
    "signature": _lp("value in the audit", "Signature"),
    "joined_on": _lp("value in the audit", "Member since"),
    "first_term": _lp("value in the audit", "First term begins on"),
    "confirmed_on": _lp("value in the audit", "Last confirmed on"),
    "standing": _lp("value in the audit", "Standing"),
    "into": _lp("value in the audit", "Into the entry"),
    "merged": _lp("value in the audit", "Entry taken over"),
    "file": _lp("value in the audit", "File"),
    "lines": _lp("value in the audit", "Lines"),
    "added": _lp("value in the audit", "Added"),
    "changed": _lp("value in the audit", "Changed"),
    "unchanged": _lp("value in the audit", "Unchanged"),
    "mode": _lp("value in the audit", "Bad lines"),
    "refused": _lp("value in the audit", "Refused"),
    "left_out": _lp("value in the audit", "Left out by choice"),
    "roles": _lp("value in the audit", "Roles"),
    "passkey": _lp("value in the audit", "Passkey"),
    "passkeys": _lp("value in the audit", "Passkeys"),
    "browser": _lp("value in the audit", "Browser"),
    "began_at": _lp("value in the audit", "Begun at"),
    "number": _lp("value in the audit", "Edition"),
    "data": _lp("value in the audit", "Digest of the contents"),
    "relayed_to": _lp("value in the audit", "Passed on to"),
}
"""Fields without a word of their own go by their name."""


@dataclass(frozen=True)
class Told:
    """A value for a reader. text: the whole of it; is_long: it is better folded."""

    text: str
    is_long: bool = False

    @property
    def beginning(self) -> str:
        """The first words of a long value, in one line."""
        return " ".join(self.text[:SHORT].split())[: SHORT // 2] + " …"


@dataclass(frozen=True)
class Change:
    """One value that changed. code: its name in the file; old, new: none where there was or is nothing."""

    code: str
    label: str
    old: Told | None
    new: Told | None


def action_label(action: str) -> str:
    """Name what was done; an action without a word of its own goes by its code."""
    return str(ACTIONS.get(action, action))


def field_label(code: str) -> str:
    """Name a value; one without a word of its own goes by its code."""
    return str(FIELDS.get(code, code))


def changes(values: tuple[tuple[str, str, str], ...], *, names: Mapping[str, str], locale: str) -> list[Change]:
    """Put the values of an event into words. values: (field, old, new) as JSON; names: of staff, by their public id."""
    return [
        Change(code, field_label(code), _told(code, old, names, locale), _told(code, new, names, locale))
        for code, old, new in values
    ]


def subject_label(kind: str, id_: str, *, names: Mapping[str, str]) -> str:
    """Name what an event is about: staff by their name, a setting by its own, all else by its id."""
    if kind == "account":
        return names.get(id_, id_)
    if kind == "edition" and id_ in set(Subject):
        return str(SETTINGS[Subject(id_)])
    return id_ or kind


MODES = {
    "all or nothing": _lp("bad lines of a file", "None was allowed"),
    "good lines": _lp("bad lines of a file", "Left out"),
}
_WORDS: dict[str, Callable[[Any, str], Any]] = {
    "state": lambda value, _locale: STAFF_LABELS[State(value)],
    "code": lambda value, _locale: REJECTION_LABELS[RejectionCode(value)],
    "recommendation": lambda value, _locale: RECOMMENDATION_LABELS[Recommendation(value)],
    "step": lambda value, _locale: STEP_LABELS[Step(value)],
    "consent": lambda value, _locale: CONSENT_LABELS[ConsentKind(value)],
    "verdict": lambda value, _locale: DOCUMENT_STATE_LABELS[DocumentState(value)],
    "standing": lambda value, _locale: STANDING_LABELS[Standing(value)],
    "mode": lambda value, _locale: MODES[value],
    "visibility": lambda value, _locale: VISIBILITY_LABELS[Visibility(value)],
    "checklist": lambda value, _locale: "\n".join(
        f"{CHECK_LABELS[CheckItem(item)]} – {RESULT_LABELS[CheckResult(found)]}" for item, found in value.items()
    ),
    "points": lambda value, _locale: "\n".join(_point(*point) for point in value),
    "locale": language_name,
    "roles": lambda value, _locale: ", ".join(str(ROLE_LABELS[Role(role)]) for role in value),
}


def _point(step: str, code: str, words: str) -> str:
    """Say what was asked: of which part, what, and in which words."""
    place = str(STEP_LABELS[Step(step)]) if step else str(_("The whole application"))
    return " · ".join(part for part in (place, str(POINT_LABELS[PointCode(code)]), words) if part)


def _told(code: str, text: str, names: Mapping[str, str], locale: str) -> Told | None:
    try:
        value = json.loads(text)
    except ValueError:  # somebody wrote it behind the program; `audit verify` says so
        value = text
    if value in (None, "", [], {}):
        return None
    try:
        told = str(_WORDS[code](value, locale))
        return Told(told, is_long=len(told) > SHORT)
    except (KeyError, ValueError, TypeError, AttributeError):  # no word for it, or an older program's value
        pass
    if isinstance(value, bool):
        return Told(_("Yes") if value else _("No"))
    if isinstance(value, str):
        told = names.get(value, value)
    else:
        told = text if len(text) <= SHORT else json.dumps(value, ensure_ascii=False, indent=2)
    return Told(told, is_long=len(told) > SHORT)
