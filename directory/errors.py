"""Errors that services raise; views translate them, and nothing here knows of HTTP."""


class DirectoryError(Exception):
    """Any refusal that a person can be told about."""


class NotAllowed(DirectoryError):
    """This person may not do this; `reason` is a code that a view turns into a sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class WrongStatus(DirectoryError):
    """The life cycle has no such move from the state the subject is in."""

    def __init__(self, state: str, move: str) -> None:
        super().__init__(f"no move {move!r} from {state!r}")
        self.state = state
        self.move = move


class Conflict(DirectoryError):
    """Somebody else changed the subject since it was last seen."""


class Incomplete(DirectoryError):
    """Required answers are missing; `missing` names them as (step, field) pairs."""

    def __init__(self, missing: tuple[tuple[str, str], ...]) -> None:
        super().__init__(", ".join(f"{step}.{field}" for step, field in missing))
        self.missing = missing


class Invalid(DirectoryError):
    """A value breaks a rule; `field` names it and `reason` is a short code or sentence for staff."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class SettingError(Exception):
    """A setting is missing or malformed; the message is one line that names the variable."""
