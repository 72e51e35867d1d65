"""The form by which staff add a member by hand."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, ClassVar

from wtforms import Field, HiddenField

from directory.i18n import gettext as _
from directory.i18n import lazy_gettext as _l
from directory.i18n.locales import LOCALES
from directory.initiative.queries import get_initiative
from directory.members.candidates import Candidate
from directory.members.desk_forms import CorrectForm
from directory.members.entry import NewMember, NewSignature
from directory.members.forms import with_blank
from directory.members.models import PERSON_MAX, REASON_MAX
from directory.members.vocab import Kind
from directory.web.forms import ChoiceField, DayField, LongTextField, TextField, TickField

BLANK = NewMember(kind=Kind.INSTITUTION, names={})


class AddForm(CorrectForm):
    """A whole entry of a new member. seen_alike: slugs of the members that the clerk was asked to compare with it."""

    NEEDS_NOTE: ClassVar[Any] = _l("Please say why this member is added.")
    statement_version = ChoiceField(
        _l("Version of the statement that was signed"),
        choices=lambda: [("", _("Not signed")), *((one.version, one.version) for one in get_initiative().statements)],
    )
    statement_tag = ChoiceField(
        _l("Language of the statement that was signed"),
        choices=lambda: with_blank((tag, one.own_name) for tag, one in LOCALES.items()),
    )
    signed_on = DayField(_l("Signed on"))
    signed_by = TextField(_l("Name of the person who signed"), most=PERSON_MAX)
    capacity = TextField(_l("In which capacity this person signed"), most=PERSON_MAX)
    seen_alike = HiddenField()
    is_another = TickField(_l("I have compared them: this is another organisation"))
    note = LongTextField(_l("Why this member is added"), most=REASON_MAX, rows=3)

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the entry, and that a signature is whole or not there at all."""
        fine = super().validate(extra_validators)
        signature: tuple[tuple[Field, str], ...] = (
            (self.statement_version, _("Please choose the version that was signed.")),
            (self.statement_tag, _("Please choose the language in which it was signed.")),
            (self.signed_on, _("Please write the day of the signature.")),
        )
        if any(field.data for field in (self.signed_by, self.capacity, *(field for field, _words in signature))):
            for field, words in signature:
                if not field.data:
                    field.errors = [*field.errors, words]
                    fine = False
        return fine

    def entry(self) -> NewMember:
        """Return what was typed as an entry."""
        signature = None
        if self.statement_version.data and (signed_on := self.signed_on.day_or_none):
            version, tag = self.statement_version.data, self.statement_tag.data or ""
            signature = NewSignature(version, tag, signed_on, self.signed_by.data or None, self.capacity.data or None)
        return replace(
            self.value(BLANK),
            joined_on=self.joined_on.day_or_none or (signature.signed_on if signature else None),
            signature=signature,
        )

    def is_compared_with(self, candidates: Iterable[Candidate]) -> bool:
        """Say whether the clerk was shown all of these members and said that this is another one."""
        return bool(self.is_another.data) and {one.member.slug for one in candidates} <= set((self.seen_alike.data or "").split())

    def ask_to_compare(self, candidates: Iterable[Candidate]) -> None:
        """Remember which members are shown, and ask for the clerk's word."""
        self.seen_alike.data = " ".join(one.member.slug for one in candidates)
        self.is_another.data = False
        self.is_another.errors = [_("Please compare it with the members that may be the same, and say that it is none of them.")]
