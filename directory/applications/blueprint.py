"""The blueprint of the applicant's pages, and the addresses that letters carry."""

from flask import Blueprint, url_for

from directory.applications.models import Application
from directory.web.templates import absolute

bp = Blueprint("applications", __name__)


def status_address(application: Application, locale: str) -> str:
    """Return the full address of the status page in a language."""
    return absolute(url_for("applications.status", token=application.token, locale=locale))


def consents_address(application: Application, locale: str) -> str:
    """Return the full address of the page of consents in a language."""
    return absolute(url_for("applications.consents", token=application.token, locale=locale))


def key_address(application: Application, key: str) -> str:
    """Return the full address of the page that uses a key."""
    return absolute(url_for("applications.open_link", token=application.token, key=key, locale=application.locale))
