"""How the film begins and ends: the goal, and what the checks said."""

from __future__ import annotations

from PIL import Image

from scoring.drawing import GOOD, INK, MUTED, PAPER, Colour, cut, mark, width, wrap, write
from scoring.metrics import outcome, passed
from scoring.scenes import FOOT, PAD, Stage
from scoring.story import Story
from scoring.verdict import Verdict
from scoring.words import clock

HEADS = {"agent_fault": "failed by the agent", "void": "void: not the agent's fault", "stopped": "stopped"}
TEXT: Colour = (205, 212, 222)
WARNING: Colour = (255, 176, 120)
ROW = 24  # pixels from line to line of a verdict


def opening(set_: Stage, screen: Image.Image) -> Image.Image:
    """The first screen with the goal below, smaller where it is long."""
    image = set_.sheet(screen)
    start, y, room = set_.story.started, set_.height + 8, set_.width - 2 * PAD
    size, lines, step = (21, 2, 28) if width(start.goal, 21) < 1.8 * room else (16, 3, 21)
    for number, line in enumerate(wrap(start.goal, size, room, lines)):
        write(image, (PAD, y + number * step), line, size, PAPER)
    write(image, (PAD, y + 63), cut(f"{start.task}, seed {start.seed}, {start.agent}", 14, room), 14, MUTED)
    return image


def closing(set_: Stage, screen: Image.Image) -> Image.Image:
    """The last screen, dimmed, with every check: what was expected, and what was found."""
    dim = Image.blend(set_.sheet(screen), Image.new("RGB", (set_.width, set_.height + FOOT), INK), 0.9)
    story, room = set_.story, set_.width - 2 * PAD - 16
    head, good = heading(story)
    mark(dim, (PAD + 30, 58), 22, good=good)
    x = PAD + 68.0
    x += write(dim, (x, 34), head, 42, GOOD if good else PAPER)
    score = f"score {story.ended.score:g}, " if story.ended and story.ended.score is not None else ""
    write(dim, (x + 24, 53), f"{score}{story.actions} steps, {clock(story.lasted)}", 22, MUTED)
    y = _paragraph(dim, (PAD + 8, 104), story.started.goal, room, PAPER)
    if story.ended and story.ended.reason:
        y = _paragraph(dim, (PAD + 8, y + 4), story.ended.reason, room, WARNING)
    _verdicts(set_, dim, y + 20)
    return dim


def heading(story: Story) -> tuple[str, bool | None]:
    """The episode's verdict in words, and whether it is good; None where it counts for nothing."""
    said, good = outcome(story), passed(story)
    return HEADS.get(said, "passed" if good else "failed"), None if said in ("void", "stopped") else good


def _paragraph(image: Image.Image, at: tuple[float, float], text: str, room: float, colour: Colour) -> float:
    """Write the text in at most three lines; returns where the next may begin."""
    x, y = at
    for line in wrap(text, 20, room, 3):
        write(image, (x, y), line, 20, colour)
        y += 28
    return y


def _verdicts(set_: Stage, image: Image.Image, y: float) -> None:
    """The verdicts, those not met first, each with as many lines as there is room for."""
    verdicts = sorted(set_.story.finals, key=lambda verdict: verdict.met)
    room = set_.height + FOOT - y - 12
    lines = max(1, min(4, int((room / max(1, len(verdicts)) - 40) / (2 * ROW))))
    fit = max(1, int(room // (40 + 2 * ROW)))
    shown = verdicts if len(verdicts) <= fit else verdicts[: fit - 1]
    for verdict in shown:
        y = _verdict(set_, image, y, verdict, lines)
    if len(shown) < len(verdicts):
        write(image, (PAD + 44, y), f"and {len(verdicts) - len(shown)} more", 19, MUTED)


def _verdict(set_: Stage, image: Image.Image, y: float, verdict: Verdict, lines: int) -> float:
    room = set_.width - 2 * PAD - 150
    mark(image, (PAD + 20, y + 13), 11, good=verdict.met)
    write(image, (PAD + 44, y), cut(verdict.check, 21, room + 90), 21, PAPER)
    y += 29
    for label, text in (("expected", verdict.expected), ("found", verdict.actual)):
        write(image, (PAD + 44, y), label, 17, MUTED)
        for line in wrap(text, 17, room, lines) or [""]:
            write(image, (PAD + 134, y), line, 17, TEXT)
            y += ROW
    return y + 11
