"""Message catalogues: compiled where needed; a locale is offered when its catalogue is complete."""

import os
import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from directory.config import ROOT
from directory.i18n.locales import LOCALES, SOURCE

FOLDER = ROOT / "translations"
DOMAIN = "messages"


def po_file(tag: str) -> Path:
    """Where the catalogue of a locale lies."""
    return FOLDER / LOCALES[tag].babel / "LC_MESSAGES" / f"{DOMAIN}.po"


def is_complete(catalogue: Catalog) -> bool:
    """Say whether every message has a translation, all its plural forms, and none is fuzzy."""
    for message in catalogue:
        if not message.id:
            continue
        texts = message.string if isinstance(message.string, (list, tuple)) else (message.string,)
        if message.fuzzy or not all(texts) or (message.pluralizable and len(texts) != catalogue.num_plurals):
            return False
    return True


def compile_catalogues() -> tuple[str, ...]:
    """Compile each complete catalogue that is newer than its compiled form; return the tags of all offered locales.

    An incomplete catalogue leaves no compiled form behind, so that its locale is not offered.
    """
    offered = []
    for tag in LOCALES:
        source = po_file(tag)
        compiled = source.with_suffix(".mo")
        if tag == SOURCE:
            offered.append(tag)
        elif not source.exists():
            continue
        elif compiled.exists() and compiled.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            offered.append(tag)
        elif _compile(source, compiled):
            offered.append(tag)
    return tuple(offered)


def _compile(source: Path, compiled: Path) -> bool:
    with source.open("rb") as file:
        catalogue = read_po(file, locale=source.parent.parent.name, domain=DOMAIN)
    if not is_complete(catalogue):
        compiled.unlink(missing_ok=True)
        return False
    handle, name = tempfile.mkstemp(dir=compiled.parent, suffix=".tmp")
    with os.fdopen(handle, "wb") as out:
        write_mo(out, catalogue)
    Path(name).chmod(0o644)
    Path(name).replace(compiled)
    return True
