"""The blueprint that the modules of pages fill, and who may open them."""

from flask import Blueprint

from directory.accounts.models import Role

bp = Blueprint("settings", __name__)
READERS = (Role.ADMINISTRATOR, Role.AUDITOR)
SUBJECT = "/staff/settings/<subject>"
