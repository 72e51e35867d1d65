"""The answers of an application: their shape, how people read them, and the entry that they become.

`Application.answers` holds one mapping for each `Step` that was saved, all of it JSON; nothing in it is required
until the application is submitted, so that every reader copes with what is absent:

    organisation: name, name_language, kind, type, website, founded (number), languages [tag],
                  sectors [slug], zones [slug], summary, summary_language
    names:        names [{name, language, kind (one of NAME_KINDS; none: translation)}]
    seat:         country (alpha-2), street (lines), postcode, city, region, precision (Precision; none: city),
                  registrations [{scheme, value}]
    contact:      name, addressed (how letters address the person), role, email, phone
    offerings:    offerings [{title, description, language, category, sectors, serves, languages, delivery, fee, direction}]
    documents:    files [{id, name, purpose, infected}], registration_later, logo_published, logo_crop
    statement:    version and language (of the text that was shown), accepted, signatory, capacity, sponsor (slug) and
                  sponsor_name; listed, contact_shared, abroad, and consents (version of their texts)
    twins:        denied [slug] (members that the applicant says it is not), same (slug of the one it says it is)

Before further names were a step, `organisation` had them; `part` reads both.
Before consents had versions, `contact` had shown (visitors may see it) and `statement` had processed; both are still read.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from directory.applications.models import Application
from directory.applications.vocab import (
    CROP_LABELS,
    FIELD_LABELS,
    PRECISION_LABELS,
    PURPOSE_LABELS,
    STEP_LABELS,
    Precision,
    Purpose,
    Step,
)
from directory.consents.queries import last_of
from directory.consents.vocab import ConsentKind
from directory.errors import Incomplete
from directory.i18n import force_locale
from directory.i18n import gettext as _
from directory.i18n.formats import country_name, language_name
from directory.i18n.locales import LOCALES
from directory.initiative.models import Taxonomy
from directory.initiative.queries import categories, sectors, zones
from directory.members.entry import AlternateName, NewContact, NewMember, NewOffering, NewRegistration, NewSignature
from directory.members.labels import NAME_KIND_LABELS
from directory.members.phones import phone_text
from directory.members.vocab import (
    DELIVERY_LABELS,
    DIRECTION_LABELS,
    FEE_LABELS,
    KIND_LABELS,
    SCHEME_LABELS,
    TYPE_LABELS,
    Delivery,
    Direction,
    Fee,
    Kind,
    NameKind,
    OrganisationType,
)

Answers = Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """One answer as people read it.

    tag: language of the values where they are the applicant's own words. link: where a web or mail address leads.
    place: where a text that staff may translate stands, such as `organisation.summary` or `offerings.0.title`.
    """

    label: str
    values: tuple[str, ...]
    tag: str | None = None
    link: str | None = None
    place: str = ""


@dataclass(frozen=True)
class Section:
    """The answers of one step, or of one offering. Only what was answered is in it. place: of an offering, from 0."""

    step: str
    title: str
    rows: tuple[Row, ...]
    place: int | None = None


@dataclass(frozen=True)
class Change:
    """One answer that differs. An empty tuple: not answered then, or not any more."""

    step: str
    label: str
    old: tuple[str, ...]
    new: tuple[str, ...]


def sections(answers: Answers, locale: str) -> list[Section]:
    """Lay the answers out for readers of `locale`: a section for each step, and one for each offering."""
    with force_locale(LOCALES[locale].babel):
        found = [Section(str(step), str(STEP_LABELS[step]), tuple(_rows(step, answers, locale))) for step in _PLAIN]
        services = [
            Section(Step.OFFERINGS, _("Service %(number)d", number=n + 1), tuple(_offering_rows(offering, n, locale)), place=n)
            for n, offering in enumerate(offerings_of(answers))
        ]
    return [section for section in (*found[:3], *services, *found[3:]) if section.rows]


def differences(old: Answers, new: Answers, locale: str) -> list[Change]:
    """List the answers that differ between two states, in the order of the form, for readers of `locale`."""
    before, after = _flat(old, locale), _flat(new, locale)
    order = [*after, *(key for key in before if key not in after)]
    rank = {str(step): place for place, step in enumerate(Step)}
    changed = [key for key in order if before.get(key, ()) != after.get(key, ())]
    return [
        Change(step, label, before.get((step, label), ()), after.get((step, label), ()))
        for step, label in sorted(changed, key=lambda key: rank[key[0]])
    ]


def organisation_name(answers: Answers) -> str:
    """Return the official name, or nothing while there is none."""
    return str(part(answers, Step.ORGANISATION).get("name") or "")


def part(answers: Answers, step: Step) -> Mapping[str, Any]:
    """Return what was answered in one step."""
    found: Mapping[str, Any] = answers.get(step) or {}
    if step is Step.ORGANISATION:
        return {field: value for field, value in found.items() if field != "names"}
    if step is Step.NAMES and str(step) not in answers:
        before = (answers.get(Step.ORGANISATION) or {}).get("names")
        return {"names": before} if before else {}
    return found


def with_names_apart(answers: Answers) -> dict[str, Any]:
    """Return answers whose further names stand in their own step, wherever they stood."""
    parts = {str(step): part(answers, step) for step in (Step.ORGANISATION, Step.NAMES)}
    return {**answers, **{step: dict(found) for step, found in parts.items() if found or step in answers}}


def names_of(answers: Answers) -> list[Mapping[str, Any]]:
    """Return the further names that are whole, each with its kind."""
    rows = part(answers, Step.NAMES).get("names") or []
    return [{"kind": NameKind.TRANSLATION} | row for row in rows if row.get("name") and row.get("language")]


def offerings_of(answers: Answers) -> list[Mapping[str, Any]]:
    """Return the offerings, in their order."""
    return list(part(answers, Step.OFFERINGS).get("offerings") or [])


def is_agreed(application: Application, kind: ConsentKind) -> bool:
    """Say whether a consent stands; one given before consents had versions stands as the answers say."""
    last = last_of(application.consents, kind)
    if last is not None:
        return last.revoked_at is None
    signed = part(application.answers, Step.STATEMENT)
    before = {
        ConsentKind.LISTED: signed.get("listed"),
        ConsentKind.CONTACT_SHARED: part(application.answers, Step.CONTACT).get("shown"),
    }
    return bool(signed.get("processed") and before.get(kind))


def as_new_member(application: Application, *, today: date) -> NewMember:
    """Turn a complete application into the entry that it asks for. today: the day it becomes a member.

    An offering without sectors of its own is for the organisation's. A term that was
    retired since becomes its successor. Raises Incomplete where the entry cannot be made.
    """
    answers = application.answers
    own, seat = part(answers, Step.ORGANISATION), part(answers, Step.SEAT)
    if not own.get("name") or not own.get("name_language") or not own.get("kind"):
        raise Incomplete(((Step.ORGANISATION, "name"),))
    names = names_of(answers)
    others = {row["language"]: row["name"] for row in names if row["kind"] == NameKind.TRANSLATION}
    return NewMember(
        kind=Kind(own["kind"]),
        names={own["name_language"]: own["name"]} | {tag: name for tag, name in others.items() if tag != own["name_language"]},
        type=OrganisationType(own["type"]) if own.get("type") else None,
        country=seat.get("country"),
        city=seat.get("city"),
        address=_public_address(seat),
        zones=_today(zones(), own.get("zones")),
        sectors=_today(sectors(), own.get("sectors")),
        joined_on=today,
        languages=tuple(own.get("languages") or ()),
        alternate_names=tuple(
            AlternateName(row["language"], row["name"], NameKind(row["kind"]))
            for row in names
            if row["kind"] != NameKind.TRANSLATION
        ),
        summaries={own["summary_language"]: own["summary"]} if own.get("summary") and own.get("summary_language") else {},
        website=own.get("website"),
        founded=own.get("founded"),
        contact=_contact(application),
        registrations=tuple(NewRegistration(r["scheme"], r["value"]) for r in _registrations(seat)),
        offerings=tuple(_offering(row, own.get("sectors") or ()) for row in offerings_of(answers)),
        signature=_signature(application, part(answers, Step.STATEMENT), today),
    )


_PLAIN = (Step.ORGANISATION, Step.NAMES, Step.SEAT, Step.CONTACT, Step.DOCUMENTS, Step.STATEMENT)


def _today(taxonomy: Taxonomy, slugs: Iterable[str] | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(taxonomy.resolve, slugs or ())))


def _public_address(seat: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the address for the entry, where the applicant chose to show it; otherwise staff alone see it."""
    if seat.get("precision") != Precision.ADDRESS or not seat.get("street"):
        return None
    lines = [line.strip() for line in seat["street"].splitlines() if line.strip()]
    return {"lines": lines, "locality": seat.get("city"), "region": seat.get("region"), "postcode": seat.get("postcode")}


