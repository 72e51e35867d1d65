"""All that lies here about one application, read by one statement.

Each row comes as a JSON array of its columns. These texts name the state of the application: what a page shows of it is
kept under their digest, and they become rows only where it has to be made anew.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, cached_property
from typing import Any, TypeVar, cast

import orjson
from sqlalchemy import (
    JSON,
    ColumnElement,
    CompoundSelect,
    Date,
    FromClause,
    Select,
    String,
    Table,
    bindparam,
    inspect,
    literal_column,
    select,
    union_all,
)  # fmt: skip
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from directory.accounts.models import Account, AccountRole
from directory.applications.models import (
    Application,
    Document,
    Interest,
    Message,
    MoveMade,
    Note,
    Point,
    Submission,
    Translation,
)
from directory.applications.vocab import Visibility
from directory.consents.models import Consent
from directory.db import Model, UtcDateTime, as_read
from directory.mail import OutboxLetter
from directory.members.models import Member, MemberContact, MemberName
from directory.members.vocab import NameKind
from directory.review.vocab import MAY_WRITE

T = TypeVar("T", bound=Model)
_LISTS: Mapping[str, type[Model]] = {
    "points": Point,
    "messages": Message,
    "submissions": Submission,
    "moves": MoveMade,
    "documents": Document,
    "interests": Interest,
    "consents": Consent,
    "translations": Translation,
    "notes": Note,
}
"""lists of an application, as its relationships are called"""
_ACCOUNT = ("id", "public_id", "name", "email")
_LETTER = ("id", "template", "locale", "recipient", "subject", "body", "state", "error", "created_at")


class json_line(GenericFunction[str]):  # noqa: N801 (named as in SQL)
    """The columns of a row as the text of a JSON array."""

    inherit_cache = True


@compiles(json_line, "sqlite")
def _sqlite_line(line: Any, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"json_array({compiler.process(line.clauses, **kwargs)})"


@compiles(json_line, "postgresql")
def _postgresql_line(line: Any, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"CAST(json_build_array({compiler.process(line.clauses, **kwargs)}) AS text)"


@dataclass(frozen=True)
class Dossier:
    """Everything about one application that its readers may see. rows: the texts by what they are, in their order.

    The rows that are made of them belong to no session: they are to be read.
    """

    rows: Mapping[str, Sequence[str]]

    @cached_property
    def digest(self) -> str:
        """What names this state."""
        whole = "\n".join(f"{kind} {row}" for kind, rows in self.rows.items() for row in rows)
        return hashlib.blake2b(whole.encode(errors="surrogatepass"), digest_size=16).hexdigest()

    @property
    def version(self) -> int:
        """The application's version."""
        return int(orjson.loads(self.rows["application"][0])[list(_readers(Application)).index("version")])

    @cached_property
    def application(self) -> Application:
        """The application with all its lists but people and marks. Of notes it has those for its readers."""
        values = iter(orjson.loads(self.rows["application"][0]))
        found = _with_people(Application, values)
        found.sponsor, found.member = _member(values), _member(values)
        for name, model in _LISTS.items():
            setattr(found, name, [_with_people(model, iter(orjson.loads(row))) for row in self.rows.get(name, ())])
        return found

    @cached_property
    def letters(self) -> list[OutboxLetter]:
        """The letters about it, oldest first."""
        return [_made(OutboxLetter, row, _LETTER) for row in self.rows.get("letters", ())]

    @cached_property
    def colleagues(self) -> list[Account]:
        """The accounts that take part in the work, by name."""
        found = [_made(Account, row, _ACCOUNT) for row in self.rows.get("colleagues", ())]
        return sorted(found, key=lambda account: account.shown_name.casefold())


def get_dossier(session: Session, reference: str, *, readable: frozenset[Visibility]) -> Dossier | None:
    """Return all about an application that was once submitted; drafts are private. readable: which notes are handed out."""
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for kind, id_, row in session.connection().execute(_statement(readable), {"reference": reference.upper()}):
        found[kind].append((id_, row))
    if "application" not in found:
        return None
    return Dossier({kind: [row for _id, row in sorted(rows)] for kind, rows in sorted(found.items())})


@cache
def _statement(readable: frozenset[Visibility]) -> CompoundSelect[str, int, str]:
    """Ask for the application and everything about it by its reference."""
    parts = [_of_application(), _of_letters(), _of_colleagues()]
    for name, model in _LISTS.items():
        asked = _of_list(name, model)
        parts.append(asked.where(_table(model).c.visibility.in_(sorted(readable))) if model is Note else asked)
    return union_all(*parts)


