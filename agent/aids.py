"""Interventions: what an agent is told to find out what it lacked, and placebos of the same shape that are not true.

    G  numbers on the picture at what can be clicked, and where each is: without a name, and not which to use
    P  the task's plan in words, and which milestones are met: without a place
    S  what is on the screen, by role, name, value and states: without a place
    V  one bit: whether the task is complete by its own checks, as far as they can tell without an answer

The effect of an aid is its own less that of its placebo:

    G  the same marks, the places exchanged among things of one role      P  the plan of another task
    S  the first screen of another task                                   V  `no`, whatever is true

Placebos have the aid's shape, and its length within a tenth. Points are as the agent itself writes them, where it
says how (`spelled`), else pixels of the screen.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from agent.acting import Cast, Help, Moment, Player
from agent.base import Agent, Decision, episode_key
from agent.cast import Part
from agent.conditions import HEADINGS, Aid, Condition, read
from agent.elements import MEASURES, Element, from_tree, to_mark
from agent.models.base import Picture
from agent.numbering import numbered
from agent.wording import alike, lines_alike
from envs.desktop import Probe
from envs.errors import BadInput
from envs.types import Node, Observation, Point, Size
from tasks.base import Task

MOST_MARKS = 200
LONGEST_STATE, LONGEST_TEXT = 12_000, 200
"""Characters: of all that is told of a screen, and of one thing's text."""
NEEDS: Mapping[Aid, str] = {"G": "nodes", "P": "verdicts", "S": "nodes", "V": "verdicts"}
Spell = Callable[[Observation, Point], str]


@dataclass(frozen=True)
class Other:
    """Another task, of which placebos are made: its plan, the names of its milestones, its first screen."""

    plan: tuple[str, ...] = ()
    milestones: tuple[str, ...] = ()
    first: tuple[Node, ...] = ()


def others(task: Task, tasks: Sequence[Task], first: Mapping[str, tuple[Node, ...]]) -> tuple[Other, ...]:
    """All other tasks of a suite, those that share an application first. `first` are their first screens, by id."""
    rest = [each for each in tasks if each.id != task.id]
    rest.sort(key=lambda each: set(each.apps).isdisjoint(task.apps))  # a stable sort: else as they came
    return tuple(
        Other(each.plan, tuple(check.name for check in each.milestones), first.get(each.id, ())) for each in rest
    )


def pixels(_: Observation, at: Point) -> str:
    """A point as pixels of the screen."""
    return f"({at.x}, {at.y})"


@dataclass(frozen=True)
class Aids:
    """The helper of an episode: see the module. `key` is what the chance of its placebos is drawn by."""

    condition: Condition
    task: Task
    others: tuple[Other, ...] = ()
    key: str = ""
    spell: Spell = pixels

    @property
    def needs(self) -> frozenset[str]:
        """See `agent.acting.Helper`."""
        return frozenset(NEEDS[aid] for aid in self.condition.aids)

    def help(self, now: Moment) -> Help:
        """What the agent is told at this moment, an aid a paragraph."""
        marks = marked(now.nodes, now.seen.size) if "G" in self.condition.aids else ()
        told = {
            "G": lambda: self._marks(marks, now.seen),
            "P": lambda: self._plan(now),
            "S": lambda: self._state(now),
            "V": lambda: self._complete(now),
        }
        words = [told[aid]() for aid in self.condition.aids]
        return Help("\n\n".join(words), with_marks(now.seen, marks) if marks else b"")

    def _marks(self, marks: Sequence[Element], seen: Observation) -> str:
        centres = [mark.box.centre for mark in marks]
        if self.condition.placebo:
            centres = exchanged(marks, seen.size, Random(f"{self.key} {len(marks)}"))
        lines = [f"mark {number} = {self.spell(seen, at)}" for number, at in enumerate(centres, 1)]
        return "\n".join((HEADINGS["G"], *(lines or ("(none)",))))

    def _plan(self, now: Moment) -> str:
        return plan_words(self.task, self.others, now, placebo=self.condition.placebo)

    def _state(self, now: Moment) -> str:
        lines = state_lines(now.nodes, now.seen.size)
        if self.condition.placebo:
            foreign = next((other.first for other in self.others if other.first), ())
            if not foreign:
                raise BadInput(
                    f"{self.task.id}: no screen of another task is known, of which a placebo could be made"
                )
            lines = lines_alike(lines, state_lines(foreign, now.seen.size))
        return "\n".join((HEADINGS["S"], *lines))

    def _complete(self, now: Moment) -> str:
        met = bool(now.checks) and all(each.met for each in now.checks) and not self.condition.placebo
        return f"{HEADINGS['V']} {'yes' if met else 'no'}"


def plan_words(task: Task, foreign: Sequence[Other], now: Moment | None, *, placebo: bool) -> str:
    """The plan, and of the milestones those that are met. The placebo's are another task's, as many and as long."""
    plan = list(task.plan)
    met = [each.check for each in now.milestones if each.met] if now is not None else []
    if placebo:
        plan = alike(plan, [line for other in foreign for line in other.plan])
        met = alike(met, [name for other in foreign for name in other.milestones])
    reached = [f"- {name}" for name in met] or ["- nothing yet"]
    return "\n".join((HEADINGS["P"], *(f"- {line}" for line in plan), "Reached so far:", *reached))


