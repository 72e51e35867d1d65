import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from directory.errors import Invalid
from directory.i18n.formats import COUNTRIES, LANGUAGES
from directory.initiative.queries import categories, sectors, zones
from directory.members.interchange import as_record, parse_record
from directory.members.invented import invented_member
from directory.members.models import NAME_MAX, OFFERINGS_MAX, SUMMARY_MAX, TITLE_MAX
from directory.members.parsing import KEYS, OFFERING_KEYS
from directory.members.vocab import Delivery, Direction, Fee, Kind, OrganisationType
from tests.factories import full_member

LETTERS = st.characters(exclude_categories=("Cc", "Cs", "Cf", "Zl", "Zp", "Cn", "Co", "Zs"))


def _texts(most: int, least: int = 1) -> st.SearchStrategy[str]:
    return st.text(LETTERS, min_size=least, max_size=min(most, 12))


def _tagged(most: int, least: int = 0) -> st.SearchStrategy[dict[str, str]]:
    return st.dictionaries(st.sampled_from(LANGUAGES), _texts(most), min_size=least, max_size=3)


def _some(codes) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(list(map(str, codes))), unique=True, max_size=3)


def _maybe(strategy: st.SearchStrategy) -> st.SearchStrategy:
    return st.none() | strategy


DAYS = st.dates(date(1900, 1, 1), date(2100, 1, 1)).map(date.isoformat)
ADDRESS = st.just("https://a.example/x")
OFFERING = st.fixed_dictionaries(
    {
        "title": _tagged(TITLE_MAX, 1),
        "description": _tagged(2000),
        "category": st.sampled_from(list(categories().terms)),
        "sectors": _some(sectors().terms),
        "serves": _some(COUNTRIES),
        "languages": _some(LANGUAGES),
        "delivery": _some(Delivery),
        "fee": _maybe(st.sampled_from(list(map(str, Fee)))),
        "direction": _maybe(st.sampled_from(list(map(str, Direction)))),
    },
    optional={"data": st.fixed_dictionaries({"from": st.just(["CN"])}, optional={"to": _texts(20), "storage": st.none()})},
)
RECORD = st.fixed_dictionaries(
    {
        "slug": st.from_regex(r"[a-z0-9]{3,12}-x", fullmatch=True),
        "kind": st.sampled_from(list(map(str, Kind))),
        "type": _maybe(st.sampled_from(list(map(str, OrganisationType)))),
        "country": _maybe(st.sampled_from(COUNTRIES)),
        "city": _maybe(_texts(100)),
        "zones": _some(zones().terms),
        "sectors": _some(sectors().terms),
        "joined_on": _maybe(DAYS),
        "languages": _some(LANGUAGES),
        "names": _tagged(NAME_MAX, 1),
        "summaries": _tagged(SUMMARY_MAX),
        "offerings": st.lists(OFFERING, max_size=3),
    },
    optional={
        "website": st.sampled_from(["a.example", "https://a.example/", "http://a.example:8080/x?y=1"]),
        "contact": st.fixed_dictionaries({"name": _texts(100)}, optional={"email": st.just("a@b.example")}),
        "founded": st.integers(1000, 2100),
        "alternate_names": st.lists(
            st.fixed_dictionaries(
                {"tag": st.sampled_from(LANGUAGES), "name": _texts(50), "kind": st.sampled_from(["short", "former", "script"])}
            ),
            min_size=1,
            max_size=2,
        ),
        "registrations": st.lists(
            st.fixed_dictionaries({"scheme": _texts(10), "value": _texts(10), "checked_on": _maybe(DAYS)}), min_size=1, max_size=2
        ),
        "address": st.fixed_dictionaries({"lines": st.lists(_texts(50), min_size=1)}, optional={"locality": _maybe(_texts(20))}),
        "signature": st.fixed_dictionaries(
            {
                "statement_version": _texts(32),
                "tag": st.sampled_from(LANGUAGES),
                "signed_on": DAYS,
                "by": _maybe(_texts(50)),
                "capacity": _maybe(_texts(50)),
                "certificate": _maybe(_texts(40)),
            }
        ),
        "claims": st.lists(
            st.fixed_dictionaries(
                {"title": _texts(50), "issuer": _maybe(_texts(50)), "number": _maybe(_texts(20)), "valid_until": _maybe(DAYS),
                 "seen_on": _maybe(DAYS)}
            ),
            min_size=1,
            max_size=2,
        ),
        "sources": st.lists(
            st.fixed_dictionaries({"fact": st.just("entry"), "address": ADDRESS})
            | st.just({"fact": "named in the announcement of 2026-05-06, place 4", "address": "https://a.example/x"}),
            min_size=1,
            max_size=2,
            unique_by=lambda source: source["fact"],
        ),
        "demonstration": st.just(True),
    },
)  # fmt: skip


