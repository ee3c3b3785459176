"""What is played for a bank: a task's own ways, its solution with one thing done wrong, and turns off the solution.

Everything is made from the task's own solution, which is a generator: it is asked for its steps, and looks at the
screen when it is, as in life. A play's first steps are the solution's; then it does another thing; then it does the
rest of the solution as far as that goes, for it may wait for what now never comes. Counts of steps are of those done
before: `drop:0` leaves out the first.

    drop-last        without the last step, unless that saves: then it is `not-saved`
    undo-after       and then ctrl+z, and saved again
    destroy          and then a file deleted, or all text, and saved again
    drop:K           without the step after K
    not-saved        without the last step that saves   wrong-file     another file name than the last one typed
    wrong-value:K    another text than the one typed    wrong-target:K on the nearest other node of the same role

    turn:K:WHAT, in place of the step after K:
    target, second   the same on the nearest other node of that role, on the next nearest
    double, right, hover    another thing at the same place
    value            another text                       key            another modifier key
    early            the step after it first, then it   repeat         the step before it once more
    escape           the key
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from random import Random

from msgspec.structs import replace as changed

from agent.bank.patience import Impatient
from envs.desktop import Probe
from envs.errors import DesktopFault
from envs.types import Action, Button, Click, Finish, Move, Node, Point, Press, Type
from scoring.state import State
from scoring.understanding.apps import found
from scoring.understanding.collect import CANNOT
from scoring.understanding.trails import SOLUTION, UNTOUCHED, Did
from tasks.base import Play, Step, Task
from tasks.check import idle

AGAIN = 1
"""Further plays of the solution: what differs between them says nothing."""


@dataclass(frozen=True)
class Bounds:
    """How many plays of a kind there are of a task and seed, at most."""

    drops: int = 4
    values: int = 2
    targets: int = 3
    places: int = 6
    """Steps at which the solution is left for a turn."""
    turns: int = 4
    """At each of those, wrong targets and values included."""


@dataclass(frozen=True)
class Way:
    """A play, and its name in the record (`Started.condition`)."""

    name: str
    play: Play


class Cannot(Exception):  # noqa: N818 - not an error: there is nothing of the kind to do
    """The play does not exist here, says why."""


Instead = Callable[[Probe, Step], Iterator[Step]]
"""What is done in place of a step of the solution."""


def own(task: Task) -> tuple[Way, ...]:
    """The task's own ways, whose scores are known: they are played first."""
    if task.solution is None:
        return ()
    return (
        Way(SOLUTION, task.solution),
        *(Way(f"again:{number}", task.solution) for number in range(1, AGAIN + 1)),
        Way(UNTOUCHED, idle),
        *(Way(f"equivalent {name}", play) for name, play in task.equivalents.items()),
        *(Way(f"near-miss {name}", play) for name, play in task.near_misses.items()),
    )


def other(task: Task, steps: Sequence[Did], chance: Random, bounds: Bounds | None = None) -> tuple[Way, ...]:
    """The mutations and turns of a task whose solution has these steps on record: the same for the same chance."""
    if task.solution is None or not steps:
        return ()
    bounds = bounds or Bounds()
    mutated = dict(_mutations(task.solution, steps, chance, bounds))
    turns = dict(_turns(task.solution, steps, chance, bounds, frozenset(mutated)))
    return tuple(Way(name, _safe(play)) for name, play in (mutated | turns).items())


def _mutations(solution: Play, steps: Sequence[Did], chance: Random, bounds: Bounds) -> Iterator[tuple[str, Play]]:
    last, saving, naming = len(steps) - 1, _last(steps, _saves), _last(steps, _names)
    if last != saving:
        yield "drop-last", turned(solution, last, _nothing)
    for at in _some(range(last), bounds.drops, chance):
        if at != saving:
            yield f"drop:{at}", turned(solution, at, _nothing)
    typing = [at for at, did in enumerate(steps) if _value(did.actions) and at != naming]
    for at in _some(typing, bounds.values, chance):
        yield f"wrong-value:{at}", turned(solution, at, _typing(steps[at], chance))
    clicking = [at for at, did in enumerate(steps) if _clicked(did.actions)]
    for at in _some(clicking, bounds.targets, chance):
        yield f"wrong-target:{at}", turned(solution, at, _elsewhere(0))
    if naming is not None:
        yield "wrong-file", turned(solution, naming, _misnamed)
    if saving is not None:
        yield "not-saved", turned(solution, saving, _nothing)
    yield "undo-after", followed(solution, _undone)
    yield "destroy", followed(solution, _destroyed)


