"""A film of each episode: what was meant, where it was done, what it led to, and the verdict at the end.

Only what was recorded is shown, so the film is derived: the same log gives the same film. Dead time is left
out: a decision that took half a minute takes a second here, and the film says how long it took. `plan` lays
the turns out on the film's clock; the viewer uses it to keep film and steps together.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeAlias

from PIL import Image

from envs.types import Drag, Finish, Point, Type
from scoring.cards import closing, opening
from scoring.record import Looked
from scoring.scenes import Stage, gesture, stage
from scoring.story import Story, Turn, aim

Kind: TypeAlias = Literal["goal", "think", "act", "see", "end"]

WIDE = 1280  # pixels: what a laptop shows whole, and a multiple of 128
BLANK = (WIDE, 720)  # the screen of an episode that never had a picture
GOAL, SEE, REFUSAL, VERDICT = 2.4, 0.7, 1.8, 5.0  # seconds shown
THINK = 1.0  # the most that a decision takes in the film
TRAVEL, GESTURE = 0.4, 0.7  # the pointer's way, and what it does there
PER_CHARACTER, TYPING = 0.03, 1.6  # seconds a character is typed in, and the most for all of them
MOVING, STILL = 0.05, 0.5  # seconds between pictures, while something moves and while nothing does


@dataclass(frozen=True)
class Shot:
    """A part of the film, in seconds on its clock. `turn` is an index into the story's turns."""

    kind: Kind
    start: float
    seconds: float
    turn: int = -1
    travel: float = 0.0
    """Of an `act`: how much of it the pointer is on its way."""
    came_from: Point | None = None

    @property
    def end(self) -> float:
        """When the next part starts."""
        return self.start + self.seconds


def left_at(turn: Turn, was: Point | None) -> Point | None:
    """Where the pointer is after the turn."""
    if turn.after is not None and turn.after.refused:
        return was
    return turn.action.path[-1] if isinstance(turn.action, Drag) else aim(turn.action) or was


def plan(story: Story) -> tuple[Shot, ...]:
    """The parts of the film, one after another without a gap."""
    shots = [Shot("goal", 0.0, GOAL)]
    pointer: Point | None = None

    def add(kind: Kind, seconds: float, turn: int, travel: float = 0.0) -> None:
        shots.append(Shot(kind, round(shots[-1].end, 3), round(seconds, 3), turn, travel, pointer))

    for place, turn in enumerate(story.turns):
        thought = turn.split.model
        if thought >= 0.05:
            add("think", min(THINK, max(0.3, thought)), place)
        if isinstance(turn.action, Finish):
            continue
        start = aim(turn.action)
        travel = TRAVEL if start is not None and pointer is not None and start != pointer else 0.0
        typed = min(TYPING, PER_CHARACTER * len(turn.action.text)) if isinstance(turn.action, Type) else 0.0
        add("act", travel + max(GESTURE, typed), place, travel)
        pointer = left_at(turn, pointer)
        if turn.after is not None:
            add("see", REFUSAL if turn.after.refused else SEE, place)
    add("end", VERDICT, -1)
    return tuple(shots)


def ticks(shot: Shot) -> Iterator[float]:
    """When pictures are made, in seconds from the shot's start."""
    apart = MOVING if shot.kind == "act" else STILL
    count = max(1, round(shot.seconds / apart))
    yield from (number * apart for number in range(count))


Load: TypeAlias = Callable[[Looked | None], Image.Image]


def pictures(story: Story, load: Load) -> Iterator[tuple[float, Image.Image]]:
    """Each picture of the film with its time. `load` gives the screen, scaled as the film shows it."""
    set_ = stage(story, load(story.shown))
    shots = plan(story)
    for shot in shots:
        still: Image.Image | None = None
        for tick in ticks(shot):
            if still is None or shot.kind == "act":
                still = _picture(set_, shot, tick, load)
            yield shot.start + tick, still
    if still is not None:
        yield shots[-1].end, still


def _picture(set_: Stage, shot: Shot, tick: float, load: Load) -> Image.Image:
    story = set_.story
    if shot.kind == "goal":
        return opening(set_, load(story.first))
    if shot.kind == "end":
        return closing(set_, load(story.last))
    turn = story.turns[shot.turn]
    if shot.kind == "see":
        return set_.dress(load(turn.after), turn, after=True)
    image = set_.dress(load(turn.before), turn, after=False)
    if shot.kind == "act":
        on_way = min(1.0, tick / shot.travel) if shot.travel else 1.0
        done = max(0.0, tick - shot.travel) / max(0.001, shot.seconds - shot.travel)
        gesture(set_, image, turn, shot.came_from, on_way, done)
    return image


def render(folder: Path, story: Story, out: Path) -> Path:
    """Write the film of one episode as MP4 (H.264). Whole when it is there at all: it is renamed into place."""
    import av

    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_suffix(".part")
    container = av.open(str(partial), "w", format="mp4", options={"movflags": "+faststart", "fflags": "+bitexact"})
    with container:
        stream = None
        for seconds, image in pictures(story, loader(folder)):
            if stream is None:
                stream = container.add_stream("libx264", rate=30, options=CODING)
                stream.width, stream.height, stream.pix_fmt = image.width, image.height, "yuv420p"
                stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
                stream.codec_context.thread_count = 1
                stream.codec_context.colorspace = stream.codec_context.color_primaries = 1
                stream.codec_context.color_trc = stream.codec_context.color_range = 1
            whole = av.VideoFrame.from_image(image)  # type: ignore[no-untyped-call]  # av leaves its types out here
            frame = whole.reformat(format="yuv420p", dst_colorspace="itu709")
            frame.pts, frame.time_base = round(seconds * 1000), Fraction(1, 1000)
            container.mux(stream.encode(frame))
        if stream is not None:
            container.mux(stream.encode())
    return partial.replace(out)


CODING = {"crf": "24", "preset": "veryfast", "tune": "animation", "g": "40"}


def loader(folder: Path) -> Load:
    """Reads a run's pictures, scaled to the film's width; grey where a picture is not there."""

    @lru_cache(4)
    def read(frame: str, wide: int, high: int) -> Image.Image:
        size = film_size(wide, high)
        try:
            with Image.open(io.BytesIO((folder / "frames" / f"{frame}.png").read_bytes())) as image:
                return image.convert("RGB").resize(size, Image.Resampling.LANCZOS)
        except OSError:
            return Image.new("RGB", size, (96, 96, 96))

    def load(look: Looked | None) -> Image.Image:
        return read(look.frame, look.size.width, look.size.height) if look else Image.new("RGB", BLANK)

    return load


def film_size(wide: int, high: int) -> tuple[int, int]:
    """The size at which the film shows a screen: as wide as every film, and of even height, as H.264 wants it.

    Small screens are shown larger, so that the captions have room. The width is a multiple of 128 for another
    reason: x264 reads past the end of planes that PyAV has not aligned, and the film differs by what is there.
    """
    return WIDE, max(2, round(high * WIDE / wide / 2) * 2)


def film(folder: Path, name: str) -> Path:
    """Where an episode's film is kept."""
    return folder / "videos" / f"{name}.mp4"
