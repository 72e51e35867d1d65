"""What all pages are dressed in: vendored framework, macros, marks, paging."""

import hashlib
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask, render_template_string
from wtforms import FieldList, Form, FormField, RadioField

from directory.config import ROOT
from directory.i18n.content import Shown
from directory.web import forms
from directory.web.paging import Page
from directory.web.templates import BOOTSTRAP, MARKS, initials, mark

STATIC = ROOT / "directory" / "static"
FIELD = '{% from "macros/form.html" import field, error_summary, csrf %}'
UI = '{% from "macros/ui.html" import shown, badge, initials, notice %}'


class Row(Form):
    """A row of a list."""

    title = forms.TextField("Title", most=5)


class Sample(forms.BaseForm):
    """One field of each kind."""

    name = forms.TextField("Name", most=10, validators=[forms.Needed("Please give a name.")])
    words = forms.LongTextField("Words", most=10)
    kind = forms.ChoiceField("Kind", choices=lambda: [("a", "A"), ("b", "B")])
    boxes = forms.BoxesField("Boxes", choices=lambda: [("x", "X"), ("y", "Y")], validators=[forms.Needed("Please tick one.")])
    tick = forms.TickField("Agreed", validators=[forms.Needed("Please agree.")])
    radio = RadioField("One", choices=lambda: [("1", "One"), ("2", "Two")], validate_choice=False)
    rows = FieldList(FormField(Row), min_entries=2)


def _render(app: Flask, template: str, data: dict[str, Any] | None = None, **values: Any) -> BeautifulSoup:
    with app.test_request_context("/en/", method="POST" if data is not None else "GET", data=data):
        form = Sample(meta={"csrf": False})
        if data is not None:
            form.validate()
        return BeautifulSoup(render_template_string(FIELD + UI + template, form=form, **values), "html5lib")


def test_the_framework_is_what_was_published() -> None:
    folder = STATIC / BOOTSTRAP
    listed = dict(reversed(line.split()) for line in (folder / "SHA256SUMS").read_text("ascii").splitlines())

    assert listed == {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir() if p.name != "SHA256SUMS"}
    assert sorted(listed) == ["LICENSE", "bootstrap.min.css", "bootstrap.rtl.min.css"]


@pytest.mark.parametrize("name", ["site.css", "site.js", "mark.svg"])
def test_own_files_load_nothing_from_elsewhere(name: str) -> None:
    text = (STATIC / name).read_text("utf-8").replace("http://www.w3.org/2000/svg", "")

    assert ("http" in text.replace('href^="http"', ""), "@import" in text) == (False, False)


def test_a_field_ties_label_hint_and_error_together(app: Flask) -> None:
    soup = _render(app, '{{ field(form.name, hint="As in the register.") }}', data={})

    control = soup.select("#name")[0]
    assert control["aria-describedby"] == "name-hint name-error"
    assert (control["aria-invalid"], soup.select("label[for=name]")[0].get_text()) == ("true", "Name")
    assert soup.select("#name-hint")[0].get_text() == "As in the register."
    assert soup.select("#name-error[data-error=name]")[0].get_text() == "Error: Please give a name."


def test_a_field_without_error_claims_none(app: Flask) -> None:
    soup = _render(app, "{{ field(form.name) }}")

    assert [soup.select("#name")[0].get(a) for a in ("aria-describedby", "aria-invalid")] == [None, None]
    assert soup.select("[data-error]") == []


def test_optional_fields_say_so_in_words_and_others_do_not(app: Flask) -> None:
    soup = _render(app, "{{ field(form.name) }}{{ field(form.words) }}{{ field(form.kind, optional=False) }}")

    assert [" ".join(e.get_text().split()) for e in soup.select("label")] == ["Name", "Words (optional)", "Kind"]


