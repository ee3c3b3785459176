"""The page itself: what the run's logs tell, as data inside one HTML file with its style and script."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

import msgspec
from msgspec.structs import replace

from envs.types import About, Called, Closed, Point, Size
from scoring.metrics import Outcome, current, outcome, passed
from scoring.record import Decided, Deed, Judged, Looked, Run
from scoring.replay import BLANK, Shot, film_size, left_at, plan
from scoring.report import of, sheets, why
from scoring.scenes import FOOT
from scoring.story import Split, Story, Turn, read
from scoring.verdict import Verdict
from scoring.words import said

SCRIPTS = ("dom.js", "table.js", "overlay.js", "episode.js", "main.js")
RAW = 20_000  # characters of a model's reply that the page carries


class Spent(Closed):
    """Seconds of a turn."""

    model: float
    act: float
    settle: float
    look: float
    harness: float


class Step(Closed):
    """A turn, as the page shows it. `film` is where it is on the film's clock; `pointer` where the pointer was."""

    number: int
    action: Deed
    words: str
    intent: str
    thought: str
    raw: str
    leads: bool
    before: str | None
    after: str | None
    refused: str
    settled: bool
    pointer: Point | None
    acted: float
    split: Spent
    film: tuple[float, float]
    input_tokens: int
    output_tokens: int
    usd: float | None
    reached: tuple[str, ...]
    calls: tuple[Called, ...] = ()
    """The model calls that were made for the decision, on its first action."""


class Episode(Closed):
    """An attempt, as the page shows it. Paths are relative to the page."""

    name: str
    task: str
    goal: str
    seed: int
    repeat: int
    agent: str
    apps: tuple[str, ...]
    utc: str
    outcome: Outcome
    how: str
    passed: bool
    counted: bool
    score: float | None
    reason: str
    claim: str
    answer: str
    why: str
    steps: int
    solution_steps: int | None
    budget_steps: int
    budget_seconds: float
    seconds: float
    model_seconds: float
    usd: float | None
    desktop: About
    source: str
    """Whose record it was made from, where not ours."""
    size: Size | None
    first: str | None
    checks: tuple[str, ...]
    verdicts: tuple[Verdict, ...]
    milestones: tuple[Judged, ...]
    film: str
    film_seconds: float
    film_opening: float
    film_size: tuple[int, int]
    turns: tuple[Step, ...]
    last_calls: tuple[Called, ...] = ()
    """The model calls after which nothing was decided: those that led to a fault."""


class Data(Closed):
    """All that the page knows."""

    run: Run
    summary: tuple[tuple[str, str], ...]
    latency: dict[str, float]
    """Mean seconds of a step's parts; no parts where no step was taken."""
    episodes: tuple[Episode, ...]
    frames: str = "frames"
    thumbs: str = "thumbs"


def page(folder: Path) -> bytes:
    """The page of a run, as it is now. Raises BadInput when the folder is no run."""
    run, stories = read(folder)
    return dressed(collect(run, stories))


def collect(run: Run, stories: tuple[Story, ...]) -> Data:
    """What the page knows of a run."""
    counted = {story.name for story in current(stories)}
    report = of(run, stories)
    parts = report.numbers.latency
    spent = {
        "model": parts.model.total,
        "act": parts.act.total,
        "settle": parts.settle.total,
        "look": parts.look.total,
        "harness": parts.harness.total,
    }
    return Data(
        run=run,
        summary=tuple((row[0], row[1]) for row in sheets(report)[0].rows),
        latency={name: total / parts.step.count for name, total in spent.items() if parts.step.count},
        episodes=tuple(_episode(story, counted=story.name in counted) for story in stories),
    )


