"""The data of each subject: what comes with the program, and how data becomes values."""

import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any, TypeAlias

from directory.config import ROOT
from directory.i18n.locales import LOCALES
from directory.initiative.models import Initiative, Operator, PageText, StatementVersion, Taxonomy, Term, Times
from directory.initiative.vocab import PAGES, TIMES, Subject

DATA = ROOT / "directory" / "data"
Data: TypeAlias = Mapping[str, Any]
"""Data of a subject, as JSON has it."""


@cache
def shipped(subject: Subject) -> Data:
    """Return what comes with the program, in the form that editions have."""
    if subject in PAGES:
        return {"texts": {}, "replaces": False}
    raw = _read("initiative.json")
    match subject:
        case Subject.INITIATIVE:
            kept = ("names", "working_name", "announced_on", "announced_at", "source")
            return {**{key: raw[key] for key in kept}, "operator": {"mail": "", **raw["operator"]}}
        case Subject.STATEMENT:
            return {"versions": [{**one, "texts": _texts(one["version"])} for one in raw["statement"]["versions"]]}
        case Subject.CONSENTS:
            return {"versions": _read("consents.json")["versions"]}
        case Subject.ZONES:
            return {"terms": raw["zones"]}
        case Subject.TIMES:
            return dict(raw["times"])
        case _:
            return {"terms": _read("taxonomy.json")[_TAXONOMY_KEYS[subject]]}


def read_initiative(data: Data, statement: Data) -> Initiative:
    """Put the initiative together from its own data and that of its statement."""
    return Initiative(
        names=data["names"],
        is_working_name=data["working_name"],
        announced_on=date.fromisoformat(data["announced_on"]),
        announced_at=data["announced_at"],
        source_title=data["source"]["title"],
        source_address=data["source"]["address"],
        statements=read_statements(statement),
        operator=Operator(**data["operator"]),
    )


def read_statements(data: Data) -> tuple[StatementVersion, ...]:
    """Return the versions, the newest last."""
    return tuple(
        StatementVersion(one["version"], date.fromisoformat(one["published_on"]), one["texts"], one["sample"])
        for one in data["versions"]
    )


def read_taxonomy(data: Data) -> Taxonomy:
    """Return the terms in their order."""
    return Taxonomy(
        {one["slug"]: Term(one["slug"], one["labels"], one.get("group"), one.get("successor")) for one in data["terms"]}
    )


def read_times(data: Data) -> Times:
    """Return the terms of time; one that an older program did not know is as it comes with this one."""
    usual = shipped(Subject.TIMES)
    return Times(**{name: data.get(name, usual[name]) for name in TIMES})


def read_page(data: Data) -> PageText:
    """Return an administrator's words for a page."""
    return PageText(data["texts"], data["replaces"])


_TAXONOMY_KEYS = {Subject.CATEGORIES: "services", Subject.CATEGORY_GROUPS: "groups", Subject.SECTORS: "sectors"}


def _read(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((DATA / name).read_text(encoding="utf-8"))
    return data


def _texts(version: str) -> dict[str, str]:
    folder = DATA / "statement"
    return {tag: file.read_text(encoding="utf-8") for tag in LOCALES if (file := folder / f"{version}.{tag}.md").exists()}
