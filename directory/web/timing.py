"""Forms that strangers send: a person needs some seconds to read one, and nobody sends one again after a day.

A form that comes too soon, too late or without its mark comes back with everything in it, to be sent once more.
"""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import current_app, request
from itsdangerous import BadSignature, TimestampSigner

from directory.i18n import lazy_gettext as _l
from directory.web.forms import FORM, BaseForm, HiddenField, one_line

SOONEST = timedelta(seconds=3)
LATEST = timedelta(days=1)
SENDS_MOST = "3 per day"
"""of one form as it was handed out: who goes back and sends it again is a person for as long as it is not a hundred times"""
ONCE_MORE = _l("Please send it once more: that tells us that no program sent it. Nothing you entered is lost.")


class TimedForm(BaseForm):
    """A form that knows when its page was made. opened: that time, signed."""

    opened = HiddenField(filters=[one_line])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._age = _age_of(self.opened.data)
        if self._age is None or self._age > LATEST:
            self._hand_out()

    def ask_again(self) -> None:
        """Ask to send the form once more, with a mark of its own: the one it had is used up."""
        self._hand_out()
        self.form_errors.append(ONCE_MORE)

    def _hand_out(self) -> None:
        self.opened.data = _signer().sign(secrets.token_urlsafe(6)).decode()

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each field, and the time that passed."""
        fine = bool(super().validate(extra_validators))
        if not current_app.config["FORM_TIMES_CHECKED"] or (self._age is not None and SOONEST <= self._age <= LATEST):
            return fine
        self.form_errors.append(ONCE_MORE)
        return False

    @property
    def error_list(self) -> list[tuple[str, str, str]]:
        """The same as for any form; sending once more is no field's fault."""
        return [("" if name == FORM else id_, name, message) for id_, name, message in super().error_list]


def opened_mark() -> str:
    """Return the mark of the form that was sent: what repeated sending of one form is counted by."""
    return f"opened {request.form.get('opened', '')}"


def has_no_mark() -> bool:
    """Say whether the form that was sent carries no mark, so that there is nothing to count."""
    return not request.form.get("opened")


def _age_of(mark: str | None) -> timedelta | None:
    try:
        _text, at = _signer().unsign(mark or "", return_timestamp=True)
    except BadSignature:
        return None
    return datetime.now(UTC) - at


def _signer() -> TimestampSigner:
    return TimestampSigner(str(current_app.secret_key), salt="form opened")
