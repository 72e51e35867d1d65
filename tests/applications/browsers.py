"""Browsers in which an application is open."""

from flask import Flask

from directory.applications.models import Application
from tests.page import Visitor


def open_browser(app: Flask, application: Application) -> Visitor:
    """Give a browser in which the application is open."""
    visitor = Visitor(app)
    with visitor.client.session_transaction() as cookie:
        cookie["applications"] = [application.token]
    return visitor


def address_of(application: Application, page: str = "", locale: str = "en") -> str:
    """Give the path of a page of the application."""
    return f"/{locale}/apply/{application.token}/{page}"