def marked(nodes: Sequence[Node], size: Size) -> tuple[Element, ...]:
    """What gets a mark: what can be clicked and is on the screen, in the order of the numbers."""
    return to_mark(from_tree(nodes, size), MOST_MARKS)


def with_marks(seen: Observation, marks: Sequence[Element]) -> bytes:
    """The picture with the numbers on it, as a PNG."""
    return numbered(Picture(png=seen.png, size=seen.size), [mark.box for mark in marks], seen.size).png


def exchanged(marks: Sequence[Element], size: Size, chance: Random) -> list[Point]:
    """A place for each mark that is not its own: those of one role change places, and single ones among themselves.

    A mark that is alone on the screen gets the place that lies opposite.
    """
    roles: dict[str, list[int]] = {}
    for place, mark in enumerate(marks):
        roles.setdefault(mark.role, []).append(place)
    groups = [places for places in roles.values() if len(places) > 1]
    single = [place for places in roles.values() if len(places) == 1 for place in places]
    if len(single) == 1 and groups:
        groups[0] = sorted((*groups[0], *single))
    elif single:
        groups.append(single)
    found = [mark.box.centre for mark in marks]
    for places in groups:
        shift = chance.randrange(1, len(places)) if len(places) > 1 else 0
        for place, other in zip(places, (*places[shift:], *places[:shift]), strict=True):
            found[place] = marks[other].box.centre
    if len(marks) == 1:
        found = [Point(x=size.width - 1 - found[0].x, y=size.height - 1 - found[0].y)]
    return found


def state_lines(nodes: Sequence[Node], size: Size) -> list[str]:
    """What is on the screen in reading order, window by window: a line for each thing, without where it is."""
    elements = [element for element in from_tree(nodes, size) if not element.blank]
    windows = list(dict.fromkeys(element.window for element in elements))
    lines: list[str] = []
    for window in windows:
        lines.append(f"Window: {window or '(without a title)'}")
        inside = [element for element in elements if element.window == window]
        lines += [_line(element) for element in in_reading_order(inside)]
    kept, used = list[str](), 0
    for line in lines:
        used += len(line) + 1
        if used > LONGEST_STATE:
            break
        kept.append(line)
    return kept or ["(nothing is told of)"]


def in_reading_order(elements: Sequence[Element]) -> list[Element]:
    """From left to right in rows from top to bottom; what begins above the middle of a row's first is in its row."""
    rows: list[list[Element]] = []
    for element in sorted(elements, key=lambda each: (each.box.y, each.box.x)):
        if rows and element.box.y < rows[-1][0].box.centre.y:
            rows[-1].append(element)
        else:
            rows.append([element])
    return [element for row in rows for element in sorted(row, key=lambda each: each.box.x)]


def _line(element: Element) -> str:
    said = (
        element.role,
        f'"{element.name[:LONGEST_TEXT]}"' if element.name else "",
        f"text={element.text[:LONGEST_TEXT]!r}" if element.text else "",
        f"value={element.value:g}" if element.value is not None and element.role in MEASURES else "",
        f"({', '.join(element.states)})" if element.states else "",
    )
    return " ".join(each for each in said if each).replace("\n", " ")


def takes_words(agent: Agent) -> bool:
    """Whether it can be told something besides the picture at each step: `act(seen, words)`."""
    return "words" in inspect.signature(agent.act).parameters


def able(agent: Agent, condition: Condition) -> bool:
    """Whether the agent can be helped so. Without words at each step only a plan can be told: in the goal."""
    return takes_words(agent) or not condition.aids or condition.aids == ("P",)


def helped(of: Callable[[Part], Cast], part: Part, foreign: tuple[Other, ...]) -> Cast:
    """Makes an episode's agent with the aids of its condition. Raises BadInput for one that cannot be told."""
    condition = read(part.condition)
    if not condition.aids:
        return of(part)
    key = episode_key(part.task.id, part.seed, part.repeat, part.condition)

    def make(probe: Probe) -> Player:
        player = of(part)(probe)
        agent = player.agent
        if takes_words(agent):
            spell: Spell = getattr(agent, "spelled", pixels)
            return replace(player, helper=Aids(condition, part.task, foreign, key, spell))
        if not able(agent, condition):
            raise BadInput(
                f"{agent.name} cannot be told {', '.join(condition.aids)}: it has no act(seen, words); "
                "only a plan can be told in the goal"
            )
        return replace(player, agent=InGoal(agent, plan_words(part.task, foreign, None, placebo=condition.placebo)))

    return make


class InGoal:
    """An agent that is told a plan with its goal, once: for one that takes no words later. Nothing is refreshed."""

    def __init__(self, agent: Agent, words: str) -> None:
        self.name = agent.name
        self.wants: tuple[str, ...] = tuple(getattr(agent, "wants", ()))
        self._agent, self._words = agent, words

    def begin(self, goal: str) -> None:
        """The goal, and the words after it."""
        self._agent.begin(f"{goal}\n\n{self._words}")

    def act(self, seen: Observation) -> Decision:
        """As the agent inside."""
        return self._agent.act(seen)

    def close(self) -> None:
        """As the agent inside."""
        self._agent.close()
