"""Single requests over new connections, to look at answers before and beside the load."""

import http.client
import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

TOTAL = re.compile(r'data-total="(\d+)"')
PATIENCE = 120
"""seconds until a single request is given up"""


@dataclass(frozen=True)
class Answer:
    """What came back. status 0: nothing did. headers: names in lower case."""

    status: int
    body: str = ""
    weight: int = 0
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def total(self) -> int | None:
        """How many members the list says it has; None where this is no list."""
        found = TOTAL.search(self.body)
        return int(found[1]) if found else None


def get(base: str, path: str, headers: dict[str, str] | None = None, patience: float = PATIENCE) -> Answer:
    """Ask once over a connection of its own."""
    parts = urlsplit(base)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=patience)
    try:
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        raw = answer.read()
        named = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, raw.decode("utf-8", "replace"), len(raw), named)
    except (OSError, http.client.HTTPException):
        return Answer(0)
    finally:
        connection.close()
