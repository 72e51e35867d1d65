"""The application for gunicorn and the flask command."""

from directory.app import create_app
from directory.cli import refuse
from directory.errors import SettingError

try:
    app = create_app()
except SettingError as error:
    refuse(error)