def _turns(
    solution: Play, steps: Sequence[Did], chance: Random, bounds: Bounds, mutated: frozenset[str]
) -> Iterator[tuple[str, Play]]:
    for at in _some(range(len(steps)), bounds.places, chance):
        have = sum(f"{kind}:{at}" in mutated for kind in ("wrong-value", "wrong-target"))
        strong, weak = _alternatives(solution, steps, at, chance)
        if f"wrong-target:{at}" in mutated:
            strong.pop("target", None)
        names, spare = sorted(strong), sorted(weak)
        chance.shuffle(names)
        chance.shuffle(spare)
        left = max(0, bounds.turns - have)
        chosen = (names[: max(0, left - 1)] + spare + names[max(0, left - 1) :])[:left]
        if "early" in strong and "early" not in chosen and chosen:
            chosen[0] = "early"  # it is what tells whether two steps can be swapped
        for what in sorted(chosen):
            yield f"turn:{at}:{what}", (strong | weak)[what]


def _alternatives(
    solution: Play, steps: Sequence[Did], at: int, chance: Random
) -> tuple[dict[str, Play], dict[str, Play]]:
    """What can be done in place of a step: what will change the screen, and what may not."""
    did = steps[at]
    strong: dict[str, Play] = {}
    weak = {"escape": turned(solution, at, _doing("press Escape", Press(keys=("Escape",))))}
    if _clicked(did.actions):
        strong |= {"target": turned(solution, at, _elsewhere(0)), "second": turned(solution, at, _elsewhere(1))}
        strong |= {"double": turned(solution, at, _twice), "right": turned(solution, at, _right)}
        weak["hover"] = turned(solution, at, _hovering)
    if _value(did.actions):
        strong["value"] = turned(solution, at, _typing(did, chance))
    if any(_modified(action) for action in did.actions):
        strong["key"] = turned(solution, at, _mistaken)
    if at + 1 < len(steps):
        strong["early"] = swapped(solution, at, steps[at + 1])
    if at:
        strong["repeat"] = turned(solution, at, _doing(steps[at - 1].intent, *steps[at - 1].actions))
    return strong, weak


def _some(of: Sequence[int], count: int, chance: Random) -> list[int]:
    """So many of them by chance, in order."""
    return sorted(chance.sample(of, min(count, len(of))))


def _last(steps: Sequence[Did], is_so: Callable[[Did], bool]) -> int | None:
    return next((at for at in reversed(range(len(steps))) if is_so(steps[at])), None)


# The shapes of plays.


def turned(solution: Play, at: int, instead: Instead) -> Play:
    """`at` steps of the solution, another thing in place of the next, and the rest as far as it goes."""

    def play(see: Probe) -> Iterator[Step]:
        probe = Impatient(see)
        steps = iter(solution(probe))
        yield from _first(steps, at)
        yield from instead(see, _next(steps))
        yield from _rest(steps, probe)

    return play


def swapped(solution: Play, at: int, after: Did) -> Play:
    """As the solution, with the step `at` and the one after it, as it was recorded, the other way round."""

    def play(see: Probe) -> Iterator[Step]:
        probe = Impatient(see)
        steps = iter(solution(probe))
        yield from _first(steps, at)
        step = _next(steps)
        yield Step(intent=after.intent, actions=after.actions)
        yield step
        rest = _rest(steps, probe)
        next(rest, None)
        yield from rest

    return play


def followed(solution: Play, more: Play) -> Play:
    """The whole solution, then more, then its last word."""

    def play(see: Probe) -> Iterator[Step]:
        ending = None
        for step in solution(see):
            if any(isinstance(action, Finish) for action in step.actions):
                ending = step
                break
            yield step
        yield from more(see)
        if ending is not None:
            yield replace(ending, actions=tuple(each for each in ending.actions if isinstance(each, Finish)))

    return play


def _first(steps: Iterator[Step], count: int) -> Iterator[Step]:
    for _ in range(count):
        yield _next(steps)


def _next(steps: Iterator[Step]) -> Step:
    step = next(steps, None)
    if step is None:
        raise Cannot("the solution had fewer steps than when it was recorded")
    return step


def _rest(steps: Iterator[Step], probe: Impatient) -> Iterator[Step]:
    """What of the solution can still be done: it was written for screens that these are not."""
    while True:
        probe.wait_no_more()
        try:
            step = next(steps)
        except DesktopFault:
            raise
        except Exception:  # noqa: BLE001 - a solution that is lost may raise anything, and has then come to its end
            return
        yield step


