"""The form that merges two entries."""

from typing import Any

from wtforms import HiddenField

from directory.i18n import lazy_gettext as _l
from directory.members.models import REASON_MAX, Member
from directory.members.rules import REASON_MIN
from directory.web.forms import BoxesField, LongTextField, Needed, SeenForm, TickField, at_least, seen_number

REFUSED = {
    "itself": _l("This is the same entry. Please choose another one."),
    "standing": _l("The entry that stays must be in good standing. Please restore it first, or let the other one stay."),
    "demonstration": _l("One of them is demonstration data and the other one is not. They cannot be one organisation."),
    "offerings": _l("There is no room for so many services in one entry. Please tick fewer of them."),
}
"""Sentences for the reasons for which entries must stay apart."""


class MergeForm(SeenForm):
    """Which services go over, and why. into: slug of the entry that stays; seen_into: its version as it was shown."""

    into = HiddenField()
    seen_into = HiddenField()
    offerings = BoxesField(_l("Services that the other entry takes over"))
    note = LongTextField(
        _l("Why they are one organisation"),
        most=REASON_MAX,
        rows=3,
        validators=[Needed(_l("Please write the reason.")), at_least(REASON_MIN)],
    )
    is_sure = TickField(
        _l("I have compared both entries, and I know that this cannot be undone"),
        validators=[Needed(_l("Please compare both entries, and say that you did."))],
    )

    def __init__(self, member: Member, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.offerings.choices = [
            (str(offering.number), next(iter(offering.titles.values()), str(offering.number))) for offering in member.offerings
        ]

    @property
    def into_version(self) -> int:
        """The version of the entry that stays, as it was seen."""
        return seen_number(self.seen_into.data)

    def show(self, member: Member, into: Member) -> None:
        """Note which states of both entries the page shows."""
        self.seen_version.data, self.seen_into.data, self.into.data = str(member.version), str(into.version), into.slug
