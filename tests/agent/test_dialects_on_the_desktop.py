"""Every family that can act does the smoke suite on the real desktop, told what to do by a model of its own dialect.

The models are served by `tests.dialects`, which is told the oracle's next action in screen pixels and says it as the
family would; what it says goes over HTTP and through the vendor's SDK into the backend, and from there to the mouse.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.cli import run
from envs.types import Called
from scoring.record import Decided, Ended, Episode, read_run
from tasks import smoke
from tests.dialects.relay import server
from tests.dialects.server import CLOSED, OPEN, limits_of

FAMILIES = (*CLOSED, *OPEN)
STREAMED = frozenset(FAMILIES[::2])
"""Every other one answers in pieces."""
TASKS = {task.id for task in smoke.suite(0)}
STEPS_DOWN = {
    "claude-20250124": ["/v1/messages: 400 'claude-sonnet-4-5' does not support tool types: computer_20251124."]
}
"""What the server refuses, once: it is how the tool is found that the model takes."""
JOBS = 4
"""Episodes at once. They mostly wait for a screen to come to rest: four keep two cores busy."""

pytestmark = [pytest.mark.embedded, pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def ends(episodes: tuple[Episode, ...]) -> dict[str, tuple[str, float | None, str]]:
    """How each episode ended, by its name."""
    told = {each.name: each.lines[-1].event for each in episodes}
    assert all(isinstance(event, Ended) for event in told.values())
    return {name: (event.how, event.score, event.reason) for name, event in told.items() if isinstance(event, Ended)}


def calls(episodes: tuple[Episode, ...]) -> list[Called]:
    """Every model call on record."""
    lines = [line.event for episode in episodes for line in episode.lines]
    return [call for event in lines if isinstance(event, Decided) for call in event.calls]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_does_the_smoke_suite_in_its_own_dialect(family: str) -> None:
    served = server()
    before, refused, remarks = {*served.sessions}, len(served.traffic.refused), len(served.remarks)
    suite = f"tests.dialects.desk:suite(hold={'false' if limits_of(family).hold == 'no' else 'true'})"
    agent = f"tests.dialects.relay:relay(family={family}, stream={'true' if family in STREAMED else 'false'})"
    code = run(["run", suite, "--agent", agent, "--desktop", "embedded", "--jobs", str(JOBS), "--out", "run"])
    episodes = read_run(Path("run"))[1]
    assert {name: end for name, end in ends(episodes).items() if end[1] != 1.0} == {}
    assert code == 0
    assert {each.started.task for each in episodes if each.started} == TASKS
    assert len(episodes) == len(TASKS)
    assert served.traffic.refused[refused:] == STEPS_DOWN.get(family, [])
    assert served.remarks[remarks:] == []
    sessions = [session for tag, session in served.sessions.items() if tag not in before]
    told = calls(episodes)
    assert len(told) == sum(session.replies for session in sessions)
    assert sum(bool(call.problem) for call in told) == sum(session.stutters for session in sessions)
    if family in CLOSED:  # of the others, what is a slip is the codec's to say
        assert sum(bool(call.repaired) for call in told) == sum(session.spoilt for session in sessions)
