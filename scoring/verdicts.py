"""From a study's records to its verdicts: one pure function, `build`, and the closed type of all it says.

Everything shown anywhere (terminal, Markdown, page, figures) is read off a `GapReport`. The same
records give the same report, to the byte.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import msgspec

from envs.types import Closed
from scoring.gapreport.aids import Aids, Way, aids, way
from scoring.gapreport.contrasts import Contrast, contrasts
from scoring.gapreport.doing import Doing, doing
from scoring.gapreport.failing import MOST, Exclusion, Failures, exclusions, failures, lost
from scoring.gapreport.harm import Harm, Solutions, harm, solutions
from scoring.gapreport.ladder import Following, Ladder, following, ladder
from scoring.gapreport.pairs import Pair, Row, Standing, pairs, parity_map, standing
from scoring.gapreport.practice import Practice, practice
from scoring.gapreport.tables import lengths
from scoring.mutation import Ran, Trust, corrected_success, trust
from scoring.published import Compared, Figure, published
from scoring.stats import Estimate
from scoring.study import Entrant, Records, Study
from scoring.understanding.items import Operator, Shortcut

FORMAT = 1
DIGITS = 6


class Agent(Closed):
    """All figures of one agent. `success` is control, corrected and bounded for what the scorer gets wrong."""

    who: Standing
    ladder: Ladder
    following: Following
    doing: Doing
    aids: Aids
    way: Way
    failures: Failures
    practice: Practice | None
    harm: Harm
    contrasts: tuple[Contrast, ...]
    success: Estimate


class Recovered(Closed):
    """Of a null or planted agent: what a figure must come out as, and what it did. `inside` is whether its interval
    holds the truth; None where there is none."""

    agent: str
    figure: str
    truth: float
    found: float
    low: float
    high: float
    inside: bool | None


class Instrument(Closed):
    """How far the instrument can be trusted on this very study.

    `audit` is the bank's: solvers that do not see the screen. `trust` is the scorer's own error, None where no
    mutation was played; `lost` the part of attempts that were lost to faults that are ours.
    """

    items: int
    audit: tuple[Shortcut, ...]
    trust: Trust | None
    lost: int
    attempts: int
    recovered: tuple[Recovered, ...]


class GapReport(Closed):
    """All that is said of a study."""

    format: int
    study: Study
    tasks: tuple[str, ...]
    lengths: dict[str, int]
    instrument: Instrument
    agents: tuple[Agent, ...]
    pairs: tuple[Pair, ...]
    parity: tuple[Row, ...]
    figures: tuple[Figure, ...]
    compared: tuple[Compared, ...]
    exclusions: tuple[Exclusion, ...]

    def agent(self, slug: str) -> Agent:
        """One agent's figures."""
        return next(each for each in self.agents if each.who.slug == slug)


def build(records: Records) -> GapReport:
    """The verdicts on a study's records."""
    trusted = _trust(records)
    solved = solutions(records)
    agents = tuple(_agent(records, entrant, trusted, solved) for entrant in records.entrants)
    who = [each.who for each in agents]
    ladders = {each.who.slug: each.ladder for each in agents}
    known = lengths(records)
    figures, compared = published()
    missing = [lost(entrant) for entrant in records.entrants]
    return GapReport(
        format=FORMAT,
        study=records.study,
        tasks=tuple(sorted({line.task for made in ladders.values() for line in made.tasks})),
        lengths=known,
        instrument=Instrument(
            items=len(records.items),
            audit=records.bank.shortcuts if records.bank else (),
            trust=trusted,
            lost=sum(count for count, _ in missing),
            attempts=sum(count for _, count in missing),
            recovered=tuple(_recovered(records, agents)),
        ),
        agents=agents,
        pairs=pairs(who, ladders, {each.who.slug: each.aids for each in agents}, known),
        parity=parity_map(who, ladders),
        figures=figures,
        compared=compared,
        exclusions=exclusions(records),
    )


