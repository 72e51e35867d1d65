"""Where files lie: a folder outside the web root, or a bucket that speaks S3. Their names there are random."""

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from directory.errors import DirectoryError

BUCKET = "s3"
_NAME = re.compile(r"[A-Za-z0-9_-]{32}")
_UNFINISHED = ".part"


class PlaceFailed(DirectoryError):
    """A file is not where it should be, or the place cannot be written or does not answer."""


class Place(Protocol):
    """Keeps files by names that it makes up."""

    def keep(self, data: bytes) -> str:
        """Keep a file, whole or not at all; return its name."""
        ...

    def read(self, name: str) -> bytes:
        """Return a file. Raises PlaceFailed."""
        ...

    def remove(self, name: str) -> None:
        """Delete a file, if it is there."""
        ...

    def names(self) -> Iterator[tuple[str, datetime]]:
        """Give all names with the time since when each is there, what a break left unfinished included."""
        ...


class Folder:
    """A folder of this host that only this user may look into."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def keep(self, data: bytes) -> str:
        """Write under a temporary name and rename it, so that nobody ever finds half a file."""
        name = _new_name()
        unfinished = self.path / f"{name}{_UNFINISHED}"
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:
                out.write(data)
                out.flush()
                os.fsync(out.fileno())
            unfinished.rename(self.path / name)
        except OSError as error:
            raise PlaceFailed(str(error.strerror)) from error
        return name

    def read(self, name: str) -> bytes:
        """Return a file. Raises PlaceFailed."""
        try:
            return self._file(name).read_bytes()
        except OSError as error:
            raise PlaceFailed(str(error.strerror)) from error

    def remove(self, name: str) -> None:
        """Delete a file, if it is there."""
        try:
            self._file(name).unlink(missing_ok=True)
        except OSError as error:
            raise PlaceFailed(str(error.strerror)) from error

    def names(self) -> Iterator[tuple[str, datetime]]:
        """Give all names with the time of writing."""
        if not self.path.is_dir():
            return
        for entry in os.scandir(self.path):
            if _NAME.fullmatch(entry.name.removesuffix(_UNFINISHED)):
                try:
                    yield entry.name, datetime.fromtimestamp(entry.stat().st_mtime, UTC)
                except FileNotFoundError:
                    continue  # deleted meanwhile

    def _file(self, name: str) -> Path:
        return self.path / _checked(name)


class Bucket:
    """A bucket. client: boto3's for S3; prefix: before all names, empty or ending in a slash."""

    def __init__(self, client: Any, bucket: str, prefix: str) -> None:
        self.client, self.bucket, self.prefix = client, bucket, prefix

    def keep(self, data: bytes) -> str:
        """Put a file; a bucket shows it when it is whole."""
        name = _new_name()
        with _told():
            self.client.put_object(Bucket=self.bucket, Key=self.prefix + name, Body=data, ContentType="application/octet-stream")
        return name

    def read(self, name: str) -> bytes:
        """Return a file. Raises PlaceFailed."""
        with _told():
            found: bytes = self.client.get_object(Bucket=self.bucket, Key=self.prefix + _checked(name))["Body"].read()
        return found

    def remove(self, name: str) -> None:
        """Delete a file, if it is there."""
        with _told():
            self.client.delete_object(Bucket=self.bucket, Key=self.prefix + _checked(name))

    def names(self) -> Iterator[tuple[str, datetime]]:
        """Give all names with the time of their last change."""
        with _told():
            for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix):
                for entry in page.get("Contents", ()):
                    name = str(entry["Key"]).removeprefix(self.prefix)
                    if _NAME.fullmatch(name):
                        yield name, entry["LastModified"].astimezone(UTC)


@contextmanager
def _told() -> Iterator[None]:
    """Raise PlaceFailed for whatever a bucket answers but what was asked for."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 (an optional extra)

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise PlaceFailed(str(error)) from error


def make_place(url: str) -> Place:
    """Make the place that a setting names: the path of a folder, or s3://bucket/prefix?endpoint=…&region=….

    Keys of a bucket come from where boto3 looks for them (AWS_ACCESS_KEY_ID and so on).
    """
    parts = urlsplit(url)
    if parts.scheme != BUCKET:
        return Folder(Path(url))
    import boto3  # noqa: PLC0415 (an optional extra; the settings say so where it is missing)

    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    client = boto3.client("s3", endpoint_url=query.get("endpoint"), region_name=query.get("region"))
    prefix = parts.path.strip("/")
    return Bucket(client, parts.netloc, f"{prefix}/" if prefix else "")


def _new_name() -> str:
    return secrets.token_urlsafe(24)


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name.removesuffix(_UNFINISHED)):
        raise PlaceFailed("no name of a file")
    return name
