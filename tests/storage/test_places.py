"""Where files lie: a folder, and a bucket behind a server that speaks as much of S3 as is needed."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from directory.storage import Place, PlaceFailed, make_place


class Handler(BaseHTTPRequestHandler):
    """A bucket in memory, path-style."""

    protocol_version = "HTTP/1.1"
    held: dict[str, bytes]

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if "aws-chunked" in self.headers.get("Content-Encoding", ""):
            size, _, rest = body.partition(b"\r\n")
            body = rest[: int(size.split(b";")[0], 16)]
        self.held[urlsplit(self.path).path] = body
        self._say(200)

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if "list-type" in parts.query:
            prefix = parse_qs(parts.query).get("prefix", [""])[0]
            keys = [path.removeprefix("/files/") for path in self.held if path.startswith(f"/files/{prefix}")]
            rows = "".join(
                f"<Contents><Key>{k}</Key><LastModified>2026-11-24T09:00:00.000Z</LastModified></Contents>" for k in keys
            )
            return self._say(200, f"<ListBucketResult><IsTruncated>false</IsTruncated>{rows}</ListBucketResult>".encode())
        if parts.path in self.held:
            return self._say(200, self.held[parts.path])
        return self._say(404, b"<Error><Code>NoSuchKey</Code></Error>")

    def do_DELETE(self) -> None:
        self.held.pop(urlsplit(self.path).path, None)
        self._say(204)

    def log_message(self, *args: object) -> None:
        """Say nothing."""

    def _say(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Run the server; give the address for the setting."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    handler = type("Held", (Handler,), {"held": {}})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"s3://files/directory?endpoint=http://127.0.0.1:{server.server_port}&region=eu-test-1"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Give each kind of place."""
    return make_place(str(tmp_path / "uploads") if request.param == "folder" else request.getfixturevalue("bucket"))


def test_a_file_is_kept_read_listed_and_removed(place: Place) -> None:
    names = [place.keep(data) for data in (b"one", b"one", b"two" * 100_000)]

    assert [place.read(name) for name in names] == [b"one", b"one", b"two" * 100_000]
    assert len(set(names)) == 3
    assert sorted(name for name, _since in place.names()) == sorted(names)
    place.remove(names[0])
    place.remove(names[0])
    with pytest.raises(PlaceFailed):
        place.read(names[0])
    assert sorted(name for name, _since in place.names()) == sorted(names[1:])


@pytest.mark.parametrize("name", ["../directory.db", "", "a/b", "x" * 31, "/etc/passwd"])
def test_a_made_up_name_reaches_nothing(place: Place, name: str) -> None:
    with pytest.raises(PlaceFailed):
        place.read(name)
    with pytest.raises(PlaceFailed):
        place.remove(name)


def test_a_folder_is_for_this_user_alone(tmp_path: Path) -> None:
    place = make_place(str(tmp_path / "uploads"))
    name = place.keep(b"one")

    assert (tmp_path / "uploads").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "uploads" / name).stat().st_mode & 0o777 == 0o600
    ((_name, since),) = place.names()
    assert abs((datetime.now(UTC) - since).total_seconds()) < 60


def test_a_place_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "uploads").write_text("a file where the folder should be")

    with pytest.raises(PlaceFailed):
        make_place(str(tmp_path / "uploads")).keep(b"one")


def test_a_bucket_that_does_not_answer_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("AWS_ACCESS_KEY_ID", "t"), ("AWS_SECRET_ACCESS_KEY", "t"), ("AWS_MAX_ATTEMPTS", "1")):
        monkeypatch.setenv(name, value)

    with pytest.raises(PlaceFailed):
        make_place("s3://files?endpoint=http://127.0.0.1:9&region=eu-test-1").keep(b"one")
