"""An agent that does what the solution says, as it is told by a model: `tests.dialects.relay:relay(family=glm)`.

Each of the solution's decisions is given to the server, which answers as the family would; the backend under test
asks it over HTTP through the vendor's SDK, and what it makes of the replies is what is done. The server is started in
this process with the first agent, and serves all of them.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from functools import cache
from itertools import count

from agent.base import Agent, Card, Decision, given
from agent.registry import Spec, make
from envs.errors import AgentFault
from envs.types import Finish, Observation, Served
from tests.dialects.server import CLOSED, Dialects, model_of
from tests.dialects.session import Session

KEY = "HANDEYE_DIALECTS_KEY"
_NUMBER = count()


@cache
def server() -> Dialects:
    """The process's own server; it ends with the process."""
    os.environ.setdefault(KEY, "not-a-secret")
    return Dialects()


@given("solution")
def relay(
    *, play: Iterator[Decision], family: str, stream: bool = False, variant: str = "", options: str = ""
) -> Relay:
    """Plays the solution in a family's dialect. `options` are further options of the backend, as in a spec.

    `variant` is how the model is served wrongly: see `Dialects`.
    """
    return Relay(play, family, backend(server(), family, stream=stream, variant=variant, options=options), server())


def backend(served: Dialects, family: str, *, stream: bool = False, variant: str = "", options: str = "") -> Agent:
    """The real backend, at the server."""
    os.environ.setdefault(KEY, "not-a-secret")
    return make("agents", spec(served, family, stream=stream, variant=variant, options=options))


def spec(served: Dialects, family: str, *, stream: bool = False, variant: str = "", options: str = "") -> Spec:
    """What a person would write to have that model act, with further options as they are written in a spec."""
    from agent.registry import parse

    model = model_of(family) + (f"@{variant}" if variant else "")
    more = dict(parse(f"x({options})").options)
    common: dict[str, object] = {"model": model, "api_key_env": KEY, "stream": stream}
    if family not in CLOSED:
        return Spec("openai_chat", {**common, "base_url": f"{served.url}/v1", "family": Spec(family), **more})
    if family.startswith("claude"):
        return Spec("claude", {**common, "base_url": served.url, **more})
    return Spec("openai", {**common, "base_url": f"{served.url}/v1", **more})


class Relay:
    """Between the solution and the backend: the server says the one, the other is what acts."""

    def __init__(self, play: Iterator[Decision], family: str, agent: Agent, served: Dialects) -> None:
        self.name = f"relay({family})"
        self.family = family
        self.agent = agent
        self.served = served
        self._play = play
        self._session: Session | None = None
        self._problems = 0

    @property
    def wants(self) -> tuple[str, ...]:
        """As the backend."""
        return tuple(getattr(self.agent, "wants", ()))

    @property
    def grounders(self) -> tuple[object, ...]:
        """As the backend: it must point rightly before it is scored."""
        return tuple(getattr(self.agent, "grounders", ()))

    def prepare(self) -> tuple[Served, ...]:
        """As the backend."""
        prepare = getattr(self.agent, "prepare", None)
        return prepare() if prepare else ()

    @property
    def cards(self) -> tuple[Card, ...]:
        """As the backend."""
        return tuple(getattr(self.agent, "cards", ()))

    def begin(self, goal: str) -> None:
        """Tell the backend the goal, and which episode it is of; the same goal gives the same noise."""
        self._tag = f"{hashlib.sha256(f'{self.family} {goal}'.encode()).hexdigest()[:8]}-{next(_NUMBER)}"
        self.agent.begin(f"{goal}\n\n[session {self._tag}]")

    def act(self, seen: Observation) -> Decision:
        """What the backend makes of what the server says of what the solution wants next."""
        if self._session is None:
            self._session = self.served.open(self._tag, self.family, seen.size)
        if self._session.idle:
            decision = next(self._play, None) or Decision(actions=(Finish(),))
            self._session.tell(decision.actions, decision.intent)
        refused = len(self.served.traffic.refused)
        try:
            decision = self.agent.act(seen)
        except AgentFault as fault:
            told = AgentFault(f"{fault}; the server: {self.served.traffic.refused[refused:]}", fault.cause)
            told.calls = fault.calls
            raise told from fault
        self._problems += sum(bool(call.problem) for call in decision.calls)
        if self._problems > self._session.stutters:
            said = [(call.problem, call.raw) for call in decision.calls if call.problem]
            raise AgentFault(f"a reply that means something was not understood: {said}")
        return decision

    def close(self) -> None:
        """Close the backend."""
        self.agent.close()
