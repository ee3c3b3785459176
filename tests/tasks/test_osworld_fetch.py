"""Fetching the files of OSWorld's tasks from a store on this machine: whole, gone on with, or said why not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import pytest

from envs.errors import BadInput
from tasks.osworld import fetch
from tasks.osworld.assets import Asset
from tests.worlds import STORE

KEY = "os/0a1b/a b.txt"
BODY = bytes(range(256)) * 20


@dataclass
class Store:
    """A store with one file; `cut` is after how many bytes it hangs up."""

    body: bytes = BODY
    etag: str = '"one"'
    cut: int | None = None
    status: int = 0
    asked: list[tuple[str, str]] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/data/resolve/main/os/0a1b/a%20b.txt"

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        begin = handler.headers.get("Range", "")
        self.asked.append((unquote(handler.path), begin))
        if self.status:
            return handler.send_error(self.status)
        fits = handler.headers.get("If-Range") == self.etag
        start = int(begin.removeprefix("bytes=").rstrip("-")) if begin and fits else 0
        if start >= len(self.body) > 0:
            return handler.send_error(416)
        handler.send_response(206 if start else 200)
        if start:
            handler.send_header("Content-Range", f"bytes {start}-{len(self.body) - 1}/{len(self.body)}")
        if self.etag:
            handler.send_header("ETag", self.etag)
        handler.send_header("Content-Length", str(len(self.body) - start))
        handler.end_headers()
        handler.wfile.write(self.body[start : self.cut])
        return None


@pytest.fixture
def store() -> Iterator[Store]:
    made = Store()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.answer(self)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - likewise
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


def fails(store: Store, folder: Path, said: str) -> None:
    with pytest.raises(BadInput) as caught:
        fetch.fetch(KEY, store.url, folder)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (folder / KEY).exists()


def test_a_file_comes_whole_to_the_place_of_its_key(store: Store, tmp_path: Path) -> None:
    got = fetch.fetch(KEY, store.url, tmp_path)
    assert (got.path, got.bytes) == (tmp_path / KEY, len(BODY))
    assert got.path.read_bytes() == BODY
    assert [path.name for path in got.path.parent.iterdir()] == ["a b.txt"]
    assert store.asked == [("/data/resolve/main/" + KEY, "")]


def test_what_was_begun_is_gone_on_with(store: Store, tmp_path: Path) -> None:
    store.cut = 1000
    fails(store, tmp_path, f"wanted {len(BODY)} bytes of {KEY}, found 1000; try again, what came is kept")
    store.cut = None
    assert fetch.fetch(KEY, store.url, tmp_path).bytes == len(BODY) - 1000
    assert (tmp_path / KEY).read_bytes() == BODY
    assert [begin for _, begin in store.asked] == ["", "bytes=1000-"]


def test_what_was_begun_and_has_changed_meanwhile_is_begun_anew(store: Store, tmp_path: Path) -> None:
    store.cut = 1000
    fails(store, tmp_path, "found 1000")
    store.cut, store.body, store.etag = None, BODY[::-1], '"two"'
    fetch.fetch(KEY, store.url, tmp_path)
    assert (tmp_path / KEY).read_bytes() == BODY[::-1]


def test_without_a_mark_of_the_version_it_is_begun_anew(store: Store, tmp_path: Path) -> None:
    store.cut, store.etag = 1000, ""
    fails(store, tmp_path, "found 1000")
    store.cut = None
    fetch.fetch(KEY, store.url, tmp_path)
    assert (tmp_path / KEY).read_bytes() == BODY
    assert [begin for _, begin in store.asked] == ["", ""]


def test_one_that_was_begun_and_holds_all_is_fetched_again(store: Store, tmp_path: Path) -> None:
    (tmp_path / "os/0a1b").mkdir(parents=True)
    (tmp_path / f"{KEY}.part").write_bytes(BODY)
    (tmp_path / f"{KEY}.etag").write_text(store.etag)
    fetch.fetch(KEY, store.url, tmp_path)
    assert (tmp_path / KEY).read_bytes() == BODY
    assert [begin for _, begin in store.asked] == [f"bytes={len(BODY)}-", ""]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (404, "found 404 Not Found at http://127.0.0.1"),
        (404, "it is gone from the store: put a copy there by hand"),
        (403, "the store wants to know who asks"),
        (503, "try again later, what came is kept"),
        (416, "try again later"),
    ],
)
def test_a_store_that_refuses_is_told_in_one_line(store: Store, tmp_path: Path, status: int, said: str) -> None:
    store.status = status
    fails(store, tmp_path, said)


def test_an_empty_answer_is_no_file(store: Store, tmp_path: Path) -> None:
    store.body = b""
    fails(store, tmp_path, "0 bytes")


def test_no_network_is_told_in_one_line(store: Store, tmp_path: Path) -> None:
    with pytest.raises(
        fetch.OutOfReach, match=r"found no way to http://127.0.0.1:9/a: .*; try again, what came is kept"
    ):
        fetch.fetch(KEY, "http://127.0.0.1:9/a", tmp_path)


def test_a_folder_that_cannot_be_written_is_told_in_one_line(store: Store, tmp_path: Path) -> None:
    (tmp_path / "os").write_text("a file where a folder must be")
    with pytest.raises(BadInput, match=r"wanted to write .*; make room, or choose another"):
        fetch.fetch(KEY, store.url, tmp_path)


def test_no_file_is_written_outside_the_folder(store: Store, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="wanted a path as <domain>/<task id>/<file>"):
        fetch.fetch("../a", store.url, tmp_path / "in")
    assert store.asked == []


def test_the_others_come_where_one_is_not_to_be_had(store: Store, tmp_path: Path) -> None:
    told: list[object] = []
    lost = fetch.fetch_all({"../1": store.url, KEY: store.url}, tmp_path, told.append)
    assert [type(each) for each in told] == [BadInput, fetch.Got]
    assert lost == told[:1]


def test_none_is_tried_after_one_to_which_there_is_no_way(store: Store, tmp_path: Path) -> None:
    with pytest.raises(fetch.OutOfReach):
        fetch.fetch_all({"os/a/1": "http://127.0.0.1:9/", KEY: store.url}, tmp_path, [].append)
    assert store.asked == []


def test_the_address_of_what_only_osworlds_code_knows_is_the_others(store: Store) -> None:
    known = Asset(key=KEY, url=STORE + "os/0a1b/a%20b.txt", part="config")
    hidden = Asset(key="chrome/x/a b.sqlite", url="", part="config")
    assert fetch.addressed([hidden, known]) == {
        hidden.key: STORE + "chrome/x/a%20b.sqlite",
        KEY: STORE + "os/0a1b/a%20b.txt",
    }
    with pytest.raises(BadInput, match="found no task that names the store's; give more tasks than this one"):
        fetch.addressed([hidden])


def test_letters_of_other_scripts_are_encoded_and_what_is_encoded_stays(store: Store) -> None:
    made = fetch.addressed([Asset(key="os/x/ü", url=STORE + "os/x/ü%20a.txt", part="config")])
    assert made == {"os/x/ü": STORE + "os/x/%C3%BC%20a.txt"}