@settings(max_examples=150, suppress_health_check=list(HealthCheck), deadline=None)
@given(RECORD)
def test_what_is_read_is_written_again(record):
    read = parse_record(json.loads(json.dumps(record)))
    again = parse_record(as_record(read, contact=True))

    assert again == read
    assert json.dumps(as_record(again, contact=True)) == json.dumps(as_record(read, contact=True))


def test_every_optional_key_survives():
    record = as_record(full_member(), contact=True)

    assert list(record) == list(KEYS)
    assert list(record["offerings"][0]) == list(OFFERING_KEYS)
    assert as_record(parse_record(record), contact=True) == record


def test_what_the_benchmark_invents_is_written_back_byte_for_byte():
    for number in range(1, 200):
        raw = invented_member(1, number)
        assert json.dumps(as_record(parse_record(raw), contact=True)) == json.dumps(raw)


def test_a_founders_place_is_a_source_and_comes_back():
    new = full_member(named_on=date(2026, 5, 6), named_order=3)

    record = as_record(new)
    read = parse_record(record)

    assert record["sources"][0] == {
        "fact": "named in the announcement of 2026-05-06, place 3",
        "address": "https://news.example/announcement",
    }
    assert (read.named_on, read.named_order) == (date(2026, 5, 6), 3)
    assert read.sources[0].fact == "announcement"


def test_a_record_names_offerings_by_their_place():
    new = full_member()
    first, second = new.offerings

    moved = replace(new, offerings=(replace(second, number=9), replace(first, number=4)))
    moved = replace(moved, sources=(*moved.sources[:1], replace(moved.sources[1], fact="offering-9")))

    assert as_record(moved)["sources"][1]["fact"] == "offering-1"


def test_a_record_has_no_contact_unless_asked():
    assert "contact" not in as_record(full_member())
    assert as_record(full_member(), contact=True)["contact"] == {
        "name": "Ana Probić",
        "email": "ana@tried.example",
        "phone": "+381 11 1234567",
    }


def test_only_kind_and_names_are_needed():
    new = parse_record({"kind": "enterprise", "names": {"en": "Small"}})

    assert (new.slug, new.country, new.type, new.offerings, new.demonstration) == (None, None, None, (), False)


def test_texts_are_trimmed_and_composed():
    new = parse_record({"kind": "enterprise", "names": {"de": " Mu\u0308ller  GmbH "}, "summaries": {"de": "a\r\nb "}})

    assert (new.names, new.summaries) == ({"de": "Müller GmbH"}, {"de": "a\nb"})


def _with(**changes):
    return {"kind": "enterprise", "names": {"en": "Small"}} | changes


def _offering(**changes):
    return _with(offerings=[{"title": {"en": "Help"}, "category": "helpdesk"} | changes])


