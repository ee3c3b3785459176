"""What a play does in place of a step of the solution, and what kinds of steps there are.

Where things are is found on the live screen, through the probe; where nothing of the kind is there, `Cannot` says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePosixPath
from random import Random

from msgspec.structs import replace as changed

from envs.desktop import Probe
from envs.types import Action, Button, Click, Move, Node, Point, Press, Type
from scoring.state import State, sorted_
from scoring.understanding.apps import found
from scoring.understanding.trails import Did
from tasks.base import Step


class Cannot(Exception):  # noqa: N818 - not an error: there is nothing of the kind to do
    """The play does not exist here, says why."""


Instead = Callable[[Probe, Step], Iterator[Step]]
"""What is done in place of a step of the solution."""


def nothing(see: Probe, step: Step) -> Iterator[Step]:  # noqa: ARG001 - nothing is done
    """The step is left out."""
    yield from ()


def doing(intent: str, *actions: Action) -> Instead:
    """The same actions, whatever the step is."""

    def instead(see: Probe, step: Step) -> Iterator[Step]:  # noqa: ARG001 - the same, whatever it was
        yield Step(intent=intent, actions=actions)

    return instead


def pressing(chord: tuple[str, ...]) -> Instead:
    """A chord, whatever the step is."""
    press = doing(f"press {'+'.join(chord)}", Press(keys=chord))

    def instead(see: Probe, step: Step) -> Iterator[Step]:
        if chord == OPENING["menu"]:
            roles = {node.role for node in see.tree() if node.showing}
            if "document web" in roles and "menu bar" not in roles:
                raise Cannot("the browser has no menu bar")  # it lights a button, to the pixel another each time
        yield from press(see, step)

    return instead


def typing(did: Did, chance: Random) -> Instead:
    """The step with another text, which is the same each time it is played."""
    text = value(did.actions)
    wrong = mistyped(text, chance)

    def instead(see: Probe, step: Step) -> Iterator[Step]:  # noqa: ARG001 - no eyes are needed
        if wrong == text or text not in [action.text for action in step.actions if isinstance(action, Type)]:
            raise Cannot(f"there is no other value than {text!r}")
        yield _with_text(step, text, wrong)

    return instead


def mistyped(text: str, chance: Random) -> str:
    """The text with one of its digits another, else one of its letters; where it has neither, as it is.

    Of a formula it is the last: where a range begins may not matter to its value.
    """
    for alphabet in ("0123456789", "abcdefghijklmnopqrstuvwxyz"):
        places = [place for place, char in enumerate(text) if char.lower() in alphabet]
        if places:
            place = places[-1] if text.startswith("=") else chance.choice(places)
            char = chance.choice([each for each in alphabet if each not in (text[place].lower(), "0")])
            return text[:place] + (char.upper() if text[place].isupper() else char) + text[place + 1 :]
    return text


def misnamed(see: Probe, step: Step) -> Iterator[Step]:  # noqa: ARG001 - no eyes are needed
    """The step with another file name than the last one in it."""
    text = next(action.text for action in reversed(step.actions) if isinstance(action, Type) and is_file(action.text))
    path = PurePosixPath(text.strip())
    wrong = str(path.with_name(f"{path.name.partition('.')[0]} copy{''.join(path.suffixes)}"))
    yield _with_text(step, text, text.replace(text.strip(), wrong))


def _with_text(step: Step, old: str, new: str) -> Step:
    actions = list(step.actions)
    place = max(at for at, action in enumerate(actions) if isinstance(action, Type) and action.text == old)
    actions[place] = Type(text=new)
    return Step(intent=step.intent.replace(old.strip(), new.strip()), actions=tuple(actions))


def elsewhere(nth: int) -> Instead:
    """The step's last click, on the nth nearest other node of the same role."""

    def instead(see: Probe, step: Step) -> Iterator[Step]:
        click = _click(step)
        target, others = alike(see, click.at)
        if len(others) <= nth:
            raise Cannot(f"there are {len(others)} other nodes of the role {target.role!r}")
        yield _clicking(step, changed(click, at=middle(others[nth])), f"click {called(others[nth])}")

    return instead


def alike(see: Probe, at: Point | None) -> tuple[Node, list[Node]]:
    """The node at a point, and others of its role and application that a hit-test finds, the nearest first."""
    told = see.hit_test()
    state = sorted_(State(nodes=told.nodes, hits=told.hits, windows=()))
    place = found(state, at) if at is not None else -1
    if at is None or place < 0:
        raise Cannot("there is no node where the solution clicks")
    here = state.nodes[place]
    others = [
        (_apart(node, at), other)
        for other, node in enumerate(state.nodes)
        if (node.role, node.app) == (here.role, here.app)
        and node.showing
        and ("sensitive" in node.states or "sensitive" not in here.states)
        and node.box is not None
        and node.box != here.box
        and not node.box.holds(at)
        and _answers(state, other)
    ]
    return here, [state.nodes[other] for _, other in sorted(others)]


