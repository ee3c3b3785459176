"""The toys, each served once for all the tests that ask it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from served import environment, served

Serve = Callable[[str], str]


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Gives the base URL of a toy, which is started when it is first asked for."""
    folder, running = tmp_path_factory.mktemp("serve"), dict[str, str]()
    with ExitStack() as open_:
        commands = environment()

        def start(name: str) -> str:
            if name not in running:
                running[name] = open_.enter_context(served(commands, name, folder / f"{name}.log"))
            return running[name]

        yield start
