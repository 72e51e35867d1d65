"""Suggestions while a visitor types: members by name, and kinds of services and sectors that somebody offers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from directory.i18n.content import choose
from directory.members.facets import Facets
from directory.members.labels import FACET_TITLES, value_label
from directory.members.published import confirm_published, read_shown
from directory.search.engine import Engine, Found, Request
from directory.search.marking import Marker

NAMES_MAX = 6
TOPICS_MAX = 3
TOPICS = ("category", "sector")


@dataclass(frozen=True)
class Suggestion:
    """Something a visitor may mean. tag: language of the text; kind: what it is, in the reader's words.

    slug: of a member, empty for a topic; facets: the list that a topic leads to, none for a member.
    """

    text: str
    tag: str
    kind: str
    slug: str = ""
    facets: Facets | None = None


def suggest(session: Session, engine: Engine, text: str, *, locale: str, today: date) -> list[Suggestion]:
    """Return what a visitor may mean by the beginning of a question, the best first; nothing for a text without letters.

    Raises SearchUnavailable while there is no index to ask.
    """
    marker = Marker(text)
    if not marker.words:
        return []
    return [*_members(session, engine, text, locale, today), *_topics(engine, marker, locale)]


def _members(session: Session, engine: Engine, text: str, locale: str, today: date) -> Iterator[Suggestion]:
    request = Request("member", locale, text, sort="relevance", per_page=NAMES_MAX, names_only=True)
    answer = engine.search(request)
    if answer.found is Found.PARTIAL:
        return
    known = (read_shown(shown.text) for shown in answer.shown if shown.text)
    for member in confirm_published(session, known, today=today, of=answer.version).values():
        shown = choose(member.name_texts, locale, first=member.official_name.tag)
        if shown:
            yield Suggestion(shown.text, shown.tag, value_label("kind", member.kind, locale), slug=member.slug)


def _topics(engine: Engine, marker: Marker, locale: str) -> Iterator[Suggestion]:
    """Yield the topics whose label has all the words, of those that somebody has."""
    counts = engine.search(Request("member", locale, per_page=1)).counts
    found = [
        Suggestion(label, locale, str(FACET_TITLES[facet]), facets=Facets().with_value(facet, value))
        for facet in TOPICS
        for value in counts[facet]
        if (marked := marker.mark(label := value_label(facet, value, locale))) and marked.words == len(marker.words)
    ]
    yield from found[:TOPICS_MAX]
