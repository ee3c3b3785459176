"""The accessibility tree as OSWorld's XML, and back.

The names of elements, attributes and namespaces are those of OSWorld's server on Ubuntu 22.04, where at-spi2 2.44
called a button `push button`. Of what it lists, our tree has names, states, places, texts and values; descriptions,
toolkits' own attributes and actions are left out.
"""

from __future__ import annotations

import re
from typing import Final

from lxml import etree

from envs.errors import DesktopFault
from envs.types import Node, Rect

SPACE: Final = "https://accessibility.ubuntu.example.org/ns/"
SPACES: Final = {
    "st": f"{SPACE}state", "attr": f"{SPACE}attributes", "cp": f"{SPACE}component", "doc": f"{SPACE}document",
    "docattr": f"{SPACE}document/attributes", "txt": f"{SPACE}text", "val": f"{SPACE}value", "act": f"{SPACE}action",
}  # fmt: skip
OLD_ROLES: Final = {"button": "push button"}
NEW_ROLES: Final = {old: new for new, old in OLD_ROLES.items()}
APPS: Final = {"Chromium": "Google Chrome", "org.gnome.Terminal": "gnome-terminal-server"}
"""What OSWorld's tasks call an application, by the name that it gives itself here."""
DEEPEST: Final = 50
"""Levels that OSWorld's server goes down."""
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NO_NAME = re.compile(r"[^A-Za-z0-9_.-]")


def document(nodes: tuple[Node, ...]) -> etree._Element:  # the element class has no public name
    """A `desktop-frame` with an element for every node."""
    root = etree.Element("desktop-frame", nsmap=dict(SPACES))
    made: list[etree._Element | None] = []
    depths: list[int] = []
    for node in nodes:
        above = root if node.parent < 0 else made[node.parent]
        depth = 1 if node.parent < 0 else depths[node.parent] + 1
        depths.append(depth)
        if above is None or depth > DEEPEST:
            made.append(None)
            continue
        made.append(_element(above, node, top=node.parent < 0))
    return root


def xml(nodes: tuple[Node, ...]) -> str:
    """The same as text."""
    return etree.tostring(document(nodes), encoding="unicode")


def _element(above: etree._Element, node: Node, *, top: bool) -> etree._Element:
    role = OLD_ROLES.get(node.role, node.role).replace(" ", "-")
    name = APPS.get(node.name, node.name) if top else node.name
    element = etree.SubElement(above, _NO_NAME.sub("", role) or "unknown")
    element.set("name", _NO_XML.sub("", name))
    for state in node.states:
        element.set(f"{{{SPACES['st']}}}{state.replace('-', '_')}", "true")
    if node.box is not None and {"visible", "showing"} <= set(node.states):
        element.set(f"{{{SPACES['cp']}}}screencoord", f"({node.box.x}, {node.box.y})")
        element.set(f"{{{SPACES['cp']}}}size", f"({node.box.width}, {node.box.height})")
    if node.value is not None:
        element.set(f"{{{SPACES['val']}}}value", str(node.value))
    if node.text:
        element.text = _NO_XML.sub("", node.text.replace("\ufffc", "").replace("\ufffd", ""))
    return element


def nodes(text: str) -> tuple[Node, ...]:
    """The tree that such XML tells of. Raises DesktopFault when it is none."""
    try:
        root = etree.fromstring(
            text.encode(), etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
        )
    except etree.XMLSyntaxError as error:
        raise DesktopFault(f"the accessibility tree cannot be read: {error}") from error
    found: list[Node] = []
    places: dict[etree._Element, int] = {}
    for element in root.iterdescendants("*"):
        above = element.getparent()
        place = -1 if above is None or above is root else places[above]
        app = str(element.get("name", "")) if place < 0 else found[place].app
        places[element] = len(found)
        found.append(_node(element, place, app))
    return tuple(found)


def _node(element: etree._Element, parent: int, app: str) -> Node:
    role = str(element.tag).replace("-", " ")
    state = f"{{{SPACES['st']}}}"
    value = element.get(f"{{{SPACES['val']}}}value")
    return Node(
        role=NEW_ROLES.get(role, role),
        name=str(element.get("name", "")),
        states=tuple(str(key)[len(state):].replace("_", "-") for key in element.attrib if str(key).startswith(state)),
        box=_box(element),
        parent=parent,
        text=element.text or "",
        value=None if value is None else float(value),
        app=app,
    )  # fmt: skip


def _box(element: etree._Element) -> Rect | None:
    at = re.findall(r"-?\d+", str(element.get(f"{{{SPACES['cp']}}}screencoord", "")))
    size = re.findall(r"-?\d+", str(element.get(f"{{{SPACES['cp']}}}size", "")))
    if len(at) != 2 or len(size) != 2:
        return None
    return Rect(x=int(at[0]), y=int(at[1]), width=int(size[0]), height=int(size[1]))


def terminal(nodes: tuple[Node, ...]) -> str | None:
    """The text of the terminal with the focus in an active window; None when there is not exactly one.

    OSWorld looks at gnome-terminal alone; here any terminal counts.
    """
    found = [
        node.text
        for place, node in enumerate(nodes)
        if node.role == "terminal" and "focused" in node.states and _active(nodes, place)
    ]
    return found[0].rstrip() if len(found) == 1 else None


def _active(nodes: tuple[Node, ...], place: int) -> bool:
    while (place := nodes[place].parent) >= 0:
        if nodes[place].role == "frame":
            return "active" in nodes[place].states
    return False
