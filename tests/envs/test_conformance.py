"""One set of properties, on all three desktops."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from envs.conformance import PROPERTIES, SIZE, Property, check, failures
from envs.desktop import Desktop, MakeDesktop
from envs.fake import FakeDesktop
from envs.types import Action, Observation


@pytest.fixture(scope="module")
def desktop(kind: MakeDesktop) -> Iterator[Desktop]:
    """One desktop for all properties of a kind, as `check` has it."""
    made = kind(SIZE)
    yield made
    made.close()


@pytest.mark.parametrize("claim", PROPERTIES, ids=[claim.__name__ for claim in PROPERTIES])
def test_it_is_true_of_the_desktop_that(claim: Property, desktop: Desktop, kind: MakeDesktop) -> None:
    claim(desktop, kind)


def test_check_names_every_property_and_finds_no_failure_on_the_fake() -> None:
    results = check(FakeDesktop)
    assert len(results) == len(PROPERTIES)
    assert failures(results) == []


def test_check_names_what_is_not_so() -> None:
    class Smug(FakeDesktop):
        """Never says that it has refused."""

        def step(self, action: Action) -> Observation:
            return msgspec.structs.replace(super().step(action), refused="")

    found = failures(check(Smug))
    assert any(line.startswith("a point off the screen is refused: AssertionError: Move(") for line in found)
    assert len(found) == 2
