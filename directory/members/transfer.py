"""Members in and out as JSON Lines, a batch at a time, so that size does not matter and stopping does no harm."""

from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum
from typing import IO, Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory.members.columns import REGISTRATIONS_MAX, REGISTRATIONS_USUAL, SERVICES_USUAL, usual_headings
from directory.members.entry import NewMember
from directory.members.importing import BATCH, Importer, Step, batches
from directory.members.interchange import as_new_member, as_record
from directory.members.lines import as_line, read_lines
from directory.members.models import Member, Offering, Registration
from directory.members.queries import visible, whole
from directory.members.sheets import as_cells, as_csv
from directory.web.spreadsheets import BOM


class Mode(StrEnum):
    """What an import does with a file that has bad lines, or with any file."""

    GOOD_LINES = "good lines"
    ALL_OR_NOTHING = "all or nothing"
    DRY_RUN = "dry run"


def import_members(session: Session, file: IO[bytes], *, mode: Mode, now: datetime) -> Iterator[Step]:
    """Read members from a file and yield what each batch of lines came to.

    A line whose slug a member has corrects that member's entry where it says something else; any other line is a new
    member. GOOD_LINES commits each batch; ALL_OR_NOTHING commits at the end if every line was good; DRY_RUN never.
    """
    importer = Importer(session, now, is_dry=mode is Mode.DRY_RUN)
    good = True
    for lines in batches(read_lines(file)):
        step = importer.take(lines)
        good = good and not step.faults
        if mode is Mode.ALL_OR_NOTHING and not good:
            importer.is_dry = True
        if mode is Mode.GOOD_LINES:
            session.commit()
            session.expunge_all()
        yield step
    if mode is Mode.ALL_OR_NOTHING and good:
        session.commit()
    else:
        session.rollback()


def export_members(session: Session, *, today: date) -> Iterator[tuple[str, str]]:
    """Yield (line without contact, line with contact) of each public member, in the order they were admitted."""
    for new in _public(session, today=today):
        yield as_line(as_record(new)), as_line(as_record(new, contact=True))


def export_lines(session: Session, *, today: date) -> Iterator[str]:
    """Yield the same lines without contacts."""
    return (as_line(as_record(new)) for new in _public(session, today=today))


def export_sheet(session: Session, *, today: date) -> Iterator[str]:
    """Yield the same members as rows of a CSV file, without contacts; what it has no columns for is not in it.

    It has columns for the services of whoever has most.
    """
    services, registrations = (_most(session, owner, usual) for owner, usual in _COUNTED)
    headings = usual_headings(services=services, registrations=min(registrations, REGISTRATIONS_MAX))
    yield BOM + as_csv([heading.text for heading in headings])
    for new in _public(session, today=today):
        yield as_csv(as_cells(as_record(new), headings))


_COUNTED = ((Offering.member_id, SERVICES_USUAL), (Registration.member_id, REGISTRATIONS_USUAL))


def _most(session: Session, owner: Any, usual: int) -> int:
    """Return how many rows of a table the member with most of them has; at least as many as are usual."""
    counts = select(func.count(owner).label("number")).group_by(owner).subquery()
    return max(session.scalar(select(func.max(counts.c.number))) or 0, usual)


def _public(session: Session, *, today: date) -> Iterator[NewMember]:
    after = 0
    while True:
        statement = select(Member).where(visible(today), Member.id > after).options(*whole()).order_by(Member.id).limit(BATCH)
        batch = session.scalars(statement).all()
        if not batch:
            return
        for member in batch:
            yield as_new_member(member)
        after = batch[-1].id
        session.expunge_all()