def _safe(play: Play) -> Play:
    """The play; where it does not exist, a word in the record says why."""

    def safe(see: Probe) -> Iterator[Step]:
        try:
            yield from play(see)
        except Cannot as why:
            yield Step(intent="not played", actions=(Finish(claim="infeasible", answer=f"{CANNOT}{why}"),))

    return safe


# What is done instead.


def _nothing(see: Probe, step: Step) -> Iterator[Step]:  # noqa: ARG001 - nothing is done
    yield from ()


def _doing(intent: str, *actions: Action) -> Instead:
    def instead(see: Probe, step: Step) -> Iterator[Step]:  # noqa: ARG001 - the same, whatever it was
        yield Step(intent=intent, actions=actions)

    return instead


def _typing(did: Did, chance: Random) -> Instead:
    """The step with another text, which is the same each time it is played."""
    text = _value(did.actions)
    wrong = mistyped(text, chance)

    def instead(see: Probe, step: Step) -> Iterator[Step]:  # noqa: ARG001 - no eyes are needed
        if wrong == text or text not in [action.text for action in step.actions if isinstance(action, Type)]:
            raise Cannot(f"there is no other value than {text!r}")
        yield _with_text(step, text, wrong)

    return instead


def mistyped(text: str, chance: Random) -> str:
    """The text with one of its digits another, else one of its letters; where it has neither, as it is."""
    for alphabet in ("0123456789", "abcdefghijklmnopqrstuvwxyz"):
        places = [place for place, char in enumerate(text) if char.lower() in alphabet]
        if places:
            place = chance.choice(places)
            char = chance.choice([each for each in alphabet if each not in (text[place].lower(), "0")])
            return text[:place] + (char.upper() if text[place].isupper() else char) + text[place + 1 :]
    return text


def _misnamed(see: Probe, step: Step) -> Iterator[Step]:  # noqa: ARG001 - no eyes are needed
    text = next(action.text for action in reversed(step.actions) if isinstance(action, Type) and _file(action.text))
    path = PurePosixPath(text.strip())
    wrong = str(path.with_name(f"{path.name.partition('.')[0]} copy{''.join(path.suffixes)}"))
    yield _with_text(step, text, text.replace(text.strip(), wrong))


def _with_text(step: Step, old: str, new: str) -> Step:
    actions = list(step.actions)
    place = max(at for at, action in enumerate(actions) if isinstance(action, Type) and action.text == old)
    actions[place] = Type(text=new)
    return Step(intent=step.intent.replace(old.strip(), new.strip()), actions=tuple(actions))


def _elsewhere(nth: int) -> Instead:
    """The step's last click, on the nth nearest other node of the same role."""

    def instead(see: Probe, step: Step) -> Iterator[Step]:
        click = _click(step)
        target, others = alike(see, click.at)
        if len(others) <= nth:
            raise Cannot(f"there are {len(others)} other nodes of the role {target.role!r}")
        yield _clicking(step, changed(click, at=_middle(others[nth])), f"click {_called(others[nth])}")

    return instead


def alike(see: Probe, at: Point | None) -> tuple[Node, list[Node]]:
    """The node at a point, and others of its role and application that a hit-test finds, the nearest first."""
    told = see.hit_test()
    state = State(nodes=told.nodes, hits=told.hits, windows=())
    place = found(state, at) if at is not None else -1
    if at is None or place < 0:
        raise Cannot("there is no node where the solution clicks")
    here = told.nodes[place]
    others = [
        (_apart(node, at), other)
        for other, node in enumerate(told.nodes)
        if (node.role, node.app) == (here.role, here.app)
        and node.showing
        and ("sensitive" in node.states or "sensitive" not in here.states)
        and node.box is not None
        and node.box != here.box
        and not node.box.holds(at)
        and _answers(state, other)
    ]
    return here, [told.nodes[other] for _, other in sorted(others)]


def _answers(state: State, place: int) -> bool:
    """Whether a hit-test in its middle finds it, or what is in it."""
    hit = state.hits.get(place, (-1,))[0]
    return hit >= 0 and place in state.chain(hit)


def _apart(node: Node, at: Point) -> int:
    middle = _middle(node)
    return (middle.x - at.x) ** 2 + (middle.y - at.y) ** 2


def _middle(node: Node) -> Point:
    if node.box is None:
        raise Cannot(f"{node.role} {node.name!r} has no box")
    return node.box.centre


def _called(node: Node) -> str:
    name = " ".join((node.name or node.text).split())
    return repr(name if len(name) <= 40 else f"{name[:37]}...") if name else f"the {node.role}"


