"""Rules that hold for every template."""

import re

import pytest
from flask import Flask

from directory.config import ROOT
from directory.mail import letters

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
NAMES = [str(path.relative_to(ROOT / "templates")) for path in TEMPLATES]
JINJA = re.compile(
    r"\{%\s*block body_class.*?endblock\s*%\}|\{#.*?#\}|\{%-?\s*trans\b.*?endtrans\s*-?%\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL
)
TAG = re.compile(r"<[^>]*>", re.DOTALL)


@pytest.mark.parametrize("name", NAMES)
def test_template_compiles(app: Flask, name: str) -> None:
    assert app.jinja_env.get_template(name) is not None


@pytest.mark.parametrize("name", [p.name for p in sorted((ROOT / "templates" / "mail").glob("*.txt"))])
def test_letter_compiles(name: str) -> None:
    assert letters._LETTERS.get_template(name) is not None


@pytest.mark.parametrize("path", TEMPLATES, ids=NAMES)
def test_template_has_no_text_outside_the_catalogues(path: object) -> None:
    text = TAG.sub(" ", JINJA.sub(" ", path.read_text(encoding="utf-8")))

    assert re.findall(r"\b[A-Z][a-z]{2,}|[A-Za-z]{2,} [a-z]{2,}", re.sub(r"&\w+;", " ", text)) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=NAMES)
def test_template_trusts_no_text_and_styles_nothing_inline(path: object) -> None:
    text = path.read_text(encoding="utf-8")

    assert (
        re.findall(r"\|\s*safe\b|autoescape\s+false|\sstyle=|<style|\son[a-z]+=|javascript:|https?://(?!www\.w3\.org)", text)
        == []
    )
