"""Which tests share a process where there are several, and in which order they are begun."""

from __future__ import annotations

import pytest

SPREAD = ("test_dialects_on_the_desktop", "test_fuzz", "test_round_trips")
"""Files whose tests share nothing: they go to whichever process is free."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep a file's tests together, as what they share is made once; likewise all that need a Docker engine.

    The long ones begin first: begun last, they would keep one process busy while the others wait.
    """
    for item in items:
        module = item.path.stem
        if item.get_closest_marker("docker"):
            item.add_marker(pytest.mark.xdist_group("docker"))
        elif module not in SPREAD:
            item.add_marker(pytest.mark.xdist_group(module))
    long = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (item.path not in long, item.path.stem in SPREAD))
