"""A trap for programs that answer a form faster than anybody reads it. Nobody loses what they typed in it."""

from datetime import timedelta
from typing import Any

from flask import current_app
from itsdangerous import BadSignature, TimestampSigner

from directory.i18n import lazy_gettext as _l
from directory.web.forms import BaseForm, HiddenField, one_line

LEAST = timedelta(seconds=3)
MOST = timedelta(days=1)
_SENT_TOO_FAST = _l("This form came back very fast, or after more than a day. Nothing is lost: please send it once more.")
_SHOWN = b"shown"


class TimedForm(BaseForm):
    """A form that knows since when it is on the screen, by a signed time that nobody can make up."""

    since = HiddenField(filters=[one_line])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_submitted():
            self.since.data = _now()

    def was_read(self) -> bool:
        """Say whether the form was long enough on the screen; otherwise tell the person to send it once more.

        Whoever was too fast keeps the first time, so that a second click succeeds; a forged or old one is replaced.
        """
        if not current_app.config["TIME_TRAP_ENABLED"]:
            return True
        age = _age(self.since.data)
        if age is not None and age >= LEAST:
            return True
        if age is None:
            self.since.data = _now()
        self.form_errors.append(_SENT_TOO_FAST)
        return False


def _signer() -> TimestampSigner:
    return TimestampSigner(current_app.secret_key or "", salt="form-shown")


def _now() -> str:
    return _signer().sign(_SHOWN).decode()


def _age(signed: str | None) -> timedelta | None:
    """Return how long ago a time was signed; None where it is none of ours, or older than MOST."""
    try:
        _value, at = _signer().unsign(signed or "", max_age=int(MOST.total_seconds()), return_timestamp=True)
    except BadSignature:
        return None
    return _signer().timestamp_to_datetime(_signer().get_timestamp()) - at