def _contact(application: Application) -> NewContact:
    answered = part(application.answers, Step.CONTACT)
    return NewContact(
        name=answered.get("name"),
        email=answered.get("email"),
        phone=answered.get("phone"),
        locale=application.locale,
        shown=is_agreed(application, ConsentKind.CONTACT_SHARED),
    )


def _signature(application: Application, answered: Mapping[str, Any], today: date) -> NewSignature | None:
    if application.statement_version is None:
        return None
    accepted = application.statement_accepted_at
    return NewSignature(
        statement_version=application.statement_version,
        tag=answered.get("language") or application.locale,
        signed_on=accepted.date() if accepted else today,
        signed_by=answered.get("signatory"),
        capacity=answered.get("capacity"),
    )


def _offering(row: Mapping[str, Any], own_sectors: Iterable[str]) -> NewOffering:
    needed = [field for field in ("title", "language", "category") if not row.get(field)]
    if needed:
        raise Incomplete(tuple((str(Step.OFFERINGS), field) for field in needed))
    tag = row["language"]
    return NewOffering(
        titles={tag: row["title"]},
        descriptions={tag: row["description"]} if row.get("description") else {},
        category=categories().resolve(row["category"]),
        sectors=_today(sectors(), row.get("sectors") or own_sectors),
        serves=tuple(row.get("serves") or ()),
        languages=tuple(row.get("languages") or ()),
        delivery=tuple(Delivery(value) for value in row.get("delivery") or ()),
        fee=Fee(row["fee"]) if row.get("fee") else None,
        direction=Direction(row["direction"]) if row.get("direction") else None,
    )


