"""What a study will do, before any of it is done: who plays what under which condition, and what that may cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Literal

from agent.acting import Cast
from agent.aids import Other, able, helped, others
from agent.base import Card
from agent.cast import Part, cast, sample
from agent.conditions import AIDS, factorial, placebos, read
from agent.models import prices
from agent.questions import Cost as Taken
from agent.registry import Spec, full, parse
from agent.suite import Job
from agent.teleport import Way, Ways, led, teleported
from envs.errors import BadInput
from envs.types import Size
from scoring.simulated import Course, course, truths
from scoring.study import Contender, Kind, slug
from scoring.understanding.items import Item
from tasks.base import Task

ProfileName = Literal["smoke", "core", "full"]


@dataclass(frozen=True)
class Profile:
    """How much of everything. `starts` and `steps` are parts of the way, 0 to 1; None: from each step of it.

    `templates` are the most of the suite's that are taken, in its order; `trials` how often a step alone is tried.
    `planted` adds agents whose faults are known.
    """

    templates: int | None = None
    starts: tuple[float, ...] | None = None
    steps: tuple[float, ...] | None = None
    trials: int = 3
    planted: bool = False


PROFILES: dict[ProfileName, Profile] = {
    "smoke": Profile(templates=8, starts=(0.0, 0.5, 1.0), steps=(0.0, 0.5), trials=1, planted=True),
    "core": Profile(starts=(0.0, 0.25, 0.5, 0.75, 1.0)),
    "full": Profile(),
}
NULLS = ("oracle", "idle", "random")
"""Agents whose results are known beforehand: they show that the tasks can tell anything at all."""
PLANTED = ("planted(ground=0.2)", "planted(plan=0.15)", "planted(stop=0.4)", "dissociated(ground=0.2)")
LONE = ("random",)
"""Null agents that are also let do single steps: what chance gets there."""
_KINDS: dict[str, Kind] = {"planted": "planted", "dissociated": "planted", **dict.fromkeys(NULLS, "null")}
_CHANNELS = ("ground", "plan", "read", "stop")

STEPS_UNKNOWN = 8
"""Of a solution that was not played yet and has no plan."""
MORE_STEPS = 1.5
"""Times as many actions as the solution that an agent is expected to take."""
PIXELS_A_TOKEN = 770
WORDS_A_CALL, SAID_A_CALL = 1500, 250
"""Tokens of a call besides its picture, and of its reply: a guess for the estimate, and no more."""


def contenders(specs: Sequence[str]) -> tuple[Contender, ...]:
    """What is known of each agent that is named. Raises BadInput for one that cannot be made."""
    found: list[Contender] = []
    for text in dict.fromkeys(specs):
        spec = full("agents", parse(text))
        agent = sample(spec)
        try:
            cards = tuple(getattr(agent, "cards", ()) or ())
        finally:
            agent.close()
        name = slug(str(spec))
        taken = sum(each.slug.rpartition("~")[0] == name or each.slug == name for each in found)
        found.append(
            Contender(
                spec=str(spec),
                slug=f"{name}~{taken + 1}" if taken else name,
                kind=_KINDS.get(spec.name, "model"),
                faults=_faults(spec),
                cards=cards,
            )
        )
    return tuple(found)


def _faults(spec: Spec) -> dict[str, float]:
    if _KINDS.get(spec.name) != "planted":
        return {}
    return {key: float(str(value)) for key, value in spec.options.items() if key in _CHANNELS}


@dataclass(frozen=True)
class Setting:
    """What all agents of a study meet: the tasks by seed, and their solutions as far as they were played."""

    tasks: Mapping[int, tuple[Task, ...]]
    profile: Profile
    repeats: int = 1
    ways: Ways = field(default_factory=dict)

    def way(self, task: Task, seed: int) -> Way | None:
        """A task's solution as it was played, if it was."""
        return self.ways.get((task.id, seed))

    def length(self, task: Task, seed: int) -> int:
        """Steps of its solution; a guess where it was not played yet."""
        way = self.way(task, seed)
        return len(way.steps) if way is not None else len(task.plan) or STEPS_UNKNOWN

    def foreign(self, task: Task, seed: int) -> tuple[Other, ...]:
        """The other tasks of the seed, of which its placebos are made."""
        first = {name: way.first for (name, of), way in self.ways.items() if of == seed}
        return others(task, self.tasks[seed], first)


def starts(length: int, parts: tuple[float, ...] | None, *, last: int) -> tuple[int, ...]:
    """The steps at those parts of the way, 0 to `last`."""
    if parts is None:
        return tuple(range(last + 1))
    return tuple(sorted({min(last, round(part * length)) for part in parts}))


def conditions(contender: Contender, setting: Setting) -> dict[str, tuple[Part, ...]]:
    """Every condition that the agent is to be played under, with its episodes.

    Raises BadInput where an aid's placebo could be made of no other task.
    """
    found: dict[str, list[Part]] = {}
    whole = _whole(contender)
    alone = [some[0].id for some in setting.tasks.values() if len(some) == 1]
    if alone and any(read(condition).placebo for condition in whole):
        raise BadInput(
            f"a study needs two tasks of the suite or more, for the placebo of an aid is made of another task; found "
            f"{alone[0]} alone: choose more by --task"
        )
    for condition in whole:
        found[condition] = [*_parts(setting, condition)]
    if contender.kind != "null":
        _on_the_way(found, setting, "teleport", setting.profile.starts, setting.repeats)
    if contender.kind != "null" or contender.spec in LONE:
        _on_the_way(found, setting, "step", setting.profile.steps, setting.profile.trials)
    return {condition: tuple(parts) for condition, parts in found.items()}