def _episode(story: Story, *, counted: bool) -> Episode:
    start, ended, shots = story.started, story.ended, plan(story)
    prices = [decided.usd for decided in story.decisions if decided.usd is not None]
    return Episode(
        name=story.name,
        task=start.task,
        goal=start.goal,
        seed=start.seed,
        repeat=start.repeat,
        agent=start.agent,
        apps=start.apps,
        utc=start.utc,
        outcome=outcome(story),
        how=ended.how if ended else "no last line: cut off, or still running",
        passed=passed(story),
        counted=counted,
        score=ended.score if ended else None,
        reason=ended.reason if ended else "",
        claim=ended.claim if ended else "",
        answer=ended.answer if ended else "",
        why=why(story),
        steps=story.actions,
        solution_steps=start.solution_steps,
        budget_steps=start.budget_steps,
        budget_seconds=start.budget_seconds,
        seconds=story.lasted,
        model_seconds=sum(decided.seconds for decided in story.decisions),
        usd=sum(prices) if prices else None,
        desktop=start.desktop,
        source=start.source,
        size=story.shown.size if story.shown else None,
        first=_frame(story.first),
        checks=start.checks,
        verdicts=story.finals,
        milestones=story.milestones,
        film=f"videos/{quote(story.name)}.mp4",
        film_seconds=shots[-1].end,
        film_opening=shots[0].end,
        film_size=_film_size(story),
        turns=tuple(_steps(story, shots)),
        last_calls=_calls(story.decisions[-1]) if story.decisions and not story.decisions[-1].actions else (),
    )


def _film_size(story: Story) -> tuple[int, int]:
    wide, high = film_size(story.shown.size.width, story.shown.size.height) if story.shown else BLANK
    return wide, high + FOOT


def _frame(look: Looked | None) -> str | None:
    return look.frame if look else None


def _steps(story: Story, shots: tuple[Shot, ...]) -> list[Step]:
    steps: list[Step] = []
    pointer: Point | None = None
    at = shots[0].end
    for place, turn in enumerate(story.turns):
        mine = [shot for shot in shots if shot.turn == place]
        span = (mine[0].start, mine[-1].end) if mine else (at, at)
        steps.append(_step(turn, pointer, span, Split() if story.started.source else turn.split))
        pointer, at = left_at(turn, pointer), span[1]
    return steps


def _step(turn: Turn, pointer: Point | None, film: tuple[float, float], split: Split) -> Step:
    decided = turn.decided
    return Step(
        number=turn.number,
        action=turn.action,
        words=said(turn.action),
        intent=decided.intent if decided else "",
        thought=decided.thought if decided and turn.leads else "",
        raw=decided.raw[:RAW] if decided and turn.leads else "",
        leads=turn.leads,
        before=_frame(turn.before),
        after=_frame(turn.after),
        refused=turn.after.refused if turn.after else "",
        settled=turn.after.settled if turn.after else True,
        pointer=pointer,
        acted=turn.acted,
        split=Spent(
            model=split.model, act=split.act, settle=split.settle, look=split.look, harness=round(split.harness, 6)
        ),
        film=(round(film[0], 3), round(film[1], 3)),
        input_tokens=decided.input_tokens if decided else 0,
        output_tokens=decided.output_tokens if decided else 0,
        usd=decided.usd if decided else None,
        reached=turn.reached,
        calls=_calls(decided) if turn.leads else (),
    )


def _calls(decided: Decided | None) -> tuple[Called, ...]:
    return tuple(replace(each, raw=each.raw[:RAW]) for each in decided.calls) if decided else ()


def dressed(data: Data) -> bytes:
    """The whole HTML file. Only the style and script in it may run: the policy names them by their digests."""
    here = files("scoring.viewer")
    style = (here / "page.css").read_text("utf-8")
    script = "\n".join((here / name).read_text("utf-8") for name in SCRIPTS)
    policy = (
        f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; "
        "img-src 'self' data:; media-src 'self'; base-uri 'none'; form-action 'none'"
    )
    parts = {"{{csp}}": policy, "{{style}}": style, "{{data}}": _harmless(data), "{{script}}": script}
    made = (here / "page.html").read_text("utf-8")
    before, *rest = made.split("{{")
    for piece in rest:
        name, after = piece.split("}}", 1)
        before += parts[f"{{{{{name}}}}}"] + after
    return before.encode()


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _harmless(data: Data) -> str:
    """JSON that cannot end the element it stands in."""
    text = msgspec.json.encode(data).decode()
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("\u2028", "\\u2028")
