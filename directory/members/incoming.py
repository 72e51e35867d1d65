"""Files of members that a clerk looks at before they are brought in: held for an hour, one for each account."""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from io import BytesIO
from itertools import islice

from sqlalchemy import ForeignKey, LargeBinary, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from directory.audit import Actor, record
from directory.db import Key, Model, new_public_id, take_turn
from directory.errors import Conflict, Invalid
from directory.members.importing import Importer, OutcomeKind, Source, Step, batches
from directory.members.lines import read_lines
from directory.members.sheets import SUFFIX, is_sheet, read_sheet
from directory.members.twins import Twins, find_twins

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

    @property
    def lines(self) -> Iterator[Source]:
        """What stands in it."""
        return _read(self.name, self.content)


@dataclass(frozen=True)
class Preview:
    """What a file comes to as the directory is now. digest: of all of it, to know whether that is still so.

    twins: {line: members and lines that may be the same organisation}, of new members that look like others.
    """

    step: Step
    twins: Mapping[int, Twins]
    digest: str


def keep(session: Session, account_id: int, *, name: str, content: bytes, by: Actor, now: datetime) -> MemberUpload:
    """Hold a file for its clerk, in place of the one that is held already.

    account_id: row number of the clerk's account. Raises Invalid for a file that is empty, larger than BYTES_MAX
    (`large`) or of more lines than LINES_MAX (`lines`), or no sheet though its name says so (`utf8`, `table`, or
    Flawed for its headings).
    """
    if len(content) > BYTES_MAX:
        raise Invalid("file", "large")
    name = _short(name)
    number = sum(1 for _line in islice(_read(name, content), LINES_MAX + 1))
    if number == 0:
        raise Invalid("file", "empty")
    if number > LINES_MAX:
        raise Invalid("file", "lines")
    take_turn(session)  # so that two windows of one clerk do not meet
    session.execute(delete(MemberUpload).where(MemberUpload.account_id == account_id))
    digest = hashlib.sha256(content).hexdigest()
    upload = MemberUpload(account_id=account_id, name=name, sha256=digest, content=content, at=now)
    session.add(upload)
    session.flush()
    changes = {"file": (None, upload.name), "sha256": (None, digest), "lines": (None, number)}
    record(session, "import.hold", by=by, subject=upload.subject, now=now, changes=changes)
    return upload


def find(session: Session, public_id: str, *, account_id: int, now: datetime) -> MemberUpload | None:
    """Return the file of this public id while it is held, if this account sent it."""
    own = select(MemberUpload).where(MemberUpload.public_id == public_id, MemberUpload.account_id == account_id)
    return session.scalar(own.where(MemberUpload.at > now - KEPT))


def held(session: Session, *, account_id: int, now: datetime) -> MemberUpload | None:
    """Return the file that an account holds, if any."""
    return session.scalar(select(MemberUpload).where(MemberUpload.account_id == account_id, MemberUpload.at > now - KEPT))


def look(session: Session, upload: MemberUpload, *, now: datetime) -> Preview:
    """Say what each line would come to; writes nothing."""
    importer = Importer(session, now, is_dry=True)
    step = _take(importer, upload)
    twins = find_twins(session, importer.fresh)
    lines = [*map(asdict, step.outcomes), *map(asdict, step.faults), {line: one.told for line, one in twins.items()}]
    told = json.dumps(lines, ensure_ascii=False, sort_keys=True, default=str)
    return Preview(step, twins, hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest())


def bring_in(
    session: Session,
    upload: MemberUpload,
    *,
    is_whole: bool,
    seen: str,
    without: Collection[int] = (),
    compared: Collection[int] = (),
    by: Actor,
    now: datetime,
) -> Step:
    """Bring in the good lines of a file, and let go of the file; return what each line came to.

    is_whole: only if no line is bad. seen: digest of the preview that the clerk saw. without: lines that stay out by
    choice, of those that look like members; compared: those that the clerk has compared. Raises Conflict where the file
    would come to something else now, Invalid where a line is bad that may not be (`bad`), looks like a member and is
    neither left out nor compared (`alike`), or where there is nothing to bring in (`nothing`).
    """
    take_turn(session)
    preview = look(session, upload, now=now)
    if preview.digest != seen:
        raise Conflict("the directory changed since the preview")
    if is_whole and preview.step.faults:
        raise Invalid("lines", "bad")
    left_out = preview.twins.keys() & set(without)
    if preview.twins.keys() - left_out - set(compared):
        raise Invalid("lines", "alike")
    if not preview.step.added + preview.step.changed - len(left_out):
        raise Invalid("lines", "nothing")
    step = _take(Importer(session, now, is_dry=False, by=by, without=left_out), upload)
    if _kinds(step) != {line: kind for line, kind in _kinds(preview.step).items() if line not in left_out}:
        raise Conflict("without the lines that are left out, others come to something that nobody saw")
    counts = {"added": step.added, "changed": step.changed, "unchanged": step.unchanged, "refused": len(step.faults)}
    counts |= {"left_out": len(left_out)} if left_out else {}
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
    for lines in batches(upload.lines):
        step = importer.take(lines)
        whole.outcomes += step.outcomes
        whole.faults += step.faults
        whole.left_out += step.left_out
    return whole


def _kinds(step: Step) -> dict[int, OutcomeKind]:
    return {outcome.line: outcome.kind for outcome in step.outcomes}


def _read(name: str, content: bytes) -> Iterator[Source]:
    return read_sheet(content) if is_sheet(name) else read_lines(BytesIO(content))


def _short(name: str) -> str:
    """Shorten a long name of a file; its end stays, since it says what the file is."""
    end = name[-len(SUFFIX) :] if is_sheet(name) else ""
    return name if len(name) <= NAME_MAX else name[: NAME_MAX - len(end)] + end
