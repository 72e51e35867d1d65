"""Forms of accounts. They check shape; what is right is checked by the services."""

from collections.abc import Iterable
from typing import Any

from directory.accounts.models import (
    EMAIL_MAX,
    NAME_MAX,
    PASSKEY_NAME_MAX,
    PASSWORD_MAX,
    PASSWORD_MIN,
    REASON_MAX,
    ROLE_LABELS,
    Role,
)
from directory.i18n import gettext as _
from directory.i18n import lazy_gettext as _l
from directory.i18n.locales import LOCALES
from directory.web.forms import (
    BaseForm,
    BoxesField,
    ChoiceField,
    EmailField,
    HiddenField,
    LongTextField,
    Needed,
    SecretField,
    StopValidation,
    TextField,
    ValidationError,
    at_least,
    at_most,
)

CODE_MAX = 20
_EMAIL_NEEDED = Needed(_l("Please write the mail address."))
_CODE = {"autocomplete": "one-time-code", "inputmode": "numeric", "dir": "ltr"}


class NeededWithoutPasskey(Needed):
    """Refuse an empty answer, unless a passkey came in its place."""

    def __call__(self, form: Any, field: Any) -> None:
        """Skip the field where a passkey came."""
        if form.passkey.data:
            field.errors = []
            raise StopValidation
        super().__call__(form, field)


class SignInForm(BaseForm):
    """Address, password and code on one form, so that password managers can fill it. A script may put a passkey for the code."""

    email = TextField(
        _l("Mail address"),
        most=EMAIL_MAX,
        validators=[_EMAIL_NEEDED],
        render_kw={"type": "email", "autocomplete": "username", "dir": "ltr"},
    )
    password = SecretField(
        _l("Password"), validators=[Needed(_l("Please write your password."))], render_kw={"autocomplete": "current-password"}
    )
    code = TextField(
        _l("Code of your authenticator"),
        most=CODE_MAX,
        validators=[NeededWithoutPasskey(_l("Please write the six digits that your authenticator shows."))],
        render_kw=_CODE | {"inputmode": "text"},
    )
    passkey = HiddenField()


class ConfirmForm(BaseForm):
    """Password and code once more, or a passkey, of whoever is signed in."""

    password = SecretField(
        _l("Password"),
        validators=[NeededWithoutPasskey(_l("Please write your password."))],
        render_kw={"autocomplete": "current-password"},
    )
    code = TextField(
        _l("Code of your authenticator"),
        most=CODE_MAX,
        validators=[NeededWithoutPasskey(_l("Please write the six digits that your authenticator shows."))],
        render_kw=_CODE,
    )
    passkey = HiddenField()


class AskResetForm(BaseForm):
    """Whose password is forgotten."""

    email = EmailField(_l("Mail address"), most=EMAIL_MAX, validators=[_EMAIL_NEEDED])


class PasswordForm(BaseForm):
    """A new password, twice."""

    password = SecretField(
        _l("New password"),
        validators=[Needed(_l("Please choose a password.")), at_least(PASSWORD_MIN), at_most(PASSWORD_MAX)],
        render_kw={"autocomplete": "new-password"},
    )
    again = SecretField(
        _l("The same password again"),
        validators=[Needed(_l("Please write the password a second time."))],
        render_kw={"autocomplete": "new-password"},
    )

    def validate_again(self, field: Any) -> None:
        """Refuse a slip of the finger."""
        if field.data != self.password.data:
            raise ValidationError(_("The two passwords differ. Please write the same one twice."))


class NewPasswordForm(PasswordForm):
    """A new password, proved by a code."""

    code = TextField(
        _l("Code of your authenticator"),
        most=CODE_MAX,
        validators=[Needed(_l("Please write the six digits that your authenticator shows."))],
        render_kw=_CODE,
    )


class SetUpForm(NewPasswordForm):
    """The first password, and the name that colleagues read."""

    name = TextField(_l("Your name, as colleagues should read it"), most=NAME_MAX, autocomplete="name")


class ProfileForm(BaseForm):
    """What a person sets about themselves."""

    name = TextField(_l("Your name, as colleagues should read it"), most=NAME_MAX, autocomplete="name")
    locale = ChoiceField(
        _l("Language of letters to you"), validators=[Needed(_l("Please choose the language of letters to you."))]
    )

    def __init__(self, *, tags: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.locale.choices = [(tag, LOCALES[tag].own_name) for tag in tags]


class PasskeyNameForm(BaseForm):
    """What a person calls a passkey."""

    name = TextField(
        _l("Name of the passkey"), most=PASSKEY_NAME_MAX, validators=[Needed(_l("Please write a name for the passkey."))]
    )


class NewPasskeyForm(PasskeyNameForm):
    """A passkey that a script had the browser make."""

    passkey = HiddenField()


class RolesForm(BaseForm):
    """What an account may do. seen: the roles that it had when the page was made."""

    seen = HiddenField()
    roles = BoxesField(_l("Roles"), validators=[Needed(_l("Please tick at least one role."))])

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.roles.choices = [(str(role), str(ROLE_LABELS[role])) for role in Role]

    @property
    def chosen(self) -> list[Role]:
        """The ticked roles."""
        return [Role(value) for value in self.roles.data or ()]

    @property
    def seen_roles(self) -> set[Role] | None:
        """The roles that were seen; None for a form that does not say."""
        return None if self.seen.data is None else {Role(value) for value in self.seen.data.split() if value in set(Role)}

    def show(self, roles: Iterable[Role]) -> None:
        """Say which roles there are now."""
        self.seen.data = " ".join(sorted(roles))


class ReasonForm(BaseForm):
    """Why an account is closed, opened or renewed."""

    reason = LongTextField(
        _l("Reason"), most=REASON_MAX, rows=2, validators=[Needed(_l("Please write the reason in a sentence or two."))]
    )


class ChangeRolesForm(RolesForm, ReasonForm):
    """What an account may do from now on, and why."""


class InviteForm(RolesForm):
    """Whom to add, and what they may do."""

    email = EmailField(_l("Mail address"), most=EMAIL_MAX, validators=[_EMAIL_NEEDED])
    locale = ChoiceField(
        _l("Language of letters to this person"), validators=[Needed(_l("Please choose the language of letters."))]
    )

    def __init__(self, *, tags: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.locale.choices = [(tag, LOCALES[tag].own_name) for tag in tags]
