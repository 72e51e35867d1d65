"""Whether index and database agree: in version, and document by document."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy.orm import Session
from tantivy import Query

from directory.search.changes import version
from directory.search.engine import Document
from directory.search.schema import digest, read_state
from directory.search.shelf import Opened

BATCH = 500


@dataclass(frozen=True)
class Report:
    """What `search check` found. index: its (epoch, sequence), none where it cannot be used; database: the directory's.

    documents: how many the database has. missing, extra, different: (kind, id) of documents that the index lacks,
    has beyond the database, or has with another content.
    """

    index: tuple[str, int] | None
    database: tuple[str, int]
    documents: int
    missing: tuple[tuple[str, int], ...] = ()
    extra: tuple[tuple[str, int], ...] = ()
    different: tuple[tuple[str, int], ...] = ()

    @property
    def agrees(self) -> bool:
        """Say whether the two agree in everything."""
        return self.index == self.database and not (self.missing or self.extra or self.different)


def compare(
    opened: Opened | None,
    session: Session,
    *,
    load: Callable[[Session, Sequence[int]], Mapping[int, list[Document]]],
    all_ids: Callable[[Session], Iterable[int]],
) -> Report:
    """Compare a snapshot of the index (none: there is no usable one) with what the database holds."""
    database = version(session)
    indexed = _indexed(opened) if opened else {}
    wanted: dict[tuple[str, int], str] = {}
    ids = iter(list(all_ids(session)))
    while batch := list(islice(ids, BATCH)):
        for documents in load(session, batch).values():
            wanted.update({(str(d.kind), d.id): digest(d) for d in documents})
    return Report(
        index=opened.mark.version if opened else None,
        database=database,
        documents=len(wanted),
        missing=tuple(sorted(wanted.keys() - indexed.keys())),
        extra=tuple(sorted(indexed.keys() - wanted.keys())),
        different=tuple(sorted(key for key in wanted.keys() & indexed.keys() if wanted[key] != indexed[key])),
    )


def _indexed(opened: Opened) -> dict[tuple[str, int], str]:
    """Return {(kind, id): digest} of every document in the index."""
    found: dict[tuple[str, int], str] = {}
    everything = opened.searcher.search(Query.all_query(), limit=max(1, opened.searcher.num_docs), count=False)
    for _, address in everything.hits:
        document = opened.searcher.doc(address)
        state = read_state(document)
        if isinstance(state, list):
            found[str(state[0]), int(str(state[1]))] = str(state[3])
    return found
