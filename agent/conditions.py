"""What an episode's condition means: which aids it has, of which kind, and where on the way it starts.

``               as in life
`G`, `PV` ...    aids, each told the truth: marks, plan, state, verification
`G:placebo`      one aid of the same shape that tells nothing true
`teleport:3`     starts after three steps of the solution
`step:3`         one step alone, from there
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, TypeAlias, get_args

from envs.errors import BadInput

Aid: TypeAlias = Literal["G", "P", "S", "V"]
AIDS: tuple[Aid, ...] = get_args(Aid)
FACTORS: tuple[Aid, ...] = ("G", "P", "V")
"""The aids of the factorial; S stands apart, for it tells names, and so a part of what G and P do."""
PLACEBO = "placebo"
HEADINGS: dict[Aid, str] = {
    "G": "Places on the screen that can be clicked are marked by numbers on the picture. Their centres:",
    "P": "A plan of how it can be done:",
    "S": "What is on the screen, in reading order:",
    "V": "TASK COMPLETE:",
}
"""How each aid's words begin, the true ones and their placebos alike."""


@dataclass(frozen=True)
class Condition:
    """A condition, read. `begun` is how many steps of the solution are played before; `alone`: one step is asked."""

    aids: tuple[Aid, ...] = ()
    placebo: bool = False
    begun: int | None = None
    alone: bool = False

    @property
    def true(self) -> frozenset[str]:
        """The aids that tell the truth."""
        return frozenset() if self.placebo else frozenset(self.aids)


def read(text: str) -> Condition:
    """What the condition says. Raises BadInput for one that there is not."""
    start = re.fullmatch(r"(teleport|step):(\d+)", text)
    if start:
        return Condition(begun=int(start[2]), alone=start[1] == "step")
    letters, colon, kind = text.partition(":")
    aids = tuple(aid for aid in AIDS if aid in letters)
    known = len(aids) == len(letters) and (not colon or (kind == PLACEBO and len(aids) == 1))
    if not known:
        raise BadInput(
            f"no condition {text!r}; there is one or more of {', '.join(AIDS)}, as GP; G:placebo; teleport:3; step:3"
        )
    return Condition(aids=aids, placebo=bool(colon))


def factorial() -> tuple[str, ...]:
    """The eight cells of marks, plan and verification; the first, without any, is as in life."""
    return tuple("".join(some) for size in range(len(FACTORS) + 1) for some in combinations(FACTORS, size))


def placebos(aids: tuple[Aid, ...]) -> tuple[str, ...]:
    """Each aid's placebo."""
    return tuple(f"{aid}:{PLACEBO}" for aid in aids)
