"""What was executed on the screens of a solution: at each of its steps, the step itself and what else was done there.

Whatever play shares its first steps with the solution shows, by its next step, what another action leads to from the
same state: turns do, and so do mutations and near-misses. A state that was not reached alike is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from envs.boxes import shared
from envs.types import Click, Drag, MouseDown, MouseUp, Move, Point, Rect, Scroll, Size
from scoring.changes import PIXELS, Fact, changed, drawn
from scoring.state import fingerprint
from scoring.understanding.deeds import told
from scoring.understanding.pixels import SOME
from scoring.understanding.pixels import changed as changed_pixels
from scoring.understanding.trails import Did, Moment, Trail, Trails
from scoring.understanding.volatile import Mask, differing, masks

POINTER = 28
"""Pixels around its tip, to each side, in which the pointer may be drawn."""
NOTHING = "nothing"
"""The key of what changes where nothing does."""


@dataclass(frozen=True)
class Branch:
    """One step from the solution's moment `step`, and what it led to. `deed` is what was done, in words.

    `seen` are the facts that the pictures bear out, without any where nothing changed that can be seen; `pointer` is
    where the pointer was afterwards.
    """

    step: int
    trail: Trail
    did: Did
    deed: str
    seen: tuple[Fact, ...]
    pointer: Point

    @property
    def after(self) -> Moment:
        """The screen that it led to."""
        return self.trail.moments[self.step + 1]

    @property
    def keys(self) -> frozenset[str]:
        """What the outcome is compared by."""
        return frozenset(fact.key for fact in self.seen) or frozenset((NOTHING,))

    @property
    def own(self) -> bool:
        """Whether it is the solution's own step."""
        return self.trail.operator == "solution"


def branches(trails: Trails) -> dict[int, tuple[Branch, ...]]:
    """Per step of the solution what was executed there and can be told, its own step first, each deed once."""
    volatile = masks(trails)
    found = {}
    for step in range(len(trails.solution.steps)):
        made = dict[str, Branch]()
        for trail in _there(trails, step):
            branch = _branch(trails, trail, step, volatile)
            if branch is not None:
                made.setdefault(branch.deed, branch)
        found[step] = tuple(made.values())
    return found


def _there(trails: Trails, step: int) -> Iterator[Trail]:
    """The solution, and every play that does something else after so many of its steps, in the same state."""
    solution = trails.solution
    yield solution
    turns = trails.turns.get(step, {})
    others = [turns[what] for what in sorted(turns)] + [trails.ways[name] for name in sorted(trails.ways)]
    for trail in others:
        if len(trail.moments) <= step + 1 or parted(trail, solution) < step:
            continue
        if trail.steps[step].actions == solution.steps[step].actions:
            continue
        if fingerprint(trail.moments[step].state) == fingerprint(solution.moments[step].state):
            yield trail


def parted(trail: Trail, solution: Trail) -> int:
    """After how many steps a play does something else than the solution."""
    pairs = zip(trail.steps, solution.steps, strict=False)
    return next((at for at, (one, other) in enumerate(pairs) if one.actions != other.actions), len(solution.steps))


def _branch(trails: Trails, trail: Trail, step: int, volatile: tuple[Mask, ...]) -> Branch | None:
    """A step that was executed; None where it cannot be told, or the pointer lies over what it may have changed."""
    before, after, did = trail.moments[step], trail.moments[step + 1], trail.steps[step]
    here, there = pointer(trail, step), pointer(trail, step + 1)
    masks = volatile[step : step + 2] if trail is trails.solution else volatile[step : step + 1]
    hidden = tuple(box for mask in masks for box in mask.boxes)
    deed = told(did, before.state, before.size)
    tiles, clear = (visible(before, after, points, hidden) for points in ((), (here, there)))
    seen = _borne_out(before, after, tiles, clear) if deed else None
    return None if seen is None else Branch(step=step, trail=trail, did=did, deed=deed, seen=seen, pointer=there)


def _borne_out(
    before: Moment, after: Moment, tiles: tuple[Rect, ...], clear: tuple[Rect, ...]
) -> tuple[Fact, ...] | None:
    """The facts whose place looks otherwise; where there is none but the picture differs, where it does.

    `clear` are the tiles away from the pointer. What lasts may be seen under it as well: it is where a box is ticked.
    None where what passes can be seen under the pointer at most.
    """
    if not tiles:
        return ()
    facts = changed(before.state, after.state, pixels=around(clear) if clear else None)
    there = [fact for fact in facts if (box := fact.box) and any(shared(box, tile) for tile in tiles)]
    kept = tuple(
        fact for fact in there if not fact.passing or ((box := fact.box) and any(shared(box, tile) for tile in clear))
    )
    if kept or not clear:
        return kept if kept or not there else None
    return (drawn(after.state, around(clear)),)


def visible(
    before: Moment, after: Moment, pointers: tuple[Point, ...], volatile: tuple[Rect, ...] = ()
) -> tuple[Rect, ...]:
    """The tiles in which two screens look different, but for what is volatile, and for a pointer that moved."""
    if before.picture == after.picture:
        return ()
    moved = pointers if len({(point.x, point.y) for point in pointers}) > 1 else ()
    hidden = [*volatile, *(near(point) for point in moved)]
    apart = differing(before.png, after.png)
    tiles = tuple(tile for tile in split(apart) if not any(shared(tile, box) for box in hidden))
    seen = accumulate(changed_pixels(before, after, tile) for tile in tiles)
    return tiles if any(pixels >= SOME for pixels in seen) else ()


def split(boxes: tuple[Rect, ...]) -> Iterator[Rect]:
    """Rows of tiles as single ones."""
    for box in boxes:
        for x in range(box.x, box.x + box.width, 16):
            yield Rect(x=x, y=box.y, width=min(16, box.x + box.width - x), height=box.height)


def near(point: Point) -> Rect:
    """Where the pointer is drawn when it is there."""
    return Rect(x=point.x - POINTER, y=point.y - POINTER, width=2 * POINTER, height=2 * POINTER)


def around(tiles: tuple[Rect, ...]) -> Rect:
    """The box that holds them all."""
    left, top = min(tile.x for tile in tiles), min(tile.y for tile in tiles)
    right, bottom = max(tile.x + tile.width for tile in tiles), max(tile.y + tile.height for tile in tiles)
    return Rect(x=left, y=top, width=right - left, height=bottom - top)


def pointer(trail: Trail, steps: int) -> Point:
    """Where the pointer is after so many steps: in the middle at first."""
    at = start(trail.moments[0].size)
    for did in trail.steps[:steps]:
        for action in did.actions:
            if isinstance(action, Click | Move | Scroll | MouseDown | MouseUp) and action.at is not None:
                at = action.at
            elif isinstance(action, Drag):
                at = action.path[-1]
    return at


def start(size: Size) -> Point:
    """Where the pointer is on a fresh desktop."""
    return Point(x=size.width // 2, y=size.height // 2)


def only_pixels(branch: Branch) -> bool:
    """Whether nothing can be told of the outcome but where the picture changed."""
    return bool(branch.seen) and all(fact.rank == PIXELS for fact in branch.seen)
