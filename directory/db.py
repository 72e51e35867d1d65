"""The database: declarative base, column types, transactions, and the one row that gives the order of commits."""

import os
import secrets
import sqlite3
import sys
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, date, datetime
from math import inf
from threading import Lock
from time import monotonic
from typing import Annotated, Any, ClassVar, NamedTuple, TypeVar

import psycopg
from flask import current_app
from flask_sqlalchemy import SQLAlchemy
from psycopg.pq import ExecStatus, TransactionStatus
from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    String,
    TypeDecorator,
    event,
    select,
    text,
)
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DisconnectionError, SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.orm.base import instance_dict, manager_of_class
from sqlalchemy.orm.state import InstanceState

if sys.version_info < (3, 12):
    # Python 3.11 makes an object's __dict__ late. When the garbage collector runs while it makes that of an InstanceState,
    # SQLAlchemy's weak reference clears the attributes that are being moved, they are released twice, and the process dies
    # some time later (docs/decisions/0007). Made first, there is nothing to move. To go when 3.11 goes.
    _init = InstanceState.__init__

    def _init_with_dict(self: InstanceState[Any], obj: Any, manager: Any) -> None:
        vars(self)
        _init(self, obj, manager)

    InstanceState.__init__ = _init_with_dict  # type: ignore[method-assign]  # that is the point

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
BUSY_SECONDS = 30
NETWORK = "network"
"""key of `Session.info` under which the web says where a request comes from, for the audit"""
WROTE = "wrote"
"""key of `Connection.info` under which a transaction says that it did something else than select"""
AUTOCOMMIT = "AUTOCOMMIT"
"""SQLAlchemy's name for no transactions"""
IDLE_SECONDS = 1.0
"""A connection used longer ago is looked at before it is used again."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time; a naive one is refused, since it would be a guess."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 (fixed signature)
        """Turn an aware time into UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("a time without zone was given to the database")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 (fixed signature)
        """Give SQLite's zoneless times their zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Key = Annotated[int, mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)]
"""A row's own number, never shown outside."""
Tag = Annotated[str, mapped_column(String(35))]
"""A BCP 47 language tag."""


def new_public_id() -> str:
    """Make a name of 128 random bits that may stand in an address."""
    return secrets.token_urlsafe(16)


class Model(DeclarativeBase):
    """Base of all tables: a plain declarative base, so that type checkers see through it."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcDateTime, dict[str, Any]: JSON, list[str]: JSON}


Read = TypeVar("Read", bound=Model)


def as_read(model: type[Read], values: Mapping[str, Any]) -> Read:
    """Make a row of values that a plain statement brought, to be read alone: it belongs to no session, and nothing follows it.

    values: by attribute; what is left out is None or empty. A tenth of what a session takes to load the row.
    """
    row: Read = manager_of_class(model).new_instance()
    instance_dict(row).update(values)
    return row


db = SQLAlchemy(metadata=Model.metadata)


class Ledger(Model):
    """One row, locked until commit by whoever records something, so that commit order is number order.

    epoch: random, renewed when a backup is restored. change_sequence: last number of the change log that the
    search index follows. audit_sequence, audit_head: the newest entry of the audit chain and its hash. swept_on: the
    last day whose lapsed terms of membership were told to the index. editions: last number of an edition of what
    administrators set.
    """

    __tablename__ = "ledger"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    epoch: Mapped[str] = mapped_column(String(32), default=lambda: secrets.token_hex(16))
    change_sequence: Mapped[int] = mapped_column(BigInteger, default=0)
    audit_sequence: Mapped[int] = mapped_column(BigInteger, default=0)
    audit_head: Mapped[str] = mapped_column(String(64), default="0" * 64)
    swept_on: Mapped[date | None]
    editions: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")


_FIRST = text(
    "INSERT INTO ledger (id, epoch, change_sequence, audit_sequence, audit_head, editions) VALUES (1, :epoch, 0, 0, :head, 0)"
    " ON CONFLICT DO NOTHING"
)
"""the ledger's row, unless somebody else has just made it"""


def take_turn(session: Session) -> Ledger:
    """Lock the ledger until commit and return it; who comes second waits for the first one's commit."""
    statement = select(Ledger).where(Ledger.id == 1).with_for_update().execution_options(populate_existing=True)
    session.flush()
    ledger = session.scalar(statement)
    if ledger is None:
        session.execute(_FIRST, {"epoch": secrets.token_hex(16), "head": "0" * 64})
        ledger = session.scalars(statement).one()
    return ledger


