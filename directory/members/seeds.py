"""The founding members: those that the announcement names, with the facts that were found and where."""

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from babel.languages import get_official_languages
from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.audit import SYSTEM
from directory.db import take_turn
from directory.errors import Invalid
from directory.i18n.locales import match_tag
from directory.initiative.queries import DATA, get_initiative
from directory.members.entry import NewMember, NewOffering, NewSource
from directory.members.facts import ANNOUNCEMENT, ENTRY, offering_fact
from directory.members.models import Member, OldSlug
from directory.members.services import admit
from directory.members.vocab import Kind, OrganisationType

NOTE = "Founding member, from public sources"
_ADDRESS = re.compile(r"https?://[^\s()]+")


def seed_founders(session: Session, *, now: datetime) -> list[str]:
    """Add the founding members that are missing, in the announcement's order; return their slugs.

    One that is there, or was there under another slug, stays as it is: staff or the member may have corrected it.
    """
    take_turn(session)
    there = {*session.scalars(select(Member.slug)), *session.scalars(select(OldSlug.slug))}
    missing = [founder for founder in founders() if founder.slug not in there]
    return [admit(session, founder, by=SYSTEM, now=now, note=NOTE).slug for founder in missing]


def founders() -> list[NewMember]:
    """Return the founding members as entries, in the announcement's order."""
    raw = json.loads((DATA / "signatories.json").read_text(encoding="utf-8"))
    return [_founder(row, place) for place, row in enumerate(raw["signatories"], 1)]


def _founder(raw: dict[str, Any], place: int) -> NewMember:
    offerings = [
        NewOffering(titles={"en": service["title_en"]}, category=service["category_slug"], number=number)
        for number, service in enumerate(raw["services"], 1)
    ]
    return NewMember(
        kind=Kind(raw["kind"]),
        names=_official_first(raw["names"], raw["country"]),
        slug=raw["slug"],
        type=OrganisationType(raw["type"]) if raw["type"] else None,
        country=raw["country"],
        city=raw["seat_city"],
        website=raw["website"],
        founded=raw["founded"],
        offerings=tuple(offerings),
        sources=_sources(raw),
        named_on=date.fromisoformat(raw["named_in"]),
        named_order=place,
    )


def _official_first(names: Mapping[str, str], country: str | None) -> dict[str, str]:
    """Return the names with the one in the seat's own language first, since that is the official one."""
    own = {match_tag(language) or language for language in get_official_languages(country or "")}
    return {tag: names[tag] for tag in sorted(names, key=lambda tag: tag not in own)}


def _sources(raw: dict[str, Any]) -> tuple[NewSource, ...]:
    """Return the announcement, then each offering's source, then the addresses that the other facts come from."""
    announcement = get_initiative().source_address
    found = [NewSource(ANNOUNCEMENT, announcement)]
    found += [NewSource(offering_fact(n), service["source"]) for n, service in enumerate(raw["services"], 1)]
    named = {source.address for source in found}
    for text in raw["sources"]:
        match = _ADDRESS.search(text)
        if match is None:
            raise Invalid("sources", f"{text!a} has no address")
        if match[0] not in named:
            found.append(NewSource(ENTRY, match[0]))
    return tuple(found)
