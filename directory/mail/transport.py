"""How a letter leaves: to the server of SMTP_URL, or as a file where there is none."""

import smtplib
import ssl
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from directory.config import Settings

SMTP_TIMEOUT = 30
"""Seconds for each step of a conversation with the server."""


class Transport(Protocol):
    """Hands one message to the world; raises OSError or smtplib.SMTPException when it could not."""

    def send(self, message: EmailMessage, *, name: str) -> None:
        """Send it. name: a file name without ending, unique to the letter."""
        ...


class FolderTransport:
    """Writes letters as .eml files, for machines without a mail server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, message: EmailMessage, *, name: str) -> None:
        """Write `<name>.eml`; the same letter again overwrites its own file."""
        self.folder.mkdir(parents=True, exist_ok=True)
        part = self.folder / f".{name}.part"
        part.write_bytes(message.as_bytes(policy=SMTP))
        part.replace(self.folder / f"{name}.eml")


class SmtpTransport:
    """Delivers to the server of SMTP_URL."""

    def __init__(self, url: str) -> None:
        self.url = urlsplit(url)
        self.starttls = parse_qs(self.url.query).get("starttls") == ["1"]

    def send(self, message: EmailMessage, *, name: str) -> None:  # noqa: ARG002 (SMTP needs no file name)
        """Send over one connection; what goes wrong after the server took the letter does not count."""
        host = self.url.hostname or "localhost"
        tls = ssl.create_default_context()
        if self.url.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, self.url.port or 465, timeout=SMTP_TIMEOUT, context=tls)
        else:
            server = smtplib.SMTP(host, self.url.port or 25, timeout=SMTP_TIMEOUT)
        try:
            if self.starttls:
                server.starttls(context=tls)
            if self.url.username:
                server.login(unquote(self.url.username), unquote(self.url.password or ""))
            server.send_message(message)
            with suppress(OSError, smtplib.SMTPException):
                server.quit()
        finally:
            server.close()


def make_transport(settings: Settings) -> Transport:
    """Choose the transport that the settings ask for."""
    return SmtpTransport(settings.smtp_url) if settings.smtp_url else FolderTransport(settings.mail_folder)
