"""The verbs that solutions, near-misses and equivalents are written in.

A play is a generator of `Step`s. It finds things on the screen through the probe (accessibility tree, window
list), and acts on them with mouse and keyboard only: nothing here writes to the machine.

    def solution(see: Probe) -> Iterator[Step]:
        window(see, r"notes\\.txt")
        yield keys("ctrl+End", intent="go to the end")
        yield write("Milk\\n")
        yield keys("ctrl+s", intent="save")

Whatever is waited for is waited for with a deadline; when it does not come, the play raises `TaskFault`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TypeVar

from envs.desktop import Probe
from envs.errors import TaskFault
from envs.settle import until
from envs.types import Action, Button, Claim, Click, Drag, Finish, Node, Point, Press, Scroll, Type, Window
from tasks.base import Play, Step

DEADLINE = 20.0

T = TypeVar("T")


def await_(what: str, condition: Callable[[], T | None], *, deadline: float = DEADLINE) -> T:
    """The first value of `condition` that is neither None nor False. Raises TaskFault when there is none in time."""
    found = until(condition, deadline=deadline)
    if found is None or found is False:
        raise TaskFault(f"the play waited {deadline:g} s for {what}, and it did not come")
    return found


def _folded(text: str) -> str:
    return text.replace("\N{EM DASH}", "-").replace("\N{EN DASH}", "-").strip()


def window(see: Probe, title: str, *, deadline: float = DEADLINE) -> Window:
    """The topmost window whose title matches the regular expression, once there is one. Long dashes match `-`."""
    pattern = re.compile(title)

    def look() -> Window | None:
        return next((each for each in reversed(see.windows()) if pattern.search(_folded(each.title))), None)

    return await_(f"a window titled {title!r}", look, deadline=deadline)


def gone(see: Probe, title: str, *, deadline: float = DEADLINE) -> None:
    """Returns once no window's title matches the regular expression."""
    pattern = re.compile(title)
    await_(
        f"no window titled {title!r}",
        lambda: not any(pattern.search(_folded(each.title)) for each in see.windows()),
        deadline=deadline,
    )


def nodes(see: Probe, role: str = "", name: str = "", *, app: str = "", text: str = "") -> list[Node]:
    """Nodes on the screen, in tree order, that have a box; each given pattern must match the whole field.

    `role` may name several, as `button|push button`. An empty pattern matches anything.
    """

    def fits(pattern: str, field: str) -> bool:
        return not pattern or re.fullmatch(pattern, field.strip(), re.DOTALL) is not None

    return [
        node
        for node in see.tree()
        if node.showing
        and node.box is not None
        and node.box.width > 0
        and fits(role, node.role)
        and fits(name, node.name)
        and fits(app, node.app)
        and fits(text, node.text)
    ]


def find(
    see: Probe,
    role: str = "",
    name: str = "",
    *,
    app: str = "",
    text: str = "",
    nth: int = 0,
    deadline: float = DEADLINE,
) -> Node:
    """The nth such node, once it is there (negative: from the end); see `nodes`."""

    def look() -> Node | None:
        found = nodes(see, role, name, app=app, text=text)
        return found[nth] if -len(found) <= nth < len(found) else None

    wanted = ", ".join(
        f"{key} {value!r}" for key, value in (("role", role), ("name", name), ("app", app), ("text", text)) if value
    )
    return await_(f"something on the screen with {wanted or 'a box'}", look, deadline=deadline)


def centre(node: Node) -> Point:
    """The middle of a node's box. Raises TaskFault when it has none."""
    if node.box is None:
        raise TaskFault(f"{node.role} {node.name!r} has no box")
    return node.box.centre


def click(
    see: Probe,
    role: str = "",
    name: str = "",
    *,
    intent: str = "",
    app: str = "",
    nth: int = 0,
    count: int = 1,
    button: Button = "left",
) -> Step:
    """Click the middle of the nth node that `find` finds."""
    node = find(see, role, name, app=app, nth=nth)
    return act(
        intent or f"click {node.name.strip() or node.role!r}", Click(at=centre(node), count=count, button=button)
    )


def click_at(at: Point, *, intent: str, count: int = 1, button: Button = "left") -> Step:
    """Click a pixel."""
    return act(intent, Click(at=at, count=count, button=button))


def drag(*path: Point, intent: str) -> Step:
    """Drag along the points with the left button."""
    return act(intent, Drag(path=path))


def scroll(at: Point, dy: int, *, intent: str) -> Step:
    """Turn the wheel by dy clicks, down when positive."""
    return act(intent, Scroll(at=at, dy=dy))


def keys(*chords: str, intent: str = "") -> Step:
    """Press chords one after another, each written `ctrl+shift+s`."""
    presses = tuple(Press(keys=tuple(_split(chord))) for chord in chords)
    return act(intent or f"press {', '.join(chords)}", *presses)


def _split(chord: str) -> list[str]:
    return [key or "+" for key in chord.split("+")] if chord != "+" else ["+"]


def write(text: str, *, intent: str = "") -> Step:
    """Type the text into whatever has the focus."""
    short = text if len(text) <= 40 else f"{text[:37]}..."
    return act(intent or f"type {short!r}", Type(text=text))


def finish(answer: str = "", *, claim: Claim = "done") -> Step:
    """Say that it is done, with the answer if the task asks for one; or that it is not, or cannot be."""
    return act(claim, Finish(claim=claim, answer=answer))


def menu(see: Probe, *names: str, app: str = "") -> Iterator[Step]:
    """Open a menu of the menu bar and click down through it; names are regular expressions of the items."""
    for depth, name in enumerate(names):
        role = "menu|menu item|check menu item|radio menu item" if depth else "menu|menu item"
        node = find(see, role, name, app=app)
        yield click_at(centre(node), intent=f"menu: {node.name.strip()}")


def route(*parts: Play) -> Play:
    """Plays the parts one after another."""

    def play(see: Probe) -> Iterator[Step]:
        for part in parts:
            yield from part(see)

    return play


def act(intent: str, *actions: Action) -> Step:
    """One step of several actions that need no look between them."""
    return Step(intent=intent, actions=actions)