def _whole(contender: Contender) -> tuple[str, ...]:
    """Those that start at the beginning. What shows only that tasks can tell anything is played as in life alone."""
    if contender.kind == "null":
        return ("",)
    cells = factorial()
    every = (*cells, *placebos(("G", "P", "V")), "S", *placebos(("S",)))
    agent = sample(parse(contender.spec))
    try:
        return tuple(each for each in every if able(agent, read(each)))
    finally:
        agent.close()


def unable(contender: Contender) -> bool:
    """Whether some aids are left out, because the agent cannot be told anything while it acts."""
    return contender.kind != "null" and not set(AIDS) <= set(_whole(contender))


def _parts(setting: Setting, condition: str) -> Iterator[Part]:
    for seed, tasks in setting.tasks.items():
        for repeat in range(setting.repeats):
            yield from (Part(task, seed, repeat, condition) for task in tasks)


def _on_the_way(
    found: dict[str, list[Part]], setting: Setting, kind: str, parts: tuple[float, ...] | None, repeats: int
) -> None:
    for seed, tasks in setting.tasks.items():
        for task in tasks:
            length = setting.length(task, seed)
            for begun in starts(length, parts, last=length if kind == "teleport" else length - 1):
                name = f"{kind}:{begun}"
                found.setdefault(name, []).extend(Part(task, seed, repeat, name) for repeat in range(repeats))


def job(spec: str, part: Part, setting: Setting) -> Job:
    """The episode as it is to be played. Raises BadInput where its solution is needed and was not played."""
    way = setting.way(part.task, part.seed)
    if way is not None:
        part = teleported(part, way)
    foreign = setting.foreign(part.task, part.seed)
    of: Callable[[Part], Cast] = cast(parse(spec))
    made = led(lambda each: helped(of, each, foreign), part)
    return Job(part, made, spec, condition=part.condition)


@dataclass(frozen=True)
class Cost:
    """What is still to be done, at a guess: `usd` is None where a model's price is not known."""

    episodes: int = 0
    questions: int = 0
    calls: int = 0
    tokens: int = 0
    usd: float | None = 0.0

    def __add__(self, other: Cost) -> Cost:
        usd = None if self.usd is None or other.usd is None else self.usd + other.usd
        return Cost(
            self.episodes + other.episodes,
            self.questions + other.questions,
            self.calls + other.calls,
            self.tokens + other.tokens,
            usd,
        )


def cost(contender: Contender, left: Sequence[Part], questions: Taken | None, setting: Setting, size: Size) -> Cost:
    """What the episodes and questions that are left may cost, one call of each of its models for an action."""
    models = [card for card in contender.cards if card.endpoint]
    steps = sum(_expected(part, setting) for part in left)
    sent = size.width * size.height // PIXELS_A_TOKEN + WORDS_A_CALL
    paid = [_price(card, steps * sent, steps * SAID_A_CALL) for card in models]
    calls = steps * len(models)
    found = Cost(len(left), 0, calls, calls * (sent + SAID_A_CALL), _sum(paid))
    if questions is None:
        return found
    asked = questions.questions
    tokens = questions.input_tokens + questions.output_tokens
    return found + Cost(0, asked, asked if models else 0, tokens if models else 0, questions.usd if models else 0.0)


def _sum(dollars: Sequence[float | None]) -> float | None:
    return None if any(each is None for each in dollars) else sum(each or 0.0 for each in dollars)


def _expected(part: Part, setting: Setting) -> int:
    condition = read(part.condition)
    if condition.alone:
        return 2
    way = setting.way(part.task, part.seed)
    begun = condition.begun or 0
    actions = way.left(begun) if way is not None else setting.length(part.task, part.seed) - begun
    return min(part.task.budget.steps, ceil(MORE_STEPS * max(0, actions)) + 1)


def _price(card: Card, read_: int, said: int) -> float | None:
    row = prices.find(card.model, card.endpoint)
    return None if row is None else (read_ * row.input + said * row.output) / prices.MILLION


def limited(tasks: Mapping[int, tuple[Task, ...]], most: int | None) -> dict[int, tuple[Task, ...]]:
    """Of each seed's tasks the first so many."""
    return {seed: some[:most] for seed, some in tasks.items()}


def without(parts: Sequence[Part], played: set[tuple[str, int, int]]) -> tuple[Part, ...]:
    """Those that were not played yet."""
    return tuple(part for part in parts if (part.task.id, part.seed, part.repeat) not in played)


def known(contender: Contender, setting: Setting, items: Sequence[Item]) -> dict[str, float]:
    """What figures must come out as, where the agent's faults are planted and its tasks' solutions were played."""
    if contender.kind != "planted":
        return {}
    suite: dict[str, list[Course]] = {}
    for seed, tasks in setting.tasks.items():
        for task in tasks:
            if (way := setting.way(task, seed)) is not None:
                needed = way.steps[: way.needed]
                suite.setdefault(task.id, []).append(course((step.points, step.types) for step in needed))
    knows = parse(contender.spec).name == "dissociated"
    return truths(suite, items, contender.faults, knows=knows)


def with_ways(setting: Setting, ways: Ways) -> Setting:
    """The setting, with the solutions that were played; without the tasks of which none passed."""
    tasks = {seed: tuple(task for task in some if (task.id, seed) in ways) for seed, some in setting.tasks.items()}
    return replace(setting, ways=ways, tasks=tasks)
