"""Reading the initiative's data files, once for each process."""

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from directory.config import ROOT
from directory.i18n.locales import LOCALES
from directory.initiative.models import Initiative, Operator, StatementVersion, Taxonomy, Term

DATA = ROOT / "directory" / "data"


@cache
def get_initiative() -> Initiative:
    """Return the initiative with all versions of its statement."""
    raw = _read("initiative.json")
    return Initiative(
        names=raw["names"],
        is_working_name=raw["working_name"],
        announced_on=date.fromisoformat(raw["announced_on"]),
        announced_at=raw["announced_at"],
        source_title=raw["source"]["title"],
        source_address=raw["source"]["address"],
        statements=tuple(_statement(v, sample=raw["statement"]["sample"]) for v in raw["statement"]["versions"]),
        operator=Operator(raw["operator"]["names"], raw["operator"]["address"]),
    )


@cache
def categories() -> Taxonomy:
    """Service categories, in groups."""
    return _taxonomy(_read("taxonomy.json")["services"])


@cache
def category_groups() -> Taxonomy:
    """Groups of service categories."""
    return _taxonomy(_read("taxonomy.json")["groups"])


@cache
def sectors() -> Taxonomy:
    """Sectors that offerings are for."""
    return _taxonomy(_read("taxonomy.json")["sectors"])


@cache
def zones() -> Taxonomy:
    """Zones of the initiative's home."""
    return _taxonomy(_read("initiative.json")["zones"])


def _read(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((DATA / name).read_text(encoding="utf-8"))
    return data


def _taxonomy(rows: list[dict[str, Any]]) -> Taxonomy:
    return Taxonomy({row["slug"]: Term(row["slug"], row["labels"], row.get("group")) for row in rows})


def _statement(raw: dict[str, Any], *, sample: bool) -> StatementVersion:
    folder: Path = DATA / "statement"
    texts = {tag: file.read_text(encoding="utf-8") for tag in LOCALES if (file := folder / f"{raw['version']}.{tag}.md").exists()}
    return StatementVersion(raw["version"], date.fromisoformat(raw["published_on"]), texts, sample)
