"""What organisations can be told by."""

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy.orm import Session

from directory.applications.models import ApplicationMark
from directory.applications.states import State
from directory.audit import SYSTEM
from directory.db import db
from directory.members import services
from directory.members.entry import AlternateName, NewRegistration
from directory.members.marks import halves, is_near, mark_ends, marks_of, name_forms, website_domain
from directory.members.models import MarkColumns, MemberMark
from directory.members.vocab import MarkKind, NameKind
from tests.conftest import NOW
from tests.factories import add_application, add_member, new_member


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Außenwirtschaft GmbH", "AUSSENWIRTSCHAFT"),
        ("Société Générale S.A.", "societe generale"),
        ("上海数据有限公司", "上海数据"),
        ("上海數據集團股份有限公司", "上海数据"),
        ("上海数据", "Shanghai Shuju"),
        ("Привредна комора Србије", "Privredna komora Srbije"),
        ("Alfa d.o.o.", "ALFA DOO"),
        ("The Chamber, Ltd.", "chamber"),
        ("München Messe GmbH", "Muenchen Messe"),
        ("München Messe", "MUNCHEN MESSE"),
        ("ООО Ромашка", "Romaška"),
        ("株式会社データ", "データ"),
        ("주식회사 삼성", "(주)삼성"),
        ("شركة البيانات ذ.م.م", "بيانات"),
        ("Grupo Datos S. de R.L. de C.V.", "Grupo Datos"),
        ("Example sp. z o.o.", "Example"),
        ("Muster GmbH & Co. KG", "Muster"),
    ],
)
def test_names_that_are_one(one: str, other: str) -> None:
    assert set(name_forms(one)) & set(name_forms(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [("Alpha", "Alfa"), ("北京", "学"), ("Chamber of Bremen", "Chamber of Berlin"), ("Casa de Datos", "Casa"), ("GmbH", "Ltd")],
)
def test_names_that_are_two(one: str, other: str) -> None:
    assert not set(name_forms(one)) & set(name_forms(other))


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("handelskammer", "handelskamer", True),
        ("handelskammer", "handelskanmer", True),
        ("handelskammer", "handelkamer", False),
        ("handelsverein12", "handelsverein13", False),
        ("kammer", "kamner", False),
    ],
)
def test_names_that_are_nearly_one(one: str, other: str, near: bool) -> None:
    assert is_near(one, other) is near


@pytest.mark.parametrize("name", ["handelskammer", "handelskammern"])
def test_halves_find_each_name_that_differs_in_one_letter(name: str) -> None:
    heads, tails = halves(name)
    changed = [name[:i] + letter + name[i + cut :] for i in range(len(name) + 1) for letter in ("", "x") for cut in (0, 1)]

    for other in (text for text in changed if is_near(name, text)):
        half = len(other) // 2
        assert other[:half] in heads or other[-half:] in tails, other


def test_halves_carry_the_digits_of_a_name() -> None:
    heads, tails = halves("handelsverein12")
    near, other = mark_ends(MarkKind.NAME, "handelsverin12"), mark_ends(MarkKind.NAME, "handelsverein13")

    assert near["head"] in heads
    assert other["head"] not in heads
    assert other["tail"] not in tails


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("https://www.Example.org/x?y", "example.org"), ("example.org", "example.org"), ("http://[bad", ""), ("", ""), (None, ""),
        ("https://www.Пример.срб", "xn--e1afmkfd.xn--90a3ac"), ("http://-.例", "-.例"),
    ],
)  # fmt: skip
def test_website_domain(address: str | None, domain: str) -> None:
    assert website_domain(address) == domain


def test_what_tells_nobody_apart_is_no_mark() -> None:
    marks = marks_of(names=["!!", None], website="https://www.facebook.com/us", numbers=["1-2", None, ""])

    assert marks == frozenset()


def _kept(session: Session, table: type[MarkColumns] = MemberMark) -> list[tuple[MarkKind, str]]:
    return [(row.kind, row.value) for row in session.scalars(sa.select(table).order_by(table.kind, table.value))]


def test_member_keeps_its_marks_and_changes_them(session: Session) -> None:
    member = add_member(
        session, names={"en": "Trade House Ltd"}, alternate_names=(AlternateName("en", "Old House", NameKind.FORMER),),
        website="www.house.example/en", registrations=(NewRegistration("VAT", "de-123 45"),),
    )  # fmt: skip
    before = _kept(session)

    services.correct(
        session, member, new_member(names={"en": "New House"}), by=SYSTEM, note="", seen_version=member.version, now=NOW
    )
    session.commit()

    assert before == [
        ("name", "oldhouse"), ("name", "tradehouse"), ("registration", "DE12345"), ("website", "house.example"),
    ]  # fmt: skip
    assert _kept(session) == [("name", "newhouse")]


def test_migration_marks_what_is_there(app: Flask, session: Session) -> None:
    add_member(
        session, names={"de": "Außenhaus GmbH"}, registrations=(NewRegistration("VAT", "DE 12345"),), website="haus.example"
    )
    add_member(session, names={"zh-Hans": "上海数据有限公司", "en": "Shanghai Data"})
    add_application(session, state=State.IN_REVIEW)
    add_application(session)
    before = _kept(session), _kept(session, ApplicationMark)
    db.session.remove()

    downgrade(revision="0003")
    upgrade()

    assert (_kept(session), _kept(session, ApplicationMark)) == before
    assert len(before[1]) == 4


def test_migration_puts_digits_into_halves(app: Flask, session: Session) -> None:
    add_member(session, names={"de": "Handelsverein 12", "en": "Trade Society"})
    db.session.remove()

    downgrade(revision="0018")
    before = session.execute(sa.select(MemberMark.value, MemberMark.head, MemberMark.tail).order_by(MemberMark.value)).all()
    db.session.remove()
    upgrade()

    after = session.execute(sa.select(MemberMark.value, MemberMark.head, MemberMark.tail).order_by(MemberMark.value)).all()
    assert before == [("handelsverein12", "handels", "erein12"), ("tradesociety", "trades", "ociety")]
    assert after == [("handelsverein12", "12handels", "erein1212"), ("tradesociety", "trades", "ociety")]
