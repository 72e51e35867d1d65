"""Keeps the catalogues of all locales in step with the template: `python -m tests.catalogues update`."""

import sys
from pathlib import Path

import polib

from directory.i18n.locales import LOCALES, SOURCE

FOLDER = Path(__file__).resolve().parent.parent / "translations"
TEMPLATE = FOLDER / "messages.pot"
PLURALS = {
    "zh_Hans": "nplurals=1; plural=0;",
    "zh_Hant": "nplurals=1; plural=0;",
    "ja": "nplurals=1; plural=0;",
    "ko": "nplurals=1; plural=0;",
    "es": "nplurals=2; plural=(n != 1);",
    "de": "nplurals=2; plural=(n != 1);",
    "pt": "nplurals=2; plural=(n > 1);",
    "fr": "nplurals=2; plural=(n > 1);",
    "sr_Latn": "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);",
    "sr_Cyrl": "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);",
    "ru": "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);",
    "ar": "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 && n%100<=99 ? 4 : 5);",
}


def key(entry: polib.POEntry) -> tuple[str, str, str]:
    """What makes an entry the same in two catalogues."""
    return (entry.msgctxt or "", entry.msgid, entry.msgid_plural or "")


def catalogue(babel: str) -> Path:
    """Where the catalogue of a Babel locale lies."""
    return FOLDER / babel / "LC_MESSAGES" / "messages.po"


def update(babel: str) -> tuple[int, int]:
    """Bring one catalogue in step: same entries, same order, translations kept; return (all, untranslated)."""
    template = polib.pofile(str(TEMPLATE))
    path = catalogue(babel)
    old = {key(e): e for e in polib.pofile(str(path))} if path.exists() else {}
    plurals = int(PLURALS[babel].split("=")[1].split(";")[0])
    fresh = polib.POFile(wrapwidth=0)
    fresh.metadata = {
        "Project-Id-Version": "co-signatory directory",
        "Language": babel,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": PLURALS[babel],
    }
    for wanted in template:
        kept = old.get(key(wanted))
        entry = polib.POEntry(
            msgctxt=wanted.msgctxt,
            msgid=wanted.msgid,
            msgid_plural=wanted.msgid_plural,
            comment=wanted.comment,
            flags=wanted.flags,
        )
        if wanted.msgid_plural:
            entry.msgstr_plural = {n: (kept.msgstr_plural.get(n, "") if kept else "") for n in range(plurals)}
        else:
            entry.msgstr = kept.msgstr if kept else ""
        fresh.append(entry)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh.save(str(path))
    return len(fresh), len(fresh.untranslated_entries())


def main() -> None:
    """Update all catalogues that exist."""
    for locale in LOCALES.values():
        if locale.tag != SOURCE and catalogue(locale.babel).exists():
            total, missing = update(locale.babel)
            print(f"{locale.tag}: {total} texts, {missing} not translated")


if __name__ == "__main__":
    if sys.argv[1:] != ["update"]:
        sys.exit("usage: python -m tests.catalogues update")
    main()