class LedgerState(NamedTuple):
    """What the ledger says of the directory.

    swept_on: the day (ISO) on which the calendar was last heeded, or empty. editions: how often administrators set anything.
    recorded: number of the newest entry of the audit.
    """

    epoch: str
    sequence: int
    swept_on: str
    editions: int
    recorded: int = 0


class LedgerReader:
    """Reads the directory's version again and again through a connection of its own, outside any session.

    That costs about 20 microseconds on SQLite and 100 on a near PostgreSQL. Of the threads that come while one is reading,
    one reads next and all have its answer: that reading begins after they came. engine: gives the engine when first needed.
    """

    def __init__(self, engine: Callable[[], Engine]) -> None:
        self.last: LedgerState | None = None
        """what was read last, by whichever thread"""
        self._engine = engine
        self._lock = Lock()
        self._held = _Held()
        self._begun = 0
        """readings that were begun"""
        self._answer: LedgerState | None = None
        weakref.finalize(self, self._held.close)

    def read(self) -> LedgerState | None:
        """Return the state now; None where the database does not answer or has no directory yet."""
        begun_before = self._begun
        with self._lock:
            if self._begun == begun_before:
                self._begun += 1
                self._answer = self._read()
            return self._answer

    def close(self) -> None:
        """Let the connection go; the next reading opens another one."""
        with self._lock:
            self._held.close()

    def _read(self) -> LedgerState | None:
        for _ in range(2):  # the second time anew: a database that was restarted has closed the connection
            try:
                row = _ledger_row(self._open())
                self.last = _state_of(row) if row else None
                return self.last  # noqa: TRY300 (what fails is the reading)
            except (SQLAlchemyError, sqlite3.Error, psycopg.Error):
                was_closed = getattr(self._held.connection, "closed", False)
                self._held.close()
                if was_closed:  # a server that closed this connection has closed the others, too
                    self._engine().dispose()
        return None

    def _open(self) -> Any:
        if self._held.process != os.getpid() or self._held.connection is None:
            pooled = self._engine().raw_connection()
            pooled.detach()
            connection: Any = pooled.dbapi_connection
            if isinstance(connection, psycopg.Connection):
                connection.rollback()
                connection.autocommit = True
                if connection.pgconn.prepare(_PREPARED, _LEDGER.encode()).status != ExecStatus.COMMAND_OK:
                    connection.close()
                    raise psycopg.OperationalError("the ledger's statement could not be prepared")
            if self._held.connection is not None:
                _left_behind.append(self._held.connection)
            self._held.process, self._held.connection = os.getpid(), connection
        return self._held.connection


def read_ledger() -> LedgerState | None:
    """Return what the ledger of this application says now, outside the session; None where that cannot be read."""
    reader: LedgerReader = current_app.extensions["ledger"]
    return reader.read()


def _ledger_row(connection: Any) -> Sequence[Any] | None:
    """Read the ledger's row; on PostgreSQL by a prepared statement, without what a cursor does around it."""
    if not isinstance(connection, psycopg.Connection):
        row: Sequence[Any] | None = connection.execute(_LEDGER).fetchone()
        return row
    result = connection.pgconn.exec_prepared(_PREPARED, None)
    if result.status != ExecStatus.TUPLES_OK:
        raise psycopg.OperationalError(result.error_message.decode("utf-8", "replace"))
    values = (result.get_value(0, column) for column in range(result.nfields)) if result.ntuples else ()
    return [value.decode() if value is not None else None for value in values] or None


def _state_of(row: Sequence[Any]) -> LedgerState:
    epoch, sequence, swept_on, editions, recorded = row
    return LedgerState(str(epoch), int(sequence), str(swept_on or ""), int(editions), int(recorded))


class _Held:
    """A connection and the process it belongs to."""

    def __init__(self) -> None:
        self.process = 0
        self.connection: Any = None

    def close(self) -> None:
        """Close the connection, if it is this process's."""
        connection, self.connection = self.connection, None
        if connection is not None and self.process == os.getpid():
            with suppress(SQLAlchemyError, sqlite3.Error, psycopg.Error):
                connection.close()


_pooled: "weakref.WeakSet[Any]" = weakref.WeakSet()
"""records of pools that have a connection"""
_left_behind: list[Any] = []
"""connections of the parent process, which a child must neither use nor close"""
_PREPARED = b"ledger"
_LEDGER = "SELECT epoch, change_sequence, swept_on, editions, audit_sequence FROM ledger WHERE id = 1"
_writing: ContextVar[bool] = ContextVar("writing", default=False)


