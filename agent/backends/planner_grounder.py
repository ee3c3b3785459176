"""A planner that says in words what it wants to click, and a grounder that says where on the screen that is."""

from __future__ import annotations

from agent.base import Grounder, takes
from agent.eyes import Described
from agent.planning import Planning
from agent.scaffold import Speaker, must

NAME = "planner_grounder"


@takes(planner="agents", grounder="agents")
def planner_grounder(planner: Speaker, grounder: Grounder) -> Planning:
    """Any model that plans, and any that points."""
    must(grounder, NAME, "grounder", "locate")
    return Planning(
        planner,
        Described(planner, grounder),
        name=NAME,
        prompts=("planning", "planning_words"),
        also={"grounder": grounder},
    )
