"""A small world to search in: documents held by the test, a ledger and a change log in the real database."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from sqlalchemy.orm import Session

from directory.db import db
from directory.search.changes import note_changes
from directory.search.embedded import EmbeddedEngine
from directory.search.engine import Document, Request

LOCALES = ("en", "de")


def document(number: int, name: str = "", **changes: object) -> Document:
    """Give the document of a member."""
    name = name or f"Member {number:03d}"
    values = {"kind": "member", "slug": f"member-{number}", "names": (("en", name),), "order": {"en": name.casefold().encode()}}
    return Document(id=number, subject_id=number, **(values | changes))  # type: ignore[arg-type]


class Library:
    """Documents by subject. `put` and `drop` change them and note it, as a service would."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.documents: dict[int, list[Document]] = {}

    @contextmanager
    def scope(self) -> Iterator[Session]:
        with self.app.app_context(), Session(db.engine) as session:
            yield session

    def engine(self, folder: Path, locales: Sequence[str] = LOCALES, **changes: object) -> EmbeddedEngine:
        """Give an engine of this world: each stands for one process."""
        return EmbeddedEngine(folder, scope=self.scope, load=self.load, all_ids=self.all_ids, locales=locales, **changes)

    def load(self, _session: Session, ids: Sequence[int]) -> dict[int, list[Document]]:
        return {number: self.documents[number] for number in ids if number in self.documents}

    def all_ids(self, _session: Session) -> list[int]:
        return sorted(self.documents)

    def put(self, *documents: Document) -> None:
        for one in documents:
            kept = [d for d in self.documents.get(one.subject_id, []) if (d.kind, d.id) != (one.kind, one.id)]
            self.documents[one.subject_id] = [*kept, one]
        self.note(*(one.subject_id for one in documents))

    def drop(self, *numbers: int) -> None:
        for number in numbers:
            del self.documents[number]
        self.note(*numbers)

    def note(self, *numbers: int) -> None:
        with self.scope() as session:
            note_changes(session, numbers)
            session.commit()


def find(engine: EmbeddedEngine, text: str = "", **changes: object) -> list[int]:
    """Give the numbers of what is found, in order: by relevance where there is a text."""
    values: dict[str, object] = {"kind": "member", "locale": "en", "sort": "relevance", "per_page": 100} | changes
    return list(engine.search(Request(text=text, **values)).ids)  # type: ignore[arg-type]


Finder = Callable[..., list[int]]
