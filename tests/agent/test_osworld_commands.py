"""`handeye osworld`: what it prints for people and programs, its exit codes, and one line for whatever cannot be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from agent.cli import run
from tasks.osworld import layout, proofs
from tests.worlds import ID, STORE, download, judged, lay, rule, tabs, task

Out = pytest.CaptureFixture[str]


@pytest.fixture
def osworld(tmp_path: Path) -> Path:
    return lay(
        tmp_path / "osworld",
        task(1),
        task(2, config=[download("os/x/a%20b"), download("os/x/c")]),
        task(3, config=[tabs("https://birds.example.org/"), download("os/x/d")]),
    )


def say(capsys: Out, *words: object) -> tuple[int, str, str]:
    capsys.readouterr()
    code = run(["osworld", *map(str, words)])
    out, err = capsys.readouterr()
    return code, out, err


def test_the_tasks_are_listed_with_what_they_take(osworld: Path, capsys: Out) -> None:
    code, out, _ = say(capsys, "list", "--tasks", osworld)
    assert code == 0
    assert "3 tasks; 1 take nothing beside the desktop; 1 take files; 1 need the live web (website 1)" in out
    assert f"os/{ID}3" in out
    assert "Write a word into the file." in out


def test_why_gives_the_reasons_and_a_glob_chooses(osworld: Path, capsys: Out) -> None:
    code, out, _ = say(capsys, "list", "--tasks", osworld, "--why", "--task", f"{ID}3")
    assert code == 0
    assert "its material is a site that the setup opens" in out
    assert f"{ID}2" not in out


def test_a_program_gets_the_same_as_json(osworld: Path, capsys: Out) -> None:
    code, out, _ = say(capsys, "list", "--tasks", osworld, "--json")
    made = json.loads(out)
    assert (code, made["refused"]) == (0, [])
    assert [each["kind"] for each in made["tasks"]] == ["offline", "assets", "web"]
    assert made["tasks"][1]["assets"] == ["os/x/a b", "os/x/c"]


def test_a_task_that_cannot_be_read_or_names_strange_things_is_no_success(tmp_path: Path, capsys: Out) -> None:
    strange = judged("exact_mtach", result={"type": "vm_terminal_output"}, expected=rule(a=1))
    torn, named = (
        lay(tmp_path / "a", task(1), task(2, config=0)),
        lay(tmp_path / "b", task(1), task(2, evaluator=strange)),
    )
    for folder, said in ((torn, "1 could not be read"), (named, "1 name what OSWorld does not have")):
        code, out, _ = say(capsys, "list", "--tasks", folder)
        assert (code, said in out) == (1, True)
        assert say(capsys, "coverage", "--tasks", folder)[0] == 1


def test_coverage_calls_nothing_runnable_that_did_not_run(osworld: Path, tmp_path: Path, capsys: Out) -> None:
    path = tmp_path / "proofs.json"
    proofs.add(path)
    code, out, _ = say(capsys, "coverage", "--tasks", osworld, "--proofs", path)
    assert code == 0
    assert "0 of 3 tasks were proved to run: 0 with their own files, 0 with stand-ins." in out
    assert "2 of 3 ask for nothing but the desktop and, 1 of them, for files." in out
    assert "expected to run, not proved yet" in out
    first = layout.read(osworld).examples[0]
    proofs.add(path, proofs.Proof(task=first.id, digest=first.digest, how="executed"))
    assert "1 of 3 tasks were proved to run: 1 with their own files" in say(
        capsys, "coverage", "--tasks", osworld, "--proofs", path
    )[1]  # fmt: skip


def test_coverage_says_which_files_are_missing(osworld: Path, tmp_path: Path, capsys: Out) -> None:
    (tmp_path / "files").mkdir()
    _, out, _ = say(capsys, "coverage", "--tasks", osworld, "--assets", tmp_path / "files", "--why")
    assert f"2 files are missing in {tmp_path / 'files'}, as os/x/a b." in out
    _, out, _ = say(capsys, "coverage", "--tasks", osworld, "--assets", tmp_path / "files", "--json")
    assert [row["missing"] for row in json.loads(out)["rows"]] == [[], ["os/x/a b", "os/x/c"], ["os/x/d"]]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("list",), "--tasks"),
        (("list", "--tasks", "nowhere"), "there is no nowhere; give the folder that holds them"),
        (("list", "--tasks", ".", "--task", "egret"), f"no task in . fits 'egret'; there is os/{ID}1"),
        (("coverage", "--tasks", ".", "--assets", "nowhere"), "there is no nowhere; fetch them with"),
        (("coverage", "--tasks", ".", "--proofs", "nowhere"), "wanted proofs in nowhere, found"),
        (("fetch", "--tasks", ".", "--assets", "test_all.json"), "wanted a folder for files, found at test_all.json"),
        (("lits",), "lits"),
    ],
)
def test_what_cannot_be_is_one_line(
    osworld: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(osworld)
    code, out, err = say(capsys, *words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The folder as a store on this machine. Gives its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/data/resolve/main/"
    server.shutdown()
    thread.join()
    server.server_close()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        pass


def test_files_are_fetched_where_the_tasks_say_that_they_are(osworld: Path, tmp_path: Path, capsys: Out) -> None:
    kept = tmp_path / "store" / "data" / "resolve" / "main" / "os" / "x"
    kept.mkdir(parents=True)
    (kept / "a b").write_text("heron")
    files = tmp_path / "files"
    with served(tmp_path / "store") as store:
        for path in osworld.rglob("*.json"):
            path.write_text(path.read_text().replace(STORE, store))
        fetch = ("fetch", "--tasks", osworld, "--assets", files)
        assert say(capsys, *fetch, "--dry-run")[:2] == (0, f"{store}os/x/a%20b\n{store}os/x/c\n")
        code, _, err = say(capsys, *fetch)
        assert code == 2
        assert err.splitlines()[0] == "1/2 os/x/a b: 5 bytes"
        assert err.splitlines()[-1].startswith(
            "handeye: 1 of 2 files could not be had, the first: wanted os/x/c, found 404"
        )
        (kept / "c").write_text("egret")
        assert say(capsys, *fetch)[:2] == (0, f"2 files in {files}; 1 of them are new\n")
        assert say(capsys, *fetch, "--web", "--dry-run")[1] == f"{store}os/x/d\n"
    assert (files / "os/x/a b").read_text() + (files / "os/x/c").read_text() == "heronegret"
    assert say(capsys, *fetch) == (0, f"2 files in {files}; 0 of them are new\n", "")


def test_without_a_network_fetch_ends_at_once_with_one_line(osworld: Path, tmp_path: Path, capsys: Out) -> None:
    for path in osworld.rglob("*.json"):
        path.write_text(path.read_text().replace(STORE, "http://127.0.0.1:9/resolve/main/"))
    code, out, err = say(capsys, "fetch", "--tasks", osworld, "--assets", tmp_path / "files")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "found no way to http://127.0.0.1:9/resolve/main/os/x/a%20b" in err