BAD = [
    (["a list"], "line: must be an object"),
    (_with(nonsense=1), "line: unknown key 'nonsense'"),
    ({"kind": "enterprise"}, "names: is missing"),
    (_with(kind="club"), "kind: 'club' is not one of institution, enterprise"),
    (_with(kind=["enterprise"]), "kind: ['enterprise'] is not one of institution, enterprise"),
    (_with(names={}), "names: is empty"),
    (_with(names=[]), "names: must be an object of language tags and texts"),
    (_with(names={"xx-Nope": "a"}), "names: 'xx-Nope' is not a known language tag"),
    (_with(names={"en": 5}), "names.en: must be a text"),
    (_with(names={"en": " "}), "names.en: is empty"),
    (_with(names={"en": "x" * (NAME_MAX + 1)}), f"names.en: is longer than {NAME_MAX} characters"),
    (_with(names={"en": "a\x00b"}), "names.en: has a character that may not stand in a text"),
    (_with(names={"en": "a\ud800b"}), "names.en: has a character that may not stand in a text"),
    (_with(names={"en": "a\u202eb"}), "names.en: has a character that may not stand in a text"),
    (_with(slug="Not A Slug"), "slug: must consist of a-z, 0-9 and hyphens"),
    (_with(slug=""), "slug: must consist of a-z, 0-9 and hyphens"),
    (_with(slug=7), "slug: must consist of a-z, 0-9 and hyphens"),
    (_with(type="club"), f"type: 'club' is not one of {', '.join(OrganisationType)}"),
    (_with(country="ZZ"), "country: 'ZZ' is not a known country or region"),
    (_with(country="rs"), "country: 'rs' is not a known country or region"),
    (_with(country={}), "country: {} is not a known country or region"),
    (_with(zones=["moon"]), "zones: 'moon' is not known"),
    (_with(zones=[["pudong"]]), "zones: ['pudong'] is not known"),
    (_with(zones="pudong"), "zones: must be a list"),
    (_with(zones=["pudong", "pudong"]), "zones: names the same twice"),
    (_with(joined_on="06.05.2026"), "joined_on: must be a date such as 2026-05-06"),
    (_with(joined_on="2026-02-30"), "joined_on: must be a date such as 2026-05-06"),
    (_with(joined_on=20260506), "joined_on: must be a date such as 2026-05-06"),
    (_with(languages=["english"]), "languages: 'english' is not known"),
    (_with(website="javascript:alert(1)"), "website: must be a web address"),
    (_with(website="ftp://a.example"), "website: must be an address that starts with https:// or http://"),
    (_with(website="https://[bad"), "website: must be an address that starts with https:// or http://"),
    (_with(founded="1990"), "founded: must be a year from 500 to 2100"),
    (_with(founded=True), "founded: must be a year from 500 to 2100"),
    (_with(founded=10**30), "founded: must be a year from 500 to 2100"),
    (_with(contact={"email": "nobody"}), "contact.email: must be a mail address"),
    (_with(contact={"fax": "1"}), "contact: unknown key 'fax'"),
    (_with(demonstration="yes"), "demonstration: must be true or false"),
    (_with(address={"lines": "Main Street"}), "address.lines: must be a list of texts"),
    (_with(alternate_names=[{"tag": "en", "name": "A", "kind": "official"}]),
     "alternate_names[1].kind: must be short, former or script"),
    (_with(signature={"statement_version": "1", "tag": "en"}), "signature.signed_on: is missing"),
    (_with(sources=[{"fact": "entry", "address": "javascript:x"}]),
     "sources[1].address: must be an address that starts with https:// or http://"),
    (_with(sources=[{"fact": "offering-1", "address": "https://a.example"}]), "sources: offering-1 is not among the offerings"),
    (_with(sources=[{"fact": "named in the announcement of 2026-99-06", "address": "https://a.example"}]),
     "sources: 2026-99-06 is not a date"),
    (_with(offerings={}), "offerings: must be a list"),
    (_with(offerings=[7]), "offerings[1]: must be an object"),
    (_with(offerings=[{"title": {"en": "A"}, "category": "helpdesk"}] * (OFFERINGS_MAX + 1)),
     f"offerings: has more than {OFFERINGS_MAX} entries"),
    (_offering(price=1), "offerings[1]: unknown key 'price'"),
    (_offering(title={}), "offerings[1].title: is empty"),
    (_offering(category="magic"), "offerings[1].category: 'magic' is not known"),
    (_offering(category=["helpdesk"]), "offerings[1].category: ['helpdesk'] is not known"),
    (_offering(sectors=["magic"]), "offerings[1].sectors: 'magic' is not known"),
    (_offering(serves=["XX"]), "offerings[1].serves: 'XX' is not known"),
    (_offering(delivery=["by post"]), "offerings[1].delivery: 'by post' is not known"),
    (_offering(fee="cheap"), "offerings[1].fee: 'cheap' is not one of free, members, paid"),
    (_offering(data={"via": "x"}), "offerings[1].data: unknown key 'via'"),
]  # fmt: skip


@pytest.mark.parametrize(("record", "message"), BAD, ids=[message[:60] for _, message in BAD])
def test_what_is_wrong_is_named(record, message):
    with pytest.raises(Invalid) as error:
        parse_record(record)

    assert str(error.value) == message


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(KEYS),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=6,
    ),
)
def test_no_value_anywhere_is_worse_than_invalid(key, value):
    try:
        read = parse_record(_with(**{key: value}))
    except Invalid:
        return
    assert parse_record(as_record(read, contact=True)) == read
