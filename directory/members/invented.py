"""Invented members for demonstrations: member i of a seed depends on (seed, i) alone.

Every organisation, person and address is made up; web and mail addresses lie under the reserved name .example, and the
telephone numbers belong to nobody.
"""

import hashlib
import itertools
import json
import random
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any, TypeVar

from directory.initiative.reading import DATA, shipped
from directory.initiative.vocab import Subject
from directory.members.interchange import Record

T = TypeVar("T")
FIRST_DAY = date(2026, 5, 11)
DAYS = 198
"""how many days after the first the last one may have signed"""
OWN_SCRIPT = frozenset({"zh", "ja", "ko", "ar", "sr", "ru"})
DELIVERY = (("online",), ("on-site",), ("on-site", "online"))
FEES = ("free", "members", "paid")
DIRECTIONS = ("going-abroad", "coming-in", "both")


class Words:
    """What the members are made of, with the weights by which it is drawn."""

    def __init__(self) -> None:
        raw: dict[str, Any] = json.loads((DATA / "demonstration.json").read_text(encoding="utf-8"))
        self.types = [row[0] for row in raw["kinds"]]
        self.type_weights = list(itertools.accumulate(row[1] for row in raw["kinds"]))
        self.institutions = {row[0] for row in raw["kinds"] if row[2]}
        self.countries = [row[0] for row in raw["countries"]]
        self.country_weights = list(itertools.accumulate(row[1] for row in raw["countries"]))
        self.language_of = {row[0]: row[2] for row in raw["countries"]}
        self.tags: dict[str, str] = raw["tags"]
        self.second: list[str] = raw["second_languages"]
        self.openings: list[str] = raw["title_openings"]
        self.categories: list[str] = raw["categories"]
        self.category_weights = _fading(self.categories)
        self.sectors: list[str] = raw["sectors"]
        self.sector_weights = _fading(self.sectors)
        self.zones = [zone["slug"] for zone in shipped(Subject.ZONES)["terms"]]
        self.joined: dict[str, Any] = raw["joined"]
        self.latin: dict[str, list[str]] = raw["latin"]
        self.scripts: dict[str, str] = raw["scripts"]
        self.type_names: dict[str, dict[str, str]] = raw["type_names"]
        self.sentences: dict[str, list[list[str]]] = raw["sentences"]

    def tag(self, language: str) -> str:
        """Return the site's tag for a language of the vocabulary."""
        return self.tags.get(language, language)


def _fading(codes: Sequence[str]) -> list[float]:
    return list(itertools.accumulate(1 / (place + 3) for place in range(len(codes))))


@cache
def words() -> Words:
    """Return the vocabulary, read once."""
    return Words()


def invented_member(seed: int, number: int) -> Record:
    """Return member `number` (from 1) of a seed in the interchange format."""
    digest = hashlib.blake2b(f"{seed}:{number}".encode(), digest_size=8).digest()
    return _Maker(random.Random(int.from_bytes(digest, "big"))).member(number)  # noqa: S311 (a toy world, no secret)


