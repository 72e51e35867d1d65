"""Forms of an application besides its steps: single buttons, sending, answers to points."""

from collections.abc import Iterable
from typing import Any

from wtforms import StringField

from directory.applications.models import EMAIL_MAX, WORDS_MAX
from directory.applications.rows import Asked
from directory.i18n import gettext as _
from directory.i18n import lazy_gettext as _l
from directory.members.models import PERSON_MAX
from directory.web.forms import (
    BaseForm,
    EmailField,
    HiddenField,
    LongTextField,
    Needed,
    SeenForm,
    TextField,
    TickField,
    one_line,
)
from directory.web.timing import TimedForm

SENT = object()
"""stands for what a request sent, if it sent anything"""


class EmptyForm(BaseForm):
    """A form of one button. `email_again` is a trap that people do not see."""

    email_again = StringField(_l("Leave this empty"), filters=[one_line], render_kw={"autocomplete": "off", "tabindex": "-1"})


class StartForm(EmptyForm, TimedForm):
    """The button that begins an application."""


class LinkForm(EmptyForm):
    """Ask for a link to an address that was proved; without one it goes to the contact's."""

    email = EmailField(_l("Your e-mail address"), most=EMAIL_MAX)


class LostLinkForm(EmptyForm):
    """Ask for links to all applications in which an address was proved."""

    email = EmailField(
        _l("Your e-mail address"),
        most=EMAIL_MAX,
        validators=[Needed(_l("Please write the address to which the link should go."))],
    )


class InviteForm(BaseForm):
    """Invite a colleague."""

    name = TextField(
        _l("Name of your colleague"), most=PERSON_MAX, validators=[Needed(_l("Please write the name of your colleague."))]
    )
    email = EmailField(
        _l("Your colleague’s e-mail address"),
        most=EMAIL_MAX,
        validators=[Needed(_l("Please write the address to which the link should go."))],
    )


class CopiesForm(BaseForm):
    """Whether one wants copies."""

    wanted = TickField(_l("Send me a copy when the association writes, asks for changes or decides"))


class SubmitForm(SeenForm):
    """Send the application as it stood on the page."""


class ConsentForm(BaseForm):
    """Take a consent back, or give it. deed: which, as the page was made; version: of the text that was read."""

    deed = HiddenField(filters=[one_line])
    version = HiddenField(filters=[one_line])


class TwinForm(BaseForm):
    """Say whether a member is one's own organisation. page: the one that asked, to go back to."""

    member = StringField(filters=[one_line])
    said = StringField(filters=[one_line])
    page = StringField(filters=[one_line])

    @property
    def is_same(self) -> bool:
        """Whether it is; anything but a plain yes is a no."""
        return self.said.data == "same"


class AnswersForm(SubmitForm):
    """Answers to staff's points, each in a field of its own, named by the point."""

    def refuse_empty(self) -> None:
        """Say beside each point that has no answer what is missing."""
        for name, field in self._fields.items():
            if name.startswith("point-") and not field.data:
                field.errors = [_("Please answer this point, be it in a few words.")]

    action = StringField(filters=[one_line])
    seen_answers = HiddenField(filters=[one_line])

    @property
    def answers(self) -> dict[int, str]:
        """The answers by the number of their point."""
        return {
            int(name.removeprefix("point-")): field.data or ""
            for name, field in self._fields.items()
            if name.startswith("point-")
        }


class AppealForm(BaseForm):
    """Ask to look at a decision again."""

    words = LongTextField(
        _l("What did we overlook?"), most=WORDS_MAX, rows=5, validators=[Needed(_l("Please write what we should look at again."))]
    )


class MessageForm(BaseForm):
    """Write to staff."""

    words = LongTextField(
        _l("Your message to the association"), most=WORDS_MAX, rows=4, validators=[Needed(_l("Please write your message."))]
    )


def answers_form(points: Iterable[Any], *, formdata: Any = SENT, **values: Any) -> AnswersForm:
    """Make the form for these points. formdata: none where another form was sent."""

    class Form(AnswersForm):
        """One field for each point."""

    data = dict(values)
    for number, point in enumerate(points, 1):
        label = _("Your answer to point %(number)d", number=number)
        setattr(Form, f"point-{point.id}", LongTextField(label, most=WORDS_MAX, rows=3, validators=[Asked()]))
        data[f"point-{point.id}"] = point.answer
    return Form(data=data, formdata=formdata)
