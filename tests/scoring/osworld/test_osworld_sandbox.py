"""What a hostile file or a hostile word of the desktop can do to the machine that scores it: nothing."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from guests import Guest

from envs.errors import Gone, TaskFault
from envs.settle import until
from scoring.osworld import Output, evaluate
from scoring.osworld.evaluator import parse
from scoring.osworld.preparing import ready
from scoring.osworld.wire import Outcome, Raised, Value
from scoring.osworld.worker import Worker

pytestmark = pytest.mark.slow

SAYS = {
    "func": "check_gnome_favorite_apps",
    "result": {"type": "vm_command_line", "command": "get"},
    "expected": {"type": "rule", "rules": {"expected": ["a"]}},
}
"""A metric that runs what the desktop says."""


@pytest.fixture(scope="module")
def guest() -> Guest:
    return Guest()


@pytest.fixture(scope="module")
def worker(guest: Guest) -> Iterator[Worker]:
    with Worker(ready(), guest, {}, seconds=900) as started:
        yield started


def run(worker: Worker, guest: Guest, code: str) -> Outcome:
    """What comes of an expression that the desktop says and the release runs."""
    guest.commands = {"get": code}
    return worker.measure(parse(SAYS).parts[0])


def tells(worker: Worker, guest: Guest, code: str) -> str:
    """The value of an expression, by way of an error."""
    outcome = run(worker, guest, f"{{}}[str({code})]")
    assert isinstance(outcome, Raised)
    return outcome.error


OS = "__import__('os')"
SYSTEM = {"bin", "dev", "etc", "lib", "lib32", "lib64", "libx32", "proc", "sbin", "tmp", "usr"} | {
    "compiled",
    "evaluators",
    "given",
    "packages",
    "python",
}


def test_the_release_does_run_what_the_desktop_says(worker: Worker, guest: Guest) -> None:
    assert run(worker, guest, "['a' for _ in range(1)]") == Value(1.0)


def test_it_sees_no_home_and_nothing_of_this_machine_but_its_programs(worker: Worker, guest: Guest) -> None:
    seen = set(eval_list(tells(worker, guest, f"sorted({OS}.listdir('/'))")))
    assert {"usr", "tmp", "packages"} <= seen
    assert seen <= SYSTEM
    assert "No such file" in tells(worker, guest, f"{OS}.listdir('/root')")
    assert "No such file" in tells(worker, guest, f"{OS}.listdir({str(Path.home())!r})")
    assert eval_list(tells(worker, guest, f"{OS}.listdir('/etc')")) == ["ld.so.cache"]


def eval_list(error: str) -> list[str]:
    """The names in an error that shows a list of them."""
    return [word.strip("'\" ") for word in error.partition("[")[2].partition("]")[0].split(",") if word]


def test_it_sees_no_process_but_its_own(worker: Worker, guest: Guest) -> None:
    numbers = tells(worker, guest, f"[p for p in {OS}.listdir('/proc') if p.isdigit()]")
    assert 1 <= len(eval_list(numbers)) <= 3


def test_it_is_nobody_and_cannot_become_anybody(worker: Worker, guest: Guest) -> None:
    assert "65534" in tells(worker, guest, f"{OS}.getuid()")
    assert "PermissionError" in tells(worker, guest, f"{OS}.chroot('/tmp')")
    status = tells(worker, guest, "[l for l in open('/proc/self/status') if l.startswith('CapEff')]")
    assert "0000000000000000" in status


@pytest.mark.parametrize("place", ["/usr/x", "/packages/x", "/evaluators/inside/x", "/x", "/given/x"])
def test_it_writes_nowhere_but_into_its_own_memory(worker: Worker, guest: Guest, place: str) -> None:
    assert "Read-only file system" in tells(worker, guest, f"open({place!r}, 'w')")


def test_what_it_writes_to_tmp_is_not_here(worker: Worker, guest: Guest) -> None:
    name = f"/tmp/handeye-planted-{os.getpid()}"
    assert "7" in tells(worker, guest, f"open({name!r}, 'w').write('planted')")
    assert not Path(name).exists()


def test_it_reaches_no_address_not_even_this_machine(worker: Worker, guest: Guest) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        connect = "__import__('socket').create_connection(({!r}, {}), 5)"
        assert "Connection refused" in tells(worker, guest, connect.format("127.0.0.1", port))
        assert "Network is unreachable" in tells(worker, guest, connect.format("192.0.2.1", 80))
        server.settimeout(0)
        with pytest.raises(BlockingIOError):
            server.accept()


def test_it_has_no_more_memory_than_it_is_given(worker: Worker, guest: Guest) -> None:
    assert "MemoryError" in tells(worker, guest, "len(bytearray(8 << 30))")
    assert run(worker, guest, "['a']") == Value(1.0)


def test_it_cannot_raise_its_limits(worker: Worker, guest: Guest) -> None:
    raised = tells(worker, guest, "__import__('resource').setrlimit(9, (1 << 40, 1 << 40))")
    assert "not allowed" in raised or "Operation not permitted" in raised


def running(word: str) -> bool:
    """Whether a process with that word in its command line runs on this machine."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if word.encode() in path.read_bytes():
                return True
        except OSError:
            continue  # it has ended meanwhile
    return False


def test_nothing_outlives_its_worker(guest: Guest) -> None:
    mark = f"86400.{os.getpid()}"
    spawn = f"{OS}.posix_spawn('/usr/bin/sleep', ['sleep', '{mark}'], {{}}, setsid=True)"
    with Worker(ready(), Guest(commands={"get": f"{{}}[{spawn}]"}), {}) as started:
        assert isinstance(started.measure(parse(SAYS).parts[0]), Raised)
        assert until(lambda: running(mark), deadline=30)
    assert until(lambda: not running(mark), deadline=30)


