"""From what was asked for (`random(seed=3)`) to an episode's agent, with what it is given to play."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from agent.acting import Cast, Player, Script
from agent.base import Agent, Decision, Planting, episode_key
from agent.conditions import read
from agent.registry import Spec, accept, arguments, full, load
from envs.desktop import Probe
from envs.errors import BadInput, TaskFault
from envs.types import Claim, Finish
from scoring.record import Acted, Decided, Ended, Episode, Unread, read_run
from tasks.base import Play, Step, Task


@dataclass(frozen=True)
class Part:
    """One episode's place in a run."""

    task: Task
    seed: int
    repeat: int
    condition: str = ""
    """See `agent.conditions`."""
    steps: int | None = None
    """How many steps the task's solution has, where it was played before."""


def cast(spec: Spec) -> Callable[[Part], Cast]:
    """What makes the agents of a run. Raises BadInput for an unknown agent or option, before anything is started."""
    spec = full("agents", spec)
    factory = load("agents", spec.name)
    gift = getattr(factory, "given", "")
    accept(spec, factory, given=("play",) if gift else ())
    episodes = _recorded(spec) if gift == "recording" else {}

    def of(part: Part) -> Cast:
        def make(probe: Probe) -> Player:
            options = arguments("agents", spec, factory)
            if not gift:
                return Player(_agent(factory(**options)))
            script = _recording(episodes, part) if gift == "recording" else _solution(part.task, probe)
            play = planting(part, script) if gift == "planting" else script
            return Player(_agent(factory(play=play, **options)), script)

        return make

    return of


def sample(spec: Spec) -> Agent:
    """One of the agents that the spec makes, for asking what it is; what plays something has nothing to play.

    Raises BadInput where none can be made.
    """
    spec = full("agents", spec)
    factory = load("agents", spec.name)
    accept(spec, factory, given=("play",) if getattr(factory, "given", "") else ())
    options = arguments("agents", spec, factory)
    if gift := getattr(factory, "given", ""):
        options["play"] = Planting(iter(())) if gift == "planting" else iter(())
    try:
        return _agent(factory(**options))
    except BadInput:
        raise
    except Exception as err:
        raise BadInput(f"the agent {spec} cannot be made: it raised {err!r}") from err


def planting(part: Part, script: Script) -> Planting:
    """What an agent with planted faults is given in an episode: chance of its own in each condition."""
    condition = read(part.condition)
    return Planting(
        decisions=script,
        key=episode_key(part.task.id, part.seed, part.repeat, part.condition),
        begun=condition.begun or 0,
        steps=part.steps,
        aids=condition.true,
        alone=condition.alone,
    )


def playing(task: Task, play: Play, name: str) -> Cast:
    """Plays a way through a task that is not the agent's business to find, such as a near-miss."""
    from agent.backends.scripted import Scripted

    def make(probe: Probe) -> Player:
        script = Script(f"{task.id}: the play {name!r}", lambda: iter(play(probe)))
        return Player(Scripted(script, name), script)

    return make


def _agent(made: object) -> Agent:
    missing = [name for name in ("begin", "act", "close") if not callable(getattr(made, name, None))]
    if missing:
        raise BadInput(f"{made!r} is no agent: it has no {', '.join(missing)}")
    return made  # type: ignore[return-value]  # just seen to be one


def _solution(task: Task, probe: Probe) -> Script:
    def steps() -> Iterator[Step]:
        if task.solution is None:
            raise TaskFault(f"{task.id} has no solution to play")
        return iter(task.solution(probe))

    return Script(f"{task.id}: its solution", steps)


def _recorded(spec: Spec) -> dict[tuple[str, int, int], Episode]:
    """The run's episodes: of several attempts, the last that came to an end."""
    _, episodes = read_run(Path(str(spec.options["run"])))
    return {
        (each.started.task, each.started.seed, each.started.repeat): each
        for each in sorted(episodes, key=lambda each: each.ended is not None)
        if each.started is not None
    }


def _recording(episodes: dict[tuple[str, int, int], Episode], part: Part) -> Script:
    what = f"{part.task.id}, seed {part.seed}, repeat {part.repeat}"

    def steps() -> Iterator[Decision]:
        episode = episodes.get((part.task.id, part.seed, part.repeat))
        if episode is None:
            raise TaskFault(f"the run that is replayed has no episode of {what}")
        return decisions(episode)

    return Script(f"the recording of {what}", steps)


def decisions(episode: Episode) -> Iterator[Decision]:
    """An episode's decisions as they were carried out, and the word with which it ended.

    Raises TaskFault where one was made from another's record and not all of it could be read.
    """
    decided: Decided | None = None
    for line in episode.lines:
        match line.event:
            case Decided():
                decided = line.event
            case Acted(action=action, step=step):
                if isinstance(action, Unread):
                    raise TaskFault(f"step {step} of the recording cannot be played: no action is {action.text!r}")
                yield Decision(actions=(action,), intent=decided.intent if decided else "")
            case Ended(how="finished") as ended:
                claim = msgspec.convert(ended.claim, Claim)
                yield Decision(actions=(Finish(claim=claim, answer=ended.answer),), intent="done")
