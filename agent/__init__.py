"""Who acts, and the loop."""

from agent.base import Agent, Decision, Usage

__all__ = ["Agent", "Decision", "Usage"]
