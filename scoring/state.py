"""What a machine tells of itself at one moment, besides its picture: the accessibility tree, hit-tests, windows.

Items are made of such states: they say what is true of a screen. A state is kept in a run's folder under the SHA-256
of its encoding, packed; `fingerprint` is the same for states that look the same to a person who uses the desktop.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

import msgspec

from envs.errors import BadInput
from envs.types import Closed, Node, Window

STATES = "states"
"""The folder, beside `frames`."""
SEEN = frozenset(
    ("checked", "pressed", "selected", "expanded", "focused", "sensitive", "editable", "active", "indeterminate")
)
"""States of a node that make a difference to whoever uses it."""
CLOSED = frozenset(("expandable", "expanded"))
"""States of a list that can be opened, and of one that is; some toolkits tell neither."""
_MEMORY = re.compile(r" - Memory usage - [0-9.]+ .B$")


class State(Closed):
    """One moment. `hits` is as in `envs.types.HitTest`; windows are bottom of the stack first."""

    nodes: tuple[Node, ...]
    hits: dict[int, tuple[int, ...]]
    windows: tuple[Window, ...]

    @property
    def top(self) -> Window | None:
        """The window that has the focus."""
        return next((window for window in reversed(self.windows) if window.focused), None)

    def chain(self, place: int) -> tuple[int, ...]:
        """A node's place, its parent's, and so on up to its application's."""
        found = []
        while place >= 0:
            found.append(place)
            place = self.nodes[place].parent
        return tuple(found)

    def struck(self, place: int) -> bool:
        """Whether every hit-test inside the node finds it, or what is in it: nothing of its application hides it."""
        hits = self.hits.get(place, ())
        return bool(hits) and all(hit >= 0 and place in self.chain(hit) for hit in hits)


def encoded(state: State) -> bytes:
    """The same bytes for the same state."""
    hits = dict(sorted(state.hits.items()))  # msgspec orders only keys that are texts
    return msgspec.msgpack.encode(msgspec.structs.replace(state, hits=hits))


def packed(data: bytes) -> bytes:
    """As it is kept on disk."""
    return zlib.compress(data, 6)


@lru_cache(maxsize=400)  # about 2 MB each; making a bank reads those of a task and seed again and again
def stored(run: Path, name: str) -> State:
    """A state that a run's folder keeps. Raises BadInput when it is not there, or is another than its name says."""
    path = run / STATES / name
    try:
        data = zlib.decompress(path.read_bytes())
        if hashlib.sha256(data).hexdigest() != name:
            raise ValueError("its content is another")
        return sorted_(msgspec.msgpack.decode(data, type=State))
    except (OSError, ValueError, zlib.error, msgspec.MsgspecError) as err:
        raise BadInput(f"{path} cannot be read: {err}") from err


def sorted_(state: State) -> State:
    """The state with its nodes in an order of their own, parents before children, whatever order they were told in.

    Applications register in any order, and toolkits tell the items of a closed menu in any.
    """
    below: dict[int, list[int]] = {}
    for place, node in enumerate(state.nodes):
        below.setdefault(node.parent, []).append(place)
    order: list[int] = []
    left = _in_order(state, below.get(-1, []))[::-1]
    while left:
        order.append(left.pop())
        left += _in_order(state, below.get(order[-1], []))[::-1]
    now = {-1: -1} | {old: new for new, old in enumerate(order)}
    nodes = (msgspec.structs.replace(state.nodes[old], parent=now[state.nodes[old].parent]) for old in order)
    hits = {now[place]: tuple(now[hit] for hit in found) for place, found in state.hits.items()}
    return State(nodes=tuple(nodes), hits=dict(sorted(hits.items())), windows=state.windows)


def _in_order(state: State, siblings: list[int]) -> list[int]:
    """Those that are to be seen as they are read, then the others by what they are."""

    def key(place: int) -> tuple[object, ...]:
        node = state.nodes[place]
        box = (node.box.y, node.box.x) if node.box is not None and node.showing else ()
        return node.app, not box, box, node.role, node.name, node.text, node.states, place

    return sorted(siblings, key=key)


def plain(text: str) -> str:
    """A name or text without what toolkits put around it, and without the memory that a browser says a tab needs."""
    return _MEMORY.sub("", " ".join(text.split()))


def shown(state: State) -> Iterator[Node]:
    """Nodes that are showing and have an extent, but for what is in closed lists: browsers put it anywhere."""
    shut = set[int]()
    for place, node in enumerate(state.nodes):
        if node.parent in shut or (node.role == "combo box" and CLOSED.intersection(node.states) == {"expandable"}):
            shut.add(place)
        if node.showing and node.box is not None and node.parent not in shut:
            yield node


def seen(node: Node) -> list[str]:
    """Its states that make a difference. A nameless panel that has the focus makes none: GIMP says it or not."""
    states = SEEN.intersection(node.states)
    return sorted(states - {"focused"} if node.role == "panel" and not node.name else states)


def fingerprint(state: State) -> str:
    """SHA-256, in hex, over all that is `shown`: what it is, says, and where it is.

    Nodes that are not showing are left out: closed menus keep boxes of before. Their order does not matter:
    applications register in any order.
    """
    found = []
    for node in shown(state):
        states = seen(node)
        box = node.box and (node.box.x, node.box.y, node.box.width, node.box.height)
        found.append(repr((node.app, node.role, plain(node.name), plain(node.text), box, states)))
    return hashlib.sha256("\n".join(sorted(found)).encode()).hexdigest()


def steadily(read: Callable[[], State], look: Callable[[], tuple[Node, ...]], tries: int = 3) -> State:
    """A state whose nodes were the same when they were looked at once more; the last one, where they never were.

    To look at the nodes costs a tenth of reading them with their hit-tests.
    """
    state = read()
    for _ in range(tries):
        if fingerprint(msgspec.structs.replace(state, nodes=look(), hits={})) == fingerprint(state):
            break
        state = read()
    return state