def _agent(records: Records, entrant: Entrant, trusted: Trust | None, solved: Solutions) -> Agent:
    made = ladder(records, entrant)
    return Agent(
        who=standing(entrant.contender, entrant.cards, _refused(entrant, made)),
        ladder=made,
        following=following(records, entrant, made),
        doing=doing(entrant),
        aids=aids(entrant),
        way=way(records, entrant),
        failures=failures(records, entrant),
        practice=practice(entrant) if entrant.life.attempts else None,
        harm=harm(records, entrant, solved),
        contrasts=contrasts(entrant),
        success=_corrected(made, trusted),
    )


def _refused(entrant: Entrant, made: Ladder) -> str:
    """Why no verdict is given on an agent; empty where nothing speaks against one."""
    gone, of = lost(entrant)
    wrong = [model for model, verdict in sorted(made.standing.items()) if verdict == "wrong"]
    if wrong:
        return f"points do not arrive where {', '.join(wrong)} means them: a wiring fault, not a lack of ability"
    if of and gone > MOST * of:
        return f"{gone} of {of} episodes were lost to faults that are ours, more than {MOST:.0%}"
    return ""


def _corrected(made: Ladder, trusted: Trust | None) -> Estimate:
    nothing = Estimate(value=math.nan, low=math.nan, high=math.nan, count=0)
    if trusted is None or not made.control.count:
        return nothing
    tasks = sum(line.control is not None for line in made.tasks)
    return corrected_success(made.control, trusted, float(tasks))


def _trust(records: Records) -> Trust | None:
    """The scorer's errors by the bank's executed mutations."""
    rows = records.bank.operators if records.bank else ()
    if not rows:
        return None
    solutions = [row for row in rows if row.wanted >= 1 and row.operator.partition(" ")[0] in {"solution", "again"}]
    idle = [row for row in rows if row.operator == "untouched"]
    right = [row for row in rows if row.wanted >= 1 and row not in solutions]
    wrong = [row for row in rows if row.wanted < 1 and row not in idle]
    return trust(_ran(wrong), _ran(right), _ran(solutions), _ran(idle))


def _ran(rows: list[Operator]) -> Ran:
    """`right` counts plays that scored as they should: of wrong ones those that passed are the rest."""
    passed = sum(row.right if row.wanted >= 1 else row.played - row.right for row in rows)
    return Ran(count=sum(row.played for row in rows), passed=passed)


def _recovered(records: Records, agents: tuple[Agent, ...]) -> Iterator[Recovered]:
    for entrant, made in zip(records.entrants, agents, strict=True):
        for name, truth in sorted(entrant.contender.truths.items()):
            found = _figure(name, made)
            if found is None:
                continue
            value, low, high = found
            known = not (math.isnan(low) or math.isnan(high))
            yield Recovered(
                agent=entrant.contender.slug,
                figure=name,
                truth=truth,
                found=value,
                low=low,
                high=high,
                inside=low - 1e-9 <= truth <= high + 1e-9 if known else None,
            )


def _figure(name: str, made: Agent) -> tuple[float, float, float] | None:
    """A figure by its name in `Contender.truths`, with its interval; None where it was not measured."""
    if name == "U":
        return _bounds(made.ladder.understanding)
    if name == "dissociation":
        known = made.failures.own if made.failures.own.failures else made.failures.task
        return _bounds(known.dissociation)
    if name == "bottleneck":
        step = made.way.common
        return None if step is None else (float(step), float(step), float(step))
    attributed = made.aids.attributed
    if attributed and name in attributed.aids:
        share = attributed.aids[name].share
        return share.mean, share.interval.low, share.interval.high
    score = made.ladder.score(name)
    return _bounds(score) if score else None


def _bounds(found: Estimate) -> tuple[float, float, float] | None:
    return (found.value, found.low, found.high) if found.count else None


def encode(report: GapReport) -> bytes:
    """The report as JSON, keys in the order of the types, numbers to six digits: the same on every machine."""
    return msgspec.json.format(msgspec.json.encode(_rounded(msgspec.to_builtins(report))), indent=1) + b"\n"


def _rounded(value: object) -> object:
    match value:
        case float():
            return round(value, DIGITS) + 0.0 if math.isfinite(value) else None
        case dict():
            return {name: _rounded(each) for name, each in value.items()}
        case list() | tuple():
            return [_rounded(each) for each in value]
    return value
