"""A suite for a model that knows one thing: of two coloured squares on a page in Chromium, click the one named.

The page fills the screen and draws the next two squares after each click, so that one episode is many scenes. It
sends each click to its site as a form: which scene, on what, where.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from envs.desktop import Probe
from envs.types import SCREEN, Click, Launch, Rect, Scene, Site
from scoring.verdict import Verdict
from tasks.base import Budget, Step, Task

COLOURS = {"red": "#dc2828", "green": "#28b43c", "blue": "#2850dc", "yellow": "#ebd723"}
SIDE = 288
"""Of a square, in pixels of the screen; its share of it is `CHANCE`."""
GAP = 60
"""Least distance of two squares, across or down; likewise from the edge of the screen."""
SCENES = 25
CHANCE = SIDE * SIDE / (SCREEN.width * SCREEN.height)
HOST = "squares.localhost"
PAGE = """<!doctype html>
<meta charset="utf-8">
<title>Squares</title>
<style>
html, body { margin: 0; height: 100%; overflow: hidden; background: #f0f0f0; cursor: default }
div { position: absolute; width: SIDEpx; height: SIDEpx }
</style>
<script>
const scenes = SCENES;
let now = 0;
function draw() {
  document.body.replaceChildren();
  for (const [colour, paint, x, y] of scenes[now] ?? []) {
    const square = document.createElement("div");
    square.dataset.colour = colour;
    square.style.background = paint;
    square.style.left = x + "px";
    square.style.top = y + "px";
    document.body.append(square);
  }
}
addEventListener("click", (click) => {
  if (now >= scenes.length) return;
  const on = click.target.dataset?.colour ?? "";
  const body = new URLSearchParams({ scene: now, on, x: click.screenX, y: click.screenY });
  fetch("/click", { method: "POST", body, keepalive: true });
  now += 1;
  draw();
});
addEventListener("DOMContentLoaded", draw);
</script>
<body></body>
"""


@dataclass(frozen=True)
class Square:
    """A coloured square on the screen."""

    colour: str
    box: Rect


@dataclass(frozen=True)
class Hits:
    """How many of the scenes were answered by a click on the square of that colour."""

    colour: str
    name: str = "the clicks"

    def __call__(self, probe: Probe, answer: str) -> Verdict:
        clicks = [dict(post.fields) for post in probe.posts(HOST)]
        hit = {click["scene"] for click in clicks if click["on"] == self.colour}
        return Verdict(
            check=self.name,
            score=len(hit) / SCENES,
            expected=f"{SCENES} clicks on the {self.colour} square",
            actual=f"{len(hit)} of {len(clicks)} clicks on it",
        )


@dataclass(frozen=True)
class Nothing:
    """Is not met by anything."""

    name: str = "nothing"

    def __call__(self, probe: Probe, answer: str) -> Verdict:
        return Verdict(check=self.name, score=0.0, expected="what is not there", actual="nothing")


def scenes(colour: str, rng: Random) -> list[tuple[Square, Square]]:
    """Each has the colour that is named, and another."""
    others = [each for each in COLOURS if each != colour]
    return [_pair(colour, rng.choice(others), rng) for _ in range(SCENES)]


def _pair(named: str, other: str, rng: Random) -> tuple[Square, Square]:
    first, second = _box(rng), _box(rng)
    while abs(first.x - second.x) < SIDE + GAP and abs(first.y - second.y) < SIDE + GAP:
        second = _box(rng)
    return Square(named, first), Square(other, second)


def _box(rng: Random) -> Rect:
    x, y = (rng.randrange(GAP, side - SIDE - GAP) for side in (SCREEN.width, SCREEN.height))
    return Rect(x=x, y=y, width=SIDE, height=SIDE)


def page(drawn: list[tuple[Square, Square]]) -> bytes:
    """The page that shows them one after the other."""
    told = [[(each.colour, COLOURS[each.colour], each.box.x, each.box.y) for each in pair] for pair in drawn]
    return PAGE.replace("SIDE", str(SIDE)).replace("SCENES", json.dumps(told)).encode()


def clicks(drawn: list[tuple[Square, Square]], which: int):
    """A play that clicks the first or the second square of each scene."""

    def play(see: Probe) -> Iterator[Step]:
        for pair in drawn:
            yield Step(intent=f"the {pair[which].colour} square", actions=(Click(at=pair[which].box.centre),))

    return play


def still(seed: int) -> Iterator[Task]:
    """The same goal where there is nothing to see: for what goes wrong before anything is done."""
    yield Task(id="squares/none@1", goal="Click the red square", checks=(Nothing(),), budget=Budget(steps=3))


def suite(seed: int) -> Iterator[Task]:
    """A task a colour."""
    for colour in COLOURS:
        drawn = scenes(colour, Random(f"{seed} {colour}"))
        yield Task(
            id=f"squares/{colour}@1",
            goal=f"Click the {colour} square",
            scene=Scene(
                sites=(Site(host=HOST, pages={"/": page(drawn)}),),
                open=(Launch(argv=("chromium", "--kiosk", f"http://{HOST}/"), window="Squares"),),
            ),
            checks=(Hits(colour),),
            budget=Budget(steps=SCENES),
            apps=("chromium",),
            solution=clicks(drawn, 0),
            near_misses={"the other square": clicks(drawn, 1)},
        )
