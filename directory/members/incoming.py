"""Files of members that a clerk looks at before they are brought in: held for an hour, one for each account."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from io import BytesIO

from sqlalchemy import ForeignKey, LargeBinary, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from directory.audit import Actor, record
from directory.db import Key, Model, new_public_id, take_turn
from directory.errors import Conflict, Invalid
from directory.members.importing import Importer, Step, batches
from directory.members.lines import read_lines

BYTES_MAX = 5 * 1024 * 1024
LINES_MAX = 200
"""more are for the command line, which takes them a batch at a time"""
NAME_MAX = 120
KEPT = timedelta(hours=1)


class MemberUpload(Model):
    """A file that waits for its clerk to confirm it. It may hold personal data, so that nobody else reads it."""

    __tablename__ = "member_upload"

    id: Mapped[Key]
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), unique=True)
    name: Mapped[str] = mapped_column(String(NAME_MAX))
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]

    @property
    def subject(self) -> tuple[str, str]:
        """Its name in the audit."""
        return ("import", self.public_id)


@dataclass(frozen=True)
class Preview:
    """What a file comes to as the directory is now. digest: of all of it, to know whether that is still so."""

    step: Step
    digest: str


def keep(session: Session, account_id: int, *, name: str, content: bytes, by: Actor, now: datetime) -> MemberUpload:
    """Hold a file for its clerk, in place of the one that is held already.

    account_id: row number of the clerk's account. Raises Invalid for a file that is empty, larger than BYTES_MAX
    (`large`) or of more lines than LINES_MAX (`lines`).
    """
    if len(content) > BYTES_MAX:
        raise Invalid("file", "large")
    number = sum(1 for _line in read_lines(BytesIO(content)))
    if number == 0:
        raise Invalid("file", "empty")
    if number > LINES_MAX:
        raise Invalid("file", "lines")
    take_turn(session)  # so that two windows of one clerk do not meet
    session.execute(delete(MemberUpload).where(MemberUpload.account_id == account_id))
    digest = hashlib.sha256(content).hexdigest()
    upload = MemberUpload(account_id=account_id, name=name[:NAME_MAX], sha256=digest, content=content, at=now)
    session.add(upload)
    session.flush()
    changes = {"file": (None, upload.name), "sha256": (None, digest), "lines": (None, number)}
    record(session, "import.hold", by=by, subject=upload.subject, now=now, changes=changes)
    return upload


def find(session: Session, public_id: str, *, account_id: int, now: datetime) -> MemberUpload | None:
    """Return the file of this public id while it is held, if this account sent it."""
    held = select(MemberUpload).where(MemberUpload.public_id == public_id, MemberUpload.account_id == account_id)
    return session.scalar(held.where(MemberUpload.at > now - KEPT))


def look(session: Session, upload: MemberUpload, *, now: datetime) -> Preview:
    """Say what each line would come to; writes nothing."""
    step = _take(Importer(session, now, is_dry=True), upload)
    lines = [*map(asdict, step.outcomes), *map(asdict, step.faults)]
    told = json.dumps(lines, ensure_ascii=False, sort_keys=True, default=str)
    return Preview(step, hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest())


def bring_in(session: Session, upload: MemberUpload, *, is_whole: bool, seen: str, by: Actor, now: datetime) -> Step:
    """Bring in the good lines of a file, and let go of the file; return what each line came to.

    is_whole: only if no line is bad. seen: digest of the preview that the clerk saw. Raises Conflict where the file would
    come to something else now, Invalid where a line is bad that may not be or where there is nothing to bring in.
    """
    take_turn(session)
    preview = look(session, upload, now=now)
    if preview.digest != seen:
        raise Conflict("the directory changed since the preview")
    if is_whole and preview.step.faults:
        raise Invalid("lines", "bad")
    if not preview.step.added + preview.step.changed:
        raise Invalid("lines", "nothing")
    step = _take(Importer(session, now, is_dry=False, by=by), upload)
    counts = {"added": step.added, "changed": step.changed, "unchanged": step.unchanged, "refused": len(step.faults)}
    told = {"file": upload.name, "sha256": upload.sha256, "mode": "all or nothing" if is_whole else "good lines", **counts}
    changes = {field: (None, value) for field, value in told.items()}
    record(session, "import.run", by=by, subject=upload.subject, now=now, changes=changes)
    session.delete(upload)
    return step


def drop(session: Session, upload: MemberUpload, *, by: Actor, now: datetime) -> None:
    """Let go of a file without bringing it in."""
    record(session, "import.drop", by=by, subject=upload.subject, now=now, changes={"sha256": (upload.sha256, None)})
    session.delete(upload)


def count_old(session: Session, *, now: datetime) -> int:
    """Count what `remove_old` would delete."""
    return session.scalar(select(func.count()).select_from(MemberUpload).where(MemberUpload.at <= now - KEPT)) or 0


def remove_old(session: Session, *, now: datetime) -> int:
    """Delete the files that are held no longer; return how many."""
    number = count_old(session, now=now)
    session.execute(delete(MemberUpload).where(MemberUpload.at <= now - KEPT))
    return number


def _take(importer: Importer, upload: MemberUpload) -> Step:
    whole = Step()
    for lines in batches(read_lines(BytesIO(upload.content))):
        step = importer.take(lines)
        whole.outcomes += step.outcomes
        whole.faults += step.faults
    return whole
