"""Chromium's tips, such as the address of the link under the pointer, do not show, whatever Chromium says.

It draws them into its window, hides them after a while, and keeps them in its tree as showing until they are taken
out of it at some time: two plays of the same steps told other trees of the same picture.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from envs.types import Node

APP = "Chromium"
PLAIN = frozenset(("frame", "panel", "static"))
"""Roles of all that is in a tip: a window without a name, and in it nothing but text."""
SHOWN = frozenset(("showing", "visible"))


def without_tips(nodes: Sequence[Node]) -> tuple[Node, ...]:
    """The nodes; tips, and what is in them, do not show."""
    tip = [-1] * len(nodes)
    rich = set[int]()
    for place, node in enumerate(nodes):
        if node.app == APP and node.parent >= 0:
            tip[place] = place if node.role == "frame" and not node.name else tip[node.parent]
            if node.role not in PLAIN:
                rich.add(tip[place])
    return tuple(
        _hidden(node) if top >= 0 and top not in rich else node for node, top in zip(nodes, tip, strict=True)
    )


def _hidden(node: Node) -> Node:
    return msgspec.structs.replace(node, states=tuple(each for each in node.states if each not in SHOWN))
