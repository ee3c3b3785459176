"""Tips of Chromium do not show; its menus and windows do."""

from __future__ import annotations

import pytest

from envs.server.tips import APP, without_tips
from envs.types import Node


def tree(*nodes: tuple[str, str, int], app: str = APP) -> tuple[Node, ...]:
    """An application's nodes by role, name and parent."""
    states = ("enabled", "showing", "visible")
    told = (Node(role=role, name=name, parent=parent, app=app, states=states) for role, name, parent in nodes)
    return (Node(role="application", name=app, app=app), *told)


def shown(nodes: tuple[Node, ...]) -> list[int]:
    """The places of those that show."""
    return [place for place, node in enumerate(without_tips(nodes)) if node.showing]


@pytest.mark.parametrize("parent", [0, 1], ids=["of the application", "of the window it belongs to"])
def test_an_address_under_the_pointer_does_not_show(parent: int) -> None:
    nodes = tree(("frame", "Choir", 0), ("frame", "", parent), ("panel", "", 2), ("static", "choir.localhost/a", 3))
    assert shown(nodes) == [1]


def test_a_menu_shows_though_its_window_has_no_name() -> None:
    nodes = tree(("frame", "Choir", 0), ("frame", "", 0), ("panel", "", 2), ("menu", "", 3), ("static", "Back", 4))
    assert shown(nodes) == [1, 2, 3, 4, 5]


def test_a_page_of_nothing_but_text_shows() -> None:
    assert shown(tree(("frame", "Choir", 0), ("panel", "", 1), ("static", "Concerts", 2))) == [1, 2, 3]


def test_other_applications_are_taken_at_their_word() -> None:
    assert shown(tree(("frame", "", 0), ("static", "Saved", 1), app="Mousepad")) == [1, 2]


def test_what_else_a_tip_says_stays() -> None:
    assert without_tips(tree(("frame", "", 0)))[1].states == ("enabled",)
