"""`handeye osworld export`: a run of ours as a folder of OSWorld's results, which OSWorld's own summaries read."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any  # OSWorld's own JSON

import msgspec

from envs.errors import BadInput
from scoring.metrics import current
from scoring.osworld.results import writing
from scoring.osworld.results.layout import (
    ARGUMENTS,
    BASELINES,
    BEFORE,
    INSTRUCTION,
    LOG,
    ORIGIN,
    OURS,
    OWN,
    RECORDING,
    RESULT,
    SUMMARY,
    TRAJECTORY,
)
from scoring.record import Run
from scoring.story import Story, read

OK = 0
SPACE, OBSERVATION = "pyautogui", "screenshot"


@dataclass(frozen=True)
class Target:
    """Where an episode goes: the folders' names below the result directory."""

    model: str
    domain: str
    task: str

    def within(self, out: Path) -> Path:
        """The task's folder."""
        return out / SPACE / OBSERVATION / self.model / self.domain / self.task


def export(folder: Path, out: Path, *, films: bool = True) -> int:
    """Write the run's episodes that count. Raises BadInput for what is no run, or where a result is there already."""
    run, stories = read(folder)
    targets = placed(current(stories))
    if not targets:
        raise BadInput(f"{folder} has no episode to export")
    there = [target.within(out) for target in targets if (target.within(out) / RESULT).exists()]
    if there:
        raise BadInput(
            f"{len(there)} of the results are there already, the first: {there[0]}; OSWorld goes on by them, so none "
            "is replaced: choose another --out, or remove them"
        )
    try:
        entries = [_episode(folder, story, out, target, films=films) for target, story in targets.items()]
        for model in {target.model: target for target in targets}.values():
            _arguments(run, model.within(out).parent.parent, model.model, out)
        _summarise(out / SUMMARY, entries)
    except OSError as err:
        raise BadInput(f"cannot write to {out}: {err.strerror or err}; what was written is kept") from err
    results = sum(entry["status"] == "success" for entry in entries)
    models = sorted({str(target.within(out).parent.parent) for target in targets})
    sys.stdout.write(f"{len(entries)} tasks, {results} with a result, in {' and '.join(models)}\n")
    return OK


def placed(stories: Sequence[Story]) -> dict[Target, Story]:
    """Where each goes. OSWorld has one folder a task: several seeds or repeats of one are several models there."""
    seen: dict[Target, list[Story]] = {}
    for story in stories:
        seen.setdefault(_target(story), []).append(story)
    several = any(len(group) > 1 for group in seen.values())
    return {
        (_target(story, f"_s{story.started.seed}_r{story.started.repeat}" if several else "")): story
        for group in seen.values()
        for story in group
    }


def _target(story: Story, more: str = "") -> Target:
    start = story.started
    model = f"{start.agent}{f'_{start.condition}' if start.condition else ''}{more}"
    first, _, rest = start.task.removeprefix("osworld/").partition("/")
    domain, task = (first, rest) if rest else (start.suite, first)
    return Target(_name(model), _name(domain), _name(task))


def _name(text: str) -> str:
    """As a folder's name."""
    return re.sub(r"[^\w.@()=,+-]+", "-", text).strip("-.")[:120] or "unnamed"


def _episode(folder: Path, story: Story, out: Path, target: Target, *, films: bool) -> dict[str, Any]:
    """Write one task's folder, its result last. Returns its line of the summary."""
    place = target.within(out)
    place.mkdir(parents=True, exist_ok=True)
    for old in (*(place / name for name in OURS), *place.glob("step_*.png")):
        old.unlink(missing_ok=True)
    picture = _pictures(folder, place)
    if story.first is not None:
        picture(story.first.frame, BEFORE[0])
    rows = []
    for each in writing.lines(story):
        if each.frame is not None and not picture(each.frame, each.file):
            each.line["screenshot_file"] = None
        rows.append(json.dumps(each.line, ensure_ascii=False))
    (place / TRAJECTORY).write_text("".join(f"{row}\n" for row in rows), "utf-8")
    (place / INSTRUCTION).write_text(story.started.goal, "utf-8")
    (place / ORIGIN).write_bytes(msgspec.json.format(msgspec.json.encode(writing.origin(story)), indent=2) + b"\n")
    (place / LOG).write_text(_log(story), "utf-8")
    if films:
        from scoring.viewer.export import filmed

        shutil.copyfile(filmed(folder, story), place / RECORDING)
    score = writing.result(story)
    if score is not None:
        (place / RESULT).write_text(f"{score}\n", "utf-8")
    entry: dict[str, Any] = {
        "application": target.domain,
        "task_id": target.task,
        "status": "error" if score is None else "success",
        "score": score or 0.0,
        "timestamp": datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S"),
    }
    why = story.ended.reason if story.ended else writing.UNENDED
    return entry if score is not None else {**entry, "err_message": why or "no result"}


def _pictures(folder: Path, place: Path) -> Callable[[str, str], bool]:
    """Puts a picture of the run into the task's folder; False where the run does not have it any more."""

    def put(frame: str, name: str) -> bool:
        source = folder / "frames" / f"{frame}.png"
        if source.is_file():
            shutil.copyfile(source, place / name)
            return True
        return False

    return put


def _log(story: Story) -> str:
    """What happened, in words."""
    from scoring.words import said

    start = story.started
    lines = [f"{start.task} by {start.agent}, begun {start.utc}", f"Instruction: {start.goal}"]
    lines += [f"{turn.acted:.3f} s, action {turn.number}: {said(turn.action)}" for turn in story.turns]
    lines += [f"{each.check}: {each.score:g}; wanted {each.expected}, found {each.actual}" for each in story.finals]
    if story.ended:
        score = "none" if story.ended.score is None else f"{story.ended.score:g}"
        lines.append(f"{story.ended.how}, result {score}{f': {story.ended.reason}' if story.ended.reason else ''}")
    return "\n".join(lines) + "\n"


def _arguments(run: Run, model: Path, name: str, out: Path) -> None:
    """What OSWorld's runner was called with, as far as we have its like."""
    said: Mapping[str, Any] = {
        "action_space": SPACE,
        "observation_type": OBSERVATION,
        "model": name,
        "result_dir": str(out),
        "screen_width": run.size.width,
        "screen_height": run.size.height,
        OWN: {
            "version": run.handeye,
            "run": run.id,
            "agent": run.agent,
            "suite": run.suite,
            "options": {name: run.options[name] for name in BASELINES if name in run.options},
        },
    }
    limit = run.options.get("steps")
    said = {**said, "max_steps": int(limit)} if limit else said
    (model / ARGUMENTS).write_text(json.dumps(said, indent=4, ensure_ascii=False) + "\n", "utf-8")


def _summarise(path: Path, entries: Sequence[Mapping[str, Any]]) -> None:
    """Add to the summary, as OSWorld's runner does. One that is no list is left as it is, and said so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    known: object = []
    if path.exists():
        try:
            known = json.loads(path.read_text("utf-8") or "[]")
        except ValueError:
            known = None
    if not isinstance(known, list):
        raise BadInput(f"wanted a list in {path}, found something else; move it away, and export again")
    part = path.with_suffix(".part")
    part.write_text(json.dumps([*known, *entries], indent=2, ensure_ascii=False) + "\n", "utf-8")
    part.replace(path)
