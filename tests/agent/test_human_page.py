"""The person's page in a real browser: what is done on the picture arrives as the same thing on the screen."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, sync_playwright

from agent.backends.human import Human, desk
from agent.conformance import SIZES, seen
from envs.settle import until
from envs.types import Action, Click, Drag, Finish, Point, Press, Scroll, Type, Wait

pytestmark = pytest.mark.browser

WINDOWS = [
    pytest.param((1920, 1200), id="larger than the screen"),
    pytest.param((900, 700), id="smaller"),
    pytest.param((700, 1100), id="upright"),
]


class Desktop:
    """Takes what the person does, an action at a time, and shows the same picture again."""

    def __init__(self) -> None:
        self.human = Human()
        self.done: list[Action] = []
        self.came = threading.Condition()
        self.human.begin("Put the total in B9.")
        self.thread = threading.Thread(target=self.loop)
        self.thread.start()

    def loop(self) -> None:
        refused = ""
        while not any(isinstance(action, Finish) for action in self.done):
            try:
                actions = self.human.act(seen(SIZES[0], refused)).actions
            except RuntimeError:  # the test is over
                return
            refused = "there is no such key" if Press(keys=("ctrl", "hyperspace")) in actions else ""
            with self.came:
                self.done += actions
                self.came.notify_all()
        self.human.close()

    def next(self) -> Action:
        """The next that has not been looked at."""
        with self.came:
            assert self.came.wait_for(lambda: self.done, 20)
            return self.done.pop(0) if not isinstance(self.done[0], Finish) else self.done[0]


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        yield page
        assert errors == []
        page.goto("about:blank")
        browser.close()


@pytest.fixture
def desktop() -> Iterator[Desktop]:
    made = Desktop()
    yield made
    made.done.append(Finish())
    made.human.close()
    made.thread.join()


@pytest.mark.parametrize("window", WINDOWS)
def test_what_is_done_on_the_picture_is_done_on_the_screen(
    page: Page, desktop: Desktop, window: tuple[int, int]
) -> None:
    page.set_viewport_size({"width": window[0], "height": window[1]})
    page.goto(desk(0, False).url)
    page.get_by_text("your turn").wait_for()
    assert page.locator("#goal").inner_text() == "Put the total in B9."
    screen = page.locator("#screen")
    assert until(lambda: (box := screen.bounding_box()) is not None and box["height"] > 0, deadline=10.0)
    box = screen.bounding_box()
    assert box is not None
    assert box["width"] / box["height"] == pytest.approx(16 / 9, rel=0.01)
    assert box["width"] <= window[0]
    assert box["y"] + box["height"] <= window[1]
    zoom = 1920 / box["width"]

    def near(found: Point | None, x: float, y: float) -> bool:
        return found is not None and abs(found.x - x) <= zoom + 1 and abs(found.y - y) <= zoom + 1

    def at(x: float, y: float) -> tuple[float, float]:
        return box["x"] + x / zoom, box["y"] + y / zoom

    page.mouse.click(*at(1000, 500))
    first = desktop.next()
    assert isinstance(first, Click)
    assert (near(first.at, 1000, 500), first.button, first.count) == (True, "left", 1)

    page.mouse.dblclick(*at(300, 900))
    double = desktop.next()
    assert isinstance(double, Click)
    assert (near(double.at, 300, 900), double.count) == (True, 2)

    page.keyboard.down("Control")
    page.mouse.click(*at(20, 30), button="right")
    page.keyboard.up("Control")
    right = desktop.next()
    assert isinstance(right, Click)
    assert (near(right.at, 20, 30), right.button, right.holding) == (True, "right", ("ctrl",))

    page.mouse.move(*at(200, 200))
    page.mouse.down()
    page.mouse.move(*at(600, 400), steps=4)
    page.mouse.up()
    drag = desktop.next()
    assert isinstance(drag, Drag)
    assert (near(drag.path[0], 200, 200), near(drag.path[-1], 600, 400)) == (True, True)

    page.mouse.wheel(0, 300)
    assert isinstance(turn := desktop.next(), Scroll)
    assert (turn.dx, turn.dy) == (0, 3)

    page.keyboard.type("Hello, W")
    assert desktop.next() == Type(text="Hello, W")
    page.keyboard.type("x")
    page.keyboard.press("Enter")
    assert [desktop.next(), desktop.next()] == [Type(text="x"), Press(keys=("Enter",))]
    page.keyboard.press("Control+Shift+S")
    assert desktop.next() == Press(keys=("ctrl", "shift", "s"))


def test_what_the_browser_keeps_to_itself_has_a_field_and_refusals_are_shown(page: Page, desktop: Desktop) -> None:
    page.goto(desk(0, False).url)
    page.get_by_text("your turn").wait_for()
    page.locator("#keys").fill("ctrl+hyperspace")
    page.locator("#keys").press("Enter")
    assert desktop.next() == Press(keys=("ctrl", "hyperspace"))
    page.get_by_text("there is no such key").wait_for()
    page.get_by_role("button", name="Look again").click()
    assert desktop.next() == Wait(seconds=1)


@pytest.mark.parametrize(("button", "claim"), [("Done", "done"), ("Cannot be done", "infeasible")])
def test_it_ends_with_a_word_and_an_answer(page: Page, desktop: Desktop, button: str, claim: str) -> None:
    page.goto(desk(0, False).url)
    page.get_by_text("your turn").wait_for()
    page.get_by_label("Answer").fill("42")
    page.get_by_role("button", name=button, exact=True).click()
    assert desktop.next() == Finish(claim=claim, answer="42")  # type: ignore[arg-type]
    page.get_by_text("The next task is being prepared.").wait_for()
