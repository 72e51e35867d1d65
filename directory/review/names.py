"""Finding an application by name."""

import json

from sqlalchemy import ColumnElement, String, cast, func, or_

from directory.applications.models import Application
from directory.applications.vocab import Step


def matches_name(q: str) -> ColumnElement[bool]:
    """Return the condition that an application's official or other names contain `q`, in any case.

    Other names stand in a list inside JSON, which is searched as it is written there.
    """
    name = Application.answers[Step.ORGANISATION]["name"].as_string()
    others = [cast(Application.answers[step]["names"].as_json(), String) for step in (Step.NAMES, Step.ORGANISATION)]
    spellings = {q, q.lower(), q.upper(), q.title()}
    in_json = {json.dumps(text)[1:-1] for text in spellings} | spellings
    return or_(
        func.lower(name).contains(q.lower(), autoescape=True),
        *(name.contains(text, autoescape=True) for text in sorted(spellings)),
        *(rows.contains(text, autoescape=True) for rows in others for text in sorted(in_json)),
    )
