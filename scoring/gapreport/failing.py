"""Why failed episodes failed, as far as records tell, and everything that was left out of a number."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from envs.types import Closed
from scoring.association import TAU
from scoring.autopsy import Cause, Causes, causes
from scoring.gapreport.tables import counted, last_reached
from scoring.metrics import ending, outcome, passed
from scoring.story import Story
from scoring.study import Entrant, Records
from scoring.understanding.items import Rung
from scoring.understanding.rungs import Unit, by_task, latest, units

ORDER: tuple[tuple[Rung, Cause], ...] = (
    ("L0", "perceive"),
    ("L1", "ground"),
    ("L3", "plan"),
    ("L2", "predict"),
    ("L4", "verify"),
)
UNREAD = ("unreadable", "truncated", "protocol")
MOST = 0.05


class Failure(Closed):
    """One failed episode. `probes` is how many questions about its own screens were answered; without any, `cause` is
    the first rung below 0.8 of the task's questions about its solution's screens. None where nothing was asked.

    `reached` is the last check or milestone that was met and stayed so.
    """

    episode: str
    task: str
    seed: int
    repeat: int
    ended: str
    reached: str
    cause: Cause | None
    probes: int
    why: str


class Failures(Closed):
    """Causes of all failures without help; `own` are told from the episodes' own screens, `task` from the task's.

    `unknown` is how many have no cause, as nothing was asked. `void` are episodes that were ours to lose.
    """

    lines: tuple[Failure, ...]
    own: Causes
    task: Causes
    unknown: int
    endings: dict[str, int]


def failures(records: Records, entrant: Entrant) -> Failures:
    """Look into every failed episode without help."""
    asked = by_task(records.items, entrant.responses)
    probes = _probes(entrant)
    failed = [story for story in counted(entrant.life.stories) if not passed(story)]
    lines = tuple(_failure(story, asked, probes.get(story.name, [])) for story in failed)
    void = [story for story in entrant.life.attempts if outcome(story) == "void"]
    infra: list[Cause] = ["infra"] * len(void)
    return Failures(
        lines=lines,
        own=causes([*(line.cause for line in lines if line.cause and line.probes), *infra]),
        task=causes([*(line.cause for line in lines if line.cause and not line.probes), *infra]),
        unknown=sum(line.cause is None for line in lines),
        endings=dict(sorted(Counter(line.ended for line in lines).items())),
    )


def _probes(entrant: Entrant) -> dict[str, list[Unit]]:
    """Answered questions about an episode's own screens, by the episode."""
    found: dict[str, list[Unit]] = defaultdict(list)
    answered = [each for _, each in sorted(latest(entrant.probed).items()) if not each.blind]
    for unit in units(entrant.probes, answered):
        for episode in dict.fromkeys(name for item in unit.items for name, _ in item.plays):
            found[episode].append(unit)
    return found


def _failure(story: Story, asked: Mapping[str, Mapping[Rung, float]], probes: list[Unit]) -> Failure:
    ended = story.ended
    return Failure(
        episode=story.name,
        task=story.started.task,
        seed=story.started.seed,
        repeat=story.started.repeat,
        ended=ending(story),
        reached=last_reached(story.milestones),
        cause=_cause(story, asked.get(story.started.task, {}), probes),
        probes=len(probes),
        why=next(
            (f"{each.check}: {each.actual}" for each in story.finals if not each.met), ended.reason if ended else ""
        ),
    )


def _cause(story: Story, rungs: Mapping[Rung, float], probes: list[Unit]) -> Cause | None:
    if story.ended is not None and story.ended.how == "agent_fault" and story.ended.cause in UNREAD:
        return "format"
    if probes:
        wrong = {unit.items[0].rung for unit in probes if min(unit.worths) < 1}
        return next((cause for rung, cause in ORDER if rung in wrong), "none_failed")
    if not rungs:
        return None
    return next((cause for rung, cause in ORDER if rungs.get(rung, 1.0) < TAU - 1e-9), "none_failed")


class Exclusion(Closed):
    """Something that is in no number, or in one only as a failure. `what` is an item, an answer or an episode."""

    agent: str
    what: str
    where: str
    why: str
    count: int


def exclusions(records: Records) -> tuple[Exclusion, ...]:
    """Everything left out, and why, counted."""
    return tuple(sorted((*_candidates(records), *_answers(records), *_episodes(records)), key=_key))


def _key(each: Exclusion) -> tuple[str, str, str, str]:
    return each.agent, each.what, each.where, each.why


def _candidates(records: Records) -> Iterator[Exclusion]:
    found: Counter[tuple[str, str]] = Counter()
    for each in records.bank.dropped if records.bank else ():
        found[f"{each.rung} {each.task}", each.why] += each.count
    for (where, why), count in found.items():
        yield Exclusion(agent="", what="item", where=where, why=why, count=count)
    for shortcut in records.bank.shortcuts if records.bank else ():
        if shortcut.dropped:
            why = f"answered without the screen ({shortcut.solver})"
            yield Exclusion(agent="", what="item", where=shortcut.rung, why=why, count=shortcut.dropped)


def _answers(records: Records) -> Iterator[Exclusion]:
    rungs = {item.id: item.rung for item in records.items}
    for entrant in records.entrants:
        found: Counter[tuple[str, str]] = Counter()
        for each in latest(entrant.responses).values():
            where = rungs.get(each.item, "none of the bank")
            if each.item not in rungs:
                found[where, "its item is not in the bank"] += 1
            elif each.status == "error":
                found[where, "an endpoint's fault: in no mean"] += 1
            elif each.status == "invalid":
                found[where, "could not be read: counts as wrong"] += 1
        for (where, why), count in found.items():
            yield Exclusion(agent=entrant.contender.slug, what="answer", where=where, why=why, count=count)


def _episodes(records: Records) -> Iterator[Exclusion]:
    for entrant in records.entrants:
        found: Counter[tuple[str, str]] = Counter()
        for condition, played in entrant.played.items():
            current = {story.name for story in played.stories}
            for worth in played.singles.values():
                if isinstance(worth, str):
                    found[condition, f"{worth}: in no mean"] += 1
            for story in played.attempts:
                if (why := _left_out(story, again=story.name not in current)) != "":
                    found[condition or "no help", why] += 1
        for (where, why), count in found.items():
            yield Exclusion(agent=entrant.contender.slug, what="episode", where=where, why=why, count=count)


def _left_out(story: Story, *, again: bool) -> str:
    match outcome(story):
        case "void":
            how = story.ended.how.replace("_", " ") if story.ended else ""
            return f"{how}: in no mean{', played again' if again else ''}"
        case "stopped":
            return "stopped or cut off: in no mean"
        case "agent_fault":
            return (
                f"failed by the agent ({story.ended.cause if story.ended and story.ended.cause else 'raised'}): a 0"
            )
    return "a further attempt at what was judged before" if again else ""


def lost(entrant: Entrant) -> tuple[int, int]:
    """How many attempts were lost to faults that are ours, of how many, under all conditions."""
    every = [story for played in entrant.played.values() for story in played.attempts]
    return sum(outcome(story) == "void" for story in every), len(every)
