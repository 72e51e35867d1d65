"""`directory …` and `python -m directory …`: the commands of `flask --app wsgi …` under a name of their own."""

from flask.cli import FlaskGroup

from directory.app import create_app
from directory.cli import refuse
from directory.errors import SettingError


def main() -> None:
    """Run the command line."""
    try:
        app = create_app()
    except SettingError as error:
        refuse(error)
    FlaskGroup(create_app=lambda: app, add_version_option=False, load_dotenv=False)(prog_name="directory")


if __name__ == "__main__":
    main()
