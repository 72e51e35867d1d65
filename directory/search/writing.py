"""Writing an index: the whole of it from what was gathered, or what changed since."""

from array import array
from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cache

from pyroaring import BitMap

from directory.search.columns import NEWEST, Columns, Late
from directory.search.engine import KINDS, Document, Kind
from directory.search.gathering import Gatherer, Row, unpack_keys
from directory.search.index import IndexFile, Mark
from directory.search.storing import Store

LATE_MAX = 1000
"""documents after which the columns are written anew"""


def write_terms(store: Store, gatherer: Gatherer) -> None:
    """Write the terms of a whole index."""
    for kind, gathered in gatherer.gathered.items():
        store.all_terms(kind, gathered)


def write_documents(store: Store, gatherer: Gatherer, mark: Mark) -> None:
    """Write all but the terms of a whole index."""
    store.subjects(gatherer.subjects)
    for kind, gathered in gatherer.gathered.items():
        store.rows(kind, gathered)
        store.columns(kind, _columns(gathered.rows, gatherer.locales))
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
    gatherer = Gatherer(locales, {kind: len(columns[kind].ids) for kind in KINDS})
    for subject_id, found in documents.items():
        gatherer.add(subject_id, found)
    gatherer.settle()
    changed, late = {}, {}
    for kind, gathered in gatherer.gathered.items():
        late[kind] = _ranked(file, kind, columns[kind], gathered.rows)
        live = (columns[kind].live - leaving[kind]) | BitMap(range(gathered.first, gathered.first + len(gathered.rows)))
        changed[kind] = columns[kind].with_late(late[kind], live)
    is_much = sum(map(len, late.values())) + file.count_late() > LATE_MAX
    store = Store(file.connection)
    store.execute("BEGIN IMMEDIATE")
    store.forget(gone)
    store.subjects(gatherer.subjects)
    for kind, gathered in gatherer.gathered.items():
        store.rows(kind, gathered)
        store.more_terms(kind, gathered)
        if is_much:
            store.columns(kind, changed[kind])
        else:
            store.late(kind, late[kind], changed[kind])
    dead = mark.dead + sum(map(len, leaving.values()))
    store.mark(replace(mark, base=mark.base + is_much, dead=dead))
    store.execute("COMMIT")


def _columns(rows: Sequence[Row], locales: Sequence[str]) -> Columns:
    """Make the columns of a whole index."""
    values: dict[tuple[str, str], list[int]] = {}
    for slot, row in enumerate(rows):
        for pair in (*row.values, (NEWEST, row.newest)):
            values.setdefault(pair, []).append(slot)
    made = Columns.empty(locales)
    made.ids.extend(row.id for row in rows)
    made.subjects.extend(row.subject_id for row in rows)
    made.live = BitMap(range(len(rows)))
    for (name, value), slots in values.items():
        (made.newest if name == NEWEST else made.values[name])[value] = BitMap(slots)
    by_id = sorted(range(len(rows)), key=made.ids.__getitem__)
    for number, locale in enumerate(locales):
        keys = [row.keys[number] for row in rows]
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
        return tuple(unpack_keys(packed, len(orders))), row_id

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
