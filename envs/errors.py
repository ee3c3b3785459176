"""Who is to blame: every failure is attributed once, at one boundary, and then recorded.

    Exception
    ├── BadInput            a person asked for something that cannot be: one line, exit 2
    │   └── AccessLost      a model's endpoint no longer lets us in: the run stops
    └── Fault
        ├── AgentFault      the agent's doing: the episode counts, as a failure
        ├── DesktopFault    ours (the desktop, the server, the engine, the disk): the episode is void
        │   └── Gone        the desktop no longer answers
        ├── EndpointFault   a model's endpoint is overloaded or out of reach: the episode is void
        └── TaskFault       ours (a scene, a check or a solution that raises): the episode is void

`Refused` is none of these: the desktop will not carry out that one action (a point off the screen, an
unknown key). Nothing has happened; the agent is told why, and the step is spent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from envs.types import Called

Cause = Literal["", "refused", "unreadable", "context", "truncated", "timeout", "protocol"]
"""What of a model's doing ended an episode. `unreadable`: no reply that means anything, in so many tries."""


class BadInput(Exception):  # noqa: N818 - it is input, not an error of ours
    """Something asked for cannot be: says what was wanted, what was found and what to do, in one line."""


class AccessLost(BadInput):
    """In the middle of a run an endpoint refuses key, credit, model or right: no episode can go on."""


class Fault(Exception):  # noqa: N818 - the field's word
    """An episode could not go on. Subclasses say whose fault it is. `calls` are the model calls that led to it."""

    calls: tuple[Called, ...] = ()


class AgentFault(Fault):
    """The agent broke: it raised, or its model would not or could not answer. Counts as a failed episode."""

    def __init__(self, why: str, cause: Cause = "") -> None:
        super().__init__(why)
        self.cause: Cause = cause


class EndpointFault(Fault):
    """A model's endpoint did not answer in spite of all patience. It never counts against the agent."""


class DesktopFault(Fault):
    """The desktop broke: it never counts against an agent."""


class Gone(DesktopFault):
    """The desktop no longer answers: killed, stopped, or out of memory."""


class TaskFault(Fault):
    """The task broke: its scene, a check or its solution raised. It never counts against an agent."""


class Refused(Exception):  # noqa: N818 - not an error: an answer
    """The desktop will not do this action, and has done nothing. The text is meant for the agent."""
