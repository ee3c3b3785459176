"""The proof of a task: what must hold of it, and whether it did.

    solution        scores 1 and meets the milestones
    idle            scores 0
    near-misses     three at least, and each scores 0
    equivalents     one at least, and each scores 1
    resets          every episode of a task and seed begins with the same picture, to the pixel
    reading only    the checks change neither the windows nor the screen (the loop's audit says so as a TaskFault)

Playing is `agent.proving`'s: here stands what to play, and what to make of the logs.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from PIL import Image, ImageChops

from envs.desktop import Probe
from envs.types import Closed, Finish
from scoring.story import Story
from tasks.base import Play, Step, Task

NEAR_MISSES = 3
EQUIVALENTS = 1
RESETS = "resets"


@dataclass(frozen=True)
class Case:
    """A way through a task, and the score that it must have."""

    name: str
    play: Play
    score: float
    milestones: bool = False
    """Whether all milestones must be met at its end."""


class Finding(Closed):
    """One thing that must hold of a task for a seed. `episode` is where it can be seen, in the run's folder."""

    task: str
    seed: int
    what: str
    holds: bool
    expected: str
    actual: str
    episode: str = ""
    seconds: float = 0.0


def idle(see: Probe) -> Iterator[Step]:  # noqa: ARG001 - it looks at nothing
    """Does nothing, and says that it is done."""
    yield Step(intent="leave all as it is", actions=(Finish(),))


def cases(task: Task) -> tuple[Case, ...]:
    """Every way that must be played to prove the task."""
    solution = (Case("solution", task.solution, 1.0, milestones=True),) if task.solution else ()
    return (
        *solution,
        Case("idle", idle, 0.0),
        *(Case(f"near-miss {name}", play, 0.0) for name, play in task.near_misses.items()),
        *(Case(f"equivalent {name}", play, 1.0) for name, play in task.equivalents.items()),
    )


def shape(task: Task, seed: int) -> Iterator[Finding]:
    """What must hold before anything is played."""

    def counted(what: str, found: int, wanted: int) -> Finding:
        return Finding(
            task=task.id,
            seed=seed,
            what=what,
            holds=found >= wanted,
            expected=f"{wanted} at least",
            actual=str(found),
        )

    if task.solution is None:
        yield counted("a solution", 0, 1)
    yield counted("near-misses", len(task.near_misses), NEAR_MISSES)
    yield counted("equivalents", len(task.equivalents), EQUIVALENTS)
    yield counted("milestones", len(task.milestones), 1)


def played(task: Task, seed: int, case: Case, story: Story) -> Finding:
    """Whether a case that was played scored what it must."""
    ended = story.ended
    score = ended.score if ended else None
    holds, actual = score == case.score, _actual(story)
    unmet = [each.verdict for each in story.milestones if each.step == story.actions and not each.verdict.met]
    if holds and case.milestones and unmet:
        holds = False
        actual += f"; the milestone {unmet[0].check!r} expected {unmet[0].expected}, found {unmet[0].actual}"
    return Finding(
        task=task.id,
        seed=seed,
        what=case.name,
        holds=holds,
        expected=f"score {case.score:g}" + (" and every milestone met" if case.milestones else ""),
        actual=actual,
        episode=story.name,
        seconds=round(story.lasted, 3),
    )


def _actual(story: Story) -> str:
    ended = story.ended
    if ended is None:
        return "the episode did not end"
    if ended.score is None:
        return f"{ended.how.replace('_', ' ')}: {ended.reason}"
    said = [f"{each.check}: expected {each.expected}, found {each.actual}" for each in story.finals if not each.met]
    if ended.how != "finished":
        said.insert(0, f"{ended.how.replace('_', ' ')}: {ended.reason}")
    return f"score {ended.score:g}" + (f" ({'; '.join(said)})" if said else "")


def resets(task: Task, seed: int, stories: Sequence[Story], frame: Callable[[str], bytes]) -> Finding:
    """Whether all of a task's episodes began with the same picture. `frame` gives a picture's bytes by its name."""
    firsts = [(story.name, story.first.frame) for story in stories if story.first is not None]
    odd = next((each for each in firsts[1:] if _differ(each[1], firsts[0][1], frame)), None)
    actual = f"{len(firsts)} alike"
    if odd is not None:
        actual = f"{firsts[0][0]} and {odd[0]} differ in {_differ(odd[1], firsts[0][1], frame)}"
    return Finding(
        task=task.id,
        seed=seed,
        what=RESETS,
        holds=odd is None and len(firsts) > 1,
        expected="the same first picture each time",
        actual=actual,
        episode=odd[0] if odd else "",
    )


def _differ(one: str, other: str, frame: Callable[[str], bytes]) -> str:
    """Where two pictures differ, as a box; empty when no pixel does."""
    if one == other:
        return ""
    with Image.open(io.BytesIO(frame(one))) as first, Image.open(io.BytesIO(frame(other))) as second:
        if first.size != second.size:
            return f"size, {first.size} and {second.size}"
        box = ImageChops.difference(first.convert("RGB"), second.convert("RGB")).getbbox()
    return f"the box ({', '.join(map(str, box))})" if box else ""
