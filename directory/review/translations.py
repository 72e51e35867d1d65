"""What staff translate for each other: the applicant's own words in another language, never made by a machine.

A translation belongs to the words that were translated, wherever they stand: where an offering moves up, it goes along.
Nobody but staff ever sees one.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from directory.accounts.models import Account
from directory.applications import conversation
from directory.applications.answers import Section, sections
from directory.applications.conversation import Said
from directory.applications.models import Application, Translation
from directory.applications.queries import get_by_reference
from directory.errors import Conflict, WrongStatus
from directory.i18n import gettext as _
from directory.i18n.content import choose
from directory.i18n.formats import number_text
from directory.review import rules
from directory.review.moving import record

TEXT_MAX = 8000


@dataclass(frozen=True)
class FreeText:
    """A text in the applicant's own words. place: where it stands; tag: the language that it is in, as far as is known."""

    place: str
    label: str
    text: str
    tag: str

    @property
    def digest(self) -> str:
        """What tells whether the text is still the one that was translated."""
        return digest(self.text)


@dataclass(frozen=True)
class Shown:
    """A translation beside its text. is_current: the text is still the one that was translated."""

    row: Translation
    is_current: bool


@dataclass(frozen=True)
class Typed:
    """What a clerk wrote for one text; blank takes the translation away. source: digest of the text that they saw.

    is_right: they found the translation that stands still right for the text, which had changed; counts where they left its
    words as they were.
    """

    text: str
    source: str
    is_right: bool = False


def digest(text: str) -> str:
    """Name a text by what it says."""
    return hashlib.sha256(text.encode()).hexdigest()


def free_texts(application: Application, locale: str, found: Sequence[Section] | None = None) -> list[FreeText]:
    """List all texts in the applicant's own words, as they were last sent, with labels for a reader of `locale`.

    found: the answers as laid out for that reader, where they are at hand.
    """
    if found is None:
        found = sections(application.sent_answers, locale)
    return [*_of_answers(application, found), *_of_conversation(application, locale)]


def get_translations(session: Session, application: Application) -> list[Translation]:
    """Return all translations of an application's texts, with who wrote and who confirmed them."""
    people = (joinedload(Translation.by), joinedload(Translation.confirmed_by))
    rows = select(Translation).where(Translation.application_id == application.id).options(*people)
    return list(session.scalars(rows.order_by(Translation.id)))


def shown_beside(texts: list[FreeText], rows: Sequence[Translation], locale: str) -> dict[str, Shown]:
    """Choose the translation to show beside each text, by its place: in the language `locale`, else what comes nearest."""
    found: dict[str, Shown] = {}
    by_tag = {tag: in_language(texts, rows, tag) for tag in dict.fromkeys(row.tag for row in rows)}
    for text in texts:
        of_text = {tag: shown[text.place] for tag, shown in by_tag.items() if text.place in shown}
        chosen = choose({tag: shown.row.text for tag, shown in of_text.items()}, locale)
        if chosen:
            found[text.place] = of_text[chosen.tag]
    return found


def in_language(texts: list[FreeText], rows: Sequence[Translation], tag: str) -> dict[str, Shown]:
    """Return the translations into one language by the place of their text.

    What was made of the very words comes first; what was made of other words that stood there is shown as outdated,
    unless those words stand elsewhere now.
    """
    own = [row for row in rows if row.tag == tag]
    by_digest, by_place = {row.source_digest: row for row in own}, {row.place: row for row in own}
    standing = {text.digest for text in texts}
    found = {}
    for text in texts:
        row, former = by_digest.get(text.digest), by_place.get(text.place)
        if row is not None:
            found[text.place] = Shown(row, is_current=True)
        elif former is not None and former.source_digest not in standing:
            found[text.place] = Shown(former, is_current=False)
    return found


