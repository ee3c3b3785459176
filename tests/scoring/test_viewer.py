"""The page: what it carries, what it refuses to carry, and how it is served."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from golden import HOSTILE

from envs.errors import BadInput
from scoring.viewer import Viewer, export, page, serve


def data(html: bytes) -> dict[str, object]:
    found = re.search(rb'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    assert found is not None
    return dict(json.loads(found[1]))


def test_text_that_means_harm_cannot_leave_the_data(made: Path) -> None:
    html = page(made)
    assert html.count(b"<script") == 2
    assert b"evil.test" in html
    assert HOSTILE.encode() not in html
    assert HOSTILE in json.dumps(data(html), ensure_ascii=False).replace('\\"', '"')


def test_nothing_may_run_but_what_the_policy_names(made: Path) -> None:
    policy = re.search(rb'Content-Security-Policy" content="([^"]*)"', page(made))
    assert policy is not None
    assert b"default-src 'none'" in policy[1]
    assert b"unsafe" not in policy[1]
    assert b"http" not in policy[1]


def test_a_placeholder_said_by_an_agent_is_not_filled_in(run: Path) -> None:
    log = run / "episodes" / "mail-s0-r0" / "events.jsonl"
    log.write_bytes(log.read_bytes().replace(b"open the mail program", b"{{style}}{{script}}"))
    html = page(run)
    assert b"{{style}}{{script}}" in html
    assert html.count(b"<script") == 2


def test_made_again_it_is_the_same_to_the_byte(made: Path) -> None:
    assert page(made) == page(made)


def test_an_export_holds_all_that_its_page_names(made: Path, tmp_path: Path) -> None:
    told: list[str] = []
    out = export(made, tmp_path / "out", told.append)
    for episode in data(out.read_bytes())["episodes"]:  # type: ignore[attr-defined]
        assert (out.parent / episode["film"]).stat().st_size > 0
        for step in episode["turns"]:
            for frame in (step["before"], step["after"]):
                assert frame is None or (out.parent / "frames" / f"{frame}.png").is_file()
                assert frame is None or (out.parent / "thumbs" / f"{frame}.webp").stat().st_size < 10_000
    assert len(told) == 7


def test_an_export_does_not_write_over_anything(made: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(BadInput, match="not empty"):
        export(made, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_folder_that_is_no_run_is_not_served(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="not a run"):
        serve(tmp_path)


@pytest.fixture
def viewer(run: Path) -> Iterator[Viewer]:
    viewer = serve(run)
    yield viewer
    viewer.close()


def ask(viewer: Viewer, path: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", viewer.server.server_address[1], timeout=20)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    body, got = answer.read(), dict(answer.getheaders())
    connection.close()
    return answer.status, body, got


def test_the_page_is_made_anew_each_time(viewer: Viewer, run: Path) -> None:
    assert len(data(ask(viewer, "/")[1])["episodes"]) == 7  # type: ignore[arg-type]
    (run / "episodes" / "mail-s0-r0" / "events.jsonl").unlink()
    assert len(data(ask(viewer, "/")[1])["episodes"]) == 6  # type: ignore[arg-type]


def test_a_film_is_made_when_it_is_asked_for_and_given_in_parts(viewer: Viewer, run: Path) -> None:
    assert not (run / "videos").exists()
    status, whole, _ = ask(viewer, "/videos/mail-s0-r0.mp4")
    assert (status, whole[4:8]) == (200, b"ftyp")
    status, part, headers = ask(viewer, "/videos/mail-s0-r0.mp4", Range="bytes=10-19")
    assert (status, part) == (206, whole[10:20])
    assert headers["Content-Range"] == f"bytes 10-19/{len(whole)}"
    assert ask(viewer, "/videos/mail-s0-r0.mp4", Range=f"bytes={len(whole)}-")[0] == 416


@pytest.mark.parametrize(
    "path",
    [
        "/../run.json",
        "/run.json",
        "/frames/../run.json",
        "/videos/../run.mp4",
        "/videos/%2e%2e%2frun.mp4",
        "/frames/" + "0" * 64 + ".png",
        "/videos/nosuch.mp4",
        "/etc/passwd",
    ],
)
def test_nothing_else_of_the_machine_is_served(viewer: Viewer, path: str) -> None:
    assert ask(viewer, path)[0] == 404


def test_another_sites_name_for_this_machine_is_refused(viewer: Viewer) -> None:
    assert ask(viewer, "/", Host="evil.test")[0] == 403


def test_a_run_that_has_broken_since_says_so_instead_of_hanging(viewer: Viewer, run: Path) -> None:
    (run / "run.json").write_text("{")
    status, body, _ = ask(viewer, "/")
    assert status == 500
    assert b"run.json" in body