def _of_application() -> Select[str, int, str]:
    own: Table = _table(Application)
    columns, from_ = _joined(Application, own)
    for role in ("sponsor", "member"):
        member, contact = _table(Member).alias(role), _table(MemberContact).alias(f"{role}_contact")
        from_ = from_.outerjoin(member, member.c.id == own.c[f"{role}_id"])
        from_ = from_.outerjoin(contact, contact.c.member_id == member.c.id)
        columns += [member.c.slug, member.c.website, contact.c.email, _official_name(member)]
    asked = _line("application", own.c.id, columns, from_)
    return asked.where(own.c.reference == bindparam("reference"), own.c.submitted_at.is_not(None))


def _of_list(kind: str, model: type[Model]) -> Select[str, int, str]:
    rows, own = _table(model), _table(Application)
    columns, from_ = _joined(model, rows.join(own, own.c.id == rows.c.application_id))
    return _line(kind, rows.c.id, columns, from_).where(own.c.reference == bindparam("reference"))


def _joined(model: type[Model], from_: FromClause) -> tuple[list[ColumnElement[Any]], FromClause]:
    """Return all columns of a table, those of the accounts that it names, and what they come from."""
    rows = _table(model)
    columns: list[ColumnElement[Any]] = [*rows.c]
    for person in _people(model):
        staff = _table(Account).alias(person)
        from_ = from_.outerjoin(staff, staff.c.id == rows.c[f"{person}_id"])
        columns += [staff.c[name] for name in _ACCOUNT]
    return columns, from_


@cache
def _people(model: type[Model]) -> tuple[str, ...]:
    """Return the names by which rows of a table lead to accounts."""
    return tuple(one.key for one in inspect(model).relationships if one.mapper.class_ is Account)


def _of_letters() -> Select[str, int, str]:
    rows = _table(OutboxLetter)
    asked = _line("letters", rows.c.id, [rows.c[name] for name in _LETTER], rows)
    return asked.where(rows.c.subject_kind == "application", rows.c.subject_id == bindparam("reference"))


def _of_colleagues() -> Select[str, int, str]:
    rows, roles = _table(Account), _table(AccountRole)
    working = select(roles.c.account_id).where(roles.c.role.in_(sorted(MAY_WRITE)))
    asked = _line("colleagues", rows.c.id, [rows.c[name] for name in _ACCOUNT], rows)
    return asked.where(rows.c.id.in_(working), rows.c.disabled_at.is_(None))


def _official_name(member: FromClause) -> ColumnElement[Any]:
    names = _table(MemberName)
    official = select(names.c.name).where(names.c.member_id == member.c.id, names.c.kind == NameKind.OFFICIAL)
    return official.limit(1).scalar_subquery()


def _line(kind: str, id_: ColumnElement[int], columns: Sequence[ColumnElement[Any]], from_: FromClause) -> Select[str, int, str]:
    return select(literal_column(f"'{kind}'", String), id_, json_line(*columns)).select_from(from_)


def _with_people(model: type[T], values: Iterator[Any]) -> T:
    own = _next(model, values)
    return as_read(model, {**own, **{person: _account(values) for person in _people(model)}})


def _account(values: Iterator[Any]) -> Account | None:
    own = _next(Account, values, _ACCOUNT)
    return as_read(Account, own) if own["id"] is not None else None


def _member(values: Iterator[Any]) -> Member | None:
    slug, website, email, name = (next(values) for _ in range(4))
    if slug is None:
        return None
    names, contact = [as_read(MemberName, {"kind": NameKind.OFFICIAL, "name": name})], as_read(MemberContact, {"email": email})
    return as_read(Member, {"slug": slug, "website": website, "names": names, "contact": contact})


def _made(model: type[T], row: str, names: Sequence[str]) -> T:
    return as_read(model, _next(model, iter(orjson.loads(row)), names))


def _next(model: type[Model], values: Iterator[Any], names: Sequence[str] | None = None) -> dict[str, Any]:
    """Read a row out of the next values. names: of its columns; none: all of them."""
    readers = _readers(model)
    return {name: readers[name](value) if value is not None else None for name, value in zip(names or readers, values)}  # noqa: B905


@cache
def _readers(model: type[Model]) -> Mapping[str, Callable[[Any], Any]]:
    """Return what reads each column of a table out of JSON."""
    return {column.key: _reader(column.type) for column in _table(model).c}


def _reader(type_: Any) -> Callable[[Any], Any]:
    if isinstance(type_, UtcDateTime):
        return _moment
    if isinstance(type_, Date):
        return date.fromisoformat
    return _data if isinstance(type_, JSON) else _same


def _moment(value: str) -> datetime:
    """Read an instant; SQLite writes it without its zone."""
    found = datetime.fromisoformat(value)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _data(value: Any) -> Any:
    """Read data; SQLite has it as a text."""
    return orjson.loads(value) if isinstance(value, str) else value


def _same(value: Any) -> Any:
    return value


def _table(model: type[Model]) -> Table:
    return cast("Table", model.__table__)
