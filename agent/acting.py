"""The border between an episode and its agent: what the agent is given, and who is to blame for what comes back."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from types import TracebackType
from typing import Protocol

import msgspec
from msgspec.structs import replace

from agent.account import total
from agent.base import Agent, Decision
from agent.budget import Purse
from envs.desktop import Probe
from envs.errors import AccessLost, AgentFault, BadInput, DesktopFault, EndpointFault, Fault, TaskFault
from envs.types import Called, Node, Observation
from scoring.record import Decided, EventLog
from scoring.verdict import Verdict
from tasks.base import Step


@dataclass
class Script:
    """The decisions that the runner gives to an agent which plays something. Made when first asked for.

    What goes wrong in the making is not the agent's doing: `fault` keeps it.
    """

    what: str
    source: Callable[[], Iterator[Step | Decision]]
    fault: Fault | None = None
    _steps: Iterator[Step | Decision] | None = field(default=None, init=False)

    def __iter__(self) -> Iterator[Decision]:
        return self

    def __next__(self) -> Decision:
        try:
            self._steps = self._steps or self.source()
            step = next(self._steps)
        except StopIteration:
            raise
        except (DesktopFault, TaskFault) as fault:
            self.fault = fault
            raise
        except Exception as err:
            self.fault = TaskFault(f"{self.what} raised {err!r}")
            raise self.fault from err
        return step if isinstance(step, Decision) else Decision(actions=step.actions, intent=step.intent)


@dataclass(frozen=True)
class Moment:
    """What a helper knows when the agent is about to decide: the screen, and what the agent never sees.

    `nodes` are the accessibility tree, `checks` and `milestones` the task's verdicts as things stand, without an
    answer. Each is there only for a helper that `needs` it.
    """

    seen: Observation
    nodes: tuple[Node, ...] = ()
    checks: tuple[Verdict, ...] = ()
    milestones: tuple[Verdict, ...] = ()


@dataclass(frozen=True)
class Help:
    """What an agent is told besides, and the picture that it is shown in place of the screen's, if another."""

    words: str
    png: bytes = b""


class Helper(Protocol):
    """Makes an aid of what is privileged. The agent has what it returns, and nothing that it was made of."""

    @property
    def needs(self) -> frozenset[str]:
        """Of a moment: `nodes`, `verdicts`."""
        ...

    def help(self, now: Moment) -> Help:
        """What the agent is told at this moment."""
        ...


@dataclass(frozen=True)
class Player:
    """An episode's agent, and what it was given to play, if anything.

    `lead` is played before the agent begins, and is neither its own nor paid from its budget. With a `helper` the
    agent must take words: `act(seen, words)`.
    """

    agent: Agent
    script: Script | None = None
    lead: Iterator[Decision] | None = None
    helper: Helper | None = None


Cast = Callable[[Probe], Player]
"""Makes an episode's agent."""


class Actor:
    """An agent at whose border everything it raises, and all it returns that is no decision, is its own fault.

    Only what its script raised is the task's. Every decision is recorded, and paid from the run's purse.
    """

    def __init__(self, cast: Cast, probe: Probe, log: EventLog, purse: Purse | None = None) -> None:
        self._log = log
        self._purse = purse or Purse()
        self._player: Player | None = None
        with self._blamed("could not be made"):
            self._player = cast(probe)

    def __enter__(self) -> Actor:
        return self

    def begin(self, goal: str) -> None:
        """Tell it what is wanted."""
        with self._blamed("raised at the start"):
            self._agent.begin(goal)

    def lead(self) -> Iterator[Decision]:
        """What is to be played before it begins, each recorded. Raises the fault of the solution it is taken from."""
        for decision in (self._player.lead if self._player else None) or ():
            self._log.append(replace(checked(decision, 0.0), lead=True))
            yield decision

    def act(self, seen: Observation, help_: Help | None = None) -> Decision:
        """What it does next; at least one action. Raises AgentFault, or the fault of its script."""
        began = monotonic()
        try:
            with self._blamed("raised"):
                decision = self._agent.act(seen) if help_ is None else _told(self._agent, seen, help_)
        except (AgentFault, EndpointFault) as fault:
            if fault.calls:
                self._record(led(fault.calls, monotonic() - began))
            raise
        self._record(replace(checked(decision, monotonic() - began), told=help_.words if help_ else ""))
        return decision

    def _record(self, decided: Decided) -> None:
        self._purse.pay(decided)
        self._log.append(decided)

    def __exit__(self, kind: type[BaseException] | None, err: BaseException | None, at: TracebackType | None) -> None:
        try:
            self._agent.close()
        except Exception as wrong:  # noqa: BLE001 - the state has been judged: tidying up changes nothing of it
            self._log.attach("close.txt", "".join(traceback.format_exception(wrong)))

    @property
    def helper(self) -> Helper | None:
        """Who tells it something besides, if anybody."""
        return self._player.helper if self._player else None

    @property
    def wants(self) -> tuple[str, ...]:
        """What it is to be given beyond pictures: `elements`, or nothing."""
        return tuple(getattr(self._agent, "wants", ()))

    @property
    def _agent(self) -> Agent:
        if self._player is None:
            raise AgentFault("there is no agent")
        return self._player.agent

    @contextmanager
    def _blamed(self, what: str) -> Iterator[None]:
        try:
            yield
        except (Exception, SystemExit) as err:
            if isinstance(err, AccessLost | EndpointFault) or (isinstance(err, BadInput) and self._player is None):
                raise  # what it was asked to be cannot be: a key that is not set, say
            script = self._player.script if self._player else None
            if script is not None and script.fault is not None:
                raise script.fault from err
            if isinstance(err, AgentFault):
                raise
            raise AgentFault(f"the agent {what}: {err!r}") from err


def _told(agent: Agent, seen: Observation, help_: Help) -> Decision:
    shown = replace(seen, png=help_.png) if help_.png else seen
    decision: Decision = agent.act(shown, help_.words)  # type: ignore[call-arg]  # whoever has a helper takes words
    return decision


def led(calls: tuple[Called, ...], seconds: float) -> Decided:
    """The calls that led to a fault, as they are recorded: they have been paid for as well."""
    used = total([each for each in calls if each.input_tokens or each.output_tokens])
    return Decided(
        intent="",
        thought="",
        actions=(),
        seconds=round(seconds, 6),
        input_tokens=used.input_tokens,
        output_tokens=used.output_tokens,
        cached_tokens=used.cached_tokens,
        usd=used.usd,
        calls=calls,
    )


def checked(decision: object, seconds: float = 0.0) -> Decided:
    """The decision as it is recorded. Raises AgentFault for what could not be read back."""
    if not isinstance(decision, Decision):
        raise AgentFault(f"the agent returned {decision!r}, which is no Decision")
    if not decision.actions:
        raise AgentFault("the agent decided on no action")
    usage = decision.usage
    decided = Decided(
        intent=decision.intent,
        thought=decision.thought,
        actions=tuple(decision.actions),
        seconds=round(seconds, 6),
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cached_tokens=usage.cached_tokens,
        usd=usage.usd,
        raw=decision.raw,
        calls=tuple(decision.calls),
    )
    try:
        return msgspec.json.decode(msgspec.json.encode(decided), type=Decided)
    except (msgspec.MsgspecError, TypeError, ValueError) as err:
        raise AgentFault(f"the agent's decision is not one that can be recorded: {err}: {decision!r}") from err