def _registrations(seat: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [row for row in seat.get("registrations") or [] if row.get("scheme") and row.get("value")]


def _flat(answers: Answers, locale: str) -> dict[tuple[str, str], tuple[str, ...]]:
    flat = {}
    for section in sections(answers, locale):
        for row in section.rows:
            label = f"{section.title} · {row.label}" if section.step == Step.OFFERINGS else row.label
            flat[section.step, label] = row.values
    return flat


def _rows(step: Step, answers: Answers, locale: str) -> Iterator[Row]:
    answered = part(answers, step)
    for field, label in FIELD_LABELS[step].items():
        values = tuple(_texts(step, field, answered.get(field), locale))
        if field == "sponsor" and answered.get("sponsor_name"):
            values = (str(answered["sponsor_name"]),)
        if values:
            tag, place = answered.get(_OWN_WORDS.get((step, field), "")), f"{step}.{field}" if (step, field) in _FREE else ""
            yield Row(str(label), values, tag, _link(field, values[0]), place)


def _link(field: str, value: str) -> str | None:
    if field == "email":
        return f"mailto:{value}"
    if field == "website":
        return value if value.startswith(("https://", "http://")) else f"https://{value}"
    return None


def _offering_rows(offering: Mapping[str, Any], place: int, locale: str) -> Iterator[Row]:
    for field, label in FIELD_LABELS[Step.OFFERINGS].items():
        values, is_free = tuple(_texts(Step.OFFERINGS, field, offering.get(field), locale)), field in {"title", "description"}
        if values and is_free:
            yield Row(str(label), values, offering.get("language"), place=f"offerings.{place}.{field}")
        elif values:
            yield Row(str(label), values)


_OWN_WORDS = {(Step.ORGANISATION, "name"): "name_language", (Step.ORGANISATION, "summary"): "summary_language"}
_FREE = frozenset({*_OWN_WORDS, (Step.CONTACT, "role"), (Step.STATEMENT, "capacity")})
"""texts in the applicant's own words, besides those of offerings"""
_LANGUAGE_FIELDS = {"name_language", "summary_language", "language", "languages"}
_LABELS: dict[str, Mapping[Any, Any]] = {
    "kind": KIND_LABELS,
    "type": TYPE_LABELS,
    "delivery": DELIVERY_LABELS,
    "fee": FEE_LABELS,
    "precision": PRECISION_LABELS,
    "direction": DIRECTION_LABELS,
    "logo_crop": CROP_LABELS,
}


def _texts(step: Step, field: str, value: Any, locale: str) -> Iterator[str]:
    """Give the words for one answer; nothing for an empty one."""
    if isinstance(value, list):
        for one in value:
            yield from _texts(step, field, one, locale)
    elif isinstance(value, dict):
        yield from _pair(field, value, locale)
    elif isinstance(value, bool):
        yield _("Yes") if value else _("No")
    elif value not in (None, ""):
        yield _word(field, value, locale)


def _word(field: str, value: Any, locale: str) -> str:
    if field in _LANGUAGE_FIELDS:
        return language_name(value, locale)
    if field in {"country", "serves"}:
        return country_name(value, locale)
    for name, taxonomy in (("sectors", sectors), ("zones", zones), ("category", categories)):
        if field == name:
            return taxonomy().label(value, locale)
    return phone_text(value) if field == "phone" else str(_LABELS.get(field, {}).get(value, value))


def _pair(field: str, row: Mapping[str, Any], locale: str) -> Iterator[str]:
    if field == "names" and row.get("name"):
        language = language_name(row["language"], locale) if row.get("language") else ""
        name = _("%(name)s (%(language)s)", name=row["name"], language=language) if language else str(row["name"])
        kind = row.get("kind") or NameKind.TRANSLATION
        yield name if kind == NameKind.TRANSLATION else _("%(label)s: %(value)s", label=NAME_KIND_LABELS[kind], value=name)
    if field == "files":
        yield _("%(label)s: %(value)s", label=str(PURPOSE_LABELS[Purpose(row["purpose"])]), value=row["name"])
    if field == "registrations" and row.get("value"):
        scheme = str(SCHEME_LABELS.get(row.get("scheme") or "", row.get("scheme") or ""))
        yield _("%(register)s: %(number)s", register=scheme, number=row["value"]) if scheme else str(row["value"])
