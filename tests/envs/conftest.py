"""The three kinds of desktop; `-m embedded` and the like choose among them."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from envs.desktop import MakeDesktop
from envs.fake import FakeDesktop

EMBEDDED = pytest.param("embedded", marks=pytest.mark.embedded)
DOCKER = pytest.param("docker", marks=pytest.mark.docker)


@pytest.fixture(scope="session")
def engine() -> Iterator[str]:
    """A Docker engine, started here where none answers."""
    from envs.engine import engine

    before = os.environ.get("DOCKER_HOST")
    with engine() as address:
        os.environ["DOCKER_HOST"] = address
        yield address
    if before is None:
        del os.environ["DOCKER_HOST"]
    else:
        os.environ["DOCKER_HOST"] = before


def make(request: pytest.FixtureRequest, name: str) -> MakeDesktop:
    """What makes that kind of desktop, its engine running."""
    if name == "fake":
        return FakeDesktop
    if name == "docker":
        request.getfixturevalue("engine")
        from envs.container import DockerDesktop

        return DockerDesktop
    from envs.launch import EmbeddedDesktop

    return EmbeddedDesktop


@pytest.fixture(scope="module", params=["fake", EMBEDDED, DOCKER])
def kind(request: pytest.FixtureRequest) -> MakeDesktop:
    """Each kind in turn."""
    return make(request, request.param)


@pytest.fixture(scope="module", params=[EMBEDDED, DOCKER])
def real(request: pytest.FixtureRequest) -> MakeDesktop:
    """Each kind with a machine in it."""
    return make(request, request.param)
