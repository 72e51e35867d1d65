"""What the status page shows of the conversation with staff, and the form to write to them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from directory.applications import conversation
from directory.applications.buttons import MessageForm
from directory.applications.conversation import Entry, Said
from directory.applications.models import Application
from directory.applications.states import State
from directory.i18n import lazy_gettext as _l

SAID_LABELS = {
    (Said.MESSAGE, True): _l("The association wrote"),
    (Said.MESSAGE, False): _l("You wrote"),
    (Said.ASKED, True): _l("The association asked"),
    (Said.ANSWERED, False): _l("You answered"),
    (Said.APPEAL, False): _l("You asked us to look again"),
}
"""Words for an entry, by whether it is of staff."""


def shown_conversation(application: Application, form: MessageForm | None = None) -> dict[str, Any]:
    """Return what the status page needs of it. form: one that is not right yet, to be shown again."""
    can_write = conversation.may_write(application)
    return {
        "talk": list(_entries(application)),
        "said_labels": SAID_LABELS,
        "message_form": form or (MessageForm(formdata=None, prefix="message") if can_write else None),
    }


def _entries(application: Application) -> Iterator[Entry]:
    """Give all entries, without the points that wait for an answer in a form of their own."""
    waits = application.state == State.CHANGES_REQUESTED
    for entry in conversation.entries(application):
        points = tuple(pair for pair in entry.points if pair[1].answered_at or not waits)
        if points or not entry.points:
            yield replace(entry, points=points)