@contextmanager
def writing() -> Iterator[None]:
    """Say that transactions begun inside will write, so that SQLite takes its lock at once instead of failing midway."""
    token = _writing.set(True)
    try:
        yield
    finally:
        _writing.reset(token)


@contextmanager
def reading() -> Iterator[None]:
    """Say that transactions begun inside only read, even where the request writes: they wait for nobody's lock."""
    token = _writing.set(False)
    try:
        yield
    finally:
        _writing.reset(token)


def expect_writing(*, expected: bool) -> None:
    """Set the same for the rest of this context: a request says it once by its method."""
    _writing.set(expected)


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Let SQLite wait, keep foreign keys, and leave transactions to `_begin`."""
    if isinstance(connection, sqlite3.Connection):
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", f"busy_timeout={BUSY_SECONDS * 1000}"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    """Begin for real on SQLite; a transaction that will write locks first and never meets SQLITE_BUSY midway."""
    connection.info.pop(WROTE, None)
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.dbapi_connection  # asked itself: each page begins a transaction
        driver.execute("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")


@event.listens_for(Engine, "before_cursor_execute")
def _note_writing(connection: Connection, *ran: Any) -> None:
    """Remember that a transaction did something else than select; refuse it where there is no transaction around it."""
    if not _only_selects(ran[3].compiled):  # of (cursor, statement, parameters, context, executemany)
        if connection.get_execution_options().get("isolation_level") == AUTOCOMMIT:
            raise RuntimeError("a request that only reads was about to write")
        connection.info[WROTE] = True


def _only_selects(compiled: Any) -> bool:
    """Say whether a statement, as put together by SQLAlchemy, selects and nothing else; a text may do anything."""
    if compiled is None or not compiled.statement.is_select:
        return False
    return all(cte.element.is_select for cte in compiled.ctes or ())


@event.listens_for(Engine, "rollback")
def _keep_prepared(connection: Connection) -> None:
    """End a transaction that has only read by a commit, which on PostgreSQL does the same and costs less.

    When one is rolled back, psycopg forgets the statements that the server has prepared, since it may have made tables. Each
    page ends its transaction so, and the server would plan every statement anew: 2 ms for that of a case.
    """
    if connection.closed or connection.invalidated:  # it was lost: nothing can be asked of it any more
        return
    driver: Any = connection.connection.dbapi_connection
    has_read_only = not connection.info.pop(WROTE, False)
    if has_read_only and isinstance(driver, psycopg.Connection) and driver.info.transaction_status is TransactionStatus.INTRANS:
        try:
            driver.commit()
        except psycopg.Error:  # lost without a word: there is nothing to take back, and nobody is to have it again
            connection.invalidate()


@event.listens_for(Engine, "checkin")
def _note_use(_connection: Any, record: Any) -> None:
    record.info["used_at"] = monotonic()


@event.listens_for(Engine, "checkout")
def _look_after_a_pause(connection: Any, record: Any, _proxy: Any) -> None:
    """Ask a server whether it is still there before a connection is used that lay idle; the pool then makes another."""
    if isinstance(connection, psycopg.Connection) and monotonic() - record.info.get("used_at", inf) > IDLE_SECONDS:
        try:
            connection.execute("SELECT 1")
            connection.commit()  # not rolled back: see `_keep_prepared`
        except psycopg.Error as error:
            raise DisconnectionError from error


def connection_to_read(session: Session) -> Connection:
    """Return the session's connection for a request that only reads.

    PostgreSQL then needs no transaction around its statements, which would ask the server twice more: each of them sees what is
    committed when it begins, as it would within one. Where something was begun already, or the request may write, the
    connection is as ever.
    """
    if _writing.get() or session.in_transaction() or session.get_bind().dialect.name == "sqlite":
        return session.connection()
    return session.connection(execution_options={"isolation_level": AUTOCOMMIT})


@event.listens_for(Engine, "connect")
def _remember(_connection: Any, record: Any) -> None:
    _pooled.add(record)


def _leave_to_parent() -> None:
    """Leave each connection that was open before a fork to the parent; not even a ping of the pool may go through it."""
    for record in list(_pooled):
        if record.dbapi_connection is not None:
            _left_behind.append(record.dbapi_connection)
            record.dbapi_connection = None


os.register_at_fork(after_in_child=_leave_to_parent)