@pytest.mark.parametrize(("name", "first"), [("boxes", "boxes-0"), ("radio", "radio-0")])
def test_groups_are_fieldsets_and_the_summary_leads_to_their_first(app: Flask, name: str, first: str) -> None:
    soup = _render(app, f"{{{{ error_summary(form) }}}}{{{{ field(form.{name}, hint='Hint.') }}}}", data={})

    group = soup.select("fieldset")[0]
    assert group["aria-describedby"].split()[0] == f"{name}-hint"
    assert len(group.select("legend")) == 1
    assert [e["id"] for e in group.select("input")][0] == first
    assert [label["for"] for label in group.select("label")] == [e["id"] for e in group.select("input")]


def test_the_summary_lists_every_error_with_a_link_to_its_field(app: Flask) -> None:
    data = {"words": "much too long a text", "rows-0-title": "fine", "rows-1-title": "too long"}

    soup = _render(app, "{{ error_summary(form) }}", data=data)

    assert [(a["href"], a.get_text()) for a in soup.select(".error-summary a")] == [
        ("#name", "Please give a name."),
        ("#words", "Please shorten this text to 10 characters."),
        ("#boxes-0", "Please tick one."),
        ("#tick", "Please agree."),
        ("#rows-1-title", "Please shorten this text to 5 characters."),
    ]
    assert (soup.select(".error-summary")[0]["role"], soup.select(".error-summary")[0]["tabindex"]) == ("alert", "-1")


def test_what_was_typed_is_kept_as_text(app: Flask) -> None:
    soup = _render(app, "{{ field(form.words) }}{{ field(form.name) }}", data={"words": "<script>x</script>", "name": '"><b>x'})

    assert soup.select("textarea")[0].get_text().strip() == "<script>x</script>"
    assert soup.select("#name")[0]["value"] == '"><b>x'
    assert soup.select("script, b") == []


def test_a_text_in_another_language_says_which(app: Flask) -> None:
    texts = [
        Shown("Prüfung", "de", is_fallback=True),
        Shown("Test", "en", is_fallback=False),
        Shown("اختبار", "ar", is_fallback=True),
    ]

    soup = _render(app, "{% for t in texts %}<div>{{ shown(t) }}</div>{% endfor %}{{ shown(None) }}", texts=texts)

    assert [(e.get("lang"), e.get("dir")) for e in soup.select("span")] == [("de", "ltr"), ("ar", "rtl")]
    assert [e.get_text() for e in soup.select("div")] == ["Prüfung", "Test", "اختبار"]


@pytest.mark.parametrize(
    ("number", "total", "shown"),
    [
        (1, 20, []),
        (1, 41, ["1", "2", "3", "Next"]),
        (2, 41, ["Previous", "1", "2", "3", "Next"]),
        (3, 41, ["Previous", "1", "2", "3"]),
        (10, 400, ["Previous", "1", "…", "8", "9", "10", "11", "12", "…", "20", "Next"]),
    ],
)
def test_the_pager(app: Flask, number: int, total: int, shown: list[str]) -> None:
    page: Page[int] = Page(range(20), number, total)

    soup = _render(app, "{{ pager(page, url) }}", page=page, url=lambda n: f"?page={n}")

    texts = [" ".join(e.get_text().split()).removeprefix("Page ") for e in soup.select(".pager li")]
    assert texts == shown
    assert [e.get_text().split()[-1] for e in soup.select("[aria-current=page]")] == ([str(number)] if shown else [])


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Chamber of Commerce and Industry of Serbia", "CC"),
        ("London & Partners", "LP"),
        ("Привредна комора Србије", "ПК"),
        ("伦敦发展促进署", "伦"),
        ("서울상공회의소", "서"),
        ("bwa", "B"),
        ("  ", "·"),
        ("🙂", "·"),
    ],
)
def test_a_mark_is_made_of_the_names_first_letters(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_a_mark_keeps_its_colour() -> None:
    assert {mark("London & Partners") for _ in range(3)} == {mark("London & Partners")}
    assert {mark(f"name {n}") for n in range(200)} == set(range(MARKS))