def stamp(shown: Mapping[str, Shown]) -> str:
    """Name the translations into one language as a page shows them, so that one made from older ones is noticed."""
    return digest("\n".join(f"{place} {digest(one.row.text)}" for place, one in sorted(shown.items())))


def save(
    session: Session,
    application: Application,
    typed: Mapping[str, Typed],
    *,
    by: Account,
    tag: str,
    seen: str,
    now: datetime,
) -> int:
    """Keep what a clerk wrote or confirmed in one language, and return how many translations that changed.

    typed: by the place of the text; places that are not there any more are left alone. tag: the language. seen: `stamp`
    of the translations on the page. Raises NotAllowed unless `by` takes part in the work, Conflict where a colleague
    saved others meanwhile, WrongStatus where retention left no texts.
    """
    get_by_reference(session, application.reference, with_for_update=True)
    rules.require_may_write(by)
    if application.reduced_at is not None:
        raise WrongStatus(str(application.state), "translate")
    texts, rows = free_texts(application, tag), get_translations(session, application)
    shown = in_language(texts, rows, tag)
    old = {text.place: shown[text.place].row.text if text.place in shown else "" for text in texts}
    changed = [text for text in texts if text.place in typed and typed[text.place].text != old[text.place]]
    right = [place for place, one in shown.items() if not one.is_current and _is_confirmed(typed.get(place), one)]
    if (changed or right) and seen != stamp(shown):
        raise Conflict("translations were changed meanwhile")
    if not changed and not right:
        return 0
    kept = {text.place: shown[text.place].row for text in texts if text.place in shown and text not in changed}
    fresh = [_copy(row, place) for place, row in kept.items()]
    for row in fresh:
        if row.place in right:
            row.source_digest, row.confirmed_by_id, row.confirmed_at = typed[row.place].source, by.id, now
    for text in changed:
        if typed[text.place].text:
            one = typed[text.place]
            values = {"place": text.place, "tag": tag, "text": one.text, "source_digest": one.source, "by_id": by.id, "at": now}
            fresh.append(Translation(application_id=application.id, **values))
    used, taken = {one.row.id for one in shown.values()}, {row.place for row in fresh}
    for row in rows:  # what fits no text now stays: the text may come back
        if row.tag == tag and (row.id in used or row.place in taken):
            session.delete(row)
    session.flush()  # the places are free before others take them
    session.add_all(fresh)
    session.expire(application, ["translations"])
    changes = {f"{text.place}@{tag}": (old[text.place] or None, typed[text.place].text or None) for text in changed}
    confirmed = {"confirmed": (None, [f"{place}@{tag}" for place in right])} if right else {}
    record(session, application, "translate", by, now, {**changes, **confirmed})
    return len(changed) + len(right)


def _is_confirmed(typed: Typed | None, standing: Shown) -> bool:
    return typed is not None and typed.is_right and typed.text == standing.row.text


def _copy(row: Translation, place: str) -> Translation:
    columns = ("application_id", "tag", "text", "source_digest", "by_id", "at", "confirmed_by_id", "confirmed_at")
    return Translation(place=place, **{column: getattr(row, column) for column in columns})


def _of_answers(application: Application, found: Sequence[Section]) -> Iterator[FreeText]:
    for section in found:
        for row in section.rows:
            if row.place:
                label = _("%(label)s: %(value)s", label=section.title, value=row.label)
                yield FreeText(row.place, label, row.values[0], row.tag or application.locale)


def _of_conversation(application: Application, locale: str) -> Iterator[FreeText]:
    for entry in conversation.entries(application):
        if entry.said is Said.ANSWERED:
            for number, point in entry.points:
                label = _("Answer to point %(number)s", number=number_text(number, locale))
                yield FreeText(f"points.{point.id}.answer", label, point.answer, application.locale)
        elif entry.by is None and entry.text:
            label = _("Why the applicant asks to look again") if entry.said is Said.APPEAL else _("Message of the applicant")
            yield FreeText(entry.place, label, entry.text, application.locale)
