"""A request put to an open tantivy index: what matches, in which order, and what each facet counts."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import tantivy
from tantivy import Occur, Query

from directory.search.engine import FACETS, ORDER_FALLBACK, Request, chosen_values
from directory.search.schema import TEXT_FIELDS, order_field, values_sorted
from directory.search.text import Word, query_words

ALIKE_FACTOR = 0.6
PREFIX_FACTOR = 0.4
NEAR_FACTOR = 0.25
BM25_FACTOR = 0.01
"""Rarity and length of texts only decide between matches of the same weight."""
TIES_MAX = 2000
"""So many equal matches are put in the order of names; beyond them the index's own order stands."""
VALUES_MAX = 2000

Hit: TypeAlias = tuple[float, tantivy.DocAddress]


class Asking:
    """One request to one snapshot of the index."""

    def __init__(self, schema: tantivy.Schema, searcher: tantivy.Searcher, request: Request, locales: Sequence[str]) -> None:
        self.schema = schema
        self.searcher = searcher
        self.request = request
        self.locale = request.locale if request.locale in locales else ORDER_FALLBACK
        self.chosen = chosen_values(request.facets)
        self.text = self._text_query()

    def page(self) -> tuple[tuple[int, ...], int]:
        """Return the row numbers of the page asked for, in order, and how many there are on all pages."""
        query = self._query(self.chosen)
        total = self._count(query)
        first = (self.request.page - 1) * self.request.per_page
        if self.request.page < 1 or self.request.per_page < 1 or first >= total:
            return (), total
        if self.request.sort == "relevance" and self.text is not None:
            return tuple(self._by_relevance(query, first, first + self.request.per_page)), total
        order = "newest" if self.request.sort == "newest" else "name"
        return tuple(self._by_order(query, order, self.request.per_page, first)), total

    def counts(self) -> dict[str, dict[str, int]]:
        """Count each facet's values with that facet's own choice lifted; chosen values stay, be it with 0."""
        counted = self._count_values(self._query(self.chosen), [name for name in FACETS if name not in self.chosen])
        for name in self.chosen:
            if name in FACETS:
                others = {other: values for other, values in self.chosen.items() if other != name}
                counted |= self._count_values(self._query(others), [name])
        return {name: {**dict.fromkeys(self.chosen.get(name, ()), 0), **counted[name]} for name in FACETS}

    def _text_query(self) -> Query | None:
        """Return what the text asks for; where nothing has those words, what is one typing mistake away."""
        words = query_words(self.request.text)
        if not words:
            return None
        exact = self._words_query(words, near=False)
        if any(word.may_be_near for word in words) and not self._count(self._of_kind(exact)):
            return self._words_query(words, near=True)
        return exact

    def _words_query(self, words: Iterable[Word], *, near: bool) -> Query:
        wanted = [(Occur.Should if word.weak else Occur.Must, self._word_query(word, near=near)) for word in words]
        return Query.boolean_query(wanted)

    def _word_query(self, word: Word, *, near: bool) -> Query:
        """Match a word in any of its forms in any field; the best field counts, so that long entries gain nothing."""
        matches: list[Query] = []
        for field, weight in TEXT_FIELDS.items():
            matches += [Query.const_score_query(self._form_query(field, form), weight * ALIKE_FACTOR) for form in word.alike]
            for form in word.forms:
                exact = self._form_query(field, form)
                weighed = Query.const_score_query(exact, weight)
                finer = Query.boost_query(exact, BM25_FACTOR)
                matches.append(Query.boolean_query([(Occur.Must, weighed), (Occur.Should, finer)]))
                if near and word.may_be_near:
                    fuzzy = Query.fuzzy_term_query(self.schema, field, form[0], distance=1, prefix=word.prefix)
                    matches.append(Query.const_score_query(fuzzy, weight * NEAR_FACTOR))
            for form in (*word.forms, *word.alike) if word.prefix else ():
                begins = Query.regex_query(self.schema, field, re.escape(form[0]) + ".+")
                matches.append(Query.const_score_query(begins, weight * PREFIX_FACTOR))
        return Query.disjunction_max_query(matches)

    def _form_query(self, field: str, form: tuple[str, ...]) -> Query:
        if len(form) == 1:
            return Query.term_query(self.schema, field, form[0])
        return Query.phrase_query(self.schema, field, list(form))

    def _query(self, chosen: Mapping[str, Sequence[str]]) -> Query:
        """Return what meets text and choices: within a facet any value, across facets all."""
        filters = [self._facet_query(name, values) for name, values in chosen.items()]
        return self._of_kind(*([self.text] if self.text is not None else []), *(Query.const_score_query(f, 0.0) for f in filters))

    def _of_kind(self, *queries: Query) -> Query:
        kind = Query.const_score_query(Query.term_query(self.schema, "kind", self.request.kind, "basic"), 0.0)
        return Query.boolean_query([(Occur.Must, query) for query in (kind, *queries)])

    def _facet_query(self, name: str, values: Sequence[str]) -> Query:
        if name not in FACETS or not (possible := values_sorted(values)):
            return Query.empty_query()
        return Query.term_set_query(self.schema, f"facet_{name}", possible)

    def _count(self, query: Query) -> int:
        found: Any = self.searcher.search(query, limit=1, count=True)  # its types forget `count`
        return int(found.count or 0)

    def _count_values(self, query: Query, names: Sequence[str]) -> dict[str, dict[str, int]]:
        if not names:
            return {}
        wanted = {name: {"terms": {"field": f"facet_{name}", "size": VALUES_MAX, "segment_size": VALUES_MAX}} for name in names}
        answer = self.searcher.aggregate(query, wanted)
        return {name: {str(b["key"]): int(b["doc_count"]) for b in answer[name]["buckets"]} for name in names}

    def _by_order(self, query: Query, order: str, limit: int, offset: int = 0) -> list[int]:
        by = order_field(order, self.locale)
        found = self.searcher.search(query, limit, count=False, order_by_field=by, offset=offset, order=tantivy.Order.Asc)
        return self._ids([address for _, address in found.hits])

    def _by_relevance(self, query: Query, first: int, end: int) -> list[int]:
        """Return the best from `first` to before `end`; what weighs the same stands in the order of names."""
        hits = self._hits_through_ties(query, end)
        ids = self._ids([address for _, address in hits])
        ordered: list[int] = []
        start = 0
        for index in range(1, len(hits) + 1):
            if index == len(hits) or hits[index][0] != hits[start][0]:
                ordered += self._tied(ids[start:index]) if index > first and start < end else ids[start:index]
                start = index
        return ordered[first:end]

    def _hits_through_ties(self, query: Query, end: int) -> list[Hit]:
        """Return at least `end` hits and all that weigh the same as the last of them."""
        limit = end + 20
        while True:
            hits: list[Hit] = list(self.searcher.search(query, limit=limit, count=False).hits)
            if len(hits) < limit or hits[-1][0] != hits[end - 1][0] or limit > end + TIES_MAX:
                return hits
            limit *= 2

    def _tied(self, ids: list[int]) -> list[int]:
        if not 1 < len(ids) <= TIES_MAX:
            return ids
        same = self._of_kind(Query.term_set_query(self.schema, "id", ids))
        return self._by_order(same, "name", len(ids))

    def _ids(self, addresses: list[tantivy.DocAddress]) -> list[int]:
        values = self.searcher.fast_field_values("id", addresses) if addresses else []
        return [int(value) for value in values if value is not None]
