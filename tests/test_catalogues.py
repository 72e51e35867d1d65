"""Every offered locale says everything, with the same placeholders, and not in English."""

import re
from pathlib import Path

import polib
import pytest

from directory.i18n.catalogues import compile_catalogues
from directory.i18n.locales import LOCALES, SOURCE
from directory.initiative.queries import categories, category_groups, get_initiative, sectors, zones
from tests.catalogues import TEMPLATE, catalogue, key

FIRST_LOCALES = ("en", "zh-Hans", "es", "de", "sr-Latn", "sr-Cyrl")
PROMISED = ("en", "zh-Hans", "es", "de", "sr-Latn", "sr-Cyrl")
"""Locales that visitors rely on: an incomplete catalogue of one of them is a failure, not a locale less."""
BEGUN = [tag for tag, locale in LOCALES.items() if tag != SOURCE and catalogue(locale.babel).exists()]
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|<[^>]+>|\{\w*\}")
SAME_AS_ENGLISH = Path(__file__).parent / "same_as_english.txt"


def _allowed(tag: str) -> set[str]:
    """Texts that may stand as in English: one a line, `<tag>|<text>|<reason>`, tag `*` for all locales."""
    allowed = set()
    for line in SAME_AS_ENGLISH.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            locale, text, reason = line.split("|")
            assert reason.strip(), f"no reason for {text}"
            if locale in {tag, "*"}:
                allowed.add(text)
    return allowed


def _texts(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def test_the_promised_locales_are_offered() -> None:
    assert set(PROMISED) <= set(compile_catalogues())


@pytest.mark.parametrize("tag", BEGUN)
def test_catalogue_is_true_to_the_source(tag: str) -> None:
    """Every text of a promised locale, and what there is of one that is only begun."""
    template = {key(e): e for e in polib.pofile(str(TEMPLATE))}
    entries = polib.pofile(str(catalogue(LOCALES[tag].babel)))
    wrong = []

    for entry in entries:
        sources = {entry.msgid, entry.msgid_plural} - {""}
        for text in _texts(entry):
            if not text:
                if tag in PROMISED:
                    wrong.append(f"not translated: {entry.msgid}")
                continue
            wanted = [sorted(set(PLACEHOLDER.findall(source))) for source in sources]
            got = sorted(set(PLACEHOLDER.findall(text)))
            if got not in wanted and not (entry.msgid_plural and set(got) <= set().union(*map(set, wanted))):
                wrong.append(f"placeholders: {entry.msgid!r} → {text!r}")
            if text in sources and text not in _allowed(tag) and re.search(r"[A-Za-z]{2}", text):
                wrong.append(f"as in English: {text}")

    assert wrong == []
    assert {key(e) for e in entries} == set(template)
    assert not [e.msgid for e in entries if e.fuzzy or e.obsolete]


@pytest.mark.parametrize("tag", FIRST_LOCALES)
def test_taxonomies_and_initiative_speak_every_locale(tag: str) -> None:
    for taxonomy in (categories(), category_groups(), sectors(), zones()):
        assert [slug for slug, term in taxonomy.terms.items() if not term.labels.get(tag)] == []
    assert get_initiative().names.get(tag)
    assert get_initiative().statement.texts.get(tag)


@pytest.mark.parametrize("tag", [t for t in BEGUN if t.startswith("sr-")])
def test_serbian_scripts_are_not_mixed(tag: str) -> None:
    cyrillic, latin = re.compile("[\u0400-\u04ff]"), re.compile("[A-Za-zČĆŠŽĐčćšžđ]")
    for entry in polib.pofile(str(catalogue(LOCALES[tag].babel))):
        for text in _texts(entry):
            for word in re.findall(r"\w+", PLACEHOLDER.sub("", text)):
                assert not (cyrillic.search(word) and (tag == "sr-Latn" or latin.search(word))), text
