"""What ClamAV says of a file: clamd's INSTREAM, over TCP or a socket of this host."""

import socket
import struct
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

CHUNK = 64 * 1024
QUICK_SECONDS = 5.0
"""how long somebody who uploads a file waits for the verdict; later it comes by itself"""
LONG_SECONDS = 120.0
ANSWER_MAX = 4096
SIGNATURE_MAX = 120


class Verdict(StrEnum):
    """What the scanner found. NOT_REACHED: it did not answer, or could not scan; ask again."""

    CLEAN = "clean"
    INFECTED = "infected"
    NOT_REACHED = "not_reached"


@dataclass(frozen=True)
class Finding:
    """A verdict; words: the name of what was found, or why there is no verdict."""

    verdict: Verdict
    words: str = ""


class Scanner:
    """Asks a clamd. url: tcp://host:port or unix:/path."""

    def __init__(self, url: str) -> None:
        self.url = url

    def scan(self, data: bytes, *, seconds: float = LONG_SECONDS) -> Finding:
        """Have a file scanned. seconds: how long to wait for each step."""
        try:
            with self._connect(seconds) as connection:
                connection.sendall(b"zINSTREAM\0")
                for start in range(0, len(data), CHUNK):
                    chunk = data[start : start + CHUNK]
                    connection.sendall(struct.pack("!I", len(chunk)) + chunk)
                connection.sendall(struct.pack("!I", 0))
                answer = _answer(connection)
        except OSError as error:
            return Finding(Verdict.NOT_REACHED, str(error) or type(error).__name__)
        return _read(answer)

    def _connect(self, seconds: float) -> socket.socket:
        parts = urlsplit(self.url)
        if parts.scheme != "unix":
            return socket.create_connection((parts.hostname or "", parts.port or 3310), timeout=seconds)
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(seconds)
        try:
            connection.connect(parts.path)
        except OSError:
            connection.close()
            raise
        return connection


def make_scanner(url: str | None) -> Scanner | None:
    """Make the scanner that a setting names, if it names one."""
    return Scanner(url) if url else None


def _answer(connection: socket.socket) -> str:
    found = b""
    while not found.endswith(b"\0") and len(found) < ANSWER_MAX:
        more = connection.recv(ANSWER_MAX)
        if not more:
            break
        found += more
    return found.rstrip(b"\0\n").decode("utf-8", "replace")


def _read(answer: str) -> Finding:
    """Read `stream: OK`, `stream: <name> FOUND`; anything else is no verdict."""
    _stream, colon, words = answer.partition(": ")
    if colon and words == "OK":
        return Finding(Verdict.CLEAN)
    if colon and words.endswith(" FOUND"):
        return Finding(Verdict.INFECTED, words.removesuffix(" FOUND")[:SIGNATURE_MAX])
    return Finding(Verdict.NOT_REACHED, answer or "no answer")
