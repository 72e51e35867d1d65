"""The pages of the settings, as administrators and auditors use them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from directory.accounts.models import Role, StaffSession
from directory.db import take_turn
from directory.initiative.models import Edition
from directory.initiative.reading import shipped
from directory.initiative.vocab import Subject
from directory.members.models import EntryRevision, Member
from tests.factories import add_member, new_offering
from tests.initiative.setting import add_term, administrator, change_term, data_of, set_anew
from tests.members.counting import statements
from tests.page import Visitor

SignIn = Callable[..., Visitor]
DESK = "/en/staff/settings/"
FORM = "main form[novalidate]"
SAVE = {"note": "As the board decided.", "step": "save"}
PREVIEW = {"step": "preview"}


@pytest.fixture
def ada(sign_in: SignIn) -> Visitor:
    return sign_in(Role.ADMINISTRATOR)


def _editions(session: Session) -> list[tuple[str, int]]:
    return [tuple(row) for row in session.execute(select(Edition.subject, Edition.number).order_by(Edition.id))]


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(
    ("path", "readers"),
    [
        ("", {Role.ADMINISTRATOR, Role.AUDITOR}),
        ("categories", {Role.ADMINISTRATOR, Role.AUDITOR}),
        ("times", {Role.ADMINISTRATOR, Role.AUDITOR}),
        ("times/history", {Role.ADMINISTRATOR, Role.AUDITOR}),
        ("times/history/0", {Role.ADMINISTRATOR, Role.AUDITOR}),
        ("times/edit", {Role.ADMINISTRATOR}),
        ("zones/add", {Role.ADMINISTRATOR}),
        ("zones/terms/pudong", {Role.ADMINISTRATOR}),
    ],
)
def test_who_may_open_which_page(sign_in: SignIn, role: Role, path: str, readers: set[Role]) -> None:
    assert sign_in(role).get(DESK + path).status == (200 if role in readers else 403)


@pytest.mark.parametrize("path", ["times/edit", "zones/add", "zones/terms/pudong", "times/history/0/take-up"])
def test_an_auditor_sets_nothing(session: Session, sign_in: SignIn, path: str) -> None:
    assert sign_in(Role.AUDITOR).post(DESK + path, {"promised": "9", "seen_number": "0", **SAVE}).status == 403
    assert _editions(session) == []


def test_what_a_newer_program_set_keeps_nobody_from_the_settings(session: Session, ada: Visitor) -> None:
    before = ada.get(DESK).texts("main")
    by, now = administrator(session), datetime.now(UTC)
    session.add(Edition(id=1, subject="of-tomorrow", number=1, data={}, note="Not known yet.", by=by, at=now))
    take_turn(session).editions = 1
    session.commit()

    after = ada.get(DESK)

    assert (after.status, after.texts("main")) == (200, before)


def test_an_auditor_is_offered_no_button(session: Session, sign_in: SignIn) -> None:
    change_term(session, Subject.ZONES, "pudong", labels={"en": "Other"})
    auditor = sign_in(Role.AUDITOR)

    for path in ("times", "zones", "zones/history/0"):
        assert auditor.get(DESK + path).select("main a.btn, main form") == []


@pytest.mark.parametrize(
    "path", ["nothing", "nothing/edit", "categories/edit", "times/add", "times/history/7", "zones/terms/nowhere"]
)
def test_what_is_not_there_is_not_found(ada: Visitor, path: str) -> None:
    assert ada.get(DESK + path).status == 404


@pytest.mark.parametrize("subject", Subject)
def test_every_subject_has_its_pages(ada: Visitor, subject: Subject) -> None:
    for path in (subject, f"{subject}/history", f"{subject}/history/0"):
        assert ada.get(DESK + path).status == 200


def test_the_overview_says_who_set_what_and_why(session: Session, ada: Visitor) -> None:
    change_term(session, Subject.ZONES, "pudong", labels={"en": "Other"})

    rows = ada.get(DESK).texts("tbody tr")

    assert [row for row in rows if "As the board decided." in row] == [
        next(row for row in rows if row.startswith("Zones 1 Ada Minka"))
    ]
    assert len(rows) == len(Subject)


def test_pages_cost_the_same_whatever_there_is(session: Session, ada: Visitor) -> None:
    paths = ("", "zones", "zones/history")
    ada.get(DESK)
    change_term(session, Subject.ZONES, "pudong", labels={"en": "One"})
    ada.get(DESK)
    before = []
    for path in paths:
        with statements(session) as found:
            ada.get(DESK + path)
        before.append(len(found))

    for number in range(3):
        change_term(session, Subject.ZONES, "pudong", labels={"en": f"Number {number}"})
        add_term(session, Subject.ZONES, f"zone-{number}", f"Zone {number}")
        change_term(session, Subject.SECTORS, "fintech", labels={"en": f"Number {number}"})
    ada.get(DESK)

    after = []
    for path in paths:
        with statements(session) as found:
            ada.get(DESK + path)
        after.append(len(found))
    assert after == before


def test_a_difference_is_shown_before_anything_is_saved(session: Session, ada: Visitor) -> None:
    form = ada.get(f"{DESK}times/edit")

    shown = ada.submit(form, {"promised": "8", **PREVIEW}, css=FORM)

    assert shown.texts("section tbody tr") == ["Working days to a decision, as promised 10 8"]
    assert shown.form(FORM)["promised"] == "8"
    assert _editions(session) == []


def test_what_is_saved_counts_and_says_why(session: Session, ada: Visitor) -> None:
    form = ada.get(f"{DESK}times/edit")

    saved = ada.submit(form, {"promised": "8", **SAVE}, css=FORM)

    assert "It is saved, and counts from now on." in saved.html
    assert "Working days to a decision, as promised 8" in saved.text
    assert _editions(session) == [("times", 1)]
    assert "As the board decided." in ada.get(f"{DESK}times/history").text


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"promised": "0", **SAVE}, {"promised": "Please write a number of days from 1 to 90."}),
        ({"promised": "many", **PREVIEW}, {"promised": "Please write a number of days in figures."}),
        ({"promised": "8", "step": "save"}, {"note": "Please say why this is changed."}),
        ({"end": "20", **SAVE}, {"end": "This has to come after what stands before it."}),
        (SAVE, {"form": "Nothing is different from what counts now."}),
    ],
)
def test_a_refusal_keeps_what_was_typed(session: Session, ada: Visitor, changes: dict[str, str], errors: dict[str, str]) -> None:
    form = ada.get(f"{DESK}times/edit")

    refused = ada.submit(form, changes, css=FORM)

    assert (refused.status, refused.errors) == (422, errors)
    kept = {name: value for name, value in changes.items() if name != "step"}
    assert kept.items() <= refused.form(FORM).items()
    assert _editions(session) == []


def test_the_second_of_two_administrators_keeps_what_they_typed(session: Session, ada: Visitor) -> None:
    form = ada.get(f"{DESK}times/edit")
    set_anew(session, Subject.TIMES, data_of(session, Subject.TIMES) | {"appeal": 40})

    late = ada.submit(form, {"promised": "8", **SAVE}, css=FORM)

    assert late.status == 409
    assert "Ada Minka has set this meanwhile" in late.text
    assert late.texts("section tbody tr") == ["Working days to a decision, as promised 10 8"]
    assert {name: late.form(FORM)[name] for name in ("promised", "appeal", "note")} == {
        "promised": "8", "appeal": "40", "note": SAVE["note"],
    }  # fmt: skip
    assert _editions(session) == [("times", 1)]
    again = ada.submit(late, {**SAVE}, css=FORM)
    assert again.status == 200
    assert _editions(session) == [("times", 1), ("times", 2)]
    session.expire_all()
    now = data_of(session, Subject.TIMES)
    assert (now["promised"], now["appeal"]) == (8, 40)


def test_codes_of_a_term_outlive_its_form(session: Session, ada: Visitor) -> None:
    before = next(term for term in data_of(session, Subject.CATEGORIES)["terms"] if term.get("w120"))
    path = f"{DESK}categories/terms/{before['slug']}"
    unchanged = ada.submit(ada.get(path), {**SAVE}, css=FORM)

    shown = ada.submit(ada.get(path), {"labels-en": "Other words", **PREVIEW}, css=FORM)
    ada.submit(shown, {**SAVE}, css=FORM)

    assert unchanged.errors == {"form": "Nothing is different from what counts now."}
    assert len(shown.select("section tbody tr")) == 1
    session.expire_all()
    after = next(term for term in data_of(session, Subject.CATEGORIES)["terms"] if term["slug"] == before["slug"])
    assert after == before | {"labels": before["labels"] | {"en": "Other words"}}


def test_a_new_version_of_the_statement_begins_with_the_last_one(ada: Visitor) -> None:
    form = ada.get(f"{DESK}statement/edit")

    last = shipped(Subject.STATEMENT)["versions"][-1]["texts"]
    assert form.form(FORM)["texts_of-de"].strip() == last["de"].strip()
    assert "From its first day on, a version stays as it is for good" in form.text


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_of_announcement_makes_sense(session: Session, ada: Visitor, day: str) -> None:
    refused = ada.submit(ada.get(f"{DESK}initiative/edit"), {"announced_on": day, **SAVE}, css=FORM)

    assert refused.errors == {"announced_on": "This day is too long ago, or too far ahead."}
    assert _editions(session) == []


def test_words_of_a_page_lead_to_the_page(ada: Visitor) -> None:
    form = ada.get(f"{DESK}page-privacy/edit")

    assert [str(link["href"]) for link in form.select("main a[hreflang]")][:2] == ["/en/privacy", "/zh-Hans/privacy"]


def test_a_change_wants_password_and_code_after_a_while(session: Session, ada: Visitor) -> None:
    form = ada.get(f"{DESK}times/edit")
    session.execute(update(StaffSession).values(confirmed_at=datetime.now(UTC) - timedelta(hours=1)))
    session.commit()

    asked = ada.submit(form, {"promised": "8", **SAVE}, css=FORM)

    assert asked.status == 401
    assert asked.form()["promised"] == "8"
    assert _editions(session) == []


def test_a_term_is_added_after_the_one_that_was_chosen(session: Session, ada: Visitor) -> None:
    form = ada.get(f"{DESK}zones/add")

    saved = ada.submit(
        form, {"slug": "zhangjiang", "labels-en": "Zhangjiang", "labels-zh-Hans": "张江", "after": "lingang", **SAVE}, css=FORM
    )

    rows = saved.texts("tbody tr")
    assert [row.split()[0] for row in rows] == ["Lingang", "Zhangjiang", "Pudong", "Hongqiao"]
    assert "Missing: Spanish, German, Serbian (Latin) and Serbian (Cyrillic)" in rows[1] or "Missing:" in rows[1]


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"slug": "pudong", "labels-en": "X"}, {"slug": "There is one of this name already. Please choose another name."}),
        ({"slug": "Big Zone", "labels-en": "X"}, {"slug": "This is not written as it has to be. Please check it."}),
        (
            {"slug": "new", "labels-de": "X"},
            {"labels-en": "Please write the English text: it is shown where another language is missing."},
        ),
    ],
)
def test_a_new_term_that_breaks_a_rule_is_refused(ada: Visitor, changes: dict[str, str], errors: dict[str, str]) -> None:
    refused = ada.submit(ada.get(f"{DESK}zones/add"), {**changes, **SAVE}, css=FORM)

    assert (refused.status, refused.errors) == (422, errors)


def test_a_term_that_others_lead_to_is_not_retired(session: Session, ada: Visitor) -> None:
    change_term(session, Subject.ZONES, "pudong", successor="lingang")

    refused = ada.submit(ada.get(f"{DESK}zones/terms/lingang"), {"successor": "hongqiao", **SAVE}, css=FORM)

    assert refused.errors == {
        "form": "“Pudong New Area” leads to this term. Please choose another successor for “Pudong New Area” first."
    }


def test_a_label_in_a_language_that_the_page_does_not_show_stays(session: Session, ada: Visitor) -> None:
    change_term(session, Subject.ZONES, "pudong", labels={"en": "Pudong", "fr": "Pudong, la nouvelle"})
    form = ada.get(f"{DESK}zones/terms/pudong")
    assert form.form(FORM)["labels-fr"] == "Pudong, la nouvelle"

    ada.submit(form, {"labels-de": "Neu", **SAVE}, css=FORM)

    data = data_of(session, Subject.ZONES)
    assert next(t for t in data["terms"] if t["slug"] == "pudong")["labels"] == {
        "en": "Pudong",
        "de": "Neu",
        "fr": "Pudong, la nouvelle",
    }


def test_a_term_says_who_carries_it(session: Session, ada: Visitor) -> None:
    add_member(session, sectors=("fintech",), offerings=(new_offering(sectors=("fintech",)), new_offering(sectors=("fintech",))))
    add_member(session, sectors=("e-commerce",))

    assert "1 entry carries it itself. 2 services carry it." in ada.get(f"{DESK}sectors/terms/fintech").text
    assert [row for row in ada.get(f"{DESK}sectors").texts("tbody tr") if "fintech" in row] == ["Fintech fintech 1 2 Still used"]


def test_entries_are_moved_to_the_successor_with_a_state_of_their_own(
    session: Session, ada: Visitor, follow: Callable[[], None]
) -> None:
    member = add_member(session, slug="alpha", sectors=("fintech", "e-commerce"), offerings=(new_offering(sectors=("fintech",)),))
    change_term(session, Subject.SECTORS, "fintech", successor="e-commerce")
    form = ada.get(f"{DESK}sectors/terms/fintech/move")
    assert "1 entry carries it itself. 1 service carries it." in form.text

    done = ada.submit(form, {"note": "Merged by the board."}, css=FORM)

    assert "1 entry was changed." in done.html
    assert "No entry carries it any more." in done.text
    session.expire_all()
    assert (member.sectors, member.offerings[0].sectors) == (["e-commerce"], ["e-commerce"])
    revision = session.scalars(select(EntryRevision).order_by(EntryRevision.number.desc())).first()
    assert revision is not None
    assert (revision.number, revision.note) == (2, "Merged by the board.")
    follow()
    assert ada.app.extensions["search"].check(session).agrees
    assert ada.app.test_client().get("/en/members/alpha").status_code == 200


def test_moving_says_why(session: Session, ada: Visitor) -> None:
    add_member(session, slug="alpha", zones=("pudong",))
    change_term(session, Subject.ZONES, "pudong", successor="lingang")

    refused = ada.submit(ada.get(f"{DESK}zones/terms/pudong/move"), {}, css=FORM)

    assert (refused.status, refused.errors) == (422, {"note": "Please say why this is changed."})
    assert session.scalars(select(Member.zones)).one() == ["pudong"]


def test_a_term_in_force_is_not_moved(ada: Visitor) -> None:
    assert ada.get(f"{DESK}zones/terms/pudong/move").status == 404


def test_an_earlier_edition_shows_what_it_changed_and_is_taken_up_again(session: Session, ada: Visitor) -> None:
    change_term(session, Subject.ZONES, "pudong", labels={"en": "First"})
    change_term(session, Subject.ZONES, "pudong", labels={"en": "Second"})
    earlier = ada.get(f"{DESK}zones/history/1")
    assert "pudong · Label · English Pudong New Area First" in earlier.texts("tbody tr")
    assert "pudong · Label · English Second First" in earlier.texts("tbody tr")

    done = ada.submit(earlier, {"note": "It was better."}, css=FORM)

    assert "First" in done.text
    assert _editions(session) == [("zones", 1), ("zones", 2), ("zones", 3)]
    assert "This is what counts now." in ada.get(f"{DESK}zones/history/3").text


def test_an_earlier_edition_is_not_taken_up_unseen(session: Session, ada: Visitor) -> None:
    change_term(session, Subject.ZONES, "pudong", labels={"en": "First"})
    page = ada.get(f"{DESK}zones/history/0")
    change_term(session, Subject.ZONES, "pudong", labels={"en": "Second"})

    late = ada.submit(page, {"note": "Back."}, css=FORM)

    assert late.status == 409
    assert late.form(FORM)["note"] == "Back."
    assert len(_editions(session)) == 2


@pytest.mark.parametrize("name", ["about", "privacy", "accessibility"])
@pytest.mark.parametrize("replaces", [True, False])
def test_own_words_stand_on_their_page(ada: Visitor, page: Visitor, name: str, replaces: bool) -> None:
    ours = page.get(f"/en/{name}").texts("main p.lead")
    form = ada.get(f"{DESK}page-{name}/edit")
    words = {"texts_of-en": "# Our **own** words\n\n<script>alert(1)</script>", "texts_of-de": "Unsere Worte"}
    more = {"replaces": "y"} if replaces else {}

    shown = ada.submit(form, {**words, **more, **PREVIEW}, css=FORM)
    ada.submit(shown, {**words, **more, **SAVE}, css=FORM)

    assert "Our own words" in shown.texts("section h2")
    found = page.get(f"/en/{name}")
    assert "Our own words" in found.texts("main h2")
    assert "<script>alert" not in found.html
    assert found.texts("main p.lead") == ([] if replaces else ours)
    assert "This installation has no contact address yet" in found.text
    assert "Unsere Worte" in page.get(f"/de/{name}").text
    assert page.get(f"/es/{name}").select("main div.prose[lang=en] h2, main div.prose div[lang=en] h2") != []


def test_own_words_introduce_the_front_page(ada: Visitor, page: Visitor) -> None:
    form = ada.get(f"{DESK}page-home/edit")

    ada.submit(form, {"texts_of-en": "Welcome to our circle.", "replaces": "y", **SAVE}, css=FORM)

    found = page.get("/en/")
    assert "Welcome to our circle." in found.texts("section.hero p")
    assert found.texts("p.lead") == []


def test_no_words_cannot_replace_ours(ada: Visitor) -> None:
    refused = ada.submit(ada.get(f"{DESK}page-about/edit"), {"replaces": "y", **SAVE}, css=FORM)

    assert refused.errors == {"replaces": "Please write a text, or leave our text in its place."}


def test_a_version_of_the_statement_is_added_and_can_be_changed_until_its_day(
    session: Session, ada: Visitor, page: Visitor
) -> None:
    day = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    words = {"version": "2", "published_on": day, "texts_of-en": "We **state** it."}
    form = ada.get(f"{DESK}statement/edit")
    assert form.form(FORM)["version"] == ""

    shown = ada.submit(form, {**words, **PREVIEW}, css=FORM)
    ada.submit(shown, SAVE, css=FORM)

    assert "We state it." in shown.texts("section .prose p")
    found = page.get("/en/initiative")
    [coming, today] = found.texts("section[aria-labelledby=statement] ul li")
    assert coming.startswith("2 : to be signed from")
    assert today == "sample-1 : sample · in force for signing"
    again = ada.get(f"{DESK}statement/edit")
    assert again.form(FORM)["texts_of-en"] == "We **state** it."
    ada.submit(again, {"texts_of-en": "We state more.", **SAVE}, css=FORM)
    assert [one["texts"]["en"] for one in data_of(session, Subject.STATEMENT)["versions"]][1] == "We state more."


def test_the_initiative_is_named_anew(ada: Visitor, page: Visitor, app: Flask) -> None:
    form = ada.get(f"{DESK}initiative/edit")

    done = ada.submit(
        form,
        {"names-en": "Initiative of Tests", "operator_names-en": "Association of Tests", "working_name": None, **SAVE},
        css=FORM,
    )

    assert done.status == 200
    assert "Initiative of Tests" in page.get("/en/").texts("title")[0]
    assert "Association of Tests" in page.get("/en/about").text


def test_an_address_of_a_source_is_one_of_the_web(ada: Visitor) -> None:
    refused = ada.submit(ada.get(f"{DESK}initiative/edit"), {"source_address": "javascript:alert(1)", **SAVE}, css=FORM)

    assert refused.errors == {"source_address": "This is not written as it has to be. Please check it."}


def test_what_somebody_set_meanwhile_is_put_together_from_any_edition(session: Session, ada: Visitor) -> None:
    set_anew(session, Subject.TIMES, data_of(session, Subject.TIMES) | {"appeal": 35})
    form = ada.get(f"{DESK}times/edit")
    set_anew(session, Subject.TIMES, data_of(session, Subject.TIMES) | {"appeal": 40})

    late = ada.submit(form, {"promised": "8", **SAVE}, css=FORM)

    assert late.texts("section tbody tr") == ["Working days to a decision, as promised 10 8"]


def test_a_version_that_takes_the_place_of_another_says_so(session: Session, ada: Visitor) -> None:
    form = ada.get(f"{DESK}statement/edit")
    days = [(datetime.now(UTC).date() + timedelta(days=ahead)).isoformat() for ahead in (9, 19)]
    old = data_of(session, Subject.STATEMENT)
    texts = {"en": "Theirs."}
    set_anew(
        session,
        Subject.STATEMENT,
        {"versions": [*old["versions"], {"version": "2", "published_on": days[0], "sample": False, "texts": texts}]},
    )

    late = ada.submit(form, {"version": "3", "published_on": days[1], "texts_of-en": "Mine.", **SAVE}, css=FORM)

    assert late.status == 409
    assert any(label.startswith("2 · Text · English") for label in late.texts("section tbody th"))
    assert any(label.startswith("3 · Text · English") for label in late.texts("section tbody th"))
    assert late.form(FORM)["texts_of-en"].strip() == "Mine."


def test_languages_that_a_new_version_leaves_as_they_were_are_named(ada: Visitor) -> None:
    form = ada.get(f"{DESK}statement/edit")
    day = (datetime.now(UTC).date() + timedelta(days=9)).isoformat()
    new = {"version": "2", "published_on": day, "texts_of-en": "Only this is new."}

    shown = ada.submit(form, {**new, **PREVIEW}, css=FORM)

    assert "word for word as in the version before: 简体中文" in shown.texts(".notice-warning")[0]
    assert "English" not in shown.texts(".notice-warning")[0]
    assert shown.texts("section tbody th") == [
        "2 · In force from this day on", "2 · Sample", "2 · Text · English, compared with sample-1",
    ]  # fmt: skip
