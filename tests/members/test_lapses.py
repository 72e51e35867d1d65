from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa

from directory.db import Ledger
from directory.members.documents import load_documents
from directory.members.lapses import note_lapsed_terms, sweep_terms
from directory.members.models import Term
from directory.members.terms import TERMS
from directory.search.changes import Change
from tests.factories import add_member

TODAY = datetime.now(UTC).date()
LONG_AGO = date(2026, 1, 1)


def _ending(session, days):
    ends_on = TODAY - timedelta(days=TERMS.grace) + timedelta(days=days)
    return add_member(session, joined_on=LONG_AGO, term_ends_on=ends_on).id


def _noted(session):
    return list(session.scalars(sa.select(Change.subject_id).order_by(Change.sequence)))


def test_members_whose_grace_ended_are_noted(session):
    _ending(session, 0)
    lapsed = [_ending(session, -1), _ending(session, -3)]
    _ending(session, -4)
    before = len(_noted(session))

    number = note_lapsed_terms(session, since=TODAY - timedelta(days=3), today=TODAY)

    assert number == 2
    assert _noted(session)[before:] == lapsed


def test_members_whose_term_begins_are_noted(session):
    member = add_member(session, joined_on=LONG_AGO, term_ends_on=date(2026, 2, 1))
    member.terms.append(Term(starts_on=TODAY, ends_on=None))
    session.commit()

    assert note_lapsed_terms(session, since=TODAY - timedelta(days=1), today=TODAY) == 1


def _heeded(session, day):
    session.get(Ledger, 1).swept_on = day
    session.commit()


def test_a_day_is_swept_once(session):
    _ending(session, -1)
    _heeded(session, TODAY - timedelta(days=1))

    assert sweep_terms(session, today=TODAY) == 1
    session.commit()
    assert sweep_terms(session, today=TODAY) == 0
    assert session.get(Ledger, 1).swept_on == TODAY


def test_days_that_nobody_swept_are_made_up_for(session):
    _ending(session, 0)
    _ending(session, 5)
    sweep_terms(session, today=TODAY)
    session.commit()

    assert sweep_terms(session, today=TODAY + timedelta(days=6)) == 2


def test_the_day_begins_with_the_first_change(session):
    assert session.get(Ledger, 1) is None

    _ending(session, 5)

    assert session.get(Ledger, 1).swept_on == TODAY


def test_documents_are_of_the_day_that_was_swept_whatever_a_clock_says(session):
    gone, here = _ending(session, -1), _ending(session, 0)
    _heeded(session, TODAY - timedelta(days=1))
    assert set(load_documents(session, [gone, here])) == {gone, here}

    sweep_terms(session, today=TODAY)

    assert set(load_documents(session, [gone, here])) == {here}


def test_where_no_day_was_kept_all_members_are_noted(session):
    members = [_ending(session, days) for days in (-40, -1, 5)]
    _heeded(session, None)
    before = len(_noted(session))

    assert sweep_terms(session, today=TODAY) == 3

    assert _noted(session)[before:] == members
