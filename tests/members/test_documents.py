from datetime import UTC, date, datetime

import sqlalchemy as sa

from directory.i18n.collation import sort_key
from directory.members.documents import all_ids, label_texts, load_documents
from directory.members.labels import LABEL_LOCALES
from directory.members.models import Member
from tests.factories import add_member, add_named, full_member, new_offering
from tests.members.counting import statements

TODAY = datetime.now(UTC).date()


def _documents(session, member):
    return load_documents(session, [member.id], today=TODAY)[member.id]


def test_a_member_and_each_offering_has_a_document(session):
    member = add_member(session, **vars(full_member(slug="tried", joined_on=date(2026, 7, 1))))

    documents = _documents(session, member)

    assert [(d.kind, d.id, d.subject_id, d.slug, d.newest) for d in documents] == [
        ("member", member.id, member.id, "tried", "2026-07-01"),
        ("offering", member.offerings[0].id, member.id, "tried--1", "2026-07-01"),
        ("offering", member.offerings[1].id, member.id, "tried--2", "2026-07-01"),
    ]
    assert documents[0].names == (
        ("sr-Cyrl", "Комора Испробана"),
        ("en", "Tried Chamber"),
        ("en", "TC"),
        ("en", "Old Chamber"),
    )
    assert documents[0].related == (("sr-Cyrl", "Потврде"), ("en", "Certificates"), ("en", "Help with trade documents"))
    assert (documents[1].names, documents[1].related) == ((("sr-Cyrl", "Потврде"), ("en", "Certificates")), documents[0].names)
    assert documents[0].prose == (("sr-Cyrl", "Први ред\nи други."), ("en", "Two lines."), ("en", "On paper\nor not."))


def test_facets_of_a_member_are_its_own_and_those_of_its_offerings(session):
    offerings = (
        new_offering(category="helpdesk", serves=("CN", "RS"), sectors=("fintech",), languages=("de",)),
        new_offering(category="training", serves=("RS",), languages=()),
    )
    member = add_member(session, languages=("en", "sr-Latn"), zones=("pudong",), offerings=offerings)

    whole, first, second = _documents(session, member)

    own = {"kind": ("institution",), "type": ("chamber",), "country": ("RS",), "zone": ("pudong",)}
    assert whole.facets == own | {
        "language": ("en", "sr-Latn", "de"),
        "serves": ("CN", "RS"),
        "category": ("helpdesk", "training"),
        "sector": ("fintech",),
    }
    assert first.facets == own | {
        "language": ("de",),
        "serves": ("CN", "RS"),
        "category": ("helpdesk",),
        "sector": ("fintech",),
    }
    assert second.facets == own | {"language": ("en", "sr-Latn"), "serves": ("RS",), "category": ("training",)}


def test_a_member_without_known_seat_is_found_by_none(session):
    member = add_named(session, country=None, city=None, type=None, languages=(), offerings=())

    [document] = _documents(session, member)

    assert document.facets == {"kind": ("institution",), "country": ("none",)}
    assert document.newest == "2026-05-06"


def test_city_leads_there_in_all_languages(session):
    member = add_member(session, country="DE", city="Berlin")

    documents = _documents(session, member)

    assert {"Berlin", "柏林", "Берлин"} <= set(documents[0].labels)
    assert {d.labels for d in documents} == {documents[0].labels}


def test_labels_lead_to_values_in_all_languages(app):
    with app.app_context():
        assert set(label_texts("country", "DE")) == {"Germany", "德国", "Alemania", "Deutschland", "Nemačka", "Немачка"}
        assert {"Fintech", "金融科技"} <= set(label_texts("sector", "fintech"))
        assert "浦东新区" in label_texts("zone", "pudong")
        assert "Chamber of commerce" in label_texts("type", "chamber")
        assert [label_texts(*pair) for pair in (("country", "none"), ("serves", "DE"), ("language", "de"))] == [()] * 3


def test_each_locale_orders_by_the_name_it_shows(session):
    member = add_member(session, names={"zh-Hans": "上海商会", "en": "Shanghai Chamber", "de": "Kammer Shanghai"})

    order = _documents(session, member)[0].order

    assert order["en"] == sort_key("Shanghai Chamber", "en")
    assert order["de"] == sort_key("Kammer Shanghai", "de")
    assert [order[locale] for locale in ("zh-Hans", "es")] == [sort_key("上海商会", locale) for locale in ("zh-Hans", "es")]


def test_all_offered_locales_have_words_and_orders(app):
    assert set(LABEL_LOCALES) == set(app.config["OFFERED_LOCALES"])


def test_offerings_are_ordered_by_title_then_member(session):
    member = add_member(session, names={"en": "Alpha"}, offerings=(new_offering(titles={"en": "Zeta", "de": "Äpfel"}),))

    order = _documents(session, member)[1].order

    assert order["en"] == sort_key("Zeta", "en") + sort_key("Alpha", "en")
    assert order["de"] == sort_key("Äpfel", "de") + sort_key("Alpha", "de")


def test_documents_of_one_and_of_three_cost_the_same(session):
    ids = [add_member(session).id for _ in range(3)]

    costs = []
    for some in (ids[:1], ids):
        session.expunge_all()
        with statements(session) as found:
            assert len(load_documents(session, some, today=TODAY)) == len(some)
        costs.append(len(found))

    assert costs[0] == costs[1]


def test_all_ids_are_all_members_whatever_their_standing(session):
    ids = [add_member(session).id for _ in range(3)]
    session.execute(sa.update(Member).where(Member.id == ids[0]).values(published_revision=None))

    assert list(all_ids(session)) == ids
