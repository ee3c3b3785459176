"""Hit-tests against an application that answers as toolkits do: by the topmost child at the point, or not at all."""

from __future__ import annotations

import struct
from random import Random

import pytest

from envs.server.atspi import ROLES, STATES, Item, Ref
from envs.server.dbus import Bus, Call, Reply, string
from envs.server.hits import hit_test
from envs.types import Node, Point, Rect, inside

SHOWING = 1 << STATES.index("showing")


class Application(Bus):
    """Answers with the last child whose box holds the point, else with itself; a notebook always with itself."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.nodes: list[Node] = []
        self.asked = 0
        self.unlisted: dict[int, int] = {}
        """Of a node, what is all over it and is not listed."""

    def add(self, parent: int, box: Rect, *, role: str = "panel", name: str = "") -> int:
        """One more, above its elder siblings; which place it has."""
        place = len(self.nodes)
        ref, above = Ref(":1.1", f"/{place}"), Ref(":1.1", f"/{parent}")
        item = Item(ref, above, -1, 0, frozenset(("Component",)), name, ROLES.index(role), SHOWING)
        if parent >= 0:
            self.items[parent].children.append(item)
            self.items[parent].count += 1
        self.items.append(item)
        app = name if parent < 0 else self.nodes[0].app
        self.nodes.append(Node(role=role, name=name, states=("showing",), box=box, parent=parent, app=app))
        return place

    def ask_all(self, calls: list[Call], *, seconds: float) -> list[Reply | None]:
        self.asked += len(calls)
        return [self._above(call) if call.member == "Get" else self._reply(call) for call in calls]

    def _reply(self, call: Call) -> Reply:
        x, y, _ = struct.unpack("<iiI", call.body)
        place = self.at(int(call.path[1:]), Point(x=x, y=y))
        return _answer(self.unlisted.get(place, place))

    def _above(self, call: Call) -> Reply:
        above = {inner: outer for outer, inner in self.unlisted.items()}
        told = _answer(above[int(call.path[1:])])
        return Reply("v", b"\4(so)\0\0\0" + told.data)

    def at(self, place: int, point: Point) -> int:
        if self.nodes[place].role in ("page tab list", "page tab"):
            return place
        below = [each for each, node in enumerate(self.nodes) if node.parent == place]
        return next((each for each in reversed(below) if _holds(self.nodes[each], point)), place)

    def deepest(self, place: int, point: Point) -> int:
        while (below := self.at(place, point)) != place:
            place = below
        return place


def _answer(place: int) -> Reply:
    bus = string(":1.1")
    return Reply("(so)", bus + b"\0" * (-len(bus) % 4) + string(f"/{place}"))


def _holds(node: Node, point: Point) -> bool:
    return node.box is not None and node.box.holds(point)


def _window(app: Application, name: str = "app") -> int:
    app.add(-1, Rect(x=0, y=0, width=1, height=1), role="application", name=name)
    return app.add(0, Rect(x=0, y=0, width=400, height=300), role="frame", name="window")


def _row(app: Application, parent: int, count: int, y: int = 10) -> list[int]:
    return [
        app.add(parent, Rect(x=10 + 30 * place, y=y, width=20, height=20), role="button", name=f"button {place}")
        for place in range(count)
    ]


def _nested(app: Application, top: int, box: Rect, levels: int) -> int:
    for _ in range(levels):
        top = app.add(top, box)
    return top


def test_buttons_deep_in_a_window_are_found_with_little_more_than_a_question_a_point() -> None:
    app = Application()
    bar = _nested(app, _window(app), Rect(x=0, y=0, width=400, height=50), 6)
    buttons = _row(app, bar, 12)
    hits = hit_test(app, app.items, app.nodes)
    assert all(hits[button] == (button,) * 5 for button in buttons)
    assert app.asked < 1.5 * 5 * len(hits)


def test_a_button_half_under_a_panel_is_not_found_where_the_panel_is() -> None:
    app = Application()
    window = _window(app)
    bar = _nested(app, window, Rect(x=0, y=0, width=400, height=50), 3)
    first, second = _row(app, bar, 2)
    over = app.add(window, Rect(x=50, y=0, width=100, height=300), name="over it")
    hits = hit_test(app, app.items, app.nodes)
    assert hits[first] == (first,) * 5
    assert hits[second] == (over, second, over, second, over)


def test_what_is_on_a_page_of_a_notebook_is_found_though_the_notebook_finds_only_itself() -> None:
    app = Application()
    book = app.add(_window(app), Rect(x=0, y=0, width=400, height=300), role="page tab list")
    page = app.add(book, Rect(x=10, y=0, width=30, height=20), role="page tab", name="page")
    panel = app.add(page, Rect(x=0, y=20, width=400, height=280))
    buttons = _row(app, panel, 5, y=100)
    hits = hit_test(app, app.items, app.nodes)
    assert all(hits[button] == (button,) * 5 for button in buttons)


class Browser(Application):
    """Answers a question with the last thing that the page has found, where that is around the point."""

    def __init__(self) -> None:
        super().__init__()
        self.last = -1
        self.coming: list[int] = []

    def _reply(self, call: Call) -> Reply:
        x, y, _ = struct.unpack("<iiI", call.body)
        point, place = Point(x=x, y=y), int(call.path[1:])
        if len(self.coming) > 3:
            self.last = self.coming.pop(0)
        self.coming.append(self.deepest(place, point))
        around = self.last >= 0 and _holds(self.nodes[self.last], point)
        return _answer(self.last if around else self.deepest(place, point))


def test_a_browser_that_answers_with_what_it_found_before_is_asked_until_it_knows() -> None:
    app = Browser()
    page = app.add(_window(app, "Chromium"), Rect(x=0, y=0, width=400, height=300), role="document web", name="page")
    form = app.add(page, Rect(x=0, y=0, width=400, height=200), role="form", name="form")
    fields = _row(app, form, 8)
    app.last = form
    hits = hit_test(app, app.items, app.nodes)
    assert all(hits[field] == (field,) * 5 for field in fields)


def test_a_field_under_another_is_not_found_however_often_it_is_asked_for() -> None:
    app = Browser()
    page = app.add(_window(app, "Chromium"), Rect(x=0, y=0, width=400, height=300), role="document web", name="page")
    (field,) = _row(app, page, 1)
    over = app.add(page, Rect(x=0, y=0, width=400, height=40), role="static", name="over it")
    assert hit_test(app, app.items, app.nodes)[field] == (over,) * 5


def test_what_the_tree_does_not_list_is_found_as_what_it_is_in() -> None:
    app = Application()
    (button,) = _row(app, _window(app), 1)
    app.unlisted[button] = len(app.nodes)
    assert hit_test(app, app.items, app.nodes)[button] == (button,) * 5


@pytest.mark.parametrize("seed", range(20))
def test_the_answers_are_those_of_asking_from_the_window_each_time(seed: int) -> None:
    chance, app = Random(seed), Application()
    _grow(app, _window(app), chance, depth=5)
    hits = hit_test(app, app.items, app.nodes)
    assert hits
    for place, found in hits.items():
        box = app.nodes[place].box
        assert box is not None
        assert found == tuple(app.deepest(1, point) for point in inside(box))


def _grow(app: Application, top: int, chance: Random, *, depth: int) -> None:
    """Children anywhere inside, also over one another."""
    whole = app.nodes[top].box
    assert whole is not None
    for number in range(chance.randint(1, 4) if depth and min(whole.width, whole.height) > 40 else 0):
        width, height = chance.randint(16, whole.width), chance.randint(16, whole.height)
        x, y = chance.randint(0, whole.width - width), chance.randint(0, whole.height - height)
        box = Rect(x=whole.x + x, y=whole.y + y, width=width, height=height)
        _grow(app, app.add(top, box, name=f"{depth}.{number}"), chance, depth=depth - 1)