def _twice(see: Probe, step: Step) -> Iterator[Step]:
    click = _click(step)
    count = 1 if click.count > 1 else 2
    how = "double-click" if count == 2 else "click once"
    yield _clicking(step, changed(click, count=count), f"{how} {_there(see, click.at)}")


def _right(see: Probe, step: Step) -> Iterator[Step]:
    click = _click(step)
    button: Button = "left" if click.button == "right" else "right"
    yield _clicking(step, changed(click, button=button, count=1), f"{button}-click {_there(see, click.at)}")


def _hovering(see: Probe, step: Step) -> Iterator[Step]:
    click = _click(step)
    if click.at is None:
        raise Cannot("the click is where the pointer is already")
    yield _clicking(step, Move(at=click.at), f"move the pointer to {_there(see, click.at)}")


def _there(see: Probe, at: Point | None) -> str:
    """What is there, in a word."""
    nodes = see.tree()
    place = found(State(nodes=nodes, hits={}, windows=()), at) if at is not None else -1
    return _called(nodes[place]) if place >= 0 else "the same place"


def _click(step: Step) -> Click:
    clicks = [action for action in step.actions if isinstance(action, Click)]
    if not clicks:
        raise Cannot("the step has no click")
    return clicks[-1]


def _clicking(step: Step, action: Action, how: str) -> Step:
    """The step with another action in place of its last click."""
    place = max(at for at, each in enumerate(step.actions) if isinstance(each, Click))
    return Step(intent=how, actions=(*step.actions[:place], action, *step.actions[place + 1 :]))


MODIFIERS = {"ctrl": "alt", "alt": "ctrl", "shift": "ctrl"}


def _mistaken(see: Probe, step: Step) -> Iterator[Step]:  # noqa: ARG001 - no eyes are needed
    place = next(at for at, action in enumerate(step.actions) if _modified(action))
    press = step.actions[place]
    keys = press.keys if isinstance(press, Press) else ()
    wrong = Press(keys=(MODIFIERS[keys[0]], *keys[1:]))
    yield Step(
        intent=f"press {'+'.join(wrong.keys)}", actions=(*step.actions[:place], wrong, *step.actions[place + 1 :])
    )


# What is done at the end.

SAVE = Step(intent="save", actions=(Press(keys=("ctrl", "s")),))


def _undone(see: Probe) -> Iterator[Step]:  # noqa: ARG001 - no eyes are needed
    yield Step(intent="undo", actions=(Press(keys=("ctrl", "z")),))
    yield SAVE


def _destroyed(see: Probe) -> Iterator[Step]:
    """Delete the first file that the window with the focus shows; where it shows none, all that is in it."""
    top = next((window for window in reversed(see.windows()) if window.focused), None)
    files = [
        node
        for node in see.tree()
        if node.showing and node.role in ("table cell", "icon", "list item") and _file(node.name)
        and node.box is not None and top is not None and top.box.holds(node.box.centre)
    ]  # fmt: skip
    if files:
        yield Step(intent=f"select {_called(files[0])}", actions=(Click(at=_middle(files[0])),))
        yield Step(intent="delete it", actions=(Press(keys=("Delete",)), Press(keys=("Return",))))
    else:
        yield Step(intent="delete everything", actions=(Press(keys=("ctrl", "a")), Press(keys=("Delete",))))
        yield SAVE


# What a step is.


def _saves(did: Did) -> bool:
    """Whether it saves, or opens what does."""
    chords = [action.keys for action in did.actions if isinstance(action, Press)]
    return any("ctrl" in keys and keys[-1].lower() == "s" for keys in chords) or bool(
        re.match(r"(menu: |click '?)?(save|export|overwrite)\b", did.intent, re.IGNORECASE)
    )


def _names(did: Did) -> bool:
    return any(isinstance(action, Type) and _file(action.text) for action in did.actions)


def _file(text: str) -> bool:
    """Whether it is a file's name, or a path with one."""
    name = text.strip()
    return re.fullmatch(r"[^\n@:]+\.[a-z][a-z0-9]{0,5}", name, re.IGNORECASE) is not None


def _value(actions: Sequence[Action]) -> str:
    """The last text typed that says something, or an empty one."""
    texts = [action.text for action in actions if isinstance(action, Type)]
    return next((text for text in reversed(texts) if re.search(r"\w", text)), "")


def _clicked(actions: Sequence[Action]) -> bool:
    return any(isinstance(action, Click) and action.at is not None for action in actions)


def _modified(action: Action) -> bool:
    return isinstance(action, Press) and len(action.keys) > 1 and action.keys[0] in MODIFIERS
