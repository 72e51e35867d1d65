"""The scan of documents that no verdict came for when they were handed in."""

import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from directory.applications import files
from directory.applications.models import Application, Document
from directory.db import writing
from directory.storage import Place, PlaceFailed, Scanner, Verdict

log = logging.getLogger(__name__)


def scan_waiting(
    session: Session, place: Place, scanner: Scanner, *, status_url: files.StatusUrl, clock: Callable[[], datetime]
) -> int:
    """Have all documents scanned that wait, each verdict a transaction of its own; return how many verdicts there were.

    Where the scanner does not answer, all go on waiting.
    """
    waiting = files.waiting(session)
    session.commit()
    settled = 0
    for application_id, document_id, name in waiting:
        try:
            finding = scanner.scan(place.read(name))
        except PlaceFailed as error:
            log.warning("document %s cannot be read, so it goes on waiting: %s", document_id, error)
            continue
        if finding.verdict is Verdict.NOT_REACHED:
            log.warning("the virus scanner gives no verdict on document %s: %s", document_id, finding.words)
            continue
        with writing():
            session.get(Application, application_id, with_for_update={"of": Application}, populate_existing=True)
            document = session.get(Document, document_id, populate_existing=True)
            gone = files.settle(session, document, finding, status_url=status_url, now=clock()) if document else None
            session.commit()
        files.discard(session, place, [gone] if gone else [])
        session.commit()
        settled += 1
    return settled
