"""Doing one thing to several applications: choose in the queue, see what would happen and whom it writes to, confirm."""

from datetime import timedelta
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Forbidden

from directory.accounts.confirming import confirmed_where
from directory.accounts.guard import account, staff
from directory.accounts.models import Account
from directory.db import db
from directory.i18n import gettext as _
from directory.i18n import lazy_gettext as _l
from directory.i18n import lazy_pgettext as _lp
from directory.review import queries, rules
from directory.review.blueprint import WRITERS, bp, clock, status_url
from directory.review.previews import ANEW, CONFIRM, copies_text, effect_on_all
from directory.review.queue_filters import as_query, asked_filters
from directory.review.together import Chosen, Deed, Order, Outlook, carry_out, foresee, get_languages, may_do
from directory.review.together_forms import (
    AssignTogether,
    HoldTogether,
    SpamTogether,
    TogetherForm,
    asking_in,
    read_chosen,
)
from directory.review.together_letters import Letters, is_flawed, look_at_letters, may_go, with_amendments
from directory.web.forms import BaseForm
from directory.web.wording import reason_text

PREVIEW = "preview"
"""Value of the button that shows what would happen."""
WITHOUT_LETTER = frozenset({Deed.ASSIGN, Deed.HOLD})
"""deeds whose page shows what was filled in, and no letter made of it"""
DEED_LABELS = {
    Deed.ASSIGN: _lp("for several applications", "Assign"),
    Deed.HOLD: _lp("for several applications", "Put on hold"),
    Deed.ASK: _lp("for several applications", "Ask for changes"),
    Deed.SPAM: _lp("for several applications", "Put aside as spam"),
}
CONFIRM_LABELS = DEED_LABELS | {Deed.ASK: _l("Ask and send the letters")}
DOES = {
    Deed.ASSIGN: _l("Says who looks after these applications. Nobody is written to."),
    Deed.HOLD: _l(
        "For waiting on somebody other than the applicants. They see that we wait, but not the reason. Nobody is written to."
    ),
    Deed.ASK: _l("Each applicant is asked the same and can change the application; each gets a letter in their own language."),
    Deed.SPAM: _l(
        "The applications are rejected without a word. Nobody is written to; who looks at the status page sees that it was not "
        "approved, and can ask that it be looked at again."
    ),
}
_UNSEEN = _l("These are not the letters that you saw. Please look at them, then confirm.")
_OTHER = _l("This is not what you saw. Please look at it, then confirm.")
_CHANGED = _l("A colleague or the applicant changed it since you saw the list.")
_STATE = _l("This cannot be done in the state it is in.")


def _rejects() -> bool:
    return request.form.get("deed") == Deed.SPAM and request.form.get("do") == CONFIRM


@bp.post("/staff/applications/together")
@staff(*WRITERS)
@confirmed_where(_rejects)
def together() -> ResponseReturnValue:
    """Show what would happen to the chosen applications, or do it."""
    by, asked, is_ours = account(), request.form.get("do", ""), BaseForm().validate_on_submit()
    chosen, back = read_chosen(request.form.getlist("chosen")), url_for("review.queue", **_asked())
    deed = request.form.get("deed", "")
    if is_ours and (deed not in set(Deed) or not chosen):
        flash(_("Please tick applications first, and choose what to do with them."), "warning")
        return redirect(back, code=303)
    order = Order(Deed(deed) if deed in set(Deed) else Deed.ASSIGN)
    if not may_do(order.deed, by):
        abort(Forbidden.code)
    is_sent = asked in {PREVIEW, ANEW, CONFIRM} or ANEW in request.form or not is_ours
    form = _form(order.deed, by, chosen, is_sent=is_sent)
    if is_sent and form.validate_on_submit():
        order = form.order()
    outlook = foresee(db.session(), chosen, order, by=by, status_url=status_url)
    letters = look_at_letters(outlook)
    form.parts = {reference: told.part for reference, told in letters.items()}
    if asked == CONFIRM and not form.errors:
        if not may_go(letters):
            if not is_flawed(letters):
                form.form_errors.append(_UNSEEN)
        elif order.deed in WITHOUT_LETTER and request.form.get("shown", form.fingerprint) != form.fingerprint:
            form.form_errors.append(_OTHER)
        else:
            return _do(with_amendments(chosen, letters), order, by, back)
    is_ready, status = is_sent and not form.errors, form.error_status if form.error_list else 200
    return _page(form, outlook, letters, is_ready=is_ready), status


def deed_choices(by: Account) -> dict[Deed, Any]:
    """What this account may do to several applications, with its words."""
    return {deed: label for deed, label in DEED_LABELS.items() if may_do(deed, by)}


def _asked() -> dict[str, Any]:
    accounts = [one.public_id for one in queries.get_colleagues(db.session())]
    return as_query(asked_filters(request.args, accounts=accounts))


def _form(deed: Deed, by: Account, chosen: list[Chosen], *, is_sent: bool) -> TogetherForm:
    """Make the form of a deed, as it was sent or with what is proposed."""
    if deed is Deed.ASSIGN:
        colleagues = [one for one in queries.get_colleagues(db.session()) if rules.may_assign(by, one)]
        nobody, given = rules.may_assign(by, None), {} if is_sent else {"formdata": None, "data": {"assignee": by.public_id}}
        return AssignTogether(colleagues=colleagues, nobody=nobody, **given)
    if deed is Deed.ASK:
        proposed = (clock().date() + timedelta(days=rules.ANSWER_DAYS)).isoformat()
        form = asking_in(get_languages(db.session(), chosen))
        return form() if is_sent else form(formdata=None, data={"answer_by": proposed})
    form = HoldTogether if deed is Deed.HOLD else SpamTogether
    return form() if is_sent else form(formdata=None)


def _do(chosen: list[Chosen], order: Order, by: Account, back: str) -> ResponseReturnValue:
    session = db.session()
    done, left = carry_out(session, chosen, order, by=by, status_url=status_url, now=clock())
    session.commit()
    if done:
        flash(_("Done: %(references)s.", references=", ".join(done)), "success")
    if left:
        flash(
            _("Left as they are, since they changed or this cannot be done: %(references)s.", references=", ".join(left)),
            "warning",
        )
    return redirect(back, code=303)


def _page(form: TogetherForm, outlook: list[Outlook], letters: Letters, *, is_ready: bool) -> str:
    deed = form.deed
    possible = [one for one in outlook if not one.why_not]
    return render_template(
        "review/together.html",
        form=form,
        deed=deed,
        title=DEED_LABELS[deed],
        confirm=CONFIRM_LABELS[deed],
        effect=effect_on_all(Deed.ASK) if letters else [],
        does=DOES[deed],
        asked=_asked(),
        possible=possible,
        letters=letters,
        is_amended=any(told.shown.amendment for told in letters.values()),
        copies={one.application.reference: copies_text(one.application, one.letter.template) for one in possible if one.letter},
        impossible=[(one.application, _why_not(one.why_not)) for one in outlook if one.why_not],
        is_ready=is_ready and bool(possible),
        needs_details=deed is not Deed.SPAM,
    )


def _why_not(code: str) -> Any:
    return {"changed": _CHANGED, "state": _STATE}.get(code) or reason_text(code)
