"""How a document lies in a tantivy index: its fields, its order keys, its digest, and the index's own mark."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from hashlib import blake2b
from importlib.metadata import version as package_version

import tantivy

from directory.i18n.collation import KEY_VERSION
from directory.search.engine import FACETS, ORDER_FALLBACK, Document, facet_values
from directory.search.text import plain, text_tokens

FORMAT = 2
"""Raise it whenever tokens, fields or their meaning change: an index of another format is made again."""
TEXT_FIELDS = {"names": 8.0, "offerings": 4.0, "prose": 2.0, "labels": 1.0}
"""Fields of text with what a match in them weighs."""
VALUE_BYTES_MAX = 200
KEY_BYTES_MAX = 400
MARK = "mark"
"""The `kind` of the one document that says what the index holds."""


@dataclass(frozen=True)
class Mark:
    """What a commit of the index holds: the directory's epoch and sequence, in which format."""

    epoch: str
    sequence: int
    format: str

    @property
    def version(self) -> tuple[str, int]:
        """The directory's version that the index speaks of."""
        return (self.epoch, self.sequence)


def format_of(locales: Sequence[str]) -> str:
    """Name the format of an index that keeps the order of names for these locales, by keys of this version."""
    return f"{FORMAT} {package_version('tantivy')} {KEY_VERSION} {' '.join(locales)}"


def make_schema(locales: Sequence[str]) -> tantivy.Schema:
    """Declare the fields. An unsigned field would kill the writer, so numbers are signed ones."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("kind", tokenizer_name="raw", index_option="basic")
    for name in ("id", "subject"):
        builder.add_integer_field(name, indexed=True, fast=True)
    for name in TEXT_FIELDS:
        builder.add_text_field(name, tokenizer_name="whitespace")
    for name in FACETS:
        builder.add_text_field(f"facet_{name}", tokenizer_name="raw", fast=True, index_option="basic")
    for order in ("name", "newest"):
        for locale in locales:
            builder.add_text_field(order_field(order, locale), tokenizer_name="raw", fast=True, index_option="basic")
    builder.add_bytes_field("state", stored=True)
    return builder.build()


def order_field(order: str, locale: str) -> str:
    """Name the field that an order of a locale sorts by, ascending."""
    return f"by_{order}_{locale.replace('-', '_').lower()}"


def make_document(document: Document, locales: Sequence[str]) -> tantivy.Document:
    """Turn a document into tantivy's, with our own tokens."""
    made = tantivy.Document()
    made.add_text("kind", document.kind)
    made.add_integer("id", document.id)
    made.add_integer("subject", document.subject_id)
    tagged = {"names": document.names, "offerings": document.offerings, "prose": document.prose}
    texts = {name: [text for _, text in pairs] for name, pairs in tagged.items()} | {"labels": list(document.labels)}
    for name, values in texts.items():
        if found := _tokenized(tuple(values)):
            made.add_pre_tokenized_text(name, found)
    for name in FACETS:
        for value in dict.fromkeys(facet_values(document, name)):
            if may_be_value(value):
                made.add_text(f"facet_{name}", value)
    newest = _descending(document.newest)
    for locale in locales:
        key = _name_key(document, locale)
        made.add_text(order_field("name", locale), key)
        made.add_text(order_field("newest", locale), newest + key)
    made.add_bytes("state", json.dumps([document.kind, document.id, document.subject_id, digest(document)]).encode())
    return made


@lru_cache(maxsize=64)
def _tokenized(texts: tuple[str, ...]) -> tantivy.PreTokenizedString | None:
    """Turn texts into tokens; a member's offerings, which come next to it, share its names."""
    found = [tantivy.Token(form, position, 0, 0) for form, position in text_tokens(texts)]
    return tantivy.PreTokenizedString("", found) if found else None


def make_mark(mark: Mark) -> tantivy.Document:
    """Make the document that travels in the same commit as what it speaks of."""
    made = tantivy.Document()
    made.add_text("kind", MARK)
    made.add_bytes("state", json.dumps(asdict(mark)).encode())
    return made


def read_state(found: tantivy.Document) -> list[object] | dict[str, object]:
    """Return [kind, id, subject, digest] of a document in the index; the mark has a mapping instead."""
    state: list[object] | dict[str, object] = json.loads(bytes(found.get_first("state") or b"[]"))
    return state


def read_mark(found: tantivy.Document) -> Mark:
    """Read the index's mark back."""
    return Mark(**json.loads(bytes(found.get_first("state") or b"{}")))


def digest(document: Document) -> str:
    """Return a digest of everything that a document says."""
    plain_parts = (document.id, document.subject_id, document.kind, document.slug, document.newest)
    texts = (document.names, document.offerings, document.prose, document.labels)
    said = json.dumps([plain_parts, texts, sorted(document.facets.items()), sorted(document.order.items())]).encode()
    return blake2b(said, digest_size=12).hexdigest()


def may_be_value(value: str) -> bool:
    """Say whether a facet's value can stand in the index at all."""
    return 0 < len(value) <= VALUE_BYTES_MAX and plain(value) == value and "\0" not in value


def values_sorted(values: Iterable[str]) -> list[str]:
    """Return those values that can stand in the index, each once."""
    return sorted({value for value in values if may_be_value(value)})


def _name_key(document: Document, locale: str) -> str:
    """Return the key of the name in a locale, made unique so that every order is total."""
    key = plain(document.order.get(locale) or document.order.get(ORDER_FALLBACK) or document.slug).replace("\0", " ")
    return f"{_cut(key)}\x01{document.id:012d}"


def _descending(text: str) -> str:
    """Turn a text into one that sorts the other way round; the empty one comes last."""
    return "".join(f"{255 - byte:02x}" for byte in _cut(plain(text)).encode()) + "~"


def _cut(text: str) -> str:
    return text.encode()[:KEY_BYTES_MAX].decode("utf-8", "ignore")
