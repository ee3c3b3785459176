"""States as they are kept: the same bytes for the same state, and read back as they were."""

import hashlib
from pathlib import Path

from envs.types import Node, Rect, Window
from scoring.state import STATES, State, encoded, packed, stored

BOX = Rect(x=10, y=20, width=30, height=40)


def a_state(hits: dict[int, tuple[int, ...]]) -> State:
    nodes = (
        Node(role="frame", name="Notes", box=BOX, app="notes"),
        Node(role="button", name="Save", parent=0, box=BOX),
    )
    return State(nodes=nodes, hits=hits, windows=(Window(id=1, title="Notes", app="Notes", box=BOX),))


def test_the_order_in_which_hits_were_found_makes_no_other_bytes() -> None:
    assert encoded(a_state({0: (0,), 1: (1, -1)})) == encoded(a_state({1: (1, -1), 0: (0,)}))


def test_a_kept_state_is_read_back_as_it_was(tmp_path: Path) -> None:
    state = a_state({1: (1, 1, 1, 1, -1)})
    name = hashlib.sha256(encoded(state)).hexdigest()
    (tmp_path / STATES).mkdir()
    (tmp_path / STATES / name).write_bytes(packed(encoded(state)))
    assert stored(tmp_path, name) == state
