"""Whether index and database agree: in version, and subject by subject."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy.orm import Session

from directory.search.changes import version
from directory.search.engine import KINDS, Document
from directory.search.gathering import digest
from directory.search.shelf import DAMAGE, IndexBroken, Opened, Shelf

BATCH = 500


@dataclass(frozen=True)
class Report:
    """What `search check` found. index: its (epoch, sequence), none where it cannot be used; database: the directory's.

    subjects: how many the database has. missing, extra, different: those that the index lacks, has beyond the database,
    or has with another content. trouble: why the index cannot be used, in the words of whoever noticed.
    """

    index: tuple[str, int] | None
    database: tuple[str, int]
    subjects: int
    missing: tuple[int, ...] = ()
    extra: tuple[int, ...] = ()
    different: tuple[int, ...] = ()
    trouble: str = ""

    @property
    def agrees(self) -> bool:
        """Say whether the two agree in everything."""
        return self.index == self.database and not (self.missing or self.extra or self.different or self.trouble)


def compare(
    shelf: Shelf,
    session: Session,
    *,
    load: Callable[[Session, Sequence[int]], Mapping[int, list[Document]]],
    all_ids: Callable[[Session], Iterable[int]],
) -> Report:
    """Compare the index with what the database holds."""
    opened, indexed, trouble = _read(shelf)
    database = version(session)
    wanted: dict[int, str] = {}
    ids = iter(list(all_ids(session)))
    while batch := list(islice(ids, BATCH)):
        wanted.update({subject: digest(documents) for subject, documents in load(session, batch).items()})
    return Report(
        index=opened.mark.version if opened else None,
        database=database,
        subjects=len(wanted),
        missing=tuple(sorted(wanted.keys() - indexed.keys())),
        extra=tuple(sorted(indexed.keys() - wanted.keys())),
        different=tuple(sorted(key for key in wanted.keys() & indexed.keys() if wanted[key] != indexed[key])),
        trouble=trouble,
    )


def _read(shelf: Shelf) -> tuple[Opened | None, dict[int, str], str]:
    """Return (index, its digests, what is wrong with it)."""
    try:
        opened = shelf.open()
        try:
            indexed = opened.file.digests()
            slots = opened.file.slots_of(indexed)
            if not opened.file.is_sound():
                return opened, indexed, "the file is damaged"
            if any(slots[kind] != opened.columns[kind].live for kind in KINDS):
                return opened, indexed, "what is listed and what is searched are not the same"
            return opened, indexed, ""
        finally:
            opened.file.close()
    except IndexBroken as broken:
        return None, {}, str(broken)
    except DAMAGE as error:
        return None, {}, str(error)
