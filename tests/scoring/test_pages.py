"""The page in a real browser, from a folder without a server, and served on loopback."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from golden import HOSTILE
from playwright.sync_api import Browser, Page, Request, sync_playwright

from scoring.viewer import export, serve

pytestmark = pytest.mark.browser

FLAGS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    assert chromium, "no chromium: ./dev setup installs it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def exported(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export(made, tmp_path_factory.mktemp("export") / "out")


@dataclass
class Watched:
    """A page, and what went wrong in it or left the machine."""

    page: Page
    url: str
    errors: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def hear(self, request: Request) -> None:
        self.asked.append(request.url)

    def go(self, address: str = "") -> Page:
        self.page.goto(self.url + address)
        self.page.reload()
        return self.page


@pytest.fixture
def seen(browser: Browser, exported: Path) -> Iterator[Watched]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    watched = Watched(context.new_page(), exported.as_uri())
    watched.page.on("pageerror", lambda error: watched.errors.append(str(error)))
    watched.page.on("console", lambda said: watched.errors.append(said.text) if said.type == "error" else None)
    watched.page.on("request", watched.hear)
    yield watched
    context.close()
    assert watched.errors == []
    assert all(url.startswith(("file:", "data:")) for url in watched.asked), "nothing comes from the network"


def step(page: Page) -> str:
    return page.locator("#steps li[aria-current] .n").inner_text()


def test_the_table_shows_every_attempt_and_its_outcome(seen: Watched) -> None:
    page = seen.go()
    assert page.locator("#table tbody tr").count() == 7
    assert page.locator("#table tbody tr").nth(1).inner_text().split("\t")[:2] == ["golden/budget@1", "passed"]
    assert "50 % (15 to 85 %, n=4)" in page.locator("#summary").inner_text()
    assert "superseded" in page.locator("#table tr.old").inner_text()


def test_filters_search_and_sorting_live_in_the_address(seen: Watched) -> None:
    page = seen.go()
    page.locator("#outcomes button", has_text="failed by the agent").click()
    assert page.locator("#table tbody tr").count() == 1
    assert page.url.endswith("#?outcome=agent_fault")
    page.locator("#outcomes button", has_text="all").click()
    page.locator("#search").fill("scroll down to B9")
    assert page.locator("#table tbody td.task").all_inner_texts() == ["golden/budget@1"]
    page = seen.go("#?sort=-steps")
    assert page.locator("#table tbody td.task").first.inner_text() == "golden/letter@1"
    page.locator("#search").fill("no such thing")
    assert page.locator("#none").is_visible()


def test_keys_lead_through_episodes_and_steps(seen: Watched) -> None:
    page = seen.go()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector("#episode:not([hidden])")
    assert page.locator("#episode-title").inner_text() == "golden/budget@1"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("]")
    assert step(page) == "3"
    page.keyboard.press("[")
    assert step(page) == "2"
    assert page.url.endswith("#budget-s0-r0/2")
    page.keyboard.press("End")
    assert step(page) == "7"
    page.keyboard.press("j")
    page.wait_for_function("() => document.getElementById('episode-title').textContent === 'golden/clip@1'")
    page.keyboard.press("u")
    page.wait_for_selector("#run:not([hidden])")
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()


def test_an_address_leads_to_a_step(seen: Watched) -> None:
    page = seen.go("#budget-s0-r0/5")
    assert step(page) == "5"
    assert "naïve 北京 😀" in page.locator("#plates").inner_text()


def test_the_mark_is_where_the_click_was(seen: Watched) -> None:
    page = seen.go("#budget-s0-r0/1")
    page.wait_for_function("() => document.getElementById('frame').naturalWidth === 1280")
    mark, frame = page.locator("#overlay .spot").bounding_box(), page.locator("#frame").bounding_box()
    assert mark is not None
    assert frame is not None
    assert (mark["x"] + mark["width"] / 2 - frame["x"]) / frame["width"] == pytest.approx(240.5 / 1280, abs=0.001)
    assert (mark["y"] + mark["height"] / 2 - frame["y"]) / frame["height"] == pytest.approx(155.5 / 800, abs=0.001)
    page.keyboard.press("r")
    assert not page.locator("#overlay").is_visible()
    assert page.locator("#raw").is_checked()


def test_film_and_steps_are_on_one_clock(seen: Watched) -> None:
    page = seen.go("#budget-s0-r0/3")
    page.keyboard.press("v")
    page.wait_for_function("() => document.getElementById('film').readyState >= 2")
    begin = page.evaluate("view.episode.turns[2].film[0]")
    page.wait_for_function("t => Math.abs(document.getElementById('film').currentTime - t) < 0.05", arg=begin)
    page.evaluate("document.getElementById('film').currentTime = view.episode.turns[5].film[0] + 0.2")
    page.wait_for_function("() => document.querySelector('#steps li[aria-current] .n').textContent === '6'")
    assert page.url.endswith("#budget-s0-r0/6")
    page.keyboard.press("Home")
    page.wait_for_function(
        "Math.abs(document.getElementById('film').currentTime - view.episode.turns[0].film[0]) < 0.05"
    )
    box = page.locator("#timeline").bounding_box()
    assert box is not None
    part = page.evaluate("(view.episode.turns[4].film[0] + 0.3) / view.episode.film_seconds")
    page.mouse.click(box["x"] + box["width"] * part, box["y"] + 10)
    assert step(page) == "5"
    page.wait_for_function("() => document.getElementById('film').currentTime > view.episode.turns[4].film[0]")


def test_space_plays_the_film_and_the_steps_go_with_it(seen: Watched) -> None:
    page = seen.go("#budget-s0-r0/1")
    page.locator("#speed").select_option("4")
    page.locator("#goal").click()
    page.keyboard.press("Space")
    page.wait_for_function(
        "() => document.querySelector('#steps li[aria-current] .n').textContent >= '3'", timeout=20_000
    )
    page.keyboard.press("Space")
    assert page.evaluate("document.getElementById('film').paused")


def test_checks_show_what_was_expected_and_found(seen: Watched) -> None:
    page = seen.go("#letter-s0-r0")
    checks = page.locator("#checks").inner_text()
    assert "2 March 2026" in checks
    assert "there is no date" in checks
    assert "the signature" in checks
    assert "no verdict" in checks
    page = seen.go("#budget-s0-r0")
    page.locator("#checks button", has_text="step 5").click()
    assert step(page) == "5"


def test_before_and_after_can_be_swiped(seen: Watched) -> None:
    page = seen.go("#budget-s0-r0/5")
    page.keyboard.press("b")
    before, after = page.locator("#frame").get_attribute("src"), page.locator("#after").get_attribute("src")
    assert before != after
    page.locator("#divide").fill("10")
    assert "10%" in page.locator("#after").evaluate("each => getComputedStyle(each).clipPath")


def test_text_that_means_harm_is_shown_as_text(seen: Watched) -> None:
    page = seen.go("#letter-s0-r0/1")
    assert HOSTILE in page.locator("#goal").inner_text()
    assert HOSTILE in page.locator("#steps li[aria-current] .intent").inner_text()
    assert page.locator("main img[src*='evil']").count() == 0
    assert page.title() == "golden/letter@1: failed"
    page.keyboard.press("End")
    assert HOSTILE in page.locator("#plates").inner_text()


@pytest.mark.parametrize("name", ["archive-s0-r0", "clip-s0-r0", "picture-s0-r0"], ids=["void", "stopped", "died"])
def test_an_episode_without_steps_or_pictures_is_shown(seen: Watched, name: str) -> None:
    page = seen.go(f"#{name}")
    assert page.locator("#verdict").inner_text() in ("void", "stopped")
    for key in ("v", "b", "ArrowRight", "End", "r"):
        page.keyboard.press(key)


@pytest.mark.parametrize("width", [1440, 1024, 390], ids=["laptop", "small", "phone"])
@pytest.mark.parametrize("address", ["#", "#budget-s0-r0/5", "#letter-s0-r0/1"])
def test_nothing_is_wider_than_the_window(seen: Watched, width: int, address: str) -> None:
    seen.page.set_viewport_size({"width": width, "height": 800})
    page = seen.go(address)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_served_on_loopback_the_film_seeks_too(browser: Browser, run: Path) -> None:
    viewer = serve(run)
    context = browser.new_context()
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.goto(viewer.url + "#budget-s0-r0/4")
    page.keyboard.press("v")
    page.wait_for_function("() => document.getElementById('film').readyState >= 2", timeout=30_000)
    page.wait_for_function(
        "Math.abs(document.getElementById('film').currentTime - view.episode.turns[3].film[0]) < 0.05"
    )
    assert page.locator("#strip img").first.evaluate("each => each.decode().then(() => each.naturalHeight)") == 124
    context.close()
    viewer.close()
    assert errors == []
