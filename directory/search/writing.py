"""Writing an index: the whole of it from what was gathered, or what changed since."""

from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from heapq import merge

from pyroaring import BitMap

from directory.search.columns import NEWEST, Columns, Late
from directory.search.engine import KINDS, Document, Kind
from directory.search.gathering import Documents, Gatherer, Row, Subject, key_of, row_of
from directory.search.index import IndexFile, Mark
from directory.search.portions import Portions
from directory.search.storing import Store

LATE_MAX = 1000
"""documents after which the columns are written anew"""


def write_terms(store: Store, portions: Portions) -> None:
    """Write the terms of a whole index, or of the half that one process has."""
    for kind in KINDS:
        store.all_terms(kind, portions.tokens(kind), portions.pairs(kind))


def write_documents(
    store: Store,
    parts: Sequence[Mapping[Kind, Documents]],
    subjects: Iterable[Subject],
    *,
    mark: Mark,
    locales: Sequence[str],
) -> None:
    """Write all but the terms of a whole index. parts: documents by kind, as each of the processes has them."""
    store.subjects(subjects)
    for kind in KINDS:
        of_kind = [part[kind] for part in parts]
        store.rows(kind, merge(*(documents.rows() for documents in of_kind)))
        store.columns(kind, _columns(of_kind, locales))
    store.mark(mark)


def write_changes(
    file: IndexFile,
    columns: Mapping[Kind, Columns],
    documents: Mapping[int, list[Document]],
    gone: Collection[int],
    *,
    mark: Mark,
    locales: Sequence[str],
) -> None:
    """Write what changed, in one transaction.

    columns: as the file has them. documents: by subject, those that are public now; gone: subjects that are not. mark:
    what the file holds afterwards, but for what is counted here.
    """
    leaving = file.slots_of((*documents, *gone))
    gatherer = Gatherer(locales, first={kind: len(columns[kind].ids) for kind in KINDS})
    rows: dict[Kind, list[Row]] = {kind: [] for kind in KINDS}
    for subject_id, found in documents.items():
        gatherer.add(subject_id, found)
        for document in found:
            rows[document.kind].append(row_of(document, locales))
    changed, late = {}, {}
    for kind, gathered in gatherer.gathered.items():
        late[kind] = _ranked(file, kind, columns[kind], rows[kind])
        live = (columns[kind].live - leaving[kind]) | BitMap(gathered.documents.slots)
        changed[kind] = columns[kind].with_late(late[kind], live)
    is_much = sum(map(len, late.values())) + file.count_late() > LATE_MAX
    store = Store(file.connection)
    store.execute("BEGIN IMMEDIATE")
    store.forget(gone)
    store.subjects(gatherer.subjects)
    for kind, gathered in gatherer.gathered.items():
        store.rows(kind, gathered.documents.rows())
        store.more_terms(kind, gathered.tokens(), gathered.pairs())
        if is_much:
            store.columns(kind, changed[kind])
        else:
            store.late(kind, late[kind], changed[kind])
    dead = mark.dead + sum(map(len, leaving.values()))
    store.mark(replace(mark, base=mark.base + is_much, dead=dead))
    store.execute("COMMIT")


def _columns(parts: Sequence[Documents], locales: Sequence[str]) -> Columns:
    """Make the columns of a whole index. Where one part has more documents than another, some slots stay empty."""
    made, end = Columns.empty(locales), max((documents.slots[-1] + 1 for documents in parts if documents.ids), default=0)
    made.ids, made.subjects = array("I", bytes(4 * end)), array("I", bytes(4 * end))
    for documents in parts:
        taken = slice(documents.first, documents.slots.stop, documents.step)
        made.ids[taken], made.subjects[taken] = documents.ids, documents.subjects
        made.live.update(documents.slots)
        for (name, value), slots in documents.values.items():
            found = made.newest if name == NEWEST else made.values[name]
            found[value] = found[value] | slots if value in found else slots
    by_id = sorted(made.live, key=made.ids.__getitem__)
    keys = [b""] * end
    for number, locale in enumerate(locales):
        for documents in parts:
            keys[documents.first : documents.slots.stop : documents.step] = [key_of(packed, number) for packed in documents.keys]
        made.order[locale] = array("I", sorted(by_id, key=keys.__getitem__))
    return made


def _ranked(file: IndexFile, kind: Kind, columns: Columns, rows: Sequence[Row]) -> list[Late]:
    """Find the place of each new row in every order, as it will be once the rows before it stand there."""
    new = dict(enumerate(rows, len(columns.ids)))
    orders = [slots[:] for slots in columns.order.values()] if rows else []

    @cache
    def keys(slot: int) -> tuple[tuple[bytes, ...], int]:
        if slot in new:
            return new[slot].keys, new[slot].id
        row_id, packed = file.keys(kind, slot)
        return tuple(key_of(packed, number) for number in range(len(orders))), row_id

    late = []
    for slot, row in new.items():
        ranks = []
        for number, order in enumerate(orders):

            def key(there: int, number: int = number) -> tuple[bytes, int]:
                of_locales, row_id = keys(there)
                return of_locales[number], row_id

            rank = bisect_left(order, key(slot), key=key)
            order.insert(rank, slot)
            ranks.append(rank)
        late.append(Late(row.id, row.subject_id, row.values, row.newest, ranks))
    return late
