"""Who is to blame: every failure is attributed once, at one boundary, and then recorded.

    Exception
    ├── BadInput            a person asked for something that cannot be: one line, exit 2
    └── Fault
        ├── AgentFault      the agent's doing: the episode counts, as a failure
        ├── DesktopFault    ours (the desktop, the server, the engine, the disk): the episode is void
        │   └── Gone        the desktop no longer answers
        └── TaskFault       ours (a scene, a check or a solution that raises): the episode is void

`Refused` is none of these: the desktop will not carry out that one action (a point off the screen, an
unknown key). Nothing has happened; the agent is told why, and the step is spent.
"""

from __future__ import annotations


class BadInput(Exception):  # noqa: N818 - it is input, not an error of ours
    """Something asked for cannot be: says what was wanted, what was found and what to do, in one line."""


class Fault(Exception):  # noqa: N818 - the field's word
    """An episode could not go on. Subclasses say whose fault it is."""


class AgentFault(Fault):
    """The agent broke: it raised, or its model could not be used. Counts as a failed episode."""


class DesktopFault(Fault):
    """The desktop broke: it never counts against an agent."""


class Gone(DesktopFault):
    """The desktop no longer answers: killed, stopped, or out of memory."""


class TaskFault(Fault):
    """The task broke: its scene, a check or its solution raised. It never counts against an agent."""


class Refused(Exception):  # noqa: N818 - not an error: an answer
    """The desktop will not do this action, and has done nothing. The text is meant for the agent."""
