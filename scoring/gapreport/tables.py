"""Records as tables by task: what every figure of control is computed from, told once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from scoring.metrics import COUNTED, outcome, passed
from scoring.record import Judged
from scoring.stats import Groups
from scoring.story import Story
from scoring.study import STEP, Entrant, Played, Records
from scoring.understanding.items import Done, Item

LIFE = ""
TELEPORT, PLACEBO = "teleport:", ":placebo"


def counted(stories: Sequence[Story]) -> list[Story]:
    """Those that are in a mean: judged, or failed by the agent."""
    return [story for story in stories if outcome(story) in COUNTED]


def success(stories: Sequence[Story]) -> dict[str, list[float]]:
    """Success of each counted episode, 0 or 1, by task: whatever its seed and repeat."""
    groups: dict[str, list[float]] = defaultdict(list)
    for story in counted(stories):
        groups[story.started.task].append(float(passed(story)))
    return dict(sorted(groups.items()))


def instances(stories: Sequence[Story]) -> dict[str, list[float]]:
    """The same by task and seed: only repeats of the very same scene are runs of one thing."""
    groups: dict[str, list[float]] = defaultdict(list)
    for story in counted(stories):
        groups[f"{story.started.task} seed {story.started.seed}"].append(float(passed(story)))
    return dict(sorted(groups.items()))


def numbered(entrant: Entrant, prefix: str) -> dict[int, Played]:
    """The episodes of conditions such as `step:3`, by their number."""
    found = {}
    for name, played in entrant.played.items():
        if name.startswith(prefix) and name[len(prefix) :].isdigit():
            found[int(name[len(prefix) :])] = played
    return dict(sorted(found.items()))


def steps(entrant: Entrant) -> dict[str, dict[int, list[float]]]:
    """L5: success of each single step, by task and step from 0."""
    table: dict[str, dict[int, list[float]]] = defaultdict(dict)
    for number, played in numbered(entrant, STEP).items():
        for story in counted(played.stories):
            worth = played.singles.get(story.name, float(passed(story)))
            if not isinstance(worth, str):
                table[story.started.task].setdefault(number, []).append(worth)
    return dict(sorted(table.items()))


def lengths(records: Records) -> dict[str, int]:
    """How many steps a task's solution has, where that is known.

    The farthest of the bank's single steps, single steps played and starts on the way; else the actions that its
    solution took. Of several seeds the largest.
    """
    found: dict[str, int] = {}
    for task, actions in _actions(records):
        found[task] = max(found.get(task, 0), actions)
    played: dict[str, int] = {}
    for entrant in records.entrants:
        for add, prefix in ((1, STEP), (0, TELEPORT)):
            for number, played_ in numbered(entrant, prefix).items():
                for story in played_.stories:
                    task = story.started.task
                    played[task] = max(played.get(task, 0), number + add)
    for item in records.items:
        if isinstance(item.truth, Done):
            played[item.task] = max(played.get(item.task, 0), item.truth.step + 1)
    return dict(sorted((found | played).items()))


def _actions(records: Records) -> list[tuple[str, int]]:
    return [
        (story.started.task, story.started.solution_steps)
        for entrant in records.entrants
        for story in entrant.life.stories
        if story.started.solution_steps
    ]


def apps(records: Records) -> dict[str, str]:
    """The application of each task: the first that its episodes name, else that of its items."""
    found = {item.task: item.tags["app"] for item in records.items if "app" in item.tags}
    for entrant in records.entrants:
        for played in entrant.played.values():
            found |= {story.started.task: story.started.apps[0] for story in played.stories if story.started.apps}
    return dict(sorted(found.items()))


def right_after(story: Story) -> dict[int, bool]:
    """After which actions of the agent's own, from 1, all of the task's checks were met: those judged on the way.

    0 is before it began, where something was played before it.
    """
    before, wanted = story.led, set(story.started.checks)
    said: dict[int, dict[str, bool]] = defaultdict(dict)
    for judged in story.milestones:
        if judged.verdict.check in wanted:
            said[judged.step - before][judged.verdict.check] = judged.verdict.met
    return {step: len(met) == len(wanted) and all(met.values()) for step, met in sorted(said.items()) if step >= 0}


def first_right(story: Story) -> int | None:
    """After how many actions of its own all checks were first met; None for never."""
    on_the_way = [step for step, right in right_after(story).items() if right and step > 0]
    if on_the_way:
        return on_the_way[0]
    return max(story.own, 1) if passed(story) else None


def marks(story: Story) -> dict[int, int]:
    """How many checks and milestones were met after each action that was judged."""
    found: dict[int, int] = defaultdict(int)
    for judged in story.milestones:
        found[judged.step] += judged.verdict.met
    return dict(sorted(found.items()))


def last_reached(judged: Sequence[Judged]) -> str:
    """The last milestone that came to be met and stayed so; empty for none."""
    state: dict[str, tuple[bool, int]] = {}
    for each in judged:
        was = state.get(each.verdict.check)
        if was is None or was[0] != each.verdict.met:
            state[each.verdict.check] = (each.verdict.met, each.step)
    standing = [(step, check) for check, (met, step) in state.items() if met]
    return max(standing)[1] if standing else ""


def of_tasks(groups: Groups, tasks: Mapping[str, object] | set[str]) -> dict[str, list[float]]:
    """Only those tasks."""
    return {task: list(values) for task, values in groups.items() if task in tasks and values}


def halves(items: Sequence[Item]) -> tuple[list[Item], list[Item]]:
    """Items in two halves by turns, within task and rung, pairs kept together."""
    first, second = list[Item](), list[Item]()
    turn: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for item in sorted(items, key=lambda item: item.id):
        group = turn[item.task, item.rung]
        place = group.setdefault(item.pair or item.id, len(group))
        (first if place % 2 == 0 else second).append(item)
    return first, second
