"""JSON Lines, read strictly: one object a line, UTF-8, no key twice, no number that JSON does not have."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

from directory.members.entry import NewMember
from directory.members.flaws import Flaw, Flawed
from directory.members.interchange import Record

LINE_MAX = 1024 * 1024
"""bytes; the longest entry that the format allows is far shorter"""


@dataclass(frozen=True)
class Line:
    """One line of a file. size: its bytes, even where it was too long to be kept."""

    number: int
    text: bytes
    size: int

    def whole(self, value: Any, _old: NewMember | None) -> Any:
        """Return the record that the line holds: all of it stands there. value: what `value` returned."""
        return value

    def place(self, field: str) -> str:
        """Name where in the line a field of the record stands."""
        return field

    def value(self) -> Any:
        """Return what stands on the line. Raises Flawed where that is not JSON."""
        if self.size > LINE_MAX:
            raise Flawed("line", Flaw.BYTES, most=LINE_MAX)
        try:
            text = self.text.decode("utf-8-sig" if self.number == 1 else "utf-8")
            return json.loads(text, object_pairs_hook=_once, parse_constant=_refuse)
        except UnicodeDecodeError as error:
            raise Flawed("line", Flaw.NOT_UTF8) from error
        except json.JSONDecodeError as error:
            raise Flawed("line", Flaw.NOT_JSON, why=error.msg, place=error.pos + 1) from error
        except (RecursionError, ValueError) as error:
            raise Flawed("line", Flaw.ODD_JSON) from error


def read_lines(file: IO[bytes]) -> Iterator[Line]:
    """Yield the lines of a file that are not blank; of one that is too long, only the beginning."""
    number = 0
    while text := file.readline(LINE_MAX + 1):
        number += 1
        size, last = len(text), text
        while len(last) > LINE_MAX and not last.endswith(b"\n"):
            last = file.readline(LINE_MAX + 1)
            size += len(last)
        if text.strip():
            yield Line(number, text, size)


def as_line(record: Record) -> str:
    """Write a record as one line, its end included."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        raise Flawed("line", Flaw.KEY_TWICE, key=next(key for key in keys if keys.count(key) > 1))
    return found


def _refuse(name: str) -> Any:
    raise Flawed("line", Flaw.NOT_NUMBER, value=name)