class _Maker:
    """Draws one member; the order of the drawings is what makes it the same each time."""

    def __init__(self, source: random.Random) -> None:
        self.source = source
        self.w = words()

    def member(self, number: int) -> Record:
        draw, w = self.source.random, self.w
        type_ = self.source.choices(w.types, cum_weights=w.type_weights)[0]
        country = self.source.choices(w.countries, cum_weights=w.country_weights)[0]
        local = w.language_of[country]
        latin = self.name("en") + (f" {self.name('en')}" if draw() < 0.4 else "")
        languages = self.languages(local)
        names = {
            w.tag(language): w.type_names[type_][language].format(p=self.name(language) if language in OWN_SCRIPT else latin)
            for language in languages
        }
        summarised = languages[1:2] if draw() < 0.1 else languages[: 1 + self.below(min(3, len(languages)))]
        summaries = {w.tag(language): self.prose(language, 40 + self.below(81)) for language in summarised}
        offerings = [self.offering(country, local) for _ in range(1 + min(self.below(6), self.below(8)))]
        host = latin.lower().replace(" ", "")
        return {
            "slug": f"{latin.lower().replace(' ', '-')}-{country.lower()}-{number}",
            "kind": "institution" if type_ in w.institutions else "enterprise",
            "type": type_,
            "country": country,
            "city": self.name("en"),
            "zones": [self.pick(w.zones)] if country == "CN" and draw() < 0.6 else [],
            "joined_on": (FIRST_DAY + timedelta(days=int(DAYS * draw() ** 0.6))).isoformat(),
            "languages": [w.tag(language) for language in languages],
            "names": names,
            "summaries": summaries,
            "website": f"https://{host}{number}.example/",
            "contact": {
                "name": f"{self.name('en')} {self.name('en')}",
                "email": f"office@{host}{number}.example",
                "phone": f"+000 {self.below(900) + 100} {self.below(9000) + 1000}",
            },
            "offerings": offerings,
            "demonstration": True,
        }

    def offering(self, country: str, local: str) -> Record:
        draw, w = self.source.random, self.w
        category = self.source.choices(w.categories, cum_weights=w.category_weights)[0]
        title = {"en": f"{self.pick(w.openings)} {self.pick(w.sentences['en'][2])}"}
        description = {"en": self.prose("en", 15 + self.below(26))}
        if local != "en" and draw() < 0.5:
            title[w.tag(local)] = self.pick(w.sentences[local][1 if local in w.joined["local_objects"] else 2])
            description[w.tag(local)] = self.prose(local, 15 + self.below(26))
        sectors = self.source.choices(w.sectors, cum_weights=w.sector_weights, k=1 + self.below(3))
        served = self.source.choices(w.countries, cum_weights=w.country_weights, k=self.below(6))
        spoken = ["en", local, *([self.pick(w.second)] if draw() < 0.5 else [])]
        return {
            "title": title,
            "description": description,
            "category": category,
            "sectors": _once(sectors),
            "serves": _once([country, *served]),
            "languages": _once(w.tag(language) for language in spoken),
            "delivery": list(self.pick(DELIVERY)),
            "fee": self.pick(FEES),
            "direction": self.pick(DIRECTIONS),
        }

    def languages(self, local: str) -> list[str]:
        found = ["en"] if local == "en" else ["en", local]
        while len(found) < 2 or (len(found) < 4 and self.source.random() < 0.25):
            more = self.pick(self.w.second)
            if more not in found:
                found.append(more)
        return found

    def name(self, language: str) -> str:
        """Invent a name of a place or brand in the script of a language."""
        pick, w = self.pick, self.w
        if language in {"zh", "ja", "ko"}:
            return "".join(pick(w.scripts[language]) for _ in range(2 + self.below(3)))
        if language == "ar":
            return "ال" + "".join(pick(w.scripts["ar"]) for _ in range(3 + self.below(3)))
        if language in {"sr", "ru"}:
            syllables = (pick(w.scripts["cyr"]) + pick("аеиоу") for _ in range(2 + self.below(2)))
            return "".join(syllables).capitalize()
        latin = w.latin
        syllables = (pick(latin["onset"]) + pick(latin["nucleus"]) + pick(latin["coda"]) for _ in range(2 + self.below(2)))
        return "".join(syllables).capitalize()

    def prose(self, language: str, length: int) -> str:
        """Write about `length` words; in Chinese and Japanese two characters count as one."""
        pools, joined = self.w.sentences[language], self.w.joined
        spaceless: bool = language in joined["spaceless"]
        gap = "" if spaceless else " "
        stop: str = joined["full_stop"].get(language, ". ")
        sentences: list[str] = []
        have = 0
        while have < length:
            parts = [self.pick(pool) for pool in pools]
            if self.source.random() < 0.35:
                parts.append(self.name(language))
            sentences.append(gap.join(parts))
            have += len(sentences[-1]) // 2 if spaceless else sentences[-1].count(" ") + 1
        return (stop.join(sentences) + stop).strip()

    def below(self, number: int) -> int:
        return int(self.source.random() * number)

    def pick(self, pool: Sequence[T]) -> T:
        return pool[int(self.source.random() * len(pool))]


def _once(codes: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(codes))
