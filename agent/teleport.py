"""Starting on the way: the first steps of the solution are played, then the agent begins, or does one step alone.

Both the lead and what an agent is given to play come from one playing of the solution: its steps find what they need
on the screen as it is when their turn comes, and could not be passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from math import ceil
from pathlib import Path

from agent.acting import Cast, Player, Script
from agent.backends.planted import points, types
from agent.base import Decision
from agent.cast import Part
from agent.conditions import read
from envs.desktop import Probe
from envs.errors import BadInput, TaskFault
from envs.types import Finish, Node
from scoring.metrics import passed
from scoring.record import Decided, Episode, Judged, read_run
from scoring.story import tell
from scoring.understanding.trails import SOLUTION, trail
from tasks.base import Step, Task

FACTOR, SLACK = 3, 2
"""Actions of its own that an agent may take: so many times what is left of the solution, and so many more."""
ALONE = 3
"""Actions for one step, or as many as the solution takes for it."""


@dataclass(frozen=True)
class Done:
    """One step of a solution as it was played: what for, by how many actions."""

    intent: str
    actions: int
    points: bool = False
    types: bool = False


@dataclass(frozen=True)
class Way:
    """A task's solution as it was played and passed. `needed` of its steps bring it about; the rest change nothing.

    `first` is the accessibility tree of the first screen.
    """

    steps: tuple[Done, ...]
    needed: int
    first: tuple[Node, ...] = ()

    def left(self, begun: int) -> int:
        """Actions from there to the end."""
        return sum(step.actions for step in self.steps[begun:])


Ways = Mapping[tuple[str, int], Way]
"""By task and seed."""


def ways(run: Path) -> dict[tuple[str, int], Way]:
    """The solutions that a run played to a passing end, with states. Raises BadInput when it is no run."""
    found: dict[tuple[str, int], Way] = {}
    _, episodes = read_run(run)
    for episode in episodes:
        story = tell(episode.name, episode.lines)
        if story is None or story.started.condition not in ("", SOLUTION) or not passed(story):
            continue
        told = trail(run, episode)
        if told is not None:
            steps = tuple(
                Done(each.intent, len(each.actions), any(map(points, each.actions)), any(map(types, each.actions)))
                for each in told.steps
            )
            needed = _needed(episode, story.started.checks)
            found[told.task, told.seed] = Way(steps, needed, told.moments[0].state.nodes)
    return found


def _needed(episode: Episode, checks: tuple[str, ...]) -> int:
    """The steps after which all checks held, and went on to; all steps where it was not judged on the way."""
    steps, needed, met = 0, 0, dict[str, bool]()
    for line in episode.lines:
        match line.event:
            case Decided(actions=actions) if actions:
                if not all(met.get(name) for name in checks):
                    needed = steps + 1
                steps += not isinstance(actions[0], Finish)
            case Judged(verdict=verdict, final=False) if verdict.check in checks:
                met[verdict.check] = verdict.met
    return min(needed, steps)


def teleported(part: Part, way: Way) -> Part:
    """The part as its condition has it: with the budget from where it starts, and one step's words for a goal."""
    condition = read(part.condition)
    begun = condition.begun
    if begun is None:
        return replace(part, steps=way.needed)
    if begun > len(way.steps) - condition.alone:
        raise BadInput(f"{part.task.id} has {len(way.steps)} steps; none can start at {part.condition}")
    task, own = part.task, FACTOR * way.left(begun) + SLACK
    if condition.alone:
        step = way.steps[begun]
        task, own = replace(task, goal=step.intent), max(ALONE, step.actions)
    budget = replace(task.budget, steps=ceil(own))
    return replace(part, task=replace(task, budget=budget), steps=way.needed)


def led(of: Callable[[Part], Cast], part: Part) -> Cast:
    """Makes an episode's agent, and what is played before it begins."""
    condition = read(part.condition)
    if condition.begun is None:
        return of(part)
    begun, most = condition.begun, 1 if condition.alone else None

    def make(probe: Probe) -> Player:
        whole = Script(f"{part.task.id}: its solution", lambda: _steps(part.task, probe))
        rest = replace(part.task, solution=lambda _: _rest(whole, most))
        player = of(replace(part, task=rest))(probe)
        return replace(player, lead=_lead(part.task, whole, begun))

    return make


def _steps(task: Task, probe: Probe) -> Iterator[Step]:
    if task.solution is None:
        raise TaskFault(f"{task.id} has no solution to play")
    return iter(task.solution(probe))


def _lead(task: Task, whole: Script, begun: int) -> Iterator[Decision]:
    played = 0
    for decision in islice(whole, begun):
        if isinstance(decision.actions[0], Finish):
            break
        played += 1
        yield decision
    if played < begun:
        raise TaskFault(f"{task.id}: wanted {begun} steps of its solution, and it ended after {played}")


def _rest(whole: Script, most: int | None) -> Iterator[Step]:
    """What is left of it, or so many steps."""
    for decision in islice(whole, most):
        yield Step(intent=decision.intent, actions=decision.actions)
