"""The ceiling: what Flask and Jinja can do at most, with nothing behind them. `gunicorn bench.ceiling:app`.

/hello answers one word. /page?page=K shows twenty cards from memory, about 34 KB; with &weight=BYTES the same page carries
more cards and facet rows (or fewer), until it weighs about as much as asked.
"""

import random
from functools import lru_cache
from itertools import cycle, islice

from flask import Flask, render_template, request

CARDS = 20
ROWS = 96
GROUP = 24
"""facet rows under one legend"""
PAGES = 100
SECTIONS = ("Members", "Services", "Initiative", "Join")
SYLLABLES = "ba bren do fal gri ka lun mor nes pla ro sta tri vel zan".split()
SIGNS = "东南西北中华安平康宁海江山川金银明光新兴"
LETTERS = "абвгдежзиклмнопрст"
WORDS = (
    "offers advice and training on customs, standards & payment to small firms in neighbouring markets at a fixed price".split()
)
KINDS = ("Institution", "Enterprise")
app = Flask(__name__, template_folder=".")


class Maker:
    """Draws cards and facet rows; the same ones in every process."""

    def __init__(self) -> None:
        self.source = random.Random(20)

    def some(self, pool: str | list[str], number: int, gap: str = "") -> str:
        return gap.join(self.source.choices(pool, k=number))

    def card(self, number: int) -> dict[str, object]:
        name = self.some(SYLLABLES, 3).capitalize()
        return {
            "slug": f"{name.lower()}-{number}",
            "names": {"en": f"{name} Ltd & Co", "zh-Hans": self.some(SIGNS, 8), "sr-Cyrl": self.some(LETTERS, 14).capitalize()},
            "kind": self.source.choice(KINDS),
            "city": self.some(SYLLABLES, 2).capitalize(),
            "country": f"Country {self.source.randrange(60)}",
            "joined_on": f"2026-{self.source.randrange(1, 13):02}-{self.source.randrange(1, 29):02}",
            "summary": self.some(WORDS, 60, " "),
            "offerings": [self.offering() for _ in range(self.source.randrange(1, 5))],
        }

    def offering(self) -> dict[str, object]:
        sectors = [f"sector-{self.source.randrange(12)}" for _ in range(self.source.randrange(1, 4))]
        return {"title": self.some(WORDS, 5, " "), "category": f"category-{self.source.randrange(35)}", "sectors": sectors}

    def row(self, number: int) -> dict[str, object]:
        label = f"{self.some(SYLLABLES, 2).capitalize()} {self.some(WORDS, 1)}"
        return {
            "name": f"facet-{number // GROUP}",
            "value": f"value-{number}",
            "label": label,
            "count": self.source.randrange(999),
        }


_maker = Maker()
MEMBERS = [_maker.card(number) for number in range(PAGES * CARDS)]
CHOICES = [_maker.row(number) for number in range(ROWS)]


def show(number: int, cards: int, rows: int) -> str:
    """Render page `number` with so many cards and facet rows."""
    first = (number - 1) % PAGES * CARDS
    shown = islice(cycle(MEMBERS), first, first + cards)
    return render_template("page.html", number=number, cards=shown, facets=groups(rows), sections=SECTIONS)


@lru_cache
def groups(rows: int) -> list[tuple[str, tuple[dict[str, object], ...]]]:
    """Return so many facet rows, GROUP of them under each legend."""
    chosen = tuple(islice(cycle(CHOICES), rows))
    return [(f"Facet {at // GROUP}", chosen[at : at + GROUP]) for at in range(0, rows, GROUP)]


@lru_cache
def amount(weight: int) -> tuple[int, int]:
    """Return (cards, facet rows) with which a page weighs about `weight` bytes, both in their usual share."""
    bare, card, row = size(0, 0), (size(200, 0) - size(0, 0)) / 200, (size(0, ROWS) - size(0, 0)) / ROWS
    cards = round(CARDS * max(0.0, weight - bare) / (CARDS * card + ROWS * row))
    return cards, max(0, round((weight - bare - cards * card) / row))


def size(cards: int, rows: int) -> int:
    """Return the weight of a page in bytes."""
    return len(show(1, cards, rows).encode())


@app.get("/hello")
def hello() -> str:
    return "hello"


@app.get("/page")
def page() -> str:
    weight = request.args.get("weight", 0, int)
    cards, rows = amount(weight) if weight else (CARDS, ROWS)
    return show(max(1, request.args.get("page", 1, int)), cards, rows)