def test_it_ends_at_its_time() -> None:
    waits = Guest(commands={"get": "__import__('time').sleep(86400)"})
    judgement = evaluate(SAYS, waits, failed=False, seconds=15)
    assert judgement.score == 0.0
    assert judgement.trouble == "check_gnome_favorite_apps raised its process ended: it took too long"


class Slow(Guest):
    def execute(self, command: str | Sequence[str], *, shell: bool) -> Output | None:
        assert not until(lambda: False, deadline=12.0)
        return super().execute(command, shell=shell)


def test_its_time_stands_still_while_the_desktop_is_slow_to_answer() -> None:
    judgement = evaluate(SAYS, Slow(commands={"get": "['a']"}), failed=False, seconds=10)
    assert (judgement.score, judgement.trouble) == (1.0, "")


def test_it_cannot_keep_the_desktop_answering_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scoring.osworld.worker.ANSWERS_WITHIN", 3.0)
    judgement = evaluate(SAYS, Slow(commands={"get": "__import__('time').sleep(86400)"}), failed=False, seconds=86400)
    assert judgement.trouble.endswith("its process ended: it took too long")


def test_one_that_kills_itself_is_worth_nothing() -> None:
    judgement = evaluate(SAYS, Guest(commands={"get": f"{OS}._exit(0)"}), failed=False)
    assert judgement.score == 0.0
    assert judgement.trouble.endswith("its process ended: it was killed, or left")


SPEAK = """
import fcntl, os
for n in map(int, os.listdir("/proc/self/fd")):
    try:
        pipe = os.readlink(f"/proc/self/fd/{n}").startswith("pipe:")
        pipe = pipe and fcntl.fcntl(n, fcntl.F_GETFL) & 3 == os.O_WRONLY
    except OSError:
        continue
    if pipe:
        os.write(n, LINE.encode() + bytes([10]))
"""


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("'not json'", id="no JSON"),
        pytest.param('\'{"is": "value", "value": "1"}\'', id="a word for a number"),
        pytest.param('\'{"ask": "file", "path": "/x", "as": "root"}\'', id="an unknown field"),
        pytest.param('\'{"ask": "shell", "command": "true"}\'', id="an unknown question"),
        pytest.param('\'{"is": "ready"}\'', id="a word out of turn"),
        pytest.param("'x' * (2 << 20)", id="too long a line"),
    ],
)
def test_a_worker_that_speaks_out_of_the_protocol_is_heard_no_more(line: str) -> None:
    guest = Guest(commands={"get": f"exec({SPEAK.replace('LINE', f'({line})')!r})"})
    judgement = evaluate(SAYS, guest, failed=False, seconds=60)
    assert judgement.score == 0.0
    assert "its process ended" in judgement.trouble
    assert "took too long" not in judgement.trouble


HOSTILE = """
import os, socket, sys
sys.stdout.write('{"is": "value", "value": 1.0}\\n'); sys.stdout.flush()
os.write(1, b'{"is": "value", "value": 1.0}\\n')
os.write(2, b'loud')
found = []
home, place = lambda: os.listdir("/root"), lambda: open(PLACE, "w")
for attempt in (home, place, lambda: socket.create_connection(("127.0.0.1", PORT), 2)):
    try:
        found.append(str(attempt()))
    except OSError:
        pass
"""
SUITE = "import hostile\ndef test():\n    return not hostile.found\n"


def test_a_hostile_file_of_the_agent_runs_where_it_does_no_harm(tmp_path: Path) -> None:
    place = tmp_path / "planted"
    with socket.create_server(("127.0.0.1", 0)) as server:
        code = HOSTILE.replace("PLACE", repr(str(place))).replace("PORT", str(server.getsockname()[1]))
        suite = tmp_path / "test_suite.py"
        suite.write_text(SUITE)
        evaluator = {
            "func": "check_python_file_by_test_suite",
            "result": {"type": "vm_file", "path": "/home/user/hostile.py", "dest": "hostile.py"},
            "expected": {"type": "cloud_file", "path": "http://127.0.0.1/suite", "dest": "test_suite.py"},
        }
        guest = Guest(files={"/home/user/hostile.py": code.encode()})
        judgement = evaluate(evaluator, guest, failed=False, files={"test_suite.py": suite})
        assert (judgement.score, judgement.trouble) == (1.0, "")  # it ran, and each attempt failed
        assert judgement.defects == ("agent-code-judges-itself",)
        server.settimeout(0)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert not place.exists()
    assert suite.read_text() == SUITE


class Dead(Guest):
    def file(self, path: str) -> bytes | None:
        raise Gone("the desktop no longer answers")


def test_a_desktop_that_has_died_is_never_a_score() -> None:
    evaluator = {"func": "check_list", "result": {"type": "vm_file", "path": "/a", "dest": "a"}}
    with pytest.raises(Gone):
        evaluate(evaluator, Dead(), failed=False)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"func": "no_such_metric"}, "no_such_metric", id="a metric"),
        pytest.param({"result": {"type": "no_such"}}, "get_no_such", id="a getter"),
    ],
)
def test_a_name_that_nobody_has_is_refused_before_anything_runs(change: dict[str, Any], said: str) -> None:
    with pytest.raises(TaskFault, match=said):
        evaluate({**SAYS, **change}, Guest(), failed=False)


def test_a_file_whose_name_leads_away_is_not_given(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    with pytest.raises(TaskFault, match="leads away"):
        Worker(ready(), Guest(), {"../a": tmp_path / "a"})