def _answers(state: State, place: int) -> bool:
    """Whether a hit-test in its middle finds it, or what is in it."""
    hit = state.hits.get(place, (-1,))[0]
    return hit >= 0 and place in state.chain(hit)


def _apart(node: Node, at: Point) -> int:
    there = middle(node)
    return (there.x - at.x) ** 2 + (there.y - at.y) ** 2


def middle(node: Node) -> Point:
    """Where to click it. Raises Cannot when it has no box."""
    if node.box is None:
        raise Cannot(f"{node.role} {node.name!r} has no box")
    return node.box.centre


def called(node: Node) -> str:
    """What it is called in a step's intent: its name, its text, or its role."""
    name = " ".join((node.name or node.text).split())
    return repr(name if len(name) <= 40 else f"{name[:37]}...") if name else f"the {node.role}"


def twice(see: Probe, step: Step) -> Iterator[Step]:
    """A double click in place of the last click; one click in place of a double one."""
    click = _click(step)
    count = 1 if click.count > 1 else 2
    how = "double-click" if count == 2 else "click once"
    yield _clicking(step, changed(click, count=count), f"{how} {_there(see, click.at)}")


def right(see: Probe, step: Step) -> Iterator[Step]:
    """The other button in place of the last click."""
    click = _click(step)
    button: Button = "left" if click.button == "right" else "right"
    yield _clicking(step, changed(click, button=button, count=1), f"{button}-click {_there(see, click.at)}")


def hovering(see: Probe, step: Step) -> Iterator[Step]:
    """Only the pointer goes where the last click would be."""
    click = _click(step)
    if click.at is None:
        raise Cannot("the click is where the pointer is already")
    yield _clicking(step, Move(at=click.at), f"move the pointer to {_there(see, click.at)}")


def _there(see: Probe, at: Point | None) -> str:
    """What is there, in a word."""
    state = sorted_(State(nodes=see.tree(), hits={}, windows=()))
    place = found(state, at) if at is not None else -1
    return called(state.nodes[place]) if place >= 0 else "the same place"


def _click(step: Step) -> Click:
    clicks = [action for action in step.actions if isinstance(action, Click)]
    if not clicks:
        raise Cannot("the step has no click")
    return clicks[-1]


def _clicking(step: Step, action: Action, how: str) -> Step:
    """The step with another action in place of its last click."""
    place = max(at for at, each in enumerate(step.actions) if isinstance(each, Click))
    return Step(intent=how, actions=(*step.actions[:place], action, *step.actions[place + 1 :]))


OPENING = {"menu": ("F10",), "context": ("shift", "F10"), "find": ("ctrl", "f"), "open": ("ctrl", "o")}
"""Keys that open something in most applications. They leave the pointer where it is, as do the next."""
MOVING = {
    "escape": ("Escape",), "tab": ("Tab",), "enter": ("Return",), "down": ("Down",), "page": ("Page_Down",),
    "all": ("ctrl", "a"),
}  # fmt: skip
"""Keys that close something, go on, take another, or change nothing."""
MODIFIERS = {"ctrl": "alt", "alt": "ctrl", "shift": "ctrl"}


def mistaken(see: Probe, step: Step) -> Iterator[Step]:  # noqa: ARG001 - no eyes are needed
    """The step's first chord with another modifier key."""
    place = next(at for at, action in enumerate(step.actions) if modified(action))
    press = step.actions[place]
    keys = press.keys if isinstance(press, Press) else ()
    wrong = Press(keys=(MODIFIERS[keys[0]], *keys[1:]))
    yield Step(
        intent=f"press {'+'.join(wrong.keys)}", actions=(*step.actions[:place], wrong, *step.actions[place + 1 :])
    )


# What a step is.


def saves(did: Did) -> bool:
    """Whether it saves, or opens what does."""
    chords = [action.keys for action in did.actions if isinstance(action, Press)]
    return any("ctrl" in keys and keys[-1].lower() == "s" for keys in chords) or bool(
        re.match(r"(menu: |click '?)?(save|export|overwrite)\b", did.intent, re.IGNORECASE)
    )


def names_file(did: Did) -> bool:
    """Whether a file's name or path is typed."""
    return any(isinstance(action, Type) and is_file(action.text) for action in did.actions)


def is_file(text: str) -> bool:
    """Whether it is a file's name, or a path with one."""
    name = text.strip()
    return re.fullmatch(r"[^\n@:]+\.[a-z][a-z0-9]{0,5}", name, re.IGNORECASE) is not None


def value(actions: Sequence[Action]) -> str:
    """The last text typed that says something, or an empty one."""
    texts = [action.text for action in actions if isinstance(action, Type)]
    return next((text for text in reversed(texts) if re.search(r"\w", text)), "")


def clicks(actions: Sequence[Action]) -> bool:
    """Whether there is a click at a place."""
    return any(isinstance(action, Click) and action.at is not None for action in actions)


def modified(action: Action) -> bool:
    """Whether it is a chord that begins with a modifier key."""
    return isinstance(action, Press) and len(action.keys) > 1 and action.keys[0] in MODIFIERS
