"""A study's questions: who can be asked, what is left to ask, and what asking has cost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from agent import answering
from agent.ask import Asking
from agent.budget import Purse
from agent.cast import sample
from agent.preflight import Rules
from agent.questions import powers
from agent.registry import parse
from envs.types import Called
from scoring.calibrated import Calibration
from scoring.study import Contender
from scoring.understanding import sitting
from scoring.understanding.responses import read as read_responses


def answers(out: Path, contender: Contender) -> Path:
    """Where an agent's answers are kept."""
    return out / "ask" / contender.slug


def asked(contender: Contender) -> bool:
    """Whether the agent is to be asked: not one that only shows what tasks can tell, nor one that cannot answer."""
    if contender.kind == "null":
        return False
    agent = sample(parse(contender.spec))
    try:
        can = powers(agent)
    finally:
        agent.close()
    return can.ask or can.locate


def planned(
    bank: Path, out: Path, contender: Contender, purse: Purse, rules: Rules, *, jobs: int, blind: bool
) -> answering.Plan | None:
    """What is left to ask the agent; None where there is no bank yet, or nobody to ask. Raises BadInput."""
    if not (bank / "bank.json").exists() or not asked(contender):
        return None
    wish = answering.Wish(
        bank=bank, agent=contender.spec, out=answers(out, contender), jobs=jobs, blind=blind,
        allowance=purse.most, rules=rules,
    )  # fmt: skip
    return answering.plan(wish, purse=purse)


def put(plan: answering.Plan) -> bool:
    """Ask what is left; False when it was stopped, by hand or by its purse."""
    with Asking(plan) as shown:
        return answering.perform(plan, shown)


def paid(out: Path) -> Iterator[Called]:
    """Every model call that answers took, calibrations too."""
    for path in sorted((*out.glob("ask/*/responses.jsonl"), *out.glob("probes/*/responses.jsonl"))):
        for response in read_responses(path):
            yield from response.calls
    for path in sorted(out.glob("ask/*")):
        begun = sitting.read(path)
        for each in begun.calibration if begun else ():
            yield from each.calls


def calibrated(out: Path, contender: Contender) -> tuple[Calibration, ...]:
    """How well the agent pointed, if that was seen before it was asked."""
    begun = sitting.read(answers(out, contender))
    return begun.calibration if begun else ()
