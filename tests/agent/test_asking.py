"""How desktops wait where states are compared."""

from __future__ import annotations

import pytest

from agent.asking import Ask, patiently


@pytest.mark.parametrize(
    ("ask", "waits"),
    [
        pytest.param(Ask("smoke", "plays", "embedded"), "patient", id="a desktop that can wait longer does"),
        pytest.param(Ask("smoke", "plays", "embedded", settle="fast"), "fast", id="what was asked for stays"),
        pytest.param(Ask("smoke", "plays", "fake"), "", id="a desktop with but one way keeps it"),
    ],
)
def test_states_are_compared_where_all_that_an_action_brings_is_over(ask: Ask, waits: str) -> None:
    assert patiently(ask).settle == waits
