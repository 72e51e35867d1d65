"""From the interchange format to an entry; anything unknown, malformed or too long is refused by name."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from directory.i18n.formats import COUNTRIES
from directory.initiative.queries import categories, sectors, zones
from directory.members.entry import (
    AlternateName,
    NewClaim,
    NewContact,
    NewMember,
    NewOffering,
    NewRegistration,
    NewSignature,
    NewSource,
)
from directory.members.facts import offering_number, parse_named
from directory.members.flaws import Flaw, Flawed
from directory.members.models import (
    CITY_MAX,
    DESCRIPTION_MAX,
    EMAIL_MAX,
    NAME_MAX,
    OFFERINGS_MAX,
    PERSON_MAX,
    PHONE_MAX,
    REGISTRATION_MAX,
    SCHEME_MAX,
    SUMMARY_MAX,
    TITLE_MAX,
    WEBSITE_MAX,
)
from directory.members.reading import (
    is_language,
    read_address,
    read_choice,
    read_codes,
    read_day,
    read_list,
    read_mail,
    read_mixed,
    read_object,
    read_optional,
    read_optional_choice,
    read_tag,
    read_tagged,
    read_text,
    read_website,
    read_year,
)
from directory.members.slugs import check_slug
from directory.members.vocab import Delivery, Direction, Fee, Kind, NameKind, OrganisationType

KEYS = (
    "slug", "kind", "type", "country", "city", "zones", "joined_on", "languages", "names", "summaries", "sectors", "website",
    "contact", "founded", "alternate_names", "registrations", "address", "signature", "claims", "offerings", "sources",
    "demonstration",
)  # fmt: skip
OFFERING_KEYS = (
    "title", "description", "category", "sectors", "serves", "languages", "delivery", "fee", "direction", "data",
)  # fmt: skip
FOUNDED_LOW, FOUNDED_HIGH = 500, 2100
FACT_MAX, ADDRESS_MAX, LINE_MAX, VERSION_MAX, CERTIFICATE_MAX = 300, 1000, 200, 32, 40
_COUNTRIES = frozenset(COUNTRIES)


def parse_record(record: Any) -> NewMember:
    """Return the entry that a record describes; its offerings are numbered by their places.

    Raises Flawed with the field and the flaw at the first thing that is wrong.
    """
    raw = read_object(record, "line", keys=KEYS, needed=("kind", "names"))
    names = read_tagged(raw["names"], "names", most=NAME_MAX)
    if not names:
        raise Flawed("names", Flaw.EMPTY)
    offerings = read_list(raw.get("offerings"), "offerings", _offering, most=OFFERINGS_MAX)
    sources, named_on, named_order = parse_named(read_list(raw.get("sources"), "sources", _source))
    for source in sources:
        if (offering_number(source.fact) or 0) > len(offerings):
            raise Flawed("sources", Flaw.NOT_OFFERED, fact=source.fact)
    country = raw.get("country")
    if country is not None and (not isinstance(country, str) or country not in _COUNTRIES):
        raise Flawed("country", Flaw.NOT_COUNTRY, value=country)
    if not isinstance(demonstration := raw.get("demonstration", False), bool):
        raise Flawed("demonstration", Flaw.NOT_BOOLEAN)
    slug = raw.get("slug")
    return NewMember(
        kind=read_choice(raw["kind"], "kind", Kind),
        names=names,
        slug=None if slug is None else check_slug(slug),
        type=read_optional_choice(raw.get("type"), "type", OrganisationType),
        country=country,
        city=read_optional(raw.get("city"), "city", most=CITY_MAX),
        address=_address(raw.get("address")),
        zones=read_codes(raw.get("zones"), "zones", zones().__contains__),
        sectors=read_codes(raw.get("sectors"), "sectors", sectors().__contains__),
        joined_on=read_day(raw.get("joined_on"), "joined_on"),
        languages=read_codes(raw.get("languages"), "languages", is_language),
        summaries=read_tagged(raw.get("summaries"), "summaries", most=SUMMARY_MAX, lines=True),
        alternate_names=read_list(raw.get("alternate_names"), "alternate_names", _alternate_name),
        website=read_website(raw.get("website"), "website", most=WEBSITE_MAX),
        founded=read_year(raw.get("founded"), "founded", low=FOUNDED_LOW, high=FOUNDED_HIGH),
        contact=_contact(raw.get("contact")),
        registrations=read_list(raw.get("registrations"), "registrations", _registration),
        claims=read_list(raw.get("claims"), "claims", _claim),
        offerings=tuple(replace(offering, number=place) for place, offering in enumerate(offerings, 1)),
        sources=sources,
        signature=_signature(raw.get("signature")),
        demonstration=demonstration,
        named_on=named_on,
        named_order=named_order,
    )


def _offering(value: Any, field: str) -> NewOffering:
    raw = read_object(value, field, keys=OFFERING_KEYS, needed=("title", "category"))
    titles = read_tagged(raw["title"], f"{field}.title", most=TITLE_MAX)
    if not titles:
        raise Flawed(f"{field}.title", Flaw.EMPTY)
    if not isinstance(raw["category"], str) or raw["category"] not in categories():
        raise Flawed(f"{field}.category", Flaw.UNKNOWN, value=raw["category"])
    return NewOffering(
        titles=titles,
        category=raw["category"],
        descriptions=read_tagged(raw.get("description"), f"{field}.description", most=DESCRIPTION_MAX, lines=True),
        sectors=read_codes(raw.get("sectors"), f"{field}.sectors", sectors().__contains__),
        serves=read_codes(raw.get("serves"), f"{field}.serves", _COUNTRIES),
        languages=read_codes(raw.get("languages"), f"{field}.languages", is_language),
        delivery=tuple(Delivery(way) for way in read_codes(raw.get("delivery"), f"{field}.delivery", frozenset(Delivery))),
        fee=read_optional_choice(raw.get("fee"), f"{field}.fee", Fee),
        direction=read_optional_choice(raw.get("direction"), f"{field}.direction", Direction),
        data=_mixed_object(raw.get("data"), f"{field}.data", keys=("from", "to", "instrument", "storage")),
    )


def _address(value: Any) -> dict[str, Any] | None:
    found = _mixed_object(value, "address", keys=("lines", "locality", "region", "postcode"))
    for key, part in (found or {}).items():
        if part is not None and isinstance(part, list) != (key == "lines"):
            raise Flawed(f"address.{key}", Flaw.NOT_TEXTS if key == "lines" else Flaw.NOT_TEXT)
    return found


def _mixed_object(value: Any, field: str, *, keys: tuple[str, ...]) -> dict[str, Any] | None:
    if value is None:
        return None
    raw = read_object(value, field, keys=keys)
    return {key: read_mixed(raw[key], f"{field}.{key}", most=LINE_MAX) for key in keys if key in raw} or None


def _contact(value: Any) -> NewContact | None:
    if value is None:
        return None
    raw = read_object(value, "contact", keys=("name", "email", "phone"))
    contact = NewContact(
        name=read_optional(raw.get("name"), "contact.name", most=PERSON_MAX),
        email=read_mail(raw.get("email"), "contact.email", most=EMAIL_MAX),
        phone=read_optional(raw.get("phone"), "contact.phone", most=PHONE_MAX),
    )
    return contact if contact != NewContact() else None


def _alternate_name(value: Any, field: str) -> AlternateName:
    raw = read_object(value, field, keys=("tag", "name", "kind"), needed=("tag", "name", "kind"))
    kind = read_choice(raw["kind"], f"{field}.kind", NameKind)
    if kind in {NameKind.OFFICIAL, NameKind.TRANSLATION}:
        raise Flawed(f"{field}.kind", Flaw.NOT_OTHER_NAME)
    return AlternateName(read_tag(raw["tag"], f"{field}.tag"), read_text(raw["name"], f"{field}.name", most=NAME_MAX), kind)


def _registration(value: Any, field: str) -> NewRegistration:
    raw = read_object(value, field, keys=("scheme", "value", "checked_on"), needed=("scheme", "value"))
    return NewRegistration(
        read_text(raw["scheme"], f"{field}.scheme", most=SCHEME_MAX),
        read_text(raw["value"], f"{field}.value", most=REGISTRATION_MAX),
        read_day(raw.get("checked_on"), f"{field}.checked_on"),
    )


def _claim(value: Any, field: str) -> NewClaim:
    raw = read_object(value, field, keys=("title", "issuer", "number", "valid_until", "seen_on"), needed=("title",))
    return NewClaim(
        title=read_text(raw["title"], f"{field}.title", most=TITLE_MAX),
        issuer=read_optional(raw.get("issuer"), f"{field}.issuer", most=NAME_MAX),
        number=read_optional(raw.get("number"), f"{field}.number", most=REGISTRATION_MAX),
        valid_until=read_day(raw.get("valid_until"), f"{field}.valid_until"),
        seen_on=read_day(raw.get("seen_on"), f"{field}.seen_on"),
    )


def _source(value: Any, field: str) -> NewSource:
    raw = read_object(value, field, keys=("fact", "address"), needed=("fact", "address"))
    return NewSource(
        read_text(raw["fact"], f"{field}.fact", most=FACT_MAX), read_address(raw["address"], f"{field}.address", most=ADDRESS_MAX)
    )


def _signature(value: Any) -> NewSignature | None:
    if value is None:
        return None
    keys = ("statement_version", "tag", "signed_on", "by", "capacity", "certificate")
    raw: Mapping[str, Any] = read_object(value, "signature", keys=keys, needed=keys[:3])
    signed_on = read_day(raw["signed_on"], "signature.signed_on")
    if signed_on is None:
        raise Flawed("signature.signed_on", Flaw.MISSING)
    return NewSignature(
        statement_version=read_text(raw["statement_version"], "signature.statement_version", most=VERSION_MAX),
        tag=read_tag(raw["tag"], "signature.tag"),
        signed_on=signed_on,
        signed_by=read_optional(raw.get("by"), "signature.by", most=PERSON_MAX),
        capacity=read_optional(raw.get("capacity"), "signature.capacity", most=PERSON_MAX),
        certificate=read_optional(raw.get("certificate"), "signature.certificate", most=CERTIFICATE_MAX),
    )
