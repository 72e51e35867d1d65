"""A member's name in addresses: made from its name, never given twice."""

import re
from collections.abc import Mapping
from typing import Any

from anyascii import anyascii
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from directory.i18n.locales import SOURCE
from directory.members.flaws import Flaw, Flawed
from directory.members.models import SLUG_MAX, Member, OldSlug

RESERVED = frozenset({"all", "api", "compare", "coverage", "export", "feed", "import", "index", "map", "new", "search"})
"""Words that the site may want for pages of its own beside the members'."""
SUFFIX_ROOM = 8
_SHAPE = re.compile(r"[a-z0-9-]+")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")


def check_slug(slug: Any) -> str:
    """Return `slug` if it may be one. Raises Invalid otherwise."""
    if not isinstance(slug, str) or not _SHAPE.fullmatch(slug):
        raise Flawed("slug", Flaw.SLUG_SHAPE)
    if len(slug) > SLUG_MAX:
        raise Flawed("slug", Flaw.LONG, most=SLUG_MAX)
    if slug in RESERVED or slug.strip("-") == "":
        raise Flawed("slug", Flaw.RESERVED)
    return slug


def slug_from(names: Mapping[str, str]) -> str:
    """Make a slug from the English name, else from the official one in Latin letters. names: {tag: name}, official first."""
    name = names.get(SOURCE) or next(iter(names.values()))
    return _NOT_SLUG.sub("-", anyascii(name).lower()).strip("-")[: SLUG_MAX - SUFFIX_ROOM].strip("-") or "member"


def free_slug(session: Session, base: str) -> str:
    """Return `base`, or `base` with the first number that makes it free. Call it after `take_turn`."""
    taken = taken_slugs(session, base) | RESERVED
    if base not in taken:
        return base
    number = 2
    while f"{base}-{number}" in taken:
        number += 1
    return f"{base}-{number}"


def taken_slugs(session: Session, base: str) -> set[str]:
    """Return `base` and `base-…` as far as members have or had them."""
    like = f"{base}-%"
    members = select(Member.slug).where(or_(Member.slug == base, Member.slug.like(like)))
    old = select(OldSlug.slug).where(or_(OldSlug.slug == base, OldSlug.slug.like(like)))
    return {*session.scalars(members), *session.scalars(old)}


def require_free(session: Session, slug: str, *, for_member: int | None = None) -> None:
    """Refuse a slug that another member has or had. Raises Invalid."""
    owners = (select(Member.id).where(Member.slug == slug), select(OldSlug.member_id).where(OldSlug.slug == slug))
    if any(owner not in {None, for_member} for owner in (session.scalar(statement) for statement in owners)):
        raise Flawed("slug", Flaw.OF_ANOTHER)
